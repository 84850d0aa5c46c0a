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


def upgrade(engine: Engine, to: str = "head") -> None:
    """Bring the database to the newest revision, or to another that comes before it; a database
    that is at the newest already is left alone."""
    if not is_current(engine):
        from alembic import command

        command.upgrade(configuration(engine), to)


def newest() -> str:
    """The newest revision: history is one line, and a revision's file begins with its number."""
    return max(_known())


def is_known(name: str) -> bool:
    """Whether this version of the software has that revision."""
    return name in _known()


def _known() -> set[str]:
    return {path.name.partition("_")[0] for path in (FOLDER / "versions").glob("[0-9]*_*.py")}


def revision(engine: Engine) -> str | None:
    """The revision that the database is at; None for an empty one."""
    with engine.connect() as connection:
        if not inspect(connection).has_table(_STAMP.name):
            return None
        return connection.scalar(select(_STAMP.c.version_num))


def is_current(engine: Engine) -> bool:
    """Whether the database is at the newest revision.

    Asked at every start of every command, so without Alembic, which is slow to load.
    """
    return revision(engine) == newest()
