"""What a page that claims to link to one of our studies really says (specification, section 3.2.2).

Pure: bytes and addresses in, a finding out. Nothing of the page is kept but plain text.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urldefrag, urljoin, urlsplit

from network.adoptions.webmention.discovery import HTML_TYPES
from network.lib.markup import EndTag, Tag, Words, tokens
from network.log.names import INSPIRED_BY
from network.reading.words.encoding import decode
from network.reading.words.language import declared_language
from network.reading.words.text import cut, one_line

ACCEPT = "text/html, application/xhtml+xml, application/json;q=0.8, text/plain;q=0.7, */*;q=0.1"
LONGEST_TITLE, LONGEST_EXCERPT = 300, 300
SHORTEST_EXCERPT = 40
"""Characters; a link that stands nearly alone says less than the page's own description."""

_LINKING = {
    "a": ("href",), "area": ("href",), "link": ("href",), "img": ("src", "longdesc"),
    "video": ("src", "poster"), "audio": ("src",), "source": ("src",), "track": ("src",),
    "embed": ("src",), "iframe": ("src",), "object": ("data",),
    "blockquote": ("cite",), "q": ("cite",), "del": ("cite",), "ins": ("cite",),
}  # fmt: skip
"""The attributes that link to another resource."""
_BLOCKS = frozenset(
    "address article aside blockquote body caption dd div dl dt figcaption figure footer form h1 h2"
    " h3 h4 h5 h6 header hr li main nav ol p pre section summary table td th tr ul".split()
)
_ORDER = ("adoption", "translation", "syndication", "mention")
"""When a page links more than once, the strongest counts."""
_SUFFIX = " –—-|·•:"


@dataclass(frozen=True, slots=True)
class Finding:
    """What the page says of itself and of its link. kind: see models.Mention."""

    kind: str = "mention"
    title: str = ""
    site: str = ""
    lang: str | None = None
    excerpt: str = ""


def read(content: bytes, content_type: str, url: str, target: str) -> Finding | None:
    """What the document at url says when it links to target; None when it does not.

    HTML must hold a real link, JSON the address as a value, plain text the address by itself;
    a document of any other kind links to nothing.
    """
    kind = content_type.partition(";")[0].strip().lower()
    text, _ = decode(content, content_type)
    if kind in HTML_TYPES:
        return _Page(url, target).read(text)
    if kind == "application/json" or kind.endswith("+json"):
        return _read_json(text, target)
    if kind in ("text/plain", "text/markdown") and _stands_in(text, target):
        return Finding(excerpt=_around(text, target))
    return None


_TRACKING = re.compile(
    r"(?:amp;)*(?:utm_\w+|mtm_\w+|pk_\w+|piwik_\w+|matomo_\w+|hsa_\w+|_hs(?:enc|mi)|hsctatracking|vero_\w+|oly_\w+"
    r"|at_(?:medium|campaign|custom\d*|format|link_\w+)|fb_(?:action|source|ref)\w*|mc_[ce]id"
    r"|[fdxt]bclid|fbclid|gclid|gclsrc|gbraid|wbraid|gad_\w+|srsltid|dclid|msclkid|twclid|ttclid|yclid|li_fat_id"
    r"|igshid|igsh|mkt_tok|xtor|_ga|_gl|_openstat|rb_clickid|s_cid|wickedid|spm|ck_subscriber_id"
    r"|share_id|cmpid|trk_?\w*|__s|__hs\w+)(?:=.*)?",
    re.I,
)
"""Parameters that say by which way a reader came, and nothing of what is read."""


def same_address(one: str, other: str) -> bool:
    """Whether two addresses name the same document, as it is to be fetched: fragments and what
    counters of visitors add apart."""
    return one == other or _comparable(one) == _comparable(other)


def without_tracking(address: str) -> str:
    """The address without parameters that say by which way a reader came."""
    path, mark, query = address.partition("?")
    if not mark:
        return address
    query, sign, fragment = query.partition("#")
    kept = [each for each in query.split("&") if each and not _TRACKING.fullmatch(each)]
    return path + ("?" + "&".join(kept) if kept else "") + sign + fragment


def _comparable(address: str) -> tuple[str, ...]:
    plain = without_tracking(urldefrag(address.strip()).url)
    try:
        parts = urlsplit(plain)
        default = {"http": 80, "https": 443}.get(parts.scheme)
        port = "" if parts.port in (None, default) else str(parts.port)
    except ValueError:
        return (plain,)
    return parts.scheme, (parts.hostname or "").rstrip("."), port, parts.path or "/", parts.query


def _read_json(text: str, target: str) -> Finding | None:
    try:
        found = any(_is_same(each, target) for each in _strings(json.loads(text)))
    except (ValueError, RecursionError):
        return None
    return Finding() if found else None


def _strings(value: Any) -> Iterator[str]:
    waiting = [value]
    while waiting:
        each = waiting.pop()
        if isinstance(each, str):
            yield each
        elif isinstance(each, list):
            waiting.extend(each)
        elif isinstance(each, dict):
            waiting.extend(each.values())


