"""`monitor rules new`: what it makes works at once, and nothing that is there is touched."""

from __future__ import annotations

from pathlib import Path

import pytest
from typer.testing import CliRunner

from monitor.cli import app
from monitor.errors import InputError
from tests.cli.test_commands import monitor


def test_a_new_story_is_sound_and_its_tests_pass(tmp_path: Path) -> None:
    made = monitor("rules", "new", "port-strike", "--in", tmp_path / "rules")
    assert (made.code, made.err) == (0, "")
    assert str(tmp_path / "rules" / "port-strike" / "story.yaml") in made.out
    checked = monitor("check", "--rules", tmp_path / "rules")
    assert (checked.code, checked.out.splitlines()[0].split(" (")[0]) == (0, "port-strike")
    tested = monitor("test", "--rules", tmp_path / "rules")
    assert (tested.code, tested.out.splitlines()[-1]) == (0, "1 test, 0 failed")


REFUSED = {
    # outcome: the story's name, what the line says
    "a name that none can have": ("Port Strike", "port-strike"),
    "a folder that is there": ("there", "is there already"),
}


@pytest.mark.parametrize(("name", "said"), REFUSED.values(), ids=REFUSED)
def test_it_refuses(tmp_path: Path, name: str, said: str) -> None:
    (tmp_path / "there").mkdir()
    ran = monitor("rules", "new", name, "--in", tmp_path)
    assert (ran.code, ran.out) == (1, "")
    assert said in ran.err
    assert [path.name for path in tmp_path.iterdir()] == ["there"]


def test_it_does_not_put_a_story_into_another(tmp_path: Path) -> None:
    (tmp_path / "story.yaml").write_text("title: A story\n")
    ran = monitor("rules", "new", "inner", "--in", tmp_path)
    assert ran.code == 1
    assert "--in" in ran.err


def test_a_disk_that_takes_no_more_leaves_nothing_half_made(tmp_path: Path) -> None:
    resource = pytest.importorskip("resource")
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, before[1]))
    try:
        ran = CliRunner().invoke(app, ["rules", "new", "port-strike", "--in", str(tmp_path)])
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
    assert isinstance(ran.exception, InputError), ran.exception
    assert "port-strike cannot be made: " in str(ran.exception)
    assert list(tmp_path.iterdir()) == []
