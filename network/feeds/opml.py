"""The sites of the network as OPML 2.0: a feed reader or a new node loads it to follow them all."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime

from network.feeds.xml_text import attribute, document, rfc822, text

TYPE = "text/x-opml"


@dataclass(frozen=True, slots=True)
class Outline:
    """One feed. page: the site's front page, if known; lang: the feed's language, if it has one."""

    title: str
    url: str
    page: str = ""
    lang: str | None = None


def serialise(
    title: str,
    owner: str,
    owner_url: str,
    groups: Iterable[tuple[str, Iterable[Outline]]],
    modified: datetime | None = None,
) -> bytes:
    """The list as a document, UTF-8. groups: (name, feeds); a group without feeds is left out."""
    return document(_parts(title, owner, owner_url, groups, modified))


def _parts(
    title: str,
    owner: str,
    owner_url: str,
    groups: Iterable[tuple[str, Iterable[Outline]]],
    modified: datetime | None,
) -> Iterator[str]:
    changed = f"<dateModified>{rfc822(modified)}</dateModified>\n" if modified else ""
    yield (
        '<?xml version="1.0" encoding="utf-8"?>\n<opml version="2.0">\n<head>\n'
        f"<title>{text(title)}</title>\n{changed}<ownerName>{text(owner)}</ownerName>\n"
        f"<ownerId>{text(owner_url)}</ownerId>\n"
        "</head>\n<body>\n"
    )
    for name, outlines in groups:
        if lines := [_outline(outline) for outline in outlines]:
            yield f'<outline text="{attribute(name)}">\n'
            yield from lines
            yield "</outline>\n"
    yield "</body>\n</opml>\n"


def _outline(outline: Outline) -> str:
    """An outline of type rss, which the specification has for feeds of any format."""
    title = attribute(outline.title or outline.url)
    more = {"htmlUrl": outline.page, "language": outline.lang or ""}
    written = "".join(f' {name}="{attribute(value)}"' for name, value in more.items() if value)
    return (
        f'<outline type="rss" text="{title}" title="{title}" '
        f'xmlUrl="{attribute(outline.url)}"{written}/>\n'
    )
