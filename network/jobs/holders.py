"""Who holds a lease or a claim: a process by a random name, and a lock that ends when it does.

Host names and process ids do not tell processes apart: two containers may have the same of both.
"""

from __future__ import annotations

import fcntl
import secrets
import socket
import weakref
from contextlib import suppress
from pathlib import Path
from typing import IO

LEADER = "leader"
"""The lease of the one worker that indexes and has duties, and of who restores a backup."""
_FOLDER = "holders"
_BOOT = Path("/proc/sys/kernel/random/boot_id")


class Holder:
    """A process, from now until it ends or is closed.

    Its lock is a file in the node's home, taken before its name is written anywhere: whoever shares
    the home, and can take the lock, knows that the process is dead. Where nothing can be written
    there is no lock, and what it may hold later has to run out.
    """

    def __init__(self, home: Path) -> None:
        self.name = secrets.token_hex(6)
        self._path = _folder(home) / self.name
        self._file: IO[str] | None = None
        with suppress(OSError):
            self._lock()

    def _lock(self) -> None:
        self._path.parent.mkdir(parents=True, exist_ok=True)
        self._file = self._path.open("x")
        weakref.finalize(self, self._file.close)
        fcntl.flock(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        self._file.write(_machine())
        self._file.flush()

    def token(self) -> str:
        """A new claim's token, which tells whose it is."""
        return f"{self.name}-{secrets.token_hex(8)}"

    def close(self) -> None:
        """This process holds nothing any more."""
        if self._file:
            self._path.unlink(missing_ok=True)
            self._file.close()


def claimed_by(name: str) -> str:
    """How the tokens of a holder's claims begin."""
    return f"{name}-"


def dead(home: Path) -> list[str]:
    """Holders of this home and machine that ended without saying so."""
    return [path.name for path in _folder(home).glob("*") if _is_dead(path)]


def forget(home: Path, name: str) -> None:
    """Nothing is held by that name any more."""
    (_folder(home) / name).unlink(missing_ok=True)


def _folder(home: Path) -> Path:
    return home / _FOLDER


def _is_dead(path: Path) -> bool:
    try:
        with path.open() as file:
            # A lock of another machine may not be seen here: then the lease has to run out. One
            # that has nothing written in it is only being made.
            boot, _, host = file.read().partition(" ")
            here, _, name = _machine().partition(" ")
            if boot != here and host != name:
                return False
            fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except OSError:
        return False
    return True


def _machine() -> str:
    """This machine since it was started, and its name, by which it is known after a restart."""
    try:
        boot = _BOOT.read_text().strip()
    except OSError:
        boot = "?"
    return f"{boot} {socket.gethostname()}"
