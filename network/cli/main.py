"""Gathers the commands and turns every expected failure into one clear line and exit status 1."""

from __future__ import annotations

import logging
import sys

import click
from sqlalchemy.exc import OperationalError

import network
from network.cli import check, content, demo, node, peers, search, users
from network.config import ConfigurationError
from network.lib.errors import PioneerError

COMMANDS = (*node.COMMANDS, *users.COMMANDS, *peers.COMMANDS, *content.COMMANDS, *search.COMMANDS,
            *check.COMMANDS, *demo.COMMANDS)  # fmt: skip


class Commands(click.Group):
    """A group that tells expected failures in one line."""

    def invoke(self, ctx: click.Context) -> object:
        """Run the command."""
        try:
            return super().invoke(ctx)
        except (PioneerError, ConfigurationError) as error:
            raise click.ClickException(str(error)) from error
        except OperationalError as error:
            reason = str(error.orig).strip().splitlines()[0]
            raise click.ClickException(f"The database cannot be used: {reason}") from error


@click.group(cls=Commands, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(network.__version__, prog_name="pioneer-cities")
def pioneer_cities() -> None:
    """Run a node of the Pioneer Cities network."""
    logging.basicConfig(
        stream=sys.stderr,
        level=logging.WARNING,
        format="%(asctime)s %(levelname)s %(name)s %(message)s",
    )


for command in COMMANDS:
    pioneer_cities.add_command(command)
