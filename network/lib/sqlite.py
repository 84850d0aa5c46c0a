"""SQLite made trustworthy: how its file is opened, who writes next, and whether it is whole."""

from __future__ import annotations

import fcntl
import os
import sqlite3
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from pathlib import Path
from typing import Any
from urllib.parse import quote

from sqlalchemy import URL, Connection, Engine, event, make_url

from network.lib.text import sortable

PATIENCE = 30.0
"""Seconds that a writer waits for its turn before it gives up."""
AGAIN = 0.002
"""Seconds after which the first in the queue asks for the lock again."""
IN_MEMORY = ":memory:"
FILES = ("", "-wal", "-shm")
"""What SQLite adds to the name of a database for each of its files; they belong together."""
OPTIONS = {"pool_size": 5, "max_overflow": 75}
"""Connections are cheap here, and every thread that waits for its turn to write has one."""

_BROKEN = {sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB}
_TROUBLE = _BROKEN | {
    sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED, sqlite3.SQLITE_PROTOCOL, sqlite3.SQLITE_FULL,
    sqlite3.SQLITE_READONLY, sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_PERM, sqlite3.SQLITE_IOERR,
    sqlite3.SQLITE_NOMEM,
}  # fmt: skip


def prepare(engine: Engine) -> None:
    """Have an engine open its connections as this project relies on it."""
    event.listen(engine, "do_connect", _connect)
    event.listen(engine, "checkin", _let_go)


def file_of(url: str | URL) -> Path:
    """The file of a database, by its address."""
    return Path(make_url(url).database or "").absolute()


def is_trouble(error: BaseException) -> bool:
    """Whether the file, or the machine below it, is what fails."""
    return _code(error) in _TROUBLE


def is_not_writable(error: BaseException | None) -> bool:
    """Whether the driver says that nothing can be written, though it may be read."""
    if getattr(error, "sqlite_errorcode", None) == sqlite3.SQLITE_IOERR_WRITE:
        return True  # of a file that was opened before
    return _code(error) in (sqlite3.SQLITE_READONLY, sqlite3.SQLITE_FULL)


def is_damage(error: BaseException | None) -> bool:
    """Whether the driver says that the file is no whole database."""
    return _code(error) in _BROKEN


def _code(error: BaseException | None) -> int | None:
    code: int | None = getattr(error, "sqlite_errorcode", None)
    return None if code is None else code & 0xFF  # the rest says more than is asked here


# Opening


def _connect(_dialect: Any, record: Any, arguments: Any, options: Any) -> sqlite3.Connection:
    if arguments[0] == IN_MEMORY:
        return _prepared(sqlite3.connect(*arguments, **options), "foreign_keys=ON")
    connection, record.info["read_only"] = _opened(arguments[0], **options)
    return connection


def _opened(file: str | Path, **options: Any) -> tuple[sqlite3.Connection, bool]:
    """A connection, and whether it may be one that can only read: SQLite says so when it writes."""
    # synchronous=FULL: what people typed survives a power cut.
    wanted = ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON", "schema_version")
    try:
        return _prepared(sqlite3.connect(file, **options), *wanted), not can_be_written(file)
    except sqlite3.OperationalError:
        if not os.access(file, os.R_OK) or can_be_written(file):
            raise
    address = _without_writing(os.path.abspath(file))
    options |= {"uri": True}
    return _prepared(sqlite3.connect(address, **options), "locking_mode=EXCLUSIVE"), True


def can_be_written(file: str | Path) -> bool:
    """Whether this process may write a database: its file, and others beside it."""
    return os.access(file, os.W_OK) and os.access(Path(file).absolute().parent, os.W_OK)


def _without_writing(path: str) -> str:
    """The address of a database where SQLite cannot make the files that it wants beside it.

    Without its -shm a log (-wal) can still be read by whoever needs no locks, and must be: it has
    what the database itself may lack, and `immutable` passes over it.
    """
    how = "vfs=unix-none" if os.path.exists(f"{path}-wal") else "immutable=1"
    return f"file:{quote(path)}?mode=ro&{how}"


