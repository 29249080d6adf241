"""The daemon: wiring, schedule, signals. Every role that `monitor run` plays is put together here and nowhere else.

    scheduler ── each second ──► poller.tick ─► … ─► articles stream ─► worker ─► matches, claims, alerts
              │                                                      └► archivist ─► archive files
              └─ now and then ─► register feeds, rescue abandoned articles, trim

A lost server is waited for (the embedded one is started again); anything unexpected stops the daemon loudly.
"""

from __future__ import annotations

import asyncio
import os
import signal
import socket
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, timedelta

import structlog
from apscheduler.schedulers.asyncio import AsyncIOScheduler

from monitor.archive import FOLDER, Archive
from monitor.archivist import Archivist
from monitor.engine.vocabulary import Rulebook
from monitor.feeds.fetch import session
from monitor.feeds.overview import one_for_each_url
from monitor.feeds.parse import ParserPool
from monitor.poller import Polled, Poller
from monitor.rules.schema import Feed
from monitor.settings import Settings
from monitor.streams.access import Server, server
from monitor.streams.articles import Articles
from monitor.streams.client import REDIS, Client, connected, passes
from monitor.streams.keys import ARCHIVISTS
from monitor.streams.polls import Polls, now_utc
from monitor.worker import BLOCK, Worker

log = structlog.get_logger()

_PATIENCE = (0.2, 5.0)
"""Seconds between attempts to reach a lost server: first and longest."""


def feeds_of(rulebook: Rulebook) -> list[Feed]:
    """The feeds of all stories, one for each URL: of those that name it twice, the one that polls oftenest."""
    return one_for_each_url(feed for story in rulebook.stories.values() for feed in story.story.feeds)


@dataclass(frozen=True)
class Parts:
    """The roles of one process, connected."""

    server: Server
    client: Client
    articles: Articles
    poller: Poller
    worker: Worker
    archivist: Archivist


@asynccontextmanager
async def parts(settings: Settings, rulebook: Rulebook) -> AsyncIterator[Parts]:
    """Everything that a daemon or a single poll needs, started; stopped in reverse order at the end."""
    async with AsyncExitStack() as stack:
        running = await stack.enter_async_context(server(settings))
        client = await stack.enter_async_context(connected(running.url))
        blocking = await stack.enter_async_context(connected(running.url, patience=10 + BLOCK / 1000))
        polls = Polls(client, settings.partitions)
        await polls.prepare()
        consumer = f"{socket.gethostname()}:{os.getpid()}"
        articles = Articles(client, blocking, settings.partitions, consumer)
        worker = Worker(client, articles, rulebook)
        await worker.prepare()
        kept = Articles(client, blocking, settings.partitions, consumer, ARCHIVISTS)
        archivist = Archivist(kept, archive(settings))
        await archivist.prepare()
        web = await stack.enter_async_context(session(settings.contact))
        parser = await stack.enter_async_context(ParserPool(settings.parsers))
        poller = Poller(polls, feeds_of(rulebook), web, parser, settings.polls)
        yield Parts(running, client, articles, poller, worker, archivist)
        await articles.leave()
        await kept.leave()


def archive(settings: Settings) -> Archive:
    """The archive in the data folder; what is damaged in it is logged."""
    return Archive(settings.data / FOLDER, lambda problem: log.warning("archive.damaged", problem=problem))


async def poll_once(settings: Settings, rulebook: Rulebook) -> list[Polled]:
    """Polls every feed once, reads and archives what they brought. For `monitor poll`."""
    async with parts(settings, rulebook) as made:
        await made.poller.register()
        done = await made.poller.everything()
        await made.worker.drain()
        await made.archivist.drain()
        return done


