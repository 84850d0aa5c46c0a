"""Kinds of value, each with its whole life: typed, checked, sent, shown, found.

A kind knows nothing of a form, a page or a feed: those loop over the declarations and ask it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar, Literal, NamedTuple

from network.facts import typed_dates
from network.facts.lines import line_of
from network.facts.typed_figures import Unclear
from network.lib import i18n, yaml_text
from network.lib.i18n import LANGUAGES, N_, translate

if TYPE_CHECKING:
    from network.facts.values import Facts

MOST_ITEMS = 100
"""Items of a list that an entry carries."""

Control = Literal["line", "lines", "choice", "boxes", "links", "marks"]
"""What a form has for a value: an input, a line for each item, one of several, any of several, rows
of titles and addresses, or nothing but the boxes beside other facts."""


class Problem(NamedTuple):
    """What is wrong with one field: a msgid and its arguments (lib.errors)."""

    field: str
    message: str
    arguments: Mapping[str, Any]


def problem(field: str, message: str, **arguments: Any) -> Problem:
    """A problem, with its arguments by name."""
    return Problem(field, message, arguments)


class Shown(NamedTuple):
    """What readers see of a value, on every surface.

    lines: one, or an item each. links: (text, address). tag: what styles a single line, such as
    “running” of a status. lang: whose language the words are in: the page's, the text's or the
    study's original's.
    """

    lines: tuple[str, ...] = ()
    links: tuple[tuple[str, str], ...] = ()
    tag: str = ""
    lang: Literal["page", "text", "original"] = "page"


@dataclass(frozen=True)
class Kind:
    """A value of one line; what others do in another way they override.

    several: a list, for which nothing is (). asks: the editor asks about doubts as soon as it
    opens, and says how it understood what was typed. is_link: it travels as links of a relation.
    """

    several: ClassVar[bool] = False
    control: ClassVar[Control] = "line"
    asks: ClassVar[bool] = False
    is_link: ClassVar[bool] = False
    holds_words: ClassVar[bool] = False
    """Beside which a file may not leave out a remark (case_studies.front_matter)."""
    unreadable: ClassVar[str] = N_("“%(text)s” cannot be read.")

    # As people type it: a form and a file give the same texts.

    def found(self, name: str, raw: Any, lang: str | None, known: Mapping[str, Any]) -> Any:
        """Facts by name from what was typed for this one. lang: see `typed.read`. known: facts that
        were read before. Raises ValueError, or Unclear to ask what was meant."""
        return {name: self.read(raw, lang)}

    def read(self, raw: Any, lang: str | None) -> Any:
        """The value that was typed; "" for none."""
        return line_of(raw)

    def written(self, value: Any, lang: str | None) -> Any:
        """The inverse of read, in full: a text or a list. lang: None for files."""
        return str(value)

    def sent(self, field: Any) -> Any:
        """What stands in a form's field, as read takes it."""
        return field

    def options(self, lang: str) -> list[tuple[str, str]]:
        """(value, label) of what may be chosen in a form."""
        return []

    def filed(self, name: str, written: Mapping[str, Any]) -> str:
        """What stands after the colon in a file, of what `written` gave or what was typed."""
        value = written.get(name)
        return f" {self._in_file(value)}" if value else ""

    def _in_file(self, value: Any) -> str:
        return yaml_text.quoted(value)

    def from_file(self, name: str, value: Any) -> dict[str, Any]:
        """What a file says under the fact's key, by names of facts."""
        return {name: value}

    # What may be published, and what is believed of others.

    def problems(self, name: str, value: Any) -> Iterable[Problem]:
        """What stops the value from being published."""
        return ()

    def beside(self, name: str, facts: Facts) -> Iterable[Problem]:
        """The same of what must agree with another fact; the value is there, perhaps unsound."""
        return ()

    def doubt(self, name: str, text: str, unreadable: str, known: Mapping[str, Any]) -> Problem:
        """Why a text could not be read: its two meanings, or what is expected (unreadable)."""
        try:
            self.found(name, text, None, known)
        except Unclear as unclear:
            return Problem(name, unclear.message, unclear.arguments)
        except ValueError:
            pass
        return problem(name, unreadable or self.unreadable, text=text)

    def tidy(self, value: Any) -> Any:
        """The value as it travels, None or () where it may not. Tidying is idempotent."""
        return value

    # On its way.

    def texts(self, value: Any) -> Iterable[str]:
        """The texts of its elements in an entry."""
        return (str(value),)

    def of_texts(self, texts: Sequence[str]) -> Any:
        """The inverse, of elements that anybody may have written; not tidied yet."""
        return texts[0] if texts else None

    def to_json(self, value: Any) -> Any:
        """The value in JSON."""
        return value

    def of_json(self, stored: Any) -> Any:
        """The inverse of to_json."""
        return stored

    # What readers see and find.

    def shown(self, value: Any, lang: str, facts: Facts) -> Shown:
        """The value on every surface. facts: of the same study."""
        return Shown((str(value),))

    def cell(self, value: Any, lang: str) -> Any:
        """The value in a spreadsheet: a number that can be calculated with, or a text."""
        return str(value)

    def unit(self, facts: Facts) -> str | None:
        """What is said after a figure that was typed with words, such as its currency."""
        return None

    def own_words(self, value: Any) -> tuple[str, ...]:
        """What of it somebody wrote as words."""
        return ()

    def words(self, value: Any, facts: Facts) -> Iterable[str]:
        """The words by which search finds it."""
        return self.own_words(value) or dict.fromkeys(
            line for lang in LANGUAGES for line in self.shown(value, lang, facts).lines
        )

    def targets(self, value: Any) -> tuple[str, ...]:
        """Where it leads to."""
        return ()


