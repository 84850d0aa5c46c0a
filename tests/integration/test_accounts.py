"""People in the database: adding them, signing in, sessions and the last administrator."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from argon2 import PasswordHasher
from sqlalchemy import select
from sqlalchemy.orm import Session

from network.accounts import passwords, service
from network.accounts.models import User, UserSession
from network.lib import clock
from network.lib.errors import InvalidInput, NotFound

PASSWORD = "quatre fontaines et un pont"
NEW = "un autre mot, et encore un"


pytestmark = pytest.mark.usefixtures("cheap_hashes")


@pytest.fixture
def ines(session: Session) -> User:
    return service.add(session, " Ines@Paris.example", "Inès", "author", PASSWORD)


def sign_in(session: Session, password: str = PASSWORD, address: str = "192.0.2.1") -> User:
    return service.sign_in(session, "INES@paris.example", password, address)


def test_a_person_is_found_by_mailbox_whatever_its_case(session: Session, ines: User) -> None:
    assert ines.email == "ines@paris.example"
    assert sign_in(session).id == ines.id
    with pytest.raises(InvalidInput, match="already an account"):
        service.add(session, "INES@PARIS.EXAMPLE", "Other", "author", PASSWORD)
    assert [user.id for user in service.everyone(session)] == [ines.id]


@pytest.mark.parametrize(
    "email", ["", "ines", "ines@", "@paris.example", "a b@paris.example", "a@paris", "a@b@c.d",
              "a\r\nb@paris.example", "x" * 250 + "@a.example"],
)  # fmt: skip
def test_what_is_no_mailbox_is_refused(session: Session, email: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        service.add(session, email, "Name", "author", PASSWORD)
    assert refused.value.field == "email"


def test_a_name_that_shows_nothing_is_the_mailbox(session: Session) -> None:
    assert service.add(session, "a@paris.example", "\u3164\u200b", "author", PASSWORD).name == (
        "a@paris.example"
    )


def test_an_unknown_role_is_refused_and_changes_nothing(session: Session, ines: User) -> None:
    with pytest.raises(InvalidInput):
        service.add(session, "a@paris.example", "A", "root", PASSWORD)
    with pytest.raises(InvalidInput):
        service.set_role(session, ines.email, "root")
    assert service.get(session, ines.email).role == "author"


def test_the_last_administrator_stays_one(session: Session, ines: User) -> None:
    boss = service.add(session, "boss@paris.example", "Boss", "administrator", PASSWORD)
    for change in (
        lambda: service.set_role(session, boss.email, "author"),
        lambda: service.set_active(session, boss.email, False),
    ):
        with pytest.raises(InvalidInput, match="last administrator"):
            change()
    service.set_role(session, ines.email, "administrator")
    service.set_active(session, boss.email, False)
    with pytest.raises(InvalidInput, match="last administrator"):
        service.set_role(session, ines.email, "editor")


def test_a_session_opens_by_its_token_alone_until_it_ends(
    session: Session, ines: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    token = service.open_session(session, ines, hours=2)
    found = service.user_of_token(session, token)
    assert found is not None
    assert found.id == ines.id
    kept = session.scalars(select(UserSession.token_hash)).all()
    assert token not in kept
    assert service.user_of_token(session, kept[0]) is None
    later: datetime = clock.now() + timedelta(hours=2, seconds=1)
    monkeypatch.setattr(clock, "now", lambda: later)
    assert service.user_of_token(session, token) is None


def test_sessions_end_by_signing_out_by_a_new_password_and_by_disabling(
    session: Session, ines: User
) -> None:
    def tokens() -> list[str]:
        return [service.open_session(session, ines, 1) for _ in range(2)]

    def alive(given: list[str]) -> list[bool]:
        return [service.user_of_token(session, token) is not None for token in given]

    first = tokens()
    service.close_session(session, first[0])
    assert alive(first) == [False, True]
    second = tokens()
    service.set_password(session, ines.email, NEW)
    assert alive(first + second) == [False] * 4
    third = tokens()
    service.set_active(session, ines.email, False)
    assert alive(third) == [False, False]


def test_a_guesser_of_one_mailbox_waits_and_so_does_its_owner(
    session: Session, ines: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    for number in range(service.ATTEMPTS_PER_MAILBOX):
        with pytest.raises(InvalidInput, match="do not match"):
            sign_in(session, f"wrong {number}", f"192.0.2.{number}")
    with pytest.raises(InvalidInput, match="Too many"):
        sign_in(session, address="198.51.100.1")
    later: datetime = clock.now() + service.WINDOW
    monkeypatch.setattr(clock, "now", lambda: later)
    assert sign_in(session).id == ines.id


def test_a_guesser_of_many_mailboxes_from_one_address_waits(session: Session, ines: User) -> None:
    for number in range(service.ATTEMPTS_PER_ADDRESS):
        with pytest.raises(InvalidInput, match="do not match"):
            service.sign_in(session, f"n{number}@paris.example", "wrong", "192.0.2.1")
    with pytest.raises(InvalidInput, match="Too many"):
        sign_in(session, address="192.0.2.1")
    assert sign_in(session, address="192.0.2.2").id == ines.id


def test_signing_in_forgets_the_mailbox_s_own_failures(session: Session, ines: User) -> None:
    for _round in range(3):
        for _attempt in range(service.ATTEMPTS_PER_MAILBOX - 1):
            with pytest.raises(InvalidInput):
                sign_in(session, "wrong")
        assert sign_in(session).id == ines.id


def test_a_weak_hash_is_renewed_when_its_owner_signs_in(
    session: Session, ines: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = ines.password_hash
    stronger = PasswordHasher(time_cost=2, memory_cost=16, parallelism=1)
    monkeypatch.setattr(passwords, "_hasher", stronger)
    assert sign_in(session).password_hash != before
    assert sign_in(session).id == ines.id


def test_who_does_not_exist_is_not_found(session: Session) -> None:
    with pytest.raises(NotFound):
        service.set_role(session, "nobody@paris.example", "author")
