"""What happens to the server's data: emptied, older, cut short, damaged, all under a daemon or between two."""

from __future__ import annotations

import asyncio
import shutil
import signal
from pathlib import Path

from tests.faults.kinds import Fault, end
from tests.faults.world import World

REFILLED = ("server.refilled",)


async def flushed(world: World) -> bool:
    """The server is emptied under the daemon."""
    await world.keep()
    world.publish(world.dice.randint(1, 4))
    await asyncio.sleep(1.2 * world.dice.random())
    async with world.client() as client:
        await client.flushall()
    world.publish(world.dice.randint(1, 4))
    return True


async def older(world: World) -> bool:
    """The server dies, and comes back with what it had some time ago."""
    await world.keep()
    kept = world.folder / "older"
    shutil.copytree(_files(world), kept, dirs_exist_ok=True)
    world.publish(world.dice.randint(1, 4))
    if wrong := await world.settled():
        raise AssertionError([f"before it is older: {row}" for row in wrong])
    daemon = await world.keep()
    dies = world.dice.random() < 0.5
    if dies:
        daemon.send(signal.SIGKILL)
    else:
        daemon.send(signal.SIGSTOP)  # lest it starts the server before the files are the old ones
    end(world.server_pid)
    shutil.rmtree(_files(world))
    shutil.copytree(kept, _files(world))
    shutil.rmtree(kept)
    daemon.send(signal.SIGCONT)
    world.publish(world.dice.randint(1, 4))
    return True


async def cut_short(world: World) -> bool:
    """Both die, and the end of the server's file is cut off somewhere in what it wrote last, or has bytes behind it that mean nothing."""
    daemon = await world.keep()
    world.publish(world.dice.randint(1, 4))
    await asyncio.sleep(1.2 * world.dice.random())
    daemon.send(signal.SIGKILL)
    end(world.server_pid)
    await daemon.wait(5)
    path = max(_files(world).glob("*.incr.aof"))
    whole = path.read_bytes()
    way = world.dice.randrange(3)
    left = whole[: world.dice.randrange(max(len(whole) - 3000, 0), len(whole))] if way < 2 else whole
    path.write_bytes(left + (world.dice.randbytes(world.dice.randint(1, 2000)) if way else b""))
    return True


def _files(world: World) -> Path:
    return world.data / "server" / "appendonlydir"


DATA = (
    Fault("server emptied", flushed, REFILLED),
    Fault("older data", older, REFILLED),
    Fault("server's file damaged", cut_short),
)
