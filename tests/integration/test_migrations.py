"""The revision that a database is at, told without Alembic and as Alembic tells it."""

from __future__ import annotations

import importlib
import pkgutil
import re
import subprocess
import sys
from pathlib import Path

from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Engine, text

import network
from network import migrations
from network.lib.db import Base, open_engine


def test_the_newest_revision_is_the_one_that_alembic_names() -> None:
    history = ScriptDirectory.from_config(migrations.configuration())
    assert history.get_heads() == [migrations.newest()]


def test_a_database_is_current_after_an_upgrade_and_not_before_it(tmp_path: Path) -> None:
    engine = open_engine(f"sqlite:///{tmp_path}/pioneer.sqlite")
    try:
        assert not migrations.is_current(engine)
        migrations.upgrade(engine)
        assert migrations.is_current(engine)
        with engine.begin() as connection:
            connection.execute(text("UPDATE alembic_version SET version_num = '0000'"))
        assert not migrations.is_current(engine)
    finally:
        engine.dispose()


def test_what_starts_often_loads_nothing_that_it_seldom_needs() -> None:
    """Half of a start is loading modules: those named here have no part in most starts."""
    seldom = {"alembic", "feedparser", "py3langid", "psycopg", "mako"}
    for module in ("network.cli.node", "network.app", "network.worker.loop", "network.cli.demo"):
        ask = f"import sys, {module}; print(*sys.modules)"
        found = subprocess.run(
            [sys.executable, "-c", ask], capture_output=True, text=True, check=True
        )
        assert not seldom & set(found.stdout.split()), module


INDEX = {
    "search_block", "search_fresh", "search_posting", "search_removal", "search_state",
    "search_text", "search_word",
}  # fmt: skip
"""Of the search index on PostgreSQL, told in one row."""


def tables() -> set[str]:
    """Every table that the code has."""
    for module in pkgutil.walk_packages(network.__path__, "network."):
        if module.name.endswith(".models"):
            importlib.import_module(module.name)
    return set(Base.metadata.tables)


def test_the_architecture_says_where_the_rows_of_each_table_are_kept() -> None:
    text = (Path(__file__).parents[2] / "docs" / "architecture.md").read_text("utf-8")
    rows = text.split("## Where data lives", 1)[1].split("\n## ", 1)[0].split("\n| `")
    told = {name for row in rows for name in re.findall(r"`?([a-z_]+)`", row.split("|")[0])}
    kept = {name for name in tables() if name not in INDEX}
    assert told - {"queue", "secret_key"} == kept, "give it a row under “Where data lives”"


def test_the_revisions_make_the_tables_that_the_code_has(engine: Engine) -> None:
    tables()
    with engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        missing = compare_metadata(context, Base.metadata)
        assert missing == [], "make a revision: CONTRIBUTING.md, “Add a migration”"
