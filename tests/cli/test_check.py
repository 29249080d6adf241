"""`monitor check`: what a shell, an editor and a person at a terminal are told."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
from rich.cells import cell_len

from monitor.cli.complaints import Complaint, as_line, drawn, source_line
from monitor.errors import Place
from tests.cli.test_commands import ARTICLES, TINY, monitor
from tests.rules.test_load import write

SUSPICIOUS = TINY.replace("entities: {", "entities: {yard-gate: {kind: place, names: {en: Gate}}, ")
BROKEN = TINY.replace("becomes: confirmed", "becomes: confirmd").replace("title: A yard", "title:\t한국")
LINE = re.compile(r"^(?P<file>.+?):(?P<line>\d+):(?P<column>\d+): (?P<severity>error|warning): .+$")


@pytest.mark.parametrize(
    ("text", "code", "severities"),
    [(TINY, 0, set()), (SUSPICIOUS, 3, {"warning"}), (BROKEN, 1, {"error"})],
    ids=["sound", "suspicious", "broken"],
)
def test_the_exit_code_tells_errors_from_warnings_and_every_line_can_be_parsed(
    tmp_path: Path, text: str, code: int, severities: set[str]
) -> None:
    folder = write(tmp_path / "tiny", {"story.yaml": text})
    ran = monitor("check", "--rules", folder)
    told = [LINE.match(line) for line in ran.out.splitlines() if not line.startswith("tiny (")]
    assert ran.code == code
    assert {found["severity"] for found in told if found} == severities
    assert all(found and found["file"] == str(folder / "story.yaml") for found in told)
    rows = [row for row in monitor("check", "--rules", folder, "--json").rows if "story" not in row]
    assert {row["severity"] for row in rows} == severities
    assert [(row["line"], row["column"]) for row in rows] == [(int(found["line"]), int(found["column"])) for found in told if found]
    assert all(row.keys() == {"file", "line", "column", "severity", "code", "number", "problem", "text", "hint"} for row in rows)


def test_a_warning_has_its_code_and_stops_nothing(tmp_path: Path) -> None:
    folder = write(tmp_path / "tiny", {"story.yaml": SUSPICIOUS})
    ran = monitor("check", "--rules", folder)
    assert "[L101 unused-entity]" in ran.out
    assert ran.err.startswith("1 warning;")
    replayed = monitor("replay", "-", "--rules", folder, "--json", stdin=ARTICLES)
    assert (replayed.code, replayed.err) == (0, "")
    assert monitor("test", "--rules", folder).code == 0


def test_a_warning_is_explained_by_name_and_number() -> None:
    ran = monitor("check", "--explain", "unused-entity")
    assert (ran.code, ran.err) == (0, "")
    assert all(f"\n{heading}\n\n  " in ran.out for heading in ("Why it matters", "Example", "What to do"))
    assert monitor("check", "--explain", "L101").out == ran.out
    assert json.loads(monitor("check", "--explain", "L101", "--json").out)["code"] == "unused-entity"
    assert len(monitor("check", "--explain", "all").out.splitlines()) > 20
    wrong = monitor("check", "--explain", "unused-entitty")
    assert (wrong.code, wrong.out) == (1, "")
    assert "did you mean `unused-entity`?" in wrong.err


def shown(text: str, source: str, column: int, width: int = 60, *, file: str = "s.yaml") -> list[str]:
    """The lines that a person sees."""
    one = Complaint(Place(file, 7, column), "error", "no such name", text, "did you mean `b`?")
    return drawn(one, source, width).plain.splitlines()


@pytest.mark.parametrize(
    ("text", "source", "column", "expected"),
    [
        ("b-d", "a: b-d", 4, ["7 | a: b-d", "  |    ^~~"]),
        ("b", "한국: b", 5, ["7 | 한국: b", "  |       ^"]),
        ("한국", "a: 한국", 4, ["7 | a: 한국", "  |    ^~~~"]),
        ("b c", "a: 'b c'", 4, ["7 | a: 'b c'", "  |    ^~~~~"]),
        ("", "\tb", 2, ["7 |  b", "  |  ^"]),
        ("", "a:", 3, ["7 | a:", "  |   ^"]),
        ("b", "a: b\x1b[31m", 4, ["7 | a: b\ufffd[31m", "  |    ^"]),
    ],
    ids=["plain", "behind wide letters", "under wide letters", "with its quotes", "behind a tab", "at the end", "harmless"],
)
def test_the_caret_stands_under_the_place(text: str, source: str, column: int, expected: list[str]) -> None:
    assert shown(text, source, column)[1:3] == expected
    assert shown(text, source, column)[3] == "  = did you mean `b`?"


@pytest.mark.parametrize("letter", ["a", "한"])
@pytest.mark.parametrize("column", [1, 40, 150, 300])
def test_a_long_line_is_cut_around_the_place_and_fits(letter: str, column: int) -> None:
    source = letter * (column - 1) + "HERE" + letter * (300 - column)
    _, line, caret, _ = shown("HERE", source, column)
    assert cell_len(line) <= 60
    assert cell_len(caret) <= 60
    at = caret.index("^")
    before = next(n for n in range(len(line)) if cell_len(line[:n]) == at)
    assert line[before : before + 4] == "HERE"


def test_what_the_caret_cannot_show_is_said_in_words() -> None:
    assert shown("0xff", "a: \ufffd", 4)[0] == "s.yaml:7:4: error: no such name: 0xff"
    assert shown("x", "", 1) == ["s.yaml:7:1: error: no such name", "  = did you mean `b`?"]


def test_a_line_stays_one_line_whatever_the_file_holds() -> None:
    one = Complaint(Place("s.yaml", 7, 1), "warning", "odd", "a\nb", "c\u2028d", "nameless", "L103")
    assert as_line(one) == "s.yaml:7:1: warning: odd: 'a\\nb' (c d) [L103 nameless]"


def test_lines_are_counted_as_the_loader_counts_them(tmp_path: Path) -> None:
    file = tmp_path / "s.yaml"
    file.write_bytes(b"\xef\xbb\xbfa\r\nb\rc\xff\n")
    assert [source_line(Place(str(file), number, 1)) for number in (1, 2, 3, 9)] == ["a", "b", "c\ufffd", ""]
    assert source_line(Place(str(tmp_path / "none.yaml"), 1, 1)) == ""
