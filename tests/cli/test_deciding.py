"""`monitor reject`, `accept`, `undo`, `decisions`, `note`: what a person types, sees, and gets wrong."""

from __future__ import annotations

import asyncio
import re
from datetime import UTC, datetime
from pathlib import Path

import pytest
from typer.testing import CliRunner

from monitor.cli import app
from monitor.engine.pipeline import Reading
from monitor.errors import InputError
from monitor.model import Strength
from monitor.settings import Settings
from monitor.stories import open_stories
from monitor.streams.access import server
from monitor.streams.client import connected
from monitor.streams.stories import StoryStore
from tests.cli.test_commands import Ran, assert_one_line, monitor
from tests.engine.factory import StanceName, article, evidence, reading

STORY = """\
title: A sale
entities: {buyer: {kind: party, names: {en: Buyer}}, union: {kind: party, names: {en: Union}}}
claims:
  sale: {text: The sale, about: sale, confirmed_by: buyer, moved_by: strong}
  layoffs: {text: The layoffs, about: layoffs}
alerts:
  - {alert: status, when: {claim: sale, becomes: [confirmed, denied]}, severity: warning}
"""
ESCAPE = "\x1b[31m\u202e빨강"
SAID: list[tuple[str, float, str, StanceName, str, str]] = [
    ("aaaa1000000000000000", 1, "buyer", "deny", "now", "strong"),
    ("aaaa2000000000000000", 2, "union", "affirm", "now", "weak"),
    ("bbbb0000000000000000", 3, "buyer", "affirm", "now", "strong"),
    ("cccc0000000000000000", 4, "buyer", "deny", "past", "strong"),
]
NO, UNSURE, YES, PAST = "aaaa1", "aaaa2", "bbbb", "CCCC"


def said(id: str, at: float, party: str, stance: StanceName, when: str, strength: str) -> Reading:
    of = article(id[:5], at)
    row = evidence(of, party, stance, when="past" if when == "past" else "now")
    return reading(
        of, [row.model_copy(update={"id": id, "outlet": "Gazette", "quote": f"{party} {ESCAPE}", "strength": Strength(strength)})]
    )


