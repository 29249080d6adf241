"""Fetching: one conditional GET, every failure in words."""

from __future__ import annotations

import asyncio
import gzip
import socket
from datetime import UTC, datetime, timedelta

import aiohttp
import pytest
from aiohttp import web
from aiohttp.abc import AbstractResolver, ResolveResult

from monitor.feeds import fetch as fetching
from monitor.feeds.fetch import Fetched, FetchFailed, fetch, retry_after, user_agent
from tests.feeds.conftest import Serve

NOW = datetime(2025, 4, 28, 9, tzinfo=UTC)


async def test_an_answer_comes_with_its_body_type_and_validators(session: aiohttp.ClientSession, serve: Serve) -> None:
    seen: list[web.Request] = []

    async def feed(request: web.Request) -> web.Response:
        seen.append(request)
        headers = {"ETag": '"v1"', "Last-Modified": "Mon, 28 Apr 2025 09:00:00 GMT", "Content-Type": "text/xml; charset=koi8-r"}
        return web.Response(body=b"<rss/>", headers=headers)

    got = await fetch(session, await serve(feed))
    assert got == Fetched(200, b"<rss/>", "text/xml; charset=koi8-r", "koi8-r", '"v1"', "Mon, 28 Apr 2025 09:00:00 GMT")
    assert "If-None-Match" not in seen[0].headers
    assert seen[0].headers["User-Agent"].startswith("claim-monitor/")
    assert seen[0].headers["User-Agent"].endswith("(+desk@example.org)")
    assert "application/atom+xml" in seen[0].headers["Accept"]


async def test_an_unchanged_feed_is_a_304_that_keeps_the_validators(session: aiohttp.ClientSession, serve: Serve) -> None:
    async def feed(request: web.Request) -> web.Response:
        known = request.headers.get("If-None-Match") == '"v1"' and request.headers.get("If-Modified-Since") == "yesterday"
        return web.Response(status=304 if known else 500)

    got = await fetch(session, await serve(feed), etag='"v1"', last_modified="yesterday")
    assert got == Fetched(304, b"", "", "", '"v1"', "yesterday")


async def test_a_304_that_nobody_asked_for_is_a_failure(session: aiohttp.ClientSession, serve: Serve) -> None:
    async def feed(_: web.Request) -> web.Response:
        return web.Response(status=304)

    assert await fetch(session, await serve(feed)) == FetchFailed("the server answered 304 Not Modified", 304)


@pytest.mark.parametrize(
    ("status", "header", "problem", "wait"),
    [
        (404, None, "the server answered 404 Not Found", None),
        (410, None, "the server answered 410 Gone", None),
        (429, "120", "the server answered 429 Too Many Requests", timedelta(minutes=2)),
        (503, "soon", "the server answered 503 Service Unavailable", None),
        (204, None, "the server answered 204 No Content", None),
    ],
)
async def test_a_refusal_is_told_with_its_status(
    session: aiohttp.ClientSession, serve: Serve, status: int, header: str | None, problem: str, wait: timedelta | None
) -> None:
    async def feed(_: web.Request) -> web.Response:
        return web.Response(status=status, headers={"Retry-After": header} if header else {})

    assert await fetch(session, await serve(feed)) == FetchFailed(problem, status, wait)


@pytest.mark.parametrize(
    ("value", "wait"),
    [
        ("90", timedelta(seconds=90)),
        ("0", None),
        ("-5", None),
        ("9" * 40, timedelta(seconds=999_999_999)),
        ("Mon, 28 Apr 2025 10:00:00 GMT", timedelta(hours=1)),
        ("Mon, 28 Apr 2025 10:00:00", timedelta(hours=1)),
        ("Mon, 28 Apr 2025 08:00:00 GMT", None),
        ("later", None),
        ("", None),
    ],
)
def test_retry_after_is_seconds_or_a_date(value: str, wait: timedelta | None) -> None:
    assert retry_after(value, NOW) == wait


async def test_a_redirect_is_followed(session: aiohttp.ClientSession, serve: Serve) -> None:
    async def feed(request: web.Request) -> web.Response:
        left = int(request.query.get("left", "0"))
        return web.Response(status=302, headers={"Location": f"/?left={left - 1}"}) if left else web.Response(body=b"here")

    base = await serve(feed)
    got = await fetch(session, f"{base}/?left=5")
    assert isinstance(got, Fetched)
    assert got.body == b"here"
    assert await fetch(session, f"{base}/?left=6") == FetchFailed("the server redirects more than 5 times")


@pytest.mark.parametrize("target", ["file:///etc/passwd", "ftp://example.org/", "gopher://example.org/"])
async def test_a_redirect_away_from_the_web_is_refused(session: aiohttp.ClientSession, serve: Serve, target: str) -> None:
    async def feed(_: web.Request) -> web.Response:
        return web.Response(status=301, headers={"Location": target})

    assert await fetch(session, await serve(feed)) == FetchFailed(f"the server redirects to {target}, which is not a web address")


async def test_a_body_over_the_limit_is_cut_off_while_it_streams(session: aiohttp.ClientSession, serve: Serve) -> None:
    async def feed(request: web.Request) -> web.StreamResponse:
        response = web.StreamResponse()
        await response.prepare(request)
        while True:  # ends when the client hangs up
            await response.write(b"x" * 65536)

    assert await fetch(session, await serve(feed)) == FetchFailed("the answer has more than 5 MB", 200)


