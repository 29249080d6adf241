"""`monitor check` and `monitor test`: the rule files."""

from __future__ import annotations

from typing import Annotated

import typer

from monitor.cli.output import AsJson, Rules, dump, line, note, settings

Explain = Annotated[
    str | None,
    typer.Option("--explain", metavar="CODE", help="Show why a warning matters and what to do, by its name or number; `all` lists them."),
]

_PARTS = {
    "entities": ("entity", "entities"),
    "claims": ("claim",),
    "matches": ("match", "matches"),
    "alerts": ("alert",),
    "feeds": ("feed",),
    "tests": ("test",),
}
"""What is counted of a story, with the words for one and for several."""


def check(rules: Rules = None, json_: AsJson = False, explain: Explain = None) -> None:
    """Check the rule files: every error, and what is legal but suspicious, with file, line and column.

    Exit code 1 when there are errors, 3 when there are only warnings.
    """
    from monitor.cli.complaints import of_error, of_finding, show
    from monitor.errors import RuleErrors
    from monitor.rules.lint import check_folder

    if explain is not None:
        _explain(explain, json_=json_)
        return
    try:
        checked = check_folder(settings(rules).rules)
    except RuleErrors as errors:
        show([of_error(error) for error in errors.errors], json_=json_)
        note(_count(len(errors.errors), "error"))
        raise typer.Exit(1) from errors
    findings = [finding for one in checked for finding in one.findings]
    show([of_finding(finding) for finding in findings], json_=json_)
    for story, version, _ in checked:
        parts = {name: len(getattr(story, name)) for name in _PARTS}
        dump({"story": story.story, "version": version, **parts}) if json_ else line(
            f"{story.story} ({version}): " + ", ".join(_count(count, *_PARTS[part]) for part, count in parts.items())
        )
    if any(feed.full_text for one in checked for feed in one.story.feeds):
        from monitor.feeds.fulltext import missing  # takes longer than all the rest

        if problem := missing():
            note(problem)
    if findings:
        note(f"{_count(len(findings), 'warning')}; `monitor check --explain CODE` says why one matters and what to do")
        raise typer.Exit(3)


def _explain(code: str, *, json_: bool) -> None:
    """The page of a warning, or the list of all."""
    from monitor.rules.lint import codes, page

    if code.strip().lower() == "all":
        for name, one in codes().items():
            dump({"code": name, "number": one.number, "says": one.says}) if json_ else line(f"{one.number}  {name:25} {one.says}")
        return
    name, one = page(code)
    if json_:
        dump({"code": name, **one.model_dump()})
        return
    line(f"{one.number} {name}: {one.says}")
    for heading, text in (("Why it matters", one.why), ("Example", one.example), ("What to do", one.todo)):
        line(f"\n{heading}\n")
        for each in text.rstrip().splitlines():
            line(f"  {each}" if each else "")


def _count(number: int, noun: str, nouns: str = "") -> str:
    return f"{number} {noun if number == 1 else nouns or f'{noun}s'}"
