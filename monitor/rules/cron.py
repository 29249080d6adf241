"""The syntax of a feed's `cron:`: five fields, as crontab(5) has them, in UTC."""

from __future__ import annotations

from typing import NamedTuple


class _Field(NamedTuple):
    name: str
    low: int
    high: int
    names: tuple[str, ...] = ()
    """Names of the values from `low` on."""


_FIELDS = (
    _Field("minute", 0, 59),
    _Field("hour", 0, 23),
    _Field("day of the month", 1, 31),
    _Field("month", 1, 12, ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")),
    _Field("day of the week", 0, 7, ("sun", "mon", "tue", "wed", "thu", "fri", "sat")),
)
_LONGEST = (31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)
_MACROS = {
    "@hourly": "0 * * * *",
    "@daily": "0 0 * * *",
    "@midnight": "0 0 * * *",
    "@weekly": "0 0 * * 0",
    "@monthly": "0 0 1 * *",
}


def check_cron(text: str) -> str:
    """The five fields, single-spaced. Raises ValueError with what is wrong and what would be right."""
    parse_cron(text)
    return " ".join(text.split())


def parse_cron(text: str) -> tuple[set[int], set[int], set[int], set[int], set[int]]:
    """The values of minute, hour, day, month and weekday (0 and 7 are Sunday). Raises ValueError."""
    if text.strip() in _MACROS:
        raise ValueError(f"write {text.strip()} as {_MACROS[text.strip()]!r}")
    parts = text.split()
    if len(parts) != len(_FIELDS):
        raise ValueError(f"cron has five fields (minute, hour, day, month, weekday), like '*/10 6-22 * * mon-fri'; this has {len(parts)}")
    minute, hour, day, month, weekday = (_values(part, field) for part, field in zip(parts, _FIELDS, strict=True))
    if parts[4] == "*" and min(day) > max(_LONGEST[number - 1] for number in month):
        raise ValueError(f"no such day ever comes: day {parts[2]} in month {parts[3]}")
    return minute, hour, day, month, weekday


def _values(part: str, field: _Field) -> set[int]:
    found: set[int] = set()
    for item in part.split(","):
        span, slash, step = item.partition("/")
        if not item or not span or (slash and not _whole(step)):
            raise ValueError(f"{field.name}: {item!r} is not a value, a range like 1-5 or a step like */10")
        if slash and not 1 <= int(step) <= field.high:
            raise ValueError(f"{field.name}: the step in {item!r} must be from 1 to {field.high}")
        if span == "*":
            # 7 is Sunday once more, and no value of `*`: a step must not reach it.
            low, high = field.low, 6 if field.high == 7 else field.high
        else:
            first, dash, last = span.partition("-")
            low = _value(first, field)
            high = _value(last, field) if dash else low
            if slash and not dash:
                raise ValueError(f"{field.name}: a step needs a range, like {low}-{field.high}/{step}")
            if high == 0 and low and field.names[:1] == ("sun",):
                high = 7
            if high < low:
                raise ValueError(f"{field.name}: the range {span!r} runs backwards")
        found.update(range(low, high + 1, int(step) if slash else 1))
    return found


def _value(word: str, field: _Field) -> int:
    if word.lower() in field.names:
        return field.names.index(word.lower()) + field.low
    if not _whole(word) or not field.low <= int(word) <= field.high:
        names = f" or {field.names[0]}-{field.names[-1]}" if field.names else ""
        raise ValueError(f"{field.name}: {word!r} is not from {field.low} to {field.high}{names}")
    return int(word)


def _whole(word: str) -> bool:
    return len(word) <= 4 and word.isascii() and word.isdigit()
