"""Servers that mean harm, all at once, beside one that is well: what is wrong with each is told, and the good feed waits for none."""

from __future__ import annotations

import asyncio
import gzip
import sys
import time
import zlib
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import AsyncExitStack, suppress
from dataclasses import dataclass
from typing import Any, cast

import brotli
import pytest

from monitor.feeds.fetch import session
from monitor.feeds.parse import ParserPool
from monitor.poller import Poller
from monitor.rules.schema import Feed
from monitor.settings import networks
from monitor.streams.client import Client
from monitor.streams.polls import Polls

if sys.version_info >= (3, 14):
    from compression import zstd
else:
    from backports import zstd

WITHIN, PARSING = 2.0, 1.0
"""Seconds for an answer and for parsing it: elsewhere 30 and 5."""
DELAY = 4.0
"""Seconds within which the good feed has to be read: less than two hostile ones may take one after the other."""
OK = b"HTTP/1.1 200 OK\r\nContent-Type: application/rss+xml\r\nConnection: close\r\n"
RSS = b"<rss version='2.0'><channel><title>t</title><item><guid>%s</guid><title>News</title></item></channel></rss>"
ZEROS = bytes(20 * 1024 * 1024)

Talk = Callable[[asyncio.StreamWriter], Awaitable[None]]


@dataclass(frozen=True)
class Server:
    """A hostile server. talk: what it does once it has been asked. problem: what is told of it; "" when it is read all the same."""

    name: str
    talk: Talk
    problem: str = ""


def says(*parts: bytes, pause: float = 0.0, end: bool = True) -> Talk:
    """Sends parts, with a pause before each but the first; then hangs up, or never does."""

    async def talk(writer: asyncio.StreamWriter) -> None:
        for number, part in enumerate(parts):
            await asyncio.sleep(pause if number else 0)
            writer.write(part)
            await writer.drain()
        if not end:
            await asyncio.Event().wait()

    return talk


def forever(start: bytes, part: bytes, pause: float = 0.0) -> Talk:
    """Sends a part again and again until it is hung up on."""

    async def talk(writer: asyncio.StreamWriter) -> None:
        writer.write(start)
        while True:
            writer.write(part)
            await writer.drain()
            await asyncio.sleep(pause)

    return talk


def whole(body: bytes, *headers: str) -> Talk:
    """An answer that is as it says."""
    return says(OK + "".join(f"{header}\r\n" for header in headers).encode() + b"Content-Length: %d\r\n\r\n" % len(body) + body)


def redirect(location: str) -> Talk:
    return says(f"HTTP/1.1 302 Found\r\nLocation: {location}\r\nContent-Length: 0\r\nConnection: close\r\n\r\n".encode())


def bombs() -> Iterator[Server]:
    deflated = zlib.compressobj(wbits=-15)
    for name, body in (
        ("gzip", gzip.compress(ZEROS, 1)),
        ("deflate", zlib.compress(ZEROS, 1)),
        ("deflate", deflated.compress(ZEROS) + deflated.flush()),
        ("br", brotli.compress(ZEROS, quality=1)),
        ("zstd", zstd.compress(ZEROS)),
        ("gzip, gzip", gzip.compress(gzip.compress(ZEROS, 1), 1)),
    ):
        yield Server(
            f"bomb of {name}, {len(body)} bytes", whole(body, f"Content-Encoding: {name}"), "more than 5 MB" if "," not in name else ""
        )


