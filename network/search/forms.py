"""Forms of words that the stemmers do not know to be one word, and others that they take for one.

Everything here is folded: small letters without accents. The rules of each language are in a module
of its own.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Rules:
    """How one language changes its words.

    irregular: forms that are another word’s; with an s behind them, too. rewrites: applied in
    order before the stemmer. whole: words that it would take for a form of an unrelated one.
    """

    stemmer: str
    stop: frozenset[str]
    irregular: Mapping[str, str]
    rewrites: tuple[tuple[re.Pattern[str], str], ...]
    whole: re.Pattern[str]


def pairs(text: str) -> dict[str, str]:
    """“base: form form, base: form” as form → base."""
    groups = (group.split(":") for group in text.replace("\n", " ").split(","))
    return {form: base.strip() for base, forms in groups for form in forms.split()}


def rewrites(*rules: tuple[str, str]) -> tuple[tuple[re.Pattern[str], str], ...]:
    """Patterns and what takes their place, in this order."""
    return tuple((re.compile(pattern), replacement) for pattern, replacement in rules)
