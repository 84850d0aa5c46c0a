"""Text, addresses and identities of a foreign feed, made safe to keep whatever was in them."""

from __future__ import annotations

import hashlib
import html
import re

from network.lib.sanitise import plain_text, strip_control, web_url
from network.lib.text import said

SUMMARY_LENGTH = 300
TITLE_LENGTH = 300
LONGEST_ADDRESS = 2_000
LONGEST_LABEL = 200


def one_line(text: str) -> str:
    """The text with storable characters only and every run of white space as one space; nothing
    when nothing of it would be seen.

    No-break and other special spaces are part of what was written and stay (French typography).
    """
    return said(re.sub(r"[ \t\n]+", " ", strip_control(text)).strip(" "))


def plain(markup: str) -> str:
    """The text of an HTML fragment as one line, without what a browser would not show as text."""
    if "<" not in markup and "&" not in markup:
        return one_line(markup)
    return one_line(plain_text(markup))


def as_html(text: str) -> str:
    """Plain text as HTML paragraphs: an empty line parts them, other line ends are kept."""
    parts = [html.escape(part.strip()) for part in re.split(r"\n\s*\n", text)]
    return "".join("<p>" + part.replace("\n", "<br>") + "</p>" for part in parts if part)


def cut(text: str, longest: int) -> str:
    """At most that many characters, cut after a word and marked with an ellipsis if cut."""
    if len(text) <= longest:
        return text
    words = text[:longest].rpartition(" ")[0] or text[: longest - 1]
    return words.rstrip(" ,;:.–—-") + "…"


def address(base: str, reference: str | None) -> str | None:
    """The absolute http(s) address that the reference means at base, or None if it means none."""
    return web_url(reference, base) if reference and reference.strip() else None


def identity(guid: str | None, url: str | None, *fallback: str) -> str:
    """What tells an item from the others of its feed: its guid, its link, or a hash of the rest.

    A guid too long for an index becomes its own hash.
    """
    said = one_line(guid or "") or url
    if said and len(said) <= LONGEST_ADDRESS:
        return said
    return "sha256:" + hashlib.sha256((said or "\n".join(fallback)).encode()).hexdigest()


def labels(texts: list[str], most: int = 50) -> tuple[str, ...]:
    """Short texts (categories, authors) as single lines, each once, in order, at most so many."""
    lines = [cut(one_line(text), LONGEST_LABEL) for text in texts]
    return tuple(dict.fromkeys(line for line in lines if line))[:most]


def count(text: object) -> int | None:
    """A non-negative whole number, or None: feeds write anything where a number belongs."""
    digits = str(text).strip()
    return int(digits) if re.fullmatch(r"[0-9]{1,15}", digits) else None
