"""Where a time stands on an axis, and which times are written on it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from monitor.engine.timeline import Timeline

_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_HOURS = (1, 2, 3, 6, 12)
_DAYS = (1, 2, 7, 14)
_MONTH_STEPS = (1, 2, 3, 6, 12, 24, 60, 120, 600, 6000, 12000)
_LEAST = timedelta(hours=6)
"""A history that is shorter is drawn as if it were so long."""
_LAST, _FIRST = datetime.max.replace(tzinfo=UTC), datetime.min.replace(tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Scale:
    """A stretch of time laid over `size` units of room."""

    start: datetime
    end: datetime
    size: float

    def at(self, time: datetime) -> float:
        """Where a time stands, kept within the room."""
        share = (time - self.start) / (self.end - self.start)
        return min(max(share, 0.0), 1.0) * self.size

    def ticks(self, room: float) -> list[tuple[datetime, str]]:
        """Round times with their labels, each at least `room` units from the next."""
        most = max(int(self.size / room), 1)
        for labelled in _steps():
            found = list(labelled.between(self.start, self.end, most + 1))
            if len(found) <= most:
                return found
        return []


def span(timeline: Timeline, now: datetime, since: datetime | None = None, until: datetime | None = None) -> tuple[datetime, datetime]:
    """From when to when a timeline is drawn: as asked for, or from the first evidence to now.

    Where the last evidence is long past, the chart ends some time after it: positions hold on, but there is nothing to see.
    """
    times = [mark.evidence.time for mark in timeline.marks] or [now]
    begin = since or min(times)
    # `now` counts nothing where evidence is dated ahead of it.
    last = max(*times, begin)
    shown = max(last - begin, _LEAST)
    end = until or (now if last <= now <= last + shown / 3 else _plus(last, shown / 20))
    if since is None:
        begin = _plus(begin, -shown / 50)
    return begin, max(end, _plus(begin, timedelta(minutes=1)))


def _plus(time: datetime, much: timedelta) -> datetime:
    try:
        return time + much
    except OverflowError:
        return _LAST if much > timedelta() else _FIRST


@dataclass(frozen=True, slots=True)
class _Step:
    """A distance between ticks: so many hours, or days, or months."""

    hours: int = 0
    days: int = 0
    months: int = 0

    def between(self, start: datetime, end: datetime, most: int) -> Iterator[tuple[datetime, str]]:
        """The round times in a stretch, `most` at most. The first label, and each where a year or a day begins, says more."""
        said = 0
        before: datetime | None = None
        for time in self._times(start):
            if time > end or said >= most:
                return
            if time >= start:
                yield time, self._label(time, before)
                before, said = time, said + 1

    def _times(self, start: datetime) -> Iterator[datetime]:
        try:
            if self.months:
                number = start.year * 12 + start.month - 1
                number -= number % self.months
                while True:
                    yield datetime(number // 12, number % 12 + 1, 1, tzinfo=UTC)
                    number += self.months
            day = start.replace(hour=0, minute=0, second=0, microsecond=0)
            step = timedelta(days=self.days) if self.days else timedelta(hours=self.hours)
            while True:
                yield day
                # Weeks do not fit into months: they are counted from the first day on the chart.
                day += step
        except (ValueError, OverflowError):  # years end at 9999
            return

    def _label(self, time: datetime, before: datetime | None) -> str:
        year = "" if before is not None and before.year == time.year else f" {time.year}"
        if self.months >= 12:
            return str(time.year)
        if self.months:
            return f"{_MONTHS[time.month - 1]}{year}"
        day = f"{time.day} {_MONTHS[time.month - 1]}{year}"
        if self.days:
            return day
        if time.hour == 0:
            return day
        return f"{time.day} {_MONTHS[time.month - 1]} {time:%H:%M}" if before is None else f"{time:%H:%M}"


def _steps() -> Iterator[_Step]:
    for hours in _HOURS:
        yield _Step(hours=hours)
    for days in _DAYS:
        yield _Step(days=days)
    for months in _MONTH_STEPS:
        yield _Step(months=months)
