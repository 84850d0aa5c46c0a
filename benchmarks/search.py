"""The whole job of a search beside SQLite's FTS5, and keeping the index, on the same documents.

The job: one language, the ten best, counts by facet, marked snippets. The documents are made of
real French and English pages: `--documents 100000` for the great size, `--queries 200` of a class,
`--postgresql 1` for the engine of several machines.
"""

from __future__ import annotations

import random
import resource
import statistics
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from benchmarks import bilingual, engines
from benchmarks.full_text import FullText
from network.search import teaching
from network.search.engine import SearchEngine
from network.search.query import parse
from network.search.values import Filters
from network.search.whoosh_engine import building

LANG = "en"
ADDED = 100
"""Studies that are added one at a time; with `--added 1000` it shows whether the index degrades."""


def run(
    documents: int = 20_000, queries: int = 100, added: int = ADDED, postgresql: int = 0
) -> None:
    """Print the tables. postgresql: 1 for the engine of several machines."""
    opened = engines.postgresql if postgresql else engines.whoosh
    with (
        tempfile.TemporaryDirectory() as folder,
        opened(Path(folder), teaching.shipped) as engine,
    ):
        fts = FullText(Path(folder) / "fts.sqlite")
        print(f"{documents} documents, {type(engine).__name__}")
        _build(engine, documents)
        fts.fill(bilingual.many(documents))
        _compare(engine, fts, classes(queries))
        _add(engine, documents, added)
        fts.close()
    print(f"most memory: {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024} MiB")


def _build(engine: SearchEngine, documents: int) -> None:
    """With one process, of which the processor time counts, and with all of them."""
    few = list(bilingual.many(min(documents, 10_000)))
    most, building.MOST_PARTS = building.MOST_PARTS, 1
    worked = time.process_time()
    engine.rebuild(few)
    worked = time.process_time() - worked
    building.MOST_PARTS = most
    print(f"indexing, one process: {len(few) / worked:.0f} documents a second of processor time")
    began = time.perf_counter()
    engine.rebuild(bilingual.many(documents))
    print(f"rebuild, every core: {documents / (time.perf_counter() - began):.0f} a second")


def classes(number: int) -> dict[str, list[str]]:
    """Queries by class, of words as they stand in the English pages."""
    texts = [page.body for page in bilingual.pages() if page.lang == LANG]
    frequency: Counter[str] = Counter()
    for text in texts:
        frequency.update({word.lower() for word in text.split() if word.isalpha()})
    ranked = [word for word, _ in frequency.most_common() if len(word) > 3]
    rare = [word for word in ranked if 2 <= frequency[word] <= 5]
    common = ranked[20:200]
    middle = ranked[50:1500]
    chance = random.Random(6)

    def phrase() -> str:
        words = chance.choice(texts).split()
        start = chance.randrange(max(1, len(words) - 3))
        return f'"{" ".join(words[start : start + 3])}"'.replace('""', "")

    return {
        "rare": [chance.choice(rare) for _ in range(number)],
        "common": [chance.choice(common) for _ in range(number)],
        "OR of three": [" OR ".join(chance.sample(middle, 3)) for _ in range(number)],
        "AND of three": [" ".join(chance.sample(common, 3)) for _ in range(number)],
        "phrase": [phrase() for _ in range(number)],
    }


def _compare(engine: SearchEngine, fts: FullText, classes: Mapping[str, Sequence[str]]) -> None:
    print(f"{'p50/p95 ms':16} {'ours':>14} {'FTS5':>14} {'ratio':>7}")
    filters = Filters(language=LANG)
    for name, asked in classes.items():
        mode = "OR" if name.startswith("OR") else "AND"

        def ours(text: str) -> object:
            return engine.search(parse(text.replace(" OR ", " ")), filters, LANG)

        def theirs(text: str, mode: str = mode) -> object:
            return fts.search(text, LANG, mode)

        first, second = _timed(asked, ours, theirs)
        ratio = first[0] / second[0]
        cells = [f"{one:.1f}/{most:.1f}" for one, most in (first, second)]
        print(f"{name:16} {cells[0]:>14} {cells[1]:>14} {ratio:7.2f}", flush=True)


def _timed(asked: Sequence[str], *works: Callable[[str], object]) -> list[tuple[float, float]]:
    """Median and 95th percentile in ms of each work, each query by all of them in turn."""
    times: list[list[float]] = [[] for _ in works]
    for text in asked:
        for work, taken in zip(works, times, strict=True):
            began = time.perf_counter()
            work(text)
            taken.append(1000 * (time.perf_counter() - began))
    return [(statistics.median(taken), p95(taken)) for taken in times]


def p95(taken: Sequence[float]) -> float:
    return sorted(taken)[min(len(taken) - 1, int(0.95 * len(taken)))]


def _add(engine: SearchEngine, documents: int, added: int) -> None:
    """Studies one at a time with upkeep between them, as the worker does it."""
    some = list(bilingual.many(200))
    times = []
    for number in range(added):
        given = some[number % len(some)]
        key = f"https://new.example/id/{number}"
        made = replace(given, entry_id=f"{key}/{given.lang}", study_key=key)
        began = time.perf_counter()
        engine.replace({key: [made]})
        times.append(1000 * (time.perf_counter() - began))
        if number % 10 == 9:
            engine.tidy()
    part = max(1, added // 5)
    for name, taken in (("first fifth", times[:part]), ("last fifth", times[-part:])):
        print(f"adding one, {name}: {statistics.median(taken):.0f}/{p95(taken):.0f} ms")
