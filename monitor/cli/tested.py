"""What `monitor test` shows of a test: expected and found side by side, and what the reading says to it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.cells import cell_len
from rich.text import Text

from monitor.cli.marked import plain
from monitor.cli.output import line
from monitor.cli.screen import Screen

if TYPE_CHECKING:
    from monitor.engine.rulebook import Rulebook
    from monitor.rules.testing import Failure, Outcome

_INDENT = 5
_GAP = 3
_LABEL = 10
"""Cells of the first column at least: what is compared."""


def show(outcome: Outcome, rulebook: Rulebook, *, verbose: bool) -> None:
    """A test, and each expectation of it that did not hold. verbose: with the texts that they are about, marked."""
    line(f"{'ok  ' if outcome.passed else 'FAIL'} {outcome.story}: {plain(outcome.test)}")
    if outcome.passed:
        return
    screen, shown = Screen(), 0
    for failure in outcome.failures:
        if failure.number != shown:
            shown = failure.number
            label = failure.article.title or failure.article.text[:60]
            head = f"article {shown}, {failure.article.published_at:%Y-%m-%d} "
            screen.line(Text.assemble(head, (f"“{plain(label)}”", "bold")), indent=5, hang=2)
            if verbose:
                _text(outcome.story, failure, rulebook, screen)
        _beside(failure, screen)
        for why in failure.because:
            screen.line(Text.assemble(("· ", "dim"), plain(why)), indent=7, hang=2)


def _beside(failure: Failure, screen: Screen) -> None:
    """Expected and found, in two columns; one below the other where there is no room."""
    rows = [("expected", "found"), *failure.rows]
    first, left = max(_LABEL, cell_len(failure.subject)), max(cell_len(one) for one, _ in rows)
    if _INDENT + first + 4 + left + _GAP + max(cell_len(other) for _, other in rows) > screen.room:
        _below(failure, screen)
        return
    for number, (wanted, found) in enumerate(rows):
        agree = wanted == found
        sign = "" if not number or agree else "≠" if wanted and found else "-" if wanted else "+"
        styles = ("dim", "dim") if not number else ("", "") if agree else ("red", "green")
        label = failure.subject if number == 1 else ""
        gap = " " * (left - cell_len(wanted) + _GAP)
        screen.print(Text.assemble(f"{'':{_INDENT}}{label:{first}} {sign:2} ", (wanted + gap, styles[0]), (found, styles[1])))


def _below(failure: Failure, screen: Screen) -> None:
    screen.line(f"{failure.subject}:", indent=_INDENT)
    for wanted, found in failure.rows:
        signs = ((" ", wanted, ""),) if wanted == found else (("-", wanted, "red"), ("+", found, "green"))
        for sign, name, style in signs:
            if name:
                screen.line(Text.assemble((f"{sign} {name}", style)), indent=_INDENT + 2, hang=2)


def _text(story: str, failure: Failure, rulebook: Rulebook, screen: Screen) -> None:
    from monitor.cli.explained import View, marks_of, show_text
    from monitor.engine.pipeline import explain
    from monitor.engine.why.untaken import untaken

    explained = next(one for one in explain(failure.article, rulebook) if one.reading.story == story)
    compiled = rulebook.stories[story]
    left = untaken(explained.sentences, explained.trace, compiled, failure.article.published_at)
    marks = marks_of(View(compiled, explained, explained.findings, left))
    if any(marks.values()):
        show_text(failure.article, marks, screen)
    else:
        screen.line(plain(failure.article.text), indent=5)
