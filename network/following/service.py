"""What people and the worker do about followed feeds: follow, look, block, move, leave."""

from __future__ import annotations

from sqlalchemy import delete, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session, sessionmaker

from network.catalogue import store as catalogue
from network.following.resolve import Target, resolve
from network.intake.service import Later, Outcome, look_at
from network.jobs import service as jobs
from network.jobs.kinds import Kind
from network.lib import clock
from network.lib.db import writing
from network.lib.errors import InvalidInput, NotFound
from network.lib.http import Door
from network.lib.i18n import N_
from network.log.tidy import one_line
from network.moderation import parts, told_cities
from network.moderation import service as moderation
from network.moderation.rules import Rule
from network.push import leases
from network.subscriptions.claims import (
    Claim,
    claim_due,
    claim_one,
    marked,
    release_claims,
)
from network.subscriptions.fetch import origin_of
from network.subscriptions.models import RemoteEntry, SourceIcon, Subscription, UnreadEntry
from network.subscriptions.policy import Policy

__all__ = [
    "Claim",
    "Outcome",
    "accept_move",
    "block",
    "claim_due",
    "decline_move",
    "follow",
    "give_word",
    "poll",
    "poll_now",
    "release_claims",
    "rename",
    "unblock",
    "unfollow",
]


LONGEST_NAME = 200


def follow(
    session: Session,
    door: Door,
    address: str,
    policy: Policy,
    *,
    city: str | None = None,
    language: str | None = None,
    rule: Rule | None = None,
) -> Subscription:
    """Follow the feed behind an address and look at it once; gives the subscription.

    city: slug of the city that a foreign feed speaks for. language: of a foreign feed that says a
    wrong one, as many do by default, or none. rule: what of it is shown at once; None leaves it as
    it is; for a new one everything, or that part of a node whose feed was named (parts.narrow).
    What is followed already is given as it is but for that. Should
    the first look fail, the subscription says why and the worker tries again. Raises InvalidInput,
    RemoteError.
    """
    session.rollback()  # nothing is asked of the network within a transaction
    target = resolve(door, address, policy)
    with writing(session):
        found = _followed(session, target)
        is_new = found is None
        if found is None:
            found = _added(session, _subscription(target, city, language))
            if found.kind == "member":
                jobs.add(session, Kind.DESCRIBE, str(found.id))
        subscription_id = found.id
        if rule is not None:
            moderation.set_rule(session, subscription_id, rule)
        elif target.part is not None:
            parts.narrow(session, found, target.part, is_new=is_new)
    if is_new or found.state == "gone":
        _look(session, door, claim_one(session, subscription_id), policy)
    return moderation.source(session, subscription_id, lock=False)


def _added(session: Session, new: Subscription) -> Subscription:
    """The new one; where somebody else has added it in this very moment, theirs."""
    try:
        with session.begin_nested():
            session.add(new)
    except IntegrityError:
        return session.scalars(select(Subscription).where(Subscription.url == new.url)).one()
    return new


def _followed(session: Session, target: Target) -> Subscription | None:
    """The subscription that has this feed already; a node is followed once, by its origin."""
    same = session.scalar(select(Subscription).where(Subscription.url == target.url))
    if same is not None or target.kind == "foreign":
        return same
    return _speaker(session, origin_of(target.url))


def _speaker(session: Session, origin: str) -> Subscription | None:
    """The member whose ids may begin with this origin."""
    members = session.scalars(select(Subscription).where(Subscription.kind == "member"))
    return next((m for m in members if origin in (m.origin, *m.former_origins)), None)


def _subscription(target: Target, city: str | None, language: str | None) -> Subscription:
    now, origin = clock.now(), origin_of(target.url)
    return Subscription(
        url=target.url,
        kind=target.kind,
        origin=origin,
        site_url=f"{origin}/",
        title=origin.partition("://")[2],
        city=city,
        language=language,
        created=now,
        next_poll=now,
    )


def unfollow(session: Session, subscription_id: int) -> None:
    """Stop following and forget all that came by it. Raises NotFound."""
    with writing(session):
        found = moderation.source(session, subscription_id)
        keys = catalogue.remove_source(session, subscription_id)
        jobs.add_many(session, Kind.INDEX, keys)
        leases.leave(session, subscription_id)
        told_cities.forget_source(session, subscription_id)
        for table in (RemoteEntry, UnreadEntry, SourceIcon):
            session.execute(delete(table).where(table.subscription_id == subscription_id))
        moderation.forget_source(session, subscription_id)
        session.delete(found)


