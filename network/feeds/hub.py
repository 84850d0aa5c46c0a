"""The hub (W3C WebSub): what a subscriber may ask of it, and how much of that is taken in.

Anybody may ask, so everything is bounded: a request is a row and a job, a host gets only so many,
and nothing is sent to a callback before it has said that it wants it (`hub_verify`).
"""

from __future__ import annotations

import hashlib
import re
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from urllib.parse import urlsplit

from sqlalchemy import func, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from network.feeds.models import LONGEST_LEASE, HubSubscription, HubTopic
from network.jobs import service as jobs
from network.jobs.kinds import Kind
from network.lib import clock
from network.lib.db import writing
from network.lib.errors import InvalidInput, PioneerError
from network.lib.i18n import N_
from network.lib.sanitise import web_url
from network.subscriptions.fetch import origin_of, same_site
from network.subscriptions.models import Subscription

DEFAULT_LEASE = 10 * 86_400
"""Seconds, as the Recommendation advises."""
LONGEST_SECRET = 199
"""Bytes: less than 200 (section 5.1)."""
LONGEST_ADDRESS = 2_000
LONGEST_PATH = 1_000
MOST_PER_HOST = 200
"""Subscriptions of one callback host: more than a feed reader needs, too few to flood it with."""
MOST = 2_000
MOST_TOPICS = 200
"""Feeds that are made anew at each change, other than the log."""
LOG_PATH = "/feed.atom"
LONGEST_PAUSE = 600
"""Seconds before a callback is asked again that did not want it."""
NOT_OURS = N_("hub.topic is not a feed of this site; this hub serves no others.")


class Full(PioneerError):
    """There are too many subscriptions already."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """A request to the hub. lease: seconds. secret: empty for deliveries without a signature."""

    mode: str
    topic: str
    callback: str
    lease: int = DEFAULT_LEASE
    secret: str = ""

    @property
    def digest(self) -> str:
        """The key of the subscription."""
        return hashlib.sha256(f"{self.topic}\n{self.callback}".encode()).hexdigest()


def read(form: Mapping[str, str], base_url: str) -> Wanted:
    """The request that a form makes; parameters that we do not know are passed over.

    base_url: of this node. Raises InvalidInput.
    """
    mode = form.get("hub.mode", "")
    if mode not in ("subscribe", "unsubscribe"):
        raise InvalidInput(N_("hub.mode must be “subscribe” or “unsubscribe”."))
    secret = form.get("hub.secret", "")
    if len(secret.encode()) > LONGEST_SECRET:
        raise InvalidInput(N_("hub.secret must be less than 200 bytes long."))
    return Wanted(
        mode=mode,
        topic=_topic(form.get("hub.topic", ""), base_url),
        callback=_callback(form.get("hub.callback", ""), base_url),
        lease=_lease(form.get("hub.lease_seconds", "")) if mode == "subscribe" else 0,
        secret=secret,
    )


def _topic(given: str, base_url: str) -> str:
    if not given:
        raise InvalidInput(N_("hub.topic is missing."))
    if not _is_address(given) or not same_site(given, base_url):
        raise InvalidInput(NOT_OURS)
    return given


def _callback(given: str, base_url: str) -> str:
    if not given:
        raise InvalidInput(N_("hub.callback is missing."))
    if not _is_address(given):
        raise InvalidInput(N_("hub.callback must be an http or https address."))
    if same_site(given, base_url):
        raise InvalidInput(N_("hub.callback is an address of this site itself."))
    return given


def _is_address(given: str) -> bool:
    """Whether it is a web address as it stands: what we call is exactly what was given."""
    return len(given) <= LONGEST_ADDRESS and "#" not in given and web_url(given) == given


def _lease(given: str) -> int:
    if not given:
        return DEFAULT_LEASE
    digits = given.lstrip("0")
    if not re.fullmatch(r"[0-9]+", given) or not digits:
        raise InvalidInput(N_("hub.lease_seconds must be a positive whole number."))
    return min(
        int(digits[:12]), int(LONGEST_LEASE.total_seconds())
    )  # as long as anybody could wish


def accept(session: Session, wanted: Wanted, path: str) -> None:
    """Remember a request and have it verified; what is subscribed already stays until then.

    path: the topic's canonical address without scheme and host. Raises Full, InvalidInput.
    """
    if len(path) > LONGEST_PATH:
        raise InvalidInput(N_("hub.topic is too long."))
    now = clock.now()
    with writing(session):
        row = _row(session, wanted) or _added(session, wanted, path, now)
        row.wanted_mode, row.wanted_lease = wanted.mode, wanted.lease
        row.wanted_secret, row.wanted_token = wanted.secret, secrets.token_hex(8)
        row.wanted_at = now
        session.flush()
        jobs.schedule(session, Kind.HUB_VERIFY, {str(row.id): now + _pause(row)})


def _pause(row: HubSubscription) -> timedelta:
    """Who did not want it the last times is asked again the later, whoever wishes it."""
    return timedelta(seconds=min(2**row.tries, LONGEST_PAUSE) if row.tries else 0)


def _row(session: Session, wanted: Wanted) -> HubSubscription | None:
    return session.scalar(
        select(HubSubscription).where(HubSubscription.digest == wanted.digest).with_for_update()
    )


def _added(session: Session, wanted: Wanted, path: str, now: datetime) -> HubSubscription:
    host = urlsplit(origin_of(wanted.callback)).netloc[:300]
    _check_room(session, wanted, host)
    topic = _topic_row(session, path)
    row = HubSubscription(
        topic_id=topic.id,
        digest=wanted.digest,
        topic=wanted.topic,
        callback=wanted.callback,
        host=host,
        wanted_at=now,
        tries=0,
    )
    try:
        with session.begin_nested():
            session.add(row)
    except IntegrityError:  # the same request came in this very moment
        return session.scalars(
            select(HubSubscription).where(HubSubscription.digest == wanted.digest)
        ).one()
    return row


def _check_room(session: Session, wanted: Wanted, host: str) -> None:
    """Raises Full. Members whom we follow are taken in whatever strangers have used up."""
    counted = select(func.count()).select_from(HubSubscription)
    if (session.scalar(counted.where(HubSubscription.host == host)) or 0) >= MOST_PER_HOST:
        raise Full(N_("There are too many subscriptions of %(host)s already."), host=host)
    if (session.scalar(counted) or 0) >= MOST and not _is_member(session, wanted.callback):
        raise Full(N_("This hub takes no more subscriptions at the moment."))


def _is_member(session: Session, callback: str) -> bool:
    member = select(Subscription.id).where(
        Subscription.kind == "member", Subscription.origin == origin_of(callback)
    )
    return session.scalar(member.limit(1)) is not None


def _topic_row(session: Session, path: str) -> HubTopic:
    """The topic, locked so that nobody sweeps it away. Raises Full."""
    found = select(HubTopic).where(HubTopic.path == path).with_for_update()
    if topic := session.scalar(found):
        return topic
    number = session.scalar(select(func.count()).select_from(HubTopic)) or 0
    if number >= MOST_TOPICS and path != LOG_PATH:
        raise Full(N_("This hub takes no more topics at the moment."))
    try:
        with session.begin_nested():
            session.add(HubTopic(path=path))
    except IntegrityError:
        pass
    return session.scalars(found).one()
