"""The kinds of faults: each does something bad to a world, once a round."""

from __future__ import annotations

import asyncio
import contextlib
import os
import resource
import signal
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass

from monitor.streams.server import EmbeddedServer
from tests.faults.processes import Daemon
from tests.faults.proxy import WAYS, Proxy, proxied
from tests.faults.steps import CHANGING, ENDING, STARTING, WORKING, moments
from tests.faults.story import write_rules
from tests.faults.world import World

PATIENCE = 15.0
"""Seconds in which a daemon passes each of its steps."""
LOST = ("server.lost", "poll.waits", "poll.dropped", "was lost", "does not answer", "cannot be used")
"""What a daemon says when it has lost its server."""


@dataclass(frozen=True)
class Fault:
    """One bad thing. name: what the table calls it. do: does it; False when there was no occasion to. says: the daemon has to, one of it."""

    name: str
    do: Callable[[World], Awaitable[bool]]
    says: tuple[str, ...] = ()


def kills(steps: Sequence[str] = ()) -> list[Fault]:
    """A daemon killed before and after every step, or some."""

    def at(step: str, when: str) -> Fault:
        return Fault(f"{step} {when}", lambda world: killed_at(world, step, when))

    return [at(*moment) for moment in moments(steps or (*WORKING, *STARTING, *ENDING, *CHANGING))]


async def killed_at(world: World, step: str, when: str) -> bool:
    """Kills the daemon at a step."""
    daemon = await world.keep()
    if step in STARTING:
        daemon.send(signal.SIGKILL)
        await daemon.wait(5)
    world.arm.write_text(f"{step} {when} {world.dice.choice((1, 1, 2)) if step in WORKING else 1} SIGKILL")
    world.publish(world.dice.randint(1, 4))
    if step in STARTING:
        daemon = await world.keep()
    elif step in ENDING:
        await asyncio.sleep(world.dice.random())
        daemon.send(signal.SIGTERM)
    elif step in CHANGING:
        await changed(world)
    reached = await daemon.wait(PATIENCE)
    world.arm.unlink(missing_ok=True)
    return reached and daemon.code == -signal.SIGKILL


async def changed(world: World) -> None:
    """Rules that say something new, though nothing that the oracle counts."""
    extra = f"  - {{alert: extra-{world.dice.randrange(10**6)}, when: {{claim: c00, becomes: disputed}}, severity: info}}"
    await asyncio.to_thread(write_rules, world.folder / "rules", world.feeds.urls, extra)


async def killed(world: World) -> bool:
    """Kills the daemon at some moment."""
    daemon = await world.keep()
    world.publish(world.dice.randint(1, 6))
    await asyncio.sleep(1.2 * world.dice.random())
    daemon.send(signal.SIGKILL)
    return await daemon.wait(5)


async def server_killed(world: World) -> bool:
    """Kills the server at some moment under load."""
    await world.keep()
    world.publish(world.dice.randint(1, 8))
    await asyncio.sleep(1.2 * world.dice.random())
    return end(world.server_pid)


async def stopped(world: World) -> bool:
    """Stops the daemon in good order at some moment; now and then the server dies just then."""
    daemon = await world.keep()
    world.publish(world.dice.randint(1, 8))
    await asyncio.sleep(1.2 * world.dice.random())
    dies = world.dice.random() < 0.3
    if dies:
        end(world.server_pid)
        await asyncio.sleep(0.05 * world.dice.random())
    daemon.send(signal.SIGTERM)
    assert await daemon.wait(PATIENCE), "the daemon does not stop when told to"
    assert daemon.code == 0 or (dies and daemon.code == 1), f"the daemon was told to stop, and ended with {daemon.code}"
    return True


async def both_killed(world: World) -> bool:
    """Kills both, one shortly after the other."""
    daemon = await world.keep()
    world.publish(world.dice.randint(1, 6))
    await asyncio.sleep(1.2 * world.dice.random())
    first = world.dice.random() < 0.5
    if first:
        daemon.send(signal.SIGKILL)
    await asyncio.sleep(0.05 * world.dice.random())
    done = end(world.server_pid)
    daemon.send(signal.SIGKILL)
    return await daemon.wait(5) and done


def freezes(steps: Sequence[str] = ()) -> list[Fault]:
    """A daemon frozen at some moment, and before and after every step that it passes over and over, or some; another takes over."""

    def at(step: str, when: str) -> Fault:
        return Fault(f"frozen {step} {when}", lambda world: frozen(world, f"{step} {when}"))

    return [Fault("frozen at random", lambda world: frozen(world, "")), *(at(*moment) for moment in moments(steps or WORKING))]


