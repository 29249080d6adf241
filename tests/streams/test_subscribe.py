"""What a subscribing program is given: every event once and in order, from where it asked, over lost servers, and no gap untold."""

from __future__ import annotations

import asyncio
import json
import os
import signal
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

import monitor
from monitor.errors import InputError, ServerError
from monitor.model import Alert, ClaimChanged, Decision, Event, Gap, Note, Severity, Status, Verdict
from monitor.settings import Settings
from monitor.streams import subscribe as module
from monitor.streams.access import server
from monitor.streams.client import Client, connected
from monitor.streams.events import entry
from monitor.streams.keys import story_key
from monitor.streams.server import EmbeddedServer
from tests.engine.factory import article, evidence

AT = datetime(2025, 4, 28, tzinfo=UTC)


@pytest.fixture(autouse=True)
def _quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "BLOCK", 50)


@pytest.fixture
async def url(client: Client, shared_server_folder: Path) -> AsyncIterator[str]:
    async with EmbeddedServer(shared_server_folder) as running:
        yield running.endpoint.url


def alert(number: int, story: str = "sale") -> Alert:
    return Alert(
        id=f"{story}-{number}",
        story=story,
        alert="told",
        severity=Severity.NOTICE,
        summary=f"number {number}",
        time=AT,
        article="a",
        version=1,
    )


def change(number: int, story: str = "sale") -> ClaimChanged:
    return ClaimChanged(id=f"c{number}", story=story, article="a", version=1, claim="sold", from_=Status.OPEN, to=Status.DENIED, time=AT)


def stream_entry(event: Event) -> Any:
    fields = entry(event)
    return dict(zip(fields[::2], fields[1::2], strict=True))


async def publish(client: Client, *numbers: int, story: str = "sale") -> None:
    await client.hset(story_key(story, "state"), "sold", "{}")
    for number in numbers:
        await client.xadd(story_key(story, "alerts"), stream_entry(alert(number, story)))


class Reader:
    """A subscriber that keeps what it is given. It has listened once what was published while it waits arrives."""

    def __init__(self, subscription: module.Subscription) -> None:
        self.subscription = subscription
        self.got: list[Any] = []
        self._task = asyncio.create_task(self._read())

    async def _read(self) -> None:
        async for event in self.subscription:
            self.got.append(event)

    async def has(self, count: int) -> list[Any]:
        """What it was given, once that is so much."""
        async with asyncio.timeout(20):
            while len(self.got) < count:
                if self._task.done():
                    self._task.result()
                await asyncio.sleep(0.005)
        return [one.summary if isinstance(one, Alert) else one for one in self.got]

    async def listens(self) -> None:
        async with asyncio.timeout(20):
            while not self.subscription.cursor:
                await asyncio.sleep(0.005)

    async def stop(self) -> None:
        self._task.cancel()
        await asyncio.gather(self._task, return_exceptions=True)


@asynccontextmanager
async def reading(url: str, **options: Any) -> AsyncIterator[Reader]:
    reader = Reader(monitor.subscribe(url, **options))
    try:
        yield reader
    finally:
        await reader.stop()


async def test_from_now_only_what_comes_after_is_given(client: Client, url: str) -> None:
    await publish(client, 1, 2)
    async with reading(url) as reader:
        await reader.listens()
        await publish(client, 3)
        assert await reader.has(1) == ["number 3"]
        assert reader.got == [alert(3)]


async def test_from_the_beginning_all_that_is_there_is_given_and_what_follows(client: Client, url: str) -> None:
    await publish(client, 1, 2)
    async with reading(url, after="beginning") as reader:
        assert await reader.has(2) == ["number 1", "number 2"]
        await publish(client, 3)
        assert (await reader.has(3))[2:] == ["number 3"]


async def test_a_cursor_that_was_kept_leads_on_from_where_it_was_taken(client: Client, url: str) -> None:
    await publish(client, 1)
    async with reading(url, after="beginning") as reader:
        await reader.has(1)
        await asyncio.sleep(0)
        cursor = json.loads(json.dumps(reader.subscription.cursor))
    await publish(client, 2)
    await publish(client, 3, story="merger")
    async with reading(url, after=cursor) as reader:
        assert sorted(await reader.has(2)) == ["number 2", "number 3"]


async def test_only_the_asked_story_and_types_are_given(client: Client, url: str) -> None:
    await publish(client, 1)
    await publish(client, 2, story="merger")
    await client.xadd(story_key("sale", "claims"), stream_entry(change(3)))
    async with reading(url, after="beginning", story="sale", types=["claim.changed"]) as reader:
        await reader.has(1)
        assert reader.got == [change(3)]


