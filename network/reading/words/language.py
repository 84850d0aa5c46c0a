"""The language of a foreign item: as declared, or guessed from its text.

The guess loads numpy and a model (about 100 MB), so it is asked for in the parsing child only.
"""

from __future__ import annotations

import re
from functools import cache
from typing import Protocol

from babel.core import get_global

LANGUAGES = (
    *("ar", "bg", "ca", "cs", "da", "de", "el", "en", "es", "et", "eu", "fi", "fr", "hr", "hu"),
    *("id", "it", "ja", "ka", "ko", "lt", "lv", "nl", "no", "pl", "pt", "ro", "ru", "sk"),
    *("sl", "sv", "sw", "tr", "uk", "zh"),
)
"""What a guess may be: languages of the pioneer cities and of Europe. More would cost accuracy."""

ENOUGH_LETTERS = 30
"""Letters below which no guess is made."""

_LIKELY = 0.75
_TAG = re.compile(r"([A-Za-z]{2,3})(?:[-_]([A-Za-z]{4}))?(?:[-_][A-Za-z0-9]{1,8})*")
_NO_LANGUAGE = ("und", "mul", "zxx", "mis", "xx")


def declared_language(tag: str | None) -> str | None:
    """The language of a BCP 47 tag as its primary subtag, or None if it names none.

    Former and longer codes ("iw", "fra") become the code of today (CLDR's aliases). Regions are
    dropped ("fr_CA" is "fr"): readers choose a language, not a country. The script stays where it
    decides who can read it ("zh-Hant", "sr-Latn").
    """
    match = _TAG.fullmatch((tag or "").strip())
    if not match:
        return None
    language = match[1].lower()
    language = get_global("language_aliases").get(language, language).partition("_")[0]
    if language in _NO_LANGUAGE:
        return None
    return f"{language}-{match[2].title()}" if match[2] and language in ("zh", "sr") else language


def foreignness(tag: str | None, language: str | None) -> int:
    """How far the tag's language is from the other one: the same 0, not said 1, another 2."""
    said = declared_language(tag)
    return 0 if said == language else 1 if said is None else 2


def guess_language(text: str) -> str | None:
    """The language that the text is probably in, or None when it is too short or too unclear."""
    sample = re.sub(r"https?://\S+|[\w.+-]+@[\w.-]+|[@#]\w+", " ", text[:4000])
    if sum(map(str.isalpha, sample)) < ENOUGH_LETTERS:
        return None
    language, likelihood = _identifier().classify(sample)
    return language if likelihood >= _LIKELY else None


class _Identifier(Protocol):
    def classify(self, text: str) -> tuple[str, float]: ...


@cache
def _identifier() -> _Identifier:
    from py3langid.langid import MODEL_FILE, LanguageIdentifier  # heavy: see the module's docstring

    identifier = LanguageIdentifier.from_model_file(MODEL_FILE, norm_probs=True)
    identifier.set_languages(LANGUAGES)
    return identifier
