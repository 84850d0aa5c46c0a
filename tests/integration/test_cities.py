"""The vocabulary of cities in both databases: whom a slug leads to, and what stays of a restart."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest
from sqlalchemy import Engine, delete, select, text
from sqlalchemy.orm import Session

from network import migrations
from network.case_studies import cities as keeping
from network.catalogue.models import Study
from network.cities import hearing
from network.cities import service as cities
from network.cities import site as sites
from network.cities.models import HERE, City, CityAlias
from network.cities.service import CityValue
from network.jobs.models import Job
from network.lib.db import writing
from network.lib.errors import InvalidInput
from network.log import service as log
from tests.adopting import follow, receive, version

NOW = datetime(2026, 3, 1, tzinfo=UTC)


class Settings:
    """What the environment says of a node."""

    name = "Pioneer Cities"
    city = ""


def test_a_slug_leads_to_its_city_in_either_language_and_by_former_slugs(session: Session) -> None:
    with writing(session):
        session.add(CityAlias(slug="edimbourg-et-ecosse", city_slug="scotland"))
    for given in ("scotland", "ecosse", "edimbourg-et-ecosse"):
        found = cities.by_slug(session, given)
        assert found is not None and found.slug == "scotland"
    assert cities.by_slug(session, "atlantis") is None
    assert cities.aliases(session) == {"edimbourg-et-ecosse": "scotland"}


def test_a_key_is_not_mistaken_for_the_french_slug_of_another(session: Session) -> None:
    assert cities.by_key(session, "ecosse") is None
    with writing(session):
        session.add(City(slug="ecosse", slugs={"fr": "ecosse-us"}, names={"en": "Ecosse"}))
    found = cities.by_slug(session, "ecosse")
    assert found is not None and found.name("en") == "Ecosse"


def test_what_a_feed_says_of_a_city_that_was_joined_leads_to_the_one_that_stayed(
    session: Session,
) -> None:
    with writing(session):
        session.add(CityAlias(slug="lutetia", city_slug="paris"))
        learnt = hearing.meet(session, CityValue("lutetia", {"en": "Lutetia", "fr": "Lutèce"}), NOW)
    assert learnt is not None and learnt.slug == "paris"
    assert session.get(City, "lutetia") is None


def test_what_is_learnt_of_a_city_is_all_kept(session: Session) -> None:
    value = CityValue(
        "ozd", {"en": "Ózd", "fr": "Ozd"}, "HU", "city", 717902, "Q507174", 48.22, 20.3, 31_000,
        2021, "Europe/Budapest", "https://ozd.example/",
    )  # fmt: skip
    with writing(session):
        learnt = hearing.meet(session, value, NOW)
    assert learnt is not None and cities.value_of(learnt) == value
    assert learnt.origin == "member"


def test_loading_the_vocabulary_again_keeps_what_people_and_the_city_itself_said(
    session: Session,
) -> None:
    with writing(session):
        session.get_one(City, "paris").names = {"en": "Paris (city)"}
        session.get_one(City, "paris").origin = HERE
        session.get_one(City, "madrid").names = {"en": "Villa de Madrid"}
        session.get_one(City, "madrid").said_by = "madrid.example"
        session.get_one(City, "seoul").names = {"en": "Sol"}
        cities.load_shipped(session)
    assert session.get_one(City, "paris").name("en") == "Paris (city)"
    assert session.get_one(City, "madrid").name("en") == "Villa de Madrid"
    assert session.get_one(City, "seoul").name("en") == "Seoul"


def test_the_settings_speak_until_the_node_says_otherwise(session: Session) -> None:
    node = Settings()
    assert sites.read(session, node).names == {"en": "Pioneer Cities", "fr": "Villes pionnières"}
    node.name, node.city = "Ville laboratoire", "ecosse"
    found = sites.read(session, node)
    assert (found.name("fr"), found.name("en")) == ("Ville laboratoire", "Ville laboratoire")
    assert found.city is not None and found.city.slug == "scotland"
    assert found.timezone == "Europe/London"
    with writing(session):
        row = sites.edit(session)
        row.city, row.names = "seoul", {"en": "Seoul tries"}
        row.descriptions = {"fr": "Ce que Séoul essaie"}
        row.timezone = "UTC"
    found = sites.read(session, node)
    assert (found.name("fr"), found.name("en")) == ("Seoul tries", "Seoul tries")
    assert (found.description("fr"), found.description("en")) == ("Ce que Séoul essaie", "")
    assert found.city is not None and (found.city.slug, found.timezone) == ("seoul", "UTC")


def test_a_filled_node_of_before_keeps_its_cities_and_its_studies(empty: Engine) -> None:
    migrations.upgrade(empty, "0012")
    with empty.begin() as connection:
        for slug, kind, shipped in (("paris", "city", "true"), ("ozd", "county", "false")):
            connection.execute(text(
                "INSERT INTO city (slug, slug_fr, name_en, name_fr, kind, shipped, population) "
                f"VALUES ('{slug}', '{slug}', '{slug}', '{slug}', '{kind}', {shipped}, 31000)"
            ))  # fmt: skip
        connection.execute(
            text(
                "INSERT INTO case_study (id, city, original_lang, state, topics, facts, "
                "inspired_by, changed, lock_version, created, saved, withdrawal_reason) VALUES "
                "('s', 'ozd', 'fr', 'draft', '[]', '{}', '[]', true, 1, :now, :now, '')"
            ),
            {"now": "2026-01-01 00:00:00.000000"},
        )
    migrations.upgrade(empty)
    with Session(empty) as session:
        paris, ozd = session.get_one(City, "paris"), session.get_one(City, "ozd")
        assert [(c.origin, c.kind) for c in (paris, ozd)] == [
            ("shipped", "city"),
            ("member", "county"),
        ]
        assert (ozd.population, ozd.website, ozd.said_by) == (31_000, None, None)
        assert session.scalar(text("SELECT city FROM case_study")) == "ozd"


def test_followers_hear_of_a_city_that_was_described_otherwise_although_no_study_changed(
    session: Session,
) -> None:
    with writing(session):
        log.ensure_state(session)
    before = log.mark(session)
    session.rollback()
    ozd, _ = keeping.keep(session, CityValue("ozd", {"en": "Ózd"}, "HU"))
    assert log.mark(session) == before  # nobody writes about it yet
    session.rollback()
    keeping.change(session, ozd.slug, CityValue("ozd", {"en": "Ózd"}, "HU", population=32_000))
    assert log.mark(session) != before


def kept(session: Session, region: str = "", **said: Any) -> tuple[str, bool]:
    value = CityValue("springfield", {"en": "Springfield"}, **{"country": "US"} | said)
    city, added = keeping.keep(session, value, region)
    return city.slug, added


def test_who_types_a_city_and_who_tells_of_it_mean_the_same_one(session: Session) -> None:
    ohio: dict[str, Any] = {"lat": 39.92, "lon": -83.81}
    oregon: dict[str, Any] = {"lat": 44.05, "lon": -123.02}
    vermont: dict[str, Any] = {"lat": 43.30, "lon": -72.48, "geonames_id": 5241248}
    assert kept(session, **ohio) == ("springfield", True)
    assert kept(session, "Oregon", **oregon) == ("springfield-us", True)
    assert kept(session, "Vermont", **vermont) == ("springfield-vermont-us", True)
    assert kept(session, country="CA") == ("springfield-ca", True)
    for again, region, found in (
        (ohio, "", "springfield"),
        (oregon, "", "springfield-us"),
        (vermont, "Vermont", "springfield-vermont-us"),
        ({"geonames_id": 5241248}, "", "springfield-vermont-us"),
        ({"country": "CA"}, "", "springfield-ca"),
    ):
        assert kept(session, region, **again) == (found, False)
        with writing(session):
            value = CityValue(
                "springfield",
                {"en": "Springfield"},
                **{"country": "US"} | again,
            )
            told = hearing.meet(session, value, NOW, region=region)
        assert told is not None and told.slug == found
    with writing(session):
        session.add(CityAlias(slug="springfield-joined", city_slug="springfield-ca"))
    value = CityValue("springfield-joined", {"en": "Springfield"}, country="US")
    assert keeping.keep(session, value)[0].slug == "springfield-ca"


def test_slugs_lead_to_one_city_each_however_long_and_in_either_language(session: Session) -> None:
    long = CityValue("x" * 80, {"en": "Long"}, country="FR")
    found = [(2.0, "x" * 80), (12.0, "x" * 80 + "-fr"), (22.0, "x" * 16 + "-" + "y" * 80 + "-fr")]
    for lat, key in found:
        with writing(session):
            place = replace(long, lat=lat, lon=2.0)
            city = hearing.meet(session, place, NOW, region="y" * 80)
        assert city is not None and city.slug == key
    numbered: list[dict[str, Any]] = [{"wikidata_id": "Q8"}, {"geonames_id": 9}, {}]
    for lat, given in zip((32.0, 42.0, 52.0), numbered, strict=True):
        with writing(session):
            place = replace(long, lat=lat, lon=2.0, **given)
            city = hearing.meet(session, place, NOW, region="y" * 80)
        mark = str(given.get("geonames_id") or given.get("wikidata_id", "2")).lower()
        assert city is not None and city.slug == "x" * 80 + f"-{mark}"
    french = CityValue("caledonia", {"en": "Caledonia", "fr": "Écosse"}, country="US")
    city, _added = keeping.keep(session, french)
    assert (city.slug, city.slug_in("fr")) == ("caledonia", "ecosse-us")
    for named in ("elsewhere", "ailleurs"):
        city, _added = keeping.keep(session, CityValue(named, {"en": named}, country="CA"))
        assert (city.slug, city.slug_in("fr")) == (f"{named}-ca", f"{named}-ca")
    city, _added = keeping.keep(
        session, CityValue("x", {"en": "Villeneuve", "fr": "Ailleurs"}, country="FR")
    )
    assert city.slug_in("fr") == "ailleurs-fr"
    with pytest.raises(InvalidInput, match="Give a short name"):
        keeping.keep(session, CityValue("", {"en": "東京"}))


def test_what_changes_of_a_city_changes_what_followers_and_readers_are_told_once(
    session: Session,
) -> None:
    receive(session, follow(session), version(1, city="lisbon"))
    with writing(session):
        session.execute(delete(Job))
    before = log.mark(session)
    session.rollback()
    value = replace(cities.value_of(session.get_one(City, "lisbon")), country="ES")
    session.rollback()
    keeping.change(session, "lisbonne", value)
    after = log.mark(session)
    assert after != before
    assert list(session.scalars(select(Study.country))) == ["ES"]
    assert [job.kind for job in session.scalars(select(Job))] == ["index"]
    session.rollback()
    keeping.say_site(session, "lisbon", {"name_en": "Lisbon tries"})
    assert log.mark(session) != after


def test_a_city_whose_own_site_speaks_for_it_is_not_changed_here_but_our_own_is(
    session: Session,
) -> None:
    with writing(session):
        session.get_one(City, "lisbon").said_by = "lisbon.example"
    value = replace(cities.value_of(session.get_one(City, "lisbon")), population=1)
    session.rollback()
    with pytest.raises(InvalidInput, match=r"lisbon\.example is the site of this city"):
        keeping.change(session, "lisbon", value)
    assert session.get_one(City, "lisbon").population != 1
    session.rollback()
    changed = keeping.change(session, "lisbon", value, own=True)
    assert (changed.population, changed.said_by, changed.origin) == (1, None, HERE)