async def test_what_people_decide_and_note_comes_as_models(client: Client, url: str) -> None:
    rows = [evidence(article("a"), "buyer", "affirm")]
    said: list[Event] = [
        Decision.about(rows[0], Verdict.REJECT, why="그런 말이 아니다", by="anna", time=AT),
        Note.about("test", "sold", text="다시 본다", by="bo", time=AT),
    ]
    await client.hset(story_key("test", "state"), "sold", "{}")
    for one in said:
        await client.xadd(story_key("test", "claims"), stream_entry(one))
    async with reading(url, after="beginning", types=["decision", "note"]) as reader:
        await reader.has(2)
        assert reader.got == said


async def test_a_story_that_begins_later_is_given_from_its_first_event(client: Client, url: str) -> None:
    await publish(client, 1)
    async with reading(url) as reader:
        await reader.listens()
        await publish(client, 2, story="merger")
        assert await reader.has(1) == ["number 2"]


async def test_what_a_newer_daemon_adds_is_left_aside(client: Client, url: str) -> None:
    await publish(client, 1)
    key = story_key("sale", "alerts")
    await client.xadd(key, {"type": "invented.later", "data": "{}"})
    newer = stream_entry(alert(2))
    newer["data"] = json.dumps({**json.loads(newer["data"]), "mood": "sombre"})
    await client.xadd(key, newer)
    async with reading(url, after="beginning") as reader:
        assert await reader.has(2) == ["number 1", "number 2"]


# Gaps -------------------------------------------------------------------------------------------------------------------------


async def test_entries_that_were_trimmed_before_they_were_read_are_told_with_their_number(client: Client, url: str) -> None:
    await publish(client, 1)
    key = story_key("sale", "alerts")
    async with reading(url, after="beginning") as reader:
        await reader.has(1)
        last = reader.subscription.cursor[key]
        async with client.pipeline(transaction=True) as together:
            for number in (2, 3, 4):
                together.xadd(key, stream_entry(alert(number)))
            together.xtrim(key, maxlen=1, approximate=False)
            await together.execute()
        assert (await reader.has(3))[1:] == [Gap(stream=key, after=last, missed=2, reason="trimmed"), "number 4"]


async def test_a_gap_behind_an_old_cursor_is_told_without_a_number(client: Client, url: str) -> None:
    await publish(client, 1, 2, 3)
    key = story_key("sale", "alerts")
    rows: Any = await client.xrange(key)
    first = rows[0][0]
    await client.xtrim(key, maxlen=1, approximate=False)
    async with reading(url, after={key: first}) as reader:
        assert await reader.has(2) == [Gap(stream=key, after=first, missed=None, reason="trimmed"), "number 3"]


async def test_what_was_read_before_it_was_trimmed_is_no_gap(client: Client, url: str) -> None:
    async with reading(url, after="beginning") as reader:
        await publish(client, 1, 2)
        await reader.has(2)
        await client.xtrim(story_key("sale", "alerts"), maxlen=0, approximate=False)
        await publish(client, 3)
        assert await reader.has(3) == ["number 1", "number 2", "number 3"]


async def test_a_stream_that_begins_anew_is_told_and_read_from_its_first_entry(client: Client, url: str) -> None:
    await publish(client, 1)
    key = story_key("sale", "alerts")
    async with reading(url, after="beginning") as reader:
        await reader.has(1)
        last = reader.subscription.cursor[key]
        await client.flushall()
        assert (await reader.has(2))[1] == Gap(stream=key, after=last, missed=None, reason="reset")
        await publish(client, 7)
        assert (await reader.has(3))[2] == "number 7"


# Groups -----------------------------------------------------------------------------------------------------------------------


async def test_a_group_shares_events_and_knows_its_place(client: Client, url: str) -> None:
    await publish(client, *range(20))
    options = {"group": "desk", "after": "beginning"}
    async with reading(url, **options, consumer="anna") as one, reading(url, **options, consumer="ben") as other:
        async with asyncio.timeout(20):
            while len(one.got) + len(other.got) < 20:
                await asyncio.sleep(0.005)
    assert sorted(event.id for event in one.got + other.got) == sorted(alert(n).id for n in range(20))
    await publish(client, 20)
    async with reading(url, group="desk", consumer="anna") as later:
        left = await later.has(1)
        assert left[-1] == "number 20"


