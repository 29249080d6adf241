"""Comments that silence a warning: `# monitor: ignore unused-entity because the next story needs it`.

At the end of a line such a comment is for that line; on a line of its own it is for the next line that holds anything else.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

from monitor.errors import Place

_COMMENT = re.compile(r"(?:^|(?<=\s))#\s*monitor:\s*ignore\b(?P<rest>.*)$")
_REST = re.compile(r"\s*(?P<codes>[\w-]+(?:\s*,\s*[\w-]+)*)?(?:\s+because\b\s*(?P<reason>.*))?\s*$")


@dataclass(frozen=True, slots=True)
class Ignore:
    """One such comment. line: the line that it is for. codes: as written, without spaces; reason: "" when none is given."""

    place: Place
    line: int
    codes: tuple[str, ...]
    reason: str


def find(text: str, file: str) -> list[Ignore]:
    """All such comments of a rule file, in order."""
    if "monitor:" not in text:
        return []
    lines = text.replace("\r\n", "\n").replace("\r", "\n").split("\n")
    found: list[Ignore] = []
    for number, written in enumerate(lines, 1):
        comment = _COMMENT.search(written)
        if comment is None:
            continue
        rest = _REST.match(comment["rest"])
        codes = [code.strip() for code in (rest["codes"] or "").split(",")] if rest else comment["rest"].split()[:1]
        alone = not written[: comment.start()].strip()
        line = _next_line(lines, number) if alone else number
        place = Place(file, number, comment.start() + 1)
        found.append(Ignore(place, line, tuple(filter(None, codes)), (rest["reason"] or "").strip() if rest else ""))
    return found


def _next_line(lines: list[str], after: int) -> int:
    """The number of the next line that is neither empty nor a comment; that of the last line when there is none."""
    return next((n for n, line in _numbered(lines, after) if line.strip() and not line.lstrip().startswith("#")), len(lines))


def _numbered(lines: list[str], after: int) -> Iterable[tuple[int, str]]:
    return enumerate(lines[after:], after + 1)
