"""The listening role: a real hub on loopback is subscribed to, asks back, and tells of news; what is not its own word changes nothing."""

from __future__ import annotations

import asyncio
import hashlib
import hmac
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from io import BytesIO
from pathlib import Path
from typing import Any, cast

import aiohttp
import pytest
from aiohttp import web

from monitor.errors import InputError
from monitor.feeds.fetch import session
from monitor.feeds.hub import ask
from monitor.feeds.parse import ParserPool
from monitor.feeds.websub import heard
from monitor.listener import AGAIN, Listener
from monitor.poller import Poller
from monitor.rules.schema import Feed
from monitor.settings import networks
from monitor.streams.client import Client
from monitor.streams.hubs import Hubs
from monitor.streams.keys import feed_id
from monitor.streams.polls import Polls, now_utc
from tests.conftest import Item
from tests.daemon.program import PATIENCE, program

HOUR = timedelta(hours=1)


@dataclass
class Hub:
    """A publisher and its hub. status, lease: how it answers; asks_back: whether it verifies; asked: what it was sent."""

    url: str = ""
    status: int = 202
    lease: str = "3600"
    asks_back: bool = True
    moved: bool = False
    items: list[Item] = field(default_factory=lambda: [Item("a", "First")])
    asked: list[dict[str, str]] = field(default_factory=list)
    echoed: list[tuple[int, str]] = field(default_factory=list)
    tasks: set[asyncio.Task[None]] = field(default_factory=set)

    @property
    def feed(self) -> str:
        return f"{self.url}/feed"

    async def publish(self, _: web.Request) -> web.Response:
        entries = "".join(item.xml() for item in self.items)
        body = f'<rss version="2.0"><channel><title>Feed</title>{entries}</channel></rss>'
        links = f'<{self.url}/{"old" if self.moved else "hub"}>; rel="hub", <{self.url}/topic>; rel="self"'
        return web.Response(text=body, content_type="application/rss+xml", headers={"Link": links})

    async def subscribe(self, request: web.Request) -> web.Response:
        if request.path == "/old":
            return web.Response(status=308, headers={"Location": "/hub"})
        if request.path == "/circle":
            return web.Response(status=307, headers={"Location": "/circle"})
        if request.path == "/silent":
            await asyncio.sleep(60)
        form = {name: str(value) for name, value in (await request.post()).items()}
        self.asked.append(form)
        if self.asks_back:
            task = asyncio.create_task(self.verify(form))
            self.tasks.add(task)
            task.add_done_callback(self.tasks.discard)
        return web.Response(status=self.status)

    async def verify(self, form: dict[str, str], **other: str) -> None:
        query = {"hub.mode": form["hub.mode"], "hub.topic": form["hub.topic"], "hub.challenge": "c0de", "hub.lease_seconds": self.lease}
        async with aiohttp.ClientSession() as client, client.get(form["hub.callback"], params=query | other) as answer:
            self.echoed.append((answer.status, await answer.text()))


@pytest.fixture
async def hub() -> AsyncIterator[Hub]:
    made = Hub()
    app = web.Application()
    app.router.add_get("/feed", made.publish)
    app.router.add_post("/{path:.*}", made.subscribe)
    runner = web.AppRunner(app, shutdown_timeout=0.1, handler_cancellation=True)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    made.url = f"http://127.0.0.1:{runner.addresses[0][1]}"
    yield made
    await runner.cleanup()


class Here:
    """A poller and a listener beside it, on a clock of their own."""

    def __init__(self, client: Client, hub: Hub, web_: aiohttp.ClientSession, parser: ParserPool) -> None:
        self.hub, self.client, self.late = hub, client, timedelta()
        self.feed = Feed.model_validate({"url": hub.feed, "every": "30m"})
        self.polls = Polls(client, 1)
        self.poller = Poller(self.polls, [self.feed], web_, parser, 8, clock=self.now)
        self.listener = Listener(Hubs(client, 1), self.polls, web_, "", ("127.0.0.1", 0), self.now)
        self.poller.ear = self.listener
        self.listener.adopt([self.feed])

    def now(self) -> datetime:
        return now_utc() + self.late

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        stop = asyncio.Event()
        task = asyncio.create_task(self.listener.run(stop))
        while not self.listener.port and not task.done():
            await asyncio.sleep(0.01)
        self.listener.callback = f"http://127.0.0.1:{self.listener.port}/hooks"
        try:
            yield
        finally:
            stop.set()
            await task

    async def subscribed(self) -> None:
        """Polls once, and waits for the hub's word."""
        await self.poller.everything()
        await self.look()

    async def look(self) -> None:
        asked = len(self.hub.echoed)
        before = len(self.hub.asked)
        await self.listener.look(self.now())
        if self.hub.asks_back and self.listener.asking:
            await until(lambda: len(self.hub.echoed) > asked)
        await until(lambda: not self.listener.asking)
        assert len(self.hub.asked) - before in (0, 1)

    async def due_in(self) -> timedelta:
        due = cast("float", await self.client.zscore("monitor:{p0}:due", feed_id(self.hub.feed)))
        return timedelta(seconds=due / 1000 - self.now().timestamp())

    def live(self) -> bool:
        return self.listener.live(self.feed, self.now())


