"""What is held is in nothing that readers, feed readers, other sites or search engines can ask for:
every public answer is the same, byte for byte, as if it had never arrived."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import delete
from sqlalchemy.orm import Session

from network.app import create_app
from network.catalogue.models import CatalogueState
from network.catalogue.values import Facts, Link, Version
from network.cities.service import CityValue
from network.config import Settings
from network.following import service
from network.jobs.models import Job
from network.lib import clock
from network.lib.db import db, open_engine, writing
from network.moderation import review
from network.moderation import service as moderation
from network.moderation.gate import Gate
from network.moderation.rules import Rule
from network.moderation.shelf import Item, Shelf
from network.search import service as search
from network.search.opening import open_search
from network.subscriptions.models import Subscription
from tests.web.conftest import make_version
from tests.writing import draft, publish_in

SECRET = "Zanzibar"
ZANZIBAR = CityValue("zanzibar", {"en": SECRET}, "TZ", lat=-6.1, lon=39.2)
PLACES = (
    *("/fr/", "/en/", "/fr/etudes-de-cas/", "/en/case-studies/", "/fr/thematiques/"),
    *("/fr/thematiques/donnees-ouvertes", "/en/topics/open-data", "/fr/villes/", "/en/cities/"),
    *("/en/cities/madrid", "/fr/villes/madrid", "/en/cities/zanzibar", "/fr/a-propos"),
    *("/fr/etudes-de-cas/?topic=open-data&year=2014", "/en/case-studies/?city=madrid"),
    *("/en/case-studies/?language=en", "/fr/recherche?q=zanzibar", "/en/search?q=zanzibar"),
    *("/fr/recherche?q=budget", "/en/search?q=practice", "/en/search?q=open+data", "/fr/flux"),
    *(f"/{lang}/feed.{form}" for lang in ("en", "fr") for form in ("atom", "rss", "json")),
    *("/en/feed.atom?topic=open-data", "/fr/villes/madrid/feed.atom", "/en/feed.json?city=madrid"),
    *("/feed.atom", "/feed/ids.txt", "/network.opml", "/sitemap.xml", "/nodeinfo/2.1"),
    *("/en/case-studies/madrid/shown", "/en/case-studies/madrid/shown/lineage"),
    *("/fr/etudes-de-cas/paris/budget-participatif", "/en/case-studies/madrid/held"),
    "/fr/etudes-de-cas/paris/budget-participatif/filiation",
    *("/fr/etudes-de-cas/zanzibar/cache", "/en/case-studies/zanzibar/held-too/lineage"),
)
"""Pages, feeds in every format, search, facets, lineage, lists for machines."""
OFTEN_NEW = re.compile(
    rb"catalogueVersion\S+|<updated>[^<]*|<lastBuildDate>[^<]*|<dateModified>[^<]*"
)

Arrive = Callable[..., None]


@pytest.fixture
def app(settings: Settings) -> Iterator[Flask]:
    """A node with a study of its own, on both kinds of database."""
    made = create_app(settings)
    made.testing = True
    with made.app_context():
        publish_in(db.session(), settings, draft(slug="budget-participatif"))
    yield made
    with made.app_context():
        db.engine.dispose()


@pytest.fixture
def madrid(app: Flask) -> int:
    """A followed member under the rule that everything is held; gives its number."""
    with app.app_context():
        session: Session = db.session()
        with writing(session):
            now = clock.now()
            row = Subscription(url="http://madrid.example/feed.atom", kind="member", created=now,
                               origin="http://madrid.example", title="Madrid", next_poll=now,
                               site_url="http://madrid.example/")  # fmt: skip
            session.add(row)
            session.flush()
            moderation.set_rule(session, row.id, Rule("hold"))
            return row.id


@pytest.fixture
def arrive(app: Flask, madrid: int) -> Arrive:
    """Has versions arrive as a poll would."""

    def do(*versions: Version) -> None:
        with app.app_context():
            session: Session = db.session()
            with writing(session):
                source = moderation.source(session, madrid)
                shelf = Shelf(session, source, clock.now())
                shelf.put(
                    Gate(shelf, source).sift(
                        [
                            Item(each, ZANZIBAR if each.city == ZANZIBAR.slug else None)
                            for each in versions
                        ]
                    )
                )
                shelf.finish()

    return do


@pytest.fixture
def index(app: Flask, settings: Settings) -> Callable[[], None]:
    """Brings the search index up to date, as the worker would."""

    def do() -> None:
        engine = open_engine(settings.database_url)
        with Session(engine) as session:
            search.repair(session, open_search(settings))
            with writing(session):
                session.execute(delete(Job))
        engine.dispose()

    return do


def study(number: int, lang: str = "en", **values: Any) -> Version:
    given = {"city": "madrid", "facts": Facts(status="running", start="2014"), "inspired_by": ()}
    return make_version("http://madrid.example", number, lang, **given | values)


def answers(app: Flask) -> dict[str, tuple[int, bytes]]:
    """What everybody may ask for, without the numbers that only count changes."""
    reader, found = app.test_client(), {}
    for place in PLACES:
        answer = reader.get(place)
        found[place] = (answer.status_code, OFTEN_NEW.sub(b"", answer.data))
    return found


def test_no_public_answer_changes_when_something_that_is_held_arrives(
    app: Flask, settings: Settings, madrid: int, arrive: Arrive, index: Callable[[], None]
) -> None:
    shown = study(1, title="Shown practice", slug="shown")
    arrive(shown)
    with app.app_context():
        (row,), _total = review.page(db.session(), "waiting")
        moderation.approve(db.session(), None, row.id)
    index()
    before = answers(app)
    assert b"Shown practice" in before["/en/case-studies/"][1]
    assert b"/madrid/shown" in before["/en/search?q=practice"][1]

    own = f"{settings.base_url}/fr/etudes-de-cas/paris/budget-participatif"
    arrive(
        study(2, title=f"{SECRET} practice", slug="held", inspired_by=(Link(own, SECRET),)),
        study(3, title=SECRET, slug="shown", inspired_by=(Link(shown.study_key, SECRET),)),
        study(4, "fr", title=SECRET, slug="cache", city="zanzibar", topics=("mobility",)),
        study(5, title=SECRET, slug="held-too", city="zanzibar"),
    )
    arrive(replace(shown, title=f"{SECRET} instead", body_html=f"<p>{SECRET}</p>"))
    index()
    with app.app_context():
        assert review.counts(db.session())["waiting"] == 5
        session: Session = db.session()
        with writing(session):
            session.execute(CatalogueState.__table__.update().values(version=10_000))
    after = answers(app)
    for place in PLACES:
        expected = before[place]
        if place == "/en/case-studies/madrid/shown":
            assert b"Its city has changed this text since" in after[place][1]
            assert SECRET.encode() not in after[place][1]
            continue
        assert after[place] == expected, place
    for status, content in after.values():
        assert status in (200, 404)
        assert SECRET.encode() not in content.replace(b"zanzibar", b"")


def test_what_is_approved_is_in_all_of_them_and_what_is_blocked_in_none(
    app: Flask, madrid: int, arrive: Arrive, index: Callable[[], None]
) -> None:
    nothing = answers(app)
    arrive(
        study(2, title=f"{SECRET} practice", slug="held"),
        study(4, "fr", title=SECRET, slug="cache", city="zanzibar"),
    )
    with app.app_context():
        moderation.approve_all(db.session(), None, madrid)
    index()
    found = answers(app)
    for place in (
        *(
            "/fr/",
            "/en/",
            "/fr/etudes-de-cas/",
            "/en/case-studies/",
            "/en/case-studies/?city=madrid",
        ),
        *("/en/feed.atom", "/fr/feed.rss", "/en/feed.json", "/en/search?q=zanzibar"),
        *("/en/case-studies/madrid/held", "/fr/etudes-de-cas/zanzibar/cache", "/en/cities/"),
    ):
        assert SECRET.encode() in found[place][1], place
    with app.app_context():
        service.block(db.session(), madrid)
    index()
    for place, (_status, content) in answers(app).items():
        if "cities" not in place and "villes" not in place:  # the city itself is known now
            assert SECRET.encode() not in content, place
    assert nothing["/en/feed.atom"] == answers(app)["/en/feed.atom"]
