"""Dates as feeds write them."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.feeds.dates import instant


@pytest.mark.parametrize(
    ("text", "time"),
    [
        # RFC 822 and what is made of it.
        ("Mon, 28 Apr 2025 10:00:00 +0300", "04-28T07:00:00"),
        ("Fri, 28 Apr 2025 10:00:00 GMT", "04-28T10:00:00"),
        ("28 Apr 25 10:00 Z", "04-28T10:00:00"),
        ("  Mon,28 April 2025  10:00:00 GMT+3 ", "04-28T07:00:00"),
        ("28-Apr-2025 10:00:00 -0530", "04-28T15:30:00"),
        ("Mon, 28 Apr 2025 24:00:00 GMT", "04-29T00:00:00"),
        ("Mon, 28 Apr 2025 23:59:60 GMT", "04-29T00:00:00"),
        ("Mon, 28 Apr 2025 10:00:00 EST", "04-28T15:00:00"),
        ("Mon, 28 Apr 2025 10:00:00 MSK", "04-28T07:00:00"),
        ("Mon, 28 Apr 2025 10:00:00 EEST", "04-28T07:00:00"),
        ("Mon, 28 Apr 2025 10:00:00 KST", "04-28T01:00:00"),
        ("Mon, 28 Apr 2025 10:00:00 +999999", "04-28T10:00:00"),
        ("Mon Apr 28 10:00:00 2025", "04-28T10:00:00"),
        ("Mon Apr 28 10:00:00 +0300 2025", "04-28T07:00:00"),
        ("April 28th, 2025 10:00 PM EST", "04-29T03:00:00"),
        ("Sept 8 2025", "09-08T00:00:00"),
        # ISO 8601 and what is made of it.
        ("2025-04-28T10:00:00+03:00", "04-28T07:00:00"),
        ("2025-04-28T10:00:00 \u221203:00", "04-28T13:00:00"),
        ("2025-04-28T10:00:00.123456789Z", "04-28T10:00:00"),
        ("2025-04-28T10:00", "04-28T10:00:00"),
        ("2025-04-28 10:00:00", "04-28T10:00:00"),
        ("2025-4-8", "04-08T00:00:00"),
        ("20250428T100000Z", "04-28T10:00:00"),
        ("20250428100000", "04-28T10:00:00"),
        ("20250428", "04-28T00:00:00"),
        ("2025/04/28 10:00", "04-28T10:00:00"),
        # Numbers.
        ("1745830800", "04-28T09:00:00"),
        ("1745830800000", "04-28T09:00:00"),
        ("28.04.2025 10:00", "04-28T10:00:00"),
        ("28.04.25", "04-28T00:00:00"),
        ("28/04/2025 10:00", "04-28T10:00:00"),
        ("4/28/2025 10:00", "04-28T10:00:00"),
        ("4/5/2025 12:04:05 AM", "04-05T00:04:05"),
        # In words; without a zone, where that language is spoken.
        ("Пн, 28 апр 2025 10:00:00 +0300", "04-28T07:00:00"),
        ("28 апреля 2025 г., 10:00", "04-28T07:00:00"),
        ("28 мая 2025, 10:00 МСК", "05-28T07:00:00"),
        ("Середа, 28 травня 2025", "05-28T00:00:00"),
        ("28 квітня 2025 р. 10:00 GMT", "04-28T10:00:00"),
        ("2025년 4월 28일 (월) 오후 3:04", "04-28T06:04:00"),
        ("2025년4월28일 15시 4분 5초", "04-28T06:04:05"),
        ("2025. 4. 28. 오전 12:04", "04-27T15:04:00"),
        ("2025-04-28 오후 3:04:05", "04-28T06:04:05"),
        ("2025年4月28日 下午3时04分", "04-28T07:04:00"),
        ("２０２５年０４月２８日 10：00", "04-28T02:00:00"),
    ],
)
def test_a_date_is_read(text: str, time: str) -> None:
    assert instant(text) == datetime.fromisoformat(f"2025-{time}+00:00")


@pytest.mark.parametrize(
    "text",
    [
        *(
            "",
            "nonsense",
            "2025",
            "2025-04",
            "2025-W18-1",
            "17458",
            "Mon, 31 Feb 2025 10:00:00 GMT",
            "28 Apr 2025 99:00:00",
            "28 Apr 2025 10:99",
        ),
        *("4/5/2025 10:00", "99999-01-01T00:00:00Z", "0000-00-00T00:00:00Z", "28 Foo 2025", "10:00", "1" * 10_000, "Mon, " * 10_000),
        *("0001-01-01T00:00:00+09:00", "9999-12-31T24:00:00", "28 Apr 00002025"),
    ],
)
def test_what_is_no_date_or_might_be_one_of_two_is_none(text: str) -> None:
    assert instant(text) is None


@pytest.mark.parametrize(("digits", "year"), [("00", 2000), ("25", 2025), ("49", 2049), ("50", 1950), ("99", 1999)])
def test_two_digits_of_a_year_are_of_this_century_or_the_last(digits: str, year: int) -> None:
    assert instant(f"28 Apr {digits} 10:00 GMT") == datetime(year, 4, 28, 10, tzinfo=UTC)


@given(st.text(alphabet="0123456789 :-+/.,TZapAPmMянApr년월일年月日오후\u0660\u00b2", max_size=40))
def test_nothing_makes_it_fail(text: str) -> None:
    found = instant(text)
    assert found is None or found.tzinfo is UTC


TIMES = st.integers(min_value=631_152_000, max_value=2_493_072_000).map(lambda seconds: datetime.fromtimestamp(seconds, UTC))  # to 2048


@given(TIMES)
def test_every_time_is_read_as_it_was_written(time: datetime) -> None:
    for form in (
        "%a, %d %b %Y %H:%M:%S +0000",
        "%Y-%m-%dT%H:%M:%SZ",
        "%d %B %y %H:%M:%S GMT",
        "%Y年%m月%d日 %H:%M:%S UTC",
        "%a %b %d %H:%M:%S %Y",
    ):
        assert instant(time.strftime(form)) == time, form
