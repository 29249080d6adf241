"""Commands as a shell sees them: output, exit code, one line for what a person can put right. Each test starts the program itself."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from jsonschema import Draft202012Validator

from tests.conftest import bare_environment

STORIES = Path(__file__).parent.parent / "stories"

TINY = """\
title: A yard
entities: {corvane: {kind: party, names: {en: Corvane}}, union: {kind: party, names: {en: Quayside Union}}}
claims: {closure: {text: The yard will be closed, about: yard near closed, confirmed_by: corvane}}
matches: {yard: yard}
alerts:
  - {alert: admitted, when: {claim: closure, becomes: confirmed}, severity: urgent}
tests:
  - test: an admission confirms it
    articles:
      - {at: 2024-03-01, title: Corvane confirmed that the yard will be closed., expect: {closure: confirmed, alerts: admitted}}
"""
ROWS: list[dict[str, Any]] = [
    {
        "id": "b",
        "published": "2024-03-02T08:00:00Z",
        "source": "Gazette",
        "title": "Corvane confirmed that the yard will be closed.",
        "text": "",
        "evidence": ["is ignored"],
    },
    {
        "id": "a",
        "published": "2024-03-01T08:00:00+01:00",
        "lang": "en",
        "title": "",
        "text": "\n Quayside Union said that the yard will be closed.",
    },
]
ARTICLES = "\n".join(json.dumps(row) for row in ROWS) + "\n\n"

CONTRACT = {
    "evidence": {"type", "story", "article", "claim", "party", "stance", "when", "speaker", "cue", "quote", "field", "start", "end"},
    "position.changed": {"type", "story", "article", "claim", "party", "from", "to", "time"},
    "claim.changed": {"type", "story", "article", "claim", "from", "to", "time"},
    "alert": {"type", "article", "alert", "claim", "severity", "summary"},
    "match": {"type", "article", "rule", "spans"},
}
"""Keys that every event has at least, by type: the fixed contract of `replay --json`."""


class Ran(NamedTuple):
    code: int
    out: str
    err: str

    @property
    def rows(self) -> list[dict[str, Any]]:
        return [json.loads(line) for line in self.out.splitlines()]


def monitor(*arguments: str | Path, stdin: str | bytes = "", **environment: str) -> Ran:
    """Runs a command in a bare environment. Whatever happens, nothing in it speaks to a terminal and nothing is a traceback."""
    data = stdin.encode() if isinstance(stdin, str) else stdin
    command = [sys.executable, "-m", "monitor", *map(str, arguments)]
    done = subprocess.run(command, input=data, capture_output=True, env=bare_environment(**environment), timeout=60, check=False)
    ran = Ran(done.returncode, done.stdout.decode(), done.stderr.decode())
    assert "\x1b" not in ran.out + ran.err
    assert "Traceback" not in ran.err, ran.err
    return ran


def assert_one_line(ran: Ran, *parts: str) -> None:
    """An expected failure: exit code 1, nothing on standard output, one line that says what and where."""
    assert (ran.code, ran.out) == (1, "")
    assert ran.err.count("\n") == 1, ran.err
    for part in parts:
        assert part in ran.err


@pytest.fixture(scope="module")
def rules(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with one small story."""
    folder = tmp_path_factory.mktemp("rules")
    (folder / "tiny").mkdir()
    (folder / "tiny" / "story.yaml").write_text(TINY, encoding="utf-8")
    return folder


@pytest.fixture(scope="module")
def replayed(rules: Path, tmp_path_factory: pytest.TempPathFactory) -> Ran:
    """The two articles, replayed from a file as JSON."""
    file = tmp_path_factory.mktemp("articles") / "articles.jsonl"
    file.write_text("\ufeff" + ARTICLES, encoding="utf-8")
    return monitor("replay", file, "--rules", rules, "--json")


