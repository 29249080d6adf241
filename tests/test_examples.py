"""The subscribers in `deploy/examples`, run as they stand against a running daemon: each alert printed, over restarts of either side."""

from __future__ import annotations

import asyncio
import json
import os
import shutil
import signal
import sys
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, cast

import pytest
from redis.asyncio import Redis

from monitor.streams.endpoint import password_of
from monitor.streams.server import EmbeddedServer
from tests.conftest import FeedServer, Item, bare_environment
from tests.daemon.program import PATIENCE, address_of, port_of, program

EXAMPLES = Path(__file__).parents[1] / "deploy" / "examples"
STORY = "merger"
ALERTS = f"monitor:{{{STORY}}}:alerts"


def item(day: int, text: str) -> Item:
    return Item(f"item-{day}", text, published=datetime(2024, 2, day, tzinfo=UTC))


BEGINNING, CLOSURE, ADMISSION, DENIAL = (
    item(1, "Quayside Union said that Corvane will buy Ambervale."),
    item(2, "Corvane said that Northquay will be closed."),
    item(3, "Ambervale confirmed the merger. Corvane confirmed that it will buy Ambervale."),
    item(4, "Corvane denied that Northquay will be closed."),
)


@dataclass(frozen=True)
class Example:
    """How an example is called, what it needs, and how to tell that it is done with an entry."""

    command: Callable[[Path], list[str]]
    needs: tuple[str, ...] = ()
    group: str = ""

    def missing(self) -> str:
        """Why it cannot run here; empty when it can."""
        tools = [tool for tool in self.needs if shutil.which(tool) is None]
        if "node" in self.needs and not (EXAMPLES / "node_modules").is_dir():
            tools.append("`npm ci` in deploy/examples")
        return f"needs {' and '.join(tools)}" if tools else ""


SHELL = Example(lambda folder: ["sh", str(EXAMPLES / "alerts.sh"), STORY, str(folder / "place")], ("redis-cli", "jq"))
PYTHON = Example(lambda _: [sys.executable, str(EXAMPLES / "alerts.py"), STORY, "anna"], group="desk-py")
NODE = Example(lambda _: ["node", str(EXAMPLES / "alerts.mjs"), STORY, "anna"], ("node",), "desk-js")
EACH = {"redis-cli": SHELL, "python": PYTHON, "node": NODE}


@pytest.fixture(params=EACH)
def example(request: pytest.FixtureRequest) -> Example:
    found = EACH[request.param]
    if why := found.missing():
        pytest.skip(why)
    return found


@dataclass
class Running:
    """A running example and the lines that it has printed."""

    process: asyncio.subprocess.Process
    lines: list[str] = field(default_factory=list)

    async def listen(self) -> None:
        """Collects what it prints until it ends."""
        assert self.process.stdout is not None
        async for raw in self.process.stdout:
            self.lines.append(raw.decode().rstrip("\n"))

    async def printed(self, wanted: list[str]) -> None:
        """Waits until it has printed so many alerts; they must be these."""

        async def enough() -> bool:
            return len(self.alerts) >= len(wanted)

        await until(enough)
        assert self.alerts == wanted

    @property
    def alerts(self) -> list[str]:
        """Lines that tell of an alert: they end with its id."""
        return [line for line in self.lines if line.endswith("]")]


async def until(condition: Callable[[], Awaitable[bool]]) -> None:
    async with asyncio.timeout(PATIENCE):
        while not await condition():
            await asyncio.sleep(0.02)


@asynccontextmanager
async def running(example: Example, data: Path) -> AsyncIterator[Running]:
    """An example that follows the embedded server of a data folder; killed at the end, as a crash would end it."""
    port = str(port_of(data))
    process = await asyncio.create_subprocess_exec(
        *example.command(data.parent),
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.DEVNULL,
        env=bare_environment("REDIS", MONITOR_DATA=str(data), REDIS_PORT=port, REDIS_URL=address_of(data), REDISCLI_AUTH=password_of(data)),
        start_new_session=True,
    )
    made = Running(process)
    listening = asyncio.create_task(made.listen())
    try:
        yield made
    finally:
        os.killpg(process.pid, signal.SIGKILL)  # with what it started: a shell waits for its redis-cli
        await process.wait()
        await listening


def rules(folder: Path, url: str) -> Path:
    """The tests' story, with a feed of its own."""
    shutil.copytree(EXAMPLES.parents[1] / "tests" / "stories" / STORY, folder / STORY)
    (folder / STORY / "feeds.yaml").write_text(f"feeds:\n  - {{url: '{url}', every: 1s, lang: en, outlet: Test Wire}}\n")
    return folder / STORY


