"""`monitor suggest` as a person and as a program see it."""

from __future__ import annotations

import json

import pytest
from rich.cells import cell_len

from tests.cli.test_commands import STORIES, assert_one_line, monitor

TEXT = "Strike talk\n\nVorin Shipping said that Corvane will buy Ambervale. Corvane confirmed that the Northquay yard will be mothballed."


def test_each_proposal_says_where_it_belongs_why_what_it_finds_and_what_is_left_to_a_person() -> None:
    ran = monitor("suggest", "-", "--rules", STORIES, "--at", "2024-03-01", stdin=TEXT, COLUMNS="70")
    assert (ran.code, ran.err) == (0, "")
    assert "vorin-shipping: {kind: party, names: {en: [Vorin Shipping]}}" in ran.out
    assert "under `entities:`" in ran.out
    assert "vorin-shipping affirm takeover (now)" in ran.out
    assert "is it a party of its own, or for whom does it speak?" in ran.out
    assert "mothballed" in ran.out
    assert "`monitor test`" in ran.out
    assert max(map(cell_len, ran.out.splitlines())) <= 70


def test_a_program_gets_the_same_and_only_what_was_asked_for() -> None:
    asked = ("--claim", "yard-closure", "--party", "corvane", "--stance", "affirm")
    (row,) = monitor("suggest", "-", "--rules", STORIES, "--at", "2024-03-01", "--json", *asked, stdin=TEXT).rows
    assert [(one["section"], [one["row"]]) for one in row["proposals"]] == [("words", ["closing: {en: [… , yard]}"])]
    assert row["proposals"][0]["or"] == ["mothballed"]
    assert [(one["claim"], one["party"], one["stance"]) for one in row["proposals"][0]["finds"]] == [("yard-closure", "corvane", "affirm")]
    json.dumps(row)


def test_where_nothing_can_be_proposed_it_says_so() -> None:
    ran = monitor("suggest", "-", "--rules", STORIES, stdin="The weather in the port was fine.")
    assert ran.code == 0
    assert "Nothing to propose" in ran.out


@pytest.mark.parametrize(
    ("arguments", "stdin", "told"),
    [
        (("-", "--claim", "takeovr"), TEXT, ("takeovr", "takeover")),
        (("-", "--party", "halden-advisers"), TEXT, ("is no party",)),
        (("missing.txt",), "", ("missing.txt",)),
        (("-",), "", ("no text",)),
        (("-",), "a\0b", ("binary",)),
        (("-", "--lang", "fr"), "Corvane a dit.", ("not read",)),
        (("-", "--at", "soon"), TEXT, ("--at soon",)),
    ],
)
def test_what_cannot_be_used_is_one_line(arguments: tuple[str, ...], stdin: str, told: tuple[str, ...]) -> None:
    assert_one_line(monitor("suggest", *arguments, "--rules", STORIES, stdin=stdin), *told)
