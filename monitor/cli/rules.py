"""`monitor check` and `monitor test`: the rule files."""

from __future__ import annotations

from typing import Annotated

import typer

from monitor.cli.output import AsJson, Rules, dump, line, note, safe, settings


def check(rules: Rules = None, json_: AsJson = False) -> None:
    """Check the rule files: every error with file, line and column. Exit code 1 when there are any."""
    from monitor.errors import RuleErrors
    from monitor.stories import open_rulebook

    try:
        rulebook = open_rulebook(settings(rules).rules)
    except RuleErrors as errors:
        for error in errors.errors:
            if json_:
                dump(
                    {
                        "file": error.place.file,
                        "line": error.place.line,
                        "column": error.place.column,
                        "problem": error.problem,
                        "text": error.text,
                        "hint": error.hint,
                    }
                )
            else:
                line(safe(str(error)))
        count = len(errors.errors)
        note(f"{count} error{'s' if count > 1 else ''}")
        raise typer.Exit(1) from errors
    for name, story in rulebook.stories.items():
        parts = {
            "entities": len(story.story.entities),
            "claims": len(story.story.claims),
            "matches": len(story.story.matches),
            "alerts": len(story.story.alerts),
            "feeds": len(story.story.feeds),
            "tests": len(story.story.tests),
        }
        dump({"story": name, "version": story.version, **parts}) if json_ else line(
            f"{name} ({story.version}): " + ", ".join(f"{count} {part}" for part, count in parts.items())
        )


def test(
    rules: Rules = None,
    json_: AsJson = False,
    verbose: Annotated[bool, typer.Option("--verbose", "-v", help="Also show why.")] = False,
) -> None:
    """Run the tests in the rule files. Exit code 1 when one fails."""
    from monitor.rules.testing import run_tests
    from monitor.stories import open_rulebook

    outcomes = run_tests(open_rulebook(settings(rules).rules))
    for outcome in outcomes:
        if json_:
            failures = [
                {
                    "article": f.article,
                    "title": f.title,
                    "subject": f.subject,
                    "expected": f.expected,
                    "found": f.found,
                    "because": f.because,
                }
                for f in outcome.failures
            ]
            dump({"story": outcome.story, "test": outcome.test, "passed": outcome.passed, "failures": failures})
            continue
        line(f"{'ok  ' if outcome.passed else 'FAIL'} {outcome.story}: {safe(outcome.test)}")
        for failure in outcome.failures:
            line(f"     article {failure.article} “{safe(failure.title)}”")
            line(f"       {failure.subject}: expected {safe(failure.expected)}")
            line(f"       {'':{len(failure.subject)}}  found    {safe(failure.found)}")
            for step in failure.because if verbose else ():
                line(f"         {safe(step)}")
    failed = sum(not outcome.passed for outcome in outcomes)
    if not json_:
        line(f"{len(outcomes)} tests, {failed} failed")
    if failed:
        raise typer.Exit(1)
