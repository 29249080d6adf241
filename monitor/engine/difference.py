"""What other rules would have changed: the histories that two sets of rules make of the same articles, side by side. Pure.

A claim's course is the fold in event time, as `timeline` shows it; its alerts are those that a daemon would have raised, had every article
come in order.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Sequence
from dataclasses import dataclass, field
from difflib import SequenceMatcher
from typing import Generic, Literal, NamedTuple, TypeVar, cast

from monitor.engine.ledger import Ledger
from monitor.engine.timeline import Turn, timeline
from monitor.model import Alert, Evidence, Instant, Match, Record, Stance, Status


class Point(Record):
    """A step of a course: what a status or a party's position became, when, and the words that it rests on."""

    time: Instant
    article: str
    to: Status | Stance
    party: str = ""
    speaker: str = ""
    quote: str = ""
    outlet: str = ""
    url: str = ""


T = TypeVar("T", Point, Evidence, Alert, Match)
Kind = Literal["gained", "lost", "moved", "changed"]


class Pair(NamedTuple, Generic[T]):
    """The same thing by the present and by the new rules; None: not by these. Never twice None."""

    present: T | None
    new: T | None

    @property
    def kind(self) -> Kind:
        """`gained` and `lost` by the new rules; `moved` to another time; `changed` in what it says."""
        if self.present is None:
            return "gained"
        if self.new is None:
            return "lost"
        return "moved" if self.present.time != self.new.time else "changed"

    @property
    def shown(self) -> T:
        """One of both: the new one, if there is one."""
        return self.new if self.new is not None else cast("T", self.present)


@dataclass(frozen=True, slots=True)
class ClaimDifference:
    """What became of one claim."""

    claim: str
    text: str
    present: Status | None
    """Where it stands at the end by the present rules; None: they have no such claim."""
    new: Status | None
    statuses: tuple[Pair[Point], ...] = ()
    positions: tuple[tuple[str, Pair[Point]], ...] = ()
    """By party."""
    evidence: tuple[Pair[Evidence], ...] = ()
    alerts: tuple[Pair[Alert], ...] = ()

    def __bool__(self) -> bool:
        return bool(self.present is not self.new or self.statuses or self.positions or self.evidence or self.alerts)


@dataclass(frozen=True, slots=True)
class Difference:
    """What became of one story: of the claims that have any difference, and of its other alerts and matches."""

    story: str
    claims: tuple[ClaimDifference, ...] = ()
    alerts: tuple[Pair[Alert], ...] = ()
    matches: tuple[Pair[Match], ...] = ()

    def __bool__(self) -> bool:
        return bool(self.claims or self.alerts or self.matches)


@dataclass
class Told:
    """What one set of rules made of the articles. ledger: None where it has no such story."""

    ledger: Ledger | None
    alerts: list[Alert] = field(default_factory=list)
    matches: list[Match] = field(default_factory=list)


def difference(story: str, present: Told, new: Told) -> Difference:
    """What the new rules would have changed about a story."""
    names = [name for told in (present, new) if told.ledger for name in told.ledger.story.story.claims]
    claims = tuple(found for name in dict.fromkeys(names) if (found := _claim(name, present, new)))
    beside = [[alert for alert in told.alerts if alert.claim is None] for told in (present, new)]
    matches = tuple(_aligned(present.matches, new.matches, lambda match: match.id, lambda match: match.id))
    return Difference(story, claims, tuple(_alerts(*beside)), matches)


def _claim(name: str, present: Told, new: Told) -> ClaimDifference:
    (was, before), (now, after) = (_course(told.ledger, name) for told in (present, new))
    parties = sorted({*before, *after} - {""})
    ledger = next(told.ledger for told in (new, present) if told.ledger and name in told.ledger.story.story.claims)
    alerts = [[alert for alert in told.alerts if alert.claim == name] for told in (present, new)]
    return ClaimDifference(
        claim=name,
        text=ledger.story.claim(name).text,
        present=was,
        new=now,
        statuses=tuple(_points(before.get("", ()), after.get("", ()))),
        positions=tuple((party, pair) for party in parties for pair in _points(before.get(party, ()), after.get(party, ()))),
        evidence=tuple(_evidence(_kept(present.ledger, name), _kept(new.ledger, name))),
        alerts=tuple(_alerts(*alerts)),
    )


