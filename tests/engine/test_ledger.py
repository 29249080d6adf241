"""What follows from evidence, whatever the order in which it comes, however often it comes, and wherever the program was restarted.

The end state is compared with a naive evaluation written from the definition of positions and status, which shares nothing with the
program but its records.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from monitor.engine.kept import Batch, Entry, Memory, Outcome
from monitor.engine.ledger import Ledger
from monitor.engine.pipeline import Reading
from monitor.engine.vocabulary import CompiledStory
from monitor.model import Alert, ClaimChanged, Evidence, Match, MovedBy, PositionChanged, Status, Strength, When, as_json
from tests.engine.factory import ANY_STATUS, CLAIMS, PARTIES, StanceName, article, evidence, few, hour, many, moved_by, reading, says, story

ON_STATUS = {"alert": "status", "when": {"becomes": ANY_STATUS}}
ON_POSITION = {"alert": "position", "when": {"position": "any"}}
ON_MATCH = {"alert": "strike", "when": {"match": "strike"}, "throttle": "6h"}
BASELINE = {"sale": [{"party": "target", "stance": "deny", "since": hour(1.5)}]}

QUIET = story()
LOUD = story([ON_STATUS, ON_POSITION, ON_MATCH])
KNOWN = story([ON_STATUS], BASELINE)
THROTTLED = story([{**ON_STATUS, "throttle": "3h"}, ON_MATCH])


# The naive evaluation ---------------------------------------------------------------------------------------------------------


def stance_after(course: Sequence[str]) -> str:
    """A party's position after what it said, oldest first: its last yes or no, if that is yes; else its last word."""
    last_plain = next((stance for stance in reversed(course) if stance in ("affirm", "deny")), None)
    return "affirm" if last_plain == "affirm" else course[-1]


def status_of(positions: dict[str, str]) -> str:
    yes = [party for party, stance in positions.items() if stance == "affirm"]
    no = [party for party, stance in positions.items() if stance == "deny"]
    if set(yes) & {"buyer", "target"} and not set(no) & {"buyer", "target"}:
        return "confirmed"
    if yes or no:
        return "disputed" if yes and no else "asserted" if yes else "denied"
    return "open" if positions else "unreported"


def since(course: Sequence[tuple[datetime, str]]) -> datetime:
    """Since when the last value of a course has held without a break."""
    first = len(course) - 1
    while first > 0 and course[first - 1][1] == course[-1][1]:
        first -= 1
    return course[first][0]


def naive_state(readings: Iterable[Reading], compiled: CompiledStory, claim: str) -> dict[str, Any]:
    """Where a claim stands after these readings: {"status", "since", party: (stance, since, article, version)}."""
    latest: dict[str, Reading] = {}
    for one in readings:
        if one.article.id not in latest or latest[one.article.id].article.version < one.article.version:
            latest[one.article.id] = one
    words: dict[str, list[tuple[datetime, str, str, int]]] = {party: [] for party in PARTIES}
    for held in compiled.claim(claim).baseline:
        words[held.party].append((held.since, "", held.stance.value, 1))
    for one in latest.values():
        for party in PARTIES:
            rows = [e for e in one.evidence if (e.claim, e.party, e.when) == (claim, party, "now")]
            rows = [e for e in rows if e.stance in ("affirm", "deny")] or rows
            if rows:
                last = max(rows, key=lambda e: (e.field == "text", e.start))
                words[party].append((one.article.published_at, one.article.id, last.stance.value, one.article.version))
    words = {party: sorted(said) for party, said in words.items() if said}
    state: dict[str, Any] = {}
    for party, said in words.items():
        stances = [stance for _, _, stance, _ in said]
        course = [(at, stance_after(stances[: n + 1])) for n, (at, _, _, _) in enumerate(said)]
        _, name, _, version = [word for word in said if word[2] == course[-1][1]][-1]
        state[party] = (course[-1][1], since(course), name, version)
    moments = sorted({(at, name) for said in words.values() for at, name, _, _ in said})
    statuses = [(hour(-1), "unreported")]
    for moment in moments:
        then = {party: [s for at, name, s, _ in said if (at, name) <= moment] for party, said in words.items()}
        statuses.append((moment[0], status_of({party: stance_after(stances) for party, stances in then.items() if stances})))
    return {"status": statuses[-1][1], "since": since(statuses) if moments else None, **state}


