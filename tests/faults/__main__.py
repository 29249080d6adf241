"""Runs rounds of faults, and prints what held: `python -m tests.faults [--quick | --long] [--only KIND] [--bugs] [--seed N]`.

Exit code 1 when something was lost, told twice, or not recovered; with --bugs, when a bug was not caught.
"""

from __future__ import annotations

import argparse
import asyncio
import shutil
import signal
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

from tests.faults import bugs
from tests.faults.clocks import MISSING, movable, moves, prepare
from tests.faults.data import DATA
from tests.faults.kinds import KINDS, Fault, behind, cuts, freezes, kills
from tests.faults.processes import Zygote, zygote
from tests.faults.story import write_rules
from tests.faults.world import World, world

KILLS, CUTS, FROZEN, CLOCK = "killed at a step", "connection cut", "frozen, taken over", "clock moved"
LISTS = {KILLS: kills, FROZEN: freezes, CLOCK: lambda _: moves()}
"""Kinds that go through a list of faults."""
ONCE = {**KINDS, **{fault.name: fault for fault in DATA}}
"""Kinds that are one fault."""
QUICK = {
    KILLS: 0.12,
    "daemon killed at random": 3,
    "server killed": 4,
    "both killed": 2,
    "told to stop": 3,
    FROZEN: 0.07,
    CUTS: 0.06,
    "rules edited": 2,
    "memory full": 1,
    "disk full": 1,
    CLOCK: 0.34,
    "server's file damaged": 1,
}
"""Rounds of each kind in two minutes; of those that go through a list, the share of it."""
LONG = {
    KILLS: 20,
    "daemon killed at random": 100,
    "server killed": 100,
    "both killed": 50,
    "told to stop": 100,
    FROZEN: 1,
    CUTS: 1,
    "rules edited": 30,
    "memory full": 10,
    "disk full": 10,
    CLOCK: 3,
    "server's file damaged": 10,
}
"""The same in the long run; of a list, how often all of it."""
UNHELD = {"server emptied": 10, "older data": 10}
"""What the program does not stand yet: done only when it is asked for by name."""
STARTED = 240.0
"""Seconds for everything to hold before the first fault, on a machine that is busy."""
JOBS = 3
"""Worlds at the same time: in each, most is waiting."""
WRONG = ("lost: ", "twice: ", "nobody expects: ", "stands at ")
"""How it is told that something is wrong, and not only late."""


@dataclass
class Result:
    """What came of one kind."""

    kind: str
    rounds: int = 0
    missed: int = 0
    """Rounds in which there was no occasion for the fault."""
    published: int = 0
    slowest: float = 0.0
    seconds: float = 0.0
    memory: int = 0
    resident: int = 0
    begun: bool = True
    """Everything held before the first fault: what is wrong was found by faults."""
    wrong: list[str] = field(default_factory=list)

    def row(self) -> str:
        """A row of the table."""
        return f"{self.kind:26} {self.rounds:6} {self.missed:6} {self.published:9} {self.slowest:8.1f} {self.memory / 1e6:9.1f} {self.resident / 1e6:9.0f} {self.seconds:8.0f}   {f'{len(self.wrong)} WRONG' if self.wrong else 'held'}"


def say(text: str) -> None:
    """To whoever watches."""
    sys.stdout.write(text + "\n")
    sys.stdout.flush()


async def rounds(made: World, faults: list[Fault], result: Result, until: float) -> None:
    """One fault after the other, as far as the time allows; after each everything must hold. What does not hold ends it."""
    for fault in faults:
        if time.monotonic() > until:
            return
        try:
            occasion = await fault.do(made)
            wrong = await made.settled() + await made.told(*fault.says if occasion else ())
        except AssertionError as error:
            occasion, wrong = True, [str(error)[:2000]]
        result.rounds += occasion
        result.missed += not occasion
        if wrong:
            result.wrong += [f"{fault.name}: {row}" for row in wrong[:10]]
            return


async def run(
    zygote: Zygote,
    kind: str,
    amount: float,
    seed: int,
    *,
    bug: str = "",
    steps: tuple[str, ...] = (),
    at: str = "",
    quiet: bool = False,
    until: float = float("inf"),
    keep: bool = False,
) -> Result:
    """So many rounds of a kind, in a world of its own."""
    result, begun = Result(kind), time.monotonic()
    folder = Path(tempfile.mkdtemp(prefix="faults-"))
    async with AsyncExitStack() as stack:
        if kind == CLOCK:
            zygote = await stack.enter_async_context(begun_anew(movable()))
        made = await stack.enter_async_context(world(folder, seed, zygote, bug=bug, hurry=kind != FROZEN))
        if kind == CLOCK:
            prepare(made)
        proxy = await stack.enter_async_context(behind(made)) if kind == CUTS else None
        await made.start()
        if wrong := await made.settled(STARTED) + await made.told():
            result.begun = False
            result.wrong += [f"at the start: {row}" for row in wrong[:10]]
        else:
            made.slowest = 0.0
            if proxy is not None:
                made.publish(3)
                await made.settled()
            listed = cuts(proxy) if proxy else LISTS[kind](steps) if kind in LISTS else [ONCE[kind]]
            listed = [fault for fault in listed if at in fault.name]
            if len(listed) > 1:
                made.dice.shuffle(listed)
            faults = listed[: max(round(len(listed) * amount), 1)] if amount < 1 else listed * int(amount)
            await rounds(made, faults, result, until)
        result.published, result.slowest = sum(made.feeds.ledger.values()), made.slowest
        result.memory, result.resident = made.memory, made.resident
    result.seconds = time.monotonic() - begun
    if keep or (result.wrong and not quiet):
        say(f"  kept for looking at: {folder}")
    else:
        shutil.rmtree(folder)
    return result


