"""The sites of the network as OPML 2.0: a feed reader or a new node loads it to follow them all."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime

from network.feeds.xml_text import attribute, document, rfc822, text

TYPE = "text/x-opml"
MEMBER = "pioneer-cities"
"""The category of a node of the network; a reader that knows no categories passes it over."""
CITY = "/city/"
"""What stands before a city's slug in the category that names it."""


@dataclass(frozen=True, slots=True)
class Outline:
    """One feed. page: the site's front page, if known; lang: the feed's language, if it has one.

    is_member: whether it is the log of a node of the network. city: slug of its city, if known.
    """

    title: str
    url: str
    page: str = ""
    lang: str | None = None
    is_member: bool = False
    city: str | None = None


@dataclass(frozen=True, slots=True)
class Head:
    """What the list says of itself. changed: when the newest of its feeds came in."""

    title: str
    owner: str
    owner_url: str
    changed: datetime | None = None


def serialise(head: Head, groups: Iterable[tuple[str, Iterable[Outline]]]) -> bytes:
    """The list as a document, UTF-8. groups: (name, feeds); a group without feeds is left out."""
    return document(_parts(head, groups))


def _parts(head: Head, groups: Iterable[tuple[str, Iterable[Outline]]]) -> Iterator[str]:
    changed = rfc822(head.changed) if head.changed else ""
    modified = f"<dateModified>{changed}</dateModified>\n" if changed else ""
    yield (
        '<?xml version="1.0" encoding="utf-8"?>\n<opml version="2.0">\n<head>\n'
        f"<title>{text(head.title)}</title>\n{modified}<ownerName>{text(head.owner)}</ownerName>\n"
        f"<ownerId>{text(head.owner_url)}</ownerId>\n"
        "</head>\n<body>\n"
    )
    for name, outlines in groups:
        if lines := [_outline(outline) for outline in outlines]:
            yield f'<outline text="{attribute(name)}">\n'
            yield from lines
            yield "</outline>\n"
    yield "</body>\n</opml>\n"


def _outline(outline: Outline) -> str:
    """An outline of type rss, which the specification has for feeds of any format.

    Its attribute `version` is left out: it has values for kinds of RSS and none for Atom.
    """
    title = attribute(outline.title or outline.url)
    more = {
        "htmlUrl": outline.page,
        "language": outline.lang or "",
        "category": ",".join(_categories(outline)),
    }
    written = "".join(f' {name}="{attribute(value)}"' for name, value in more.items() if value)
    return (
        f'<outline type="rss" text="{title}" title="{title}" '
        f'xmlUrl="{attribute(outline.url)}"{written}/>\n'
    )


def _categories(outline: Outline) -> Iterator[str]:
    if outline.is_member:
        yield MEMBER
    if outline.city:
        yield CITY + outline.city
