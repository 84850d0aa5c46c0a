"""The database's history: Alembic revisions, applied by `init` and at every start of `serve`."""

from __future__ import annotations

from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Engine


def configuration(engine: Engine | None = None) -> Config:
    """Alembic's configuration, without a file of its own."""
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent).replace("%", "%%"))
    config.attributes["engine"] = engine
    return config


def upgrade(engine: Engine) -> None:
    """Bring the database to the newest revision; a database that is there already is left alone."""
    if not is_current(engine):
        command.upgrade(configuration(engine), "head")


def is_current(engine: Engine) -> bool:
    """Whether the database is at the newest revision."""
    newest = ScriptDirectory.from_config(configuration()).get_current_head()
    with engine.connect() as connection:
        return MigrationContext.configure(connection).get_current_revision() == newest
