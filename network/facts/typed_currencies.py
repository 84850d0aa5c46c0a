"""Currencies as people name them, by code, sign or word, in either language of the pages.

Names and signs are CLDR's, by way of Babel; what several currencies share is listed here, so that
“dollars” are asked about and never taken for one country's.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from types import MappingProxyType

from babel.numbers import get_currency_name, get_currency_symbol, is_currency

from network.lib.i18n import LANGUAGES, locale

_DOLLARS = "USD CAD AUD NZD SGD HKD TWD"
_SHARED = MappingProxyType(
    {
        "$": f"{_DOLLARS} MXN ARS CLP COP UYU",
        "dollar dollars": _DOLLARS,
        "peso pesos": "MXN ARS CLP COP PHP UYU DOP",
        "¥": "JPY CNY",
        "kr kr. krona kronor krone kroner króna krónur": "SEK NOK DKK ISK",
        "couronne couronnes crown crowns koruna": "SEK NOK DKK ISK CZK",
        "fr fr. franc francs": "CHF XOF XAF XPF RWF GNF",
        "cfa fcfa francs-cfa franc-cfa": "XOF XAF",
        "rs rs. ₨ rupee rupees roupie roupies": "INR PKR LKR NPR MUR",
        "dirham dirhams dh dhs": "MAD AED",
        "dinar dinars": "TND DZD JOD KWD RSD IQD",
        "shilling shillings": "KES TZS UGX",
        "£ pound pounds livre livres": "GBP",
        "yen yens": "JPY",
        "yuan yuans rmb": "CNY",
        "real reais réal réaux": "BRL",
        "zł zloty zlotys": "PLN",
        "kč": "CZK",
        "ft": "HUF",
        "lei": "RON",
        "won wons": "KRW",
        "rand rands": "ZAR",
        "ksh": "KES",
        "₽ руб руб. rub.": "RUB",
        "₺ tl": "TRY",
        "₦": "NGN",
        "₴": "UAH",
        "₱": "PHP",
        "₲": "PYG",
        "₵ gh₵": "GHS",
        "₸": "KZT",
        "₾": "GEL",
        "₼": "AZN",
        "₡": "CRC",
        "฿": "THB",
        "円": "JPY",
        "元": "CNY",
        "원": "KRW",
        "ca$": "CAD",
        "au$": "AUD",
        "a$": "AUD",
        "c$": "CAD",
        "s$": "SGD",
    }
)
"""What people write → the codes that it may stand for, the likeliest first."""


_NO_MONEY = frozenset("XXX XTS XBA XBB XBC XBD XSU XUA XAU XAG XPT XPD".split())
"""Codes of ISO 4217 for no currency, tests, units of account and metals."""


def codes(name: str) -> tuple[str, ...]:
    """The ISO 4217 codes that a name may stand for, the likeliest first; none for no currency."""
    if len(name) == 3 and name.isascii() and is_currency(name.upper()):
        return () if name.upper() in _NO_MONEY else (name.upper(),)
    return _names().get(_folded(name), ())


@cache
def _names() -> dict[str, tuple[str, ...]]:
    found: dict[str, tuple[str, ...]] = {}
    for name, code in _of_cldr():
        known = found.setdefault(_folded(name), ())
        found[_folded(name)] = known if code in known else (*known, code)
    for names, given in _SHARED.items():
        found |= {_folded(name): tuple(given.split()) for name in names.split()}
    return found


def _of_cldr() -> Iterator[tuple[str, str]]:
    for lang in LANGUAGES:
        known = locale(lang)
        for code in map(str, known.currencies):
            yield get_currency_symbol(code, known), code
            yield from ((get_currency_name(code, count, known), code) for count in (None, 1, 2))


def _folded(name: str) -> str:
    """Spaces and hyphens mean the same: francs CFA, F CFA, FCFA."""
    return name.casefold().translate(_WITHOUT)


_WITHOUT = {ord(sign): None for sign in " \u00a0\u2009\u202f-"}
