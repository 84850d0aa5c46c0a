"""Small questions about text that several rooms ask."""

from __future__ import annotations

import re
import unicodedata

from network.seen import is_blank

_LIGATURES = str.maketrans(
    {"œ": "oe", "Œ": "oe", "æ": "ae", "Æ": "ae", "ß": "ss", "ø": "o", "Ø": "o", "’": " "}
    | {"ł": "l", "Ł": "l", "đ": "d", "Đ": "d", "ð": "d", "Ð": "d", "þ": "th", "Þ": "th"}
    | {"ı": "i", "ħ": "h", "Ħ": "h", "ə": "e", "Ə": "e", "ŋ": "n", "ŧ": "t"}
)
"""Letters that Unicode does not take apart into a plain one and its mark."""


def plain_letters(text: str) -> str:
    """The text with those letters as plain ones; accents stay."""
    return text.translate(_LIGATURES)


def slug(text: str, longest: int = 80) -> str:
    """The text as a piece of an address: lower-case ASCII words and hyphens, perhaps empty."""
    plain = unicodedata.normalize("NFKD", text.translate(_LIGATURES))
    joined = "-".join(re.findall(r"[a-z0-9]+", plain.encode("ascii", "ignore").decode().lower()))
    if len(joined) <= longest:
        return joined
    return joined[: longest + 1].rpartition("-")[0] or joined[:longest]


def sortable(text: str) -> str:
    """What a list of texts is put in order by: small letters without accents or what goes before
    the first of them."""
    if not text.isascii():
        plain = unicodedata.normalize("NFKD", text.translate(_LIGATURES))
        text = plain.encode("ascii", "ignore").decode() or text
    return text.lower().lstrip(" \"'([{<-.")


_NOWHERE_HELD = re.compile(r"[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def clean(text: str) -> str:
    """The text without characters that no database or XML 1.0 document holds (NUL, surrogates)."""
    return text if is_ordinary(text) else _NOWHERE_HELD.sub("", text)


def is_ordinary(text: str) -> bool:
    """Whether nothing is in the text but characters that are seen, the spaces of our languages,
    tabs and line feeds. Most texts are so, and this is the cheapest question about one."""
    if text.isprintable():
        return True
    for allowed in "\n\t\u00a0\u202f":
        text = text.replace(allowed, "")
    return text.isprintable()


def said(text: str) -> str:
    """The text, or nothing when a reader would see nothing of it."""
    return "" if is_blank(text) else text
