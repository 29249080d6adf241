"""A server that loses what it had is refilled from the archive: the same articles, the same state, alerts with the ids that they had."""

from __future__ import annotations

import asyncio
import json
import shutil
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, cast

import pytest
from structlog.testing import capture_logs

from monitor.archive import Archive
from monitor.daemon import Daemon
from monitor.model import Article
from monitor.refiller import Refiller
from monitor.settings import Settings
from monitor.stories import open_rulebook
from monitor.streams.access import Server
from monitor.streams.client import LOST, Client, connected
from monitor.streams.polls import Polls
from tests.conftest import FeedServer, Item
from tests.daemon.program import PATIENCE

MERGER = Path(__file__).parents[1] / "stories" / "merger"
BEGINNING, CLOSURE, ADMISSION, DENIAL = (
    Item(f"item-{day}", text, published=datetime(2024, 2, day, tzinfo=UTC))
    for day, text in (
        (1, "Quayside Union said that Corvane will buy Ambervale."),
        (2, "Corvane said that Northquay will be closed."),
        (3, "Ambervale confirmed the merger. Corvane confirmed that it will buy Ambervale."),
        (4, "Corvane denied that Northquay will be closed."),
    )
)
Told = tuple[list[str], dict[str, Any], list[str]]
"""Titles and versions of the articles; where the claims stand; ids of the alerts."""


@pytest.fixture
def at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """What the program does now and then it does at once."""
    for name, value in (("monitor.archivist.PAUSE", 0.01), ("monitor.archivist.BLOCK", 20), ("monitor.worker.BLOCK", 20)):
        monkeypatch.setattr(name, value)


@asynccontextmanager
async def running(folder: Path, url: str) -> AsyncIterator[tuple[Client, list[Any]]]:
    """A daemon in this process; a client of its server, and what its log says."""
    story = folder / "rules" / "merger"
    if not story.exists():
        shutil.copytree(MERGER, story)
        (story / "feeds.yaml").write_text(f"feeds:\n  - {{url: '{url}', every: 1s, lang: en, outlet: Test Wire}}\n")
    started, at = asyncio.Event(), ""

    def ready(server: Server) -> None:
        nonlocal at
        at = server.url
        started.set()

    daemon = Daemon(Settings(data=folder / "data"), open_rulebook(story), ready, signals=False)
    with capture_logs() as log:
        task = asyncio.create_task(daemon.run())
        try:
            await asyncio.wait_for(started.wait(), PATIENCE)
            async with connected(at) as client:
                yield client, log
        finally:
            daemon.stop()
            await task


async def logged(log: list[Any], event: str) -> dict[str, Any]:
    async def found() -> bool:
        return any(row["event"] == event for row in log)

    await until(found)
    return next(row for row in log if row["event"] == event)


async def told(client: Client) -> Told:
    articles = cast("list[Any]", await client.xrange("monitor:{p0}:articles"))
    state = await cast("Any", client.hgetall("monitor:{merger}:state"))
    alerts = cast("list[Any]", await client.xrange("monitor:{merger}:alerts"))
    return (
        [f"{fields['title']} {fields['version']}" for _, fields in articles],
        {claim: [json.loads(raw)["status"], len(json.loads(raw)["positions"])] for claim, raw in state.items()},
        [fields["id"] for _, fields in alerts],
    )


async def until(condition: Callable[[], Awaitable[bool]]) -> None:
    async with asyncio.timeout(PATIENCE):
        while not await condition():
            await asyncio.sleep(0.02)


async def settled(client: Client, feed: FeedServer, items: list[Item]) -> Told:
    """Publishes, and waits until all of it is read and archived."""
    count = int(await client.xlen("monitor:{p0}:articles")) + len(items)
    feed.items = [*feed.items, *items]

    async def read() -> bool:
        if await client.xlen("monitor:{p0}:articles") < count:
            return False
        groups = await client.xinfo_groups("monitor:{p0}:articles")
        return len(groups) == 2 and all(one["lag"] == one["pending"] == 0 for one in groups)

    await until(read)
    return await told(client)


