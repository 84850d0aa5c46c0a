"""Kept searches as pages show them, and what a form about one of them may ask for."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from flask import request

from network.catalogue.queries import FACETS, Filter
from network.lib.errors import NotFound
from network.lib.i18n import N_
from network.saved_searches import labels, letters, posting, service
from network.saved_searches.models import SavedSearch
from network.web.entrance import locale
from network.web.entrance.context import session, settings
from network.web.pieces import filters
from network.web.searching import search_feeds

PERIODS = {
    "daily": N_("Every day, when there is something new"),
    "weekly": N_("Every week, when there is something new"),
    "never": N_("Never: only keep it"),
}


@dataclass(frozen=True, slots=True)
class Kept:
    """One kept search. url: its results; feed_url: the same as a feed. said: it in one line.

    refused: its mailbox took no mail for so long that none is sent any more.
    """

    handle: str
    name: str
    said: str
    url: str
    feed_url: str
    every: str
    last_sent: datetime | None
    refused: bool


def shown(rows: Sequence[SavedSearch]) -> list[Kept]:
    """For the templates."""
    return [_shown(row) for row in rows]


def _shown(row: SavedSearch) -> Kept:
    chosen = Filter(**{name: row.filters[name] for name in FACETS if name in row.filters})
    with locale.speaking(row.lang):
        page = "search.search" if row.query else "case_studies.browse"
        url = filters.address(page, chosen, **({"q": row.query} if row.query else {}))
        feed_url = search_feeds.public_address("atom", row.query, chosen)
    return Kept(
        handle=row.handle,
        name=row.name,
        said=letters.described(row, labels.of(session(), row)),
        url=url,
        feed_url=feed_url,
        every=row.every,
        last_sent=row.last_sent,
        refused=row.every == "never" and row.refusals > 0,
    )


def periods() -> list[tuple[str, str]]:
    """(value, label) of how often; mails only where this site sends any."""
    known = PERIODS if sends_mail() else {"never": PERIODS["never"]}
    return [(value, locale._(label)) for value, label in known.items()]


def sends_mail() -> bool:
    """Whether this site has a mail server."""
    return posting.server(settings()) is not None


def act(rows: Sequence[SavedSearch]) -> str:
    """Do what the form asks for, to one of these searches; gives what was done, to be shown.

    Raises InvalidInput, and NotFound for anybody else's search.
    """
    handle = request.form.get("handle", "")
    if handle not in {row.handle for row in rows}:
        raise NotFound(N_("This search is not kept here (any more)."))
    if request.form.get("action") == "remove":
        service.remove(session(), [handle])
        return locale._(N_("The search is deleted."))
    service.change(session(), handle, request.form.get("name", ""), request.form.get("every", ""))
    return locale._(N_("The search is changed."))
