"""Dates in a text, by the day on which the article appeared: "23 October", "October 23, 2024", "in April", "去年10月", "10월 18일".

A date without a year is the latest such that is not after the article; in Chinese and Korean a day without a month is one of the last
thirty.
"""

from __future__ import annotations

import re
from calendar import monthrange
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache

from monitor.language.pack import Pack, load_pack

_HEADING = (":", "：", "—", "–", "-", "\u3000", "|")
"""Marks between the date that heads an entry of a chronicle and the entry."""
_FRESH = timedelta(days=1)
"""An article still reports as news what happened so long before its day; time zones and night desks need as much."""
_AHEAD = timedelta(days=2)
"""A date without a year that lies ahead by this at most is of these days: it is tomorrow where the article comes from."""


@dataclass(frozen=True, slots=True)
class Dated:
    """A date as written, and the last day that it can mean."""

    start: int
    end: int
    last: date

    def recalls(self, day: date) -> bool:
        """Whether it lies before what an article of that day reports as news."""
        return self.last < day - _FRESH


def dates(text: str, pack: Pack, day: date) -> list[Dated]:
    """A field's dates in order. day: when the article appeared."""
    pattern, months = _pattern(pack.language)
    return list(_found(pattern, months, text, day)) if pattern else []


@cache
def _pattern(language: str) -> tuple[re.Pattern[str] | None, dict[str, int]]:
    """A language's pattern of dates, and its months by name."""
    pack = load_pack(language)
    if pack.date_marks is not None:
        year, month, day = ("(?:" + "|".join(map(re.escape, marks)) + ")" for marks in pack.date_marks)
        numbered = rf"(?:(?P<y>\d{{4}}) ?{year} ?)?(?P<m>\d{{1,2}}) ?{month}(?: ?(?P<d>\d{{1,2}}) ?{day})?"
        return re.compile(rf"(?<!\d)(?:{numbered}|(?P<d2>\d{{1,2}}){day}(?!\w*[간間])|(?P<y2>(?:19|20)\d\d) ?{year})"), {}
    if not pack.months:
        return None, {}
    months = {name.casefold(): number for number, names in enumerate(pack.months, start=1) for name in names}
    names = "|".join(sorted(map(re.escape, months), key=len, reverse=True))
    after = r"(?:,? (?P<y>(?:19|20)\d\d))?"
    day_first = rf"(?P<d>\d{{1,2}})(?:st|nd|rd|th)?(?: of)? (?P<m>{names})"
    month_first = rf"(?P<m2>{names})(?:\.? (?P<d2>\d{{1,2}})(?!\d))?"
    return re.compile(rf"(?i)\b(?:{day_first}|{month_first})\b\.?{after}"), months


def _found(pattern: re.Pattern[str], months: dict[str, int], text: str, day: date) -> Iterator[Dated]:
    for match in pattern.finditer(text):
        groups = match.groupdict()
        year = groups.get("y") or groups.get("y2")
        name = groups.get("m") or groups.get("m2")
        number = groups.get("d") or groups.get("d2")
        if name is not None and name[0].islower() and name.isascii() and months:
            continue  # "may" and "march": English writes its months with a capital
        month = None if name is None else months.get(name.casefold()) or int(name)
        last = _last(int(year) if year else None, month, int(number) if number else None, day)
        if last is not None:
            yield Dated(match.start(), match.end(), last)


def _last(year: int | None, month: int | None, number: int | None, day: date) -> date | None:
    """The last day that a date can mean; None: there is no such day."""
    if month is None:
        if year is not None:
            return date(year, 12, 31)
        candidates = [day - timedelta(days=back) for back in range(31)]
        return next((one for one in candidates if one.day == number), None)
    if not 1 <= month <= 12 or (number is not None and not 1 <= number <= 31):
        return None
    if year is None:
        soon = day + _AHEAD
        ahead = (month, number or 1) > (day.month, day.day) and not (
            soon.year == day.year and (month, number or 1) <= (soon.month, soon.day)
        )
        year = day.year - 1 if ahead else day.year
    length = monthrange(year, month)[1]
    return date(year, month, min(number or length, length))


def leading(found: Sequence[Dated], start: int, text: str) -> Dated | None:
    """The date that a paragraph is headed with, as in a chronicle: "October 18: …"."""
    return next((one for one in found if one.start == start and text[one.end : one.end + 2].lstrip(" ")[:1] in _HEADING), None)
