"""How often the page meant is among the first ten, on real French and English pages."""

from __future__ import annotations

import random
import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path

from benchmarks import bilingual
from benchmarks.bilingual import Question
from network.search import learning
from network.search.engine import SearchEngine
from network.search.query import parse
from network.search.values import Filters
from network.search.whoosh_engine import WhooshEngine

SAMPLE = 400
"""Questions of a kind and language."""


def run() -> None:
    """Print Success@10 and the mean reciprocal rank by kind of question."""
    with tempfile.TemporaryDirectory() as folder:
        engine = WhooshEngine(Path(folder) / "index")
        engine.rebuild(list(bilingual.many(2 * 1675)))
        _same_language(engine)
        engine.close()
    _across_languages()


def _same_language(engine: SearchEngine) -> None:
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
        found = [_judged(engine, _sample(ask, lang)) for lang in ("en", "fr")]
        print(
            f"{name:44} {found[0][0]:8.3f} {found[1][0]:8.3f} {found[0][1]:7.3f} {found[1][1]:7.3f}"
        )


def _sample(ask: Callable[[Sequence[bilingual.Page]], list[Question]], lang: str) -> list[Question]:
    questions = ask([page for page in bilingual.pages() if page.lang == lang])
    return random.Random(3).sample(questions, min(SAMPLE, len(questions)))


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


def _across_languages() -> None:
    """Half of the pages exist in both languages, a quarter in English and in French alone."""
    pairs = sorted({page.pair for page in bilingual.pages()})
    random.Random(4).shuffle(pairs)
    both, en, fr = (set(part) for part in (pairs[::2], pairs[1::4], pairs[3::4]))
    only = {"en": en, "fr": fr}
    learnt = learning.learn(bilingual.aligned(sorted(both)))
    held = [p for p in bilingual.pages() if p.pair in both or p.pair in only[p.lang]]
    print(f"\n{'asked in the other language':44} {'S@10 en':>8} {'S@10 fr':>8}")
    with tempfile.TemporaryDirectory() as folder:
        engine = WhooshEngine(Path(folder) / "index", lexicon=lambda: learnt)
        engine.rebuild([bilingual.document(page, i) for i, page in enumerate(held)])
        for name, ask in {"title": bilingual.titles, "words": bilingual.words}.items():
            found = []
            for lang, other in (("en", "fr"), ("fr", "en")):
                missing = [p for p in bilingual.pages() if p.lang == lang and p.pair in only[other]]
                found.append(_judged(engine, ask(missing))[0])
            print(f"{name:44} {found[0]:8.3f} {found[1]:8.3f}")
        engine.close()
