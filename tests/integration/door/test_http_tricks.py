"""Addresses that two readers understand differently, names that change, answers beside answers."""

from __future__ import annotations

import gzip
import socket
from collections.abc import Callable
from typing import Any
from urllib.parse import urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st
from misbehaving import (
    AGENT,
    CHUNKED,
    Names,
    Peer,
    answer,
    cut,
    floods,
    redirects,
    refusal,
    says,
)
from requests.structures import CaseInsensitiveDict

from network.lib.errors import RemoteError
from network.lib.http import Door, networks

PUBLIC, INNER = "93.184.216.34", "10.0.0.7"

# Where an address leads, however it is read


def origin(url: str) -> Any:
    with Door(AGENT) as door:
        request, found = door._prepare("GET", url, CaseInsensitiveDict(), None, None)
    return request, found


TRICKS = """
http://good.example\\@evil.example/ http://good.example%5C@evil.example/ http:/\\evil.example/
http://good.example#@evil.example/ http://good.example?@evil.example/ http:///evil.example/
http://good.example;@evil.example/ http://good.example%2f@evil.example/ http:evil.example
http://good.example%23@evil.example/ http://good.example:80@evil.example/ //evil.example/
http://good.example%00.evil.example/ http://good.example%0d%0aHost:evil.example/ ///evil.example
http://127。0。0。1/ http://ⓛocalhost/ http://１２７.0.0.1/ http://localhost:８０/ http://localhost:0x50/
http://localhost:80:80/ http://[::1%25lo]/ http://[::ffff:127.0.0.1%25eth0]/ http://[::1]evil.example/
http://[::1].evil.example/ http://[evil.example]/ http://[v1.x]/ http://[::1 http://evil.example]/
http://%65vil.example/ http://evil.example%2e/ http://evil%E3%80%82example/ http://xn--/ http://xn--ls8h/
http://evil.example:/ http://evil.example:+80/ http://evil.example:-1/ http://evil.example:65536/
http://evil.example:00080/ http://evil.example.:80/ http://EVIL.example/ http://@evil.example/
""".split()


@pytest.mark.parametrize("url", TRICKS)
def test_every_reader_sees_the_same_host_in_an_address_or_it_is_refused(url: str) -> None:
    try:
        request, found = origin(url)
    except RemoteError:
        return
    parts = urlsplit(request.url)
    assert found.host.strip("[]") == parts.hostname
    assert (parts.username, parts.password) == (None, None)
    assert found.port == (parts.port or 80)
    assert "\r" not in request.path_url
    assert "\n" not in request.path_url


PIECES = st.lists(
    st.sampled_from(["http://", "https://", "a.example", "127.0.0.1", "[::1]", "@", ":", "/", "\\",
                     "?", "#", "%", "%2f", "%00", "%25", ".", "。", "é", "ﬀ", "\t", "\r\n", " ",
                     "80", "[", "]", ";", "&", "xn--", "-", "_", "\u200d", "\u202e", "\0", "０"]),
    max_size=10,
)  # fmt: skip


@given(PIECES)
def test_no_soup_of_address_pieces_has_two_hosts(pieces: list[str]) -> None:
    try:
        request, found = origin("http://" + "".join(pieces))
    except RemoteError:
        return
    assert found.host.strip("[]") == urlsplit(request.url).hostname
    assert found.host.isascii()
    assert request.url.isprintable()


@pytest.mark.parametrize("host", ["paris.example.", "PARIS.example", "paris%2Eexample"])
def test_spellings_of_one_host_share_its_turns(host: str) -> None:
    _, found = origin(f"http://{host}/")
    assert found.server == ("paris.example", None)


def test_a_name_that_looks_like_another_is_asked_for_as_what_it_is(
    names: Names, strict: Door, serve: Callable[..., Peer]
) -> None:
    names.answers["xn--pris-53d.example"] = iter([[PUBLIC]])
    names.peer = serve(cut(answer(b"x", "Connection: close")))
    response = strict.get("http://p\u0430ris.example/")
    assert response.url == "http://xn--pris-53d.example/"
    assert b"Host: xn--pris-53d.example\r\n" in names.peer.requests[0]


# Names that change their answer


