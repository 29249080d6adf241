"""A clock that is set is noticed, by how far; one that goes as it should is not."""

from __future__ import annotations

import time
from datetime import UTC, datetime, timedelta

import pytest

from monitor.clock import Every, Watch


@pytest.mark.parametrize(
    ("seconds", "told"),
    [(0, None), (30, None), (-30, None), (3600, 3600), (-86400, -86400)],
    ids=["not set", "a correction", "a correction back", "an hour", "a day back"],
)
def test_a_clock_that_is_set_is_told_of_once(monkeypatch: pytest.MonkeyPatch, seconds: int, told: int | None) -> None:
    real, watch = time.time, Watch()
    monkeypatch.setattr(time, "time", lambda: real() + seconds)
    moved = watch.moved()
    assert (None if moved is None else round(moved / timedelta(seconds=1))) == told
    assert watch.moved() is None


def test_what_was_missed_by_a_clock_set_ahead_is_done_once_and_then_as_before() -> None:
    every, now = Every(seconds=1, timezone=UTC), datetime(2025, 4, 28, tzinfo=UTC)
    assert every.get_next_fire_time(now, now) == now + timedelta(seconds=1)
    month_later = now + timedelta(days=30)
    assert every.get_next_fire_time(now, month_later) == month_later + timedelta(seconds=1)
