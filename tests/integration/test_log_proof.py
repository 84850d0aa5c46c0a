"""`check` reads the node's whole log as a follower would, archives included."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from network.catalogue.values import Version
from network.cli import check
from network.config import load
from network.lib.db import writing
from network.log import pages, proof
from network.log import service as log
from network.log.entry import content_hash, entry_xml, rfc3339, tombstone_xml
from network.log.models import FeedEntry

BASE = "https://paris.example"
WHO = pages.Publisher(BASE, "Villes pionnières", f"{BASE}/websub/hub")
NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
ROWS = 161


def version(number: int) -> Version:
    key = f"{BASE}/id/{number:08}-0000-4000-8000-000000000000"
    when = NOON + timedelta(seconds=number)
    return Version(
        f"{key}/fr", key, "fr", f"Étude {number}", "S", "<p>Texte</p>", f"{BASE}/fr/", when, when
    )


@pytest.fixture
def logged(session: Session) -> Session:
    with writing(session):
        for number in range(ROWS):
            v = version(number)
            log.record(session, v.entry_id, rfc3339(v.updated), entry_xml(v, "Paris"), v)
        gone = version(3)
        log.withdraw(session, gone.entry_id, rfc3339(NOON), tombstone_xml(gone.entry_id, NOON))
    return session


def spoil(session: Session, number: int, change: Callable[[bytes], bytes], **more: Any) -> str:
    with writing(session):
        row = session.get_one(FeedEntry, version(number).entry_id)
        row.xml = change(row.xml)
        if "hash" not in more:
            row.hash = content_hash(row.xml)
        return row.entry_id


def findings(session: Session, tmp_path: Path, **settings: int) -> list[tuple[str, str]]:
    node = load({"PIONEER_HOME": str(tmp_path), "PIONEER_BASE_URL": BASE}, **settings)
    return [(each.level, each.text) for each in check._log(session, node, "UTC")]


def test_a_good_log_is_read_whole_and_adds_up(logged: Session, tmp_path: Path) -> None:
    found = proof.prove(logged, WHO)
    assert (found.rows, found.unread, found.refused, found.equal) == (ROWS, [], [], True)
    assert findings(logged, tmp_path) == [("ok", f"{ROWS} rows, all read as others read them")]


def test_an_entry_in_an_archive_that_others_cannot_read_is_named(
    logged: Session, tmp_path: Path
) -> None:
    blank = "\\1\u200b".encode()
    bad = spoil(logged, 5, lambda xml: re.sub(rb"(<title[^>]*>)[^<]*", blank, xml))
    found = proof.prove(logged, WHO)
    assert [item.entry_id for item in found.unread] == [bad]
    assert found.equal
    ((level, text),) = findings(logged, tmp_path)
    assert level == "error"
    assert bad in text
    assert "“title”" in text


def test_a_row_that_is_not_what_its_hash_says_is_noticed(logged: Session, tmp_path: Path) -> None:
    spoil(logged, 7, lambda xml: xml.replace(b"Texte", b"Autre"), hash="kept")
    assert not proof.prove(logged, WHO).equal
    assert "add up" in findings(logged, tmp_path)[0][1]


def test_a_document_that_others_refuse_is_named(logged: Session, tmp_path: Path) -> None:
    spoil(logged, 7, lambda xml: xml[:-9], hash="kept")
    found = proof.prove(logged, WHO)
    assert [path for path, _why in found.refused] == ["/feed/archive/0.atom"]
    assert [level for level, _text in findings(logged, tmp_path)] == ["error", "error"]


def test_a_document_that_is_larger_than_nodes_read_is_told(logged: Session, tmp_path: Path) -> None:
    largest = proof.prove(logged, WHO).largest
    assert findings(logged, tmp_path, max_feed_bytes=largest)[0][0] == "ok"
    assert findings(logged, tmp_path, max_feed_bytes=largest // 2)[0][0] == "warning"


def test_a_log_that_is_written_to_meanwhile_is_read_again(
    logged: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    read, times = proof._read, []

    def interrupted(session: Session, who: pages.Publisher) -> proof.Proof:
        found = read(session, who)
        times.append(found.rows)
        if len(times) == 1:
            v = replace(version(0), title="Autre", updated=NOON + timedelta(days=1))
            log.record(session, v.entry_id, rfc3339(v.updated), entry_xml(v, "Paris"), v)
            session.commit()
        return found

    monkeypatch.setattr(proof, "_read", interrupted)
    assert proof.prove(logged, WHO).equal
    assert len(times) == 2


def test_an_empty_log_is_a_good_one(session: Session) -> None:
    assert session.scalars(select(FeedEntry)).all() == []
    found = proof.prove(session, WHO)
    assert (found.rows, found.equal, found.refused) == (0, True, [])
