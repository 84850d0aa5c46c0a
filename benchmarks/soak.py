"""What grows while two cities are read, written and polled: open files, memory, index, WAL.

Real servers and workers on loopback, at a few requests a second. What is published is withdrawn
later, so that the catalogue keeps its size after some minutes, and whatever still grows leaks.
"""

from __future__ import annotations

import random
import re
import tempfile
import threading
import time
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

import requests
from requests.exceptions import RequestException

from tests.nodes import DATABASE, PASSWORD, Node
from tests.writing import import_demo, publish, withdraw

PAGES = (
    "/fr/", "/en/", "/en/case-studies/", "/fr/etudes-de-cas/?topic=participatory-budgeting",
    "/en/case-studies/paris/participatory-budget", "/en/cities/", "/fr/thematiques/",
    "/en/search?q=budget+parks", "/fr/recherche?q=budget+quartier", "/en/search?q=soak",
    "/en/feed.atom", "/fr/feed.rss", "/feed.atom", "/network.opml", "/readyz",
)  # fmt: skip
LIVE = 60
"""Studies of the soak that stand at a time; older ones are withdrawn."""
QUARTERS = 4

_TOKEN = re.compile(r'name="csrf_token" value="([^"]+)"')


class Sample(NamedTuple):
    """One look at a node: open files of its processes, PSS in MB, files of the index, the
    write-ahead log and the database in MB."""

    server_files: int
    worker_files: int
    server_mb: float
    worker_mb: float
    index_files: int
    wal_mb: float
    database_mb: float


def run(minutes: int = 60) -> None:
    """Print a line a minute, and the highest value of each quarter of the time."""
    with tempfile.TemporaryDirectory() as folder:
        nodes = [Node(Path(folder) / city, city, poll_seconds="5") for city in ("paris", "madrid")]
        for node in nodes:
            import_demo(node, {other.city: other for other in nodes})
            node.start()
        try:
            nodes[0].follow(nodes[1])
            nodes[1].follow(nodes[0])
            _print(nodes, _soak(nodes, minutes))
        finally:
            for node in nodes:
                node.stop()


def _soak(nodes: Sequence[Node], minutes: int) -> Iterator[list[Sample]]:
    """A sample of each node a minute, while people read and write."""
    stop, done = threading.Event(), [0]
    actors: list[tuple[Callable[[], object], float]] = [
        (_Writer(nodes[0]), 5.0),
        *((_Reader(node, done), 0.7) for node in nodes),
        *((_Official(node), 10.0) for node in nodes),
    ]
    threads = [threading.Thread(target=_again, args=(stop, *actor)) for actor in actors]
    for thread in threads:
        thread.start()
    try:
        for _ in range(minutes):
            time.sleep(60)
            yield [_sample(node) for node in nodes]
    finally:
        stop.set()
        for thread in threads:
            thread.join()
        print(f"{done[0]} pages read")


def _again(stop: threading.Event, act: Callable[[], object], seconds: float) -> None:
    while not stop.wait(seconds * random.uniform(0.5, 1.5)):
        try:
            act()
        except RequestException as error:
            print(f"  {type(act).__name__}: {error}", flush=True)


class _Reader:
    """Somebody who opens pages, half of them as no cache has seen them."""

    def __init__(self, node: Node, done: list[int]) -> None:
        self._node, self._done = node, done

    def __call__(self) -> None:
        path = random.choice(PAGES)
        if random.random() < 0.5:
            path += f"{'&' if '?' in path else '?'}fresh={random.random()}"
        requests.get(self._node.url + path, timeout=60)
        self._done[0] += 1


class _Writer:
    """Studies come and, later, go; another process than the server writes them, as `import` is."""

    def __init__(self, node: Node) -> None:
        self._node, self._number, self._live = node, 0, deque[str]()

    def __call__(self) -> None:
        self._number += 1
        words = " ".join(random.choices("budget parks quartier eau écoles vote".split(), k=9))
        title = f"Soak {self._number} {words}"
        self._live.append(publish(self._node, title=title, slug=f"soak-{self._number}"))
        if len(self._live) > LIVE:
            withdraw(self._node, self._live.popleft())


class _Official:
    """An editor with a browser: signs in, reads the desk, leaves, and comes again."""

    def __init__(self, node: Node) -> None:
        self._node, self._browser = node, requests.Session()

    def __call__(self) -> None:
        if random.random() < 0.1:
            self._browser = requests.Session()
        address = f"{self._node.url}/en/account/sign-in"
        page = self._browser.get(address, timeout=60)
        if token := _TOKEN.search(page.text) if "/sign-in" in page.url else None:
            typed = {"email": f"editor@{self._node.city}.example", "password": PASSWORD}
            self._browser.post(address, typed | {"csrf_token": token[1]}, timeout=60)
        self._browser.get(f"{self._node.url}/en/desk/", timeout=60)


def _sample(node: Node) -> Sample:
    assert node.process is not None
    server = node.process.pid
    worker = _descendants(server)
    home = node.settings.home
    return Sample(
        _files([server]),
        _files(worker),
        _memory([server]),
        _memory(worker),
        sum(path.is_file() for path in (home / "index").rglob("*")),
        _megabytes(home / f"{DATABASE}-wal"),
        _megabytes(home / DATABASE),
    )


def _descendants(pid: int) -> list[int]:
    found = []
    for task in Path(f"/proc/{pid}/task").iterdir():
        for child in map(int, (task / "children").read_text().split()):
            found += [child, *_descendants(child)]
    return found


def _files(pids: Sequence[int]) -> int:
    return sum(len(list(Path(f"/proc/{pid}/fd").iterdir())) for pid in pids)


def _memory(pids: Sequence[int]) -> float:
    """The proportional set size: shared pages count once among those who share them."""
    texts = [Path(f"/proc/{pid}/smaps_rollup").read_text() for pid in pids]
    return sum(int(kb) for text in texts for kb in re.findall(r"^Pss: +(\d+)", text, re.M)) / 1024


def _megabytes(path: Path) -> float:
    return path.stat().st_size / 2**20 if path.exists() else 0.0


def _print(nodes: Sequence[Node], soak: Iterator[list[Sample]]) -> None:
    names = Sample._fields
    print(f"{'minute':>6} {'node':7}" + "".join(f"{name:>14}" for name in names))
    taken: list[list[Sample]] = []
    for minute, samples in enumerate(soak, 1):
        taken.append(samples)
        for node, sample in zip(nodes, samples, strict=True):
            _line(str(minute), node.city, sample)
    length = max(len(taken) // QUARTERS, 1)
    for quarter in range(QUARTERS):
        part = taken[quarter * length : (quarter + 1) * length]
        for node, samples in zip(nodes, zip(*part, strict=True), strict=False):
            _line(f"≤ q{quarter + 1}", node.city, Sample(*map(max, zip(*samples, strict=True))))


def _line(when: str, city: str, sample: Sample) -> None:
    print(f"{when:>6} {city:7}" + "".join(f"{value:14.4g}" for value in sample), flush=True)
