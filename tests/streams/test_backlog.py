"""A group of subscribers that stops: nothing unread is trimmed, and the daemon says in time who holds the server up."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any, cast

from structlog.testing import capture_logs

from monitor.lookout import Lookout
from monitor.streams.articles import Articles
from monitor.streams.backlog import behind
from monitor.streams.client import Client

ALERTS, ARTICLES = "monitor:{kursk}:alerts", "monitor:{p0}:articles"


def at(day: int, hour: int = 0) -> datetime:
    return datetime(2025, 4, day, hour, tzinfo=UTC)


async def add(client: Client, stream: str, *times: datetime) -> list[str]:
    return [str(await client.xadd(stream, {"x": "1"}, id=f"{int(time.timestamp() * 1000)}-0")) for time in times]


async def test_nothing_is_trimmed_that_a_group_has_not_read_and_everything_that_all_have(client: Client) -> None:
    entries = await add(client, ARTICLES, at(1), at(2), at(3), at(4))
    await client.xgroup_create(ARTICLES, "stopped", id=entries[0])
    await client.xgroup_create(ARTICLES, "given", id="0")
    await client.xreadgroup("given", "anna", {ARTICLES: ">"})
    await client.xack(ARTICLES, "given", entries[0], entries[2])
    articles = Articles(client, client, 1, "me")

    async def left() -> list[Any]:
        await articles.trim(at(5))
        return [row[0] for row in cast("list[Any]", await client.xrange(ARTICLES))]

    assert await left() == entries
    await client.xreadgroup("stopped", "ben", {ARTICLES: ">"}, count=2, noack=True)
    assert await left() == entries[1:]  # the second was given, but not acknowledged
    await client.xack(ARTICLES, "given", *entries)
    assert await left() == entries[2:]  # the third was the last that a group was given, which stays


async def test_who_is_behind_is_told_with_what_and_since_when(client: Client) -> None:
    await add(client, ALERTS, at(1), at(2), at(3))
    [first, *_] = await add(client, ARTICLES, at(4))
    await client.xgroup_create(ALERTS, "пульт", id="0")
    await client.xreadgroup("пульт", "anna", {ALERTS: ">"}, count=1)
    await client.xgroup_create(ARTICLES, "done", id=first)
    assert [str(one) for one in await behind(client, 1, ["kursk", "other"])] == [
        f"group пульт of {ALERTS} has not read 3 entries, the oldest of 2025-04-01 00:00"
    ]


async def test_a_group_that_has_stopped_is_told_of_once_and_when_it_reads_again(client: Client) -> None:
    lookout = Lookout(client, 1, lambda: ["kursk"])
    await add(client, ALERTS, at(1), at(1, 1))
    await client.xgroup_create(ALERTS, "desk", id="0")

    async def looked(now: datetime) -> list[str]:
        with capture_logs() as log:
            await lookout.look(now)
        return [f"{row['event']} {row['group']}" for row in log]

    assert await looked(at(1)) == []
    assert await looked(at(1) + timedelta(minutes=59)) == []
    assert await looked(at(1, 2)) == ["group.behind desk"]
    assert await looked(at(2)) == []
    await client.xreadgroup("desk", "anna", {ALERTS: ">"}, count=1, noack=True)
    assert await looked(at(2)) == ["group.reads_again desk"]


async def test_a_server_is_warned_of_before_it_is_full_and_told_who_fills_it(client: Client) -> None:
    await add(client, ALERTS, at(1))
    await client.xgroup_create(ALERTS, "desk", id="0")
    used = int((await client.info("memory"))["used_memory"])
    lookout = Lookout(client, 1, lambda: ["kursk"])
    try:
        for limit, told in ((10 * used, []), (int(1.2 * used), ["server.memory_low"]), (int(1.2 * used), []), (0, ["server.memory_well"])):
            await client.config_set("maxmemory", limit)
            with capture_logs() as log:
                await lookout.look(at(1))
            assert [row["event"] for row in log] == told
            if told == ["server.memory_low"]:
                assert log[0]["held_by"] == [f"group desk of {ALERTS} has not read 1 entry, the oldest of 2025-04-01 00:00"]
    finally:
        await client.config_set("maxmemory", 0)
