"""People in the database: adding them, signing in, sessions and the last administrator."""

from __future__ import annotations

import subprocess
import sys
from datetime import datetime, timedelta

import pytest
from argon2 import PasswordHasher
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from network.accounts import devices, links, passwords, service, throttle
from network.accounts.models import SignInCount, SignInLink, User, UserSession
from network.jobs.kinds import Kind
from network.jobs.models import Job
from network.lib import clock
from network.lib.db import writing
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


def guess(session: Session, times: int, email: str = "", address: str = "192.0.2.1") -> list[str]:
    """What is said to so many wrong passwords."""
    said = []
    for number in range(times):
        with pytest.raises(InvalidInput) as refused:
            service.sign_in(session, email or "ines@paris.example", f"wrong {number}", address)
        said.append("too many" if refused.value.field is None else "wrong")
    return said


def test_a_guesser_waits_and_the_owner_elsewhere_does_not(
    session: Session, ines: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    most = throttle.PER_BROWSER
    assert guess(session, most + 2) == ["wrong"] * most + ["too many"] * 2
    with pytest.raises(InvalidInput, match="Too many"):
        sign_in(session, address="192.0.2.1")
    assert sign_in(session, address="198.51.100.1").id == ines.id
    later: datetime = clock.now() + throttle.WINDOW + timedelta(seconds=1)
    monkeypatch.setattr(clock, "now", lambda: later)
    assert sign_in(session, address="192.0.2.1").id == ines.id


def test_a_browser_that_has_signed_in_before_has_chances_of_its_own(
    session: Session, ines: User
) -> None:
    guess(session, throttle.PER_BROWSER)
    known = {"known": lambda _user: "her browser"}
    for _ in range(throttle.PER_BROWSER - 1):
        with pytest.raises(InvalidInput, match="do not match"):
            service.sign_in(session, ines.email, "wrong", "192.0.2.1", **known)
    assert service.sign_in(session, ines.email, PASSWORD, "192.0.2.1", **known).id == ines.id
    for _ in range(throttle.PER_BROWSER):
        with pytest.raises(InvalidInput, match="do not match"):
            service.sign_in(session, ines.email, "wrong", "192.0.2.1", **known)
    with pytest.raises(InvalidInput, match="Too many"):
        service.sign_in(session, ines.email, PASSWORD, "192.0.2.1", **known)


def test_a_known_browser_s_mark_is_one_person_s_and_ends_with_the_password(
    session: Session, ines: User
) -> None:
    mark = devices.make("secret", ines)
    assert devices.read("secret", ines, mark) is not None
    other = service.add(session, "luc@paris.example", "Luc", "author", PASSWORD)
    assert devices.read("secret", other, mark) is None
    assert devices.read("another", ines, mark) is None
    assert devices.read("secret", ines, f"{ines.id}-1.forged") is None
    assert devices.read("secret", ines, None) is None
    service.set_password(session, ines.email, NEW)
    assert devices.read("secret", ines, mark) is None


def test_colleagues_behind_one_address_are_not_kept_out_by_forty_failures(
    session: Session, ines: User
) -> None:
    for number in range(10):
        guess(session, 4, f"n{number}@paris.example")
    assert sign_in(session, address="192.0.2.1").id == ines.id


def test_an_address_that_floods_waits_and_others_do_not(
    session: Session, ines: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(throttle, "PER_ADDRESS", 12)
    for number in range(4):
        guess(session, 3, f"n{number}@paris.example", "2001:db8::1")
    with pytest.raises(InvalidInput, match="Too many"):
        sign_in(session, address="2001:db8::2")
    assert sign_in(session, address="192.0.2.2").id == ines.id


def test_refused_guesses_of_one_address_use_up_nothing_of_the_mailbox_elsewhere(
    session: Session, ines: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(throttle, "PER_MAILBOX", 20)
    guess(session, 40)
    assert sign_in(session, address="198.51.100.1").id == ines.id


def test_signing_in_forgets_the_browser_s_own_failures(session: Session, ines: User) -> None:
    for _round in range(3):
        guess(session, throttle.PER_BROWSER - 1)
        assert sign_in(session).id == ines.id


def test_a_count_that_began_with_a_wrong_clock_begins_anew(session: Session, ines: User) -> None:
    guess(session, throttle.PER_BROWSER)
    with writing(session):
        session.execute(update(SignInCount).values(began=clock.now() + timedelta(days=365)))
    assert sign_in(session).id == ines.id


def test_a_session_of_a_wrong_clock_is_over(session: Session, ines: User) -> None:
    token = service.open_session(session, ines, 12)
    ahead = clock.now() + timedelta(days=365)
    with writing(session):
        session.execute(
            update(UserSession).values(created=ahead, expires=ahead + timedelta(hours=12))
        )
    assert service.user_of_token(session, token) is None


GUESSER = """
import sys
from argon2 import PasswordHasher
from sqlalchemy.orm import Session
from network.accounts import devices, links, passwords, service, throttle
from network.lib.db import open_engine
from network.lib.errors import InvalidInput
passwords._hasher = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)
sys.stdin.readline()
with Session(open_engine(sys.argv[1]), expire_on_commit=False) as session:
    for number in range(15):
        try:
            service.sign_in(session, "ines@paris.example", f"{number}", "192.0.2.1")
        except InvalidInput as error:
            print("wrong" if error.field else "too many")
"""


def test_guesses_at_once_in_several_processes_pass_no_limit(
    session: Session, ines: User, database_url: str
) -> None:
    session.rollback()
    made = [
        subprocess.Popen(
            [sys.executable, "-c", GUESSER, database_url],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        for _ in range(4)
    ]
    for process in made:
        assert process.stdin
        process.stdin.write("go\n")
        process.stdin.flush()
    said = [line for process in made for line in process.communicate()[0].splitlines()]
    assert len(said) == 60
    assert said.count("wrong") == throttle.PER_BROWSER


# Links by e-mail


def asked(session: Session) -> list[dict[str, str]]:
    session.rollback()
    rows = session.scalars(select(Job).where(Job.kind == Kind.SIGN_IN_LINK).order_by(Job.id))
    return [dict(job.payload) for job in rows]


def test_a_link_is_good_once_for_some_minutes_and_only_its_hash_is_kept(
    session: Session, ines: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    first, second = (links.make(session, ines.email) for _ in range(2))
    assert first and second
    kept = session.scalars(select(SignInLink.token_hash)).all()
    assert len(kept) == 1
    assert second[1] not in kept
    assert links.redeem(session, first[1]) is None, "there is a newer one"
    assert links.redeem(session, kept[0]) is None
    found = links.redeem(session, second[1])
    assert found is not None
    assert found.id == ines.id
    assert links.redeem(session, second[1]) is None
    third = links.make(session, ines.email)
    assert third
    later: datetime = clock.now() + timedelta(minutes=16)
    monkeypatch.setattr(clock, "now", lambda: later)
    assert links.redeem(session, third[1]) is None


def test_a_link_ends_with_the_password_and_with_the_account(session: Session, ines: User) -> None:
    made = links.make(session, ines.email)
    service.set_password(session, ines.email, NEW)
    assert made
    assert links.redeem(session, made[1]) is None
    service.set_active(session, ines.email, False)
    assert links.make(session, ines.email) is None


def test_asking_says_nothing_of_a_mailbox_and_sends_few(session: Session, ines: User) -> None:
    for mailbox in (ines.email.upper(), "nobody@paris.example"):
        for number in range(throttle.LINKS_PER_MAILBOX + 2):
            assert links.ask(session, mailbox, f"192.0.2.{number}", "fr")
    mailboxes = [each["mailbox"] for each in asked(session)]
    assert mailboxes == [ines.email] * 3 + ["nobody@paris.example"] * 3
    said = [
        links.ask(session, f"n{n}@paris.example", "198.51.100.1", "fr")
        for n in range(throttle.LINKS_PER_ADDRESS + 1)
    ]
    assert said == [True] * throttle.LINKS_PER_ADDRESS + [False]


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
