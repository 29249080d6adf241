"""Stories that are wrong: each mistake is reported where a person would look, in a person's words.

In the texts `▶` marks where an error is expected: its line and column are those of the letter that follows.
"""

import copy
import re
from pathlib import Path
from typing import NamedTuple

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from monitor.errors import InputError, RuleErrors
from monitor.rules import source
from monitor.rules.load import ConditionProblem, load_stories
from tests.rules.test_load import WHOLE, write

PARTY = "title: T\nentities: {russia: {kind: party}, kremlin: {kind: office}}\n"
CLAIM = PARTY + "claims: {sent: {text: T, about: x}}\n"


class Row(NamedTuple):
    outcome: str
    text: str
    expected: list[tuple[str, str]]
    """(part of the problem, part of the hint), one for each mark, in order"""


def row(outcome: str, text: str, *expected: tuple[str, str]) -> Row:
    return Row(outcome, text, list(expected))


SYNTAX = [
    row("a tab indents", "title: T\nclaims:\n▶\tsent: x\n", ("a tab cannot indent", "spaces")),
    row("a quote is not closed", "title: ▶'T\nclaims:\n", ("quote is never closed", "close it")),
    row("a double quote is not closed", 'title: ▶"T\nclaims:\n', ("quote is never closed", "close it")),
    row("a bracket is not closed", "title: T\nalerts: ▶[{alert: a}\nclaims: {}\n", ("bracket is never closed", "close it")),
    row("a brace is not closed", "title: T\nclaims: ▶{a: {text: x}\n", ("bracket is never closed", "close it")),
    row("a comma is missing", "title: T\nentities: {a: {names: {en: ['A' ▶B]}}}\n", ("comma or a closing bracket", "")),
    row("a text holds a colon", "title: Troops▶: the story\n", ("a key cannot stand here", "in quotes")),
    row("a line is indented too far", "title: T\n  entities▶: {}\n", ("a key cannot stand here", "indentation")),
    row("a list stands where keys are", "title: T\n▶- a\n", ("list item cannot stand beside keys", "indentation")),
    row("a key stands where a list is", "alerts:\n  - {alert: a}\n  ▶b: c\n", ("does not fit the lines above", "missing `- `")),
    row("text follows a quote", "title: 'T' ▶x\n", ("nothing can follow here", "whole text in quotes")),
    row("an unknown escape", 'title: "a▶\\q"\n', ("this is no escape", "single quotes")),
    row("an escape too big", 'title: T\nstory: "▶\\UFFFFFFFF"\n', ("cannot be read", "the character itself")),
    row("half a character", 'title: ▶"\\ud800"\n', ("not a character", "the character itself")),
    row("NUL as an escape", 'title: ▶"a\\0"\n', ("not a character", "")),
    row("an at sign starts a text", "title: ▶@here\n", ("cannot start with this character", "in quotes")),
    row("a percent sign starts a text", "title: ▶%T\n", ("cannot start with this character", "in quotes")),
    row("a first line is indented", "  title: T\n▶claims: {}\n", ("does not fit the lines above", "indentation")),
    row("a question mark starts a text", "title: ▶? T\n", ("cannot start with this", "in quotes")),
    row("a term starts with a star", "title: T\nwords: {w: {en: [▶*ploy]}}\n", ("nothing has this name", "in quotes")),
    row("a bracket closes nothing", "title: ▶]\n", ("cannot start with this", "in quotes")),
    row("a block header is wrong", "title: >▶x\n  T\n", ("`|`, `>`", "next line")),
    row("a second document", "title: T\n▶---\nclaims: {}\n", ("second document", "one document")),
    row("a control character", "title: a▶\x07b\n", ("control character", "delete")),
    row("a NUL", "title: a▶\0b\n", ("NUL byte", "UTF-8 text")),
    row("a Python object", "title: ▶!!python/object/apply:os.system [x]\n", ("no tags", "delete it")),
    row("a tag of one's own", "title: ▶!shout T\n", ("no tags", "begin with `!`")),
    row("an alias without its anchor", "title: ▶*name\n", ("nothing has this name", "in quotes")),
    row("an alias within itself", "title: T\nentities: &e {a: ▶*e}\n", ("contains itself", "write the value out")),
    row("a merge key", "title: T\nentities: {a: &a {}, b: {▶<<: *a}}\n", ("do not merge", "write the keys out")),
    row("a list for a key", "title: T\n? ▶[a, b]\n: c\n", ("a key must be a word", "")),
    row("nothing for a key", "title: T\nclaims: {▶: x}\n", ("a key must be a word", "")),
    row(
        "a key twice",
        "title: T\nclaims:\n  a: {text: x, about: x}\n  ▶a: {text: y, about: y}\n",
        ("stands twice, first in line 3, column 3", "rename"),
    ),
    row(
        "a deep key twice",
        "title: T\nentities: {a: {names: {en: A, ▶en: B}}}\n",
        ("stands twice, first in line 2, column 24", "rename"),
    ),
    row("a section twice", "title: T\nclaims: {}\n▶claims: {}\n", ("stands twice, first in line 2, column 1", "")),
    row("a list at the top", "▶- title: T\n", ("not a list", "`claims:`")),
    row("text at the top", "▶title\n", ("not text", "`claims:`")),
    row("brackets without end", "title: T\nalerts: " + "[" * 32 + "▶" + "[" * 5000, ("more than 32 deep", "not closed")),
    row("an undefined tag handle", "title: ▶!x!y T\n", ("no tags", "")),
]

