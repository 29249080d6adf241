"""When a feed is next due. Pure: APScheduler's triggers compute, no scheduler runs here.

A feed's regular times lie an interval apart, beginning at a moment that its URL decides: so feeds with one interval are spread over it,
whenever they were polled last, and those that failed together are not tried again together.
"""

from __future__ import annotations

import hashlib
from datetime import UTC, datetime, timedelta
from functools import lru_cache

from apscheduler.triggers.cron import CronTrigger
from apscheduler.triggers.interval import IntervalTrigger

from monitor.rules.cron import parse_cron
from monitor.rules.schema import EVERY, Feed

LONGEST = timedelta(days=1)
"""A feed that fails is tried at least once within this time, unless it is due more rarely anyway."""
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_SECOND = timedelta(seconds=1)
_YEAR = timedelta(days=366)


def next_due(feed: Feed, now: datetime, interval: timedelta | None = None) -> datetime:
    """The first regular time after `now`, in UTC. Depends on nothing else, so that all pollers agree.

    interval: between two regular times (None: the one that the rules wish for); a feed with `cron` keeps that. Raises ValueError when
    `cron` is not valid.
    """
    # Regular times are whole seconds, so this is the first instant that counts as after `now`.
    start = now.astimezone(UTC).replace(microsecond=0) + _SECOND
    triggers = _cron(feed.cron) if feed.cron else (_interval(feed.url, interval or feed.every or EVERY),)
    times = [time for trigger in triggers if (time := trigger.get_next_fire_time(None, start)) is not None]
    if not times:
        raise ValueError(f"no such day ever comes: {feed.cron}")
    due: datetime = min(times)
    return due


def after_success(feed: Feed, now: datetime, interval: timedelta) -> datetime:
    """When to poll again after a poll at `now`: the regular time that is nearest to an interval away, and the next one by `cron`.

    So a feed whose interval stays is polled at each of its times, and one whose interval has changed neither at once nor after two.
    """
    # A second less: a tick starts what is due up to a second late.
    return next_due(feed, now if feed.cron else now + max(interval / 2 - _SECOND, timedelta()), interval)


def after_failure(
    feed: Feed, failures: int, now: datetime, retry_after: timedelta | None = None, *, no_later: datetime | None = None
) -> datetime:
    """When to try again after `failures` failed polls in a row (1 for the first), and what the server asked for, if it did.

    One of the feed's regular times: after one failure the next, then two intervals on, four, eight, up to a day; and the first after
    `no_later` at the latest. `retry_after` is honoured up to a day, before all else. Never before the next regular time.
    """
    regular = next_due(feed, now)
    gap = next_due(feed, regular) - regular if feed.cron else min(feed.every or EVERY, _YEAR)
    skipped = (2 ** min(max(failures - 1, 0), 20) - 1) * gap if gap < LONGEST else timedelta()
    wait = max(min(skipped, LONGEST - gap), timedelta())
    if no_later is not None:
        wait = max(min(wait, no_later - now), timedelta())
    if retry_after is not None:
        wait = max(wait, min(retry_after, LONGEST))
    return next_due(feed, now + wait)


@lru_cache(maxsize=100_000)
def _interval(url: str, every: timedelta) -> IntervalTrigger:
    seconds = int(min(every, _YEAR).total_seconds())
    offset = int.from_bytes(hashlib.sha256(url.encode("utf-8", "surrogatepass")).digest()[:8]) % seconds
    return IntervalTrigger(seconds=seconds, start_date=_EPOCH + offset * _SECOND, timezone=UTC)


@lru_cache(maxsize=1000)
def _cron(text: str) -> tuple[CronTrigger, ...]:
    """Triggers of which any makes the feed due.

    The values are spelt out, for APScheduler counts weekdays from Monday = 0. Two triggers when both days are limited: then cron
    means either, where APScheduler means both.
    """
    minute, hour, day, month, weekday = parse_cron(text)
    limits = text.split()
    either = not limits[2].startswith("*") and not limits[4].startswith("*")
    mondays_first = {(number - 1) % 7 for number in weekday}
    every_day, every_weekday = set(range(1, 32)), set(range(7))
    pairs = [(day, every_weekday), (every_day, mondays_first)] if either else [(day, mondays_first)]
    return tuple(
        CronTrigger(minute=_list(minute), hour=_list(hour), day=_list(days), month=_list(month), day_of_week=_list(weekdays), timezone=UTC)
        for days, weekdays in pairs
    )


def _list(values: set[int]) -> str:
    return ",".join(map(str, sorted(values)))
