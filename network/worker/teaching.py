"""A duty: the network's translations teach its search."""

from __future__ import annotations

from network.search import teaching
from network.worker.tools import Tools


def learn(tools: Tools) -> None:
    """Learn what words mean when enough translations came or changed."""
    with tools.sessions() as session:
        teaching.learn_if_due(session)
