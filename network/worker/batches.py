"""Runs one item of a batch, so that whoever watches is told in plain words what came of it."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from typing import Any

from network.jobs import batches
from network.jobs.batches import ItemView, Said
from network.lib.errors import PioneerError, RemoteError
from network.lib.i18n import N_
from network.worker.tools import Tools, Work

log = logging.getLogger(__name__)

PATIENCE = 3
"""Attempts until an item counts as failed and waits for a person, who is watching."""
OUR_FAULT = N_("This node could not do it. Its own log says why.")

Done = tuple[Said, Mapping[str, Any]]
"""What came of an item, and what its page may link."""


def run_item(tools: Tools, work: Work, do: Callable[[ItemView], Done]) -> None:
    """Do the item that a job is about, unless it is settled; idempotent as `do` is.

    Raises RemoteError, or whatever `do` raises, while another attempt may help.
    """
    with tools.sessions() as session:
        item = batches.waiting(session, work.key)
    if item is None:
        return
    try:
        outcome, result = do(item)
    except PioneerError as error:
        may_help = isinstance(error, RemoteError) and error.retryable
        _failed(tools, work, batches.said(error), may_help)
        if may_help and work.attempt < PATIENCE:
            raise
    except Exception:
        _failed(tools, work, (OUR_FAULT, {}), True)
        if work.attempt < PATIENCE:
            raise
        log.exception("item %s failed unexpectedly", work.key)
    else:
        _settle(tools, work, "done", outcome, result)


def _failed(tools: Tools, work: Work, outcome: Said, may_help: bool) -> None:
    waits = may_help and work.attempt < PATIENCE
    _settle(tools, work, "waiting" if waits else "failed", outcome)


def _settle(
    tools: Tools, work: Work, state: str, outcome: Said, result: Mapping[str, Any] | None = None
) -> None:
    with tools.sessions() as session:
        batches.settle(session, work.key, state, outcome, result)
