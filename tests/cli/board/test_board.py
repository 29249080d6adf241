"""The board on a real pseudo-terminal: `monitor watch` beside a server, `monitor run` with its own."""

from __future__ import annotations

import asyncio
import json
import os
import signal
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from rich.cells import cell_len

from monitor.engine.rulebook import Rulebook
from monitor.streams.client import Client, connected
from monitor.streams.server import EmbeddedServer
from tests.cli.board.story import COURSE, rulebook, tell, write
from tests.cli.board.terminal import Terminal, terminal
from tests.conftest import FeedServer, Item


@pytest.fixture(scope="module")
def rules(tmp_path_factory: pytest.TempPathFactory) -> Rulebook:
    return rulebook(tmp_path_factory.mktemp("rules"))


@pytest.fixture
async def told(tmp_path: Path, rules: Rulebook) -> AsyncIterator[Client]:
    """A client of a server in `tmp_path` that has been told the story so far."""
    async with EmbeddedServer(tmp_path) as server, connected(server.endpoint.url) as client:
        await tell(client, rules, COURSE[:2])
        yield client


async def test_watch_shows_claims_parties_and_what_changed_and_follows_what_comes(told: Client, rules: Rulebook, tmp_path: Path) -> None:
    async with terminal("watch", "--data", tmp_path) as shown:
        rows = await shown.shows("bridge-built", "disputed", "no daemon is running")
        assert rows[1].split() == ["claim", "status", "red*", "blue"]
        assert rows[2].split()[:4] == ["bridge-built", "disputed", "-", "deny"]
        assert "+ affirm" in rows[2]
        assert "  “Blue confirmed that the bridge” Wire" in rows
        await tell(told, rules, ["红方证实大桥已建成"], after=2)
        await shown.shows("confirmed", "red - deny → + affirm", "红方证实")
        shown.type("q")
        assert await shown.ended() == 0
        assert shown.restored


async def test_watch_opens_a_claim_feeds_streams_and_help_over_the_board(told: Client, tmp_path: Path) -> None:
    async with terminal("watch", "--data", tmp_path) as shown:
        await shown.shows("disputed")
        for key, parts in (
            ("\r", ["The bridge is built", "would have to admit it: red"]),
            ("f", ["no feeds"]),
            ("s", ["monitor:{river}:claims"]),
            ("?", ["would have to admit a claim"]),
        ):
            shown.type(key)
            await shown.shows(*parts, "escape, q: back")
            shown.type("\x1b" if key == "f" else "q")
            await shown.shows("what changed last")


async def test_watch_follows_the_size_of_the_terminal(told: Client, tmp_path: Path) -> None:
    async with terminal("watch", "--data", tmp_path, size=(60, 15)) as shown:
        await shown.shows("disputed", "q: quit")
        for columns, lines in ((140, 45), (60, 15), (20, 8), (80, 24)):
            shown.resize(columns, lines)
            await shown.shows("bridge-built")
        rows = await shown.shows("bridge-built", "r: rules  arrows", last="q: quit")
        assert max(map(cell_len, rows)) <= 80


async def test_without_colours_signs_and_words_remain(told: Client, tmp_path: Path) -> None:
    async with terminal("watch", "--data", tmp_path) as coloured, terminal("watch", "--data", tmp_path, NO_COLOR="1") as plain:
        await coloured.shows("disputed", "- deny", "+ affirm")
        await plain.shows("disputed", "- deny", "+ affirm")
        assert len(coloured.colours) > 2
        assert plain.colours == {"default"}


async def test_a_terminal_that_cannot_draw_gets_lines_of_text(told: Client, tmp_path: Path) -> None:
    async with terminal("watch", "--data", tmp_path, TERM="dumb") as shown:
        assert await shown.ended() == 0
        await shown.shows("bridge-built", "disputed", "what changed last")
        assert b"\x1b" not in shown.written


async def test_watch_brings_a_lost_server_back_and_says_so_meanwhile(told: Client, rules: Rulebook, tmp_path: Path) -> None:
    async with terminal("watch", "--data", tmp_path) as shown:
        await shown.shows("disputed")
        os.kill(json.loads((tmp_path / "endpoint.json").read_text())["pid"], signal.SIGKILL)
        await shown.shows("server lost", "bridge-built")
        await shown.shows("no daemon is running")
        async with EmbeddedServer(tmp_path) as server, connected(server.endpoint.url) as client:
            await tell(client, rules, COURSE[2:], after=2)
            await shown.shows("confirmed")


@pytest.fixture
async def running(tmp_path: Path, feed_server: FeedServer) -> AsyncIterator[Terminal]:
    """`monitor run` on a terminal, with a feed that has told the first article."""
    feed_server.items = [Item("a", COURSE[0])]
    rules = write(tmp_path / "rules", feed_server.url)
    async with terminal("run", "--rules", rules, "--data", tmp_path / "data") as shown:
        await shown.shows("denied", "1 feed: 1 ok", "started")
        yield shown


async def test_run_shows_the_board_over_its_log_and_the_first_q_stops_it_in_good_order(running: Terminal, feed_server: FeedServer) -> None:
    feed_server.items = [Item("b", COURSE[1]), *feed_server.items]
    await running.shows("disputed", "claim.changed")
    running.type("q")
    assert await running.ended() == 0
    await running.shows("stop asked for", "stopped")
    assert running.restored


@pytest.mark.parametrize("again", ["q", "\x03"])
async def test_a_second_key_stops_run_at_once_and_gives_the_terminal_back(
    tmp_path: Path, running: Terminal, feed_server: FeedServer, again: str
) -> None:
    feed_server.delay = asyncio.Event()
    asked = feed_server.asked
    while feed_server.asked == asked:
        await asyncio.sleep(0.05)
    running.type(again)
    await running.shows("stopping: what is in hand is finished")
    running.type(again)
    assert await running.ended() == 128 + signal.SIGINT
    await running.shows("stopped at once")
    assert running.restored
    feed_server.delay.set()
    # Its server was left to whoever comes next; the last to leave stops it.
    async with EmbeddedServer(tmp_path / "data"):
        pass


async def test_run_without_the_board_logs_lines(tmp_path: Path, feed_server: FeedServer) -> None:
    rules = write(tmp_path / "rules", feed_server.url)
    async with terminal("run", "--plain", "--rules", rules, "--data", tmp_path / "data") as shown:
        await shown.shows("server: redis-cli -p", "started")
        shown.type("\x03")
        assert await shown.ended() == 0
        assert b"\x1b[?1049h" not in shown.written