@pytest.fixture(scope="module")
def schema() -> dict[str, Any]:
    """What `monitor schema` prints."""
    ran = monitor("schema")
    assert (ran.code, ran.err) == (0, "")
    printed: dict[str, Any] = json.loads(ran.out)
    return printed


# replay -----------------------------------------------------------------------------------------------------------------------


def test_replay_prints_all_events_in_event_order_with_the_keys_of_the_contract(replayed: Ran) -> None:
    assert (replayed.code, replayed.err) == (0, "")
    shown = [(row["article"], row["type"], row.get("from"), row.get("to")) for row in replayed.rows]
    assert shown == [
        ("a", "match", None, None),
        ("a", "evidence", None, None),
        ("a", "position.changed", None, "affirm"),
        ("a", "claim.changed", "unreported", "asserted"),
        ("b", "match", None, None),
        ("b", "evidence", None, None),
        ("b", "position.changed", None, "affirm"),
        ("b", "claim.changed", "asserted", "confirmed"),
        ("b", "alert", "asserted", "confirmed"),
    ]
    for row in replayed.rows:
        assert row.keys() >= CONTRACT[row["type"]]
    assert {row["type"] for row in replayed.rows} == CONTRACT.keys()


def test_replay_quotes_by_code_point_offsets_and_gives_times_in_utc(replayed: Ran) -> None:
    texts = {row["id"]: row for row in ROWS}
    for row in replayed.rows:
        if row["type"] == "evidence":
            field: str = texts[row["article"]][row["field"]]
            assert field[row["start"] : row["end"]] == row["quote"]
            assert row["speaker"] in field
            assert row["cue"] in ("said", "confirmed")
        for span in row.get("spans", []):
            assert texts[row["article"]][span["field"]][span["start"] : span["end"]] == span["text"]
    assert {row["time"] for row in replayed.rows} == {"2024-03-01T07:00:00Z", "2024-03-02T08:00:00Z"}
    alert = replayed.rows[-1]
    assert (alert["alert"], alert["severity"], alert["claim"], alert["speaker"]) == ("admitted", "urgent", "closure", "Corvane")


def test_every_event_that_replay_prints_is_valid_by_the_published_schema(replayed: Ran, schema: dict[str, Any]) -> None:
    for row in replayed.rows:
        kind = row.pop("type")
        validator = Draft202012Validator(schema["types"][kind])
        assert not list(validator.iter_errors(row)), kind


def test_replay_for_a_person_reads_standard_input_and_prints_a_line_an_event(rules: Path, replayed: Ran) -> None:
    ran = monitor("replay", "-", stdin=ARTICLES, MONITOR_RULES=str(rules))
    assert (ran.code, ran.err) == (0, "")
    lines = ran.out.splitlines()
    assert len(lines) == len(replayed.rows)
    assert [line.split()[:3] for line in lines] == [[*row["time"][:16].split("T"), row["type"]] for row in replayed.rows]


def test_replay_of_nothing_says_so_and_prints_nothing(rules: Path) -> None:
    assert monitor("replay", "-", "--rules", rules, stdin="\n \n") == Ran(0, "", "no articles\n")


GOOD = b'{"id": "a", "published": "2024-03-01", "title": "", "text": ""}\n'

BROKEN = {
    # outcome: standard input, parts of the line on standard error
    "half a line": (GOOD + b'{"id": "a", "publ', ["-:2: "]),
    "a bad date": (GOOD.replace(b"2024-03-01", b"yesterday"), ["-:1: ", "yesterday"]),
    "bytes that are no text": (GOOD + b'{"id": "\xff\xfe"}', ["-"]),
}


@pytest.mark.parametrize(("stdin", "parts"), BROKEN.values(), ids=BROKEN)
def test_replay_of_broken_lines_says_where_in_one_line(stdin: bytes, parts: list[str], rules: Path) -> None:
    assert_one_line(monitor("replay", "-", "--rules", rules, stdin=stdin), *parts)


