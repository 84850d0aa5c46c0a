"""Whom the door believes: certificates, names and slow handshakes (attack 13)."""

from __future__ import annotations

import shutil
import socket
import ssl
import subprocess
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

CONFIGURATION = """
[ca]
default_ca = authority
[authority]
database = index.txt
serial = serial.txt
new_certs_dir = .
certificate = authority.pem
private_key = authority.key
default_md = sha256
policy = anything
copy_extensions = copy
unique_subject = no
[anything]
commonName = supplied
[req]
distinguished_name = dn
[dn]
"""
VALID = ("20200101000000Z", "20991231000000Z")
LONG_AGO = ("20200101000000Z", "20200201000000Z")


class Authority:
    """Certificates of any kind, made by the openssl command when they are needed."""

    def __init__(self, folder: Path) -> None:
        if shutil.which("openssl") is None:
            pytest.fail("these tests need the openssl command to make certificates")
        self.folder = folder
        (folder / "openssl.cnf").write_text(CONFIGURATION)
        (folder / "index.txt").touch()
        (folder / "serial.txt").write_text("01")
        self._openssl(
            "req",
            "-x509",
            *self._key("authority"),
            "-out",
            "authority.pem",
            "-subj",
            "/CN=Authority",
            "-days",
            "3650",
            "-addext",
            "basicConstraints=critical,CA:TRUE",
        )

    def _openssl(self, *arguments: str) -> None:
        command, *rest = arguments
        run = ["openssl", command, "-config", "openssl.cnf", *rest]
        subprocess.run(run, cwd=self.folder, check=True, capture_output=True)

    def _key(self, name: str) -> list[str]:
        curve = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256"]
        return [*curve, "-nodes", "-keyout", f"{name}.key"]

    def server(self, name: str, period: tuple[str, str] = VALID) -> ssl.SSLContext:
        """A server's side of TLS with a certificate for a name ("DNS:…" or "IP:…")."""
        label = f"{name}-{period[1]}".replace(":", "-")
        self._openssl(
            "req",
            *self._key(label),
            "-out",
            f"{label}.csr",
            "-subj",
            "/CN=x",
            "-addext",
            f"subjectAltName={name}",
        )
        self._openssl(
            "ca",
            "-batch",
            "-notext",
            "-startdate",
            period[0],
            "-enddate",
            period[1],
            "-in",
            f"{label}.csr",
            "-out",
            f"{label}.pem",
        )
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(self.folder / f"{label}.pem", self.folder / f"{label}.key")
        return context

    def client(self) -> ssl.SSLContext:
        """A client's side that trusts this authority alone."""
        return ssl.create_default_context(cafile=str(self.folder / "authority.pem"))


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
