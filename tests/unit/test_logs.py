"""A log in which what matters can be found: the same is not said a thousand times."""

from __future__ import annotations

import logging

import pytest
from waitress.task import ThreadedTaskDispatcher

from network.lib import logs


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """The seconds that have passed; whoever wants it later changes them."""
    now = [1_000_000.0]
    monkeypatch.setattr(logs.time, "monotonic", lambda: now[0])
    monkeypatch.setattr(logs, "_QUEUE", logs.Seldom())
    return now


def test_requests_that_wait_for_a_thread_are_a_line_a_minute(
    clock: list[float], caplog: pytest.LogCaptureFixture
) -> None:
    queue = logging.getLogger("waitress.queue")
    before = list(queue.filters)
    logs.be_brief()
    try:
        dispatcher = ThreadedTaskDispatcher()
        for seconds in range(150):
            clock[0] += 1
            dispatcher.queue.clear()
            dispatcher.add_task(object())
            assert len(caplog.records) == 1 + seconds // 60
    finally:
        queue.filters[:] = before
    assert {record.name for record in caplog.records} == {"waitress.queue"}
