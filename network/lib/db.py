"""The database: one declarative base, one way to write, and what SQLite needs to be trustworthy."""

from __future__ import annotations

import sqlite3
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import UTC, datetime
from functools import cache
from importlib import import_module
from typing import Any, cast

from flask_sqlalchemy import SQLAlchemy
from sqlalchemy import (
    JSON,
    Connection,
    DateTime,
    Dialect,
    Engine,
    Insert,
    MetaData,
    Table,
    create_engine,
    event,
    func,
    select,
)
from sqlalchemy.engine import make_url
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.orm import DeclarativeBase, Session
from sqlalchemy.sql.functions import FunctionElement
from sqlalchemy.types import Text, TypeDecorator

from network.lib import sqlite
from network.lib.errors import PioneerError


class Base(DeclarativeBase):
    """Every table of the node."""

    metadata = MetaData(
        naming_convention={
            "ix": "ix_%(table_name)s_%(column_0_N_name)s",
            "uq": "uq_%(table_name)s_%(column_0_N_name)s",
            "fk": "fk_%(table_name)s_%(column_0_N_name)s",
            "pk": "pk_%(table_name)s",
        }
    )


db = SQLAlchemy(model_class=Base, session_options={"expire_on_commit": False})


class Moment(TypeDecorator[datetime]):
    """An aware UTC datetime; a naive one is refused, because its zone would be a guess.

    A column of a time to come has the most that it ever lies ahead as `longest` in its info
    (`clock.is_due`); one of what others say has SAID. Any other tells when something was.
    """

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Check and convert on the way in."""
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("a datetime without a zone")
        value = value.astimezone(UTC)
        return value.replace(tzinfo=None) if dialect.name == "sqlite" else value

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Say that it is UTC on the way out."""
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


SAID = {"said": True}
"""The info of a column with dates that others say, which may be any."""

Json = JSON(none_as_null=True)


class as_sorted(FunctionElement[str]):  # noqa: N801 — a function of SQL, named like one
    """A text by which a list is in the order that readers expect: É beside E, and not after Z."""

    inherit_cache = True
    type = Text()


@compiles(as_sorted, "sqlite")
def _sorted_by_sqlite(element: Any, compiler: Any, **kwargs: Any) -> str:
    return f"pioneer_sortable({compiler.process(element.clauses, **kwargs)})"


@compiles(as_sorted, "postgresql")
def _sorted_by_postgresql(element: Any, compiler: Any, **kwargs: Any) -> str:
    # The database's own order may know no French, and the extension that does may not be there.
    text = f"lower({compiler.process(element.clauses, **kwargs)})"
    plain = f"translate({text}, '{_ACCENTED}', '{_PLAIN}')"
    return f"""regexp_replace({plain}, '^[^a-z0-9]+', '') COLLATE "C\""""


_ACCENTED = "àâäáãåçéèêëíìîïñóòôöõøúùûüýÿœæ"
_PLAIN = "aaaaaaceeeeiiiinoooooouuuuyyoa"


def table_of(model: type[Base]) -> Table:
    """A model's table: statements about plain rows cost a fraction of those about objects, and
    are made once, because making one costs more than running it."""
    return cast(Table, model.__table__)


def upsert(session: Session, table: Table, rows: Sequence[Mapping[str, Any]]) -> None:
    """Insert rows with all their columns, or write them over those that have their primary key."""
    if rows:
        session.execute(_upserting(table, session.get_bind().dialect.name), rows)


def read_anew(session: Session, *models: type[Base]) -> None:
    """Have objects of these tables read what was written as rows; changes to them were flushed."""
    for row in session.identity_map.values():
        if isinstance(row, models):
            session.expire(row)


@cache
def _upserting(table: Table, dialect: str) -> Insert:
    insert: Any = import_module(f"sqlalchemy.dialects.{dialect}").insert(table)
    key = [column.name for column in table.primary_key]
    others = {c.name: insert.excluded[c.name] for c in table.columns if c.name not in key}
    return cast(Insert, insert.on_conflict_do_update(index_elements=key, set_=others))


_writing: ContextVar[bool] = ContextVar("writing", default=False)


@contextmanager
def writing(session: Session) -> Iterator[Session]:
    """One write transaction: committed at the end, rolled back on any error.

    It begins anew, so that a writer sees the newest rows and not an earlier snapshot; on SQLite
    it waits for its turn and takes the lock at once (`sqlite.begin`). Inside another `writing` it
    joins that one.
    """
    if _writing.get():
        yield session
        return
    if session.new or session.dirty or session.deleted:
        raise RuntimeError("changes were made outside of writing()")
    session.rollback()
    token = _writing.set(True)
    try:
        if session.get_bind().dialect.name == "postgresql":
            # Readers want one snapshot; a writer that waited for a lock wants what it waited for.
            session.connection(execution_options={"isolation_level": "READ COMMITTED"})
        yield session
        session.commit()
    except BaseException:
        session.rollback()
        raise
    finally:
        _writing.reset(token)


