"""`monitor claims` and `monitor timeline`: what a real server holds, and what files of articles tell."""

from __future__ import annotations

import asyncio
import json
import re
from datetime import UTC, datetime
from pathlib import Path

import pytest

from monitor.engine.pipeline import Reading
from monitor.engine.timeline import Timeline
from monitor.model import Strength
from monitor.settings import Settings
from monitor.stories import open_stories
from monitor.streams.access import server
from monitor.streams.client import connected
from monitor.streams.stories import StoryStore
from tests.cli.test_commands import ARTICLES, TINY, assert_one_line, monitor
from tests.engine.factory import StanceName, article, evidence, reading

STORY = """\
title: A sale
entities: {buyer: {kind: party, names: {en: Buyer}}, union: {kind: party, names: {en: Union}}}
claims:
  sale: {text: The sale, about: sale, confirmed_by: buyer, moved_by: corroborated}
  layoffs: {text: The layoffs, about: layoffs}
"""
SAID: list[tuple[str, float, str, StanceName, str]] = [
    ("a", 1, "buyer", "deny", "sale"),
    ("b", 2, "union", "affirm", "layoffs"),
    ("c", 3, "buyer", "affirm", "sale"),
    ("weak", 4, "union", "deny", "sale"),
]


def said(name: str, at: float, party: str, stance: StanceName, claim: str) -> Reading:
    of = article(name, at)
    row = evidence(of, party, stance, claim).model_copy(
        update={"outlet": "Gazette", "url": f"https://gazette.example/{name}", "quote": f"{party} 말했다 {stance}\x1b[31m"}
    )
    return reading(of, [row.model_copy(update={"strength": Strength.WEAK}) if name == "weak" else row])


