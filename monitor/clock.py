"""A clock that is set while the program runs: that it was, and a schedule that takes it well."""

from __future__ import annotations

import time
from datetime import datetime, timedelta

from apscheduler.triggers.interval import IntervalTrigger

SLACK = timedelta(minutes=1)
"""How far two clocks may be apart before the difference is told of."""


class Watch:
    """Notices that the clock of this machine is set."""

    def __init__(self) -> None:
        self._apart = _apart()

    def moved(self) -> timedelta | None:
        """How far it has been set since this was last asked; None: not by more than `SLACK`. A machine that slept counts, too."""
        now = _apart()
        by = timedelta(seconds=now - self._apart)
        if abs(by) <= SLACK:
            return None
        self._apart = now
        return by


def _apart() -> float:
    return time.time() - time.monotonic()


class Every(IntervalTrigger):  # type: ignore[misc] # APScheduler has no types
    """Every so many seconds. What was missed is not counted up one by one: after a clock set ahead by a month that takes minutes."""

    def get_next_fire_time(self, previous_fire_time: datetime | None, now: datetime) -> datetime | None:
        """When next, aware; what the scheduler asks."""
        due: datetime | None = super().get_next_fire_time(previous_fire_time, now)
        return due if previous_fire_time is None or due is None or due > now else now + self.interval
