"""The node's log as followers ask for it, against Flask's own hello-world on the same server."""

from __future__ import annotations

import subprocess
import sys
import tempfile
from pathlib import Path

from benchmarks.logs import fill_log
from benchmarks.pages import HELLO, answers, getter
from benchmarks.timing import in_turns, monotonic, table
from tests.nodes import Node, eventually, free_port


def run(entries: int = 20_000, rounds: int = 100) -> None:
    """Print the table."""
    with tempfile.TemporaryDirectory() as folder:
        node = Node(Path(folder), "paris")
        fill_log(node, entries)
        port = free_port()
        hello = subprocess.Popen([sys.executable, "-c", HELLO.format(port=port)])
        node.start("--no-worker")
        try:
            eventually(lambda: answers(port))
            print(f"a log of {entries} entries")
            _measure(node, port, rounds)
        finally:
            hello.terminate()
            hello.wait()
            node.stop()


def _measure(node: Node, port: int, rounds: int) -> None:
    head = getter(node.port, "/feed.atom")
    tag = {"If-None-Match": str(head())}
    works = {
        "Flask hello-world": getter(port, "/"),
        "head, whole": head,
        "head, unchanged (304)": getter(node.port, "/feed.atom", headers=tag),
        "an archive page": getter(node.port, "/feed/archive/0.atom"),
    }
    table(in_turns(works, rounds, monotonic), "Flask hello-world")
