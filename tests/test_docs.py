"""What the README promises: every command and setting is in it, and its examples do what it says."""

from __future__ import annotations

import re
import shutil
import textwrap
from pathlib import Path

import typer.main

from monitor.cli import app
from monitor.engine.vocabulary import Rulebook
from monitor.model import EVENT_TYPES
from monitor.rules.testing import run_tests
from monitor.settings import Settings
from monitor.stories import open_rulebook

ROOT = Path(__file__).parents[1]
README = (ROOT / "README.md").read_text(encoding="utf-8")


def blocks(language: str) -> list[str]:
    """The code blocks of a language, in order."""
    return re.findall(rf"^```{language}\n(.*?)^```", README, re.DOTALL | re.MULTILINE)


def test_every_command_is_in_the_table_of_commands() -> None:
    commands = {command.name for command in app.registered_commands}
    assert commands == set(re.findall(r"^\| `(\w+)[ `]", README, re.MULTILINE)) & commands
    assert set(typer.main.get_command(app).commands) == commands  # type: ignore[attr-defined]


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
