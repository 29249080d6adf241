"""Legal but suspicious rules.

    LoadedStory ─► names, wording, following ─► findings ─► those that no comment silences, in order of place
                   (one module a part of a rule file)       (and what is wrong with the comments)

Every check is a function from a checked story with its places to findings. What a code means stands in `codes.yaml`.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

from monitor.engine import conditions
from monitor.errors import InputError, Place
from monitor.rules.check import did_you_mean
from monitor.rules.ignores import Ignore
from monitor.rules.lint import following, names, wording
from monitor.rules.lint.finding import Code, Finding, Subject, codes
from monitor.rules.load import LoadedStory, checked_stories, is_shared
from monitor.rules.schema import Story

__all__ = ["Checked", "Code", "Finding", "check_folder", "codes", "lint", "page"]


class Checked(NamedTuple):
    """A story without errors, its version, and what is suspicious in it."""

    story: Story
    version: str
    findings: list[Finding]


def check_folder(folder: Path) -> list[Checked]:
    """The stories of a folder with all findings. Raises RuleErrors with every error, or InputError."""

    def look(loaded: LoadedStory) -> list[list[str | int]]:
        rows = [(*_flat(finding.place), finding.code, finding.problem, finding.text, finding.hint) for finding in lint(loaded)]
        return [list(row) for row in rows]

    return [
        Checked(story, version, [Finding(Place(file, line, column), *rest) for file, line, column, *rest in rows])
        for story, version, rows in checked_stories(folder, conditions.check, look)
    ]


def lint(loaded: LoadedStory) -> list[Finding]:
    """All findings about a story that no comment in its files silences, in order of place."""
    subject = Subject(loaded.story, loaded.places)
    found = [finding for part in (names, wording, following) for finding in part.check(subject)]
    kept = [finding for finding in found if not any(_silences(one, finding) for one in loaded.ignores)]
    return sorted({*kept, *_comments(loaded.ignores, found)})


def page(code: str) -> tuple[str, Code]:
    """The name and the page of a code, by its name or number. Raises InputError that names the nearest one."""
    wanted = code.strip().lower()
    for name, one in codes().items():
        if wanted in (name, one.number.lower()):
            return name, one
    known = [*codes(), *(one.number for one in codes().values())]
    raise InputError(f"no warning has the code {code}: {did_you_mean(code, known, 'monitor check --explain all lists them')}")


def _silences(comment: Ignore, finding: Finding) -> bool:
    place = finding.place
    here = comment.place.file == place.file and comment.line == place.line
    return here and bool(comment.reason) and any(code in (finding.code, codes()[finding.code].number) for code in comment.codes)


def _comments(comments: Sequence[Ignore], found: Sequence[Finding]) -> Iterator[Finding]:
    """What is wrong with the comments themselves: one that silences nothing would hide the next finding."""
    for comment in comments:
        silenced = {name for one in found if _silences(comment, one) for name in (one.code, codes()[one.code].number)}
        numbers = {one.number for one in codes().values()}
        if not comment.codes:
            yield Finding(
                comment.place, "bad-ignore", "this comment does not say what to ignore", "", "name a code: `ignore CODE because …`"
            )
        elif not comment.reason:
            text = ", ".join(comment.codes)
            yield Finding(comment.place, "bad-ignore", "this comment silences nothing without a reason", text, "add `because …`")
        for code in comment.codes:
            if code not in codes() and code not in numbers:
                yield Finding(comment.place, "bad-ignore", "no warning has this code", code, did_you_mean(code, codes(), "see README"))
            elif comment.reason and code not in silenced and not is_shared(comment.place.file):  # it may be for another story
                yield Finding(comment.place, "useless-ignore", "there is nothing here to ignore", code, "delete the comment")


def _flat(place: Place) -> tuple[str, int, int]:
    return place.file, place.line, place.column
