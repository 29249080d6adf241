"""One conditional GET of a feed. What can go wrong on the way is a value with a sentence for the user, not an exception."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from datetime import UTC, datetime
from http import HTTPStatus
from importlib.metadata import PackageNotFoundError, version

import aiohttp
from yarl import URL

from monitor.feeds.answers import Fetched, FetchFailed, header, max_age, one_line, refused
from monitor.feeds.problems import in_words

__all__ = ["CONNECT", "MAX_BODY", "MAX_REDIRECTS", "TIMEOUT", "FetchFailed", "Fetched", "fetch", "session", "user_agent"]

TIMEOUT = 30.0
"""Seconds for everything: name, connection, redirects, headers, body. A body that drips is cut off too."""
CONNECT = 10.0
"""Seconds for each attempt to connect."""
MAX_BODY = 5 * 1024 * 1024
"""Bytes of a body, decompressed. The largest feeds of news agencies have about 1 MB."""
MAX_REDIRECTS = 5
_CHUNK = 64 * 1024
_ACCEPT = "application/atom+xml, application/rss+xml, application/rdf+xml;q=0.9, application/xml;q=0.8, text/xml;q=0.8, */*;q=0.1"
_REDIRECTS = frozenset({301, 302, 303, 307, 308})
_LASTING = frozenset({301, 308})
_VALIDATORS = (("ETag", "If-None-Match"), ("Last-Modified", "If-Modified-Since"))


def session(contact: str = "") -> aiohttp.ClientSession:
    """A session for `fetch`; call it in a running loop and close it. `contact` is named in the User-Agent when it is not empty.

    Proxies are taken from the environment. No cookies are kept.
    """
    return aiohttp.ClientSession(
        connector=aiohttp.TCPConnector(limit=100, limit_per_host=2),
        cookie_jar=aiohttp.DummyCookieJar(),
        headers={"User-Agent": user_agent(contact), "Accept": _ACCEPT},
        timeout=aiohttp.ClientTimeout(total=None, sock_connect=CONNECT),
        trust_env=True,
    )


def user_agent(contact: str) -> str:
    """`claim-monitor/0.1.0 (+contact)`."""
    try:
        name = f"claim-monitor/{version('claim-monitor')}"
    except PackageNotFoundError:  # run from a source tree that is not installed
        name = "claim-monitor"
    contact = "".join(c for c in contact if c.isprintable()).strip()
    return f"{name} (+{contact})" if contact else name


async def fetch(
    session: aiohttp.ClientSession,
    url: str,
    *,
    etag: str = "",
    last_modified: str = "",
    within: float = TIMEOUT,
    limit: int = MAX_BODY,
) -> Fetched | FetchFailed:
    """GET `url`, with the validators of the last time where there are any ("" for none).

    within: seconds for everything. limit: bytes of the decompressed body, enforced while it streams in.
    """
    address = _web_address(url)
    if address is None:
        return FetchFailed(f"{one_line(url)} is not a web address")
    headers = {}
    if etag:
        headers["If-None-Match"] = etag
    if last_modified:
        headers["If-Modified-Since"] = last_modified
    try:
        async with asyncio.timeout(within):
            return await _follow(session, address, headers, limit)
    except TimeoutError:
        return FetchFailed(f"no answer within {within:g} s")
    except (aiohttp.ClientError, OSError, ValueError) as error:
        return FetchFailed(in_words(error, address))


async def _follow(session: aiohttp.ClientSession, url: URL, headers: Mapping[str, str], limit: int) -> Fetched | FetchFailed:
    """GET, and where the server redirects, GET there."""
    moved, lasting = False, True
    for _ in range(MAX_REDIRECTS + 1):
        async with session.get(url, headers=headers, allow_redirects=False) as response:
            if response.status not in _REDIRECTS or "Location" not in response.headers:
                return await _answer(response, headers, limit, str(url) if moved and lasting else "")
            target = _target(url, response.headers["Location"])
            if isinstance(target, FetchFailed):
                return target
            url, moved, lasting = target, True, lasting and response.status in _LASTING
    return FetchFailed(f"the server redirects more than {MAX_REDIRECTS} times")


def _web_address(url: str) -> URL | None:
    try:
        address = URL(url)
    except ValueError:
        return None
    return address if address.scheme in ("http", "https") and address.host else None


def _target(url: URL, location: str) -> URL | FetchFailed:
    shown = one_line(location)
    try:
        target = url.join(URL(location))
    except ValueError:
        return FetchFailed(f"the server redirects to {shown}, which is not an address")
    if target.scheme not in ("http", "https"):
        return FetchFailed(f"the server redirects to {shown}, which is not a web address")
    if not target.host:
        return FetchFailed(f"the server redirects to {shown}, which is not an address")
    return target.with_user(None)


async def _answer(response: aiohttp.ClientResponse, sent: Mapping[str, str], limit: int, moved_to: str) -> Fetched | FetchFailed:
    now, got = datetime.now(UTC), response.headers
    said = (str(response.url.with_user(None)), moved_to, max_age(got, now), _links(response))
    if response.status == HTTPStatus.NOT_MODIFIED and sent:
        validators = [header(got, name) or sent.get(asked, "") for name, asked in _VALIDATORS]
        return Fetched(304, b"", "", "", validators[0], validators[1], *said)
    if response.status != HTTPStatus.OK:
        return refused(response.status, response.reason or "", got, now)
    body = bytearray()
    async for chunk in response.content.iter_chunked(_CHUNK):
        body += chunk
        if len(body) > limit:
            return FetchFailed(f"the answer has more than {_size(limit)}", response.status)
    kind, validators = header(got, "Content-Type"), [header(got, name) for name, _ in _VALIDATORS]
    return Fetched(200, bytes(body), kind, response.charset or "", validators[0], validators[1], *said)


def _links(response: aiohttp.ClientResponse) -> tuple[tuple[str, str], ...]:
    """The Link header's relations that WebSub knows."""
    try:
        links = response.links
    except ValueError:
        return ()
    found = ((rel, str(link.get("url"))) for link in links.values() for rel in str(link.get("rel")).lower().split())
    return tuple((rel, url) for rel, url in found if rel in ("hub", "self") and url.startswith(("http://", "https://")))


def _size(limit: int) -> str:
    return f"{limit / 1024 / 1024:g} MB" if limit >= 1024 * 1024 else f"{limit} bytes"
