"""`monitor doctor`: whatever is broken, a line says so and what to do, and nothing is made or started."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import socket
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any, cast

import pytest

from monitor.doctor import Finding, feeds, server
from monitor.feeds.overview import overview
from monitor.feeds.state import FeedState
from monitor.rules.schema import Story
from monitor.settings import Settings
from monitor.streams.backlog import Behind
from monitor.streams.client import connected
from monitor.streams.health import ServerFacts
from monitor.streams.keys import LAYOUT, META
from monitor.streams.polls import now_utc
from monitor.streams.server import EmbeddedServer
from tests.cli.test_commands import TINY, Ran, monitor
from tests.conftest import FeedServer
from tests.daemon.program import program

# What is said of a server ---------------------------------------------------------------------------------------------------------

SOUND = ServerFacts(
    name="Valkey", version="9.1.0", replica=False, log_on=True, snapshots=False, unsaved="", policy="noeviction", used=10**6,
    limit=10**8, limited=True, ahead=timedelta(), layout=LAYOUT, partitions=1, daemons=("here:1",), unread=0, behind=(),
)  # fmt: skip

STOPPED = Behind("monitor:{kursk}:alerts", "desk", "0-0", 7, now_utc() - timedelta(hours=2))
SLOW = replace(STOPPED, since=now_utc() - timedelta(minutes=5))

SERVERS = {
    # outcome: the facts, the part that is wrong, what is to be done
    "sound": (SOUND, None, ""),
    "empty": (replace(SOUND, layout=None, partitions=None, daemons=()), None, ""),
    "evicting, but without a limit": (replace(SOUND, policy="allkeys-lru", limited=False), None, ""),
    "a replica": (replace(SOUND, replica=True), "server", "primary"),
    "snapshots only": (replace(SOUND, log_on=False, snapshots=True), "persistence", "appendonly yes"),
    "keeps nothing": (replace(SOUND, log_on=False), "persistence", "appendonly yes"),
    "a disk that is full": (replace(SOUND, unsaved="append-only file"), "persistence", "disk"),
    "evicting": (replace(SOUND, policy="allkeys-lru"), "memory", "noeviction"),
    "full": (replace(SOUND, used=95 * 10**6), "memory", "more memory"),
    "another layout": (replace(SOUND, layout="0"), "layout", "another server"),
    "other partitions": (replace(SOUND, partitions=4), "layout", "MONITOR_PARTITIONS=4"),
    "a clock ahead": (replace(SOUND, ahead=timedelta(seconds=60)), "clock", "NTP"),
    "a clock behind": (replace(SOUND, ahead=timedelta(seconds=-60)), "clock", "NTP"),
    "a group that has stopped": (replace(SOUND, behind=(STOPPED, SLOW)), "subscriber", "XGROUP DESTROY"),
    "nobody reads what waits": (replace(SOUND, daemons=(), unread=3), "daemon", "monitor run"),
}


@pytest.mark.parametrize(("facts", "part", "todo"), SERVERS.values(), ids=SERVERS)
def test_what_is_said_of_a_server(facts: ServerFacts, part: str | None, todo: str) -> None:
    found = list(server(facts, Settings()))
    parts = ["server", "persistence", "memory", "layout", "clock", "daemon", *(["subscriber"] if part == "subscriber" else [])]
    assert [one.part for one in found] == parts
    wrong = [one for one in found if not one.ok]
    assert [one.part for one in wrong] == ([part] if part else [])
    assert all(todo in one.todo for one in wrong)


# What is said of feeds ------------------------------------------------------------------------------------------------------------

FINE = FeedState(polled=3, last_poll=now_utc(), last_success=now_utc())
BAD = FINE.model_copy(update={"failures": 4, "problem": "HTTP 404"})
MOVED = FINE.model_copy(update={"address": "https://two.example/feed"})
FEEDS = {
    # outcome: states, minutes until each is due, whether somebody polls, what is said
    "all well": ([FINE, FINE], 1, True, ["feeds: 2, and none fails"]),
    "one is new": ([FINE, FeedState()], 1, True, ["feeds: 2, of which 1 were never polled"]),
    "one fails": ([FINE, BAD], 1, True, ["!! feed: https://two.example/rss fails since"]),
    "many fail": ([BAD] * 5, 1, True, ["!! feed: https://one", "!! feed: https://two", "!! feed: https://three", "!! feeds: 5 of 5 fail"]),
    "one has moved": ([FINE, MOVED], 1, True, ["!! feed: https://two.example/rss has moved to https://two.example/feed"]),
    "late": ([FINE, FINE], -10, True, ["!! feeds: 2 of 2 are late: https://one.example/rss, https://two.example/rss"]),
    "nobody polls, so nothing is late": ([FINE, FINE], -10, False, ["feeds: 2, and none fails"]),
    "none": ([], 1, True, ["feeds: none"]),
}
URLS = [f"https://{name}.example/rss" for name in ("one", "two", "three", "four", "five")]


@pytest.mark.parametrize(("states", "due", "polled", "said"), FEEDS.values(), ids=FEEDS)
def test_what_is_said_of_feeds(states: list[FeedState], due: int, polled: bool, said: list[str]) -> None:
    named = URLS[: len(states)]
    rules = Story.model_validate({"story": "a", "title": "A", "feeds": [{"url": url} for url in named]})
    at = now_utc() + timedelta(minutes=due)
    rows = overview([rules], {url: (state.to_hash(), at) for url, state in zip(named, states, strict=True)})
    found = [f"{'' if one.ok else '!! '}{one.part}: {one.what}" for one in feeds(rows, now_utc(), polled=polled)]
    assert len(found) == len(said)
    assert all(line.startswith(beginning) for line, beginning in zip(found, said, strict=True)), found


# Set-ups --------------------------------------------------------------------------------------------------------------------------


def doctor(*arguments: str | Path, **environment: str) -> tuple[Ran, list[Finding]]:
    ran = monitor("doctor", "--json", *arguments, **environment)
    assert ran.err == ""
    found = [Finding(row["part"], row["what"], row["todo"], not row["ok"]) for row in ran.rows]
    assert ran.code == int(any(not one.ok for one in found))
    return ran, found


@pytest.fixture
def rules(tmp_path: Path) -> Path:
    """A folder with one small story."""
    (tmp_path / "rules" / "tiny").mkdir(parents=True)
    (tmp_path / "rules" / "tiny" / "story.yaml").write_text(TINY, encoding="utf-8")
    return tmp_path / "rules"


def file_as_data(folder: Path) -> dict[str, str]:
    (folder / "file").write_text("")
    return {"MONITOR_DATA": str(folder / "file")}


def broken_rules(folder: Path) -> dict[str, str]:
    path = folder / "rules" / "tiny" / "story.yaml"
    path.write_text(TINY.replace("becomes: confirmed", "becomes: confirmd").replace("corvane}}", "corvin}}"), encoding="utf-8")
    return {}


def torn_notes(folder: Path) -> dict[str, str]:
    (folder / "data" / "server").mkdir(parents=True)
    for name in ("endpoint.json", "server.lock", "users.lock"):
        (folder / "data" / name).write_text('{"port": "x')
    return {}


def no_server(_: Path) -> dict[str, str]:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return {"MONITOR_REDIS_URL": f"redis://127.0.0.1:{free.getsockname()[1]}"}


SETUPS: dict[str, tuple[Callable[[Path], dict[str, str]], dict[str, str]]] = {
    # outcome: what is done to a sound set-up -> settings; part that is wrong -> what its line says
    "nothing is wrong": (lambda _: {}, {}),
    "notes of a server that are torn": (torn_notes, {}),
    "a file where the data folder should be": (file_as_data, {"data": "set MONITOR_DATA"}),
    "a data folder below a file": (lambda folder: {"MONITOR_DATA": file_as_data(folder)["MONITOR_DATA"] + "/x"}, {"data": "MONITOR_DATA"}),
    "no rules": (lambda _: {"MONITOR_RULES": "/nowhere"}, {"rules": "/nowhere"}),
    "broken rules": (broken_rules, {"rules": "2 errors"}),
    "a server that does not answer": (no_server, {"server": "does not answer"}),
    "an address of no kind": (lambda _: {"MONITOR_REDIS_URL": "http://x"}, {"server": "MONITOR_REDIS_URL"}),
    "a setting out of range": (lambda _: {"MONITOR_PORT": "99999"}, {"settings": "MONITOR_PORT=99999"}),
    "two things": (lambda folder: {**no_server(folder), **file_as_data(folder)}, {"data": "MONITOR_DATA", "server": "answer"}),
}


@pytest.mark.parametrize(("spoil", "expected"), SETUPS.values(), ids=SETUPS)
def test_a_set_up(spoil: Callable[[Path], dict[str, str]], expected: dict[str, str], rules: Path, tmp_path: Path) -> None:
    given = {"MONITOR_RULES": str(rules), "MONITOR_DATA": str(tmp_path / "data")} | spoil(tmp_path)
    before = sorted(tmp_path.rglob("*"))
    _, found = doctor(**given)
    assert {one.part: one.what for one in found if not one.ok}.keys() == expected.keys()
    assert all(said in f"{one.what}: {one.todo}" for one in found for part, said in expected.items() if one.part == part)
    assert sorted(tmp_path.rglob("*")) == before


def test_for_a_person_each_line_is_ok_or_says_what_to_do(rules: Path) -> None:
    ran = monitor("doctor", "--rules", rules, "--data", rules / "tiny" / "story.yaml")
    assert ran.code == 1
    lines = ran.out.splitlines()
    assert {line[:4] for line in lines} == {"ok  ", "!!  "}
    assert [line.split()[1] for line in lines if line.startswith("!!")] == ["data"]


async def test_a_given_server_that_may_lose_positions(rules: Path, tmp_path: Path) -> None:
    async with EmbeddedServer(tmp_path / "given") as given, connected(given.endpoint.url) as client:
        await client.config_set("appendonly", "no")
        await client.config_set("maxmemory", "100mb")
        await client.config_set("maxmemory-policy", "allkeys-lru")
        await client.hset(META, mapping={"layout": "0", "partitions": "2"})
        _, found = await asyncio.to_thread(doctor, "--rules", rules, MONITOR_REDIS_URL=given.endpoint.tcp)
    assert [one.part for one in found if not one.ok] == ["persistence", "memory", "layout"]


async def test_a_given_server_whose_user_may_do_little(rules: Path, tmp_path: Path) -> None:
    async with EmbeddedServer(tmp_path / "given") as given, connected(given.endpoint.url) as client:
        await cast("Any", client).execute_command("ACL", "SETUSER", "guest", "on", ">secret", "+ping", "+hello", "+client", "+info|server")
        url = f"redis://guest:secret@127.0.0.1:{given.endpoint.port}"
        _, found = await asyncio.to_thread(doctor, "--rules", rules, MONITOR_REDIS_URL=url)
    [wrong] = [one for one in found if not one.ok]
    assert wrong.part == "server"
    assert "allow" in wrong.what or "cannot be used" in wrong.what
    assert "secret" not in wrong.what


async def test_a_server_that_hangs_is_told_from_one_that_is_not_there(rules: Path, tmp_path: Path) -> None:
    async with EmbeddedServer(tmp_path) as hanging:
        os.kill(hanging.endpoint.pid, signal.SIGSTOP)
        try:
            _, found = await asyncio.to_thread(doctor, "--rules", rules, "--data", tmp_path)
        finally:
            os.kill(hanging.endpoint.pid, signal.SIGCONT)
    [wrong] = [one for one in found if not one.ok]
    assert wrong.part == "server"
    assert f"process {hanging_pid(tmp_path)} " in wrong.what
    assert "does not answer" in wrong.what


def hanging_pid(data: Path) -> int:
    return int(json.loads((data / "endpoint.json").read_text())["pid"])


async def test_a_daemon_is_seen_with_its_feeds(rules: Path, tmp_path: Path, feed_server: FeedServer) -> None:
    feed_server.status = 404
    dead = rules / "tiny" / "feeds.yaml"
    dead.write_text(f"feeds: [{{url: '{feed_server.url}', every: 1h, outlet: Test Wire}}]\n", encoding="utf-8")
    data = tmp_path / "data"
    async with program("run", "--rules", str(rules), "--data", str(data), MONITOR_LOG="json") as daemon:
        await daemon.logged("poll.failed")
        _, found = await asyncio.to_thread(doctor, "--rules", rules, "--data", data)
        told = {one.part: one for one in found}
        assert told["daemon"].what.endswith(f":{daemon.process.pid}")
        assert [one.part for one in found if not one.ok] == ["feed"]
        assert "404" in told["feed"].what

        listed = await asyncio.to_thread(monitor, "feeds", "list", "--rules", rules, "--data", data, "--failing")
        header, row, problem = listed.out.splitlines()
        assert header.split("  ")[0] == "STATE"
        assert row.startswith("failing x1  1h ")
        assert "404" in problem