SHAPE = [
    row("a misspelt title", "claims: {}\n▶tilte: T\n", ("unknown key", "did you mean `title`?")),
    row("no title beside another mistake", "▶zzz: T\n", ("missing `title`", ""), ("unknown key", "")),
    row("no title", "▶claims: {}\n", ("missing `title`", "add `title:`")),
    row("an empty title", "title: ▶' '\n", ("must not be empty", "")),
    row("a title without a value", "▶title:\nclaims: {}\n", ("`title` has no value", "give it a value")),
    row("a misspelt section", "title: T\n▶claim: {}\n", ("unknown key", "did you mean `claims`?")),
    row("a section nobody knows", "title: T\n▶zzz: {}\n", ("unknown key", "alerts, claims, cues, entities")),
    row("another name than the folder's", "story: ▶kherson\ntitle: T\n", ("folder is 'kursk'", "write `story: kursk`")),
    row("claims as a list", "title: T\nclaims: \n  ▶- sent\n", ("`claims` must be keys and values", "a name and a colon")),
    row("alerts as keys", "title: T\nalerts:\n  ▶a: {}\n", ("`alerts` must be a list", "`- `")),
    row("a name with capitals", "title: T\nentities:\n  ▶North Korea: {}\n", ("lower-case letters", "did you mean `north-korea`?")),
    row("a misspelt key of an entity", "title: T\nentities: {a: {▶name: {en: A}}}\n", ("unknown key", "did you mean `names`?")),
    row(
        "a misspelt key of an alert",
        PARTY + "alerts: [{alert: a, ▶severty: info, when: {party: russia}}]\n",
        ("unknown key", "`severity`"),
    ),
    row(
        "a misspelt key of a trigger",
        CLAIM + "alerts: [{alert: a, when: {claim: sent, ▶becoms: open}}]\n",
        ("unknown key", "`becomes`"),
    ),
    row(
        "a misspelt key of a test",
        CLAIM + "tests: [{test: t, articles: [{▶att: 2025-01-01}]}]\n",
        ("unknown key", "did you mean `at`?"),
    ),
    row("a key named otherwise in the code", "title: T\nentities: {a: {▶klass: x}}\n", ("unknown key", "did you mean `class`?")),
    row("a claim without its text", "title: T\nclaims:\n  ▶sent:\n    about: x\n", ("missing `text`", "the claim in one sentence")),
    row("an alert without its name", PARTY + "alerts:\n  - ▶when: {party: russia}\n", ("missing `alert`", "name of the alert")),
    row("a feed without its address", "title: T\nfeeds: [▶{every: 5m}]\n", ("missing `url`", "add `url:`")),
    row("a claim of text", "title: T\nclaims: {sent: ▶North Korea sent troops}\n", ("must be keys and values", "text, about")),
    row("a claim without anything", "title: T\nclaims:\n  ▶sent:\n", ("`sent` has no value", "give it a value")),
    row("a claim that nothing states", "title: T\nclaims: {sent: {text: T, about: ▶[]}}\n", ("list is empty", "at least one")),
    row("names that are no language's", "title: T\nentities: {a: {names: ▶[A]}}\n", ("must be keys and values", "")),
    row("a language nobody reads", "title: T\nentities: {a: {names: {▶de: A}}}\n", ("one of en, ru, uk, ko, zh, any", "")),
    row("a name that is keys", "title: T\nentities: {a: {names: {en: [A, ▶{b: c}]}}}\n", ("must be text", "quotes")),
    row(
        "an empty item",
        "title: T\nentities:\n  a:\n    names:\n      en:\n        ▶-\n        - A\n",
        ("nothing stands here", ""),
    ),
    row(
        "a kind of nothing",
        "title: T\nentities: {a: {kind: ▶persn}}\n",
        ("must be one of party, person,", "did you mean `person`?"),
    ),
    row(
        "a severity of nothing",
        PARTY + "alerts: [{alert: a, severity: ▶hgih, when: {party: russia}}]\n",
        ("must be one of urgent, warning, notice, info", ""),
    ),
    row(
        "a status of nothing",
        CLAIM + "alerts: [{alert: a, when: {claim: sent, becomes: ▶confirmd}}]\n",
        ("one of confirmed,", "did you mean `confirmed`?"),
    ),
    row(
        "a position of nothing, told once",
        PARTY + "alerts: [{alert: a, when: {party: russia, position: [deny, ▶denial]}}]\n",
        ("must be one of affirm, deny, doubt, decline, any", "did you mean `deny`?"),
    ),
    row(
        "a duration in words",
        PARTY + "alerts: [{alert: a, throttle: ▶6 hours, when: {party: russia}}]\n",
        ("a number and one of s, m, h, d, w", ""),
    ),
    row(
        "a duration of nothing",
        "title: T\nfeeds: [{url: 'http://a.org', every: ▶0m}]\n",
        ("a number and one of s, m, h, d, w", ""),
    ),
    row("a duration of ages", "title: T\nfeeds: [{url: 'http://a.org', every: ▶99999999999999w}]\n", ("a duration", "")),
    row("a date in words", CLAIM + "tests: [{test: t, articles: [{at: ▶28 April}]}]\n", ("2025-04-28", "")),
    row("a date that never was", CLAIM + "tests: [{test: t, articles: [{at: ▶2025-02-30}]}]\n", ("2025-04-28", "")),
    row(
        "a date before all dates",
        CLAIM + "tests: [{test: t, articles: [{at: ▶'0001-01-01T00:00:00+05:00'}]}]\n",
        ("2025-04-28", ""),
    ),
    row("a test without articles", "title: T\ntests: [{test: t, articles: ▶[]}]\n", ("list is empty", "at least one")),
    row("a feed of no address", "title: T\nfeeds: [{url: ▶example.org/feed}]\n", ("not the address of a feed", "http://")),
    row("a feed in no language", "title: T\nfeeds: [{url: 'http://a.org', lang: ▶English}]\n", ("not a language", "like en")),
    row(
        "a feed with two schedules",
        "title: T\nfeeds: [▶{url: 'http://a.org', every: 5m, cron: '* * * * *'}]\n",
        ("not by both", ""),
    ),
    row(
        "a feed whose slowest is faster than what is wished",
        "title: T\nfeeds: [▶{url: 'http://a.org', every: 5m, slowest: 1m}]\n",
        ("`slowest` is shorter than `every`", ""),
    ),
    row(
        "a feed faster than by default",
        "title: T\nfeeds: [▶{url: 'http://a.org', fastest: 1h}]\n",
        ("`fastest` is longer than `every`", ""),
    ),
    row("a cron with bounds", "title: T\nfeeds: [▶{url: 'http://a.org', cron: '* * * * *', fastest: 1m}]\n", ("belong to `every`", "")),
    row("a cron of four fields", "title: T\nfeeds: [{url: 'http://a.org', cron: ▶'* * * *'}]\n", ("five fields", "")),
    row(
        "a cron hour of 25",
        "title: T\nfeeds: [{url: 'http://a.org', cron: ▶0 25 * * *}]\n",
        ("hour: '25' is not from 0 to 23", ""),
    ),
    row("an alert on nothing", PARTY + "alerts: [{alert: a, when: ▶{}}]\n", ("say what sets it off", "")),
    row(
        "an alert on a match and a claim",
        CLAIM + "matches: {m: x}\nalerts: [{alert: a, when: ▶{match: m, claim: sent}}]\n",
        ("`match` stands alone", ""),
    ),
    row(
        "labels that are a list",
        PARTY + "alerts: [{alert: a, when: {party: russia}, labels: ▶[x]}]\n",
        ("must be keys and values", ""),
    ),
    row("a match that is a list", PARTY + "matches: {m: ▶[a]}\n", ("must be text", "")),
    row(
        "an article that is text",
        "title: T\ntests: [{test: t, articles: [▶x]}]\n",
        ("must be keys and values", "at, title"),
    ),
    row(
        "several in one file",
        "title: T\nclaims:\n  ▶a: {about: x}\n  b: {text: x, about: x, confirmed_by: ▶nobody}\n▶z: 1\n",
        ("missing `text`", ""),
        ("no party of this name", "`kind: party`"),
        ("unknown key", ""),
    ),
    row(
        "a required key misspelt, told once",
        "title: T\nclaims: {a: {text: x, ▶abuot: x}}\n",
        ("unknown key", "did you mean `about`?"),
    ),
]

