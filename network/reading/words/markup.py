"""Titles and texts of an ordinary feed, which are text or HTML or HTML escaped once too often, and
mostly do not say which.

What readers see must hold no tag and no reference; what only looks like a tag (“<voté>”) must stay.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from html import unescape
from html.entities import html5
from urllib.parse import unquote, urlsplit

from network.lib.markup import Tag, tokens
from network.reading.values import Enclosure
from network.reading.words.text import TITLE_LENGTH, as_html, cut, one_line

_ROUNDS = 4
"""How often something may be escaped."""
_BREAKING = frozenset(
    "address article aside blockquote br center div dl dt dd figure figcaption footer h1 h2 h3 h4"
    " h5 h6 header hr li main nav ol p pre section table tbody td tfoot th thead tr ul".split()
)
_INLINE = frozenset(
    "a abbr acronym b bdi bdo big cite code del dfn em font i img ins kbd mark nobr q s samp small"
    " span strike strong sub sup time tt u var wbr o:p".split()
)
_VOID = frozenset("br hr img wbr".split())
_HIDDEN = frozenset("script style".split())
_TITLE_TAGS = _BREAKING | _INLINE | _HIDDEN
"""Tags that people put into titles. Of others a title speaks: “the <title> element”."""
_TEXT_TAGS = _TITLE_TAGS | frozenset(
    "audio body button canvas caption col colgroup details embed fieldset form head html iframe"
    " input label link map meta noscript object option param picture ruby select source summary"
    " svg template textarea track video".split()
)

_NAME = "[A-Za-z][A-Za-z0-9]*(?::[A-Za-z][A-Za-z0-9]*)?"
_ATTRIBUTE = r"""\s+[\w:.-]+\s*=\s*(?:"[^"]*"|'[^']*'|[^\s"'<>]+)"""
_TAG = re.compile(rf"<(/?)({_NAME})((?:{_ATTRIBUTE})*)\s*(/?)>")
_HIDDEN_ELEMENT = re.compile(r"<(script|style)\b[^<>]*>.*?</\1\s*>", re.S | re.I)
_COMMENT = re.compile(r"<!--.*?-->", re.S)
_CDATA = re.compile(r"<!\[CDATA\[(.*?)\]\]>", re.S)
_REFERENCE = re.compile(r"&(#[0-9]{1,7}|#[xX][0-9a-fA-F]{1,6}|[A-Za-z][A-Za-z0-9]{1,31});")
_ESCAPED = re.compile(r"&amp;(?=(#[0-9]{1,7}|#[xX][0-9a-fA-F]{1,6}|[A-Za-z][A-Za-z0-9]{1,31});)")
_ESCAPED_TAG = re.compile(rf"&lt;(/?)({_NAME})((?:\s[^<>&]*(?:&quot;[^<>&]*&quot;[^<>&]*)*)?)&gt;")
_LITERAL = re.compile(r"(<(code|pre|kbd|samp|tt)\b[^<>]*>.*?</\2\s*>|<[^<>]*>)", re.S | re.I)


def title_text(written: str) -> str:
    """A title, a name or a label as one line of text, however it was escaped."""
    text = written[:20_000]
    for _ in range(_ROUNDS):
        before, text = text, _decoded(_without_tags(_CDATA.sub(r"\1", text)))
        if text == before:
            break
    return one_line(text)


def decoded_text(written: str) -> str:
    """What says that it is plain text, and so keeps its tags, as one line without references."""
    text = written[:20_000]
    for _ in range(_ROUNDS):
        text = _decoded(text)
    return one_line(text)


def as_markup(written: str, is_plain: bool = False) -> str:
    """A description or content as HTML. is_plain: it says that it is plain text."""
    text = _CDATA.sub(r"\1", written) if "<![CDATA[" in written else written
    if is_plain and _holds_tags(text):
        return as_html(text)
    for _ in range(_ROUNDS):
        if _holds_tags(text):
            return _mended(text)
        before, text = text, _CDATA.sub(r"\1", _decoded(text))
        if text == before:
            break
    return as_html(text)


