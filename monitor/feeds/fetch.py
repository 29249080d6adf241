"""One conditional GET of a feed. What can go wrong on the way is a value with a sentence for the user, not an exception.

turn (when) ─► proxy? ─► guard (where to) ─► GET ─► redirect? ─► once more from the start
                                                └─► body, decoded and counted as it comes
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from contextlib import nullcontext
from dataclasses import dataclass
from datetime import UTC, datetime
from http import HTTPStatus
from typing import overload

import aiohttp
from yarl import URL

from monitor.errors import masked
from monitor.feeds.answers import Fetched, FetchFailed, header, max_age, one_line, refused
from monitor.feeds.credentials import basic
from monitor.feeds.decoding import Decoder, NotAsSaid
from monitor.feeds.guard import crossing
from monitor.feeds.hosts import Later, Turns
from monitor.feeds.problems import in_words, not_allowed
from monitor.feeds.web import ProxyUnusable, guard_of, proxy_for, session, user_agent

__all__ = [
    "MAX_BODY",
    "MAX_REDIRECTS",
    "TIMEOUT",
    "FetchFailed",
    "Fetched",
    "Later",
    "Turns",
    "fetch",
    "same_place",
    "session",
    "user_agent",
]

TIMEOUT = 30.0
"""Seconds for everything: name, connection, redirects, headers, body. A body that drips is cut off too."""
MAX_BODY = 5 * 1024 * 1024
"""Bytes of a body, as it comes and decompressed. The largest feeds of news agencies have about 1 MB."""
MAX_REDIRECTS = 5
_CHUNK = 64 * 1024
_REDIRECTS = frozenset({301, 302, 303, 307, 308})
_LASTING = frozenset({301, 308})
_VALIDATORS = (("ETag", "If-None-Match"), ("Last-Modified", "If-Modified-Since"))


@dataclass(slots=True)
class _Request:
    """One fetch on its way. secrets: headers for the first host alone. left: seconds. moved: where lasting redirects have led."""

    session: aiohttp.ClientSession
    url: URL
    validators: Mapping[str, str]
    accept: Mapping[str, str]
    secrets: Mapping[str, str]
    left: float
    limit: int
    turns: Turns | None
    redirected: bool = False
    lasting: bool = True


@overload
async def fetch(
    session: aiohttp.ClientSession,
    url: str,
    *,
    etag: str = "",
    last_modified: str = "",
    secrets: Mapping[str, str] | None = None,
    accept: str = "",
    within: float = TIMEOUT,
    limit: int = MAX_BODY,
) -> Fetched | FetchFailed: ...


@overload
async def fetch(
    session: aiohttp.ClientSession,
    url: str,
    *,
    etag: str = "",
    last_modified: str = "",
    secrets: Mapping[str, str] | None = None,
    accept: str = "",
    within: float = TIMEOUT,
    limit: int = MAX_BODY,
    turns: Turns | None,
) -> Fetched | FetchFailed | Later: ...


async def fetch(
    session: aiohttp.ClientSession,
    url: str,
    *,
    etag: str = "",
    last_modified: str = "",
    secrets: Mapping[str, str] | None = None,
    accept: str = "",
    within: float = TIMEOUT,
    limit: int = MAX_BODY,
    turns: Turns | None = None,
) -> Fetched | FetchFailed | Later:
    """GET `url`, with the validators of the last time where there are any ("" for none).

    secrets: headers that no other host may see, as of `credentials.headers_for`. accept: what to ask
    for instead of feeds. within: seconds for everything but waiting for
    a turn. limit: bytes of the body, as it comes and decompressed, enforced while it streams in. turns: shares each host with other
    fetches, which may mean Later; None asks at once.
    """
    address = _web_address(url)
    if address is None:
        return FetchFailed(f"{_shown(url)} is not a web address")
    own = dict(secrets or {})
    if address.user is not None:
        own.setdefault("Authorization", basic(f"{address.user}:{address.password or ''}"))
    validators = {asked: value for (_, asked), value in zip(_VALIDATORS, (etag, last_modified), strict=True) if value}
    kinds = {"Accept": accept} if accept else {}
    request = _Request(session, address.with_user(None), validators, kinds, own, within, limit, turns)
    for _ in range(MAX_REDIRECTS + 1):
        host = _host(request.url)
        async with turns.turn(host) if turns else nullcontext() as later:
            if later is not None:
                return later
            result = await _in_time(request, within)
            if turns:
                turns.heard(host, result if isinstance(result, FetchFailed) else None)
        if result is not None:
            return result
    return FetchFailed(f"the server redirects more than {MAX_REDIRECTS} times")


async def _in_time(request: _Request, within: float) -> Fetched | FetchFailed | None:
    """The answer to one request, or None: a redirect, which the request then stands for."""
    loop = asyncio.get_running_loop()
    begun = loop.time()
    try:
        proxy = proxy_for(request.url)
    except ProxyUnusable as error:
        return FetchFailed(str(error))
    guard = guard_of(request.session)
    if proxy is not None and guard and (what := guard.refuses_name(request.url.host or "")):
        return FetchFailed(not_allowed(request.url, [f"{request.url.host}, {what}"]))
    with crossing(proxy=proxy is not None) as way:
        try:
            async with asyncio.timeout(request.left):
                return await _get(request, proxy)
        except TimeoutError:
            return FetchFailed(f"no answer within {within:g} s")
        except NotAsSaid as error:
            return FetchFailed(f"the answer broke off or is not compressed as it says ({one_line(error)})")
        except (aiohttp.ClientError, OSError, ValueError) as error:
            return FetchFailed(not_allowed(request.url, way.refused) if way.refused else in_words(error, request.url))
        finally:
            request.left -= loop.time() - begun


async def _get(request: _Request, proxy: URL | None) -> Fetched | FetchFailed | None:
    login = basic(f"{proxy.user}:{proxy.password or ''}") if proxy is not None and proxy.user else ""
    to_proxy = {"Proxy-Authorization": login} if login else {}
    # Of what is not encrypted the proxy sees the request itself; a tunnel is asked for beforehand, with headers of its own.
    plain = to_proxy if request.url.scheme == "http" else {}
    async with request.session.get(
        request.url,
        headers={**request.validators, **request.accept, **request.secrets, **plain},
        allow_redirects=False,
        proxy=proxy.with_user(None) if proxy is not None else None,
        proxy_headers=to_proxy or None,
    ) as response:
        if response.status not in _REDIRECTS or "Location" not in response.headers:
            return await _answer(request, response)
        target = _target(request.url, response.headers["Location"])
        if isinstance(target, FetchFailed):
            return target
        if not same_place(request.url, target):
            request.secrets = {}
        request.lasting = request.lasting and response.status in _LASTING
        request.redirected, request.url = True, target
        return None


def _web_address(url: str) -> URL | None:
    try:
        address = URL(url)
    except ValueError:
        return None
    return address if address.scheme in ("http", "https") and address.host else None


def _target(url: URL, location: str) -> URL | FetchFailed:
    try:
        # Headers are bytes; those that are not ASCII are UTF-8 if anything.
        target = url.join(URL(location.strip().encode("utf-8", "surrogateescape").decode("utf-8", "replace")))
    except ValueError:
        return FetchFailed(f"the server redirects to {_shown(location)}, which is not an address")
    if target.scheme not in ("http", "https"):
        return FetchFailed(f"the server redirects to {_shown(location)}, which is not a web address")
    if not target.host:
        return FetchFailed(f"the server redirects to {_shown(location)}, which is not an address")
    return target.with_user(None)


def same_place(one: str | URL, other: str | URL) -> bool:
    """Whether a secret for the one address may go to the other: it is the same server, or the same one with TLS."""
    here, there = _web_address(str(one)), _web_address(str(other))
    if here is None or there is None:
        return False
    with_tls = (here.scheme, here.port, there.scheme, there.port) == ("http", 80, "https", 443)
    return here.origin() == there.origin() or (here.host == there.host and with_tls)


async def _answer(request: _Request, response: aiohttp.ClientResponse) -> Fetched | FetchFailed:
    now, got = datetime.now(UTC), response.headers
    moved_to = str(request.url) if request.redirected and request.lasting else ""
    said = (str(request.url), moved_to, max_age(got, now), _links(response))
    if response.status == HTTPStatus.NOT_MODIFIED and request.validators:
        validators = [header(got, name) or request.validators.get(asked, "") for name, asked in _VALIDATORS]
        return Fetched(304, b"", "", "", validators[0], validators[1], *said)
    if response.status != HTTPStatus.OK:
        return refused(response.status, response.reason or "", got, now)
    body = await _body(response, request.limit)
    if body is None:
        return FetchFailed(f"the answer has more than {_size(request.limit)}", response.status)
    kind, validators = header(got, "Content-Type"), [header(got, name) for name, _ in _VALIDATORS]
    return Fetched(200, body, kind, response.charset or "", validators[0], validators[1], *said)


async def _body(response: aiohttp.ClientResponse, limit: int) -> bytes | None:
    """The body, decoded; None when it is over the limit, as it comes or decoded. Raises NotAsSaid."""
    decoder = Decoder(response.headers.get("Content-Encoding", ""))
    body, came = bytearray(), 0
    async for chunk in response.content.iter_chunked(_CHUNK):
        came += len(chunk)
        body += decoder.decode(chunk, limit + 1 - len(body))
        if len(body) > limit or came > limit:
            return None
    body += decoder.end()
    return bytes(body)


def _links(response: aiohttp.ClientResponse) -> tuple[tuple[str, str], ...]:
    """The Link header's relations that WebSub knows."""
    try:
        links = response.links
    except ValueError:
        return ()
    found = ((rel, str(link.get("url"))) for link in links.values() for rel in str(link.get("rel")).lower().split())
    return tuple((rel, url) for rel, url in found if rel in ("hub", "self") and url.startswith(("http://", "https://")))


def _host(url: URL) -> str:
    """Who is asked: the same one with and without TLS; on a port of its own another."""
    return url.host or "" if url.port in (80, 443) else f"{url.host}:{url.port}"


def _shown(url: str) -> str:
    return masked(one_line(url))


def _size(limit: int) -> str:
    return f"{limit / 1024 / 1024:g} MB" if limit >= 1024 * 1024 else f"{limit} bytes"
