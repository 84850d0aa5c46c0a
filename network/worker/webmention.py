"""Webmention for the worker: its jobs, and what comes round."""

from __future__ import annotations

from threading import BoundedSemaphore

from network.adoptions.webmention import checking, moderation, sending, sites
from network.worker.tools import Tools, Work

STRANGERS = BoundedSemaphore(4)
"""Looks at strangers' pages at a time: slow ones must not take the threads of everything else."""


def plan(tools: Tools, work: Work) -> None:
    """A study was published, changed or withdrawn: decide whom to tell. key: the study's."""
    with tools.sessions() as session:
        sending.plan(session, work.key, tools.settings.base_url)


def send(tools: Tools, work: Work) -> None:
    """Tell one site of one link."""
    sending.send(tools.sessions, tools.door, work.key)


def check(tools: Tools, work: Work) -> None:
    """Look at a page that is said to link to us."""
    base_url = tools.settings.base_url
    if checking.is_trusted(tools.sessions, work.key):
        checking.check(tools.sessions, tools.door, work.key, base_url)
    elif STRANGERS.acquire(blocking=False):
        try:
            checking.check(tools.sessions, tools.door, work.key, base_url)
        finally:
            STRANGERS.release()
    else:
        checking.put_off(tools.sessions, work.key, checking.SOON)


def queue_due(tools: Tools) -> None:
    """What is to be looked at, or told, again by now."""
    with tools.sessions() as session:
        if moderation.is_anything_due(session):
            moderation.queue_due(session)


class Reconciliation:
    """When sites were followed, blocked or left since the last time: what that changes."""

    def __init__(self) -> None:
        self._last: dict[str, sites.Sites] = {}

    def __call__(self, tools: Tools) -> None:
        """Nothing, most of the time."""
        node = tools.settings.base_url
        with tools.sessions() as session:
            now = sites.known(session)
            if now != self._last.get(node):
                moderation.reconcile(session)
                self._last[node] = now


def forget_old(tools: Tools) -> None:
    """Let go of what links to us no more."""
    with tools.sessions() as session:
        moderation.forget_old(session)
