"""The log by pages: where one ends, what the head spans, and what each document says of itself."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from lxml import etree
from sqlalchemy.orm import Session

from network.catalogue import store
from network.cities.models import City
from network.cities.service import CityValue
from network.lib.db import writing
from network.log import pages, service
from network.log.entry import entry_xml, rfc3339
from network.log.items import prove
from network.log.models import FeedEntry
from network.log.pages import Publisher
from network.log.places import MOST_PLACES
from network.log.service import PAGE
from tests.web.conftest import START, make_version

HOME = "http://paris.example"
PARIS = CityValue("paris", {"en": "Paris"}, "FR", lat=48.85, lon=2.35)
WHO = Publisher(HOME, "Ville de Paris", "http://hub.example/")
ATOM = {"a": "http://www.w3.org/2005/Atom", "pc": "urn:pioneer-cities:1",
        "fh": "http://purl.org/syndication/history/1.0"}  # fmt: skip


def publish(session: Session, numbers: range) -> None:
    """An entry for each number, dated by it."""
    versions = [make_version(HOME, number, "fr", inspired_by=()) for number in numbers]
    with writing(session):
        service.Writer(session, [each.entry_id for each in versions]).write(
            prove(each.entry_id, "live", rfc3339(each.updated), entry_xml(each, "Paris"))
            for each in versions
        )


def found(document: bytes | None, path: str) -> list[str]:
    assert document is not None
    return [str(each) for each in etree.fromstring(document).xpath(path, namespaces=ATOM)]


def links(document: bytes | None) -> dict[str, str]:
    names, addresses = (found(document, f"a:link/@{name}") for name in ("rel", "href"))
    assert len(set(names)) == len(names)
    return dict(zip(names, addresses, strict=True))


def numbers(document: bytes | None) -> list[int]:
    return [int(each.split("/")[-2][-12:]) for each in found(document, "a:entry/a:id/text()")]


@pytest.mark.parametrize(
    ("seq", "above"),
    [(0, 0), (1, 0), (99, 0), (100, 50), (149, 50), (150, 100), (1_000, 950)],
)
def test_the_head_spans_the_open_page_and_the_last_full_one(seq: int, above: int) -> None:
    assert (PAGE, service.cut(seq)) == (50, above)


def test_an_empty_log_has_a_head_and_no_archive(session: Session) -> None:
    head = pages.head(session, WHO)
    assert numbers(head) == []
    assert found(head, "a:updated/text()") == ["2000-01-01T00:00:00Z"]
    assert links(head) == {
        "self": f"{HOME}/feed.atom", "current": f"{HOME}/feed.atom",
        "hub": "http://hub.example/", "alternate": f"{HOME}/",
    }  # fmt: skip
    assert found(head, "pc:state/@seq") == found(head, "pc:state/@count") == ["0"]
    assert pages.archive(session, 0, WHO) is None
    assert service.position(session)[1] == 0


@pytest.mark.parametrize(("rows", "archives"), [(99, 0), (100, 1), (149, 1), (150, 2)])
def test_each_row_is_in_one_document_and_each_leads_to_the_next_older(
    session: Session, rows: int, archives: int
) -> None:
    publish(session, range(1, rows + 1))
    head = pages.head(session, WHO)
    above = archives * PAGE
    assert numbers(head) == list(range(rows, above, -1))
    assert links(head).get("prev-archive") == (
        f"{HOME}/feed/archive/{archives - 1}.atom" if archives else None
    )
    for number in range(archives):
        archive = pages.archive(session, number, WHO)
        assert numbers(archive) == list(range((number + 1) * PAGE, number * PAGE, -1))
        address = f"{HOME}/feed/archive/{number}.atom"
        older = {"prev-archive": f"{HOME}/feed/archive/{number - 1}.atom"} if number else {}
        assert links(archive) == {
            "self": address, "current": f"{HOME}/feed.atom", "alternate": f"{HOME}/", **older,
        }  # fmt: skip
        assert not found(archive, "pc:state") and len(found(archive, "fh:archive")) == 1
    for none in (-1, archives):
        assert pages.archive(session, none, WHO) is None


def test_every_document_is_of_one_feed_and_dated_by_its_newest_entry(session: Session) -> None:
    publish(session, range(100, 0, -1))  # the newest is the log's first
    head, archive = pages.head(session, WHO), pages.archive(session, 0, WHO)
    for document, newest in ((head, 50), (archive, 100)):
        assert found(document, "a:id/text()") == [f"{HOME}/feed.atom"]
        assert found(document, "a:title/text()") == ["Ville de Paris"]
        assert found(document, "a:author/a:name/text()") == ["Ville de Paris"]
        when = START + timedelta(days=newest, hours=1)
        assert found(document, "a:updated/text()") == [rfc3339(when)]
    assert found(head, "pc:state/@count") == ["100"]
    assert not found(head, "fh:archive")


def test_a_row_that_changes_leaves_its_page_which_stays_where_it_is(session: Session) -> None:
    publish(session, range(1, 101))
    again = make_version(HOME, 7, "fr", inspired_by=(), title="Neuf")
    with writing(session):
        given = (again.entry_id, rfc3339(again.updated), entry_xml(again, "Paris"))
        assert service.record(session, *given, again) == 101
        assert service.record(session, *given, again) is None
    assert numbers(pages.head(session, WHO))[:2] == [7, 100]
    assert numbers(pages.archive(session, 0, WHO)) == [n for n in range(50, 0, -1) if n != 7]
    assert service.position(session)[1] == 101


def test_the_dates_that_the_next_row_must_not_repeat_are_those_of_the_head(
    session: Session,
) -> None:
    publish(session, range(1, 101))
    told = {rfc3339(START + timedelta(days=n, hours=1)) for n in range(51, 101)}
    assert service.recent_dates(session, 100) == told


def test_the_state_counts_what_is_live_and_lines_are_in_their_order(session: Session) -> None:
    publish(session, range(1, 4))
    gone = make_version(HOME, 2, "fr").entry_id
    with writing(session):
        xml = f'<deleted-entry xmlns="http://purl.org/atompub/tombstones/1.0" ref="{gone}"'
        assert service.withdraw(
            session, gone, "2027-01-01T00:00:00Z", f'{xml} when="2027-01-01T00:00:00Z"/>'.encode()
        ) == 4  # fmt: skip
    state = service.read_state(session)
    assert (state.seq, state.count, state.epoch) == (4, 2, service.position(session)[0])
    lines = service.lines(session)
    assert lines == sorted(lines) and [line.split("/")[-2][-1] for line in lines] == ["1", "3"]
    assert pages.head(session, WHO).count(b"deleted-entry") == 1


def places(session: Session, city: CityValue | None) -> list[str]:
    head = pages.head(session, Publisher(HOME, "Paris", "http://hub.example/", city))
    return found(head, "pc:place/@slug")


def test_the_head_describes_the_nodes_city_once_and_those_of_its_studies(session: Session) -> None:
    with writing(session):
        for number, city in ((1, "paris"), (2, "lisbon")):
            version = make_version(HOME, number, "fr", city=city)
            store.put(session, version, source_id=None, received=START)
    publish(session, range(1, 101))
    slugs = places(session, PARIS)
    assert slugs[0] == "paris" and sorted(slugs) == ["lisbon", "paris"]
    assert sorted(places(session, None)) == ["lisbon", "paris"]
    ours = pages.head(session, Publisher(HOME, "Paris", "http://hub.example/", PARIS))
    assert found(ours, "pc:place[@own='true']/@slug") == ["paris"]
    assert not found(pages.archive(session, 0, WHO), "pc:place")


def test_the_head_describes_no_more_cities_than_readers_take(session: Session) -> None:
    with writing(session):
        for number in range(MOST_PLACES + 1):
            slug = f"c{number}"
            session.add(City(slug=slug, names={"en": slug}, country="FR"))
            version = make_version(HOME, number, "fr", city=slug, slug=f"s{number}")
            store.put(session, version, source_id=None, received=START)
    assert len(places(session, PARIS)) == MOST_PLACES


def test_a_restored_node_begins_a_new_epoch_at_the_same_place(session: Session) -> None:
    publish(session, range(1, 3))
    before = service.mark(session)
    with writing(session):
        service.renew_epoch(session)
    after = service.mark(session)
    assert after[0] != before[0] and after[1:] == before[1:]
    with writing(session):
        service.renew_mark(session)
    assert service.mark(session)[:2] == after[:2] and service.mark(session)[2] != after[2]
    newest = session.get_one(FeedEntry, make_version(HOME, 2, "fr").entry_id)
    assert after[3] == newest.hash
    assert datetime.fromisoformat(newest.updated).tzinfo == UTC
