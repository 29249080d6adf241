"""What `rules/README.md` teaches: every example is loaded and run, and every output that it quotes is what the program prints.

The page is walked from top to bottom, in a folder of its own. What a fenced block is, the comment before it says:

    <!-- story -->            rows that are added to the growing story, `learn/pier-nine`; what has the same name is replaced
    <!-- story new/… -->      the same for another story folder, made from the growing story if it is not there
    … warns: CODE -->         what `check` then warns of; otherwise nothing
    … fails: TEST -->         which test then fails; otherwise none
    <!-- file PATH -->        a file
    <!-- shape -->            no example: it shows how something is written

Blocks of `console` need none: each line after `$ ` is run, and what follows is what it prints. `…` stands for anything within a line;
alone on a line, for any number of lines.
"""

from __future__ import annotations

import re
import shlex
import shutil
from collections.abc import Iterator
from io import StringIO
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from ruamel.yaml import YAML
from typer.testing import CliRunner

from monitor.cli import app
from monitor.errors import MonitorError
from monitor.rules.editor import rule_schema
from monitor.rules.lint import check_folder
from monitor.rules.testing import run_test
from monitor.stories import compiled

README = (Path(__file__).parents[2] / "rules" / "README.md").read_text(encoding="utf-8")
STORY = "learn/pier-nine"
NAMED = {"alerts": "alert", "feeds": "url", "tests": "test"}
"""Lists of a story, and the key by which a row is known."""

_BLOCK = re.compile(r"^(?:<!-- (?P<mark>[^\n]*) -->\n)?```(?P<kind>\w*)\n(?P<body>.*?)^```$", re.MULTILINE | re.DOTALL)
_MARK = re.compile(r"(?P<what>story|file|shape)(?: (?P<path>\S+))?(?: (?:warns|fails): (?P<faults>.+))?")
_yaml = YAML()
_yaml.width = 10_000


class Block(NamedTuple):
    """A fenced block. mark: the comment before it. line: where it begins."""

    mark: str
    kind: str
    body: str
    line: int


class Outcome(NamedTuple):
    """What came of a block: what was expected of it, what was found."""

    expected: Any
    found: Any


BLOCKS = [
    Block(found["mark"] or "", found["kind"], found["body"], README.count("\n", 0, found.start("body")) + 1)
    for found in _BLOCK.finditer(README)
]
LAST = [block for block in BLOCKS if block.mark.startswith("story")][-1]
"""After this one all tests of the story are run, before that those which a block adds."""


def added(story: Any, rows: Any) -> Any:
    """A story with these rows: new ones behind those that are there, one of the same name in its place."""
    for section, rows_there in rows.items():
        if section in NAMED:
            name, whole = NAMED[section], story.setdefault(section, [])
            for row in rows_there:
                at = next((number for number, one in enumerate(whole) if one[name] == row[name]), None)
                whole.append(row) if at is None else whole.__setitem__(at, row)
        elif isinstance(rows_there, dict):
            story.setdefault(section, {}).update(rows_there)
        else:
            story[section] = rows_there
    return story


def grow(folder: Path, rows: str, *, all_tests: bool) -> str:
    """Adds rows to a story -> what `check` then warns of, and which of the added tests, or of all, then fail."""
    file = folder / "story.yaml"
    present = Path(STORY).resolve()
    if not folder.exists() and folder.name == present.name and present.exists():
        shutil.copytree(present, folder)
    folder.mkdir(parents=True, exist_ok=True)
    story = _yaml.load(file.read_text(encoding="utf-8")) if file.exists() else {}
    made, wanted = StringIO(), _yaml.load(rows)
    _yaml.dump(added(story, wanted), made)
    file.write_text(made.getvalue(), encoding="utf-8")
    [checked] = check_folder(folder)
    rulebook = compiled([(checked.story, checked.version)])
    names = {test["test"] for test in wanted.get("tests", ())}
    outcomes = [run_test(rulebook.stories[folder.name], test, rulebook) for test in checked.story.tests if all_tests or test.test in names]
    return ", ".join([*(finding.code for finding in checked.findings), *(one.test for one in outcomes if not one.passed)])


