"""`python -m tests.web [--feeds N] [--minutes N] [--speed N]`: how the poller fares at a web of so many feeds, each polled each five minutes.

Nine polls of ten find nothing new. A fifth of the hosts are slow, fail, break off, cannot be found, are silent, move, redirect, limit
their readers, or go for good. Ends with 1 when an entry is missing or came twice.
"""

from __future__ import annotations

import argparse
import asyncio
import logging
import sys
import tempfile
from pathlib import Path

import structlog

from tests.web.run import Report, machine, percentile, run
from tests.web.world import World


def main() -> None:
    """Runs it and prints the figures."""
    arguments = argparse.ArgumentParser(
        prog="python -m tests.web", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    arguments.add_argument("--feeds", type=int, default=10_000)
    arguments.add_argument("--minutes", type=float, default=60, help="how long there is news, in simulated time")
    arguments.add_argument("--speed", type=float, default=10, help="how many times faster than the clock time goes")
    arguments.add_argument("--polls", type=int, default=32, help="feeds polled at the same time")
    arguments.add_argument("--parsers", type=int, default=1, help="parser processes")
    arguments.add_argument("--adaptive", action="store_true", help="let the schedule slow down feeds that bring little")
    given = arguments.parse_args()
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.CRITICAL))
    world = World(given.feeds, given.minutes)
    with tempfile.TemporaryDirectory() as folder:
        report = asyncio.run(
            run(world, Path(folder), speed=given.speed, polls=given.polls, parsers=given.parsers, adaptive=given.adaptive, tell=_say)
        )
    for line in lines(report, given.speed):
        _say(line)
    sys.exit(1 if report.missing or report.twice else 0)


def lines(report: Report, speed: float) -> list[str]:
    """The figures, for a person."""
    used = report.used
    polled, real = max(used.asked, 1), max(used.wall, 0.001) * speed
    shown = [f"{len(what)} {name}: {', '.join(what[:10])}" for name, what in (("missing", report.missing), ("twice", report.twice)) if what]
    kinds = ", ".join(f"{kind} {count}" for kind, count in used.polls.most_common())
    return [
        f"web        {report.feeds} feeds on {report.hosts} hosts, {report.simulated / 60:.0f} minutes in {report.wall:.0f} s ({machine()})",
        f"entries    {report.published} published, {report.arrived} on the stream" + ("" if shown else ", each once"),
        *(f"           {one}" for one in shown),
        f"first      each feed polled once after {report.first:.0f} s",
        f"polls      {polled} from then on ({kinds}); {polled / max(used.wall, 0.001):.0f} a second, {polled / real:.0f} in real time",
        f"answers    {', '.join(f'{status}: {count}' for status, count in report.web['statuses'].items())}",
        *(f"delay      {kind:12}{_delays(values)}" for kind, values in sorted(report.delays.items())),
        f"a host     {report.web['connections']} connections, {report.web['at_once']} requests at once, {report.web['gap']:.2f} s between two",
        f"CPU        {used.cpu:.1f} s: poller {used.poller:.1f}, parsers {used.parsers:.1f}, server {used.server:.1f};"
        f" {1000 * used.cpu / polled:.2f} ms a poll; {100 * used.cpu / real:.1f} % of a core in real time",
        f"memory     poller {report.memory:.0f} MB, server {report.memory_server:.0f} MB",
    ]


def _delays(values: list[float]) -> str:
    parts = ((0.5, "half"), (0.95, "95 %"), (0.99, "99 %"), (1.0, "all"))
    return ", ".join(f"{name} within {percentile(values, part) / 60:.1f} min" for part, name in parts) + f" ({len(values)})"


def _say(line: str) -> None:
    print(line, flush=True)  # noqa: T201


if __name__ == "__main__":
    main()
