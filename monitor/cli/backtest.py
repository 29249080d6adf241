"""`monitor backtest`: what new rules would have changed in the history."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from monitor.cli.arguments import check_known, window
from monitor.cli.output import AsJson, Data, Story, dump, note, settings
from monitor.cli.progress import progress, size_of
from monitor.cli.reading import decisions_of
from monitor.errors import InputError

if TYPE_CHECKING:
    from monitor.backtest import Plan
    from monitor.engine.difference import Difference
    from monitor.model import Article, Decision


def backtest(
    rules: Annotated[Path, typer.Option("--rules", help="The new rules: a folder of story folders, or one story folder.")],
    files: Annotated[
        list[Path] | None, typer.Argument(help="Files of articles, as for replay; none: the archive in the data folder.")
    ] = None,
    present: Annotated[
        Path | None, typer.Option("--present", help="The present rules, to compare with.", show_default="rules, or MONITOR_RULES")
    ] = None,
    since: Annotated[
        str | None, typer.Option("--since", help="Only articles published since a day or time (UTC), or since 90d ago.")
    ] = None,
    until: Annotated[
        str | None, typer.Option("--until", help="Only articles published up to a time, or to the end of a day (UTC).")
    ] = None,
    decisions: Annotated[Path | None, typer.Option("--decisions", help="Decisions, as `decisions --json` prints them.")] = None,
    jobs: Annotated[int, typer.Option("--jobs", min=0, help="Processes that read.", show_default="one for each core")] = 0,
    fail_on_change: Annotated[bool, typer.Option("--fail-on-change", help="Exit with 1 if anything would change.")] = False,
    every: Annotated[bool, typer.Option("--all", help="Show everything, however much changes.")] = False,
    story: Story = None,
    data: Data = None,
    json_: AsJson = False,
) -> None:
    """Show what new rules would have changed: evidence, status changes and alerts gained, lost, or moved in time, with quotes."""
    from monitor.backtest import plan
    from monitor.stories import open_stories

    begin, end = window(since, until)
    chosen = settings(present, data)
    sets = [open_stories(folder) for folder in (chosen.rules, rules)]
    if story is not None:
        check_known("story", story, {*sets[0], *sets[1]})
        sets = [{name: one for name, one in stories.items() if name == story} for stories in sets]
    made = plan(*sets)
    sources = _Sources(files, chosen.data, begin, end)
    count, found = _run(made, sources, decisions_of(decisions) if decisions else [], jobs) if made.stories else (0, [])
    if json_:
        from monitor.cli.differences import as_rows

        for row in as_rows(made, found, count):
            dump(row)
    else:
        from monitor.cli.differences import show

        show(made, found, count, None if every else 12)
    if fail_on_change and any(found):
        raise typer.Exit(1)


def _run(made: Plan, sources: _Sources, decisions: list[Decision], jobs: int) -> tuple[int, list[Difference]]:
    """How many articles were read, and what differs."""
    from monitor.backtest import Backtest
    from monitor.bulk import Steps, heard

    test, started = Backtest(made, decisions), time.monotonic()
    with progress(sources.size) as passed:
        steps = Steps(passed)
        for part in heard(steps.given(sources.articles(steps.reached)), made.sets, jobs):
            test.take(part.heard)
            steps.done(part.read)
    taken, count = time.monotonic() - started, steps.count
    note(f"{count:,} articles read in {taken:.1f} s" + (f", {count / taken:,.0f} a second" if count else ""))
    return count, test.differences()


class _Sources:
    """The articles: of files, or of the archive."""

    def __init__(self, files: list[Path] | None, data: Path, since: datetime | None, until: datetime | None) -> None:
        """Raises InputError when there is nothing to read."""
        from monitor.archive import FOLDER, Archive

        self._files, self._since, self._until = files, since, until
        self._archive = Archive(data / FOLDER, note)
        read = files or self._archive.files(since)
        if not read:
            raise InputError(f"there is nothing in the archive {data / FOLDER} to read: name files of articles, or another --data folder")
        self.size = size_of(read)

    def articles(self, passed: Callable[[int], None]) -> Iterator[Article]:
        """All of them, one at a time. passed: told how many bytes have been read."""
        if not self._files:
            yield from self._archive.articles(self._since, self._until, passed)
            return
        from monitor.cli.reading import each_article

        for article in each_article(self._files, passed):
            if (self._since is None or article.published_at >= self._since) and (
                self._until is None or article.published_at <= self._until
            ):
                yield article
