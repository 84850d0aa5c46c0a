"""A text that is too long, without what takes room and is not read: styles, scripts, comments,
drawings, pictures written into addresses. What is still too long is cut."""

from __future__ import annotations

import html as html_
from collections.abc import Collection, Iterator, Mapping

from network.lib.markup import EndTag, Tag, Token, Words, tokens

LONGEST_VALUE = 2_000
"""Characters of an attribute that are kept."""

Attributes = Mapping[str, Collection[str]]


def lighter(
    html: str, longest: int, attributes: Attributes, dropped: Collection[str]
) -> tuple[str, bool]:
    """The HTML without what nobody reads, and whether it had to be cut all the same: between two
    words or tags, at about `longest` characters.

    attributes: names of those that content may have, by tag and for every tag (`*`). dropped:
    elements that go with all that is in them. The result is no safer than what was given.
    """
    kept: list[str] = []
    room = longest
    for token in _read(html, dropped):
        if isinstance(token, Words) and len(token.text) > room:
            words = token.text[: max(room, 0)]
            token = Words(words.rpartition(" ")[0] or words)
            return "".join([*kept, _written(token, attributes)]), True
        piece = _written(token, attributes)
        if len(piece) > room:
            return "".join(kept), True
        kept.append(piece)
        room -= len(piece)
    return "".join(kept), False


def _read(html: str, dropped: Collection[str]) -> Iterator[Token]:
    within, depth = "", 0
    for token in tokens(html):
        name = "" if isinstance(token, Words) else token.name
        if not depth and isinstance(token, Tag) and name in dropped:
            within, depth = name, 1
        elif depth and name == within:
            depth += 1 if isinstance(token, Tag) else -1
        elif not depth:
            yield token


def _written(token: Token, attributes: Attributes) -> str:
    """A piece of a page as HTML again."""
    if isinstance(token, Words):
        return html_.escape(token.text, quote=False)
    if isinstance(token, EndTag):
        return f"</{token.name}>"
    known = {*attributes["*"], *attributes.get(token.name, ())}
    given = [(n, v) for n, v in token.attributes.items() if n in known and len(v) <= LONGEST_VALUE]
    written = "".join(f' {name}="{html_.escape(value)}"' for name, value in given)
    return f"<{token.name}{written}>"
