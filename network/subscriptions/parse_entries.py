"""What feedparser found in an XML feed, to plain values: which of its many keys mean what."""

from __future__ import annotations

import html
import re
from dataclasses import replace
from typing import Any
from urllib.parse import urlsplit, urlunsplit

from network.lib.sanitise import sanitise_html
from network.log.names import PC
from network.subscriptions.parse_dates import parse_date
from network.subscriptions.parse_extras import Extras
from network.subscriptions.parse_items import distinct
from network.subscriptions.parse_language import declared_language
from network.subscriptions.parse_text import (
    LONGEST_LABEL,
    SUMMARY_LENGTH,
    TITLE_LENGTH,
    address,
    as_html,
    count,
    cut,
    identity,
    labels,
    one_line,
    plain,
)
from network.subscriptions.parse_values import Enclosure, ForeignFeed, ForeignItem

STAND_IN = "http://relative.invalid"
"""The host that feedparser is told to resolve relative addresses against. It resolves relative
guids too; these can so be told apart and undone: a guid must not change when a site moves."""


def stand_in(url: str) -> str:
    """The address that feedparser is told instead of url."""
    _, _, path, query, _ = urlsplit(url)
    return STAND_IN + urlunsplit(("", "", path, query, ""))


class Reader:
    """Reads one feed's dictionaries.

    With dict.get, because feedparser's own get answers for other keys than the one asked
    (updated for published, with a warning).
    """

    def __init__(self, url: str, feed: dict[str, Any], version: str, extras: Extras) -> None:
        self.url = url
        self.source, self.extras = feed, extras
        self.format = version
        self.atom = version.startswith("atom")
        self.licence = self._licence(feed)
        made_by = dict.get(feed, "generator_detail") or {}
        self.ours = dict.get(made_by, "href") == PC
        self.authors = self._authors(feed) if self.atom else ()

    def feed(self, entries: list[dict[str, Any]], fault: str | None) -> ForeignFeed:
        """The whole feed; fault: what was wrong with the document, for `bozo`."""
        source = self.source
        image = dict.get(source, "image") or {}
        return ForeignFeed(
            title=cut(self._plain(source, "title"), TITLE_LENGTH),
            format=self.format,
            items=distinct([self._item(entry) for entry in entries]),
            language=declared_language(dict.get(source, "language")),
            site_url=self._link(source),
            icon=self._first(
                dict.get(source, "icon"), dict.get(source, "logo"), dict.get(image, "href")
            ),
            hub=self._rel(source, "hub"),
            self_url=self._rel(source, "self"),
            interval=_interval(source),
            quiet=self.extras.quiet,
            bozo=fault,
        )

    def _item(self, entry: dict[str, Any]) -> ForeignItem:
        url = self._link(entry)
        title = self._plain(entry, "title")
        markup, base = self._content(entry, url)
        text = self._plain(entry, "summary") or plain(markup)
        dates = {name: _date(entry, name) for name in ("published", "created", "updated")}
        published = dates["published"] or dates["created"]
        moment = str(published or dates["updated"])
        return ForeignItem(
            identity=identity(self._guid(entry), url, title, moment, text),
            url=url,
            title=cut(title, TITLE_LENGTH) or cut(text, 80) or url or "",
            summary=cut(text, SUMMARY_LENGTH),
            content_html=str(sanitise_html(markup, base)),
            published=published or dates["updated"],
            updated=dates["updated"] or published,
            lang=self._language(entry),
            categories=_categories(entry),
            authors=self._authors(entry) or self.authors,
            enclosures=self._enclosures(entry),
            licence=self._licence(entry) or self.licence,
        )

    def _plain(self, holder: dict[str, Any], key: str) -> str:
        value = dict.get(holder, key)
        if not isinstance(value, str):
            return ""
        # Only Atom says whether text is HTML. RSS titles are either, and look it.
        literal = _is_plain(dict.get(holder, f"{key}_detail") or {}) and self.atom
        markup = not literal and (_TAG.search(value) or _ENTITY.search(value))
        return plain(value) if markup else one_line(value)

    def _content(self, entry: dict[str, Any], url: str | None) -> tuple[str, str]:
        """The fullest text of the entry as HTML, and the address that its links are relative to."""
        parts = [part for part in dict.get(entry, "content") or () if _readable(part)]
        detail = dict.get(entry, "summary_detail")
        # In RSS the description may be the text, and what feedparser calls content a caption.
        if detail and _readable(detail) and not (self.atom and parts):
            parts.append(detail)
        if not parts:
            return "", self.url
        best = max(parts, key=lambda part: (not _is_plain(part), len(part["value"])))
        return _markup(best), self._base(best, url)

    def _base(self, part: dict[str, Any], url: str | None) -> str:
        """xml:base if there is one; else RSS's text was written for the item's page."""
        base = dict.get(part, "base")
        said = isinstance(base, str) and base != stand_in(self.url)
        return (self._address(base) if said or self.atom else url) or self.url

    def _language(self, entry: dict[str, Any]) -> str | None:
        details = [dict.get(entry, f"{key}_detail") for key in ("title", "summary")]
        details += dict.get(entry, "content") or ()
        tags = [dict.get(entry, "language")]
        tags += [dict.get(detail, "language") for detail in details if detail]
        tags.append(dict.get(self.source, "language"))
        return next(filter(None, map(declared_language, tags)), None)

    def _guid(self, entry: dict[str, Any]) -> str | None:
        guid = dict.get(entry, "id")
        if not isinstance(guid, str) or not guid.startswith(STAND_IN):
            return guid if isinstance(guid, str) else None
        relative = guid.removeprefix(STAND_IN)
        return relative.removeprefix(urlsplit(self.url).path.rpartition("/")[0] + "/")

    def _address(self, reference: Any) -> str | None:
        if not isinstance(reference, str):
            return None
        if reference.startswith(STAND_IN):
            scheme, host = urlsplit(self.url)[:2]
            reference = f"{scheme}://{host}{reference.removeprefix(STAND_IN)}"
        return address(self.url, reference)

    def _first(self, *references: Any) -> str | None:
        return next(filter(None, map(self._address, references)), None)

    def _rel(self, holder: dict[str, Any], rel: str) -> str | None:
        links = dict.get(holder, "links") or ()
        return self._first(*(dict.get(ln, "href") for ln in links if dict.get(ln, "rel") == rel))

    def _link(self, holder: dict[str, Any]) -> str | None:
        """The readable page: an alternate link in HTML, else any alternate, else RSS's link."""
        links = [ln for ln in dict.get(holder, "links") or () if dict.get(ln, "rel") == "alternate"]
        links.sort(key=lambda ln: dict.get(ln, "type") not in _PAGES)
        link = dict.get(holder, "link")
        if self.atom and str(link).startswith(STAND_IN):
            link = None  # an id, which feedparser takes for a link
        return self._first(*(dict.get(ln, "href") for ln in links), link)

    def _licence(self, holder: dict[str, Any]) -> str | None:
        if linked := self._rel(holder, "license"):
            return linked
        said = re.search(r"https?://creativecommons\.org/[\w./-]+", str(dict.get(holder, "rights")))
        return self._address(said[0].rstrip(".")) if said else None

    def _authors(self, holder: dict[str, Any]) -> tuple[str, ...]:
        """Names only: an address that stands in for a name is nobody's to publish again.

        Other makers escape names as if they were HTML; a node of this network writes what it means.
        """
        names = [n for n in _names(holder, self.atom) if isinstance(n, str) and "@" not in n]
        return labels(names if self.ours else [plain(name) for name in names], most=20)

    def _enclosures(self, entry: dict[str, Any]) -> tuple[Enclosure, ...]:
        """The files that come with an entry.

        A thumbnail is one where nothing else is and it has a caption: others are avatars and
        ornaments.
        """
        files = [ln for ln in dict.get(entry, "links") or () if dict.get(ln, "rel") == "enclosure"]
        files += dict.get(entry, "media_content") or ()
        small = [{"medium": "image", **each} for each in dict.get(entry, "media_thumbnail") or ()]
        found: dict[str, Enclosure] = {}
        for file in files[:50] or small[:1]:
            each = self._enclosure(file)
            if each and (files or each.title):
                known = found.setdefault(each.url, each)
                if not known.title:
                    found[each.url] = replace(known, title=each.title)
        return tuple(found.values())

    def _enclosure(self, file: dict[str, Any]) -> Enclosure | None:
        written = dict.get(file, "href") or dict.get(file, "url")
        url = self._address(written)
        if url is None:
            return None
        size = count(dict.get(file, "length") or dict.get(file, "filesize")) or None
        kind = one_line(str(dict.get(file, "type") or dict.get(file, "medium") or ""))[:100]
        title = dict.get(file, "title") or self.extras.captions.get(str(written).strip(), "")
        return Enclosure(url, kind, size, cut(plain(str(title)), LONGEST_LABEL))