def _prepared(connection: sqlite3.Connection, *wanted: str) -> sqlite3.Connection:
    connection.isolation_level = None  # we say BEGIN ourselves, also for reads (one snapshot each)
    try:
        for pragma in (f"busy_timeout={PATIENCE * 1000:.0f}", *wanted):
            connection.execute(f"PRAGMA {pragma}").fetchall()
        connection.create_function("pioneer_sortable", 1, sortable, deterministic=True)
    except BaseException:
        connection.close()
        raise
    return connection


def _let_go(_connection: Any, record: Any) -> None:
    """A connection that can only read is used once: the next may find that writing is possible."""
    if record.info.pop("read_only", False):
        record.invalidate()


# Writing


def begin(connection: Connection, writing: bool) -> None:
    """Begin a transaction. A writer waits for its turn, however many there are and whichever
    process they are of, and takes the lock at once: a reader that turns writer is refused when
    somebody else wrote in between."""
    if not writing:
        connection.exec_driver_sql("BEGIN")
        return
    if connection.info.get("alone") or not connection.engine.url.database:
        connection.exec_driver_sql("BEGIN IMMEDIATE")
        return
    with _turn(file_of(connection.engine.url)) as left:
        driver: Any = connection.connection.driver_connection
        driver.execute("PRAGMA busy_timeout=0")
        try:
            if not _took_lock(driver, left):
                connection.exec_driver_sql("BEGIN IMMEDIATE")  # says why not
        finally:
            driver.execute(f"PRAGMA busy_timeout={PATIENCE * 1000:.0f}")


def _took_lock(driver: sqlite3.Connection, seconds: float) -> bool:
    """Whether a transaction that writes was begun. SQLite itself would ask every tenth of a second
    in the end, and leave the lock to nobody in between."""
    deadline = time.monotonic() + seconds
    while True:
        try:
            driver.execute("BEGIN IMMEDIATE")
        except sqlite3.OperationalError as error:
            if _code(error) != sqlite3.SQLITE_BUSY or time.monotonic() > deadline:
                return False
            time.sleep(AGAIN)
        else:
            return True


@contextmanager
def alone(connection: Connection) -> Iterator[None]:
    """Let nobody else begin to write, over many transactions, in which references are not enforced
    (nothing changes that within a transaction)."""
    with _turn(file_of(connection.engine.url)):
        connection.info["alone"] = True
        connection.connection.cursor().execute("PRAGMA foreign_keys=OFF")
        yield


@contextmanager
def _turn(path: Path) -> Iterator[float]:
    """Be the first of those who want to write; gives the seconds for which it may still wait.

    SQLite alone lets whoever asks in the right moment have its lock, which somebody who writes one
    transaction after another keeps from others for ever. The system queues those who wait for a
    file in the order in which they came, and forgets who died.
    """
    began = time.monotonic()
    try:
        descriptor = os.open(f"{path}-queue", os.O_RDONLY | os.O_CREAT | os.O_CLOEXEC, 0o666)
    except OSError:  # the disk is full or read-only, which SQLite tells better
        yield PATIENCE
        return
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield max(PATIENCE - (time.monotonic() - began), PATIENCE / 6)
    finally:
        os.close(descriptor)  # and so the lock is free


# Damage


def damage(path: Path) -> str | None:
    """What SQLite finds wrong with a file, in a line; None when it is whole, empty or not there.

    Every page is read, from the disk. Raises sqlite3.Error when it cannot be looked at.
    """
    if not path.exists():
        return None
    try:
        with closing(_opened(path)[0]) as connection:
            found = str(connection.execute("PRAGMA quick_check(1)").fetchone()[0])
    except sqlite3.DatabaseError as error:
        if not is_damage(error):
            raise
        return str(error)
    said = [line for line in found.splitlines() if not line.startswith("***")]
    return None if found == "ok" else said[0]


def set_aside(path: Path, mark: str) -> Path:
    """Give a database's files another name, that a new one can be made; gives that name."""
    aside = path.with_name(f"{path.name}.{mark}")
    for suffix in FILES:
        with suppress(FileNotFoundError):
            os.rename(f"{path}{suffix}", f"{aside}{suffix}")
    return aside


def put_back(path: Path, aside: Path) -> None:
    """Undo `set_aside`, whatever has been made in its place."""
    for suffix in FILES:
        with suppress(FileNotFoundError):
            os.unlink(f"{path}{suffix}")
        with suppress(FileNotFoundError):
            os.rename(f"{aside}{suffix}", f"{path}{suffix}")
