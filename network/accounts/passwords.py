"""Passwords: argon2id hashes and the rules of NIST SP 800-63B (length, a blocklist, no riddles)."""

from __future__ import annotations

import re
from functools import cache

from argon2 import PasswordHasher, Type
from argon2.exceptions import InvalidHashError, VerificationError

from network.lib.errors import InvalidInput
from network.lib.i18n import N_

SHORTEST, LONGEST = 12, 256
# 64 MiB, 3 passes: RFC 9106's second recommendation, above OWASP's floor of 19 MiB.
_hasher = PasswordHasher(time_cost=3, memory_cost=65536, parallelism=1, type=Type.ID)

_COMMON = frozenset(
    [
        "password",
        "motdepasse",
        "passw0rd",
        "azerty",
        "azertyuiop",
        "qwerty",
        "qwertyuiop",
        "administrator",
        "administrateur",
        "welcome",
        "bienvenue",
        "bonjour",
        "letmein",
        "iloveyou",
        "jetaime",
        "soleil",
        "sunshine",
        "princess",
        "dragon",
        "football",
        "monkey",
        "abc",
        "changeme",
        "default",
        "secret",
        "login",
        "admin",
        "paris",
        "madrid",
        "loulou",
        "doudou",
        "chocolat",
        "marseille",
        "superman",
        "batman",
        "starwars",
        "whatever",
        "trustno",
        "trustnoone",
        "motdepass",
        "pioneer",
        "pioneers",
    ]
)


def hash_password(password: str) -> str:
    """The argon2id hash to keep."""
    return _hasher.hash(password)


@cache
def _nobody() -> str:
    """A hash of nobody's password: checked when the mailbox is unknown, so that both take as long.

    Made at the first such sign-in, because hashing is slow on purpose.
    """
    return _hasher.hash("nobody has this password")


def verify(stored: str | None, password: str) -> bool:
    """Whether the password is the one that was hashed; takes as long when there is none."""
    try:
        return _hasher.verify(stored or _nobody(), password[:LONGEST]) and stored is not None
    except (VerificationError, InvalidHashError):
        return False


def needs_rehash(stored: str) -> bool:
    """Whether it was hashed with weaker parameters than today's."""
    return _hasher.check_needs_rehash(stored)


def check_strength(password: str, *about: str) -> None:
    """Refuse a password that is too short, too long, common, or made of what is known.

    about: the person's name and mailbox. Raises InvalidInput.
    """
    if len(password) < SHORTEST:
        raise InvalidInput(
            N_("Use at least %(number)s characters: a few words in a row do well."),
            "password",
            number=SHORTEST,
        )
    if len(password) > LONGEST:
        raise InvalidInput(N_("Use at most %(number)s characters."), "password", number=LONGEST)
    if _is_guessable(password.lower(), about):
        raise InvalidInput(
            N_("This password is easy to guess. Choose one that nobody would think of."), "password"
        )


def _is_guessable(password: str, about: tuple[str, ...]) -> bool:
    if len(set(password)) < 5:
        return True
    letters = re.sub(r"[^a-z]", "", password)
    repeated = any(len(w) > 4 and letters == w * (len(letters) // len(w)) for w in _COMMON)
    if letters and (letters in _COMMON or repeated):
        return True
    known = [part for text in about for part in re.split(r"[^a-z0-9]+", text.lower())]
    rest = password
    for part in sorted(known, key=len, reverse=True):
        rest = rest.replace(part, "") if len(part) > 3 else rest
    return (
        len(rest) < 5 or re.fullmatch(r"(0123456789|1234567890|abcdefghij).*", password) is not None
    )
