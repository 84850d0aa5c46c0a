"""Pages against Flask's own hello-world on the same server, one client on loopback.

Each request is one whole HTTP exchange on a kept connection. The catalogue holds real shapes at two
sizes, so that a page whose cost grows with the number of studies shows.
"""

from __future__ import annotations

import http.client
import subprocess
import sys
import tempfile
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from itertools import count
from pathlib import Path

from benchmarks.timing import in_turns, monotonic, table
from network.catalogue import store
from network.catalogue.store import Arrival
from network.catalogue.values import Facts, Link, Version
from network.lib.db import writing
from network.search import service as search
from network.search.opening import open_search
from tests.nodes import Node, eventually, free_port

HELLO = """
from flask import Flask
from waitress import serve
app = Flask(__name__)
@app.get("/")
def hello(): return "<p>Hello, World!</p>"
serve(app, host="127.0.0.1", port={port}, threads=4, _quiet=True)
"""
WORDS = (
    "budget participation budget citizens district votes projects open data transport energy "
    "water schools parks housing services council report results lessons partners neighbourhood"
).split()
TAIL = "-0000-4000-8000-000000000000"
TOPICS = ("participatory-budgeting", "open-data", "mobility", "public-services", "youth")
CITIES = ("paris", "madrid", "seoul", "lisbon", "milan", "new-york", "austin", "scotland")

PAGES = {
    "study page": "/en/case-studies/madrid/study-9-en",
    "browse page": "/en/case-studies/",
    "browse page, filtered": "/en/case-studies/?topic=open-data&city=paris",
    "home page": "/en/",
}


def fill(node: Node, number: int) -> None:
    """Put studies with an English and a French version into a node's catalogue."""
    start = datetime(2016, 1, 1, tzinfo=UTC)
    body = "".join(
        f"<p>{' '.join(WORDS[(i + k) % len(WORDS)] for k in range(60))}</p>" for i in range(7)
    )
    arrivals = (
        Arrival(_version(node, i, lang, start, body), "FR")
        for i in range(number)
        for lang in ("en", "fr")
    )
    received = start + timedelta(days=4000)
    with node.database() as session, writing(session):
        store.put_many(session, arrivals, source_id=None, received=received)


def _version(node: Node, i: int, lang: str, start: datetime, body: str) -> Version:
    key = f"{node.url}/id/{i:08x}{TAIL}"
    title = f"{WORDS[i % 20]} {WORDS[i % 7]} {i} {lang}"
    return Version(
        entry_id=f"{key}/{lang}", study_key=key, lang=lang, title=title, slug=f"study-{i}-{lang}",
        summary=" ".join(WORDS[:18]), body_html=body, url=f"{key}/page", city=CITIES[i % 8],
        published=start + timedelta(hours=i), updated=start + timedelta(hours=i),
        topics=(TOPICS[i % 5], TOPICS[(i + 2) % 5]),
        translation="original" if lang == "en" else "human",
        original_lang="en", legal_basis="Council decision",
        facts=Facts(status="running", start=str(2010 + i % 15), budget_amount=Decimal(i * 1000 + 1),
                    budget_currency="EUR", people_reached=i,
                    evidence=(Link("https://a.example", "A"),)),
        # Chains of six: a lineage is as long as one that cities know of.
        inspired_by=() if i % 6 == 0 else (Link(f"{node.url}/id/{i - 1:08x}{TAIL}"),),
    )  # fmt: skip


def getter(
    port: int, path: str, afresh: bool = False, headers: Mapping[str, str] | None = None
) -> Callable[[], object]:
    """A request on a connection of its own that stays open.

    afresh: at another address each time, which no cache has seen.
    """
    connection = http.client.HTTPConnection("127.0.0.1", port)
    mark = "&" if "?" in path else "?"
    numbers = count()

    def get() -> str:
        address = f"{path}{mark}fresh={next(numbers)}" if afresh else path
        connection.request("GET", address, headers=headers or {})
        answer = connection.getresponse()
        answer.read()
        assert answer.status in (200, 304), (address, answer.status)
        return answer.headers.get("ETag", "")

    return get


def run() -> None:
    """Print the table."""
    for size in (2_000, 20_000):
        with tempfile.TemporaryDirectory() as folder:
            _measure(Path(folder), size)


def _measure(folder: Path, size: int) -> None:
    node = Node(folder, "paris")
    fill(node, size)
    with node.database() as session:
        search.reindex(session, open_search(node.settings))
    port = free_port()
    hello = subprocess.Popen([sys.executable, "-c", HELLO.format(port=port)])
    node.start("--no-worker")
    try:
        eventually(lambda: answers(port))
        works = {"Flask hello-world": getter(port, "/")}
        for name, path in PAGES.items():
            works[name] = getter(node.port, path, afresh=True)
        for name in ("study page", "browse page", "home page"):
            again = getter(node.port, PAGES[name])
            works[f"{name}, again"] = again
            tag = {"If-None-Match": str(again())}
            works[f"{name}, unchanged (304)"] = getter(node.port, PAGES[name], headers=tag)
        works |= {
            "search page": getter(node.port, "/en/search?q=open+data+transport"),
            "reader feed, Atom": getter(node.port, "/en/feed.atom"),
        }
        print(f"{size} studies in two languages")
        table(in_turns(works, 200, monotonic), "Flask hello-world")
    finally:
        hello.terminate()
        hello.wait()
        node.stop()


def answers(port: int) -> bool:
    """Whether the server at that port is up."""
    try:
        getter(port, "/")()
    except OSError:
        return False
    return True
