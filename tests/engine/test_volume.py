"""Alerts that count: how many articles meet a condition within a time, or more than usual; and alerts that are the last to be asked."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from monitor.engine.ledger import Ledger
from monitor.model import Alert
from monitor.rules.schema import Trigger
from tests.engine.factory import article, few, reading, says, story

FIVE = {"match": "strike", "times": 5, "within": "1h"}
TWICE = {"match": "strike", "times": 2, "within": "1h"}
THRICE_USUAL = {"match": "strike", "above_usual": 3, "within": "1d"}
DAILY = [24.0 * day for day in range(1, 8)]


def fired(when: Mapping[str, Any], hours: Sequence[float], name: str = "strike", **rule: Any) -> list[tuple[float, str]]:
    """At which of the hours an alert fires, in order of arrival, with its summary."""
    ledger = Ledger(story([{"alert": "wave", "when": when, "summary": "{count}", **rule}]))
    found = []
    for number, hour in enumerate(hours):
        outcome = ledger.apply(reading(article(f"a{number}", hour), matches=[name]))
        found += [(hour, event.summary) for event in outcome.events if isinstance(event, Alert)]
    return found


COURSES = {
    # outcome: trigger, hours in order of arrival, when it fires with how many
    "at the fifth within the hour": (FIVE, [0, 0.1, 0.2, 0.3, 0.4], [(0.4, "5")]),
    "not at the fifth a minute too late": (FIVE, [0, 0.2, 0.4, 0.6, 1.02], []),
    "at the first five that are near enough": (FIVE, [0, 0.5, 1.1, 1.2, 1.3, 1.4], [(1.4, "5")]),
    "once, however many follow within its time": (FIVE, [0, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6], [(0.4, "5")]),
    "again after that": (TWICE, [0, 0.5, 2, 2.5], [(0.5, "2"), (2.5, "2")]),
    "by event time, when the one in the middle comes last": (FIVE, [0, 0.1, 0.3, 0.4, 0.2], [(0.2, "5")]),
    "by event time, when the first comes last": (TWICE, [0.5, 0], [(0, "2")]),
    "three times the usual": (THRICE_USUAL, [*DAILY, 193, 193.1, 193.2], [(193.2, "3")]),
    "not when it is always so": (THRICE_USUAL, [hour + part for hour in DAILY for part in (0, 1, 2)] + [193, 193.1, 193.2], []),
    "not before anything is usual": (THRICE_USUAL, [0, 1, 2, 3], []),
    "not for a few": (THRICE_USUAL, [*DAILY[:1], 193, 193.1], []),
}


@pytest.mark.parametrize(("when", "hours", "expected"), COURSES.values(), ids=COURSES)
def test_an_alert_that_counts_fires(when: Mapping[str, Any], hours: Sequence[float], expected: list[tuple[float, str]]) -> None:
    assert fired(when, hours) == expected


def test_other_conditions_are_not_counted_with_it() -> None:
    assert fired(FIVE, [0, 0.1, 0.2, 0.3, 0.4], name="talks") == []


def test_a_throttle_of_its_own_holds_instead() -> None:
    assert [hour for hour, _ in fired(TWICE, [0, 0.5, 2, 2.5], throttle="6h")] == [0.5]


@few
@given(st.permutations([0, 0.1, 0.2, 0.3, 0.4]))
def test_in_whatever_order_they_come_five_make_one_alert(hours: list[float]) -> None:
    assert [summary for _, summary in fired(FIVE, hours)] == ["5"]


def test_what_is_counted_is_remembered_over_a_restart_and_no_longer_than_needed() -> None:
    compiled = story([{"alert": "wave", "when": FIVE}])
    ledger = Ledger(compiled)
    for number in range(4):
        ledger.apply(reading(article(f"a{number}", number / 10), matches=["strike", "talks"]))
    again = Ledger(compiled, ledger.entries.items(), ledger.memory)
    assert [event.alert for event in again.apply(reading(article("a4", 0.4), matches=["strike"])).events if isinstance(event, Alert)] == [
        "wave"
    ]
    again.apply(reading(article("late", 100), matches=["strike"]))
    assert {name: len(times) for name, times in again.memory.met.items()} == {"strike": 1}


FINAL: list[dict[str, Any]] = [
    {"alert": "admitted", "when": {"claim": "sale", "becomes": "confirmed"}, "final": True, "throttle": "1d"},
    {"alert": "any", "when": {"claim": "sale"}},
]


def test_a_final_alert_is_the_last_that_is_asked_also_while_it_is_throttled() -> None:
    ledger = Ledger(story(FINAL))
    raised = []
    for number, stance in enumerate(("affirm", "deny", "affirm")):
        outcome = ledger.apply(says(f"a{number}", number, "buyer", stance))  # type: ignore[arg-type]
        raised.append([event.alert for event in outcome.events if isinstance(event, Alert)])
    assert raised == [["admitted"], ["any"], []]


WRONG = {
    "times without within": ({"match": "strike", "times": 5}, "`match` and `within`"),
    "times for a claim": ({"claim": "sale", "times": 5, "within": "1h"}, "`match` and `within`"),
    "within alone": ({"match": "strike", "within": "1h"}, "`times`"),
    "once": ({"match": "strike", "times": 1, "within": "1h"}, "greater than or equal to 2"),
}


@pytest.mark.parametrize(("when", "said"), WRONG.values(), ids=WRONG)
def test_a_count_that_makes_no_sense_is_refused(when: Mapping[str, Any], said: str) -> None:
    with pytest.raises(ValidationError, match=said):
        Trigger.model_validate(when)
