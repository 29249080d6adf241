"""The daemon: wiring, schedule, signals. Every role that `monitor run` plays is put together here and nowhere else.

    scheduler ── each second ──► poller.tick ─► … ─► articles stream ─► worker ─► matches, claims, alerts
              │                                                      └► archivist ─► archive files
              └─ now and then ─► register feeds, rescue abandoned articles, trim
    hubs of feeds ── news ─────► listener ─► feed due now (where a public address is set)
    rules folder ── saved ─────► poller, worker ─► rereader (kept articles, by what changed)

A lost server is waited for (the embedded one is started again); anything unexpected stops the daemon loudly.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import socket
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, timedelta

import structlog
from aiohttp import ClientSession
from apscheduler.schedulers.asyncio import AsyncIOScheduler

from monitor.archive import FOLDER, Archive
from monitor.archivist import Archivist
from monitor.clock import Every, Watch
from monitor.engine.rulebook import Rulebook
from monitor.errors import MonitorError
from monitor.feeds.fetch import Turns, session
from monitor.feeds.hosts import Hosts
from monitor.feeds.overview import one_for_each_url
from monitor.feeds.parse import ParserPool
from monitor.journal import FOLDER as JOURNAL
from monitor.journal import Journal
from monitor.listener import Listener
from monitor.lookout import EVERY, Lookout
from monitor.polled import Polled
from monitor.poller import Poller
from monitor.refiller import NOTE, Refiller
from monitor.rereader import Rereader
from monitor.rulefolder import RuleFolder
from monitor.rules.schema import Feed, Story
from monitor.settings import Settings
from monitor.streams.access import Server, server
from monitor.streams.articles import Articles
from monitor.streams.client import LOST, REDIS, Client, connected, emptied, passes, plainly
from monitor.streams.events import told_of_problem, told_of_rules
from monitor.streams.hubs import Hubs
from monitor.streams.keys import ARCHIVISTS
from monitor.streams.polls import Polls, now_utc
from monitor.streams.rulesets import RuleSets, problems_of
from monitor.worker import BLOCK, Worker

log = structlog.get_logger()

_PATIENCE = (0.2, 5.0)
"""Seconds between attempts to reach a lost server: first and longest."""
_ROOM = 1000
"""Articles that wait to be read before more are put back."""
_LOOK = 0.2
"""Seconds between two looks at the rules folder: what is saved is in force well within a second."""
_STRAIGHT = 30
"""Looks at the feeds after the clock was set, one a second: a poll that was under way may have been committed since by the old one."""


def every(seconds: float) -> Every:
    """When something is done that is done every so many seconds."""
    return Every(seconds=seconds, timezone=UTC)


def feeds_of(rulebook: Rulebook) -> list[Feed]:
    """The feeds of all stories, one for each URL: of those that name it twice, the one that polls oftenest."""
    return one_for_each_url(feed for story in rulebook.stories.values() for feed in story.story.feeds)


def _versions(rulebook: Rulebook) -> dict[str, tuple[Story, str]]:
    return {name: (story.story, story.version) for name, story in rulebook.stories.items()}


@dataclass(frozen=True)
class Parts:
    """The roles of one process, connected."""

    server: Server
    client: Client
    articles: Articles
    poller: Poller
    worker: Worker
    archivist: Archivist
    rulesets: RuleSets
    listener: Listener | None
    refiller: Refiller


@asynccontextmanager
async def parts(settings: Settings, rulebook: Rulebook) -> AsyncIterator[Parts]:
    """Everything that a daemon or a single poll needs, started; stopped in reverse order at the end."""
    async with AsyncExitStack() as stack:
        running = await stack.enter_async_context(server(settings))
        stack.enter_context(plainly(running.url))
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
        web = await stack.enter_async_context(session(settings.contact, settings.allowed))
        parser = await stack.enter_async_context(ParserPool(settings.parsers))
        turns = Turns(Hosts(timedelta(seconds=settings.host_gap)))
        journal = Journal(settings.data / JOURNAL)
        poller = Poller(polls, feeds_of(rulebook), web, parser, settings.polls, turns=turns, journal=journal)
        poller.ear = listener = _listener(settings, client, polls, web)
        if listener is not None:
            listener.adopt(feeds_of(rulebook))
        rulesets = RuleSets(client)

        async def prepare() -> None:
            for part in (articles, archivist):
                await part.prepare()
            await worker.renew()
            await poller.register()
            journal.again()
            await poller.recall()
            await rulesets.accepted(_versions(worker.rulebook), (), now_utc())

        async def room() -> None:
            await worker.drain()

        where = settings.redis_url or "embedded"
        stories = lambda: worker.stores.keys()  # noqa: E731
        refiller = Refiller(client, polls, archive(settings), settings.data / NOTE, where, stories, prepare, room)
        yield Parts(running, client, articles, poller, worker, archivist, rulesets, listener, refiller)
        await articles.leave()
        await kept.leave()


def _listener(settings: Settings, client: Client, polls: Polls, web: ClientSession) -> Listener | None:
    if not settings.callback_url:
        return None
    host, _, port = settings.callback_listen.rpartition(":")
    return Listener(Hubs(client, settings.partitions), polls, web, settings.callback_url, (host.strip("[]"), int(port)))


def archive(settings: Settings) -> Archive:
    """The archive in the data folder; what is damaged in it is logged."""
    return Archive(settings.data / FOLDER, lambda problem: log.warning("archive.damaged", problem=problem))


async def poll_once(settings: Settings, rulebook: Rulebook) -> list[Polled]:
    """Polls every feed once, reads and archives what they brought. For `monitor poll`."""
    async with parts(settings, rulebook) as made:
        await made.refiller.look()
        await made.poller.register()
        done = await made.poller.everything()
        await made.worker.drain()
        await made.archivist.drain()
        return done


class Daemon:
    """Runs until told to stop."""

    def __init__(
        self, settings: Settings, rules: RuleFolder | Rulebook, ready: Callable[[Server], None] = lambda _: None, *, signals: bool = True
    ) -> None:
        """rules: a folder, from which they are taken up as they are saved; or rules that stay as they are.

        ready: called once the server answers and everything is about to start. signals: SIGTERM and Ctrl-C stop it.
        """
        self._settings, self._ready, self._heeds = settings, ready, signals
        self._folder = rules if isinstance(rules, RuleFolder) else None
        self._rulebook = rules.rulebook if isinstance(rules, RuleFolder) else rules
        self._saved: Rulebook | MonitorError | None = None
        """What was saved in the folder, until it has been dealt with."""
        self.at_once: Callable[[], None] = lambda: None
        """Called before a second signal ends the process."""
        self._stop = asyncio.Event()
        self._lost = False
        self._watch, self._crooked = Watch(), 1
        self._fault: BaseException | None = None

    def stop(self) -> None:
        """Ends it: what is in hand is finished."""
        self._stop.set()

    async def run(self) -> None:
        """The whole life of the daemon. Raises what stopped it, unless it was told to stop."""
        async with self._signals(), parts(self._settings, self._rulebook) as made:
            self._ready(made.server)
            made.refiller.room = lambda: self._room(made)
            log.info(
                "started",
                stories=sorted(self._rulebook.stories),
                feeds=len(feeds_of(self._rulebook)),
                server=made.server.how,
                pid=os.getpid(),
            )
            await made.poller.register()
            await made.poller.recall()
            await made.rulesets.accepted(_versions(self._rulebook), (), now_utc())
            scheduler = self._scheduler(made)
            scheduler.start()
            roles = {asyncio.create_task(self._role(made, action, pause)) for action, pause in self._roles(made, scheduler)}
            stopping = asyncio.create_task(self._stop.wait())
            try:
                await asyncio.wait({*roles, stopping}, return_when=asyncio.FIRST_COMPLETED)
            finally:
                self._stop.set()
                scheduler.shutdown(wait=False)
                log.info("stopping")
                await made.poller.idle()
                await asyncio.gather(*roles, stopping)
                if made.refiller.sure:
                    with contextlib.suppress(*LOST):
                        await made.refiller.look()  # so that the note is as new as what was written
            if self._fault is not None:
                raise self._fault
            log.info("stopped")

    def _roles(self, made: Parts, scheduler: AsyncIOScheduler) -> list[tuple[Callable[[], Awaitable[object]], float]]:
        """What goes on all the time: each with the pause, in seconds, between two turns."""
        rereader = Rereader(made.worker, made.articles, archive(self._settings), made.rulesets)
        roles: list[tuple[Callable[[], Awaitable[object]], float]] = [
            (lambda: made.worker.run(self._stop), 0),
            (lambda: made.archivist.run(self._stop), 0),
            (lambda: rereader.run(self._stop), _LOOK),
            (lambda: self._follow_clock(made, scheduler), 1),
        ]
        if (listener := made.listener) is not None:
            roles.append((lambda: listener.run(self._stop), 0))
        return [*roles, (lambda: self._follow_folder(made), 0)] if self._folder else roles

    async def _role(self, made: Parts, action: Callable[[], Awaitable[object]], pause: float) -> None:
        """A role, started again whenever the server was away."""
        while not self._stop.is_set():
            await self._through(made, action)
            if pause:
                await self._pause(pause)

    async def _follow_folder(self, made: Parts) -> None:
        """Takes up rules as they are saved."""
        if self._folder is not None:
            await self._folder.keep_at_hand()
        while not self._stop.is_set():
            await self._take_up(made)
            await self._pause(_LOOK)

    async def _take_up(self, made: Parts) -> None:
        """Goes on with rules that were saved; rules that cannot be used are told of, and change nothing."""
        self._saved = (await self._folder.changed() if self._folder else None) or self._saved
        if isinstance(self._saved, MonitorError):
            await made.rulesets.rejected(self._saved, now_utc())
            problems = problems_of(self._saved)
            first = told_of_problem(problems[0])
            log.error("rules.rejected", errors=len(problems), first=first, hint="the rules in force stay; `monitor check` shows all errors")
        elif self._saved is not None:
            before, now = self._rulebook.stories.keys(), self._saved.stories.keys()
            await made.worker.adopt(self._saved)
            await made.poller.adopt(feeds_of(self._saved))
            if made.listener is not None:
                made.listener.adopt(feeds_of(self._saved))
            event = await made.rulesets.accepted(_versions(self._saved), before - now, now_utc())
            await made.worker.renew()
            self._rulebook = self._saved
            log.info("rules.reloaded", changes=told_of_rules(event) if event else "none that was not told before")
        self._saved = None

    def _scheduler(self, made: Parts) -> AsyncIOScheduler:
        scheduler = AsyncIOScheduler(timezone=UTC, job_defaults={"misfire_grace_time": None, "coalesce": True, "max_instances": 1})

        async def tick() -> None:
            if made.poller.fault is not None:
                raise made.poller.fault
            if not made.refiller.sure:
                await made.refiller.look()
            if made.refiller.sure:
                await made.poller.tick()

        async def trim() -> None:
            await made.articles.trim(now_utc() - timedelta(days=self._settings.keep_days))
            await made.archivist.trim(self._settings.archive_days)
            made.poller.tidy()
            await made.worker.forget()

        for action, seconds in (
            (tick, 1),
            (made.refiller.look, 1),
            (made.poller.register, 15),
            (made.worker.rescue, 3),
            (made.archivist.rescue, 3),
            (trim, 600),
        ):
            scheduler.add_job(self._job, every(seconds), (made, action), next_run_time=now_utc())
        lookout = Lookout(made.client, self._settings.partitions, made.worker.stores.keys)
        scheduler.add_job(self._job, every(EVERY), (made, lambda: lookout.look(now_utc())), next_run_time=now_utc())
        # A job of its own, for the others wait for the server while it is away.
        scheduler.add_job(self._job, every(1), (made, made.poller.blind))
        return scheduler

    async def _follow_clock(self, made: Parts, scheduler: AsyncIOScheduler) -> None:
        """Goes on at once where the clock is set: what was to be done at some time by the old one may be long after that by the new one."""
        if moved := self._watch.moved():
            log.warning("clock.moved", seconds=round(moved.total_seconds()), hint="set, or the machine slept; polling goes on")
            self._crooked = _STRAIGHT
        now = now_utc()
        for job in scheduler.get_jobs():
            if job.next_run_time > now + job.trigger.interval:
                job.modify(next_run_time=now)
        if self._crooked:
            if feeds := await made.poller.straighten():
                log.info("polls.straightened", feeds=feeds, hint="the clock had been ahead when they were polled; they are due now")
            self._crooked -= 1

    async def _job(self, made: Parts, action: Callable[[], Awaitable[object]]) -> None:
        """A scheduled action. What it does not expect ends the daemon instead of vanishing in the scheduler."""
        try:
            await self._through(made, action)
        except asyncio.CancelledError:
            # The scheduler cancels what is under way when it stops, and would tell of that with a traceback.
            if not self._stop.is_set():
                raise
        except Exception as error:  # noqa: BLE001 - kept, and raised again by `run`
            self._fault = self._fault or error
            self._stop.set()

    async def _through(self, made: Parts, action: Callable[[], Awaitable[object]]) -> None:
        """Does something with the server; where the server is lost, waits until it is back, without doing it again."""
        try:
            await action()
        except REDIS as error:
            made.refiller.doubt()
            if emptied(error):
                # The refiller, which looks every second, makes what is missing.
                await self._pause(_LOOK)
                return
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

    async def _room(self, made: Parts) -> None:
        """Waits until the readers have kept up with what is put back onto the stream, and the stream has lost what is too old for it."""
        await made.articles.trim(now_utc() - timedelta(days=self._settings.keep_days))
        while await made.articles.unread() > _ROOM and not self._stop.is_set():
            await self._pause(_LOOK)

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
