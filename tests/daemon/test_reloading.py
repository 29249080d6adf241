"""Rules edited under a running daemon: what is saved is in force within a second, what cannot be used changes nothing."""

from __future__ import annotations

import asyncio
import json
import shutil
import time
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, cast

import pytest
from jsonschema import Draft202012Validator
from redis.asyncio import Redis

from monitor.streams.events import schema
from tests.conftest import FeedServer, Item
from tests.daemon.program import PATIENCE, Program, address_of, program
from tests.daemon.test_run import entries

RULES = """\
title: A bridge
entities:
  red: {kind: party, names: {en: [Red]}}
  blue: {kind: party, names: {en: [Blue]}}
words:
  bridge: {en: [bridge]}
claims:
  built: {text: The bridge is built, about: bridge, confirmed_by: red}
alerts:
  - {alert: moved, when: {claim: built, becomes: [confirmed, denied, asserted, disputed]}}
feeds:
  - {url: URL, every: 1s, lang: en, outlet: Test Wire}
"""
MAY = datetime(2025, 5, 2, 9, tzinfo=UTC)
DENIAL = Item("denial", "Red denied that the bridge was built")
DAM = Item("dam", "Blue confirmed that the dam was built")
ADMISSION = Item("admission", "Red admitted that the bridge was built", "", MAY)
STORY = "monitor:{test}:"
RULES_STREAM = "monitor:{p0}:rules"


@dataclass
class Desk:
    """A daemon, the file that people edit, and a plain client."""

    daemon: Program
    file: Path
    client: Redis
    feed: FeedServer

    @property
    def text(self) -> str:
        return self.file.read_text(encoding="utf-8")

    def edit(self, old: str, new: str) -> None:
        """Saves with one passage replaced."""
        assert old in self.text
        self.file.write_text(self.text.replace(old, new), encoding="utf-8")

    async def told(self, kind: str) -> list[dict[str, Any]]:
        """What has been told of the rules, of one type."""
        rows = cast("list[Any]", await self.client.xrange(RULES_STREAM))
        return [json.loads(fields["data"]) for _, fields in rows if fields["type"] == kind]

    async def until(self, holds: Callable[[], Any]) -> Any:
        """Waits until something holds; what it came to."""
        async with asyncio.timeout(PATIENCE):
            while not (found := await holds()):
                await asyncio.sleep(0.02)
        return found

    async def reloaded(self, times: int) -> dict[str, Any]:
        """Waits until rules have come into force so many times, the start included."""
        found = await self.until(lambda: self._enough("rules.reloaded", times))
        return cast("dict[str, Any]", found[times - 1])

    async def rejected(self, times: int) -> dict[str, Any]:
        found = await self.until(lambda: self._enough("rules.rejected", times))
        return cast("dict[str, Any]", found[times - 1])

    async def _enough(self, kind: str, times: int) -> list[dict[str, Any]]:
        found = await self.told(kind)
        return found if len(found) >= times else []

    async def status(self, claim: str) -> str | None:
        held = cast("str | None", await cast("Any", self.client.hget(f"{STORY}state", claim)))
        return None if held is None else str(json.loads(held)["status"])

    async def stands(self, claim: str, status: str | None) -> None:
        """Waits until a claim has a status; None: until nothing is known of it."""

        async def holds() -> bool:
            return await self.status(claim) == status

        await self.until(holds)

    async def alerts(self) -> list[dict[str, Any]]:
        rows = cast("list[Any]", await self.client.xrange(f"{STORY}alerts"))
        return [json.loads(fields["data"]) for _, fields in rows]


def write(folder: Path, url: str) -> Path:
    """The story's file."""
    (folder / "rules" / "test").mkdir(parents=True)
    file = folder / "rules" / "test" / "story.yaml"
    file.write_text(RULES.replace("URL", url), encoding="utf-8")
    return file


@pytest.fixture
async def desk(tmp_path: Path, feed_server: FeedServer) -> AsyncIterator[Desk]:
    feed_server.items = [DENIAL, DAM]
    file, data = write(tmp_path, feed_server.url), tmp_path / "data"
    async with program("run", "--rules", str(tmp_path / "rules"), "--data", str(data), MONITOR_LOG="json") as daemon:
        await daemon.logged("started")
        async with Redis.from_url(address_of(data), decode_responses=True, protocol=2) as client:
            made = Desk(daemon, file, client, feed_server)
            await made.stands("built", "denied")
            await made.reloaded(1)
            yield made


