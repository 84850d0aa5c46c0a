"""The embedded engine: a Whoosh index in a directory, written by the worker, read by everyone."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from threading import Lock
from typing import NamedTuple

from network.search.engine import IndexBusy, IndexMissing, SearchEngine, T
from network.search.inverting import batches
from network.search.lexicon import EMPTY, Lexicon
from network.search.postings import encode
from network.search.studies import Library
from network.search.values import Entry, SearchDocument
from network.search.whoosh_engine import building, merging
from network.search.whoosh_engine.codec import DAMAGE
from network.search.whoosh_engine.segment import SegmentView
from network.search.whoosh_engine.snapshot import Snapshot
from network.search.whoosh_engine.store import Generation, Store

log = logging.getLogger(__name__)

_ATTEMPTS = 100
"""Commits in the middle of which one opening of the index may fall."""


class WhooshEngine(SearchEngine):
    """A SearchEngine in a directory. One object serves all threads of a process.

    patience: seconds to wait for another writer before IndexBusy. lexicon: see SearchEngine.
    """

    def __init__(
        self,
        directory: Path,
        patience: float = 10.0,
        lexicon: Callable[[], Lexicon] = lambda: EMPTY,
    ) -> None:
        super().__init__(lexicon)
        self._store = Store(directory, patience)
        self._lock = Lock()
        self._held: _Held | None = None
        self._views: dict[str, SegmentView] = {}
        self._tidied: tuple[Path, int] | None = None
        self._merge: merging.Merge | None = None

    def _asked(self, ask: Callable[[Library], T], otherwise: T) -> T:
        """See SearchEngine."""
        try:
            return ask(self._current())
        except IndexMissing:
            pass
        except Exception as error:  # the page must stand, whatever the index has come to
            log.exception("search failed")
            if isinstance(error, DAMAGE) and self._held is not None:
                self._held.generation.condemn()
            self._let_go()
        return otherwise

    def replace(self, changes: Mapping[str, Sequence[SearchDocument]]) -> None:
        """See SearchEngine."""
        with self._store.writing():
            snapshot = self._current()
            stale, fresh = _difference(snapshot, changes)
            if not stale and not fresh:
                return
            with self._store.open().writer() as writer:
                for number in stale:
                    writer.delete_document(number)
                for batch in batches(fresh):
                    writer.add(batch)
                writer.commit(mergetype=merging.quick)

    def rebuild(
        self, documents: Iterable[SearchDocument], progress: Callable[[int], None] | None = None
    ) -> None:
        """See SearchEngine."""
        with self._store.writing():
            generation = self._store.begin()
            for count in building.build(generation, documents):
                if progress:
                    progress(count)
            self._store.publish(generation)

    def entries(self) -> Iterator[Entry]:
        """See SearchEngine."""
        return self._current().entries()

    def ready(self) -> bool:
        """See SearchEngine."""
        try:
            self._current()
        except IndexMissing:
            return False
        return True

    def tidy(self) -> bool:
        """See SearchEngine. What is merged in another process is nothing to wait for."""
        try:
            if self._merge is None or self._merge.running:
                generation = self._store.open()
                if self._tidied == (generation.path, generation.number()):
                    return False
            with self._store.writing(patience=0):
                return self._tidy(self._store.open())
        except (IndexMissing, IndexBusy):
            return False

    def _tidy(self, generation: Generation) -> bool:
        merge = self._merge
        if merge is not None and generation.path != merge.generation.path:
            merge.end()  # the index was built anew
            merge = self._merge = None
        if merge is not None and not merge.running:
            self._merge = None
            return self._finish(merge)
        if merge is None:
            merging.sweep(generation)
        busy = merge.ids if merge else set()
        segments = [s for s in generation.state().segments if s.segment_id() not in busy]
        chosen = merging.candidates(segments, merging.SMALL if merge else None)
        if merging.documents(chosen) > merging.SMALL:
            self._merge = merging.Merge(generation, chosen)
            return False
        if chosen:
            try:
                with generation.writer() as writer:
                    writer.commit(mergetype=merging.these(chosen))
            except DAMAGE:
                generation.condemn()
        else:
            self._tidied = generation.path, generation.number()
        return bool(chosen)

    def _finish(self, merge: merging.Merge) -> bool:
        done = merge.exchange()
        if merge.damaged:
            merge.generation.condemn()
        elif not done:  # there may be no room for it; the next commit is a new occasion
            log.warning("segments of the search index could not be merged")
            self._tidied = merge.generation.path, merge.generation.number()
        return done or merge.damaged

    def close(self) -> None:
        """See SearchEngine; the files close when the last reader is done with them."""
        self._let_go()
        merge, self._merge = self._merge, None
        if merge is not None:
            merge.end()

    def _let_go(self) -> None:
        with self._lock:
            self._held, self._views = None, {}

    def _current(self) -> Snapshot:
        """The newest committed state. Raises IndexMissing."""
        held = self._held
        if held is not None and held.is_newest(self._store):
            return held.snapshot
        with self._lock:
            held = self._held  # another thread may have opened it while we waited
            return held.snapshot if held and held.is_newest(self._store) else self._open()

    def _open(self) -> Snapshot:
        for _ in range(_ATTEMPTS):
            before = self._store.mark()
            try:
                return self._read(self._store.open())
            except Exception as error:
                # A commit takes files away between naming and opening them; only when there was
                # none is it the index that is at fault.
                if before == self._store.mark():
                    raise IndexMissing from error
        raise IndexMissing

    def _read(self, generation: Generation) -> Snapshot:
        toc = generation.state()
        views = {
            s.segment_id(): self._views.get(s.segment_id()) or SegmentView(generation.path, s)
            for s in toc.segments
        }
        snapshot = Snapshot(toc, list(views.values()))
        self._views, self._held = views, _Held(generation, snapshot)
        return snapshot


class _Held(NamedTuple):
    """A state that is open, and the generation in which a newer one would appear."""

    generation: Generation
    snapshot: Snapshot

    def is_newest(self, store: Store) -> bool:
        """Whether no commit and no rebuild has happened since."""
        if store.live() != self.generation.path:
            return False
        return self.generation.number() == self.snapshot.generation


def _difference(
    snapshot: Snapshot, changes: Mapping[str, Sequence[SearchDocument]]
) -> tuple[set[int], list[SearchDocument]]:
    """The numbers of documents to delete, and the documents to add."""
    stale: set[int] = set()
    fresh: dict[str, SearchDocument] = {}
    for study_key, documents in changes.items():
        new = {encode(document.entry_id): document for document in documents}
        held = {int(n) for n in snapshot.postings("study", study_key).ids}
        held |= {int(n) for e in documents for n in snapshot.postings("entry", e.entry_id).ids}
        for number in held:
            entry_id = encode(snapshot.name(number, "entry_id"))
            known = new.get(entry_id)
            if known is not None and known.fingerprint == snapshot.fingerprint(number):
                del new[entry_id]
            else:
                stale.add(number)
        fresh |= {document.entry_id: document for document in new.values()}
    return stale, list(fresh.values())
