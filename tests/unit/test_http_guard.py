"""The door's decisions that need no network: addresses, budgets, decompression, explanations."""

from __future__ import annotations

import gzip
import ssl
import zlib
from ipaddress import IPv4Address, IPv6Address, ip_address

import pytest
from hypothesis import given
from hypothesis import strategies as st

from network.lib.errors import RemoteError
from network.lib.http import Limits, networks, user_agent
from network.lib.http.addresses import Guard, is_public
from network.lib.http.body import GZIP_MEMBERS, Deflate, Gzip
from network.lib.http.budget import Budget
from network.lib.http.failures import explain
from network.lib.http.values import Origin

URL = "http://city.example/feed"

NOT_PUBLIC = [
    "0.0.0.0",
    "0.1.2.3",
    "10.1.2.3",
    "100.64.0.1",
    "100.100.100.200",
    "127.0.0.1",
    "127.255.255.254",
    "168.63.129.16",
    "169.254.169.254",
    "172.16.0.1",
    "172.31.255.255",
    "192.0.0.8",
    "192.0.0.192",
    "192.0.2.1",
    "192.88.99.1",
    "192.168.1.1",
    "198.18.0.1",
    "198.51.100.7",
    "203.0.113.7",
    "224.0.0.1",
    "239.255.255.250",
    "240.0.0.1",
    "255.255.255.255",
    "::",
    "::1",
    "::127.0.0.1",
    "::8.8.8.8",
    "::ffff:127.0.0.1",
    "::ffff:8.8.8.8",
    "::ffff:0:127.0.0.1",
    "64:ff9b::127.0.0.1",
    "64:ff9b::8.8.8.8",
    "64:ff9b:1::1",
    "100::1",
    "2001::1",
    "2001:0:4136:e378:8000:63bf:3fff:fdd2",
    "2001:20::1",
    "2001:db8::1",
    "2002:7f00:1::",
    "2002:808:808::1",
    "3fff::1",
    "5f00::1",
    "fc00::1",
    "fd00:ec2::254",
    "fe80::1",
    "fec0::1",
    "ff02::1",
    "ff0e::1",
]
PUBLIC = ["8.8.8.8", "93.184.216.34", "172.32.0.1", "2606:2800:220:1::1", "2a00:1450:4001::1"]


@pytest.mark.parametrize("text", NOT_PUBLIC)
def test_an_address_that_is_not_of_the_public_internet_is_refused(text: str) -> None:
    assert not is_public(ip_address(text))


@pytest.mark.parametrize("text", PUBLIC)
def test_an_ordinary_public_address_is_allowed(text: str) -> None:
    assert is_public(ip_address(text))


@given(st.ip_addresses())
def test_nothing_that_python_calls_private_is_ever_public(
    address: IPv4Address | IPv6Address,
) -> None:
    if not address.is_global or address.is_multicast:
        assert not is_public(address)


@given(st.integers(0, 2**32 - 1))
def test_no_ipv6_spelling_of_an_ipv4_address_is_public(number: int) -> None:
    for prefix in ("::", "::ffff:0:0", "64:ff9b::"):
        assert not is_public(IPv6Address(int(IPv6Address(prefix)) + number))
    assert not is_public(IPv6Address(int(IPv6Address("2002::")) + (number << 80)))


@pytest.mark.parametrize("place", [0, 1, 2])
def test_one_private_address_among_public_ones_refuses_them_all(place: int) -> None:
    addresses = [ip_address(text) for text in PUBLIC[:2]]
    addresses.insert(place, ip_address("10.0.0.1"))
    with pytest.raises(RemoteError, match="private network address"):
        Guard().check_addresses(URL, 80, addresses)


def test_an_allowed_network_may_be_contacted_on_any_port() -> None:
    guard = Guard(networks(["127.0.0.0/8"]))
    guard.check_port(URL, 8001)
    guard.check_addresses(URL, 8001, [ip_address("127.0.0.1")])


def test_an_allowed_network_opens_neither_other_networks_nor_other_ports() -> None:
    guard = Guard(networks(["127.0.0.0/8"]))
    with pytest.raises(RemoteError, match="private network address"):
        guard.check_addresses(URL, 80, [ip_address("127.0.0.1"), ip_address("10.0.0.1")])
    with pytest.raises(RemoteError, match="private network address"):
        guard.check_addresses(URL, 80, [ip_address("::ffff:127.0.0.1")])
    with pytest.raises(RemoteError, match="port 22"):
        guard.check_addresses(URL, 22, [ip_address("8.8.8.8")])


@pytest.mark.parametrize("port", [0, 22, 25, 6379, 8080])
def test_unusual_ports_are_refused_before_any_look_up(port: int) -> None:
    with pytest.raises(RemoteError, match=f"port {port}") as caught:
        Guard().check_port(URL, port)
    assert not caught.value.retryable


