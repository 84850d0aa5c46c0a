"""The database's history: Alembic revisions, applied by `init` and at every start of `serve`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from sqlalchemy import Engine, column, inspect, select, table

if TYPE_CHECKING:
    from alembic.config import Config

FOLDER = Path(__file__).parent
_STAMP = table("alembic_version", column("version_num"))


def configuration(engine: Engine | None = None) -> Config:
    """Alembic's configuration, without a file of its own."""
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(FOLDER).replace("%", "%%"))
    config.attributes["engine"] = engine
    return config


def upgrade(engine: Engine) -> None:
    """Bring the database to the newest revision; a database that is there already is left alone."""
    if not is_current(engine):
        from alembic import command

        command.upgrade(configuration(engine), "head")


def newest() -> str:
    """The newest revision: history is one line, and a revision's file begins with its number."""
    return max(path.name.partition("_")[0] for path in (FOLDER / "versions").glob("[0-9]*_*.py"))


def is_current(engine: Engine) -> bool:
    """Whether the database is at the newest revision.

    Asked at every start of every command, so without Alembic, which is slow to load.
    """
    with engine.connect() as connection:
        if not inspect(connection).has_table(_STAMP.name):
            return False
        return connection.scalars(select(_STAMP.c.version_num)).all() == [newest()]
