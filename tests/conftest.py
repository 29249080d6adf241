"""What tests share: a real server, a real feed server on loopback, rules of their own. No network, no mocks of Redis."""

from __future__ import annotations

import asyncio
import os
from collections.abc import AsyncIterator, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import format_datetime
from pathlib import Path
from xml.sax.saxutils import escape

import pytest
import structlog
from aiohttp import web

from monitor.streams.client import Client, connected
from monitor.streams.server import EmbeddedServer

OWN_FEEDS = {"MONITOR_ALLOW_ADDRESSES": "127.0.0.0/8,::1", "MONITOR_HOST_GAP": "0"}
"""The feeds of tests are on this machine, where real ones never are, and in no need of politeness."""


def bare_environment(*without: str, **settings: str) -> dict[str, str]:
    """The environment for a program that a test starts: no settings but those given and the tests' own, nothing that begins as `without`."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("MONITOR_", *without))}
    return kept | OWN_FEEDS | settings


@pytest.fixture(autouse=True)
def _own_feeds(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in OWN_FEEDS.items():
        monkeypatch.setenv(name, value)


@pytest.fixture(autouse=True)
def _quiet_log() -> Iterator[None]:
    """Logs go nowhere: a test that wants them reads the output of the program."""
    structlog.configure(processors=[structlog.testing.LogCapture()])
    yield
    structlog.reset_defaults()


@pytest.fixture(scope="session")
def shared_server_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Data folder of the server that tests share."""
    return tmp_path_factory.mktemp("server")


@pytest.fixture
async def client(shared_server_folder: Path) -> AsyncIterator[Client]:
    """A client of an empty real server."""
    async with EmbeddedServer(shared_server_folder) as server, connected(server.endpoint.url) as made:
        await made.flushall()
        yield made


@dataclass
class Item:
    """An entry of a feed. published: None leaves the date out."""

    guid: str
    title: str
    text: str = ""
    published: datetime | None = datetime(2025, 4, 28, 9, tzinfo=UTC)

    def xml(self) -> str:
        date = f"<pubDate>{format_datetime(self.published)}</pubDate>" if self.published else ""
        body = "".join(f"<p>{escape(part)}</p>" for part in self.text.split("\n\n"))
        link = f"https://outlet.example/{self.guid}"
        return f"<item><guid>{self.guid}</guid><title>{escape(self.title)}</title><link>{link}</link>{date}<description>{escape(body)}</description></item>"


@dataclass
class FeedServer:
    """A feed server on loopback. `items` can be changed at any time; `body` replaces the whole answer; `asked` counts requests; `headers`: of the last."""

    url: str = ""
    items: list[Item] = field(default_factory=list)
    body: bytes | None = None
    status: int = 200
    asked: int = 0
    headers: Mapping[str, str] = field(default_factory=dict)
    delay: asyncio.Event | None = None

    async def answer(self, request: web.Request) -> web.Response:
        self.asked, self.headers = self.asked + 1, request.headers
        if self.delay is not None:
            await self.delay.wait()
        body = self.body
        if body is None:
            entries = "".join(item.xml() for item in self.items)
            body = f'<rss version="2.0"><channel><title>Feed</title><link>https://outlet.example/</link>{entries}</channel></rss>'.encode()
        return web.Response(body=body, status=self.status, content_type="application/rss+xml")


@pytest.fixture
async def feed_server() -> AsyncIterator[FeedServer]:
    """A feed at `url`, on an ephemeral port."""
    made = FeedServer()
    app = web.Application()
    app.router.add_get("/{path:.*}", made.answer)
    runner = web.AppRunner(app)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    port = runner.addresses[0][1]
    made.url = f"http://127.0.0.1:{port}/feed.xml"
    yield made
    await runner.cleanup()