_PAGES = ("text/html", "application/xhtml+xml")


def _is_plain(part: dict[str, Any]) -> bool:
    return dict.get(part, "type") == "text/plain"


_TAG = re.compile(r"</?[a-zA-Z][^<>]*>|<!--")
_ENTITY = re.compile(r"&#?\w+;")


def _markup(part: dict[str, Any]) -> str:
    value: str = part["value"]
    if _is_plain(part):
        return as_html(value)
    return value if _TAG.search(value) else as_html(html.unescape(value))


def _readable(part: dict[str, Any]) -> bool:
    """Whether an Atom text construct or content is text, not an image or a reference."""
    kind = dict.get(part, "type") or "text/html"
    value = dict.get(part, "value")
    return isinstance(value, str) and value != "" and kind.startswith(("text/", _PAGES[1]))


def _date(entry: dict[str, Any], key: str) -> Any:
    value = dict.get(entry, key)
    return parse_date(value) if isinstance(value, str) else None


def _categories(entry: dict[str, Any]) -> tuple[str, ...]:
    tags = dict.get(entry, "tags") or ()
    names = [plain(dict.get(tag, "label") or dict.get(tag, "term") or "") for tag in tags]
    # Blogger and others say what kind of thing an entry is with an address for a category.
    return labels([name for name in names if not name.startswith(("http://", "https://"))])


