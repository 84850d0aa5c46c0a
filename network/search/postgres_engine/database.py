"""The connections of the engine: one state for whoever reads, one writer at a time."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any, NamedTuple

from sqlalchemy import Connection, Engine, text
from sqlalchemy.exc import OperationalError

from network.search import analysis
from network.search.engine import IndexBusy, IndexMissing

FORMAT = f"1.{analysis.FORMAT}-{sys.byteorder}"
"""Names what a reader must know to read an index; an index of another format is built anew."""

_WRITER = 0x706E_7263
"""The advisory lock of whoever writes; the server lets go of it when its connection ends."""
_LOCK_NOT_AVAILABLE = "55P03"


TABLES = tuple(
    f"search_{name}" for name in ("text", "word", "fresh", "removal", "block", "posting")
)
"""All but the state."""


class State(NamedTuple):
    """The index as a whole, see SearchState."""

    generation: str
    version: int
    layout: int
    documents: int
    blocks: int

    def is_after(self, other: State) -> bool:
        """Whether this one came later, as far as that can be told."""
        return self.generation == other.generation and self.version > other.version


def rows(connection: Connection, statement: str, *values: Any) -> list[Any]:
    """What a statement answers, in the driver's binary form: bytes need not be written as hex."""
    with _cursor(connection) as cursor:
        return list(cursor.execute(statement, values).fetchall())


def do(connection: Connection, statement: str, *values: Any) -> None:
    """Run a statement that answers nothing."""
    with _cursor(connection) as cursor:
        cursor.execute(statement, values)


def copy_in(
    connection: Connection,
    table: str,
    columns: Sequence[str],
    types: Sequence[str],
    given: Iterable[Sequence[Any]],
) -> None:
    """Add rows to a table, the fastest way there is."""
    names = ", ".join(columns)
    with (
        _cursor(connection) as cursor,
        cursor.copy(f"COPY {table} ({names}) FROM STDIN (FORMAT BINARY)") as copy,
    ):
        copy.set_types(types)
        for row in given:
            copy.write_row(row)


def _cursor(connection: Connection) -> Any:
    driver: Any = connection.connection.driver_connection
    return driver.cursor(binary=True)


@contextmanager
def reading(engine: Engine) -> Iterator[Connection]:
    """A transaction that sees one state of everything (REPEATABLE READ), and changes nothing."""
    with engine.connect() as connection:
        yield connection


@contextmanager
def writing(engine: Engine, patience: float) -> Iterator[Connection]:
    """Be the only writer, on all machines; committed at the end. Raises IndexBusy.

    patience: seconds to wait for another writer; with none it is not waited for at all.
    """
    # What a writer waited for is what it must see: not an older snapshot.
    with engine.connect().execution_options(isolation_level="READ COMMITTED") as connection:
        _lock(connection, patience)
        yield connection
        connection.commit()


def _lock(connection: Connection, patience: float) -> None:
    if patience <= 0:
        locked = connection.scalar(text("SELECT pg_try_advisory_xact_lock(:key)"), {"key": _WRITER})
        if not locked:
            raise IndexBusy
        return
    milliseconds = max(1, int(1000 * patience))
    connection.execute(text(f"SET LOCAL lock_timeout = {milliseconds}"))
    try:
        connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _WRITER})
    except OperationalError as error:
        if getattr(error.orig, "sqlstate", None) == _LOCK_NOT_AVAILABLE:
            raise IndexBusy from error
        raise
    connection.execute(text("SET LOCAL lock_timeout = 0"))


def state(connection: Connection) -> State:
    """The index as a whole. Raises IndexMissing when there is none that we can read."""
    found = rows(
        connection,
        "SELECT generation, version, layout, documents, blocks FROM search_state WHERE format = %s",
        FORMAT,
    )
    if not found:
        raise IndexMissing
    return State(*found[0])


def set_state(connection: Connection, new: State) -> None:
    """Make this the state, in place of any other."""
    do(connection, "DELETE FROM search_state")
    do(
        connection,
        "INSERT INTO search_state (id, format, generation, version, layout, documents, blocks)"
        " VALUES (1, %s, %s, %s, %s, %s, %s)",
        FORMAT,
        *new,
    )


def analyse(engine: Engine) -> None:
    """Have the server look at the tables, so that it reads them by their indexes from now on."""
    with engine.connect() as connection:
        for table in TABLES:
            connection.execute(text(f"ANALYZE {table}"))
        connection.commit()
