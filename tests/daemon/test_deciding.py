"""`monitor reject` and `monitor note` beside a running daemon: what they say holds for what it reads afterwards."""

from __future__ import annotations

import asyncio
from pathlib import Path

from redis.asyncio import Redis

from tests.cli.test_commands import Ran, monitor
from tests.conftest import FeedServer
from tests.daemon.program import Program
from tests.daemon.test_run import ADMISSION, DENIAL, daemon, entries, subscriber

__all__ = ["daemon", "subscriber"]  # fixtures


async def test_a_daemon_goes_on_from_what_was_rejected_beside_it(
    daemon: Program, subscriber: Redis, feed_server: FeedServer, tmp_path: Path
) -> None:
    where = ("--data", tmp_path / "data")

    async def run(*arguments: str | Path) -> Ran:
        return await asyncio.to_thread(monitor, *arguments, *where, MONITOR_RULES=str(tmp_path / "rules"))

    await entries(subscriber, "monitor:{kursk}:alerts", 1)
    [state] = (await run("claims", "troops-sent", "--evidence", "--json")).rows
    [denial] = [row["id"] for row in state["evidence"] if row["party"] == "russia"]
    ran = await run("reject", denial[:6], "--why", "A rumour", "--by", "anna")
    assert (ran.code, ran.err) == (0, "")
    assert "kursk: troops-sent: denied -> unreported" in ran.out
    assert (await run("note", "troops-sent", "Pyongyang is silent")).code == 0

    feed_server.items = [ADMISSION, DENIAL]
    await daemon.logged("story.reloaded")
    await daemon.logged("claim.changed", lambda row: row["claim"] == "troops-sent" and row["now"] == "confirmed")
    [state] = (await run("claims", "troops-sent", "--json")).rows
    assert state["status"] == "confirmed"  # with Russia's denial it would be disputed
    assert [one["why"] for one in state["decisions"]] == ["A rumour"]
    assert [one["text"] for one in state["notes"]] == ["Pyongyang is silent"]