_MAILBOX = re.compile(r"\S+@\S+\s*\(([^()]+)\)|([^<>@]+?)\s*<[^<>]*@[^<>]*>")


def _names(holder: dict[str, Any], atom: bool) -> list[Any]:
    """What is written as the authors' names."""
    people = dict.get(holder, "authors") or ()
    written = dict.get(holder, "author")
    if atom or not isinstance(written, str):
        return [dict.get(person, "name") for person in people]
    # feedparser takes RSS's "mail@host (Name)" apart, wrongly where the top domain is long.
    mailbox = _MAILBOX.fullmatch(written.strip()[:LONGEST_LABEL])
    unsplit = [dict.get(person, "name") for person in people if not dict.get(person, "email")]
    return [*unsplit, mailbox[1] or mailbox[2]] if mailbox else (unsplit or [written])


def _interval(feed: dict[str, Any]) -> int | None:
    """Seconds between polls that the feed asks for: RSS's ttl, or RSS 1.0's syndication module."""
    minutes = count(dict.get(feed, "ttl"))
    if minutes:
        return minutes * 60
    period = _PERIODS.get(str(dict.get(feed, "sy_updateperiod") or "").strip().lower())
    times = count(dict.get(feed, "sy_updatefrequency")) or 1
    return period // min(times, period) if period else None


_DAY = 86400
_PERIODS = {
    "hourly": 3600,
    "daily": _DAY,
    "weekly": 7 * _DAY,
    "monthly": 30 * _DAY,
    "yearly": 365 * _DAY,
}
