"""What a poll means: the state after, when the feed is polled next, what is told."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from monitor.feeds.fetch import Fetched, FetchFailed
from monitor.feeds.outcome import Outcome, Read, Unchanged, outcome, postponed, request
from monitor.feeds.parsed import Hints, ParseFailed
from monitor.feeds.schedule import next_due
from monitor.feeds.state import FeedState, Poll
from monitor.model import FeedGap, FeedTrouble
from monitor.rules.schema import Feed

NOW = datetime(2025, 4, 28, 9, tzinfo=UTC)
URL = "https://outlet.example/rss"
NEW = "https://outlet.example/feed/"
NEWER = "https://other.example/feed"
MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
OK = Fetched(200, b"", "", "", '"v2"', "Monday", url=URL)
SAME = Fetched(304, b"", "", "", "", "", url=URL)
ERROR = FetchFailed("the server answered 500", 500)
GONE = FetchFailed("the server answered 410 Gone", 410)
BUSY = FetchFailed("the server answered 503", 503, 2 * HOUR, whole_host=True)
POLLED = FeedState(
    url=URL,
    etag='"v1"',
    last_modified="Sunday",
    body_hash="one",
    last_body=NOW - HOUR,
    entries=20,
    polled=7,
    last_poll=NOW - 15 * MINUTE,
    last_success=NOW - 15 * MINUTE,
    interval=15 * MINUTE,
    recent=(Poll(NOW - 15 * MINUTE, 0),),
)

Answer = Unchanged | Read | FetchFailed | ParseFailed


def feed(**more: Any) -> Feed:
    return Feed.model_validate({"url": URL, "outlet": "Wire", **({} if "cron" in more else {"every": "15m"}), **more})


def read(entries: int = 20, new: int = 0, fetched: Fetched = OK, **hints: Any) -> Read:
    return Read(fetched, "two", entries, new, Hints(**hints))


@dataclass(frozen=True)
class Step:
    """One of several polls: when, and what was decided."""

    at: datetime
    outcome: Outcome

    @property
    def told(self) -> list[str]:
        return [kind for kind, _ in self.outcome.events]


def course(
    of: Feed, answers: Sequence[Answer], state: FeedState = POLLED, now: datetime = NOW, every: timedelta | None = None
) -> list[Step]:
    """Polls the feed when it is due, or (every) at fixed times."""
    steps = []
    for answer in answers:
        made = outcome(of, state, answer, now)
        assert made.due > now
        steps.append(Step(now, made))
        state, now = FeedState.from_hash(made.state.to_hash()), now + every if every else made.due
    return steps


# Validators


@pytest.mark.parametrize(
    ("answer", "validators"),
    [
        (read(), ('"v2"', "Monday", "two")),
        (read(fetched=replace(OK, etag="", last_modified="")), ("", "", "two")),
        (Unchanged(OK), ('"v2"', "Monday", "one")),
        (Unchanged(SAME), ('"v1"', "Sunday", "one")),
        (Unchanged(replace(SAME, etag='"v3"')), ('"v3"', "Sunday", "one")),
        (ERROR, ('"v1"', "Sunday", "one")),
        (BUSY, ('"v1"', "Sunday", "one")),
        (ParseFailed("an HTML page"), ('"v1"', "Sunday", "one")),
    ],
)
def test_validators_are_those_of_the_last_body_that_was_read(answer: Answer, validators: tuple[str, str, str]) -> None:
    after = outcome(feed(), POLLED, answer, NOW).state
    assert (after.etag, after.last_modified, after.body_hash) == validators


@pytest.mark.parametrize(
    ("age", "asked"),
    [(None, "whole"), (17 * HOUR, "conditional"), (25 * HOUR, "whole")],
)
def test_once_a_day_the_whole_body_is_asked_for(age: timedelta | None, asked: str) -> None:
    state = POLLED.model_copy(update={"last_body": age and NOW - age})
    made = request(feed(), state, NOW)
    assert (made.etag, made.last_modified) == (('"v1"', "Sunday") if asked == "conditional" else ("", ""))


def test_only_a_body_counts_as_one() -> None:
    assert outcome(feed(), POLLED, Unchanged(SAME), NOW).state.last_body == NOW - HOUR
    assert outcome(feed(), POLLED, Unchanged(OK), NOW).state.last_body == NOW


# Moves


def moved(to: str, at: str = URL) -> Unchanged:
    return Unchanged(replace(OK, url=to or at, moved_to=to))


MOVES: dict[str, tuple[list[Answer], timedelta, list[str]]] = {
    # outcome: answers, time between polls, where the feed is asked for after each of them
    "three times over hours": ([moved(NEW)] * 4, 2 * HOUR, [URL, URL, NEW, NEW]),
    "three times within minutes": ([moved(NEW)] * 4, 15 * MINUTE, [URL] * 4),
    "not three times in a row": ([moved(NEW), moved(NEW), moved(""), moved(NEW), moved(NEW)], 2 * HOUR, [URL] * 5),
    "here and there": ([moved(NEW), moved(NEWER), moved(NEW), moved(NEWER)], 2 * HOUR, [URL] * 4),
    "the new one fails": ([*[moved(NEW)] * 3, ERROR], 2 * HOUR, [URL, URL, NEW, URL]),
    "the new one's host is busy": ([*[moved(NEW)] * 3, BUSY], 2 * HOUR, [URL, URL, NEW, NEW]),
    "the new one has moved on": ([*[moved(NEW)] * 3, *[moved(NEWER)] * 3], 2 * HOUR, [URL, URL, NEW, NEW, NEW, NEWER]),
    "an error in between is no word to the contrary": ([moved(NEW), moved(NEW), ERROR, moved(NEW)], 2 * HOUR, [URL, URL, URL, NEW]),
}


@pytest.mark.parametrize(("answers", "every", "addresses"), MOVES.values(), ids=MOVES)
def test_a_permanent_move_is_followed_when_it_repeats(answers: list[Answer], every: timedelta, addresses: list[str]) -> None:
    steps = course(feed(), answers, every=every)
    assert [step.outcome.state.address or URL for step in steps] == addresses
    assert {step.outcome.state.url for step in steps} == {URL}


def test_the_old_address_is_asked_once_a_day_and_taken_back_when_it_speaks_of_no_move() -> None:
    state = POLLED.model_copy(update={"address": NEW})
    assert request(feed(), state, NOW).url == NEW
    old = state.model_copy(update={"last_body": NOW - 2 * DAY})
    assert request(feed(), old, NOW).url == URL
    assert outcome(feed(), old, moved(NEW), NOW).state.address == NEW
    assert outcome(feed(), old, moved(""), NOW).state.address == ""


def test_where_the_new_address_fails_the_old_one_is_asked_soon_and_nothing_counts_as_failed() -> None:
    made = outcome(feed(), POLLED.model_copy(update={"address": NEW}), GONE, NOW)
    assert (made.state.failures, made.state.gone, made.due) == (0, 0, next_due(feed(), NOW))
    assert made.state.problem == GONE.problem


# Failures

FAILS: dict[str, tuple[dict[str, str], list[Answer], timedelta, list[tuple[int, str]]]] = {
    # outcome: of the feed, answers, time between polls, what is told at which of them
    "told when the time is over, once": ({}, [ERROR] * 20, HOUR, [(6, "feed.failing")]),
    "told when the rules' time is over": ({"failing_after": "2h"}, [ERROR] * 5, HOUR, [(2, "feed.failing")]),
    "one failure is weather, however short the time": ({"failing_after": "1s"}, [ERROR, Unchanged(OK), ERROR, Unchanged(OK)], DAY, []),
    "a rare feed is told of at its second failure": ({"every": "1d"}, [ERROR] * 3, DAY, [(1, "feed.failing")]),
    "unusable bodies are failures": ({"failing_after": "1h"}, [ParseFailed("binary")] * 3, HOUR, [(1, "feed.failing")]),
    "recovered when it was told of": ({}, [*[ERROR] * 8, Unchanged(OK), read()], HOUR, [(6, "feed.failing"), (8, "feed.recovered")]),
    "recovered in time, nothing is told": ({}, [*[ERROR] * 5, Unchanged(OK), *[ERROR] * 5], HOUR, []),
    "fails again after it recovered": (
        {"failing_after": "1h"},
        [ERROR, ERROR, Unchanged(OK), ERROR, ERROR],
        HOUR,
        [(1, "feed.failing"), (2, "feed.recovered"), (4, "feed.failing")],
    ),
    "gone is told once": ({}, [GONE] * 6, HOUR, [(1, "feed.failing")]),
    "gone is told although failing was": (
        {},
        [*[ERROR] * 8, GONE, GONE, GONE, ERROR, GONE],
        HOUR,
        [(6, "feed.failing"), (9, "feed.failing")],
    ),
    "gone once is nothing": ({}, [GONE, Unchanged(OK), GONE, Unchanged(OK)], HOUR, []),
    "back from the dead": ({}, [GONE, GONE, Unchanged(OK)], HOUR, [(1, "feed.failing"), (2, "feed.recovered")]),
    "a host that is busy for long": ({}, [BUSY] * 8, HOUR, [(6, "feed.failing")]),
}


@pytest.mark.parametrize(("of", "answers", "every", "told"), FAILS.values(), ids=FAILS)
def test_failing_and_recovered(of: dict[str, str], answers: list[Answer], every: timedelta, told: list[tuple[int, str]]) -> None:
    steps = course(feed(**of), answers, every=every)
    assert [(number, kind) for number, step in enumerate(steps) for kind in step.told] == told


def test_the_event_names_how_often_since_when_and_why() -> None:
    [*_, last] = course(feed(), [ERROR] * 7, every=HOUR)
    [(_, event)] = last.outcome.events
    assert isinstance(event, FeedTrouble)
    assert (event.feed, event.outlet, event.failures, event.since, event.problem) == (URL, "Wire", 7, NOW, "the server answered 500")


def test_backing_off_does_not_put_off_the_event() -> None:
    steps = course(feed(failing_after="6h"), [ERROR] * 8)
    [told] = [step.at for step in steps if step.told]
    assert 6 * HOUR <= told - NOW <= 6 * HOUR + 15 * MINUTE


def test_a_feed_that_fails_is_tried_ever_more_rarely_but_once_a_day() -> None:
    steps = course(feed(), [ERROR] * 20)
    waits = [step.outcome.due - step.at for step in steps]
    assert waits[0] <= 15 * MINUTE
    assert 23 * HOUR < waits[-1] <= DAY


def test_a_feed_that_is_gone_is_tried_once_a_week_whatever_it_says_then() -> None:
    steps = course(feed(), [GONE, GONE, GONE, ERROR, ERROR, Unchanged(OK), ERROR])
    waits = [round((step.outcome.due - step.at) / DAY) for step in steps]
    assert waits == [0, 7, 7, 7, 7, 0, 0]


def test_a_busy_host_is_left_alone_as_it_asks_and_its_feeds_have_not_failed() -> None:
    made = outcome(feed(), POLLED, BUSY, NOW)
    assert made.due - NOW == 2 * HOUR
    assert (made.state.failures, made.state.problem) == (0, BUSY.problem)


def test_a_feed_that_is_turned_away_comes_back_in_no_rhythm_lest_others_come_before_it_each_time() -> None:
    asks = timedelta(seconds=20)
    waits = [step.outcome.due - step.at for step in course(feed(every="5m"), [FetchFailed("busy", 429, asks, whole_host=True)] * 30)]
    assert waits[0] == asks
    assert all(asks <= wait <= 5 * MINUTE for wait in waits)
    assert len(set(waits[8:])) == 22
    assert sum(waits[8:], timedelta()) > 22 * 2.5 * MINUTE
    unsaid = [step.outcome.due - step.at for step in course(feed(every="5m"), [FetchFailed("busy", 429, whole_host=True)] * 6)]
    assert unsaid == [number * MINUTE for number in (1, 1, 2, 4, 8, 16)]


def test_a_feed_that_was_not_asked_for_stays_as_it_was() -> None:
    assert postponed(POLLED, NOW + HOUR, NOW) == Outcome(POLLED, NOW + HOUR)
    assert postponed(POLLED, NOW + 30 * DAY, NOW) == Outcome(POLLED, NOW + DAY)


# Gaps

FIRST = FeedState()
LATE = POLLED.model_copy(update={"last_success": NOW - 9 * HOUR, "recent": (Poll(NOW - 9 * HOUR, 0),)})
FAILED = LATE.model_copy(update={"failures": 6, "failing_since": NOW - 8 * HOUR})
GAPS: dict[str, tuple[FeedState, list[Answer], list[list[str]]]] = {
    # outcome: state, answers, what is told at each
    "all is new": (POLLED, [read(20, 20)], [["feed.gap"]]),
    "one is known": (POLLED, [read(20, 19)], [[]]),
    "the first poll": (FIRST, [read(20, 20)], [[]]),
    "the second poll": (FIRST, [read(20, 20), read(20, 20)], [[], ["feed.gap"]]),
    "it was empty": (POLLED, [read(0, 0)], [[]]),
    "it holds a single entry": (POLLED, [read(1, 1)], [[]]),
    "the feed was empty before": (POLLED, [read(0, 0), read(20, 20)], [[], []]),
    "again and again, told once a day": (POLLED, [read(20, 20)] * 3, [["feed.gap"], [], []]),
    "again, after one that was none": (POLLED, [read(20, 20), read(20, 3), read(20, 20)], [["feed.gap"], [], []]),
    "again, a day later": (POLLED.model_copy(update={"gap_told": NOW - 25 * HOUR}), [read(20, 20)], [["feed.gap"]]),
    "again, after an outage": (FAILED.model_copy(update={"gap_told": NOW - HOUR}), [read(20, 20)], [["feed.gap"]]),
    "after an outage": (FAILED.model_copy(update={"told": True}), [read(20, 20)], [["feed.recovered", "feed.gap"]]),
}


@pytest.mark.parametrize(("state", "answers", "told"), GAPS.values(), ids=GAPS)
def test_a_gap_is_told_when_nothing_in_the_feed_is_known(state: FeedState, answers: list[Answer], told: list[list[str]]) -> None:
    assert [step.told for step in course(feed(), answers, state)] == told


@pytest.mark.parametrize(
    ("state", "words"),
    [
        (POLLED, "all 20 entries are new since the poll before, 15m ago: others may have come and gone unseen"),
        (LATE, "all 20 entries are new since the poll before, 9h ago; nobody polled it in between: others may have come and gone unseen"),
        (FAILED, "all 20 entries are new since the poll before; it failed for 9h: others may have come and gone unseen"),
    ],
)
def test_a_gap_says_since_when_and_why(state: FeedState, words: str) -> None:
    [(_, event)] = outcome(feed(), state, read(20, 20), NOW).events
    assert isinstance(event, FeedGap)
    assert (event.since, event.entries, event.problem) == (state.last_success, 20, words)


def test_after_a_gap_the_feed_is_polled_faster_and_its_own_word_does_not_count_for_a_day() -> None:
    steps = course(feed(), [read(20, 20, ttl=HOUR), read(20, 0, ttl=HOUR)])
    assert [step.outcome.state.interval for step in steps] == [7.5 * MINUTE] * 2
    [later] = course(feed(), [read(20, 0, ttl=HOUR)], steps[-1].outcome.state, NOW + 2 * DAY)
    assert later.outcome.state.interval == HOUR


# When next


@pytest.mark.parametrize(
    ("of", "answer", "minutes"),
    [
        ({}, read(), 15),
        ({}, read(ttl=HOUR), 60),
        ({}, read(update_period=30 * MINUTE), 30),
        ({}, read(ttl=MINUTE), 15),
        ({}, read(ttl=30 * DAY), 60),
        ({"slowest": "15m"}, read(ttl=HOUR), 15),
        ({"slowest": "6h"}, read(ttl=HOUR, update_period=3 * HOUR), 240),
        ({}, read(fetched=replace(OK, max_age=20 * MINUTE)), 30),
        ({}, Unchanged(replace(SAME, max_age=timedelta(days=365))), 60),
    ],
)
def test_what_a_feed_says_of_itself_slows_it_down_within_bounds(of: dict[str, str], answer: Answer, minutes: float) -> None:
    made = outcome(feed(**of), POLLED.model_copy(update={"recent": ()}), answer, NOW)
    assert made.state.interval == minutes * MINUTE


def test_a_hint_of_the_last_body_holds_while_it_stays() -> None:
    steps = course(feed(), [read(ttl=HOUR), Unchanged(SAME), Unchanged(SAME), read()], POLLED.model_copy(update={"recent": ()}))
    assert [step.outcome.state.interval for step in steps[:3]] == [HOUR] * 3


@pytest.mark.parametrize(("hints", "at_least"), [({"skip_hours": (9, 10)}, 30), ({"skip_days": (0,)}, 30), ({"skip_hours": (12,)}, 0)])
def test_while_a_feed_rests_it_is_polled_as_seldom_as_the_rules_allow(hints: dict[str, Any], at_least: int) -> None:
    made = outcome(feed(), POLLED, read(**hints), NOW)
    assert at_least * MINUTE <= made.due - NOW <= 90 * MINUTE


def test_a_feed_of_which_a_hub_tells_is_polled_as_seldom_as_the_rules_allow() -> None:
    assert outcome(feed(), POLLED, read(20, 10), NOW, live=True).state.interval == HOUR


@pytest.mark.parametrize("answer", [read(ttl=DAY), read(20, 20), Unchanged(SAME), read(skip_hours=tuple(range(24)))])
def test_a_feed_with_cron_keeps_its_times(answer: Answer) -> None:
    assert outcome(feed(cron="*/10 * * * *"), POLLED, answer, NOW).due == NOW + 10 * MINUTE


def test_what_the_last_weeks_brought_is_counted_and_what_is_older_fades() -> None:
    [first, second, *_, last] = course(feed(), [read(20, 20), read(20, 3), *[Unchanged(SAME)] * 80], FeedState(), every=8 * HOUR)
    figures = [(one.since, one.since_polls, one.since_304, one.since_new) for one in (step.outcome.state for step in (first, second))]
    assert figures == [(NOW, 0, 0, 0), (NOW, 1, 0, 3)]
    [faded] = course(feed(), [Unchanged(SAME)], last.outcome.state, NOW + 29 * DAY)
    state = faded.outcome.state
    assert (state.since, state.since_polls, state.since_304, state.since_new) == (NOW + 14.5 * DAY, 41, 40, 1)
