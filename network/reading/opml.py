"""A list of sites as OPML, of whatever program: what may be followed, each once, members first.

Lists are exported by every feed reader in its own way and are often broken, so what can be read is
read and the person who chooses is told of the rest. Nothing is resolved: a document that declares
a type or entities is refused, and no more is read than anybody could choose from.
"""

from __future__ import annotations

import html.entities
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit
from xml.parsers import expat

from network.lib.errors import InvalidInput
from network.lib.i18n import N_
from network.lib.text import clean
from network.reading.words.encoding import decode
from network.reading.words.language import declared_language
from network.reading.words.text import TITLE_LENGTH, address, cut, one_line

MEMBER = "pioneer-cities"
"""The category of a node of the network. An OPML category without a slash is a tag."""
CITY = "/city/"
"""A category that begins so ends with the slug of the city that the site speaks for."""

MOST_BYTES = 4 * 1024 * 1024
MOST_SITES = 2_000
MOST_OUTLINES = 20_000
DEEPEST = 64

NOT_A_LIST = N_("This is not a list of sites (OPML).")
DECLARES = N_("The list declares a document type or entities of its own, which is refused.")
TOO_LARGE = N_("The list is larger than %(most)s megabytes.")
TOO_DEEP = N_("The list is nested deeper than any list that people made.")
BROKEN = N_(
    "The list is damaged at line %(line)s: what stands before was read, the rest was left out."
)
CUT = N_("The list has more than %(most)s sites: the rest was left out.")

_SLUG = re.compile(r"[a-z0-9-]{1,100}")
_AMPERSAND = re.compile(r"&(?:(#[0-9]{1,7}|#[xX][0-9a-fA-F]{1,6}|[A-Za-z][A-Za-z0-9]{1,30});)?")
_XML_ENTITIES = ("amp", "lt", "gt", "quot", "apos")


@dataclass(frozen=True, slots=True)
class ListedSite:
    """One feed of a list. page: the site's front page; group: where in the list it stands.

    is_member: the list says that it is a node of the network. city: slug of its city.
    """

    title: str
    url: str
    page: str = ""
    language: str | None = None
    is_member: bool = False
    city: str | None = None
    group: str = ""


@dataclass(frozen=True, slots=True)
class SiteList:
    """What a list holds: members first, else in its order. notice: what was odd about it."""

    title: str
    sites: tuple[ListedSite, ...]
    notice: tuple[str, dict[str, Any]] | None = None


def looks_like_opml(content: bytes, content_type: str | None = None) -> bool:
    """Whether the document's first element says that it is a list."""
    text, _ = decode(content[:65_536], content_type)
    found = re.search(r"<([A-Za-z][\w:.-]*)", re.sub(r"<!--.*?-->", "", text, flags=re.S))
    return found is not None and found[1].lower() == "opml"


def parse_opml(
    content: bytes, content_type: str | None = None, base: str | None = None
) -> SiteList:
    """Read a list. base: its own address, for relative ones. Raises InvalidInput."""
    if len(content) > MOST_BYTES:
        raise InvalidInput(TOO_LARGE, most=MOST_BYTES >> 20)
    text = clean(decode(content, content_type)[0]).lstrip("\ufeff \t\r\n")
    reading = _Reading(base)
    line = reading.read(text)
    if line is not None and "&" in text:  # the most frequent fault by far
        repaired = _Reading(base)
        repaired_line = repaired.read(_AMPERSAND.sub(_written_out, text))
        if repaired_line is None or repaired_line > line:
            reading, line = repaired, repaired_line
    if not reading.is_list:
        raise InvalidInput(NOT_A_LIST)
    sites = sorted(reading.sites.values(), key=lambda site: not site.is_member)
    return SiteList(reading.title, tuple(sites), _notice(reading, line))


def _notice(reading: _Reading, line: int | None) -> tuple[str, dict[str, Any]] | None:
    if line is not None:
        return BROKEN, {"line": line}
    return (CUT, {"most": MOST_SITES}) if reading.is_cut else None


def same_feed(url: str) -> tuple[str, str, str]:
    """What two addresses of one feed have in common: http and https count as one."""
    parts = urlsplit(url)
    port = parts.netloc.rpartition("@")[2].lower().removesuffix(":80").removesuffix(":443")
    return port, parts.path.rstrip("/"), parts.query


