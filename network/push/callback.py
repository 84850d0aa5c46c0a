"""What our callbacks answer to hubs: verifications, denials and deliveries (W3C WebSub)."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping

from sqlalchemy import select
from sqlalchemy.orm import Session

from network.lib.db import writing
from network.lib.signed import Check
from network.push import leases
from network.subscriptions.models import PushLease

LONGEST_CHALLENGE = 500
"""Characters; printable ones alone, so that nobody makes us hand out files of his (section 8.2)."""
LONGEST_LEASE = 10 * 366 * 86_400


def verify(session: Session, token: str, asked: Mapping[str, str]) -> str | None:
    """The challenge to repeat when a hub asks for what we want, else None.

    asked: the query. Only what we asked for is confirmed, and for the exact topic; a hub that asks
    again whether an active lease is wanted is told so, and its length stays.
    """
    challenge = asked.get("hub.challenge", "")
    if not re.fullmatch(rf"[\x21-\x7e]{{1,{LONGEST_CHALLENGE}}}", challenge):
        return None
    with writing(session):
        lease = leases.find(session, token)
        if lease is None or asked.get("hub.topic") != lease.topic:
            return None
        mode = asked.get("hub.mode")
        if mode == "subscribe" and lease.state != "ending":
            return challenge if _confirmed(session, lease, asked) else None
        if mode == "unsubscribe" and lease.state == "ending":
            leases.forget(session, lease.id)
            return challenge
    return None


def _confirmed(session: Session, lease: PushLease, asked: Mapping[str, str]) -> bool:
    given = asked.get("hub.lease_seconds", "")
    if not re.fullmatch(r"[0-9]{1,12}", given, re.ASCII) or not int(given):
        return False
    if not (lease.waiting or lease.state == "active"):
        return False
    leases.confirm(session, lease, min(int(given), LONGEST_LEASE))
    return True


def deny(session: Session, token: str, topic: str, reason: str) -> bool:
    """Note that a hub does not want us, now or any more; False when it is not our hub’s to say."""
    with writing(session):
        lease = leases.find(session, token)
        if lease is None or lease.topic != topic:
            return False
        if lease.state == "ending":
            leases.forget(session, lease.id)
        else:
            leases.refused(lease, " ".join(reason.split()))
    return True


def receive(session: Session, token: str, signature: str, body: Iterable[bytes]) -> bool:
    """Take in a delivery; False when we want none (any more), so that the hub drops us.

    signature: the X-Hub-Signature header. body: in blocks, which are checked and forgotten. One
    that is not signed with our secret is passed over in silence.
    """
    found = _secret(session, token)
    if found is None:
        return False
    check = Check(found, signature)
    for block in body:
        check.update(block)
    if check.is_good():
        with writing(session):
            lease = leases.find(session, token)
            if lease is not None and lease.state != "ending":
                leases.pushed(session, lease)
    return True


def _secret(session: Session, token: str) -> str | None:
    """Read without a lock, because many deliveries may come at the same time."""
    wanted = select(PushLease.secret).where(PushLease.token == token, PushLease.state != "ending")
    secret = session.scalar(wanted)
    session.rollback()
    return secret