_ADDRESS = re.compile(r"""(?<![^\s<>"'(\[,;])https?://[^\s<>"')\]]+""", re.I)


def _stands_in(text: str, target: str) -> bool:
    """Whether the address is in the text, and not only as the beginning of a longer one."""
    written = (found for each in _ADDRESS.findall(text) for found in (each, each.rstrip(".,;:!?")))
    return any(_is_same(found, target) for found in written)


def _is_same(found: str, target: str) -> bool:
    return found == target or without_tracking(found) == without_tracking(target)


def _around(text: str, target: str) -> str:
    line = next((each for each in text.splitlines() if _stands_in(each, target)), "")
    return cut(one_line(line), LONGEST_EXCERPT)


@dataclass(slots=True)
class _Page:
    """A page as it is read from its first tag to its last."""

    url: str
    target: str
    base: str = ""
    kinds: set[str] = field(default_factory=set)
    title: list[str] = field(default_factory=list)
    metas: dict[str, str] = field(default_factory=dict)
    lang: str | None = None
    in_title: bool = False
    block: list[str] = field(default_factory=list)
    linked: bool = False
    excerpt: str = ""

    def read(self, text: str) -> Finding | None:
        """The finding; None without a link."""
        self.base = self.url
        for token in tokens(text):
            if isinstance(token, Tag):
                self.open(token)
            elif isinstance(token, EndTag):
                self.close(token.name)
            elif isinstance(token, Words):
                (self.title if self.in_title else self.block).append(token.text)
        self.end_block()
        if not self.kinds:
            return None
        kind = next(each for each in _ORDER if each in self.kinds)
        site = cut(one_line(self.meta("og:site_name", "application-name")), LONGEST_TITLE)
        return Finding(kind, self.named(site), site, self.lang, self.words())

    def open(self, tag: Tag) -> None:
        """A start tag: perhaps the link, perhaps what the page says of itself."""
        given = tag.attributes
        if tag.name in _BLOCKS:
            self.end_block()
        if tag.name == "title":
            self.in_title = not self.title
        elif tag.name == "html":
            self.lang = declared_language(given.get("lang") or given.get("xml:lang"))
        elif tag.name == "base" and self.base == self.url and given.get("href"):
            self.base = _joined(self.url, given["href"])
        elif tag.name == "meta":
            name = (given.get("property") or given.get("name") or "").lower()
            self.metas.setdefault(name, given.get("content", ""))
        if any(self.is_target(given.get(name)) for name in _LINKING.get(tag.name, ())):
            self.kinds.add(_kind(tag))
            self.linked = True

    def is_target(self, reference: str | None) -> bool:
        """Whether an attribute leads to the target: to its very part, when it names one."""
        if not reference:
            return False
        found, part = _joined(self.base, reference.strip()), urldefrag(self.target).fragment
        return same_address(found, self.target) and part in ("", urldefrag(found).fragment)

    def close(self, name: str) -> None:
        """An end tag."""
        if name == "title":
            self.in_title = False
        if name in _BLOCKS:
            self.end_block()

    def end_block(self) -> None:
        """The words of one paragraph are over: keep them when the link stood among them."""
        if self.linked and not self.excerpt:
            self.excerpt = one_line("".join(self.block))
        self.block, self.linked = [], False

    def meta(self, *names: str) -> str:
        """The first of these that the page has."""
        return next((self.metas[name] for name in names if self.metas.get(name)), "")

    def named(self, site: str) -> str:
        """The title, without the site's name at its end."""
        title = one_line("".join(self.title)) or one_line(self.meta("og:title"))
        return cut(without_site(title, site), LONGEST_TITLE)

    def words(self) -> str:
        """The paragraph of the link, or what the page says of itself."""
        about = one_line(self.meta("description", "og:description"))
        alone = len(self.excerpt) < SHORTEST_EXCERPT
        return cut(about if about and alone else self.excerpt, LONGEST_EXCERPT)


def without_site(title: str, site: str) -> str:
    """“Gardens – Madrid” without “ – Madrid”, when that is what the site is called."""
    if site and title.endswith(site) and title != site:
        shorter = title.removesuffix(site).rstrip()
        if shorter and shorter[-1] in _SUFFIX:
            return shorter.rstrip(_SUFFIX)
    return title


def _joined(base: str, reference: str) -> str:
    try:
        return urljoin(base, reference)
    except ValueError:
        return ""


def _kind(tag: Tag) -> str:
    """What the link says that it is, by relation (HTML, ours) or class (microformats2)."""
    rels, classes = tag.words("rel"), tag.words("class")
    if rels & {INSPIRED_BY, "inspired-by"} or classes & {"inspired-by", "u-inspired-by"}:
        return "adoption"
    translates = "alternate" in rels and bool(tag.attributes.get("hreflang"))
    if translates or "u-translation-of" in classes:
        return "translation"
    if "canonical" in rels or "u-syndication" in classes:
        return "syndication"
    return "mention"
