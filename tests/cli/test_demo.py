"""`monitor demo`: the whole program on a recorded story, from its feeds to what a newcomer reads."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import sys
from pathlib import Path
from typing import Any, cast

from monitor.demo.course import course
from monitor.streams.client import connected
from monitor.streams.server import EmbeddedServer
from tests.cli.test_commands import monitor
from tests.daemon.program import PATIENCE

RULES = Path(__file__).parents[2] / "rules"

SAID = {
    "russia": [("2024-10-10", "deny"), ("2024-10-21", "doubt"), ("2024-10-24", "decline"), ("2025-04-26", "affirm")],
    "north-korea": [("2024-10-21", "deny"), ("2024-10-25", "decline"), ("2025-04-27", "affirm")],
}
"""What the two that would have to admit it say of the deployment, as the articles tell it."""


def alive(pid: int) -> bool:
    """Whether a process runs."""
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


def inside(folder: Path) -> list[Path]:
    """What lies in a folder."""
    return list(folder.iterdir())


async def test_a_newcomer_sees_both_sides_go_from_denial_to_admission_and_can_look_into_the_data_afterwards(tmp_path: Path) -> None:
    data = tmp_path / "data"
    # A server and a port of the user's own are for the user's own daemon.
    own = {"MONITOR_REDIS_URL": "redis://127.0.0.1:1", "MONITOR_DATA": str(tmp_path / "own"), "MONITOR_PORT": "1"}
    ran = await asyncio.to_thread(monitor, "demo", "--json", "--speed", "1000", "--rules", RULES, "--data", data, **own)
    assert (ran.code, ran.err) == (0, "")

    moves = [row for row in ran.rows if row["type"] == "position.changed" and row["claim"] == "troops-sent"]
    assert {party: [(m["time"][:10], m["to"]) for m in moves if m["party"] == party] for party in SAID} == SAID

    alerts = [row for row in ran.rows if row["type"] == "alert"]
    assert [alert["time"] for alert in alerts] == sorted(alert["time"] for alert in alerts)
    [admitted] = [alert for alert in alerts if alert["alert"] == "admitted"]
    assert (admitted["time"][:10], admitted["party"], admitted["outlet"]) == ("2025-04-26", "russia", "Демо-агентство")
    assert admitted["quote"] in admitted["title"]
    # An outlet had NATO count the dead where Western officials did, another had Russia claim all of Kursk in March.
    taken_back = [alert for alert in alerts if alert["corrects"]]
    assert [alert["claim"] for alert in taken_back] == ["thousand-dead", "kursk-retaken"]
    for alert in taken_back:
        assert set(alert["corrects"]) <= {other["id"] for other in alerts if other["article"] == alert["article"] and other["version"] == 1}
    assert "first-poll" not in {alert["alert"] for alert in alerts}

    assert not (tmp_path / "own").exists()
    assert not alive(json.loads((data / "endpoint.json").read_text())["pid"])
    async with EmbeddedServer(data) as server, connected(server.endpoint.url) as client:
        rows = [fields for _, fields in cast("list[Any]", await client.xrange("monitor:{p0}:articles"))]
        state = json.loads(cast("str", await cast("Any", client.hget("monitor:{kursk}:state", "troops-sent"))))
    assert [(row["title"], row["text"]) for row in rows] == [(item.title, item.text) for item in course()]
    assert sorted(row["title"][-24:] for row in rows if row["version"] == "2") == sorted(i.title[-24:] for i in course() if i.updated)
    assert state["status"] == "confirmed"


async def test_ctrl_c_ends_it_at_once_and_leaves_nothing_behind(tmp_path: Path) -> None:
    kept = {name: value for name, value in os.environ.items() if not name.startswith("MONITOR_")}
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "monitor", "demo", "--rules", str(RULES)),
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
        env=kept | {"TMPDIR": str(tmp_path), "PYTHONUNBUFFERED": "1"},
    )
    assert process.stdout is not None
    assert process.stderr is not None
    shown: list[str] = []
    async with asyncio.timeout(60):
        while not shown or "status-changed" not in shown[-1]:
            shown.append((await process.stdout.readline()).decode())
    [folder] = [path for path in inside(tmp_path) if path.name.startswith("monitor-demo-")]
    server = json.loads((folder / "endpoint.json").read_text())["pid"]
    assert "North Korea's soldiers in Russia, October 2024 to April 2025" in shown[0]
    assert f"watch --data {folder}" in "".join(shown)
    # Impatience changes nothing.
    process.send_signal(signal.SIGINT)
    process.send_signal(signal.SIGINT)
    async with asyncio.timeout(PATIENCE):
        rest, said = await process.communicate()
    assert (process.returncode, said.decode()) == (130, "stopped; nothing is left behind\n")
    assert "What to try next" not in rest.decode()
    assert inside(tmp_path) == []
    assert not alive(server)


def test_what_it_cannot_use_is_said_in_one_line(tmp_path: Path) -> None:
    (tmp_path / "used").mkdir()
    (tmp_path / "used" / "something").touch()
    told = monitor("demo", "--rules", RULES, "--data", tmp_path / "used", "--json")
    assert (told.code, told.err) == (1, f"{tmp_path / 'used'} is not empty: the demo begins with nothing; name a new folder\n")
    told = monitor("demo", "--rules", RULES.parent / "tests" / "stories", "--json")
    assert (told.code, told.err.count("\n")) == (1, 1)
    assert "the demo tells the story `kursk`" in told.err


def test_the_course_is_of_many_articles_in_five_languages_in_the_order_in_which_they_appeared() -> None:
    items = course()
    assert len({item.url for item in items}) >= 40
    assert {item.lang for item in items} == {"en", "ru", "uk", "ko", "zh"}
    assert [item.at for item in items] == sorted(item.at for item in items)
    assert {item.url for item in items if item.updated} < {item.url for item in items if not item.updated}
