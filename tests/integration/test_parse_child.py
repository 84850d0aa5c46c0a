"""The process that parses foreign feeds: bounded, replaced after trouble, shared by threads."""

from __future__ import annotations

import os
import signal
import socket
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from network.lib.errors import RemoteError
from network.reading import child as parse_child
from network.reading.child import MEBIBYTE, close_workers, parse_in_child
from network.reading.feeds.document import TRUNCATED
from network.reading.feeds.foreign import parse_feed

FEEDS = Path(__file__).parent.parent / "data" / "feeds"
URL = "https://ville.example/feed"
SMALL = b"<rss version='2.0'><channel><title>Ville</title></channel></rss>"


@pytest.fixture(autouse=True)
def no_worker_from_before() -> Iterator[None]:
    close_workers()
    yield
    close_workers()


def idle() -> list[int]:
    return [worker.process.pid for worker in parse_child._pool.idle]


def bomb() -> bytes:
    """A feed that feedparser's loose parser needs many seconds for."""
    return SMALL.replace(b"</channel>", b"<item><b></i>" + b"<!" * 4_000_000 + b"</item></channel>")


def test_the_child_reads_what_the_parser_reads() -> None:
    for name in ("wordpress.rss", "blogger.atom", "microblog.json", "latin1-declared-utf8.rss"):
        content = (FEEDS / name).read_bytes()
        assert parse_in_child(content, None, URL) == parse_feed(content, None, URL)


def test_one_worker_serves_one_document_after_another() -> None:
    parse_in_child(SMALL, None, URL)
    (first,) = idle()
    parse_in_child(SMALL, None, URL)
    assert idle() == [first]


def test_a_refusal_comes_through_and_costs_no_worker() -> None:
    parse_in_child(SMALL, None, URL)
    (first,) = idle()
    with pytest.raises(RemoteError) as failure:
        parse_in_child((FEEDS / "truncated.rss").read_bytes(), None, URL)
    assert (failure.value.message, failure.value.retryable) == (TRUNCATED, True)
    assert idle() == [first]


def test_arguments_of_a_message_come_through() -> None:
    many = SMALL.replace(b"</channel>", b"<item/>" * 10_001 + b"</channel>")
    with pytest.raises(RemoteError, match="more than 10000 items"):
        parse_in_child(many, None, URL)


def test_a_feed_that_takes_too_long_is_given_up_and_its_worker_killed() -> None:
    parse_in_child(SMALL, None, URL)
    (first,) = idle()
    with pytest.raises(RemoteError) as failure:
        parse_in_child(bomb(), None, URL, seconds=1)
    assert failure.value.message in (parse_child.TOO_SLOW, parse_child.CRASHED)
    assert not failure.value.retryable
    with pytest.raises(ProcessLookupError):
        os.kill(first, 0)
    assert parse_in_child(SMALL, None, URL).title == "Ville"
    assert idle() != [first]


def held_up(seconds: float) -> None:
    """Keep the idle worker from the processor for a while, as a busy machine does."""
    (pid,) = idle()
    os.kill(pid, signal.SIGSTOP)
    threading.Timer(seconds, os.kill, (pid, signal.SIGCONT)).start()


def test_the_time_that_a_busy_machine_takes_does_not_count() -> None:
    parse_in_child(SMALL, None, URL)
    (first,) = idle()
    held_up(1.5)
    assert parse_in_child(SMALL, None, URL, seconds=1).title == "Ville"
    assert idle() == [first]


def test_a_worker_that_hangs_is_given_up_all_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    parse_in_child(SMALL, None, URL)
    (first,) = idle()
    monkeypatch.setattr(parse_child, "PATIENCE", 1)
    os.kill(first, signal.SIGSTOP)
    with pytest.raises(RemoteError) as failure:
        parse_in_child(SMALL, None, URL, seconds=0.5)
    assert failure.value.message == parse_child.TOO_SLOW
    assert parse_in_child(SMALL, None, URL).title == "Ville"


def test_the_system_ends_a_worker_that_uses_up_its_processor_time(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(parse_child, "_left", lambda _deadline: 60.0)
    with pytest.raises(RemoteError) as failure:
        parse_in_child(bomb(), None, URL, seconds=0.1)
    assert failure.value.message == parse_child.CRASHED


def test_a_feed_that_takes_too_much_memory_is_given_up() -> None:
    words = b"<item><title>x</title><description>" + b"arbres " * 1_700_000
    large = SMALL.replace(b"</channel>", words + b"</description></item></channel>")
    assert len(parse_in_child(large, None, URL, 60, content_language="fr").items) == 1
    with pytest.raises(RemoteError) as failure:
        parse_in_child(large, None, URL, 60, memory=90 * MEBIBYTE, content_language="fr")
    assert (failure.value.message, failure.value.retryable) == (parse_child.CRASHED, False)
    assert parse_in_child(SMALL, None, URL).title == "Ville"


def test_a_worker_that_ended_while_idle_is_replaced_unnoticed() -> None:
    parse_in_child(SMALL, None, URL)
    worker = parse_child._pool.idle[0]
    os.kill(worker.process.pid, signal.SIGKILL)
    assert parse_in_child(SMALL, None, URL).title == "Ville"
    worker = parse_child._pool.idle[0]
    worker.socket.shutdown(socket.SHUT_RDWR)  # the line is dead although the process is not
    assert parse_in_child(SMALL, None, URL).title == "Ville"


def test_many_threads_share_few_workers() -> None:
    feeds = [SMALL.replace(b"Ville", f"Ville {n}".encode()) for n in range(40)]
    with ThreadPoolExecutor(12) as threads:
        titles = threads.map(lambda feed: parse_in_child(feed, None, URL).title, feeds)
        assert list(titles) == [f"Ville {n}" for n in range(40)]
    assert 1 <= len(idle()) <= parse_child._WORKERS


def test_a_worker_knows_none_of_the_nodes_settings(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PIONEER_SECRET_KEY", "hush")
    assert "hush" not in parse_child._environment().values()


def test_a_forked_server_does_not_talk_to_its_parents_workers() -> None:
    parse_in_child(SMALL, None, URL)
    (first,) = idle()
    child = os.fork()
    if child == 0:
        os._exit(0 if idle() == [] else 1)
    assert os.waitpid(child, 0)[1] == 0
    assert idle() == [first]
    assert parse_in_child(SMALL, None, URL).title == "Ville"
