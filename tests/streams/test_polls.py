"""Leases and the commit of a poll: one poller at a time, all or nothing, repeats change nothing."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, cast

import pytest

from monitor.errors import ServerError
from monitor.model import Article, digest
from monitor.streams.articles import Articles
from monitor.streams.client import Client
from monitor.streams.keys import META, feed_id, partition_key
from monitor.streams.polls import Committed, Lease, Polls, Row

NOW = datetime(2025, 4, 28, 12, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
URLS = [f"https://outlet-{number}.example/rss" for number in range(20)]


def article(guid: str, text: str = "text", published: datetime = NOW - MINUTE, fetched: datetime = NOW, marks: Sequence[str] = ()) -> Row:
    made = Article(id=digest("feed", guid), outlet="Outlet", lang="en", title=guid, text=text, published_at=published, fetched_at=fetched)
    return made, digest(text), marks


async def stream(client: Client, partition: int = 0) -> list[dict[str, str]]:
    rows = await client.xrange(partition_key(partition, "articles"))
    return [fields for _, fields in cast("list[tuple[str, dict[str, str]]]", rows)]


async def leased(polls: Polls, now: datetime = NOW, token: str = "one", limit: int = 100) -> list[Lease]:
    return await polls.lease(now, MINUTE, limit, token)


async def commit(polls: Polls, lease: Lease, articles: Sequence[Row], **more: Any) -> Committed:
    return await polls.commit(lease, state={"polled": "1"}, articles=articles, next_due=NOW + 5 * MINUTE, **more)


@pytest.fixture
async def polls(client: Client) -> Polls:
    made = Polls(client, 1)
    await made.prepare()
    await made.register(URLS[:1], NOW)
    return made


@pytest.mark.parametrize("partitions", [1, 4])
async def test_two_pollers_never_hold_the_same_feed(client: Client, partitions: int) -> None:
    one, two = Polls(client, partitions), Polls(client, partitions)
    await one.prepare()
    await one.register(URLS, NOW)
    first, second = await leased(one, token="one", limit=12), await leased(two, token="two")
    assert len(first) == 12
    assert {lease.feed for lease in first}.isdisjoint(lease.feed for lease in second)
    assert {lease.feed for lease in first + second} == {feed_id(url) for url in URLS}
    assert await leased(one) == []


async def test_a_new_feed_is_due_at_once_and_registering_again_moves_nothing(client: Client, polls: Polls) -> None:
    await polls.register(URLS[:1], NOW + 60 * MINUTE)
    assert [lease.feed for lease in await leased(polls)] == [feed_id(URLS[0])]


async def test_a_lease_runs_out_and_its_late_commit_writes_nothing(client: Client, polls: Polls) -> None:
    [slow] = await leased(polls, token="slow")
    [quick] = await leased(polls, NOW + 2 * MINUTE, token="quick")
    assert (await commit(polls, slow, [article("a")])).lost
    assert await stream(client) == []
    assert await polls.state(slow) == {}
    assert await commit(polls, quick, [article("a")]) == Committed(1, 0)


async def test_what_a_dead_poller_had_in_hand_is_due_at_once(client: Client, polls: Polls) -> None:
    [dead] = await leased(polls, token="dead")
    assert await leased(polls, token="next") == []
    # As if it had not asked for long: the server's clock decides, not those of the pollers.
    await client.zadd(partition_key(0, "pollers"), {"dead": 1})
    [taken] = await leased(polls, token="next")
    assert taken.feed == dead.feed
    assert (await commit(polls, dead, [article("a")])).lost
    assert await commit(polls, taken, [article("a")]) == Committed(1, 0)


async def test_a_poller_that_died_before_the_servers_clock_was_set_back_is_not_alive_for_long(client: Client, polls: Polls) -> None:
    await leased(polls, token="dead")
    tomorrow = int(((await client.time())[0] + 86400) * 1000)
    await client.zadd(partition_key(0, "pollers"), {"dead": tomorrow})
    await leased(polls, token="next")
    assert (await client.zscore(partition_key(0, "pollers"), "dead") or 0) <= tomorrow - 86400_000 + 11_000


async def test_a_feed_polled_later_than_now_is_found_when_the_clock_is_set_back(client: Client, polls: Polls) -> None:
    await polls.register(URLS[:3], NOW)
    for url, polled in zip(URLS, (NOW, NOW + 60 * MINUTE), strict=False):
        await cast("Any", client.hset(partition_key(0, f"feed:{feed_id(url)}"), "last_poll", polled.isoformat()))
    assert await polls.ahead(URLS[:3], NOW) == URLS[1:2]
    assert await polls.ahead([], NOW) == []


async def test_a_lease_whose_reply_was_lost_comes_again(client: Client, polls: Polls) -> None:
    [unheard] = await leased(polls)
    assert await polls.lease(NOW, MINUTE, 100, "one", {unheard.feed}) == []
    assert await polls.lease(NOW, MINUTE, 100, "one", ()) == [unheard]
    await polls.forget(unheard)
    assert await polls.lease(NOW, MINUTE, 100, "one", ()) == []
    assert await cast("Any", client.exists(partition_key(0, "leases"))) == 0


async def test_a_commit_repeated_after_a_lost_reply_changes_nothing(client: Client, polls: Polls) -> None:
    [lease] = await leased(polls)
    await commit(polls, lease, [article("a")])
    before = await stream(client)
    assert (await commit(polls, lease, [article("a")])).lost
    assert await stream(client) == before


async def test_state_articles_and_next_due_time_are_committed_together(client: Client, polls: Polls) -> None:
    [lease] = await leased(polls)
    await commit(polls, lease, [article("a"), article("b")])
    assert [row["title"] for row in await stream(client)] == ["a", "b"]
    assert await polls.state(lease) == {"polled": "1"}
    assert await leased(polls, NOW + 4 * MINUTE) == []
    assert len(await leased(polls, NOW + 5 * MINUTE)) == 1


async def test_only_new_and_changed_entries_reach_the_stream_with_growing_versions(client: Client, polls: Polls) -> None:
    courses = [[article("a")], [article("a"), article("b")], [article("a", "corrected")], [article("a")]]
    done = []
    for articles in courses:
        await polls.hasten(URLS[:1], NOW)
        [lease] = await leased(polls)
        done.append(await commit(polls, lease, articles))
    assert done == [Committed(1, 0), Committed(1, 0), Committed(0, 1), Committed(0, 1)]
    assert [(row["title"], row["version"], row["text"]) for row in await stream(client)] == [
        ("a", "1", "text"),
        ("b", "1", "text"),
        ("a", "2", "corrected"),
        ("a", "3", "text"),
    ]


async def test_a_corrected_entry_without_a_date_keeps_the_time_it_was_first_seen(client: Client, polls: Polls) -> None:
    for minutes, text in ((0, "first"), (30, "second")):
        now = NOW + minutes * MINUTE
        await polls.hasten(URLS[:1], now)
        [lease] = await leased(polls, now)
        await commit(polls, lease, [article("a", text, published=now, fetched=now)])
    assert len({row["published_at"] for row in await stream(client)}) == 1


async def test_articles_of_a_first_poll_are_marked_as_one_batch(client: Client, polls: Polls) -> None:
    [lease] = await leased(polls)
    await commit(polls, lease, [article("a"), article("b"), article("c")], first=True)
    reader = Articles(client, client, 1, "reader")
    await reader.prepare()
    batches = [delivery.batch for delivery in await reader.new(10, 1)]
    assert [(b.place, b.count, b.feed) for b in batches if b] == [(place, 3, lease.feed) for place in (1, 2, 3)]


TEXTS = ["Ким Чен Ын подтвердил", "북한군 쿠르스크", "朝鲜士兵 𠮷", "a\u0000b\x1f\"'\\ \u2028", "مرحبا", ""]


async def test_text_of_any_script_comes_back_as_it_went_in(client: Client, polls: Polls) -> None:
    [lease] = await leased(polls)
    sent = [article(f"{number} {text}", text) for number, text in enumerate(TEXTS)]
    await commit(polls, lease, sent)
    reader = Articles(client, client, 1, "reader")
    await reader.prepare()
    assert [delivery.article for delivery in await reader.new(10, 1)] == [made for made, *_ in sent]


async def test_data_in_another_number_of_partitions_is_refused_with_what_to_set(client: Client, polls: Polls) -> None:
    with pytest.raises(ServerError, match="MONITOR_PARTITIONS=1"):
        await Polls(client, 2).prepare()


async def test_marks_name_the_article_that_had_them_last(polls: Polls) -> None:
    [lease] = await leased(polls)
    assert await polls.known(lease, []) == {}
    await commit(polls, lease, [article("a", marks=["i1", "l1"]), article("b", marks=["i2", "l2"]), article("c")])
    await polls.hasten(URLS[:1], NOW)
    [lease] = await leased(polls)
    await commit(polls, lease, [article("a", marks=["i9"]), article("b", "edited", marks=["i2", "l1"])])
    a, b = (digest("feed", guid) for guid in "ab")
    assert await polls.known(lease, ["i1", "l1", "i2", "l2", "i9"]) == {"i1": a, "l1": b, "i2": b, "l2": b}


async def test_what_is_no_longer_in_the_feed_is_forgotten_after_thirty_days_and_what_came_back_is_not(client: Client, polls: Polls) -> None:
    rows = [article(name, marks=(f"i{name}", f"t{name}")) for name in ("stays", "goes", "returns")]
    ids = {row[0].title: row[0].id for row in rows}
    seen = partition_key(0, f"seen:{feed_id(URLS[0])}")
    days = (
        [(0, ("stays", "goes", "returns")), (1, ("stays",)), (15, ("stays", "returns")), (16, ("stays",)), (30, ("stays",))]
        + [(day, ("stays",)) for day in (31, 45)]
    )  # fmt: skip
    left = []
    for day, there in days:
        now = NOW + timedelta(days=day)
        [lease] = await polls.lease(now, MINUTE, 1, "one")
        present = {ids[name] for name in there}, now
        await polls.commit(lease, state={}, articles=rows if day == 0 else [], next_due=now, present=present)
        held = cast("dict[str, str]", await cast("Any", client.hgetall(seen)))
        left.append([name for name in ids if ids[name] in held])
        marks = {mark for mark in held if mark[0] in "it"}
        assert marks == {f"{kind}{name}" for name in left[-1] for kind in "it"}
    assert left == [[*ids]] * 5 + [["stays", "returns"]] * 2
    [lease] = await polls.lease(NOW + timedelta(days=46), MINUTE, 1, "one")
    assert await commit(polls, lease, rows) == Committed(1, 0)


@pytest.mark.parametrize(
    ("name", "value", "told"), [("layout", "1", "has layout 1, this program needs 2"), ("partitions", "4", "set MONITOR_PARTITIONS=4")]
)
async def test_data_of_another_layout_are_refused_with_a_sentence_and_left_alone(client: Client, name: str, value: str, told: str) -> None:
    await cast("Any", client.hset(META, mapping={"layout": "2", "partitions": "1", name: value}))
    with pytest.raises(ServerError, match=told):
        await Polls(client, 1).prepare()
    assert await cast("Any", client.hget(META, name)) == value


async def test_data_from_before_data_sets_had_an_id_get_one_and_go_on(client: Client) -> None:
    await cast("Any", client.hset(META, mapping={"layout": "2", "partitions": "1"}))
    for _ in range(2):
        await Polls(client, 1).prepare()
    kept = await cast("Any", client.hgetall(META))
    assert (kept["layout"], len(kept["dataset"])) == ("2", 16)
