"""Errors and warnings of rule files as `monitor check` shows them.

Piped, each is one line that editors and CI can parse: `file:line:col: error: problem: 'text' (hint)`, with `[code]` behind a warning. On
a terminal the line of the file stands below it, with a caret under the place, as compilers do it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from monitor.cli.output import dump, line, on_terminal, safe
from monitor.errors import Place, RuleError, masked

if TYPE_CHECKING:
    from rich.text import Text

    from monitor.rules.lint import Finding

_BEFORE = 0.6
"""How much of the room goes to what stands before the place, in a line too long for the terminal."""


@dataclass(frozen=True, slots=True, order=True)
class Complaint:
    """An error or a warning. code, number: of a warning."""

    place: Place
    severity: str
    problem: str
    text: str
    hint: str
    code: str = ""
    number: str = ""


def of_error(error: RuleError) -> Complaint:
    """An error of the rules to be shown."""
    return Complaint(error.place, "error", error.problem, error.text, error.hint)


def of_finding(finding: Finding) -> Complaint:
    """A finding of lint to be shown."""
    from monitor.rules.lint import codes

    number = codes()[finding.code].number
    return Complaint(finding.place, "warning", finding.problem, finding.text, finding.hint, finding.code, number)


def show(complaints: Sequence[Complaint], *, json_: bool) -> None:
    """Prints them in order of place, one after the other."""
    if json_:
        for one in sorted(complaints):
            dump(as_json(one))
    elif on_terminal():
        _show_in_colour(sorted(complaints))
    else:
        for one in sorted(complaints):
            line(safe(as_line(one)))


def as_json(one: Complaint) -> dict[str, Any]:
    """The keys that `check --json` promises."""
    place = {"file": one.place.file, "line": one.place.line, "column": one.place.column}
    said = {"severity": one.severity, "code": one.code or None, "number": one.number or None}
    return {**place, **said, "problem": one.problem, "text": one.text, "hint": one.hint}


def as_line(one: Complaint) -> str:
    """One line, without line breaks whatever the rule file holds."""
    shown = f": {one.text!r}" if one.text else ""
    hint = f" ({one.hint})" if one.hint else ""
    code = f" [{one.number} {one.code}]" if one.code else ""
    return " ".join(f"{one.place}: {one.severity}: {one.problem}{shown}{hint}{code}".splitlines())


def _show_in_colour(complaints: Sequence[Complaint]) -> None:
    from rich.console import Console

    console = Console(highlight=False, soft_wrap=True)
    for one in complaints:
        console.print(drawn(one, source_line(one.place), console.width))


def drawn(one: Complaint, source: str, width: int) -> Text:
    """An error or warning over the line that it is about. source: that line, "" to show none. width: in cells."""
    from rich.cells import cell_len
    from rich.text import Text

    colour = "red" if one.severity == "error" else "yellow"
    gutter = " " * len(str(one.place.line))
    code = f" [{one.number} {one.code}]" if one.code else ""
    left, right = _cut(source, one.place.column - 1, width - len(gutter) - 4)
    length = _marked_length(one.text, right)
    # What the caret does not reach is said: a byte that cannot be shown, several names at once.
    said = f": {one.text}" if len(one.text) > 1 and length == 1 else ""
    text = Text.assemble(
        (safe(str(one.place)), "bold"), ": ", (one.severity, f"bold {colour}"), safe(f": {one.problem}{said}"), (code, "dim"), "\n"
    )
    if source:
        text.append(f"{one.place.line} | ", style="dim")
        text.append(left + right + "\n")
        text.append(f"{gutter} | ", style="dim")
        text.append(" " * cell_len(left) + "^" + "~" * (max(cell_len(right[:length]), 1) - 1) + "\n", style=f"bold {colour}")
    if one.hint:
        text.append(f"{gutter} = ", style="dim")
        text.append(f"{safe(one.hint)}\n")
    return text


def _marked_length(text: str, right: str) -> int:
    """How many characters from the place on the offending text covers; 1 where it is written otherwise, as with escapes and quotes."""
    opened = right[:1] in ("'", '"') and right[1:].startswith(text)
    return len(text) + 2 * opened if text and (opened or right.startswith(text)) else 1


def _cut(source: str, column: int, room: int) -> tuple[str, str]:
    """What stands before and from a column on, as much of it as there is room for; `…` where something is left out."""
    from rich.cells import cell_len

    left, right = (safe(part.replace("\t", " ")) for part in (source[:column], source[column:]))
    room = max(room, 20)
    if cell_len(left) + cell_len(right) <= room:
        return left, right
    kept = max(int(room * _BEFORE), room - cell_len(right))
    if cell_len(left) > kept:
        while cell_len(left) >= kept:
            left = left[1:]
        left = "…" + left
    space = room - cell_len(left)
    if cell_len(right) > space:
        while cell_len(right) >= space:
            right = right[:-1]
        right += "…"
    return left, right


def source_line(place: Place) -> str:
    """The line of a rule file that a place names; "" when it cannot be shown."""
    lines = _lines(place.file)
    return masked(lines[place.line - 1]) if place.line <= len(lines) else ""


@cache
def _lines(file: str) -> list[str]:
    try:
        raw = Path(file).read_bytes()
    except OSError:
        return []
    # As the loader counts them; bytes that are not UTF-8 are shown as such.
    return raw.decode("utf-8-sig", "replace").replace("\r\n", "\n").replace("\r", "\n").split("\n")
