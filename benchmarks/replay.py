"""A whole log followed from nothing: seconds, and how far memory grows with its length.

The publisher is a server of its own; the follower a fresh process for each length, whose peak of
memory is what the operating system says. Beside it stands parsing the same documents with lxml.
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import requests
from lxml import etree

from benchmarks.logs import fill_log
from network.cli.context import database
from network.config import load
from network.following import queries, service
from network.log.service import PAGE
from network.subscriptions.policy import open_door
from tests.nodes import Node

MEBIBYTE = 1024
"""In the kibibytes that Linux counts in."""


def run(entries: int = 20_000) -> None:
    """Print seconds and peaks for a tenth of the entries, and for all."""
    print(f"{'entries':>8} {'s':>8} {'CPU s':>8} {'× lxml':>8} {'peak MiB':>9} {'of it idle':>10}")
    peaks = {}
    for number in (entries // 10, entries):
        peaks[number] = _measure(number)
    few, many = sorted(peaks)
    grown = (peaks[many] - peaks[few]) * 1024**2 / (many - few)
    print(f"{grown:.0f} bytes of memory for each entry more")


def _measure(entries: int) -> float:
    with tempfile.TemporaryDirectory() as a, tempfile.TemporaryDirectory() as b:
        publisher, reader = Node(Path(a), "paris"), Node(Path(b), "madrid")
        fill_log(publisher, entries)
        publisher.start("--no-worker")
        try:
            said = subprocess.run(
                [sys.executable, "-m", "benchmarks.replay", publisher.url],
                env=reader.environment, stdout=subprocess.PIPE, check=True,
            )  # fmt: skip
            found = json.loads(said.stdout)
            assert found["complete"] == entries, found
            bare = _bare(publisher)
        finally:
            publisher.stop()
    print(
        f"{entries:8} {found['wall']:8.1f} {found['cpu']:8.1f} {found['cpu'] / bare:8.1f} "
        f"{found['peak']:9.1f} {found['idle']:10.1f}",
        flush=True,
    )
    return float(found["peak"])


def _bare(publisher: Node) -> float:
    """CPU seconds to get each document with requests and parse it with lxml."""
    asking, url = requests.Session(), f"{publisher.url}/feed.atom"
    began = time.process_time()
    number = 0
    while url:
        feed = etree.fromstring(asking.get(url, timeout=60).content)
        links = feed.iterchildren("{http://www.w3.org/2005/Atom}link")
        url = next((e.get("href") or "" for e in links if e.get("rel") == "prev-archive"), "")
        number += 1
    assert number >= 1 + (len(feed) > PAGE)
    return time.process_time() - began


def _follow(url: str) -> None:
    """In the fresh process: follow that node from nothing, and say what it took."""
    settings = load()
    with database(settings) as session, open_door(settings) as door:
        queries.peers(session)
        idle, began, used = _peak(), time.perf_counter(), time.process_time()
        service.follow(session, door, f"{url}/feed.atom", settings)
        (peer,) = queries.peers(session)
    print(
        json.dumps(
            {"wall": time.perf_counter() - began, "cpu": time.process_time() - used,
             "idle": idle, "peak": _peak(), "complete": peer.complete_seq, "error": peer.last_error}
        )
    )  # fmt: skip


def _peak() -> float:
    """Of this program alone: ru_maxrss begins with what the process that started it had."""
    status = Path("/proc/self/status").read_text()
    return int(status.partition("VmHWM:")[2].split()[0]) / MEBIBYTE


if __name__ == "__main__":
    _follow(sys.argv[1])
