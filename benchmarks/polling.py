"""One poll of a member that has not changed, against one bare conditional GET with requests."""

from __future__ import annotations

import tempfile
import time
from pathlib import Path

import requests
from sqlalchemy.orm import sessionmaker

from benchmarks.pages import fill
from benchmarks.timing import in_turns, monotonic, table
from network.lib.db import open_engine
from network.subscriptions import queries, service
from network.subscriptions.policy import open_door
from tests.nodes import Node


def run() -> None:
    """Print wall and CPU time of a poll as the worker makes it."""
    with tempfile.TemporaryDirectory() as a, tempfile.TemporaryDirectory() as b:
        publisher, reader = Node(Path(a), "paris"), Node(Path(b), "madrid")
        fill(publisher, 10)
        publisher.start("--no-worker")
        try:
            reader.follow(publisher)
            _measure(publisher, reader)
        finally:
            publisher.stop()


def _measure(publisher: Node, reader: Node) -> None:
    engine = open_engine(reader.settings.database_url)
    sessions = sessionmaker(engine, expire_on_commit=False)
    with sessions() as session:
        subscription = queries.peers(session)[0].id
    bare = requests.Session()
    etag = bare.get(f"{publisher.url}/feed.atom", timeout=10).headers["ETag"]
    with open_door(reader.settings) as door:
        works = {
            "requests, conditional GET (304)": lambda: bare.get(
                f"{publisher.url}/feed.atom", headers={"If-None-Match": etag}, timeout=10
            ),
            "poll of an unchanged member": lambda: service.poll(
                sessions, door, subscription, reader.settings
            ),
        }
        table(in_turns(works, 200, monotonic), "requests, conditional GET (304)")
        table(
            in_turns(works, 200, time.process_time), "requests, conditional GET (304)", wall=False
        )
    engine.dispose()