REFERENCES = [
    row(
        "speaking for nobody",
        "title: T\nentities: {russia: {kind: party}, k: {speaks_for: ▶rusia}}\n",
        ("no party of this name", "did you mean `russia`?"),
    ),
    row(
        "speaking for what is no party",
        "title: T\nentities: {a: {kind: country}, k: {speaks_for: ▶a}}\n",
        ("not a party", "`kind: party`"),
    ),
    row(
        "a tenure for nobody",
        "title: T\nentities: {russia: {kind: party}, k: {speaks_for: [{party: ▶nobody, since: 2024-01-01}]}}\n",
        ("no party of this name", "one of russia"),
    ),
    row(
        "a tenure's key misspelt",
        "title: T\nentities: {russia: {kind: party}, k: {speaks_for: [{party: russia, ▶sinse: 2024-01-01}]}}\n",
        ("unknown key", "did you mean `since`?"),
    ),
    row(
        "tenures that overlap",
        "title: T\nentities: {r: {kind: party}, k: {speaks_for: [{party: r, until: 2024-05-02}, ▶{party: r, since: 2024-05-01}]}}\n",
        ("overlaps", "`until`"),
    ),
    row(
        "a tenure that ends first",
        "title: T\nentities: {r: {kind: party}, k: {speaks_for: {party: r, since: 2024-05-02, until: ▶2024-05-01}}}\n",
        ("ends before it begins", "first day"),
    ),
    row(
        "a party that speaks for another",
        PARTY.rstrip("}\n") + "}, usa: {kind: party, ▶speaks_for: russia}}\n",
        ("speaks for itself", "delete"),
    ),
    row(
        "part of nothing",
        PARTY.rstrip("}\n") + "}, x: {part_of: [russia, ▶kremln]}}\n",
        ("no entity of this name", "did you mean `kremlin`?"),
    ),
    row("part of itself", "title: T\nentities: {a: {part_of: ▶a}}\n", ("part of itself: a → a", "delete")),
    row(
        "two rings of parts",
        "title: T\nentities:\n  a: {part_of: [d, ▶b]}\n  b: {part_of: c}\n  c: {part_of: a}\n  d: {part_of: ▶e}\n  e: {part_of: d}\n",
        ("a → b → c → a", "delete"),
        ("d → e → d", "delete"),
    ),
    row("words named like an entity", PARTY + "words: {▶russia: {en: R}}\n", ("an entity has this name too", "rename")),
    row(
        "confirmed by what is no party",
        PARTY + "claims: {c: {text: T, about: x, confirmed_by: [russia, ▶kremlin]}}\n",
        ("not a party", ""),
    ),
    row(
        "a baseline of nobody",
        PARTY + "claims: {c: {text: T, about: x, baseline: [{party: ▶russa, stance: deny, since: 2024-01-01}]}}\n",
        ("no party", "did you mean `russia`?"),
    ),
    row(
        "a baseline of no stance",
        PARTY + "claims: {c: {text: T, about: x, baseline: [{party: russia, stance: ▶denies, since: 2024-01-01}]}}\n",
        ("one of affirm, deny", "did you mean `deny`?"),
    ),
    row(
        "a claim that tests could not name",
        PARTY + "claims: {▶alerts: {text: T, about: x}}\n",
        ("cannot have this name", "rename"),
    ),
    row(
        "an alert on no claim",
        CLAIM + "alerts: [{alert: a, when: {claim: ▶snet}}]\n",
        ("no claim of this name", "did you mean `sent`?"),
    ),
    row(
        "an alert on no match",
        PARTY + "alerts: [{alert: a, when: {match: ▶storm}}]\n",
        ("no match of this name", "under `matches:`"),
    ),
    row(
        "an alert on nobody's position",
        PARTY + "alerts: [{alert: a, when: {party: [russia, ▶usa]}}]\n",
        ("no party of this name", ""),
    ),
    row(
        "an alert's name twice",
        PARTY + "alerts:\n  - {alert: a, when: {party: russia}}\n  - {alert: ▶a, when: {party: russia}}\n",
        ("story.yaml:4:13", "rename"),
    ),
    row(
        "an alert of the program's name",
        PARTY + "alerts: [{alert: ▶first-poll, when: {party: russia}}]\n",
        ("program's own", "rename"),
    ),
    row("a feed twice", "title: T\nfeeds: [{url: 'http://a.org'}, {url: ▶'http://a.org'}]\n", ("here already, at", "delete")),
    row(
        "a summary of nothing",
        PARTY + 'alerts: [{alert: a, when: {party: russia}, summary: "{party} now ▶{clam}"}]\n',
        ("unknown placeholder", "did you mean `claim`?"),
    ),
    row(
        "a summary's open brace",
        PARTY + "alerts: [{alert: a, when: {party: russia}, summary: '▶{claim'}]\n",
        ("brace without", "{{"),
    ),
    row(
        "a summary that formats",
        PARTY + "alerts: [{alert: a, when: {party: russia}, summary: '▶{claim.text}'}]\n",
        ("unknown placeholder", ""),
    ),
    row(
        "a test of no claim",
        CLAIM + "tests: [{test: t, articles: [{at: 2025-01-01, expect: {▶snet: open}}]}]\n",
        ("no claim", "`sent`"),
    ),
    row(
        "a test of no status",
        CLAIM + "tests: [{test: t, articles: [{at: 2025-01-01, expect: {sent: ▶opened}}]}]\n",
        ("one of confirmed", "`open`"),
    ),
    row(
        "a test of no alert",
        CLAIM + "tests: [{test: t, articles: [{at: 2025-01-01, expect: {alerts: [▶a]}}]}]\n",
        ("no alert", "`alerts:`"),
    ),
    row(
        "a test of no match",
        CLAIM + "tests: [{test: t, articles: [{at: 2025-01-01, expect: {matches: ▶m}}]}]\n",
        ("no match", ""),
    ),
    row(
        "a test of wrong evidence",
        CLAIM
        + "tests:\n  - test: t\n    articles:\n      - at: 2025-01-01\n        expect:\n          evidence:\n"
        + "            - {claim: ▶snet, party: ▶kremlin, stance: ▶deni, when: ▶then}\n"
        + "            - {▶clam: sent, party: russia, stance: deny}\n",
        ("no claim", "did you mean `sent`?"),
        ("not a party", ""),
        ("one of affirm", "did you mean `deny`?"),
        ("one of now, past", ""),
        ("unknown key", "did you mean `claim`?"),
    ),
    row(
        "a test of evidence that is missing half",
        CLAIM + "tests: [{test: t, articles: [{at: 2025-01-01, expect: {evidence: [▶{claim: sent, party: russia}]}}]}]\n",
        ("missing `stance`", ""),
    ),
    row(
        "a name with an open bracket",
        "title: T\nentities: {a: {names: {en: North Korean ▶(troops|soldiers}}}\n",
        ("never closed", ""),
    ),
    row(
        "a name with an empty choice",
        "title: T\nentities: {a: {roles: {en: [x, 'the (▶|b)']}}}\n",
        ("alternative is empty", "(word|)"),
    ),
    row("a star in a word", "title: T\nwords: {w: {en: [sent, de▶*ploy]}}\n", ("end of a word", "")),
    row("a choice without brackets", "title: T\nentities: {a: {adjectives: {en: 'a▶|b'}}}\n", ("in brackets", "")),
    row(
        "a condition's unknown word",
        PARTY + "claims: {c: {text: T, about: [ok, 'ok and ▶bad'], contrary: ▶bad}}\n",
        ("no such", "x"),
        ("no such", "x"),
    ),
    row("a condition on a later line", PARTY + "matches:\n  m: >-\n    ok or\n    not ▶bad\n", ("no such", "x")),
    row(
        "a condition conceded",
        PARTY + "claims: {c: {text: T, about: ok, conceded_by: ▶bad, evaded_by: [▶bad], implied_by: ▶bad}}\n",
        ("no such", ""),
        ("no such", ""),
        ("no such", ""),
    ),
]

