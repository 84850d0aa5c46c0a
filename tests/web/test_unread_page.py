"""A member's page names what is held back because it cannot be read, and why, and since when."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from flask import Flask
from lxml import html
from sqlalchemy import update

from network.lib.db import db, writing
from network.subscriptions.models import Subscription, UnreadEntry
from tests.web.conftest import Node
from tests.web.officials import Official

SINCE = datetime(2026, 3, 1, 9, 30, tzinfo=UTC)
NASTY = "https://madrid.example/id/<script>alert(1)</script>/fr"


@pytest.fixture
def peer(app: Flask, node: Node) -> int:
    id_ = node.follow("Madrid", polled_at=SINCE, succeeded_at=SINCE)
    row = {"subscription_id": id_, "kind": "live", "updated": "", "hash": "", "since": SINCE}
    with app.app_context(), writing(db.session()):
        db.session.execute(update(Subscription).values(unread=2))
        db.session.add(
            UnreadEntry(
                **row,
                entry_id="https://madrid.example/id/7/fr",
                message="Its “%(name)s” is missing, empty, or there more than once.",
                arguments={"name": "title"},
            )
        )
        db.session.add(
            UnreadEntry(
                **row | {"kind": "deleted"},
                entry_id=NASTY,
                message="Its date is not understood: “%(text)s”.",
                arguments={"text": "<b>soon</b>"},
            )
        )
    return id_


def table(page: str) -> list[list[str]]:
    (found,) = html.fromstring(page).xpath('//section[@aria-labelledby="unread"]//table')
    return [
        [" ".join(c.text_content().split()) for c in r.xpath("td|th")] for r in found.xpath(".//tr")
    ]


def test_it_says_which_entries_and_why_and_since_when(app: Flask, peer: int) -> None:
    boss = Official(app, "administrator", "camille")
    page = boss.get(f"/en/admin/members/{peer}").text
    assert "2 entries of its log cannot be read and are held back" in page
    assert "Incomplete" in page
    assert "not proved at the moment" in page
    head, first, second = sorted(table(page), key=lambda row: row[0] != "Entry")
    assert head == ["Entry", "Why", "Since"]
    assert {first[0], second[0]} == {"https://madrid.example/id/7/fr", f"{NASTY} (a withdrawal)"}
    assert "Its “title” is missing" in first[1] + second[1]
    assert "“<b>soon</b>”" in first[1] + second[1]
    assert "1 March 2026" in first[2]
    assert "<script>alert" not in page


def test_it_says_so_in_french_and_in_the_list_of_members(app: Flask, peer: int) -> None:
    boss = Official(app, "administrator", "camille")
    page = boss.get(f"/fr/admin/membres/{peer}").text
    assert table(page)[0] == ["Entrée", "Motif", "Depuis"]
    assert "Incomplet" in boss.get("/fr/admin/membres").text


def test_a_member_of_which_all_is_read_has_no_such_list(app: Flask, node: Node) -> None:
    id_ = node.follow("Madrid")
    boss = Official(app, "administrator", "camille")
    assert 'id="unread"' not in boss.get(f"/en/admin/members/{id_}").text
