"""`monitor test`: some of the tests, and all of them again on every save."""

from __future__ import annotations

import asyncio
import json
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
    assert (ran.code, ran.out.splitlines()) == (0, ["ok   test: Red admits", "1 test, 0 failed"])
    ran = monitor("test", "--rules", file.parent, "--only", "nobody")
    assert (ran.code, "nobody" in ran.err) == (1, True)
    ran = monitor("test", "--rules", file.parent, "--story", "tset")
    assert (ran.code, "did you mean `test`?" in ran.err) == (1, True)


FAILING = """\
  - test: what failing looks like
    articles:
      - at: 2025-05-01
        title: Red denied that the bridge was built
        expect:
          built: confirmed
          alerts: [admitted, moved]
          evidence: [{claim: built, party: red, stance: affirm}, {claim: built, party: blue, stance: deny}]
          matches: [rain]
      - {at: 2025-05-02, title: 다리는 완공되지 않았다, expect: {built: open}}
alerts:
  - {alert: moved, when: {party: red, position: any}}
  - {alert: admitted, when: {claim: built, becomes: confirmed}}
matches:
  rain: rain near 3 bridge
"""
SHOWN = """\
FAIL test: what failing looks like
     article 1, 2025-05-01 “Red denied that the bridge was built”
                   expected    found
     built      ≠  confirmed   denied
       · red deny since 2025-05-01, by article 1: “Red denied that the bridge”
                   expected   found
     alerts        moved      moved
                -  admitted
       · red on built: no position → deny
       · built: unreported → denied
                   expected               found
     evidence   -  blue deny built now
                -  red affirm built now
                +                         red deny built now
       · blue deny built now: blue is not named as a speaker: nor is anybody who speaks for it
       · red affirm built now: what red says of built is read as deny now
       · red deny built now: Red → red → denied → deny → built
                   expected   found
     matches    -  rain
       · rain: lacks rain
     article 2, 2025-05-02 “다리는 완공되지 않았다”
                   expected   found
     built      ≠  open       denied
       · here: nothing touches built: no term of its conditions stands in the text
       · red deny since 2025-05-01, by article 1: “Red denied that the bridge”
"""


def failing(file: Path) -> None:
    more = RULES.replace("  red: {", "  blue: {kind: party, names: {en: [Blue]}}\n  red: {").replace(
        "  bridge: {en", "  rain: {en: [rain]}\n  bridge: {en"
    )
    file.write_text(more + FAILING, encoding="utf-8")


def test_a_failing_test_shows_what_was_expected_beside_what_was_found_and_why(file: Path) -> None:
    failing(file)
    ran = monitor("test", "--rules", file.parent, "--only", "failing", COLUMNS="100")
    assert (ran.code, ran.out) == (1, SHOWN + "1 test, 1 failed\n")


def test_one_below_the_other_where_there_is_no_room(file: Path) -> None:
    failing(file)
    lines = monitor("test", "--rules", file.parent, "--only", "failing", COLUMNS="44").out.splitlines()
    at = lines.index("     evidence:")
    assert lines[at + 1 : at + 4] == ["       - blue deny built now", "       - red affirm built now", "       + red deny built now"]
    assert max(map(len, lines)) <= 44


def test_the_texts_with_what_was_read_marked(file: Path) -> None:
    failing(file)
    assert "{¹[Red] <denied> that the *bridge*" in monitor("test", "--rules", file.parent, "--only", "failing", "-v").out


def test_the_same_for_programs(file: Path) -> None:
    failing(file)
    (row,) = [json.loads(line) for line in monitor("test", "--rules", file.parent, "--only", "failing", "--json").out.splitlines()]
    assert (row["story"], row["passed"], len(row["failures"])) == ("test", False, 5)
    assert row["failures"][0] == {
        "article": 1,
        "title": "Red denied that the bridge was built",
        "subject": "built",
        "expected": ["confirmed"],
        "found": ["denied"],
        "because": ["red deny since 2025-05-01, by article 1: “Red denied that the bridge”"],
    }


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

    await until("1 test, 0 failed")
    save(file, RULES.replace("Red admits", "Red owns up"))
    await until("no test's name holds")
    save(file, RULES)
    await until("1 test, 0 failed")
    process.send_signal(signal.SIGINT)
    assert await asyncio.wait_for(process.wait(), PATIENCE) == 0
