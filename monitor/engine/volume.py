"""How often a condition is met: how many articles within a time, and whether that is more than usual. In event time."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

from monitor.rules.schema import Story, Trigger

USUAL = 28
"""Stretches before the present one that say what is usual, at most: four weeks of days."""
KNOWN = 4
"""Stretches that must be known for anything to be called usual."""
FEWEST = 3
"""Articles that are never too few to be unusual: twice nothing is nothing, and one article is no wave."""
_MOST = 5_000
"""Times that are remembered for a condition."""

Met = Mapping[str, Sequence[datetime]]
"""Condition -> when it was met, in order of event time."""


def horizons(story: Story) -> dict[str, timedelta]:
    """Conditions whose matches some alert counts -> how far back they have to be known."""
    found: dict[str, timedelta] = {}
    for when in (rule.when for rule in story.alerts):
        for name in when.match if when.within else ():
            back = (when.within or timedelta()) * (USUAL + 1 if when.above_usual else 2)
            found[name] = max(found.get(name, timedelta()), back)
    return found


def remembered(met: Met, name: str, time: datetime, back: timedelta) -> dict[str, tuple[datetime, ...]]:
    """The times with one more; those that nothing looks back to any longer are dropped."""
    times = sorted([*met.get(name, ()), time])
    kept = times[bisect_left(times, times[-1] - back) :][-_MOST:]
    return {**{key: tuple(value) for key, value in met.items()}, name: tuple(kept)}


def count(when: Trigger, time: datetime, times: Sequence[datetime]) -> int | None:
    """How many articles met a condition within the trigger's time of one another, that of `time` among them; None: not often enough.

    Of the stretches that hold it the fullest counts, so that the order of arrival plays no part.
    """
    within = when.within
    if within is None:
        return 1
    best: int | None = None
    for end in times[bisect_left(times, time) : bisect_left(times, time + within)]:
        found = bisect_right(times, end) - bisect_right(times, end - within)
        if found >= (when.times or 0) and (when.above_usual is None or _unusual(when.above_usual, found, times, end - within, within)):
            best = max(best or 0, found)
    return best


def _unusual(factor: float, found: int, times: Sequence[datetime], start: datetime, within: timedelta) -> bool:
    """Whether a stretch that begins after `start` holds so many times more than those before it do on average."""
    stretches = min(USUAL, int((start - times[0]) / within))
    if stretches < KNOWN or found < FEWEST:
        return False
    before = bisect_right(times, start) - bisect_right(times, start - stretches * within)
    return found >= factor * before / stretches