def printed(command: str) -> str:
    """What a command prints, on both outputs."""
    program, *arguments = shlex.split(command)
    assert program == "monitor", command
    ran = CliRunner().invoke(app, arguments)
    if ran.exception is not None and not isinstance(ran.exception, SystemExit):
        assert isinstance(ran.exception, MonitorError), ran.exception
        return f"{ran.output}{ran.exception}\n"
    return ran.output


def sessions(body: str) -> Iterator[tuple[str, str]]:
    """The commands of a block, each with what it should print."""
    for part in re.split(r"^\$ ", body, flags=re.MULTILINE)[1:]:
        command, _, output = part.partition("\n")
        yield command, output


def agrees(expected: str, found: str) -> bool:
    """Whether an output is as quoted: `…` alone on a line stands for any lines, within a line for anything."""
    pattern = ""
    for line in expected.rstrip("\n").split("\n"):
        pattern += "(?:.*\n)*?" if line.strip() == "…" else ".*".join(re.escape(part) for part in line.rstrip().split("…")) + "\n"
    lines = "\n".join(line.rstrip() for line in found.replace("\N{NO-BREAK SPACE}", " ").split("\n")).strip("\n") + "\n"
    return re.fullmatch(pattern, lines) is not None


def follow(block: Block) -> Outcome:
    """Does what a block says, in the present folder."""
    if block.kind == "console":
        ran = [(f"$ {command}\n{output}", f"$ {command}\n{printed(command)}") for command, output in sessions(block.body)]
        wrong = [(expected, found) for expected, found in ran if not agrees(expected, found)]
        return Outcome("\n".join(one for one, _ in wrong), "\n".join(other for _, other in wrong))
    mark = _MARK.fullmatch(block.mark)
    assert mark, f"line {block.line}: this block is not run: {block.body}"
    path = Path.cwd() / (mark["path"] or STORY)
    if mark["what"] == "story":
        return Outcome(mark["faults"] or "", grow(path, block.body, all_tests=block is LAST))
    if mark["what"] == "file":
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(block.body, encoding="utf-8")
    return Outcome((), ())


@pytest.fixture(scope="module")
def course(tmp_path_factory: pytest.TempPathFactory) -> dict[int, Outcome]:
    """What came of every block, by its line."""
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(tmp_path_factory.mktemp("tutorial"))
        patch.setenv("MONITOR_RULES", "learn")
        patch.setenv("COLUMNS", "100")
        return {block.line: follow(block) for block in BLOCKS}


@pytest.mark.parametrize("line", [block.line for block in BLOCKS])
def test_every_block_does_what_the_page_says(course: dict[int, Outcome], line: int) -> None:
    expected, found = course[line]
    assert found == expected


def tables(what: str) -> dict[str, dict[str, str]]:
    """The tables that a comment `<!-- keys NAME -->` or `<!-- values NAME -->` marks: name -> first column -> second."""
    found = re.findall(rf"^<!-- {what} (\w+) -->\n((?:\|.*\n)+)", README, re.MULTILINE)
    return {name: dict(re.findall(r"^\| `([^`]+)` \| (.*) \|$", rows, re.MULTILINE)) for name, rows in found}


def test_the_tables_have_every_key_and_value_of_the_schema_in_its_own_words_and_no_other() -> None:
    schema = rule_schema()
    by_language = next(iter(schema["properties"]["words"]["patternProperties"].values()))
    parts = {"Story": schema, "Languages": by_language, "Cues": schema["properties"]["cues"], **schema["definitions"]}
    keys = {name: one["properties"] for name, one in parts.items() if "properties" in one}
    values = {name: one for name, one in parts.items() if "enum" in one}
    assert tables("keys") == {name: {key: one["description"] for key, one in rows.items()} for name, rows in keys.items()}
    assert tables("values") == {name: dict(zip(one["enum"], one["enumDescriptions"], strict=True)) for name, one in values.items()}
    assert keys.keys() | values.keys() == parts.keys()
