"""Brings a node back to a backup: in one transaction, or not at all.

The backup is first read into a database of its own beside the node, at the revision that it was
made at, and upgraded there like any other. Only then is anything of the node changed.
"""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from itertools import islice
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, column, insert, inspect, select, table, update
from sqlalchemy.exc import DataError, IntegrityError, OperationalError, StatementError
from sqlalchemy.orm import Session

from network import migrations
from network.accounts.models import User
from network.backup.archive import Archive, Damaged, Manifest, Progress
from network.backup.rows import LEFT_OUT, TYPES, tables
from network.backup.service import AT_A_TIME, back_up
from network.case_studies.models import CaseStudy
from network.catalogue import store as catalogue
from network.catalogue.models import CatalogueState
from network.config import Settings
from network.jobs import holders
from network.jobs import service as jobs
from network.jobs.holders import LEADER, Holder
from network.jobs.models import LONGEST_LEASE, Job
from network.lib import clock, sqlite
from network.lib.db import number_on, open_engine, writing
from network.lib.errors import Conflict, InvalidInput, PioneerError
from network.log import service as log
from network.log.models import FeedEntry
from network.subscriptions import claims
from network.subscriptions.models import Subscription

CANNOT_HOLD = "The database cannot hold what the backup has (%(why)s); nothing was changed."


@dataclass(frozen=True, slots=True)
class Restored:
    """What a restore came to. safety: where the node as it was is kept, None when it was new.
    public_again: ids of own texts that had been withdrawn after the backup was made. damaged: where
    the database is that was damaged, or could not be upgraded."""

    manifest: Manifest
    safety: Path | None
    public_again: tuple[str, ...]
    damaged: Path | None = None


def restore(
    node: Settings,
    path: Path,
    *,
    other_address: bool = False,
    progress: Progress | None = None,
) -> Restored:
    """Replace everything in the node's database by what the backup has.

    other_address: also when the backup is of a node at another public address. The log gets a new
    epoch, so that followers read all of it again. Nothing is changed unless everything is.
    Raises InvalidInput, Conflict (the node is running), Damaged, PioneerError.
    """
    with Archive(path) as archive:
        _refuse_what_does_not_fit(archive.manifest, node, other_address)
        archive.check()
        node.home.mkdir(parents=True, exist_ok=True)
        _refuse_a_full_disk(archive.manifest, node.home)
        if _is_damaged(node):
            return _set_aside_and_replace(archive, node, progress)
        try:
            return _replace_all(archive, node, progress)
        except migrations.Stuck:
            return _set_aside_and_replace(archive, node, progress)


def _is_damaged(node: Settings) -> bool:
    return (
        node.database_url.startswith("sqlite")
        and sqlite.damage(sqlite.file_of(node.database_url)) is not None
    )


def _set_aside_and_replace(archive: Archive, node: Settings, progress: Progress | None) -> Restored:
    """For a database of which nothing can be made any more; it comes back when this fails, too."""
    if not node.database_url.startswith("sqlite"):
        raise PioneerError(
            "The database that is there cannot be brought to this version. Make an empty one, name "
            "it in PIONEER_DATABASE_URL, and restore into that."
        )
    path = sqlite.file_of(node.database_url)
    aside = sqlite.set_aside(path, f"damaged-{clock.now():%Y%m%dT%H%M%SZ}")
    try:
        return replace(_replace_all(archive, node, progress), damaged=aside)
    except BaseException:
        sqlite.put_back(path, aside)
        raise


def _replace_all(archive: Archive, node: Settings, progress: Progress | None) -> Restored:
    engine = open_engine(node.database_url)
    try:
        migrations.refuse_others(engine)
        if migrations.revision(engine) is None:
            migrations.upgrade(engine)
        with _alone(engine, node.home), _staged(archive, node.home) as staged:
            migrations.upgrade(engine)
            safety = _keep_what_is_there(engine, node)
            again = _public_again(engine, staged)
            try:
                _replace(engine, staged, progress)
            except (DataError, IntegrityError) as error:
                raise PioneerError(CANNOT_HOLD, why=type(error).__name__) from error
        return Restored(archive.manifest, safety, again)
    finally:
        engine.dispose()


def _refuse_what_does_not_fit(manifest: Manifest, node: Settings, other_address: bool) -> None:
    if not migrations.is_known(manifest.revision):
        raise InvalidInput(
            "The backup was made by a newer version (%(software)s); install that one first.",
            software=manifest.software,
        )
    if manifest.base_url != node.base_url and not other_address:
        raise InvalidInput(
            (
                "The backup is of %(theirs)s and this node is %(ours)s; its permanent ids would "
                "belong to another site. If you mean it, add --other-address."
            ),
            theirs=manifest.base_url,
            ours=node.base_url,
        )


