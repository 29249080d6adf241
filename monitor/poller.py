"""The polling role: leases feeds that are due, fetches and parses them, commits what is new.

    lease ─► fetch ─► unchanged? ─► parse ─► articles ─► commit (articles, feed state and next due time in one step)

What goes wrong on the way is recorded in the feed's state and retried later; nothing here ends the daemon but a lost server, which
the daemon mends.
"""

from __future__ import annotations

import asyncio
import hashlib
import os
import secrets
import socket
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import aiohttp
import structlog

from monitor.feeds.articles import Found, articles, marks_of
from monitor.feeds.fetch import Fetched, FetchFailed, fetch
from monitor.feeds.parse import ParserPool
from monitor.feeds.parsed import ParseFailed
from monitor.feeds.schedule import after_failure, next_due
from monitor.feeds.state import FeedState
from monitor.model import FeedTrouble, digest
from monitor.rules.schema import Feed
from monitor.streams.client import REDIS, passes
from monitor.streams.keys import feed_id
from monitor.streams.polls import Committed, Lease, Polls, now_utc

log = structlog.get_logger()

LEASE = timedelta(minutes=2)
"""How long a poll may take before another poller may try: well above the limits of fetching and parsing together."""
FAILING_AFTER = 3
"""Failed polls in a row after which a feed is called failing: one or two are weather."""


@dataclass(frozen=True, slots=True)
class Polled:
    """What one poll brought. problem: why it brought nothing, in words."""

    feed: Feed
    new: int = 0
    changed: int = 0
    problem: str = ""
    unchanged: bool = False
    lost: bool = False


