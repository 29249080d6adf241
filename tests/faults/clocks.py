"""The clock of daemon and server, moved for them alone; and a change to or from summer time under them."""

from __future__ import annotations

import asyncio
import atexit
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path

from tests.faults.kinds import Fault
from tests.faults.world import World

MISSING = "a C compiler and Linux are needed"
MOVES = (timedelta(hours=1), timedelta(days=1), timedelta(hours=-1), timedelta(days=-1))
_SOON = timedelta(seconds=6)


@cache
def movable() -> dict[str, str]:
    """The environment in which a process can be told another time; empty where there is no compiler."""
    compiler = shutil.which("cc")
    if compiler is None or sys.platform != "linux":
        return {}
    library = Path(tempfile.mkdtemp(prefix="faults-clock-")) / "clock.so"
    source = Path(__file__).with_name("clock.c")
    subprocess.run([compiler, "-O2", "-shared", "-fPIC", "-o", str(library), str(source)], check=True)
    atexit.register(shutil.rmtree, library.parent)
    return {"LD_PRELOAD": str(library)}


def prepare(world: World) -> None:
    """Lets the world's daemons follow a clock of the world's own."""
    (world.folder / "clock").write_text("+0\n")
    world.environment["CLOCK_APART"] = str(world.folder / "clock")


def moves() -> list[Fault]:
    """The clock moved, there and back, and a change of the hour."""

    def by(move: timedelta) -> Fault:
        return Fault(f"clock moved by {move / timedelta(hours=1):+g} h", lambda world: moved(world, move))

    return [
        *(by(move) for move in MOVES),
        Fault("to summer time", lambda world: changed(world, 1)),
        Fault("from it", lambda world: changed(world, -1)),
    ]


async def moved(world: World, move: timedelta) -> bool:
    """Moves it, and back once everything holds. Sometimes the daemon dies at that moment."""
    for seconds in (move.total_seconds(), 0):
        daemon = await world.keep()
        world.publish(world.dice.randint(1, 4))
        await asyncio.sleep(1.2 + world.dice.random())  # there and back within a second would be no move
        clock = world.folder / "clock"
        clock.with_suffix(".new").write_text(f"{seconds:+.0f}\n")
        clock.with_suffix(".new").replace(clock)
        if world.dice.random() < 0.3:
            daemon.send(signal.SIGKILL)
            await daemon.wait(5)
        world.publish(world.dice.randint(1, 4))
        if seconds and (wrong := await world.settled()):
            raise AssertionError([f"with the clock moved: {row}" for row in wrong])
    return True


async def changed(world: World, hours: int) -> bool:
    """Lets the hour change while the daemon works, in a zone that does so just then."""
    daemon = await world.keep()
    daemon.send(signal.SIGTERM)
    await daemon.wait(15)
    at = datetime.now(UTC) + _SOON
    world.environment["TZ"] = _zone(at, hours)
    until = time.monotonic() + _SOON.total_seconds() + 0.5
    while time.monotonic() < until:
        await world.keep()
        world.publish(1)
        await asyncio.sleep(1.5)
    return True


def _zone(at: datetime, hours: int) -> str:
    """A time zone whose hour changes at that time, forth or back, and not again within months."""
    there, back = (at, at + timedelta(days=100)) if hours > 0 else (at - timedelta(days=100), at)
    # The change back is written in summer time.
    back = back + timedelta(hours=1)
    return f"STD0DST,{_rule(there)},{_rule(back)}"


def _rule(at: datetime) -> str:
    leap = at.year % 4 == 0 and at.month > 2
    return f"J{at.timetuple().tm_yday - leap}/{at:%H:%M:%S}"