@pytest.mark.usefixtures("at_once")
async def test_a_server_that_is_flushed_under_the_daemon_is_refilled_and_news_meanwhile_is_news(
    tmp_path: Path, feed_server: FeedServer
) -> None:
    feed_server.items = []
    async with running(tmp_path, feed_server.url) as (client, log):
        await settled(client, feed_server, [BEGINNING, CLOSURE])  # the first poll's
        before = await settled(client, feed_server, [ADMISSION])
        assert len(before[2]) > 1
        await client.flushall()
        refilled = await logged(log, "server.refilled")
        assert (refilled["articles"], refilled["missing"][:9]) == (3, "decisions")

        async def whole() -> bool:
            return await told(client) == before

        await until(whole)
        after = await settled(client, feed_server, [DENIAL])
        assert after[2][: len(before[2])] == before[2]
        assert len(after[2]) > len(before[2])
        assert [row["subject"] for _, row in cast("list[Any]", await client.xrange("monitor:{merger}:alerts"))].count("first-poll") == 1
        assert [row["event"] for row in log].count("server.data_lost") == 1


@pytest.mark.usefixtures("at_once")
async def test_an_older_dataset_and_a_lost_one_are_refilled_when_the_daemon_starts(tmp_path: Path, feed_server: FeedServer) -> None:
    server, backup = tmp_path / "data" / "server", tmp_path / "backup"
    async with running(tmp_path, feed_server.url) as (client, _):
        await settled(client, feed_server, [BEGINNING])
        await settled(client, feed_server, [CLOSURE])
    shutil.copytree(server, backup)
    async with running(tmp_path, feed_server.url) as (client, _):
        before = await settled(client, feed_server, [ADMISSION])

    feed_server.items = [ADMISSION]  # what is older has left the feed

    async def whole() -> bool:
        return await told(client) == before

    for kept, came_back in ((backup, "older"), (None, "empty")):
        shutil.rmtree(server)
        if kept is not None:
            shutil.copytree(kept, server)
        async with running(tmp_path, feed_server.url) as (client, log):
            assert (await logged(log, "server.data_lost"))["came_back"] == came_back
            await logged(log, "server.refilled")
            await until(whole)
    async with running(tmp_path, feed_server.url) as (client, log):
        await settled(client, feed_server, [DENIAL])
        assert not [row for row in log if row["event"] == "server.data_lost"]


async def test_a_refill_that_is_broken_off_is_begun_again_and_puts_back_nothing_twice(client: Client, tmp_path: Path) -> None:
    archive, polls = Archive(tmp_path / "archive"), Polls(client, 1)
    day = datetime(2024, 2, 1, tzinfo=UTC)
    articles = [
        Article(id=f"a{one}", feed="https://x.example/", outlet="x", url="", title="Прибытие", published_at=day, fetched_at=day)
        for one in range(150)
    ]
    archive.append([*articles, articles[0].model_copy(update={"version": 2})])

    def refiller(where: str, room: Callable[[], Awaitable[object]]) -> Refiller:
        return Refiller(client, polls, archive, tmp_path / "note", where, lambda: ["merger"], nothing, room)

    async def nothing() -> None:
        pass

    async def killed() -> None:
        raise LOST[0]("Connection closed by server.")

    await refiller("redis://x", nothing).look()
    await client.flushall()
    with pytest.raises(LOST):
        await refiller("redis://x", killed).look()
    assert await client.xlen("monitor:{p0}:articles") == 100
    await refiller("redis://x", nothing).look()
    assert (await told(client))[0] == ["Прибытие 1"] * 150 + ["Прибытие 2"]
    [first, *_] = cast("list[Any]", await client.xrange("monitor:{p0}:articles"))
    assert first[0].startswith(f"{int(day.timestamp() * 1000)}-")  # it is trimmed when it would have been

    # Another server, with data of its own, has lost nothing.
    await client.flushall()
    await cast("Any", client.hset("monitor:{merger}:meta", "revision", "7"))
    await refiller("redis://y", nothing).look()
    assert not await client.exists("monitor:{p0}:articles")
