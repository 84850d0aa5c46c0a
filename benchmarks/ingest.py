"""Entries taken in by a follower, from the request to the commit, against parsing them alone.

A member's log by the protocol (read, proved, stored with catalogue and jobs) beside lxml; ordinary
feeds through the parser's child process beside feedparser. One follower, one thread.
"""

from __future__ import annotations

import os
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from io import BytesIO
from pathlib import Path

import feedparser
from lxml import etree
from sqlalchemy import func, select

from benchmarks.logs import fill_log
from benchmarks.origins import feed, origins
from network.catalogue.models import Version
from network.following import service
from network.intake.service import look_at
from network.lib import clock
from network.lib.db import writing
from network.log.models import FeedEntry
from network.subscriptions.models import Subscription
from network.subscriptions.policy import open_door
from tests.nodes import Node

ITEMS = 50
"""In a feed, as in an archive page of a log."""
HOSTS = 20


def run(entries: int = 10_000) -> None:
    """Print entries per second of processor time, and how many times the parser's time that is."""
    print(f"{'':44} {'entries/s':>9} {'ratio':>7}")
    for measure in (_member, _foreign):
        names, taken, parsed = measure(entries)
        for name, seconds in zip(names, (parsed, taken), strict=True):
            print(f"{name:44} {entries / seconds:9.0f} {seconds / parsed:7.1f}", flush=True)


def _member(entries: int) -> tuple[tuple[str, str], float, float]:
    with tempfile.TemporaryDirectory() as a, _reader() as reader:
        publisher = Node(Path(a), "paris")
        fill_log(publisher, entries)
        with publisher.database() as session:
            documents = list(session.scalars(select(FeedEntry.xml)))
        publisher.start("--no-worker")
        try:
            taken = _seconds(lambda: reader.follow(publisher))
        finally:
            publisher.stop()
        _check(reader, entries)
    parsed = _seconds(lambda: [etree.fromstring(each) for each in documents])
    return ("lxml alone", "member's log followed from nothing"), taken, parsed


def _foreign(entries: int) -> tuple[tuple[str, str], float, float]:
    number = max(1, entries // ITEMS)
    document = feed(ITEMS)
    with origins(HOSTS, ITEMS) as sites, _reader() as reader:
        urls = [f"{sites[n % HOSTS]}/{n}" for n in range(number)]
        taken = _seconds(lambda: _poll(reader, urls))
        _check(reader, number * ITEMS)
    parsed = _seconds(lambda: [feedparser.parse(BytesIO(document)) for _ in range(number)])
    return ("feedparser alone", "ordinary feeds polled for the first time"), taken, parsed


def _poll(reader: Node, urls: list[str]) -> None:
    now = clock.now()
    with reader.database() as session, open_door(reader.settings) as door:
        with writing(session):
            session.add_all(
                Subscription(
                    url=url, kind="foreign", origin=url.rpartition("/")[0],
                    created=now, next_poll=now,
                )
                for url in urls
            )  # fmt: skip
        while due := service.claim_due(session, 20):
            for claim in due:
                look_at(session, door, claim, reader.settings)


@contextmanager
def _reader() -> Iterator[Node]:
    with tempfile.TemporaryDirectory() as folder:
        yield Node(Path(folder), "madrid")


def _check(reader: Node, entries: int) -> None:
    with reader.database() as session:
        assert session.scalar(select(func.count()).select_from(Version)) == entries


def _seconds(work: Callable[[], object]) -> float:
    """Processor time of this process and of children that it starts meanwhile."""
    others = _children()
    began = time.process_time()
    work()
    used = time.process_time() - began
    return used + sum(seconds for pid, seconds in _children().items() if pid not in others)


def _children() -> dict[str, float]:
    """Process id → processor time, of every child of this process (proc(5))."""
    found = {}
    for listing in Path("/proc/self/task").glob("*/children"):
        for pid in listing.read_text().split():
            fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
            found[pid] = (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")
    return found
