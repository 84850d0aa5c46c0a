"""Keeps the index equal to the database, whatever happened in between (invariant I8)."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator

from sqlalchemy.orm import Session

from network.search.documents import all_documents, documents_for
from network.search.engine import SearchEngine
from network.search.values import SearchDocument

_BATCH = 50
"""Studies written in one commit."""


def index_studies(session: Session, engine: SearchEngine, keys: Iterable[str]) -> None:
    """Bring these studies up to date in the index, in one commit; builds it when there is none.

    Raises engine.IndexBusy.
    """
    if not engine.ready():
        reindex(session, engine)
        return
    session.rollback()  # the rows as they are now, not as an older transaction saw them
    engine.replace(documents_for(session, keys))


def reindex(
    session: Session, engine: SearchEngine, progress: Callable[[int], None] | None = None
) -> None:
    """Build the whole index anew beside the live one; progress is told of documents done.

    Raises engine.IndexBusy.
    """
    engine.rebuild(_newest(session), progress)


def _newest(session: Session) -> Iterator[SearchDocument]:
    """Every document, read only once the engine lets nobody else write: whoever changes a study
    after that has to wait for us before indexing it."""
    session.rollback()
    yield from all_documents(session)


def upkeep(session: Session, engine: SearchEngine) -> bool:
    """For an idle worker: build a missing or damaged index, else one piece of the engine's own
    upkeep; False when there was nothing to do. Raises engine.IndexBusy."""
    if engine.ready():
        return engine.tidy()
    reindex(session, engine)
    return True


def differences(session: Session, engine: SearchEngine) -> list[str] | None:
    """The keys of the studies whose documents differ; None when there is no index."""
    if not engine.ready():
        return None
    held: dict[str, set[tuple[str, bytes]]] = {}
    for entry in engine.entries():
        held.setdefault(entry.study_key, set()).add((entry.entry_id, entry.fingerprint))
    wanted: dict[str, set[tuple[str, bytes]]] = {}
    session.rollback()
    for document in all_documents(session):
        known = wanted.setdefault(document.study_key, set())
        known.add((document.entry_id, document.fingerprint))
    return sorted(key for key in held | wanted if held.get(key) != wanted.get(key))


def repair(session: Session, engine: SearchEngine) -> int:
    """Make the index equal to the database; gives the number of studies that were wrong.

    Raises engine.IndexBusy.
    """
    wrong = differences(session, engine)
    if wrong is None:
        reindex(session, engine)
        return len({entry.study_key for entry in engine.entries()})
    for start in range(0, len(wrong), _BATCH):
        index_studies(session, engine, wrong[start : start + _BATCH])
    return len(wrong)
