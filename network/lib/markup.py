"""The tags and words of a page in their order, read in a time that grows with the page's length.

A tree is more than we need, and lxml takes minutes over a tag with a hundred thousand attributes.
Source: the tokenisation of the HTML standard (html.spec.whatwg.org, 13.2.5), as far as links and
words need it: what stands in comments, scripts or escaped text is no tag.
"""

from __future__ import annotations

import html
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from html.entities import html5

_RAW = frozenset("script style textarea title xmp iframe noembed noframes".split())
"""Elements whose content is words (or nothing that is shown) up to their own end tag."""
_UNSEEN = frozenset("script style iframe noembed noframes".split())
"""Those of them whose words nobody reads."""
_END_OF_RAW = {name: re.compile(rf"</{name}(?=[\s/>])", re.I) for name in _RAW}
_NAME = re.compile(r"[A-Za-z][^\s/>]*+")
_ATTRIBUTE = re.compile(
    r"""([^\s/>][^\s/>=]*+)(?:\s*+=\s*+(?:"([^"]*+)"|'([^']*+)'|(?!["'])([^\s>]*+)))?+"""
)
_GAP = re.compile(r"[\s/]*+")
_OPENS_VALUE = re.compile(r"\s*+=")
_END_OF_COMMENT = re.compile("--!?>")
_REFERENCE = re.compile(r"&(#[0-9]{1,8}|#[xX][0-9a-fA-F]{1,8}|[A-Za-z][A-Za-z0-9]{0,40})(;?)(=?)")


@dataclass(frozen=True, slots=True)
class Tag:
    """A start tag. name: in lower case. attributes: the first of each name, in lower case."""

    name: str
    attributes: Mapping[str, str] = field(default_factory=dict)

    def words(self, name: str) -> frozenset[str]:
        """An attribute that is a list of words (rel, class), in lower case."""
        return frozenset(self.attributes.get(name, "").lower().split())


@dataclass(frozen=True, slots=True)
class EndTag:
    """An end tag."""

    name: str


@dataclass(frozen=True, slots=True)
class Words:
    """Text between tags, its character references resolved."""

    text: str


Token = Tag | EndTag | Words


def tokens(page: str) -> Iterator[Token]:
    """Tags and words, without what stands in comments and templates."""
    templates = 0
    for token in _all_tokens(page):
        if isinstance(token, Tag) and token.name == "template":
            templates += 1
        elif isinstance(token, EndTag) and token.name == "template":
            templates = max(0, templates - 1)
        elif not templates:
            yield token


def _all_tokens(page: str) -> Iterator[Token]:
    at = 0
    while (start := page.find("<", at)) >= 0:
        if start > at:
            yield Words(html.unescape(page[at:start]))
        if page.startswith("<!--", start):
            at = _after_comment(page, start)
        elif page.startswith(("<!", "<?"), start):
            at = _after(page, ">", start)
        elif page.startswith("</", start):
            found = _NAME.match(page, start + 2)
            at = _after(page, ">", start) if page[start + 2 : start + 3] != ">" else start + 3
            if found:
                yield EndTag(found[0].lower())
        elif found := _NAME.match(page, start + 1):
            attributes, at = _attributes(page, found.end())
            if at > len(page):  # the page ends within the tag, which is therefore none
                return
            name = found[0].lower()
            yield Tag(name, attributes)
            if name in _RAW:
                words, at = _raw(page, name, at)
                yield from words
            elif name == "plaintext":
                yield Words(page[at:])
                return
        else:
            yield Words("<")
            at = start + 1
    if at < len(page):
        yield Words(html.unescape(page[at:]))


def _after(page: str, mark: str, start: int) -> int:
    """Where a piece ends that runs to a mark, or else to the end of the page."""
    found = page.find(mark, start)
    return len(page) if found < 0 else found + len(mark)


def _after_comment(page: str, start: int) -> int:
    for short in ("<!-->", "<!--->"):
        if page.startswith(short, start):
            return start + len(short)
    end = _END_OF_COMMENT.search(page, start + 4)
    return end.end() if end else len(page)


def _attributes(page: str, at: int) -> tuple[dict[str, str], int]:
    """A tag's attributes and where it ends; beyond the page when it does not end."""
    found: dict[str, str] = {}
    while (at := _after_gap(page, at)) < len(page):
        if page[at] == ">":
            return found, at + 1
        match = _ATTRIBUTE.match(page, at)
        if match is None:  # cannot be: what stands here is neither gap nor end
            break
        at = match.end()
        if match.lastindex == 1 and _OPENS_VALUE.match(page, at):  # a quotation without an end
            break
        value = next((v for v in match.groups()[1:] if v is not None), "")
        found.setdefault(match[1].lower(), _resolved(value))
    return found, len(page) + 1


def _after_gap(page: str, at: int) -> int:
    gap = _GAP.match(page, at)
    return gap.end() if gap else at


def _resolved(value: str) -> str:
    """Character references of an attribute: `&copy=1` in an address is no sign (13.2.5.73)."""

    def replace(found: re.Match[str]) -> str:
        name, semicolon, equals = found.groups()
        if semicolon or name.startswith("#"):
            return html.unescape(f"&{name};") + equals
        return html5[name] if not equals and name in html5 else found[0]

    return _REFERENCE.sub(replace, value) if "&" in value else value


def _raw(page: str, name: str, at: int) -> tuple[list[Token], int]:
    """What is in an element that holds words alone, and where it ends."""
    end = _END_OF_RAW[name].search(page, at)
    text = page[at : end.start() if end else len(page)]
    inside: list[Token] = []
    if name not in _UNSEEN:
        inside.append(Words(html.unescape(text)))
    if end is None:
        return inside, len(page)
    return [*inside, EndTag(name)], _after(page, ">", end.end())
