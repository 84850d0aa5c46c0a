"""Reads this node's whole log as a follower would, to say whether a follower can."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from sqlalchemy.orm import Session

from network.lib.errors import RemoteError
from network.log import pages
from network.log import service as log
from network.log.entry import digest, state_line
from network.log.items import LiveItem, UnreadItem
from network.log.reading import parse_document

TRIES = 3
"""Readings of a log that changes while it is read: one without a change in between is sure."""


@dataclass(slots=True)
class Proof:
    """What a follower would find. rows: entries and tombstones read. unread: what it would hold
    back. refused: (path, why) of documents that it would not take. largest: bytes of the largest.
    equal: count and digest of what was read are those that the head announces.
    """

    rows: int = 0
    unread: list[UnreadItem] = field(default_factory=list)
    refused: list[tuple[str, RemoteError]] = field(default_factory=list)
    largest: int = 0
    equal: bool = False


def prove(session: Session, who: pages.Publisher) -> Proof:
    """Read every document of the log, one in memory at a time, and add up what they say.

    A log that is written to meanwhile is read again, because its pages are of different moments.
    """
    for _ in range(TRIES):
        mark = log.mark(session)
        found = _read(session, who)
        session.rollback()
        if mark == log.mark(session):
            break
    return found


def _read(session: Session, who: pages.Publisher) -> Proof:
    found, lines = Proof(), list[str]()
    announced: tuple[int, str] | None = None
    for path, content in _documents(session, who):
        found.largest = max(found.largest, len(content))
        try:
            document = parse_document(content, who.base_url + path)
        except RemoteError as error:
            found.refused.append((path, error))
            continue
        found.rows += len(document.items)
        found.unread += [item for item in document.items if isinstance(item, UnreadItem)]
        lines += [
            state_line(item.entry_id, item.updated, item.hash)
            for item in document.items
            if isinstance(item, LiveItem) or (isinstance(item, UnreadItem) and item.hash)
        ]
        if document.state is not None:
            announced = document.state.count, document.state.digest
    found.equal = announced == (len(lines), digest(lines))
    return found


def _documents(session: Session, who: pages.Publisher) -> Iterator[tuple[str, bytes]]:
    number = 0
    while (content := pages.archive(session, number, who)) is not None:
        yield pages.archive_path(number), content
        number += 1
    yield pages.HEAD, pages.head(session, who)