def _course(ledger: Ledger | None, claim: str) -> tuple[Status | None, dict[str, list[Point]]]:
    """Where a claim stands at the end, and its steps: of the status under "", of the parties by their names."""
    if ledger is None or claim not in ledger.story.story.claims:
        return None, {}
    whole = timeline(ledger, claim)
    course: dict[str, list[Point]] = {}
    for turn in whole.turns:
        if turn.from_ is not turn.to:
            course.setdefault("", []).append(_point(turn, turn.to, _first(turn, ledger.story.claim(claim).confirmed_by)))
        for move in turn.moves:
            course.setdefault(move.party, []).append(_point(turn, move.to, move.evidence))
    return whole.status, course


def _first(turn: Turn, principals: Sequence[str]) -> Evidence:
    """The evidence that a turn of the status is shown with: of a party that would have to admit the claim, if one moved."""
    moved = sorted(turn.moves, key=lambda move: (move.party not in principals, not move.to.plain))
    return moved[0].evidence


def _point(turn: Turn, to: Status | Stance, row: Evidence) -> Point:
    return Point(
        time=turn.time, article=turn.article, to=to, party=row.party, speaker=row.speaker, quote=row.quote, outlet=row.outlet, url=row.url
    )


def _points(before: Sequence[Point], after: Sequence[Point]) -> list[Pair[Point]]:
    return _aligned(before, after, lambda point: (point.time, point.article, point.to), lambda point: point.to)


def _alerts(before: Sequence[Alert], after: Sequence[Alert]) -> list[Pair[Alert]]:
    """Alerts on the same subject that say the same stand for one another, whatever they rest on."""
    return _aligned(
        before, after, lambda alert: (alert.id, alert.severity), lambda alert: (alert.alert, alert.claim, alert.party, alert.to)
    )


def _kept(ledger: Ledger | None, claim: str) -> dict[str, Evidence]:
    """All evidence on a claim that a ledger holds in the end, in event order."""
    if ledger is None or claim not in ledger.story.story.claims:
        return {}
    rows = [row for entry in ledger.entries.values() for row in entry.evidence if row.claim == claim]
    return {row.id: row for row in sorted(rows, key=_order)}


def _evidence(before: dict[str, Evidence], after: dict[str, Evidence]) -> list[Pair[Evidence]]:
    """Evidence that only one has, paired where both have some of the same party in the same article; and what became weak or strong."""
    pairs = [Pair(row, after[row.id]) for row in before.values() if row.id in after and after[row.id].strength is not row.strength]
    gained: dict[tuple[str, str], list[Evidence]] = {}
    for row in after.values():
        if row.id not in before:
            gained.setdefault((row.article, row.party), []).append(row)
    for row in before.values():
        if row.id not in after:
            instead = gained.get((row.article, row.party))
            pairs.append(Pair(row, instead.pop(0) if instead else None))
    pairs += [Pair(None, row) for rows in gained.values() for row in rows]
    return sorted(pairs, key=lambda pair: _order(pair.shown))


def _order(row: Evidence) -> tuple[object, ...]:
    return row.time, row.article, row.party, row.id


def _aligned(before: Sequence[T], after: Sequence[T], same: Callable[[T], Hashable], alike: Callable[[T], Hashable]) -> list[Pair[T]]:
    """What differs between two lists in order of time. Between things that are the same in both, things that are alike stand for one
    another: they moved or changed; whatever is left was lost or gained."""
    pairs: list[Pair[T]] = []
    blocks = SequenceMatcher(None, [same(one) for one in before], [same(one) for one in after], autojunk=False).get_opcodes()
    for what, a, b, c, d in blocks:
        if what != "equal":
            pairs += _matched(before[a:b], after[c:d], alike)
    return sorted(pairs, key=lambda pair: (pair.present or pair.shown).time)


def _matched(lost: Iterable[T], gained: Iterable[T], alike: Callable[[T], Hashable]) -> list[Pair[T]]:
    waiting: dict[Hashable, list[T]] = {}
    for one in gained:
        waiting.setdefault(alike(one), []).append(one)
    pairs: list[Pair[T]] = []
    for one in lost:
        found = waiting.get(alike(one))
        pairs.append(Pair(one, found.pop(0) if found else None))
    return pairs + [Pair(None, one) for rest in waiting.values() for one in rest]
