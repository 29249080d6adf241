"""The poller at the simulated web: what arrived, when, and what it cost."""

from __future__ import annotations

import asyncio
import json
import os
import platform
import re
import resource
import socket
import subprocess
import sys
import time
from collections import Counter
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import asdict, dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, cast

import aiohttp
from aiohttp.abc import AbstractResolver, ResolveResult

from monitor.feeds.fetch import TIMEOUT, Turns, session
from monitor.feeds.hosts import GAP, Hosts
from monitor.feeds.parse import ParserPool
from monitor.polled import Polled
from monitor.poller import Poller
from monitor.rules.schema import Feed
from monitor.settings import networks
from monitor.streams.client import Client, connected
from monitor.streams.polls import Lease, Polls
from monitor.streams.server import EmbeddedServer
from tests.web.world import FOR_GOOD, START, Behaviour, Clock, World

ARTICLES = "monitor:{p0}:articles"
WARM = timedelta(minutes=10)
"""After this, figures count."""
_LOST = (Behaviour.LOST, Behaviour.VANISHED)
_TITLE = re.compile(r"Feed (\d+), entry (\d+)")


@dataclass(frozen=True)
class Usage:
    """What was used up to a moment, or between two. wall: seconds; poller, parsers, server: seconds of CPU; polls: by what they came to."""

    wall: float
    poller: float
    parsers: float
    server: float
    polls: Counter[str]

    @property
    def cpu(self) -> float:
        """Seconds of CPU, of all."""
        return self.poller + self.parsers + self.server

    @property
    def asked(self) -> int:
        """Polls that asked."""
        return self.polls.total() - self.polls["later"]

    def since(self, other: Usage) -> Usage:
        """What was used after another moment."""
        return Usage(
            self.wall - other.wall,
            self.poller - other.poller,
            self.parsers - other.parsers,
            self.server - other.server,
            Counter(self.polls) - other.polls,
        )


@dataclass
class Report:
    """What was seen. Times are simulated, but for `wall`; delays in seconds, from publication to the stream."""

    feeds: int
    hosts: int
    wall: float = 0
    simulated: float = 0
    published: int = 0
    arrived: int = 0
    missing: list[str] = field(default_factory=list)
    """Entries that could be seen and never came."""
    twice: list[str] = field(default_factory=list)
    delays: dict[Behaviour, list[float]] = field(default_factory=dict)
    """Of entries published once all feeds had been polled, by how their host behaves."""
    first: float = 0
    """Seconds of the wall's clock until each feed had been polled once."""
    used: Usage = field(default_factory=lambda: Usage(0, 0, 0, 0, Counter()))
    """From ten minutes after the start until publishing ended."""
    polls: Counter[str] = field(default_factory=Counter)
    """All, by what they came to."""
    memory: float = 0
    """MB of the poller at most."""
    memory_server: float = 0
    web: dict[str, Any] = field(default_factory=dict)


class _Names(AbstractResolver):
    """Every name is the web server's, but for those that are not known just now."""

    def __init__(self, world: World, clock: Clock, port: int) -> None:
        self._world, self._clock, self._port = world, clock, port

    async def resolve(self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_INET) -> list[ResolveResult]:
        known = self._world.hosts.get(host)
        if known is not None and known.behaviour in _LOST and known.misbehaves(self._clock.now()):
            raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")
        return [ResolveResult(hostname=host, host="127.0.0.1", port=self._port, family=socket.AF_INET, proto=0, flags=0)]

    async def close(self) -> None:
        """Nothing is held."""


class _Counting(Poller):
    """A poller that counts what its polls came to."""

    def __init__(self, *args: Any, **more: Any) -> None:
        super().__init__(*args, **more)
        self.polls: Counter[str] = Counter()

    async def poll(self, lease: Lease, feed: Feed) -> Polled:
        """As every poll."""
        polled = await super().poll(lease, feed)
        kinds = {"later": polled.later, "lost": polled.lost, "failed": polled.problem, "unchanged": polled.unchanged}
        self.polls[next((kind for kind, is_so in kinds.items() if is_so), "read")] += 1
        return polled

    async def used(self, client: Client) -> Usage:
        """What has been used until now."""
        info = await client.info("cpu")
        parsers = cpu_of([worker._process.pid for worker in self._parser._workers])
        return Usage(time.time(), time.process_time(), parsers, info["used_cpu_user"] + info["used_cpu_sys"], Counter(self.polls))


