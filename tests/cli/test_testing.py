"""`monitor test`: some of the tests, and all of them again on every save."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from pathlib import Path

import pytest

from tests.cli.test_commands import monitor

PATIENCE = 30.0
RULES = """\
title: A bridge
entities:
  red: {kind: party, names: {en: [Red]}}
words:
  bridge: {en: [bridge]}
claims:
  built: {text: The bridge is built, about: bridge, confirmed_by: red}
tests:
  - {test: Red denies, articles: [{at: 2025-05-01, title: Red denied that the bridge was built, expect: {built: denied}}]}
  - {test: Red admits, articles: [{at: 2025-05-01, title: Red confirmed that the bridge was built, expect: {built: confirmed}}]}
"""


@pytest.fixture
def file(tmp_path: Path) -> Path:
    (tmp_path / "test").mkdir()
    made = tmp_path / "test" / "story.yaml"
    made.write_text(RULES)
    return made


def test_only_some_of_them(file: Path) -> None:
    ran = monitor("test", "--rules", file.parent, "--only", "ADMITS")
    assert (ran.code, ran.out.splitlines()) == (0, ["ok   test: Red admits", "1 tests, 0 failed"])
    ran = monitor("test", "--rules", file.parent, "--only", "nobody")
    assert (ran.code, "nobody" in ran.err) == (1, True)
    ran = monitor("test", "--rules", file.parent, "--story", "tset")
    assert (ran.code, "did you mean `test`?" in ran.err) == (1, True)


def save(file: Path, text: str) -> None:
    file.write_text(text, encoding="utf-8")


async def test_on_every_save_what_cannot_be_used_included_until_it_is_told_to_stop(file: Path) -> None:
    save(file, RULES.replace("confirmed_by: red", "confirmed_by: rde"))
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "monitor", "test", "--rules", str(file.parent), "--watch",
        stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.DEVNULL, env={**os.environ, "PYTHONUNBUFFERED": "1"},
    )  # fmt: skip
    assert process.stdout is not None

    async def until(part: str) -> list[str]:
        lines: list[str] = []
        async with asyncio.timeout(PATIENCE):
            while not lines or part not in lines[-1]:
                raw = await process.stdout.readline()  # type: ignore[union-attr]
                assert raw, lines
                lines.append(raw.decode().rstrip())
        return lines

    assert "story.yaml:7" in (await until("rde"))[-1]  # it begins with rules that cannot be used, and waits
    save(file, RULES)
    assert (await until("failed"))[-1] == "2 tests, 0 failed"
    save(file, RULES.replace("built: denied", "built: open"))
    told = await until("failed")
    assert told[-1] == "2 tests, 1 failed"
    assert "FAIL test: Red denies" in told
    save(file, RULES.replace("confirmed_by: red", "confirmed_by: rde"))
    assert "story.yaml:7" in (await until("rde"))[-1]
    save(file, RULES)
    assert (await until("failed"))[-1] == "2 tests, 0 failed"
    process.send_signal(signal.SIGINT)
    assert await asyncio.wait_for(process.wait(), PATIENCE) == 0


async def test_a_test_that_is_renamed_while_it_is_watched_is_waited_for(file: Path) -> None:
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "monitor", "test", "--rules", str(file.parent), "--only", "admits", "--watch",
        stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.STDOUT, env={**os.environ, "PYTHONUNBUFFERED": "1"},
    )  # fmt: skip
    assert process.stdout is not None

    async def until(part: str) -> None:
        async with asyncio.timeout(PATIENCE):
            while part not in (raw := (await process.stdout.readline()).decode()):  # type: ignore[union-attr]
                assert raw

    await until("1 tests, 0 failed")
    save(file, RULES.replace("Red admits", "Red owns up"))
    await until("no test's name holds")
    save(file, RULES)
    await until("1 tests, 0 failed")
    process.send_signal(signal.SIGINT)
    assert await asyncio.wait_for(process.wait(), PATIENCE) == 0