async def frozen(world: World, moment: str) -> bool:
    """Freezes a daemon, which of the two passes the moment first, while the other takes over; then it wakes."""
    first = await world.keep()
    second = await world.start() if len(world.daemons) < 2 else world.daemons[1]
    if wrong := await world.settled():
        raise AssertionError(wrong)
    if moment:
        world.arm.write_text(f"{moment} 1 SIGSTOP")
    world.publish(world.dice.randint(2, 6))
    if not moment:
        await asyncio.sleep(1.2 * world.dice.random())
        world.dice.choice((first, second)).send(signal.SIGSTOP)
    still = await asleep((first, second), PATIENCE)
    world.arm.unlink(missing_ok=True)
    world.publish(world.dice.randint(1, 4))
    wrong = await world.settled()
    for daemon in (first, second):
        daemon.send(signal.SIGCONT)
    if wrong:
        raise AssertionError([f"while one is frozen: {row}" for row in wrong])
    world.publish(world.dice.randint(1, 4))
    return still


async def asleep(daemons: Sequence[Daemon], patience: float) -> bool:
    """Waits until one of them is stopped."""
    until = time.monotonic() + patience
    while not any(daemon.stopped for daemon in daemons):
        if time.monotonic() > until:
            return False
        await asyncio.sleep(0.02)
    return True


async def edited(world: World) -> bool:
    """Saves rules, good and bad ones, while articles come; sometimes the daemon dies meanwhile."""
    daemon = await world.keep()
    world.publish(world.dice.randint(1, 4))
    for _ in range(world.dice.randint(1, 4)):
        if world.dice.random() < 0.4:
            await asyncio.to_thread(write_rules, world.folder / "rules", world.feeds.urls, "  - {alert: [")
        else:
            await changed(world)
        await asyncio.sleep(0.5 * world.dice.random())
        world.publish(1)
    if world.dice.random() < 0.5:
        daemon.send(signal.SIGKILL)
        await daemon.wait(5)
    await changed(world)
    return True


async def full_memory(world: World) -> bool:
    """The server's memory is full for a while."""
    await world.keep()
    async with world.client() as client:
        await client.config_set("maxmemory", 1 << 20)
        world.publish(world.dice.randint(1, 6))
        await asyncio.sleep(1 + world.dice.random())
        await client.config_set("maxmemory", 0)
    return True


async def full_disk(world: World) -> bool:
    """The server cannot write its file for a while, as on a full disk."""
    await world.keep()
    size = max(path.stat().st_size for path in (world.data / "server").rglob("*.aof"))
    resource.prlimit(world.server_pid, resource.RLIMIT_FSIZE, (size + world.dice.randrange(2000), resource.RLIM_INFINITY))
    pid = world.server_pid
    world.publish(world.dice.randint(1, 6))
    await asyncio.sleep(1 + world.dice.random())
    with contextlib.suppress(ProcessLookupError):
        resource.prlimit(pid, resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
    return True


def end(pid: int) -> bool:
    """Kills a process."""
    try:
        os.kill(pid, signal.SIGKILL)
    except ProcessLookupError:
        return False
    return True


@asynccontextmanager
async def behind(world: World) -> AsyncIterator[Proxy]:
    """The world's server, reached by its daemons through a proxy only."""
    async with EmbeddedServer(world.data) as server, proxied() as proxy:
        proxy.target = server.endpoint.port
        world.environment["MONITOR_REDIS_URL"] = proxy.url.replace("://", f"://:{server.endpoint.password}@")
        yield proxy
        await world.stop()


def cuts(proxy: Proxy) -> list[Fault]:
    """A connection cut at every call that has been made so far, in every way."""

    def at(call: str, way: str) -> Fault:
        return Fault(f"{call} {way}", lambda world: cut(world, proxy, call, way), LOST)

    return [at(call, way) for call in sorted(proxy.calls) for way in WAYS]


async def cut(world: World, proxy: Proxy, call: str, way: str) -> bool:
    """Cuts at a call. Those that only a start makes need one."""
    daemon = await world.keep()
    proxy.wanted = (call, way)
    world.publish(world.dice.randint(1, 3))
    if await passed(proxy, 2.5):
        return True
    daemon.send(signal.SIGTERM)
    await daemon.wait(PATIENCE)
    await world.keep()
    if await passed(proxy, 5):
        return True
    proxy.wanted = None
    return False


async def passed(proxy: Proxy, patience: float) -> bool:
    """Waits for the cut."""
    until = time.monotonic() + patience
    while (proxy.wanted or proxy.owed) and time.monotonic() < until:
        await asyncio.sleep(0.02)
    return not proxy.wanted and not proxy.owed


KINDS: dict[str, Fault] = {
    fault.name: fault
    for fault in (
        Fault("daemon killed at random", killed),
        Fault("server killed", server_killed, LOST),
        Fault("both killed", both_killed),
        Fault("told to stop", stopped, ("stopped", "was lost")),
        Fault("rules edited", edited, ("rules.reloaded", "rules.rejected", "started")),
        Fault("memory full", full_memory, LOST),
        Fault("disk full", full_disk, LOST),
    )
}
"""Faults that are done at any moment."""
