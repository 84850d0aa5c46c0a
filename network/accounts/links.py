"""A link by e-mail that makes a browser known: its owner gets a chance that no guesser uses up.

It signs nobody in: the password is still asked for. Only its hash is kept, it is good once, for
some minutes, and nobody is told whether a mailbox has an account.
"""

from __future__ import annotations

import hashlib
import secrets

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from network.accounts import throttle
from network.accounts.models import LINK_LASTS, SignInLink, User
from network.jobs import service as jobs
from network.jobs.kinds import Kind
from network.lib import clock
from network.lib.db import writing


def ask(session: Session, email: str, address: str, lang: str) -> bool:
    """Have a link sent, if the mailbox has an account; False when too many are asked for from this
    address. A mailbox that was sent some already gets no more, and nobody is told."""
    mailbox = email.strip().lower()[:254]
    by_address, by_mailbox = throttle.of_link(mailbox, address)
    if not throttle.allows(session, [by_address]):
        return False
    wanted = throttle.allows(session, [by_mailbox])
    with writing(session):
        if wanted:
            jobs.add(session, Kind.SIGN_IN_LINK, secrets.token_hex(8), mailbox=mailbox, lang=lang)
    return True


def make(session: Session, email: str) -> tuple[User, str] | None:
    """The person with this mailbox and a new link's token; links that they had are void."""
    with writing(session):
        user = session.scalar(select(User).where(User.email == email, User.active))
        if user is None:
            return None
        forget(session, user)
        token, now = secrets.token_urlsafe(32), clock.now()
        session.execute(
            delete(SignInLink).where(~SignInLink.expires.between(now, now + LINK_LASTS))
        )
        session.add(SignInLink(token_hash=_hash(token), user_id=user.id, expires=now + LINK_LASTS))
    return user, token


def redeem(session: Session, token: str) -> User | None:
    """Whose link this is; it is good once."""
    good = clock.is_ahead(SignInLink.expires, clock.now(), LINK_LASTS)
    used = (
        delete(SignInLink)
        .where(SignInLink.token_hash == _hash(token), good)
        .returning(SignInLink.user_id)
        .execution_options(synchronize_session=False)
    )
    with writing(session):
        user_id = session.scalar(used)
        return session.scalar(select(User).where(User.id == user_id, User.active))


def forget(session: Session, user: User) -> None:
    """Links of this person are void, in the caller's transaction."""
    session.execute(delete(SignInLink).where(SignInLink.user_id == user.id))


def _hash(token: str) -> str:
    return hashlib.sha256(token.encode("utf-8", "replace")).hexdigest()
