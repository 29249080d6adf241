"""One article that several feeds bring: which of them is read, and what happens when one of them corrects it."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.engine.kept import Reread
from monitor.engine.ledger import Ledger, said_of
from monitor.engine.pipeline import Reading
from monitor.engine.renewing import merged, without
from monitor.model import Evidence, Match, PositionChanged
from tests.engine.factory import CLAIMS, StanceName, article, evidence, many, reading, story

STANCES: list[StanceName | None] = ["affirm", "deny", "decline", None]


def brought(feed: str, stance: StanceName | None, size: int, version: int = 1, name: str = "a", at: float = 1) -> Reading:
    """A feed's version of an article: so many characters, in which the buyer takes a stance, or nothing is said."""
    of = article(name, at, version).model_copy(update={"feed": feed, "text": "x" * size})
    return reading(of, [evidence(of, "buyer", stance)] if stance else [], ["talks"] if stance else [])


@pytest.mark.parametrize(
    ("course", "stance"),
    [
        ([brought("f", "affirm", 10), brought("g", "affirm", 10)], "affirm"),
        ([brought("f", "affirm", 10), brought("g", "deny", 90)], "deny"),
        ([brought("f", "affirm", 90), brought("g", "deny", 10)], "affirm"),
        ([brought("f", "affirm", 10), brought("g", None, 90)], "affirm"),
        ([brought("f", "affirm", 90), brought("g", "deny", 10), brought("f", None, 90, 2)], "deny"),
        ([brought("f", "affirm", 90), brought("g", "deny", 10), brought("f", "decline", 90, 2)], "decline"),
        ([brought("f", "affirm", 90), brought("g", "deny", 50), brought("f", "affirm", 5, 2)], "deny"),
        ([brought("f", "affirm", 90), brought("f", None, 90, 2)], None),
        ([brought("", "affirm", 10), brought("g", "deny", 90)], "affirm"),
        ([brought("f", "affirm", 10), brought("", "deny", 90)], "affirm"),
        ([brought("f", "affirm", 10), brought("", "deny", 10, 2)], "deny"),
    ],
    ids=[
        "said twice",
        "the longer comes later",
        "the longer comes first",
        "a longer one that says nothing",
        "the one that is read is corrected to nothing",
        "the one that is read is corrected",
        "a correction makes it the shorter",
        "corrected without another",
        "known from a file",
        "known, and comes from a file",
        "a file has a later version",
    ],
)
def test_the_longest_version_that_says_something_is_read(course: list[Reading], stance: StanceName | None) -> None:
    for order in (course, sorted(course, key=lambda one: one.article.version)):
        ledger = Ledger(story())
        for one in order:
            ledger.apply(one)
        position = ledger.standing("sale").position("buyer")
        assert (position.stance if position else None) == stance


def test_what_a_second_feed_brings_is_told_once() -> None:
    ledger = Ledger(
        story([{"alert": "talks", "when": {"match": "talks"}}, {"alert": "moved", "when": {"party": "buyer", "position": "any"}}])
    )
    assert len(ledger.apply(brought("f", "affirm", 10)).events) == 6
    assert ledger.apply(brought("g", "affirm", 90)).events == ()
    assert ledger.apply(brought("g", "affirm", 90)).empty
    changes = [event for event in ledger.apply(brought("g", "deny", 90, 2)).events if not isinstance(event, (Match, Evidence))]
    assert [type(event).__name__ for event in changes] == ["PositionChanged", "ClaimChanged", "Alert"]


versions = st.lists(
    st.builds(brought, st.sampled_from("fgh"), st.sampled_from(STANCES), st.integers(1, 60), st.integers(1, 3), st.sampled_from("ab")),
    min_size=1,
    max_size=9,
    unique_by=lambda one: one.article.key,
)


@many
@given(versions, st.data())
def test_the_order_in_which_feeds_bring_it_plays_no_part(all_of_it: list[Reading], data: st.DataObject) -> None:
    def told(course: list[Reading]) -> Ledger:
        ledger = Ledger(story())
        for one in course:
            ledger.apply(one)
        return ledger

    arrived, in_order = told(data.draw(st.permutations(all_of_it))), told(sorted(all_of_it, key=lambda one: one.article.key))
    assert [arrived.state(claim) for claim in CLAIMS] == [in_order.state(claim) for claim in CLAIMS]
    again = Ledger(story(), arrived.entries.items(), arrived.memory)
    assert [again.state(claim) for claim in CLAIMS] == [in_order.state(claim) for claim in CLAIMS]


def test_each_feeds_version_is_read_again_by_changed_rules() -> None:
    ledger = Ledger(story())
    for one in (brought("f", "affirm", 90), brought("g", "deny", 10)):
        ledger.apply(one)
    again = [brought("f", None, 90), brought("g", "decline", 10)]
    found = {("a", one.article.feed): Reread(said_of(one), ()) for one in again}
    changed, news = merged(ledger.entries, found)
    assert [row.stance for row in changed["a"].evidence] == ["decline"]
    assert [type(one).__name__ for one in news] == ["Evidence"]
    assert merged({**ledger.entries, **changed}, found) == ({}, [])


def test_a_removed_claim_is_forgotten_in_every_feeds_version() -> None:
    ledger = Ledger(story())
    for one in (brought("f", "affirm", 90), brought("g", "deny", 10)):
        ledger.apply(one)
    left = without(ledger.entries, ["sale"])["a"]
    assert left is not None
    assert [said.evidence for said in (left, *left.others)] == [(), ()]


def test_no_change_is_told_when_another_feeds_version_says_the_same() -> None:
    ledger = Ledger(story())
    ledger.apply(brought("f", "affirm", 90))
    ledger.apply(brought("g", "affirm", 10))
    outcome = ledger.apply(brought("f", None, 90, 2))
    assert not [event for event in outcome.events if isinstance(event, PositionChanged)]
