"""`monitor run` and `monitor poll`."""

from __future__ import annotations

import asyncio
import sys
from typing import TYPE_CHECKING, Annotated, TextIO, cast

import typer

from monitor.cli.board.spool import Spool
from monitor.cli.board.terminal import can_draw
from monitor.cli.output import AsJson, Data, Rules, dump, line, note, safe, settings

if TYPE_CHECKING:
    from monitor.rulefolder import RuleFolder
    from monitor.settings import Settings

Verbose = Annotated[bool, typer.Option("--verbose", "-v", help="Log every poll and every piece of evidence.")]


def run(
    rules: Rules = None,
    data: Data = None,
    port: Annotated[int | None, typer.Option("--port", help="Port of the embedded server.")] = None,
    verbose: Verbose = False,
    plain: Annotated[bool, typer.Option("--plain", help="Log lines instead of the board, on a terminal too.")] = False,
) -> None:
    """Poll the feeds when they are due, read what they bring, write to the streams; until stopped."""
    from monitor.cli import logs
    from monitor.daemon import Daemon
    from monitor.rulefolder import RuleFolder
    from monitor.streams.access import Server

    chosen = settings(rules, data, port=port)
    spool = None if plain or not can_draw() else Spool(sys.stderr)
    logs.configure(chosen.log, verbose=verbose, to=cast("TextIO | None", spool))
    folder = RuleFolder(chosen.rules)

    def ready(server: Server) -> None:
        where = f" --data {chosen.data}" if data is not None else ""
        note(f"server: {server.how}" + ("" if chosen.redis_url else f"   (kept in {chosen.data})"))
        note(f"watch:  monitor tail alerts{where}   monitor watch{where}")

    asyncio.run(_with_board(chosen, folder, spool) if spool else Daemon(chosen, folder, ready).run())


async def _with_board(chosen: Settings, folder: RuleFolder, spool: Spool) -> None:
    from monitor.cli.board.beside import Beside
    from monitor.daemon import Daemon

    beside = Beside(spool)
    daemon = Daemon(chosen, folder, beside.ready)
    daemon.at_once = beside.at_once
    await beside.run(daemon)


def poll(rules: Rules = None, data: Data = None, as_json: AsJson = False, verbose: Verbose = False) -> None:
    """Poll every feed once, now, and read what it brings. Exit code 1 when every feed failed."""
    from monitor.cli import logs
    from monitor.daemon import poll_once
    from monitor.stories import open_rulebook

    chosen = settings(rules, data)
    logs.configure(chosen.log, verbose=verbose)
    done = asyncio.run(poll_once(chosen, open_rulebook(chosen.rules)))
    for polled in done:
        if as_json:
            dump(
                {
                    "feed": polled.feed.url,
                    "outlet": polled.feed.outlet,
                    "new": polled.new,
                    "changed": polled.changed,
                    "problem": polled.problem,
                    "later": polled.later and polled.later.until.isoformat(timespec="seconds"),
                }
            )
        else:
            later = polled.later and f"later, at {polled.later.until:%H:%M:%S} UTC: {polled.later.why}"
            what = polled.problem or later or ("unchanged" if polled.unchanged else f"{polled.new} new, {polled.changed} changed")
            line(f"{safe(polled.feed.outlet or polled.feed.url)}: {safe(what)}")
    if not done:
        note("no feed in the rules")
    if done and all(polled.problem for polled in done):
        raise typer.Exit(1)
