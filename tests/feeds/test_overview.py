"""Which feeds there are and how they fare, by what rules and server say of them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from monitor.feeds.overview import overview, short
from monitor.feeds.state import FeedState
from monitor.rules.schema import Story

NOW = datetime(2025, 4, 28, 12, tzinfo=UTC)
ONE, TWO, THREE = (f"https://{name}.example/rss" for name in ("one", "two", "three"))
POLLED = FeedState(polled=1, last_poll=NOW, last_success=NOW)
FAILED = FeedState(failures=2, problem="HTTP 500", last_poll=NOW)


def story(name: str, *feeds: dict[str, Any]) -> Story:
    return Story.model_validate({"story": name, "title": name, "feeds": feeds})


CASES: dict[str, tuple[Sequence[Story] | None, dict[str, FeedState], list[tuple[str, str, str, tuple[str, ...]]]]] = {
    # outcome: stories, states on the server, rows: address, condition, interval, stories
    "no server was asked": ([story("a", {"url": ONE})], {}, [(ONE, "never polled", "15m", ("a",))]),
    "in the order of the rules": (
        [story("a", {"url": TWO, "every": "90s"}, {"url": ONE, "cron": "*/5 * * * *"})],
        {ONE: POLLED, TWO: FAILED},
        [(TWO, "failing", "90s", ("a",)), (ONE, "ok", "*/5 * * * *", ("a",))],
    ),
    "shared by stories, at the shorter interval": (
        [story("a", {"url": ONE, "every": "2h"}), story("b", {"url": ONE, "every": "10m"})],
        {ONE: POLLED},
        [(ONE, "ok", "10m", ("a", "b"))],
    ),
    "shared by stories, one of which says nothing of how often": (
        [story("a", {"url": ONE, "every": "2h"}), story("b", {"url": ONE}), story("c", {"url": ONE, "cron": "0 6 * * *"})],
        {ONE: POLLED},
        [(ONE, "ok", "15m", ("a", "b", "c"))],
    ),
    "no longer in the rules": (
        [story("a", {"url": TWO})],
        {THREE: FAILED, TWO: POLLED},
        [(TWO, "ok", "15m", ("a",)), (THREE, "not in the rules", "15m", ())],
    ),
    "the rules cannot be read": (None, {TWO: POLLED, ONE: FAILED}, [(ONE, "failing", "15m", ()), (TWO, "ok", "15m", ())]),
    "nothing is known": (None, {}, []),
}


@pytest.mark.parametrize(("stories", "states", "expected"), CASES.values(), ids=CASES)
def test_overview(
    stories: Sequence[Story] | None, states: dict[str, FeedState], expected: list[tuple[str, str, str, tuple[str, ...]]]
) -> None:
    rows = overview(stories, {url: (state.to_hash(), NOW) for url, state in states.items()})
    assert [(row.feed.url, row.condition, row.every, row.stories) for row in rows] == expected


@pytest.mark.parametrize(("minutes", "late"), [(-60, False), (4, False), (6, True)])
def test_a_feed_is_late_when_nobody_has_polled_it_minutes_after_its_time(minutes: int, late: bool) -> None:
    [row] = overview(None, {ONE: (POLLED.to_hash(), NOW - timedelta(minutes=minutes))})
    assert row.late(NOW) is late


@pytest.mark.parametrize(
    ("state", "a_day", "not_modified"),
    [
        ({}, None, None),
        ({"since": NOW}, None, None),
        ({"since": NOW - timedelta(days=2), "since_polls": 100, "since_304": 90, "since_new": 7}, 3.5, 0.9),
        ({"since": NOW - timedelta(hours=6), "since_polls": 24, "since_new": 0}, 0.0, 0.0),
    ],
)
def test_what_a_feed_brings_a_day_and_how_often_nothing_changed(
    state: dict[str, Any], a_day: float | None, not_modified: float | None
) -> None:
    [row] = overview(None, {ONE: (POLLED.model_copy(update=state).to_hash(), NOW)})
    assert (row.a_day, row.not_modified) == (a_day, not_modified)


@pytest.mark.parametrize(
    ("length", "said"),
    [("90s", "90s"), ("15m", "15m"), ("120m", "2h"), ("36h", "36h"), ("14d", "14d"), ("0s", "0s")],
)
def test_a_length_of_time_in_its_largest_whole_unit(length: str, said: str) -> None:
    units = {"s": 1, "m": 60, "h": 3600, "d": 86400}
    assert short(timedelta(seconds=int(length[:-1]) * units[length[-1]])) == said