@pytest.fixture(scope="module")
def rules(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("rules")
    (folder / "test").mkdir()
    (folder / "test" / "story.yaml").write_text(STORY, encoding="utf-8")
    return folder


@pytest.fixture
def told(rules: Path, tmp_path: Path) -> Path:
    """A data folder whose server, not running now, has been told what was said."""

    async def fill() -> None:
        async with server(Settings(data=tmp_path)) as running, connected(running.url) as client:
            store = StoryStore(client, open_stories(rules)["test"])
            await store.renew(datetime.now(UTC))
            assert await store.commit([store.ledger.apply(said(*row)) for row in SAID])

    asyncio.run(fill())
    return tmp_path


@pytest.fixture(scope="module")
def rules_and(rules: Path) -> dict[str, str]:
    return {"MONITOR_RULES": str(rules), "LOGNAME": "bo"}


def test_a_rejection_says_what_followed_and_is_shown_with_its_reason(told: Path, rules_and: dict[str, str]) -> None:
    def run(*arguments: str) -> Ran:
        ran = monitor(*arguments, "--data", told, **rules_and)
        assert (ran.code, ran.err) == (0, "")
        return ran

    lines = run("reject", YES, "--why", f"It quotes\nthe union {ESCAPE}", "--by", "안나").out.splitlines()
    assert lines == [
        "rejected bbbb000  sale: buyer affirm, Gazette: “buyer �[31m�빨강”",
        "  test: buyer on sale: affirm -> deny",
        "  test: sale: confirmed -> denied",
        "  alert status (warning, corrects 1): denied (was confirmed): The sale [Rejected by 안나 (It quotes the union �[31m�빨강)]",
    ]
    shown = run("claims", "sale", "--evidence").out
    assert re.search(
        r"^  rejected bbbb000 by 안나 \d{4}-\d\d-\d\d \d\d:\d\d: It quotes the union �\[31m�빨강 \(buyer affirm, Gaz", shown, re.M
    )
    assert re.search(r"^  x bbbb000 ", shown, re.MULTILINE)
    assert re.search(r"^  \* aaaa100 ", shown, re.MULTILINE)

    undone = run("undo", YES, "--why", "It does say so", "--json").rows
    assert [row["type"] for row in undone] == ["decision", "position.changed", "claim.changed", "alert"]
    assert (undone[0]["by"], undone[0]["verdict"], undone[2]["to"]) == ("bo", "undo", "confirmed")
    assert "rejected" not in run("claims", "sale").out
    listed = run("decisions", "--json").rows
    assert [(one["verdict"], one["why"], one["holds"]) for one in listed] == [
        ("undo", "It does say so", True),
        ("reject", "It quotes the union \x1b[31m\u202e빨강", False),
    ]
    assert re.search(r"rejected bbbb000 by 안나 \(decided otherwise since\): It quotes", run("decisions", YES).out)


def test_what_is_decided_about_moves_nothing_where_it_cannot(told: Path, rules_and: dict[str, str]) -> None:
    ran = monitor("reject", PAST, "--why", "no", "--data", told, **rules_and)
    assert ran.out.splitlines()[1:] == ["  nothing moved: evidence of the past moves nothing"]
    ran = monitor("reject", UNSURE, "--why", "no", "--data", told, **rules_and)
    assert ran.out.splitlines()[1:] == ["  nothing moved: positions and status are the same without it"]


def test_an_alert_of_the_past_that_rested_on_it_is_taken_back_though_nothing_moves_now(told: Path, rules_and: dict[str, str]) -> None:
    ran = monitor("reject", NO, "--why", "no", "--data", told, **rules_and)
    assert ran.out.splitlines()[1:] == [
        "  nothing moved: positions and status are the same without it",
        "  alert status (warning, corrects 1): Rejected by bo (no); the claim is now confirmed. Was: denied (was unreported): The sale",
    ]


def test_several_are_decided_together(told: Path, rules_and: dict[str, str]) -> None:
    rows = monitor("reject", YES, NO, YES, "--why", "not they", "--json", "--data", told, **rules_and).rows
    assert [(row["type"], row.get("from"), row.get("to")) for row in rows] == [
        ("decision", None, None),
        ("decision", None, None),
        ("position.changed", "affirm", None),
        ("claim.changed", "confirmed", "unreported"),
        ("alert", "confirmed", "unreported"),
    ]


def test_doubtful_evidence_is_put_in(told: Path, rules_and: dict[str, str]) -> None:
    ran = monitor("accept", UNSURE, "--why", "Read it myself", "--data", told, **rules_and)
    assert ran.out.splitlines()[1:] == ["  test: union on sale: none -> affirm"]
    assert re.search(r"^  \+ aaaa200 ", monitor("claims", "sale", "--evidence", "--data", told).out, re.MULTILINE)


def test_a_note_stands_with_its_claim(told: Path, rules_and: dict[str, str]) -> None:
    ran = monitor("note", "sale", f"  내일 다시\n본다 {ESCAPE}", "--data", told, **rules_and)
    assert re.fullmatch(r"  note by bo \d{4}-\d\d-\d\d \d\d:\d\d: 내일 다시 본다 �\[31m�빨강\n", ran.out)
    assert ran.out in monitor("claims", "sale", "--data", told).out
    assert "note by" not in monitor("claims", "layoffs", "--data", told).out


def test_a_replay_counts_what_was_decided(told: Path, rules_and: dict[str, str], tmp_path: Path) -> None:
    row = '{"id": "a", "published": "2024-03-01", "title": "Buyer confirmed the sale.", "text": ""}'
    (tmp_path / "articles.jsonl").write_text(row, encoding="utf-8")
    found = monitor("replay", tmp_path / "articles.jsonl", "--json", **rules_and).rows
    assert [one["type"] for one in found] == ["evidence", "position.changed", "claim.changed", "alert"]
    decision = monitor("reject", YES, "--why", "no", "--json", "--data", told, **rules_and).out.splitlines()[0]
    (tmp_path / "decisions.jsonl").write_text(decision.replace("bbbb0000000000000000", found[0]["id"]), encoding="utf-8")
    decided = monitor("replay", tmp_path / "articles.jsonl", "--decisions", tmp_path / "decisions.jsonl", "--json", **rules_and).rows
    assert [one["type"] for one in decided] == ["evidence"]


BAD = {
    # outcome: arguments, parts of the one line
    "unknown": (["reject", "dddd", "--why", "x"], ["no evidence begins with dddd", "claims --evidence"]),
    "ambiguous": (
        ["reject", "aaaa", "--why", "x"],
        ["aaaa begins 2", "aaaa1000000000000000 (buyer deny sale)", "aaaa2000000000000000 (union"],
    ),
    "too short": (["reject", "bbb", "--why", "x"], ["4 to 20"]),
    "no id": (["accept", f"bb{ESCAPE}", "--why", "x"], ["named by its id"]),
    "an empty reason": (["reject", YES, "--why", " \n"], ["--why is empty"]),
    "a long reason": (["reject", YES, "--why", "x" * 100_000], ["--why is 100000 characters long: 1000"]),
    "a long name": (["reject", YES, "--why", "x", "--by", "x" * 101], ["--by is 101"]),
    "nothing to undo": (["undo", YES, "--why", "x"], ["nothing is decided about bbbb"]),
    "an unknown story": (["reject", YES, "--why", "x", "--story", "tets"], ["no story is called tets", "did you mean `test`?"]),
    "a note on nothing": (["note", "sales", "x"], ["no claim is called sales", "did you mean `sale`?"]),
    "an empty note": (["note", "sale", ""], ["TEXT is empty"]),
}


def test_what_cannot_be_done_is_one_line_and_changes_nothing(told: Path, rules_and: dict[str, str]) -> None:
    for arguments, parts in BAD.values():
        failed = CliRunner(env=rules_and).invoke(app, [*arguments, "--data", str(told)]).exception
        assert isinstance(failed, InputError)
        assert [part for part in parts if part not in str(failed)] == []
        assert "\n" not in str(failed)
        assert "\x1b" not in str(failed)
    assert_one_line(monitor("reject", "aaaa", "--why", "x", "--data", told, **rules_and), "aaaa begins 2 pieces of evidence")
    ran = monitor("decisions", "--data", told, **rules_and)
    assert (ran.code, ran.out, ran.err) == (0, "", "nobody has decided anything yet\n")


def test_a_reason_that_is_no_text_is_kept_as_far_as_it_is(told: Path, rules_and: dict[str, str]) -> None:
    ran = monitor("reject", YES, "--why", "caf\udce9", "--data", told, **rules_and)
    assert ran.code == 0
    [one] = monitor("decisions", "--json", "--data", told, **rules_and).rows
    assert one["why"] == "caf?"


def test_a_story_that_the_rules_do_not_have_is_not_decided_about(told: Path, tmp_path: Path) -> None:
    (tmp_path / "rules" / "tester").mkdir(parents=True)
    (tmp_path / "rules" / "tester" / "story.yaml").write_text(STORY, encoding="utf-8")
    ran = monitor("reject", YES, "--why", "x", "--data", told, "--rules", tmp_path / "rules")
    assert_one_line(ran, "no story in the rules is called test")


def test_a_reason_is_asked_for() -> None:
    assert monitor("reject", YES).code == 2
