"""What readers meet: judged questions on the demonstration’s studies, beside the figures of old."""

from __future__ import annotations

import json
import math
import tempfile
from collections.abc import Callable, Iterable, Sequence
from contextlib import AbstractContextManager, nullcontext
from pathlib import Path
from typing import NamedTuple

from network.case_studies import transfer
from network.cli.context import database
from network.cli.node import prepare
from network.config import load
from network.lib.places import folder
from network.search import teaching
from network.search.documents import all_documents
from network.search.engine import SearchEngine
from network.search.lexicon import Lexicon
from network.search.query import parse
from network.search.values import Filters, SearchDocument

FILES = ("judged.jsonl", "judged_more.jsonl", "judged_seen.jsonl", "judged_aside.jsonl")
"""Questions as people type them, and by title which studies answer: 3 exactly, 2 clearly, 1 hardly.

Those that nothing answers have none. The first file was judged by others than those who tuned; the
last was written before, and nothing was tuned on it: keep it so."""

Opening = Callable[[Path, Callable[[], Lexicon]], AbstractContextManager[SearchEngine]]


class Figures(NamedTuple):
    """Of one question; None where it says nothing. noise: the share of what is shown that is
    beside the point; for_nothing: results of a question that nothing answers."""

    ndcg: float | None
    first: float | None
    found: float | None
    noise: float | None
    for_nothing: float | None


def run(opening: Opening) -> None:
    """Print the means of each file, with the shipped lexicon and with what the studies teach."""
    documents, learnt = demonstration()
    for said, known in (("shipped", teaching.shipped()), ("taught", learnt)):
        print(f"\n{said:24} {'nDCG@5':>8} {'S@1':>8} {'found':>8} {'noise':>8} {'for nothing':>12}")
        for name, means in measured(opening, documents, known).items():
            cells = "".join(f" {mean:8.3f}" for mean in means[:4])
            print(f"{name:24}{cells} {means[4]:12.1f}")


def measured(
    opening: Opening, documents: Sequence[SearchDocument], known: Lexicon
) -> dict[str, list[float]]:
    """The means of each file’s figures."""
    titles = {d.title: d.study_key for d in documents}
    with (
        tempfile.TemporaryDirectory() as place,
        opening(Path(place), lambda: known) as engine,
    ):
        engine.rebuild(documents)
        return {name: _means(list(_judged(engine, name, titles))) for name in FILES}


def demonstration() -> tuple[Sequence[SearchDocument], Lexicon]:
    """The demonstration’s studies, all in one node, and what that node learns of them."""
    with tempfile.TemporaryDirectory() as home:
        node = load({"PIONEER_HOME": home, "PIONEER_CITY": "paris"})
        prepare(node)
        with database(node) as session:
            for content in sorted(folder("demo_content").iterdir()):
                transfer.import_folder(session, content, node)
            teaching.learn_if_due(session)
            return list(all_documents(session)), teaching.Taught(lambda: nullcontext(session))()


def _judged(engine: SearchEngine, name: str, titles: dict[str, str]) -> Iterable[Figures]:
    path = Path(__file__).parent / "data" / name
    for line in path.read_text("utf-8").splitlines():
        row = json.loads(line)
        grades = {titles[title]: grade for title, grade in row["grades"].items()}
        found = engine.search(parse(row["q"]), Filters(), row["lang"], limit=100)
        yield judge(grades, [hit.study_key for hit in found.hits])


def judge(grades: dict[str, int], found: Sequence[str]) -> Figures:
    """The figures of one question. grades: by study; found: what is shown, in order."""
    got = [grades.get(key, 0) for key in found]
    if not grades:
        return Figures(None, None, None, None, len(got))
    useful = sum(grade >= 2 for grade in grades.values())
    ideal = _gain(sorted(grades.values(), reverse=True))
    return Figures(
        ndcg=_gain(got) / ideal,
        first=float(got[:1] >= [2]) if useful else None,
        found=sum(grade >= 2 for grade in got) / useful if useful else None,
        noise=got.count(0) / len(got) if got else 0.0,
        for_nothing=None,
    )


def _gain(grades: Sequence[int]) -> float:
    """Discounted cumulative gain of the first five (Järvelin and Kekäläinen, 2002)."""
    return sum((2**grade - 1) / math.log2(i + 2) for i, grade in enumerate(grades[:5]))


def _means(rows: Sequence[Figures]) -> list[float]:
    told = ([value for value in column if value is not None] for column in zip(*rows, strict=True))
    return [sum(values) / len(values) for values in told]
