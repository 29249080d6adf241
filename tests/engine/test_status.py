"""The status table, how a position moves, and what one article tells: straight from their definitions."""

import itertools
from datetime import datetime

import pytest

from monitor.engine.status import History, moved, status, told
from monitor.model import Evidence, Stance, Status
from tests.engine.factory import StanceName, article, evidence, hour

YES, NO, DOUBT, EVADE = Stance.AFFIRM, Stance.DENY, Stance.DOUBT, Stance.DECLINE

STATUSES = {
    # outcome: positions of a and b (who would have to admit it) and of x (who would not), status
    "nobody has a position": ({}, Status.UNREPORTED),
    "one who must admit it does": ({"a": YES}, Status.CONFIRMED),
    "one admits it, another is silent": ({"a": YES, "b": EVADE}, Status.CONFIRMED),
    "one admits it, an outsider denies it": ({"a": YES, "x": NO}, Status.CONFIRMED),
    "one admits it, the other denies it": ({"a": YES, "b": NO}, Status.DISPUTED),
    "one admits it, the other denies it, an outsider affirms it": ({"a": YES, "b": NO, "x": YES}, Status.DISPUTED),
    "an outsider affirms it": ({"x": YES}, Status.ASSERTED),
    "an outsider affirms it, those concerned are silent": ({"x": YES, "a": EVADE, "b": DOUBT}, Status.ASSERTED),
    "an outsider affirms it, one denies it": ({"x": YES, "b": NO}, Status.DISPUTED),
    "two outsiders disagree": ({"x": YES, "y": NO}, Status.DISPUTED),
    "one denies it": ({"a": NO}, Status.DENIED),
    "an outsider denies it": ({"x": NO, "a": DOUBT}, Status.DENIED),
    "one evades": ({"a": EVADE}, Status.OPEN),
    "an outsider doubts": ({"x": DOUBT}, Status.OPEN),
}


@pytest.mark.parametrize(("positions", "expected"), STATUSES.values(), ids=STATUSES)
def test_status(positions: dict[str, Stance], expected: Status) -> None:
    assert status(("a", "b"), positions) is expected


def test_a_claim_that_nobody_has_to_admit_is_never_confirmed() -> None:
    assert status((), {"a": YES, "b": YES}) is Status.ASSERTED


def test_every_combination_of_three_parties_has_the_first_status_whose_row_fits() -> None:
    for a, b, x in itertools.product([None, *Stance], repeat=3):
        held = {party: stance for party, stance in (("a", a), ("b", b), ("x", x)) if stance is not None}
        rows = {
            Status.CONFIRMED: YES in (a, b) and NO not in (a, b),
            Status.DISPUTED: YES in (a, b, x) and NO in (a, b, x),
            Status.ASSERTED: YES in (a, b, x),
            Status.DENIED: NO in (a, b, x),
            Status.OPEN: any((a, b, x)),
            Status.UNREPORTED: True,
        }
        assert status(["b", "a"], held) is next(row for row, fits in rows.items() if fits), held


@pytest.mark.parametrize(
    ("old", "new", "becomes"),
    [
        *((None, new, new) for new in Stance),
        (YES, YES, YES), (YES, NO, NO), (YES, DOUBT, YES), (YES, EVADE, YES),
        (NO, YES, YES), (NO, NO, NO), (NO, DOUBT, DOUBT), (NO, EVADE, EVADE),
        (DOUBT, YES, YES), (DOUBT, NO, NO), (DOUBT, DOUBT, DOUBT), (DOUBT, EVADE, EVADE),
        (EVADE, YES, YES), (EVADE, NO, NO), (EVADE, DOUBT, DOUBT), (EVADE, EVADE, EVADE),
    ],
)  # fmt: skip
def test_only_a_denial_takes_back_an_affirmation(old: Stance | None, new: Stance, becomes: Stance) -> None:
    assert moved(old, new) is becomes


A = article("a")


def in_title(stance: StanceName, start: int) -> Evidence:
    return evidence(A, "buyer", stance, field="title", start=start)


def in_text(stance: StanceName, start: int) -> Evidence:
    return evidence(A, "buyer", stance, field="text", start=start)


