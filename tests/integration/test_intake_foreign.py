"""Following an ordinary feed over real HTTP."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import pytest
from sqlalchemy import Engine, select, update
from sqlalchemy.orm import Session

from network.catalogue.models import Study, Version
from network.following import queries, service
from network.intake.service import Outcome
from network.lib import clock
from network.lib.db import writing
from network.lib.http import Door
from network.subscriptions.claims import claim_due
from network.subscriptions.models import Subscription
from tests.integration.following import RULES, Poll, everything, jobs, shown
from tests.sites import Reply, Site

TODAY = datetime(2026, 3, 1, 12, tzinfo=UTC)
LYON = (
    "La ville de Lyon ouvre les données de ses bâtiments publics et publie chaque mois la "
    "consommation d’énergie de chacun d’eux, avec les travaux prévus."
)


def item(guid: str, title: str = "Un titre", date: datetime | None = TODAY, **more: str) -> str:
    dated = f"<pubDate>{format_datetime(date)}</pubDate>" if date else ""
    rest = "".join(f"<{name}>{text}</{name}>" for name, text in more.items())
    return (
        f"<item><guid isPermaLink='false'>{guid}</guid><title>{title}</title>"
        f"<link>/{guid}</link>{dated}{rest}</item>"
    )


def rss(*items: str, channel: str = "<language>fr-FR</language>") -> bytes:
    head = f"<title>Ville de Lyon</title><link>http://lyon.example/</link>{channel}"
    return f"<rss version='2.0'><channel>{head}{''.join(items)}</channel></rss>".encode()


@pytest.fixture
def lyon() -> Iterator[Site]:
    with Site() as site:
        site.answers["/rss"] = Reply(rss(item("a"), item("b", "Autre")))
        yield site


@pytest.fixture
def followed(session: Session, door: Door, lyon: Site) -> int:
    id_ = service.follow(session, door, f"{lyon.url}/rss", RULES, city="lyon").id
    session.rollback()
    lyon.asked.clear()
    return id_


def version(session: Session, title: str) -> Version:
    session.rollback()
    session.expire_all()
    return session.scalars(select(Version).where(Version.title == title)).one()


def test_items_become_studies_of_the_city_that_was_named(
    session: Session, followed: int, lyon: Site
) -> None:
    found = version(session, "Un titre")
    study = session.get_one(Study, found.study_key)
    assert (study.city, study.source_id, found.lang, found.place) == (
        "lyon",
        followed,
        "fr",
        "lyon",
    )
    assert found.url == f"{lyon.url}/a"
    assert found.published == TODAY
    assert found.entry_id.startswith("urn:uuid:")
    assert len(jobs(session)) == 2


def test_no_completeness_is_ever_claimed(session: Session, followed: int, poll: Poll) -> None:
    poll()
    peer = queries.peer_or_fail(session, followed)
    assert peer.kind == "foreign"
    assert peer.complete_seq is peer.complete_at is peer.lag is None
    assert (peer.title, peer.site_url) == ("Ville de Lyon", "http://lyon.example/")


def test_what_vanishes_stays_what_is_new_comes_what_changed_changes(
    session: Session, followed: int, lyon: Site, poll: Poll
) -> None:
    before = version(session, "Autre")
    entry_id, received = before.entry_id, before.received
    lyon.answers["/rss"] = Reply(rss(item("b", "Autre, corrigé"), item("c", "Nouveau")))
    outcome = poll()
    changed = version(session, "Autre, corrigé")
    assert (changed.entry_id, changed.received) == (entry_id, received)
    assert len(shown(session)) == 3
    assert len(outcome.keys) == 2


def test_a_new_date_or_build_time_alone_is_no_change(
    session: Session, followed: int, lyon: Site, poll: Poll
) -> None:
    before = everything(session)
    later = TODAY + timedelta(hours=1)
    lyon.answers["/rss"] = Reply(rss(item("a", date=later), item("b", "Autre", date=later)))
    assert poll() == Outcome("read")
    assert {**everything(session), "cursor": 0} == {**before, "cursor": 0}


def test_the_same_guid_in_two_feeds_is_two_items(
    session: Session, followed: int, door: Door
) -> None:
    with Site() as other:
        other.answers["/rss"] = Reply(rss(item("a", "Tout autre chose")))
        service.follow(session, door, f"{other.url}/rss", RULES)
    assert version(session, "Un titre").entry_id != version(session, "Tout autre chose").entry_id


def test_dates_in_the_future_do_not_hijack_the_order(
    session: Session, followed: int, lyon: Site, poll: Poll
) -> None:
    lyon.answers["/rss"] = Reply(rss(item("f", "Demain", date=clock.now() + timedelta(days=900))))
    poll()
    first = version(session, "Demain").published
    assert first <= clock.now()
    lyon.answers["/rss"] = Reply(rss(item("f", "Demain !", date=clock.now() + timedelta(days=900))))
    poll()
    assert version(session, "Demain !").published == first


def test_an_item_without_a_date_keeps_the_day_on_which_it_came(
    session: Session, followed: int, lyon: Site, poll: Poll
) -> None:
    lyon.answers["/rss"] = Reply(rss(item("n", "Sans date", date=None)))
    poll()
    first = version(session, "Sans date").published
    lyon.answers["/rss"] = Reply(rss(item("n", "Toujours sans date", date=None)))
    poll()
    assert version(session, "Toujours sans date").published == first


def test_categories_become_topics_by_their_synonyms(
    session: Session, followed: int, lyon: Site, poll: Poll
) -> None:
    lyon.answers["/rss"] = Reply(rss(item("o", "Données", category="Données ouvertes")))
    poll()
    assert version(session, "Données").topics == ["open-data"]


@pytest.mark.parametrize(
    ("channel", "text", "language", "expected", "guessed"),
    [
        ("<language>it</language>", LYON, None, "it", False),
        ("<language>it</language>", LYON, "es", "es", False),
        ("", LYON, None, "fr", True),
        ("", LYON, "es", "es", False),
        ("", "42", "es", "es", False),
        ("", "42", None, "und", False),
    ],
)
def test_the_language_is_what_was_said_on_following_or_declared_or_guessed(
    session: Session,
    door: Door,
    lyon: Site,
    channel: str,
    text: str,
    language: str | None,
    expected: str,
    guessed: bool,
) -> None:
    lyon.answers["/rss"] = Reply(rss(item("l", "42", description=text), channel=channel))
    service.follow(session, door, f"{lyon.url}/rss", RULES, language=language)
    found = version(session, "42")
    assert (found.lang, found.lang_is_guess) == (expected, guessed)


def test_script_is_gone_and_links_are_absolute(
    session: Session, followed: int, lyon: Site, poll: Poll
) -> None:
    text = "<![CDATA[<p onclick='x()'>Lire <a href='/suite'>la suite</a><script>x()</script></p>]]>"
    file = "<enclosure url='/rapport%20final.pdf' type='application/pdf' length='9'/>"
    lyon.answers["/rss"] = Reply(
        rss(item("h", "Page", description=text).replace("</item>", f"{file}</item>"))
    )
    poll()
    found = version(session, "Page")
    assert "script" not in found.body_html
    assert "onclick" not in found.body_html
    assert f'href="{lyon.url}/suite"' in found.body_html
    assert found.attachments == [
        {"url": f"{lyon.url}/rapport%20final.pdf", "type": "application/pdf", "length": 9}
    ]


def test_an_item_without_a_title_is_called_by_its_beginning(
    session: Session, followed: int, lyon: Site, poll: Poll
) -> None:
    lyon.answers["/rss"] = Reply(rss(item("m", "", description=LYON)))
    poll()
    titles = session.scalars(select(Version.title)).all()
    assert any(
        title.startswith("La ville de Lyon ouvre") and title.endswith("…") for title in titles
    )


@pytest.mark.parametrize(
    "body",
    [
        rss(item("z", "Jamais vu"))[:-30],
        b"<!doctype html><title>Maintenance</title>",
        b'<!DOCTYPE rss [<!ENTITY a "b">]>' + rss(item("z", "&a;")),
        rss(item("z", "Jamais vu")) + b" " * 3_000_000,
        b"",
    ],
    ids=["truncated", "page", "document type", "huge", "empty"],
)
def test_a_bad_feed_is_refused_whole(
    session: Session, followed: int, lyon: Site, poll: Poll, body: bytes
) -> None:
    before = everything(session)
    lyon.answers["/rss"] = Reply(body)
    assert poll().kind == "failed"
    assert everything(session) == before
    assert queries.peer_or_fail(session, followed).last_error is not None


def test_what_was_odd_is_said_though_it_was_read(
    session: Session, followed: int, lyon: Site, poll: Poll
) -> None:
    body = rss(item("w", "Été")).decode().encode("cp1252")
    lyon.answers["/rss"] = Reply(body, headers={"Content-Type": "application/rss+xml"})
    assert poll().kind == "read"
    peer = queries.peer_or_fail(session, followed)
    assert peer.notice is not None
    assert version(session, "Été")


def test_the_feed_s_own_interval_is_heeded(
    session: Session, followed: int, lyon: Site, poll: Poll
) -> None:
    lyon.answers["/rss"] = Reply(rss(item("a"), channel="<ttl>180</ttl>"))
    poll()
    wait = queries.peer_or_fail(session, followed).next_poll - clock.now()
    assert timedelta(hours=2.9) < wait <= timedelta(hours=3.4)


def test_a_silent_feed_is_looked_at_more_rarely(
    session: Session, followed: int, lyon: Site, poll: Poll
) -> None:
    with writing(session):
        session.execute(
            update(Subscription).values(changed_at=clock.now() - timedelta(days=5), etag="")
        )
    assert poll().kind == "unchanged"
    session.rollback()
    wait = queries.peer_or_fail(session, followed).next_poll - clock.now()
    assert timedelta(hours=5.9) < wait <= timedelta(hours=6.7)


def test_last_modified_alone_is_enough_to_be_told_that_nothing_changed(
    session: Session, followed: int, lyon: Site, poll: Poll
) -> None:
    headers = {"Last-Modified": "Sun, 01 Mar 2026 12:00:00 GMT"}
    lyon.answers["/rss"] = Reply(rss(item("a", "Neuf")), headers=headers)
    assert poll().kind == "read"
    assert poll().kind == "unchanged"
    assert lyon.asked[-1].headers["if-modified-since"] == headers["Last-Modified"]


def pause(session: Session, followed: int) -> timedelta:
    session.rollback()
    session.expire_all()
    return queries.peer_or_fail(session, followed).next_poll - clock.now()


@pytest.mark.parametrize("status", [429, 503])
@pytest.mark.parametrize("value", ["3600", "date"])
def test_who_asks_us_to_come_back_later_is_obeyed_in_both_forms(
    session: Session, followed: int, lyon: Site, poll: Poll, status: int, value: str
) -> None:
    if value == "date":
        value = format_datetime(clock.now() + timedelta(hours=1), usegmt=True)
    lyon.answers["/rss"] = Reply(b"slow down", status, {"Retry-After": value})
    assert poll().kind == "failed"
    assert timedelta(minutes=59) < pause(session, followed) <= timedelta(minutes=66)
    message, arguments = queries.peer_or_fail(session, followed).last_error or ("", {})
    assert "come back later" in message
    assert arguments["status"] == status
    assert len(shown(session)) == 2


def in_ten_years() -> str:
    return format_datetime(clock.now() + timedelta(days=3650), usegmt=True)


@pytest.mark.parametrize(
    ("status", "headers"),
    [
        (200, {"Cache-Control": "public, max-age=315360000, immutable"}),
        (200, {"Expires": in_ten_years()}),
        (200, {"Retry-After": "315360000"}),
        (503, {"Retry-After": in_ten_years()}),
        (429, {"Retry-After": "9999999999"}),
    ],
)
def test_no_header_keeps_us_away_for_longer_than_a_day(
    session: Session, followed: int, lyon: Site, poll: Poll, status: int, headers: dict[str, str]
) -> None:
    lyon.answers["/rss"] = Reply(rss(item("a", "Neuf")), status, headers)
    poll()
    assert timedelta(hours=23.9) < pause(session, followed) <= timedelta(hours=24)


@pytest.mark.parametrize(
    "channel",
    ["<ttl>9999999</ttl>", "<sy:updatePeriod>yearly</sy:updatePeriod>"],
)
def test_nor_does_the_feed_itself(
    session: Session, followed: int, lyon: Site, poll: Poll, channel: str
) -> None:
    body = rss(item("a"), channel=channel)
    named = b"<rss xmlns:sy='http://purl.org/rss/1.0/modules/syndication/'"
    lyon.answers["/rss"] = Reply(body.replace(b"<rss", named))
    assert poll().kind == "read"
    assert timedelta(hours=23.9) < pause(session, followed) <= timedelta(hours=24)


def test_an_active_feed_is_looked_at_no_more_often_than_at_our_own_interval(
    session: Session, followed: int, lyon: Site, poll: Poll
) -> None:
    for number in range(3):
        lyon.answers["/rss"] = Reply(
            rss(item(f"n{number}"), channel="<ttl>0</ttl>"), headers={"Cache-Control": "max-age=1"}
        )
        poll()
        assert timedelta(seconds=295) < pause(session, followed) <= timedelta(seconds=330)


def test_a_feed_whose_newest_item_is_old_is_taken_for_silent_from_the_first_look(
    session: Session, door: Door, lyon: Site
) -> None:
    old = clock.now() - timedelta(days=400)
    lyon.answers["/rss"] = Reply(rss(item("a", date=old), item("b", date=old)))
    found = service.follow(session, door, f"{lyon.url}/rss", RULES)
    assert found.next_poll - clock.now() > timedelta(hours=19)


def test_a_feed_is_not_asked_in_the_hours_in_which_it_wants_peace(
    session: Session, followed: int, lyon: Site, poll: Poll
) -> None:
    now = clock.now()
    hours = {(now + timedelta(hours=n)).hour for n in range(4)}
    said = "".join(f"<hour>{hour}</hour>" for hour in hours)
    lyon.answers["/rss"] = Reply(rss(item("a"), channel=f"<skipHours>{said}</skipHours>"))
    poll()
    session.rollback()
    due = queries.peer_or_fail(session, followed).next_poll
    assert due.hour not in hours
    assert timedelta(hours=3) < due - now <= timedelta(hours=5)
    assert poll().kind == "unchanged"
    session.rollback()
    assert queries.peer_or_fail(session, followed).next_poll.hour not in hours


def test_410_ends_the_looking_and_everything_that_came_stays(
    session: Session, followed: int, lyon: Site, poll: Poll
) -> None:
    lyon.answers["/rss"] = Reply(b"", 410)
    assert poll().kind == "failed"
    assert queries.peer_or_fail(session, followed).state == "gone"
    assert len(shown(session)) == 2
    session.rollback()
    assert claim_due(session, 10) == []


def test_a_permanent_move_on_the_same_host_is_remembered_and_a_temporary_one_is_not(
    session: Session, followed: int, lyon: Site, poll: Poll
) -> None:
    lyon.answers["/neuf"] = Reply(rss(item("a"), item("c", "Trois")))
    lyon.answers["/rss"] = Reply(b"", 302, {"Location": "/neuf"})
    poll()
    assert queries.peer_or_fail(session, followed).url == f"{lyon.url}/rss"
    session.rollback()
    lyon.answers["/rss"] = Reply(b"", 308, {"Location": "/neuf"})
    poll()
    assert queries.peer_or_fail(session, followed).url == f"{lyon.url}/neuf"
    assert len(shown(session)) == 3


def test_a_permanent_move_to_another_host_waits_for_consent_and_keeps_the_items(
    session: Session, followed: int, lyon: Site, poll: Poll
) -> None:
    with Site() as other:
        other.answers["/rss"] = Reply(rss(item("a", "Un titre, corrigé"), item("b", "Autre")))
        lyon.answers["/rss"] = Reply(b"", 301, {"Location": f"{other.url}/rss"})
        before = shown(session)
        assert poll().kind == "failed"
        peer = queries.peer_or_fail(session, followed)
        assert (peer.url, peer.pending_url) == (f"{lyon.url}/rss", f"{other.url}/rss")
        assert shown(session) == before
        service.accept_move(session, followed)
        session.rollback()
        assert poll().kind == "read"
        assert queries.peer_or_fail(session, followed).url == f"{other.url}/rss"
        assert shown(session) == before, "the same items under the same ids"
        assert version(session, "Un titre, corrigé")


def test_a_guess_that_changes_is_no_change_of_the_item(
    session: Session, followed: int, lyon: Site, poll: Poll
) -> None:
    spanish = "El Ayuntamiento publica todos los contratos y responde a cada pregunta"
    lyon.answers["/rss"] = Reply(rss(item("s", "Obras"), item("l", LYON), channel=""))
    poll()
    assert version(session, "Obras").lang == "fr"
    lyon.answers["/rss"] = Reply(rss(item("s", "Obras"), item("m", spanish), channel=""))
    assert len(poll().keys) == 1


@pytest.mark.parametrize("date", [datetime(1970, 1, 1, tzinfo=UTC), None])
def test_a_date_that_is_none_is_the_day_on_which_the_item_came(
    session: Session, followed: int, lyon: Site, poll: Poll, date: datetime | None
) -> None:
    lyon.answers["/rss"] = Reply(rss(item("z", "Zéro", date=date)))
    before = clock.now()
    poll()
    assert version(session, "Zéro").published >= before


def test_an_item_of_the_year_9999_stands_behind_the_next_that_comes(
    session: Session, followed: int, lyon: Site, poll: Poll, monkeypatch: pytest.MonkeyPatch
) -> None:
    far = item("f", "Loin").replace(f"{TODAY:%Y}", "9999")
    lyon.answers["/rss"] = Reply(rss(far))
    poll()
    later = clock.now() + timedelta(minutes=1)
    monkeypatch.setattr(clock, "now", lambda: later)
    lyon.answers["/rss"] = Reply(rss(far, item("n", "Neuf", date=None)))
    poll()
    session.rollback()
    newest = session.scalars(
        select(Version.title).join(Study).order_by(Study.sort_at.desc()).limit(2)
    ).all()
    assert newest == ["Neuf", "Loin"]


def test_the_name_that_we_chose_stays_whatever_the_feed_calls_itself(
    session: Session, followed: int, lyon: Site, poll: Poll
) -> None:
    assert service.rename(session, followed, "Lyon") == "Lyon"
    lyon.answers["/rss"] = Reply(rss(item("a", "Neuf")))
    poll()
    peer = queries.peer_or_fail(session, followed)
    assert (peer.title, peer.site_url) == ("Lyon", "http://lyon.example/")


def test_a_look_that_was_under_way_when_we_chose_a_name_does_not_undo_it(
    session: Session, engine: Engine, followed: int, lyon: Site, poll: Poll
) -> None:
    def renames(_headers: object) -> Reply:
        with Session(engine) as other:
            service.rename(other, followed, "Lyon")
        return Reply(rss(item("a", "Neuf")))

    lyon.answers["/rss"] = renames
    assert poll().kind == "lost"
    session.rollback()
    assert queries.peer_or_fail(session, followed).title == "Lyon"
