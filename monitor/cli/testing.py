"""`monitor test`: the tests in the rule files, once or on every save."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated, NoReturn

import typer

from monitor.cli.output import AsJson, Rules, Story, dump, line, note, safe, settings
from monitor.errors import InputError, MonitorError, RuleErrors

if TYPE_CHECKING:
    from monitor.engine.vocabulary import Rulebook
    from monitor.rulefolder import RuleFolder
    from monitor.rules.testing import Outcome

_LOOK = 0.2
"""Seconds between two looks at the rules folder."""


def test(
    rules: Rules = None,
    story: Story = None,
    only: Annotated[str | None, typer.Option("--only", help="Only tests whose name holds this.")] = None,
    json_: AsJson = False,
    verbose: Annotated[bool, typer.Option("--verbose", "-v", help="Also show why.")] = False,
    watch: Annotated[bool, typer.Option("--watch", help="Run them again whenever the rules are saved.")] = False,
) -> None:
    """Run the tests in the rule files. Exit code 1 when one fails."""
    from monitor.rulefolder import RuleFolder
    from monitor.stories import open_rulebook

    folder = settings(rules).rules
    if watch:
        followed = RuleFolder(folder)
        _run(followed.rulebook, story, only, json_=json_, verbose=verbose)
        try:
            asyncio.run(_again(followed, story, only, json_=json_, verbose=verbose))
        except KeyboardInterrupt:
            note("")
    elif _run(open_rulebook(folder), story, only, json_=json_, verbose=verbose):
        raise typer.Exit(1)


async def _again(folder: RuleFolder, story: str | None, only: str | None, *, json_: bool, verbose: bool) -> NoReturn:
    """Runs them whenever what is in the folder has changed."""
    from monitor.cli.complaints import of_error, show

    await folder.keep_at_hand()
    while True:
        await asyncio.sleep(_LOOK)
        found = await folder.changed()
        if found is None:
            continue
        note(f"saved at {datetime.now(UTC):%H:%M:%S} UTC")
        if isinstance(found, RuleErrors):
            show([of_error(error) for error in found.errors], json_=json_)
        elif isinstance(found, MonitorError):
            note(str(found))
        else:
            _run(found, story, only, json_=json_, verbose=verbose)


def _run(rulebook: Rulebook, story: str | None, only: str | None, *, json_: bool, verbose: bool) -> int:
    """Runs tests and shows how they went, those that failed last, where they are seen. Returns how many failed."""
    from monitor.cli.arguments import check_known
    from monitor.rules.testing import run_test

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
        _dump(outcome) if json_ else _show(outcome, verbose=verbose)
    failed = sum(not outcome.passed for outcome in outcomes)
    if not json_:
        line(f"{len(outcomes)} tests, {failed} failed")
    return failed


def _dump(outcome: Outcome) -> None:
    failures = [
        {"article": f.article, "title": f.title, "subject": f.subject, "expected": f.expected, "found": f.found, "because": f.because}
        for f in outcome.failures
    ]
    dump({"story": outcome.story, "test": outcome.test, "passed": outcome.passed, "failures": failures})


def _show(outcome: Outcome, *, verbose: bool) -> None:
    line(f"{'ok  ' if outcome.passed else 'FAIL'} {outcome.story}: {safe(outcome.test)}")
    for failure in outcome.failures:
        line(f"     article {failure.article} “{safe(failure.title)}”")
        line(f"       {failure.subject}: expected {safe(failure.expected)}")
        line(f"       {'':{len(failure.subject)}}  found    {safe(failure.found)}")
        for step in failure.because if verbose else ():
            line(f"         {safe(step)}")
