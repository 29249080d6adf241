"""How often a feed is polled: the rules' wish, what its last polls brought, and what it says of itself. Pure.

    usual time between two entries ─► half of it ─► a rung of the ladder ─► not below the feed's own hint ─► within the bounds
    (last eight polls)                               (doublings of `every`)

Twice between two entries is often enough to be current and seldom enough to be polite. A feed gets faster at once and slower step by
step: news comes in bursts, and a quiet quarter of an hour says little.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from monitor.feeds.state import FeedState, Poll
from monitor.rules.schema import EVERY, Feed

POLLS = 8
"""Polls that are remembered, and one before them."""
_SECOND = timedelta(seconds=1)
_MINUTE = timedelta(minutes=1)
_DAY = timedelta(days=1)
_LOST = 2.5
"""How many intervals may pass between two polls; after more, what the latter brought says nothing of how busy the feed is."""
_STEADY = 0.8
"""How much shorter than the current interval the wanted one must be: a feed on the border of two rungs is not to go to and fro."""


def bounds(feed: Feed) -> tuple[timedelta, timedelta]:
    """The shortest and the longest interval of a feed that is polled by `every`, as the rules or their defaults have it.

    A feed that is polled more than once a minute keeps to that unless the rules give bounds: somebody watches it.
    """
    every = feed.every or EVERY
    fastest = feed.fastest or min(every, max(_whole(every / 2), _MINUTE))
    return fastest, feed.slowest or (max(every, min(4 * every, _DAY)) if every >= _MINUTE else every)


def after_poll(before: FeedState, now: datetime, new: int) -> tuple[Poll, ...]:
    """The last polls with the one at `now`, which brought `new` entries.

    Begins anew at a first poll, and where the feed was not read for long, for failures or because no daemon ran.
    """
    poll = Poll(now.replace(microsecond=0), new)
    return (*before.recent, poll)[-POLLS - 1 :] if continues(before, now) else (poll,)


def continues(before: FeedState, now: datetime) -> bool:
    """Whether a poll at `now` comes about when it was meant to after the last successful one."""
    return bool(before.recent) and before.interval is not None and now - before.recent[-1].at <= _LOST * before.interval


def interval(
    feed: Feed, recent: Sequence[Poll], current: timedelta | None, *, hint: timedelta | None = None, gap: bool = False
) -> timedelta:
    """How often to poll a feed from now on.

    recent: its last polls with the present one. current: the interval until now; None at a first poll. hint: how often the feed says
    that it is worth a look. gap: the present poll shares no entry with those before: that makes it faster, whatever else is said.
    """
    fastest, slowest = bounds(feed)
    every = feed.every or EVERY
    ladder = _ladder(fastest, every, slowest)
    current = min(max(current or every, fastest), slowest)
    usual = _usual(recent)
    chosen = current if usual is None else _towards(usual / 2, current, ladder, eager=sum(poll.new for poll in recent[1:]) > 1)
    if gap:
        return min(chosen, max((rung for rung in ladder if rung < current), default=fastest))
    if hint is not None:
        # A feed that brings entries oftener than it says is not slowed down below what was wished for.
        believed = hint if usual is None else min(hint, max(usual, every))
        chosen = max(chosen, next((rung for rung in ladder if rung >= believed), slowest))
    return chosen


def _usual(recent: Sequence[Poll]) -> timedelta | None:
    """The usual time between two entries, at least all the time watched where there was none. None where nothing was watched yet."""
    if len(recent) < 2:
        return None
    watched, arrivals = recent[-1].at - recent[0].at, sum(poll.new for poll in recent[1:])
    usual = watched / max(arrivals, 1)
    last = recent[-1]
    # One entry may come at any time; several at once are the beginning of more.
    return min(usual, (last.at - recent[-2].at) / last.new) if last.new > 1 else usual


def _towards(wanted: timedelta, current: timedelta, ladder: Sequence[timedelta], *, eager: bool) -> timedelta:
    """The rung to poll by: at once one that is as fast as wanted, if eager; else up to one slower than the current one."""
    if wanted < _STEADY * current:
        return max((rung for rung in ladder if rung <= wanted), default=ladder[0]) if eager else current
    slower = next((rung for rung in ladder if rung > current), current)
    return slower if wanted >= slower else current


def _ladder(fastest: timedelta, every: timedelta, slowest: timedelta) -> list[timedelta]:
    """Intervals to choose from, in whole seconds, shortest first: the wish, its halves and doubles, and both bounds.

    Few of them, so that a feed seldom changes its regular times.
    """
    rungs = {fastest, every, slowest}
    for factor in (0.5, 2.0):
        rung = every * factor
        while fastest < rung < slowest:
            rungs.add(_whole(rung))
            rung *= factor
    return sorted(rungs)


def _whole(length: timedelta) -> timedelta:
    return max(timedelta(seconds=int(length.total_seconds())), _SECOND)
