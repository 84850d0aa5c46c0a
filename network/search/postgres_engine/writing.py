"""Puts documents into the index and takes them out; gathers them into blocks when there are many.

A new document is one row with its terms, which costs nearly nothing. Readers keep the terms of
such fresh documents in memory, so from time to time they become a block, by term. Everything here
happens in the transaction of the one writer.
"""

from __future__ import annotations

import struct
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from itertools import islice

import numpy as np
from sqlalchemy import Connection

from network.search import analysis
from network.search.columns import (
    CATEGORIES,
    SCORED,
    categories,
    completeness,
    encode,
    study_hash,
)
from network.search.postgres_engine.database import TABLES, State, copy_in, do, rows
from network.search.postgres_engine.runs import (
    Run,
    Terms,
    merged,
    read_rows,
    run_of,
    term_hash,
    terms_of,
    unpacked,
)
from network.search.postings import Ids
from network.search.values import SearchDocument

FRESH = 256
"""Fresh documents that become a block when the worker is idle."""

MOST_FRESH = 1024
"""Fresh documents that become a block in passing, so that neglect has an end."""

BLOCK = 4096
"""Documents of a block, at most."""

DEAD = 0.3
"""The share of removed documents from which a block is worth writing again."""

KEPT = 10_000
"""Changes of the index of which it is known which documents they removed. A reader who has slept
through more reads everything anew."""

SPAN = 1 << 16
"""Numbers of a block's documents lie less than this apart, for they are kept in 16 bits."""

FACTS = np.dtype(
    [
        ("study", "<u8"),
        ("published", "<i8"),
        ("completeness", "u1"),
        ("lengths", "<u4", (len(SCORED),)),
    ]
)
"""A document's fixed-size record, see columns.Columns."""

_PACK_FACTS = struct.Struct(f"<QqB{len(SCORED)}I").pack

_COLUMNS = (
    *("number", "version", "entry", "study", "fingerprint", "facts"),
    *("entry_id", "study_key"),
    *CATEGORIES,
    *("title", "summary", "body"),
)
_TYPES = ("int8", "int8", "int8", "int8", "bytea", "bytea", *["text"] * 12)


def storable(text: str) -> str:
    """Text as PostgreSQL can hold it."""
    return encode(text).decode().replace("\0", "\ufffd")


def difference(
    connection: Connection, changes: Mapping[str, Sequence[SearchDocument]]
) -> tuple[list[int], list[SearchDocument]]:
    """The numbers of documents to remove, and the documents to add."""
    given = {d.entry_id: d for documents in changes.values() for d in documents}
    held = rows(
        connection,
        "SELECT number, entry_id, study_key, fingerprint FROM search_text"
        " WHERE study = ANY(%s) OR entry = ANY(%s)",
        [_study(key) for key in changes],
        [_entry(id_) for id_ in given],
    )
    keys = {storable(key) for key in changes}
    new = {storable(id_): document for id_, document in given.items()}
    stale: list[int] = []
    for number, entry_id, study_key, fingerprint in held:
        if entry_id not in new and study_key not in keys:
            continue  # another text with the same hash
        known = new.get(entry_id)
        if known is not None and known.fingerprint == fingerprint:
            del new[entry_id]
        else:
            stale.append(number)
    return stale, list(new.values())


def replace(
    connection: Connection, now: State, stale: Sequence[int], fresh: Iterable[SearchDocument]
) -> State:
    """Remove and add documents; gives the new state."""
    version, made = now.version + 1, list(fresh)
    remove(connection, stale, version)
    numbered = list(enumerate(made, now.documents))
    terms = [terms_of(document) for document in made]
    _add_texts(connection, version, numbered, terms)
    copy_in(
        connection,
        "search_fresh",
        ("number", "version", "terms"),
        ("int8", "int8", "bytea"),
        ((n, version, held.packed()) for (n, _), held in zip(numbered, terms, strict=True)),
    )
    _add_words(connection, terms)
    return now._replace(version=version, documents=now.documents + len(made))


def remove(connection: Connection, numbers: Sequence[int], version: int) -> None:
    """Take documents away; readers learn of it by the version."""
    if not numbers:
        return
    do(connection, "DELETE FROM search_text WHERE number = ANY(%s)", list(numbers))
    do(connection, "DELETE FROM search_fresh WHERE number = ANY(%s)", list(numbers))
    copy_in(
        connection,
        "search_removal",
        ("number", "version"),
        ("int8", "int8"),
        ((number, version) for number in numbers),
    )


def fill(
    connection: Connection,
    now: State,
    documents: Iterable[SearchDocument],
    told: Callable[[int], None],
) -> State:
    """Empty the index and fill it with these, block by block; gives the new state."""
    for table in TABLES:
        do(connection, f"DELETE FROM {table}")  # noqa: S608 — our own names
    waiting = iter(documents)
    while chunk := list(islice(waiting, BLOCK)):
        numbered = list(enumerate(chunk, now.documents))
        terms: list[Terms] = []
        for number, document in numbered:
            terms.append(terms_of(document))
            told(number + 1)
        _add_texts(connection, now.version, numbered, terms)
        _add_words(connection, terms)
        run = run_of([(n, held) for (n, _), held in zip(numbered, terms, strict=True)])
        _add_block(connection, now.blocks, np.array([n for n, _ in numbered]), run)
        now = now._replace(documents=now.documents + len(chunk), blocks=now.blocks + 1)
    return now


