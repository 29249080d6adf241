"""How often a feed is polled: within the rules' bounds whatever happens, faster where it brings much, slower where it brings little."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from monitor.feeds import pace
from monitor.feeds.schedule import after_success
from monitor.feeds.state import FeedState, Poll
from monitor.rules.schema import Feed

NOW = datetime(2025, 4, 28, 9, tzinfo=UTC)
MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)
URL = "https://outlet.example/rss"


def feed(**more: str) -> Feed:
    return Feed.model_validate({"url": URL, **more})


@pytest.mark.parametrize(
    ("of", "fastest", "slowest"),
    [
        ({}, 7.5, 60),
        ({"every": "5m"}, 2.5, 20),
        ({"every": "90s"}, 1, 6),
        ({"every": "10s"}, 1 / 6, 1 / 6),
        ({"every": "10s", "slowest": "1m"}, 1 / 6, 1),
        ({"every": "8h"}, 240, 1440),
        ({"every": "3d"}, 2160, 4320),
        ({"every": "15m", "fastest": "5m", "slowest": "2h"}, 5, 120),
    ],
)
def test_bounds_are_the_rules_or_follow_from_the_wish(of: dict[str, str], fastest: float, slowest: float) -> None:
    assert pace.bounds(feed(**of)) == (timedelta(minutes=fastest), timedelta(minutes=slowest))


def course(of: Feed, per_hour: float, hours: float, state: FeedState | None = None) -> list[float]:
    """The intervals, in minutes, of a feed that brings so many entries an hour, evenly, poll for poll."""
    state, now, carried, found = state or FeedState(), NOW, 0.0, []
    last = state.recent[-1].at if state.recent else NOW
    now = last + (state.interval or timedelta())
    end = now + hours * HOUR
    while now < end:
        carried += per_hour * ((now - last) / HOUR)
        new, carried, last = int(carried), carried % 1, now
        recent = pace.after_poll(state, now, new)
        chosen = pace.interval(of, recent, state.interval)
        found.append(chosen / MINUTE)
        state = FeedState(recent=recent, interval=chosen)
        now = after_success(of, now, chosen)
    return found


@pytest.mark.parametrize(
    ("per_hour", "settles"),
    [(0, {60}), (0.1, {60}), (0.4, {30, 60}), (1, {30}), (2.5, {7.5, 15}), (4, {7.5}), (60, {7.5})],
)
def test_a_feed_settles_where_it_is_polled_about_twice_between_two_entries(per_hour: float, settles: set[float]) -> None:
    assert set(course(feed(), per_hour, 100)[-20:]) <= settles


def test_a_feed_gets_slower_step_by_step_and_faster_at_once() -> None:
    slower = course(feed(), 0, 10)
    assert slower[0] == 15
    assert all(after in (before, 2 * before) for before, after in pairwise(slower))
    assert slower.index(60) >= 6
    quiet = tuple(Poll(NOW - hours * HOUR, 0) for hours in range(8, 0, -1))
    assert pace.interval(feed(), (*quiet, Poll(NOW, 1)), HOUR) == HOUR
    assert pace.interval(feed(), (*quiet, Poll(NOW, 8)), HOUR) == 7.5 * MINUTE


def test_what_came_after_a_long_silence_of_ours_says_nothing() -> None:
    state = FeedState(recent=(Poll(NOW, 0),), interval=15 * MINUTE)
    assert len(pace.after_poll(state, NOW + 30 * MINUTE, 3)) == 2
    assert pace.after_poll(state, NOW + 9 * HOUR, 3) == (Poll(NOW + 9 * HOUR, 3),)


def test_a_feed_that_contradicts_what_it_says_of_itself_is_polled_as_was_wished() -> None:
    busy = tuple(Poll(NOW - minutes * MINUTE, 2) for minutes in (60, 45, 30, 15, 0))
    assert pace.interval(feed(), busy, 15 * MINUTE) == 7.5 * MINUTE
    assert pace.interval(feed(), busy, 15 * MINUTE, hint=HOUR) == 15 * MINUTE


minutes = st.integers(1, 2000).map(lambda number: timedelta(minutes=number))
feeds = st.builds(
    lambda every, fastest, slowest: Feed.model_construct(
        url=URL, every=every, fastest=fastest and min(fastest, every), slowest=slowest and max(slowest, every)
    ),
    st.integers(1, 10**6).map(lambda number: timedelta(seconds=number)),
    st.none() | minutes,
    st.none() | minutes,
)


@st.composite
def histories(draw: st.DrawFn) -> tuple[Poll, ...]:
    steps = draw(st.lists(st.tuples(st.integers(1, 10**5), st.integers(0, 50)), min_size=1, max_size=pace.POLLS + 1))
    at, found = NOW, []
    for seconds, new in steps:
        at += timedelta(seconds=seconds)
        found.append(Poll(at, new))
    return tuple(found)


currents, hints = st.none() | minutes, st.none() | minutes


@settings(max_examples=500, deadline=None)
@given(feeds, histories(), currents, hints, st.booleans())
def test_an_interval_is_within_the_bounds(
    of: Feed, recent: tuple[Poll, ...], current: timedelta | None, hint: timedelta | None, gap: bool
) -> None:
    fastest, slowest = pace.bounds(of)
    chosen = pace.interval(of, recent, current, hint=hint, gap=gap)
    assert fastest <= chosen <= slowest
    assert chosen.microseconds == 0
    now = recent[-1].at
    assert chosen / 2 - timedelta(seconds=1) < after_success(of, now, chosen) - now <= 1.5 * chosen


@settings(max_examples=500, deadline=None)
@given(feeds, histories(), currents, hints, st.integers(1, 50), minutes)
def test_more_entries_or_a_gap_never_make_it_slower_and_a_longer_hint_never_faster(
    of: Feed, recent: tuple[Poll, ...], current: timedelta | None, hint: timedelta | None, more: int, longer: timedelta
) -> None:
    chosen = pace.interval(of, recent, current, hint=hint)
    *before, last = recent
    assert pace.interval(of, (*before, Poll(last.at, last.new + more)), current, hint=hint) <= chosen
    assert pace.interval(of, recent, current, hint=hint, gap=True) <= chosen
    assert pace.interval(of, recent, current, hint=(hint or timedelta()) + longer) >= chosen


@settings(max_examples=200, deadline=None)
@given(histories(), st.sampled_from([None, *(timedelta(seconds=number) for number in (1, 90, 86400))]))
def test_what_is_remembered_comes_back_from_the_server_as_it_was(recent: tuple[Poll, ...], interval: timedelta | None) -> None:
    state = FeedState(recent=recent, interval=interval, told=True, skip_hours=(0, 23), last_poll=NOW)
    assert FeedState.from_hash(state.to_hash()) == state
    assert FeedState.from_hash({}) == FeedState()
    assert FeedState.from_hash(FeedState().to_hash()) == FeedState()
