"""The engine that several machines share: the index lives in the node's PostgreSQL database.

A process keeps what is known of every document in arrays and reads postings as they are asked for.
Every search is one transaction, which sees one state of the database, so that arrays, postings
and texts are of one moment, whoever writes meanwhile.
"""

from __future__ import annotations

import logging
import secrets
import weakref
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from threading import Lock

from sqlalchemy import Engine

from network.lib.db import open_engine
from network.search.engine import IndexBusy, IndexMissing, SearchEngine, T
from network.search.lexicon import EMPTY, Lexicon
from network.search.postgres_engine import blocks, database, snapshot, writing
from network.search.postgres_engine.database import State
from network.search.postgres_engine.library import Library
from network.search.postgres_engine.snapshot import Snapshot
from network.search.studies import Library as Asked
from network.search.values import Entry, SearchDocument

log = logging.getLogger(__name__)

_ATTEMPTS = 3


class PostgresEngine(SearchEngine):
    """A SearchEngine in a database. One object serves all threads of a process.

    database: its address, or an engine of SQLAlchemy that others use too.
    patience: seconds to wait for another writer before IndexBusy. lexicon: see SearchEngine.
    """

    def __init__(
        self,
        database_: str | Engine,
        patience: float = 10.0,
        lexicon: Callable[[], Lexicon] = lambda: EMPTY,
    ) -> None:
        super().__init__(lexicon)
        own = isinstance(database_, str)
        self._engine = open_engine(database_) if isinstance(database_, str) else database_
        self._patience = patience
        self._lock = Lock()
        self._held: Snapshot | None = None
        self._tidied: State | None = None
        # Connections of our own are closed at the latest when nobody has the engine any more.
        self._closing = weakref.finalize(self, self._engine.dispose) if own else None

    def _asked(self, ask: Callable[[Asked], T], otherwise: T) -> T:
        """See SearchEngine."""
        try:
            with self._library() as library:
                return ask(library)
        except IndexMissing:
            pass
        except Exception:  # the page must stand, whatever the database has come to
            log.exception("search failed")
            self._held = None
        return otherwise

    def replace(self, changes: Mapping[str, Sequence[SearchDocument]]) -> None:
        """See SearchEngine."""
        with database.writing(self._engine, self._patience) as connection:
            now = database.state(connection)
            stale, fresh = writing.difference(connection, changes)
            if not stale and not fresh:
                return
            now = writing.replace(connection, now, stale, fresh)
            while blocks.fresh_count(connection) > blocks.MOST_FRESH:
                now = blocks.gather(connection, now)
            database.set_state(connection, now)

    def rebuild(
        self, documents: Iterable[SearchDocument], progress: Callable[[int], None] | None = None
    ) -> None:
        """See SearchEngine. Readers see the index as it was until all of it is there."""
        told = progress or (lambda _: None)
        with database.writing(self._engine, self._patience) as connection:
            new = State(secrets.token_hex(16), version=1, layout=1, documents=0, blocks=0)
            new = writing.fill(connection, new, documents, told)
            database.set_state(connection, new)
        database.analyse(self._engine)
        told(new.documents)

    def entries(self) -> Iterator[Entry]:
        """See SearchEngine."""
        with database.reading(self._engine) as connection:
            database.state(connection)
            found = database.rows(
                connection, "SELECT entry_id, study_key, fingerprint FROM search_text"
            )
        return (Entry(*row) for row in found)

    def ready(self) -> bool:
        """See SearchEngine."""
        try:
            with database.reading(self._engine) as connection:
                database.state(connection)
        except IndexMissing:
            return False
        except Exception:  # whatever the driver raises means the same here
            log.warning("the database of the index does not answer", exc_info=True)
            return False
        return True

    def tidy(self) -> bool:
        """See SearchEngine."""
        try:
            with database.reading(self._engine) as connection:
                if database.state(connection) == self._tidied:
                    return False
            with database.writing(self._engine, patience=0) as connection:
                now = database.state(connection)
                if blocks.fresh_count(connection) >= blocks.FRESH:
                    new: State | None = blocks.gather(connection, now)
                else:
                    new = blocks.compact(connection, now)
                if new is None:
                    self._tidied = now
                else:
                    database.set_state(connection, new)
                return new is not None
        except (IndexMissing, IndexBusy):
            return False

    def close(self) -> None:
        """See SearchEngine; a later search opens what it needs again."""
        self._held = None
        if self._closing is not None:
            self._engine.dispose()

    @contextmanager
    def _library(self) -> Iterator[Library]:
        """The newest state, in a transaction of its own. Raises IndexMissing."""
        for _ in range(_ATTEMPTS):
            with database.reading(self._engine) as connection:
                current = self._snapshot(connection)
                if current is not None:
                    yield Library(current, connection)
                    return
        raise IndexMissing

    def _snapshot(self, connection: database.Connection) -> Snapshot | None:
        """The snapshot of what the connection sees; None when others have seen a newer one."""
        now = database.state(connection)
        held = self._held
        if held is not None and held.state == now:
            return held
        with self._lock:
            held = self._held  # another thread may have read it while we waited
            if held is not None and held.state == now:
                return held
            if held is not None and held.state.is_after(now):
                return None
            self._held = snapshot.read(connection, now, held)
            return self._held
