"""A real server on loopback and clients that mean it harm: slow ones, smugglers, liars, floods."""

from __future__ import annotations

import re
import socket
from collections.abc import Iterator
from contextlib import suppress

import pytest

from network.cli import crowd
from tests.nodes import Node, eventually

SLOW = 64
"""More than the node has threads, by far."""
POST = b"POST /fr/compte/connexion HTTP/1.1"
SMUGGLED = b"GET /smuggled HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n"


@pytest.fixture(scope="module")
def node(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Node]:
    made = Node(tmp_path_factory.mktemp("paris"), "paris", "fr", threads="2")
    made.start()
    yield made
    made.stop()


def connect(node: Node) -> socket.socket:
    return socket.create_connection(("127.0.0.1", node.port), timeout=20)


def exchange(node: Node, sent: bytes) -> bytes:
    """All that the server says to these bytes until it closes, perhaps before it read them all."""
    said = b""
    with connect(node) as connection, suppress(ConnectionError):
        connection.sendall(sent)
        while piece := connection.recv(65536):
            said += piece
    return said


def statuses(said: bytes) -> list[int]:
    """The statuses of the answers in what the server said."""
    return [int(found) for found in re.findall(rb"^HTTP/1\.[01] (\d{3}) ", said, re.M)]


def request(line: bytes, *headers: bytes, body: bytes = b"") -> bytes:
    return b"\r\n".join([line, b"Host: paris.example", *headers, b"", body])


def test_pages_are_served_while_many_clients_send_and_read_nothing(node: Node) -> None:
    beginnings = [
        b"",
        b"G",
        b"GET /fr/ HTTP/1.1\r\nHost: a\r\nX-Slow: ",
        b"POST /fr/compte/connexion HTTP/1.1\r\nHost: a\r\nContent-Length: 60000\r\n\r\nemail=",
        request(POST, b"Transfer-Encoding: chunked", body=b"5\r\nab"),
        b"GET /static/site.css HTTP/1.1\r\nHost: a\r\n\r\n" * 50,  # whose answers it never reads
    ]
    held = []
    try:
        for number in range(SLOW):
            held.append(connect(node))
            held[-1].sendall(beginnings[number % len(beginnings)])
        for page in ("/fr/", "/en/case-studies/", "/healthz", "/feed.atom"):
            assert node.status(page) == 200, page
    finally:
        for connection in held:
            connection.close()


def test_one_address_cannot_hold_every_connection(node: Node) -> None:
    held = []
    try:
        for _ in range(520):
            held.append(socket.create_connection(("127.0.0.1", node.port), 20, ("127.0.0.2", 0)))
            held[-1].sendall(b"GET /fr/ HTTP/1.1\r\nHost: a\r\nX-Slow: ")
        assert node.status("/healthz") == 200
        assert eventually(lambda: sum(map(is_open, held)) <= crowd.MOST, 20)
        assert sum(map(is_open, held)) == crowd.MOST, "those that came last"
        assert is_open(held[-1])
    finally:
        for connection in held:
            connection.close()


def is_open(connection: socket.socket) -> bool:
    """Whether the server has not closed it; nothing was said to it."""
    connection.setblocking(False)
    try:
        return connection.recv(1) != b""
    except BlockingIOError:
        return True
    except ConnectionError:
        return False


@pytest.mark.parametrize(
    "sent",
    [
        request(POST, b"Content-Length: 5", b"Content-Length: 6", body=b"aaaaaa"),
        request(POST, b"Content-Length: 5, 6", body=b"aaaaaa"),
        request(POST, b"Content-Length: +5", body=b"aaaaa"),
        request(POST, b"Content-Length: -1", body=b""),
        request(POST, b"Content-Length: 0x5", body=b"aaaaa"),
        request(POST, b"Transfer-Encoding: xchunked", body=b"0\r\n\r\n"),
        request(POST, b"Transfer-Encoding: chunked, identity", body=b"0\r\n\r\n"),
        request(POST, b"Transfer-Encoding: chunked", body=b"5x\r\naaaaa\r\n0\r\n\r\n"),
        request(POST, b"Transfer-Encoding: chunked", body=b"-5\r\naaaaa\r\n0\r\n\r\n"),
        request(POST, b"Transfer-Encoding : chunked", body=b"0\r\n\r\n"),
        request(POST, b"Content-Length\x00: 5", body=b"aaaaa"),
        request(b"GET /fr/?q=\xff HTTP/1.1"),
        request(b"GET /fr/ HTTP/9.9\x01"),
        b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03",
        b"GET\r\n\r\n",
    ],
    ids=lambda sent: re.sub(r"[^\w:+,-]+", " ", sent.decode("latin-1")).split("paris example")[-1][
        :40
    ],
)
def test_a_request_that_two_servers_could_read_differently_is_refused(
    node: Node, sent: bytes
) -> None:
    found = statuses(exchange(node, sent + SMUGGLED))
    assert found in ([400], [501]), "and what comes after it is not read as a request"
    assert node.status("/healthz") == 200