def shown(ledger: Ledger, claim: str) -> dict[str, Any]:
    """A ledger's state in the form of the naive one."""
    state = ledger.state(claim)
    held = {p.party: (p.stance.value, p.since, p.evidence.article, p.evidence.version) for p in state.positions}
    return {"status": str(state.status), "since": state.since, **held}


# Random courses of events -----------------------------------------------------------------------------------------------------

ROW = st.tuples(
    st.sampled_from(CLAIMS),
    st.sampled_from(PARTIES),
    st.sampled_from(["affirm", "deny", "doubt", "decline"]),
    st.sampled_from(["now", "now", "now", "past"]),
    st.sampled_from(["title", "text", "text"]),
)


def made(name: str, version: int, at: int, rows: Sequence[tuple[Any, ...]], matches: Sequence[str]) -> Reading:
    of = article(name, at, version)
    # Places are distinct, as they are in a text: the n-th row stands at n times 20.
    said = [evidence(of, party, stance, claim, when, field, 20 * n) for n, (claim, party, stance, when, field) in enumerate(rows)]
    return reading(of, said, matches)


@st.composite
def versions(draw: st.DrawFn) -> list[Reading]:
    """Up to six articles, some at the same instant, each in up to three versions; only a first version says nothing."""
    found: list[Reading] = []
    for name in draw(st.lists(st.sampled_from("abcdef"), max_size=6, unique=True)):
        for version in range(1, draw(st.integers(1, 3)) + 1):
            rows = draw(st.lists(ROW, min_size=version > 1, max_size=4, unique_by=lambda row: row[:4]))
            matches = draw(st.lists(st.sampled_from(["strike", "talks"]), max_size=2, unique=True))
            found.append(made(name, version, draw(st.integers(0, 5)), rows, matches))
    return found


@st.composite
def arrivals(draw: st.DrawFn) -> tuple[list[Reading], list[Reading]]:
    """All versions once, and the same in any order with repeats."""
    all_versions = draw(versions())
    again = draw(st.lists(st.sampled_from(all_versions), max_size=4)) if all_versions else []
    return all_versions, draw(st.permutations([*all_versions, *again]))


def applied(compiled: CompiledStory, readings: Iterable[Reading]) -> Ledger:
    ledger = Ledger(compiled)
    for one in readings:
        ledger.apply(one)
    return ledger


STORIES = st.sampled_from([QUIET, LOUD, KNOWN, THROTTLED])


@many
@given(STORIES, arrivals())
def test_any_order_of_arrival_with_repeats_gives_the_state_of_one_pass_in_event_order(
    compiled: CompiledStory, course: tuple[list[Reading], list[Reading]]
) -> None:
    all_versions, arriving = course
    in_order = applied(compiled, sorted(all_versions, key=lambda r: (r.article.version, r.article.order)))
    arrived = applied(compiled, arriving)
    for claim in CLAIMS:
        assert arrived.state(claim) == in_order.state(claim)


@many
@given(STORIES, arrivals())
def test_the_state_is_what_the_definition_says(compiled: CompiledStory, course: tuple[list[Reading], list[Reading]]) -> None:
    ledger = applied(compiled, course[1])
    for claim in CLAIMS:
        assert shown(ledger, claim) == naive_state(course[0], compiled, claim)


