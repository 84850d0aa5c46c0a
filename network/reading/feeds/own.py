"""What in an item is its own, and what belongs to something else in it: a picture's caption, the
feed that an entry was taken from, a link that leads nowhere.

feedparser tells these apart by their order at best, so the document is put right before it may see
it: elements are cut out of the text or written anew, by their places as expat found them.
"""

from __future__ import annotations

import html
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from network.reading.feeds.kinds import kind_of
from network.reading.one_by_one import LeftOut, is_memory, left_out
from network.reading.words.people import name_of
from network.reading.words.text import address, as_browser, title_in

ATOM = "http://www.w3.org/2005/Atom"
_KEPT = 100_000
"""Characters of an element's text that are looked at."""
_SOMEWHERE = "http://somewhere.invalid/"
"""A page that links are tried against: whether one can be used does not depend on it."""

_TITLES = {"title": 0, "atom:title": 0, "dc:title": 1, "media:title": 2}
_TEXTS = {
    **dict.fromkeys(("description", "summary", "content", "body", "fullitem"), 0),
    **dict.fromkeys(("atom:summary", "atom:content", "content:encoded", "xhtml:body"), 0),
    **dict.fromkeys(("dc:description", "dc:abstract"), 1),
    "itunes:summary": 2,
    "media:description": 3,
}
"""How far from being the item's own title or text each of these is: the nearest alone count."""
_PEOPLE = ("author", "atom:author", "dc:creator", "dc:author", "itunes:author")
_RIGHTS = ("rights", "atom:rights", "copyright", "dc:rights", "license")
_LINKS = ("link", "atom:link")
_WORDED = ("", "text", "html", "xhtml", "application/xhtml+xml", "application/xml")


@dataclass(slots=True)
class Element:
    """An open element. kind: local name, with the name of its namespace where that matters."""

    kind: str
    start: int
    given: Mapping[str, str]
    inside: str = ""
    words: list[str] = field(default_factory=list)
    length: int = 0
    children: int = 0

    @property
    def text(self) -> str:
        """Its words, trimmed."""
        return "".join(self.words).strip()


@dataclass(frozen=True, slots=True)
class Edit:
    """Bytes that take the place of others; empty ones cut them out."""

    start: int
    end: int
    by: bytes = b""


@dataclass(slots=True)
class _Source:
    """What an atom:source says that holds for its entry (RFC 4287, 4.2.1 and 4.2.11)."""

    start: int
    end: int = 0
    people: list[str] = field(default_factory=list)
    rights: list[str] = field(default_factory=list)


@dataclass(slots=True)
class _Item:
    """An item while it is read. titles, texts: (rank, start, end) of those that say something."""

    depth: int
    titles: list[tuple[int, int, int]] = field(default_factory=list)
    texts: list[tuple[int, int, int]] = field(default_factory=list)
    source: _Source | None = None
    people: bool = False
    rights: bool = False
    seen: list[str] = field(default_factory=list)
    failure: Exception | None = None


