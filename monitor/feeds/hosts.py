"""How often one host is asked: what every feed of it shares. `Hosts` decides, purely; `Turns` waits.

ask ──► Turn(at)    soon enough to wait for
    └─► Later(until)  too long to hold a poll's lease: come back then
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from monitor.feeds.answers import FetchFailed

CONNECTIONS = 2
"""Requests to one host at the same time."""
GAP = timedelta(seconds=0.5)
"""Between the starts of two requests to one host. 1,800 feeds of one host still get their turn within their 15 minutes."""
PATIENCE = timedelta(seconds=3)
"""How long a request waits for its turn: longer waiting would keep others from being polled, and wear the lease."""
LONGEST = timedelta(days=1)
"""A host that asks for quiet is asked again within this time, whatever it says."""
QUIET = timedelta(minutes=1)
"""How long a host is left alone that says "too many requests" and not for how long; doubled while it goes on saying so."""
_LONGEST_QUIET = timedelta(hours=1)
_SLOWEST = timedelta(seconds=10)
_LEAST, _MOST = timedelta(seconds=1), timedelta(minutes=2)  # of what refusals teach, before it is doubled and after
_FORGETS = 0.95  # each answer makes the lesson so much shorter: half of it is forgotten after fourteen
_MANY = 10_000  # hosts that are kept in mind before those that are idle are forgotten


@dataclass(frozen=True, slots=True)
class Later:
    """Nothing was asked, for it is not the host's turn yet: come back at `until`. why: a clause for a person."""

    until: datetime
    why: str


@dataclass(slots=True)
class _Host:
    next_turn: datetime
    """When the next request may start."""
    tail: datetime
    """When the last of those that were sent away is expected back."""
    pace: timedelta
    """Between two starts: the gap, or as long as the host takes to answer."""
    quiet_until: datetime
    refusals: int = 0
    """How often in a row it said "too many requests"."""
    learnt: timedelta = timedelta()
    """Between two starts, as far as its refusals have taught: doubled at each, and a little less at each answer."""

    @property
    def step(self) -> timedelta:
        """Between two starts, all told."""
        return max(self.pace, self.learnt)


class Hosts:
    """Which host may be asked when. It knows of this process's requests only."""

    def __init__(self, gap: timedelta = GAP) -> None:
        """gap: between the starts of two requests to one host; none: only the number of connections is kept, and what a host asks for."""
        self._gap = gap
        self._hosts: dict[str, _Host] = {}

    def ask(self, host: str, now: datetime) -> datetime | Later:
        """When a request to this host may start, which is then taken as started; or that it would take too long to wait for it."""
        known = self._known(host, now)
        start = max(known.next_turn, known.quiet_until, now)
        if start - now > PATIENCE:
            return self.later(host, now)
        known.next_turn = start + known.step
        return start

    def later(self, host: str, now: datetime) -> Later:
        """When to come back. Those who do so at the time they were told are spread, so that each meets a free host."""
        known = self._known(host, now)
        until = max(known.next_turn, known.quiet_until, known.tail, now + known.step)
        known.tail = until + known.step
        asked = known.quiet_until > now
        why = f"{host} asks to be left alone until then" if asked else f"{host} has been asked as often as is polite"
        return Later(min(until, now + LONGEST), why)

    def answered(self, host: str, now: datetime, took: timedelta) -> None:
        """A request is over, well or not, after so long. A host that answers slowly is asked at its own pace."""
        known = self._known(host, now)
        if self._gap:
            known.pace = max(self._gap, min((known.pace + took) / 2, _SLOWEST))

    def heard(self, host: str, now: datetime, *, refused: bool, wait: timedelta | None) -> None:
        """What the host said. refused: it asks everybody to stay away; wait: for so long, None when it did not say."""
        known = self._known(host, now)
        if not refused:
            known.refusals = 0
            known.learnt = known.learnt * _FORGETS if known.learnt > known.pace else timedelta()
            return
        wait = wait or min(QUIET * 2 ** min(known.refusals, 10), _LONGEST_QUIET)
        known.refusals += 1
        known.learnt = min(2 * max(known.step, _LEAST), _MOST)
        known.quiet_until = max(known.quiet_until, now + min(wait, LONGEST))

    def straighten(self, now: datetime) -> None:
        """The clock has been set: nobody waits for longer than ever. (Some of the times that are kept may be by the new clock already.)"""
        for known in self._hosts.values():
            known.next_turn = min(known.next_turn, now + known.step)
            known.tail = min(known.tail, now + known.step)
            known.quiet_until = min(known.quiet_until, now + (_LONGEST_QUIET if known.refusals else timedelta()))

    def _known(self, host: str, now: datetime) -> _Host:
        known = self._hosts.get(host)
        if known is None:
            if len(self._hosts) >= _MANY:
                idle = now - timedelta(hours=1)
                self._hosts = {name: of for name, of in self._hosts.items() if max(of.next_turn, of.tail, of.quiet_until) > idle}
            known = self._hosts[host] = _Host(now, now, self._gap, now)
        return known


def now_utc() -> datetime:
    """The time, aware."""
    return datetime.now(UTC)


class Turns:
    """Waits for a host's turn and keeps the number of connections."""

    def __init__(self, hosts: Hosts | None = None, clock: Callable[[], datetime] = now_utc, speed: float = 1.0) -> None:
        """clock: the time, aware. speed: how much faster than elsewhere it goes."""
        self.hosts = hosts or Hosts()
        self._now, self._speed = clock, speed
        self._free: dict[str, asyncio.Semaphore] = {}
        self._users: dict[str, int] = {}

    def heard(self, host: str, failed: FetchFailed | None) -> None:
        """What a host answered; None: what was asked for, or a redirect."""
        refused = failed is not None and failed.whole_host
        self.hosts.heard(host, self._now(), refused=refused, wait=failed.retry_after if failed else None)

    @asynccontextmanager
    async def turn(self, host: str) -> AsyncIterator[Later | None]:
        """None: a request to `host` may be made within. Otherwise none may."""
        begun = self._now()
        start = self.hosts.ask(host, begun)
        if isinstance(start, Later):
            yield start
            return
        await asyncio.sleep((start - begun).total_seconds() / self._speed)
        free = self._free.setdefault(host, asyncio.Semaphore(CONNECTIONS))
        self._users[host] = self._users.get(host, 0) + 1
        try:
            if not await _within(PATIENCE / self._speed, free):
                yield self.hosts.later(host, self._now())
                return
            asked = self._now()
            try:
                yield None
            finally:
                free.release()
                now = self._now()
                self.hosts.answered(host, now, now - asked)
        finally:
            self._users[host] -= 1
            if not self._users[host]:
                del self._users[host], self._free[host]


async def _within(patience: timedelta, free: asyncio.Semaphore) -> bool:
    try:
        async with asyncio.timeout(patience.total_seconds()):
            return await free.acquire()
    except TimeoutError:
        return False
