"""Puts documents into the index and takes them out.

A new document is one row with its terms, which costs nearly nothing. Readers keep the terms of
such fresh documents in memory, so from time to time they become a block (see blocks). Everything
here happens in the transaction of the one writer.
"""

from __future__ import annotations

import struct
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from itertools import islice

import numpy as np
from sqlalchemy import Connection

from network.search import analysis, inverting
from network.search.inverting import Batch
from network.search.postgres_engine.blocks import BLOCK, add_block
from network.search.postgres_engine.database import TABLES, State, copy_in, do, rows
from network.search.postgres_engine.runs import Run, merged, run_of, term_hash
from network.search.postings import (
    CATEGORIES,
    SCORED,
    categories,
    completeness,
    encode,
    rounded,
    study_hash,
)
from network.search.values import SearchDocument

FACTS = np.dtype(
    [
        ("study", "<u8"),
        ("published", "<i8"),
        ("completeness", "u1"),
        ("lengths", "<u4", (len(SCORED),)),
    ]
)
"""A document's fixed-size record, see studies.Columns."""

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
    batches = [inverting.invert([document]) for document in made]
    _add_texts(connection, version, now.documents, made, batches)
    copy_in(
        connection,
        "search_fresh",
        ("number", "version", "terms"),
        ("int8", "int8", "bytea"),
        (
            (number, version, run_of(batch, number).packed())
            for number, batch in enumerate(batches, now.documents)
        ),
    )
    _add_words(connection, batches)
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
        batches, runs, end = list[Batch](), list[Run](), now.documents
        for part in inverting.batches(chunk):
            if end:
                told(end)
            batches.append(inverting.invert(part))
            runs.append(run_of(batches[-1], end))
            end += len(part)
        _add_texts(connection, now.version, now.documents, chunk, batches)
        _add_words(connection, batches)
        add_block(connection, now.blocks, np.arange(now.documents, end), merged(runs))
        now = now._replace(documents=end, blocks=now.blocks + 1)
    return now


def _add_texts(
    connection: Connection,
    version: int,
    first: int,
    documents: Sequence[SearchDocument],
    batches: Sequence[Batch],
) -> None:
    lengths = (row for batch in batches for row in batch.lengths.tolist())
    copy_in(
        connection,
        "search_text",
        _COLUMNS,
        _TYPES,
        (
            _text_row(number, version, document, [rounded(length) for length in held])
            for number, (document, held) in enumerate(zip(documents, lengths, strict=True), first)
        ),
    )


def _add_words(connection: Connection, batches: Sequence[Batch]) -> None:
    counts: Counter[str] = Counter()
    for batch in batches:
        held = np.diff(batch.words.starts).tolist()
        counts.update({w: n for (_, w), n in zip(batch.words.terms, held, strict=True)})
    do(
        connection,
        "INSERT INTO search_word (word, documents) SELECT * FROM unnest(%s::bytea[], %s::int[])"
        " ON CONFLICT (word) DO UPDATE SET documents = search_word.documents + excluded.documents",
        [encode(word) for word in counts],
        list(counts.values()),
    )


def _text_row(
    number: int, version: int, document: SearchDocument, lengths: Sequence[int]
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
