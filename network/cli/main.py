"""Finds the commands and turns every expected failure into one clear line and exit status 1."""

from __future__ import annotations

import logging
import sys
from importlib import import_module

import click
from sqlalchemy.exc import DatabaseError, OperationalError

import network
from network.config import ConfigurationError
from network.lib import logs, sqlite
from network.lib.db import first_line, is_not_writable, is_trouble
from network.lib.errors import PioneerError

MODULES = {
    "init": "node",
    "serve": "node",
    "worker": "node",
    "demo": "demo",
    "user": "users",
    "city": "cities",
    "follow": "peers",
    "unfollow": "peers",
    "peers": "peers",
    "poll": "peers",
    "import": "content",
    "export": "content",
    "reindex": "search",
    "backup": "backup",
    "restore": "backup",
    "check": "check",
}
"""Command → the module of this package that has it, loaded only when it is asked for, because a
worker needs no web server and `--help` needs nothing."""


def command(name: str) -> click.Command:
    """One command."""
    module = import_module(f"network.cli.{MODULES[name]}")
    return next(each for each in module.COMMANDS if each.name == name)


class Commands(click.Group):
    """A group that loads commands when they are needed and tells expected failures in one line."""

    def list_commands(self, _ctx: click.Context) -> list[str]:
        """In the order of MODULES, which is the order of need."""
        return list(MODULES)

    def get_command(self, _ctx: click.Context, cmd_name: str) -> click.Command | None:
        """None when there is no such command."""
        return command(cmd_name) if cmd_name in MODULES else None

    def invoke(self, ctx: click.Context) -> object:
        """Run the command."""
        try:
            return super().invoke(ctx)
        except (PioneerError, ConfigurationError) as error:
            raise click.ClickException(str(error)) from error
        except DatabaseError as error:
            asked = error.statement is not None and type(error) is not OperationalError
            if not is_trouble(error) and asked:
                raise  # what was asked is wrong, and not the database or the way to it
            raise click.ClickException(_why(error)) from error
        except OSError as error:
            where = f": {error.filename}" if error.filename else ""
            raise click.ClickException(f"{error.strerror or error}{where}") from error


def _why(error: DatabaseError) -> str:
    said = first_line(error.orig)
    if sqlite.is_damage(error.orig):
        return (
            f"The database is damaged: {said}. Stop the node and bring it back to a backup: "
            "pioneer-cities restore FILE (it sets the damaged database aside)"
        )
    if is_not_writable(error):
        return f"The database can be read and not written: {said}. Look at its disk and its owner"
    return f"The database cannot be used: {said}"


@click.group(cls=Commands, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(network.__version__, prog_name="pioneer-cities")
def pioneer_cities() -> None:
    """Run a node of the Pioneer Cities network."""
    logging.basicConfig(
        stream=sys.stderr,
        level=logging.WARNING,
        format="%(asctime)s %(levelname)s %(name)s %(message)s",
    )
    logs.be_brief()