class Daemon:
    """Runs until told to stop."""

    def __init__(
        self, settings: Settings, rulebook: Rulebook, ready: Callable[[Server], None] = lambda _: None, *, signals: bool = True
    ) -> None:
        """ready: called once the server answers and everything is about to start. signals: SIGTERM and Ctrl-C stop it."""
        self._settings, self._rulebook, self._ready, self._heeds = settings, rulebook, ready, signals
        self.at_once: Callable[[], None] = lambda: None
        """Called before a second signal ends the process."""
        self._stop = asyncio.Event()
        self._lost = False
        self._fault: BaseException | None = None

    def stop(self) -> None:
        """Ends it: what is in hand is finished."""
        self._stop.set()

    async def run(self) -> None:
        """The whole life of the daemon. Raises what stopped it, unless it was told to stop."""
        async with self._signals(), parts(self._settings, self._rulebook) as made:
            self._ready(made.server)
            log.info(
                "started",
                stories=sorted(self._rulebook.stories),
                feeds=len(feeds_of(self._rulebook)),
                server=made.server.how,
                pid=os.getpid(),
            )
            await made.poller.register()
            scheduler = self._scheduler(made)
            scheduler.start()
            reading = asyncio.create_task(self._always(made, made.worker.run))
            archiving = asyncio.create_task(self._always(made, made.archivist.run))
            stopping = asyncio.create_task(self._stop.wait())
            try:
                await asyncio.wait({reading, archiving, stopping}, return_when=asyncio.FIRST_COMPLETED)
            finally:
                self._stop.set()
                scheduler.shutdown(wait=False)
                log.info("stopping")
                await made.poller.idle()
                await reading
                await archiving
                await stopping
            if self._fault is not None:
                raise self._fault
            log.info("stopped")

    async def _always(self, made: Parts, role: Callable[[asyncio.Event], Awaitable[None]]) -> None:
        """A role that runs until it is told to stop, started again whenever the server was away."""
        while not self._stop.is_set():
            await self._through(made, lambda: role(self._stop))

    def _scheduler(self, made: Parts) -> AsyncIOScheduler:
        scheduler = AsyncIOScheduler(timezone=UTC, job_defaults={"misfire_grace_time": None, "coalesce": True, "max_instances": 1})

        async def tick() -> None:
            if made.poller.fault is not None:
                raise made.poller.fault
            await made.poller.tick()

        async def trim() -> None:
            await made.articles.trim(now_utc() - timedelta(days=self._settings.keep_days))
            await made.archivist.trim(self._settings.archive_days)

        for action, seconds in ((tick, 1), (made.poller.register, 15), (made.worker.rescue, 3), (made.archivist.rescue, 3), (trim, 600)):
            scheduler.add_job(self._job, "interval", (made, action), seconds=seconds, next_run_time=now_utc())
        return scheduler

    async def _job(self, made: Parts, action: Callable[[], Awaitable[object]]) -> None:
        """A scheduled action. What it does not expect ends the daemon instead of vanishing in the scheduler."""
        try:
            await self._through(made, action)
        except Exception as error:  # noqa: BLE001 - kept, and raised again by `run`
            self._fault = self._fault or error
            self._stop.set()

    async def _through(self, made: Parts, action: Callable[[], Awaitable[object]]) -> None:
        """Does something with the server; where the server is lost, waits until it is back, without doing it again."""
        try:
            await action()
        except REDIS as error:
            if not passes(error):
                raise
            if not self._lost:
                log.warning("server.lost", problem=str(error))
            self._lost = True
        else:
            return
        wait = _PATIENCE[0]
        while not self._stop.is_set():
            try:
                await made.server.mend()
                await made.client.ping()
                break
            except REDIS as error:
                if not passes(error):
                    raise
                await self._pause(wait)
                wait = min(2 * wait, _PATIENCE[1])
        if self._lost and not self._stop.is_set():
            self._lost = False
            log.info("server.back")

    async def _pause(self, seconds: float) -> None:
        try:
            await asyncio.wait_for(self._stop.wait(), seconds)
        except TimeoutError:
            return

    @asynccontextmanager
    async def _signals(self) -> AsyncIterator[None]:
        """The first SIGTERM or Ctrl-C stops in good order, the second at once."""
        loop = asyncio.get_running_loop()
        wanted: Sequence[signal.Signals] = (signal.SIGTERM, signal.SIGINT) if self._heeds else ()

        def told(number: signal.Signals) -> None:
            if self._stop.is_set():
                log.warning("stopped at once", signal=number.name)
                self.at_once()
                os._exit(128 + number)
            log.info("stop asked for", signal=number.name, hint="again to stop at once")
            self._stop.set()

        for number in wanted:
            loop.add_signal_handler(number, told, number)
        try:
            yield
        finally:
            for number in wanted:
                loop.remove_signal_handler(number)