HEAD = f"{'fault':26} {'rounds':>6} {'missed':>6} {'published':>9} {'slowest':>8} {'server MB':>9} {'daemon MB':>9} {'seconds':>8}"


async def faults(zygote: Zygote, amounts: dict[str, float], seed: int, *, at: str, minutes: float, keep: bool) -> int:
    """All kinds, several at the same time, and the table."""
    turns = asyncio.Semaphore(JOBS)

    async def one(number: int, kind: str, amount: float) -> Result:
        async with turns:
            until = time.monotonic() + 60 * minutes
            result = await run(zygote, kind, amount, seed + number, at=at, until=until, keep=keep)
        say(result.row())
        for row in result.wrong:
            say(f"  {row}")
        return result

    begun = time.monotonic()
    say(HEAD)
    results = await asyncio.gather(*(one(number, kind, amount) for number, (kind, amount) in enumerate(amounts.items())))
    say(f"\n{HEAD}")
    for result in results:
        say(result.row())
    say(f"{sum(result.rounds for result in results)} faults in {time.monotonic() - begun:.0f} s, seed {seed}")
    return int(any(result.wrong for result in results))


async def hunts(zygote: Zygote, seed: int, only: str) -> int:
    """Every seeded bug, hunted until it is caught; several at the same time, for much of it is waiting."""
    turns, missed = asyncio.Semaphore(JOBS), 0
    say(f"{'bug':50} {'rounds':>6}   caught by")

    async def hunt(name: str, number: int) -> None:
        nonlocal missed
        bug = bugs.BUGS[name]
        async with turns:
            result = await run(zygote, bug.by, bug.rounds, seed + number, bug=name, steps=bug.steps, quiet=True)
        # Before any fault only what is there, and wrong, tells of the bug: what is not there yet may only be late.
        caught = [row for row in result.wrong if result.begun or any(f" {how}" in row for how in WRONG)]
        missed += not caught
        told = caught[0] if caught else "NOT CAUGHT" if result.begun else f"NOT TRIED, {result.wrong[0]}"
        say(f"{name:50} {result.rounds:6}   {told:.110}")

    begun = time.monotonic()
    await asyncio.gather(*(hunt(name, number) for number, name in enumerate(bugs.BUGS) if only in name))
    say(f"{missed} not caught, {time.monotonic() - begun:.0f} s, seed {seed}")
    return int(missed > 0)


def main() -> None:
    """Parses, runs, tells."""
    options = argparse.ArgumentParser(
        prog="python -m tests.faults", description="Whether anything is lost or told twice, whatever dies when."
    )
    options.add_argument("--quick", action="store_true", help="two minutes (the default)")
    options.add_argument("--long", action="store_true", help="every failpoint twenty times, and so on: hours")
    options.add_argument("--only", default="", metavar="KIND", help="kinds, or bugs, whose name has this in it")
    options.add_argument("--at", default="", metavar="NAME", help="of a kind that goes through a list, only what has this in its name")
    options.add_argument("--rounds", type=float, help="so many rounds of each kind instead")
    options.add_argument("--minutes", type=float, default=float("inf"), help="at most so long for each kind")
    options.add_argument("--bugs", action="store_true", help="hunt the seeded bugs instead: each must be caught")
    options.add_argument("--seed", type=int, default=1, help="the same rounds for the same seed")
    options.add_argument("--keep", action="store_true", help="keep the data folders")
    args = options.parse_args()
    amounts = {kind: args.rounds or amount for kind, amount in (LONG if args.long else QUICK).items() if args.only in kind}
    if not amounts and args.only:
        amounts = {kind: args.rounds or amount for kind, amount in UNHELD.items() if args.only in kind}
    if CLOCK in amounts and not movable():
        say(f"{CLOCK}: left out, {MISSING}")
        del amounts[CLOCK]
    if not amounts and not args.bugs:
        options.error(f"no kind has {args.only!r} in its name; there are {', '.join(QUICK)}")
    sys.exit(
        asyncio.run(
            begin(
                lambda made: (
                    hunts(made, args.seed, args.only)
                    if args.bugs
                    else faults(made, amounts, args.seed, at=args.at, minutes=args.minutes, keep=args.keep)
                )
            )
        )
    )


async def begin(work: Callable[[Zygote], Awaitable[int]]) -> int:
    """Does the work with a process to fork daemons from. SIGTERM ends it, and everything that it started."""
    task = asyncio.current_task()
    assert task is not None
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, task.cancel)
    async with begun_anew({}) as made:
        return await work(made)


@asynccontextmanager
async def begun_anew(more: dict[str, str]) -> AsyncIterator[Zygote]:
    """A process to fork daemons from. more: of its environment."""
    with tempfile.TemporaryDirectory() as folder:
        write_rules(Path(folder), [])
        async with zygote(Path(folder), more) as made:
            yield made


if __name__ == "__main__":
    main()
