"""What a reader typed, as a value: a small language of our own that cannot fail.

words  "phrases"  -exclusion  city:name  topic:name — and nothing else means anything.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass, field, replace

from network.lib.i18n import N_
from network.search import folding
from network.search.values import Message

LONGEST_QUERY = 400
"""Characters of a query that are read."""

MOST_WORDS = 24
"""Words of a query that are read, those in phrases included."""

_TOO_LONG = N_("Your search was long: only its first %(count)s words were used.")

_NO_WORD = N_("There is no word to search for in this; here is every case study.")

_PREFIXES = {
    "city": "city", "ville": "city",
    "topic": "topic", "theme": "topic", "thème": "topic", "thematique": "topic",
    "thématique": "topic",
}  # fmt: skip
_CLAUSE = re.compile(
    rf"""
    (?P<minus>(?<!\S)[-−])?
    (?:(?P<prefix>{"|".join(_PREFIXES)})[ \u00a0\u202f]?:)?
    (?: "(?P<straight>[^"]*)" | «(?P<angle>[^»]*)» | [“„](?P<curly>[^”“]*)[”“]
      | (?P<bare>[^\s"«»“”„]+) )
    """,
    re.VERBOSE | re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Side:
    """What is asked for, or what is excluded.

    words: pieces of text as folding.scan finds them. phrases: pieces that stand in this order.
    cities, topics: keys as folding.key makes them.
    """

    words: tuple[str, ...] = ()
    phrases: tuple[tuple[str, ...], ...] = ()
    cities: tuple[str, ...] = ()
    topics: tuple[str, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.words or self.phrases or self.cities or self.topics)


@dataclass(frozen=True, slots=True)
class Query:
    """A parsed query. text: what was typed, made printable. message: what the reader should know
    about how it was read."""

    text: str = ""
    wanted: Side = Side()
    excluded: Side = Side()
    message: Message | None = None

    def __bool__(self) -> bool:
        return bool(self.wanted or self.excluded)


def parse(text: str) -> Query:
    """Any text as a query; never raises, and takes time in proportion to LONGEST_QUERY alone."""
    cut = text[: LONGEST_QUERY + 1]
    printable = clean(cut[:LONGEST_QUERY])
    reading = _Reading()
    for clause in _clauses(printable):
        reading.read(clause)
    message: Message | None = None
    wanted, excluded = reading.wanted.side(), reading.excluded.side()
    if printable and not (wanted or excluded):
        message = (_NO_WORD, {})
    elif reading.full or len(cut) > LONGEST_QUERY:
        message = (_TOO_LONG, {"count": reading.count})
    return Query(printable, wanted, excluded, message)


def looser(text: str) -> dict[str, str]:
    """The query asked less strictly, by what is given up: phrases (their words apart), excluded
    (exclusions left out), prefixes (city: and topic: left out)."""
    clauses = list(_clauses(clean(text[:LONGEST_QUERY])))
    kept = {
        "phrases": [_apart(clause) for clause in clauses],
        "excluded": [clause for clause in clauses if not clause.excluded],
        "prefixes": [clause for clause in clauses if clause.excluded or not clause.prefix],
    }
    said = {kind: " ".join(map(str, ways)) for kind, ways in kept.items() if ways != clauses}
    return {kind: query for kind, query in said.items() if parse(query).wanted}


def clean(text: str) -> str:
    """The text with spaces for what cannot be shown, NUL and lone surrogates included."""
    shown = (" " if unicodedata.category(c) in ("Cc", "Cs", "Cn", "Co") else c for c in text)
    return "".join(shown).strip()


def special_spans(text: str) -> list[tuple[int, int]]:
    """Where phrases, exclusions and words with a prefix stand: all but plain words."""
    found = _CLAUSE.finditer(text)
    return [each.span() for each in found if each["bare"] is None or _marked(each)]


def _marked(found: re.Match[str]) -> bool:
    return bool(found["prefix"] or found["minus"])


@dataclass(frozen=True, slots=True)
class _Clause:
    text: str
    excluded: bool = False
    prefix: str | None = None
    quoted: bool = False

    def __str__(self) -> str:
        said = f'"{self.text}"' if self.quoted else self.text
        return "-" * self.excluded + (f"{self.prefix}:" if self.prefix else "") + said


def _apart(clause: _Clause) -> _Clause:
    return clause if clause.prefix or clause.excluded else replace(clause, quoted=False)


def _clauses(text: str) -> Iterator[_Clause]:
    """Clauses in order; plain words side by side stay together, for “1 000” is one number."""
    start = end = 0
    for found in _CLAUSE.finditer(text):
        plain = found["bare"] is not None and not _marked(found)
        if plain and text[end : found.start()].isspace() and end > start:
            end = found.end()
            continue
        if end > start:
            yield _Clause(text[start:end])
        start, end = found.span() if plain else (found.end(), found.end())
        if not plain:
            yield _special(found)
    if end > start:
        yield _Clause(text[start:end])


def _special(found: re.Match[str]) -> _Clause:
    quoted = next((found[g] for g in ("straight", "angle", "curly") if found[g] is not None), None)
    prefix = _PREFIXES[found["prefix"].lower()] if found["prefix"] else None
    content = quoted if quoted is not None else found["bare"]
    return _Clause(content, bool(found["minus"]), prefix, quoted is not None)


@dataclass(slots=True)
class _Gathering:
    words: list[str] = field(default_factory=list)
    phrases: list[tuple[str, ...]] = field(default_factory=list)
    keys: dict[str, list[str]] = field(default_factory=lambda: {"city": [], "topic": []})

    def side(self) -> Side:
        return Side(
            tuple(dict.fromkeys(self.words)),
            tuple(dict.fromkeys(self.phrases)),
            tuple(dict.fromkeys(self.keys["city"])),
            tuple(dict.fromkeys(self.keys["topic"])),
        )


class _Reading:
    """Sorts clauses into what is wanted and what is excluded, until there are words enough."""

    def __init__(self) -> None:
        self.wanted, self.excluded = _Gathering(), _Gathering()
        self.count = 0
        self.full = False

    def read(self, clause: _Clause) -> None:
        side = self.excluded if clause.excluded else self.wanted
        pieces = tuple(self._pieces(clause.text))
        if clause.prefix:
            key = folding.key(" ".join(pieces))
            side.keys[clause.prefix] += [key] if key else []
        elif len(pieces) > 1 and (clause.quoted or clause.excluded):
            side.phrases.append(pieces)
        else:
            side.words += pieces

    def _pieces(self, text: str) -> Iterator[str]:
        for found in folding.scan(text):
            words = len(folding.piece(found[0]).words)
            if self.count + words > MOST_WORDS:
                self.full = True
                return
            if words:
                self.count += words
                yield found[0]
