"""Figures: numbers, amounts and the currencies that they are in."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, Any, ClassVar

from babel import numbers
from babel.numbers import is_currency

from network.facts import typed_currencies, typed_figures
from network.facts.kinds import Kind, Problem, Shown, problem
from network.facts.lines import as_text, line_of
from network.lib import i18n, yaml_text
from network.lib.i18n import N_, Figure, translate

if TYPE_CHECKING:
    from network.facts.values import Facts

_CENT = Decimal("0.01")
_DECIMAL = re.compile(r"[0-9]{1,18}(\.[0-9]{1,18})?")


def _words(text: str) -> frozenset[str]:
    """Words that may follow a figure, by spaces; a bar stands for a space within one."""
    return frozenset(word.replace("|", " ").casefold() for word in text.split())


PEOPLE = _words(
    "people persons person personnes personne habitants habitantes habitant hab hab. inhabitants"
    " residents résidents citizens citoyens participants participantes visitors visiteurs users"
    " usagers bénéficiaires beneficiaries voters votants électeurs élèves pupils students"
)
POSTS = _words(
    "ETP FTE FTEs full-time|posts posts post postes poste agents agent temps|plein"
    " full-time|equivalents full|time|equivalents équivalents|temps|plein postes|à|temps|plein"
    " équivalent|temps|plein full-time|staff staff people personnes employees"
)


@dataclass(frozen=True)
class Number(Kind):
    """A number of two decimals, from `least`. most: what it stays below when one is added.

    units: words that may follow it, because the field says them already.
    """

    least: int = 0
    most: int = 10**15 - 1
    units: frozenset[str] = frozenset()
    asks: ClassVar[bool] = True
    unreadable: ClassVar[str] = N_("“%(text)s” is not a number. Enter one such as 12 or 1.5.")

    def read(self, raw: Any, lang: str | None) -> Any:
        """A figure in the way of either language, with its words."""
        return typed_figures.figure(line_of(raw), lang, self.units)

    def written(self, value: Any, lang: str | None) -> Any:
        """In full, as its language writes it."""
        return typed_figures.written(value, lang)

    def problems(self, name: str, value: Any) -> Iterable[Problem]:
        """A number that is out of bounds, or finer than cents."""
        if not self._fits(value):
            bounds = {"least": Figure(self.least), "most": Figure(self.most)}
            yield problem(name, N_("Enter a number from %(least)s to %(most)s."), **bounds)
        elif value != round(value, 2):
            yield problem(name, N_("Enter at most two decimals."))

    def _fits(self, value: Any) -> bool:
        return self.least <= value < self.most + 1

    def tidy(self, value: Any) -> Any:
        """Rounded to cents; one that is out of bounds counts as missing."""
        if not value.is_finite() or not self._fits(value):
            return None
        rounded = value.quantize(_CENT).normalize() + 0
        return rounded if self._fits(rounded) else None

    def texts(self, value: Any) -> Iterable[str]:
        """Without an exponent."""
        return (format(value, "f"),)

    def of_texts(self, texts: Sequence[str]) -> Any:
        """Digits with a point."""
        return Decimal(texts[0]) if texts and _DECIMAL.fullmatch(texts[0]) else None

    def to_json(self, value: Any) -> Any:
        """A text, so that no digit is lost."""
        return str(value)

    def of_json(self, stored: Any) -> Any:
        """From that text."""
        return Decimal(stored)

    def shown(self, value: Any, lang: str, facts: Facts) -> Shown:
        """12.5, 12,5."""
        return Shown((i18n.number(value, lang),))

    def cell(self, value: Any, lang: str) -> Any:
        """The number itself."""
        return value

    def _in_file(self, value: Any) -> str:
        return yaml_text.figure(value)


@dataclass(frozen=True)
class Whole(Number):
    """A whole number from `least` to `most`."""

    unreadable: ClassVar[str] = N_("“%(text)s” is not a whole number. Enter one such as 12.")

    def read(self, raw: Any, lang: str | None) -> Any:
        """The same, without a fraction."""
        value = super().read(raw, lang)
        if value != int(value):
            raise ValueError("a whole number was expected")
        return int(value)

    def tidy(self, value: Any) -> Any:
        """One that is out of bounds counts as missing."""
        return value if self._fits(value) else None

    def texts(self, value: Any) -> Iterable[str]:
        """Digits."""
        return (str(value),)

    def of_texts(self, texts: Sequence[str]) -> Any:
        """Digits alone."""
        return int(texts[0]) if texts and re.fullmatch("[0-9]{1,18}", texts[0]) else None

    def to_json(self, value: Any) -> Any:
        """A number."""
        return value

    def of_json(self, stored: Any) -> Any:
        """A number."""
        return stored


@dataclass(frozen=True)
class Amount(Number):
    """An amount of money. currency: the fact that says in which."""

    currency: str = ""
    unreadable: ClassVar[str] = N_(
        "“%(text)s” is not an amount. Enter one such as 500000 or 1.5 million."
    )

    def found(self, name: str, raw: Any, lang: str | None, known: Mapping[str, Any]) -> Any:
        """The amount, and the currency that stands beside it."""
        amount, code = typed_figures.amount(line_of(raw), lang, known.get(self.currency))
        return {name: amount} | ({self.currency: code} if code else {})

    def beside(self, name: str, facts: Facts) -> Iterable[Problem]:
        """An amount of nobody knows what."""
        if facts.get(self.currency) is None:
            yield problem(self.currency, N_("Say in which currency the amount is."))

    def unit(self, facts: Facts) -> str | None:
        """Its currency's code."""
        return facts.get(self.currency)

    def shown(self, value: Any, lang: str, facts: Facts) -> Shown:
        """With its currency."""
        return Shown((money(value, self.unit(facts), lang),))

    def filed(self, name: str, written: Mapping[str, Any]) -> str:
        """{amount, currency}."""
        amount, currency = written.get(name), written.get(self.currency)
        pairs = {"amount": yaml_text.figure(amount)} if amount else {}
        pairs |= {"currency": yaml_text.scalar(currency)} if currency else {}
        return f" {yaml_text.paired(pairs)}" if pairs else ""

    def from_file(self, name: str, value: Any) -> dict[str, Any]:
        """{amount, currency}, or “500000 EUR”, or a currency alone."""
        if isinstance(value, Mapping):
            pairs = {name: value.get("amount"), self.currency: value.get("currency")}
        elif typed_currencies.codes(as_text(value).strip()):
            pairs = {self.currency: value}
        else:
            pairs = {name: value}
        return {each: given for each, given in pairs.items() if given}


