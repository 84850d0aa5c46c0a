"""YAML front matter: read as plain texts, so that no value is guessed into another; written safely.

YAML would make a date of 2014-09-23, a number of 1_000 and a truth of “no”. Here every scalar stays
the text that was written. Aliases are refused and depth is bounded, because a file is an input.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import yaml

from network.lib.errors import InvalidInput
from network.lib.i18n import N_

LONGEST = 200_000
DEEPEST = 20

_LOADER: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_NULLS = frozenset({"", "~", "null", "Null", "NULL"})
_WORDS_OF_YAML = frozenset({"null", "true", "false", "yes", "no", "on", "off", "y", "n"})
_PLAIN = re.compile(r"[A-Za-z][A-Za-z0-9_.@+-]*")
_NEEDS_ESCAPE = re.compile("[\x7f-\x9f\u2028\u2029\ufeff\ufffe\uffff]")


def split(text: str) -> tuple[str, str] | None:
    """(front matter, Markdown) of a text with line feeds, or None when it has no front matter."""
    first, _, rest = text.partition("\n")
    if first.rstrip() != "---":
        return None
    found = re.search(r"^(?:---|\.\.\.)[ \t]*(?:\n|\Z)", rest, re.MULTILINE)
    if found is None:
        raise InvalidInput(N_("The front matter has no end: close it with a line “---”."))
    return rest[: found.start()], rest[found.end() :]


def load(text: str) -> dict[str, Any]:
    """The front matter as texts, lists and mappings; a value left empty is None.

    Raises InvalidInput, with the line when there is one.
    """
    if len(text) > LONGEST:
        raise InvalidInput(N_("The front matter is longer than %(most)s characters."), most=LONGEST)
    try:
        value = _Builder(yaml.parse(text, Loader=_LOADER)).document()
    except yaml.YAMLError as error:
        line = getattr(getattr(error, "problem_mark", None), "line", -2) + 2
        raise InvalidInput(
            N_(
                "The front matter is not valid YAML at line %(line)s: put a text that holds a colon"
                " or a quotation mark between double quotes."
            ),
            line=line or "?",
        ) from error
    if not isinstance(value, dict):
        raise InvalidInput(N_("The front matter must be lines such as “title: …”."))
    return value


@dataclass(slots=True)
class _Builder:
    """Values from YAML's events, without recursion beyond DEEPEST and without aliases."""

    events: Iterator[yaml.Event]
    depth: int = field(default=0)

    def document(self) -> Any:
        """The first document's value; none at all is an empty mapping."""
        for event in self.events:
            if isinstance(event, yaml.NodeEvent):
                return self.value(event)
        return {}

    def value(self, event: yaml.Event) -> Any:
        """The value that begins with this event."""
        if isinstance(event, yaml.ScalarEvent):
            return None if event.implicit[0] and event.value in _NULLS else event.value
        self.depth += 1
        if self.depth > DEEPEST or isinstance(event, yaml.AliasEvent):
            raise InvalidInput(N_("The front matter is nested too deeply or uses aliases (*)."))
        made = self.items() if isinstance(event, yaml.SequenceStartEvent) else self.mapping()
        self.depth -= 1
        return made

    def items(self) -> list[Any]:
        """A list."""
        made = []
        while not isinstance(event := next(self.events), yaml.SequenceEndEvent):
            made.append(self.value(event))
        return made

    def mapping(self) -> dict[str, Any]:
        """A mapping; a key that is there twice would lose a value, so it is refused."""
        made: dict[str, Any] = {}
        while not isinstance(event := next(self.events), yaml.MappingEndEvent):
            key = str(self.value(event))
            if key in made:
                raise InvalidInput(N_("“%(key)s” is there twice in the front matter."), key=key)
            made[key] = self.value(next(self.events))
        return made


def scalar(value: str) -> str:
    """A word as it is when YAML takes it for a text, else quoted."""
    if _PLAIN.fullmatch(value) and value.lower() not in _WORDS_OF_YAML:
        return value
    return quoted(value)


def quoted(value: str) -> str:
    """A text between double quotes, on one line, accents as they are."""
    text = json.dumps(value, ensure_ascii=False)
    return _NEEDS_ESCAPE.sub(lambda found: f"\\u{ord(found[0]):04x}", text)


def listed(items: list[str]) -> str:
    """A list on one line, of items that are written already."""
    return f"[{', '.join(items)}]"


def paired(pairs: dict[str, str]) -> str:
    """A mapping on one line, of values that are written already."""
    return "{" + ", ".join(f"{key}: {value}" for key, value in pairs.items()) + "}"
