"""Where no connection goes: addresses inside a house, decided on the address that is about to be connected to, after DNS.

A feed's address, and whatever it redirects to, comes from outside. `Guard.open` is what every connection's socket is made by, so a
name that resolves to loopback, an odd spelling of it and a name server that changes its mind all come to the same end.
"""

from __future__ import annotations

import socket
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_address, ip_network
from typing import Any

from monitor.settings import Network

_Address = IPv4Address | IPv6Address

_NOT_PUBLIC = {
    "0.0.0.0/8": "an unspecified address",
    "10.0.0.0/8": "a private address",
    "100.64.0.0/10": "an address inside a carrier's network",
    "127.0.0.0/8": "a loopback address",
    "169.254.0.0/16": "a link-local address",
    "172.16.0.0/12": "a private address",
    "192.0.0.0/24": "a reserved address",
    "192.0.2.0/24": "an address for documentation",
    "192.88.99.0/24": "a reserved address",
    "192.168.0.0/16": "a private address",
    "198.18.0.0/15": "an address for benchmarks",
    "198.51.100.0/24": "an address for documentation",
    "203.0.113.0/24": "an address for documentation",
    "224.0.0.0/4": "a multicast address",
    "240.0.0.0/4": "a reserved address",
    "::/128": "an unspecified address",
    "::1/128": "a loopback address",
    "64:ff9b:1::/48": "a private address",
    "2001:2::/48": "an address for benchmarks",
    "2001:db8::/32": "an address for documentation",
    "3fff::/20": "an address for documentation",
    "2001::/23": "a reserved address",  # Teredo, too: no server is there
    "fc00::/7": "a private address",
    "fe80::/10": "a link-local address",
    "fec0::/10": "a private address",
    "ff00::/8": "a multicast address",
}
"""What IANA's registries of special addresses call not globally reachable -> in words. The first that fits is told."""
_NETWORKS = [(ip_network(network), what) for network, what in _NOT_PUBLIC.items()]
_GLOBAL = IPv6Network("2000::/3")  # all of IPv6 that is given out
_NAT64 = IPv6Network("64:ff9b::/96")


class Refused(OSError):
    """A connection that the guard does not open. `str()` says which address that is, and what kind of address."""


@dataclass
class Crossing:
    """One request on its way. proxy: it goes to the proxy, which the operator chose. refused: what the guard refused it, in words."""

    proxy: bool = False
    refused: list[str] = field(default_factory=list)


_CROSSING: ContextVar[Crossing | None] = ContextVar("crossing", default=None)


@contextmanager
def crossing(*, proxy: bool) -> Iterator[Crossing]:
    """The request that is made within; the guard sees it through the tasks that aiohttp connects in."""
    made = Crossing(proxy)
    token = _CROSSING.set(made)
    try:
        yield made
    finally:
        _CROSSING.reset(token)


class Guard:
    """Refuses connections to addresses that are not public, except those that the operator allows."""

    def __init__(self, allowed: Sequence[Network] = ()) -> None:
        self._allowed = tuple(allowed)

    def refuses(self, address: str) -> str:
        """What kind of address this is, when no connection may go there, else "". address: numeric, perhaps with a zone."""
        try:
            parsed = ip_address(address.partition("%")[0])
        except ValueError:
            return "no address at all"
        return self._refuses(parsed)

    def refuses_name(self, host: str) -> str:
        """The same for a host name where the proxy will look it up: as far as the name itself tells an address."""
        name = host.rstrip(".").lower()
        if name == "localhost" or name.endswith(".localhost"):
            return self.refuses("127.0.0.1")
        try:
            # inet_aton reads all the spellings of IPv4 that resolvers read: 127.1, 0x7f000001, 2130706433.
            name = socket.inet_ntoa(socket.inet_aton(name))
        except (OSError, UnicodeError):
            if ":" not in name:
                return ""
        return self.refuses(name)

    def open(self, info: tuple[Any, ...]) -> socket.socket:
        """The socket for a connection; aiohttp calls it with what the resolver found. Raises Refused."""
        family, kind, protocol, _, address = info
        now = _CROSSING.get()
        if (now is None or not now.proxy) and (what := self.refuses(str(address[0]))):
            told = f"{address[0]}, {what}"
            if now is not None:
                now.refused.append(told)
            raise Refused(told)
        return socket.socket(family, kind, protocol)

    def _refuses(self, address: _Address) -> str:
        if any(address in network for network in self._allowed if network.version == address.version):
            return ""
        if isinstance(address, IPv6Address):
            if (inner := address.ipv4_mapped) or (inner := _embedded(address)):
                return self._refuses(inner)
            if address not in _GLOBAL:
                return _kind(address) or "a reserved address"
        return _kind(address)


def _embedded(address: IPv6Address) -> IPv4Address | None:
    """The IPv4 address that a translator would reach."""
    if address in _NAT64:
        return IPv4Address(int(address) & 0xFFFFFFFF)
    return address.sixtofour


def _kind(address: _Address) -> str:
    return next((what for network, what in _NETWORKS if address.version == network.version and address in network), "")