ROWS = SYNTAX + SHAPE + REFERENCES


def no_bad_words(condition: str, known: frozenset[str]) -> list[ConditionProblem]:
    """A stand-in for the engine's grammar: `bad` is a name that it does not know."""
    assert all(isinstance(one, str) for one in known)
    return [ConditionProblem(condition.index("bad"), "bad", "no such name", "x")] if "bad" in condition else []


def errors_of(folder: Path) -> RuleErrors:
    with pytest.raises(RuleErrors) as caught:
        load_stories(folder, no_bad_words)
    return caught.value


def marks(text: str) -> list[tuple[int, int]]:
    places: list[tuple[int, int]] = []
    for number, line in enumerate(text.split("\n"), start=1):
        parts = line.split("▶")
        places += [(number, len("".join(parts[:count])) + 1) for count in range(1, len(parts))]
    return places


@pytest.mark.parametrize("case", ROWS, ids=[one.outcome for one in ROWS])
def test_a_mistake_is_placed_and_explained(tmp_path: Path, case: Row) -> None:
    folder = write(tmp_path / "kursk", {"story.yaml": case.text.replace("▶", "")})
    errors = errors_of(folder).errors
    places = marks(case.text)
    assert places
    told = [(error.place.line, error.place.column) for error in errors]
    assert list(dict.fromkeys(told)) == places, [str(error) for error in errors]
    assert len(errors) == len(case.expected), [str(error) for error in errors]
    for error, (problem, hint) in zip(errors, case.expected, strict=True):
        assert problem in error.problem
        assert hint in error.hint
        assert error.place.file == str(folder / "story.yaml")
        assert not any(word in str(error) for word in ("pydantic", "Input should", "ruamel", "block mapping"))


