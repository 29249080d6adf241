"""`monitor feeds …`: the feeds of the rules, and how they fare."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated, Any

import typer

from monitor.cli.arguments import check_known
from monitor.cli.output import AsJson, Data, Rules, Story, dump, line, note, safe, settings
from monitor.errors import MonitorError, RuleErrors

if TYPE_CHECKING:
    from monitor.feeds.overview import FeedRow
    from monitor.rules.schema import Story as StoryRules
    from monitor.settings import Settings

feeds = typer.Typer(help="The feeds that the rules name.", no_args_is_help=True)


@feeds.command("list")
def list_(
    failing: Annotated[bool, typer.Option("--failing", help="Only feeds whose last poll failed.")] = False,
    rules: Rules = None,
    story: Story = None,
    data: Data = None,
    json_: AsJson = False,
) -> None:
    """List all feeds: how often they are polled, when last and next, what they bring, and whether they work."""
    from monitor.feeds.overview import Condition

    chosen = settings(rules, data)
    stories = _stories(chosen)
    if story is not None:
        check_known("story", story, [one.story for one in stories or ()])
    rows = [row for row in asyncio.run(_load(chosen, stories)) if story is None or story in row.stories]
    shown = [row for row in rows if row.condition is Condition.FAILING] if failing else rows
    now = datetime.now(UTC)
    if json_:
        for row in shown:
            dump(_as_json(row, now))
        return
    _show(shown, now)
    if not shown:
        note("no feed fails" if rows else "no feed in the rules")


def _stories(chosen: Settings) -> list[StoryRules] | None:
    """The stories; None, with a word to the person, when the rules cannot be read: the server knows feeds too."""
    from monitor.engine import conditions
    from monitor.rules.load import read_stories

    try:
        return [story for story, _ in read_stories(chosen.rules, conditions.check)]
    except RuleErrors as errors:
        note(f"the rules have errors ({len(errors.errors)}): `monitor check` shows them; feeds as the server knows them")
    except MonitorError as error:
        note(f"{error}; feeds as the server knows them")
    return None


async def _load(chosen: Settings, stories: Sequence[StoryRules] | None) -> list[FeedRow]:
    from monitor.feeds.overview import overview
    from monitor.streams.access import server_with_data
    from monitor.streams.client import connected
    from monitor.streams.polls import feeds_held

    urls = [feed.url for story in stories or () for feed in story.feeds]
    try:
        async with server_with_data(chosen) as running:
            if running is None:
                return overview(stories, {})
            async with connected(running.url) as client:
                return overview(stories, await feeds_held(client, urls))
    except MonitorError as error:
        note(f"{error}; feeds as the rules name them")
        return overview(stories, {})


def _as_json(row: FeedRow, now: datetime) -> dict[str, Any]:
    state, due = row.remembered.state, row.remembered.due
    return {
        "url": row.feed.url,
        "outlet": row.feed.outlet,
        "lang": row.feed.lang,
        "every": row.every,
        "stories": list(row.stories),
        "state": row.condition,
        "failures": state.failures,
        "problem": state.problem,
        "last_poll": state.last_poll and state.last_poll.isoformat(),
        "last_success": state.last_success and state.last_success.isoformat(),
        "next_due": due and due.isoformat(),
        "late": row.late(now),
        "interval": state.interval and int(state.interval.total_seconds()),
        "articles_a_day": row.a_day and round(row.a_day, 1),
        "not_modified": row.not_modified and round(row.not_modified, 2),
        "moved_to": state.address or None,
        "hub": state.hub or None,
    }


def _show(rows: Sequence[FeedRow], now: datetime) -> None:
    """A table whose last column, the address, is as wide as it is; under a feed that fails stands why. 304: the share of such answers."""
    from monitor.feeds.overview import about
    from monitor.feeds.state import FeedState

    table = [("STATE", "EVERY", "POLLED", "NEXT", "A DAY", "304", "LANG", "OUTLET", "URL")] if rows else []
    for row in rows:
        state, due = row.remembered.state, row.remembered.due
        fares = f"failing x{state.failures}" if state.failures and row.condition == "failing" else str(row.condition)
        polled = f"{about(now - state.last_poll)} ago" if state.last_poll else "-"
        upcoming = "-" if due is None else ("late" if row.late(now) else "now" if due <= now else f"in {about(due - now)}")
        outlet = safe(row.feed.outlet or "-")
        every = row.every + (f", now {row.pace}" if row.pace else "")
        a_day = "-" if row.a_day is None else f"{row.a_day:.1f}" if row.a_day < 10 else f"{row.a_day:.0f}"
        same = "-" if row.not_modified is None else f"{row.not_modified:.0%}"
        table.append((fares, every, polled, upcoming, a_day, same, row.feed.lang or "-", outlet, safe(row.feed.url)))
    for number, cells in enumerate(_aligned(table)):
        line(cells)
        state = rows[number - 1].remembered.state if number else FeedState()
        if state.problem:
            worked = f"worked {about(now - state.last_success)} ago" if state.last_success else "has not worked yet"
            line(f"  {safe(state.problem)}; {worked}")
        if state.page_problem:
            line(f"  {safe(state.page_problem)}; its articles have the feed's text")
        if state.address:
            line(f"  has moved to {safe(state.address)}: change it in the rules")


def _aligned(table: Sequence[tuple[str, ...]]) -> list[str]:
    from rich.cells import cell_len

    widths = [max(cell_len(cell) for cell in column) for column in zip(*table, strict=True)]
    return ["  ".join(cell + " " * (width - cell_len(cell)) for cell, width in zip(row, widths, strict=True)).rstrip() for row in table]
