"""The polling role on real feeds: what is new is committed once, trouble is recorded in words and retried, two pollers share the work."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Sequence
from datetime import timedelta
from typing import Any, cast

import aiohttp
import pytest
from aiohttp.test_utils import TestServer
from aiohttp.web import Application, Request, Response, StreamResponse

from monitor.feeds.fetch import session
from monitor.feeds.parse import ParserPool
from monitor.polled import Polled
from monitor.poller import Poller
from monitor.rules.schema import Feed
from monitor.settings import networks
from monitor.streams.client import LOST, Client
from monitor.streams.polls import Lease, Polls, feeds_held, now_utc
from tests.conftest import FeedServer, Item


@pytest.fixture
async def web() -> AsyncIterator[aiohttp.ClientSession]:
    async with session(allowed=networks("127.0.0.0/8")) as made:
        yield made


@pytest.fixture
async def parser() -> AsyncIterator[ParserPool]:
    async with ParserPool(1) as made:
        yield made


@pytest.fixture
async def poller(client: Client, feed_server: FeedServer, web: aiohttp.ClientSession, parser: ParserPool) -> Poller:
    polls = Polls(client, 1)
    await polls.prepare()
    return Poller(polls, [Feed(url=feed_server.url, outlet="Wire")], web, parser, 8)


async def titles(client: Client) -> list[str]:
    rows = cast("list[Any]", await client.xrange("monitor:{p0}:articles"))
    return [fields["title"] for _, fields in rows]


async def once(poller: Poller) -> Polled:
    [polled] = await poller.everything()
    return polled


async def test_new_entries_are_committed_once_and_changed_ones_as_versions(client: Client, poller: Poller, feed_server: FeedServer) -> None:
    feed_server.items = [Item("a", "First")]
    assert ((await once(poller)).new, (await once(poller)).unchanged) == (1, True)
    feed_server.items = [Item("b", "Second"), Item("a", "First, corrected")]
    again = await once(poller)
    assert (again.new, again.changed) == (1, 1)
    assert sorted(await titles(client)) == ["First", "First, corrected", "Second"]


async def test_a_poll_that_loses_the_server_is_done_again_and_stops_nothing(
    client: Client, poller: Poller, feed_server: FeedServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    known = Polls.known

    async def lost_once(self: Polls, lease: Lease, marks: Sequence[str]) -> dict[str, str]:
        monkeypatch.setattr(Polls, "known", known)
        raise LOST[0]("Connection closed by server.")

    monkeypatch.setattr(Polls, "known", lost_once)
    feed_server.items = [Item("a", "First")]
    await poller.register()
    for _ in range(2):
        await poller.tick()
        await poller.idle()
        await asyncio.sleep(0)  # what follows an ended poll follows in the loop
    assert await titles(client) == ["First"]
    assert poller.fault is None


async def test_entries_of_one_poll_are_on_the_stream_in_order_of_time(client: Client, poller: Poller, feed_server: FeedServer) -> None:
    date = Item("", "").published
    assert date is not None
    feed_server.items = [Item(name, name, published=date.replace(hour=hour)) for name, hour in (("noon", 12), ("dawn", 5), ("dusk", 20))]
    await poller.everything()
    assert await titles(client) == ["dawn", "noon", "dusk"]


@pytest.mark.parametrize(
    ("body", "status", "problem"),
    [
        (b"<!doctype html><html><body>hello</body></html>", 200, "HTML page"),
        (b'{"items": []}', 200, "JSON"),
        (b"\x00\x01\x02" * 500, 200, "binary"),
        (b"", 200, "empty"),
        (b"gone", 404, "404"),
        (b"oops", 500, "500"),
    ],
)
async def test_what_is_no_feed_is_told_in_words_and_costs_nothing_that_was_there(
    client: Client, poller: Poller, feed_server: FeedServer, body: bytes, status: int, problem: str
) -> None:
    feed_server.items = [Item("a", "First")]
    await poller.everything()
    feed_server.body, feed_server.status = body, status
    assert problem in (await once(poller)).problem
    feed_server.body, feed_server.status = None, 200
    feed_server.items = [Item("b", "Second"), Item("a", "First")]
    assert (await once(poller)).new == 1
    assert await titles(client) == ["First", "Second"]


async def test_feeds_that_fail_recover_and_may_have_missed_something_are_told_of_in_time(
    client: Client, feed_server: FeedServer, web: aiohttp.ClientSession, parser: ParserPool
) -> None:
    polls, turn = Polls(client, 1), 0
    await polls.prepare()
    start = now_utc()
    feed = Feed.model_validate({"url": feed_server.url, "every": "15m", "failing_after": "90m"})
    poller = Poller(polls, [feed], web, parser, 8, clock=lambda: start + turn * timedelta(minutes=15))
    for status in (200, *[500] * 9, 200, 200, 500):
        feed_server.status, turn = status, turn + 1
        feed_server.items = [Item(f"{turn}-{number}", f"Number {number} at {turn}") for number in range(3)]
        await poller.everything()
    rows = cast("list[Any]", await client.xrange("monitor:{p0}:feeds"))
    assert [(fields["type"], json.loads(fields["data"]).get("failures")) for _, fields in rows] == [
        ("feed.failing", 7),
        ("feed.recovered", 9),
        ("feed.gap", None),
    ]
    assert len(await titles(client)) == 9


async def test_a_feed_that_has_moved_for_good_is_asked_for_there_and_stays_the_same_feed(
    client: Client, web: aiohttp.ClientSession, parser: ParserPool, feed_server: FeedServer
) -> None:
    asked: list[str] = []

    async def answer(request: Request) -> StreamResponse:
        asked.append(request.path)
        return Response(status=301, headers={"Location": "/new"}) if request.path == "/old" else await feed_server.answer(request)

    polls, turn = Polls(client, 1), 0
    await polls.prepare()
    start, feed_server.items = now_utc(), [Item("a", "First")]
    app = Application()
    app.router.add_get("/{path}", answer)
    async with TestServer(app) as server:
        old, new = (str(server.make_url(path)) for path in ("/old", "/new"))
        feed = Feed(url=old)
        poller = Poller(polls, [feed], web, parser, 8, clock=lambda: start + turn * timedelta(hours=2))
        for turn in range(5):  # noqa: B007  the clock reads it
            await poller.everything()
    assert asked == ["/old", "/new"] * 3 + ["/new"] * 2
    assert await titles(client) == ["First"]
    [(fields, _)] = (await feeds_held(client, [])).values()
    assert (fields["url"], fields["address"]) == (old, new)


@pytest.mark.parametrize(
    ("item", "articles"),
    [
        ("<item><description>Only text.</description></item>", 1),
        ("<item><title>Only a title</title></item>", 1),
        ("<item><guid>only-an-id</guid></item>", 0),
        ("<item></item>", 0),
        ("<item><title>Bad date</title><pubDate>yesterday-ish</pubDate></item>", 1),
        ("<item><title>Year 1</title><pubDate>Mon, 01 Jan 0001 00:00:00 GMT</pubDate></item>", 1),
        ("<item><guid>x</guid><title>One</title></item><item><guid>x</guid><title>Two</title></item>", 2),
    ],
)
async def test_entries_that_lack_something_lose_nothing_and_repeat_nothing(
    client: Client, poller: Poller, feed_server: FeedServer, item: str, articles: int
) -> None:
    feed_server.body = f'<rss version="2.0"><channel><title>t</title>{item}</channel></rss>'.encode()
    await poller.everything()
    feed_server.body += b" "  # another body, the same entries
    await poller.everything()
    assert len(await titles(client)) == articles


async def test_an_id_used_again_beside_an_entry_that_was_not_read_again_is_another_article(
    client: Client, poller: Poller, feed_server: FeedServer
) -> None:
    feed_server.items = [Item("a", "First"), Item("b", "Second")]
    await poller.everything()
    feed_server.items += [Item("a", "Third")]
    again = await once(poller)
    assert (again.new, again.changed) == (1, 0)
    assert await titles(client) == ["First", "Second", "Third"]


async def test_a_feed_that_kills_its_parser_is_named_and_the_others_are_read(
    client: Client, web: aiohttp.ClientSession, feed_server: FeedServer
) -> None:
    async def answer(request: Request) -> Response:
        return Response(body=b"<rss version='2.0'><channel>" + b"<author>" * 25_000, content_type="application/rss+xml")

    polls, app = Polls(client, 1), Application()
    await polls.prepare()
    feed_server.items = [Item("a", "First")]
    app.router.add_get("/{path}", answer)
    async with TestServer(app) as server, ParserPool(1, timeout=0.5) as parser:
        feeds = [Feed(url=str(server.make_url("/1"))), Feed(url=feed_server.url), Feed(url=str(server.make_url("/2")))]
        told = {polled.feed.url: polled for polled in await Poller(polls, feeds, web, parser, 8).everything()}
    assert [(told[feed.url].problem, told[feed.url].new) for feed in feeds] == [
        ("parsing it takes longer than 0.5 s", 0),
        ("", 1),
        ("parsing it takes longer than 0.5 s", 0),
    ]


async def test_two_pollers_ask_each_feed_once(
    client: Client, web: aiohttp.ClientSession, parser: ParserPool, feed_server: FeedServer
) -> None:
    feeds = [Feed(url=feed_server.url + f"?{number}") for number in range(30)]
    polls = [Polls(client, 4), Polls(client, 4)]
    await polls[0].prepare()
    one, two = (Poller(each, feeds, web, parser, 8) for each in polls)
    await one.register()
    await two.register()
    for _ in range(8):
        await one.tick()
        await two.tick()
        await one.idle()
        await two.idle()
    assert feed_server.asked == len(feeds)
    assert one.fault is None
    assert two.fault is None


async def test_a_feed_that_no_rule_names_any_more_leaves_the_schedule(
    client: Client, poller: Poller, web: aiohttp.ClientSession, parser: ParserPool, feed_server: FeedServer
) -> None:
    await poller.register()
    await Poller(Polls(client, 1), [], web, parser, 8).tick()
    assert await client.zcard("monitor:{p0}:due") == 0
    assert feed_server.asked == 0


async def test_a_feed_that_comes_back_into_the_rules_goes_on_where_it_was(client: Client, poller: Poller, feed_server: FeedServer) -> None:
    feed_server.items = [Item("a", "First"), Item("b", "Second")]
    await once(poller)
    await poller.adopt([])
    await poller.tick()
    await poller.idle()
    await poller.adopt([Feed(url=feed_server.url)])
    feed_server.items = [Item("c", "Third"), *feed_server.items]
    assert (await once(poller)).new == 1
    assert await titles(client) == ["First", "Second", "Third"]


async def test_what_stays_in_the_feed_is_known_however_long_and_what_left_it_is_forgotten(
    client: Client, feed_server: FeedServer, web: aiohttp.ClientSession, parser: ParserPool
) -> None:
    polls, day, start = Polls(client, 1), 0, now_utc()
    await polls.prepare()
    poller = Poller(polls, [Feed(url=feed_server.url)], web, parser, 8, clock=lambda: start + timedelta(days=day))
    for day in range(33):
        feed_server.items = [Item("stays", "Stays", "in the feed"), Item(f"day-{day}", f"Day {day}")]
        await poller.everything()
    assert sorted(await titles(client)) == sorted(["Stays", *(f"Day {number}" for number in range(33))])
    [seen] = [key async for key in client.scan_iter(match="*seen:*")]
    held = await cast("Any", client.hgetall(seen))
    known = [value.split() for value in held.values() if " " in value]
    assert len(known) == 1 + 31
    assert [len(words) for words in known].count(3) == 2, "what is in the feed has no day since when it has gone"


async def test_more_feeds_than_may_be_polled_at_once_do_not_wait_for_the_next_tick(
    client: Client, feed_server: FeedServer, web: aiohttp.ClientSession, parser: ParserPool
) -> None:
    polls = Polls(client, 1)
    await polls.prepare()
    poller = Poller(polls, [Feed(url=f"{feed_server.url}?{number}") for number in range(20)], web, parser, 4)
    await poller.register()
    await poller.tick()
    async with asyncio.timeout(20):
        while feed_server.asked < 20:
            await asyncio.sleep(0.01)
    await poller.idle()
    assert (feed_server.asked, poller.fault) == (20, None)


async def test_nothing_more_is_begun_once_the_poller_is_to_come_to_rest(
    client: Client, feed_server: FeedServer, web: aiohttp.ClientSession, parser: ParserPool
) -> None:
    polls = Polls(client, 1)
    await polls.prepare()
    poller = Poller(polls, [Feed(url=f"{feed_server.url}?{number}") for number in range(20)], web, parser, 4)
    await poller.register()
    await poller.tick()
    await poller.idle()
    assert feed_server.asked == 4