class Own:
    """Follows the document's elements with their places, and gathers the edits that it needs.

    left_out: the items that had to go, because what is their own could not be told.
    """

    def __init__(self, xml: bytes) -> None:
        self._xml = xml
        self._open: list[Element] = []
        self._item: _Item | None = None
        self._edits: list[Edit] = []
        self.left_out: list[LeftOut] = []

    def start(self, name: str, attributes: Sequence[str], place: int) -> None:
        """An element begins; its attributes are names and values in turn."""
        given = dict(zip(attributes[::2], attributes[1::2], strict=True))
        element = Element(kind_of(name), place, given)
        if self._open:
            self._open[-1].children += 1
            element.inside = self._open[-1].inside
        self._open.append(element)
        if self._item is None and len(self._open) <= 3 and element.kind in _ITEMS:
            self._item = _Item(len(self._open))
        elif self._item and not element.inside:
            element.inside = self._opaque(element)

    def _opaque(self, element: Element) -> str:
        """What an element is whose content is nobody else's business, else nothing."""
        if element.kind in _TITLES or element.kind in _TEXTS:
            return "text"
        if element.kind == "atom:source" and self._depth == 1 and self._item:
            self._item.source = _Source(element.start)
            return "source"
        return ""

    @property
    def _depth(self) -> int:
        """How deep in the item the element is: 1 for its children."""
        return len(self._open) - self._item.depth if self._item else 0

    def text(self, data: str) -> None:
        """Characters of the element that is open."""
        for element in self._open[-3:]:
            if element.length < _KEPT:
                element.words.append(data)
                element.length += len(data)

    def end(self, place: int) -> None:
        """The element that began last, of those still open, ends; place: where its end tag is."""
        element, item = self._open[-1], self._item
        if item and not item.failure:
            self._take(item, element, place)
        if item and self._depth == 0:
            if item.failure:
                self._leave_out(item.failure, Edit(element.start, self._end(element, place)))
            self._item = None
        self._open.pop()

    def _take(self, item: _Item, element: Element, place: int) -> None:
        """What ends is looked at; a failure concerns this item and no other."""
        try:
            if self._depth > 0:
                self._close(item, element, self._end(element, place))
            else:
                self._settle(item)
        except Exception as error:  # as it stands, somebody else's words could pass for its own
            if is_memory(error):
                raise
            item.failure = error

    def _leave_out(self, why: Exception, edit: Edit) -> None:
        self._edits.append(edit)
        written = self._xml[edit.start : edit.end].decode("utf-8")
        self.left_out.append(left_out(why, written, title_in))

    def _end(self, element: Element, place: int) -> int:
        """Where an element ends; of an empty tag expat gives the end for its end tag's place."""
        opening = _TAG_END.match(self._xml, element.start)
        if opening and opening[0].endswith(b"/>"):
            return opening.end()
        closing = _TAG_END.match(self._xml, place)
        return closing.end() if closing else place

    def _close(self, item: _Item, element: Element, end: int) -> None:
        depth, kind = self._depth, element.kind
        if element.inside == "source":
            self._in_source(item, element, end)
        elif element.inside == "text":
            if kind in _TITLES or kind in _TEXTS:
                self._words(item, element, end)
        elif kind in _LINKS and depth == 1:
            self._link(item, element, end)
        elif self._is_name(element):
            item.people |= bool(element.text)
            self._person(element, end)
        elif kind in _RIGHTS and depth == 1:
            item.rights |= bool(element.text or element.given)
        elif kind in ("media:content", "enclosure"):
            what = element.given.get("medium") or element.given.get("type", "")
            item.seen.append("image" if what.startswith("image") else "file")

    def _is_name(self, element: Element) -> bool:
        """Whether it holds the name of one of the item's people."""
        if element.kind in ("name", "atom:name"):
            return self._open[-2].kind in _PEOPLE
        return element.kind in _PEOPLE and self._depth == 1 and not element.children

    def _words(self, item: _Item, element: Element, end: int) -> None:
        """A title or a text: a candidate if it stands where the item's own do, else none."""
        if len(self._open) >= 2 and self._open[-2].inside == "text":
            return  # markup of a text, which that text keeps
        kind = element.given.get("type", "")
        says = (element.text or element.children) and (kind in _WORDED or kind.startswith("text/"))
        around = self._open[-2].kind
        of_group = around == "media:group" and element.kind.startswith("media:")
        found = item.titles if element.kind in _TITLES else item.texts
        rank = (_TITLES | _TEXTS)[element.kind]
        if says and (self._depth == 1 or of_group) and not (rank == 3 and not of_group):
            found.append((rank, element.start, end))
        elif self._depth > 1 or rank > 0:
            self._edits.append(Edit(element.start, end))

    def _link(self, item: _Item, element: Element, end: int) -> None:
        """A link that leads nowhere must not stand in the way of a guid that does."""
        relation = element.given.get("rel", "alternate")
        if relation == "license":
            item.rights = True
        if relation != "alternate":
            return
        written = element.given.get("href") or element.text
        if address(_SOMEWHERE, written) is None:
            self._edits.append(Edit(element.start, end))
        elif element.given.get("href") is None and as_browser(written) != written:
            link = f"<link>{html.escape(as_browser(written))}</link>"
            self._edits.append(Edit(element.start, end, link.encode()))

    def _person(self, element: Element, end: int) -> None:
        """A name with a mailbox, which feedparser would take apart in the wrong place."""
        if "@" not in element.text:
            return
        opening = _TAG_END.match(self._xml, element.start)
        closing = self._xml.rfind(b"</", element.start, end)
        if opening and closing >= 0:
            name = html.escape(name_of(element.text), quote=False).encode()
            self._edits.append(Edit(opening.end(), closing, name))

    def _in_source(self, item: _Item, element: Element, end: int) -> None:
        source = item.source
        if source is None:
            return
        if self._depth == 1:
            source.end = end
        elif element.kind == "atom:name" and self._open[-2].kind == "atom:author":
            source.people.append(name_of(element.text))
        elif element.kind == "atom:rights" and self._depth == 2:
            source.rights.append(f'<rights xmlns="{ATOM}">{html.escape(element.text)}</rights>')
        elif element.kind == "atom:link" and element.given.get("rel") == "license":
            href = html.escape(element.given.get("href", ""))
            source.rights.append(f'<link xmlns="{ATOM}" rel="license" href="{href}"/>')

    def _settle(self, item: _Item) -> None:
        """The item is over: of its titles and texts the nearest stay, the others go."""
        picture = "image" in item.seen and "file" not in item.seen
        texts = [each for each in item.texts if not (each[0] == 3 and picture)]
        dropped = [each for each in item.texts if each not in texts]
        for found in (item.titles, texts):
            nearest = min((rank for rank, *_ in found), default=0)
            stays = [each for each in found if each[0] == nearest]
            if nearest > 0:  # of several captions the first speaks for the item
                stays = stays[:1]
            dropped += [each for each in found if each not in stays]
        self._edits += [Edit(start, end) for _, start, end in dropped]
        if item.source and item.source.end:
            self._edits.append(_of_source(item, item.source))

    def apply(self) -> str:
        """The document with its edits."""
        pieces, at = [], 0
        for edit in sorted(self._edits, key=lambda edit: edit.start):
            if edit.start >= at:
                pieces += [self._xml[at : edit.start], edit.by]
                at = edit.end
        return b"".join([*pieces, self._xml[at:]]).decode("utf-8")


def _of_source(item: _Item, source: _Source) -> Edit:
    """The people and rights of an entry's source in the entry itself, where it has none."""
    people = [] if item.people else source.people
    written = [f'<source xmlns="{ATOM}"/>']
    for name in filter(None, people):
        person = html.escape(name, quote=False)
        written.append(f'<author xmlns="{ATOM}"><name>{person}</name></author>')
    written += [] if item.rights else source.rights
    return Edit(source.start, source.end, "".join(written).encode())


_ITEMS = ("item", "entry", "atom:entry")
# A tag from its "<" to its ">", which may stand within the quotes of an attribute as well.
_TAG_END = re.compile(rb"<(?:[^<>\"']|\"[^\"]*\"|'[^']*')*>")
