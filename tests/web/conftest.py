"""A node's application without a network, and studies in it, own and followed."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from network.app import create_app
from network.catalogue import store
from network.catalogue.store import Arrival
from network.catalogue.values import Facts, Link, Version
from network.cities.models import City
from network.config import Settings
from network.lib import clock
from network.lib.db import db, writing
from network.log import service as log
from network.log.entry import entry_xml, rfc3339, tombstone_xml
from network.log.items import prove
from network.subscriptions.models import Subscription
from tests.conftest import KINDS, prepared_database, settings_in

START = datetime(2026, 3, 2, 9, 30, 5, tzinfo=UTC)


@contextmanager
def application(settings: Settings) -> Iterator[Flask]:
    """The application of a prepared node."""
    made = create_app(settings)
    made.testing = True
    yield made
    with made.app_context():
        db.engine.dispose()


@pytest.fixture
def app(settings: Settings) -> Iterator[Flask]:
    """The application of a prepared node, http://paris.example, French first."""
    with application(settings) as made:
        yield made


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    """A browser that has never been here."""
    return app.test_client()


@dataclass
class Node:
    """What happens on a node, one transaction each."""

    app: Flask
    base_url: str

    def change(self, do: Callable[[Session], Any]) -> Any:
        """Run one write transaction."""
        with self.app.app_context():
            session: Session = db.session()
            with writing(session):
                return do(session)

    def publish(self, number: int = 1, lang: str = "fr", **changes: Any) -> Version:
        """Publish a study of this node: in the read model and in the log."""
        version = make_version(self.base_url, number, lang, **changes)
        self.change(lambda session: publish_versions(session, [version]))
        return version

    def publish_many(self, numbers: Iterable[int]) -> None:
        """Publish a study for each number, all in one transaction."""
        versions = [make_version(self.base_url, number, "fr") for number in numbers]
        self.change(lambda session: publish_versions(session, versions))

    def withdraw(self, version: Version, reason: str | None = None) -> None:
        """Withdraw one language of a study."""

        def do(session: Session) -> None:
            when = version.updated + timedelta(hours=1)
            store.remove(session, version.entry_id)
            tombstone = tombstone_xml(version.entry_id, when, reason, version.lang)
            log.withdraw(session, version.entry_id, rfc3339(when), tombstone)

        self.change(do)

    def follow(self, title: str = "Madrid", kind: str = "member", **values: Any) -> int:
        """Follow a site; gives the subscription's number."""
        host = f"http://{title.lower()}.example"
        given = {"url": f"{host}/feed.atom", "origin": host, "site_url": f"{host}/"} | values

        def do(session: Session) -> int:
            now = clock.now()
            row = Subscription(title=title, kind=kind, created=now, next_poll=now, **given)
            session.add(row)
            session.flush()
            return row.id

        found: int = self.change(do)
        return found

    def receive(self, source_id: int, number: int = 1, lang: str = "fr", **changes: Any) -> Version:
        """Put a study of a followed site into the read model."""
        changes = {"city": "madrid"} | changes
        version = make_version("http://madrid.example", number, lang, **changes)
        received = min(version.published, clock.now())
        self.change(
            lambda s: store.put(
                s, version, source_id=source_id, received=received, country=country_of(s, version)
            )
        )
        return version


def country_of(session: Session, version: Version) -> str | None:
    """The country of a version's city."""
    city = session.get(City, version.city or "")
    return city.country if city else None


def publish_versions(session: Session, versions: Sequence[Version]) -> None:
    """Put versions of this node into the read model and into the log, in this order."""
    arrivals = [Arrival(each, country_of(session, each), each.published) for each in versions]
    store.put_many(session, arrivals, source_id=None, received=clock.now())
    log.Writer(session, [each.entry_id for each in versions]).write(
        prove(each.entry_id, "live", rfc3339(each.updated), entry_xml(each, "Paris"))
        for each in versions
    )


def make_version(base_url: str, number: int, lang: str, **changes: Any) -> Version:
    """A whole version; studies with greater numbers are newer."""
    key = f"{base_url}/id/00000000-0000-4000-8000-{number:012}"
    path = "fr/etudes-de-cas" if lang == "fr" else f"{lang}/case-studies"
    version = Version(
        entry_id=f"{key}/{lang}",
        study_key=key,
        lang=lang,
        title=f"Étude {number}" if lang == "fr" else f"Study {number}",
        summary="Six ans, 500 millions d’euros.",
        body_html='<p>L’eau &amp; la vie <a href="#results">ici</a></p>',
        url=f"{base_url}/{path}/paris/study-{number}",
        published=START + timedelta(days=number),
        updated=START + timedelta(days=number, hours=1),
        city="paris",
        topics=("open-data",),
        slug=f"study-{number}",
        facts=Facts(authors=("Équipe de Paris",)),
        inspired_by=(Link("http://lisbon.example/id/9", "Lisbon"),),
    )
    return replace(version, **changes)


@pytest.fixture
def node(app: Flask, settings: Settings) -> Node:
    """The node behind the client."""
    return Node(app, settings.base_url)


Readers = Callable[..., FlaskClient]


@pytest.fixture(scope="module", params=KINDS)
def readers(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Readers]:
    """Gives browsers of nodes that stay as a function made them: for tests that only read."""
    made: dict[Hashable, Node] = {}
    with ExitStack() as stack:

        def reader(make: Callable[..., Any], *given: Hashable) -> FlaskClient:
            if (make, given) not in made:
                home = tmp_path_factory.mktemp("read")
                url = stack.enter_context(prepared_database(request, request.param, home))
                settings = settings_in(home, url)
                node = Node(stack.enter_context(application(settings)), settings.base_url)
                make(node, *given)
                made[make, given] = node
            return made[make, given].app.test_client()

        yield reader


def nothing(_node: Node) -> None:
    """Leave a node as it begins."""


@pytest.fixture
def reader(readers: Readers) -> FlaskClient:
    """A browser that has never been at a node with nothing in it, which stays so."""
    return readers(nothing)
