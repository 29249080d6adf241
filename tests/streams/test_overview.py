"""What a board is shown: claims, moves, feeds, streams and their readers, from the server alone."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from monitor.engine.rulebook import Rulebook
from monitor.feeds.state import FeedState
from monitor.model import Stance, Status
from monitor.streams.articles import Articles
from monitor.streams.client import Client
from monitor.streams.keys import feed_id
from monitor.streams.overview import CHANGES, FeedLook, GroupLook, Overlook
from monitor.streams.polls import Polls
from tests.cli.board.story import AT, COURSE, articles, rulebook, tell

NOW = datetime(2025, 5, 1, 12, tzinfo=UTC)


@pytest.fixture(scope="module")
def rules(tmp_path_factory: pytest.TempPathFactory) -> Rulebook:
    return rulebook(tmp_path_factory.mktemp("rules"))


async def test_an_empty_server_has_nothing_to_show(client: Client) -> None:
    seen = await Overlook(client).look(NOW)
    assert (seen.stories, seen.claims, seen.moves, seen.feeds, seen.readers) == ((), (), (), (), ())
    assert [stream.length for stream in seen.streams] == [0, 0, 0]


async def test_claims_and_moves_newest_first_each_status_with_the_move_that_made_it(client: Client, rules: Rulebook) -> None:
    await tell(client, rules, COURSE)
    seen = await Overlook(client).look(NOW)
    [claim] = seen.claims
    assert (claim.story, claim.claim, claim.status, claim.confirmed_by) == ("river", "bridge-built", Status.CONFIRMED, ("red",))
    moved = [(move.time, move.party, move.from_, move.to, move.status, move.quote, move.outlet) for move in seen.moves]
    assert moved == [
        (
            AT + timedelta(days=2),
            "red",
            Stance.DENY,
            Stance.AFFIRM,
            (Status.DISPUTED, Status.CONFIRMED),
            "Red confirmed that the bridge",
            "Wire",
        ),
        (AT + timedelta(days=1), "blue", None, Stance.AFFIRM, (Status.DENIED, Status.DISPUTED), "Blue confirmed that the bridge", "Wire"),
        (AT, "red", None, Stance.DENY, (Status.UNREPORTED, Status.DENIED), "Red denied that the bridge", "Wire"),
    ]


async def test_what_has_come_since_the_last_look_is_seen_at_the_next(client: Client, rules: Rulebook) -> None:
    overlook = Overlook(client)
    await tell(client, rules, COURSE[:1])
    assert [claim.status for claim in (await overlook.look(NOW)).claims] == [Status.DENIED]
    await tell(client, rules, COURSE[1:2], after=1)
    seen = await overlook.look(NOW + timedelta(seconds=1))
    assert [claim.status for claim in seen.claims] == [Status.DISPUTED]
    assert len(seen.moves) == 2


async def test_only_the_last_changes_are_remembered(client: Client, rules: Rulebook) -> None:
    await tell(client, rules, [COURSE[0], COURSE[2]] * (CHANGES // 2 + 3))
    seen = await Overlook(client).look(NOW)
    assert len(seen.moves) == CHANGES
    assert seen.moves[0].time > seen.moves[-1].time


async def test_one_story_is_looked_at_alone(client: Client, rules: Rulebook) -> None:
    await tell(client, rules, COURSE[:1])
    assert (await Overlook(client, "river").look(NOW)).stories == ("river",)
    assert (await Overlook(client, "elsewhere").look(NOW)).stories == ()


async def test_feeds_with_when_they_are_due_and_why_they_fail(client: Client) -> None:
    polls = Polls(client, 1)
    await polls.prepare()
    urls = ["https://a.example/rss", "https://b.example/rss"]
    await polls.register(urls, NOW)
    lease, _ = await polls.lease(NOW, timedelta(minutes=2), 2, "token")
    state = FeedState(url="https://a.example/rss", outlet="Gazette", failures=2, problem="status 500", last_poll=NOW)
    due = NOW + timedelta(minutes=7)
    await polls.commit(lease, state=state.to_hash(), articles=[], next_due=due)
    seen = {feed.id: feed for feed in (await Overlook(client).look(NOW)).feeds}
    assert seen[lease.feed] == FeedLook(lease.feed, "Gazette", "https://a.example/rss", due, False, 2, "status 500", NOW, None)
    [other] = seen.keys() - {lease.feed}
    assert other in map(feed_id, urls)
    assert (seen[other].name, seen[other].polled_now, seen[other].last_poll) == ("", True, None)


async def test_groups_with_what_they_have_not_been_given_and_not_finished_and_readers_that_live(client: Client, rules: Rulebook) -> None:
    polls = Polls(client, 1)
    await polls.prepare()
    reader = Articles(client, client, 1, "host:1")
    await reader.prepare()
    await polls.register(["https://a.example/rss"], NOW)
    [lease] = await polls.lease(NOW, timedelta(minutes=2), 1, "token")
    rows = [(article, article.title, ()) for article in articles(COURSE)]
    await polls.commit(lease, state={}, articles=rows, next_due=NOW)
    assert len(await reader.new(1, 1)) == 1
    seen = await Overlook(client).look(NOW)
    [stream] = [stream for stream in seen.streams if stream.key == "monitor:{p0}:articles"]
    assert (stream.length, stream.groups, seen.readers) == (3, (GroupLook("readers", 2, 1, 1),), ())
    assert stream.last is not None
    await reader.beat()
    assert (await Overlook(client).look(NOW)).readers == ("host:1",)
