"""Adoptions' duties: nothing stays published that nobody says any more, and followers are asked."""

from __future__ import annotations

from network.adoptions import desk, followers
from network.lib import clock
from network.subscriptions.policy import limits
from network.worker.tools import Tools


def reconcile(tools: Tools) -> None:
    """Bring the published verdicts up to what adopters say now."""
    with tools.sessions() as session:
        desk.reconcile(session, tools.settings.base_url, clock.now())


def confirm_followers(tools: Tools) -> None:
    """Ask the sites that say they follow this one."""
    settings = tools.settings
    with tools.sessions() as session:
        followers.confirm(session, tools.door, settings.base_url, limits(settings), clock.now())