async def told(data: Path, more_than: int) -> list[tuple[str, Mapping[str, str]]]:
    """Waits until more alerts than that stand on the stream, and none has come for a moment; all of them."""
    async with Redis.from_url(address_of(data), decode_responses=True) as client:

        async def grown() -> bool:
            before = await client.xlen(ALERTS)
            await asyncio.sleep(0.3)
            return more_than < before == await client.xlen(ALERTS)

        await until(grown)
        return cast("list[tuple[str, Mapping[str, str]]]", await client.xrange(ALERTS))


def as_lines(entries: list[tuple[str, Mapping[str, str]]]) -> list[str]:
    """How an example prints them."""
    lines = []
    for _, fields in entries:
        alert = json.loads(fields["data"])
        lines.append(f"{fields['severity']} {fields['summary']} “{alert['quote']}” {alert['url']} [{fields['id']}]")
    return lines


async def finished(example: Example, data: Path, last: str) -> None:
    """Waits until an example is done with everything up to an entry, and has noted it."""
    async with Redis.from_url(address_of(data), decode_responses=True) as client:

        async def noted() -> bool:
            if not example.group:
                place = data.parent / "place"
                return place.exists() and place.read_text().strip() == last
            groups: list[dict[str, Any]] = await client.xinfo_groups(ALERTS)
            return any(one["name"] == example.group and one["last-delivered-id"] == last and not one["pending"] for one in groups)

        await until(noted)


async def test_an_example_prints_each_alert_once_over_its_own_restart_and_the_servers(
    example: Example, tmp_path: Path, feed_server: FeedServer
) -> None:
    data = tmp_path / "data"
    feed_server.items = [BEGINNING]
    async with program("run", "--rules", str(rules(tmp_path, feed_server.url)), "--data", str(data), MONITOR_LOG="json") as daemon:
        await daemon.logged("started")
        summary = await told(data, 0)

        async with running(example, data) as reader:
            await reader.printed(as_lines(summary))
            feed_server.items.append(CLOSURE)
            first = await told(data, len(summary))
            await reader.printed(as_lines(first))
            await finished(example, data, first[-1][0])
        assert any("“Corvane said that Northquay will be closed” " in line for line in reader.alerts)

        feed_server.items.append(ADMISSION)  # while nobody listens
        second = await told(data, len(first))
        async with running(example, data) as reader:
            await reader.printed(as_lines(second)[len(first) :])
            assert any(line.startswith("urgent ") for line in reader.alerts)
            await finished(example, data, second[-1][0])

            os.kill(int(json.loads((data / "endpoint.json").read_text())["pid"]), signal.SIGKILL)
            await daemon.logged("server.back")
            feed_server.items.append(DENIAL)
            third = await told(data, len(second))
            await reader.printed(as_lines(third)[len(first) :])


def entry(number: int) -> Any:
    """An entry whose text would clear a terminal."""
    return {"id": str(number), "severity": "info", "summary": "s\x1b[2J", "data": '{"quote": "러시아", "url": "u"}'}


def shown(number: int) -> str:
    return f"info s [2J “러시아” u [{number}]"


async def test_what_was_given_before_a_crash_comes_first_and_what_was_dropped_since_holds_nothing_up(tmp_path: Path) -> None:
    if why := NODE.missing():
        pytest.skip(why)
    async with EmbeddedServer(tmp_path) as server, Redis.from_url(server.endpoint.url, decode_responses=True) as client:
        entries = [await client.xadd(ALERTS, entry(number)) for number in (0, 1)]
        await client.xgroup_create(ALERTS, NODE.group, "0")
        await client.xreadgroup(NODE.group, "anna", {ALERTS: ">"})
        await client.xdel(ALERTS, entries[0])
        await client.xadd(ALERTS, entry(2))
        async with running(NODE, tmp_path) as reader:
            await reader.printed([shown(1), shown(2)])


async def test_the_shell_shows_first_where_the_claims_stand(tmp_path: Path) -> None:
    if why := SHELL.missing():
        pytest.skip(why)
    state = {"claim": "sale", "status": "disputed", "positions": [{"party": "a", "stance": "affirm"}, {"party": "b", "stance": "deny"}]}
    async with EmbeddedServer(tmp_path) as server, Redis.from_url(server.endpoint.url, decode_responses=True) as client:
        await cast("Any", client.hset(f"monitor:{{{STORY}}}:state", "sale", json.dumps(state)))
        await client.xadd(ALERTS, entry(0))
        async with running(SHELL, tmp_path) as reader:
            await reader.printed([shown(0)])
        assert reader.lines == ["sale: disputed, a affirm, b deny", shown(0)]
