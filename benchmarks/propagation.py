"""Seconds from “publish” in one node to “found” in another, both polling every two seconds."""

from __future__ import annotations

import statistics
import tempfile
import time
import uuid
from pathlib import Path

from tests.nodes import Node, eventually
from tests.writing import publish

ROUNDS = 9


def run() -> None:
    """Print the median and the range of seconds to the page, and to the search result."""
    with tempfile.TemporaryDirectory() as a, tempfile.TemporaryDirectory() as b:
        paris = Node(Path(a), "paris", poll_seconds="2")
        madrid = Node(Path(b), "madrid", poll_seconds="2")
        paris.start()
        madrid.start()
        try:
            madrid.follow(paris)
            rows = [_once(paris, madrid) for _ in range(ROUNDS)]
        finally:
            paris.stop()
            madrid.stop()
    labels = ("own search", "followed page", "followed search")
    for label, values in zip(labels, zip(*rows, strict=True), strict=True):
        middle = statistics.median(values)
        print(f"{label:16} median {middle:5.2f} s, {min(values):.2f}–{max(values):.2f}")


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
