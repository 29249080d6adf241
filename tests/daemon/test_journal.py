"""What feeds said while the server was away, or when the daemon died before the commit, is not lost."""

from __future__ import annotations

import asyncio
import os
from collections.abc import AsyncIterator, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, cast

import aiohttp
import pytest

from monitor.feeds.fetch import Fetched, session
from monitor.feeds.parse import ParserPool
from monitor.journal import Journal
from monitor.poller import Poller
from monitor.rules.schema import Feed
from monitor.settings import networks
from monitor.streams.client import LOST, Client
from monitor.streams.polls import Lease, Polls, now_utc
from tests.conftest import FeedServer, Item

NOW = datetime(2025, 4, 28, 9, tzinfo=UTC)


def answer(body: str) -> Fetched:
    links = (("hub", "https://hub.example/"),)
    return Fetched(200, body.encode(), "application/rss+xml", "utf-8", '"a"', "", "https://x.example/", "", timedelta(minutes=5), links)


@pytest.fixture
async def web() -> AsyncIterator[aiohttp.ClientSession]:
    async with session(allowed=networks("127.0.0.0/8")) as made:
        yield made


@pytest.fixture
async def parser() -> AsyncIterator[ParserPool]:
    async with ParserPool(1) as made:
        yield made


class Desk:
    """A poller of one feed, whose server can be away and whose clock can be set on."""

    def __init__(self, client: Client, url: str, web: aiohttp.ClientSession, parser: ParserPool, journal: Journal) -> None:
        self.client, self.ahead = client, timedelta()
        self.polls = Polls(client, 1)
        self.poller = Poller(
            self.polls, [Feed(url=url, outlet="Wire")], web, parser, 8, clock=lambda: now_utc() + self.ahead, journal=journal
        )

    async def titles(self) -> list[str]:
        rows = cast("list[Any]", await self.client.xrange("monitor:{p0}:articles"))
        return [fields["title"] for _, fields in rows]

    async def until_read(self, wanted: Sequence[str]) -> None:
        """Polls until the stream has these articles, in this order."""
        async with asyncio.timeout(20):
            while await self.titles() != list(wanted):
                await self.poller.tick()
                await self.poller.idle()
                await asyncio.sleep(0.01)


@pytest.fixture
async def desk(client: Client, feed_server: FeedServer, web: aiohttp.ClientSession, parser: ParserPool, tmp_path: Path) -> Desk:
    made = Desk(client, feed_server.url, web, parser, Journal(tmp_path / "journal"))
    await made.polls.prepare()
    return made


async def away(*_: object, **__: object) -> Any:
    """In place of a call to the server."""
    raise LOST[0]("Connection refused.")


