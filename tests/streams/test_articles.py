"""Reading the articles stream: every article until it is acknowledged, and nothing unread is trimmed."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from monitor.model import Article
from monitor.streams.articles import Articles
from monitor.streams.client import Client
from monitor.streams.polls import Polls

NOW = datetime(2025, 4, 28, 12, tzinfo=UTC)
LATER = datetime(2100, 1, 1, tzinfo=UTC)


@pytest.fixture
async def filled(client: Client) -> Client:
    """A server with five articles on its stream."""
    polls = Polls(client, 1)
    await polls.prepare()
    await polls.register(["https://outlet.example/rss"], NOW)
    [lease] = await polls.lease(NOW, timedelta(minutes=1), 1, "token")
    made = [Article(id=str(n), title=str(n), authors=("김", "Ann") * n, published_at=NOW, fetched_at=NOW) for n in range(5)]
    rows = [(one, one.id, ()) for one in made]
    await polls.commit(lease, state={}, articles=rows, next_due=NOW)
    return client


async def test_what_is_not_acknowledged_comes_again_to_the_same_reader(filled: Client) -> None:
    reader = Articles(filled, filled, 1, "one")
    await reader.prepare()
    first = await reader.new(3, 1)
    assert [one.article.authors for one in first] == [(), ("김", "Ann"), ("김", "Ann") * 2]
    assert await reader.pending(10) == first
    await reader.acknowledge(first[:2])
    assert await reader.pending(10) == first[2:]
    assert await reader.unread() == 3


async def test_what_a_reader_left_behind_is_taken_over_once_it_no_longer_lives(filled: Client) -> None:
    gone, other = Articles(filled, filled, 1, "gone"), Articles(filled, filled, 1, "other")
    await gone.beat()
    await gone.prepare()
    left = await gone.new(2, 1)
    assert await other.abandoned(10) == []
    await filled.delete("monitor:{p0}:alive:gone")
    assert [d.article for d in await other.abandoned(10)] == [d.article for d in left]
    assert await gone.pending(10) == []


async def test_a_reader_that_died_before_the_servers_clock_was_set_back_is_relieved_as_soon_as_ever(filled: Client) -> None:
    gone, other = Articles(filled, filled, 1, "gone"), Articles(filled, filled, 1, "other")
    await gone.prepare()
    await gone.beat()
    await gone.new(10, 1)
    await filled.pexpire("monitor:{p0}:alive:gone", 86_400_000)
    assert await other.abandoned(10) == []
    assert 0 < await filled.pttl("monitor:{p0}:alive:gone") <= 10_000


async def test_two_readers_share_the_articles(filled: Client) -> None:
    one, two = Articles(filled, filled, 1, "one"), Articles(filled, filled, 1, "two")
    await one.prepare()
    await two.prepare()
    got = [d.article.id for d in await one.new(2, 1)] + [d.article.id for d in await two.new(10, 1)]
    assert sorted(got) == ["0", "1", "2", "3", "4"]


@pytest.mark.parametrize(
    ("read", "acknowledged", "left"),
    [(0, 0, 5), (5, 0, 5), (5, 2, 3), (3, 3, 3), (5, 5, 1)],
    ids=["unread", "in hand", "partly", "half", "done"],
)
async def test_trimming_stops_at_the_first_entry_that_a_group_still_needs(filled: Client, read: int, acknowledged: int, left: int) -> None:
    # The last entry that was delivered always stays: a group's place is named by it.
    reader = Articles(filled, filled, 1, "one")
    await reader.prepare()
    if read:
        deliveries = await reader.new(read, 1)
        if acknowledged:
            await reader.acknowledge(deliveries[:acknowledged])
    await reader.trim(LATER)
    assert await filled.xlen("monitor:{p0}:articles") == left


async def test_another_group_that_lags_keeps_the_articles(filled: Client) -> None:
    reader, archive = Articles(filled, filled, 1, "one"), Articles(filled, filled, 1, "one", group="archive")
    await reader.prepare()
    await archive.prepare()
    await reader.acknowledge(await reader.new(5, 1))
    assert await reader.trim(LATER) == 0


async def test_what_is_within_the_window_stays_though_everybody_has_read_it(filled: Client) -> None:
    reader = Articles(filled, filled, 1, "one")
    await reader.prepare()
    await reader.acknowledge(await reader.new(5, 1))
    assert await reader.trim(datetime.now(UTC) - timedelta(days=1)) == 0