def test_an_operator_may_open_another_port() -> None:
    Guard(ports=(80, 443, 8443)).check_addresses(URL, 8443, [ip_address("8.8.8.8")])


def test_a_network_written_wrongly_is_an_error_at_once() -> None:
    with pytest.raises(ValueError, match="has host bits set"):
        networks(["127.0.0.1/8"])


class Clock:
    """A clock that a test moves."""

    def __init__(self) -> None:
        self.time = 1000.0

    def __call__(self) -> float:
        return self.time


def test_redirects_share_one_deadline() -> None:
    clock = Clock()
    budget = Budget(Limits(seconds=30), clock)
    budget.start(URL, Origin("http", "a.example", 80))
    clock.time += 20
    budget.start(URL, Origin("http", "b.example", 80))
    assert budget.left() == 10
    clock.time += 10
    with pytest.raises(RemoteError, match=r"b\.example took longer than 30 seconds") as caught:
        budget.left()
    assert caught.value.retryable


def test_waiting_for_a_turn_does_not_use_up_the_seconds_of_the_host() -> None:
    clock = Clock()
    budget = Budget(Limits(seconds=30, wait=45), clock)
    assert budget.turn() == 45
    clock.time += 44
    budget.start(URL, Origin("http", "a.example", 80))
    assert budget.left() == 30
    assert budget.turn() == 30


def test_bytes_are_counted_for_head_and_body_apart() -> None:
    budget = Budget(Limits(head_bytes=100, wire_bytes=1 << 20))
    budget.begin_head()
    budget.receive(100)
    with pytest.raises(RemoteError, match="too many headers"):
        budget.receive(1)
    budget.begin_body()
    budget.receive(1 << 20)
    with pytest.raises(RemoteError, match="larger than 1 MB"):
        budget.receive(1)


ROOM = 1 << 16
COMPRESSORS = {
    "gzip": (Gzip, gzip.compress),
    "zlib": (Deflate, zlib.compress),
    "bare": (Deflate, lambda data: zlib.compress(data, wbits=-15)),
}


@given(st.sampled_from(sorted(COMPRESSORS)), st.binary(max_size=2000), st.integers(1, 300))
def test_compressed_bodies_read_the_same_however_they_are_cut(
    kind: str, data: bytes, size: int
) -> None:
    coding, compress = COMPRESSORS[kind]
    decoder, packed = coding(), compress(data)
    out = b"".join(decoder.feed(packed[at : at + size], ROOM) for at in range(0, len(packed), size))
    assert out == data
    assert decoder.finished()


@given(st.sampled_from(sorted(COMPRESSORS)), st.binary(min_size=1), st.integers(1, 8))
def test_a_compressed_body_that_is_cut_is_not_finished(kind: str, data: bytes, cut: int) -> None:
    coding, compress = COMPRESSORS[kind]
    decoder = coding()
    packed = compress(data)
    decoder.feed(packed[: -min(cut, 1 if kind == "bare" else 4)], ROOM)
    assert not decoder.finished()


def test_gzip_members_in_a_row_are_one_body_but_thousands_are_an_attack() -> None:
    few = gzip.compress(b"a") * GZIP_MEMBERS
    assert Gzip().feed(few, ROOM) == b"a" * GZIP_MEMBERS
    with pytest.raises(zlib.error):
        Gzip().feed(gzip.compress(b"") * 3000, ROOM)


@pytest.mark.parametrize("kind", sorted(COMPRESSORS))
def test_a_bomb_is_never_unpacked_beyond_the_room_there_is(kind: str) -> None:
    coding, compress = COMPRESSORS[kind]
    assert len(coding().feed(compress(b"\0" * 10_000_000), 5000)) == 5001


def certificate_error(code: int) -> ssl.SSLCertVerificationError:
    error = ssl.SSLCertVerificationError(1, "certificate verify failed")
    error.verify_code = code
    return error


@pytest.mark.parametrize(
    ("error", "words"),
    [
        (TimeoutError(), "took longer than 30 seconds"),
        (ConnectionResetError(), "broke off"),
        (ssl.SSLError("wrong version number"), "No secure connection"),
        (certificate_error(10), "has expired"),
        (certificate_error(62), "another name"),
        (certificate_error(64), "another name"),
        (certificate_error(18), "authority"),
        (ValueError("nonsense"), "did not answer as a web server"),
    ],
)
def test_what_went_wrong_is_said_in_plain_words(error: Exception, words: str) -> None:
    wrapped = OSError("outer")
    wrapped.__cause__ = error
    assert words in str(explain(wrapped, "city.example", 30.0))


def test_the_user_agent_says_who_asks_and_where_to_complain() -> None:
    for base in ("https://node.example", "https://node.example/"):
        assert user_agent(base) == "PioneerCities/0.1 (+https://node.example/)"
