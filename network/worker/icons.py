"""The pictures of followed sites, looked for in the background."""

from __future__ import annotations

from network.following import icons
from network.worker.tools import Tools, Work


def plan(tools: Tools) -> None:
    """Add a job for each picture that is due."""
    with tools.sessions() as session:
        icons.plan(session)


def refresh(tools: Tools, work: Work) -> None:
    """Look for one site's picture; twice is as good as once."""
    with tools.sessions() as session:
        icons.refresh(session, tools.door, int(work.key))
