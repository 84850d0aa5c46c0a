"""Sends what kept searches have to say: the question to a new mailbox, and news."""

from __future__ import annotations

from urllib.parse import urlsplit

from sqlalchemy.orm import Session, sessionmaker

from network.catalogue import queries
from network.cities import service as cities
from network.cities import site as sites
from network.cities.site import Site
from network.config import Settings
from network.lib import clock, mail
from network.lib.mail import Letter, Refused, Server
from network.saved_searches import digests, labels, letters, service
from network.saved_searches.models import SavedSearch, SearchDigest
from network.search.engine import SearchEngine


def server(settings: Settings) -> Server | None:
    """The mail server, if this node has one."""
    if not settings.smtp_host:
        return None
    return Server(
        host=settings.smtp_host,
        port=settings.smtp_port,
        user=settings.smtp_user,
        password_file=settings.smtp_password_file,
        tls=settings.smtp_tls,
        sender=settings.smtp_from,
    )


def send(settings: Settings, letter: Letter, site: Site) -> None:
    """Give a letter to the mail server, if there is one. Raises Refused, RemoteError."""
    used = server(settings)
    if used is not None:
        host = urlsplit(settings.base_url).hostname or "localhost"
        mail.send(used, letter, site.name(letter.lang), host)


def ask(sessions: sessionmaker[Session], settings: Settings, handle: str) -> None:
    """Ask the owner of a mailbox, unless they have answered or the wish is gone.

    A mailbox that refuses is forgotten. Raises RemoteError.
    """
    with sessions() as session:
        row = session.get(SavedSearch, handle)
        if row is None or row.confirmed is not None:
            return
        site = sites.read(session, settings)
        letter = letters.question(row, labels.of(session, row), settings, site)
    try:
        send(settings, letter, site)
    except Refused:
        with sessions() as session:
            service.remove(session, [handle])


def tell(
    sessions: sessionmaker[Session], engine: SearchEngine, settings: Settings, handle: str
) -> None:
    """Look for news of a search, and send them with what could not be sent before.

    Raises RemoteError when it is to be tried again.
    """
    if server(settings) is None:
        return
    with sessions() as session:
        if not digests.waiting(session, handle):
            digests.compose(session, engine, handle, clock.now())
        session.rollback()
        waiting = digests.waiting(session, handle)
    for digest in waiting:
        _send_one(sessions, settings, digest)


def _send_one(sessions: sessionmaker[Session], settings: Settings, digest: SearchDigest) -> None:
    with sessions() as session:
        site = sites.read(session, settings)
        letter = _letter(session, settings, site, digest)
        session.rollback()
    outcome = "dropped"
    if letter is not None:
        try:
            send(settings, letter, site)
            outcome = "sent"
        except Refused:
            outcome = "refused"
    with sessions() as session:
        if outcome == "sent":
            digests.sent(session, digest, clock.now())
        elif outcome == "refused":
            digests.refused(session, digest)
        else:
            digests.dropped(session, digest)


def _letter(
    session: Session, settings: Settings, site: Site, digest: SearchDigest
) -> Letter | None:
    """With the studies as they are now; None when none can be seen or nobody is to be told."""
    row = session.get(SavedSearch, digest.handle)
    to = digests.mailbox(session, row) if row else None
    cards = queries.cards(session, digest.studies, row.lang) if row else []
    if row is None or to is None or not cards:
        return None
    known = {city.slug: city for city in cities.all_cities(session)}
    return letters.news(digest, row, to, cards, known, labels.of(session, row), settings, site)