def test_chunks_hide_no_second_request(node: Node) -> None:
    both = request(
        POST, b"Content-Length: 4", b"Transfer-Encoding: chunked",
        body=b"%x\r\n%s\r\n0\r\n\r\n" % (len(SMUGGLED), SMUGGLED),
    )  # fmt: skip
    said = exchange(node, both + request(b"GET /healthz HTTP/1.1", b"Connection: close"))
    assert statuses(said)[0] == 400, "the form has no token"
    assert 404 not in statuses(said), "its body was its body"


@pytest.mark.parametrize(
    ("sent", "status"),
    [
        (request(b"GET /fr/recherche?q=" + b"x" * 100_000 + b" HTTP/1.1"), 200),
        (request(b"GET /fr/recherche?q=" + b"x" * 300_000 + b" HTTP/1.1"), 431),
        (request(b"GET /fr/ HTTP/1.1", b"Cookie: " + b"a=b; " * 60_000), 431),
        (request(b"GET /fr/ HTTP/1.1", *[b"X-%d: a" % n for n in range(5000)]), 200),
        (request(POST, b"Content-Length: 99999999999", body=b"a"), 413),
        (request(POST, b"Content-Type: application/x-www-form-urlencoded",
                 b"Content-Length: 2000000", body=b"a=1&" * 500_000), 413),
    ],
    ids=["long query", "too long", "cookies", "headers", "announced", "sent"],
)  # fmt: skip
def test_what_is_too_much_is_refused(node: Node, sent: bytes, status: int) -> None:
    head, _, rest = sent.partition(b"\r\n\r\n")
    said = exchange(node, head + b"\r\nConnection: close\r\n\r\n" + rest)
    assert statuses(said) == [status] or (status == 431 and not said)
    assert node.status("/healthz") == 200


def test_headers_that_only_a_proxy_may_set_are_not_believed(node: Node) -> None:
    forwarded = (
        b"X-Forwarded-Host: evil.example", b"X-Forwarded-Proto: https", b"X-Forwarded-Port: 99",
        b"X-Forwarded-Prefix: /evil", b"Forwarded: host=evil.example", b"X_Forwarded_Host: evil",
        b"Script-Name: /evil", b"Connection: close",
    )  # fmt: skip
    for line in (b"GET /fr HTTP/1.1", b"GET /fr/ HTTP/1.1", b"GET /feed.atom HTTP/1.1"):
        assert b"evil" not in exchange(node, request(line, *forwarded))


def test_an_absolute_address_of_another_site_is_not_fetched_nor_repeated(node: Node) -> None:
    said = exchange(node, request(b"GET http://evil.example/fr HTTP/1.1", b"Connection: close"))
    assert statuses(said) == [308]
    assert b"Location: /fr/\r\n" in said
    assert b"evil" not in said
    connect_ = request(b"CONNECT evil.example:443 HTTP/1.1", b"Connection: close")
    assert statuses(exchange(node, connect_)) in ([400], [404], [405])


def test_the_server_does_not_say_what_it_is(node: Node) -> None:
    for line in (b"GET /fr/ HTTP/1.1", b"GET /fr/\xff HTTP/1.1", b"BREW / HTTP/1.1"):
        said = exchange(node, request(line, b"Connection: close")).lower()
        for name in (b"waitress", b"werkzeug", b"python", b"flask"):
            assert name not in said, line