@dataclass(frozen=True)
class Choice(Kind):
    """One of several words. choices: word → what it is called (msgid)."""

    choices: Mapping[str, str]
    control: ClassVar[Control] = "choice"

    def options(self, lang: str) -> list[tuple[str, str]]:
        """The words, with nothing first."""
        return [("", "–"), *((word, self.name(word, lang)) for word in self.choices)]

    def name(self, word: str, lang: str) -> str:
        """What a word is called; one that is none of them as it is."""
        return translate(lang, self.choices[word]) if word in self.choices else word

    def problems(self, name: str, value: Any) -> Iterable[Problem]:
        """A word of another vocabulary."""
        if value not in self.choices:
            message = N_("“%(value)s” is none of the choices: %(choices)s.")
            yield problem(name, message, value=value, choices=", ".join(self.choices))

    def tidy(self, value: Any) -> Any:
        """A word of a newer vocabulary counts as missing."""
        return value if value in self.choices else None

    def shown(self, value: Any, lang: str, facts: Facts) -> Shown:
        """Its name."""
        return Shown((self.name(value, lang),), tag=value)

    def cell(self, value: Any, lang: str) -> Any:
        """Its name."""
        return self.name(value, lang)

    def _in_file(self, value: Any) -> str:
        return yaml_text.scalar(value)


@dataclass(frozen=True)
class PartialDate(Kind):
    """2014, 2014-09 or 2014-09-23 (ISO 8601). after: the fact that may not be later."""

    after: str = ""
    asks: ClassVar[bool] = True
    unreadable: ClassVar[str] = N_(
        "“%(text)s” is not a date such as 2014, September 2014 or 23 September 2014."
    )

    def read(self, raw: Any, lang: str | None) -> Any:
        """A date with names or figures, in either language."""
        return typed_dates.read(line_of(raw), lang)

    def written(self, value: Any, lang: str | None) -> Any:
        """In full in a form, as it is in a file."""
        return typed_dates.written(value, lang) if lang else str(value)

    def problems(self, name: str, value: Any) -> Iterable[Problem]:
        """A text that is no date."""
        if not typed_dates.is_partial_date(value):
            yield self.doubt(name, value, "", {})

    def beside(self, name: str, facts: Facts) -> Iterable[Problem]:
        """An end before its beginning, as far as both are known."""
        first, last = self.after and facts.get(self.after), facts.get(name)
        if first and all(map(typed_dates.is_partial_date, (first, last))):
            shared = min(len(first), len(last))
            if last[:shared] < first[:shared]:
                yield problem(name, N_("The end is before the start."))

    def tidy(self, value: Any) -> Any:
        """A date that exists."""
        return value if typed_dates.is_partial_date(value) else None

    def shown(self, value: Any, lang: str, facts: Facts) -> Shown:
        """2014, September 2014, 23 septembre 2014."""
        return Shown((i18n.partial_date(value, lang),))
