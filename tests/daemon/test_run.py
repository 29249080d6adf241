"""`monitor run`, from a real feed to what a plain Redis client sees on the streams."""

from __future__ import annotations

import asyncio
import json
import os
import shutil
import signal
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, cast

import pytest
from jsonschema import Draft202012Validator
from redis.asyncio import Redis

from monitor.streams.events import schema
from monitor.streams.server import EmbeddedServer
from tests.conftest import FeedServer, Item
from tests.daemon.program import PATIENCE, Program, address_of, program

KURSK = Path(__file__).parents[2] / "rules" / "kursk"

ADMISSION = Item(
    "admission",
    "Pyongyang admits that its soldiers fight for Russia",
    "North Korea has confirmed that it sent troops to Russia to fight against Ukraine, the state news agency KCNA reported.\n\n"
    "Valery Gerasimov, the head of the Russian General Staff, said that the Kursk region had been fully liberated. Ukraine denied this.\n\n"
    "Moscow had previously denied that North Korean soldiers were fighting in Kursk.",
)
DENIAL = Item(
    "denial",
    "Kremlin denies that North Korean troops fight in Kursk",
    "The Kremlin denied that North Korean soldiers had been sent to Russia.",
    datetime(2024, 10, 10, 12, tzinfo=UTC),
)
BESIDE = Item("beside", "A football match was played in Lisbon", "Nothing else happened.", datetime(2025, 4, 27, tzinfo=UTC))


def rules(folder: Path, url: str) -> Path:
    """The shipped story, with one feed of the test's own."""
    story = folder / "rules" / "kursk"
    shutil.copytree(KURSK, story)
    (story / "feeds.yaml").write_text(f"feeds:\n  - {{url: '{url}', every: 1s, lang: en, outlet: Test Wire}}\n")
    return story.parent


async def entries(client: Redis, stream: str, count: int) -> list[dict[str, Any]]:
    """Waits until a stream has so many entries; all of them, `data` parsed, with `at`, the server's milliseconds."""

    async def enough() -> list[Any]:
        place = "0"
        found: list[Any] = []
        while len(found) < count:
            reply = cast("list[Any]", await client.xread({stream: place}, block=500))
            for _, rows in reply:
                found += rows
                place = rows[-1][0]
        return found

    rows = await asyncio.wait_for(enough(), PATIENCE)
    return [{**fields, "data": json.loads(fields["data"]), "at": int(entry.split("-")[0])} for entry, fields in rows]


@pytest.fixture
async def daemon(tmp_path: Path, feed_server: FeedServer) -> AsyncIterator[Program]:
    feed_server.items = [DENIAL, BESIDE]
    async with program(
        "run", "--rules", str(rules(tmp_path, feed_server.url)), "--data", str(tmp_path / "data"), MONITOR_LOG="json"
    ) as made:
        await made.logged("started")
        yield made


@pytest.fixture
async def subscriber(daemon: Program, tmp_path: Path) -> AsyncIterator[Redis]:
    """A plain client, as anybody would open it."""
    async with Redis.from_url(address_of(tmp_path / "data"), decode_responses=True, protocol=2) as client:
        yield client


async def test_an_article_in_a_feed_becomes_evidence_changes_and_alerts_within_a_second(
    daemon: Program, subscriber: Redis, feed_server: FeedServer
) -> None:
    [first] = await entries(subscriber, "monitor:{kursk}:alerts", 1)
    assert (first["subject"], first["data"]["alert"]) == ("first-poll", "first-poll")

    feed_server.items = [ADMISSION, DENIAL, BESIDE]
    alerts = await entries(subscriber, "monitor:{kursk}:alerts", 4)
    claims = await entries(subscriber, "monitor:{kursk}:claims", 8)
    matches = await entries(subscriber, "monitor:{kursk}:matches", 1)

    evidence = {(d["claim"], d["party"], d["stance"], d["when"]) for d in (e["data"] for e in claims) if "stance" in d}
    assert evidence >= {
        ("troops-sent", "north-korea", "affirm", "now"),
        ("kursk-retaken", "russia", "affirm", "now"),
        ("kursk-retaken", "ukraine", "deny", "now"),
        ("troops-sent", "russia", "deny", "past"),
    }
    changed = [(e["data"]["claim"], e["data"]["from"], e["data"]["to"]) for e in claims if e["type"] == "claim.changed"]
    # Russia's denial of October stands: a recap moves nothing, so an admission by the one meets a denial by the other.
    assert ("troops-sent", "denied", "disputed") in changed
    assert ("kursk-retaken", "unreported", "disputed") in changed
    moved = {
        (e["data"]["party"], e["data"]["from"], e["data"]["to"])
        for e in claims
        if e["type"] == "position.changed" and e["data"]["claim"] == "troops-sent"
    }
    assert moved == {("russia", None, "deny"), ("north-korea", None, "affirm")}
    assert {a["data"]["alert"] for a in alerts[1:]} >= {"status-changed", "principal-moved"}
    assert {m["data"]["rule"] for m in matches} == {"north-koreans-at-war"}

    articles = cast("list[Any]", await subscriber.xrange("monitor:{p0}:articles"))
    [polled_at] = [int(entry.split("-")[0]) for entry, fields in articles if fields["title"] == ADMISSION.title]
    assert max(e["at"] for e in (*alerts[1:], *claims, *matches)) - polled_at < 1000
    for entry in (*alerts, *claims, *matches):
        Draft202012Validator(schema(entry["type"])).validate(entry["data"])
        assert entry["specversion"] == "1.0"
        assert entry["data"]["id"] == entry["id"]

    state = json.loads(cast("str", await cast("Any", subscriber.hget("monitor:{kursk}:state", "kursk-retaken"))))
    assert (state["status"], {p["party"]: p["stance"] for p in state["positions"]}) == ("disputed", {"russia": "affirm", "ukraine": "deny"})


