"""Two cities that are one are joined: studies, addresses, logs, sites and what arrives later."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import pytest
from sqlalchemy import Engine, select
from sqlalchemy.orm import Session, sessionmaker

from network.case_studies.models import CaseStudy
from network.catalogue import queries
from network.catalogue.models import Study, Version
from network.cities import service as cities
from network.cities.models import City, SiteRow
from network.cities.service import CityValue
from network.following import service
from network.gazetteer import joining
from network.lib.db import writing
from network.lib.errors import InvalidInput
from network.lib.http import Door, networks
from network.log import service as log
from network.log.items import LiveItem, read_item
from network.log.models import FeedEntry
from network.log.places import Place
from network.subscriptions.models import Subscription, ToldCity
from tests.integration.following import Rules, jobs
from tests.sites import Node
from tests.writing import draft, publish_in

BASE = "https://paris.example"
LUTETIA = CityValue(
    "lutetia", {"en": "Lutetia", "fr": "Lutèce"}, "FR", geonames_id=99, website="https://l.fr/"
)


@dataclass(frozen=True)
class Settings:
    """What publishing needs."""

    base_url: str = BASE
    name: str = "Paris"
    city: str = "paris"
    licence: str = ""


@pytest.fixture(autouse=True)
def lutetia(session: Session) -> None:
    """A city that somebody added although it is Paris."""
    with writing(session):
        city = City(slug="lutetia", slugs={"fr": "lutece"}, origin="here")
        for name in cities.FIELDS[1:]:
            setattr(city, name, getattr(LUTETIA, name))
        city.kind = "city"
        session.add(city)


@pytest.fixture
def madrid(tmp_path: Path) -> Iterator[Node]:
    with Node(tmp_path, "Madrid", "lutetia") as node:
        node.publish(1)
        node.describe(Place(LUTETIA))
        yield node


def join(session: Session) -> joining.Preview:
    done = joining.join(session, "lutetia", "paris", BASE)
    session.expire_all()
    return done


def publish(session: Session, city: str, title: str = "Budget participatif") -> str:
    """A study of ours; gives its id."""
    return publish_in(session, Settings(), draft(title, city=city))  # type: ignore[arg-type]


def entry(session: Session, study_id: str) -> FeedEntry:
    session.rollback()
    return session.get_one(FeedEntry, f"{BASE}/id/{study_id}/fr", populate_existing=True)


def read(xml: bytes) -> LiveItem:
    item = read_item(xml, BASE)
    assert isinstance(item, LiveItem)
    return item


def test_our_own_studies_go_with_their_pages_and_their_entries(session: Session) -> None:
    study_id = publish(session, "lutetia")
    before, mark = read(entry(session, study_id).xml), log.mark(session)
    join(session)
    row = session.get_one(Version, f"{BASE}/id/{study_id}/fr")
    assert (row.place, row.slug) == ("paris", "budget-participatif")
    assert row.url == f"{BASE}/fr/etudes-de-cas/paris/budget-participatif"
    assert session.get_one(CaseStudy, study_id).city == "paris"
    after = read(entry(session, study_id).xml)
    assert after.city == replace(
        before.city, slug="paris", names={"en": "Paris"}, lat=48.853, lon=2.349
    )
    assert after.version == replace(before.version, city="paris", url=row.url, updated=row.updated)
    assert row.updated > before.version.updated
    assert log.mark(session) != mark
    assert f"{BASE}/id/{study_id}" in jobs(session)


def test_an_entry_that_was_moved_is_what_publishing_it_anew_would_write(session: Session) -> None:
    study_id = publish(session, "lutetia")
    join(session)
    moved = bytes(entry(session, study_id).xml)
    with writing(session):
        session.get_one(CaseStudy, study_id).changed = True
    from network.case_studies import publish as publication

    publication.publish(session, None, study_id, Settings())
    assert bytes(entry(session, study_id).xml) == moved


def test_what_an_author_saved_meanwhile_is_not_published_by_it(session: Session) -> None:
    from network.case_studies import service as desk

    study_id = publish(session, "lutetia")
    study = session.get_one(CaseStudy, study_id)
    saved = replace(desk.draft_of(study), topics=("open-data",))
    desk.save(session, None, study_id, saved, study.lock_version)
    join(session)
    assert read(entry(session, study_id).xml).version.topics == ("participatory-budgeting",)


def test_two_pages_of_one_slug_keep_both(session: Session) -> None:
    stays, goes = publish(session, "paris"), publish(session, "lutetia")
    join(session)
    slugs = {
        study_id: session.get_one(Version, f"{BASE}/id/{study_id}/fr").slug
        for study_id in (stays, goes)
    }
    assert slugs[stays] == "budget-participatif"
    assert slugs[goes].startswith("budget-participatif-~")
    for study_id, slug in slugs.items():
        assert queries.key_at(session, "paris", slug, "fr") == f"{BASE}/id/{study_id}"
    written = read(entry(session, goes).xml).version
    assert (written.slug, written.url.rpartition("/")[2]) == (slugs[goes], slugs[goes])


def test_its_slugs_and_identifiers_lead_to_the_city_that_stays(session: Session) -> None:
    join(session)
    assert session.get(City, "lutetia") is None
    for slug in ("lutetia", "lutece"):
        found = cities.by_slug(session, slug)
        assert found is not None
        assert found.slug == "paris"
    paris = session.get_one(City, "paris")
    assert (paris.geonames_id, paris.website) == (2988507, "https://l.fr/")


def test_followed_studies_go_and_what_comes_later_finds_the_city(
    session: Session, engine: Engine, madrid: Node
) -> None:
    with Door("tests", allow_private=networks(["127.0.0.0/8"])) as door:
        id_ = service.follow(session, door, madrid.url, Rules()).id
        with writing(session):
            session.get_one(Subscription, id_).city = "lutetia"
        assert joining.preview(session, "lutece", "paris").followed == 1
        join(session)
        assert list(session.scalars(select(Study.city))) == ["paris"]
        assert session.get_one(Subscription, id_).city == "paris"
        assert session.scalars(select(ToldCity)).one().city == "paris"
        madrid.publish(2)
        madrid.describe(Place(replace(LUTETIA, population=5)))
        session.rollback()
        assert service.poll(sessionmaker(engine), door, id_, Rules()).error is None
        session.expire_all()
        assert list(session.scalars(select(Study.city))) == ["paris", "paris"]
        service.unfollow(session, id_)
        madrid.describe(Place(replace(LUTETIA, slug="civitas")))
        service.follow(session, door, madrid.url, Rules())
        session.expire_all()
        assert list(session.scalars(select(Study.city))) == ["paris", "paris"]
        assert session.get(City, "civitas") is None  # met by the identifier that went


def test_a_city_that_other_cities_were_joined_to_takes_them_along(session: Session) -> None:
    with writing(session):
        session.add(City(slug="parigi", names={"en": "Parigi"}))
    joining.join(session, "parigi", "lutetia", BASE)
    join(session)
    found = cities.by_slug(session, "parigi")
    assert found is not None
    assert found.slug == "paris"


def test_this_nodes_own_city_may_be_the_one_that_goes(session: Session) -> None:
    with writing(session):
        session.add(SiteRow(id=1, city="lutetia"))
    join(session)
    assert session.get_one(SiteRow, 1).city == "paris"


def test_a_city_is_joined_to_another_that_is_there(session: Session) -> None:
    for goes, stays, field in (
        ("lutetia", "lutece", "stays"),
        ("lutetia", "", "stays"),
        ("atlantis", "paris", "goes"),
    ):
        with pytest.raises(InvalidInput) as refused:
            joining.join(session, goes, stays, BASE)
        assert refused.value.field == field
    assert session.get(City, "lutetia") is not None


def test_a_shipped_city_that_was_joined_does_not_come_back_with_the_next_start(
    session: Session,
) -> None:
    joining.join(session, "madrid", "lutetia", BASE)
    with writing(session):
        cities.load_shipped(session)
    assert session.get(City, "madrid") is None
    found = cities.by_slug(session, "madrid")
    assert found is not None
    assert found.slug == "lutetia"