def number_on(connection: Connection, table: Table) -> None:
    """Let the database number new rows after those that were given numbers (PostgreSQL keeps count
    apart from the rows)."""
    numbered = table.autoincrement_column
    if numbered is None or connection.dialect.name != "postgresql":
        return
    last = func.coalesce(func.max(numbered), 0) + 1
    sequence = func.pg_get_serial_sequence(table.name, numbered.name)
    connection.execute(select(func.setval(sequence, last, False)).select_from(table))


@contextmanager
def rebuilding(engine: Engine) -> Iterator[Connection]:
    """A connection on which tables may be changed, of one process at a time; whoever waited finds
    what was done meanwhile. Each of its transactions begins as a writer's.

    On SQLite it enforces no references, because there a table is changed by copying it and dropping
    the old one: ask `broken_references` before each commit.
    """
    with engine.connect() as connection:
        token = _writing.set(True)
        try:
            if engine.dialect.name == "sqlite":
                with sqlite.alone(connection):
                    yield connection
            else:
                connection.exec_driver_sql(f"SELECT pg_advisory_lock({_REBUILDING})")
                connection.commit()
                yield connection
        finally:
            _writing.reset(token)
            connection.invalidate()  # it is as no other should be: closed, whatever ended this


_REBUILDING = 0x706E_7264
"""The advisory lock of who changes tables; the server lets go of it when its connection ends."""


def is_trouble(error: BaseException) -> bool:
    """Whether the database itself fails (it is away, busy, full, read-only or damaged), and not
    what was asked of it."""
    driver = error.orig if isinstance(error, DBAPIError) else error
    if isinstance(driver, sqlite3.Error):
        return sqlite.is_trouble(driver)
    if isinstance(error, DBAPIError) and error.connection_invalidated:
        return True
    return (
        isinstance(error, PoolTimeout)
        or _is_of_the_connection(driver)
        or getattr(driver, "sqlstate", None) == _READ_ONLY
    )


def is_not_writable(error: DBAPIError) -> bool:
    """Whether it can be read and not written: it is read-only, or its disk is full."""
    state = getattr(error.orig, "sqlstate", None)
    return sqlite.is_not_writable(error.orig) or state in (_READ_ONLY, _DISK_FULL)


_READ_ONLY, _DISK_FULL = "25006", "53100"
"""SQLSTATE, of PostgreSQL."""


def _is_of_the_connection(driver: BaseException | None) -> bool:
    psycopg = sys.modules.get("psycopg")  # where it is not loaded, nothing is of it
    return psycopg is not None and isinstance(
        driver, (psycopg.OperationalError, psycopg.InterfaceError)
    )


def first_line(error: object) -> str:
    """What a driver says, without what it adds below: the statement, hints, a second address."""
    return (str(error).strip().splitlines() or [type(error).__name__])[0]


def broken_references(connection: Connection) -> list[str]:
    """What of SQLite's tables refers to rows that are not there: "child → parent", each once."""
    if connection.dialect.name != "sqlite":
        return []
    found = connection.exec_driver_sql("PRAGMA foreign_key_check").all()
    return sorted({f"{child} → {parent}" for child, _row, parent, _number in found})


def prepare_engine(engine: Engine) -> Engine:
    """Give an engine the transactions that this project relies on."""
    if engine.dialect.name == "sqlite":
        sqlite.prepare(engine)
        event.listen(engine, "begin", lambda began: sqlite.begin(began, _writing.get()))
    return engine


def engine_options(url: str) -> dict[str, Any]:
    """Options for create_engine, by kind of database."""
    # Errors are logged: with the statement, and without the names and hashes that went with it.
    if url.startswith("sqlite"):
        return {"hide_parameters": True, **sqlite.OPTIONS}
    _need_driver()
    return {
        "hide_parameters": True,
        "pool_pre_ping": True,
        "isolation_level": "REPEATABLE READ",
        "connect_args": {n: v for n, v in PATIENCE.items() if n not in make_url(url).query},
    }


PATIENCE = {
    "connect_timeout": 10,
    "keepalives_idle": 30,
    "keepalives_interval": 10,
    "keepalives_count": 3,
    "tcp_user_timeout": 30_000,
}
"""How long a server of PostgreSQL may be silent, in the words of libpq (seconds, the last one
milliseconds); the system alone would wait for minutes. What the address says goes first."""


def _need_driver() -> None:
    try:
        import psycopg  # noqa: F401 — whether it can be
    except ImportError as error:
        raise PioneerError(
            "PIONEER_DATABASE_URL names PostgreSQL, whose driver is not installed here. "
            'Run: pip install "psycopg[binary]>=3.2"'
        ) from error


def open_engine(url: str) -> Engine:
    """An engine outside of Flask (commands, tests, the worker's threads)."""
    return prepare_engine(create_engine(url, **engine_options(url)))
