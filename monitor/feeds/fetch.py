"""One conditional GET of a feed. What can go wrong on the way is a value with a sentence for the user, not an exception."""

from __future__ import annotations

import socket
import ssl
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from http import HTTPStatus
from importlib.metadata import PackageNotFoundError, version
from typing import Literal

import aiohttp
from yarl import URL

TIMEOUT = 30.0
"""Seconds for everything: name, connection, redirects, headers, body. A body that drips is cut off too."""
MAX_BODY = 5 * 1024 * 1024
"""Bytes of a body, decompressed. The largest feeds of news agencies have about 1 MB."""
MAX_REDIRECTS = 5
_CHUNK = 64 * 1024
_ACCEPT = "application/atom+xml, application/rss+xml, application/rdf+xml;q=0.9, application/xml;q=0.8, text/xml;q=0.8, */*;q=0.1"
_LONGEST_HEADER = 1000  # characters of a validator worth keeping


@dataclass(frozen=True, slots=True)
class Fetched:
    """The server's answer.

    status: 304 says that nothing changed since the validators sent. body: decompressed; empty for 304. content_type: the header
    as sent, with its parameters. charset: the one named in it, or "". etag, last_modified: validators for the next time, or "".
    """

    status: Literal[200, 304]
    body: bytes
    content_type: str
    charset: str
    etag: str
    last_modified: str


@dataclass(frozen=True, slots=True)
class FetchFailed:
    """No usable answer.

    problem: why, as a clause for a person. status: of the server's answer, None when there was none. retry_after: how long the
    server asks us to stay away, None when it did not say.
    """

    problem: str
    status: int | None = None
    retry_after: timedelta | None = None


def session(contact: str = "") -> aiohttp.ClientSession:
    """A session for `fetch`; call it in a running loop and close it. `contact` is named in the User-Agent when it is not empty.

    Proxies are taken from the environment. No cookies are kept.
    """
    return aiohttp.ClientSession(
        connector=aiohttp.TCPConnector(limit=100, limit_per_host=2),
        cookie_jar=aiohttp.DummyCookieJar(),
        headers={"User-Agent": user_agent(contact), "Accept": _ACCEPT},
        timeout=aiohttp.ClientTimeout(total=TIMEOUT),
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
    headers = {}
    if etag:
        headers["If-None-Match"] = etag
    if last_modified:
        headers["If-Modified-Since"] = last_modified
    try:
        async with session.get(
            url,
            headers=headers,
            # aiohttp counts the request that it refuses, too
            max_redirects=MAX_REDIRECTS + 1,
            timeout=aiohttp.ClientTimeout(total=within),
        ) as response:
            if response.status == HTTPStatus.NOT_MODIFIED and headers:
                return Fetched(304, b"", "", "", _header(response, "ETag") or etag, _header(response, "Last-Modified") or last_modified)
            if response.status != HTTPStatus.OK:
                return _refused(response)
            body = bytearray()
            async for chunk in response.content.iter_chunked(_CHUNK):
                body += chunk
                if len(body) > limit:
                    return FetchFailed(f"the answer has more than {_size(limit)}", response.status)
            return Fetched(
                200,
                bytes(body),
                _header(response, "Content-Type"),
                response.charset or "",
                _header(response, "ETag"),
                _header(response, "Last-Modified"),
            )
    except TimeoutError:
        return FetchFailed(f"no answer within {within:g} s")
    except (aiohttp.ClientError, OSError, ValueError) as error:
        return FetchFailed(_in_words(error, url))


def _header(response: aiohttp.ClientResponse, name: str) -> str:
    """A header's value, or "" when it could not be sent back or stored: aiohttp lets broken bytes through as surrogates."""
    value = response.headers.get(name, "")
    return value if value.isprintable() and len(value) <= _LONGEST_HEADER else ""


def _refused(response: aiohttp.ClientResponse) -> FetchFailed:
    reason = response.reason or (HTTPStatus(response.status).phrase if response.status in set(HTTPStatus) else "")
    reason = "".join(c for c in reason if c.isprintable())[:100]
    return FetchFailed(
        f"the server answered {response.status} {reason}".strip(),
        response.status,
        retry_after(response.headers.get("Retry-After", ""), datetime.now(UTC)),
    )


def retry_after(value: str, now: datetime) -> timedelta | None:
    """What a Retry-After header asks for, seconds or a date; None when it is missing, unreadable or in the past."""
    value = value.strip()
    if value.isascii() and value.isdigit():
        return timedelta(seconds=int(value[:9])) if int(value[:9]) else None
    try:
        when = parsedate_to_datetime(value)
    except ValueError:
        return None
    wait = (when if when.tzinfo else when.replace(tzinfo=UTC)) - now
    return wait if wait > timedelta() else None


def _size(limit: int) -> str:
    return f"{limit / 1024 / 1024:g} MB" if limit >= 1024 * 1024 else f"{limit} bytes"


def _in_words(error: Exception, url: str) -> str:
    match error:
        case aiohttp.TooManyRedirects():
            return f"the server redirects more than {MAX_REDIRECTS} times"
        case aiohttp.NonHttpUrlRedirectClientError():
            return f"the server redirects to {error}, which is not a web address"
        case aiohttp.InvalidUrlRedirectClientError():
            return f"the server redirects to {error}, which is not an address"
        case aiohttp.InvalidURL() | aiohttp.NonHttpUrlClientError():
            return f"{url} is not a web address"
        case aiohttp.ClientConnectorCertificateError():
            return f"the certificate of {error.host} is not valid: {_certificate(error.certificate_error)}"
        case aiohttp.ClientSSLError():
            return f"{error.host} does not speak TLS as it should: {_certificate(error.os_error)}"
        case aiohttp.ClientHttpProxyError():
            return f"the proxy answered {error.status} {error.message}".strip()
        case aiohttp.ClientProxyConnectionError():
            return f"the proxy at {error.host}:{error.port} does not answer"
        case aiohttp.ClientConnectorDNSError():
            lasting = not (isinstance(error.os_error, socket.gaierror) and error.os_error.errno == socket.EAI_AGAIN)
            return f"the host name {error.host} " + ("is not known" if lasting else "cannot be looked up now")
        case aiohttp.ClientConnectorError() if isinstance(error.os_error, ConnectionRefusedError):
            return f"nothing answers at {error.host}:{error.port}"
        case aiohttp.ClientConnectorError():
            return f"{error.host}:{error.port} cannot be reached: {error.os_error.strerror or error.os_error}"
        case aiohttp.ServerDisconnectedError() | ConnectionResetError():
            return f"{_host(url)} closed the connection without an answer"
        case aiohttp.ClientPayloadError():
            return f"the answer broke off or is not compressed as it says ({_one_line(error)})"
        case aiohttp.ClientResponseError():
            return f"the answer is not proper HTTP ({_one_line(error.message)})"
        case _:
            return f"the connection to {_host(url)} failed ({_one_line(error) or type(error).__name__})"


def _certificate(error: Exception) -> str:
    return error.verify_message if isinstance(error, ssl.SSLCertVerificationError) else _one_line(getattr(error, "reason", None) or error)


def _one_line(what: object) -> str:
    return " ".join(str(what).split())[:200]


def _host(url: str) -> str:
    return URL(url).host or url