@pytest.mark.parametrize(
    ("raw", "place", "problem"),
    [
        (b"title: T\nstory: \xff\xfe", (2, 8), "not UTF-8"),
        ("title: Курск\n".encode("cp1251"), (1, 8), "not UTF-8"),
        ("title: T\n".encode("utf-16"), (1, 1), "UTF-16"),
        ("title: é".encode() + b"\xe9", (1, 9), "not UTF-8"),
        (b"\xef\xbb\xbfx: T\ntitle: T\n", (1, 1), "unknown key"),
        (b"title: T\r\n\r\nx: 1\r\n", (3, 1), "unknown key"),
        (b"title: T\n" + b"# long\n" * 300_000, (1, 1), "larger than 2 MB"),
    ],
)
def test_bytes_that_are_no_text_are_placed(tmp_path: Path, raw: bytes, place: tuple[int, int], problem: str) -> None:
    folder = write(tmp_path / "kursk", {})
    (folder / "story.yaml").write_bytes(raw)
    [error] = errors_of(folder).errors
    assert problem in error.problem
    assert (error.place.line, error.place.column) == place


def test_the_offending_text_is_shown(tmp_path: Path) -> None:
    folder = write(tmp_path / "kursk", {"story.yaml": CLAIM + "alerts: [{alert: a, when: {claim: snet}}]\n"})
    assert str(errors_of(folder)) == f"{folder}/story.yaml:4:35: there is no claim of this name: 'snet' (did you mean `sent`?)"