async def test_an_event_that_was_not_finished_is_given_again(client: Client, url: str) -> None:
    await publish(client, 1, 2)
    options: dict[str, Any] = {"group": "desk", "after": "beginning", "consumer": "anna"}
    events = aiter(monitor.subscribe(url, **options))
    assert await anext(events) == alert(1)
    assert await anext(events) == alert(2)  # asking for it finished the first
    await events.aclose()  # type: ignore[attr-defined]
    async with reading(url, **options) as reader:
        assert await reader.has(1) == ["number 2"]


async def test_what_another_left_lying_is_taken_over(client: Client, url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    await publish(client, 1)
    events = aiter(monitor.subscribe(url, group="desk", after="beginning", consumer="anna"))
    await anext(events)
    await events.aclose()  # type: ignore[attr-defined]
    monkeypatch.setattr(module, "_IDLE", 0)
    async with reading(url, group="desk", consumer="ben") as reader:
        assert await reader.has(1) == ["number 1"]


async def test_a_group_is_told_what_it_never_got(client: Client, url: str) -> None:
    await publish(client, 1)
    options = {"group": "desk", "after": "beginning", "consumer": "anna"}
    async with reading(url, **options) as reader:
        await reader.has(1)
    key = story_key("sale", "alerts")
    await publish(client, 2, 3, 4)
    await client.xtrim(key, maxlen=1, approximate=False)
    async with reading(url, **options) as reader:
        got = [one for one in await reader.has(2) if one != "number 1"]
        if len(got) < 2:
            got = [one for one in await reader.has(3) if one != "number 1"]
        assert (got[0].missed, got[0].reason, got[1]) == (2, "trimmed", "number 4")


async def test_a_group_that_was_flushed_away_is_made_again(client: Client, url: str) -> None:
    await publish(client, 1)
    async with reading(url, group="desk", after="beginning") as reader:
        await reader.has(1)
        await asyncio.sleep(0.2)  # a round in which the event is done with
        await client.flushall()
        await publish(client, 2)
        got = await reader.has(3)
        assert [getattr(one, "reason", one) for one in got] == ["number 1", "reset", "number 2"]


# The server -------------------------------------------------------------------------------------------------------------------


async def test_a_killed_server_is_waited_for_and_nothing_is_lost_or_repeated(tmp_path: Path) -> None:
    settings = Settings(data=tmp_path)
    async with server(settings) as running, EmbeddedServer(tmp_path) as embedded:
        async with connected(running.url) as client:
            await publish(client, 1)
        reader = Reader(monitor.subscribe(data=tmp_path, after="beginning"))
        await reader.has(1)
        os.kill(embedded.endpoint.pid, signal.SIGKILL)
        await embedded.ensure()
        async with connected(embedded.endpoint.url) as client:
            await publish(client, 2)
        assert await reader.has(2) == ["number 1", "number 2"]
        await reader.stop()


async def test_a_given_server_that_is_away_for_several_attempts_is_waited_for(tmp_path: Path) -> None:
    async with EmbeddedServer(tmp_path) as embedded:
        async with connected(embedded.endpoint.url) as client:
            await publish(client, 1)
        reader = Reader(monitor.subscribe(embedded.endpoint.tcp, after="beginning"))
        await reader.has(1)
        os.kill(embedded.endpoint.pid, signal.SIGKILL)
        await asyncio.sleep(0.5)  # 0.1 and 0.2 seconds pass between its attempts
        async with connected((await embedded.ensure()).url) as client:
            await publish(client, 2)
        assert await reader.has(2) == ["number 1", "number 2"]
        await reader.stop()


async def test_a_server_that_is_not_there_at_the_start_is_an_error() -> None:
    with pytest.raises(ServerError, match="does not answer"):
        await anext(aiter(monitor.subscribe("redis://127.0.0.1:1")))


def test_a_type_that_does_not_exist_is_an_error() -> None:
    with pytest.raises(InputError, match=r"claim\.changed"):
        monitor.subscribe(types=["claim.moved"])


@pytest.fixture
def filled(tmp_path: Path) -> Path:
    async def fill() -> None:
        async with EmbeddedServer(tmp_path) as running, connected(running.endpoint.url) as client:
            await publish(client, 1, 2)

    asyncio.run(fill())
    return tmp_path


def test_without_an_event_loop_events_come_in_a_plain_loop(filled: Path) -> None:
    got = []
    for event in monitor.subscribe_blocking(data=filled, after="beginning"):
        got.append(event)
        if len(got) == 2:
            break
    assert got == [alert(1), alert(2)]
