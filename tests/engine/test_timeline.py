"""A claim's history: what each piece of evidence did, and the bands that follow, whatever the order of arrival."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from typing import Literal, NamedTuple

import pytest

from monitor.engine.ledger import Ledger
from monitor.engine.pipeline import Reading
from monitor.engine.timeline import PositionBand, StatusBand, Timeline, timeline, within
from monitor.model import Evidence, MovedBy, Status, Strength
from tests.engine.factory import START, StanceName, article, evidence, hour, moved_by, reading, story


class Said(NamedTuple):
    """An article, so many hours after the start, in which a party takes a stance."""

    article: str
    at: float
    party: str
    stance: StanceName
    when: Literal["now", "past"] = "now"
    strength: Literal["strong", "weak"] = "strong"
    outlet: str = "Gazette"
    version: int = 1


class Course(NamedTuple):
    """What was said, and the history that follows: bands as PARTY STANCE FROM-TO, what each piece of evidence did, statuses."""

    said: Sequence[Said]
    bands: Sequence[str]
    effects: Sequence[str]
    statuses: Sequence[str]
    by: MovedBy = MovedBy.ANY


COURSES = {
    "a party denies, evades, then admits": Course(
        [Said("a", 1, "buyer", "deny"), Said("b", 2, "buyer", "decline"), Said("c", 3, "buyer", "affirm")],
        ["buyer deny 1-2", "buyer decline 2-3", "buyer affirm 3-"],
        ["a moved", "b moved", "c moved"],
        ["denied 1-2", "open 2-3", "confirmed 3-"],
    ),
    "what comes again agrees": Course(
        [Said("a", 1, "union", "affirm"), Said("b", 2, "union", "affirm")],
        ["union affirm 1-"],
        ["a moved", "b agrees"],
        ["asserted 1-"],
    ),
    "evasion does not take an admission back": Course(
        [Said("a", 1, "buyer", "affirm"), Said("b", 2, "buyer", "decline"), Said("c", 3, "buyer", "deny")],
        ["buyer affirm 1-3", "buyer deny 3-"],
        ["a moved", "b outweighed", "c moved"],
        ["confirmed 1-3", "denied 3-"],
    ),
    "a recap moves nothing, though nothing else is known": Course(
        [Said("a", 1, "buyer", "deny", "past"), Said("b", 2, "union", "affirm"), Said("c", 3, "union", "deny", "past")],
        ["union affirm 2-"],
        ["a past", "b moved", "c past"],
        ["asserted 2-"],
    ),
    "of an article's words the weightier count": Course(
        [Said("a", 1, "buyer", "deny"), Said("a", 1, "buyer", "doubt")],
        ["buyer deny 1-"],
        ["a moved", "a outweighed"],
        ["denied 1-"],
    ),
    "a correction replaces what was said": Course(
        [Said("a", 1, "buyer", "deny"), Said("b", 2, "buyer", "deny"), Said("a", 1, "buyer", "affirm", version=2)],
        ["buyer affirm 1-2", "buyer deny 2-"],
        ["a moved", "b moved"],
        ["confirmed 1-2", "denied 2-"],
    ),
    "two at the same instant stand in the order of their ids": Course(
        [Said("b", 1, "buyer", "affirm"), Said("a", 1, "buyer", "deny")],
        ["buyer deny 1-1", "buyer affirm 1-"],
        ["a moved", "b moved"],
        ["denied 1-1", "confirmed 1-"],
    ),
    "weak evidence moves no claim that asks for strong": Course(
        [Said("a", 1, "buyer", "deny", strength="weak"), Said("b", 2, "buyer", "affirm")],
        ["buyer affirm 2-"],
        ["a weak", "b moved"],
        ["confirmed 2-"],
        MovedBy.STRONG,
    ),
    "weak evidence waits until a second outlet says so too": Course(
        [
            Said("a", 1, "buyer", "deny", strength="weak"),
            Said("b", 2, "buyer", "deny", strength="weak"),
            Said("c", 3, "buyer", "deny", strength="weak", outlet="Herald"),
            Said("d", 4, "target", "deny", strength="weak"),
        ],
        ["buyer deny 3-"],
        ["a waits", "b waits", "c moved", "d waits"],
        ["denied 3-"],
        MovedBy.CORROBORATED,
    ),
}


def readings(said: Sequence[Said]) -> list[Reading]:
    articles: dict[tuple[str, int], list[Evidence]] = {}
    for number, one in enumerate(said):
        row = evidence(article(one.article, one.at, one.version), one.party, one.stance, when=one.when, start=number)
        row = row.model_copy(update={"strength": Strength(one.strength), "outlet": one.outlet})
        articles.setdefault((one.article, one.version), []).append(row)
    at = {one.article: one.at for one in said}
    return [reading(article(name, at[name], version), rows) for (name, version), rows in articles.items()]


def told(made: Sequence[Reading], by: MovedBy = MovedBy.ANY) -> Timeline:
    ledger = Ledger(moved_by(by))
    for one in made:
        ledger.apply(one)
    return timeline(ledger, "sale")


def hours(band: PositionBand | StatusBand) -> str:
    return "-".join("" if time is None else f"{(time - START).total_seconds() / 3600:g}" for time in (band.since, band.until))


@pytest.mark.parametrize("course", COURSES.values(), ids=COURSES)
def test_a_history_in_any_order_of_arrival(course: Course) -> None:
    for arrived in itertools.permutations(readings(course.said)):
        found = told(arrived, course.by)
        bands = [f"{lane.party} {band.stance} {hours(band)}" for lane in found.lanes for band in lane.bands]
        assert bands == course.bands
        assert [f"{mark.evidence.article} {mark.effect}" for mark in found.marks] == course.effects
        assert [f"{band.status} {hours(band)}" for band in found.statuses] == course.statuses
        assert found.status is found.statuses[-1].status


def test_the_last_bands_are_where_the_ledger_says_the_claim_stands() -> None:
    ledger = Ledger(story())
    for one in readings([said for course in COURSES.values() for said in course.said if said.version == 1]):
        ledger.apply(one)
    found, state = timeline(ledger, "sale"), ledger.state("sale")
    assert (found.status, found.since) == (state.status, state.since)
    assert {(lane.party, lane.bands[-1].stance, lane.bands[-1].since) for lane in found.lanes if lane.bands} == {
        (position.party, position.stance, position.since) for position in state.positions
    }


def test_a_baseline_begins_a_band_before_the_first_article() -> None:
    ledger = Ledger(story(baseline={"sale": [{"party": "target", "stance": "deny", "since": "2024-01-01", "quote": "Not for sale"}]}))
    for one in readings([Said("a", 1, "target", "affirm")]):
        ledger.apply(one)
    found = timeline(ledger, "sale")
    [lane] = found.lanes
    assert [(band.stance, band.since.date().isoformat()) for band in lane.bands] == [("deny", "2024-01-01"), ("affirm", "2024-03-01")]
    assert [(mark.evidence.article, mark.effect, mark.evidence.quote) for mark in found.marks[:1]] == [("", "moved", "Not for sale")]


def test_who_would_have_to_admit_it_comes_first_then_by_their_first_evidence() -> None:
    found = told(readings([Said("a", 1, "union", "affirm"), Said("b", 2, "target", "deny", "past"), Said("c", 3, "buyer", "deny")]))
    assert [(lane.party, lane.principal, len(lane.bands)) for lane in found.lanes] == [
        ("buyer", True, 1),
        ("target", True, 0),
        ("union", False, 1),
    ]


def test_a_turn_says_what_moved_and_what_came_of_it() -> None:
    found = told(readings([Said("a", 1, "union", "affirm"), Said("b", 2, "union", "affirm"), Said("b", 2, "buyer", "deny")]))
    assert [(turn.article, [(move.party, move.from_, move.to) for move in turn.moves], turn.from_, turn.to) for turn in found.turns] == [
        ("a", [("union", None, "affirm")], Status.UNREPORTED, Status.ASSERTED),
        ("b", [("buyer", None, "deny")], Status.ASSERTED, Status.DISPUTED),
    ]


WINDOWS = {
    # outcome: from, to, bands, articles, status
    "all": (None, None, ["deny 1-3", "affirm 3-5", "deny 5-"], "abc", "denied"),
    "a band that reaches in keeps its beginning": (2, None, ["deny 1-3", "affirm 3-5", "deny 5-"], "bc", "denied"),
    "what ends later is open": (None, 4, ["deny 1-3", "affirm 3-"], "ab", "confirmed"),
    "both ends belong to it": (3, 3, ["affirm 3-"], "b", "confirmed"),
    "before everything nothing": (None, 0, [], "", "unreported"),
}


@pytest.mark.parametrize(("since", "until", "bands", "articles", "status"), WINDOWS.values(), ids=WINDOWS)
def test_a_window(since: float | None, until: float | None, bands: list[str], articles: str, status: str) -> None:
    whole = told(readings([Said("a", 1, "buyer", "deny"), Said("b", 3, "buyer", "affirm"), Said("c", 5, "buyer", "deny")]))
    seen = within(whole, None if since is None else hour(since), None if until is None else hour(until))
    assert [f"{band.stance} {hours(band)}" for lane in seen.lanes for band in lane.bands] == bands
    assert "".join(mark.evidence.article for mark in seen.marks) == articles
    assert "".join(turn.article for turn in seen.turns) == articles
    assert seen.status == status
