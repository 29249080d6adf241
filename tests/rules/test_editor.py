"""The rule files' JSON Schema: it takes what the loader takes, refuses what an editor should underline, and explains every key."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft7Validator

from monitor.rules.editor import rule_schema
from monitor.rules.nodes import plain
from monitor.rules.schema import Kind, Story
from monitor.rules.source import parse
from tests.rules.test_load import ALERTS, CLAIMS, ENTITIES, WHOLE

ROOT = Path(__file__).parents[2]
SHIPPED = sorted((ROOT / "rules").glob("*/*.yaml"))
FILES = [*SHIPPED, *sorted((ROOT / "tests" / "stories").glob("*/*.yaml"))]
VALIDATOR = Draft7Validator(rule_schema())


def read(text: str) -> Any:
    """The file as an editor's YAML 1.2 parser sees it: dates are text, and so are all words here."""
    tree, errors = parse(text.encode(), "x.yaml")
    assert tree is not None, errors
    return plain(tree)


def test_it_is_a_schema_of_draft_7() -> None:
    Draft7Validator.check_schema(rule_schema())
    assert rule_schema()["$schema"] == "http://json-schema.org/draft-07/schema#"


@pytest.mark.parametrize("file", FILES, ids=[f"{file.parent.name}/{file.name}" for file in FILES])
def test_the_files_that_we_ship_are_valid(file: Path) -> None:
    assert [error.message for error in VALIDATOR.iter_errors(read(file.read_text(encoding="utf-8")))] == []


@pytest.mark.parametrize(
    "text", [WHOLE, ENTITIES, CLAIMS, ALERTS, "claims:\nalerts:\n"], ids=["whole", "entities", "claims", "alerts", "empty"]
)
def test_a_file_may_hold_any_part_of_a_story(text: str) -> None:
    assert [error.message for error in VALIDATOR.iter_errors(read(text))] == []


def test_what_a_yaml_parser_takes_for_numbers_is_still_text() -> None:
    story = {"title": 1984, "words": {"w": {"en": [112, 1e3, True]}}, "claims": {"c": {"text": 1, "about": 112}}}
    assert VALIDATOR.is_valid(story)


