"""Which of our topics the categories of other people's feeds stand for.

Sites write them as they like: with and without accents, in the plural, as one word or hashtag, two
at once, or within a longer label. By the topics' names and synonyms, and by the labels that cities'
sites use for them (data/labels.csv): `alone` when they are a whole label or a part between signs,
`within` also inside a longer one. What stands for nothing we have stays without a topic.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Iterable, Iterator
from functools import cache
from importlib.resources import files

from network.lib.text import slug
from network.topics.models import Topic

Words = tuple[str, ...]

MOST = 5
"""Topics of one item: one that is filed under everything is filed under nothing."""
_LONGEST = 6
"""Words of the longest phrase that is looked for inside a label."""
_FILLERS = frozenset(
    "a an and at au aux by d de des du en et for in l la le les nos notre of on or ou our par pour "
    "s sa ses son sur the to un une with y".split()
)
_UNCLEAR = ("press", "presse")
"""Synonyms of ours that mean something else where sites say it: to them these are releases."""
_SIGNS = re.compile(r"[/|,;:&+>»•·()\n]| [-–—] | (?:et|and|ou|or) ", re.I)
_HUMP = re.compile(r"(?<=[^\W\d_A-Z])(?=[A-Z])")


class Matcher:
    """The vocabulary, prepared once for all the items of a feed."""

    def __init__(self, topics: Iterable[Topic]) -> None:
        self._alone: dict[Words, str] = {}
        self._within: dict[Words, str] = {}
        for topic in topics:
            alone, within = _labels().get(topic.slug, ((), ()))
            names = tuple(topic.titles())
            for name in (*names, *topic.all_synonyms(), *alone, *within):
                self._know(self._alone, name, topic.slug)
            for name in (*names, *within):
                self._know(self._within, name, topic.slug)

    @staticmethod
    def _know(kept: dict[Words, str], name: str, topic: str) -> None:
        words = _words(name)
        if words and name not in _UNCLEAR:
            kept.setdefault(words, topic)
            kept.setdefault(("".join(words),), topic)

    def match(self, categories: Iterable[str]) -> tuple[str, ...]:
        """The slugs that categories stand for, each once, in their order."""
        found = (topic for category in categories for topic in self._topics(category))
        return tuple(dict.fromkeys(found))[:MOST]

    def _topics(self, category: str) -> Iterator[str]:
        """A whole label that is known is that; else its parts are, and what is inside it."""
        label = _HUMP.sub(" ", category) if " " not in category.strip() else category
        whole = _words(label)
        if topic := self._alone.get(whole) or self._alone.get(("".join(whole),)):
            yield topic
            return
        for part in _SIGNS.split(label):
            words = _words(part)
            if topic := self._alone.get(words):
                yield topic
            else:
                yield from self._inside(words)

    def _inside(self, words: Words) -> Iterator[str]:
        """The topics of the longest phrases in a label, each word in one of them."""
        start = 0
        while start < len(words):
            for length in range(min(_LONGEST, len(words) - start), 0, -1):
                if topic := self._within.get(words[start : start + length]):
                    yield topic
                    break
            else:
                length = 1
            start += length


def _words(text: str) -> Words:
    """The words that tell one label from another, without accents, in the singular."""
    return tuple(_singular(w) for w in slug(text, 200).split("-") if w and w not in _FILLERS)


def _singular(word: str) -> str:
    """A rough singular, the same for both forms; it need not be a word."""
    if len(word) <= 3:
        return word
    if word.endswith("aux"):
        return word[:-3] + "al"
    if word.endswith("ies"):
        return word[:-3] + "y"
    return word[:-1] if word[-1] in "sx" else word


@cache
def _labels() -> dict[str, tuple[list[str], list[str]]]:
    path = files("network.topics") / "data" / "labels.csv"
    with path.open(encoding="utf-8") as file:
        return {
            row["slug"]: (row["alone"].split(";"), row["within"].split(";"))
            for row in csv.DictReader(file)
        }
