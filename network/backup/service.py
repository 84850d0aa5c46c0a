"""Makes a backup of a node that goes on working: all tables, as of one moment."""

from __future__ import annotations

import os
import tempfile
import zipfile
from contextlib import suppress
from pathlib import Path
from typing import IO

from sqlalchemy import Connection, Engine, Table, func, select
from sqlalchemy.orm import Session

from network import __version__, migrations
from network.backup.archive import MANIFEST, Archive, Manifest, Part, PartWriter, Progress
from network.backup.rows import LEFT_OUT, columns_of, encoder, tables
from network.cities import site as sites
from network.config import Settings
from network.lib import clock
from network.lib.errors import InvalidInput
from network.log import service as log

AT_A_TIME = 500
"""Rows read at a time, so that memory does not grow with the node."""


def count_rows(engine: Engine) -> int:
    """How many rows a backup would have, for a progress bar."""
    with engine.connect() as connection:
        return sum(
            connection.scalar(select(func.count()).select_from(table)) or 0 for table in _kept()
        )


def back_up(
    engine: Engine,
    node: Settings,
    path: Path,
    *,
    overwrite: bool = False,
    progress: Progress | None = None,
) -> Manifest:
    """Write a backup, whole or not at all, readable by its owner only; then read it once.

    It is of one moment, however long it takes and whatever is written meanwhile.
    Raises InvalidInput when there is such a file already, Damaged when the disk does not give back
    what was written, OSError.
    """
    if path.exists() and not overwrite:
        raise InvalidInput("%(file)s is there already; nothing was written.", file=str(path))
    descriptor, unfinished = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    try:
        with os.fdopen(descriptor, "w+b") as file:  # mkstemp: nobody else may read it (0600)
            with engine.connect() as connection:
                manifest = _write(connection, node, file, progress)
            file.flush()
            os.fsync(file.fileno())
        with Archive(Path(unfinished)) as archive:
            archive.check()
        os.replace(unfinished, path)
    finally:
        with suppress(FileNotFoundError):
            os.unlink(unfinished)
    return manifest


def _kept() -> list[Table]:
    return [table for table in tables() if table.name not in LEFT_OUT]


def _write(
    connection: Connection, node: Settings, file: IO[bytes], progress: Progress | None
) -> Manifest:
    """Everything in one transaction, which sees one state of the database (SQLite's WAL,
    PostgreSQL's REPEATABLE READ)."""
    with Session(connection) as session, zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as target:
        epoch, seq = log.position(session)
        parts: list[Part] = []
        done = 0
        for table in _kept():
            with target.open(f"tables/{table.name}.jsonl", "w", force_zip64=True) as member:
                parts.append(
                    _dump(connection, table, PartWriter(table.name, columns_of(table), member))
                )
            done += parts[-1].rows
            if progress:
                progress(done)
        manifest = Manifest(
            software=__version__,
            revision=migrations.newest(),
            base_url=node.base_url,
            name=sites.read(session, node).name("en"),
            created=clock.now(),
            database=connection.dialect.name,
            epoch=epoch,
            seq=seq,
            parts=tuple(parts),
        )
        target.writestr(MANIFEST, manifest.as_json())
    return manifest


def _dump(connection: Connection, table: Table, writer: PartWriter) -> Part:
    encode = encoder(columns_of(table))
    query = select(*table.columns).order_by(*table.primary_key.columns)
    for row in connection.execute(query, execution_options={"yield_per": AT_A_TIME}):
        writer.write(encode(row))
    return writer.part()