async def until(met: Callable[[], bool]) -> None:
    async with asyncio.timeout(PATIENCE):
        while not met():
            await asyncio.sleep(0.01)


@pytest.fixture
async def here(client: Client, hub: Hub) -> AsyncIterator[Here]:
    async with session(allowed=networks("127.0.0.0/8")) as web_, ParserPool(1) as parser:
        made = Here(client, hub, web_, parser)
        await made.polls.prepare()
        async with made.running():
            yield made


async def deliver(form: dict[str, str], body: bytes = b"news", method: str = "sha256", **other: str) -> int:
    """What a hub does with news; the status of the answer."""
    made = hmac.new(form["hub.secret"].encode(), body, method).hexdigest()
    headers = {"X-Hub-Signature": f"{method}={made}", **other}
    async with aiohttp.ClientSession() as client, client.post(form["hub.callback"], data=BytesIO(body), headers=headers) as answer:
        return answer.status


async def test_a_hub_that_a_feed_names_is_subscribed_to_and_its_news_make_the_feed_due_at_once_and_once_more(here: Here, hub: Hub) -> None:
    await here.subscribed()
    [form] = hub.asked
    assert (form["hub.mode"], form["hub.topic"]) == ("subscribe", f"{hub.url}/topic")
    assert hub.echoed == [(200, "c0de")]
    assert here.live()
    await here.poller.everything()
    assert await here.due_in() > timedelta(minutes=50)  # polls are only a safeguard now
    assert await deliver(form) == 202
    assert await here.due_in() <= timedelta()
    await here.poller.everything()
    here.late = AGAIN
    await here.look()
    assert await here.due_in() <= timedelta()


@pytest.mark.parametrize("method", ["sha1", "sha256", "sha384", "sha512"])
async def test_every_method_of_the_standard_will_do(here: Here, hub: Hub, method: str) -> None:
    await here.subscribed()
    assert await deliver(hub.asked[0], method=method) == 202
    assert await here.due_in() <= timedelta()


@pytest.mark.parametrize(
    ("change", "status"),
    [
        ({"X-Hub-Signature": "sha256=" + "0" * 64}, 202),
        ({"X-Hub-Signature": "sha256=" + hmac.new(b"other", b"news", "sha256").hexdigest()}, 202),
        ({"X-Hub-Signature": "md5=" + hashlib.md5(b"news").hexdigest()}, 202),  # noqa: S324  weak on purpose
        ({"X-Hub-Signature": "sha256"}, 202),
        ({"X-Hub-Signature": "sha256=é"}, 202),
        ({"X-Hub-Signature": ""}, 202),
        ({"callback": "-"}, 410),
        ({"callback": "/"}, 410),
        ({"callback": "/é"}, 410),
        ({"body": "x" * (6 * 1024 * 1024)}, 413),
    ],
)
async def test_what_is_not_signed_as_agreed_changes_nothing(here: Here, hub: Hub, change: dict[str, str], status: int) -> None:
    await here.subscribed()
    form = dict(hub.asked[0])
    form["hub.callback"] += change.pop("callback", "")
    body = change.pop("body", "news").encode()
    assert await deliver(form, body, **change) == status
    assert await here.due_in() > timedelta(minutes=5)


@pytest.mark.parametrize(
    ("change", "status"),
    [
        ({}, 200),
        ({"hub.topic": "https://other.example/"}, 404),
        ({"hub.mode": "unsubscribe"}, 404),
        ({"hub.mode": "publish"}, 404),
        ({"hub.challenge": ""}, 404),
        ({"key": "0"}, 404),
    ],
)
async def test_only_what_was_asked_for_is_affirmed(here: Here, hub: Hub, change: dict[str, str], status: int) -> None:
    hub.asks_back = False
    await here.subscribed()
    form = dict(hub.asked[0])
    form["hub.callback"] += change.pop("key", "")
    await hub.verify(form, **change)
    assert hub.echoed == [(status, "c0de" if status == 200 else "")]
    assert here.live() is (status == 200)


async def test_a_lease_is_renewed_before_it_ends_and_one_that_has_ended_slows_no_feed_down(here: Here, hub: Hub) -> None:
    await here.subscribed()
    here.late = timedelta(minutes=40)
    await here.look()
    assert len(hub.asked) == 1
    here.late = timedelta(minutes=50)
    await here.look()
    assert len(hub.asked) == 2
    assert hub.asked[0]["hub.callback"] == hub.asked[1]["hub.callback"]
    here.late = timedelta(minutes=100)
    assert here.live()
    here.late = timedelta(minutes=111)
    assert not here.live()


