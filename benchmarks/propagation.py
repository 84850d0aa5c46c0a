"""Seconds from “publish” in one node to “found” in another, polling every two seconds or by push.

With push both nodes would otherwise look at each other once a day.
"""

from __future__ import annotations

import statistics
import tempfile
import time
import uuid
from datetime import timedelta
from pathlib import Path

from sqlalchemy import update

from network.lib import clock
from network.lib.db import writing
from network.push import queries as websub_queries
from network.subscriptions.models import PushLease
from tests.nodes import Node, eventually
from tests.writing import publish

ROUNDS = 9


def run() -> None:
    """Print the median and the range of seconds to the page, and to the search result."""
    for name, seconds, pushed in (("polling", "2", False), ("push", "86400", True)):
        print(name)
        with tempfile.TemporaryDirectory() as a, tempfile.TemporaryDirectory() as b:
            paris = Node(Path(a), "paris", poll_seconds=seconds)
            madrid = Node(Path(b), "madrid", poll_seconds=seconds)
            paris.start()
            madrid.start()
            try:
                madrid.follow(paris)
                _prepare(madrid, pushed)
                _print([_once(paris, madrid) for _ in range(ROUNDS)])
            finally:
                paris.stop()
                madrid.stop()


def _prepare(madrid: Node, pushed: bool) -> None:
    """Let the subscription to pushes begin, or end it."""

    def is_active() -> bool:
        with madrid.database() as session:
            return [view.state for view in websub_queries.pushes(session).values()] == ["active"]

    eventually(is_active, 60)
    if not pushed:
        with madrid.database() as session, writing(session):
            gone = {"token": "none", "due": clock.now() + timedelta(days=1)}
            session.execute(update(PushLease).values(gone))
    time.sleep(3)  # the look that follows a new lease


def _print(rows: list[tuple[float, float, float]]) -> None:
    labels = ("own search", "followed page", "followed search")
    for label, values in zip(labels, zip(*rows, strict=True), strict=True):
        middle = statistics.median(values)
        print(f"  {label:16} median {middle:5.2f} s, {min(values):.2f}–{max(values):.2f}")


def _once(paris: Node, madrid: Node) -> tuple[float, float, float]:
    word = "zz" + uuid.uuid4().hex[:10].translate(str.maketrans("0123456789", "ghijklmnop"))
    publish(paris, title=f"Essai {word}", slug=word)
    began = time.monotonic()
    seen = {}
    asked = {
        "own": lambda: f"/paris/{word}" in paris.text(f"/fr/recherche?q={word}"),
        "page": lambda: madrid.status(f"/fr/etudes-de-cas/paris/{word}") == 200,
        "found": lambda: f"/paris/{word}" in madrid.text(f"/fr/recherche?q={word}"),
    }

    def look() -> bool:
        for name, ask in asked.items():
            if name not in seen and ask():
                seen[name] = time.monotonic() - began
        return len(seen) == len(asked)

    eventually(look)
    return seen["own"], seen["page"], seen["found"]