async def test_the_limit_holds_for_the_decompressed_body(session: aiohttp.ClientSession, serve: Serve) -> None:
    bomb = gzip.compress(b"\0" * 100_000_000, 1)

    async def feed(_: web.Request) -> web.Response:
        return web.Response(body=bomb, headers={"Content-Encoding": "gzip"})

    assert await fetch(session, await serve(feed)) == FetchFailed("the answer has more than 5 MB", 200)


async def test_a_body_at_the_limit_is_taken(session: aiohttp.ClientSession, serve: Serve) -> None:
    async def feed(_: web.Request) -> web.Response:
        return web.Response(body=b"x" * 1000)

    base = await serve(feed)
    assert isinstance(await fetch(session, base, limit=1000), Fetched)
    assert await fetch(session, base, limit=999) == FetchFailed("the answer has more than 999 bytes", 200)


async def test_a_server_that_drips_is_given_up(session: aiohttp.ClientSession, serve: Serve) -> None:
    async def feed(request: web.Request) -> web.StreamResponse:
        response = web.StreamResponse()
        await response.prepare(request)
        while True:
            await response.write(b"x")
            await asyncio.sleep(0.02)

    assert await fetch(session, await serve(feed), within=0.2) == FetchFailed("no answer within 0.2 s")


async def test_nobody_listening_is_told(session: aiohttp.ClientSession) -> None:
    with socket.socket() as unused:  # bound, not listening: the port stays free of others
        unused.bind(("127.0.0.1", 0))
        port = unused.getsockname()[1]
        assert await fetch(session, f"http://127.0.0.1:{port}/") == FetchFailed(f"nothing answers at 127.0.0.1:{port}")


class _NoSuchHost(AbstractResolver):
    def __init__(self, errno: int) -> None:
        self.errno = errno

    async def resolve(self, *_: object, **__: object) -> list[ResolveResult]:
        raise socket.gaierror(self.errno, "not found")

    async def close(self) -> None:
        pass


@pytest.mark.parametrize(
    ("errno", "problem"),
    [
        (socket.EAI_NONAME, "the host name example.invalid is not known"),
        (socket.EAI_AGAIN, "the host name example.invalid cannot be looked up now"),
    ],
)
async def test_an_unknown_host_is_told_from_a_silent_name_server(errno: int, problem: str) -> None:
    async with aiohttp.ClientSession(connector=aiohttp.TCPConnector(resolver=_NoSuchHost(errno))) as session:
        assert await fetch(session, "http://example.invalid/rss") == FetchFailed(problem)


@pytest.mark.parametrize(
    ("answer", "start"),
    [
        (b"", "127.0.0.1 closed the connection without an answer"),
        (b"SSH-2.0-OpenSSH_9.9\r\n\r\n", "the answer is not proper HTTP"),
        (b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nxx", "the answer broke off"),
        (
            b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 2\r\n\r\nxx",
            "the answer broke off or is not compressed",
        ),
        (b"HTTP/1.1 404 \xd0\x9d\xff\r\nContent-Length: 0\r\n\r\n", "the server answered 404"),
    ],
)
async def test_a_broken_answer_is_told(session: aiohttp.ClientSession, answer: bytes, start: str) -> None:
    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(answer)
        await writer.drain()
        writer.close()
        await writer.wait_closed()

    server = await asyncio.start_server(talk, "127.0.0.1", 0)
    async with server:
        host, port = server.sockets[0].getsockname()
        got = await fetch(session, f"http://{host}:{port}/")
    assert isinstance(got, FetchFailed)
    assert got.problem.startswith(start)


async def test_https_to_a_server_without_it_is_told(session: aiohttp.ClientSession, serve: Serve) -> None:
    async def feed(_: web.Request) -> web.Response:
        return web.Response()

    got = await fetch(session, (await serve(feed)).replace("http:", "https:"))
    assert isinstance(got, FetchFailed)
    assert got.problem.startswith("127.0.0.1 does not speak TLS as it should")


@pytest.mark.parametrize("url", ["http://", "http://[::1", "http://exa mple.org:99999/", "ftp://example.org/", "feeds/rss"])
async def test_an_address_that_is_none_is_told(session: aiohttp.ClientSession, url: str) -> None:
    assert await fetch(session, url) == FetchFailed(f"{url} is not a web address")


async def test_validators_that_could_not_be_sent_back_are_dropped(session: aiohttp.ClientSession) -> None:
    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(b'HTTP/1.1 200 OK\r\nETag: "\xff\xfe"\r\nContent-Length: 0\r\n\r\n')
        writer.close()
        await writer.wait_closed()

    server = await asyncio.start_server(talk, "127.0.0.1", 0)
    async with server:
        host, port = server.sockets[0].getsockname()
        got = await fetch(session, f"http://{host}:{port}/")
    assert isinstance(got, Fetched)
    assert got.etag == ""


def test_a_contact_cannot_break_the_header() -> None:
    assert user_agent("a\r\nX: b").endswith("(+aX: b)")
    assert "(" not in user_agent("")


def test_the_limits_are_the_documented_ones() -> None:
    assert (fetching.TIMEOUT, fetching.MAX_BODY, fetching.MAX_REDIRECTS) == (30, 5 * 1024 * 1024, 5)
