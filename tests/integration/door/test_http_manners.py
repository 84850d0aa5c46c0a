"""How the door treats those that behave: statuses, connections, turns."""

from __future__ import annotations

import gzip
import logging
import socket
import threading
import time
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from misbehaving import (
    AGENT,
    BRIEF,
    CHUNKED,
    PATIENCE,
    USUAL,
    Peer,
    answer,
    cut,
    drips,
    floods,
    redirects,
    refusal,
    says,
)

from network.lib.errors import RemoteError
from network.lib.http import Door, HostBusy, Limits, networks

# Good manners


@pytest.mark.parametrize("coding", ["gzip", "deflate", "identity", "GZIP"])
def test_compressed_answers_are_decompressed(
    door: Door, serve: Callable[..., Peer], coding: str
) -> None:
    packed = {"gzip": gzip.compress, "deflate": zlib.compress}.get(coding.lower(), bytes)(
        "héé".encode()
    )
    chunks = b"".join(b"1\r\n%c\r\n" % byte for byte in packed) + b"0\r\n\r\n"
    for data in (
        answer(packed, f"Content-Encoding: {coding}"),
        answer(chunks, f"Content-Encoding: {coding}", CHUNKED, length=False),
    ):
        assert door.get(serve(cut(data)).url).content == "héé".encode()


def test_statuses_that_say_no_are_returned_with_their_headers(
    door: Door, serve: Callable[..., Peer]
) -> None:
    for status in ("304 Not Modified", "410 Gone", "429 Slow down", "503 Busy", "300 Choose"):
        peer = serve(says(b"", "Retry-After: 120", status=status))
        response = door.get(peer.url, {"If-None-Match": '"v1"'})
        assert f"{response.status}" in status and not response.ok
        assert response.headers["retry-after"] == "120"
        assert b'If-None-Match: "v1"\r\n' in peer.requests[0]


def test_a_bad_body_does_not_hide_a_status_that_says_no(
    door: Door, serve: Callable[..., Peer]
) -> None:
    gone = answer(b"x", "Content-Encoding: gzip", status="410 Gone")
    assert door.get(serve(cut(gone)).url).status == 410
    endless = floods(answer(status="429 Slow down", length=False), b"x" * 65536)
    assert door.get(serve(endless).url).status == 429
    dripped = drips(answer(status="503 Busy", length=False), b"x")
    assert door.get(serve(dripped).url, limits=BRIEF).status == 503


def test_the_node_says_who_asks_whatever_the_caller_says(
    door: Door, serve: Callable[..., Peer]
) -> None:
    peer = serve(says())
    door.get(peer.url, {"user-agent": "other", "host": "other.example", "accept": "text/html"})
    assert b"User-Agent: PioneerCities/0.1 (+https://node.example/)\r\n" in peer.requests[0]
    assert b"Host: 127.0.0.1:%d\r\n" % peer.port in peer.requests[0]
    assert b"text/html" in peer.requests[0] and b"other" not in peer.requests[0]


def test_a_validator_that_cannot_be_sent_is_left_out(
    door: Door, serve: Callable[..., Peer]
) -> None:
    peer = serve(says(b"full"))
    for value in ('"a\r\nX-Evil: 1"', '"\u2026"', '"\0"'):
        assert door.get(peer.url, {"If-None-Match": value}).content == b"full"
    assert b"If-None-Match" not in b"".join(peer.requests)


def test_cookies_are_neither_kept_nor_able_to_disturb(
    door: Door, serve: Callable[..., Peer]
) -> None:
    peer = serve(says(b"", "Set-Cookie: a=b; expires=zzz; max-age"))
    door.get(peer.url)
    door.get(peer.url)
    assert b"cookie" not in peer.requests[1].lower()


def test_a_head_request_reads_no_body(door: Door, serve: Callable[..., Peer]) -> None:
    peer = serve(says(b"", "Content-Length: 99999999999", length=False))
    assert door.head(peer.url).headers["content-length"] == "99999999999"
    assert door.head(peer.url).status == 200
    assert peer.connections == 1


@pytest.mark.parametrize("status", ["200 OK", "304 Not Modified", "404 Not Found"])
def test_polling_again_uses_the_same_connection(
    door: Door, serve: Callable[..., Peer], status: str
) -> None:
    peer = serve(says(b"" if status.startswith("304") else b"text", status=status))
    for _ in range(5):
        door.get(peer.url)
    assert (peer.connections, len(peer.requests)) == (1, 5)