def test_aliases_cannot_blow_a_file_up(tmp_path: Path) -> None:
    bomb = "title: T\nlabels:\n  - &a0 [x, x, x, x, x, x, x, x, x]\n"
    bomb += "".join(f"  - &a{n} [{', '.join([f'*a{n - 1}'] * 9)}]\n" for n in range(1, 9))
    [error] = errors_of(write(tmp_path / "kursk", {"story.yaml": bomb})).errors
    assert error.place.line == 7
    assert "repeat too much" in error.problem


def test_ids_clash_across_files(tmp_path: Path) -> None:
    files = {"a.yaml": "title: T\nentities: {x: {}}\n", "b.yaml": "title: U\nentities:\n  x: {}\n", "c.yaml": "alerts: []\n"}
    folder = write(tmp_path / "kursk", files)
    told = [str(error) for error in errors_of(folder).errors]
    assert [line.split(": ")[0] for line in told] == [f"{folder}/b.yaml:1:1", f"{folder}/b.yaml:3:3"]
    assert f"first at {folder}/a.yaml:1:1" in told[0]
    assert f"first at {folder}/a.yaml:2:12" in told[1]


def test_a_file_that_cannot_be_read_hides_nothing_in_others_and_blames_no_names(tmp_path: Path) -> None:
    files = {
        "a.yaml": "entities: {russia: {kind: party\n",
        "b.yaml": "claims:\n  c: {text: T, about: new-name bad, confirmed_by: russia}\nz: 1\n",
    }
    told = errors_of(write(tmp_path / "kursk", files)).errors
    assert [(Path(error.place.file).name, error.problem) for error in told] == [
        ("a.yaml", "this bracket is never closed"),
        ("b.yaml", "unknown key"),
    ]


