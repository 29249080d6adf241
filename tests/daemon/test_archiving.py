"""The archive beside a running daemon: everything that was fetched is in it once, whatever dies on the way."""

from __future__ import annotations

import asyncio
from pathlib import Path

from redis.asyncio import Redis

from monitor.archive import Archive
from tests.conftest import FeedServer, Item
from tests.daemon.program import PATIENCE, address_of, program
from tests.daemon.test_run import rules


async def kept(folder: Path, count: int) -> list[str]:
    """Waits until so many articles are in the archive; the titles of all."""

    async def enough() -> list[str]:
        while len(found := [one.title for one in Archive(folder / "archive", lambda _: None).articles()]) < count:
            await asyncio.sleep(0.05)
        return found

    return await asyncio.wait_for(enough(), PATIENCE)


async def test_killed_again_and_again_it_keeps_every_article(tmp_path: Path, feed_server: FeedServer) -> None:
    data = tmp_path / "data"
    arguments = ("run", "--rules", str(rules(tmp_path, feed_server.url)), "--data", str(data))
    for number in range(3):
        feed_server.items = [*feed_server.items, Item(f"i{number}", f"Title {number}")]
        async with program(*arguments, MONITOR_LOG="json") as made:
            await made.logged("poll", lambda row: row["new"] > 0)
            made.process.kill()  # wherever it then stands with it
            await made.ended()
        [path] = (data / "archive").iterdir() if (data / "archive").exists() else [None]
        if path is not None:
            with path.open("ab") as file:
                file.write(path.read_bytes()[: 7 + number])  # what a write leaves that dies half-way
    async with program(*arguments, MONITOR_LOG="json", MONITOR_ARCHIVE_DAYS="0") as made:
        await made.logged("started")
        assert sorted(await kept(data, 3)) == ["Title 0", "Title 1", "Title 2"]
        async with Redis.from_url(address_of(data), decode_responses=True, protocol=2) as client:
            groups = {group["name"]: group["pending"] for group in await client.xinfo_groups("monitor:{p0}:articles")}
        assert groups.keys() == {"readers", "archive"}


async def test_articles_wait_for_a_disk_that_refuses(tmp_path: Path, feed_server: FeedServer) -> None:
    data = tmp_path / "data"
    data.mkdir()
    (data / "archive").write_text("in the way")
    feed_server.items = [Item("a", "Pyongyang admits that its soldiers fight for Russia")]
    arguments = ("run", "--rules", str(rules(tmp_path, feed_server.url)), "--data", str(data))
    async with program(*arguments, MONITOR_LOG="json") as made:
        await made.logged("archive.failing")
        await made.logged("alert")  # reading goes on
        async with Redis.from_url(address_of(data), decode_responses=True, protocol=2) as client:
            [pending] = [g["pending"] for g in await client.xinfo_groups("monitor:{p0}:articles") if g["name"] == "archive"]
        assert pending == 1
    (data / "archive").unlink()
    async with program(*arguments, MONITOR_LOG="json") as made:
        assert await kept(data, 1) == ["Pyongyang admits that its soldiers fight for Russia"]
