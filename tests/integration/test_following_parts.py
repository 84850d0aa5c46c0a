"""A node that is followed by the feed of one topic or city of it: just that is shown, all of it is
proved, and nothing is lost, on both databases."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy import Engine, delete, select
from sqlalchemy.orm import Session, sessionmaker

from network.cities.models import City
from network.cities.service import CityValue
from network.following import queries, service
from network.gazetteer import joining
from network.jobs.models import Job
from network.lib.db import writing
from network.lib.errors import RemoteError
from network.lib.http import Door
from network.log.places import Place
from network.moderation import parts
from network.moderation import service as moderation
from network.moderation.rules import Rule
from network.subscriptions.models import HeldVersion
from network.topics import service as topics
from tests.integration.following import RULES, jobs, lines, shown
from tests.sites import ATOM, Node, Reply

OZD = CityValue("ozd", {"en": "Ozd", "fr": "Ózd-lès-Miskolc"}, "ES", "village", lat=40.4, lon=-3.7)
UBEDA = CityValue("ubeda", {"en": "Ubeda", "fr": "Úbeda"}, "ES", geonames_id=77)
FEED = (
    '<feed xmlns="http://www.w3.org/2005/Atom"><id>{base}/id/feed/fr?{query}</id>'
    "<title>A part</title><updated>2026-03-01T12:00:00Z</updated></feed>"
)


@pytest.fixture
def agglo(session: Session, tmp_path: Path) -> Iterator[Node]:
    """A node that writes about two cities that nobody here knows, and of its own."""
    with writing(session):
        topics.load_shipped(session)
    with Node(tmp_path) as node:
        node.publish(1, city="ozd", topics=("mobility",))
        node.publish(2, city="ubeda", topics=("open-data",))
        node.publish(3, topics=("open-data", "mobility"))
        node.describe(Place(OZD), Place(UBEDA), Place(node.place(), own=True))
        yield node


@pytest.fixture
def here(session: Session, engine: Engine, door: Door, agglo: Node) -> Here:
    return Here(session, engine, door, agglo)


class Here:
    """Our node, and the one that it follows."""

    def __init__(self, session: Session, engine: Engine, door: Door, node: Node) -> None:
        self.session, self.door, self.node = session, door, node
        self.sessions = sessionmaker(engine)

    def feed(self, path: str, query: str) -> str:
        """Have the node serve a reader feed there; gives its address."""
        text = FEED.format(base=self.node.url, query=query.replace("&", "&amp;"))
        self.node.answers[path] = Reply(text.encode(), headers={"Content-Type": ATOM})
        return self.node.url + path

    def follow(self, address: str, rule: Rule | None = None) -> int:
        return service.follow(self.session, self.door, address, RULES, rule=rule).id

    def follow_city(self, slug: str = "ozd") -> int:
        return self.follow(self.feed(f"/fr/villes/{slug}-x/feed.atom", f"city={slug}&scope=own"))

    def look(self, id_: int) -> None:
        self.session.rollback()
        outcome = service.poll(self.sessions, self.door, id_, RULES)
        assert outcome.error is None, outcome
        self.session.expire_all()

    def rule(self, id_: int) -> Rule:
        self.session.rollback()
        return queries.peer_or_fail(self.session, id_).rule

    def sees(self) -> list[int]:
        """The numbers of the studies that readers see."""
        return [_number(each) for each in shown(self.session)]

    def holds(self) -> list[int]:
        self.session.rollback()
        rows = self.session.scalars(select(HeldVersion.entry_id).order_by(HeldVersion.entry_id))
        return [_number(each) for each in rows]

    def forget_jobs(self) -> None:
        with writing(self.session):
            self.session.execute(delete(Job))

    def proved(self, id_: int) -> bool:
        peer = queries.peer_or_fail(self.session, id_)
        return peer.lag == 0 and lines(self.session, id_) == self.node.lines()


def _number(entry_id: str) -> int:
    return int(entry_id.rpartition("/id/")[2][:8])


def test_the_feed_of_a_city_shows_that_city_alone_and_proves_the_whole(here: Here) -> None:
    id_ = here.follow_city()
    assert here.rule(id_) == Rule("publish-some", cities=("ozd",))
    assert (here.sees(), here.holds()) == ([1], [2, 3])
    assert here.proved(id_)
    city = here.session.get_one(City, "ozd")
    assert (city.name("fr"), city.slug_in("fr")) == ("Ózd-lès-Miskolc", "ozd-les-miskolc")


def test_the_feed_of_a_topic_shows_that_topic_alone(here: Here) -> None:
    id_ = here.follow(here.feed("/fr/thematiques/mobilite/feed.atom", "topic=mobility&scope=own"))
    assert here.rule(id_) == Rule("publish-some", ("mobility",))
    assert (here.sees(), here.holds()) == ([1, 3], [2])
    assert here.proved(id_)


def test_the_other_formats_of_a_feed_name_the_same(here: Here) -> None:
    for form in ("rss", "json"):
        here.feed(f"/en/{form}/feed.atom", "city=ubeda&scope=network")
        address = f"{here.node.url}/en/{form}/feed.{form}?x=1"
        here.node.answers[f"/en/{form}/feed.{form}?x=1"] = Reply(b"{}")
        here.node.answers[f"/en/{form}/feed.atom?x=1"] = here.node.answers[f"/en/{form}/feed.atom"]
        id_ = here.follow(address)
        assert here.sees() == [2], form
        service.unfollow(here.session, id_)


def test_several_feeds_of_a_node_show_what_any_of_them_has(here: Here) -> None:
    id_ = here.follow_city()
    here.forget_jobs()
    assert here.follow_city("ubeda") == id_
    assert here.rule(id_).cities == ("ozd", "ubeda")
    assert (here.sees(), here.holds()) == ([1, 2], [3])
    assert [key.endswith("00000002-0000-4000-8000-000000000000") for key in jobs(here.session)] == [
        True
    ]
    here.follow(here.feed("/en/topics/open-data/feed.atom", "topic=open-data&scope=network"))
    assert here.rule(id_) == Rule("publish-some", ("open-data",), (), ("ozd", "ubeda"))
    assert (here.sees(), here.holds()) == ([1, 2, 3], [])


def test_without_the_rule_everything_is_shown_and_with_it_again_as_before(here: Here) -> None:
    id_ = here.follow_city()
    rule = here.rule(id_)
    assert moderation.set_rule(here.session, id_, Rule()).shown == 2
    assert (here.sees(), here.holds()) == ([1, 2, 3], [])
    assert moderation.set_rule(here.session, id_, rule).held == 2
    assert (here.sees(), here.holds()) == ([1], [2, 3])
    assert here.proved(id_)


def test_what_arrives_later_is_judged_and_what_is_withdrawn_goes(here: Here) -> None:
    id_ = here.follow_city()
    here.node.publish(4, city="ozd")
    here.node.publish(5, city="ubeda")
    here.node.withdraw(here.node.version(2).entry_id)
    here.look(id_)
    assert (here.sees(), here.holds()) == ([1, 4], [3, 5])
    here.node.publish(5, city="ozd")
    here.look(id_)
    assert (here.sees(), here.holds()) == ([1, 4, 5], [3])
    assert here.proved(id_)


def test_a_city_that_its_node_calls_as_another_of_ours_is_still_that_city(here: Here) -> None:
    with writing(here.session):
        other = City(slug="ozd", names={"en": "Ozd", "fr": "Ózd"}, country="HU")
        other.kind, other.origin = "city", "shipped"
        here.session.add(other)
    id_ = here.follow_city()
    assert here.rule(id_).cities == ("ozd-es",)
    assert here.sees() == [1]
    here.look(id_)
    assert here.rule(id_).cities == ("ozd-es",)


def test_a_slug_that_turns_out_to_mean_another_city_takes_the_rule_with_it(here: Here) -> None:
    here.node.describe()
    with writing(here.session):
        other = City(slug="ozd", names={"en": "Ozd", "fr": "Ózd"}, country="ES")
        other.kind, other.origin, other.geonames_id = "city", "shipped", 55
        here.session.add(other)
    id_ = here.follow_city()
    assert (here.rule(id_).cities, here.sees()) == (("ozd",), [1])
    here.node.describe(Place(replace(OZD, geonames_id=44)))
    here.node.publish(4, city="ozd")
    here.look(id_)
    assert (here.rule(id_).cities, here.sees()) == (("ozd-es",), [1, 4])
    moderation.set_rule(here.session, id_, Rule("publish-some", cities=("ozd",)))
    assert here.sees() == []


def test_a_rule_follows_a_city_that_is_joined_to_another(here: Here) -> None:
    id_ = here.follow_city()
    joining.join(here.session, "ozd", "ubeda", RULES.base_url)
    here.session.expire_all()
    assert here.rule(id_).cities == ("ubeda",)
    assert (here.sees(), here.holds()) == ([1, 2], [3])
    here.node.publish(4, city="ozd")
    here.node.publish(5, city="ubeda")
    here.look(id_)
    assert (here.sees(), here.holds()) == ([1, 2, 4, 5], [3])


def test_a_rule_of_what_is_read_first_holds_what_a_join_brings_to_its_city(here: Here) -> None:
    id_ = here.follow(here.node.url, Rule("hold-some", cities=("ubeda",)))
    with writing(here.session):
        assert here.session.get(City, "ubeda") is not None
    assert (here.sees(), here.holds()) == ([1, 3], [2])
    joining.join(here.session, "ozd", "ubeda", RULES.base_url)
    assert (here.sees(), here.holds()) == ([3], [1, 2])
    assert here.proved(id_)


@pytest.mark.parametrize("rule", [Rule("hold"), Rule("hold-some", ("mobility",)), Rule()])
def test_another_rule_stays_as_it_is(here: Here, rule: Rule) -> None:
    id_ = here.follow(here.node.url, rule)
    seen = here.sees()
    assert here.follow_city() == id_
    assert (here.rule(id_), here.sees()) == (rule, seen)


def test_a_rule_that_is_given_wins_over_the_address(here: Here) -> None:
    address = here.feed("/en/cities/ozd/feed.atom", "city=ozd&scope=network")
    assert here.rule(here.follow(address, Rule("hold"))) == Rule("hold")


@pytest.mark.parametrize(
    "query",
    [
        "city=ozd&topic=mobility&scope=own",
        "city=ozd&status=running&scope=own",
        "scope=own",
        "topic=nobody-knows&scope=own",
        "city=nobody-knows&scope=own",
        "q=city&scope=own",
    ],
)
def test_a_part_that_no_rule_can_say_is_followed_whole(here: Here, query: str) -> None:
    id_ = here.follow(here.feed("/en/feed.atom?x", query))
    assert (here.rule(id_), here.sees()) == (Rule(), [1, 2, 3])


def test_a_feed_of_which_nothing_can_be_read_is_followed_whole(here: Here) -> None:
    here.node.answers["/en/topics/x/feed.rss"] = Reply(b"<rss/>")
    for atom in (Reply(b"no", 404), Reply(b"<feed"), Reply(b"<feed xmlns='x'><id/></feed>")):
        here.node.answers["/en/topics/x/feed.atom"] = atom
        id_ = here.follow(f"{here.node.url}/en/topics/x/feed.rss")
        assert (here.rule(id_), here.sees()) == (Rule(), [1, 2, 3])
        service.unfollow(here.session, id_)


def test_what_cannot_be_told_just_now_is_not_followed_whole_in_the_meantime(here: Here) -> None:
    sound = here.node.changed
    here.node.changed = lambda document: document.replace(b"digest=", b"x=")
    with pytest.raises(RemoteError):
        here.follow_city()
    here.node.changed = sound
    here.node.answers["/fr/villes/ozd/feed.rss"] = Reply(b"<rss/>")
    here.node.answers["/fr/villes/ozd/feed.atom"] = Reply(b"busy", 503)
    with pytest.raises(RemoteError):
        here.follow(f"{here.node.url}/fr/villes/ozd/feed.rss")
    assert queries.peers(here.session) == []


def test_a_node_that_fails_at_the_first_look_is_under_its_rule_from_the_beginning(
    here: Here,
) -> None:
    sound = here.node.changed
    here.node.changed = lambda document: document.replace(b'count="3"', b'count="4"')
    id_ = here.follow_city()
    assert here.sees() == []
    here.node.changed = sound
    here.look(id_)
    assert (here.sees(), here.holds()) == ([1], [2, 3])


@pytest.mark.parametrize(
    ("path", "part"),
    [
        ("/fr/thematiques/budget-participatif/feed.atom", True),
        ("/en/cities/paris/feed.json", True),
        ("/en/feed.rss", True),
        ("/en/feed.atom?topic=budget", True),
        ("/feed.atom?topic=budget", True),
        ("/fr/recherche.atom?q=eau", True),
        ("/feed.atom", False),
        ("/feed/archive/0.atom", False),
        ("/", False),
        ("/fr/thematiques/budget-participatif", False),
        ("", False),
    ],
)
@pytest.mark.parametrize("scheme", ["https://", ""])
def test_the_feed_of_a_part_of_a_node_is_told_from_its_log(
    path: str, part: bool, scheme: str
) -> None:
    typed = f" {scheme}paris.example{path} "
    assert parts.is_part(typed, "https://paris.example/feed.atom") == part