async def test_what_came_and_went_in_a_feed_while_the_server_was_away_is_read_when_it_is_back(
    desk: Desk, feed_server: FeedServer, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    feed_server.items = [Item("a", "First")]
    await desk.poller.everything()
    with monkeypatch.context() as lost:
        lost.setattr(Polls, "lease", away)
        for guid, title in (("b", "Second"), ("c", "Third"), ("c", "Third, corrected")):
            feed_server.items = [Item(guid, title)]  # nothing else stands in the feed any more
            desk.ahead += timedelta(hours=2)
            await desk.poller.blind()
            await desk.poller.idle()
    # What is in the feed while the journal is being read may be gone when it has been.
    feed_server.items = [Item("d", "Fourth")]
    desk.ahead += timedelta(hours=2)
    await desk.poller.tick()
    await desk.poller.idle()
    assert await desk.titles() == ["First", "Second"]
    await desk.poller.blind()
    await desk.poller.idle()
    feed_server.items = [Item("e", "Fifth")]
    await desk.until_read(["First", "Second", "Third", "Third, corrected", "Fourth"])
    desk.ahead += timedelta(hours=2)
    await desk.until_read(["First", "Second", "Third", "Third, corrected", "Fourth", "Fifth"])
    assert Journal(tmp_path / "journal").feeds() == []


async def test_a_server_that_was_away_for_a_moment_has_nobody_asked_without_it(desk: Desk, feed_server: FeedServer) -> None:
    await desk.poller.everything()
    asked, desk.ahead = feed_server.asked, timedelta(hours=2)
    for seconds, more in ((4, 0), (6, 1)):
        desk.poller._reached = now_utc() + desk.ahead - timedelta(seconds=seconds)
        await desk.poller.blind()
        await desk.poller.idle()
        assert feed_server.asked == asked + more


async def test_what_was_fetched_by_a_daemon_that_died_before_the_commit_is_read_by_the_next(
    desk: Desk, feed_server: FeedServer, web: aiohttp.ClientSession, parser: ParserPool, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    feed_server.items = [Item("a", "First")]
    with monkeypatch.context() as lost:
        lost.setattr(Polls, "commit", away)
        with pytest.raises(LOST):
            await desk.poller.everything()
    feed_server.items = [Item("b", "Second")]
    heir = Desk(desk.client, feed_server.url, web, parser, Journal(tmp_path / "journal"))
    heir.ahead = timedelta(hours=2)  # so long nobody polled
    await heir.poller.register()
    await heir.poller.recall()
    await heir.until_read(["First", "Second"])


async def test_an_answer_older_than_what_another_has_read_since_adds_what_that_did_not_see_and_takes_nothing_back(
    desk: Desk, feed_server: FeedServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def gone(self: Polls, lease: Lease, **_: object) -> Any:
        raise LOST[0]("Connection closed by server.")

    await desk.poller.everything()
    feed_server.items = [Item("a", "As it was"), Item("b", "Gone since")]
    with monkeypatch.context() as lost:
        lost.setattr(Polls, "commit", gone)
        with pytest.raises(LOST):
            await desk.poller.everything()
    feed_server.items = [Item("a", "As it is now")]
    journal, desk.poller._journal = desk.poller._journal, None  # another daemon, on a data folder of its own
    await desk.poller.everything()
    desk.poller._journal = journal
    await desk.poller.everything()
    assert await desk.titles() == ["As it is now", "Gone since"]


def test_answers_come_back_as_they_were_oldest_first_and_only_their_owner_can_read_them(tmp_path: Path) -> None:
    journal = Journal(tmp_path / "journal")
    later, first = answer("<rss>나중</rss>"), answer("<rss>Раньше</rss>")
    assert journal.keep("feed", later, NOW + timedelta(minutes=1))
    assert journal.keep("feed", first, NOW)
    read = []
    while kept := Journal(tmp_path / "journal").oldest("feed"):
        read.append((kept.fetched, kept.at))
        assert (kept.path.stat().st_mode & 0o777, kept.path.parent.stat().st_mode & 0o777) == (0o600, 0o700)
        journal.done(kept)
    assert read == [(first, NOW), (later, NOW + timedelta(minutes=1))]
    assert journal.feeds() == []


def test_a_damaged_answer_is_set_aside_and_a_full_journal_takes_no_more(tmp_path: Path) -> None:
    journal = Journal(tmp_path, limit=600)
    damaged, whole = journal.keep("feed", answer("one"), NOW), journal.keep("feed", answer("two"), NOW + timedelta(minutes=1))
    assert damaged
    assert whole
    damaged.path.write_bytes(damaged.path.read_bytes()[:-3])
    found = journal.oldest("feed")
    assert found
    assert found.fetched.body == b"two"
    assert damaged.path.with_suffix(".unread").exists()
    assert journal.keep("feed", answer("three"), NOW) is None
    journal.done(found)
    os.utime(found.path.with_suffix(".done"), (0, 0))
    journal.tidy()
    assert journal.keep("feed", answer("three"), NOW)


def test_what_was_committed_a_moment_ago_is_there_again_for_a_server_that_has_lost_it(tmp_path: Path) -> None:
    journal = Journal(tmp_path)
    kept = [journal.keep("feed", answer(text), NOW + timedelta(minutes=at)) for at, text in enumerate(("long ago", "just now", "waits"))]
    for one in kept[:2]:
        assert one
        journal.done(one)
    assert kept[0]
    os.utime(kept[0].path.with_suffix(".done"), (0, 0))
    journal.tidy()
    assert len(list(tmp_path.glob("*/*.zst"))) == 1
    journal.again()
    found = journal.oldest("feed")
    assert found
    assert (found.fetched.body, len(list(tmp_path.glob("*/*.zst")))) == (b"just now", 2)


async def test_a_clock_that_is_set_back_makes_no_answer_late(desk: Desk, feed_server: FeedServer) -> None:
    desk.ahead = timedelta(days=1)
    for text in ("As it was", "As it is now"):
        feed_server.items = [Item("a", text)]
        await desk.poller.everything()
        desk.ahead = timedelta()
    assert await desk.titles() == ["As it was", "As it is now"]
