"""Figures as people type them: read in the language of the form, and asked about when in doubt.

“12.500” is twelve thousand five hundred to one person and twelve and a half to another. Whatever
can be read in two ways is Unclear, with both; nothing is guessed.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator
from decimal import Decimal
from types import MappingProxyType
from typing import Any, NamedTuple

from babel import lists
from babel.numbers import format_compact_decimal

from network.facts import typed_currencies as currencies
from network.lib import i18n
from network.lib.i18n import N_, Worded

LONGEST = 200
"""Characters of a figure with its words; longer texts are none."""
SPACES = "[ \t\u00a0\u1680\u2000-\u200a\u202f\u205f\u3000]+"
_CENTS = "(?P<cents>[0-9]{1,30})"
_GROUPED = tuple(
    re.compile(form)
    for form in (
        rf"(?P<whole>[1-9][0-9]{{0,2}}(?:(?P<by>[ _'])[0-9]{{3}})(?:(?P=by)[0-9]{{3}}){{0,8}})"
        rf"(?:[.,]{_CENTS})?",
        rf"(?P<whole>[1-9][0-9]{{0,2}}(?:,[0-9]{{3}}){{1,9}})(?:\.{_CENTS})?",
        rf"(?P<whole>[1-9][0-9]{{0,2}}(?:\.[0-9]{{3}}){{1,9}})(?:,{_CENTS})?",
        rf"(?P<whole>[1-9][0-9]?(?:,[0-9]{{2}}){{1,8}},[0-9]{{3}})(?:\.{_CENTS})?",
    )
)
"""Thousands set apart, by the signs of any country; the last as in India."""
_DECIMAL = re.compile(rf"(?P<whole>0|[1-9][0-9]{{0,29}})[.,]{_CENTS}")
_PLAIN = re.compile("[0-9]{1,30}")
_DIGITS = re.compile(r"[0-9](?:[0-9 '_.,]*[0-9])?")
_SIGNS = "+-\u2212"
_ABOUT = re.compile(
    r"(?:env\b\.?|environ|about|around|approx\b\.?|approximately|approximativement|roughly"
    r"|circa|ca\b\.?(?!\$)|c\.|près de|nearly|almost|presque|quelque|~|≈) ?",
    re.IGNORECASE,
)
_ABOUT_AFTER = re.compile(
    r" ?(?:env\.?|environ|approx\.?|approximately|approximativement)$", re.IGNORECASE
)
_RATE = re.compile(
    r"/|\b(?:per|par|p\. ?a\.?|annuels?|annuelles?|annual|annually|yearly|mensuels?|monthly"
    r"|an?\b (?:year|month|week|day)|each)\b",
    re.IGNORECASE,
)
_OF = re.compile("(?:d'|de |of )", re.IGNORECASE)
_PRICE_DASH = re.compile("[.,][-–—]{1,2}")
_LETTERS = MappingProxyType({"k": 3, "K": 3, "M": 6, "b": 9, "B": 9})
_SCALES = MappingProxyType(
    {
        "thousand thousands mille millier milliers": 3,
        "lakh lakhs": 5,
        "million millions mio mn mln": 6,
        "crore crores": 7,
        "milliard milliards md mds mrd mrds bn": 9,
    }
)
_POWERS = {name: power for names, power in _SCALES.items() for name in names.split()}
_DOUBTFUL = MappingProxyType(
    {"m": (6, 3), "billion": (9, 12), "billions": (9, 12), "trillion": (12, 18),
     "trillions": (12, 18)}
)  # fmt: skip
"""Words that mean the first power of ten in English, and in French perhaps the other."""
UNCLEAR = N_("“%(text)s” may mean %(readings)s. Enter the one that you mean.")
RATE = N_("“%(text)s” is a figure for a time or for each. Enter the figure in all.")
OTHER_CURRENCY = N_("“%(text)s” says %(named)s, but the currency is %(code)s: correct one of them.")
WHICH_CURRENCY = N_("“%(text)s” may mean several currencies (%(codes)s). Enter the code as well.")


class Unclear(ValueError):
    """What was typed can be read in several ways, or says something else than the field takes.

    message, arguments: what to ask (lib.errors).
    """

    def __init__(self, message: str, **arguments: Any) -> None:
        super().__init__(message)
        self.message = message
        self.arguments = arguments


class _Parts(NamedTuple):
    """number: the digits with their separators. powers: of ten, that a word after them says.
    before, after: the words around, without that one."""

    sign: str
    number: str
    powers: tuple[int, ...]
    before: str
    after: str


def figure(text: str, lang: str | None, units: Collection[str]) -> Decimal:
    """A figure. lang: of the form, None to ask whatever any would ask. units: words that may follow
    it, in small letters, because they say what the field says already.

    Raises Unclear, or ValueError when it is no figure.
    """
    for parts in _parted(text, lang):
        if not parts.before and parts.after.casefold() in ("", *units):
            return _one(text, _values(parts, lang))
    raise ValueError("a figure was expected")


def amount(text: str, lang: str | None, currency: str | None) -> tuple[Decimal, str | None]:
    """An amount and its currency's code. currency: what the field beside it says, if anything.

    Raises Unclear, or ValueError when it is no amount.
    """
    for parts in _parted(text, lang):
        named = [currencies.codes(words) for words in (parts.before, parts.after) if words]
        if all(named):
            code = _code(text, named, currency)
            return _one(text, _values(parts, lang)), code
    raise ValueError("an amount was expected")


def written(value: Decimal | int, lang: str | None = None) -> str:
    """A number in full, as its language writes it, or for files; `figure` reads it the same.

    Three decimals that would look like thousands get a fourth: 1.2340, but 0.125.
    """
    sign, whole, cents = _digits(value)
    if len(cents) == 3 and len(whole) <= 3 and whole != "0":
        cents += "0"
    if lang is None:
        return f"{sign}{whole}.{cents}" if cents else sign + whole
    mark = "," if lang == "fr" else "."
    shown = i18n.number(int(whole), lang)
    return f"{sign}{shown}{mark}{cents}" if cents else sign + shown


def spaced(text: str) -> str:
    """One ordinary space wherever there are spaces of any kind, and one kind of apostrophe."""
    return re.sub(SPACES, " ", text).strip().replace("’", "'")


def reading(value: Decimal) -> Worded:
    """A number in full and, from a thousand, in words: 12,500 (12.5 thousand)."""

    def say(lang: str) -> str:
        shown = written(value, lang)
        if abs(value) < 1000:
            return shown
        words = format_compact_decimal(
            value, format_type="long", locale=i18n.locale(lang), fraction_digits=3
        )
        return f"{shown} ({words})"

    return Worded(say)


def either(readings: Iterable[Worded]) -> Worded:
    """The readings as “one or another”."""
    each = tuple(readings)
    return Worded(
        lambda lang: lists.format_list(
            [one.write(lang) for one in each], style="or", locale=i18n.locale(lang)
        )
    )


def _digits(value: Decimal | int) -> tuple[str, str, str]:
    text = format(Decimal(value), "f")
    sign = "-" if text.startswith("-") else ""
    whole, _, cents = text.removeprefix("-").partition(".")
    return sign, whole, cents.rstrip("0")


def _parted(text: str, lang: str | None) -> Iterator[_Parts]:
    """The ways to part a text; without a number there is none. Raises Unclear for a rate."""
    if len(text) > LONGEST:
        return
    plain = spaced(text)
    plain = _ABOUT_AFTER.sub("", plain[_about(plain) :])
    found = _DIGITS.search(plain)
    if found is None:
        return
    before, after = plain[: found.start()].strip(), plain[found.end() :].strip()
    dash = _PRICE_DASH.match(after)
    after = after[dash.end() :].strip() if dash else after
    if _RATE.search(after):
        raise Unclear(RATE, text=text)
    sign, before = _signed(before)
    for powers, words in _scaled(after, lang, bool(before)):
        yield _Parts(sign, found[0], powers, before, words)


def _about(plain: str) -> int:
    found = _ABOUT.match(plain)
    return found.end() if found else 0


def _signed(before: str) -> tuple[str, str]:
    """The sign of a number and the words before it, whichever of them comes first."""
    for sign in _SIGNS:
        if before.startswith(sign) or before.endswith(sign):
            rest = before.removeprefix(sign) if before.startswith(sign) else before[:-1]
            return "" if sign == "+" else "-", rest.strip()
    return "", before


def _scaled(words: str, lang: str | None, prefixed: bool) -> Iterator[tuple[tuple[int, ...], str]]:
    """(powers of ten, the other words) for each way in which the words may begin with a scale.

    prefixed: a currency stands before the number, as in English.
    """
    yield (0,), words
    for length in range(len(words), 0, -1):
        if powers := _powers(words[:length], "en" if prefixed else lang):
            rest = words[length:].strip()
            yield powers, _OF.sub("", rest, count=1) if _OF.match(rest) else rest


def _powers(word: str, lang: str | None) -> tuple[int, ...]:
    if power := _LETTERS.get(word) or _POWERS.get(word.casefold().removesuffix(".")):
        return (power,)
    doubtful = _DOUBTFUL.get(word if len(word) == 1 else word.casefold(), ())
    return doubtful[:1] if lang == "en" else doubtful


def _values(parts: _Parts, lang: str | None) -> list[Decimal]:
    """Every value that the number may have, the smallest first; none when it is no number."""
    numbers = _numbers(parts.number, lang)
    return sorted({
        Decimal(f"{parts.sign}{number}").scaleb(power) + 0
        for number in numbers
        for power in parts.powers
    })  # fmt: skip


def _numbers(digits: str, lang: str | None) -> list[str]:
    if _PLAIN.fullmatch(digits):
        return [digits]
    grouped = [found for form in _GROUPED if (found := form.fullmatch(digits))]
    if lang == "en" and grouped and "," in grouped[0]["whole"]:
        return [_joined(grouped[0])]
    decimal = _DECIMAL.fullmatch(digits)
    return [_joined(found) for found in (*grouped, decimal) if found]


def _joined(found: re.Match[str]) -> str:
    whole = re.sub("[^0-9]", "", found["whole"])
    return f"{whole}.{found['cents']}" if found["cents"] else whole


def _one(text: str, values: list[Decimal]) -> Decimal:
    if not values:
        raise ValueError("a number was expected")
    if len(values) > 1:
        raise Unclear(UNCLEAR, text=text, readings=either(map(reading, values)))
    return values[0]


def _code(text: str, named: list[tuple[str, ...]], currency: str | None) -> str | None:
    """The one currency that the words and the field may both mean."""
    if not named:
        return currency
    shared = [code for code in named[0] if all(code in others for others in named)]
    if currency:
        if currency not in shared:
            raise Unclear(OTHER_CURRENCY, text=text, named=named[0][0], code=currency)
        return currency
    if len(shared) != 1:
        raise Unclear(WHICH_CURRENCY, text=text, codes=", ".join(shared[:4] or sum(named, ())))
    return shared[0]