WRONG = [
    ("titel: T", []),
    ("story: Kursk", ["story"]),
    ("title: []", ["title"]),
    ("title: ''", ["title"]),
    ("entities: [a]", ["entities"]),
    ("entities: {North Korea: {}}", ["entities"]),
    ("entities: {a: {kind: persn}}", ["entities", "a", "kind"]),
    ("entities: {a: {name: {en: A}}}", ["entities", "a"]),
    ("entities: {a: {names: [A]}}", ["entities", "a", "names"]),
    ("entities: {a: {names: {de: A}}}", ["entities", "a", "names"]),
    ("entities: {a: {names: {en: {b: c}}}}", ["entities", "a", "names", "en"]),
    ("entities: {a: {speaks_for: [{since: 2024-01-01}]}}", ["entities", "a", "speaks_for"]),
    ("entities: {a: {speaks_for: Russia}}", ["entities", "a", "speaks_for"]),
    ("entities: {a: {part_of: {b: c}}}", ["entities", "a", "part_of"]),
    ("words: {w: [a]}", ["words", "w"]),
    ("words: {w: {fr: [a]}}", ["words", "w"]),
    ("claims: {c: {about: x}}", ["claims", "c"]),
    ("claims: {c: {text: T}}", ["claims", "c"]),
    ("claims: {c: {text: T, about: []}}", ["claims", "c", "about"]),
    ("claims: {c: {text: T, about: x, moved_by: weak}}", ["claims", "c", "moved_by"]),
    ("claims: {c: {text: T, about: x, baseline: [{party: a, stance: denies, since: 2024-01-01}]}}", ["claims", "c", "baseline", 0, "stance"]),
    ("claims: {c: {text: T, about: x, baseline: [{party: a, stance: deny, since: May}]}}", ["claims", "c", "baseline", 0, "since"]),
    ("matches: {m: [a]}", ["matches", "m"]),
    ("alerts: {a: b}", ["alerts"]),
    ("alerts: [{alert: a}]", ["alerts", 0]),
    ("alerts: [{alert: a, when: {becoms: open}}]", ["alerts", 0, "when"]),
    ("alerts: [{alert: a, when: {becomes: opened}}]", ["alerts", 0, "when", "becomes"]),
    ("alerts: [{alert: a, when: {position: no}}]", ["alerts", 0, "when", "position"]),
    ("alerts: [{alert: a, severity: hgih, when: {becomes: open}}]", ["alerts", 0, "severity"]),
    ("alerts: [{alert: a, throttle: 6 hours, when: {becomes: open}}]", ["alerts", 0, "throttle"]),
    ("feeds: [{every: 5m}]", ["feeds", 0]),
    ("feeds: [{url: example.org}]", ["feeds", 0, "url"]),
    ("feeds: [{url: 'http://a.org', lang: English}]", ["feeds", 0, "lang"]),
    ("feeds: [{url: 'http://a.org', cron: '* * *'}]", ["feeds", 0, "cron"]),
    ("tests: [{test: t}]", ["tests", 0]),
    ("tests: [{test: t, articles: []}]", ["tests", 0, "articles"]),
    ("tests: [{test: t, articles: [{title: x}]}]", ["tests", 0, "articles", 0]),
    ("tests: [{test: t, articles: [{at: 2025-01-01, expect: {c: opened}}]}]", ["tests", 0, "articles", 0, "expect", "c"]),
    ("tests: [{test: t, articles: [{at: 2025-01-01, expect: {alerts: {a: b}}}]}]", ["tests", 0, "articles", 0, "expect", "alerts"]),
    ("tests: [{test: t, articles: [{at: 2025-01-01, expect: {evidence: [{claim: c, party: a}]}}]}]", ["tests", 0, "articles", 0, "expect", "evidence", 0]),
]  # fmt: skip


@pytest.mark.parametrize(("text", "path"), WRONG, ids=[text for text, _ in WRONG])
def test_what_is_wrong_is_underlined_where_it_stands(text: str, path: list[str | int]) -> None:
    assert path in [list(error.absolute_path) for error in VALIDATOR.iter_errors(read(text))]


def keys(node: Any, path: str = "") -> Iterator[tuple[str, dict[str, Any]]]:
    """Every key that may stand in a rule file, with its schema."""
    if isinstance(node, dict):
        for name, one in node.get("properties", {}).items():
            yield f"{path}.{name}", one
        for name, one in node.items():
            yield from keys(one, f"{path}.{name}")
    elif isinstance(node, list):
        for number, one in enumerate(node):
            yield from keys(one, f"{path}.{number}")


def test_every_key_and_every_value_to_choose_from_is_described() -> None:
    found = dict(keys(rule_schema()))
    assert len(found) > 60
    assert [name for name, one in found.items() if not one.get("description")] == []
    kind = rule_schema()["definitions"]["Kind"]
    assert dict(zip(kind["enum"], kind["enumDescriptions"], strict=True))["party"] == "a side whose positions are followed"
    assert len(kind["enum"]) == len(Kind)


def test_it_has_the_keys_of_the_models() -> None:
    assert rule_schema()["properties"].keys() == Story.model_fields.keys()


def test_the_file_beside_the_rules_is_what_the_program_prints_and_every_shipped_file_names_it() -> None:
    assert json.loads((ROOT / "rules" / "schema.json").read_text(encoding="utf-8")) == rule_schema(), (
        "monitor schema rules > rules/schema.json"
    )
    assert SHIPPED
    for file in SHIPPED:
        first = file.read_text(encoding="utf-8").split("\n", 1)[0]
        assert first == "# yaml-language-server: $schema=../schema.json", file
