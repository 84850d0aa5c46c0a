"""What somebody says to link to one of our studies: checked for sense, kept, and looked at later.

Anyone may ask, so everything that an answer costs has a bound: rows, jobs, requests to one site.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import func, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from network.adoptions.models import Mention
from network.adoptions.webmention import sites, targets
from network.adoptions.webmention.sending import digest
from network.jobs import service as jobs
from network.jobs.kinds import Kind
from network.lib import clock
from network.lib.db import writing
from network.lib.errors import Forbidden, InvalidInput, PioneerError
from network.lib.i18n import N_
from network.lib.sanitise import web_url

LONGEST = 2_000
"""Characters of an address."""
NEW_PER_HOUR, NEW_PER_HOUR_OF_MEMBER = 60, 5_000
"""New pairs that one host may bring in an hour."""
STRANGERS = 20_000
"""Rows that strangers may fill; members are always heard."""
REST = timedelta(seconds=10)
"""Between two looks at one source, however often somebody asks."""
UNDER_WAY = timedelta(minutes=15)
"""A look that has a job is left to it for so long."""


class TooMany(PioneerError):
    """This is too much at the moment. seconds: until it may be tried again."""

    def __init__(self, message: str, seconds: int) -> None:
        super().__init__(message)
        self.seconds = seconds


def receive(session: Session, source: str, target: str, base_url: str) -> Mention:
    """Keep a Webmention to be verified, once per pair; one that is known is looked at again.

    Raises InvalidInput with the field that is wrong, Forbidden for a blocked site, TooMany.
    """
    _check(source, target, base_url)
    with writing(session):
        study_key = targets.study_at(session, target, base_url)
        if study_key is None:
            raise InvalidInput(
                N_("This is not the address of a case study that this site published (target)."),
                "target",
            )
        opinion, now = sites.known(session), clock.now()
        if opinion.blocks(sites.host_of(source)):
            raise Forbidden(N_("This site takes no Webmentions from there."))
        row = _row(session, digest(source, target))
        if row is None:
            _make_room(session, source, opinion.trusts(source), now)
            row = _added(session, source, target, study_key, now)
            row.trusted = opinion.trusts(source)
        _ask_for_a_look(session, row, now)
    return row


def _check(source: str, target: str, base_url: str) -> None:
    """Section 3.2.1: two different web addresses, of which one is somebody else's page."""
    for name, given in (("source", source), ("target", target)):
        if not given:
            raise InvalidInput(_MISSING[name], name)
        if len(given) > LONGEST or given.split() != [given] or web_url(given) is None:
            raise InvalidInput(_NO_ADDRESS[name], name)
    if source.partition("#")[0] == target.partition("#")[0]:
        raise InvalidInput(N_("Both addresses (source and target) are the same page."), "source")
    if sites.host_of(source) == sites.host_of(base_url):
        raise InvalidInput(
            N_("The page that links to us (source) is a page of this site itself."), "source"
        )


_MISSING = {
    "source": N_("The address of the page that links to us (source) is missing."),
    "target": N_("The address of the case study that is linked to (target) is missing."),
}
_NO_ADDRESS = {
    "source": N_("The address of the page (source) must begin with http:// or https://."),
    "target": N_("The address of the case study (target) must begin with http:// or https://."),
}


def _row(session: Session, key: str) -> Mention | None:
    return session.scalar(select(Mention).where(Mention.digest == key).with_for_update())


def _make_room(session: Session, source: str, trusted: bool, now: datetime) -> None:
    """Raises TooMany when the host, or strangers in all, have brought as many as they may."""
    recent = select(func.count()).where(
        Mention.host == sites.host_of(source),
        Mention.received.between(now - timedelta(hours=1), now + clock.SLACK),
    )
    if (session.scalar(recent) or 0) >= (NEW_PER_HOUR_OF_MEMBER if trusted else NEW_PER_HOUR):
        raise TooMany(N_("That site has sent too many Webmentions; try again later."), 3600)
    if trusted:
        return
    strangers = select(func.count()).where(Mention.trusted.is_(False))
    if (session.scalar(strangers) or 0) >= STRANGERS:
        raise TooMany(N_("Too many Webmentions wait to be read; try again later."), 3600)


def _added(session: Session, source: str, target: str, study_key: str, now: datetime) -> Mention:
    row = Mention(source=source, target=target, study_key=study_key, received=now)
    row.digest, row.host, row.state = digest(source, target), sites.host_of(source), "new"
    try:
        with session.begin_nested():
            session.add(row)
    except IntegrityError:  # the same pair arrived in this very moment
        return session.scalars(select(Mention).where(Mention.digest == row.digest)).one()
    return row


def _ask_for_a_look(session: Session, row: Mention, now: datetime) -> None:
    """Now, or when the last look is some seconds ago. What a person refused is not looked at."""
    if row.decision == "refused":
        return
    verified = clock.believed(row.verified_at, now)
    if verified is not None and verified + REST > now:
        row.next_check = min(row.next_check or now + REST, verified + REST)
        return
    row.next_check = now + UNDER_WAY
    jobs.add(session, Kind.WEBMENTION_CHECK, row.digest)
