"""Whom the door believes: certificates, names and slow handshakes (attack 13)."""

from __future__ import annotations

import socket
import ssl
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from misbehaving import (
    AGENT,
    BRIEF,
    USUAL,
    Peer,
    answer,
    cut,
    drips,
    redirects,
    refusal,
    says,
)

from network.lib.http import Door, networks
from network.lib.http.door import tls_context
from tests.authority import LONG_AGO, Authority


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    return Authority(tmp_path_factory.mktemp("authority"))


@pytest.fixture(autouse=True)
def every_name_leads_here(monkeypatch: pytest.MonkeyPatch) -> None:
    def getaddrinfo(host: str, port: int, *_: Any, **__: Any) -> list[Any]:
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", ("127.0.0.1", port))]

    monkeypatch.setattr(socket, "getaddrinfo", getaddrinfo)


@pytest.fixture
def door(authority: Authority) -> Iterator[Door]:
    """A door that trusts the test's authority."""
    with Door(AGENT, allow_private=networks(["127.0.0.0/8"]), tls=authority.client()) as opened:
        yield opened


def at(peer: Peer, host: str = "city.example") -> str:
    return f"https://{host}:{peer.port}/"


def test_a_trusted_certificate_for_the_name_is_accepted_and_the_connection_kept(
    door: Door, authority: Authority, serve: Callable[..., Peer]
) -> None:
    asked_for = list[str | None]()
    context = authority.server("DNS:city.example")
    context.sni_callback = lambda _, name, __: asked_for.append(name)
    peer = serve(says(b"hello"), tls=context)
    for _ in range(3):
        assert door.get(at(peer)).content == b"hello"
    assert peer.connections == 1
    assert asked_for == ["city.example"]
    assert b"Host: city.example:%d\r\n" % peer.port in peer.requests[0]


def test_an_expired_certificate_is_refused(
    door: Door, authority: Authority, serve: Callable[..., Peer]
) -> None:
    peer = serve(says(b"x"), tls=authority.server("DNS:city.example", LONG_AGO))
    assert refusal(door, at(peer), "certificate of city.example:.* has expired").retryable
    assert peer.requests == []


@pytest.mark.parametrize("name", ["DNS:other.example", "DNS:*.city.example", "IP:127.0.0.1"])
def test_a_certificate_for_another_name_or_only_for_the_address_is_refused(
    door: Door, authority: Authority, serve: Callable[..., Peer], name: str
) -> None:
    peer = serve(says(b"x"), tls=authority.server(name))
    refusal(door, at(peer), "made out to another name")
    assert peer.requests == []


def test_a_certificate_for_an_address_serves_that_address(
    door: Door, authority: Authority, serve: Callable[..., Peer]
) -> None:
    peer = serve(says(b"x"), tls=authority.server("IP:127.0.0.1"))
    assert door.get(at(peer, "127.0.0.1")).content == b"x"


def test_an_authority_that_nobody_knows_is_refused(
    authority: Authority, serve: Callable[..., Peer]
) -> None:
    peer = serve(says(b"x"), tls=authority.server("DNS:city.example"))
    with Door(AGENT, allow_private=networks(["127.0.0.0/8"])) as door:
        refusal(door, at(peer), "an authority that this node trusts")
    assert peer.requests == []


def test_an_authority_that_does_not_say_what_its_key_is_for_is_told_what_to_do(
    tmp_path: Path, serve: Callable[..., Peer]
) -> None:
    silent = Authority(tmp_path, usage="")
    peer = serve(says(b"x"), tls=silent.server("DNS:city.example"))
    usual = networks(["127.0.0.0/8"])
    with Door(AGENT, allow_private=usual, tls=silent.client()) as door:
        assert refusal(door, at(peer), "lacks the “key usage” that RFC 5280 asks for").retryable
    assert peer.requests == []


def test_any_other_rule_that_a_certificate_breaks_is_named(
    tmp_path: Path, serve: Callable[..., Peer]
) -> None:
    careless = Authority(tmp_path, limits="CA:TRUE")
    peer = serve(says(b"x"), tls=careless.server("DNS:city.example"))
    usual = networks(["127.0.0.0/8"])
    with Door(AGENT, allow_private=usual, tls=careless.client()) as door:
        refusal(door, at(peer), "not made as RFC 5280 asks .Basic Constraints of CA cert not")


def test_a_redirect_to_a_bad_certificate_is_refused(
    door: Door, authority: Authority, serve: Callable[..., Peer]
) -> None:
    bad = serve(says(b"x"), tls=authority.server("DNS:other.example"))
    good = serve(redirects(at(bad)), tls=authority.server("DNS:city.example"))
    refusal(door, at(good), "made out to another name")
    assert bad.requests == []


def test_a_server_that_speaks_no_tls_is_refused(door: Door, serve: Callable[..., Peer]) -> None:
    peer = serve(cut(answer(b"x")), raw=True)
    refusal(door, at(peer), "No secure connection")


@pytest.mark.parametrize("start", [b"", b"\x16\x03\x03\x40\x00\x02"], ids=["silent", "record"])
def test_a_handshake_that_is_dripped_ends_with_the_time(
    door: Door, serve: Callable[..., Peer], start: bytes
) -> None:
    peer = serve(drips(start, b"\0" if start else b""), raw=True)
    refusal(door, at(peer), "took longer than 0.4 seconds", BRIEF)


def test_a_body_that_is_dripped_over_tls_ends_with_the_time(
    door: Door, authority: Authority, serve: Callable[..., Peer]
) -> None:
    peer = serve(drips(answer(length=False), b"x"), tls=authority.server("DNS:city.example"))
    refusal(door, at(peer), "took longer than 0.4 seconds", BRIEF)


def test_the_authorities_are_loaded_once_for_all_hosts(
    door: Door,
    authority: Authority,
    serve: Callable[..., Peer],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    assert tls_context() is tls_context()
    peers = [serve(says(b"x"), tls=authority.server("DNS:city.example")) for _ in range(2)]
    loads = list[Any]()
    for name in ("load_verify_locations", "load_default_certs"):
        monkeypatch.setattr(ssl.SSLContext, name, lambda *args, **_: loads.append(args))
    for peer in peers:
        assert door.get(at(peer), limits=USUAL).content == b"x"
    assert loads == []


def test_verification_cannot_be_off() -> None:
    context = tls_context()
    assert context.verify_mode is ssl.CERT_REQUIRED
    assert context.check_hostname
    assert context.minimum_version >= ssl.TLSVersion.TLSv1_2
