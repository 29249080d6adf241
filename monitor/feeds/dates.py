"""Dates as feeds write them: RFC 822 and ISO 8601, whole, in parts and wrong; in Russian, Ukrainian, Korean and Chinese words; in seconds.

Not feedparser's own reading, which takes unknown time zones for UTC, and for dates in Chinese words makes up month and day. Pure.
"""

from __future__ import annotations

import re
import unicodedata
from datetime import UTC, datetime, timedelta
from typing import NamedTuple

_LONGEST = 100  # characters of a date

_MONTHS = {
    word: month
    for words in (
        "jan feb mar apr may jun jul aug sep oct nov dec",
        "янв фев мар апр май июн июл авг сен окт ноя дек",
        "січ лют бер кві тра чер лип сер вер жов лис гру",
    )
    for month, word in enumerate(words.split(), start=1)
} | {"мая": 5}
"""The first three letters of a month -> its number."""

_HOURS = {
    zone: hours
    for hours, zones in {
        0: "z ut utc gmt wet",
        1: "cet bst west",
        2: "cest eet",
        3: "eest msk мск",
        4: "msd",
        8: "hkt sgt",
        9: "kst jst",
        10: "aest",
        11: "aedt",
        -4: "edt",
        -5: "est cdt",
        -6: "cst mdt",
        -7: "mst pdt",
        -8: "pst",
    }.items()
    for zone in zones.split()
}
"""Time zones -> hours ahead of UTC. `cst` is America's, as in RFC 822."""
_AHEAD = (("[가-힣]", 9), ("[一-鿿]", 8), ("[а-яіїєґ]", 3))
"""The script of a date that names no zone -> hours ahead of UTC where it is written, most likely."""

_WORD = r"([^\W\d_]{3,})\.?"
_DAY = r"(?<!\d)(\d{1,2})(?:st|nd|rd|th|-?го|\.)?"
_CJK = re.compile(r"(?<!\d)(\d{4})\s?[년年]\s?(\d{1,2})\s?[월月]\s?(\d{1,2})\s?[일日号號]?")
_ISO = re.compile(r"(?<!\d)(\d{4})\s?[-/.]\s?(\d{1,2})\s?[-/.]\s?(\d{1,2})(?!\d)\.?")
_PACKED = re.compile(r"^(\d{4})(\d\d)(\d\d)(?:[t ]?(\d\d)(\d\d)(\d\d)?(?!\d)|$)")
_DAY_FIRST = re.compile(_DAY + r"[\s-]{0,3}" + _WORD + r",?[\s-]{0,3}(\d{4}|\d\d)(?![\d:])")
_MONTH_FIRST = re.compile(_WORD + r"\s{1,3}" + _DAY + r",?\s{1,3}(?:(\d{4})\b|(?=\d{1,2}:).*\b(\d{4})$)")
_DOTTED = re.compile(r"(?<!\d)(\d{1,2})\.(\d{1,2})\.(\d{4}|\d\d)(?!\d)")
_SLASHED = re.compile(r"(?<!\d)(\d{1,2})[/-](\d{1,2})[/-](\d{4})(?!\d)")
_SECONDS = re.compile(r"^(\d{9,10})(?:\d{3}|\.\d+)?$")

_TIME = re.compile(
    r"(오전|오후|上午|下午|午前|午後|凌晨|早上|晚上)?\s?(?<!\d)(\d{1,2})\s?[:시時时點点]\s?"
    r"(?:(\d{1,2})(?:\s?[:분分]\s?(\d{1,2})(?:[.,]\d+)?)?)?\s?[분分초秒]?\s?([ap])?"
)
_AFTER_NOON = ("오후", "下午", "午後", "晚上", "p")
_OFFSET = re.compile(r"([+-])(\d{1,2})(?::?(\d\d))?(?!\d)")
_ZONE = re.compile(r"[a-zмск]{1,4}")


class _Day(NamedTuple):
    """Year, month and day, and the rest of the text, with the time."""

    year: int
    month: int
    day: int
    rest: str


def instant(text: str) -> datetime | None:
    """The time that a date in a feed means, in UTC; None for what is no date, or might be one of two.

    A date without a time zone is in that of its language where words show one, else in UTC. Without a time it is midnight.
    """
    text = " ".join(unicodedata.normalize("NFKC", text[:_LONGEST]).casefold().replace("\u2212", "-").split())
    try:
        if seconds := _SECONDS.match(text):
            return datetime.fromtimestamp(int(seconds[1]), UTC)
        found = _day(text)
        return None if found is None else _at(found, text)
    except (ValueError, OverflowError):
        return None


def _day(text: str) -> _Day | None:
    if found := _PACKED.match(text):
        clock = ":".join(part for part in found.groups()[3:] if part)
        return _Day(int(found[1]), int(found[2]), int(found[3]), clock + text[found.end() :])
    if found := _CJK.search(text) or _ISO.search(text):
        return _Day(int(found[1]), int(found[2]), int(found[3]), text[found.end() :])
    for found in _DAY_FIRST.finditer(text):
        if month := _MONTHS.get(found[2][:3]):
            return _Day(_year(found[3]), month, int(found[1]), text[found.end() :])
    for found in _MONTH_FIRST.finditer(text):
        if month := _MONTHS.get(found[1][:3]):
            return _Day(int(found[3] or found[4]), month, int(found[2]), text[found.end(2) :])
    if found := _DOTTED.search(text):
        return _Day(_year(found[3]), int(found[2]), int(found[1]), text[found.end() :])
    return _slashed(text)


def _slashed(text: str) -> _Day | None:
    """Americans write the month first. Who does shows by a day above 12, or by the hours after noon."""
    found = _SLASHED.search(text)
    if found is None:
        return None
    first, second, rest = int(found[1]), int(found[2]), text[found.end() :]
    time = _TIME.search(rest)
    if second > 12 or first == second or (time is not None and time[5]):  # months
        return _Day(int(found[3]), first, second, rest)
    return _Day(int(found[3]), second, first, rest) if first > 12 else None


def _year(digits: str) -> int:
    """Of two digits as in RFC 2822."""
    year = int(digits)
    return year if len(digits) > 2 else year + (2000 if year < 50 else 1900)


def _at(day: _Day, text: str) -> datetime:
    """Raises ValueError for a time that does not exist."""
    midnight = datetime(day.year, day.month, day.day, tzinfo=UTC)
    time = _TIME.search(day.rest)
    if time is None:
        return midnight
    hour, minute, second = int(time[2]), int(time[3] or 0), int(time[4] or 0)
    half = time[1] or time[5]
    if half and hour <= 12:  # hours of half a day
        hour = hour % 12 + 12 * (half in _AFTER_NOON)
    if hour > 24 or minute > 59 or second > 60:  # a day may end at 24:00, a minute with a leap second
        raise ValueError("no time of the day")
    return midnight + timedelta(hours=hour, minutes=minute, seconds=second) - _ahead(day.rest[time.end() :], text)


def _ahead(rest: str, text: str) -> timedelta:
    """How much the zone that `rest` names is ahead of UTC."""
    if (offset := _OFFSET.search(rest)) and int(offset[2]) <= 14:  # no zone is further ahead
        ahead = timedelta(hours=int(offset[2]), minutes=int(offset[3] or 0))
        return ahead if offset[1] == "+" else -ahead
    for word in _ZONE.findall(rest):
        if word in _HOURS:
            return timedelta(hours=_HOURS[word])
    return timedelta(hours=next((hours for script, hours in _AHEAD if re.search(script, text)), 0))