@few
@given(STORIES, versions())
def test_changes_lead_from_each_state_to_the_next(compiled: CompiledStory, readings: list[Reading]) -> None:
    ledger = Ledger(compiled)
    statuses = {claim: ledger.standing(claim).status for claim in CLAIMS}
    positions = {(claim, p.party): p.stance for claim in CLAIMS for p in ledger.state(claim).positions}
    for one in readings:
        outcome = ledger.apply(one)
        for event in outcome.events:
            if isinstance(event, ClaimChanged):
                assert statuses[event.claim] is event.from_ is not event.to
                statuses[event.claim] = event.to
            elif isinstance(event, PositionChanged):
                assert positions.get((event.claim, event.party)) is event.from_ is not event.to
                positions.pop((event.claim, event.party), None)
                if event.to is not None:
                    positions[event.claim, event.party] = event.to
        assert statuses == {claim: ledger.standing(claim).status for claim in CLAIMS}
        assert positions == {(claim, p.party): p.stance for claim in CLAIMS for p in ledger.state(claim).positions}
        published = {state.claim: state for state in outcome.states}
        moved = {e.claim for e in outcome.events if isinstance(e, (ClaimChanged, PositionChanged))}
        assert moved <= published.keys()
        assert all(ledger.state(claim) == state for claim, state in published.items())


@few
@given(STORIES, arrivals())
def test_what_came_before_brings_nothing_when_it_comes_again(compiled: CompiledStory, course: tuple[list[Reading], list[Reading]]) -> None:
    ledger = applied(compiled, course[1])
    before = ledger.memory
    for one in course[0]:
        assert ledger.apply(one).empty
    assert ledger.memory == before


def kept(entries: dict[str, Entry], outcome: Outcome) -> None:
    """Keeps what an outcome says has to be kept, as text, as a store does."""
    for name, entry in outcome.entries:
        entries[name] = Entry.model_validate_json(entry.model_dump_json(by_alias=True))


@few
@given(STORIES, arrivals(), st.integers(0, 12))
def test_a_restart_at_any_point_changes_nothing(compiled: CompiledStory, course: tuple[list[Reading], list[Reading]], stop: int) -> None:
    going = Ledger(compiled)
    entries: dict[str, Entry] = {}
    for one in course[1][:stop]:
        kept(entries, going.apply(one))
    restarted = Ledger(compiled, entries.items(), Memory.model_validate_json(going.memory.model_dump_json(by_alias=True)))
    assert [restarted.state(claim) for claim in CLAIMS] == [going.state(claim) for claim in CLAIMS]
    for one in course[1][stop:]:
        assert restarted.apply(one) == going.apply(one)
    assert [restarted.state(claim) for claim in CLAIMS] == [going.state(claim) for claim in CLAIMS]
    assert restarted.memory == going.memory


@few
@given(STORIES, arrivals())
def test_ids_tell_events_apart(compiled: CompiledStory, course: tuple[list[Reading], list[Reading]]) -> None:
    ledger = Ledger(compiled)
    # Evidence has the same id in every version of an article, so it may come again; all other events are new ones.
    events = [event for one in course[1] for event in ledger.apply(one).events if not isinstance(event, Evidence)]
    assert len({event.id for event in events}) == len(events)


@few
@given(arrivals())
def test_past_evidence_moves_nothing(course: tuple[list[Reading], list[Reading]]) -> None:
    recalled = [
        Reading(r.story, r.article, r.matches, tuple(e.model_copy(update={"when": When.PAST}) for e in r.evidence)) for r in course[1]
    ]
    ledger = Ledger(LOUD)
    events = [event for one in recalled for event in ledger.apply(one).events]
    assert not [event for event in events if isinstance(event, (ClaimChanged, PositionChanged))]
    assert all(ledger.state(claim) == Ledger(LOUD).state(claim) for claim in CLAIMS)


def test_a_newer_version_that_says_nothing_wins_in_either_order() -> None:
    both = [says("a", 1, "buyer", "affirm"), reading(article("a", 1, version=2))]
    statuses = [applied(QUIET, order).standing("sale").status for order in (both, both[::-1])]
    assert statuses == [Status.UNREPORTED, Status.UNREPORTED]


# Corrections ------------------------------------------------------------------------------------------------------------------


def alerts(outcome: Outcome) -> list[Alert]:
    return [event for event in outcome.events if isinstance(event, Alert)]


