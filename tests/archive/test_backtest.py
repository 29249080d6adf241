"""What new rules would have changed: the difference between two histories of the same articles."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from monitor import bulk
from monitor.backtest import Backtest, Plan, plan
from monitor.bulk import heard
from monitor.engine.difference import ClaimDifference, Difference, Point
from monitor.errors import InputError
from monitor.model import Article, Decision, Verdict
from monitor.stories import open_stories

BEGIN = datetime(2025, 3, 1, 12, tzinfo=UTC)
RULES = """
title: A bridge
entities:
  red: {kind: party, names: {en: [Red]}}
  blue: {kind: party, names: {en: [Blue], ko: [푸른당]}}
words:
  bridge: {en: [bridge, viaduct], ko: [다리]}
claims:
  built: {text: The bridge is built, about: bridge, confirmed_by: red}
matches: {rain: rain}
alerts:
  - {alert: moved, when: {party: [red, blue], position: any}}
  - {alert: status, when: {claim: built}, severity: warning}
  - {alert: rain, when: {match: rain}}
"""


def article(day: int, title: str, name: str = "", version: int = 1) -> Article:
    at = BEGIN + timedelta(days=day)
    return Article(id=name or f"a{day}", version=version, outlet="Wire", title=title, text="", published_at=at, fetched_at=at)


COURSE = [
    article(0, "Red denied that the bridge was built"),
    article(1, "Blue confirmed that the viaduct was built"),
    article(2, "Red confirmed that the viaduct was built"),
    article(3, "Red confirmed that the bridge was built in the rain"),
    article(4, "Nothing of it"),
]


@pytest.fixture
def made(tmp_path: Path) -> Callable[..., Plan]:
    """Makes a plan from the rules and what is changed in them."""

    def make(*edits: tuple[str, str], name: str = "story") -> Plan:
        changed = RULES
        for old, new in edits:
            assert old in changed
            changed = changed.replace(old, new)
        for folder, rules, story in (("present", RULES, "story"), ("new", changed, name)):
            (tmp_path / folder / story).mkdir(parents=True)
            (tmp_path / folder / story / "story.yaml").write_text(rules, encoding="utf-8")
        return plan(open_stories(tmp_path / "present"), open_stories(tmp_path / "new"))

    return make


def compared(made: Plan, articles: Sequence[Article], decisions: Sequence[Decision] = (), jobs: int = 1) -> Difference:
    test = Backtest(made, decisions)
    for part in heard(articles, made.sets, jobs):
        test.take(part.heard)
    [found] = test.differences()
    return found


def claim(found: Difference) -> ClaimDifference:
    [one] = found.claims
    return one


def course(one: ClaimDifference) -> list[tuple[int | None, int | None, str]]:
    """The steps of the status that differ: the day by the present rules, by the new ones, what it became."""

    def day(point: Point | None) -> int | None:
        return None if point is None else (point.time - BEGIN).days

    return [(day(pair.present), day(pair.new), str(pair.shown.to)) for pair in one.statuses]


NO_VIADUCT = ("[bridge, viaduct]", "[bridge]")


def test_a_word_less_loses_evidence_and_moves_what_hung_on_it(made: Callable[..., Plan]) -> None:
    one = claim(compared(made(NO_VIADUCT), COURSE))
    assert [(pair.kind, pair.shown.party, pair.shown.quote) for pair in one.evidence] == [
        ("lost", "blue", "Blue confirmed that the viaduct"),
        ("lost", "red", "Red confirmed that the viaduct"),
    ]
    assert course(one) == [(1, None, "disputed"), (2, 3, "confirmed")]
    assert [(party, pair.kind) for party, pair in one.positions] == [("blue", "lost"), ("red", "moved")]
    assert [(pair.kind, pair.shown.alert, pair.shown.to) for pair in one.alerts] == [
        ("lost", "moved", "affirm"),
        ("lost", "status", "disputed"),
        ("moved", "moved", "affirm"),
        ("moved", "status", "confirmed"),
    ]
    assert (one.present, one.new) == ("confirmed", "confirmed")


def test_a_word_more_gains_it(made: Callable[..., Plan]) -> None:
    one = claim(compared(made(("ko: [다리]", "ko: [다리, 교량]")), [*COURSE[:2], article(2, "푸른당은 교량이 건설됐다는 것을 부인했다")]))
    assert [(pair.kind, pair.shown.party, pair.shown.stance) for pair in one.evidence] == [("gained", "blue", "deny")]
    assert course(one) == [(None, 2, "denied")]


def test_another_reading_of_the_same_words_is_one_change(made: Callable[..., Plan]) -> None:
    one = claim(compared(made(("about: bridge,", "about: never, contrary: bridge,")), COURSE[1:2]))
    assert [(p.kind, p.present and p.present.stance, p.new and p.new.stance) for p in one.evidence] == [("changed", "affirm", "deny")]


@pytest.mark.parametrize(
    "edit",
    [
        ("confirmed_by: red", "confirmed_by: blue"),
        ("severity: warning", "severity: urgent"),
        ("confirmed_by: red", "confirmed_by: red, baseline: [{party: blue, stance: deny, since: 2025-02-01}]"),
        ("confirmed_by: red", "confirmed_by: red, moved_by: corroborated"),
        ("title: A bridge", "title: The bridge"),
    ],
    ids=["who has to admit it", "severity", "baseline", "moved_by", "title"],
)
def test_what_is_only_made_of_the_evidence_is_not_read_twice(made: Callable[..., Plan], edit: tuple[str, str]) -> None:
    planned = made(edit)
    assert [len(stories) for stories in planned.sets] == [1, 0]
    found = compared(planned, COURSE)
    assert not any(one.evidence for one in found.claims)
    assert bool(found) is ("title" not in edit[0] and "corroborated" not in edit[1])


def test_other_principals_give_another_status(made: Callable[..., Plan]) -> None:
    one = claim(compared(made(("confirmed_by: red", "confirmed_by: blue")), COURSE))
    assert course(one) == [(1, None, "disputed"), (2, 1, "confirmed")]
    assert (one.positions, one.evidence) == ((), ())


def test_a_louder_alert_is_a_changed_one(made: Callable[..., Plan]) -> None:
    one = claim(compared(made(("severity: warning", "severity: urgent")), COURSE[:1]))
    assert [(p.kind, p.present and p.present.severity, p.new and p.new.severity) for p in one.alerts] == [("changed", "warning", "urgent")]


def test_matches_and_their_alerts_are_compared(made: Callable[..., Plan]) -> None:
    found = compared(made(("{rain: rain}", "{rain: rain or bridge}")), COURSE)
    assert found.claims == ()
    assert [(pair.kind, pair.shown.article, pair.shown.spans[0].text) for pair in found.matches] == [
        ("gained", name, "bridge" if name != "a1" and name != "a2" else "viaduct") for name in ("a0", "a1", "a2")
    ]
    assert [(pair.kind, pair.shown.article) for pair in found.alerts] == [("gained", "a0"), ("gained", "a1"), ("gained", "a2")]


def test_a_claim_that_comes_and_one_that_goes(made: Callable[..., Plan]) -> None:
    found = compared(made(("  built:", "  stands:"), ("claim: built", "claim: stands")), COURSE[:1])
    assert [(one.claim, one.present, one.new, [pair.kind for pair in one.evidence]) for one in found.claims] == [
        ("built", "denied", None, ["lost"]),
        ("stands", None, "denied", ["gained"]),
    ]


def test_a_correction_takes_effect_in_both_in_any_order(made: Callable[..., Plan]) -> None:
    articles = [article(1, "We were wrong", "x", 2), article(1, "Blue confirmed that the viaduct was built", "x"), COURSE[0]]
    assert not compared(made(NO_VIADUCT), articles).claims[0].statuses


def test_what_people_decided_counts_in_both(made: Callable[..., Plan]) -> None:
    planned = made(NO_VIADUCT)
    rows = [pair.present for pair in claim(compared(planned, COURSE)).evidence if pair.present]
    decided = [Decision.about(row, Verdict.REJECT, why="no", by="anna", time=BEGIN) for row in rows]
    one = claim(compared(planned, COURSE, decided))
    assert (course(one), len(one.evidence)) == ([], 2)


def test_rules_that_say_the_same_are_not_read_at_all(made: Callable[..., Plan]) -> None:
    planned = made(("title", "# A comment\ntitle"))
    assert (planned.unchanged, planned.stories, planned.sets) == (("story",), (), ([], []))


def test_stories_without_a_name_in_common_are_refused(made: Callable[..., Plan]) -> None:
    with pytest.raises(InputError, match="the present rules have story, the new ones other"):
        made(name="other")


def test_several_processes_find_the_same_in_the_same_order(made: Callable[..., Plan], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bulk, "_CHUNK", 3)
    planned = made(NO_VIADUCT)
    articles = [article(day, COURSE[day % len(COURSE)].title) for day in range(60)]
    alone, shared = (list(heard(iter(articles), planned.sets, jobs)) for jobs in (1, 2))
    assert shared == alone
    assert len(shared) == 20
    assert sum(len(part.heard) for part in shared) == 48
    assert sum(part.read for part in shared) == 60


def test_no_more_articles_are_held_than_keep_the_processes_busy(made: Callable[..., Plan], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bulk, "_CHUNK", 2)
    taken = 0

    def counted() -> object:
        nonlocal taken
        for day in range(400):
            taken += 1
            yield article(day, "Nothing of it")

    found = heard(counted(), made(NO_VIADUCT).sets, 2)  # type: ignore[arg-type]
    next(found)
    assert taken < 100
    found.close()  # type: ignore[attr-defined]