HOSTILE = [
    Server("endless body", forever(OK + b"\r\n", b"x" * 65536), "more than 5 MB"),
    Server("50 MB", whole(bytes(50 * 1024 * 1024)), "more than 5 MB"),
    Server("50 MB in chunks", forever(OK + b"Transfer-Encoding: chunked\r\n\r\n", b"10000\r\n" + bytes(65536) + b"\r\n"), "more than 5 MB"),
    Server("endless headers", forever(b"HTTP/1.1 200 OK\r\n", b"X-More: yes\r\n"), "headers"),
    Server("an endless header", forever(b"HTTP/1.1 200 OK\r\nX-More: ", b"x" * 4096), "8190 bytes"),
    Server("an endless status line", forever(b"HTTP/1.1 200 ", b"O" * 4096), "8190 bytes"),
    Server("a dripping body", forever(OK + b"\r\n", b"x", pause=0.1), "no answer within 2 s"),
    Server("dripping headers", forever(b"HTTP/1.1 200 OK\r\nX-Slow: ", b"x", pause=0.1), "no answer within 2 s"),
    Server("silence", says(b"", end=False), "no answer within 2 s"),
    Server("hanging up", says(b""), ""),
    Server("a redirect to itself", redirect("/again"), "redirects more than 5 times"),
    Server("a redirect into the house", redirect("http://192.168.1.1/"), "a private address"),
    Server("a redirect to a cloud's secrets", redirect("http://169.254.169.254/latest/meta-data"), "a link-local address"),
    Server("a redirect to a file", redirect("file:///etc/passwd"), "not a web address"),
    Server("more promised than sent", says(OK + b"Content-Length: 9999\r\n\r\n" + RSS % b"a"), "broke off"),
    Server("less promised than sent", says(OK + b"Content-Length: 10\r\n\r\n" + RSS % b"a"), ""),
    Server("a length below nothing", says(OK + b"Content-Length: -1\r\n\r\n" + RSS % b"a"), ""),
    Server("two lengths", says(OK + b"Content-Length: 5\r\nContent-Length: 9\r\n\r\n" + RSS % b"a"), ""),
    Server("not compressed as it says", whole(RSS % b"a", "Content-Encoding: zstd"), "not compressed as it says"),
    Server("HTML", whole(b"<!doctype html><html><body><p>Hello</body></html>"), "HTML"),
    Server("JSON", whole(b'{"items": [{"title": "x"}]}'), ""),
    Server("binary", whole(bytes(range(256)) * 40), ""),
    Server("NULs", whole(b"\0" * 5000), ""),
    Server("NULs at the beginning", whole((RSS % b"d").replace(b"t<", b"\0<")), "binary data"),
    Server("not HTTP", says(b"220 mail.example ESMTP\r\n"), ""),
    Server("nested deeply", whole(b"<rss><channel>" + b"<a>" * 100_000), ""),
    Server("authors without end", whole(b"<rss version='2.0'><channel>" + b"<author>" * 25_000), "parsing it takes longer than 1 s"),
    *bombs(),
]
READ = [
    Server("an unknown encoding", whole(RSS % b"a", "Content-Encoding: rot13")),
    Server("a charset that is none", whole(RSS % b"b", "Content-Type: text/xml; charset=klingon")),
    Server("a charset that it is not", whole(RSS % b"c", "Content-Type: text/xml; charset=utf-16")),
    Server("NULs further on", whole((RSS % b"d").replace(b"News", b"News, " * 20_000 + b"\0"))),
]


@pytest.fixture
async def serving() -> AsyncIterator[Callable[[Talk], Awaitable[str]]]:
    """Serves what is said, and gives its address."""
    async with AsyncExitStack() as stack:

        async def serve(talk: Talk) -> str:
            async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
                with suppress(ConnectionError, asyncio.IncompleteReadError, asyncio.CancelledError):
                    await reader.readuntil(b"\r\n\r\n")
                    await talk(writer)
                writer.close()

            server = await asyncio.start_server(answer, "127.0.0.1", 0)
            stack.callback(server.close)
            return f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/"

        yield serve


async def good_is_read(client: Client) -> bool:
    rows = cast("list[Any]", await client.xrange("monitor:{p0}:articles"))
    return any(fields["title"] == "Good" for _, fields in rows)


async def test_hostile_servers_are_told_of_and_delay_no_good_feed(client: Client, serving: Callable[[Talk], Awaitable[str]]) -> None:
    hostile = {await serving(server.talk): server for server in (*HOSTILE, *READ)}
    good = await serving(whole((RSS % b"good").replace(b"News", b"Good")))
    polls = Polls(client, 1)
    await polls.prepare()
    async with session(allowed=networks("127.0.0.1")) as web, ParserPool(2, timeout=PARSING) as parser:
        poller = Poller(polls, [Feed(url=url) for url in (*hostile, good)], web, parser, 100, within=WITHIN)
        begun = time.monotonic()
        polling = asyncio.create_task(poller.everything())
        async with asyncio.timeout(DELAY):
            while not await good_is_read(client):
                await asyncio.sleep(0.02)
        took = time.monotonic() - begun
        told = {hostile[polled.feed.url].name: polled for polled in await polling if polled.feed.url != good}
    assert took < DELAY
    problems = {server.name: told[server.name].problem for server in HOSTILE}
    for server in HOSTILE:
        assert problems[server.name], server.name
        assert problems[server.name].isprintable()
    assert [(server.name, problems[server.name]) for server in HOSTILE if server.problem not in problems[server.name]] == []
    assert {server.name: told[server.name].new for server in READ} == {server.name: 1 for server in READ}