def test_replay_of_a_missing_file_names_it(rules: Path) -> None:
    assert_one_line(monitor("replay", "nowhere.jsonl", "--rules", rules), "nowhere.jsonl")


# check and test ---------------------------------------------------------------------------------------------------------------


def test_check_of_sound_rules_counts_what_is_there() -> None:
    ran = monitor("check", "--rules", STORIES, "--json")
    assert (ran.code, ran.err) == (0, "")
    (row,) = ran.rows
    assert row["story"] == "merger"
    assert row["version"]
    assert {name: row[name] for name in ("entities", "claims", "matches", "alerts", "feeds")} == {
        "entities": 8, "claims": 3, "matches": 2, "alerts": 3, "feeds": 0,
    }  # fmt: skip


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """The folder of a story of one's own."""
    (tmp_path / "tiny").mkdir()
    return tmp_path / "tiny"


def test_check_of_broken_rules_places_every_error(folder: Path) -> None:
    text = TINY.replace("about: yard near closed", "about: (yard near closed").replace("becomes: confirmed", "becomes: confirmd")
    (folder / "story.yaml").write_text(text, encoding="utf-8")
    ran = monitor("check", "--rules", folder)
    assert ran.code == 1
    assert ran.err == "2 errors\n"
    lines = ran.out.splitlines()
    assert len(lines) == 2
    for line, mark in zip(lines, ("(yard", "confirmd"), strict=True):
        before = text[: text.index(mark)]
        assert line.startswith(f"{folder / 'story.yaml'}:{before.count(chr(10)) + 1}:{len(before) - before.rindex(chr(10))}: ")
    assert "never closed" in lines[0]
    assert "did you mean `confirmed`?" in lines[1]


def test_test_passes_with_code_0_and_fails_with_code_1_and_what_was_found(folder: Path) -> None:
    ran = monitor("test", "--rules", STORIES)
    assert (ran.code, ran.err) == (0, "")
    assert ran.out.endswith(" 0 failed\n")
    assert not re.search("^FAIL", ran.out, re.MULTILINE)

    (folder / "story.yaml").write_text(TINY.replace("closure: confirmed, alerts", "closure: denied, alerts"), encoding="utf-8")
    failing = monitor("test", "--rules", folder, "--verbose")
    assert failing.code == 1
    assert "FAIL" in failing.out
    assert re.search(r"^ *expected +found$", failing.out, re.MULTILINE)
    assert re.search(r"^ *closure +≠ +denied +confirmed$", failing.out, re.MULTILINE)
    assert "<confirmed>" in failing.out
    assert failing.out.endswith("1 test, 1 failed\n")


# schema, settings, options ----------------------------------------------------------------------------------------------------


def test_schema_prints_a_sound_schema_for_every_event_type(schema: dict[str, Any]) -> None:
    assert schema["version"] >= 1
    assert schema["types"].keys() >= {*CONTRACT, "feed.failing", "feed.recovered"}
    for one in (*schema["types"].values(), schema["state"]):
        Draft202012Validator.check_schema(one)
    for kind, keys in CONTRACT.items():
        assert schema["types"][kind]["properties"].keys() >= keys - {"type"}


def test_schema_of_an_unknown_type_names_the_known_ones() -> None:
    assert_one_line(monitor("schema", "rumour"), "rumour", "claim.changed")


@pytest.mark.parametrize(
    ("name", "value"), [("MONITOR_PORT", "99999"), ("MONITOR_RULES", "/nowhere/at/all")], ids=["out of range", "no such folder"]
)
def test_a_setting_that_cannot_be_used_is_named_with_its_value(name: str, value: str) -> None:
    ran = monitor("check", **{name: value})
    assert_one_line(ran, value)
    assert name in ran.err or name == "MONITOR_RULES"


def test_an_unknown_option_is_a_wrong_call() -> None:
    ran = monitor("check", "--no-such-option")
    assert (ran.code, ran.out) == (2, "")
    assert "--no-such-option" in ran.err
