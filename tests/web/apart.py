"""Nodes that reach each other over loopback in one process, each with its application and data."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session, sessionmaker

from network import config
from network.app import create_app
from network.catalogue.models import Study, Version
from network.config import Settings
from network.following import service as subscriptions
from network.lib import clock
from network.lib.db import db, writing
from network.subscriptions.models import Subscription
from network.subscriptions.policy import open_door
from tests.sites import Reply, Site


@dataclass
class City:
    """A node: its application, and the site that serves it on loopback."""

    app: Flask
    settings: Settings
    site: Site

    def versions(self) -> dict[str, Version]:
        """Its versions by the address of their page at their origin, which travels everywhere."""
        with self.app.app_context():
            query = select(Version).join(Study)
            found = db.session.scalars(query.execution_options(populate_existing=True)).all()
            for each in found:
                assert each.body_html is not None
            db.session.expunge_all()
            return {each.url: each for each in found}

    def follow(self, address: str) -> int:
        """Follow a site and take in what it has."""
        with self.app.app_context(), open_door(self.settings) as door:
            session: Session = db.session()
            found = subscriptions.follow(session, door, address, self.settings)
            assert found.error == "", (found.error, found.error_arguments)
            assert found.notice == "", found.notice
            return found.id

    def read(self, feed: str) -> None:
        """Read a feed of a node as any software would that knows nothing of its log."""
        with self.app.app_context(), open_door(self.settings) as door:
            session: Session = db.session()
            now, origin = clock.now(), feed.partition("/en/")[0]
            row = Subscription(kind="foreign", url=feed, origin=origin, created=now, next_poll=now)
            with writing(session):
                session.add(row)
            id_ = row.id
            session.rollback()
            outcome = subscriptions.poll(sessionmaker(db.engine), door, id_, self.settings)
            assert outcome.error is None, outcome.error
            session.expire_all()
            assert session.get_one(Subscription, id_).notice == ""
            session.rollback()


@contextmanager
def serving(name: str, home: Path, database_url: str) -> Iterator[City]:
    """A node of a city, in a folder, on an empty prepared database."""
    with Site() as site:
        values = {"home": str(home), "base_url": site.url, "city": name, "language": "en",
                  "name": f"{name} <&> «\u202fville\u202f»",
                  "database_url": database_url,
                  "allow_private_addresses": "127.0.0.0/8"}  # fmt: skip
        settings = config.load({f"PIONEER_{k.upper()}": v for k, v in values.items()})
        app = create_app(settings)
        site.otherwise = lambda path: _served(app, path)
        yield City(app, settings, site)
        with app.app_context():
            db.engine.dispose()


def _served(app: Flask, path: str) -> Reply:
    answer = app.test_client().get(path)
    kept = ("Content-Type", "ETag", "Cache-Control", "Location")
    headers = {name: answer.headers[name] for name in kept if name in answer.headers}
    return Reply(answer.data, answer.status_code, headers)
