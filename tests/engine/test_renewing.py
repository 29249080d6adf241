"""What changed rules do to a story: kept articles say another thing, and what follows is announced once, a claim at a time."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from hypothesis import given
from hypothesis import strategies as st

from monitor.engine.changes import by_rules
from monitor.engine.kept import Outcome, Reread
from monitor.engine.ledger import Ledger, said_of
from monitor.engine.pipeline import Reading
from monitor.engine.renewing import merged
from monitor.engine.vocabulary import CompiledStory
from monitor.model import Alert, ClaimChanged, ClaimState, PositionChanged, Status
from tests.engine.factory import CLAIMS, PARTIES, StanceName, article, few, hour, reading, says, story

ON_STATUS = {"alert": "status", "when": {"claim": list(CLAIMS)}}
ON_CONFIRMED = {"alert": "admitted", "when": {"claim": "sale", "becomes": "confirmed"}, "severity": "urgent"}
ON_BUYER = {"alert": "buyer-moved", "when": {"party": "buyer"}}
CAUSE = by_rules("v9", hour(500))
STANCES: Sequence[StanceName] = ("affirm", "deny", "doubt", "decline")


def told(compiled: CompiledStory, readings: Sequence[Reading]) -> Ledger:
    ledger = Ledger(compiled)
    for one in readings:
        ledger.apply(one)
    return ledger


def published(ledger: Ledger) -> dict[str, ClaimState]:
    return {claim: ledger.state(claim) for claim in CLAIMS}


def read_again(ledger: Ledger, compiled: CompiledStory, readings: Sequence[Reading]) -> tuple[Ledger, Outcome]:
    """The story after other rules, by which the articles say this."""
    states = published(ledger)
    changed, _ = merged(ledger.entries, {(one.article.id, one.article.feed): Reread(said_of(one), one.matches) for one in readings})
    renewed = Ledger(compiled, {**ledger.entries, **changed}.items(), ledger.memory)
    return renewed, renewed.renew(states, CAUSE)


def alerts(outcome: Outcome) -> list[Alert]:
    return [event for event in outcome.events if isinstance(event, Alert)]


def test_a_status_that_changes_gets_the_loudest_alert_that_speaks_to_it_and_takes_the_old_one_back() -> None:
    compiled = story([ON_STATUS, ON_CONFIRMED, ON_BUYER])
    ledger = Ledger(compiled)
    first = alerts(ledger.apply(says("a", 1, "buyer", "deny")))
    assert [alert.alert for alert in first] == ["buyer-moved", "status"]
    _, outcome = read_again(ledger, compiled, [says("a", 1, "buyer", "affirm")])
    [alert] = alerts(outcome)
    assert (alert.alert, alert.from_, alert.to, alert.rules, alert.article) == ("admitted", "denied", "confirmed", "v9", "")
    assert set(alert.corrects) == {one.id for one in first}
    assert "[The rules changed, to version v9]" in alert.summary


def test_a_position_that_changes_without_the_status_is_no_news_but_corrects_what_was_said_of_it() -> None:
    compiled = story([ON_BUYER])
    ledger = told(compiled, [says("b", 0, "target", "affirm")])
    [first] = alerts(ledger.apply(says("a", 1, "buyer", "affirm")))
    renewed, outcome = read_again(ledger, compiled, [reading(article("a", 1))])
    assert renewed.state("sale").status is Status.CONFIRMED
    [alert] = alerts(outcome)
    assert (alert.corrects, alert.rules) == ((first.id,), "v9")
    # It stays corrected: the same rules once more say nothing.
    assert renewed.renew(published(renewed), CAUSE) == Outcome()


def test_what_no_alert_told_of_changes_without_one() -> None:
    compiled = story()
    _, outcome = read_again(told(compiled, [says("a", 1, "buyer", "deny")]), compiled, [says("a", 1, "buyer", "affirm")])
    assert [type(event) for event in outcome.events] == [PositionChanged, ClaimChanged]
    assert [state.status for state in outcome.states] == [Status.CONFIRMED]


def test_an_article_that_has_been_corrected_since_is_not_read_again_as_it_was() -> None:
    compiled = story()
    ledger = told(compiled, [says("a", 1, "buyer", "deny"), says("a", 1, "buyer", "affirm", version=2)])
    changed, news = merged(ledger.entries, {("a", ""): Reread(said_of(says("a", 1, "buyer", "deny")), ())})
    assert (changed, news) == ({}, [])


def test_only_the_version_of_the_rules_is_no_difference() -> None:
    one = says("a", 1, "buyer", "deny")
    other = one.evidence[0].model_copy(update={"rules": "v9"})
    ledger = told(story(), [one])
    assert merged(ledger.entries, {("a", ""): Reread(said_of(reading(one.article, [other])), ())}) == ({}, [])


@few
@given(
    st.lists(st.tuples(st.sampled_from("abcdef"), st.sampled_from(PARTIES), st.sampled_from(STANCES)), max_size=8),
    st.dictionaries(st.sampled_from("abcdef"), st.tuples(st.sampled_from(PARTIES), st.sampled_from(STANCES)), max_size=6),
)
def test_read_again_a_story_stands_where_it_would_if_it_had_been_read_so_at_once(
    before: Sequence[tuple[str, str, StanceName]], after: Mapping[str, tuple[str, StanceName]]
) -> None:
    compiled = story([ON_STATUS, ON_BUYER])
    first = {name: says(name, ord(name), party, stance) for name, party, stance in before}
    second = {name: says(name, ord(name), *said) for name, said in after.items()}
    renewed, outcome = read_again(told(compiled, list(first.values())), compiled, list(second.values()))
    at_once = told(compiled, list({**first, **second}.values()))
    assert published(renewed) == published(at_once)
    assert len(alerts(outcome)) <= len({state.claim for state in outcome.states})
    changed = {event.claim for event in outcome.events if isinstance(event, PositionChanged | ClaimChanged)}
    assert changed <= {state.claim for state in outcome.states}
