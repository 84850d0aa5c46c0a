"""What must hold of the machine's own file of settings: every command, whoever starts it and
wherever, means the same node and leaves it usable."""

from __future__ import annotations

import os
import pwd
import re
from collections.abc import Mapping
from pathlib import Path

from network.config.given import PREFIX, ConfigurationError, Given

HOME = f"{PREFIX}HOME"
RELATIVE = {
    HOME: re.compile(r"[^/~]"),
    f"{PREFIX}SMTP_PASSWORD_FILE": re.compile(r"[^/~]"),
    f"{PREFIX}DATABASE_URL": re.compile(r"sqlite:///[^/]"),
}
"""Values that mean another file in each folder that a command is started in."""


def check(file: Path, found: Mapping[str, Given]) -> None:
    """Raises ConfigurationError; found: what the file and the environment give."""
    if HOME not in found:
        raise ConfigurationError(
            f"{file}: PIONEER_HOME is missing, the folder of the node’s data, "
            "such as /var/lib/pioneer-cities"
        )
    for variable, relative in RELATIVE.items():
        told = found.get(variable)
        if told and relative.match(told.text):
            raise ConfigurationError(
                f"{told.source}: {variable} cannot be used: expected a path from / on"
            )
    _is_run_by_its_owner(Path(found[HOME].text).expanduser())


def _is_run_by_its_owner(home: Path) -> None:
    """What root writes, the node could not use afterwards."""
    if os.geteuid() != 0 or not home.exists():
        return
    owner = home.stat().st_uid
    if owner != 0:
        name = _name(owner)
        raise ConfigurationError(
            f"{home} belongs to {name}, who could not use what root writes there. "
            f"Run this as {name}: sudo -u {name} pioneer-cities …"
        )


def _name(number: int) -> str:
    try:
        return pwd.getpwuid(number).pw_name
    except KeyError:
        return f"#{number}"