def empty(name: str, at: float, version: int) -> Reading:
    return reading(article(name, at, version))


ON_CONFIRMED = {"alert": "admitted", "when": {"claim": "sale", "becomes": "confirmed"}, "severity": "urgent"}
ON_AFFIRMED = {"alert": "says-yes", "when": {"party": "buyer", "position": "affirm"}}

CORRECTED: dict[str, tuple[list[dict[str, Any]], Reading, str]] = {
    # outcome: alert rules, the second version of an article in which the buyer affirmed, the status after it
    "no rule speaks to the new status": ([ON_CONFIRMED], empty("a", 1, 2), "unreported"),
    "a rule speaks to the new status": ([ON_STATUS], empty("a", 1, 2), "unreported"),
    "the buyer denies it now": ([ON_STATUS], says("a", 1, "buyer", "deny", version=2), "denied"),
    "somebody else says it now": ([ON_CONFIRMED], says("a", 1, "union", "affirm", version=2), "asserted"),
    "the rule is throttled": ([{**ON_STATUS, "throttle": "1d"}], empty("a", 1, 2), "unreported"),
    "it is recalled now": ([ON_CONFIRMED], reading(article("a", 1, 2), [evidence(article("a", 1, 2), "buyer", "affirm", when="past")]), "unreported"),
}  # fmt: skip


@pytest.mark.parametrize(("rules", "second", "status"), CORRECTED.values(), ids=CORRECTED)
def test_a_correction_that_takes_back_a_status_raises_one_alert_that_names_the_old_one(
    rules: list[dict[str, Any]], second: Reading, status: str
) -> None:
    ledger = Ledger(story(rules))
    (old,) = alerts(ledger.apply(says("a", 1, "buyer", "affirm")))
    assert (old.to, old.corrects) == ("confirmed", ())
    (new,) = alerts(ledger.apply(second))
    assert new.corrects == (old.id,)
    assert (new.claim, new.from_, new.to, new.article, new.version) == ("sale", "confirmed", status, "a", 2)
    assert new.id != old.id
    assert ledger.apply(second).empty


def test_a_correction_that_leaves_the_status_alone_raises_nothing() -> None:
    ledger = Ledger(LOUD)
    ledger.apply(says("a", 1, "buyer", "affirm"))
    outcome = ledger.apply(says("a", 1, "buyer", "affirm", version=2))
    assert outcome.events == ()
    assert [entry.version for _, entry in outcome.entries] == [2]
    assert ledger.state("sale").positions[0].evidence.version == 2


def test_a_correction_of_a_date_puts_the_article_in_its_new_place() -> None:
    ledger = applied(QUIET, [says("a", 1, "buyer", "deny"), says("b", 2, "buyer", "affirm"), says("a", 3, "buyer", "deny", version=2)])
    assert ledger.state("sale").status is Status.DENIED
    assert ledger.state("sale").since == hour(3)


def test_an_article_that_is_corrected_back_and_forth_alerts_each_time() -> None:
    ledger = Ledger(story([ON_STATUS]))
    said: list[StanceName] = ["affirm", "deny", "affirm"]
    raised = [alerts(ledger.apply(says("a", 1, "buyer", stance, version=n))) for n, stance in enumerate(said, 1)]
    assert [len(one) for one in raised] == [1, 1, 1]
    flat = [one[0] for one in raised]
    assert [alert.corrects for alert in flat] == [(), (flat[0].id,), (flat[1].id,)]
    assert len({alert.id for alert in flat}) == 3


def test_a_correction_raises_one_marked_alert_also_when_several_rules_fire() -> None:
    ledger = Ledger(story([ON_STATUS, ON_POSITION]))
    assert len(alerts(ledger.apply(says("a", 1, "buyer", "affirm")))) == 2
    marked = [alert for alert in alerts(ledger.apply(empty("a", 1, 2))) if alert.corrects]
    assert len(marked) == 1