def test_a_connection_that_has_to_be_made_anew_is_checked_anew(
    names: Names, strict: Door, serve: Callable[..., Peer]
) -> None:
    names.answers["flips.example"] = iter([[PUBLIC], [INNER]])
    seen = list[socket.socket]()

    def once(connection: socket.socket, _: bytes) -> None:
        if connection in seen:
            connection.shutdown(socket.SHUT_RDWR)
        else:
            seen.append(connection)
            connection.sendall(answer(b"hello"))

    names.peer = serve(once)
    assert strict.get("http://flips.example/").content == b"hello"
    refusal(strict, "http://flips.example/", "private network address")
    assert names.connected == [PUBLIC]


def test_each_redirect_is_looked_up_and_checked_for_itself(
    names: Names, strict: Door, serve: Callable[..., Peer]
) -> None:
    names.answers |= {"a.example": iter([[PUBLIC]]), "b.example": iter([[PUBLIC, INNER]])}
    names.peer = serve(redirects("http://b.example/", "308 Permanent Redirect"))
    refusal(strict, "http://a.example/", "http://b.example/ leads to a private network address")
    assert (names.asked, names.connected) == (["a.example", "b.example"], [PUBLIC])


def test_a_port_that_the_operator_opened_is_open_for_public_addresses_alone(
    names: Names, serve: Callable[..., Peer]
) -> None:
    names.answers |= {"a.example": iter([[PUBLIC]]), "b.example": iter([[INNER]])}
    names.peer = serve(cut(answer(b"x", "Connection: close")))
    with Door(AGENT, ports=(80, 443, 8443)) as door:
        assert door.get("http://a.example:8443/").content == b"x"
        refusal(door, "http://b.example:8443/", "private network address")
        refusal(door, "http://a.example:8444/", "contacts only ports 80, 443, 8443")


# What is sent


def test_nothing_tells_a_site_where_we_come_from_or_what_it_told_us_before(
    door: Door, serve: Callable[..., Peer]
) -> None:
    last = serve(says(b"x", "Set-Cookie: a=b", "Clear-Site-Data: *"))
    first = serve(redirects(f"{last.url}?from=here"))
    for _ in range(2):
        door.get(first.url)
    for request in (*first.requests, *last.requests):
        names = {line.split(b":")[0].lower() for line in request.split(b"\r\n")[1:] if line}
        assert names == {b"host", b"accept", b"user-agent", b"accept-encoding"}


@pytest.mark.parametrize("name", ["If-None-Match", "If-Modified-Since", "Link", "Content-Type"])
@pytest.mark.parametrize(
    "value", ["a\r\nX-Evil: 1", "a\nX-Evil: 1", "a\rX-Evil: 1", "a\0b", "\x7f"]
)
def test_no_value_puts_another_header_into_a_request(
    door: Door, serve: Callable[..., Peer], name: str, value: str
) -> None:
    peer = serve(says())
    door.post(peer.url, b"data", {name: value})
    assert b"Evil" not in peer.requests[0]
    assert b"\0" not in peer.requests[0]


@pytest.mark.parametrize(
    "location", ["/a\rX-Evil: 1", "/a%0d%0aX-Evil:%201", "/a\r\n b", "/a\tb", "/\x00a", "?\x7f"]
)
def test_no_location_puts_another_header_into_a_request(
    door: Door, serve: Callable[..., Peer], location: str
) -> None:
    def script(connection: socket.socket, request: bytes) -> None:
        if b"GET /feed " in request:
            head = f"HTTP/1.1 302 Found\r\nLocation: {location}\r\nContent-Length: 0\r\n\r\n"
            connection.sendall(head.encode("latin-1"))
        else:
            connection.sendall(answer(b"x"))

    peer = serve(script)
    try:
        door.get(peer.url)
    except RemoteError:
        return
    assert b"\nX-Evil" not in peer.requests[-1].replace(b"\r", b"\n")


@pytest.mark.parametrize("method", ["get", "head"])
def test_a_head_request_stays_one_through_redirects(
    door: Door, serve: Callable[..., Peer], method: str
) -> None:
    last = serve(lambda c, r: c.sendall(answer(b"" if r.startswith(b"HEAD") else b"x")))
    for status in ("301 x", "302 x", "303 x", "307 x", "308 x"):
        getattr(door, method)(serve(redirects(last.url, status)).url)
    assert {request.split()[0] for request in last.requests} == {method.upper().encode()}


