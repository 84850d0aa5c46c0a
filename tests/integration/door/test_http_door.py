"""Where the door leads: addresses, names and redirects (attacks 1 to 7)."""

from __future__ import annotations

import itertools
import socket
import threading
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from misbehaving import (
    AGENT,
    BRIEF,
    PATIENCE,
    Names,
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
from network.lib.http import Door, Limits, networks

INNER = """
127.0.0.1 127.1 0x7f.1 0x7f000001 2130706433 017700000001 0177.0.0.1 0 0.0.0.0 localhost localhost.
[::1] [::] [::ffff:127.0.0.1] [::ffff:7f00:1] [::127.0.0.1] [64:ff9b::7f00:1] [2002:7f00:1::]
[fec0::1] [ff02::1] [fe80::1%25lo] 169.254.169.254 192.0.0.1 224.0.0.1 １２７.0.0.1 ⑫7.0.0.1
"""
"""Ways to write an address that only this machine or its network should reach."""

# Addresses: attacks 1 to 5 and 7


def test_the_address_that_was_checked_is_the_one_that_is_connected_to(
    names: Names, strict: Door, serve: Callable[..., Peer]
) -> None:
    names.answers["flips.example"] = iter([["93.184.216.34"], ["127.0.0.1"]])
    names.peer = serve(cut(answer(b"hello", "Connection: close")))
    assert strict.get("http://flips.example/").content == b"hello"
    assert names.connected == ["93.184.216.34"]
    refusal(strict, "http://flips.example/", "private network address")
    assert names.connected == ["93.184.216.34"]
    assert b"Host: flips.example\r\n" in names.peer.requests[0]


@pytest.mark.parametrize("private", ["127.0.0.1", "10.0.0.1", "fec0::1", "64:ff9b::7f00:1"])
@pytest.mark.parametrize("place", [0, 1, 2])
def test_a_name_with_one_private_address_is_not_contacted_at_all(
    names: Names, strict: Door, private: str, place: int
) -> None:
    addresses = ["93.184.216.34", "8.8.8.8"]
    addresses.insert(place, private)
    names.answers["mixed.example"] = iter([addresses])
    assert not refusal(strict, "http://mixed.example/", "private network address").retryable
    assert names.connected == []


@pytest.mark.parametrize("host", INNER.split())
def test_no_spelling_of_an_inner_address_is_contacted(
    monkeypatch: pytest.MonkeyPatch, strict: Door, host: str
) -> None:
    def connect(*_: Any) -> None:
        raise AssertionError("connected")

    monkeypatch.setattr(socket.socket, "connect", connect)
    with pytest.raises(RemoteError):
        strict.get(f"http://{host}/", limits=Limits(seconds=5))


def test_a_redirect_to_an_address_that_is_not_allowed_is_not_followed(
    serve: Callable[..., Peer],
) -> None:
    inner = serve(says(b"secret"), "127.0.0.2")
    outer = serve(redirects(inner.url))
    with Door(AGENT, allow_private=networks(["127.0.0.1/32"])) as door:
        refusal(door, outer.url, f"{inner.url} leads to a private network address")
    assert inner.connections == 0


@pytest.mark.parametrize(
    "target",
    [
        "file:///etc/passwd",
        "gopher://127.0.0.1:70/",
        "ftp://city.example/",
        "data:,x",
        "x:y",
        "http://[",
        "http://:80/",
        "http://a:99999/",
        "javascript:alert(1)",
    ],
)
def test_only_web_addresses_are_asked_first_or_after_a_redirect(
    door: Door, serve: Callable[..., Peer], target: str
) -> None:
    assert not refusal(door, target, "is not a web address").retryable
    refusal(door, serve(redirects(target)).url, "is not a web address")


@pytest.mark.parametrize("userinfo", ["user:secret", "user", ":"])
def test_addresses_with_credentials_are_refused_and_not_repeated(
    door: Door, serve: Callable[..., Peer], userinfo: str
) -> None:
    peer = serve(says())
    url = peer.url.replace("http://", f"http://{userinfo}@")
    assert "secret" not in str(refusal(door, url, "user name or password"))
    assert "secret" not in str(refusal(door, serve(redirects(url)).url, "user name or password"))
    assert peer.connections == 0


def test_proxies_and_netrc_of_the_environment_are_ignored(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Any, door: Door, serve: Callable[..., Peer]
) -> None:
    proxy, peer = serve(says(b"proxied")), serve(says(b"direct"))
    for name in ("http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY"):
        monkeypatch.setenv(name, f"http://127.0.0.1:{proxy.port}")
    (tmp_path / ".netrc").write_text("machine 127.0.0.1 login me password secret")
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("NETRC", str(tmp_path / ".netrc"))
    assert door.get(peer.url).content == b"direct"
    assert proxy.connections == 0
    assert b"authorization" not in peer.requests[0].lower()


def test_an_unusual_port_is_refused_without_asking_for_the_name(
    names: Names, strict: Door, serve: Callable[..., Peer]
) -> None:
    for port in (22, 6379, 8080):
        refusal(strict, f"http://city.example:{port}/", f"port {port}; this node contacts only")
    names.answers["city.example"] = iter([["93.184.216.34"]])
    names.peer = serve(redirects("http://city.example:22/"))
    refusal(strict, "http://city.example/", "port 22")
    assert names.asked == ["city.example"]


def test_an_unknown_name_is_a_failure_that_may_pass(door: Door, names: Names) -> None:
    def fails() -> Iterator[list[str]]:
        raise socket.gaierror(-2, "Name or service not known")
        yield []

    names.answers["nowhere.example"] = fails()
    assert refusal(door, "http://nowhere.example/", "does not know nowhere.example").retryable


def test_a_resolver_that_hangs_does_not_hold_the_request(
    monkeypatch: pytest.MonkeyPatch, door: Door
) -> None:
    go_on = threading.Event()
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: go_on.wait(PATIENCE) and [])
    refusal(door, "http://slow.example/", "took longer than 0.4 seconds", BRIEF)
    go_on.set()