def test_a_connection_closed_meanwhile_is_replaced_for_a_get_but_not_for_a_post(
    door: Door, serve: Callable[..., Peer]
) -> None:
    seen = list[socket.socket]()

    def hangs_up_at_the_second(connection: socket.socket, _: bytes) -> None:
        if connection in seen:
            connection.shutdown(socket.SHUT_RDWR)
        else:
            seen.append(connection)
            connection.sendall(answer(b"hello"))

    peer = serve(hangs_up_at_the_second)
    assert door.get(peer.url).content == b"hello"
    assert door.get(peer.url).content == b"hello"
    with pytest.raises(RemoteError, match="broke off"):
        door.post(peer.url, b"data")
    assert [request[:4] for request in peer.requests] == [b"GET "] * 3 + [b"POST"]


def test_a_host_is_asked_no_more_than_twice_at_a_time(
    door: Door, serve: Callable[..., Peer]
) -> None:
    lock, now, most = threading.Lock(), 0, 0

    def script(connection: socket.socket, _: bytes) -> None:
        nonlocal now, most
        with lock:
            now += 1
            most = max(most, now)
        time.sleep(0.05)
        with lock:
            now -= 1
        connection.sendall(answer(b"x"))

    peer = serve(script)
    with fetching(door, *[peer.url] * 8) as outcomes:
        pass
    assert [outcome.status for outcome in outcomes] == [200] * 8
    assert most == 2


@contextmanager
def fetching(door: Door, *urls: str, limits: Limits = USUAL) -> Iterator[list[Any]]:
    """Fetch addresses at the same time; what came of each is in the list at the end."""
    outcomes = list[Any]()

    def fetch(url: str) -> None:
        try:
            outcomes.append(door.get(url, limits=limits))
        except RemoteError as error:
            outcomes.append(error)

    threads = [threading.Thread(target=fetch, args=(url,)) for url in urls]
    for thread in threads:
        thread.start()
    yield outcomes
    for thread in threads:
        thread.join()


def test_a_host_that_hangs_delays_no_other_and_its_next_request_is_put_off(
    door: Door, serve: Callable[..., Peer]
) -> None:
    arrived, go_on = threading.Semaphore(0), threading.Event()

    def hangs(connection: socket.socket, _: bytes) -> None:
        arrived.release()
        go_on.wait(PATIENCE)
        connection.sendall(answer(b"late"))

    hanging, other = serve(hangs), serve(says(b"prompt"))
    with fetching(door, hanging.url, hanging.url) as outcomes:
        for _ in range(2):
            arrived.acquire()
        assert door.get(other.url).content == b"prompt"
        with pytest.raises(HostBusy, match="its turn comes later") as caught:
            door.get(hanging.url, limits=Limits(wait=0.05))
        assert caught.value.retryable
        go_on.set()
    assert [outcome.content for outcome in outcomes] == [b"late", b"late"]
    assert door.get(hanging.url).content == b"late"


def test_hosts_that_redirect_to_each_other_cannot_block_each_other(
    door: Door, serve: Callable[..., Peer]
) -> None:
    peers = list[Peer]()

    def crosses_over(connection: socket.socket, request: bytes) -> None:
        time.sleep(0.02)
        here = f":{connection.getsockname()[1]}/"
        there = next(peer.url for peer in peers if here not in peer.url)
        goes_on = redirects(there.replace("feed", "end"))
        (says(b"end") if b"/end" in request else goes_on)(connection, request)

    peers.extend([serve(crosses_over), serve(crosses_over)])
    with fetching(door, *[peer.url for peer in peers] * 8) as outcomes:
        pass
    assert [getattr(outcome, "content", outcome) for outcome in outcomes] == [b"end"] * 16


def test_a_closed_door_keeps_no_connection(serve: Callable[..., Peer]) -> None:
    peer = serve(says(b"x"))
    door = Door(AGENT, allow_private=networks(["127.0.0.0/8"]))
    door.get(peer.url)
    door.close()
    door.get(peer.url)
    door.get(peer.url)
    assert peer.connections == 3


def test_failures_leave_no_warning_behind(
    door: Door, serve: Callable[..., Peer], caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.WARNING):
        refusal(door, serve(cut(answer(b"x", "Content-Length: 9", length=False))).url, "broke off")
        door.get(serve(cut(answer(b"", "bad header line"))).url)
    assert not [record for record in caplog.records if record.levelno >= logging.ERROR]
