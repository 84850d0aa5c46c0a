"""`user add|list|role|password|disable|enable`: the people of a node."""

from __future__ import annotations

import sys

import click

from network.accounts import service as accounts
from network.cli.context import as_json, database, say, settings
from network.lib.errors import PioneerError

password_option = click.option(
    "--password-stdin", is_flag=True, help="Read the password from standard input."
)


@click.group()
def user() -> None:
    """People who sign in."""


def _password(from_stdin: bool) -> str:
    if from_stdin:
        try:
            return sys.stdin.buffer.readline().rstrip(b"\r\n").decode()
        except UnicodeDecodeError:
            raise PioneerError("The password is not UTF-8") from None
    return str(click.prompt("Password", hide_input=True, confirmation_prompt=True))


@user.command()
@click.argument("mailbox")
@click.option("--name", default="", help="The person's name.")
@click.option("--role", type=click.Choice(accounts.ROLES), default="author", show_default=True)
@password_option
def add(mailbox: str, name: str, role: str, password_stdin: bool) -> None:
    """Add a person."""
    with database(settings()) as session:
        found = accounts.add(session, mailbox, name, role, _password(password_stdin))
        say(f"Added {found.email} as {found.role}")


@user.command(name="list")
@click.option("--json", "json_", is_flag=True, help="For scripts.")
def list_(json_: bool) -> None:
    """List everyone."""
    with database(settings()) as session:
        people = [
            {"email": u.email, "name": u.name, "role": u.role, "active": u.active}
            for u in accounts.everyone(session)
        ]
    if json_:
        as_json(people)
        return
    for person in people:
        mark = "" if person["active"] else " (disabled)"
        say(f"{person['email']}  {person['role']}  {person['name']}{mark}")


@user.command(name="role")
@click.argument("mailbox")
@click.argument("role", type=click.Choice(accounts.ROLES))
def role_(mailbox: str, role: str) -> None:
    """Change a person's role."""
    with database(settings()) as session:
        accounts.set_role(session, mailbox, role)
        say(f"{mailbox} is now {role}")


@user.command(name="password")
@click.argument("mailbox")
@password_option
def password_(mailbox: str, password_stdin: bool) -> None:
    """Set a new password and sign the person out everywhere."""
    with database(settings()) as session:
        accounts.set_password(session, mailbox, _password(password_stdin))
        say(f"New password set for {mailbox}")


@user.command()
@click.argument("mailbox")
def disable(mailbox: str) -> None:
    """Shut a person out at once, in every browser."""
    with database(settings()) as session:
        accounts.set_active(session, mailbox, False)
        say(f"{mailbox} can no longer sign in")


@user.command()
@click.argument("mailbox")
def enable(mailbox: str) -> None:
    """Let a person in again."""
    with database(settings()) as session:
        accounts.set_active(session, mailbox, True)
        say(f"{mailbox} can sign in again")


COMMANDS = (user,)
