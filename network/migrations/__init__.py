"""The database's history: Alembic revisions, applied by `init` and at every start of `serve`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from sqlalchemy import Engine, column, inspect, select, table
from sqlalchemy.exc import DBAPIError

from network.lib.db import first_line, is_trouble
from network.lib.errors import PioneerError

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


class Stuck(PioneerError):
    """A revision cannot be applied to the database, which stays as it was before it."""


def upgrade(engine: Engine, to: str = "head") -> None:
    """Bring the database to the newest revision, or to another that comes before it; a database
    that is at the newest already is left alone. A revision is applied whole or not at all.

    Raises PioneerError when it is not ours to change, Stuck when a revision cannot be applied.
    """
    if is_current(engine):
        return
    from alembic import command

    refuse_others(engine)
    try:
        command.upgrade(configuration(engine), to)
    except DBAPIError as error:
        if is_trouble(error):
            raise
        raise Stuck(
            (
                "The database stays at revision %(revision)s, because the next one cannot be "
                "applied: %(reason)s. Bring the node back to a backup: pioneer-cities restore"
            ),
            revision=revision(engine),
            reason=first_line(error.orig),
        ) from error


NONE_YET = "This node has no database yet in %(where)s. Run: pioneer-cities init"


def require_current(engine: Engine, where: str) -> None:
    """Raise PioneerError, which says what to do, unless the database is at the newest revision.

    where: the database, in words.
    """
    if is_current(engine):
        return
    refuse_others(engine)
    if (found := revision(engine)) is None:
        raise PioneerError(NONE_YET, where=where)
    raise PioneerError(
        (
            "The database is at revision %(found)s, and this version needs %(needed)s: it was not "
            "upgraded, or not to the end. Run: pioneer-cities init"
        ),
        found=found,
        needed=newest(),
    )


def refuse_others(engine: Engine) -> None:
    """Raise PioneerError for a database of a newer version, or of somebody else."""
    found = revision(engine)
    if found is None:
        if others := _tables(engine):
            raise PioneerError(
                (
                    "The database is not empty (%(table)s, …) and says no revision of ours. Choose "
                    "an empty one in PIONEER_DATABASE_URL, or bring back a backup into an empty one"
                ),
                table=others[0],
            )
    elif not is_known(found):
        raise PioneerError(
            (
                "The database is at revision %(found)s, and this version knows none after "
                "%(newest)s: it is of a newer version. Install that version again"
            ),
            found=found,
            newest=newest(),
        )


def _tables(engine: Engine) -> list[str]:
    """What is in the database beside Alembic’s own table."""
    return sorted(set(inspect(engine).get_table_names()) - {_STAMP.name})


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
