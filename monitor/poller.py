"""The polling role: leases feeds that are due, fetches and parses them, commits what is new.

    lease ─► request ─► fetch ─► unchanged? ─► parse ─► articles ─► outcome ─► commit (articles, feed state, events, next due time)
                          └─► journal, until it is committed

What a poll means is decided in `monitor.feeds.outcome`; here it is done. What goes wrong on the way is recorded in the feed's state and
retried later; nothing here ends the daemon but a lost server, which the daemon mends.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import secrets
import socket
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Protocol

import aiohttp
import structlog

from monitor.blind import Blind, hash_of
from monitor.clock import SLACK
from monitor.feeds.articles import Found, articles, marks_of
from monitor.feeds.credentials import headers_for
from monitor.feeds.fetch import TIMEOUT, Fetched, FetchFailed, Later, Turns, fetch, same_place
from monitor.feeds.fulltext import Pages, missing
from monitor.feeds.outcome import Outcome, Read, Request, Unchanged, outcome, postponed, request
from monitor.feeds.parse import ParserPool
from monitor.feeds.parsed import ParsedFeed, ParseFailed
from monitor.feeds.pieces import from_text, to_text
from monitor.feeds.state import FeedState
from monitor.journal import Journal, Kept
from monitor.polled import Polled, paged, told
from monitor.rules.schema import Feed
from monitor.streams.client import LOST, REDIS, passes
from monitor.streams.keys import ALIVE, feed_id
from monitor.streams.polls import Committed, Lease, Polls, now_utc

log = structlog.get_logger()

LEASE = timedelta(minutes=2)
"""How long a poll may take before another poller may try: well above the limits of fetching and parsing together. That of a poller which
has died ends with it."""
QUEUE = timedelta(minutes=5)
"""How long polling everything once waits for the turns of hosts with many feeds."""


class Ear(Protocol):
    """Who listens to hubs, which tell of news in feeds."""

    def heard(self, feed: Feed, state: FeedState) -> None:
        """Is told what a poll has learnt of a feed."""

    def live(self, feed: Feed, now: datetime) -> bool:
        """Whether a hub tells of news in the feed."""


class Poller:
    """Polls feeds. `tick` starts what is due; `idle` waits for what is under way."""

    def __init__(
        self,
        polls: Polls,
        feeds: Sequence[Feed],
        session: aiohttp.ClientSession,
        parser: ParserPool,
        limit: int,
        clock: Callable[[], datetime] = now_utc,
        turns: Turns | None = None,
        within: float = TIMEOUT,
        journal: Journal | None = None,
    ) -> None:
        """feeds: one for each URL. limit: polls under way at the same time. clock: the time, aware.

        turns: how often a host is asked; None: as often as its feeds are due. within: seconds that a fetch may take.
        journal: keeps what was fetched until it is committed; None: a poll whose server is lost is forgotten.
        """
        self._polls, self._session, self._parser, self._limit = polls, session, parser, limit
        self._clock, self._turns, self._within = clock, turns, within
        self._told_missing = False
        self._pages = Pages(session, parser, turns, clock)
        self._feeds: Mapping[str, Feed] = {feed_id(feed.url): feed for feed in feeds}
        self._token = f"{socket.gethostname()}:{os.getpid()}:{secrets.token_hex(4)}"
        self._tasks: dict[asyncio.Task[Polled], str] = {}
        self._leasing = asyncio.Lock()
        self._more: asyncio.Task[None] | None = None
        self._crowded = self._draining = False
        self._journal, self._reached = journal, clock()
        self._blind = Blind(journal, self._fetch, limit) if journal is not None else None
        self.ear: Ear | None = None
        self.fault: BaseException | None = None
        """The first unexpected failure of a poll, for the daemon to stop on."""

    async def adopt(self, feeds: Sequence[Feed]) -> None:
        """Goes on with other feeds. Those whose interval or login changed are due at once, lest the old one be waited for."""
        before, self._feeds = self._feeds, {feed_id(feed.url): feed for feed in feeds}
        schedules = {name: _schedule(feed) for name, feed in before.items()}
        changed = [feed.url for name, feed in self._feeds.items() if name in schedules and schedules[name] != _schedule(feed)]
        await self.register()
        if changed:
            await self._polls.hasten(changed, self._clock())

    async def register(self) -> None:
        """Makes the rules' feeds known to the server. New ones are due at once."""
        if not self._told_missing and any(feed.full_text for feed in self._feeds.values()) and (hint := missing()):
            log.warning("full_text.missing", hint=hint)
            self._told_missing = True
        await self._polls.register((feed.url for feed in self._feeds.values()), self._clock())

    async def recall(self) -> None:
        """Makes feeds due whose answers are still in the journal, of a process that died or lost its server."""
        if self._journal is not None and (left := [self._feeds[name].url for name in self._journal.feeds() if name in self._feeds]):
            log.info("journal.recalled", feeds=len(left))
            await self._polls.hasten(left, self._clock())

    def tidy(self) -> None:
        """Drops from the journal what was committed long ago."""
        if self._journal is not None:
            self._journal.tidy()

    async def blind(self) -> None:
        """Asks feeds on while the server is away, and keeps in the journal what they answer."""
        if self._blind is not None:
            self._blind.tick(self._feeds, self._clock(), self._reached)
            self.fault = self.fault or self._blind.fault

    async def straighten(self) -> int:
        """After the clock was set: hosts are asked as ever, and feeds that were polled at a time still to come are due now; how many."""
        if self._turns is not None:
            self._turns.hosts.straighten(self._clock())
        found = await self._polls.ahead((feed.url for feed in self._feeds.values()), self._clock() + SLACK)
        if found:
            await self._polls.hasten(found, self._clock())
        return len(found)

    async def tick(self) -> None:
        """Starts polling what is due, as far as the limit allows. Where more is due than that, it goes on as polls end."""
        async with self._leasing:
            free = max(self._limit - len(self._tasks), 0)  # asked with nothing free too: it says that this poller lives
            leases = await self._polls.lease(self._clock(), LEASE, free, self._token, set(self._tasks.values()))
            self._crowded, self._reached = len(leases) >= free, self._clock()
            for lease in leases:
                if lease.feed not in self._feeds:
                    # No rule names it any more; where another daemon's rules do, that daemon registers it again within a minute.
                    await self._polls.forget(lease)
                    continue
                task = asyncio.create_task(self.poll(lease, self._feeds[lease.feed]))
                self._tasks[task] = lease.feed
                task.add_done_callback(self._ended)

    async def everything(self) -> list[Polled]:
        """Polls every feed once, now, whenever it would be due; those that another poller has in hand are left to it."""
        await self._polls.hasten((feed.url for feed in self._feeds.values()), self._clock())
        living = asyncio.create_task(self._live())
        try:
            return await self._everything()
        finally:
            living.cancel()

    async def _live(self) -> None:
        """Says now and then that this poller lives, lest others take over what it has in hand."""
        while True:
            await asyncio.sleep(ALIVE.total_seconds() / 3)
            with contextlib.suppress(*LOST):
                await self._polls.lease(self._clock(), LEASE, 0, self._token)

    async def _everything(self) -> list[Polled]:
        done: dict[str, Polled] = {}
        while True:
            leases = [
                lease for lease in await self._polls.lease(self._clock(), LEASE, self._limit, self._token) if lease.feed in self._feeds
            ]
            polls = await asyncio.gather(*(self.poll(lease, self._feeds[lease.feed]) for lease in leases))
            done |= {lease.feed: polled for lease, polled in zip(leases, polls, strict=True)}
            waiting = [polled.later.until for polled in done.values() if polled.later]
            if not leases and not (waiting and min(waiting) - self._clock() < QUEUE):
                return list(done.values())
            if not leases:
                await asyncio.sleep(max((min(waiting) - self._clock()).total_seconds(), 0.05))

    async def idle(self) -> None:
        """Waits until nothing is under way; nothing more is begun meanwhile."""
        self._draining = True
        try:
            if self._more is not None:
                await self._more
            if self._tasks:
                await asyncio.wait(self._tasks)
            if self._blind is not None:
                await self._blind.idle()
        finally:
            self._draining = False

    def _ended(self, task: asyncio.Task[Polled]) -> None:
        feed = self._tasks.pop(task, "")
        error = None if task.cancelled() else task.exception()
        if isinstance(error, REDIS) and passes(error):
            # Nothing of it is committed, and the next tick, which says what is in hand, has the feed due again.
            log.warning("poll.dropped", feed=feed, problem=str(error))
        elif error is not None:
            self.fault = self.fault or error
        elif self._crowded and not self._draining and self._more is None and len(self._tasks) <= 3 * self._limit // 4:
            self._more = asyncio.create_task(self._go_on())

    async def _go_on(self) -> None:
        """The next feeds that are due, as soon as there is room for several: many polls take less than the time between two ticks."""
        try:
            await self.tick()
        except REDIS as error:
            # The next tick finds the same, and whoever called it deals with it.
            log.debug("poll.more", problem=str(error))
        except Exception as error:  # noqa: BLE001 - kept for the daemon to stop on
            self.fault = self.fault or error
        finally:
            self._more = None

    async def poll(self, lease: Lease, feed: Feed) -> Polled:
        """Polls one leased feed and commits the outcome. What the journal has of it comes first."""
        before = FeedState.from_hash(await self._polls.state(lease))
        kept, now = self._journal.oldest(lease.feed) if self._journal is not None else None, self._clock()
        fetched = kept.fetched if kept is not None else await self._fetch(feed, request(feed, before, now))
        if isinstance(fetched, Later):
            done = await self._commit(lease, postponed(before, fetched.until, now), [])
            log.debug("poll.later", feed=feed.url, until=fetched.until.isoformat(timespec="seconds"), why=fetched.why)
            return Polled(feed, later=fetched, lost=done.lost)
        # A poll at a time that is still to come tells only that the clock was set back.
        late = kept is not None and before.last_poll is not None and kept.at < before.last_poll <= now + SLACK
        if kept is not None:
            now = kept.at
        elif self._journal is not None and isinstance(fetched, Fetched) and _changed(fetched, before):
            kept = self._journal.keep(lease.feed, fetched, now)
        try:
            return await self._take(lease, feed, before, fetched, now, kept, late=late)
        except REDIS:
            raise
        except Exception:
            # It would stop the program again at every start.
            if self._journal is not None and kept is not None:
                self._journal.set_aside(kept.path)
            raise

    async def _take(
        self,
        lease: Lease,
        feed: Feed,
        before: FeedState,
        fetched: Fetched | FetchFailed,
        now: datetime,
        kept: Kept | None,
        *,
        late: bool,
    ) -> Polled:
        """Commits what an answer of `now` says. late: the feed has been polled since, so that what is known of it is newer."""
        answer, found = await self._read(lease, feed, before, fetched, now)
        found, problem = await self._full(lease, feed, found)
        decided = outcome(feed, before, answer, now, live=self.ear is not None and self.ear.live(feed, now))
        if now > self._clock() + SLACK:  # the clock has been set back since
            decided = replace(decided, due=self._clock())
        if problem is not None:
            decided = replace(decided, state=paged(feed, decided.state, problem))
        present = ({one.article.id for one in found}.union(from_text(answer.pieces).values()), now) if isinstance(answer, Read) else None
        if late:
            # It adds what the others did not see, and changes nothing.
            seen = await self._polls.contents(lease, [one.article.id for one in found])
            found, present = [one for one in found if one.article.id not in seen], None
            decided = Outcome(before, self._clock())
        # While more of it waits, the feed itself is asked beside that: it may hold its entries for less time than that takes.
        more = kept is not None and self._journal is not None and self._journal.holds(lease.feed, besides=kept)
        if more:
            decided = replace(decided, due=min(decided.due, self._clock()))
            self._crowded = True
        # Oldest first, so that the stream is in the order in which things happened as far as one feed can tell.
        rows = sorted(found, key=lambda one: one.article.order)
        done = await self._commit(lease, decided, rows, first=before.polled == 0, present=present)
        if done.lost:
            log.warning("poll.lost", feed=feed.url, hint="another daemon polls it now")
            return Polled(feed, lost=True)
        if self._blind is not None:
            self._blind.learn(lease.feed, decided.state, decided.due, more=more)
        if self._journal is not None and kept is not None:
            self._journal.done(kept)
        if self.ear is not None:
            self.ear.heard(feed, decided.state)
        return told(feed, before, answer, decided, done)

    async def _fetch(self, feed: Feed, asked: Request) -> Fetched | FetchFailed | Later:
        secrets = headers_for(feed, os.environ)
        if isinstance(secrets, FetchFailed):
            return secrets
        # A feed that has moved to another host has not brought its login along.
        own = secrets if secrets and same_place(feed.url, asked.url) else {}
        return await fetch(
            self._session,
            asked.url,
            etag=asked.etag,
            last_modified=asked.last_modified,
            secrets=own,
            within=self._within,
            turns=self._turns,
        )

    async def _full(self, lease: Lease, feed: Feed, found: Sequence[Found]) -> tuple[Sequence[Found], str | None]:
        """The articles with the texts of their pages, if the rule asks for them; the second as of `Pages.filled`."""
        if not feed.full_text or not found or missing():
            return found, None
        return await self._pages.filled(found, await self._polls.contents(lease, [one.article.id for one in found]))

    async def _read(
        self, lease: Lease, feed: Feed, before: FeedState, fetched: Fetched | FetchFailed, now: datetime
    ) -> tuple[Unchanged | Read | FetchFailed | ParseFailed, Sequence[Found]]:
        """What the answer amounts to, and the articles in it."""
        if isinstance(fetched, FetchFailed):
            return fetched, []
        if not _changed(fetched, before):
            return Unchanged(fetched), []
        parsed, found, still = await self._parsed(lease, feed, fetched, now, from_text(before.pieces))
        if not {one.article.id for one in found}.isdisjoint(still.values()):
            # A new entry has what another is known by, whose entry is in the feed still: who is who shows only when both are read.
            parsed, found, still = await self._parsed(lease, feed, fetched, now, {})
        if isinstance(parsed, ParseFailed):
            return parsed, []
        if parsed.ill_formed:
            log.info("feed.ill_formed", feed=feed.url, problem=parsed.ill_formed, entries=len(parsed.entries))
        # An entry that says the same as another has no marks, and says nothing of what is new.
        judged = [one for one in found if one.marks]
        new = sum(one.new for one in judged)
        pieces = {**dict.fromkeys(parsed.pieces, ""), **still} | {piece: one.article.id for one in found for piece in one.pieces}
        seen = {article for article in still.values() if article}
        return Read(fetched, hash_of(fetched.body), len(judged) + len(seen), new, parsed.hints, to_text(pieces)), found

    async def _parsed(
        self, lease: Lease, feed: Feed, fetched: Fetched, now: datetime, seen: Mapping[str, str]
    ) -> tuple[ParsedFeed | ParseFailed, Sequence[Found], Mapping[str, str]]:
        """The feed; the articles of its entries save those `seen`; and which of those it still has, each with its article or ""."""
        parsed = await self._parser.parse(fetched.body, fetched.content_type, fetched.url, seen)
        if isinstance(parsed, ParseFailed):
            return parsed, [], {}
        known = await self._polls.known(lease, marks_of(parsed))
        found = articles(parsed, feed_url=feed.url, outlet=feed.outlet, lang=feed.lang, now=now, known=known)
        return parsed, found, {piece: seen[piece] for piece in parsed.pieces if piece in seen}

    async def _commit(
        self,
        lease: Lease,
        decided: Outcome,
        rows: Sequence[Found],
        *,
        first: bool = False,
        present: tuple[Collection[str], datetime] | None = None,
    ) -> Committed:
        """Commits. Where the server is away, a journal keeps what was fetched; without one, this waits for it. Repeating is safe: the
        first success ends the lease."""
        until = now_utc() + LEASE
        state = decided.state.to_hash()
        entries = [(one.article, one.content, one.marks) for one in rows]
        while True:
            try:
                return await self._polls.commit(
                    lease, state=state, articles=entries, next_due=decided.due, first=first, events=decided.events, present=present
                )
            except REDIS as error:
                if self._journal is not None or now_utc() > until or not passes(error):
                    raise
                log.warning("poll.waits", feed=lease.feed, problem=str(error), articles=len(rows))
                await asyncio.sleep(0.5)


def _changed(fetched: Fetched, before: FeedState) -> bool:
    """Whether it is another body than the last one."""
    return fetched.status != 304 and hash_of(fetched.body) != before.body_hash


def _schedule(feed: Feed) -> tuple[object, ...]:
    return feed.every, feed.cron, feed.fastest, feed.slowest, feed.auth, tuple(feed.headers.items())