async def test_a_saved_alert_is_in_force_at_once_and_told_by_name(desk: Desk) -> None:
    start = time.monotonic()
    desk.edit("alerts:\n", "alerts:\n  - {alert: red-moved, when: {party: red}}\n")
    told = await desk.reloaded(2)
    assert time.monotonic() - start < 3  # a loaded machine included
    [change] = told["changes"]
    assert (change["added"], change["removed"], change["altered"]) == ({"alerts": ["red-moved"]}, {}, {})
    assert change["from"] != change["to"] == told["in_force"]["test"]
    Draft202012Validator(schema("rules.reloaded")).validate(told)
    desk.feed.items = [*desk.feed.items, ADMISSION]
    alerts = await entries(desk.client, f"{STORY}alerts", 3)
    assert {one["subject"] for one in alerts} == {"first-poll", "moved", "red-moved"}
    rows = cast("list[Any]", await desk.client.xrange(f"{STORY}claims"))
    evidence = [json.loads(fields["data"]) for _, fields in rows if fields["type"] == "evidence"]
    assert [row["rules"] for row in evidence] == [change["from"], change["to"]]
    assert not [row for row in desk.daemon.log if row["event"] == "rules.rereading"]  # alerts do not change what articles say


async def test_what_cannot_be_used_is_told_with_its_place_and_changes_nothing(desk: Desk) -> None:
    good = desk.text
    desk.edit("confirmed_by: red", "confirmed_by: rde")
    told = await desk.rejected(1)
    Draft202012Validator(schema("rules.rejected")).validate(told)
    [problem] = told["problems"]
    line = 1 + next(number for number, text in enumerate(desk.text.splitlines()) if "rde" in text)
    assert (problem["file"], problem["line"], problem["text"]) == (str(desk.file), line, "rde")
    assert "red" in problem["hint"]
    assert told["in_force"] == (await desk.told("rules.reloaded"))[-1]["in_force"]
    desk.file.write_text(desk.text + "# saved again, as wrong as before\n", encoding="utf-8")
    desk.feed.items = [*desk.feed.items, ADMISSION]
    await desk.stands("built", "confirmed")  # by the rules in force
    desk.file.write_text(good, encoding="utf-8")
    told = await desk.reloaded(2)
    assert told["changes"] == []
    assert len(await desk.told("rules.rejected")) == 1


async def test_what_kept_articles_say_by_new_rules_raises_one_alert_a_claim_marked_rules(desk: Desk) -> None:
    before = await desk.alerts()
    desk.edit(
        "alerts:\n",
        "  dam-built: {text: The dam is built, about: dam}\n"
        "alerts:\n"
        "  - {alert: any, when: {claim: dam-built}, severity: info}\n"
        "  - {alert: loud, when: {claim: dam-built, becomes: asserted}, severity: urgent}\n",
    )
    await desk.stands("dam-built", "asserted")
    reread = await desk.daemon.logged("rules.reread")
    assert (reread["articles"], reread["changed"]) == (2, 1)
    [alert] = (await desk.alerts())[len(before) :]
    version = (await desk.told("rules.reloaded"))[-1]["in_force"]["test"]
    assert (alert["alert"], alert["from"], alert["to"], alert["rules"]) == ("loud", "unreported", "asserted", version)
    assert (alert["quote"], alert["outlet"]) == ("Blue confirmed that the dam", "Test Wire")
    count = len(await desk.alerts())
    desk.edit("A bridge", "A bridge and a dam")
    await desk.reloaded(3)
    assert len(await desk.alerts()) == count


async def test_an_alert_that_no_longer_holds_by_new_rules_is_corrected(desk: Desk) -> None:
    desk.feed.items = [*desk.feed.items, ADMISSION]
    await desk.stands("built", "confirmed")
    [*_, raised] = await desk.alerts()
    desk.edit("confirmed_by: red", "confirmed_by: blue")
    await desk.stands("built", "asserted")
    [*_, corrected] = await desk.alerts()
    assert (corrected["corrects"], corrected["to"]) == ([raised["id"]], "asserted")
    assert corrected["rules"]


async def test_a_removed_claim_leaves_no_state_and_comes_back_with_what_is_kept(desk: Desk) -> None:
    claim = "  built: {text: The bridge is built, about: bridge, confirmed_by: red}\n"
    alert = "  - {alert: moved, when: {claim: built, becomes: [confirmed, denied, asserted, disputed]}}\n"
    desk.edit(claim, "  other: {text: Something else, about: dam}\n")
    desk.edit(alert, "  - {alert: moved, when: {claim: other}}\n")
    await desk.stands("other", "asserted")
    assert await desk.status("built") is None
    desk.edit("  other:", f"{claim}  other:")
    await desk.stands("built", "denied")


async def test_rules_edited_while_no_daemon_ran_are_taken_up_by_the_next(tmp_path: Path, feed_server: FeedServer) -> None:
    feed_server.items = [DENIAL, DAM]
    file, data = write(tmp_path, feed_server.url), tmp_path / "data"
    arguments = ("run", "--rules", str(tmp_path / "rules"), "--data", str(data))
    async with program(*arguments, MONITOR_LOG="json") as daemon:
        await daemon.logged("alert")
    file.write_text(file.read_text().replace("{en: [bridge]}", "{en: [bridge, dam]}"))
    async with program(*arguments, MONITOR_LOG="json") as daemon:
        await daemon.logged("started")
        async with Redis.from_url(address_of(data), decode_responses=True, protocol=2) as client:
            await Desk(daemon, file, client, feed_server).stands("built", "disputed")


