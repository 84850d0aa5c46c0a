"""Real bilingual pages as search documents, and what people could type to find them."""

from __future__ import annotations

import gzip
import json
import random
import re
import unicodedata
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cache
from hashlib import blake2b
from pathlib import Path

from network.search.values import SearchDocument

PAGES = Path(__file__).parent / "data" / "pages.jsonl.gz"
_WORD = re.compile(r"[^\W\d_]{4,}")
_BEGAN = datetime(2020, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Page:
    """One page in one language; the two languages of a page share `pair`."""

    pair: str
    lang: str
    title: str
    summary: str
    body: str


@cache
def pages() -> tuple[Page, ...]:
    """Every page."""
    with gzip.open(PAGES, "rt", encoding="utf-8") as lines:
        found = [json.loads(line) for line in lines]
    return tuple(Page(d["pair_id"], d["lang"], d["title"], d["summary"], d["body"]) for d in found)


@cache
def judged() -> tuple[str, ...]:
    """Half of the pairs, for asking: none of them taught the shipped lexicon."""
    return tuple(sorted({page.pair for page in pages() if _digest(page.pair) % 2}))


@cache
def teaching() -> tuple[str, ...]:
    """The other half."""
    return tuple(sorted({page.pair for page in pages()} - {*judged()}))


def _digest(pair: str) -> int:
    return blake2b(pair.encode(), digest_size=1).digest()[0]


def study_key(pair: str) -> str:
    """The key of the study that a pair of pages makes."""
    return f"https://pages.example/id/{pair}"


def document(page: Page, number: int = 0) -> SearchDocument:
    """The page as the index takes it."""
    return SearchDocument(
        entry_id=f"{study_key(page.pair)}/{page.lang}",
        study_key=study_key(page.pair),
        lang=page.lang,
        title=page.title,
        summary=page.summary,
        body=page.body,
        published=_BEGAN + timedelta(hours=number),
        city=f"city-{number % 40}",
        country=("FR", "CA", "ES", "KR", "BR")[number % 5],
        status=("idea", "pilot", "running", "ended")[number % 4],
        year=2005 + number % 20,
        topics=(f"topic-{number % 18}",),
        completeness=(number % 11) / 10,
    )


def many(number: int, seed: int = 1) -> Iterator[SearchDocument]:
    """That many documents in pairs: the real pages, then paragraphs of them recombined.

    A made-up pair takes whole blocks of the same real pairs in both languages.
    """
    real = {(page.pair, page.lang): page for page in pages()}
    pairs = sorted({page.pair for page in pages()})
    for i, pair in enumerate(pairs[: number // 2]):
        yield from (document(real[pair, lang], i) for lang in ("en", "fr"))
    chance = random.Random(seed)
    for i in range(len(pairs), number // 2):
        chosen = chance.sample(pairs, 3)
        for lang in ("en", "fr"):
            sources = [real[pair, lang] for pair in chosen]
            blocks = [_third(page.body, part) for part, page in enumerate(sources)]
            title = f"{sources[0].title} – {sources[1].title}"[:200]
            made = Page(f"m{i:06}", lang, title, sources[2].summary, "\n\n".join(blocks))
            yield document(made, i)


def _third(body: str, part: int) -> str:
    blocks = body.split("\n\n")
    size = max(1, len(blocks) // 3)
    return "\n\n".join(blocks[part * size : (part + 1) * size] or blocks[:1])


@dataclass(frozen=True, slots=True)
class Question:
    """What somebody types, in which language, to find which pair."""

    text: str
    lang: str
    pair: str


def titles(among: Sequence[Page]) -> list[Question]:
    """Each title that only one page has."""
    counts = Counter((page.lang, _plain(page.title)) for page in pages())
    return [
        Question(page.title, page.lang, page.pair)
        for page in among
        if counts[page.lang, _plain(page.title)] == 1
    ]


def words(among: Sequence[Page], number: int = 4) -> list[Question]:
    """The three or four most distinctive words of each page's first paragraph."""
    made = []
    for page in among:
        chosen = _distinctive(page, number)
        if len(chosen) >= 3:
            made.append(Question(" ".join(chosen), page.lang, page.pair))
    return made


def _distinctive(page: Page, number: int) -> list[str]:
    """Words of the first paragraph that are rare in their language, and not of this page alone."""
    first = next((b for b in page.body.split("\n\n") if len(_WORD.findall(b)) >= 8), page.body)
    frequency = _frequencies()[page.lang]
    candidates = {w.lower() for w in _WORD.findall(first) if frequency[w.lower()] >= 2}
    ranked = sorted(candidates, key=lambda w: (frequency[w], w))
    return ranked[:number]


@cache
def _frequencies() -> dict[str, Counter[str]]:
    found: dict[str, Counter[str]] = {"en": Counter(), "fr": Counter()}
    for page in pages():
        text = f"{page.title} {page.body}".lower()
        found[page.lang].update(set(_WORD.findall(text)))
    return found


def inflected(questions: Iterable[Question]) -> list[Question]:
    """The same words in the other number, without accents."""
    return [
        Question(_unaccented(" ".join(map(_other_number, q.text.split()))), q.lang, q.pair)
        for q in questions
    ]


def _other_number(word: str) -> str:
    if word.endswith(("ss", "us", "is", "ux", "eux")):
        return word
    if word.endswith("ies") and len(word) > 5:
        return word
    if word.endswith("s"):
        return word[:-1]
    if word.endswith(("x", "z", "y", "sh", "ch", "al", "eau", "eu")):
        return word
    return word + "s"


def _unaccented(text: str) -> str:
    decomposed = unicodedata.normalize("NFD", text)
    return "".join(c for c in decomposed if not unicodedata.combining(c))


def mistyped(questions: Iterable[Question], seed: int = 2) -> list[Question]:
    """One slip in the longest word of each."""
    chance = random.Random(seed)
    made = []
    for question in questions:
        longest = max(_WORD.findall(question.text), key=len, default="")
        if len(longest) >= 5:
            slipped = question.text.replace(longest, _slip(longest, chance), 1)
            made.append(Question(slipped, question.lang, question.pair))
    return made


def _slip(word: str, chance: random.Random) -> str:
    i = chance.randrange(1, len(word) - 1)
    match chance.randrange(4):
        case 0:
            return word[:i] + word[i + 1 :]
        case 1:
            return word[:i] + word[i + 1] + word[i] + word[i + 2 :]
        case 2:
            return word[:i] + chance.choice("aeinorst") + word[i:]
    return word[:i] + chance.choice("aeinorst") + word[i + 1 :]


def _plain(text: str) -> str:
    return " ".join(text.casefold().split())


def aligned(pairs: Iterable[str]) -> Iterator[tuple[str, str]]:
    """The paragraphs of pairs that say the same, English and French."""
    held = {(page.pair, page.lang): page for page in pages()}
    for pair in pairs:
        yield from passages(held[pair, "en"], held[pair, "fr"])


def passages(a: Page, b: Page) -> Iterator[tuple[str, str]]:
    """Title, summary, and the blocks where there are as many in both."""
    yield a.title, b.title
    ours, theirs = a.body.split("\n\n"), b.body.split("\n\n")
    yield from (
        zip(ours, theirs, strict=True) if len(ours) == len(theirs) else [(a.summary, b.summary)]
    )
