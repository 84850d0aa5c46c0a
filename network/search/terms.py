"""Words of city administration that mean the same, also where one language needs several for them.

Known to every node (`data/terms.tsv`): a line is one thing, its names in English and in French.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache
from importlib.resources import files

from network.search import analysis, folding
from network.search.asked import Term, Word
from network.search.lexicon import LANGUAGES

SAME = 0.7
"""How well another name in the same language stands for what was typed."""
TRANSLATED = 0.9
"""… and one in the other language."""

Key = tuple[str, ...]
"""The stems of a name, without its stop words."""


@dataclass(frozen=True, slots=True)
class Terms:
    """names: language → key → the other names of the same thing. longest: stems of a key.

    short: language → abbreviations, which may well be words of the other language.
    """

    names: Mapping[str, Mapping[Key, Sequence[Term]]]
    longest: int
    short: Mapping[str, Collection[Key]]

    def widen(self, words: Sequence[Word], spoken: str) -> list[Word]:
        """The words of a query, with other names of what they say together: the longest first."""
        parts = [(i, part) for i, word in enumerate(words) for part in word.parts or (word.text,)]
        found: dict[int, dict[Term, None]] = defaultdict(dict)
        bound: dict[int, int] = {}
        tongue: dict[int, str] = {}
        languages = sorted(LANGUAGES, key=lambda lang: lang != spoken)
        for lang in languages:
            language, start = analysis.language(lang), 0
            told = [(i, language.stem(p)) for i, p in parts if p not in language.stop]
            while start < len(told):
                size = self._longest_at([stem for _, stem in told[start:]], lang)
                for i, _ in told[start : start + size]:
                    key = tuple(stem for _, stem in told[start : start + size])
                    found[i] |= dict.fromkeys(self.names[lang][key])
                    if lang == spoken and key in self.short[lang]:
                        tongue.setdefault(i, lang)
                    if size > 1:
                        bound.setdefault(i, told[start][0])
                start += max(1, size)
        return [
            replace(
                word,
                terms=tuple(found[i]),
                bound=bound.get(i, -1),
                tongue=tongue.get(i, ""),
            )
            for i, word in enumerate(words)
        ]

    def _longest_at(self, stems: Sequence[str], lang: str) -> int:
        sizes = range(min(len(stems), self.longest), 0, -1)
        return next((n for n in sizes if tuple(stems[:n]) in self.names[lang]), 0)


@cache
def shipped() -> Terms:
    """The terms that every node knows."""
    text = (files("network.search") / "data" / "terms.tsv").read_text("utf-8")
    return _read(text.splitlines())


def _read(lines: Iterable[str]) -> Terms:
    names: dict[str, dict[Key, dict[Term, None]]] = {lang: defaultdict(dict) for lang in LANGUAGES}
    short: dict[str, set[Key]] = {lang: set() for lang in LANGUAGES}
    for line in lines:
        sides = dict(zip(LANGUAGES, line.split("\t"), strict=True))
        things = [(lang, *_name(n, lang)) for lang, side in sides.items() for n in side.split(";")]
        for lang, key, _ in things:
            others = (_term(lang, *thing) for thing in things if thing[1] != key)
            names[lang][key] |= dict.fromkeys(others)
        for lang, side in sides.items():
            short[lang] |= {_name(n, lang)[0] for n in side.split(";") if _is_abbreviation(n)}
    longest = max(len(key) for known in names.values() for key in known)
    return Terms(
        {lang: {k: tuple(t) for k, t in n.items()} for lang, n in names.items()}, longest, short
    )


def _is_abbreviation(name: str) -> bool:
    return name.strip().isupper() and len(name.split()) == 1


def _term(asked: str, lang: str, _key: Key, words: tuple[tuple[int, str], ...]) -> Term:
    return Term(lang, words, SAME if asked == lang else TRANSLATED)


def _name(name: str, lang: str) -> tuple[Key, tuple[tuple[int, str], ...]]:
    """A name's key, and its words with their places."""
    language = analysis.language(lang)
    words = [word for found in folding.scan(name) for word in analysis.piece(found[0]).words]
    told = tuple((i, word) for i, word in enumerate(words) if word not in language.stop)
    return tuple(language.stem(word) for _, word in told), told
