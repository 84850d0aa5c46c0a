"""A real PostgreSQL for the tests: a cluster of its own in a temporary folder, on a socket only."""

from __future__ import annotations

import os
import pwd
import shutil
import subprocess
import tempfile
from pathlib import Path

import psycopg
from psycopg import sql

MEMORY = Path("/dev/shm")
ROOM = 2**30
"""Bytes that a file system in memory must have free to hold the cluster."""


def memory() -> Path | None:
    """A folder in memory, where there is one with room."""
    return MEMORY if MEMORY.is_dir() and shutil.disk_usage(MEMORY).free > ROOM else None


def binaries() -> Path | None:
    """Where initdb and postgres are: on the PATH, or where Debian puts them."""
    found = shutil.which("initdb")
    if found:
        return Path(found).resolve().parent  # past the link of a packager
    candidates = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"))
    return candidates[-1].parent if candidates else None


class Cluster:
    """A running server. url(name) is SQLAlchemy's address of a database of it."""

    def __init__(self) -> None:
        self.bin = binaries()
        assert self.bin is not None
        self.folder = Path(tempfile.mkdtemp(prefix="pioneer-pg-", dir=memory()))
        self.data = self.folder / "data"
        # The server refuses to run as root, which is who runs CI on a fresh machine.
        self._as: list[str] = []
        if os.geteuid() == 0:
            user = pwd.getpwnam("postgres")
            os.chown(self.folder, user.pw_uid, user.pw_gid)
            self._as = ["runuser", "-u", "postgres", "--"]
        self._run("initdb", "-D", str(self.data), "-A", "trust", "-U", "postgres", "-E", "UTF8",
                  "--locale=C.UTF-8", "--no-sync")  # fmt: skip
        self.begin()
        self._admin = psycopg.connect(
            f"postgresql://postgres@/postgres?host={self.folder}", autocommit=True
        )

    def _run(self, program: str, *arguments: str) -> None:
        assert self.bin is not None
        subprocess.run(
            [*self._as, str(self.bin / program), *arguments],
            check=True,
            capture_output=True,
            cwd="/",
        )

    def begin(self) -> None:
        """Start the server, at first or after `halt`."""
        # Nothing here has to survive a power cut; each test makes and drops a database.
        careless = "-c fsync=off -c full_page_writes=off -c synchronous_commit=off"
        options = f"-k {self.folder} -c listen_addresses= -c max_connections=200 {careless}"
        self._run("pg_ctl", "-D", str(self.data), "-o", options, "-l", str(self.folder / "log"),
                  "-w", "start")  # fmt: skip

    def halt(self, how: str = "fast") -> None:
        """Stop the server; what it holds stays."""
        self._run("pg_ctl", "-D", str(self.data), "-m", how, "-w", "stop")

    def url(self, name: str) -> str:
        """SQLAlchemy's address of a database."""
        return f"postgresql+psycopg://postgres@/{name}?host={self.folder}"

    def create(self, name: str, template: str = "template0") -> str:
        """Make a database, as a copy of another, and give its address."""
        statement = "CREATE DATABASE {} TEMPLATE {}"
        if self._admin.info.server_version >= 150_000:  # before, there was no other way
            statement += " STRATEGY file_copy"
        self._admin.execute(sql.SQL(statement).format(*map(sql.Identifier, (name, template))))
        return self.url(name)

    def drop(self, name: str) -> None:
        """Remove a database, whoever is still connected."""
        self._admin.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(name)))

    def stop(self) -> None:
        """End the server and remove its folder."""
        self._admin.close()
        self.halt("immediate")
        shutil.rmtree(self.folder, ignore_errors=True)
