"""Whatever happens in whatever order, a mention is shown only while the rules of trust say so."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from sqlalchemy import delete, select

from network import config
from network.adoptions.models import Mention
from network.adoptions.webmention import moderation
from network.adoptions.webmention.receiving import receive
from network.jobs.models import Job
from network.lib import clock
from network.lib.db import open_engine, writing
from network.lib.errors import Forbidden
from network.subscriptions.models import Subscription
from network.subscriptions.policy import open_door
from tests.mentioning import Bench, Web, html
from tests.sites import Reply
from tests.writing import draft, publish_in

BASE = "http://paris.example"
PAGE = f"{BASE}/fr/etudes-de-cas/paris/budget-participatif"
WORDS = ("We did it.", "Buy pills.")
OPERATIONS = ("link", "other words", "no link", "410", "accept", "refuse", "undo", "follow",
              "block", "unblock", "leave", "duties")  # fmt: skip


@dataclass
class World:
    """One node, one page elsewhere, and what a person would expect to see of it."""

    bench: Bench
    web: Web
    words: str | None = None
    decision: str = ""
    agreed_to: str | None = None
    site: str = "unknown"

    @property
    def expected(self) -> str | None:
        """The state that the rules give: gone, refused, shown or waiting."""
        if self.words is None:
            return "gone"
        if self.site == "blocked" or self.decision == "refused":
            return "refused"
        agreed = self.decision == "accepted" and self.agreed_to == self.words
        return "shown" if self.site == "member" or agreed else "waiting"

    def row(self) -> Mention | None:
        with self.bench.sessions() as session:
            return session.scalar(select(Mention))

    def do(self, operation: str) -> None:
        match operation:
            case "link" | "other words" | "no link" | "410":
                self.page(operation)
            case "accept" | "refuse" | "undo":
                self.decide({"accept": "accepted", "refuse": "refused", "undo": ""}[operation])
            case "duties":
                self.bench.duties()
            case _:
                self.follow(operation)
        for _ in range(3):
            self.bench.duties()
            self.bench.work()

    def page(self, operation: str) -> None:
        """The page changes and its site says so; a site that is not heard changes nothing here."""
        if self.site == "blocked" or self.decision == "refused":
            return
        words = {"link": WORDS[0], "other words": WORDS[1]}.get(operation)
        linking = html(f'<p>{words} And here is <a href="{PAGE}">where we have it from</a>.</p>')
        nothing = Reply(b"", 410) if operation == "410" else html("<p>Nothing.</p>")
        self.web.answers["/post"] = linking if words else nothing
        with self.bench.sessions() as session:
            with writing(session):
                for row in session.scalars(select(Mention)):
                    row.verified_at = None
            receive(session, f"{self.web.url}/post", PAGE, BASE)
        self.words = words
        if self.decision == "accepted" and words and words != self.agreed_to:
            trusted = self.site == "member"
            self.decision, self.agreed_to = ("accepted", words) if trusted else ("", None)

    def decide(self, decision: str) -> None:
        row = self.row()
        if row is None or row.state == "new" or (row.state, decision) == ("gone", "accepted"):
            return
        with self.bench.sessions() as session:
            moderation.decide(session, row.id, decision)
        self.decision, self.agreed_to = decision, self.words if decision else None

    def follow(self, operation: str) -> None:
        with self.bench.sessions() as session, writing(session):
            row = session.scalar(select(Subscription))
            if operation == "leave":
                session.execute(delete(Subscription))
            elif row is None and operation == "follow":
                session.add(Subscription(
                    url=f"{self.web.url}/feed.atom", origin=self.web.url, kind="member",
                    created=clock.now(), next_poll=clock.now(),
                ))  # fmt: skip
            elif row is not None:
                row.state = "blocked" if operation == "block" else "active"
            session.flush()
            found = session.scalar(select(Subscription.state))
        self.site = {"active": "member", "blocked": "blocked", None: "unknown"}[found]


@pytest.fixture(scope="module")
def bench(tmp_path_factory: pytest.TempPathFactory, prepared_sqlite: Path) -> Iterator[Bench]:
    home = tmp_path_factory.mktemp("rules")
    path = home / "pioneer.sqlite"
    shutil.copy(prepared_sqlite, path)
    node = config.load({
        "PIONEER_HOME": str(home), "PIONEER_BASE_URL": BASE, "PIONEER_CITY": "paris",
        "PIONEER_ALLOW_PRIVATE_ADDRESSES": "127.0.0.0/8",
        "PIONEER_DATABASE_URL": f"sqlite:///{path}",
    })  # fmt: skip
    engine = open_engine(node.database_url)
    with open_door(node) as door:
        made = Bench(engine, node, door)
        with made.sessions() as session:
            publish_in(session, node, draft())
        yield made
    engine.dispose()


@given(st.lists(st.sampled_from(OPERATIONS), min_size=1, max_size=10))
@example(["link", "follow", "block", "other words", "unblock", "leave"])
@example(["link", "accept", "block", "unblock", "no link", "link", "other words"])
@example(["follow", "link", "refuse", "410", "undo", "410", "block", "unblock"])
@settings(max_examples=25, suppress_health_check=list(HealthCheck))
def test_a_mention_is_in_the_state_that_the_rules_give(bench: Bench, operations: list[str]) -> None:
    with bench.sessions() as session, writing(session):
        for table in (Mention, Subscription, Job):
            session.execute(delete(table))
    with Web() as web:
        world = World(bench, web)
        for operation in operations:
            world.do(operation)
            row = world.row()
            if row is not None:
                assert row.state == world.expected, operation


def test_a_blocked_site_is_not_heard(bench: Bench) -> None:
    with bench.sessions() as session, writing(session):
        session.execute(delete(Subscription))
    with Web() as web:
        world = World(bench, web)
        world.do("follow")
        world.do("block")
        with bench.sessions() as session, pytest.raises(Forbidden):
            receive(session, f"{web.url}/post", PAGE, BASE)
