"""`monitor backtest` as a shell sees it."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from monitor.archive import Archive
from monitor.replay import articles_from
from tests.cli.test_commands import ARTICLES, ROWS, TINY, Ran, assert_one_line, monitor, rules

__all__ = ["rules"]  # a fixture


@pytest.fixture(scope="module")
def new(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """New rules, by which nobody speaks for the union."""
    folder = tmp_path_factory.mktemp("new")
    (folder / "tiny").mkdir()
    (folder / "tiny" / "story.yaml").write_text(TINY.replace("Quayside Union", "Dockers"), encoding="utf-8")
    return folder


@pytest.fixture(scope="module")
def file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("articles") / "articles.jsonl"
    path.write_text(ARTICLES, encoding="utf-8")
    return path


def test_the_two_courses_stand_side_by_side(rules: Path, new: Path, file: Path) -> None:
    ran = monitor("backtest", file, "--present", rules, "--rules", new)
    assert ran.code == 0
    assert ran.out.splitlines() == [
        "",
        "tiny/closure  confirmed, as it was",
        "  The yard will be closed",
        "  status  2024-03-01 asserted  →  (not any more)",
        "          union, Quayside Union: “Quayside Union said that the yard will be closed”",
        "  union   2024-03-01 affirm    →  (not any more)",
        "          Quayside Union: “Quayside Union said that the yard will be closed”",
        "  alerts ~1",
        "    ~ 2024-03-02  admitted (urgent) confirmed (was unreported) (was from asserted) Gazette: “Corvane confirmed that the yard will be closed”",
        "  evidence -1",
        "    - 2024-03-01  union affirm now  Quayside Union · a: “Quayside Union said that the yard will be closed”",
        "",
        "In 2 articles: status -1, position -1, alert ~1, evidence -1.",
    ]
    assert "2 articles read in" in ran.err


def test_programs_get_everything_as_json(rules: Path, new: Path, file: Path) -> None:
    rows = monitor("backtest", file, "--present", rules, "--rules", new, "--json").rows
    assert [row["type"] for row in rows] == ["claim", "status", "position", "alert", "evidence", "summary"]
    assert [(row["present"], row["new"]) for row in rows if row["type"] == "claim"] == [("confirmed", "confirmed")]
    [status] = [row for row in rows if row["type"] == "status"]
    assert (status["change"], status["present"]["to"], status["new"]) == ("lost", "asserted", None)
    assert rows[-1]["evidence"] == {"lost": 1}


def test_the_archive_is_read_where_no_file_is_named(rules: Path, new: Path, tmp_path: Path) -> None:
    where = ("--present", rules, "--rules", new, "--data", tmp_path)
    assert_one_line(monitor("backtest", *where), f"nothing in the archive {tmp_path / 'archive'}")
    Archive(tmp_path / "archive").append(articles_from(ARTICLES.splitlines(), "file"))
    assert "In 2 articles: status -1" in monitor("backtest", *where).out
    ran = monitor("backtest", *where, "--since", "2024-03-02")
    assert (ran.out, "1 articles read" in ran.err) == ("tiny: nothing would have changed in 1 articles\n", True)


@pytest.mark.parametrize(("changed", "code"), [(True, 1), (False, 0)])
def test_a_change_can_be_a_failure(rules: Path, new: Path, file: Path, changed: bool, code: int) -> None:
    ran = monitor("backtest", file, "--present", rules, "--rules", new if changed else rules, "--fail-on-change")
    assert ran.code == code
    assert changed or ran.out == "tiny: the rules say the same\n"


@pytest.mark.skipif(not Path("/proc/self/task").exists(), reason="looks for processes under /proc")
def test_who_reads_for_it_ends_when_it_is_killed(rules: Path, new: Path) -> None:
    command = [sys.executable, "-m", "monitor", "backtest", "-", "--jobs", "2", "--present", str(rules), "--rules", str(new)]
    with subprocess.Popen(command, stdin=subprocess.PIPE) as process:
        assert process.stdin is not None
        process.stdin.write((json.dumps(ROWS[0]) + "\n").encode() * 1300)  # and then waits for more
        process.stdin.flush()
        found = Path(f"/proc/{process.pid}/task/{process.pid}/children")
        children = until(lambda: found.read_text().split(), lambda ids: len(ids) > 2)
        process.kill()
    until(lambda: [pid for pid in children if Path(f"/proc/{pid}").exists()], lambda left: not left)


def until(look: Callable[[], list[str]], enough: Callable[[list[str]], bool]) -> list[str]:
    """Looks until it is as it should be."""
    deadline = time.monotonic() + 60
    while not enough(found := look()):
        assert time.monotonic() < deadline, found
        time.sleep(0.05)
    return found


def refused(*arguments: str | Path) -> Ran:
    return monitor("backtest", *arguments)


def test_what_is_wrong_is_said_in_one_line(rules: Path, new: Path, file: Path, tmp_path: Path) -> None:
    both = ("--present", rules, "--rules", new)
    broken = tmp_path / "broken.jsonl"
    broken.write_text(ARTICLES + json.dumps({"id": "x"}) + "\n", encoding="utf-8")
    for arguments, part in (
        ((file, "--present", rules, "--rules", tmp_path / "none"), "does not exist"),
        ((broken, *both), f"{broken}:4: `published` is missing"),
        ((tmp_path / "nowhere", *both), "nowhere: No such file"),
        ((file, *both, "--story", "tyni"), "no story is called tyni: one of tiny"),
        ((file, *both, "--since", "2025-01-01", "--until", "2024-01-01"), "is not before"),
        ((file, *both, "--since", "soon"), "--since soon: a date is written"),
        ((file, *both, "--since", "999999w"), "before the calendar begins"),
    ):
        assert_one_line(refused(*arguments), part)
    assert refused(file).code == 2