def test_a_dead_address_is_passed_over_for_the_next(
    names: Names, strict: Door, serve: Callable[..., Peer], monkeypatch: pytest.MonkeyPatch
) -> None:
    names.peer = serve(says(b"hello"))
    works = socket.socket.connect

    def connect(sock: socket.socket, address: tuple[Any, ...]) -> None:
        if address[0] == "8.8.8.8":
            raise OSError(101, "Network is unreachable")
        if address[0] == "9.9.9.9":
            assert (sock.gettimeout() or 60) <= 5, "one dead address may not use up all the time"
            raise TimeoutError
        works(sock, address)

    monkeypatch.setattr(socket.socket, "connect", connect)
    names.answers["two.example"] = iter([["8.8.8.8", "9.9.9.9", "93.184.216.34"]])
    assert strict.get("http://two.example/").content == b"hello"


# Redirects: attack 6


def test_redirects_are_followed_and_told(door: Door, serve: Callable[..., Peer]) -> None:
    last = serve(says(b"here"))
    second = serve(redirects(last.url, "307 Temporary Redirect"))
    first = serve(redirects(second.url, "301 Moved Permanently"))
    response = door.get(first.url + "#part")
    assert (response.status, response.content, response.url) == (200, b"here", last.url)
    assert response.hops == ((301, first.url), (307, second.url))
    assert response.permanent_url == second.url


def test_a_temporary_redirect_is_not_to_be_remembered(
    door: Door, serve: Callable[..., Peer]
) -> None:
    last = serve(says())
    second = serve(redirects(last.url, "308 Permanent Redirect"))
    assert door.get(serve(redirects(second.url)).url).permanent_url is None
    assert door.get(second.url).permanent_url == last.url
    assert door.get(last.url).permanent_url is None


def test_relative_and_accented_locations_are_followed(
    door: Door, serve: Callable[..., Peer]
) -> None:
    def script(connection: socket.socket, request: bytes) -> None:
        if b"GET /feed " in request:
            where = "/égalité?a=b".encode().decode("latin-1")
            connection.sendall(answer(b"", f"Location: {where}", status="303 See Other"))
        else:
            connection.sendall(answer(b"found"))

    peer = serve(script)
    assert door.get(peer.url).content == b"found"
    assert b"GET /%C3%A9galit%C3%A9?a=b HTTP/1.1" in peer.requests[1]


def test_a_redirect_in_a_circle_is_refused(door: Door, serve: Callable[..., Peer]) -> None:
    peer = serve(redirects("/feed"))
    refusal(door, peer.url, "in a circle")
    assert len(peer.requests) == 1


def test_a_redirect_that_never_ends_is_refused(door: Door, serve: Callable[..., Peer]) -> None:
    numbers = itertools.count()
    peer = serve(lambda c, r: redirects(f"/{next(numbers)}")(c, r))
    refusal(door, peer.url, "more than 3 times", Limits(redirects=3))
    assert len(peer.requests) == 4


def test_the_body_of_a_redirect_is_never_read(door: Door, serve: Callable[..., Peer]) -> None:
    last = serve(says(b"here"))
    head = answer(b"", f"Location: {last.url}", status="302 Found", length=False)
    assert door.get(serve(floods(head, b"x" * 65536)).url).content == b"here"
    assert door.get(serve(drips(head, b"x")).url, limits=BRIEF).content == b"here"


def test_credentials_do_not_follow_to_another_origin(
    door: Door, serve: Callable[..., Peer]
) -> None:
    other = serve(says())
    peer = serve(redirects(other.url))
    door.get(peer.url, {"authorization": "Bearer x", "Cookie": "a=b", "If-None-Match": '"v"'})
    assert b"Bearer x" in peer.requests[0]
    assert b"Bearer x" not in other.requests[0] and b"a=b" not in other.requests[0]
    assert b'If-None-Match: "v"' in other.requests[0]


@pytest.mark.parametrize(("status", "method"), [(307, b"POST"), (308, b"POST")])
def test_a_post_is_sent_again_only_where_the_redirect_says_so(
    door: Door, serve: Callable[..., Peer], status: int, method: bytes
) -> None:
    last = serve(says(status="202 Accepted"))
    response = door.post(serve(redirects(last.url, f"{status} x")).url, {"hub.mode": "subscribe"})
    assert response.status == 202
    assert last.requests[0].startswith(method)
    assert last.requests[0].endswith(b"hub.mode=subscribe")


@pytest.mark.parametrize("status", [301, 302, 303])
def test_a_post_that_would_become_a_get_is_returned(
    door: Door, serve: Callable[..., Peer], status: int
) -> None:
    last = serve(says())
    assert door.post(serve(redirects(last.url, f"{status} x")).url, b"data").status == status
    assert last.connections == 0
