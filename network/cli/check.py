"""`check`: whether configuration, database, index, disk and followed sites are well."""

from __future__ import annotations

import shutil
import sqlite3
from collections.abc import Iterator
from dataclasses import dataclass

import click
from sqlalchemy.exc import DatabaseError
from sqlalchemy.orm import Session

from network.cities import site as sites
from network.cli import check_clock
from network.cli.context import about_address, as_json, database, say, settings
from network.config import SETTINGS, Settings
from network.config.given import Source
from network.following import health
from network.following import queries as subscriptions
from network.jobs import service as jobs
from network.lib import clock, sqlite
from network.lib.db import first_line, is_trouble
from network.lib.errors import PioneerError
from network.lib.i18n import short_moment
from network.log import proof
from network.log.pages import Publisher
from network.search import service as search
from network.search.opening import open_search

RESTORE = "Stop the node and bring it back to a backup: pioneer-cities restore FILE"
FREE_BYTES = 500 * 1024 * 1024
SAFE_SQLITE = ((3, 44, 6), (3, 50, 7), (3, 51, 3))
"""Versions, by minor line, in which a rare corruption when a WAL is reset is mended."""


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing looked at. level: ok, warning or error."""

    level: str
    subject: str
    text: str


@click.command()
@click.option("--json", "json_", is_flag=True, help="For scripts.")
def check(json_: bool) -> None:
    """Check configuration, database, the own log, index, disk and followed sites."""
    node = settings()
    findings: list[Finding] = []
    with database(node) as session:
        zone = "UTC" if json_ else _zone_of(session, node)
        for look in (_database, _configuration, _clock, _disk, _log, _index, _jobs, _peers):
            try:
                findings.extend(look(session, node, zone))
            except DatabaseError as error:
                if not is_trouble(error):
                    raise
                findings.append(Finding("error", "database", first_line(error.orig)))
                break  # there is nothing left to ask
    if json_:
        as_json([{"level": f.level, "subject": f.subject, "text": f.text} for f in findings])
    else:
        for finding in findings:
            say(f"{finding.level:8} {finding.subject:14} {finding.text}")
    if any(f.level == "error" for f in findings):
        raise PioneerError("Something needs attention; see above.")


def _zone_of(session: Session, node: Settings) -> str:
    """The node's zone; UTC while its database is in a trouble of which the findings tell."""
    try:
        return sites.read(session, node).timezone
    except DatabaseError as error:
        if not is_trouble(error):
            raise
        session.rollback()
        return sites.UTC


def _configuration(session: Session, node: Settings, _zone: str) -> Iterator[Finding]:
    site = sites.read(session, node)
    if node.city and site.city is None:
        text_ = f"PIONEER_CITY={node.city} is no city here; pioneer-cities init says what to do"
        yield Finding("error", "configuration", text_)
    else:
        yield Finding("ok", "configuration", _settings_from(node))
    yield Finding("ok" if node.public else "warning", "address", about_address(node))


def _settings_from(node: Settings) -> str:
    """Which settings are in use, so that nobody looks for a fault in the wrong file."""
    outside = [s.variable for s in SETTINGS if node.sources.get(s.name) == Source()]
    inside = len(node.sources) - len(outside)
    file = f"{inside} in {node.file}" if node.file else "no file of settings"
    return (
        f"{len(SETTINGS)} settings are good: {file}, "
        f"in the environment {', '.join(outside) or 'none'}, the others as they are without"
    )


def _clock(session: Session, _node: Settings, zone: str) -> Iterator[Finding]:
    now = clock.now()
    said = [check_clock.ahead(session, now, zone), check_clock.entries_ahead(session, now, zone)]
    for text_ in filter(None, said):
        yield Finding("warning", "clock", text_)
    if not any(said):
        is_ = short_moment(now, "en", zone)
        yield Finding("ok", "clock", f"{is_}; nothing stored is ahead of it")


def _disk(_session: Session, node: Settings, _zone: str) -> Iterator[Finding]:
    free = shutil.disk_usage(node.home).free
    level = "ok" if free > FREE_BYTES else "warning"
    yield Finding(level, "disk", f"{free // 2**20:,} MiB free in {node.home}")


def _database(session: Session, node: Settings, _zone: str) -> Iterator[Finding]:
    if not node.database_url.startswith("sqlite"):
        yield Finding("ok", "database", "PostgreSQL answers")
        return
    file = sqlite.file_of(node.database_url)
    if damage := sqlite.damage(file):
        yield Finding("error", "database", f"{file} is damaged: {damage}. {RESTORE}")
    elif not sqlite.can_be_written(file):
        yield Finding("error", "database", f"{file} can be read and not written: its disk or owner")
    else:
        yield Finding("ok", "database", "SQLite finds it whole")
    if not sqlite_is_safe(sqlite3.sqlite_version_info):
        yield Finding(
            "warning",
            "database",
            f"SQLite {sqlite3.sqlite_version} has a rare fault that can damage the database; "
            "3.51.3 or later is better, or use PostgreSQL. Keep backups.",
        )


def sqlite_is_safe(version: tuple[int, int, int]) -> bool:
    """Whether this SQLite has the mended WAL reset."""
    if version >= SAFE_SQLITE[-1]:
        return True
    return any(version[:2] == good[:2] and version >= good for good in SAFE_SQLITE)


def _log(session: Session, node: Settings, _zone: str) -> Iterator[Finding]:
    """The whole log, archives included, as those who follow this node would read it."""
    site, hub = sites.read(session, node), f"{node.base_url}/websub/hub"
    who = Publisher(node.base_url, site.name(node.language), hub, site.city)
    found = proof.prove(session, who)
    for path, why in found.refused:
        yield Finding("error", "log", f"others refuse {path}: {why}")
    for item in found.unread:
        reason = str(PioneerError(item.message, **item.arguments))
        text_ = f"others cannot read {item.entry_id} ({reason}) Correct it and publish it again"
        yield Finding("error", "log", text_)
    if found.largest > node.max_feed_bytes:
        text_ = f"{found.largest:,} bytes in one document; nodes read {node.max_feed_bytes:,}"
        yield Finding("warning", "log", text_)
    if not found.equal:
        text_ = "its documents do not add up to the count and digest that its head announces"
        yield Finding("error", "log", text_)
    elif not found.unread:
        yield Finding("ok", "log", f"{found.rows} rows, all read as others read them")


def _index(session: Session, node: Settings, _zone: str) -> Iterator[Finding]:
    wrong = search.differences(session, open_search(node))
    if wrong is None:
        yield Finding("warning", "index", "There is none yet: the worker builds it, or reindex")
    elif wrong:
        yield Finding(
            "warning",
            "index",
            f"{len(wrong)} studies differ from the database; the worker mends it",
        )
    else:
        yield Finding("ok", "index", "equals the database")


def _jobs(session: Session, _node: Settings, _zone: str) -> Iterator[Finding]:
    counts = jobs.counts(session)
    level = "warning" if counts["dead"] else "ok"
    yield Finding(level, "jobs", f"{counts['waiting']} waiting, {counts['dead']} failed for good")


def _peers(session: Session, _node: Settings, zone: str) -> Iterator[Finding]:
    for peer in subscriptions.peers(session):
        troubled = health.state(peer, clock.now()) in health.TROUBLES
        said = health.in_english(peer, clock.now(), zone)
        level = "warning" if troubled else "ok"
        yield Finding(level, "followed", f"{peer.title or peer.url}: {said}")


COMMANDS = (check,)
