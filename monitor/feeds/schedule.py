"""When a feed is next due. Pure: APScheduler's triggers compute, no scheduler runs here."""

from __future__ import annotations

import hashlib
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from typing import NamedTuple

from apscheduler.triggers.cron import CronTrigger
from apscheduler.triggers.interval import IntervalTrigger

from monitor.rules.schema import Feed

EVERY = timedelta(minutes=15)
"""The interval of a feed that says neither `every` nor `cron`."""
LONGEST = timedelta(days=1)
"""A feed that fails is tried at least once within this time, unless it is due more rarely anyway."""
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_SECOND = timedelta(seconds=1)
_YEAR = timedelta(days=366)


def next_due(feed: Feed, now: datetime) -> datetime:
    """The first regular time after `now`, in UTC. Depends on nothing else, so that all pollers agree.

    Feeds with the same interval are spread over it by their URL. Raises ValueError when `cron` is not valid.
    """
    # Regular times are whole seconds, so this is the first instant that counts as after `now`.
    start = now.astimezone(UTC).replace(microsecond=0) + _SECOND
    triggers = _cron(feed.cron) if feed.cron else (_interval(feed.url, feed.every or EVERY),)
    times = [time for trigger in triggers if (time := trigger.get_next_fire_time(None, start)) is not None]
    if not times:
        raise ValueError(f"no such day ever comes: {feed.cron}")
    due: datetime = min(times)
    return due


def after_failure(feed: Feed, failures: int, now: datetime, retry_after: timedelta | None = None) -> datetime:
    """When to try again after `failures` failed polls in a row (1 for the first), and what the server asked for, if it did.

    One of the feed's regular times: after one failure the next, then two intervals on, four, eight, up to a day. `retry_after` is
    honoured up to a day. Never before the next regular time.
    """
    regular = next_due(feed, now)
    gap = next_due(feed, regular) - regular if feed.cron else min(feed.every or EVERY, _YEAR)
    skipped = (2 ** min(max(failures - 1, 0), 20) - 1) * gap if gap < LONGEST else timedelta()
    wait = max(min(skipped, LONGEST - gap), timedelta())
    if retry_after is not None:
        wait = max(wait, min(retry_after, LONGEST))
    return next_due(feed, now + wait)


def check_cron(text: str) -> None:
    """Raises ValueError, with what is wrong and what would be right, unless `text` is five fields of cron."""
    _cron(text)


@lru_cache(maxsize=100_000)
def _interval(url: str, every: timedelta) -> IntervalTrigger:
    seconds = int(min(every, _YEAR).total_seconds())
    offset = int.from_bytes(hashlib.sha256(url.encode("utf-8", "surrogatepass")).digest()[:8]) % seconds
    return IntervalTrigger(seconds=seconds, start_date=_EPOCH + offset * _SECOND, timezone=UTC)


class _Field(NamedTuple):
    name: str
    low: int
    high: int
    names: tuple[str, ...] = ()
    """Names of the values from `low` on."""


_FIELDS = (
    _Field("minute", 0, 59),
    _Field("hour", 0, 23),
    _Field("day of the month", 1, 31),
    _Field("month", 1, 12, ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")),
    _Field("day of the week", 0, 7, ("sun", "mon", "tue", "wed", "thu", "fri", "sat")),
)
_LONGEST_MONTHS = (31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)


@lru_cache(maxsize=1000)
def _cron(text: str) -> tuple[CronTrigger, ...]:
    """Triggers of which any makes the feed due.

    The values are spelt out, for APScheduler counts weekdays from Monday = 0. Two triggers when both days are limited: then cron
    means either, where APScheduler means both.
    """
    parts = text.split()
    if len(parts) != len(_FIELDS):
        raise ValueError(
            f"cron has five fields (minute, hour, day, month, weekday), like '*/10 6-22 * * mon-fri'; this has {len(parts)}"
        )
    minute, hour, day, month, weekday = (_values(part, field) for part, field in zip(parts, _FIELDS, strict=True))
    either = not parts[2].startswith("*") and not parts[4].startswith("*")
    if parts[4] == "*" and min(day) > max(_LONGEST_MONTHS[number - 1] for number in month):
        raise ValueError(f"no such day ever comes: day {parts[2]} in month {parts[3]}")
    mondays_first = {(number - 1) % 7 for number in weekday}
    every_day, every_weekday = set(range(1, 32)), set(range(7))
    pairs = [(day, every_weekday), (every_day, mondays_first)] if either else [(day, mondays_first)]
    return tuple(
        CronTrigger(
            minute=_list(minute), hour=_list(hour), day=_list(days), month=_list(month), day_of_week=_list(weekdays), timezone=UTC
        )
        for days, weekdays in pairs
    )


def _list(values: set[int]) -> str:
    return ",".join(map(str, sorted(values)))


def _values(part: str, field: _Field) -> set[int]:
    found: set[int] = set()
    for item in part.split(","):
        span, slash, step = item.partition("/")
        if not span or (slash and not _whole(step)):
            raise ValueError(f"{field.name}: {item!r} is not a value, a range like 1-5 or a step like */10")
        if slash and not 1 <= int(step) <= field.high:
            raise ValueError(f"{field.name}: the step in {item!r} must be from 1 to {field.high}")
        low, high = _span(span, field)
        if slash and "-" not in span and span != "*":
            raise ValueError(f"{field.name}: a step needs a range, like {low}-{field.high}/{step}")
        found.update(range(low, high + 1, int(step) if slash else 1))
    return found


def _span(span: str, field: _Field) -> tuple[int, int]:
    weekdays = field.high == 7
    if span == "*":
        # 7 is Sunday once more, and no value of `*`: a step must not reach it.
        return field.low, 6 if weekdays else field.high
    first, dash, last = span.partition("-")
    low = _value(first, field)
    high = _value(last, field) if dash else low
    if weekdays and high == 0 < low:
        high = 7  # fri-sun: a range may end on Sunday
    if high < low:
        raise ValueError(f"{field.name}: the range {span!r} runs backwards")
    return low, high


def _value(word: str, field: _Field) -> int:
    if word.lower() in field.names:
        return field.names.index(word.lower()) + field.low
    if not _whole(word) or not field.low <= int(word) <= field.high:
        names = f" or {field.names[0]}-{field.names[-1]}" if field.names else ""
        raise ValueError(f"{field.name}: {word!r} is not from {field.low} to {field.high}{names}")
    return int(word)


def _whole(word: str) -> bool:
    return len(word) <= 4 and word.isascii() and word.isdigit()