TOLD = {
    "the only one": ([in_text("doubt", 5)], "doubt"),
    "the later in the text": ([in_text("affirm", 5), in_text("deny", 50)], "deny"),
    "the later in the text, in whatever order it is listed": ([in_text("deny", 50), in_text("affirm", 5)], "deny"),
    "the text, not the title": ([in_title("affirm", 90), in_text("deny", 0)], "deny"),
    "a plain stance, not a later evasion": ([in_text("affirm", 5), in_text("decline", 50)], "affirm"),
    "a plain stance, not an earlier doubt": ([in_text("doubt", 5), in_text("deny", 50)], "deny"),
    "a plain stance in the title, not a doubt in the text": ([in_title("deny", 0), in_text("doubt", 5)], "deny"),
    "of two evasive ones the later": ([in_text("doubt", 5), in_text("decline", 50)], "decline"),
}


@pytest.mark.parametrize(("rows", "stance"), TOLD.values(), ids=TOLD)
def test_what_one_article_tells_of_a_party(rows: list[Evidence], stance: str) -> None:
    assert told(rows)["sale"]["buyer"].stance == stance


def test_an_article_tells_of_each_claim_and_party_by_itself_and_nothing_of_the_past() -> None:
    rows = [
        evidence(A, "buyer", "affirm", start=1),
        evidence(A, "target", "deny", start=2),
        evidence(A, "buyer", "doubt", claim="layoffs", start=3),
        evidence(A, "union", "affirm", when="past", start=4),
        evidence(A, "buyer", "deny", when="past", start=5),
    ]
    shown = {(claim, party): row.stance for claim, parties in told(rows).items() for party, row in parties.items()}
    assert shown == {("sale", "buyer"): YES, ("sale", "target"): NO, ("layoffs", "buyer"): DOUBT}


def course(*steps: tuple[float, str, StanceName]) -> History:
    """The history of a claim: (hour, party, stance), put in the order given."""
    history = History(("buyer", "target"))
    for at, party, stance in steps:
        of = article(f"{party}-{at}", at)
        history.put(of.order, {party: evidence(of, party, stance)})
    return history


SINCE: dict[str, tuple[list[tuple[float, str, StanceName]], Status, float, float]] = {
    # outcome: steps, status, since which hour it stands, since which hour the buyer holds its stance
    "since the first": ([(1, "buyer", "deny"), (2, "buyer", "deny")], Status.DENIED, 1, 1),
    "since it moved": ([(1, "buyer", "deny"), (2, "buyer", "affirm")], Status.CONFIRMED, 2, 2),
    "an evasion breaks no affirmation": ([(1, "buyer", "affirm"), (2, "buyer", "decline"), (3, "buyer", "affirm")], Status.CONFIRMED, 1, 1),
    "a denial breaks it": ([(1, "buyer", "affirm"), (2, "buyer", "deny"), (3, "buyer", "affirm")], Status.CONFIRMED, 3, 3),
    "another party brings the status": ([(1, "buyer", "deny"), (2, "union", "affirm")], Status.DISPUTED, 2, 1),
    "a late one takes its own place": ([(3, "buyer", "affirm"), (1, "buyer", "affirm"), (2, "buyer", "deny")], Status.CONFIRMED, 3, 3),
    "a late one moves the beginning": ([(3, "buyer", "affirm"), (1, "buyer", "affirm")], Status.CONFIRMED, 1, 1),
}


@pytest.mark.parametrize(("steps", "expected", "since", "held"), SINCE.values(), ids=SINCE)
def test_status_and_positions_count_from_when_they_last_changed(
    steps: list[tuple[float, str, StanceName]], expected: Status, since: float, held: float
) -> None:
    standing = course(*steps).standing
    buyer = standing.position("buyer")
    assert buyer is not None
    assert (standing.status, standing.since, buyer.since) == (expected, hour(since), hour(held))


def test_a_position_rests_on_the_latest_evidence_that_bears_it_out() -> None:
    buyer = course((1, "buyer", "affirm"), (2, "buyer", "affirm"), (3, "buyer", "decline")).standing.position("buyer")
    assert buyer is not None
    assert buyer.evidence.article == "buyer-2"


def test_at_the_same_instant_the_order_is_that_of_ids() -> None:
    history = History(("buyer",))
    for name, stance in (("b", YES), ("a", NO)):
        of = article(name)
        history.put(of.order, {"buyer": evidence(of, "buyer", "affirm" if stance is YES else "deny")})
    assert history.standing.status is Status.CONFIRMED


def test_what_is_taken_out_leaves_no_trace() -> None:
    history = course((1, "buyer", "deny"), (2, "buyer", "affirm"))
    out: tuple[datetime, str] = (hour(2), "buyer-2")
    history.take(out)
    assert history.standing == course((1, "buyer", "deny")).standing
    history.take(out)
    history.take((hour(7), "never-told"))
    assert history.standing == course((1, "buyer", "deny")).standing
