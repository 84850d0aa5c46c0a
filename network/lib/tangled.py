"""Markup so nested, or with so many attributes, that a parser would take quadratic time over it.

Measured before anything builds a tree of it, in a time that grows with its length.
"""

from __future__ import annotations

from typing import Any

from lxml import etree

_UNTANGLED = 16_000
"""Up to this length (characters) even the worst nesting costs the sanitiser only milliseconds."""
_DEEPEST = 200
_MOST_ATTRIBUTES = 200
_PIECE = 4_000


def would_be_words(html: str) -> bool:
    """Whether only its words are shown, because it could keep the sanitiser busy for seconds."""
    return len(html) > _UNTANGLED and _is_tangled(html)


def _is_tangled(html: str) -> bool:
    """Whether nesting or attributes are so many that an HTML5 parser takes quadratic time."""
    parser = etree.HTMLParser(target=_Depth(), no_network=True)
    try:
        # In pieces, because the parser notices only between them that its target has given up.
        for start in range(0, len(html), _PIECE):
            parser.feed(html[start : start + _PIECE])
        parser.close()
    except _TangledError:
        return True
    except (etree.ParserError, etree.XMLSyntaxError):
        return "Excessive depth" in str(parser.error_log)
    return False


class _TangledError(Exception):
    pass


class _Depth:
    """A parser's target that builds nothing and stops at the first absurd element."""

    def __init__(self) -> None:
        self.depth = 0

    def start(self, tag: str, attributes: dict[str, Any]) -> None:
        self.depth += 1
        if self.depth > _DEEPEST or len(attributes) > _MOST_ATTRIBUTES:
            raise _TangledError

    def end(self, tag: str) -> None:
        self.depth -= 1

    def data(self, text: str) -> None:
        """Words are not counted."""

    def close(self) -> None:
        """Nothing was built."""
