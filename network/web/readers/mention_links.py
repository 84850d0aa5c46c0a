"""How a study's page takes part in Webmention: where it is told, and links to what it names."""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import urlsplit

from network.adoptions.webmention import queries
from network.adoptions.webmention.queries import MentionView
from network.catalogue.models import Study
from network.web.entrance import locale
from network.web.entrance.context import session, settings
from network.web.entrance.page_cache import add_link

REL = "webmention"

ELSEWHERE = 10
"""Pages that name a study, on its page; its author’s receipt has all of them."""


@dataclass(frozen=True, slots=True)
class SourceLink:
    """The page elsewhere of a study that inspired this one. host: whose site that is."""

    href: str
    title: str
    host: str


@dataclass(frozen=True, slots=True)
class MentionLinks:
    """endpoint: named by pages of our own studies alone. form_url: the same for people.

    sources: the very addresses that the study names. The list of its kin leads to our copies of
    them, and whoever verifies that we link to them looks for the original address.
    elsewhere: pages that name this study, and are shown; more: how many besides.
    """

    endpoint: str | None
    form_url: str | None
    sources: tuple[SourceLink, ...]
    elsewhere: tuple[MentionView, ...] = ()
    more: int = 0


def endpoint() -> str:
    """Where this node takes Webmentions."""
    return f"{settings().base_url}/webmention"


def advertise() -> None:
    """Name the endpoint in the answer's Link header."""
    add_link(endpoint(), REL)


def of_study(found: Study, page: str) -> MentionLinks:
    """What the page of a study needs; page: its public address."""
    sources = _sources(found)
    if found.source_id is not None:
        return MentionLinks(None, None, sources)
    advertise()
    pages, number = queries.elsewhere(session(), found.study_key, ELSEWHERE)
    form_url = locale.url("webmention.form", target=page)
    return MentionLinks(endpoint(), form_url, sources, tuple(pages), number - len(pages))


def _sources(found: Study) -> tuple[SourceLink, ...]:
    here = urlsplit(settings().base_url).netloc
    links = [SourceLink(row.href, row.title, _host(row.href)) for row in found.inspirations]
    return tuple(link for link in links if link.host not in ("", here))


def _host(address: str) -> str:
    try:
        return urlsplit(address).netloc.lower()
    except ValueError:
        return ""
