"""Polling without the server: while it is away, feeds are asked on as often as before, and what they answer waits in the journal; and
so on after that, until a feed's answers there have been read.

Otherwise what stands in a feed for minutes only would come and go unseen. This process does so for the feeds that it has polled
itself: it knows when they are due and what they said last.
"""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

import structlog

from monitor.feeds import pace
from monitor.feeds.fetch import Fetched, FetchFailed, Later
from monitor.feeds.outcome import Request, request
from monitor.feeds.schedule import after_success, next_due
from monitor.feeds.state import FeedState
from monitor.journal import Journal
from monitor.rules.schema import Feed

log = structlog.get_logger()

AWAY = timedelta(seconds=5)
"""How long the server has not been reached when this begins: less is a restart."""


def hash_of(body: bytes) -> str:
    """By which a body is known again."""
    return hashlib.sha256(body).hexdigest()[:20]


@dataclass(slots=True)
class _Known:
    """What this process knows of a feed: its state, without its entries, and when it is due."""

    state: FeedState
    due: datetime


class Blind:
    """Asks feeds while the server is away."""

    def __init__(self, journal: Journal, ask: Callable[[Feed, Request], Awaitable[Fetched | FetchFailed | Later]], limit: int) -> None:
        """ask: fetches a feed. limit: feeds asked at the same time."""
        self._journal, self._ask, self._limit = journal, ask, limit
        self._known: dict[str, _Known] = {}
        self._behind: set[str] = set()
        """Feeds with answers in the journal, as far as known here."""
        self._tasks: dict[asyncio.Task[None], str] = {}
        self.fault: BaseException | None = None
        """The first unexpected failure."""

    def learn(self, feed: str, state: FeedState, due: datetime, *, more: bool) -> None:
        """Remembers a poll of this process. more: later answers of the feed are in the journal."""
        if not more or feed not in self._known:
            self._known[feed] = _Known(state.model_copy(update={"pieces": ""}), due)
        if more:
            self._behind.add(feed)
        else:
            self._behind.discard(feed)

    def tick(self, feeds: Mapping[str, Feed], now: datetime, reached: datetime) -> None:
        """Begins asking what is due. feeds: by id. reached: when the server last was."""
        away = now - reached >= AWAY
        if not away and not self._behind:
            return
        busy = set(self._tasks.values())
        names = (self._known.keys() if away else self._behind) & feeds.keys() - busy
        due = sorted((self._known[name].due, name) for name in names if self._known[name].due <= now)
        for _, name in due[: self._limit - len(busy)]:
            task = asyncio.create_task(self._poll(name, feeds[name], now))
            self._tasks[task] = name
            task.add_done_callback(self._ended)

    async def idle(self) -> None:
        """Waits until nothing is under way."""
        if self._tasks:
            await asyncio.wait(self._tasks)

    def _ended(self, task: asyncio.Task[None]) -> None:
        self._tasks.pop(task, None)
        if not task.cancelled() and (error := task.exception()) is not None:
            self.fault = self.fault or error

    async def _poll(self, name: str, feed: Feed, now: datetime) -> None:
        known = self._known[name]
        known.due = next_due(feed, now) if feed.cron else after_success(feed, now, known.state.interval or pace.bounds(feed)[0])
        answer = await self._ask(feed, request(feed, known.state, now))
        if isinstance(answer, Later):
            known.due = answer.until
        elif isinstance(answer, Fetched) and answer.status != 304 and (body := hash_of(answer.body)) != known.state.body_hash:
            if self._journal.keep(name, answer, now) is None:
                return
            # They vouch for articles that are on the disk.
            now_known = {"etag": answer.etag, "last_modified": answer.last_modified, "body_hash": body, "last_body": now}
            known.state = known.state.model_copy(update=now_known)
            self._behind.add(name)
            log.info("poll.kept", feed=feed.url, outlet=feed.outlet, hint="it waits in the journal: the server is away, or was")
