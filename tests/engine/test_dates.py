"""Dates in a text, reckoned from the day of the article: what they can mean at the latest, and whether that is news."""

from datetime import date

import pytest

from monitor.engine.dates import dates, leading
from monitor.language.pack import load_pack

DAY = date(2025, 4, 28)

TABLE = [
    ("en", "said on October 23 that", [("October 23", date(2024, 10, 23), True)]),
    ("en", "on 23 October 2024", [("23 October 2024", date(2024, 10, 23), True)]),
    ("en", "in April", [("April", date(2025, 4, 30), False)]),
    ("en", "in March", [("March", date(2025, 3, 31), True)]),
    ("en", "on April 27", [("April 27", date(2025, 4, 27), False)]),
    ("en", "on April 26", [("April 26", date(2025, 4, 26), True)]),
    ("en", "they may march on", []),
    ("en", "Feb. 31", [("Feb. 31", date(2025, 2, 28), True)]),
    ("en", "on 99 May", []),
    ("ru", "23 октября 2024 года", [("23 октября 2024", date(2024, 10, 23), True)]),
    ("ru", "в апреле", [("апреле", date(2025, 4, 30), False)]),
    ("uk", "у жовтні", [("жовтні", date(2024, 10, 31), True)]),
    ("ko", "지난해 10월 18일", [("10월 18일", date(2024, 10, 18), True)]),
    ("ko", "27일 밝혔다", [("27일", date(2025, 4, 27), False)]),
    ("zh", "2024年10月18日", [("2024年10月18日", date(2024, 10, 18), True)]),
    ("zh", "12日对记者说", [("12日", date(2025, 4, 12), True)]),
    ("zh", "13月40日", []),
]


@pytest.mark.parametrize(("language", "text", "expected"), TABLE, ids=[f"{row[0]}: {row[1]}" for row in TABLE])
def test_a_date_is_the_last_day_that_it_can_mean(language: str, text: str, expected: list[tuple[str, date, bool]]) -> None:
    found = dates(text, load_pack(language), DAY)
    assert [(text[one.start : one.end], one.last, one.recalls(DAY)) for one in found] == expected


@pytest.mark.parametrize(
    ("text", "heads"), [("18 October: Seoul said", True), ("18 October — Seoul said", True), ("18 October was a Friday", False)]
)
def test_a_date_heads_an_entry_of_a_chronicle_before_a_mark(text: str, *, heads: bool) -> None:
    assert (leading(dates(text, load_pack("en"), DAY), 0, text) is not None) is heads