async def run(
    world: World,
    folder: Path,
    *,
    speed: float,
    polls: int = 32,
    parsers: int = 1,
    adaptive: bool = False,
    tell: Callable[[str], None] = lambda _: None,
) -> Report:
    """Polls the whole world until everything that was published has come, or an hour and a half has passed since.

    folder: for the server. speed: how many times faster than the wall's clock time goes. polls, parsers: as the settings of those names.
    adaptive: the schedule may slow down; otherwise each feed is polled as often as the world says.
    """
    every = f"{60 * world.every:.0f}s"
    bounds = {} if adaptive else {"fastest": every, "slowest": every}
    feeds = [Feed.model_validate({"url": one.url, "every": every, **bounds}) for one in world.publications]
    report = Report(world.feeds, len(world.hosts))
    clock = Clock(time.time() + 0.5, speed)
    began = time.time()
    async with _site(world, clock) as port, EmbeddedServer(folder) as server, connected(server.endpoint.url) as client:
        async with (
            session("desk@example.org", networks("127.0.0.0/8"), _Names(world, clock, port)) as web,
            ParserPool(parsers) as parser,
        ):
            kept = Polls(client, 1)
            await kept.prepare()
            turns = Turns(Hosts(GAP), clock.now, speed)
            poller = _Counting(kept, feeds, web, parser, polls, clock=clock.now, turns=turns, within=TIMEOUT / speed)
            await poller.register()
            await _follow(world, clock, poller, client, report, tell)
            async with web.get("http://report.example/") as response:
                report.web = await response.json()
            report.polls = poller.polls
            report.memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / (1024 * 1024 if sys.platform == "darwin" else 1024)
        report.memory_server = (await client.info("memory"))["used_memory_peak"] / 1024 / 1024
        report.wall, report.simulated = time.time() - began, (clock.now() - START).total_seconds()
        await _judge(world, clock, client, report)
    return report


async def _follow(world: World, clock: Clock, poller: _Counting, client: Client, report: Report, tell: Callable[[str], None]) -> None:
    """Lets the poller work, as the daemon's scheduler does, each second."""
    wanted = {one.entry(place) for one in world.publications if world.arrives(one) for place in range(len(one.published))}
    begun, warm, after = await poller.used(client), None, "-"
    looked = told = clock.now()
    while True:
        await poller.tick()
        if poller.fault is not None:
            raise poller.fault
        now = clock.now()
        if not report.first and poller.polls.total() - poller.polls["later"] >= world.feeds:
            report.first = time.time() - clock.begun
        if warm is None and now > START + WARM:
            warm = await poller.used(client)
        if now > world.end and not report.used.wall:
            report.used = (await poller.used(client)).since(warm or begun)
        if now - told > timedelta(minutes=5):
            told = now
            tell(f"{now:%H:%M}  {poller.polls.total()} polls  {await client.xlen(ARTICLES)} articles")
        if now > world.end and now - looked > timedelta(seconds=clock.speed):
            looked = now
            async for entry, fields in _entries(client, after):
                wanted.discard(fields["title"])
                after = f"({entry}"
            if not wanted or now > world.end + timedelta(minutes=90):
                break
        await asyncio.sleep(max(1 / clock.speed, 0.01))
    await poller.idle()


async def _judge(world: World, clock: Clock, client: Client, report: Report) -> None:
    """Compares what was published with what is on the stream."""
    arrived: Counter[tuple[int, int]] = Counter()
    at: dict[tuple[int, int], datetime] = {}
    async for entry, fields in _entries(client):
        found = _TITLE.fullmatch(fields["title"])
        assert found is not None, fields
        key = int(found[1]), int(found[2])
        arrived[key] += 1
        at.setdefault(key, clock.at(int(entry.partition("-")[0]) / 1000))
    report.arrived = arrived.total()
    report.twice = [f"{feed}/{place}" for (feed, place), count in arrived.items() if count > 1]
    for one in world.publications:
        host = world.hosts[one.host]
        for place, published in enumerate(one.published):
            key = one.number, place
            report.published += world.arrives(one)
            if key not in at:
                if world.arrives(one):
                    report.missing.append(f"{one.number}/{place} ({host.behaviour})")
            elif published > START + WARM and host.behaviour not in FOR_GOOD:
                report.delays.setdefault(host.behaviour, []).append((at[key] - published).total_seconds())


async def _entries(client: Client, after: str = "-") -> AsyncIterator[tuple[str, dict[str, str]]]:
    while rows := cast("list[Any]", await client.xrange(ARTICLES, min=after, count=1000)):
        for entry, fields in rows:
            yield entry, fields
        after = f"({rows[-1][0]}"


@asynccontextmanager
async def _site(world: World, clock: Clock) -> AsyncIterator[int]:
    """The web server as a process of its own, lest its work be counted; the port that it is at."""
    given = json.dumps({"world": asdict(world), "clock": asdict(clock)})
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "tests.web.site", given, stdin=subprocess.PIPE, stdout=subprocess.PIPE, cwd=Path(__file__).parents[2]
    )
    try:
        assert process.stdout is not None
        yield int(await process.stdout.readline())
    finally:
        assert process.stdin is not None
        process.stdin.close()
        await process.wait()


def cpu_of(processes: list[int]) -> float:
    """CPU seconds of processes, as `ps` has them."""
    if not processes:
        return 0
    done = subprocess.run(["ps", "-o", "time=", "-p", ",".join(map(str, processes))], capture_output=True, text=True, check=False)  # noqa: S607
    return sum(
        sum(60**power * float(part) for power, part in enumerate(reversed(re.split("[:-]", line.strip())))) for line in done.stdout.split()
    )


def percentile(values: list[float], part: float) -> float:
    """The value below which so much of them lies; 0 for none."""
    ordered = sorted(values)
    return ordered[min(int(len(ordered) * part), len(ordered) - 1)] if ordered else 0.0


def machine() -> str:
    """What the figures were measured on and with."""
    return f"Python {platform.python_version()}, aiohttp {aiohttp.__version__}, {os.cpu_count()} cores, load {os.getloadavg()[0]:.1f}"