def block(session: Session, subscription_id: int) -> None:
    """Take what came by a subscription off pages, feeds and search, and stop looking at it."""
    with writing(session):
        found = moderation.source(session, subscription_id)
        found.state, found.token, found.claimed_until = "blocked", None, None
        told_cities.silence(session, subscription_id)
        leases.leave(session, subscription_id)
        jobs.add_many(session, Kind.INDEX, catalogue.show_source(session, subscription_id, False))


def unblock(session: Session, subscription_id: int) -> None:
    """Show it again, and look at it at once."""
    with writing(session):
        found = moderation.source(session, subscription_id)
        found.state, found.next_poll = "active", clock.now()
        if told_cities.claimed(session, subscription_id):
            told_cities.listen(session, found)
        jobs.add_many(session, Kind.INDEX, catalogue.show_source(session, subscription_id, True))


def give_word(session: Session, subscription_id: int, slug: str) -> None:
    """Have a node's word on the city that it says to be the site of be the last one here.

    slug: what it calls the city. Raises NotFound.
    """
    with writing(session):
        told_cities.give_word(session, moderation.source(session, subscription_id), slug)


def poll(
    sessions: sessionmaker[Session],
    door: Door,
    target: Claim | int,
    policy: Policy,
    later: Later | None = None,
) -> Outcome:
    """Look at one feed now, with a session of its own.

    target: a claim of `claim_due`, or a subscription's id, which is claimed here; when it cannot
    be (blocked, not followed, somebody is looking already) the outcome is `lost`.
    later: see `intake.look_at`.
    """
    with sessions() as session:
        claim = target if isinstance(target, Claim) else claim_one(session, target)
        return _look(session, door, claim, policy, later)


def _look(
    session: Session, door: Door, claim: Claim | None, policy: Policy, later: Later | None = None
) -> Outcome:
    return Outcome("lost") if claim is None else look_at(session, door, claim, policy, later)


def poll_now(session: Session, subscription_id: int) -> None:
    """Have the worker look at a feed as soon as it can, whatever it waited for. Raises NotFound."""
    with writing(session):
        found = moderation.source(session, subscription_id)
        found.next_poll = marked(clock.now())
        if found.state == "gone":
            found.state = "active"


def accept_move(session: Session, subscription_id: int) -> None:
    """Agree that the feed moved for good to another site, and look at it there at once.

    A member's ids may from now on begin with either origin. Raises NotFound, InvalidInput.
    """
    with writing(session):
        found = moderation.source(session, subscription_id)
        if found.pending_url is None:
            raise NotFound(N_("There is no move to confirm."))
        origin = origin_of(found.pending_url)
        taken = session.scalar(select(Subscription).where(Subscription.url == found.pending_url))
        if found.kind == "member":
            taken = taken or _speaker(session, origin)
        if taken is not None and taken.id != found.id:
            raise InvalidInput(N_("The new address is followed already."))
        if origin != found.origin:
            former = [o for o in found.former_origins if o != origin]
            found.former_origins = [*former, found.origin]
        found.url, found.origin, found.pending_url = found.pending_url, origin, None
        found.token, found.claimed_until = None, None  # a look under way is at the old address
        found.etag = found.last_modified = found.content_hash = ""
        found.failures, found.next_poll = 0, clock.now()


def decline_move(session: Session, subscription_id: int) -> None:
    """Stay with the old address; the question comes again while it redirects. Raises NotFound."""
    with writing(session):
        moderation.source(session, subscription_id).pending_url = None


def rename(session: Session, subscription_id: int, title: str) -> str:
    """Call a followed site by a name of our own, or with an empty one as it calls itself.

    Gives the name as it is kept.

    A look that is under way loses its claim, because it knows only the old name. Raises NotFound,
    InvalidInput.
    """
    title = one_line(title, LONGEST_NAME + 1)
    if len(title) > LONGEST_NAME:
        raise InvalidInput(
            N_("Give a name of at most %(most)s characters."), "title", most=LONGEST_NAME
        )
    with writing(session):
        found = moderation.source(session, subscription_id)
        found.title_is_chosen = bool(title)
        found.title = title or found.origin.partition("://")[2]
        if not title:  # have its own title read again
            found.etag = found.last_modified = found.content_hash = ""
        found.token = found.claimed_until = None
        found.next_poll = clock.now()
    return title
