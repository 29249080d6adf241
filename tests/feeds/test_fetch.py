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
from monitor.feeds.answers import Fetched, FetchFailed, max_age, retry_after
from monitor.feeds.fetch import fetch, user_agent
from tests.feeds.conftest import Serve

NOW = datetime(2025, 4, 28, 9, tzinfo=UTC)


async def test_an_answer_comes_with_its_body_type_and_validators(session: aiohttp.ClientSession, serve: Serve) -> None:
    seen: list[web.Request] = []

    async def feed(request: web.Request) -> web.Response:
        seen.append(request)
        headers = {"ETag": '"v1"', "Last-Modified": "Mon, 28 Apr 2025 09:00:00 GMT", "Content-Type": "text/xml; charset=koi8-r"}
        return web.Response(body=b"<rss/>", headers=headers)

    url = await serve(feed)
    got = await fetch(session, url)
    assert got == Fetched(200, b"<rss/>", "text/xml; charset=koi8-r", "koi8-r", '"v1"', "Mon, 28 Apr 2025 09:00:00 GMT", url)
    assert "If-None-Match" not in seen[0].headers
    assert seen[0].headers["User-Agent"].startswith("claim-monitor/")
    assert seen[0].headers["User-Agent"].endswith("(+desk@example.org)")
    assert "application/atom+xml" in seen[0].headers["Accept"]


async def test_an_unchanged_feed_is_a_304_that_keeps_the_validators(session: aiohttp.ClientSession, serve: Serve) -> None:
    async def feed(request: web.Request) -> web.Response:
        known = request.headers.get("If-None-Match") == '"v1"' and request.headers.get("If-Modified-Since") == "yesterday"
        return web.Response(status=304 if known else 500)

    url = await serve(feed)
    got = await fetch(session, url, etag='"v1"', last_modified="yesterday")
    assert got == Fetched(304, b"", "", "", '"v1"', "yesterday", url)


async def test_a_304_that_nobody_asked_for_is_a_failure(session: aiohttp.ClientSession, serve: Serve) -> None:
    async def feed(_: web.Request) -> web.Response:
        return web.Response(status=304)

    assert await fetch(session, await serve(feed)) == FetchFailed("the server answered 304 Not Modified", 304)


@pytest.mark.parametrize(
    ("status", "header", "problem", "wait", "whole_host"),
    [
        (404, None, "the server answered 404 Not Found", None, False),
        (410, None, "the server answered 410 Gone", None, False),
        (429, "120", "the server answered 429 Too Many Requests", timedelta(minutes=2), True),
        (429, None, "the server answered 429 Too Many Requests", None, True),
        (503, "120", "the server answered 503 Service Unavailable", timedelta(minutes=2), True),
        (503, "soon", "the server answered 503 Service Unavailable", None, False),
        (500, "120", "the server answered 500 Internal Server Error", timedelta(minutes=2), False),
        (204, None, "the server answered 204 No Content", None, False),
    ],
)
async def test_a_refusal_is_told_with_its_status(
    session: aiohttp.ClientSession, serve: Serve, status: int, header: str | None, problem: str, wait: timedelta | None, whole_host: bool
) -> None:
    async def feed(_: web.Request) -> web.Response:
        return web.Response(status=status, headers={"Retry-After": header} if header else {})

    assert await fetch(session, await serve(feed)) == FetchFailed(problem, status, wait, whole_host)


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


@pytest.mark.parametrize(
    ("hops", "moved"),
    [
        ("", False),
        ("301", True),
        ("308 301", True),
        ("302", False),
        ("301 302", False),
        ("307 308", False),
        ("301 303 301", False),
    ],
)
async def test_a_feed_has_moved_when_every_redirect_is_a_lasting_one(
    session: aiohttp.ClientSession, serve: Serve, hops: str, moved: bool
) -> None:
    async def feed(request: web.Request) -> web.Response:
        left = [int(hop) for hop in request.query.get("hops", "").split()]
        onward = "+".join(map(str, left[1:]))
        return web.Response(status=left[0], headers={"Location": f"/new?hops={onward}"}) if left else web.Response(body=b"here")

    base = await serve(feed)
    got = await fetch(session, f"{base}/?hops={hops.replace(' ', '+')}")
    assert isinstance(got, Fetched)
    assert got.url == (f"{base}/new?hops=" if hops else f"{base}/?hops=")
    assert got.moved_to == (got.url if moved else "")


@pytest.mark.parametrize(
    ("headers", "fresh"),
    [
        ({}, None),
        ({"Cache-Control": "public, max-age=300"}, timedelta(minutes=5)),
        ({"Cache-Control": 's-maxage=9,Max-Age = "300"'}, timedelta(minutes=5)),
        ({"Cache-Control": "max-age=300", "Age": "100"}, timedelta(seconds=200)),
        ({"Cache-Control": "max-age=300", "Age": "900"}, timedelta()),
        ({"Cache-Control": "max-age=9999999999"}, timedelta(days=3650)),
        ({"Cache-Control": "s-maxage=300"}, None),
        ({"Cache-Control": "max-age=soon"}, None),
        ({"Expires": "Mon, 28 Apr 2025 10:00:00 GMT"}, timedelta(hours=1)),
        ({"Expires": "Mon, 28 Apr 2025 10:00:00 GMT", "Date": "Mon, 28 Apr 2025 09:30:00 GMT"}, timedelta(minutes=30)),
        ({"Expires": "Mon, 28 Apr 2025 10:00:00 GMT", "Cache-Control": "max-age=60"}, timedelta(minutes=1)),
        ({"Expires": "0"}, None),
        ({"Expires": "Thu, 01 Jan 1970 00:00:00 GMT"}, timedelta()),
    ],
)
def test_how_long_an_answer_is_fresh_is_the_headers_word(headers: dict[str, str], fresh: timedelta | None) -> None:
    assert max_age(headers, NOW) == fresh


async def test_the_links_of_websub_are_given_as_addresses(session: aiohttp.ClientSession, serve: Serve) -> None:
    async def feed(_: web.Request) -> web.Response:
        return web.Response(headers={"Link": '<https://hub.example/>; rel="hub", </feed>; rel="self next", <javascript:x>; rel=hub'})

    url = await serve(feed)
    got = await fetch(session, url)
    assert isinstance(got, Fetched)
    assert got.links == (("hub", "https://hub.example/"), ("self", f"{url}/feed"))


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