def test_a_correction_names_every_alert_that_it_takes_back() -> None:
    ledger = Ledger(story([ON_AFFIRMED, ON_CONFIRMED]))
    old = alerts(ledger.apply(says("a", 1, "buyer", "affirm")))
    assert {alert.alert for alert in old} == {"says-yes", "admitted"}
    new = alerts(ledger.apply(empty("a", 1, 2)))
    assert {corrected for alert in new for corrected in alert.corrects} == {alert.id for alert in old}


# First polls ------------------------------------------------------------------------------------------------------------------

FEED = "https://gazette.example/feed"


@st.composite
def first_polls(draw: st.DrawFn) -> tuple[list[Reading], list[int]]:
    """A feed's first articles, and their places in the order of arrival; before the last new one, any may come again."""
    count = draw(st.integers(1, 5))
    readings = [
        made("abcde"[n], 1, draw(st.integers(0, 5)), draw(st.lists(ROW, max_size=3, unique_by=lambda row: row[:4])), ())
        for n in range(count)
    ]
    order = draw(st.permutations(range(count)))
    again = draw(st.lists(st.sampled_from(order[:-1]), max_size=3)) if count > 1 else []
    for place in again:
        order.insert(draw(st.integers(order.index(place) + 1, len(order) - 1)), place)
    return readings, order


def poll(ledger: Ledger, readings: Sequence[Reading], order: Sequence[int], feed: str = FEED) -> list[Outcome]:
    return [ledger.apply(readings[place], Batch(feed=feed, place=place, count=len(readings))) for place in order]


@many
@given(first_polls(), st.integers(0, 8))
def test_a_first_poll_raises_one_summary_at_its_end_however_its_articles_come(course: tuple[list[Reading], list[int]], stop: int) -> None:
    readings, order = course
    compiled = story([ON_STATUS])
    ledger, entries = Ledger(compiled), dict[str, Entry]()
    outcomes: list[Outcome] = []
    for number, place in enumerate(order):
        if number == stop:  # and a restart changes nothing
            ledger = Ledger(compiled, entries.items(), Memory.model_validate_json(ledger.memory.model_dump_json(by_alias=True)))
        outcomes += poll(ledger, readings, [place])
        assert outcomes[-1].empty or place not in order[:number]
        kept(entries, outcomes[-1])
    raised = [alerts(outcome) for outcome in outcomes]
    told_now = any(e.when == "now" for one in readings for e in one.evidence)
    assert not any(raised[:-1])
    assert [alert.alert for alert in raised[-1]] == (["first-poll"] if told_now else [])
    assert ledger.memory.held == {}
    for claim in CLAIMS:
        assert shown(ledger, claim) == naive_state(readings, compiled, claim)


@few
@given(first_polls(), st.integers(0, 4))
def test_a_summary_has_the_same_id_however_its_articles_come(course: tuple[list[Reading], list[int]], rotate: int) -> None:
    readings, order = course
    compiled = story([ON_STATUS])
    places = sorted(set(order))
    ids = [
        [alert.id for outcome in poll(Ledger(compiled), readings, some) for alert in alerts(outcome)]
        for some in (order, places, places[::-1], places[rotate:] + places[:rotate])
    ]
    assert all(one == ids[0] for one in ids)


def test_a_first_poll_over_which_no_rule_would_fire_raises_nothing() -> None:
    ledger = Ledger(story([ON_CONFIRMED]))
    outcomes = poll(ledger, [says("a", 1, "union", "affirm"), says("b", 2, "buyer", "deny")], [0, 1])
    assert [alerts(outcome) for outcome in outcomes] == [[], []]
    assert ledger.standing("sale").status is Status.DISPUTED


def test_a_summary_says_where_the_claims_stand_and_is_as_severe_as_the_worst_it_stands_for() -> None:
    ledger = Ledger(story([ON_CONFIRMED, ON_STATUS]))
    readings = [says("a", 1, "union", "affirm"), says("b", 2, "buyer", "affirm"), says("c", 3, "union", "deny", claim="layoffs")]
    (summary,) = [alert for outcome in poll(ledger, readings, [2, 0, 1]) for alert in alerts(outcome)]
    assert summary.severity == "urgent"
    assert summary.labels["feed"] == FEED
    for part in ("sale is confirmed", "buyer affirms", "union affirms", "layoffs is denied", "union denies"):
        assert part in summary.summary


