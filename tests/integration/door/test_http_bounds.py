"""What an answer may cost: time, size and completeness (attacks 8 to 12)."""

from __future__ import annotations

import gzip
import itertools
import socket
import time
import zlib
from collections.abc import Callable
from dataclasses import replace

import pytest
from misbehaving import (
    BRIEF,
    CHUNKED,
    PATIENCE,
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
from network.lib.http import Door, Limits

# Time: attacks 8 and 9

DRIPS = {
    "a body": (answer(length=False), b"x"),
    "a body of known length": (answer(b"", "Content-Length: 100000", length=False), b"x"),
    "chunks": (answer(b"", CHUNKED, length=False), b"1\r\nx\r\n"),
    "a chunk's size": (answer(b"", CHUNKED, length=False), b"0"),
    "trailers": (answer(b"0\r\n", CHUNKED, length=False), b"A: b\r\n"),
    "a status line": (b"", b"H"),
    "headers": (b"HTTP/1.1 200 OK\r\n", b"X"),
    "100 Continue": (b"", b"HTTP/1.1 100 Continue\r\n\r\n"),
    "nothing": (b"", b""),
}


@pytest.mark.parametrize("what", DRIPS)
def test_what_is_dripped_ends_with_the_time(
    door: Door, serve: Callable[..., Peer], what: str
) -> None:
    error = refusal(door, serve(drips(*DRIPS[what])).url, "took longer than 0.4 seconds", BRIEF)
    assert error.retryable


def test_a_chain_of_slow_redirects_shares_one_deadline(
    door: Door, serve: Callable[..., Peer]
) -> None:
    numbers = itertools.count()

    def script(connection: socket.socket, request: bytes) -> None:
        time.sleep(0.15)
        redirects(f"/{next(numbers)}")(connection, request)

    refusal(door, serve(script).url, "took longer", Limits(seconds=0.4, redirects=30))


def test_a_peer_that_does_not_read_what_we_post_ends_with_the_time(door: Door) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        url = f"http://127.0.0.1:{listener.getsockname()[1]}/"
        with pytest.raises(RemoteError, match="took longer"):
            door.post(url, b"x" * 20_000_000, limits=BRIEF)


def test_nor_does_one_that_stops_reading_after_a_first_request(
    door: Door, serve: Callable[..., Peer]
) -> None:
    def script(connection: socket.socket, request: bytes) -> None:
        if request.startswith(b"GET"):
            connection.sendall(answer(b"hello"))
        else:
            peer.stopped.wait(PATIENCE)
            connection.shutdown(socket.SHUT_RDWR)

    peer = serve(script)
    door.get(peer.url)
    with pytest.raises(RemoteError, match="took longer"):
        door.post(peer.url, b"x" * 20_000_000, limits=BRIEF)
    assert peer.connections == 1


# Size: attacks 10 and 11

SMALL = Limits(seconds=20, body_bytes=1 << 20, wire_bytes=1 << 20)


def test_a_long_body_is_read_no_further_than_allowed(
    door: Door, serve: Callable[..., Peer]
) -> None:
    endless = serve(floods(answer(length=False), b"x" * 65536))
    refusal(door, endless.url, "larger than 1 MB", SMALL)


def test_a_body_that_says_it_is_too_long_is_not_read(
    door: Door, serve: Callable[..., Peer]
) -> None:
    peer = serve(says(b"", "Content-Length: 1048577", length=False))
    refusal(door, peer.url, "larger than 1 MB", SMALL)


@pytest.mark.parametrize("wave", [b"1\r\nx\r\n", b"1;" + b"e" * 9000 + b"\r\nx\r\n", b"0" * 9000])
def test_endless_chunks_and_their_framing_count(
    door: Door, serve: Callable[..., Peer], wave: bytes
) -> None:
    peer = serve(floods(answer(b"", CHUNKED, length=False), wave * 10))
    refusal(door, peer.url, "larger than 1 MB|not answer as a web server", SMALL)


def test_endless_trailers_count(door: Door, serve: Callable[..., Peer]) -> None:
    peer = serve(floods(answer(b"0\r\n", CHUNKED, length=False), b"A: b\r\n" * 1000))
    refusal(door, peer.url, "larger than 1 MB", SMALL)


@pytest.mark.parametrize(
    "head",
    [
        "".join(f"X-{number}: y\r\n" for number in range(5000)).encode(),
        b"X: " + b"y" * 70_000 + b"\r\n",
        b"HTTP/1.1 100 Continue\r\n\r\n" * 100_000,
        (b"X: " + b"y" * 60_000 + b"\r\n") * 50,
    ],
    ids=["5,000 headers", "a long header", "100 Continue", "many long headers"],
)
def test_too_long_a_head_is_refused(door: Door, serve: Callable[..., Peer], head: bytes) -> None:
    start = b"" if head.startswith(b"HTTP") else b"HTTP/1.1 200 OK\r\n"
    refusal(door, serve(cut(start + head + b"\r\n")).url, "too many headers")


def test_an_ordinary_number_of_headers_is_fine(door: Door, serve: Callable[..., Peer]) -> None:
    peer = serve(says(b"x", *(f"X-{number}: {'y' * 500}" for number in range(90))))
    assert door.get(peer.url).headers["x-89"] == "y" * 500


@pytest.mark.parametrize("coding", ["gzip", "deflate"])
def test_a_bomb_is_not_unpacked(door: Door, serve: Callable[..., Peer], coding: str) -> None:
    compress = gzip.compress if coding == "gzip" else zlib.compress
    bomb = compress(b"\0" * 50_000_000)
    assert len(bomb) < SMALL.wire_bytes
    peer = serve(says(bomb, f"Content-Encoding: {coding}"))
    refusal(door, peer.url, "larger than 1 MB", SMALL)


@pytest.mark.parametrize(
    "headers",
    [
        ("Content-Encoding: gzip, gzip",),
        ("Content-Encoding: gzip", "Content-Encoding: gzip"),
        ("Content-Encoding: br",),
        ("Transfer-Encoding: gzip, chunked",),
    ],
)
def test_an_encoding_that_was_not_asked_for_is_refused(
    door: Door, serve: Callable[..., Peer], headers: tuple[str, ...]
) -> None:
    peer = serve(cut(answer(gzip.compress(gzip.compress(b"x")), *headers)))
    refusal(door, peer.url, "which this node did not ask for")
    assert b"Accept-Encoding: gzip, deflate\r\n" in peer.requests[0]


@pytest.mark.parametrize(
    "coding", ["UTF-8", "none", "None", "identity", '"utf-8"', "ISO-8859-1", "8bit", "text/xml", ""]
)
def test_what_is_no_coding_leaves_the_body_as_it_is(
    door: Door, serve: Callable[..., Peer], coding: str
) -> None:
    peer = serve(says(b"<feed/>", f"Content-Encoding: {coding}"))
    assert door.get(peer.url).content == b"<feed/>"


def test_a_coding_beside_a_word_that_is_none_is_undone(
    door: Door, serve: Callable[..., Peer]
) -> None:
    peer = serve(says(gzip.compress(b"<feed/>"), "Content-Encoding: utf-8, gzip"))
    assert door.get(peer.url).content == b"<feed/>"


@pytest.mark.parametrize(
    "after", [b"\n", b"\0" * 512, b"<!-- 12 ms -->", b"\x1f", b"\x1f\x8b", b"\x1f?"]
)
@pytest.mark.parametrize("apart", [False, True])
def test_what_stands_after_the_end_of_a_gzip_body_is_no_part_of_it(
    door: Door, serve: Callable[..., Peer], after: bytes, apart: bool
) -> None:
    packed = gzip.compress(b"<feed/>")
    pieces = [packed, *(after[n : n + 1] for n in range(len(after)))] if apart else [packed + after]
    chunks = b"".join(b"%x\r\n%b\r\n" % (len(piece), piece) for piece in pieces) + b"0\r\n\r\n"
    for data in (
        answer(packed + after, "Content-Encoding: gzip"),
        answer(chunks, "Content-Encoding: gzip", CHUNKED, length=False),
    ):
        assert door.get(serve(cut(data)).url).content == b"<feed/>"


def test_a_gzip_body_of_several_members_is_read_whole_however_it_arrives(
    door: Door, serve: Callable[..., Peer]
) -> None:
    packed = gzip.compress(b"<feed>") + gzip.compress(b"</feed>") + b"\n"
    chunks = b"".join(b"1\r\n%c\r\n" % byte for byte in packed) + b"0\r\n\r\n"
    peer = serve(cut(answer(chunks, "Content-Encoding: gzip", CHUNKED, length=False)))
    assert door.get(peer.url).content == b"<feed></feed>"


@pytest.mark.parametrize("packed", [False, True])
def test_a_beginning_is_enough_where_no_more_is_wanted(
    door: Door, serve: Callable[..., Peer], packed: bool
) -> None:
    body = b"<p>0123456789</p>" * 100_000
    headers = ("Content-Encoding: gzip",) if packed else ()
    peer = serve(says(gzip.compress(body) if packed else body, *headers))
    some = replace(SMALL, wire_bytes=2 << 20, whole=False)
    for _ in range(2):  # the rest is not taken for the next answer
        assert door.get(peer.url, limits=some).content == body[: SMALL.body_bytes]


def test_a_body_that_was_compressed_twice_is_unpacked_once(
    door: Door, serve: Callable[..., Peer]
) -> None:
    twice = gzip.compress(gzip.compress(b"x" * 1_000_000))
    peer = serve(says(twice, "Content-Encoding: gzip"))
    assert door.get(peer.url).content == gzip.decompress(twice)


# Truncation: attack 12

PACKED = gzip.compress(b"<feed/>" * 500, mtime=0)


@pytest.mark.parametrize(
    "data",
    [
        answer(b"<feed", "Content-Length: 50", length=False),
        answer(b"5\r\n<feed\r\n", CHUNKED, length=False),
        answer(b"5\r\n<fe", CHUNKED, length=False),
        answer(b"ff", CHUNKED, length=False),
        answer(PACKED[:-1], "Content-Encoding: gzip"),
        answer(PACKED[:30], "Content-Encoding: gzip", length=False),
        answer(zlib.compress(b"<feed/>")[:-1], "Content-Encoding: deflate"),
        b"",
    ],
)
def test_an_answer_that_breaks_off_is_a_failure(
    door: Door, serve: Callable[..., Peer], data: bytes
) -> None:
    assert refusal(door, serve(cut(data)).url, "broke off").retryable


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (answer(b"not gzip at all", "Content-Encoding: gzip"), "is damaged"),
        (answer(PACKED[:20] + b"!" + PACKED[21:], "Content-Encoding: gzip"), "is damaged"),
        (answer(b"x", "Content-Length: one", length=False), "as a web server"),
        (answer(b"x", "Content-Length: 1", "Content-Length: 2", length=False), "as a web server"),
        (answer(b"-5\r\nhello", CHUNKED, length=False), "as a web server"),
        (b"SSH-2.0-OpenSSH_9.2\r\n", "as a web server"),
        (b"HTTP/1.1 two hundred\r\n\r\n", "as a web server"),
    ],
)
def test_an_answer_that_makes_no_sense_is_a_failure(
    door: Door, serve: Callable[..., Peer], data: bytes, words: str
) -> None:
    refusal(door, serve(cut(data)).url, words)


def test_nobody_listening_is_said_plainly(door: Door) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    refusal(door, f"http://127.0.0.1:{port}/", f"127.0.0.1:{port} refused the connection")
