"""Which network addresses may be contacted, because an enemy may choose what a name points to."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_network

from network.lib.http import failures

Address = IPv4Address | IPv6Address
Network = IPv4Network | IPv6Network

_SPECIAL_IPV4 = tuple(
    IPv4Network(block)
    for block in (
        "0.0.0.0/8",  # "this network"; 0.0.0.0 is loopback on Linux
        "10.0.0.0/8",
        "100.64.0.0/10",  # carrier-grade NAT, and a cloud's metadata service
        "127.0.0.0/8",
        "168.63.129.16/32",  # Azure's host agent: a public number, reached only from inside
        "169.254.0.0/16",  # link local, and most clouds' metadata services
        "172.16.0.0/12",
        "192.0.0.0/24",  # IETF protocol assignments
        "192.0.2.0/24",
        "192.31.196.0/24",
        "192.52.193.0/24",
        "192.88.99.0/24",  # 6to4 relays
        "192.168.0.0/16",
        "192.175.48.0/24",
        "198.18.0.0/15",  # benchmarking
        "198.51.100.0/24",
        "203.0.113.0/24",
        "224.0.0.0/4",  # multicast
        "240.0.0.0/4",  # reserved, broadcast
    )
)
_GLOBAL_IPV6 = IPv6Network("2000::/3")
_SPECIAL_IPV6 = tuple(
    IPv6Network(block)
    for block in (
        "2001::/23",  # IETF protocol assignments: Teredo, ORCHID, benchmarking
        "2001:db8::/32",
        "2002::/16",  # 6to4: carries any IPv4 address inside
        "2620:4f:8000::/48",
        "3fff::/20",
    )
)


def is_public(address: Address) -> bool:
    """Whether an address is an ordinary one of the public internet.

    Source: IANA's special-purpose address registries (RFC 6890). Every block there is refused,
    also the ones that `ipaddress` calls global. Of IPv6 only 2000::/3 is given out as global
    unicast, so NAT64, IPv4-mapped and IPv4-compatible, site-local, unique local and multicast
    addresses all fail without being named.
    """
    if isinstance(address, IPv4Address):
        special = any(address in block for block in _SPECIAL_IPV4)
    else:
        special = address not in _GLOBAL_IPV6 or any(address in b for b in _SPECIAL_IPV6)
    return not special and address.is_global


@dataclass(frozen=True, slots=True)
class Guard:
    """What an operator lets this node contact.

    allow_private: networks that are contacted although not public, on any port (tests, demo,
    cities that share an internal network). ports: the ports of all other addresses.
    """

    allow_private: tuple[Network, ...] = ()
    ports: tuple[int, ...] = (80, 443)

    def check_port(self, url: str, port: int) -> None:
        """Refuse a port before anything is looked up. Raises RemoteError."""
        if port not in self.ports and not self.allow_private:
            raise failures.refused_port(url, port, self.ports)

    def check_addresses(self, url: str, port: int, addresses: Iterable[Address]) -> None:
        """Refuse a name if any of the addresses it points to may not be contacted.

        One good address among bad ones does not help: which of them is used would then be
        the name's owner's choice. Raises RemoteError.
        """
        for address in addresses:
            if any(address in block for block in self.allow_private):
                continue
            if not is_public(address):
                raise failures.private_address(url)
            if port not in self.ports:
                raise failures.refused_port(url, port, self.ports)


def networks(texts: Iterable[str]) -> tuple[Network, ...]:
    """Networks from their written form ("127.0.0.0/8"). Raises ValueError."""
    return tuple(ip_network(text.strip()) for text in texts if text.strip())
