"""A duty: lists are right again after this machine’s clock was ahead."""

from __future__ import annotations

from network.case_studies import service as case_studies
from network.catalogue import arrivals
from network.lib import clock
from network.worker.tools import Tools


def settle(tools: Tools) -> None:
    """What came, or was saved, in a future that was none came now."""
    now = clock.now()
    with tools.sessions() as session:
        arrivals.settle(session, now)
        case_studies.saved_by(session, now)
