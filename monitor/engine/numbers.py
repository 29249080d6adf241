"""Numbers in a text, in digits or in words, with their values: "1,100", "1,1 тыс.", "two thousand", "1천100", "4.7万".

Years, dates, times, shares and ordinals count nothing and are left out.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping

Quantity = tuple[int, int, int]
"""Where a number is written, and its value."""

_DIGITS = re.compile(
    r"(?<![0-9A-Za-z.,:/\-№#$€£₩])(?P<whole>[0-9]{1,3}(?:[,.'’ \u00a0\u202f][0-9]{3})+|[0-9]{1,12})(?P<part>[.,][0-9]{1,2})?(?![0-9:/])"
)
_YEARS = range(1900, 2100)
_JOINING = (" ", "-", " and ")
"""What stands between the words of one number."""


def numbers(
    text: str,
    worded: Iterable[Quantity],
    multipliers: Mapping[str, int],
    measures: tuple[str, ...] = (),
    counters: tuple[str, ...] = (),
) -> list[Quantity]:
    """A field's numbers in order.

    worded: numbers that the language's words stand for. multipliers: words that multiply the digits before them (thousand). measures: what
    right after digits makes them no count (%, th, km). counters: words that belong to the number before them (명, 人).
    """
    found: list[Quantity] = []
    for match in _DIGITS.finditer(text):
        whole, part = "".join(filter(str.isdecimal, match["whole"])), match["part"]
        start, end = match.start(), match.end()
        value = float(f"{whole}.{part[1:]}" if part else whole)
        plain, times = match["whole"] == whole and part is None, 0
        while (step := _multiplier(text, end, multipliers)) is not None and step[1] > times:
            end, times, plain = step[0], step[1], False
            value *= times
        if (plain and int(whole) in _YEARS and int(whole) % 100) or _measures(text, end, measures):
            continue
        if found and found[-1][1] == start and found[-1][2] > value:  # "1만1000": ten thousand and one thousand
            start, value = found[-1][0], found[-1][2] + value
            found.pop()
        found.append((start, _counter_end(text, end, counters), int(value)))
    taken = [(start, end) for start, end, _ in found]
    found += [one for one in _together(text, sorted(worded)) if not any(start < one[1] and one[0] < end for start, end in taken)]
    return sorted(found)


def _together(text: str, worded: Iterable[Quantity]) -> list[Quantity]:
    """Numbers in words, those that are written as several put together: "three hundred and fifty", "twenty-five"."""
    found: list[Quantity] = []
    for start, end, value in worded:
        before = found[-1] if found else (0, 0, 0)
        if value and text[before[1] : start] in _JOINING and value < before[2] and not before[2] % 10 ** len(str(value)):
            found[-1] = (before[0], end, before[2] + value)
        else:
            found.append((start, end, value))
    return found


def _counter_end(text: str, at: int, counters: tuple[str, ...]) -> int:
    """The end of the counter that stands at an offset (명, 人), the longest; the offset itself where none does."""
    return at + max((len(counter) for counter in counters if text.startswith(counter, at)), default=0)


def _measures(text: str, at: int, measures: tuple[str, ...]) -> bool:
    """Whether a word or mark that makes digits no count stands at an offset."""
    following = text[at : at + 12].lstrip(" \u00a0-").casefold()
    return any(following.startswith(measure) and not _goes_on(following, measure) for measure in measures)


def _multiplier(text: str, at: int, multipliers: Mapping[str, int]) -> tuple[int, int] | None:
    """The end and the value of the multiplier that stands at an offset, the longest."""
    start = at + 1 if text[at : at + 1] in (" ", "\u00a0", "-") else at
    following = text[start : start + 12].casefold()
    word = max((m for m in multipliers if following.startswith(m) and not _goes_on(following, m)), key=len, default=None)
    return None if word is None else (start + len(word), multipliers[word])


def _goes_on(following: str, word: str) -> bool:
    """Whether a spelt word runs on behind its start: "k" in "km"."""
    return word[-1].isascii() and following[len(word) : len(word) + 1].isalpha()