def test_first_polls_of_two_feeds_each_have_their_own_summary() -> None:
    ledger = Ledger(story([ON_STATUS]))
    one = [says("a", 1, "union", "affirm"), says("b", 2, "buyer", "affirm")]
    other = [says("c", 1, "union", "deny", claim="layoffs"), says("d", 2, "buyer", "doubt", claim="layoffs")]
    first, second = Batch(feed="one", place=0, count=2), Batch(feed="other", place=0, count=2)
    raised = [
        [alert.labels["feed"] for alert in alerts(outcome)]
        for outcome in (
            ledger.apply(one[0], first),
            ledger.apply(other[0], second),
            ledger.apply(other[1], second.model_copy(update={"place": 1})),
            ledger.apply(one[1], first.model_copy(update={"place": 1})),
        )
    ]
    assert raised == [[], [], ["other"], ["one"]]


def test_an_article_that_another_feed_brought_first_counts_for_the_poll_and_is_not_summed_up_again() -> None:
    ledger = Ledger(story([ON_STATUS]))
    known, new = says("a", 1, "buyer", "affirm"), reading(article("b", 2))
    assert len(alerts(ledger.apply(known))) == 1
    assert [alerts(outcome) for outcome in poll(ledger, [known, new], [0, 1])] == [[], []]
    assert ledger.memory.held == {}


@pytest.mark.parametrize("count", [1, 2])
def test_an_article_of_a_finished_first_poll_brings_nothing_when_it_comes_again(count: int) -> None:
    ledger = Ledger(story([ON_STATUS]))
    readings = [says("a", 1, "buyer", "affirm"), says("b", 2, "buyer", "deny")][:count]
    poll(ledger, readings, range(count))
    (again,) = poll(ledger, readings, [0])
    assert ledger.memory.held == {}
    assert again.empty


# Throttle, baseline, odds and ends --------------------------------------------------------------------------------------------


def strikes(*hours: float) -> list[float]:
    """The hours, of articles that come in this order, at which the throttled rule (6h) fired."""
    ledger = Ledger(story([ON_MATCH]))
    fired = [alerts(ledger.apply(reading(article(f"at-{at}", at), matches=["strike"]))) for at in hours]
    return [at for at, raised in zip(hours, fired, strict=True) if raised]


THROTTLES = {
    "within the time it is silent": ([0, 5.99], [0]),
    "at its end it fires again": ([0, 6], [0, 6]),
    "it counts from the last firing, not from the last article": ([0, 5, 7, 12, 13], [0, 7, 13]),
    "late ones count by their own time": ([10, 5], [10]),
    "late enough they fire": ([10, 4], [10, 4]),
}


@pytest.mark.parametrize(("hours", "fired"), THROTTLES.values(), ids=THROTTLES)
def test_a_throttle_counts_in_event_time(hours: list[float], fired: list[float]) -> None:
    assert strikes(*hours) == fired


@few
@given(st.permutations([0, 2, 5, 9, 10, 14, 17]))
@example([10, 2, 9, 0, 5, 14, 17])
def test_two_firings_are_never_nearer_than_the_throttle(hours: list[float]) -> None:
    fired = sorted(strikes(*hours))
    assert all(later - earlier >= 6 for earlier, later in pairwise(fired))


def test_a_throttle_is_for_each_subject() -> None:
    ledger = Ledger(story([{**ON_STATUS, "throttle": "6h"}]))
    raised = [
        alerts(ledger.apply(one))
        for one in (says("a", 0, "buyer", "deny"), says("b", 1, "buyer", "deny", "layoffs"), says("c", 2, "buyer", "affirm"))
    ]
    assert [[alert.claim for alert in one] for one in raised] == [["sale"], ["layoffs"], []]


