"""What commands share: settings, a database session, progress on a terminal or in plain lines."""

from __future__ import annotations

import json
import logging
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import click
from sqlalchemy.orm import Session, sessionmaker

from network import migrations
from network.config import Settings, load
from network.lib.db import open_engine
from network.lib.errors import PioneerError


def settings() -> Settings:
    """The settings of the environment, checked; logging follows them."""
    loaded = load()
    logging.getLogger("network").setLevel(loaded.log_level.upper())
    return loaded


@contextmanager
def database(node: Settings, initialised: bool = True) -> Iterator[Session]:
    """A session on the node's database; refuses one that `init` has not prepared."""
    engine = open_engine(node.database_url)
    try:
        if initialised and not migrations.is_current(engine):
            raise PioneerError("This node has no database yet. Run: pioneer-cities init")
        with sessionmaker(engine, expire_on_commit=False)() as session:
            yield session
    finally:
        engine.dispose()


def say(text: str) -> None:
    """One line on standard output, at once."""
    click.echo(text)
    sys.stdout.flush()


def as_json(value: Any) -> None:
    """For scripts."""
    say(json.dumps(value, ensure_ascii=False, indent=2, default=str))


@contextmanager
def progress(label: str, length: int) -> Iterator[Callable[[int], None]]:
    """A bar on a terminal, a line per tenth elsewhere; the callable takes how many are done."""
    if sys.stdout.isatty():
        with click.progressbar(length=max(length, 1), label=label) as bar:
            yield lambda done: bar.update(done - bar.pos)
        return
    told = -1

    def tell(done: int) -> None:
        nonlocal told
        tenth = done * 10 // max(length, 1)
        if tenth > told:
            told = tenth
            say(f"{label}: {done} of {length}")

    yield tell