async def test_a_hub_that_refuses_is_asked_again_ever_more_rarely(here: Here, hub: Hub) -> None:
    hub.status, hub.asks_back = 500, False
    await here.subscribed()
    asked = []
    for minutes in range(0, 120, 5):
        here.late = timedelta(minutes=minutes)
        await here.look()
        asked.append(len(hub.asked))
    assert asked[1] == 1
    assert asked[3] == 2
    assert asked[-1] in (4, 5)
    assert not here.live()


async def test_a_hub_that_denies_is_noted_and_asked_again_later(here: Here, hub: Hub) -> None:
    await here.subscribed()
    await hub.verify(hub.asked[0], **{"hub.mode": "denied", "hub.reason": "no\x1b[31m"})
    assert hub.echoed[-1][0] == 200
    assert not here.live()
    text = await Hubs(here.client, 1).get(feed_id(hub.feed))
    assert text is not None
    assert "the hub denies it: no[31m" in text
    here.late = HOUR
    await here.look()
    assert len(hub.asked) == 2


async def test_a_hub_that_has_moved_is_followed(here: Here, hub: Hub) -> None:
    hub.moved = True
    await here.subscribed()
    assert here.live()


@pytest.mark.parametrize(
    ("address", "problem"),
    [
        ("http://10.1.2.3/hub", "10.1.2.3 is a private address, which MONITOR_ALLOW_ADDRESSES does not allow"),
        ("http://[::1]:9/hub", "::1 is"),
        ("ftp://hub.example/", "it is not at a web address"),
        ("http://[/", "it is not at a web address"),
    ],
)
async def test_a_hub_is_reached_under_the_guard_of_feeds(address: str, problem: str) -> None:
    async with session(allowed=networks("127.0.0.0/8")) as guarded:
        assert (await ask(guarded, address, {})).startswith(problem)


async def test_a_hub_that_is_silent_or_leads_in_circles_is_told(hub: Hub) -> None:
    async with session(allowed=networks("127.0.0.0/8")) as guarded:
        assert await ask(guarded, f"{hub.url}/circle", {}) == "the hub redirects more than 3 times"
        assert await ask(guarded, f"{hub.url}/silent", {}, within=0.1) == "no answer within 0.1 s"


async def test_what_no_rule_names_any_more_is_gone_for_its_hub_too(here: Here, hub: Hub) -> None:
    await here.subscribed()
    here.listener.adopt([])
    await here.look()
    assert await deliver(hub.asked[0]) == 410


@pytest.mark.parametrize(
    ("hub", "topic"),
    [
        ("ftp://hub.example/", "https://outlet.example/rss"),
        ("/hub", ""),
        ("https://hub.example/", "mailto:a@b"),
        ("https://[/", ""),
        ("https://hub.example/" + "x" * 3000, ""),
        ("https://a:b@hub.example/", ""),
    ],
)
def test_what_is_no_hub_is_left_aside(hub: str, topic: str) -> None:
    assert heard(None, "https://outlet.example/rss", hub, topic, ("key", "secret")) is None


def test_a_feed_that_needs_a_password_is_not_told_to_a_hub() -> None:
    assert heard(None, "https://me:secret@outlet.example/rss", "https://hub.example/", "", ("key", "secret")) is None


async def test_where_it_cannot_listen_it_says_what_to_set(here: Here, hub: Hub) -> None:
    other = Listener(Hubs(here.client, 1), here.polls, cast("Any", None), "", ("127.0.0.1", here.listener.port))
    with pytest.raises(InputError, match="MONITOR_CALLBACK_LISTEN"):
        await other.run(asyncio.Event())


async def test_the_daemon_reads_what_a_hub_tells_of_long_before_the_feed_is_due(hub: Hub, tmp_path: Path, unused_port: int) -> None:
    hub.items.append(Item("b", "Second"))
    story = tmp_path / "rules" / "tiny"
    story.mkdir(parents=True)
    (story / "story.yaml").write_text(f"title: Tiny\nfeeds: [{{url: '{hub.feed}', every: 1h}}]\n")
    listen = f"127.0.0.1:{unused_port}"
    public = {"MONITOR_CALLBACK_URL": f"http://{listen}/hooks", "MONITOR_CALLBACK_LISTEN": listen, "MONITOR_LOG": "json"}
    async with program("run", "--rules", str(tmp_path / "rules"), "--data", str(tmp_path / "data"), **public) as daemon:
        await daemon.logged("hub.verified")
        hub.items.append(Item("c", "Third"))
        assert await deliver(hub.asked[0]) == 202
        await daemon.logged("poll", lambda row: row["new"] == 1)


@pytest.fixture
def unused_port() -> int:
    import socket

    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        return int(taken.getsockname()[1])