@dataclass(frozen=True)
class Currency(Kind):
    """ISO 4217, of an amount, which brings it into files."""

    def read(self, raw: Any, lang: str | None) -> Any:
        """A code as it is or in small letters; else what a sign or a name alone stands for."""
        text = line_of(raw)
        codes = typed_currencies.codes(text)
        return codes[0] if len(codes) == 1 else text.upper()

    def problems(self, name: str, value: Any) -> Iterable[Problem]:
        """A code that no currency has."""
        if not re.fullmatch("[A-Z]{3}", value) or not is_currency(value):
            message = N_("“%(code)s” is not a currency. Enter its code, such as EUR.")
            yield problem(name, message, code=value)

    def tidy(self, value: Any) -> Any:
        """Three letters, also of a currency that is newer than this software."""
        return value if re.fullmatch("[A-Z]{3}", value) else None

    def filed(self, name: str, written: Mapping[str, Any]) -> str:
        """Nothing: it stands beside its amount."""
        return ""


def money(value: Decimal | int, currency: str | None, lang: str) -> str:
    """An amount in its currency, without cents when it has none: 2 000 000 €, US$500,000, or
    ¥500,000 (JPY) where the sign may be another currency's too."""
    if currency is None:
        shown = i18n.number(value, lang)
        return translate(lang, N_("%(amount)s (currency not stated)"), {"amount": shown})
    locale = i18n.locale(lang)
    symbol = numbers.get_currency_symbol(currency, locale)
    pattern = locale.currency_formats["standard"].pattern
    if value == int(value):
        pattern = pattern.replace(".00", "")
    if _runs_into_digits(symbol):
        pattern = pattern.replace("¤#", "¤\u00a0#")
    shown = numbers.format_currency(value, currency, pattern, locale=locale, currency_digits=False)
    alone = symbol == currency or typed_currencies.codes(symbol) == (currency,)
    return shown if alone else f"{shown} ({currency})"


def _runs_into_digits(symbol: str) -> bool:
    """Whether a space belongs between it and the number after it (CLDR, currencySpacing), which
    Babel leaves out: after anything that ends neither in a symbol nor in a space."""
    return unicodedata.category(symbol[-1])[0] not in "SZ"
