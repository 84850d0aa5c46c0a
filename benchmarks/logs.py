"""A node's log of any length, written in seconds: real entries, made from one by replacement."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

from sqlalchemy import insert, update

from benchmarks.pages import TAIL, WORDS
from network.catalogue.values import Facts, Version
from network.lib.db import writing
from network.log.entry import content_hash, entry_xml, rfc3339
from network.log.models import FeedEntry, LogState
from tests.nodes import Node

START = datetime(2016, 1, 1, tzinfo=UTC)
NUMBER, DATE = "facefeed", "2001-02-03T04:05:06Z"
"""What stands for the entry's own in the entry that all are made from."""


def fill_log(node: Node, entries: int) -> None:
    """Put entries into a node's log as if they had been published, one after another."""
    template = _template(node)
    with node.database() as session, writing(session):
        rows = _rows(node, template, entries)
        session.execute(insert(FeedEntry), list(rows))
        session.execute(update(LogState).values(seq=entries))


def _template(node: Node) -> bytes:
    body = "".join(
        f"<p>{' '.join(WORDS[(i + k) % len(WORDS)] for k in range(60))}</p>" for i in range(7)
    )
    key = f"{node.url}/id/{NUMBER}{TAIL}"
    made = Version(
        entry_id=f"{key}/en", study_key=key, lang="en", title=f"What study {NUMBER} is about",
        summary=" ".join(WORDS[:18]), body_html=body, url=f"{node.url}/study-{NUMBER}",
        published=START, updated=datetime.fromisoformat(DATE), city="paris",
        topics=("open-data", "mobility"), slug=f"study-{NUMBER}", original_lang="en",
        legal_basis="Council decision",
        facts=Facts(status="running", start="2014", budget_amount=Decimal(500_000),
                    budget_currency="EUR", people_reached=1_000),
    )  # fmt: skip
    return entry_xml(made, "Paris")


def _rows(node: Node, template: bytes, entries: int) -> Iterator[dict[str, Any]]:
    for i in range(entries):
        number, updated = f"{i:08x}", rfc3339(START + timedelta(hours=i))
        xml = template.replace(NUMBER.encode(), number.encode())
        xml = xml.replace(DATE.encode(), updated.encode())
        entry_id = f"{node.url}/id/{number}{TAIL}/en"
        yield {"entry_id": entry_id, "seq": i + 1, "kind": "live", "updated": updated,
               "xml": xml, "hash": content_hash(xml)}  # fmt: skip
