"""What commands share: settings, a database session, progress on a terminal or in plain lines."""

from __future__ import annotations

import json
import logging
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import click
from sqlalchemy import Engine
from sqlalchemy.orm import Session, sessionmaker

from network import migrations
from network.config import Settings, load
from network.config.given import SYSTEM_FILE
from network.lib.db import open_engine
from network.lib.errors import PioneerError


def settings(begins: bool = False) -> Settings:
    """The settings of the environment and the file, checked; logging follows them.

    begins: whether the command may make a node where there is none.
    """
    loaded = load(begins=begins)
    logging.getLogger("network").setLevel(loaded.log_level.upper())
    return loaded


@contextmanager
def database(node: Settings, initialised: bool = True) -> Iterator[Session]:
    """A session on the node's database; refuses one that `init` has not brought to this version."""
    engine = open_engine(node.database_url)
    try:
        if initialised:
            where = place(node)
            if not _is_there(engine):
                raise PioneerError(migrations.NONE_YET, where=where)
            migrations.require_current(engine, where)
        with sessionmaker(engine, expire_on_commit=False)() as session:
            yield session
    finally:
        engine.dispose()


def _is_there(engine: Engine) -> bool:
    """False where there is no file of SQLite: to look into it would make one."""
    file = engine.url.database if engine.dialect.name == "sqlite" else None
    return file is None or Path(file).exists()


def place(node: Settings) -> str:
    """Where the node's data is, and why there, for whoever meant another node."""
    name = "database_url" if "database_url" in node.sources else "home"
    where = "PostgreSQL" if node.database_url.startswith("postgresql") else str(node.home)
    if source := node.sources.get(name):
        return f"{where} (PIONEER_{name.upper()} in {source})"
    looked = node.file or f"{SYSTEM_FILE} (not there)"
    return (
        f"{where}, because PIONEER_HOME is neither in the environment nor in {looked}. "
        "If the node is elsewhere, name its file of settings in PIONEER_CONFIG"
    )


def about_address(node: Settings) -> str:
    """What the node's address means for good, in one line."""
    if node.public:
        return f"{node.base_url} is part of every permanent id, for ever: keep it"
    return (
        f"{node.base_url} leads nowhere from outside this machine or network, and becomes part of "
        "every permanent id, for ever: set PIONEER_BASE_URL to the public address before anything "
        "is published"
    )


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