def _written_out(match: re.Match[str]) -> str:
    """An ampersand that XML takes: HTML’s names become characters, a lone one is escaped."""
    name = match[1] or ""
    if name in _XML_ENTITIES or name.startswith("#"):
        return match[0]
    if character := html.entities.html5.get(f"{name};"):
        return character.replace("&", "&amp;").replace("<", "&lt;").replace('"', "&quot;")
    return "&amp;" + match[0][1:]


class _EnoughError(Exception):
    """No more is read, although there is more."""


class _Reading:
    """expat's handlers, which keep the sites and nothing else of a document."""

    def __init__(self, base: str | None) -> None:
        self.sites: dict[tuple[str, str, str], ListedSite] = {}
        self.is_list = self.is_cut = False
        self.title = ""
        self._base = base
        self._groups: list[str] = []
        self._path: list[str] = []
        self._outlines = 0
        self._in_title = False

    def read(self, text: str) -> int | None:
        """Read all of it; gives the line of the first fault. Raises InvalidInput."""
        parser = expat.ParserCreate("utf-8")
        parser.buffer_text = True
        parser.StartElementHandler, parser.EndElementHandler = self._start, self._end
        parser.CharacterDataHandler = self._text
        parser.StartDoctypeDeclHandler = parser.EntityDeclHandler = self._refuse
        try:
            parser.Parse(text.encode(), True)
        except _EnoughError:
            self.is_cut = True
        except expat.ExpatError as error:
            return int(error.lineno)
        return None

    def _refuse(self, *_declaration: object) -> None:
        raise InvalidInput(DECLARES)

    def _start(self, tag: str, attributes: dict[str, str]) -> None:
        name = tag.lower()
        if not self._path:
            if name != "opml":
                raise InvalidInput(NOT_A_LIST)
            self.is_list = True
        self._path.append(name)
        if len(self._path) > DEEPEST:
            raise InvalidInput(TOO_DEEP)
        self._in_title = self._path[1:] == ["head", "title"]
        if name == "outline":
            self._outline({key.lower(): value for key, value in attributes.items()})

    def _end(self, _tag: str) -> None:
        if self._path.pop() == "outline":
            self._groups.pop()
        self._in_title = False

    def _text(self, text: str) -> None:
        if self._in_title and len(self.title) < TITLE_LENGTH:
            self.title = cut(one_line(f"{self.title}{text}"), TITLE_LENGTH)

    def _outline(self, given: Mapping[str, str]) -> None:
        self._outlines += 1
        if self._outlines > MOST_OUTLINES:
            raise _EnoughError
        title = cut(one_line(given.get("text") or given.get("title") or ""), TITLE_LENGTH)
        group = " › ".join(name for name in self._groups if name)
        self._groups.append("" if given.get("xmlurl") else title)
        if site := self._site(given, title, group):
            self._keep(site)

    def _site(self, given: Mapping[str, str], title: str, group: str) -> ListedSite | None:
        url = address(self._base or "", _web(given.get("xmlurl", "")))
        if url is None:
            return None
        categories = [each.strip() for each in given.get("category", "").split(",")]
        cities = [each.removeprefix(CITY) for each in categories if each.startswith(CITY)]
        return ListedSite(
            title=title or url,
            url=url.partition("#")[0],
            page=address(self._base or "", given.get("htmlurl")) or "",
            language=declared_language(given.get("language")),
            is_member=MEMBER in categories,
            city=next((slug for slug in cities if _SLUG.fullmatch(slug)), None),
            group=cut(group, TITLE_LENGTH),
        )

    def _keep(self, site: ListedSite) -> None:
        """Each feed once; where one of two says that it is a member's, that one."""
        key = same_feed(site.url)
        known = self.sites.get(key)
        if known is None and len(self.sites) >= MOST_SITES:
            raise _EnoughError
        if known is None or (site.is_member and not known.is_member):
            self.sites[key] = site


def _web(url: str) -> str:
    """An address in the way of feed readers (feed://, feed:https://) as one of the web."""
    stripped = url.strip()
    if stripped[:5].lower() != "feed:":
        return stripped
    rest = stripped[5:]
    return rest if rest.lower().startswith("http") else "http:" + rest
