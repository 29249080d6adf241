"""How dear it is to poll many feeds, beside lemon24/reader, which keeps what it reads in SQLite (`bench` installs it).

Each polls the same feeds on loopback four times: the first time; with nothing changed, but a whole feed as the answer; with one entry
new in each; and with nothing changed and 304 as the answer. What is counted is CPU time of all its processes: of ours the poller, the
parser and the Redis server, which end up with the articles on a stream; the site's own is left out.
"""

from __future__ import annotations

import asyncio
import logging
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path

import structlog

from monitor.feeds.fetch import session
from monitor.feeds.parse import ParserPool
from monitor.journal import Journal
from monitor.poller import Poller
from monitor.rules.schema import Feed
from monitor.settings import networks
from monitor.streams.client import connected
from monitor.streams.polls import Polls
from monitor.streams.server import EmbeddedServer
from tests.benchmarks.figures import Figure
from tests.web.run import cpu_of

ENTRIES = 50
AT_ONCE = 32
WORKERS = 10
"""Of reader, which fetches in threads."""
STEPS = (
    ("first", "", "<= reader's"),
    ("nothing changed", "", "< 1/5 of reader's"),
    ("one new entry each", "news", "< 1/5 of reader's"),
    ("304", "listen", ""),
)
"""What a round is called, what the site is told before it, and the goal."""


def figures(*, short: bool) -> Iterator[Figure]:
    """The figures of polling. short: few feeds."""
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.WARNING))
    count = 10 if short else 1000
    for name, taker in (("monitor", _ours), ("reader", _reader)):
        taken = taker(count)
        if taken is None:
            yield Figure("poll", f"{name}: not installed", 0.0, "s of CPU")
            continue
        for (what, _, goal), (cpu, wall) in zip(STEPS, taken, strict=True):
            yield Figure("poll", f"{count} feeds, {what}, {name}", cpu, "s of CPU", goal if name == "monitor" else "")
            yield Figure("poll", f"{count} feeds, {what}, {name}", wall, "s on the clock")


Taken = list[tuple[float, float]]
"""For each step the seconds of CPU and on the clock."""


def _ours(count: int) -> Taken:
    with _site(count) as site, tempfile.TemporaryDirectory() as folder:
        return asyncio.run(_polled(site, count, Path(folder)))


async def _polled(site: str, count: int, folder: Path) -> Taken:
    feeds = [Feed.model_validate({"url": f"{site}/feed/{number}", "every": "1h"}) for number in range(count)]
    taken: Taken = []
    async with (
        EmbeddedServer(folder) as server,
        connected(server.endpoint.url) as client,
        session("desk@example.org", networks("127.0.0.0/8")) as web,
        ParserPool(1) as parser,
    ):
        polls = Polls(client, 1)
        await polls.prepare()
        poller = Poller(polls, feeds, web, parser, AT_ONCE, journal=Journal(folder / "journal"))
        await poller.register()

        async def used() -> tuple[float, float]:
            info = await client.info("cpu")
            parsers = cpu_of([worker._process.pid for worker in parser._workers])
            return time.process_time() + parsers + info["used_cpu_user"] + info["used_cpu_sys"], time.perf_counter()

        expected = count * ENTRIES
        for _, told, _ in STEPS:
            await asyncio.to_thread(_tell, site, told)
            before = await used()
            done = await poller.everything()
            after = await used()
            assert len(done) == count
            assert not any(polled.problem for polled in done), [polled.problem for polled in done][:3]
            expected += count if told == "news" else 0
            assert await client.xlen("monitor:{p0}:articles") == expected
            taken.append((after[0] - before[0], after[1] - before[1]))
    return taken


def _reader(count: int) -> Taken | None:
    if find_spec("reader") is None:
        return None
    with tempfile.TemporaryDirectory() as folder:
        command = [sys.executable, "-m", "tests.benchmarks.polling", str(count), str(Path(folder) / "reader.sqlite")]
        run = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True)
    numbers = [float(number) for number in run.stdout.split()]
    return list(zip(numbers[::2], numbers[1::2], strict=True))


def _read(count: int, path: str) -> Iterator[tuple[float, float]]:
    """The same by reader, in this process."""
    from reader import make_reader

    with _site(count) as site, make_reader(path) as reader:
        for number in range(count):
            reader.add_feed(f"{site}/feed/{number}")
        expected = count * ENTRIES
        for _, told, _ in STEPS:
            _tell(site, told)
            before = time.process_time(), time.perf_counter()
            reader.update_feeds(workers=WORKERS, scheduled=False)
            yield time.process_time() - before[0], time.perf_counter() - before[1]
            expected += count if told == "news" else 0
            assert reader.get_entry_counts().total == expected, (told, reader.get_entry_counts().total, expected)


def _tell(site: str, what: str) -> None:
    if what:
        urllib.request.urlopen(f"{site}/{what}").read()  # noqa: S310 - loopback


@contextmanager
def _site(count: int) -> Iterator[str]:
    """The feeds, by a process of their own."""
    command = [sys.executable, "-m", "tests.benchmarks.served", str(count), str(ENTRIES)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        try:
            yield f"http://127.0.0.1:{process.stdout.readline().strip()}"
        finally:
            process.stdin.close()
            process.wait()


if __name__ == "__main__":
    for cpu, wall in _read(int(sys.argv[1]), sys.argv[2]):
        sys.stdout.write(f"{cpu} {wall}\n")
