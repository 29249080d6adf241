"""The AsyncAPI document: the official parser accepts it, and what it says of an entry holds for real ones and for no broken ones."""

from __future__ import annotations

import io
import json
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft7Validator

from monitor.model import EVENT_TYPES, Decision, Evidence, Note, Verdict, event_type
from monitor.replay import articles_from, replay
from monitor.stories import open_rulebook
from monitor.streams.asyncapi import document
from monitor.streams.events import entry
from monitor.streams.keys import STREAM_OF, partition_key, story_key, stream_of

ROOT = Path(__file__).parents[2]
CHECK = ROOT / "tests" / "asyncapi"
ARTICLES = """\
{"id": "1", "published": "2024-02-02", "title": "Quayside Union said that Corvane will buy Ambervale.", "text": "A strike in Northquay."}
{"id": "2", "published": "2024-02-03", "title": "", "text": "Ambervale confirmed the merger. Corvane confirmed that it will buy Ambervale."}
"""

Fields = dict[str, Any]


@pytest.fixture(scope="module")
def made() -> Fields:
    return document()


@pytest.fixture(scope="module")
def entries() -> dict[str, Fields]:
    """An entry of each type that a replay gives, or that people make of it, headers and data."""
    rulebook = open_rulebook(ROOT / "tests" / "stories")
    told = [event for _, events in replay(articles_from(io.StringIO(ARTICLES), "articles"), rulebook) for event in events]
    row = next(event for event in told if isinstance(event, Evidence))
    told.append(Decision.about(row, Verdict.REJECT, why="a misreading", by="anna", time=row.time))
    told.append(Note.about(row.story, row.claim, text="합병 확인", by="anna", time=row.time))
    found = {}
    for event in told:
        fields = entry(event)
        found[event_type(event)] = dict(zip(fields[::2], fields[1::2], strict=True))
    return found


def problems(made: Fields, kind: str, fields: Fields) -> list[str]:
    """What is wrong with an entry by the document."""
    message = made["components"]["messages"][kind]
    data = json.loads(fields["data"])
    headers = {name: value for name, value in fields.items() if name != "data"}
    return [
        error.message
        for part, value in ((message["headers"], headers), (message["payload"], data))
        for error in Draft7Validator({**part, "components": made["components"]}).iter_errors(value)
    ]


def test_every_event_type_is_a_message_on_the_channel_of_its_key(made: Fields) -> None:
    assert EVENT_TYPES.keys() | {"claim"} == made["components"]["messages"].keys()
    for kind in EVENT_TYPES:
        [channel] = [one for one in made["channels"].values() if kind in one["messages"]]
        key = story_key("kursk", STREAM_OF[kind]) if kind in STREAM_OF else partition_key(0, stream_of(kind))
        [(name, parameter)] = channel["parameters"].items()
        assert channel["address"].replace(f"{{{name}}}", parameter["examples"][0]) == key


def test_real_entries_fit_and_examples_do(made: Fields, entries: dict[str, Fields]) -> None:
    assert entries.keys() == STREAM_OF.keys()
    for kind, fields in entries.items():
        assert (kind, problems(made, kind, fields)) == (kind, [])
    for kind in EVENT_TYPES:
        [example] = made["components"]["messages"][kind]["examples"]
        assert (kind, problems(made, kind, {**example["headers"], "data": json.dumps(example["payload"])})) == (kind, [])


@pytest.mark.parametrize("kind", STREAM_OF)
def test_broken_entries_are_refused(made: Fields, entries: dict[str, Fields], kind: str) -> None:
    fields = entries[kind]
    data = json.loads(fields["data"])
    assert problems(made, kind, {**fields, "type": "another"})
    assert problems(made, kind, {name: value for name, value in fields.items() if name != "id"})
    assert problems(made, kind, {**fields, "data": json.dumps({**data, "time": 7})})
    for name in {"id", "story", "article"} & data.keys():
        assert problems(made, kind, {**fields, "data": json.dumps({key: value for key, value in data.items() if key != name})})
    other = next(one for one in entries if one != kind)
    assert problems(made, kind, {**fields, "data": entries[other]["data"]})


@pytest.mark.skipif(
    not (shutil.which("node") and (CHECK / "node_modules").is_dir()),
    reason="needs Node, and `npm ci --ignore-scripts` in tests/asyncapi",
)
@pytest.mark.parametrize("broken", [False, True])
def test_the_official_parser_accepts_it_and_no_broken_one(made: Fields, broken: bool) -> None:
    given = {**made, "channels": {}} if broken else made
    ran = subprocess.run(
        ["node", "check.mjs"],  # noqa: S607 - the one on the PATH
        cwd=CHECK,
        input=json.dumps(given),
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert (ran.returncode, ran.stdout == f"{len(EVENT_TYPES) + 1} messages\n") == (int(broken), not broken), ran.stdout + ran.stderr
