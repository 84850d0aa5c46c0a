"""People: adding them, signing in and out, and roles."""

from __future__ import annotations

import hashlib
import re
import secrets
from collections.abc import Callable, Sequence
from datetime import timedelta

from sqlalchemy import delete, func, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from network.accounts import links, passwords, throttle
from network.accounts.models import User, UserSession
from network.lib import clock
from network.lib.db import writing
from network.lib.errors import InvalidInput, NotFound
from network.lib.i18n import N_
from network.lib.text import clean, said

ROLES = ("author", "editor", "administrator")
"""From least to most: each may do all that those before it may."""


def has_role(user: User, role: str) -> bool:
    """Whether the person has this role or a higher one."""
    return ROLES.index(user.role) >= ROLES.index(role)


def add(session: Session, email: str, name: str, role: str, password: str) -> User:
    """Add a person; raises InvalidInput with the field that is wrong."""
    email, name = _email(email), said(clean(name).strip()[:200])
    if role not in ROLES:
        raise InvalidInput(N_("The role is one of %(roles)s."), "role", roles=", ".join(ROLES))
    passwords.check_strength(password, email, name)
    taken = InvalidInput(N_("There is already an account for %(email)s."), "email", email=email)
    user = User(email=email, name=name or email, role=role, created=clock.now(), active=True)
    user.password_hash = passwords.hash_password(password)
    try:
        with writing(session):
            if session.scalar(select(User.id).where(User.email == email)):
                raise taken
            session.add(user)
    except IntegrityError:  # added in this very moment by somebody else
        raise taken from None
    return user


def _email(given: str) -> str:
    email = clean(given).strip().lower()
    if len(email) > 254 or not re.fullmatch(r"[^@\s]+@[^@\s]+\.[^@\s.]+", email):
        raise InvalidInput(N_("Enter a mailbox such as name@city.example."), "email")
    return email


def get(session: Session, email: str) -> User:
    """The person with this mailbox; raises NotFound."""
    user = _of_mailbox(session, email)
    if user is None:
        raise NotFound(N_("There is no account for %(email)s."), email=email)
    return user


def _of_mailbox(session: Session, email: str) -> User | None:
    return session.scalar(select(User).where(User.email == clean(email).strip().lower()))


def everyone(session: Session) -> Sequence[User]:
    """Every person, by name."""
    return session.scalars(select(User).order_by(User.name, User.id)).all()


def number(session: Session) -> int:
    """How many people may sign in."""
    return session.scalar(select(func.count()).select_from(User).where(User.active)) or 0


def set_role(session: Session, email: str, role: str) -> User:
    """Change a person's role; the last administrator keeps it."""
    if role not in ROLES:
        raise InvalidInput(N_("The role is one of %(roles)s."), "role", roles=", ".join(ROLES))
    with writing(session):
        user = get(session, email)
        if user.role == "administrator" and role != "administrator":
            _keep_one_administrator(session, user)
        user.role = role
    return user


def set_active(session: Session, email: str, active: bool) -> User:
    """Let a person in again, or out at once, in every browser."""
    with writing(session):
        user = get(session, email)
        if not active:
            if user.role == "administrator":
                _keep_one_administrator(session, user)
            _close_all(session, user)
        user.active = active
    return user


def _keep_one_administrator(session: Session, user: User) -> None:
    # Locked, because two who name each other nobody in the same moment would both go.
    administrators = (
        select(User.id)
        .where(User.role == "administrator", User.active)
        .order_by(User.id)
        .with_for_update()
    )
    if not set(session.scalars(administrators)) - {user.id}:
        raise InvalidInput(N_("This is the last administrator: name another one first."), "role")


def set_password(session: Session, email: str, password: str) -> User:
    """Change a password and sign the person out everywhere."""
    with writing(session):
        user = get(session, email)
        passwords.check_strength(password, user.email, user.name)
        user.password_hash = passwords.hash_password(password)
        _close_all(session, user)
    return user


def _close_all(session: Session, user: User) -> None:
    session.execute(delete(UserSession).where(UserSession.user_id == user.id))
    links.forget(session, user)


def sign_in(
    session: Session,
    email: str,
    password: str,
    address: str,
    known: Callable[[User], str | None] = lambda _user: None,
) -> User:
    """The person with this mailbox and password. address: where the request came from. known: the
    mark of a browser that this person has signed in with before (`devices.read`).

    Raises InvalidInput, with the same message for an unknown mailbox and a wrong password, and
    after too many attempts.
    """
    user = _of_mailbox(session, email)
    device = known(user) if user else None
    limits = throttle.of_attempt(clean(email).strip().lower(), address, device)
    throttle.take(session, limits)
    if not passwords.verify(user.password_hash if user else None, password) or not (
        user and user.active
    ):
        raise InvalidInput(N_("The mailbox and the password do not match."), "password")
    with writing(session):
        throttle.give_back(session, limits)
        if passwords.needs_rehash(user.password_hash):
            user.password_hash = passwords.hash_password(password)
    return user


def open_session(session: Session, user: User, hours: int) -> str:
    """A new token for a browser; only its hash is kept here."""
    token = secrets.token_urlsafe(32)
    now = clock.now()
    with writing(session):
        session.execute(delete(UserSession).where(UserSession.expires < now))
        session.add(
            UserSession(
                token_hash=_hash(token),
                user_id=user.id,
                created=now,
                expires=now + timedelta(hours=hours),
            )
        )
    return token


def user_of_token(session: Session, token: str) -> User | None:
    """The active person whose unexpired session this is. One that began in the future began while
    this machine’s clock was ahead, and would last until that time."""
    now = clock.now()
    return session.scalar(
        select(User)
        .join(UserSession)
        .where(UserSession.token_hash == _hash(token), User.active)
        .where(UserSession.expires > now, UserSession.created <= now + clock.SLACK)
    )


def close_session(session: Session, token: str) -> None:
    """End one session."""
    with writing(session):
        session.execute(delete(UserSession).where(UserSession.token_hash == _hash(token)))


def _hash(token: str) -> str:
    return hashlib.sha256(token.encode("utf-8", "replace")).hexdigest()
