"""Positions and status: a fold over evidence in event order. The order of arrival plays no part."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime

from monitor.model import Evidence, MovedBy, Stance, Status, Strength, When

Order = tuple[datetime, str]
"""Event order: the instant, then the article's id by code point."""


def status(confirmed_by: Iterable[str], positions: Mapping[str, Stance]) -> Status:
    """A claim's status from the parties' positions: the first row of `Status` that fits."""
    yes = {party for party, stance in positions.items() if stance is Stance.AFFIRM}
    no = {party for party, stance in positions.items() if stance is Stance.DENY}
    principals = set(confirmed_by)
    if yes & principals and not no & principals:
        return Status.CONFIRMED
    if yes and no:
        return Status.DISPUTED
    if yes:
        return Status.ASSERTED
    if no:
        return Status.DENIED
    return Status.OPEN if positions else Status.UNREPORTED


def moved(old: Stance | None, new: Stance) -> Stance:
    """A party's position after new evidence: doubt and evasion never take back an affirmation."""
    return Stance.AFFIRM if old is Stance.AFFIRM and not new.plain else new


def told(evidence: Iterable[Evidence]) -> dict[str, dict[str, Evidence]]:
    """What one article says now: claim -> party -> the evidence that counts.

    A yes or no outweighs doubt and evasion, then the later in the text wins, title before text.
    """
    rows = sorted((e for e in evidence if e.when is When.NOW), key=lambda e: (e.field != "title", e.start))
    said: dict[str, dict[str, Evidence]] = {}
    for row in rows:
        parties = said.setdefault(row.claim, {})
        before = parties.get(row.party)
        if before is None or row.stance.plain or not before.stance.plain:
            parties[row.party] = row
    return said


@dataclass(frozen=True, slots=True)
class Position:
    """A party's stance, the event time since which it holds without a break, and the latest evidence of it."""

    stance: Stance
    since: datetime
    evidence: Evidence


@dataclass(frozen=True, slots=True)
class Standing:
    """Where a claim stands after a number of articles."""

    status: Status = Status.UNREPORTED
    since: datetime | None = None
    positions: Mapping[str, Position] | None = None
    waiting: Mapping[str, tuple[Evidence, ...]] | None = None
    """Weak evidence by party that no second outlet has borne out, by other than a copy, since its position last moved."""

    def position(self, party: str) -> Position | None:
        """The party's position, if it has one."""
        return (self.positions or {}).get(party)


def counting(evidence: Iterable[Evidence], moved_by: MovedBy) -> list[Evidence]:
    """An article's evidence that can move a position: beside strong evidence of a party on a claim its weak evidence does not count."""
    rows = list(evidence)
    if moved_by is MovedBy.ANY:
        return rows
    strong = [e for e in rows if e.strength is Strength.STRONG]
    plain = {(e.claim, e.party) for e in strong if e.when is When.NOW}
    return strong if moved_by is MovedBy.STRONG else [e for e in rows if e in strong or (e.claim, e.party) not in plain]


def step(
    standing: Standing, said: Mapping[str, Evidence], at: datetime, confirmed_by: Iterable[str], moved_by: MovedBy = MovedBy.ANY
) -> Standing:
    """Where a claim stands after one more article."""
    positions, waiting = dict(standing.positions or {}), dict(standing.waiting or {})
    for party, row in said.items():
        held = positions.get(party)
        agrees = held is not None and held.stance is row.stance
        if moved_by is MovedBy.CORROBORATED and row.strength is Strength.WEAK and not agrees:
            others = {other.stance: other for other in waiting.get(party, ())}
            first = others.setdefault(row.stance, row)
            if first.outlet == row.outlet or first.origin == row.origin != "":
                waiting[party] = tuple(others.values())
                continue
        waiting.pop(party, None)
        stance = moved(held.stance if held else None, row.stance)
        if held is None or stance is not held.stance:
            positions[party] = Position(stance, at, row)
        elif row.stance is stance:
            positions[party] = replace(held, evidence=row)
    now = status(confirmed_by, {party: position.stance for party, position in positions.items()})
    return Standing(now, standing.since if now is standing.status else at, positions, waiting)


class History:
    """All that has been told of one claim, in event order, and where that leaves it."""

    def __init__(self, confirmed_by: Iterable[str], moved_by: MovedBy = MovedBy.ANY) -> None:
        self.confirmed_by, self.moved_by = tuple(confirmed_by), moved_by
        self.orders: list[Order] = []
        self.said: list[Mapping[str, Evidence]] = []
        self.standing = Standing()

    def put(self, order: Order, said: Mapping[str, Evidence]) -> None:
        """Adds what an article told. In its place, however late it comes; the latest one costs only its own step."""
        at = bisect_left(self.orders, order)
        self.orders.insert(at, order)
        self.said.insert(at, said)
        if at == len(self.orders) - 1:
            self.standing = step(self.standing, said, order[0], self.confirmed_by, self.moved_by)
        else:
            self._fold()

    def take(self, order: Order) -> None:
        """Takes out what an article told, where it told anything."""
        at = bisect_left(self.orders, order)
        if at < len(self.orders) and self.orders[at] == order:
            del self.orders[at], self.said[at]
            self._fold()

    def course(self) -> Iterator[Standing]:
        """Where the claim stood before anything was told, and after each article."""
        standing = Standing()
        yield standing
        for order, said in zip(self.orders, self.said, strict=True):
            standing = step(standing, said, order[0], self.confirmed_by, self.moved_by)
            yield standing

    def _fold(self) -> None:
        for standing in self.course():
            self.standing = standing
