"""JSON Feed 1.0 and 1.1 (jsonfeed.org/version/1.1) to the same plain values as XML feeds."""

from __future__ import annotations

import json
import re
from typing import Any

from network.lib.errors import RemoteError
from network.lib.i18n import N_
from network.lib.sanitise import sanitise_html, web_url
from network.reading.feeds.document import TRUNCATED, refuse_flood
from network.reading.feeds.items import each_read
from network.reading.values import Enclosure, ForeignFeed, ForeignItem
from network.reading.words.dates import parse_date
from network.reading.words.language import declared_language
from network.reading.words.markup import as_markup, called, decoded_text, pictures
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

NOT_JSON = N_("The feed is not valid JSON.")
NOT_JSON_FEED = N_("This address answers with JSON that is not a feed.")
_VERSION = re.compile(r"https?://(?:www\.)?jsonfeed\.org/version/(1(?:\.1)?)/?", re.I)


def looks_like_json(text: str) -> bool:
    """Whether the document is JSON rather than XML, by its first character."""
    return text.lstrip("\ufeff \t\r\n\0")[:1] in ("{", "[")


def parse_json_feed(text: str, url: str, fault: str | None = None) -> ForeignFeed:
    """The JSON Feed in the text, got from url. Raises RemoteError.

    Items without an id, which the specification says to ignore, go by their address, because
    makers forget it and readers want the item. Anything of a wrong type counts as absent.
    """
    source = load(text)
    version = _VERSION.fullmatch(_text(source, "version"))
    if not version:
        raise RemoteError(NOT_JSON_FEED)
    raw_items = _dicts(source.get("items"))
    refuse_flood(len(raw_items))
    language = declared_language(_text(source, "language"))
    authors = _authors(source)
    items, left_out = each_read(
        lambda raw: _item(raw, url, language, authors), raw_items, lambda raw: raw.get("title")
    )
    return ForeignFeed(
        title=cut(one_line(_text(source, "title")), TITLE_LENGTH),
        format="json11" if version[1] == "1.1" else "json10",
        items=items,
        language=language,
        site_url=address(url, _text(source, "home_page_url")),
        icon=address(url, _text(source, "favicon")) or address(url, _text(source, "icon")),
        hub=_hub(source, url),
        self_url=address(url, _text(source, "feed_url")),
        bozo=fault,
        left_out=left_out,
    )


def load(text: str) -> dict[str, Any]:
    """The object that the document is. Raises RemoteError."""
    body = text.strip("\ufeff \t\r\n\0")
    try:
        source = json.loads(body, strict=False)
    except (ValueError, RecursionError) as error:
        whole = body.endswith(("}", "]"))
        raise RemoteError(NOT_JSON if whole else TRUNCATED) from error
    if not isinstance(source, dict):
        raise RemoteError(NOT_JSON_FEED)
    return source


def _item(
    raw: dict[str, Any], base: str, language: str | None, authors: tuple[str, ...]
) -> ForeignItem:
    url = address(base, _text(raw, "url")) or address(base, _text(raw, "external_url"))
    url = url or web_url(_text(raw, "id"))  # which ideally is the page's address, says the format
    ours = _pioneer(raw)
    # Plain text, says the specification: tags are words. Many makers escape it all the same.
    worded = decoded_text if ours is None else one_line
    title = worded(_text(raw, "title"))
    markup, content = _content(raw, url or base, mend=ours is None)
    text = worded(_text(raw, "summary")) or plain(markup)
    files = _enclosures(raw, base) or (
        () if text or plain(content) else _pictures(raw, markup, url or base)
    )
    only = files[0].url if files and not (title or text) else None
    spoken = declared_language(_text(raw, "language")) or language
    published = parse_date(_text(raw, "date_published"), spoken)
    updated = parse_date(_text(raw, "date_modified"), spoken)
    return ForeignItem(
        identity=identity(_id(raw), url or only, title, str(published or updated), text),
        url=url,
        title=cut(title, TITLE_LENGTH)
        or cut(text or plain(content), 80)
        or called(files)
        or url
        or "",
        summary=cut(text, SUMMARY_LENGTH),
        content_html=content,
        published=published or updated,
        updated=updated or published,
        lang=spoken,
        lang_is_guess=bool(ours and ours.get("language_is_guess") is True),
        categories=labels([tag for tag in _list(raw.get("tags")) if isinstance(tag, str)]),
        authors=_authors(raw) or authors,
        enclosures=files,
    )


def _content(raw: dict[str, Any], base: str, mend: bool) -> tuple[str, str]:
    """The text as it came and as it is safe to show: HTML, or plain text where that says nothing.

    mend: a maker of whom we do not know that what is escaped is meant so.
    """
    written = _text(raw, "content_html")
    markup = as_markup(written) if mend else written
    content = str(sanitise_html(markup, base))
    if not plain(content) and _text(raw, "content_text").strip():
        markup = as_html(_text(raw, "content_text"))
        content = str(sanitise_html(markup, base))
    return markup, content


def _pictures(raw: dict[str, Any], markup: str, base: str) -> tuple[Enclosure, ...]:
    """The pictures of an item that has nothing else."""
    named = [(_text(raw, key), "") for key in ("image", "banner_image")]
    found = ((address(base, src), alt) for src, alt in [*pictures(markup), *named])
    return tuple(Enclosure(src, "image", None, alt) for src, alt in found if src)[:5]


def _authors(holder: dict[str, Any]) -> tuple[str, ...]:
    people = _dicts(holder.get("authors")) or _dicts([holder.get("author")])
    names = [_text(person, "name") for person in people]
    return labels([name_of(name) for name in names], most=20)


def _enclosures(raw: dict[str, Any], base: str) -> tuple[Enclosure, ...]:
    found = []
    for file in _dicts(raw.get("attachments"))[:50]:
        if url := address(base, _text(file, "url")):
            kind = one_line(_text(file, "mime_type"))[:100]
            size = count(file.get("size_in_bytes")) or None
            title = cut(one_line(_text(file, "title")), LONGEST_LABEL)
            found.append(Enclosure(url, kind, size, title))
    return tuple(found)


def _pioneer(raw: dict[str, Any]) -> dict[str, Any] | None:
    """What a node of this network says beyond the format; None in anybody else's feed."""
    said = raw.get("_pioneer")
    return said if isinstance(said, dict) else None


def _hub(source: dict[str, Any], base: str) -> str | None:
    hubs = [hub for hub in _dicts(source.get("hubs")) if _text(hub, "type").lower() == "websub"]
    return address(base, _text(hubs[0], "url")) if hubs else None


def _id(raw: dict[str, Any]) -> str:
    """The id as text: the specification says to accept a number, which makers write."""
    value = raw.get("id")
    return str(value) if isinstance(value, int | float) else _text(raw, "id")


def _text(holder: dict[str, Any], key: str) -> str:
    value = holder.get(key)
    return value if isinstance(value, str) else ""


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []


def _dicts(value: Any) -> list[dict[str, Any]]:
    return [member for member in _list(value) if isinstance(member, dict)]
