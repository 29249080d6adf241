"""A story's state on the server: committed whole, only onto the state it was worked out from, and the same after any restart."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, cast

import pytest

from monitor.engine.rulebook import Rulebook
from monitor.model import Article, Decision, Note, Verdict
from monitor.stories import open_rulebook
from monitor.streams.articles import Articles
from monitor.streams.client import Client
from monitor.streams.polls import Polls
from monitor.streams.stories import StoryStore, claim_states, decisions_of, evidence_of, notes_of, story_names, write_note
from monitor.worker import Worker

NOW = datetime(2025, 4, 28, 12, tzinfo=UTC)
RULES = """
title: A test
entities:
  red: {kind: party, names: {en: [Red]}}
  blue: {kind: party, names: {en: [Blue]}}
words:
  bridge: {en: [bridge]}
claims:
  bridge-built: {text: The bridge is built, about: bridge, confirmed_by: red}
matches: {bridges: bridge}
alerts:
  - {alert: moved, when: {party: [red, blue], position: any}}
"""
STREAMS = ("matches", "claims", "alerts")


@pytest.fixture(scope="module")
def rulebook(tmp_path_factory: pytest.TempPathFactory) -> Rulebook:
    folder = tmp_path_factory.mktemp("rules") / "test"
    folder.mkdir()
    (folder / "story.yaml").write_text(RULES)
    return open_rulebook(Path(folder))


def article(number: int, title: str, version: int = 1) -> Article:
    at = NOW + timedelta(hours=number)
    return Article(id=f"a{number}", version=version, outlet="Wire", lang="en", title=title, published_at=at, fetched_at=at)


COURSE = [
    article(0, "Red denied that the bridge was built"),
    article(1, "Blue confirmed that the bridge was built"),
    article(2, "Red confirmed that the bridge was built"),
    article(3, "The bridge in the rain"),
]


async def publish(client: Client, articles: Sequence[Article], first: bool = False) -> None:
    polls = Polls(client, 1)
    await polls.prepare()
    await polls.hasten(["https://wire.example/rss"], NOW)
    [lease] = await polls.lease(NOW, timedelta(minutes=1), 1, "token")
    rows = [(each, f"{each.id} {each.title}", ()) for each in articles]
    await polls.commit(lease, state={}, articles=rows, next_due=NOW, first=first)


async def worker(client: Client, rulebook: Rulebook, name: str = "one") -> Worker:
    made = Worker(client, Articles(client, client, 1, name), rulebook)
    await made.prepare()
    return made


async def events(client: Client) -> dict[str, list[tuple[str, str]]]:
    found = {}
    for stream in STREAMS:
        rows = cast("list[Any]", await client.xrange(f"monitor:{{test}}:{stream}"))
        found[stream] = [(fields["type"], fields["id"]) for _, fields in rows]
    return found


async def statuses(client: Client) -> dict[str, str]:
    return {state.claim: str(state.status) for state in await claim_states(client, "test")}


async def test_claims_that_nothing_is_known_of_are_listed_from_the_start(client: Client, rulebook: Rulebook) -> None:
    await worker(client, rulebook)
    assert await story_names(client) == ["test"]
    assert await statuses(client) == {"bridge-built": "unreported"}


async def test_what_articles_say_is_on_the_streams_and_in_the_state(client: Client, rulebook: Rulebook) -> None:
    await publish(client, COURSE)
    assert await (await worker(client, rulebook)).drain() == 4
    found = await events(client)
    assert [kind for kind, _ in found["claims"]] == [
        *("evidence", "position.changed", "claim.changed"),  # Red denies: denied
        *("evidence", "position.changed", "claim.changed"),  # Blue affirms: disputed
        *("evidence", "position.changed", "claim.changed"),  # Red affirms: confirmed
    ]
    assert (len(found["alerts"]), len(found["matches"])) == (3, 4)
    assert await statuses(client) == {"bridge-built": "confirmed"}


async def test_reading_everything_again_changes_nothing(client: Client, rulebook: Rulebook) -> None:
    await publish(client, COURSE)
    await (await worker(client, rulebook)).drain()
    before = await events(client)
    await client.xgroup_destroy("monitor:{p0}:articles", "readers")
    assert await (await worker(client, rulebook, "other")).drain() == 4
    assert await events(client) == before


async def test_two_readers_that_commit_in_turn_agree_with_one_that_read_alone(client: Client, rulebook: Rulebook) -> None:
    await publish(client, COURSE)
    await (await worker(client, rulebook)).drain()
    alone = await events(client)
    await client.flushall()
    one, two = await worker(client, rulebook, "one"), await worker(client, rulebook, "two")
    for number, each in enumerate(COURSE):
        await publish(client, [each])
        # The other one's ledger is a commit behind each time.
        await (one if number % 2 else two).drain()
    assert await events(client) == alone
    assert await statuses(client) == {"bridge-built": "confirmed"}


async def test_a_commit_onto_another_state_than_it_was_worked_out_from_is_refused_whole(client: Client, rulebook: Rulebook) -> None:
    story = rulebook.stories["test"]
    from monitor.engine.pipeline import read

    stores = [StoryStore(client, story), StoryStore(client, story)]
    outcomes = []
    for store, each in zip(stores, COURSE, strict=False):
        await store.load()
        outcomes.append(store.ledger.apply(read(each, rulebook)[0]))
    assert await stores[0].commit([outcomes[0]])
    before = await events(client)
    assert not await stores[1].commit([outcomes[1]])
    assert stores[1].stale
    assert await events(client) == before


async def test_a_story_without_a_claim_any_more_leaves_no_state_behind(client: Client, rulebook: Rulebook) -> None:
    await client.hset("monitor:{test}:state", "an-old-claim", "{}")
    await worker(client, rulebook)
    assert set(await statuses(client)) == {"bridge-built"}


async def test_what_was_said_of_a_claim_goes_a_day_after_it_has_left_the_rules(client: Client, rulebook: Rulebook, tmp_path: Path) -> None:
    await publish(client, [COURSE[0], article(5, "Red denied that the ferry sails")])
    await (await worker(client, rulebook)).drain()
    [row] = await evidence_of(client, "test")
    decision = Decision.about(row, Verdict.ACCEPT, why="so it was", by="desk", time=NOW)
    await StoryStore(client, rulebook.stories["test"]).change(lambda ledger: ledger.decide([decision]))
    await write_note(client, Note.about("test", "bridge-built", text="a note", by="desk", time=NOW))
    (tmp_path / "test").mkdir()
    other = RULES.replace(
        "  bridge-built: {text: The bridge is built, about: bridge, confirmed_by: red}", "  ferry: {text: It sails, about: ferry}"
    )
    (tmp_path / "test" / "story.yaml").write_text(other.replace("about: ferry", "about: '\"ferry sails\"'"))
    store = StoryStore(client, open_rulebook(tmp_path).stories["test"])
    await store.renew(NOW)
    for hours, due in ((0, []), (23, []), (25, ["bridge-built"]), (26, [])):
        assert await store.forget(NOW + timedelta(hours=hours)) == due
        assert len(await evidence_of(client, "test")) == (0 if hours > 24 else 1)
    assert (await decisions_of(client, "test"), await notes_of(client, "test")) == ([], [])
    # The conditions that the article met are still known.
    assert await client.hlen("monitor:{test}:entries") == 1


async def test_a_first_poll_raises_one_summary_whoever_reads_its_articles(client: Client, rulebook: Rulebook) -> None:
    await publish(client, COURSE, first=True)
    one, two = Articles(client, client, 1, "one"), Articles(client, client, 1, "two")
    workers = [Worker(client, one, rulebook), Worker(client, two, rulebook)]
    for each in workers:
        await each.prepare()
    await one.new(2, 1)  # the first reader has two in hand when the second takes the rest
    await workers[1].drain()
    assert (await events(client))["alerts"] == []
    await workers[0].drain()
    rows = cast("list[Any]", await client.xrange("monitor:{test}:alerts"))
    [alert] = [json.loads(fields["data"]) for _, fields in rows]
    assert alert["alert"] == "first-poll"
    assert "bridge-built is confirmed (blue affirms, red affirms)" in alert["summary"]