def in_place(file: Path, text: str) -> None:
    file.write_text(text, encoding="utf-8")


def by_renaming(file: Path, text: str) -> None:
    beside = file.with_name(".story.yaml.swp")
    beside.write_text(text, encoding="utf-8")
    beside.rename(file)


def by_way_of_a_backup(file: Path, text: str) -> None:
    file.rename(file.with_name("story.yaml~"))
    file.write_text(text, encoding="utf-8")


def through_a_link(file: Path, text: str) -> None:
    target = file.parent.parent / f"..data-{len(text)}"
    target.write_text(text, encoding="utf-8")
    link = file.with_name(".link")
    link.symlink_to(target)
    link.rename(file)


def with_its_folder(file: Path, text: str) -> None:
    away = file.parent.with_name(".away")
    shutil.copytree(file.parent, away)
    (away / file.name).write_text(text, encoding="utf-8")
    shutil.rmtree(file.parent)
    away.rename(file.parent)


@pytest.mark.parametrize("save", [in_place, by_renaming, by_way_of_a_backup, through_a_link, with_its_folder])
async def test_however_an_editor_saves(desk: Desk, save: Callable[[Path, str], None]) -> None:
    save(desk.file, desk.text.replace("title: A bridge", "title: A bridge, and how it was saved"))
    told = await desk.reloaded(2)
    assert told["changes"][0]["altered"] == {"story": ["title"]}
    assert await desk.told("rules.rejected") == []


async def test_a_file_that_is_written_in_pieces_is_read_when_it_is_whole(desk: Desk) -> None:
    text = desk.text.replace("title: A bridge", "title: A bridge in pieces")
    with desk.file.open("w", encoding="utf-8") as file:
        for line in text.splitlines(keepends=True):
            file.write(line)
            file.flush()
            await asyncio.sleep(0.05)
    told = await desk.reloaded(2)
    assert told["changes"][0]["altered"] == {"story": ["title"]}
    assert await desk.told("rules.rejected") == []


async def test_a_folder_that_is_gone_is_told_and_missed_by_nobody(desk: Desk) -> None:
    away = desk.file.parent.parent.with_name("elsewhere")
    desk.file.parent.parent.rename(away)
    told = await desk.rejected(1)
    assert "does not exist" in told["problems"][0]["problem"]
    desk.feed.items = [*desk.feed.items, ADMISSION]
    await desk.stands("built", "confirmed")
    away.rename(desk.file.parent.parent)
    assert (await desk.reloaded(2))["changes"] == []


async def test_twenty_saves_in_a_second_while_articles_come_lose_and_repeat_nothing(desk: Desk) -> None:
    for number in range(20):
        desk.edit(*(("[bridge]", "[bridge, viaduct]") if number % 2 == 0 else ("[bridge, viaduct]", "[bridge]")))
        desk.feed.items = [
            *desk.feed.items,
            Item(f"more-{number}", f"Blue confirmed that the bridge was built, report {number}", "", MAY + timedelta(hours=number)),
        ]
        await asyncio.sleep(0.05)
    desk.edit("[bridge]", "[bridge, dam]")

    async def read() -> set[str]:
        rows = cast("list[Any]", await desk.client.xrange(f"{STORY}claims"))
        found = [json.loads(fields["data"]) for _, fields in rows if fields["type"] == "evidence"]
        assert len({row["id"] for row in found}) == len(found)
        return {row["article"] for row in found}

    async def all_read() -> bool:
        return len(await read()) == 22

    await desk.until(all_read)
    versions = [told["in_force"]["test"] for told in await desk.told("rules.reloaded")]
    assert len(versions) <= 5  # while somebody is saving nothing is taken up
    changed = [e["data"] for e in await entries(desk.client, f"{STORY}claims", 1) if e["type"] == "claim.changed"]
    assert [(one["from"], one["to"]) for one in changed] == [("unreported", "denied"), ("denied", "disputed")]


async def test_two_daemons_on_one_folder_tell_of_a_change_once(desk: Desk, tmp_path: Path) -> None:
    data = tmp_path / "data"
    async with program("run", "--rules", str(tmp_path / "rules"), "--data", str(data), MONITOR_LOG="json") as other:
        await other.logged("started")
        before = len(await desk.alerts())
        desk.edit("{en: [bridge]}", "{en: [bridge, dam]}")
        await desk.stands("built", "disputed")
        for daemon in (desk.daemon, other):
            await daemon.logged("rules.reloaded")
        assert len(await desk.told("rules.reloaded")) == 2
        assert len(await desk.alerts()) == before + 1
