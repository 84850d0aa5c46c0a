"""Polls of feeds that have not changed, against bare conditional GETs in as many threads.

One cycle of the worker's own code (claim, ask through the door, settle) over all feeds, half of
them members, on more hosts than connections are kept; then a fifth and twice as many feeds on the
same hosts, to see whether the cost stays linear.
"""

from __future__ import annotations

import resource
import statistics
import tempfile
import threading
import time
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from threading import Event
from typing import Any

import requests
from sqlalchemy import func, insert, select, update
from sqlalchemy.orm import Session, sessionmaker

from benchmarks.origins import origins
from network.lib import clock
from network.lib.db import open_engine, writing
from network.subscriptions.models import Subscription
from network.subscriptions.policy import open_door
from network.worker.polls import Polls
from tests.nodes import Node

TAG = '"one"'


@dataclass(frozen=True, slots=True)
class Cost:
    """Of a whole cycle, in seconds."""

    wall: float
    cpu: float


def run(feeds: int = 1_000, hosts: int = 200, rounds: int = 3) -> None:
    """Print what a feed costs, and how the cost grows."""
    bare, polled = _measured(feeds, hosts, rounds)
    print(f"{feeds} feeds, {rounds} rounds in turns{'':22} {'ms':>8} {'CPU ms':>8} {'ratio':>7}")
    for name, cost in (("requests, conditional GETs (304)", bare), ("poll of each feed", polled)):
        ratios = f"{cost.cpu / bare.cpu:7.2f}"
        print(f"{name:44} {cost.wall / feeds * 1e3:8.2f} {cost.cpu / feeds * 1e3:8.2f} {ratios}")
    few, many = (_measured(number, hosts, rounds)[1] for number in (feeds // 5, feeds * 2))
    growth = f"CPU {many.cpu / few.cpu:.1f} ×, wall {many.wall / few.wall:.1f} ×"
    print(f"{feeds * 2} feeds cost {growth} what {feeds // 5} cost")


def _measured(feeds: int, hosts: int, rounds: int) -> tuple[Cost, Cost]:
    """Medians of the bare requests and of the worker's polls, measured in turns."""
    with (
        tempfile.TemporaryDirectory() as folder,
        origins(hosts) as sites,
        _following([f"{sites[n % len(sites)]}/{n}" for n in range(feeds)], Path(folder)) as works,
    ):
        costs: list[list[Cost]] = [[], []]
        for _ in range(rounds + 1):
            for found, work in zip(costs, works, strict=True):
                found.append(_cost(work))
    return _median(costs[0][1:]), _median(costs[1][1:])


@contextmanager
def _following(urls: Sequence[str], folder: Path) -> Iterator[tuple[Callable[[], object], ...]]:
    """A node that follows them all: the bare requests, and a cycle of polls."""
    node = Node(folder, "paris", poll_seconds="86400")
    engine = open_engine(node.settings.database_url)
    sessions = sessionmaker(engine, expire_on_commit=False)
    with sessions() as session, writing(session):
        session.execute(insert(Subscription), [_row(n, url) for n, url in enumerate(urls)])
    wake = Event()
    with open_door(node.settings) as door, _threads(node.settings.poll_threads) as asking:
        polls = Polls(node.settings, sessions, door, wake.set)
        yield lambda: asking(urls), lambda: _cycle(polls, sessions, wake)
        polls.close()
    engine.dispose()


def _row(number: int, url: str) -> dict[str, Any]:
    now = clock.now()
    row = {"url": url, "kind": "foreign", "origin": url.rpartition("/")[0], "etag": TAG,
           "content_hash": "0" * 64, "created": now, "next_poll": now}  # fmt: skip
    proved = {"kind": "member", "epoch": "e", "cursor": 5, "publisher_seq": 5, "complete_seq": 5}
    return row | {"epoch": None, "cursor": 0, "publisher_seq": 0, "complete_seq": None} | (
        proved if number % 2 else {}
    )  # fmt: skip


@contextmanager
def _threads(number: int) -> Iterator[Callable[[Sequence[str]], object]]:
    """Threads that ask with a session of requests each."""
    own = threading.local()

    def ask(url: str) -> None:
        if not hasattr(own, "session"):
            own.session = requests.Session()
        answer = own.session.get(url, headers={"If-None-Match": TAG}, timeout=10)
        assert answer.status_code == 304

    with ThreadPoolExecutor(number) as pool:
        yield lambda urls: deque(pool.map(ask, urls), maxlen=0)


def _cycle(polls: Polls, sessions: sessionmaker[Session], wake: Event) -> None:
    """Every feed comes due, and the worker looks at it as its loop does."""
    now = clock.now()
    with sessions() as session, writing(session):
        session.execute(update(Subscription).values(next_poll=now))
    while polls.round():
        wake.wait(0.25)
        wake.clear()
    polls.round()
    with sessions() as session:
        late = select(func.count()).where(Subscription.succeeded_at < now)
        assert session.scalar(late) == 0


def _cost(work: Callable[[], object]) -> Cost:
    began, used = time.perf_counter(), _cpu()
    work()
    return Cost(time.perf_counter() - began, _cpu() - used)


def _cpu() -> float:
    """Seconds of all threads of this process, in and out of the kernel."""
    usage = resource.getrusage(resource.RUSAGE_SELF)
    return usage.ru_utime + usage.ru_stime


def _median(costs: Sequence[Cost]) -> Cost:
    return Cost(
        statistics.median(cost.wall for cost in costs),
        statistics.median(cost.cpu for cost in costs),
    )