# Answers that are none, and answers beside answers


@pytest.mark.parametrize("status", ["100 Continue", "102 Processing", "103 Early Hints", "199 x"])
def test_interim_answers_are_passed_over(
    door: Door, serve: Callable[..., Peer], status: str
) -> None:
    interim = f"HTTP/1.1 {status}\r\nLink: </style.css>; rel=preload\r\n\r\n".encode()
    peer = serve(lambda c, _: c.sendall(interim * 3 + answer(b"feed", "X-Last: 1")))
    for _ in range(2):
        response = door.get(peer.url)
        assert (response.status, response.content) == (200, b"feed")
        assert "link" not in response.headers


def test_endless_interim_answers_of_any_kind_count(door: Door, serve: Callable[..., Peer]) -> None:
    peer = serve(floods(b"", b"HTTP/1.1 103 Early Hints\r\nX: y\r\n\r\n" * 1000, mebibytes=5))
    refusal(door, peer.url, "too many headers")


def test_a_switch_to_another_protocol_is_no_answer(door: Door, serve: Callable[..., Peer]) -> None:
    switch = b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: h2c\r\n\r\n"
    refusal(door, serve(cut(switch + answer(b"x"))).url, "did not answer as a web server")


def test_a_part_that_nobody_asked_for_is_not_taken_for_the_whole(
    door: Door, serve: Callable[..., Peer]
) -> None:
    part = says(b"<feed/>", "Content-Range: bytes 0-6/900", status="206 Partial Content")
    assert refusal(door, serve(part).url, "broke off").retryable


def test_an_answer_that_nobody_asked_for_is_not_the_next_one_s(
    door: Door, serve: Callable[..., Peer]
) -> None:
    def splits(connection: socket.socket, request: bytes) -> None:
        path = request.split()[1]
        connection.sendall(answer(path) + answer(b"smuggled"))

    peer = serve(splits)
    for path in (b"/one", b"/two", b"/three"):
        assert door.get(peer.url.replace("/feed", path.decode())).content == path


def test_trailers_are_no_headers(door: Door, serve: Callable[..., Peer]) -> None:
    body = b"4\r\nfeed\r\n0\r\nRetry-After: 86400\r\nLocation: http://evil.example/\r\n\r\n"
    response = door.get(serve(cut(answer(body, CHUNKED, length=False))).url)
    assert response.content == b"feed"
    assert {name.lower() for name in response.headers} == {"transfer-encoding"}


def test_a_bomb_in_the_answer_of_a_redirect_or_an_error_is_not_unpacked(
    door: Door, serve: Callable[..., Peer]
) -> None:
    bomb = gzip.compress(b"\0" * 50_000_000)
    last = serve(says(bomb, "Content-Encoding: gzip", status="404 Not Found"))
    moved = says(bomb, "Content-Encoding: gzip", f"Location: {last.url}", status="302 Found")
    response = door.get(serve(moved).url)
    assert (response.status, response.content) == (404, b"")


def test_what_is_posted_over_tls_is_not_sent_on_without_it() -> None:
    class Answer:
        status_code = 307
        headers = CaseInsensitiveDict({"Location": "http://a.example/"})

        class request:  # noqa: N801
            method, url = "POST", "https://a.example/hub"

    from network.lib.http.door import _location

    assert _location(Answer) is None  # type: ignore[arg-type]
    Answer.headers["Location"] = "/elsewhere"
    assert _location(Answer) == "https://a.example/elsewhere"  # type: ignore[arg-type]
    Answer.request.url, Answer.headers["Location"] = "http://a.example/", "http://b.example/"
    assert _location(Answer) == "http://b.example/"  # type: ignore[arg-type]


def test_any_network_may_be_allowed_and_only_that_one() -> None:
    allowed = networks(["10.0.0.0/8"])
    with Door(AGENT, allow_private=allowed) as door:
        refusal(door, "http://127.0.0.1:1/", "private network address")
