"""What feedparser found in an XML feed, to plain values: which of its many keys mean what."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import datetime
from typing import Any

from network.lib.sanitise import sanitise_html, web_url
from network.log.names import PC
from network.reading.feeds.extras import Extras
from network.reading.feeds.items import each_read
from network.reading.feeds.pace import interval
from network.reading.values import Enclosure, ForeignFeed, ForeignItem
from network.reading.words.dates import parse_date
from network.reading.words.language import declared_language, foreignness
from network.reading.words.markup import as_markup, called, decoded_text, pictures, title_text
from network.reading.words.people import name_of
from network.reading.words.text import (
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

GENERATOR = "Pioneer Cities"
"""How nodes of this network name themselves in RSS, where a generator is nothing but a name."""


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
        self.ours = dict.get(made_by, "href") == PC or dict.get(made_by, "name") == GENERATOR
        self.authors = self._authors(feed) if self.atom else ()

    def feed(self, entries: list[dict[str, Any]], fault: str | None) -> ForeignFeed:
        """The whole feed; fault: what was wrong with the document, for `bozo`."""
        source = self.source
        image = dict.get(source, "image") or {}
        items, left_out = each_read(self._item, entries, lambda raw: dict.get(raw, "title"))
        return ForeignFeed(
            title=cut(self._plain(source, "title"), TITLE_LENGTH),
            format=self.format,
            items=items,
            language=declared_language(dict.get(source, "language")),
            site_url=self._link(source),
            icon=self._first(
                dict.get(source, "icon"), dict.get(source, "logo"), dict.get(image, "href")
            ),
            hub=self._rel(source, "hub"),
            self_url=self._rel(source, "self"),
            interval=interval(source),
            quiet=self.extras.quiet,
            bozo=fault,
            left_out=left_out,
        )

    def _item(self, entry: dict[str, Any]) -> ForeignItem:
        url = self._link(entry)
        title = self._plain(entry, "title") or self._plain(entry, "itunes_title")
        markup, content = self._content(entry, url)
        text = self._summary(entry) or plain(markup)
        files = self._enclosures(entry) or (
            () if text or plain(content) else self._pictures(markup, url)
        )
        dates = {name: self._date(entry, name) for name in ("published", "created", "updated")}
        published = dates["published"] or dates["created"]
        moment = str(published or dates["updated"])
        only = files[0].url if files and not (title or text) else None
        return ForeignItem(
            identity=identity(self._guid(entry), url or only, title, moment, text),
            url=url,
            title=cut(title, TITLE_LENGTH)
            or cut(text or plain(content), 80)
            or called(files)
            or url
            or "",
            summary=cut(text, SUMMARY_LENGTH),
            content_html=content,
            published=published or dates["updated"],
            updated=dates["updated"] or published,
            lang=self._language(entry),
            categories=self._categories(entry),
            authors=self._authors(entry) or (() if _is_taken(entry) else self.authors),
            enclosures=files,
            licence=self._licence(entry) or (None if _is_taken(entry) else self.licence),
        )

    def _plain(self, holder: dict[str, Any], key: str) -> str:
        """A title as text. Only Atom says whether it is HTML, and not all who write it mean it; RSS
        titles are either, and look it. A node of this network writes what it means."""
        value = dict.get(holder, key)
        if not isinstance(value, str):
            return ""
        literal = self.atom and _is_plain(dict.get(holder, f"{key}_detail") or {})
        if self.ours:
            return (
                plain(value) if _LOOKS_LIKE_HTML.search(value) and not literal else one_line(value)
            )
        return decoded_text(value) if literal else title_text(value)

    def _summary(self, entry: dict[str, Any]) -> str:
        value, detail = dict.get(entry, "summary"), dict.get(entry, "summary_detail") or {}
        if not isinstance(value, str):
            return ""
        return plain(self._markup({**detail, "value": value}))

    def _markup(self, part: dict[str, Any]) -> str:
        is_plain = self.atom and _is_plain(part)
        value: str = part["value"]
        if not self.ours:
            return as_markup(value, is_plain)
        if is_plain or not _LOOKS_LIKE_HTML.search(value):
            return as_html(value)
        return value

    def _content(self, entry: dict[str, Any], url: str | None) -> tuple[str, str]:
        """The fullest text of the entry that says anything, as HTML and safe to show."""
        parts = [part for part in dict.get(entry, "content") or () if _readable(part)]
        detail = dict.get(entry, "summary_detail")
        # In RSS the description may be the text, and what feedparser calls content another.
        if detail and _readable(detail) and (not (self.atom and parts) or not _speak(parts)):
            parts.append(detail)
        parts.sort(key=lambda part: (not _is_plain(part), len(part["value"])), reverse=True)
        found = [(self._markup(part), self._base(part, url)) for part in parts]
        shown = [(markup, str(sanitise_html(markup, base))) for markup, base in found]
        worded = [each for each in shown if plain(each[1])]
        return worded[0] if worded else (shown[0][0] if shown else "", "")

    def _base(self, part: dict[str, Any], url: str | None) -> str:
        """xml:base if there is one; else RSS's text was written for the item's page."""
        base = dict.get(part, "base")
        said = isinstance(base, str) and base
        return (self._address(base) if said else None if self.atom else url) or self.url

    def _language(self, entry: dict[str, Any]) -> str | None:
        details = [dict.get(entry, f"{key}_detail") for key in ("title", "summary")]
        details += dict.get(entry, "content") or ()
        tags = [dict.get(entry, "language")]
        tags += [dict.get(detail, "language") for detail in details if detail]
        tags.append(dict.get(self.source, "language"))
        return next(filter(None, map(declared_language, tags)), None)

    def _date(self, entry: dict[str, Any], key: str) -> datetime | None:
        value = dict.get(entry, key)
        return parse_date(value, self._language(entry)) if isinstance(value, str) else None

    def _guid(self, entry: dict[str, Any]) -> str | None:
        guid = dict.get(entry, "id")
        return guid if isinstance(guid, str) else None

    def _address(self, reference: Any) -> str | None:
        return address(self.url, reference) if isinstance(reference, str) else None

    def _first(self, *references: Any) -> str | None:
        return next(filter(None, map(self._address, references)), None)

    def _rel(self, holder: dict[str, Any], rel: str) -> str | None:
        links = dict.get(holder, "links") or ()
        return self._first(*(dict.get(ln, "href") for ln in links if dict.get(ln, "rel") == rel))

    def _link(self, holder: dict[str, Any]) -> str | None:
        """The readable page: what a service that counts readers says it leads to; an alternate link
        in HTML, in the language of the text; else any alternate, else RSS's link, else an id that
        is an address where ids are meant to be that."""
        links = [ln for ln in dict.get(holder, "links") or () if dict.get(ln, "rel") == "alternate"]
        lang = self._language(holder)
        links.sort(
            key=lambda ln: (
                dict.get(ln, "type") not in _PAGES,
                foreignness(dict.get(ln, "hreflang"), lang),
            )
        )
        link, own = dict.get(holder, "link"), dict.get(holder, "id")
        if self.atom and link == own and web_url(link) is None:
            link = None  # an id, which feedparser takes for a link
        led_to = dict.get(holder, "feedburner_origlink")
        about = own if self.format in _WITH_ABOUT and web_url(own) else None
        return self._first(led_to, *(dict.get(ln, "href") for ln in links), link, about)

    def _licence(self, holder: dict[str, Any]) -> str | None:
        if linked := self._rel(holder, "license"):
            return linked
        said = re.search(r"https?://creativecommons\.org/[\w./-]+", str(dict.get(holder, "rights")))
        return self._address(said[0].rstrip(".")) if said else None

    def _authors(self, holder: dict[str, Any]) -> tuple[str, ...]:
        """Names only: an address that stands in for a name is nobody's to publish again.

        Other makers escape names as if they were HTML; a node of this network writes what it means.
        """
        names = [name for name in _names(holder, self.atom) if isinstance(name, str)]
        if not self.ours:
            names = [title_text(name) for name in names]
        return labels([name_of(name) for name in names], most=20)

    def _categories(self, entry: dict[str, Any]) -> tuple[str, ...]:
        tags = dict.get(entry, "tags") or ()
        names = [dict.get(tag, "label") or dict.get(tag, "term") or "" for tag in tags]
        names = [plain(name) if self.ours else title_text(name) for name in names]
        # Blogger and others say what kind of thing an entry is with an address for a category.
        return labels([name for name in names if not name.startswith(("http://", "https://"))])

    def _pictures(self, markup: str, url: str | None) -> tuple[Enclosure, ...]:
        """The pictures of an entry that has nothing else."""
        found = ((address(url or self.url, src), alt) for src, alt in pictures(markup))
        return tuple(Enclosure(src, "image", None, alt) for src, alt in found if src)[:5]

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
        return Enclosure(url, kind, size, cut(title_text(str(title)), LONGEST_LABEL))


_LOOKS_LIKE_HTML = re.compile(r"</?[a-zA-Z][^<>]*>|<!--|&#?\w+;")
_PAGES = ("text/html", "application/xhtml+xml")
_WITH_ABOUT = ("rss090", "rss10")
"""Formats whose ids, rdf:about, are addresses (RSS 1.0, 5.5)."""


def _is_plain(part: dict[str, Any]) -> bool:
    return dict.get(part, "type") == "text/plain"


def _readable(part: dict[str, Any]) -> bool:
    """Whether an Atom text construct or content is text, not an image or a reference."""
    kind = dict.get(part, "type") or "text/html"
    value = dict.get(part, "value")
    return isinstance(value, str) and value != "" and kind.startswith(("text/", _PAGES[1]))


def _speak(parts: list[dict[str, Any]]) -> bool:
    return any(plain(part["value"]) for part in parts)


def _is_taken(entry: dict[str, Any]) -> bool:
    """Whether the entry was taken from another feed, whose people and terms are not this one's."""
    return isinstance(dict.get(entry, "source"), dict)


def _names(holder: dict[str, Any], atom: bool) -> list[Any]:
    """What is written as the authors' names."""
    people = dict.get(holder, "authors") or ()
    written = dict.get(holder, "author")
    if atom or not isinstance(written, str):
        return [dict.get(person, "name") for person in people]
    # feedparser takes a name with a mailbox apart, wrongly where the top domain is long.
    unsplit = [dict.get(person, "name") for person in people if not dict.get(person, "email")]
    return [*unsplit, written] if "@" in written else (unsplit or [written])
