"""`monitor export` and `monitor import` as a shell sees them."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from monitor.lines import MAGIC, lines_of
from tests.cli.test_commands import ARTICLES, Ran, assert_one_line, monitor, rules

__all__ = ["rules"]  # a fixture


@pytest.fixture(scope="module")
def lived(rules: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A data folder with a history that somebody has looked at."""
    data = tmp_path_factory.mktemp("lived")
    where = ("--data", data)
    ran = monitor("import", "-", *where, "--rules", rules, stdin=ARTICLES)
    assert (ran.code, ran.out.splitlines()) == (
        0,
        [
            "tiny: Import of standard input: closure is confirmed (corvane affirms, union affirms)",
            "new: articles 2, evidence 2, decisions 0, notes 0",
        ],
    )
    [state] = monitor("claims", "--evidence", "--json", *where).rows
    [union] = [row["id"] for row in state["evidence"] if row["party"] == "union"]
    assert monitor("reject", union, "--why", "Nicht gesagt", *where, "--rules", rules).code == 0
    assert monitor("note", "closure", "다시 보라", *where).code == 0
    return data


def claims(data: Path) -> Ran:
    return monitor("claims", "closure", "--evidence", "--json", "--data", data)


def test_a_history_moves_to_an_empty_server(lived: Path, rules: Path, tmp_path: Path) -> None:
    file, data = tmp_path / "history.jsonl.zst", tmp_path / "data"
    ran = monitor("export", file, "--data", lived)
    assert (ran.code, ran.out, ran.err) == (0, "", f"6 lines in {file}\n")
    assert file.read_bytes()[:4] == MAGIC
    ran = monitor("import", file, "--data", data, "--rules", rules, "--json")
    [row] = ran.rows
    assert {name: row[name] for name in row if name != "summaries"} == {"archived": 2, "evidence": 2, "decisions": 1, "notes": 1}
    assert [alert["alert"] for alert in row["summaries"]] == ["import"]
    assert claims(data) == claims(lived)
    ran = monitor("import", file, "--data", data, "--rules", rules)
    assert ran.out == "new: articles 0, evidence 0, decisions 0, notes 0\n"
    # What was exported is what `replay` and `backtest` read.
    assert len(monitor("replay", file, "--rules", rules, "--json").rows) > 4


def test_an_export_is_lines_for_any_program(lived: Path, tmp_path: Path) -> None:
    ran = monitor("export", "--what", "articles", "--data", lived)
    assert [(row["type"], row["id"], row["published"]) for row in ran.rows] == [
        ("article", "a", "2024-03-01T07:00:00Z"),
        ("article", "b", "2024-03-02T08:00:00Z"),
    ]
    ran = monitor("export", "--what", "evidence, decisions", "--story", "tiny", "--since", "2024-03-02", "--data", lived)
    assert [row["type"] for row in ran.rows] == ["evidence", "decision", "note"]
    assert monitor("export", tmp_path / "plain", "--data", lived).code == 0
    assert [json.loads(line)["type"] for line in lines_of(tmp_path / "plain")].count("article") == 2


def test_what_is_wrong_is_said(lived: Path, rules: Path, tmp_path: Path) -> None:
    bad = tmp_path / "bad.jsonl"
    bad.write_text(ARTICLES.strip() + '\n{"id": "x"}\n', encoding="utf-8")
    ran = monitor("import", bad, "--data", tmp_path / "data", "--rules", rules)
    assert (ran.code, ran.out) == (1, "")
    assert ran.err.splitlines() == [
        f"{bad}:3: `published` is missing or not text",
        "nothing was imported: mend the lines, or take them out",
    ]
    assert not (tmp_path / "data").exists()
    for arguments, part in (
        (("export", "--data", tmp_path / "none"), "there is nothing to export"),
        (("export", tmp_path / "no" / "where", "--data", lived), "No such file or directory"),
        (("export", "--what", "texts", "--data", lived), "no kind of thing is called texts"),
        (("export", "--what", ",", "--data", lived), "--what names nothing"),
        (("export", "--story", "tyni", "--data", lived), "no story is called tyni"),
        (("import", tmp_path / "none.jsonl", "--rules", rules), "none.jsonl: No such file"),
        (("import", bad, "--story", "tyni", "--rules", rules), "no story in the rules is called tyni"),
    ):
        assert_one_line(monitor(*arguments), part)