def _refuse_a_full_disk(manifest: Manifest, home: Path) -> None:
    if shutil.disk_usage(home).free < 3 * manifest.bytes:
        raise PioneerError(
            "There is not enough room in %(home)s: %(size)s MiB are needed.",
            home=str(home),
            size=3 * manifest.bytes // 2**20 + 1,
        )


@contextmanager
def _alone(engine: Engine, home: Path) -> Iterator[None]:
    """Hold the leader's lease, so that no worker begins meanwhile. Raises Conflict."""
    holder = Holder(home)
    with Session(engine) as session:
        for dead in holders.dead(home):
            jobs.step_down(session, LEADER, dead)
        if not jobs.lead(session, LEADER, holder.name, LONGEST_LEASE):
            holder.close()
            raise Conflict(
                (
                    "The node is running (%(holder)s). Stop it first; "
                    "after a crash, wait half a minute."
                ),
                holder=jobs.leader(session, LEADER),
            )
    try:
        yield
    finally:
        with Session(engine) as session:
            jobs.step_down(session, LEADER, holder.name)
        holder.close()


@contextmanager
def _staged(archive: Archive, home: Path) -> Iterator[Engine]:
    """The backup as a database of this version, in a folder that is gone afterwards."""
    for left in home.glob(".restore-*"):  # by one that was killed
        shutil.rmtree(left, ignore_errors=True)
    with tempfile.TemporaryDirectory(prefix=".restore-", dir=home) as folder:
        engine = open_engine(f"sqlite:///{folder}/staged.sqlite")
        try:
            _stage(engine, archive)
            yield engine
        finally:
            engine.dispose()


def _stage(engine: Engine, archive: Archive) -> None:
    migrations.upgrade(engine, archive.manifest.revision)
    try:
        with Session(engine) as session, writing(session):
            _load(session.connection(), archive)
    except (IntegrityError, StatementError) as error:
        if isinstance(error, OperationalError):
            raise
        raise Damaged("its rows do not fit together") from error
    migrations.upgrade(engine)


def _load(connection: Connection, archive: Archive) -> None:
    asked = inspect(connection)
    for part in archive.manifest.parts:
        if part.name in LEFT_OUT or not asked.has_table(part.name):
            raise Damaged(f"it has a table {part.name} that its version did not have")
        there = {each["name"] for each in asked.get_columns(part.name)}
        if there != {name for name, _kind in part.columns}:
            raise Damaged(f"table {part.name} has other columns than its version had")
        target = table(part.name, *(column(name, TYPES[kind]) for name, kind in part.columns))
        rows = archive.rows(part)
        while chunk := list(islice(rows, AT_A_TIME)):
            connection.execute(insert(target), chunk)


def _keep_what_is_there(engine: Engine, node: Settings) -> Path | None:
    """A backup of the node as it is, unless nobody has done anything in it yet."""
    with Session(engine) as session:
        used = any(
            session.scalar(select(each).limit(1)) is not None
            for each in (User.id, CaseStudy.id, Subscription.id)
        )
    if not used:
        return None
    path = node.home / f"before-restore-{clock.now():%Y%m%dT%H%M%SZ}.zip"
    back_up(engine, node, path, overwrite=True)
    return path


def _public_again(engine: Engine, staged: Engine) -> tuple[str, ...]:
    """Own entries that are withdrawn now and public in the backup."""
    query = select(FeedEntry.entry_id)
    with Session(engine) as now, Session(staged) as then:
        gone = set(now.scalars(query.where(FeedEntry.kind == "deleted")))
        return tuple(sorted(gone.intersection(then.scalars(query.where(FeedEntry.kind == "live")))))


def _replace(engine: Engine, staged: Engine, progress: Progress | None) -> None:
    """Everything out, everything in, and what must not be as it was then, in one transaction."""
    with Session(engine) as session, staged.connect() as source, writing(session):
        version = session.scalar(select(CatalogueState.version)) or 0
        connection, done = session.connection(), 0
        for each in reversed(tables()):
            connection.execute(each.delete())
        for each in tables():
            rows = source.execute(select(*each.columns), execution_options={"yield_per": AT_A_TIME})
            for chunk in rows.mappings().partitions(AT_A_TIME):
                connection.execute(insert(each), [dict(row) for row in chunk])
                done += len(chunk)
                if progress:
                    progress(done)
            number_on(connection, each)
        _begin_anew(session, version)


def _begin_anew(session: Session, version: int) -> None:
    """What a node that was elsewhere in time must not believe any more: its log's epoch, who was
    at work, when to look at others, and what pages browsers and caches have."""
    log.renew_epoch(session)
    claims.release_claims(session)
    session.execute(update(Subscription).values(next_poll=clock.now()))
    session.execute(update(Job).values(token=None, claimed_until=None, run_at=clock.now()))
    catalogue.touch(session)
    known: Any = CatalogueState.version
    session.execute(update(CatalogueState).values(version=known + version))
