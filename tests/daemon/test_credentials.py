"""A feed's login and headers: from the environment to the feed's own host, and nowhere else."""

from __future__ import annotations

import asyncio
import base64
import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any, cast

import aiohttp
import pytest
import structlog
from aiohttp import web

from monitor.feeds.credentials import headers_for
from monitor.feeds.fetch import FetchFailed, fetch, session
from monitor.feeds.overview import one_for_each_url
from monitor.feeds.parse import ParserPool
from monitor.poller import LEASE, Poller
from monitor.rules.schema import Feed
from monitor.settings import networks
from monitor.streams.client import Client
from monitor.streams.polls import Polls, now_utc
from tests.conftest import FeedServer, Item

PASSWORD, KEY = "s3same:öpen", "k3y-of-the-desk"
BASIC = "Basic " + base64.b64encode(f"desk:{PASSWORD}".encode()).decode()


@pytest.mark.parametrize(
    ("rule", "environment", "sent"),
    [
        ({}, {"FEED_A": "desk:x"}, {}),
        ({"auth": "FEED_A"}, {"FEED_A": f"desk:{PASSWORD}"}, {"Authorization": BASIC}),
        ({"auth": "FEED_A"}, {"FEED_A": f" desk:{PASSWORD}\n"}, {"Authorization": BASIC}),
        ({"headers": {"X-Key": "FEED_K", "Cookie": "FEED_C"}}, {"FEED_K": KEY, "FEED_C": "a=b"}, {"X-Key": KEY, "Cookie": "a=b"}),
        ({"auth": "FEED_A"}, {}, "FEED_A, which its rule names, is not set"),
        ({"auth": "FEED_A"}, {"FEED_A": " "}, "FEED_A, which its rule names, is not set"),
        ({"auth": "FEED_A"}, {"FEED_A": "sesame"}, "FEED_A is not written user:password"),
        ({"headers": {"X-Key": "FEED_K"}}, {"FEED_K": "a\r\nHost: sesame"}, "FEED_K has characters"),
        ({"headers": {"X-Key": "FEED_K"}}, {"FEED_K": "sésame"}, "FEED_K has characters"),
    ],
)
def test_headers_are_what_the_variables_hold_and_a_wrong_one_is_named_without_its_value(
    rule: dict[str, Any], environment: dict[str, str], sent: dict[str, str] | str
) -> None:
    got = headers_for(Feed.model_validate({"url": "https://a.example/", **rule}), environment)
    if isinstance(sent, dict):
        assert got == sent
    else:
        assert isinstance(got, FetchFailed)
        assert sent in got.problem
        assert "sesame" not in got.problem
        assert "sésame" not in got.problem


def test_a_feed_of_two_stories_has_the_login_that_either_gives() -> None:
    slow = Feed.model_validate({"url": "https://a.example/", "every": "1h", "auth": "FEED_A"})
    fast = Feed.model_validate({"url": "https://a.example/", "every": "5m"})
    for both in ([slow, fast], [fast, slow]):
        assert one_for_each_url(both) == [fast.model_copy(update={"auth": "FEED_A"})]


@pytest.mark.parametrize(("target", "kept"), [("{own}/new", True), ("{other}/new", False), ("{other}/back", False)])
async def test_secrets_follow_redirects_on_their_own_host_only(client_session: aiohttp.ClientSession, target: str, kept: bool) -> None:
    seen: list[tuple[str, bool]] = []

    async def answer(request: web.Request) -> web.Response:
        seen.append((request.path, "Authorization" in request.headers or "X-Key" in request.headers))
        to = {"/old": target.format(own=own, other=other), "/back": f"{own}/new"}.get(request.path)
        return web.Response(status=302, headers={"Location": to}) if to else web.Response(body=b"x")

    app = web.Application()
    app.router.add_get("/{path:.*}", answer)
    runner = web.AppRunner(app)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    own = f"http://127.0.0.1:{runner.addresses[0][1]}"
    other = own.replace("127.0.0.1", "localhost")
    got = await fetch(client_session, f"{own}/old", secrets={"Authorization": BASIC, "X-Key": KEY})
    await runner.cleanup()
    assert not isinstance(got, FetchFailed)
    assert seen[0] == ("/old", True)
    assert seen[-1] == ("/new", kept)


@pytest.fixture
async def client_session() -> AsyncIterator[aiohttp.ClientSession]:
    async with session(allowed=networks("127.0.0.0/8")) as made:
        yield made


async def test_a_poll_sends_them_and_they_stand_nowhere(
    client: Client, client_session: aiohttp.ClientSession, feed_server: FeedServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FEED_A", f"desk:{PASSWORD}")
    monkeypatch.setenv("FEED_K", KEY)
    logged = structlog.testing.LogCapture()
    structlog.configure(processors=[logged])
    feed = Feed.model_validate({"url": feed_server.url, "auth": "FEED_A", "headers": {"X-Key": "FEED_K"}})
    polls = Polls(client, 1)
    await polls.prepare()
    async with ParserPool(1) as parser:
        poller = Poller(polls, [feed], client_session, parser, 8)
        feed_server.items = [Item("a", "First")]
        assert [polled.new for polled in await poller.everything()] == [1]
        assert feed_server.headers["Authorization"] == BASIC
        assert feed_server.headers["X-Key"] == KEY
        feed_server.status = 401
        [refused] = await poller.everything()
        assert refused.problem == "the server answered 401 Unauthorized"
        told = json.dumps(await _workers())
        monkeypatch.delenv("FEED_K")
        [unset] = await poller.everything()
        assert "FEED_K" in unset.problem
    told += json.dumps(logged.entries, default=str) + json.dumps(await _everything(client))
    for secret in (PASSWORD, KEY, BASIC.split()[1], json.dumps(PASSWORD).strip('"')):
        assert secret not in told


async def _everything(client: Client) -> list[Any]:
    """All that the server holds."""
    kept: list[Any] = []
    async for key in client.scan_iter():
        kind = await client.type(key)
        kept.append(key)
        match kind:
            case "hash":
                kept.append(await cast("Any", client.hgetall(key)))
            case "stream":
                kept.append(await client.xrange(key))
            case "string":
                kept.append(await client.get(key))
            case _:
                pass
    assert any("articles" in str(key) for key in kept)
    return kept


async def _workers() -> list[str]:
    """What the processes that parse were given: command lines and environments."""
    found = []
    for process in await asyncio.to_thread(lambda: list(Path("/proc").glob("[0-9]*"))):
        try:
            command = (process / "cmdline").read_bytes()
            if b"parse_child" in command:
                found.append((command + (process / "environ").read_bytes()).decode("utf-8", "replace"))
        except OSError:
            continue
    return found


async def test_a_feed_whose_login_changes_is_due_at_once(
    client: Client, client_session: aiohttp.ClientSession, feed_server: FeedServer
) -> None:
    polls = Polls(client, 1)
    await polls.prepare()
    async with ParserPool(1) as parser:
        poller = Poller(polls, [Feed(url=feed_server.url)], client_session, parser, 8)
        await poller.everything()
        assert feed_server.asked == 1
        await poller.adopt([Feed.model_validate({"url": feed_server.url, "headers": {"X-Key": "FEED_NONE"}})])
        [lease] = await polls.lease(now_utc(), LEASE, 1, "test")
        assert lease