class Poller:
    """Polls feeds. `tick` starts what is due; `idle` waits for what is under way."""

    def __init__(self, polls: Polls, feeds: Sequence[Feed], session: aiohttp.ClientSession, parser: ParserPool, limit: int) -> None:
        """feeds: one for each URL. limit: polls under way at the same time."""
        self._polls, self._session, self._parser, self._limit = polls, session, parser, limit
        self._feeds: Mapping[str, Feed] = {feed_id(feed.url): feed for feed in feeds}
        self._token = f"{socket.gethostname()}:{os.getpid()}:{secrets.token_hex(4)}"
        self._tasks: set[asyncio.Task[Polled]] = set()
        self.fault: BaseException | None = None
        """The first unexpected failure of a poll, for the daemon to stop on."""

    async def adopt(self, feeds: Sequence[Feed]) -> None:
        """Goes on with other feeds. Those whose interval changed are due at once, lest the old one be waited for."""
        before, self._feeds = self._feeds, {feed_id(feed.url): feed for feed in feeds}
        schedules = {name: (feed.every, feed.cron) for name, feed in before.items()}
        changed = [feed.url for name, feed in self._feeds.items() if name in schedules and schedules[name] != (feed.every, feed.cron)]
        await self.register()
        if changed:
            await self._polls.hasten(changed, now_utc())

    async def register(self) -> None:
        """Makes the rules' feeds known to the server. New ones are due at once."""
        await self._polls.register((feed.url for feed in self._feeds.values()), now_utc())

    async def tick(self) -> None:
        """Starts polling what is due, as far as the limit allows."""
        free = self._limit - len(self._tasks)
        if free <= 0:
            return
        for lease in await self._polls.lease(now_utc(), LEASE, free, self._token):
            if lease.feed not in self._feeds:
                # No rule names it any more; where another daemon's rules do, that daemon registers it again within a minute.
                await self._polls.forget(lease)
                continue
            task = asyncio.create_task(self.poll(lease, self._feeds[lease.feed]))
            self._tasks.add(task)
            task.add_done_callback(self._ended)

    async def everything(self) -> list[Polled]:
        """Polls every feed once, now, whenever it would be due; those that another poller has in hand are left to it."""
        await self._polls.hasten((feed.url for feed in self._feeds.values()), now_utc())
        done: list[Polled] = []
        while leases := [
            lease for lease in await self._polls.lease(now_utc(), LEASE, self._limit, self._token) if lease.feed in self._feeds
        ]:
            done += await asyncio.gather(*(self.poll(lease, self._feeds[lease.feed]) for lease in leases))
        return done

    async def idle(self) -> None:
        """Waits until nothing is under way."""
        if self._tasks:
            await asyncio.wait(self._tasks)

    def _ended(self, task: asyncio.Task[Polled]) -> None:
        self._tasks.discard(task)
        if not task.cancelled() and (error := task.exception()) is not None:
            self.fault = self.fault or error

    async def poll(self, lease: Lease, feed: Feed) -> Polled:
        """Polls one leased feed and commits the outcome."""
        before = FeedState.from_hash(await self._polls.state(lease))
        now = now_utc()
        fetched = await fetch(self._session, feed.url, etag=before.etag, last_modified=before.last_modified)
        if isinstance(fetched, FetchFailed):
            return await self._failed(lease, feed, before, fetched.problem, now, fetched.retry_after)
        body_hash = hashlib.sha256(fetched.body).hexdigest()[:20]
        if fetched.status == 304 or body_hash == before.body_hash:
            return await self._succeeded(lease, feed, before, _validated(before, fetched), [], now, unchanged=True)
        parsed = await self._parser.parse(fetched.body, fetched.content_type, feed.url)
        if isinstance(parsed, ParseFailed):
            return await self._failed(lease, feed, before, parsed.problem, now)
        if parsed.ill_formed:
            log.info("feed.ill_formed", feed=feed.url, problem=parsed.ill_formed, entries=len(parsed.entries))
        known = await self._polls.known(lease, marks_of(parsed))
        found = articles(parsed, feed_url=feed.url, outlet=feed.outlet, lang=feed.lang, now=now, known=known)
        after = _validated(before, fetched).model_copy(update={"body_hash": body_hash})
        return await self._succeeded(lease, feed, before, after, found, now)

    async def _succeeded(
        self,
        lease: Lease,
        feed: Feed,
        before: FeedState,
        after: FeedState,
        found: Sequence[Found],
        now: datetime,
        *,
        unchanged: bool = False,
    ) -> Polled:
        named = {"url": feed.url, "outlet": feed.outlet}
        state = after.model_copy(
            update={**named, "failures": 0, "problem": "", "polled": before.polled + 1, "last_poll": now, "last_success": now}
        )
        events = [("feed.recovered", _trouble(feed, before.failures, "works again", now))] if before.failures >= FAILING_AFTER else []
        # Oldest first, so that the stream is in the order in which things happened as far as one feed can tell.
        rows = sorted(found, key=lambda one: one.article.order)
        done = await self._commit(lease, state, rows, next_due(feed, now), events, first=before.polled == 0)
        if done.lost:
            log.warning("poll.lost", feed=feed.url, hint="another daemon polls it now")
            return Polled(feed, lost=True)
        if before.failures >= FAILING_AFTER:
            log.info("feed.recovered", feed=feed.url, outlet=feed.outlet, failures=before.failures)
        (log.info if done.new or done.changed else log.debug)(
            "poll", feed=feed.url, outlet=feed.outlet, new=done.new, changed=done.changed, unchanged=unchanged
        )
        return Polled(feed, done.new, done.changed, unchanged=unchanged)

    async def _failed(
        self, lease: Lease, feed: Feed, before: FeedState, problem: str, now: datetime, retry_after: timedelta | None = None
    ) -> Polled:
        failures = before.failures + 1
        # Validators stay those of the last body that became articles.
        state = before.model_copy(
            update={"url": feed.url, "outlet": feed.outlet, "failures": failures, "problem": problem, "last_poll": now}
        )
        events = [("feed.failing", _trouble(feed, failures, problem, now))] if failures == FAILING_AFTER else []
        due = after_failure(feed, failures, now, retry_after)
        done = await self._commit(lease, state, [], due, events)
        log.warning(
            "poll.failed",
            feed=feed.url,
            outlet=feed.outlet,
            problem=problem,
            failures=failures,
            again=due.isoformat(timespec="seconds"),
        )
        return Polled(feed, problem=problem, lost=done.lost)

    async def _commit(
        self,
        lease: Lease,
        state: FeedState,
        rows: Sequence[Found],
        due: datetime,
        events: Sequence[tuple[str, FeedTrouble]],
        *,
        first: bool = False,
    ) -> Committed:
        """Commits, waiting for a server that is away. Repeating is safe: the first success ends the lease."""
        until = now_utc() + LEASE
        while True:
            try:
                return await self._polls.commit(lease, state=state.to_hash(), articles=rows, next_due=due, first=first, events=events)
            except REDIS as error:
                if now_utc() > until or not passes(error):
                    raise
                log.warning("poll.waits", feed=lease.feed, problem=str(error), articles=len(rows))
                await asyncio.sleep(0.5)


def _validated(state: FeedState, fetched: Fetched) -> FeedState:
    """The state with the validators of what was fetched; a 304 that names none leaves those that it confirmed."""
    if fetched.status == 304:
        return state.model_copy(update={"etag": fetched.etag or state.etag, "last_modified": fetched.last_modified or state.last_modified})
    return state.model_copy(update={"etag": fetched.etag, "last_modified": fetched.last_modified})


def _trouble(feed: Feed, failures: int, problem: str, now: datetime) -> FeedTrouble:
    return FeedTrouble(
        id=digest(feed.url, now.isoformat(), problem),
        feed=feed.url,
        outlet=feed.outlet,
        time=now,
        failures=failures,
        problem=problem,
    )
