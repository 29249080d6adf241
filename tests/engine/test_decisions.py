"""A human's word: what follows when people reject or accept evidence, in whatever order that and the articles come."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from monitor.engine.kept import Batch, Entry, Memory, Outcome
from monitor.engine.ledger import Ledger
from monitor.engine.pipeline import Reading
from monitor.engine.timeline import timeline
from monitor.engine.vocabulary import CompiledStory
from monitor.model import Alert, ClaimChanged, Decision, Evidence, MovedBy, PositionChanged, Stance, Status, Strength, Verdict
from tests.engine.factory import CLAIMS, StanceName, article, evidence, few, hour, many, moved_by, reading, says, story
from tests.engine.test_ledger import LOUD, ON_STATUS, QUIET, STORIES, arrivals, kept, naive_state, shown, weakened

ANY, STRONG, CORROBORATED = MovedBy
ON_CONFIRMED = {"alert": "admitted", "when": {"claim": "sale", "becomes": "confirmed"}, "severity": "urgent"}
ON_AFFIRMED = {"alert": "says-yes", "when": {"party": "buyer", "position": "affirm"}}
Step = Reading | Decision


def decided(of: Reading | Evidence, verdict: str, at: float = 100, *, by: str = "anna", why: str = "it quotes the union") -> Decision:
    """A decision about the only evidence in a reading."""
    [row] = of.evidence if isinstance(of, Reading) else [of]
    return Decision.about(row, Verdict(verdict), why=why, by=by, time=hour(at))


def take(ledger: Ledger, step: Step) -> Outcome:
    return ledger.apply(step) if isinstance(step, Reading) else ledger.decide([step])


def taken(compiled: CompiledStory, steps: Iterable[Step]) -> Ledger:
    ledger = Ledger(compiled)
    for step in steps:
        take(ledger, step)
    return ledger


def alerts(outcome: Outcome) -> list[Alert]:
    return [event for event in outcome.events if isinstance(event, Alert)]


def by_outlet(name: str, at: float, stance: StanceName, strength: str = "strong", party: str = "buyer") -> Reading:
    """An article in an outlet of its own, in which a party takes a stance."""
    of = article(name, at).model_copy(update={"outlet": f"Outlet {name}"})
    row = evidence(of, party, stance).model_copy(update={"outlet": of.outlet, "strength": Strength(strength)})
    return reading(of, [row])


# A table of decisions ---------------------------------------------------------------------------------------------------------

YES, LATER, NO = by_outlet("a", 1, "affirm"), by_outlet("b", 2, "affirm"), by_outlet("c", 3, "deny")
WEAK, WEAKER = by_outlet("a", 1, "affirm", "weak"), by_outlet("b", 2, "affirm", "weak")
BOTH = reading(
    article("a", 1),
    [
        evidence(article("a", 1), "buyer", "affirm", start=20).model_copy(update={"strength": Strength.WEAK}),
        evidence(article("a", 1), "buyer", "deny").model_copy(update={"strength": Strength.STRONG}),
    ],
)
CORRECTED = says("a", 1, "buyer", "affirm", version=2)
OTHERWISE = says("a", 1, "buyer", "deny", version=2)
SAID_NO_MORE = reading(article("a", 1, version=2))


class Case(NamedTuple):
    steps: Sequence[Step]
    stance: StanceName | None
    since: float | None = None
    by: MovedBy = ANY


CASES = {
    "the only one, rejected": Case([YES, decided(YES, "reject")], None),
    "one of two, rejected: the other holds, since its own time": Case([YES, LATER, decided(YES, "reject")], "affirm", 2),
    "the later of two, rejected": Case([YES, LATER, decided(LATER, "reject")], "affirm", 1),
    "what took a position back, rejected": Case([YES, NO, decided(NO, "reject")], "affirm", 1),
    "weak, where only strong moves": Case([WEAK], None, None, STRONG),
    "weak, accepted": Case([WEAK, decided(WEAK, "accept")], "affirm", 1, STRONG),
    "weak, accepted, where a second outlet is asked for": Case([WEAK, decided(WEAK, "accept")], "affirm", 1, CORROBORATED),
    "borne out by what is rejected": Case([WEAK, WEAKER, decided(WEAK, "reject")], None, None, CORROBORATED),
    "accepted beside something stronger in the article": Case(
        [BOTH, decided(BOTH.evidence[0], "accept")], "affirm", 1, CORROBORATED
    ),
    "rejected beside something weaker in the article": Case(
        [BOTH, decided(BOTH.evidence[1], "reject"), decided(BOTH.evidence[0], "accept")], "affirm", 1, STRONG
    ),
    "rejected, undone": Case([YES, decided(YES, "reject", 5), decided(YES, "undo", 6)], "affirm", 1),
    "rejected, accepted after all": Case([WEAK, decided(WEAK, "reject", 5), decided(WEAK, "accept", 6)], "affirm", 1, STRONG),
    "accepted, undone": Case([WEAK, decided(WEAK, "accept", 5), decided(WEAK, "undo", 6)], None, None, STRONG),
    "the earlier decision, come later": Case([YES, decided(YES, "undo", 6), decided(YES, "reject", 5)], "affirm", 1),
    "rejected before the article comes": Case([decided(YES, "reject"), YES], None),
    "rejected, and the article corrected, which still says it": Case([YES, decided(YES, "reject"), CORRECTED], None),
    "rejected, and the article corrected, which says otherwise": Case([YES, decided(YES, "reject"), OTHERWISE], "deny", 1),
    "rejected after a correction that took it out": Case([YES, SAID_NO_MORE, decided(YES, "reject")], None),
    "rejected, where the article comes again": Case([YES, decided(YES, "reject"), YES], None),
}  # fmt: skip


@pytest.mark.parametrize("case", CASES.values(), ids=CASES)
def test_a_decision_counts_however_it_comes(case: Case) -> None:
    for steps in (case.steps, case.steps[::-1]):
        ledger = taken(moved_by(case.by), steps)
        position = ledger.standing("sale").position("buyer")
        assert (position.stance if position else None) == case.stance
        assert (position.since if position else None) == (None if case.since is None else hour(case.since))


def test_what_was_rejected_does_not_wait_for_a_second_outlet() -> None:
    ledger = taken(moved_by(CORROBORATED), [WEAK])
    assert len(ledger.state("sale").waiting) == 1
    ledger.decide([decided(WEAK, "reject")])
    assert ledger.state("sale").waiting == ()


def test_accepted_evidence_says_by_whose_word_it_counts() -> None:
    ledger = taken(moved_by(STRONG), [WEAK, decided(WEAK, "accept", why="Plainly so")])
    [held] = ledger.state("sale").positions
    assert (held.evidence.strength, held.evidence.why[-1]) == (Strength.STRONG, "accepted by anna: Plainly so")


def test_conditions_met_are_left_alone() -> None:
    of = article("a", 1)
    ledger = Ledger(LOUD)
    ledger.apply(reading(of, [evidence(of, "buyer", "affirm")], ["strike"]))
    ledger.decide([decided(evidence(of, "buyer", "affirm"), "reject")])
    assert ledger.entries["a"].matches == ("strike",)


def test_a_timeline_shows_what_was_rejected_and_what_was_accepted() -> None:
    doubtful = by_outlet("d", 4, "deny", "weak")
    ledger = taken(moved_by(STRONG), [YES, LATER, NO, doubtful])
    assert [mark.effect for mark in timeline(ledger, "sale").marks] == ["moved", "agrees", "moved", "weak"]
    ledger.decide([decided(NO, "reject"), decided(doubtful, "accept")])
    shown_now = timeline(ledger, "sale")
    assert [mark.effect for mark in shown_now.marks] == ["moved", "agrees", "rejected", "moved"]
    assert (shown_now.status, shown_now.since) == (ledger.standing("sale").status, ledger.standing("sale").since)


# Events and alerts ------------------------------------------------------------------------------------------------------------


def test_a_decision_is_told_with_what_follows_and_one_alert_that_corrects_those_that_rested_on_it() -> None:
    ledger = Ledger(story([ON_AFFIRMED, ON_CONFIRMED]))
    old = alerts(ledger.apply(YES))
    decision = decided(YES, "reject", 50)
    told, moved, changed, *raised = ledger.decide([decision]).events
    assert told == decision
    assert isinstance(moved, PositionChanged)
    assert (moved.from_, moved.to, moved.time, moved.decision, moved.article) == ("affirm", None, hour(50), decision.id, "a")
    assert isinstance(changed, ClaimChanged)
    assert (changed.from_, changed.to, changed.decision) == ("confirmed", "unreported", decision.id)
    [alert] = [one for one in raised if isinstance(one, Alert)]
    assert set(alert.corrects) == {one.id for one in old}
    assert (alert.claim, alert.to, alert.decision, alert.time) == ("sale", "unreported", decision.id, hour(50))
    assert alert.summary.startswith("Rejected by anna (it quotes the union); the claim is now unreported. Was: ")
    assert ledger.decide([decision]).empty


def test_a_rule_that_speaks_to_the_change_makes_the_correcting_alert() -> None:
    ledger = Ledger(story([ON_STATUS]))
    ledger.apply(by_outlet("z", 0.5, "deny", party="union"))
    [old] = alerts(ledger.apply(YES))
    [new] = alerts(ledger.decide([decided(YES, "reject")]))
    assert (new.alert, new.from_, new.to, new.corrects) == ("status", "confirmed", "denied", (old.id,))
    assert new.summary.endswith("[Rejected by anna (it quotes the union)]")
    # What it shows is what the status rests on now, from where that stands.
    assert (new.party, new.quote, new.outlet) == ("union", "union deny sale", "Outlet z")


class Rested(NamedTuple):
    rules: list[dict[str, Any]]
    before: list[Reading]
    decide: Decision
    named: list[str]
    by: MovedBy = ANY


ON_POSITION = {"alert": "position", "when": {"position": "any"}}
RESTED = {
    # outcome: what comes, what is decided, which articles' alerts are taken back
    "that of its own article": Rested([ON_CONFIRMED], [YES], decided(YES, "reject"), ["a"]),
    "also where another article now bears the claim": Rested([ON_CONFIRMED], [YES, LATER], decided(YES, "reject"), ["a"]),
    "not those before it": Rested([ON_POSITION], [YES, NO], decided(NO, "reject"), ["c"]),
    "not those after it, which hold": Rested([ON_POSITION], [YES, NO], decided(YES, "reject"), ["a"]),
    "one that another article raised on its strength": Rested([ON_CONFIRMED], [WEAK, WEAKER], decided(WEAK, "reject"), ["b"], CORROBORATED),
    "an alert on a status that was borne together": Rested(
        [{"alert": "disputed", "when": {"becomes": "disputed"}}], [by_outlet("a", 1, "affirm", party="union"), NO], decided(by_outlet("a", 1, "affirm", party="union"), "reject"), ["c"]
    ),
    "one that accepted evidence contradicts": Rested([ON_CONFIRMED], [weak_no := by_outlet("0", 0, "deny", "weak", "target"), YES], decided(weak_no, "accept"), ["a"], STRONG),
    "none where nothing hung on it": Rested([ON_CONFIRMED], [YES, LATER], decided(LATER, "reject"), []),
    "none on what it recalled": Rested([ON_CONFIRMED], [YES, past := reading(article("p", 4), [evidence(article("p", 4), "buyer", "deny", when="past")])], decided(past, "reject"), []),
    "one that came late and told of the claim as it stood": Rested(
        [{"alert": "disputed", "when": {"becomes": "disputed"}}], [NO, late := by_outlet("l", 1, "affirm", party="union")], decided(late, "reject"), ["l"]
    ),
}  # fmt: skip


@pytest.mark.parametrize("case", RESTED.values(), ids=RESTED)
def test_alerts_that_rested_on_evidence_are_taken_back_by_one(case: Rested) -> None:
    ledger = Ledger(moved_by(case.by, case.rules))
    old = {alert.id: alert.article for one in case.before for alert in alerts(ledger.apply(one))}
    marked = [alert for alert in alerts(ledger.decide([case.decide])) if alert.corrects]
    assert [[old[one] for one in alert.corrects] for alert in marked] == ([case.named] if case.named else [])


def test_each_turn_of_mind_takes_back_the_one_before_it_and_no_more() -> None:
    ledger = Ledger(story([ON_CONFIRMED]))
    [first] = alerts(ledger.apply(YES))
    turns = [alerts(ledger.decide([decided(YES, verdict, at)])) for at, verdict in enumerate(["reject", "undo", "reject", "accept"], 50)]
    assert [len(one) for one in turns] == [1, 1, 1, 1]
    flat = [first, *(one[0] for one in turns)]
    assert [alert.corrects for alert in flat] == [(), *((alert.id,) for alert in flat[:-1])]
    assert len({alert.id for alert in flat}) == len(flat)


def test_an_alert_that_another_article_raised_is_taken_back_once() -> None:
    ledger = taken(moved_by(CORROBORATED, [ON_CONFIRMED]), [WEAK])
    [old] = alerts(ledger.apply(WEAKER))
    turns = [alerts(ledger.decide([decided(WEAK, verdict, at)])) for at, verdict in enumerate(["reject", "undo", "reject"], 50)]
    flat = [old, *(one[0] for one in turns)]
    assert [alert.corrects for alert in flat] == [(), *((alert.id,) for alert in flat[:-1])]


def test_a_decision_takes_back_no_alert_of_a_decision_about_something_else() -> None:
    ledger = Ledger(story([ON_STATUS]))
    for one in (YES, NO, by_outlet("d", 4, "deny")):
        ledger.apply(one)
    [on_no] = alerts(ledger.decide([decided(NO, "reject"), decided(by_outlet("d", 4, "deny"), "reject")]))
    assert on_no.to == "confirmed"
    ledger.apply(by_outlet("e", 5, "deny"))
    [on_last] = alerts(ledger.apply(by_outlet("f", 6, "affirm")))
    [new] = alerts(ledger.decide([decided(by_outlet("f", 6, "affirm"), "reject")]))
    assert new.corrects == (on_last.id,)


def test_an_alert_of_a_decision_tells_of_the_claim_as_it_stood_then() -> None:
    early = by_outlet("a", 1, "affirm", party="union")
    ledger = taken(story([ON_STATUS]), [early, NO])
    [rejected] = alerts(ledger.decide([decided(early, "reject", 50)]))
    [undone] = alerts(ledger.decide([decided(early, "undo", 51)]))
    assert (rejected.to, undone.to, undone.corrects) == ("denied", "disputed", (rejected.id,))


def test_a_correction_of_the_article_takes_back_what_a_decision_raised() -> None:
    ledger = Ledger(story([ON_STATUS]))
    ledger.apply(YES)
    [rejected] = alerts(ledger.decide([decided(YES, "reject")]))
    [new] = alerts(ledger.apply(OTHERWISE))
    assert (new.corrects, new.decision) == ((rejected.id,), None)


def test_what_is_decided_together_is_told_together() -> None:
    ledger = taken(story([ON_STATUS, ON_POSITION]), [YES, NO, by_outlet("d", 4, "affirm")])
    outcome = ledger.decide([decided(NO, "reject"), decided(by_outlet("d", 4, "affirm"), "reject"), decided(YES, "reject")])
    assert [type(event) for event in outcome.events] == [*3 * [Decision], PositionChanged, ClaimChanged, Alert, Alert]
    [alert] = [one for one in alerts(outcome) if one.corrects]
    assert len(alert.corrects) == 6


def test_decisions_about_two_claims_are_told_of_each() -> None:
    of = article("a", 1)
    rows = [evidence(of, "buyer", "affirm", claim) for claim in CLAIMS]
    ledger = Ledger(story([ON_STATUS]))
    old = {alert.claim: alert.id for alert in alerts(ledger.apply(reading(of, rows)))}
    new = alerts(ledger.decide([decided(row, "reject") for row in rows]))
    assert {alert.claim: alert.corrects for alert in new} == {claim: (one,) for claim, one in old.items()}


def test_a_rejected_article_of_a_first_poll_takes_back_its_summary() -> None:
    ledger = Ledger(story([ON_CONFIRMED]))
    assert alerts(ledger.apply(YES, Batch(feed="f", place=0, count=2))) == []
    assert alerts(ledger.decide([decided(by_outlet("q", 1, "affirm"), "reject")])) == []
    [summary] = alerts(ledger.apply(NO, Batch(feed="f", place=1, count=2)))
    [new] = alerts(ledger.decide([decided(NO, "reject", 60), decided(YES, "reject", 60)]))
    assert new.corrects == (summary.id,)


def test_what_is_rejected_while_a_first_poll_is_under_way_takes_back_no_summary_that_nobody_has_seen() -> None:
    ledger = Ledger(story([ON_CONFIRMED]))
    ledger.apply(YES, Batch(feed="f", place=0, count=2))
    assert alerts(ledger.decide([decided(YES, "reject")])) == []


# Any order --------------------------------------------------------------------------------------------------------------------


@st.composite
def courses(draw: st.DrawFn) -> tuple[list[Reading], list[Decision], list[Step]]:
    """All versions of articles, decisions about what they say and said, and all of it in any order with repeats."""
    all_versions, arriving = draw(arrivals())
    rows = [row for one in all_versions for row in one.evidence] or [evidence(article("never", 0), "buyer", "affirm")]
    verdicts = st.tuples(
        st.sampled_from(rows), st.sampled_from(["reject", "reject", "accept", "undo"]), st.integers(0, 4), st.sampled_from(["anna", "bo"])
    )
    decisions = [decided(row, verdict, at, by=by) for row, verdict, at, by in draw(st.lists(verdicts, max_size=6))]
    again = draw(st.lists(st.sampled_from(decisions), max_size=2)) if decisions else []
    steps: list[Step] = draw(st.permutations([*arriving, *decisions, *again]))
    return all_versions, decisions, steps


def as_decided(readings: Iterable[Reading], decisions: Iterable[Decision]) -> list[Reading]:
    """The readings as if the reader had known: without what was rejected, and with what was accepted strong."""
    latest: dict[str, Decision] = {}
    for one in sorted(decisions, key=lambda one: (one.time, one.id)):
        latest[one.evidence] = one
    verdict = {evidence: one.verdict for evidence, one in latest.items()}

    def judged(row: Evidence) -> Evidence:
        return row.model_copy(update={"strength": Strength.STRONG}) if verdict.get(row.id) == "accept" else row

    return [
        Reading(one.story, one.article, one.matches, tuple(judged(row) for row in one.evidence if verdict.get(row.id) != "reject"))
        for one in readings
    ]


@many
@given(STORIES, courses())
def test_any_order_of_articles_and_decisions_gives_the_state_that_the_definition_says(
    compiled: CompiledStory, course: tuple[list[Reading], list[Decision], list[Step]]
) -> None:
    all_versions, decisions, steps = course
    ledger = taken(compiled, steps)
    whole = taken(compiled, [*decisions, *sorted(all_versions, key=lambda r: (r.article.version, r.article.order))])
    for claim in CLAIMS:
        assert ledger.state(claim) == whole.state(claim)
        assert shown(ledger, claim) == naive_state(as_decided(all_versions, decisions), compiled, claim)
        history = timeline(ledger, claim)
        assert (history.status, history.since) == (ledger.standing(claim).status, ledger.standing(claim).since)


@many
@given(st.sampled_from([STRONG, CORROBORATED]), courses())
def test_it_is_as_if_the_reader_had_known(by: MovedBy, course: tuple[list[Reading], list[Decision], list[Step]]) -> None:
    all_versions, decisions, steps = course
    compiled = moved_by(by)
    ledger = taken(compiled, [weakened(step) if isinstance(step, Reading) else step for step in steps])
    known = taken(compiled, as_decided(map(weakened, all_versions), decisions))
    for claim in CLAIMS:
        assert shown(ledger, claim) == shown(known, claim)
        assert [row.id for row in ledger.state(claim).waiting] == [row.id for row in known.state(claim).waiting]


@few
@given(STORIES, courses(), st.integers(0, 12))
def test_a_restart_at_any_point_changes_nothing(
    compiled: CompiledStory, course: tuple[list[Reading], list[Decision], list[Step]], stop: int
) -> None:
    going = Ledger(compiled)
    entries: dict[str, Entry] = {}
    known: list[Decision] = []
    for step in course[2][:stop]:
        outcome = take(going, step)
        kept(entries, outcome)
        known += [Decision.model_validate_json(one.model_dump_json()) for one in outcome.events if isinstance(one, Decision)]
    memory = Memory.model_validate_json(going.memory.model_dump_json(by_alias=True))
    restarted = Ledger(compiled, entries.items(), memory, reversed(known))
    for step in course[2][stop:]:
        assert take(restarted, step) == take(going, step)
    assert [restarted.state(claim) for claim in CLAIMS] == [going.state(claim) for claim in CLAIMS]
    assert restarted.memory == going.memory


@few
@given(st.sampled_from([QUIET, LOUD]), courses())
def test_changes_lead_from_each_state_to_the_next_and_ids_tell_them_apart(
    compiled: CompiledStory, course: tuple[list[Reading], list[Decision], list[Step]]
) -> None:
    ledger = Ledger(compiled)
    statuses = dict.fromkeys(CLAIMS, Status.UNREPORTED)
    positions: dict[tuple[str, str], Stance] = {}
    ids: list[str] = []
    for step in course[2]:
        outcome = take(ledger, step)
        ids += [event.id for event in outcome.events if not isinstance(event, Evidence)]
        for event in outcome.events:
            if isinstance(event, ClaimChanged):
                assert statuses[event.claim] is event.from_ is not event.to
                statuses[event.claim] = event.to
            elif isinstance(event, PositionChanged):
                assert positions.pop((event.claim, event.party), None) is event.from_ is not event.to
                if event.to is not None:
                    positions[event.claim, event.party] = event.to
        assert statuses == {claim: ledger.standing(claim).status for claim in CLAIMS}
        assert positions == {(claim, p.party): p.stance for claim in CLAIMS for p in ledger.state(claim).positions}
        if isinstance(step, Decision):
            marked = [alert for alert in alerts(outcome) if alert.corrects]
            assert len(marked) <= 1
    assert len(set(ids)) == len(ids)


# What a decision may hold -----------------------------------------------------------------------------------------------------

UNFIT = {"no reason": {"why": ""}, "a megabyte of reason": {"why": "x" * 1_000_000}, "nobody": {"by": ""}}


@pytest.mark.parametrize("unfit", UNFIT.values(), ids=UNFIT)
def test_a_decision_needs_a_reason_of_some_length_and_somebody(unfit: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        decided(YES, "reject", **unfit)


def test_an_alert_shows_the_beginning_of_a_long_reason() -> None:
    ledger = taken(story([ON_CONFIRMED]), [YES])
    [alert] = alerts(ledger.decide([decided(YES, "reject", why="매우 긴 " * 150)]))
    assert len(alert.summary) < 400
