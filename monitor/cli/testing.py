"""`monitor test`: the tests in the rule files, once or on every save."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, NamedTuple, NoReturn

import typer

from monitor.cli.output import AsJson, Rules, Story, dump, line, note, settings
from monitor.errors import InputError, MonitorError, RuleErrors

if TYPE_CHECKING:
    from monitor.engine.rulebook import Rulebook
    from monitor.rules.testing import Outcome

_LOOK = 0.2
"""Seconds between two looks at the rules folder."""


def test(
    rules: Rules = None,
    story: Story = None,
    only: Annotated[str | None, typer.Option("--only", help="Only tests whose name holds this.")] = None,
    json_: AsJson = False,
    verbose: Annotated[
        bool, typer.Option("--verbose", "-v", help="Also show the texts of failing tests, with what was read in them marked.")
    ] = False,
    watch: Annotated[bool, typer.Option("--watch", help="Run them again whenever the rules are saved.")] = False,
) -> None:
    """Run the tests in the rule files. Exit code 1 when one fails."""
    from monitor.stories import open_rulebook

    folder = settings(rules).rules
    choice = _Choice(story, only, json_, verbose)
    if watch:
        try:
            asyncio.run(_watch(folder, choice))
        except KeyboardInterrupt:
            note("")
    elif _run(open_rulebook(folder), choice):
        raise typer.Exit(1)


class _Choice(NamedTuple):
    """Which tests are run, and how they are shown."""

    story: str | None
    only: str | None
    json: bool
    verbose: bool


async def _watch(folder: Path, choice: _Choice) -> NoReturn:
    """Runs the tests, and again whenever what is in the folder has changed; rules that cannot be used are waited over, also at first."""
    from monitor.rulefolder import RuleFolder, look

    followed, seen = None, None
    while True:
        found: Rulebook | MonitorError | None = None
        if followed is not None:
            found = await followed.changed()
        elif (now := look(folder)) != seen:
            seen = now
            try:
                followed = RuleFolder(folder)
                found = followed.rulebook
            except RuleErrors as error:
                found = error
        if found is not None:
            note(f"rules of {datetime.now(UTC):%H:%M:%S} UTC")
            _took(found, choice)
        await asyncio.sleep(_LOOK)


def _took(found: Rulebook | MonitorError, choice: _Choice) -> None:
    """Runs the tests of rules that were saved, or shows what is wrong with them."""
    from monitor.cli.complaints import of_error, show

    try:
        if isinstance(found, MonitorError):
            raise found
        _run(found, choice)
    except RuleErrors as errors:
        show([of_error(error) for error in errors.errors], json_=choice.json)
    except MonitorError as error:  # the test or story that was asked for is gone: it may come back
        note(str(error))


def _run(rulebook: Rulebook, choice: _Choice) -> int:
    """Runs tests and shows how they went, those that failed last, where they are seen. Returns how many failed."""
    from monitor.cli.arguments import check_known
    from monitor.cli.tested import show
    from monitor.rules.testing import run_test

    story, only = choice.story, choice.only
    if story is not None:
        check_known("story", story, rulebook.stories)
    chosen = [
        (one, case)
        for one in rulebook.stories.values()
        for case in one.story.tests
        if story in (None, one.name) and (only or "").lower() in case.test.lower()
    ]
    if only is not None and not chosen:
        raise InputError(f"no test's name holds “{only}”")
    outcomes = sorted((run_test(one, case, rulebook) for one, case in chosen), key=lambda outcome: not outcome.passed)
    for outcome in outcomes:
        _dump(outcome) if choice.json else show(outcome, rulebook, verbose=choice.verbose)
    failed = sum(not outcome.passed for outcome in outcomes)
    if not choice.json:
        line(f"{len(outcomes)} test{'s' if len(outcomes) != 1 else ''}, {failed} failed")
    return failed


def _dump(outcome: Outcome) -> None:
    failures = [
        {
            "article": one.number,
            "title": one.article.title,
            "subject": one.subject,
            "expected": list(one.expected),
            "found": list(one.found),
            "because": list(one.because),
        }
        for one in outcome.failures
    ]
    dump({"story": outcome.story, "test": outcome.test, "passed": outcome.passed, "failures": failures})
