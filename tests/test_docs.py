"""What the README promises: every command and setting is in it, and its examples do what it says."""

from __future__ import annotations

import asyncio
import os
import re
import shutil
import sys
import textwrap
from datetime import UTC, datetime
from pathlib import Path

import typer.main
from typer.core import TyperGroup

from monitor.cli import app
from monitor.engine.rulebook import Rulebook
from monitor.model import EVENT_TYPES, Alert, Severity
from monitor.rules.testing import run_tests
from monitor.settings import Settings
from monitor.stories import open_rulebook
from monitor.streams.client import connected
from monitor.streams.events import entry
from monitor.streams.keys import story_key
from monitor.streams.server import EmbeddedServer

ROOT = Path(__file__).parents[1]
README = (ROOT / "README.md").read_text(encoding="utf-8")


def blocks(language: str) -> list[str]:
    """The code blocks of a language, in order."""
    return re.findall(rf"^```{language}\n(.*?)^```", README, re.DOTALL | re.MULTILINE)


def commands(command: object, path: str = "") -> list[str]:
    """The names of all commands, those of groups as `GROUP COMMAND`."""
    if not isinstance(command, TyperGroup):
        return [path]
    return [name for part, one in command.commands.items() for name in commands(one, f"{path} {part}".strip())]


def test_every_command_is_in_the_table_of_commands() -> None:
    rows = re.findall(r"^\| `([^`]+)`", README, re.MULTILINE)
    assert [name for name in commands(typer.main.get_command(app)) if not any(f"{row} ".startswith(f"{name} ") for row in rows)] == []


def test_every_setting_is_in_the_table_of_settings() -> None:
    assert {f"MONITOR_{name.upper()}" for name in Settings.model_fields} == set(re.findall(r"^\| `(MONITOR_\w+)`", README, re.MULTILINE))


def test_every_event_type_is_named() -> None:
    assert [kind for kind in EVENT_TYPES if f"`{kind}`" not in README] == []


def test_the_example_of_a_story_is_a_story(tmp_path: Path) -> None:
    [story] = [block for block in blocks("yaml") if block.startswith("title:")]
    (tmp_path / "strike").mkdir()
    (tmp_path / "strike" / "story.yaml").write_text(story, encoding="utf-8")
    made = open_rulebook(tmp_path)
    assert isinstance(made, Rulebook)
    assert set(made.stories["strike"].story.claims) == {"deal-reached"}


def test_the_first_rule_is_seen_to_work_with_its_test(tmp_path: Path) -> None:
    shutil.copytree(ROOT / "rules" / "kursk", tmp_path / "kursk")
    [alert] = [block for block in blocks("yaml") if block.lstrip().startswith("- {alert: toll")]
    [case] = [block for block in blocks("yaml") if block.lstrip().startswith("- test: a party")]
    for name, block in (("story.yaml", alert), ("tests.yaml", case)):
        path = tmp_path / "kursk" / name
        path.write_text(path.read_text(encoding="utf-8") + "\n" + textwrap.indent(textwrap.dedent(block), "  "), encoding="utf-8")
    outcomes = run_tests(open_rulebook(tmp_path))
    assert [outcome.test for outcome in outcomes if not outcome.passed] == []
    assert outcomes[-1].test == "a party that names a thousand dead is urgent news"


async def test_the_example_of_a_subscriber_prints_alerts(tmp_path: Path) -> None:
    [program] = [block for block in blocks("python") if "monitor.subscribe" in block]
    told = Alert(
        id="1",
        story="kursk",
        alert="told",
        severity=Severity.URGENT,
        summary="It moved",
        time=datetime(2025, 4, 28, tzinfo=UTC),
        article="a",
        version=1,
    )
    fields = entry(told)
    async with EmbeddedServer(tmp_path) as server, connected(server.endpoint.url) as client:
        await client.xadd(story_key("kursk", "alerts"), dict(zip(fields[::2], fields[1::2], strict=True)))
        process = await asyncio.create_subprocess_exec(
            sys.executable, "-c", program, stdout=asyncio.subprocess.PIPE, env={**os.environ, "MONITOR_DATA": str(tmp_path)}
        )
        assert process.stdout is not None
        async with asyncio.timeout(30):
            assert await process.stdout.readline() == b"urgent It moved  \n"
        process.terminate()
        await process.wait()
