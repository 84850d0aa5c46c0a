"""The named parts of a study’s text: by their ids in nodes’ texts, by their headings elsewhere."""

from __future__ import annotations

import re
from collections.abc import Mapping

from network.catalogue.values import SECTIONS
from network.lib.markup import EndTag, Tag, Words, tokens
from network.lib.text import slug

_INLINE = frozenset(
    "a abbr b bdi bdo cite code data del dfn em i ins kbd mark q rp rt ruby s samp small span "
    "strong sub sup time u var wbr".split()
)
_LEVELS = {f"h{level}": level for level in range(1, 7)}
_HEADINGS: Mapping[str, str] = {
    **dict.fromkeys(
        ("results", "the-results", "outcomes", "results-and-impact", "impact", "les-resultats",
         "resultats", "bilan", "resultats-obtenus", "resultados", "ergebnisse", "risultati"),
        "results",
    ),
    **dict.fromkeys(
        ("lessons", "lessons-learned", "lessons-learnt", "what-we-learned", "what-failed",
         "what-went-wrong", "what-did-not-work", "les-enseignements", "enseignements", "lecons",
         "lecons-apprises", "les-lecons", "ce-qui-n-a-pas-marche", "difficultes-rencontrees",
         "lecciones-aprendidas", "lezioni-apprese"),
        "lessons",
    ),
}  # fmt: skip
"""Headings, as slugs, under which other sites tell the same."""


def lines_of(html: str) -> dict[str, tuple[str, ...]]:
    """section → its text, a line for each block, its own heading left out. html: sanitised."""
    reading = _Reading()
    for token in tokens(html):
        reading.take(token)
    reading.end_line()
    return {name: tuple(lines) for name, lines in reading.found.items() if lines}


class _Reading:
    """Where we are in the text: in a named section, or below a heading that names one."""

    def __init__(self) -> None:
        self.found: dict[str, list[str]] = {}
        self._name: str | None = None
        self._level = 0  # of the heading that opened the part; 0 within a section of that name
        self._nested = 0
        self._own_heading = False  # is still to come: it is not part of the text
        self._heading: int | None = None
        self._words: list[str] = []

    def take(self, token: Tag | EndTag | Words) -> None:
        if isinstance(token, Words):
            self._words.append(token.text)
        elif token.name not in _INLINE:
            if isinstance(token, Tag):
                self._opened(token)
            else:
                self._closed(token.name)

    def _opened(self, tag: Tag) -> None:
        self.end_line()
        self._heading = _LEVELS.get(tag.name)
        if tag.name == "section":
            self._nested += self._name is not None and not self._level
            if tag.attributes.get("id") in SECTIONS and not self._nested:
                self._begin(tag.attributes["id"], 0)

    def _closed(self, name: str) -> None:
        if name in _LEVELS and self._heading is not None:
            self._headed(_LEVELS[name])
            return
        self.end_line()
        if name == "section" and self._name is not None and not self._level:
            if self._nested:
                self._nested -= 1
            else:
                self._name = None

    def _headed(self, level: int) -> None:
        """A heading ends: it names the part that follows, ends one, or is a line of it."""
        text, self._heading = self._text(), None
        named = _HEADINGS.get(slug(text))
        if self._name is not None and not self._level:
            if not self._own_heading:
                self.found[self._name].append(text)
            self._own_heading = False
        elif named is not None:
            self._begin(named, level)
        elif self._name is not None and level <= self._level:
            self._name = None
        elif self._name is not None:
            self.found[self._name].append(text)

    def _begin(self, name: str, level: int) -> None:
        self._name, self._level, self._own_heading = name, level, not level
        self.found.setdefault(name, [])

    def _text(self) -> str:
        text = re.sub(r"[ \t\r\n]+", " ", "".join(self._words)).strip()
        self._words.clear()
        return text

    def end_line(self) -> None:
        """Keep the words read since the last block, if they are part of a section."""
        text = self._text()
        if text and self._name is not None:
            self.found[self._name].append(text)
            self._own_heading = False


def shortened(lines: tuple[str, ...], most: int) -> tuple[tuple[str, ...], bool]:
    """The first lines of at most so many characters, cut between words; and whether it is all."""
    kept: list[str] = []
    for line in lines:
        if len(line) > most:
            cut = line[:most].rpartition(" ")[0] or line[:most]
            return (*kept, f"{cut}…"), False
        kept.append(line)
        most -= len(line)
    return tuple(kept), True