@pytest.fixture(scope="module")
def rules(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two stories, of which each has a claim called sale."""
    folder = tmp_path_factory.mktemp("rules")
    for name in ("test", "other"):
        (folder / name).mkdir()
        (folder / name / "story.yaml").write_text(STORY, encoding="utf-8")
    return folder


@pytest.fixture(scope="module")
def data(rules: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A data folder whose server has been told what was said in one of them."""
    folder = tmp_path_factory.mktemp("data")

    async def fill() -> None:
        async with server(Settings(data=folder)) as running, connected(running.url) as client:
            for name, story in open_stories(rules).items():
                store = StoryStore(client, story)
                await store.renew(datetime.now(UTC))
                if name == "test":
                    assert await store.commit([store.ledger.apply(said(*row)) for row in SAID])

    asyncio.run(fill())
    return folder


def test_claims_shows_positions_and_what_waits_for_a_second_outlet(data: Path) -> None:
    ran = monitor("claims", "test/sale", "--data", data)
    assert (ran.code, ran.err) == (0, "")
    lines = ran.out.splitlines()
    assert lines[0] == "test/sale: confirmed since 2024-03-01 03:00"
    assert re.match(r"  buyer +affirm +since 2024-03-01 03:00  Gazette: “buyer 말했다 affirm", lines[2])
    assert re.match(r"  union +deny +waits for a second outlet since 2024-03-01 04:00  Gazette: “union 말했다 deny", lines[-1])


def test_claims_lists_all_evidence_newest_first_with_ids_that_can_be_typed(data: Path) -> None:
    ran = monitor("claims", "test/sale", "--evidence", "--data", data)
    rows = re.findall(r"^  ([*? ]) ([0-9a-f]{7})  (\S+ \S+)  (\w+) +(\w+) +(\w+) +(\w+) +Gazette: “", ran.out, re.MULTILINE)
    assert [(sign, *rest) for sign, _, *rest in rows] == [
        ("?", "2024-03-01 04:00", "union", "deny", "now", "weak"),
        ("*", "2024-03-01 03:00", "buyer", "affirm", "now", "strong"),
        (" ", "2024-03-01 01:00", "buyer", "deny", "now", "strong"),
    ]
    [state] = monitor("claims", "test/sale", "--evidence", "--json", "--data", data).rows
    ids = [one["id"] for one in state["evidence"]]
    assert [one[:7] for one in ids] == [row[1] for row in rows]
    assert [one["id"] for one in state["waiting"]] == ids[:1]


def test_claims_of_one_party(data: Path) -> None:
    rows = monitor("claims", "--party", "union", "--story", "test", "--evidence", "--json", "--data", data).rows
    assert {(row["claim"], len(row["positions"]), len(row["waiting"]), len(row["evidence"])) for row in rows} == {
        ("layoffs", 1, 0, 1),
        ("sale", 0, 1, 1),
    }


UNKNOWN = {
    # outcome: arguments, parts of the one line
    "a claim gets the nearest": (["claims", "sales"], ["no claim is called sales", "did you mean `sale`?"]),
    "a story gets the nearest": (["claims", "tests/sale"], ["no story is called tests", "did you mean `test`?"]),
    "a board's story gets the nearest": (["watch", "--once", "--story", "tests"], ["no story is called tests", "did you mean `test`?"]),
    "a party gets the nearest": (["claims", "--party", "buyr"], ["buyr", "did you mean `buyer`?"]),
    "a timeline's claim gets the nearest": (["timeline", "sal"], ["no claim is called sal", "did you mean `sale`?"]),
    "a timeline of which claim?": (["timeline", "sale"], ["other/sale or test/sale"]),
    "a bad date": (["timeline", "layoffs", "--story", "test", "--since", "soon"], ["--since soon", "2025-04-28"]),
    "the wrong way round": (["timeline", "test/sale", "--since", "2025-02-01", "--until", "2025-01-01"], ["not before"]),
    "no such file": (["timeline", "test/sale", "--from", "nowhere.jsonl"], ["nowhere.jsonl"]),
    "no folder to write in": (["timeline", "test/sale", "--svg", "no/such/folder.svg"], ["no/such/folder.svg"]),
}


@pytest.mark.parametrize(("arguments", "parts"), UNKNOWN.values(), ids=UNKNOWN)
def test_what_cannot_be_found_is_one_line_with_what_to_do(arguments: list[str], parts: list[str], data: Path, rules: Path) -> None:
    assert_one_line(monitor(*arguments, "--data", data, MONITOR_RULES=str(rules)), *parts)


def test_a_timeline_from_the_server(data: Path, rules: Path, tmp_path: Path) -> None:
    ran = monitor("timeline", "test/sale", "--data", data, "--rules", rules, COLUMNS="80")
    assert (ran.code, ran.err) == (0, "")
    lines = ran.out.splitlines()
    assert lines[0] == "test/sale: confirmed since 2024-03-01 03:00"
    assert any(re.match(r"buyer\* +- deny -+\+ affirm \++$", line) for line in lines)
    assert "◇ moved nothing: waits for a second outlet" in ran.out

    files = [tmp_path / "one.svg", tmp_path / "one.html"]
    drawn = monitor("timeline", "test/sale", "--data", data, "--rules", rules, "--svg", files[0], "--html", files[1], "--json")
    assert drawn.err.split() == ["wrote", str(files[0]), "wrote", str(files[1])]
    shown = Timeline.model_validate(drawn.rows[0])
    assert [mark.effect for mark in shown.marks] == ["moved", "moved", "waits"]
    for file in files:
        assert "buyer denies since 2024-03-01 01:00 UTC" in file.read_text(encoding="utf-8")


def test_a_timeline_up_to_a_day_holds_all_of_that_day(data: Path, rules: Path) -> None:
    for until, marks in (("2024-03-01", 3), ("2024-03-01T03:00:00Z", 2), ("2024-02-29", 0)):
        [row] = monitor("timeline", "test/sale", "--until", until, "--json", "--data", data, "--rules", rules).rows
        assert len(row["marks"]) == marks


def test_a_timeline_of_an_archive_needs_no_server(tmp_path: Path) -> None:
    (tmp_path / "tiny").mkdir()
    (tmp_path / "tiny" / "story.yaml").write_text(TINY, encoding="utf-8")
    ran = monitor("timeline", "closure", "--from", "-", "--json", "--rules", tmp_path, "--data", tmp_path / "none", stdin=ARTICLES)
    assert (ran.code, ran.err) == (0, "")
    found = json.loads(ran.out)
    assert [(lane["party"], [band["stance"] for band in lane["bands"]]) for lane in found["lanes"]] == [
        ("corvane", ["affirm"]),
        ("union", ["affirm"]),
    ]
    assert [(band["status"], band["until"]) for band in found["statuses"]] == [("asserted", "2024-03-02T08:00:00Z"), ("confirmed", None)]
    assert not (tmp_path / "none").exists()
