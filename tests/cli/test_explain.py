"""`monitor explain` as a person and as a program see it: marks, chains, true reasons, and one line for what cannot be read."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from rich.cells import cell_len
from typer.testing import CliRunner

from monitor.cli import app
from monitor.engine.pipeline import explain as explained
from monitor.engine.pipeline import read_all
from monitor.model import Article
from monitor.stories import open_rulebook
from tests.cli.test_commands import STORIES, TINY, Ran, assert_one_line, monitor

CHAINED = """\
Corvane confirms that it will buy Ambervale

The Harbour Gazette reported that Corvane said last year that it will buy Ambervale. Ambervale declined to comment on this.

The weather in the port was fine."""

KOREAN = "코르베인은 앰버베일을 인수한다고 밝혔다. 앰버베일은 인수를 부인했다."
RUSSIAN = "«Корвейн» заявил, что купит «Эмбервейл». Купит ли он «Эмбервейл»?"
CHINESE = (
    "科维恩表示将收购安伯维尔。安伯维尔否认收购。港口报报道，安伯维尔将被收购。码头工会说，诺斯基将继续运营，"
    "而竞争委员会还没有批准这笔交易，各方仍在等待最后的结果，港口的工作照常进行。"
)
TEXTS = [CHAINED, KOREAN, RUSSIAN, CHINESE, "Корвейн е\u0301 \u200bотрицает, что купит Эмбервейл. \U0001f600 Он купит Эмбервейл."]


def explain(text: str, *options: str, lang: str = "", at: str = "2024-03-01", **environment: str) -> Ran:
    """What is printed of a text by the story of the tests."""
    ran = monitor("explain", "-", "--rules", STORIES, "--at", at, "--lang", lang, *options, stdin=text, **environment)
    assert (ran.code, ran.err) == (0, "")
    return ran


def as_json(text: str, *options: str, at: str = "2024-03-01") -> dict[str, Any]:
    """The same by the same command, inside this process: a table of texts would take minutes otherwise."""
    command = ["explain", "-", "--rules", str(STORIES), "--at", at, "--json", *options]
    ran = CliRunner().invoke(app, command, input=text.encode(), catch_exceptions=False)
    assert ran.exit_code == 0, ran.stderr
    row: dict[str, Any] = json.loads(ran.stdout)
    return row


# the text, marked -------------------------------------------------------------------------------------------------------------


def test_without_colours_the_signs_say_who_speaks_by_which_word_of_what() -> None:
    out = explain("Corvane denied that somebody will buy Ambervale. Will Corvane buy Ambervale?").out
    assert "[*Corvane*] <denied> that somebody will *buy*" in out
    assert "~buy~ ~Ambervale~?" in out
    assert "marks: " in out


@pytest.mark.parametrize("text", TEXTS)
def test_taking_the_signs_away_gives_the_text_back(text: str) -> None:
    out = explain(text).out
    shown = out.partition("\n\n")[2].partition("  marks:")[0]
    bare = re.sub(r"[\[\]<>*~{}⁰¹²³⁴⁵⁶⁷⁸⁹\s]", "", shown)
    # What a terminal would obey is replaced; what it would not show stays.
    assert bare == re.sub(r"[\s]", "", text)


@pytest.mark.parametrize("text", TEXTS)
def test_no_line_is_wider_than_the_terminal_whatever_the_script(text: str) -> None:
    for line in explain(text, "--attributions", COLUMNS="50").out.splitlines():
        assert cell_len(line) <= 50, line


def test_a_terminal_gets_colours_and_no_signs_and_no_color_turns_them_off() -> None:
    # `monitor` refuses escape characters, so this one looks for itself.
    command = [sys.executable, "-m", "monitor", "explain", "-", "--rules", str(STORIES)]
    text = b"Corvane denied that it will buy Ambervale. \x1b[5mCorvane said nothing."
    environment = os.environ | {"FORCE_COLOR": "1", "TERM": "xterm-256color"}
    coloured = subprocess.run(command, input=text, env=environment, capture_output=True, check=True).stdout.decode()
    assert "\x1b[" in coloured
    assert "\x1b[5m" not in coloured
    assert "<denied>" not in coloured
    plain = subprocess.run(command, input=text, env=environment | {"NO_COLOR": "1"}, capture_output=True, check=True).stdout.decode()
    assert "\x1b" not in plain
    assert "<denied>" in plain


def test_paragraphs_without_a_mark_are_folded_when_they_are_many() -> None:
    beside = "\n\n".join(f"The weather was fine on day {n}." for n in range(5))
    out = explain(f"Ships\n\nCorvane denied that it will buy Ambervale.\n\n{beside}").out
    assert "5 paragraphs" in out
    assert "on day 3" not in out


# findings ---------------------------------------------------------------------------------------------------------------------


def test_a_finding_shows_the_whole_chain_and_what_decided_time_and_strength() -> None:
    out = explain(CHAINED, "--outlet", "Evening Post").out
    assert "corvane affirms takeover · now · strong" in out
    assert "Evening Post → Corvane → corvane → confirms → affirm → takeover" in out
    assert "Evening Post → Harbour Gazette → Corvane → corvane → said → affirm → takeover" in out
    assert re.search("past +“last year”", out)
    assert "ambervale declines to say takeover · now · weak" in out
    assert "“this”: the claim last spoken of, touched last in text 0–" in out
    assert "the claim is only pointed back to" in out


def test_the_json_has_the_same_chain_link_by_link() -> None:
    row = as_json(CHAINED, "--outlet", "Evening Post")
    first = row["evidence"][0]
    assert [link["link"] for link in first["chain"]] == ["outlet", "speaker", "party", "cue", "stance", "claim", "when", "strength"]
    assert [link["text"] for link in first["chain"]] == [
        "Evening Post", "Corvane", "corvane", "confirms", "affirm", "takeover", "now", "strong",
    ]  # fmt: skip


@pytest.mark.parametrize("text", TEXTS)
def test_every_offset_quotes_the_original(text: str) -> None:
    row = as_json(text)
    seen = 0

    def look(value: Any, field: str) -> None:
        nonlocal seen
        if isinstance(value, list):
            for one in value:
                look(one, field)
        elif isinstance(value, dict):
            field = value.get("field", field)
            if "start" in value:
                quoted = value.get("quote", value.get("text"))
                place = row[field][value["start"] : value["end"]]
                # A link's text may be a name or a sign for what stands there.
                assert place == quoted or ("link" in value and (value["link"] == "claim" or value["text"] == ":")), value
                seen += 1
            if value.get("speaker_start") is not None:
                assert row[field][value["speaker_start"] : value["speaker_end"]] == value["speaker"]
            if value.get("cue_start") is not None:
                assert row[field][value["cue_start"] : value["cue_end"]] == value["cue"]
            for one in value.values():
                look(one, field)

    look(row, "text")
    assert seen > 5
    title, _, body = text.partition("\n\n")
    assert (row["title"], row["text"]) == ((title, body) if body else ("", text))


def test_a_finding_that_the_text_gives_again_says_where() -> None:
    out = explain("Corvane confirms it will buy Ambervale\n\nCorvane confirmed that it will buy Ambervale.").out
    assert len(re.findall("corvane affirms takeover", out)) == 1
    assert re.search("again +text", out)


# what was touched and gave nothing --------------------------------------------------------------------------------------------


class Untaken(NamedTuple):
    """A text in which a claim is touched for nothing. parts: what the reason must name."""

    text: str
    because: str
    parts: tuple[str, ...] = ()
    claim: str = "takeover"
    at: str = "2024-03-01"


REASONS = {
    "a question": Untaken("Will Corvane buy Ambervale?", "question"),
    "a condition in nobody's mouth": Untaken("If Corvane buys Ambervale, the port will change.", "supposed", ("“If”",)),
    "a condition in a party's mouth": Untaken(
        "The Trade Ministry said that the port waits to see whether Corvane buys Ambervale.", "supposed", ("“Trade Ministry”", "“whether”")
    ),
    "the text's own voice": Untaken("The Northquay yard was closed in spring.", "nobody", (), "yard-closure"),
    "an outlet that passes it on": Untaken(
        "The Harbour Gazette reported that Corvane will buy Ambervale.", "no-party", ("“Harbour Gazette”", "outlet")
    ),
    "a question that a party asks": Untaken("The Trade Ministry asked when Corvane would buy Ambervale.", "asked", ("“asked”",)),
    "what a party reports of another's denial": Untaken(
        "The Trade Ministry said that Ambervale had denied that Corvane would buy Ambervale.",
        "of-another",
        ("“Trade Ministry”", "denial", "“Ambervale”"),
    ),
    "a speaker whom nobody knows": Untaken(
        "People in the port say that the yard of Northquay will be closed.", "unknown-speaker", ("“say”",), "yard-closure"
    ),
    "a Korean question": Untaken("코르베인이 앰버베일을 인수할까?", "question"),
    "a Russian condition": Untaken("Если «Корвейн» купит «Эмбервейл», порт изменится.", "supposed", ("“Если”",)),
    "a Chinese outlet": Untaken("据港口报报道，科维恩将收购安伯维尔。", "no-party", ("“港口报”",)),
}


@pytest.mark.parametrize("case", REASONS.values(), ids=REASONS)
def test_what_gave_nothing_has_a_true_reason(case: Untaken) -> None:
    row = as_json(case.text, at=case.at)
    assert row["evidence"] == []
    found = [one for one in row["untaken"] if one["claim"] == case.claim]
    assert [one["because"] for one in found] == [case.because]
    for part in case.parts:
        assert part in found[0]["reason"]


def test_a_speaker_out_of_office_is_told_from_one_who_never_was_in_it(tmp_path: Path) -> None:
    (tmp_path / "tiny").mkdir()
    rules = TINY.replace(
        "entities: {",
        "entities: {consul: {kind: person, names: {en: Adastra Consulate}, speaks_for: {party: corvane, since: 2024-06-01}}, ",
    )
    (tmp_path / "tiny" / "story.yaml").write_text(rules, encoding="utf-8")
    text = "Adastra Consulate said that the yard will be closed."
    command = ("explain", "-", "--rules", tmp_path, "--json", "--at")
    (before,) = monitor(*command, "2024-05-01", stdin=text).rows
    assert before["evidence"] == []
    assert [one["because"] for one in before["untaken"]] == ["no-party"] or "nobody" in before["untaken"][0]["reason"]
    (after,) = monitor(*command, "2024-07-01", stdin=text).rows
    assert [one["party"] for one in after["evidence"]] == ["corvane"]


def test_a_claim_that_gave_something_is_not_among_those_that_gave_nothing() -> None:
    assert as_json("Corvane denied that it will buy Ambervale.")["untaken"] == []


# --claim and --party ----------------------------------------------------------------------------------------------------------


class Question(NamedTuple):
    """What is asked of a text. failed: the step that failed, or "" when there is a finding."""

    text: str
    options: tuple[str, ...]
    failed: str
    parts: tuple[str, ...] = ()


TAKEOVER = ("--claim", "takeover")
ASKED = {
    "a finding for the pair": Question(CHAINED, (*TAKEOVER, "--party", "corvane"), ""),
    "a finding for the party": Question(CHAINED, ("--party", "ambervale"), ""),
    "a claim that lacks a word": Question(
        "Corvane praised Ambervale.", TAKEOVER, "touched", ("lacks buying", "“buy”", "“Ambervale”: ambervale")
    ),
    "a claim whose words stand too far apart": Question(
        "Northquay has cranes and sheds of its own and a long line of rails down to the sea, and the road to it was closed.",
        ("--claim", "yard-closure"),
        "touched",
        ("lacks northquay-yard within 8 words of closing",),
    ),
    "a claim of which nothing stands there": Question("The weather was fine.", TAKEOVER, "touched", ("no term",)),
    "a party that is not named": Question(CHAINED, (*TAKEOVER, "--party", "trade-ministry"), "named", ("not named",)),
    "a party that says nothing": Question(
        "Corvane confirmed that it will buy Ambervale.", (*TAKEOVER, "--party", "ambervale"), "source", ("no reported speech",)
    ),
    "a party that speaks of something else": Question(
        "Corvane confirmed that it will buy Ambervale. The Quayside Union said that the sun shone.",
        (*TAKEOVER, "--party", "quayside-union"),
        "says-of-it",
        ("of no claim: “that the sun shone”", "affirm, by corvane"),
    ),
    "a party that takes no stance": Question(
        "The Trade Ministry asked when Corvane would buy Ambervale.",
        (*TAKEOVER, "--party", "trade-ministry"),
        "taken",
        ("states nothing by “asked”",),
    ),
    "a claim in nobody's mouth": Question("Will Corvane buy Ambervale?", TAKEOVER, "taken", ("it stands in a question",)),
}


@pytest.mark.parametrize("case", ASKED.values(), ids=ASKED)
def test_asking_for_a_claim_or_party_says_which_step_failed(case: Question) -> None:
    row = as_json(case.text, *case.options)
    steps = row["asked"]["steps"]
    assert bool(row["evidence"]) == (case.failed == "")
    assert [step["step"] for step in steps if not step["passed"]] == ([case.failed] if case.failed else [])
    assert all(step["passed"] for step in steps[:-1])
    said = " ".join(part for step in steps for part in (step["text"], *(f"“{p['text']}”: {p['note']}" for p in step["places"])))
    for part in case.parts:
        assert part in said
    given = dict(zip(case.options[::2], case.options[1::2], strict=True))
    assert all(one["claim"] == given.get("--claim", one["claim"]) for one in row["evidence"])
    assert all(one["party"] == given.get("--party", one["party"]) for one in row["evidence"])


def test_a_person_sees_each_step_with_its_outcome_and_what_was_touched_with_its_reason() -> None:
    text = "Will Corvane buy Ambervale? The Trade Ministry said that the sun shone."
    out = re.sub(r"\s+", " ", explain(text, *TAKEOVER, "--party", "trade-ministry").out)
    assert "trade-ministry on takeover: why is there no finding?" in out
    assert re.findall("[✓✗]", out) == ["✓", "✓", "✓", "✗"]
    assert "touched, and nothing taken ~ takeover: " in out
    assert "it stands in a question" in out


@pytest.mark.parametrize(
    ("options", "parts"),
    [
        (("--claim", "takover"), ("takover", "did you mean `takeover`?")),
        (("--claim", "merger/takover"), ("did you mean `takeover`?",)),
        (("--party", "corvan"), ("corvan", "did you mean `corvane`?")),
        (("--party", "halden-advisers"), ("no party", "corvane, ambervale")),
        (("--story", "mergers"), ("did you mean `merger`?",)),
    ],
)
def test_an_unknown_name_is_one_line_with_the_nearest_known(options: tuple[str, ...], parts: tuple[str, ...]) -> None:
    assert_one_line(monitor("explain", "-", "--rules", STORIES, *options, stdin=CHAINED), *parts)


def test_a_claim_may_be_named_with_its_story() -> None:
    assert as_json(CHAINED, "--claim", "merger/takeover")["asked"]["found"] > 0


# --attributions ---------------------------------------------------------------------------------------------------------------


def test_reported_speech_is_listed_whatever_it_is_about_with_all_offsets() -> None:
    text = "Corvane said that the sun shone. The Trade Ministry did not confirm that Ambervale had denied the rain."
    row = as_json(text)
    shown = [(one["party"], one["cue"]["text"], one["class"], one["turn"], one["depth"]) for one in row["attributions"]]
    assert ("corvane", "said", "say", [], 0) in shown
    assert ("trade-ministry", "confirm", "confirm", ["negated"], 0) in shown
    assert any(party == "ambervale" and cue == "denied" for party, cue, *_ in shown)
    said = row["attributions"][0]
    assert "the sun shone" in said["content"][0]["text"]
    out = explain(text, "--attributions").out
    assert "Corvane (corvane) → said (say)" in out
    assert "confirm (confirm, negated)" in out


def test_reported_speech_is_listed_where_nothing_of_the_story_is_named() -> None:
    assert [one["cue"]["text"] for one in as_json("The mayor said that the sun shone.")["attributions"]] == ["said"]


def test_reading_for_explanation_finds_what_reading_finds() -> None:
    rulebook = open_rulebook(STORIES)
    for text in (*TEXTS, *(case.text for case in REASONS.values())):
        article = Article.model_validate(
            {"id": "a", "text": text, "published_at": "2024-03-01T00:00:00Z", "fetched_at": "2024-03-01T00:00:00Z"}
        )
        assert [one.reading for one in explained(article, rulebook)] == read_all(article, rulebook)


# what cannot be read ----------------------------------------------------------------------------------------------------------

UNREADABLE = {
    # outcome: standard input, parts of the line on standard error
    "empty": (b"", ["-: there is no text"]),
    "blank": (b" \n\n \t\n", ["-: there is no text"]),
    "binary": (b"\x7fELF\x02\x01\x01\x00\x00", ["-: binary data"]),
    "not UTF-8": ("Корвейн".encode("cp1251"), ["-: not UTF-8 text"]),
    "huge": (b"Corvane " * 200_000, ["-: too long"]),
    "huger": (b"Corvane " * 600_000, ["-: too long"]),
    "a language that is not read": ("これはただのにほんごのぶんしょうです。".encode(), ["-: the language ja is not read", "en, ru"]),
    "no language at all": (b"12 345", ["-: no language"]),
}


@pytest.mark.parametrize(("stdin", "parts"), UNREADABLE.values(), ids=UNREADABLE)
def test_what_is_no_text_to_read_is_one_line(stdin: bytes, parts: list[str]) -> None:
    assert_one_line(monitor("explain", "-", "--rules", STORIES, stdin=stdin), *parts)


def test_what_is_no_file_is_one_line(tmp_path: Path) -> None:
    assert_one_line(monitor("explain", "nowhere.txt", "--rules", STORIES), "nowhere.txt")
    assert_one_line(monitor("explain", tmp_path, "--rules", STORIES), str(tmp_path))
    assert_one_line(monitor("explain", "-", "--rules", tmp_path, stdin=CHAINED), str(tmp_path))
    assert_one_line(monitor("explain", "-", "--at", "soon", "--rules", STORIES, stdin=CHAINED), "--at soon")


def test_a_text_that_touches_nothing_says_so_and_is_no_error() -> None:
    ran = explain("The weather was fine.")
    assert "nothing in it touches a claim" in ran.out


def test_a_text_that_is_matched_though_not_read_shows_its_matches() -> None:
    out = explain("Corvane et Ambervale ont gagné.", lang="fr").out
    assert "companies-together" in out
