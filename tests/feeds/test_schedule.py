"""When a feed is next due."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

import pytest

from monitor.feeds.schedule import after_failure, after_success, next_due
from monitor.rules.cron import check_cron
from monitor.rules.schema import Feed

MONDAY = datetime(2025, 4, 28, 9, 0, tzinfo=UTC)
URL = "https://example.org/rss"


def every(duration: str, url: str = URL) -> Feed:
    return Feed.model_validate({"url": url, "every": duration})


def cron(text: str) -> Feed:
    return Feed(url=URL, cron=text)


@pytest.mark.parametrize("duration", ["1s", "5m", "7m", "6h", "1d", "1w"])
def test_regular_times_are_an_interval_apart_and_after_now(duration: str) -> None:
    feed = every(duration)
    assert feed.every is not None
    first = next_due(feed, MONDAY)
    second = next_due(feed, first)
    assert MONDAY < first <= MONDAY + feed.every
    assert second - first == feed.every
    assert next_due(feed, first - timedelta(microseconds=1)) == first
    assert next_due(feed, first + timedelta(microseconds=1)) == second


def test_a_feed_is_polled_every_quarter_of_an_hour_unless_it_says_otherwise() -> None:
    first = next_due(Feed(url=URL), MONDAY)
    assert next_due(Feed(url=URL), first) - first == timedelta(minutes=15)


def test_a_feed_whose_interval_stays_is_polled_at_each_of_its_times_and_one_whose_interval_changed_neither_at_once_nor_after_two() -> None:
    feed, hour = every("1h"), timedelta(hours=1)
    time = next_due(feed, MONDAY)
    for late in (timedelta(), timedelta(seconds=40), timedelta(minutes=20)):
        assert after_success(feed, time + late, hour) == time + hour
    for interval in (timedelta(minutes=10), hour, 7 * hour):
        for number in range(50):
            wait = after_success(feed, MONDAY + number * timedelta(minutes=7), interval) - (MONDAY + number * timedelta(minutes=7))
            assert 0.49 * interval < wait <= 1.5 * interval


def test_feeds_are_spread_over_the_interval() -> None:
    due = [next_due(every("15m", f"https://example.org/{number}"), MONDAY) for number in range(300)]
    per_minute = [sum(MONDAY + timedelta(minutes=m) < time <= MONDAY + timedelta(minutes=m + 1) for time in due) for m in range(15)]
    assert sum(per_minute) == 300
    assert min(per_minute) > 0
    assert max(per_minute) < 60


def test_the_zone_of_now_does_not_matter_and_the_answer_is_in_utc() -> None:
    seoul = MONDAY.astimezone(timezone(timedelta(hours=9)))
    for feed in (every("5m"), cron("*/7 * * * *")):
        assert next_due(feed, seoul) == next_due(feed, MONDAY)
        assert next_due(feed, seoul).utcoffset() == timedelta()


SUN, MON, TUE, WED, THU, FRI, SAT = "sun", "mon", "tue", "wed", "thu", "fri", "sat"


@pytest.mark.parametrize(
    ("field", "days"),
    [
        ("0", {SUN}),
        ("7", {SUN}),
        ("1", {MON}),
        ("6", {SAT}),
        ("sun", {SUN}),
        ("MON", {MON}),
        ("1-5", {MON, TUE, WED, THU, FRI}),
        ("mon-fri", {MON, TUE, WED, THU, FRI}),
        ("0-2", {SUN, MON, TUE}),
        ("5-7", {FRI, SAT, SUN}),
        ("fri-sun", {FRI, SAT, SUN}),
        ("fri-0", {FRI, SAT, SUN}),
        ("0-7", {SUN, MON, TUE, WED, THU, FRI, SAT}),
        ("*", {SUN, MON, TUE, WED, THU, FRI, SAT}),
        ("*/2", {SUN, TUE, THU, SAT}),
        ("*/3", {SUN, WED, SAT}),
        ("*/7", {SUN}),
        ("1-7/2", {MON, WED, FRI, SUN}),
        ("0,3,sat", {SUN, WED, SAT}),
        ("1-2,5-7/2", {MON, TUE, FRI, SUN}),
    ],
)
def test_weekdays_are_crons(field: str, days: set[str]) -> None:
    feed, time, found = cron(f"0 12 * * {field}"), MONDAY, set()
    while (time := next_due(feed, time)) <= MONDAY + timedelta(days=7):
        found.add(f"{time:%a}".lower())
        assert (time.hour, time.minute, time.second) == (12, 0, 0)
    assert found == days


@pytest.mark.parametrize(
    ("text", "due"),
    [
        ("* * * * *", "2025-04-28 09:01"),
        ("*/10 * * * *", "2025-04-28 09:10"),
        ("0 9 * * *", "2025-04-29 09:00"),
        ("30 6-22/8 * * *", "2025-04-28 14:30"),
        ("0 0 1 jan *", "2026-01-01 00:00"),
        ("0 0 29 2 *", "2028-02-29 00:00"),
        ("0 0 31 * *", "2025-05-31 00:00"),
        # Both days limited: either will do. With a star in front, both must fit.
        ("0 0 30 * thu", "2025-04-30 00:00"),
        ("0 0 15 * thu", "2025-05-01 00:00"),
        ("0 0 */10 * thu", "2025-05-01 00:00"),
        ("0 0 11-31/10 * */4", "2025-05-11 00:00"),
    ],
)
def test_the_next_time_of_a_cron_line(text: str, due: str) -> None:
    assert next_due(cron(text), MONDAY) == datetime.fromisoformat(f"{due}Z")


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("", "cron has five fields"),
        ("* * * *", "this has 4"),
        ("0 0 * * * *", "this has 6"),
        ("60 * * * *", "minute: '60' is not from 0 to 59"),
        ("* 24 * * *", "hour: '24' is not from 0 to 23"),
        ("* * 0 * *", "day of the month: '0' is not from 1 to 31"),
        ("* * * 13 *", "month: '13' is not from 1 to 12 or jan-dec"),
        ("* * * * 8", "day of the week: '8' is not from 0 to 7 or sun-sat"),
        ("* * * * monday", "day of the week: 'monday'"),
        ("*/0 * * * *", "minute: the step in '*/0' must be from 1 to 59"),
        ("*/x * * * *", "minute: '*/x' is not a value, a range like 1-5 or a step like */10"),
        ("5/10 * * * *", "minute: a step needs a range, like 5-59/10"),
        ("30-10 * * * *", "minute: the range '30-10' runs backwards"),
        ("* * * * fri-mon", "day of the week: the range 'fri-mon' runs backwards"),
        ("1,,2 * * * *", "minute: '' is not a value"),
        ("-1 * * * *", "minute: '' is not from 0 to 59"),
        ("² * * * *", "minute: '²' is not from"),
        ("0 0 31 4,6 *", "no such day ever comes: day 31 in month 4,6"),
    ],
)
def test_a_cron_line_that_is_none_is_told_with_what_would_be_right(text: str, problem: str) -> None:
    with pytest.raises(ValueError) as error:  # noqa: PT011  the message is compared below: it has regex characters
        check_cron(text)
    assert problem in str(error.value)


def test_a_good_cron_line_passes() -> None:
    check_cron("*/10 6-22 * jan-mar,12 mon-fri")


def test_after_failures_the_wait_doubles_up_to_a_day_and_stays_on_regular_times() -> None:
    feed = every("1h")
    regular = next_due(feed, MONDAY)
    hours = [(after_failure(feed, failures, MONDAY) - regular) / timedelta(hours=1) for failures in (1, 2, 3, 4, 5, 6, 7, 100)]
    assert hours == [0, 1, 3, 7, 15, 23, 23, 23]


@pytest.mark.parametrize("duration", ["1d", "1w"])
def test_a_feed_that_is_due_rarely_is_tried_at_its_next_time(duration: str) -> None:
    assert after_failure(every(duration), 50, MONDAY) == next_due(every(duration), MONDAY)


@pytest.mark.parametrize(
    ("asked", "at_least", "at_most"),
    [
        (timedelta(seconds=1), timedelta(), timedelta(minutes=5)),
        (timedelta(hours=3), timedelta(hours=3), timedelta(hours=3, minutes=5)),
        (timedelta(days=30), timedelta(days=1), timedelta(days=1, minutes=5)),
        (timedelta(days=-30), timedelta(), timedelta(minutes=5)),
    ],
)
def test_what_the_server_asks_for_is_honoured_up_to_a_day(asked: timedelta, at_least: timedelta, at_most: timedelta) -> None:
    due = after_failure(every("5m"), 1, MONDAY, asked)
    assert MONDAY + at_least < due <= MONDAY + at_most
    assert due >= next_due(every("5m"), MONDAY)


def test_a_failing_cron_feed_keeps_to_its_hours() -> None:
    friday = datetime(2025, 5, 2, 16, 55, tzinfo=UTC)
    feed = cron("*/10 9-16 * * mon-fri")
    assert after_failure(feed, 1, MONDAY) == MONDAY + timedelta(minutes=10)
    assert after_failure(feed, 3, MONDAY) == MONDAY + timedelta(minutes=40)
    assert after_failure(feed, 9, friday) == datetime(2025, 5, 5, 9, 0, tzinfo=UTC)


def test_huge_intervals_do_no_harm() -> None:
    assert next_due(every("9999w"), MONDAY) <= MONDAY + timedelta(days=366)