def test_a_baseline_stands_before_any_article() -> None:
    ledger = Ledger(KNOWN)
    state = ledger.state("sale")
    assert (state.status, state.since) == (Status.DENIED, hour(1.5))
    assert [(p.party, p.stance, p.since) for p in state.positions] == [("target", "deny", hour(1.5))]
    assert ledger.state("layoffs").status is Status.UNREPORTED


BASELINES = {
    # outcome: when and what the target says, status
    "an article after it moves the party": (2, "affirm", Status.CONFIRMED),
    "an article before it does not": (1, "affirm", Status.DENIED),
    "an article at the same instant counts as later": (1.5, "affirm", Status.CONFIRMED),
    "an evasion ends the denial": (2, "decline", Status.OPEN),
}


@pytest.mark.parametrize(("at", "stance", "status"), BASELINES.values(), ids=BASELINES)
def test_a_baseline_is_evidence_at_its_date(at: float, stance: StanceName, status: Status) -> None:
    assert applied(KNOWN, [says("a", at, "target", stance)]).standing("sale").status is status


def test_an_article_leads_to_its_events_in_reading_order() -> None:
    of = article("a", 1)
    outcome = Ledger(LOUD).apply(reading(of, [evidence(of, "buyer", "affirm")], ["strike"]))
    assert [type(event) for event in outcome.events] == [Match, Evidence, PositionChanged, ClaimChanged, Alert, Alert, Alert]
    _, said, moved, changed, *raised = outcome.events
    assert isinstance(moved, PositionChanged)
    assert (moved.party, moved.from_, moved.to, moved.evidence) == ("buyer", None, "affirm", said.id)
    assert isinstance(changed, ClaimChanged)
    assert (changed.from_, changed.to, changed.time) == (Status.UNREPORTED, Status.CONFIRMED, hour(1))
    assert [alert.alert for alert in raised if isinstance(alert, Alert)] == ["strike", "position", "status"]
    assert as_json(moved)["from"] is None


def test_an_alert_on_a_status_shows_the_evidence_of_the_party_that_made_it() -> None:
    of = article("a", 1)
    rows = [
        evidence(of, "union", "affirm", start=0),
        evidence(of, "buyer", "affirm", start=40),
        evidence(of, "target", "decline", start=80),
    ]
    (alert,) = alerts(Ledger(story([ON_STATUS])).apply(reading(of, rows)))
    assert (alert.party, alert.quote, alert.speaker, alert.cue) == ("buyer", "buyer affirm sale", "buyer", "said")
    assert alert.evidence == rows[1].id


# How good the evidence has to be ----------------------------------------------------------------------------------------------

ANY, STRONG, CORROBORATED = MovedBy


def found(at: float, stance: StanceName, outlet: str, strength: str = "weak") -> Reading:
    """The reading of an article of some outlet, in which the buyer takes a stance, plainly or not."""
    of = article(f"{outlet}-{at}", at).model_copy(update={"outlet": outlet})
    row = evidence(of, "buyer", stance).model_copy(update={"strength": Strength(strength), "outlet": outlet})
    return reading(of, [row])


COURSES: dict[str, tuple[list[tuple[float, StanceName, str, str]], dict[MovedBy, float | None]]] = {
    # outcome: (hour, stance, outlet, strength) of what is found, and since which hour the buyer affirms, by what moves the claim
    "weak by itself": ([(1, "affirm", "Gazette", "weak")], {ANY: 1, STRONG: None, CORROBORATED: None}),
    "strong by itself": ([(1, "affirm", "Gazette", "strong")], {ANY: 1, STRONG: 1, CORROBORATED: 1}),
    "weak, twice in one outlet": (
        [(1, "affirm", "Gazette", "weak"), (2, "affirm", "Gazette", "weak")],
        {ANY: 1, STRONG: None, CORROBORATED: None},
    ),
    "weak in two outlets": ([(1, "affirm", "Gazette", "weak"), (2, "affirm", "Herald", "weak")], {ANY: 1, STRONG: None, CORROBORATED: 2}),
    "weak in two outlets that say otherwise": (
        [(1, "affirm", "Gazette", "weak"), (2, "deny", "Herald", "weak"), (3, "affirm", "Gazette", "weak")],
        {ANY: 3, STRONG: None, CORROBORATED: None},
    ),
    "borne out only after the position moved": (
        [(1, "affirm", "Gazette", "weak"), (2, "deny", "Herald", "strong"), (3, "affirm", "Herald", "weak")],
        {ANY: 3, STRONG: None, CORROBORATED: None},
    ),
    "weak against a position": (
        [(1, "affirm", "Gazette", "strong"), (2, "deny", "Herald", "weak")],
        {ANY: None, STRONG: 1, CORROBORATED: 1},
    ),
}