def fresh_count(connection: Connection) -> int:
    """How many documents are in no block."""
    return int(rows(connection, "SELECT count(*) FROM search_fresh")[0][0])


def gather(connection: Connection, now: State) -> State:
    """Make the fresh documents a block, together with the last one when both are small."""
    held = rows(connection, "SELECT number, terms FROM search_fresh ORDER BY number")
    within = [(n, unpacked(terms)) for n, terms in held if n - held[0][0] < SPAN][:BLOCK]
    numbers = np.array([n for n, _ in within], np.int64)
    runs, gone = [run_of(within)], []
    last = rows(
        connection, "SELECT block, first, last FROM search_block ORDER BY first DESC LIMIT 1"
    )
    if last:
        block, first, end = last[0]
        alive = _alive(connection, first, end)
        if len(alive) + len(numbers) <= BLOCK and int(numbers[-1]) - first < SPAN:
            runs.insert(0, _read_block(connection, block, first).only(alive))
            numbers, gone = np.concatenate([alive, numbers]), [block]
    do(connection, "DELETE FROM search_fresh WHERE number <= %s", int(numbers[-1]))
    do(connection, "DELETE FROM search_removal WHERE version <= %s", now.version - KEPT)
    return _exchange(connection, now, gone, numbers, merged(runs))


def compact(connection: Connection, now: State) -> State | None:
    """Write one block anew that has lost many documents; None when there is no such block."""
    found = rows(
        connection,
        "SELECT block, first, last FROM search_block b WHERE size - (SELECT count(*) FROM"
        " search_text t WHERE t.number BETWEEN b.first AND b.last) > %s * size LIMIT 1",
        DEAD,
    )
    if not found:
        return None
    block, first, last = found[0]
    alive = _alive(connection, first, last)
    run = _read_block(connection, block, first).only(alive)
    return _exchange(connection, now, [block], alive, run)


def _exchange(
    connection: Connection,
    now: State,
    gone: Sequence[int],
    numbers: Ids,
    run: Run,
) -> State:
    do(connection, "DELETE FROM search_posting WHERE block = ANY(%s)", list(gone))
    do(connection, "DELETE FROM search_block WHERE block = ANY(%s)", list(gone))
    if len(numbers):
        _add_block(connection, now.blocks, numbers, run)
    version = now.version + 1
    return now._replace(version=version, layout=version, blocks=now.blocks + 1)


def _alive(connection: Connection, first: int, last: int) -> Ids:
    found = rows(
        connection,
        "SELECT number FROM search_text WHERE number BETWEEN %s AND %s ORDER BY number",
        first,
        last,
    )
    return np.array([number for (number,) in found], np.int64)


def _read_block(connection: Connection, block: int, first: int) -> Run:
    held = rows(
        connection,
        "SELECT term, documents, weights, places FROM search_posting WHERE block = %s"
        " ORDER BY term",
        block,
    )
    return read_rows(held, first)


def _add_block(
    connection: Connection,
    block: int,
    numbers: Ids,
    run: Run,
) -> None:
    first = int(numbers[0])
    words = run.words().tobytes()
    copy_in(
        connection,
        "search_block",
        ("block", "first", "last", "size", "words"),
        ("int4", "int8", "int8", "int4", "bytea"),
        [(block, first, int(numbers[-1]), len(numbers), words)],
    )
    copy_in(
        connection,
        "search_posting",
        ("block", "term", "documents", "weights", "places"),
        ("int4", "int8", "bytea", "bytea", "bytea"),
        ((block, *row) for row in run.rows(first)),
    )


def _add_texts(
    connection: Connection,
    version: int,
    numbered: Sequence[tuple[int, SearchDocument]],
    terms: Sequence[Terms],
) -> None:
    copy_in(
        connection,
        "search_text",
        _COLUMNS,
        _TYPES,
        (
            _text_row(number, version, document, held.lengths)
            for (number, document), held in zip(numbered, terms, strict=True)
        ),
    )


def _add_words(connection: Connection, terms: Sequence[Terms]) -> None:
    counts = Counter(word for held in terms for word in held.words)
    do(
        connection,
        "INSERT INTO search_word (word, documents) SELECT * FROM unnest(%s::bytea[], %s::int[])"
        " ON CONFLICT (word) DO UPDATE SET documents = search_word.documents + excluded.documents",
        [encode(word) for word in counts],
        list(counts.values()),
    )


def _text_row(
    number: int, version: int, document: SearchDocument, lengths: tuple[int, ...]
) -> tuple[object, ...]:
    given, body = categories(document), document.body[: analysis.LONGEST_BODY]
    facts = _PACK_FACTS(
        study_hash(document.study_key),
        int(document.published.timestamp()),
        completeness(document),
        *lengths,
    )
    return (
        number,
        version,
        _entry(document.entry_id),
        _study(document.study_key),
        document.fingerprint,
        facts,
        *(storable(text) for text in (document.entry_id, document.study_key)),
        *(storable(given[name]) for name in CATEGORIES),
        *(storable(text) for text in (document.title, document.summary, body)),
    )


def _entry(entry_id: str) -> int:
    return term_hash("entry", entry_id)


def _study(study_key: str) -> int:
    return term_hash("study", study_key)
