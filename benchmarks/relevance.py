"""How often the page meant is among the first ten, on real French and English pages."""

from __future__ import annotations

import random
import tempfile
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from pathlib import Path

from benchmarks import bilingual, engines, judged
from benchmarks.bilingual import Question
from network.search import lexicon, teaching
from network.search.engine import SearchEngine
from network.search.lexicon import EMPTY, Lexicon
from network.search.query import parse
from network.search.values import Filters

SAMPLE = 400
"""Questions of a kind and language, unless another number is asked for."""

Opening = Callable[[Path, Callable[[], Lexicon]], AbstractContextManager[SearchEngine]]
"""Makes an empty engine, given a folder of its own and what knows the words."""


def run(questions: int = SAMPLE, postgresql: int = 0) -> None:
    """Print Success@10 and the mean reciprocal rank by kind of question. postgresql: 1 for the
    engine of several machines."""
    opening = engines.postgresql if postgresql else engines.whoosh
    with (
        tempfile.TemporaryDirectory() as folder,
        opening(Path(folder), teaching.shipped) as engine,
    ):
        engine.rebuild(bilingual.many(len(bilingual.pages())))
        _same_language(engine, questions)
    _across_languages(opening, questions)
    judged.run(opening)


def _same_language(engine: SearchEngine, number: int) -> None:
    print(f"{'':44} {'S@10 en':>8} {'S@10 fr':>8} {'MRR en':>7} {'MRR fr':>7}")
    kinds: dict[str, Callable[[Sequence[bilingual.Page]], list[Question]]] = {
        "title": bilingual.titles,
        "three or four words of the first paragraph": bilingual.words,
        "three words": lambda pages: bilingual.words(pages, 3),
        "the words in the other number, no accents": lambda p: bilingual.inflected(
            bilingual.words(p)
        ),
        "title with one slip": lambda pages: bilingual.mistyped(bilingual.titles(pages)),
    }
    for name, ask in kinds.items():
        found = [_judged(engine, _sample(ask, lang, number)) for lang in ("en", "fr")]
        print(
            f"{name:44} {found[0][0]:8.3f} {found[1][0]:8.3f} {found[0][1]:7.3f} {found[1][1]:7.3f}"
        )


def _sample(
    ask: Callable[[Sequence[bilingual.Page]], list[Question]], lang: str, number: int
) -> list[Question]:
    return _some(ask([page for page in bilingual.pages() if page.lang == lang]), number)


def _some(questions: list[Question], number: int) -> list[Question]:
    return random.Random(3).sample(questions, min(number, len(questions)))


def _judged(engine: SearchEngine, questions: Sequence[Question]) -> tuple[float, float]:
    """(Success@10, mean reciprocal rank)."""
    ranks = [_rank(engine, question) for question in questions]
    hits = sum(rank > 0 for rank in ranks)
    return hits / len(ranks), sum(1 / rank for rank in ranks if rank) / len(ranks)


def _rank(engine: SearchEngine, question: Question) -> int:
    """The place of the page meant, from 1; 0 beyond ten."""
    results = engine.search(parse(question.text), Filters(), question.lang)
    keys = [hit.study_key for hit in results.hits]
    wanted = bilingual.study_key(question.pair)
    return keys.index(wanted) + 1 if wanted in keys else 0


def _across_languages(opening: Opening, number: int) -> None:
    """Asked for pages that lack the language asked in; none of them taught any lexicon.

    The other half of the pages stands in both languages, and beside the right one in the way.
    """
    pairs = bilingual.judged()
    only = {"en": {*pairs[::2]}, "fr": {*pairs[1::2]}}
    taught = lexicon.learn(bilingual.aligned(bilingual.teaching()))
    lexicons = {
        "nothing known": EMPTY,
        "what is shipped": teaching.shipped(),
        "and half of the pairs have taught": Lexicon.of(
            [*taught.pairs(), *teaching.shipped().pairs()]
        ),
    }
    known = EMPTY
    held = [p for p in bilingual.pages() if p.pair not in {*pairs} or p.pair in only[p.lang]]
    print(f"\n{'asked in the other language':44} {'S@10 en':>8} {'S@10 fr':>8}")
    with (
        tempfile.TemporaryDirectory() as folder,
        opening(Path(folder), lambda: known) as engine,
    ):
        engine.rebuild(bilingual.document(page, i) for i, page in enumerate(held))
        for said, known in lexicons.items():  # noqa: B007 — the engine asks for it
            for name, ask in {"title": bilingual.titles, "words": bilingual.words}.items():
                found = []
                for lang, other in (("en", "fr"), ("fr", "en")):
                    pages = bilingual.pages()
                    missing = [p for p in pages if p.lang == lang and p.pair in only[other]]
                    found.append(_judged(engine, _some(ask(missing), number))[0])
                print(f"{f'{name}, {said}':44} {found[0]:8.3f} {found[1]:8.3f}")