def pictures(markup: str) -> Iterator[tuple[str, str]]:
    """(address as written, alternative text) of the pictures in some HTML."""
    for token in tokens(markup):
        if isinstance(token, Tag) and token.name == "img" and token.attributes.get("src"):
            yield token.attributes["src"], one_line(token.attributes.get("alt", ""))


def called(files: Sequence[Enclosure]) -> str:
    """What an item that is only a file is called: by its maker, or as the file is; else nothing."""
    for file in files[:1]:
        name = unquote(urlsplit(file.url).path.rstrip("/").rpartition("/")[2])
        return cut(file.title or one_line(name), TITLE_LENGTH)
    return ""


def _decoded(text: str) -> str:
    """References to characters resolved, once; those that do not end are no references."""
    return _REFERENCE.sub(_character, text) if "&" in text else text


def _character(found: re.Match[str]) -> str:
    name = found[1]
    return unescape(found[0]) if name.startswith("#") or f"{name};" in html5 else found[0]


def _without_tags(text: str) -> str:
    """The text without the tags of HTML that are used as such."""
    if "<" not in text:
        return text
    text = _COMMENT.sub("", _HIDDEN_ELEMENT.sub("", text))
    return _TAG.sub(_replacement(text), text)


def _replacement(text: str) -> Callable[[re.Match[str]], str]:
    found = list(_TAG.finditer(text))
    opened = {tag[2].lower() for tag in found if not tag[1]}
    closed = {tag[2].lower() for tag in found if tag[1]}
    leading = text[: len(text) - len(text.lstrip())]

    def replace(tag: re.Match[str]) -> str:
        name = tag[2].lower()
        if name not in _TITLE_TAGS:
            return tag[0]
        paired = name in opened & closed
        first = tag.start() == len(leading)
        if not (paired or first or tag[1] or tag[3] or tag[4] or name in _VOID):
            return tag[0]  # a title that speaks of the tag
        return " " if name in _BREAKING else ""

    return replace


def _holds_tags(text: str) -> bool:
    return any(tag[2].lower() in _TEXT_TAGS for tag in _TAG.finditer(text)) or "<!--" in text


def _mended(markup: str) -> str:
    """HTML in which nothing is escaped twice, but for what it shows as code."""
    if "&amp;" not in markup and "&lt;" not in markup:
        return markup
    pieces = _LITERAL.split(markup)
    # The pattern's two groups stand between the words: a tag or piece of code, and its name.
    pieces[1::3] = [piece or "" for piece in pieces[1::3]]
    pieces[2::3] = ["" for _ in pieces[2::3]]
    pieces[::3] = [_unescaped_once(words) for words in pieces[::3]]
    whole = "".join(pieces)
    names = [(tag[1], tag[2].lower()) for words in pieces[::3] for tag in _escaped_tags(words)]
    paired = {name for mark, name in names if not mark} & {name for mark, name in names if mark}
    if not paired:
        return whole

    def written(tag: re.Match[str]) -> str:
        known = tag[2].lower() in paired or tag[2].lower() in _VOID
        return unescape(tag[0]) if known else tag[0]

    pieces[::3] = [_ESCAPED_TAG.sub(written, words) for words in pieces[::3]]
    return "".join(pieces)


def _escaped_tags(words: str) -> Iterator[re.Match[str]]:
    return (tag for tag in _ESCAPED_TAG.finditer(words) if tag[2].lower() in _TEXT_TAGS)


def _unescaped_once(words: str) -> str:
    for _ in range(_ROUNDS):
        before, words = words, _ESCAPED.sub(_ampersand, words)
        if words == before:
            break
    return words


def _ampersand(found: re.Match[str]) -> str:
    name = found[1]
    return "&" if name.startswith("#") or f"{name};" in html5 else found[0]
