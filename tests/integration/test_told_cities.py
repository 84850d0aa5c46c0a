"""What a followed node says of cities: which of ours it means, and whose word is the last."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy import Engine, delete, select
from sqlalchemy.orm import Session, sessionmaker

from network.catalogue import queries
from network.catalogue.models import FormerAddress, Study, Version
from network.cities import service as cities
from network.cities.models import HERE, MEMBER, City
from network.cities.service import CityValue
from network.following import service
from network.jobs.models import Job
from network.lib.db import writing
from network.lib.errors import NotFound
from network.lib.http import Door
from network.log import service as log
from network.log.places import Place
from network.moderation import told_cities
from network.moderation.rules import Rule
from network.subscriptions.models import Subscription, ToldCity
from tests.integration.following import RULES, jobs
from tests.sites import Node

OZD = CityValue(
    "ozd",
    {"en": "Ozd", "fr": "Ózd-lès-Miskolc"},
    "ES",
    "village",
    population=900,
    lat=40.4,
    lon=-3.7,
)
Open = Callable[[str], Node]


@pytest.fixture
def node(tmp_path: Path) -> Iterator[Open]:
    """Opens nodes of other cities, with a study each."""
    opened: list[Node] = []

    def open_(name: str) -> Node:
        node = Node(tmp_path, name, name.lower())
        opened.append(node)
        node.__enter__()
        node.publish(1)
        return node

    yield open_
    for each in opened:
        each.__exit__()


class Here:
    """Our node: it follows, looks and is looked at."""

    def __init__(self, session: Session, engine: Engine, door: Door) -> None:
        self.session, self.door, self.sessions = session, door, sessionmaker(engine)

    def follow(self, node: Node) -> int:
        return service.follow(self.session, self.door, node.url, RULES).id

    def look(self, subscription_id: int) -> None:
        self.session.rollback()
        outcome = service.poll(self.sessions, self.door, subscription_id, RULES)
        assert outcome.error is None, outcome
        self.session.expire_all()

    def city(self, slug: str) -> City:
        self.session.rollback()
        return self.session.get_one(City, slug, populate_existing=True)

    def slugs(self) -> list[str]:
        """Of the cities that studies are in."""
        self.session.rollback()
        return sorted(str(slug) for slug in self.session.scalars(select(Study.city)))


@pytest.fixture
def here(session: Session, engine: Engine, door: Door) -> Here:
    return Here(session, engine, door)


def test_a_city_that_nobody_here_knew_is_there_in_both_languages(here: Here, node: Open) -> None:
    ozd = node("Ozd")
    ozd.describe(Place(OZD, own=True))
    id_ = here.follow(ozd)
    city = here.city("ozd")
    assert cities.value_of(city) == OZD
    assert (city.slug_in("fr"), city.origin) == ("ozd-les-miskolc", MEMBER)
    assert city.said_by == ozd.url.partition("://")[2]
    assert here.session.get_one(Subscription, id_).city == "ozd"
    assert here.slugs() == ["ozd"]


def test_a_citys_own_node_has_the_last_word_on_it_also_when_no_entry_changes(
    here: Here, node: Open
) -> None:
    ozd = node("Ozd")
    ozd.describe(Place(OZD, own=True))
    id_ = here.follow(ozd)
    before = log.mark(here.session)
    with writing(here.session):
        here.session.execute(delete(Job))
    renamed = replace(
        OZD, names={"en": "Ozd", "fr": "Ózd-la-Neuve"}, population=1_000, country="PT"
    )
    ozd.describe(Place(renamed, own=True))
    here.look(id_)
    city = here.city("ozd")
    assert (city.name("fr"), city.population, city.country) == ("Ózd-la-Neuve", 1_000, "PT")
    assert city.slug_in("fr") == "ozd-les-miskolc"  # addresses are promised
    key = here.session.scalars(select(Study.study_key)).one()
    assert here.session.get_one(Study, key).country == "PT"
    assert jobs(here.session) == [key]
    assert log.mark(here.session) != before


def test_a_city_that_is_said_to_be_as_it_was_changes_no_page(here: Here, node: Open) -> None:
    ozd = node("Ozd")
    ozd.describe(Place(OZD, own=True))
    id_ = here.follow(ozd)
    before = queries.version(here.session)
    with writing(here.session):
        told_cities.listen(here.session, here.session.get_one(Subscription, id_))
    here.look(id_)
    assert queries.version(here.session) == before
    ozd.describe(Place(OZD))
    here.look(id_)
    assert queries.version(here.session) > before  # whose word counts is shown


def test_what_a_node_does_not_say_of_its_city_stays_as_it_is(here: Here, node: Open) -> None:
    madrid = node("Madrid")
    madrid.describe(Place(CityValue("madrid", {"en": "Madrid"}, population=3_500_000), own=True))
    here.follow(madrid)
    city = here.city("madrid")
    assert (city.population, city.population_year) == (3_500_000, None)
    assert (city.geonames_id, city.timezone) == (3117735, "Europe/Madrid")


def test_a_city_that_we_ship_or_typed_is_not_changed_by_nodes_that_only_write_about_it(
    here: Here, node: Open
) -> None:
    with writing(here.session):
        here.session.add(City(slug="ozd", names={"en": "Ozd"}, origin=HERE))
    ozd = node("Ozd")
    ozd.describe(Place(OZD), Place(CityValue("madrid", {"en": "Madrid!"}, population=7)))
    here.follow(ozd)
    assert here.city("ozd").population is None
    assert here.city("madrid").name("en") == "Madrid"


def test_of_nodes_that_write_about_a_city_the_first_may_change_what_it_said(
    here: Here, node: Open
) -> None:
    first, second = node("First"), node("Second")
    first.describe(Place(OZD))
    second.describe(Place(replace(OZD, population=1, names={"en": "Wrong"})))
    ids = here.follow(first), here.follow(second)
    assert here.city("ozd").population == 900
    first.describe(Place(replace(OZD, population=950)))
    for id_ in ids:
        here.look(id_)
    assert (here.city("ozd").population, here.city("ozd").name("en")) == (950, "Ozd")
    service.block(here.session, ids[0])
    second.describe(Place(replace(OZD, population=2)))
    here.look(ids[1])
    assert here.city("ozd").population == 2


def test_our_own_city_is_ours_to_describe_whoever_else_says_to_be_it(
    here: Here, node: Open
) -> None:
    paris = node("Lutetia")
    paris.describe(
        Place(CityValue("paris", {"en": "Lutetia", "fr": "Lutèce"}, "FR", population=7), own=True)
    )
    here.follow(paris)
    city = here.city("paris")
    assert (city.name("en"), city.said_by) == ("Paris", None)
    told = here.session.scalars(select(ToldCity)).one()
    assert (told.own, told.speaks) == (True, False)


def test_our_own_city_is_ours_also_when_it_was_learnt_from_a_feed(here: Here, node: Open) -> None:
    with writing(here.session):
        here.session.get_one(City, "paris").origin = MEMBER
    other = node("Other")
    other.describe(Place(CityValue("paris", {"en": "Lutetia", "fr": "Lutèce"}, "FR")))
    here.follow(other)
    assert here.city("paris").name("en") == "Paris"


def test_the_first_that_says_to_be_a_citys_site_has_the_word_until_it_is_blocked(
    here: Here, node: Open
) -> None:
    true, false = node("Ozd"), node("Fake")
    true.describe(Place(OZD, own=True))
    false.describe(Place(replace(OZD, names={"en": "Hacked"}), own=True))
    ids = here.follow(true), here.follow(false)
    assert here.city("ozd").name("en") == "Ozd"
    here.look(ids[1])
    assert here.city("ozd").name("en") == "Ozd"
    service.block(here.session, ids[0])
    assert here.city("ozd").said_by is None
    here.look(ids[1])  # its head has not changed, and is read all the same
    assert here.city("ozd").name("en") == "Hacked"
    service.unblock(here.session, ids[0])
    here.look(ids[0])
    assert here.city("ozd").name("en") == "Hacked"


def test_an_administrator_gives_the_word_to_the_node_that_is_really_the_citys(
    here: Here, node: Open
) -> None:
    false, true = node("Fake"), node("Ozd")
    false.describe(Place(replace(OZD, names={"en": "Hacked"}), own=True))
    true.describe(Place(OZD, own=True))
    ids = here.follow(false), here.follow(true)
    assert here.city("ozd").name("en") == "Hacked"
    service.give_word(here.session, ids[1], "ozd")
    here.look(ids[1])
    assert here.city("ozd").name("en") == "Ozd"
    assert here.city("ozd").said_by == true.url.partition("://")[2]
    false.describe(Place(replace(OZD, names={"en": "Again"}), own=True))
    here.look(ids[0])
    assert here.city("ozd").name("en") == "Ozd"


def test_the_word_is_given_only_to_who_says_to_be_the_citys_site(here: Here, node: Open) -> None:
    other = node("Other")
    other.describe(Place(OZD))
    id_ = here.follow(other)
    for slug in ("ozd", "madrid"):
        with pytest.raises(NotFound):
            service.give_word(here.session, id_, slug)


def test_who_no_longer_says_to_be_a_citys_site_or_is_left_has_no_last_word(
    here: Here, node: Open
) -> None:
    ozd = node("Ozd")
    ozd.describe(Place(OZD, own=True))
    id_ = here.follow(ozd)
    ozd.describe(Place(OZD))
    here.look(id_)
    assert here.city("ozd").said_by is None
    ozd.describe(Place(OZD, own=True))
    here.look(id_)
    assert here.city("ozd").said_by is not None
    service.unfollow(here.session, id_)
    assert here.city("ozd").said_by is None
    assert here.session.scalars(select(ToldCity)).all() == []


def test_two_spellings_of_one_city_meet_by_an_identifier(here: Here, node: Open) -> None:
    one, two = node("Firenze"), node("Florence")
    one.describe(Place(CityValue("firenze", {"en": "Florence"}, geonames_id=3176959)))
    two.describe(Place(CityValue("florence", {"en": "Florence"}, geonames_id=3176959)))
    here.follow(one)
    here.follow(two)
    assert here.slugs() == ["firenze", "firenze"]


def test_two_cities_of_one_slug_are_never_one(here: Here, node: Open) -> None:
    named = CityValue("san-jose", {"en": "San José"})
    for name, country in (("One", "CR"), ("Two", "US"), ("Three", "US")):
        each = node(name)
        each.city = "san-jose"
        each.publish(1)
        more = "Q16553" if name == "Three" else None
        each.describe(Place(replace(named, country=country, wikidata_id=more)))
        here.follow(each)
    assert here.slugs() == ["san-jose", "san-jose-us", "san-jose-us"]
    assert (here.city("san-jose").country, here.city("san-jose-us").country) == ("CR", "US")


def test_a_city_that_was_learnt_by_its_slug_alone_is_told_apart_when_more_is_known(
    here: Here, node: Open
) -> None:
    """As on a node that has followed both since before cities travelled."""
    one, two = node("One"), node("Two")
    for each in (one, two):
        each.city = "springfield"
        each.publish(1)
    ids = here.follow(one), here.follow(two)
    assert here.slugs() == ["springfield", "springfield"]
    named = CityValue("springfield", {"en": "Springfield"}, "ES")
    one.describe(Place(replace(named, geonames_id=1)))
    two.describe(Place(replace(named, geonames_id=2, lat=1.0, lon=1.0)))
    for id_ in ids:
        here.look(id_)
    assert here.slugs() == ["springfield", "springfield-es"]
    query = select(Version.place, Version.study_key).order_by(Version.place)
    left, gone = here.session.execute(query).all()
    assert left.study_key.startswith(one.url)
    assert gone.study_key.startswith(two.url)
    former = here.session.scalars(select(FormerAddress)).all()
    assert [(row.place, row.study_key) for row in former] == [("springfield", gone.study_key)]
    two.publish(2)
    here.look(ids[1])
    assert here.slugs() == ["springfield", "springfield-es", "springfield-es"]


def test_what_waits_to_be_read_comes_to_its_city_when_it_is_shown(
    here: Here, node: Open, session: Session
) -> None:
    nodes = []
    for name, country in (("One", "CR"), ("Two", "US")):
        each = node(name)
        each.city = "san-jose"
        each.publish(1)
        each.describe(Place(CityValue("san-jose", {"en": "San José"}, country)))
        nodes.append(each)
    here.follow(nodes[0])
    id_ = service.follow(session, here.door, nodes[1].url, RULES, rule=Rule("hold")).id
    assert here.slugs() == ["san-jose"]
    service.moderation.set_rule(session, id_, Rule("publish"))
    assert here.slugs() == ["san-jose", "san-jose-us"]


def test_a_head_that_describes_nothing_is_followed_as_ever(here: Here, node: Open) -> None:
    madrid = node("Madrid")
    id_ = here.follow(madrid)
    madrid.publish(2)
    here.look(id_)
    assert here.slugs() == ["madrid", "madrid"]
    assert here.session.scalars(select(ToldCity)).all() == []


def test_a_name_that_a_citys_own_node_says_no_more_is_not_shown_any_more(
    here: Here, node: Open
) -> None:
    ozd = node("Ozd")
    ozd.describe(Place(OZD, own=True))
    id_ = here.follow(ozd)
    assert here.city("ozd").name("fr") == "Ózd-lès-Miskolc"
    ozd.describe(Place(replace(OZD, names={"en": "Ozd"}), own=True))
    here.look(id_)
    assert here.city("ozd").names == {"en": "Ozd"}
