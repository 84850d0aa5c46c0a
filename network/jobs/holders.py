"""Who holds a lease: a process of a machine, by a name that tells whether it is dead."""

from __future__ import annotations

import os
import socket

LEADER = "leader"
"""The lease of the one worker that indexes and has duties, and of who restores a backup."""


def own_name() -> str:
    """This process, as a holder."""
    return f"{socket.gethostname()}/{os.getpid()}"


def dead_on_this_machine(holder: str | None) -> str | None:
    """The holder's name when it is a process of this machine that no longer runs."""
    host, _, pid = (holder or "").rpartition("/")
    if host != socket.gethostname() or not pid.isdigit() or int(pid) == os.getpid():
        return None
    try:
        os.kill(int(pid), 0)
    except ProcessLookupError:
        return holder
    except PermissionError:
        return None
    return None