@pytest.mark.parametrize("by", MovedBy)
@pytest.mark.parametrize(("course", "since"), COURSES.values(), ids=COURSES)
def test_a_position_moves_on_evidence_that_is_good_enough(
    course: list[tuple[float, StanceName, str, str]], since: dict[MovedBy, float | None], by: MovedBy
) -> None:
    readings = [found(*one) for one in course]
    for order in (readings, readings[::-1]):
        ledger = applied(moved_by(by), order)
        position = ledger.standing("sale").position("buyer")
        held = position.since if position and position.stance == "affirm" else None
        assert held == (None if since[by] is None else hour(since[by] or 0))


@pytest.mark.parametrize("by", MovedBy)
def test_an_alert_may_ask_for_better_evidence_than_its_claim(by: MovedBy) -> None:
    ledger = Ledger(story([{"alert": "yes", "when": {"party": "buyer", "position": "affirm", "moved_by": by}}]))
    course = [found(1, "affirm", "Gazette"), found(2, "affirm", "Herald"), found(3, "affirm", "Courier", "strong")]
    outcomes = [ledger.apply(one) for one in course]
    assert [len(alerts(outcome)) for outcome in outcomes] == [by is ANY, by is CORROBORATED, by is STRONG]
    assert [any(isinstance(e, PositionChanged) for e in outcome.events) for outcome in outcomes] == [True, False, False]


def test_weak_evidence_that_moves_nothing_is_published_all_the_same() -> None:
    one = found(1, "affirm", "Gazette")
    outcome = Ledger(moved_by(STRONG)).apply(one)
    assert [event.id for event in outcome.events] == [row.id for row in one.evidence]


def weakened(one: Reading) -> Reading:
    """The same reading from an outlet of its own, with every other finding weak."""
    outlet = one.article.id
    rows = [
        row.model_copy(update={"outlet": outlet, "strength": Strength.WEAK if row.start % 40 else Strength.STRONG}) for row in one.evidence
    ]
    return Reading(one.story, one.article.model_copy(update={"outlet": outlet}), one.matches, tuple(rows))


@many
@given(st.sampled_from([STRONG, CORROBORATED]), arrivals())
def test_any_order_gives_the_same_state_also_where_better_evidence_is_asked_for(
    by: MovedBy, course: tuple[list[Reading], list[Reading]]
) -> None:
    compiled = moved_by(by)
    in_order = applied(compiled, map(weakened, sorted(course[0], key=lambda r: (r.article.version, r.article.order))))
    arrived = applied(compiled, map(weakened, course[1]))
    for claim in CLAIMS:
        assert arrived.state(claim) == in_order.state(claim)


def test_evidence_on_a_claim_that_the_story_no_longer_has_is_left_aside() -> None:
    of = article("a", 1)
    entry = Entry(version=1, time=of.published_at, evidence=(evidence(of, "buyer", "affirm", "gone"), evidence(of, "buyer", "deny")))
    assert Ledger(QUIET, [("a", entry)]).standing("sale").status is Status.DENIED


def test_evidence_of_a_party_that_the_story_no_longer_has_is_left_aside() -> None:
    of = article("a", 1)
    entry = Entry(version=1, time=of.published_at, evidence=(evidence(of, "gone", "affirm"), evidence(of, "buyer", "deny")))
    assert Ledger(QUIET, [("a", entry)]).standing("sale").status is Status.DENIED
