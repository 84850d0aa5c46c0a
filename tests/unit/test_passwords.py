"""Which passwords are good enough, and how they are kept (NIST SP 800-63B, RFC 9106)."""

from __future__ import annotations

import pytest
from argon2 import PasswordHasher, extract_parameters
from argon2.low_level import Type

from network.accounts import passwords
from network.lib.errors import InvalidInput

GOOD = "quatre fontaines et un pont"
ABOUT = ("ines.dupont@paris.example", "Inès Dupont")


@pytest.fixture(scope="module")
def stored() -> str:
    return passwords.hash_password(GOOD)


@pytest.mark.parametrize(
    "password",
    [GOOD, "correct horse battery staple", "été à la plage, hiver", "密码密码很长的密码组合吗对吧",
     " " + GOOD, "K7#mQ9!vXz2p", "a" * 200 + "bcdefgh"],
)  # fmt: skip
def test_long_passwords_of_any_characters_are_taken(password: str) -> None:
    passwords.check_strength(password, *ABOUT)


@pytest.mark.parametrize(
    "password",
    ["", "short", "elevenchars", "motdepasse123", "password1234", "Administrateur1", "azertyuiop12",
     "aaaaaaaaaaaaaaaa", "abababababababab", "parisparisparis", "0123456789012", "abcdefghijklm",
     "inesdupontparis", "ines.dupont@paris.example", "dupontdupont!", "x" * 300],
)  # fmt: skip
def test_short_common_or_guessable_passwords_are_refused(password: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        passwords.check_strength(password, *ABOUT)
    assert refused.value.field == "password"
    assert not password or password not in str(refused.value)


def test_a_hash_is_argon2id_of_at_least_19_mib_and_never_the_same_twice(stored: str) -> None:
    parameters = extract_parameters(stored)
    assert parameters.type is Type.ID
    assert parameters.memory_cost >= 19 * 1024
    assert GOOD not in stored
    assert passwords.hash_password(GOOD) != stored


def test_only_the_password_itself_fits_its_hash(stored: str) -> None:
    assert passwords.verify(stored, GOOD)
    for other in (GOOD + " ", GOOD[:-1], GOOD.upper(), "", "\x00"):
        assert not passwords.verify(stored, other)


def test_no_password_fits_where_there_is_no_account_or_a_broken_hash() -> None:
    assert not passwords.verify(None, "nobody has this password")
    for broken in ("x", "$argon2id$v=19$", "nobody has this password"):
        assert not passwords.verify(broken, broken)


def test_a_hash_of_weaker_parameters_is_renewed(stored: str) -> None:
    weak = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1).hash(GOOD)
    assert passwords.verify(weak, GOOD)
    assert passwords.needs_rehash(weak)
    assert not passwords.needs_rehash(stored)
