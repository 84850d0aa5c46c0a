"""Blocks of the index: documents by term, made of fresh documents and written anew when worn.

Everything here happens in the transaction of the one writer.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from sqlalchemy import Connection

from network.search.postgres_engine.database import State, copy_in, do, rows
from network.search.postgres_engine.runs import Run, merged, read_rows, unpacked
from network.search.postings import Ids

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


def fresh_count(connection: Connection) -> int:
    """How many documents are in no block."""
    return int(rows(connection, "SELECT count(*) FROM search_fresh")[0][0])


def gather(connection: Connection, now: State) -> State:
    """Make the fresh documents a block, together with the last one when both are small."""
    held = rows(connection, "SELECT number, terms FROM search_fresh ORDER BY number")
    within = [(n, terms) for n, terms in held if n - held[0][0] < SPAN][:BLOCK]
    numbers = np.array([n for n, _ in within], np.int64)
    runs, gone = [unpacked(terms, n) for n, terms in within], []
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
        add_block(connection, now.blocks, numbers, run)
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


def add_block(connection: Connection, block: int, numbers: Ids, run: Run) -> None:
    """Write a block of documents by number, ascending."""
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
