"""The session that everything from the web comes through: guarded, without cookies, by the proxies of the environment."""

from __future__ import annotations

import asyncio
import os
import socket
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from importlib.metadata import PackageNotFoundError, version
from urllib.request import proxy_bypass

import aiohttp
from aiohttp.abc import AbstractResolver, ResolveResult
from yarl import URL

from monitor.feeds.decoding import ACCEPTED
from monitor.feeds.guard import Guard
from monitor.feeds.hosts import CONNECTIONS
from monitor.settings import Network

CONNECT = 10.0
"""Seconds for each attempt to connect."""
_ACCEPT = "application/atom+xml, application/rss+xml, application/rdf+xml;q=0.9, application/xml;q=0.8, text/xml;q=0.8, */*;q=0.1"
_MAX_LINE = 8190  # bytes of a status line or of one header
_MAX_HEADERS = 100
_LOOKUPS = 32  # names looked up at the same time: threads that mostly wait


def session(contact: str = "", allowed: Sequence[Network] = (), resolver: AbstractResolver | None = None) -> aiohttp.ClientSession:
    """A session for `fetch`; call it in a running loop and close it.

    contact: named in the User-Agent when it is not empty. allowed: networks that are not public, and that feeds may be read from all
    the same. resolver: instead of the system's. No cookies are kept; bodies come as they are sent.
    """
    return aiohttp.ClientSession(
        connector=_GuardedConnector(Guard(allowed), resolver or _Resolver()),
        cookie_jar=aiohttp.DummyCookieJar(),
        headers={"User-Agent": user_agent(contact), "Accept": _ACCEPT, "Accept-Encoding": ACCEPTED},
        timeout=aiohttp.ClientTimeout(total=None, sock_connect=CONNECT),
        auto_decompress=False,
        max_line_size=_MAX_LINE,
        max_field_size=_MAX_LINE,
        max_headers=_MAX_HEADERS,
    )


def guard_of(session: aiohttp.ClientSession) -> Guard | None:
    """The guard of a session that was made by `session`."""
    return session.connector.guard if isinstance(session.connector, _GuardedConnector) else None


def user_agent(contact: str) -> str:
    """`claim-monitor/0.1.0 (+contact)`."""
    try:
        name = f"claim-monitor/{version('claim-monitor')}"
    except PackageNotFoundError:  # run from a source tree that is not installed
        name = "claim-monitor"
    contact = "".join(c for c in contact if c.isprintable()).strip()
    return f"{name} (+{contact})" if contact else name


class ProxyUnusable(ValueError):
    """The environment names a proxy that cannot be used. `str()` is a clause for a person."""


def proxy_for(url: URL) -> URL | None:
    """The proxy that the environment names for an address (`http_proxy`, `https_proxy`, `all_proxy`, but `no_proxy`), or None.

    Raises ProxyUnusable: to go without the proxy would show the publisher who reads.
    """
    named = _variable(f"{url.scheme}_proxy") or _variable("all_proxy")
    if not named or proxy_bypass(url.host or ""):
        return None
    try:
        proxy = URL(named if "://" in named else f"http://{named}")
    except ValueError:
        raise ProxyUnusable("the proxy that the environment names is not an address") from None
    if proxy.scheme not in ("http", "https") or not proxy.host:
        raise ProxyUnusable(f"the environment names a proxy over {proxy.scheme}, only those over http and https can be used")
    return proxy


def _variable(name: str) -> str:
    """An environment variable whose name may be written small, which counts first, or in capitals."""
    return os.environ.get(name, os.environ.get(name.upper(), ""))


class _GuardedConnector(aiohttp.TCPConnector):
    def __init__(self, guard: Guard, resolver: AbstractResolver) -> None:
        super().__init__(limit=0, limit_per_host=CONNECTIONS, resolver=resolver, socket_factory=guard.open)
        self.guard = guard


class _Resolver(AbstractResolver):
    """The system's resolver in threads of its own: names whose servers are silent block nobody else's work."""

    def __init__(self) -> None:
        self._threads = ThreadPoolExecutor(_LOOKUPS, thread_name_prefix="names")

    async def resolve(self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_UNSPEC) -> list[ResolveResult]:
        """Every address of a host. Raises OSError."""
        lookup = partial(socket.getaddrinfo, host, port, family, socket.SOCK_STREAM, flags=socket.AI_ADDRCONFIG)
        found = await asyncio.get_running_loop().run_in_executor(self._threads, lookup)
        numeric = socket.AI_NUMERICHOST | socket.AI_NUMERICSERV
        return [
            ResolveResult(hostname=host, host=_with_zone(address), port=port, family=kind, proto=protocol, flags=numeric)
            for kind, _, protocol, _, address in found
        ]

    async def close(self) -> None:
        """Waits for nobody."""
        self._threads.shutdown(wait=False, cancel_futures=True)


def _with_zone(address: tuple[object, ...]) -> str:
    zone = address[3] if len(address) > 3 else 0
    return f"{address[0]}%{zone}" if zone else str(address[0])
