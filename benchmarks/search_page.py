"""The whole search page over HTTP on real bilingual pages, and suggestions while typing.

`--documents 100000` for the great size, `--queries 200` of a class; every address is a new one.
"""

from __future__ import annotations

import http.client
import statistics
import tempfile
import time
from collections.abc import Iterable, Sequence
from html import escape
from pathlib import Path
from urllib.parse import urlencode

from benchmarks import bilingual
from benchmarks.search import LANG, classes, p95
from network.catalogue import store
from network.catalogue.store import Arrival
from network.catalogue.values import Version
from network.lib import clock
from network.lib.db import writing
from network.search import service as search
from network.search.opening import open_search
from network.search.values import SearchDocument
from network.topics import service as topics
from tests.nodes import Node

TYPED = (2, 3, 5, 8)
"""Letters after which a reader who types sees suggestions."""


def run(documents: int = 20_000, queries: int = 100) -> None:
    """Print the table."""
    with tempfile.TemporaryDirectory() as folder:
        node = Node(Path(folder), "paris")
        _fill(node, bilingual.many(documents))
        began = time.perf_counter()
        with node.database() as session:
            search.reindex(session, open_search(node.settings))
        rate = documents / (time.perf_counter() - began)
        print(f"{documents} documents, reindexed from the database at {rate:.0f} a second")
        node.start("--no-worker")
        try:
            _measure(node.port, queries)
        finally:
            node.stop()


def _fill(node: Node, documents: Iterable[SearchDocument]) -> None:
    with node.database() as session:
        slugs = [topic.slug for topic in topics.all_topics(session)]
        arrivals = (
            Arrival(_version(node, number, made, slugs), made.country)
            for number, made in enumerate(documents)
        )
        with writing(session):
            store.put_many(session, arrivals, source_id=None, received=clock.now())


def _version(node: Node, number: int, made: SearchDocument, slugs: Sequence[str]) -> Version:
    pair = made.study_key.rpartition("/")[2]
    paragraphs = (f"<p>{escape(block)}</p>" for block in made.body.split("\n\n"))
    return Version(
        entry_id=made.entry_id,
        study_key=made.study_key,
        lang=made.lang,
        title=made.title,
        slug=f"study-{number}",
        summary=made.summary,
        body_html="".join(paragraphs),
        url=f"{node.url}/id/{pair}",
        city=made.city,
        published=made.published,
        updated=made.published,
        topics=(slugs[number // 2 % len(slugs)],),
        translation="original" if made.lang == "en" else "human",
        original_lang="en",
    )


def _measure(port: int, number: int) -> None:
    asked = classes(number)
    works = {name: [_page(text.replace(" OR ", " ")) for text in asked[name]] for name in asked}
    works["newest first"] = [_page(text, sort="newest") for text in asked["common"]]
    works["nothing found"] = [_page(f"{text} zyxwvu{n}") for n, text in enumerate(asked["rare"])]
    works["suggestions"] = [
        f"/{LANG}/search/suggestions?{urlencode({'q': text[:letters]})}"
        for text in asked["common"]
        for letters in TYPED
    ][:number]
    connection = http.client.HTTPConnection("127.0.0.1", port)
    for address in works["rare"][:5]:  # a server that has just started opens its index first
        _timed(connection, address)
    print(f"{'ms':34} {'median':>8} {'p95':>8} {'most':>8}")
    pages: list[float] = []
    for name, addresses in works.items():
        taken = [_timed(connection, address) for address in addresses]
        pages += taken if name != "suggestions" else []
        _tell(name, taken)
    _tell("all pages", pages)


def _page(text: str, **chosen: str) -> str:
    return f"/{LANG}/search?{urlencode({'q': text} | chosen)}"


def _timed(connection: http.client.HTTPConnection, address: str) -> float:
    began = time.perf_counter()
    connection.request("GET", address)
    answer = connection.getresponse()
    answer.read()
    assert answer.status == 200, (address, answer.status)
    return 1000 * (time.perf_counter() - began)


def _tell(name: str, taken: Sequence[float]) -> None:
    cells = statistics.median(taken), p95(taken), max(taken)
    print(f"{name:34}" + "".join(f" {cell:8.1f}" for cell in cells), flush=True)
