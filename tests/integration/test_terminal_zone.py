"""What people read on a terminal is in the node's zone, named; what scripts read is in UTC."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

import pytest
from click.testing import CliRunner
from sqlalchemy.orm import Session

from network.cities import site as sites
from network.cli.main import pioneer_cities
from network.lib import clock
from network.lib.db import Base, open_engine, writing
from network.log.models import FeedEntry
from network.subscriptions.models import Subscription

NOW = datetime(2026, 7, 1, 22, 30, tzinfo=UTC)
ZONES = {
    "": "2026-07-02 00:30 Paris time",
    "America/New_York": "2026-07-01 18:30 New York time",
    "Pacific/Auckland": "2026-07-02 10:30 Auckland time",
}
HOUR = re.compile(r"\d\d\d\d-\d\d-\d\d \d\d:\d\d")


@pytest.fixture(params=ZONES)
def said(request: pytest.FixtureRequest, home: Path) -> str:
    """How the present moment is said on a node of Paris that has chosen this zone, or none."""
    with writing_to(home) as session:
        row = sites.edit(session)
        row.city, row.timezone = "paris", request.param or None
    return ZONES[request.param]


@pytest.fixture
def home(tmp_path: Path, prepared_sqlite: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / "pioneer.sqlite").write_bytes(prepared_sqlite.read_bytes())
    monkeypatch.setattr(clock, "now", lambda: NOW)
    add(
        tmp_path,
        Subscription(
            url="http://lyon.example/feed.atom", kind="member", title="Lyon",
            origin="http://lyon.example", created=NOW, next_poll=NOW, polled_at=NOW,
            complete_at=NOW, complete_seq=3, publisher_seq=3, succeeded_at=NOW,
        ),
    )  # fmt: skip
    return tmp_path


@contextmanager
def writing_to(home: Path) -> Iterator[Session]:
    engine = open_engine(f"sqlite:///{home / 'pioneer.sqlite'}")
    with Session(engine) as session, writing(session):
        yield session
    engine.dispose()


def add(home: Path, row: Base) -> None:
    with writing_to(home) as session:
        session.add(row)


def run(home: Path, *arguments: str) -> str:
    environment = {"PIONEER_HOME": str(home), "PIONEER_PORT": "8917"}
    return CliRunner().invoke(pioneer_cities, arguments, env=environment).stdout


def test_followed_sites(home: Path, said: str) -> None:
    told = run(home, "peers")
    assert f"complete as of {said} (entry 3); 0 case studies shown; next look {said}" in told
    (row,) = json.loads(run(home, "peers", "--json"))
    assert datetime.fromisoformat(row["complete_at"]) == NOW
    assert row["complete_at"].endswith("+00:00")


def test_checks(home: Path, said: str) -> None:
    told = run(home, "check")
    assert f"{said}; nothing stored is ahead of it" in told
    assert f"Lyon: complete as of {said}" in told
    assert len(HOUR.findall(told)) == 3
    told = json.dumps(json.loads(run(home, "check", "--json")))
    assert set(re.findall(HOUR.pattern + r" \w+", told)) == {"2026-07-01 22:30 UTC"}


def test_a_clock_that_was_ahead(home: Path, said: str, monkeypatch: pytest.MonkeyPatch) -> None:
    given = {"updated": "2026-07-01T22:30:00Z", "xml": b"<x/>", "hash": "x"}
    add(home, FeedEntry(entry_id="x", seq=1, kind="live", **given))
    monkeypatch.setattr(clock, "now", lambda: datetime(2026, 6, 1, tzinfo=UTC))
    told = run(home, "check")
    assert f"times up to {said} are stored (subscription), and it is 2026-0" in told
    assert f"1 published entries are dated up to {said}, after now" in told


def test_a_backup_and_what_is_restored_of_it(home: Path, said: str) -> None:
    file = str(home / "node.zip")
    assert f"as of {said}: " in run(home, "backup", file)
    assert f"The node is as of {said}. Start it" in run(home, "restore", file)


def test_a_zone_is_named_where_nothing_says_one(home: Path) -> None:
    assert "2026-07-01 22:30 UTC; nothing stored is ahead" in run(home, "check")
