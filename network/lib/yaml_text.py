"""Writes values as YAML that every parser reads back as the texts they are."""

from __future__ import annotations

import json
import re

_PLAIN = re.compile(r"[A-Za-z][A-Za-z0-9_.@+-]*")
_FIGURE = re.compile(r"-?[0-9]+(\.[0-9]+)?")
_WORDS_OF_YAML = frozenset({"null", "true", "false", "yes", "no", "on", "off", "y", "n"})
_NEEDS_ESCAPE = re.compile("[\x7f-\x9f\u2028\u2029\ufeff\ufffe\uffff]")


def scalar(value: str) -> str:
    """A word as it is when YAML takes it for a text, else quoted."""
    if _PLAIN.fullmatch(value) and value.lower() not in _WORDS_OF_YAML:
        return value
    return quoted(value)


def figure(value: str) -> str:
    """A number as it is; anything else quoted."""
    return value if _FIGURE.fullmatch(value) else quoted(value)


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
