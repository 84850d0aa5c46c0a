"""Kept searches in the background: who is due, what is new, and the mails."""

from __future__ import annotations

from network.lib import clock
from network.saved_searches import digests, posting, service
from network.worker.tools import Tools, Work


def ask(tools: Tools, work: Work) -> None:
    """Ask the owner of a mailbox whether they want this."""
    posting.ask(tools.sessions, tools.settings, work.key)


def tell(tools: Tools, work: Work) -> None:
    """Send the news of one search."""
    assert tools.search is not None
    posting.tell(tools.sessions, tools.search, tools.settings, work.key)


def look(tools: Tools) -> None:
    """Note what is new to readers, begin what is due, forget what nobody agreed to."""
    with tools.sessions() as session:
        digests.note_debuts(session, clock.now())
        if posting.server(tools.settings) is not None:
            digests.queue_due(session, clock.now())
        service.forget_unconfirmed(session)
