"""YAML front matter, read as plain texts, so that no value is guessed into another.

YAML would make a date of 2014-09-23, a number of 1_000 and a truth of “no”. Here every scalar stays
the text that was written, and the line of a title is the title, whatever signs are in it. What YAML
would leave out without a word is refused. Depth is bounded, because a file is an input.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

import yaml

from network.lib import yaml_text
from network.lib.errors import InvalidInput
from network.lib.i18n import N_

LEFT_OUT = N_(
    "Line %(line)s: what follows “#” would be left out. Put the whole value between double quotes."
)
LONGEST = 200_000
DEEPEST = 20

_LOADER: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_NULLS = frozenset({"", "~", "null", "Null", "NULL"})
_TAGS = frozenset(
    f"tag:yaml.org,2002:{name}"
    for name in ("str", "int", "float", "bool", "null", "seq", "map", "timestamp")
)
"""Tags that say of a value what it is anyway (YAML 1.1’s types that front matter has)."""
_TEXT_LINE = re.compile(r"([A-Za-z_-]+)[ \t]*:[ \t]+(\S.*?)[ \t]*")
_WHOLE = re.compile(
    r"""[|>][-+0-9]*(?:[ \t]+\#.*)?            # a block of lines follows
    |"(?:[^"\\]|\\.)*"(?:[ \t]+\#.*)?        # quoted, perhaps with a remark
    |'(?:[^']|'')*'(?:[ \t]+\#.*)?""",
    re.VERBOSE,
)
_SPACES = "\u00a0\u2007\u202f"
_BEFORE_COLON = re.compile(rf"^( *(?:- +)?[A-Za-z_-]+)[{_SPACES}]+:(?=[ \t{_SPACES}]|$)")
_AFTER_MARK = re.compile(rf"^( *(?:- +)?(?:-|[A-Za-z_-]+:))[{_SPACES}]+")
FIRST_LINE = 2
"""Line of the file on which the front matter begins; marks count from 0."""


def split(text: str) -> tuple[str, str] | None:
    """(front matter, Markdown) of a text with line feeds, or None when it has no front matter."""
    first, _, rest = text.partition("\n")
    if first.rstrip() != "---":
        return None
    found = re.search(r"^(?:---|\.\.\.)[ \t]*(?:\n|\Z)", rest, re.MULTILINE)
    if found is None:
        raise InvalidInput(N_("The front matter has no end: close it with a line “---”."))
    return rest[: found.start()], rest[found.end() :]


def load(
    text: str, texts: Collection[str] = frozenset(), named: Collection[str] = frozenset()
) -> dict[str, Any]:
    """The front matter as texts, lists and mappings; a value left empty is None.

    texts: keys whose line is their text. named: keys that hold words, beside which nothing may be
    left out as a remark. Raises InvalidInput, with the file's line when there is one.
    """
    if len(text) > LONGEST:
        raise InvalidInput(N_("The front matter is longer than %(most)s characters."), most=LONGEST)
    lines = _as_meant([_ordinary(line) for line in text.split("\n")], texts)
    try:
        events = yaml.parse("\n".join(lines), Loader=_LOADER)
        value = _Builder(events, lines, frozenset((*texts, *named))).document()
    except yaml.YAMLError as error:
        line = _line_of(error)
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


def _ordinary(line: str) -> str:
    """The line with ordinary spaces where YAML needs them: before it, after a key or a hyphen; with
    none between a key and its colon, where French has one."""
    indent = len(line) - len(line.lstrip(f" {_SPACES}"))
    line = _BEFORE_COLON.sub(r"\1:", " " * indent + line[indent:])
    return _AFTER_MARK.sub(r"\1 ", line)


