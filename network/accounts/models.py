"""Tables of people: users, their sessions, what slows guessers down, and links by e-mail."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from network.lib.db import Base, Moment

LONGEST_SESSION = timedelta(days=30)
"""That a setting allows."""
LINK_LASTS = timedelta(minutes=15)


class User(Base):
    """A person who signs in. role: author, editor or administrator. email: lower case, unique."""

    __tablename__ = "user_account"

    id: Mapped[int] = mapped_column(primary_key=True)
    email: Mapped[str] = mapped_column(String(254), unique=True)
    name: Mapped[str] = mapped_column(String(200))
    role: Mapped[str] = mapped_column(String(20))
    password_hash: Mapped[str] = mapped_column(String(200))
    active: Mapped[bool] = mapped_column(default=True)
    created: Mapped[datetime] = mapped_column(Moment)


class UserSession(Base):
    """A signed-in browser. token_hash: SHA-256 of the cookie's token, so that a copy of the
    database opens no session."""

    __tablename__ = "user_session"

    token_hash: Mapped[str] = mapped_column(String(64), primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("user_account.id"), index=True)
    created: Mapped[datetime] = mapped_column(Moment)
    expires: Mapped[datetime] = mapped_column(Moment, info={"longest": LONGEST_SESSION})


class SignInCount(Base):
    """Attempts to sign in since a window began. subject: hash of whose they are (throttle)."""

    __tablename__ = "sign_in_count"

    subject: Mapped[str] = mapped_column(String(64), primary_key=True)
    tries: Mapped[int]
    began: Mapped[datetime] = mapped_column(Moment, index=True)


class SignInLink(Base):
    """A link that was sent by e-mail and not used yet. token_hash: SHA-256 of its token."""

    __tablename__ = "sign_in_link"

    token_hash: Mapped[str] = mapped_column(String(64), primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("user_account.id"), index=True)
    expires: Mapped[datetime] = mapped_column(Moment, info={"longest": LINK_LASTS})
