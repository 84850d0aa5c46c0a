"""`backup` and `restore`: a whole node in one file, and back."""

from __future__ import annotations

from pathlib import Path

import click

from network.backup import service
from network.backup.restore import restore as restore_
from network.cities import site as sites
from network.cli.context import database, progress, say, settings
from network.cli.node import port_is_free
from network.lib.db import open_engine
from network.lib.errors import Conflict
from network.lib.i18n import short_moment

FILE = click.Path(dir_okay=False, path_type=Path)
MOST_NAMED = 20


@click.command()
@click.argument("file", type=FILE)
@click.option("--overwrite", is_flag=True, help="Replace the file if it is there.")
def backup(file: Path, overwrite: bool) -> None:
    """Write the whole node into one file, while it runs.

    The file holds people's mailboxes and the hashes of their passwords: it is readable by its owner
    only. The search index and the secret key are not in it; both are made anew.
    """
    node = settings()
    with database(node) as session:  # refuses a database that is not prepared
        zone = sites.read(session, node).timezone
    engine = open_engine(node.database_url)
    try:
        with progress("Backing up", service.count_rows(engine)) as tell:
            made = service.back_up(engine, node, file, overwrite=overwrite, progress=tell)
    finally:
        engine.dispose()
    size = file.stat().st_size / 2**20
    say(f"{file} holds {made.name} as of {short_moment(made.created, 'en', zone)}: "
        f"{made.rows} rows, {size:.1f} MiB")  # fmt: skip


@click.command()
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--other-address", is_flag=True, help="Also if it is of another public address.")
def restore(file: Path, other_address: bool) -> None:
    """Bring the node back to a backup, of either kind of database. Stop the node first.

    What is there is kept in a file in the home folder. Everyone signs in again, followed sites are
    looked at at once, and the sites that follow this one read it anew.
    """
    node = settings(begins=True)
    if not port_is_free(node.host, node.port):
        raise Conflict(
            "Something answers at %(host)s:%(port)s. Stop the node first.",
            host=node.host,
            port=node.port,
        )
    with progress("Restoring", _rows(file)) as tell:
        done = restore_(node, file, other_address=other_address, progress=tell)
    if done.safety:
        say(f"What was there is kept in {done.safety}")
    if done.damaged:
        say(f"The database that was there is of no use any more and was set aside: {done.damaged}")
    for entry_id in done.public_again[:MOST_NAMED]:
        say(f"Public again, because it was withdrawn after the backup: {entry_id}")
    if len(done.public_again) > MOST_NAMED:
        say(f"and {len(done.public_again) - MOST_NAMED} more: withdraw again what must stay so")
    with database(node) as session:
        as_of = short_moment(done.manifest.created, "en", sites.read(session, node).timezone)
    say(f"The node is as of {as_of}. Start it: the worker brings the search index up to date.")


def _rows(file: Path) -> int:
    """For the progress bar."""
    from network.backup.archive import Archive

    with Archive(file) as archive:
        return archive.manifest.rows


COMMANDS = (backup, restore)