def test_a_folder_name_that_is_no_name_is_refused(tmp_path: Path) -> None:
    [error] = errors_of(write(tmp_path / "Kursk Story", {"a.yaml": "title: T\n"})).errors
    assert "lower-case" in error.problem
    assert error.hint == "did you mean `kursk-story`?"


@st.composite
def mutations(draw: st.DrawFn) -> str:
    """The valid story with a few letters deleted, replaced or put in."""
    text = copy.copy(WHOLE)
    for _ in range(draw(st.integers(1, 4))):
        start = draw(st.integers(0, len(text)))
        end = min(len(text), start + draw(st.sampled_from([0, 0, 1, 1, 2, 30])))
        new = draw(st.one_of(st.text(max_size=3), st.text(alphabet="[]{}:,-#&*!|>'\"%@`\t\n ?<=~\\0ax(", max_size=4)))
        text = text[:start] + new + text[end:]
    return text


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(text=mutations())
def test_no_mutation_of_a_story_gets_past_the_errors(tmp_path: Path, text: str) -> None:
    folder = tmp_path / "kursk"
    folder.mkdir(exist_ok=True)
    (folder / "story.yaml").write_bytes(text.encode("utf-8", "surrogatepass"))
    try:
        load_stories(folder, no_bad_words)
    except RuleErrors as caught:
        assert caught.errors  # noqa: PT017  not raising is fine too
        lines = text.replace("\r\n", "\n").replace("\r", "\n").split("\n")
        assert all(1 <= error.place.line <= len(lines) + 1 and error.place.column >= 1 for error in caught.errors)  # noqa: PT017  the same
    except InputError:
        pass


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(text=mutations())
def test_the_quick_parser_is_believed_only_where_the_thorough_one_reads_the_same(text: str) -> None:
    raw = text.encode("utf-8", "surrogatepass")
    read = source.parse(raw, "story.yaml")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(source, "_SUBTLE", re.compile(""))
        assert source.parse(raw, "story.yaml") == read