async def test_a_correction_takes_an_alert_back(daemon: Program, subscriber: Redis, feed_server: FeedServer) -> None:
    await entries(subscriber, "monitor:{kursk}:alerts", 1)
    feed_server.items = [
        Item("x", "Kyiv denies that Kursk was fully liberated", "Ukraine denied that the Kursk region had been fully liberated.")
    ]
    first = (await entries(subscriber, "monitor:{kursk}:alerts", 2))[1]
    assert (first["data"]["claim"], first["data"]["to"]) == ("kursk-retaken", "denied")
    feed_server.items = [Item("x", "A headline about the weather", "It will rain.")]
    second = (await entries(subscriber, "monitor:{kursk}:alerts", 3))[2]
    assert second["data"]["corrects"] == [first["id"]]
    assert second["data"]["to"] == "unreported"


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
async def test_one_signal_finishes_what_is_in_hand_and_leaves_nothing_pending(
    daemon: Program, tmp_path: Path, feed_server: FeedServer, number: signal.Signals
) -> None:
    await daemon.logged("alert")
    feed_server.items = [ADMISSION]
    daemon.send(number)
    assert await daemon.ended() == 0
    # Another start finds everything as it was: no alert twice, nothing in hand.
    async with program("run", "--rules", str(tmp_path / "rules"), "--data", str(tmp_path / "data"), MONITOR_LOG="json") as again:
        await again.logged("started")
        async with Redis.from_url(address_of(tmp_path / "data"), decode_responses=True, protocol=2) as client:
            # The first run may have polled once more before it ended: the alert on the status is then there already.
            await entries(client, "monitor:{kursk}:alerts", 2)
            rows = cast("list[Any]", await client.xrange("monitor:{kursk}:alerts"))
            ids = [fields["id"] for _, fields in rows]
            assert len(ids) == len(set(ids))
            assert [fields["subject"] for _, fields in rows].count("first-poll") == 1
            assert "status-changed" in [fields["subject"] for _, fields in rows]


async def test_a_server_that_is_killed_is_started_again_and_nothing_is_lost(
    daemon: Program, subscriber: Redis, tmp_path: Path, feed_server: FeedServer
) -> None:
    await entries(subscriber, "monitor:{kursk}:alerts", 1)
    while any(group["pending"] for group in await subscriber.xinfo_groups("monitor:{p0}:articles")):
        await asyncio.sleep(0.01)
    # A poll is in hand meanwhile.
    feed_server.delay, asked = asyncio.Event(), feed_server.asked
    while feed_server.asked == asked:
        await asyncio.sleep(0.01)
    endpoint = json.loads((tmp_path / "data" / "endpoint.json").read_text())
    os.kill(endpoint["pid"], signal.SIGKILL)
    feed_server.items = [ADMISSION, DENIAL, BESIDE]
    await daemon.logged("server.back")
    feed_server.delay.set()
    async with Redis.from_url(address_of(tmp_path / "data"), decode_responses=True, protocol=2) as again:
        alerts = await entries(again, "monitor:{kursk}:alerts", 4)
    assert [alert["subject"] for alert in alerts].count("first-poll") == 1
    assert len({alert["id"] for alert in alerts}) == len(alerts)


async def test_a_second_signal_ends_it_at_once(tmp_path: Path, feed_server: FeedServer) -> None:
    feed_server.delay = asyncio.Event()
    async with program(
        "run", "--rules", str(rules(tmp_path, feed_server.url)), "--data", str(tmp_path / "data"), MONITOR_LOG="json"
    ) as made:
        await made.logged("started")
        while not feed_server.asked:
            await asyncio.sleep(0.01)
        made.send(signal.SIGTERM)
        await made.logged("stop asked for")
        made.send(signal.SIGTERM)
        assert await made.ended() == 128 + signal.SIGTERM
    feed_server.delay.set()
    # Its server was left to whoever comes next; the last to leave stops it.
    async with EmbeddedServer(tmp_path / "data"):
        pass


async def test_killed_and_started_again_it_neither_loses_nor_repeats(tmp_path: Path, feed_server: FeedServer) -> None:
    feed_server.items = [DENIAL]
    arguments = ("run", "--rules", str(rules(tmp_path, feed_server.url)), "--data", str(tmp_path / "data"))
    for number in range(2):
        async with program(*arguments, MONITOR_LOG="json") as made:
            await made.logged("started")
            feed_server.items = [
                *feed_server.items,
                Item(f"more-{number}", f"Seoul says North Korean troops fight in Kursk, report {number}"),
            ]
            # Killed as soon as it has the article, wherever it then stands with it.
            await made.logged("poll", lambda row: row["new"] > 0)
            made.process.kill()
            await made.ended()
    async with (
        program(*arguments, MONITOR_LOG="json") as made,
        Redis.from_url(address_of(tmp_path / "data"), decode_responses=True, protocol=2) as client,
    ):
        await made.logged("started")

        async def settled() -> None:
            while True:
                groups = await client.xinfo_groups("monitor:{p0}:articles")
                if all(group["entries-read"] == 3 and group["pending"] == 0 for group in groups):
                    return
                await asyncio.sleep(0.05)

        await asyncio.wait_for(settled(), 60)
        rows = cast("list[Any]", await client.xrange("monitor:{kursk}:claims"))
        ids = [fields["id"] for _, fields in rows]
        assert len(ids) == len(set(ids))
        evidence = [json.loads(fields["data"]) for _, fields in rows if fields["type"] == "evidence"]
        assert len({row["article"] for row in evidence}) == 3