def _as_meant(lines: Sequence[str], texts: Collection[str]) -> list[str]:
    """The lines, with what stands after the key of a text between quotation marks.

    A value that YAML takes as a whole stays (quoted, a block), and so does one that goes on in the
    next lines, and the words for nothing.
    """
    meant = list(lines)
    for number, line in enumerate(lines):
        found = _TEXT_LINE.fullmatch(line)
        if found is None or found[1].lower() not in texts or found[2] in _NULLS:
            continue
        goes_on = next((later for later in lines[number + 1 :] if later.strip()), "")[:1] == " "
        if goes_on and found[2].startswith("#"):
            raise InvalidInput(LEFT_OUT, line=number + FIRST_LINE)
        if not _WHOLE.fullmatch(found[2]) and not goes_on:
            meant[number] = f"{found[1]}: {yaml_text.quoted(found[2])}"
    return meant


def _line_of(error: yaml.YAMLError) -> int:
    """The file's line where the fault is, 0 if unknown: of a quotation without end, its begin."""
    unended = "quoted" in (getattr(error, "context", None) or "")
    mark = getattr(error, "context_mark" if unended else "problem_mark", None)
    return getattr(mark, "line", -FIRST_LINE) + FIRST_LINE


@dataclass(slots=True)
class _Builder:
    """Values from YAML's events, without recursion beyond DEEPEST and without aliases.

    words: top-level keys under which a remark would leave out words. key: the one being read.
    """

    events: Iterator[yaml.Event]
    lines: Sequence[str]
    words: Collection[str]
    depth: int = field(default=0)
    key: str = field(default="")

    def document(self) -> Any:
        """The first document's value; none at all is an empty mapping."""
        for event in self.events:
            if isinstance(event, yaml.NodeEvent):
                return self.value(event)
        return {}

    def value(self, event: yaml.Event) -> Any:
        """The value that begins with this event."""
        if isinstance(event, yaml.NodeEvent):
            self._refuse_signs(event)
        if isinstance(event, yaml.ScalarEvent):
            self._refuse_loss(event)
            return None if event.implicit[0] and event.value in _NULLS else event.value
        self.depth += 1
        if self.depth > DEEPEST:
            raise InvalidInput(N_("The front matter is nested too deeply."))
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
            key = key.lower() if self.depth == 1 else key
            if key in made:
                raise InvalidInput(N_("“%(key)s” is there twice in the front matter."), key=key)
            self.key = key if self.depth == 1 else self.key
            made[key] = self.value(next(self.events))
        return made

    def _refuse_signs(self, event: yaml.NodeEvent) -> None:
        """A value that begins with !, & or * has lost its first word to YAML by now."""
        tag = getattr(event, "tag", None) or ""
        known = not tag or tag in _TAGS
        if event.anchor or isinstance(event, yaml.AliasEvent) or not known:
            raise InvalidInput(
                N_(
                    "Line %(line)s: a value that begins with !, & or * means a tag, an anchor or an"
                    " alias in YAML. Put it between double quotes."
                ),
                line=_mark(event.start_mark).line + FIRST_LINE,
            )

    def _refuse_loss(self, event: yaml.ScalarEvent) -> None:
        """What YAML would take for a remark among words, and a text that swallows other lines."""
        start, end = _mark(event.start_mark), _mark(event.end_mark)
        swallowed = [] if event.style in ("|", ">") else self.lines[start.line + 1 : end.line + 1]
        if any(line[:1] not in ("", " ", "\t") for line in swallowed) and end.column:
            raise InvalidInput(
                N_("Line %(line)s: the quotation mark that begins the value has no end there."),
                line=start.line + FIRST_LINE,
            )
        rest = self.lines[end.line][end.column :] if end.line < len(self.lines) else ""
        if self.key in self.words and re.match(r"[ \t]+#", rest):
            raise InvalidInput(LEFT_OUT, line=end.line + FIRST_LINE)


def _mark(given: Any) -> yaml.Mark:
    """Where an event begins or ends; those that are parsed always say it."""
    assert given is not None
    mark: yaml.Mark = given
    return mark
