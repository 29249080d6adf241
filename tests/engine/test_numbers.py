"""Numbers as texts write them: their place and their value; what looks like a number and counts nothing is left out."""

import pytest

from monitor.engine.numbers import numbers

ENGLISH = {"thousand": 1000, "million": 1_000_000, "k": 1000}
RUSSIAN = {"тыс": 1000, "тысяч": 1000, "тысячи": 1000}
KOREAN = {"백": 100, "천": 1000, "만": 10_000}
CHINESE = {"千": 1000, "万": 10_000, "萬": 10_000}

TABLE = [
    ("1,100 soldiers", ENGLISH, [("1,100", 1100)]),
    ("11,000-strong", ENGLISH, [("11,000", 11_000)]),
    ("some 4 000 men", ENGLISH, [("4 000", 4000)]),
    ("3 thousand and 2.5 million", ENGLISH, [("3 thousand", 3000), ("2.5 million", 2_500_000)]),
    ("12k men, 12 km away", ENGLISH, [("12k", 12_000)]),
    ("300 dead, 2,700 hurt", ENGLISH, [("300", 300), ("2,700", 2700)]),
    ("1,1 тыс. солдат", RUSSIAN, [("1,1 тыс", 1100)]),
    ("около 10 тысяч", RUSSIAN, [("10 тысяч", 10_000)]),
    ("3천명", KOREAN, [("3천명", 3000)]),
    ("1만1000명", KOREAN, [("1만1000명", 11_000)]),
    ("약 1천여 명이 다쳤다", KOREAN, [("1천여 명", 1000)]),
    ("约1.1万人", CHINESE, [("1.1万人", 11_000)]),
    ("in 2025 and 1943", ENGLISH, []),
    ("2,000 and 2000", ENGLISH, [("2,000", 2000), ("2000", 2000)]),
    ("at 10:30 on 2024-10-18", ENGLISH, []),
    ("an F-16, a T-72 and No.5", ENGLISH, []),
    ("99.5% of it, the 3rd army", ENGLISH, []),
    ("a hundred and one", ENGLISH, []),
    ("9" * 40, ENGLISH, []),
    ("", ENGLISH, []),
]


@pytest.mark.parametrize(("text", "multipliers", "expected"), TABLE, ids=[row[0][:20] or "nothing" for row in TABLE])
def test_a_number_has_its_place_and_value(text: str, multipliers: dict[str, int], expected: list[tuple[str, int]]) -> None:
    found = numbers(text, [], multipliers, ("%", "percent", "th", "rd", "st", "km"), ("여 명", "명", "人"))
    assert [(text[a:b], value) for a, b, value in found] == expected


def test_worded_numbers_stand_among_the_digits_unless_these_hold_them() -> None:
    text = "a thousand dead, 2 thousand hurt"
    worded = [(0, 10, 1000), (19, 27, 1000)]
    assert numbers(text, worded, ENGLISH, ()) == [(0, 10, 1000), (17, 27, 2000)]


TOGETHER = [
    ("three hundred and fifty jobs", {"three hundred": 300, "fifty": 50}, [("three hundred and fifty", 350)]),
    ("two thousand one hundred and twenty-five", {"two thousand": 2000, "one hundred": 100, "twenty": 20, "five": 5}, [("two thousand one hundred and twenty-five", 2125)]),
    ("сто двадцать человек", {"сто": 100, "двадцать": 20}, [("сто двадцать", 120)]),
    ("twenty, thirty or forty", {"twenty": 20, "thirty": 30, "forty": 40}, [("twenty", 20), ("thirty", 30), ("forty", 40)]),
    ("five hundred", {"five hundred": 500}, [("five hundred", 500)]),
    ("fifty three hundred", {"fifty": 50, "three hundred": 300}, [("fifty", 50), ("three hundred", 300)]),
]  # fmt: skip


@pytest.mark.parametrize(("text", "words", "expected"), TOGETHER, ids=[row[0] for row in TOGETHER])
def test_the_words_of_one_number_count_together(text: str, words: dict[str, int], expected: list[tuple[str, int]]) -> None:
    worded = [(text.index(word), text.index(word) + len(word), value) for word, value in words.items()]
    assert [(text[a:b], value) for a, b, value in numbers(text, worded, {}, ())] == expected
