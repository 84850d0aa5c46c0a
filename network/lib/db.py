"""The database: one declarative base, one way to write, and what SQLite needs to be trustworthy."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import UTC, datetime
from typing import Any

from flask_sqlalchemy import SQLAlchemy
from sqlalchemy import (
    JSON,
    Connection,
    DateTime,
    Dialect,
    Engine,
    MetaData,
    Table,
    create_engine,
    event,
    func,
    select,
)
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.orm import DeclarativeBase, Session
from sqlalchemy.sql.functions import FunctionElement
from sqlalchemy.types import Text, TypeDecorator

from network.lib.text import sortable


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

_writing: ContextVar[bool] = ContextVar("writing", default=False)


@contextmanager
def writing(session: Session) -> Iterator[Session]:
    """One write transaction: committed at the end, rolled back on any error.

    It begins anew, so that a writer sees the newest rows and not an earlier snapshot; on SQLite
    it takes the write lock at once (BEGIN IMMEDIATE), because a reader that turns writer is
    refused when somebody else wrote in between. Inside another `writing` it joins that one.
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


def _on_connect(connection: Any, _record: Any) -> None:
    connection.isolation_level = None  # we say BEGIN ourselves, also for reads (one snapshot each)
    cursor = connection.cursor()
    # synchronous=FULL: what people typed survives a power cut.
    for pragma in ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON", "busy_timeout=15000"):
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()
    connection.create_function("pioneer_sortable", 1, sortable, deterministic=True)


def _on_begin(connection: Any) -> None:
    connection.exec_driver_sql("BEGIN IMMEDIATE" if _writing.get() else "BEGIN")


def prepare_engine(engine: Engine) -> Engine:
    """Give an engine the transactions that this project relies on."""
    if engine.dialect.name == "sqlite":
        event.listen(engine, "connect", _on_connect)
        event.listen(engine, "begin", _on_begin)
    return engine


def engine_options(url: str) -> dict[str, Any]:
    """Options for create_engine, by kind of database."""
    # Errors are logged: with the statement, and without the names and hashes that went with it.
    if url.startswith("sqlite"):
        return {"hide_parameters": True}
    return {"hide_parameters": True, "pool_pre_ping": True, "isolation_level": "REPEATABLE READ"}


def open_engine(url: str) -> Engine:
    """An engine outside of Flask (commands, tests, the worker's threads)."""
    return prepare_engine(create_engine(url, **engine_options(url)))
