"""A claim's history: the fold over what the ledger keeps, spelled out step by step. Pure, in event time.

The streams say what was announced when it was announced; this is what is known now of then. A late or a corrected article rewrites it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from enum import StrEnum

from pydantic import Field

from monitor.engine.ledger import Ledger
from monitor.engine.status import History, Order, Standing, counting, step
from monitor.model import Evidence, Instant, MovedBy, Record, Stance, Status, Strength, Verdict, When


class Effect(StrEnum):
    """What a piece of evidence did to its party's position."""

    MOVED = "moved"
    """the position became its stance"""
    AGREES = "agrees"
    """the party held that stance already"""
    OUTWEIGHED = "outweighed"
    """nothing: doubt or evasion after an affirmation, or beside weightier words of the party in the same article"""
    WAITS = "waits"
    """nothing: weak, and no second outlet had borne it out"""
    WEAK = "weak"
    """nothing: the claim is moved by strong evidence only"""
    PAST = "past"
    """nothing: it recalls history"""
    REJECTED = "rejected"
    """nothing: a person rejected it as a misreading"""


class PositionBand(Record):
    """A stretch of time in which a party held one stance."""

    stance: Stance
    since: Instant
    until: Instant | None = Field(description="null: it still does")
    evidence: str = Field(description="Id of the evidence that began it")


class StatusBand(Record):
    """A stretch of time in which the claim had one status."""

    status: Status
    since: Instant
    until: Instant | None = Field(description="null: it still has")


class Mark(Record):
    """A piece of evidence and what it did."""

    evidence: Evidence
    effect: Effect


class Lane(Record):
    """A party's positions, one after the other; none when all its evidence moved nothing."""

    party: str
    principal: bool = Field(description="Whether it would have to admit the claim")
    bands: tuple[PositionBand, ...]


class Move(Record):
    """A party's position before and after an article."""

    party: str
    from_: Stance | None = Field(alias="from", description="null: it had none")
    to: Stance
    evidence: Evidence


class Turn(Record):
    """An article that moved positions, and the status that it led to."""

    time: Instant
    article: str = Field(description='"" for a baseline in the rules')
    moves: tuple[Move, ...]
    from_: Status = Field(alias="from")
    to: Status


class Timeline(Record):
    """All of a claim's history, or what of it lies in a window. Everything is in event order."""

    story: str
    claim: str
    text: str
    status: Status = Field(description="At the end of the window")
    since: Instant | None
    statuses: tuple[StatusBand, ...]
    lanes: tuple[Lane, ...] = Field(description="Those who would have to admit the claim first, then by their first evidence")
    turns: tuple[Turn, ...]
    marks: tuple[Mark, ...]


def timeline(ledger: Ledger, claim: str) -> Timeline:
    """The whole history of a claim. Raises KeyError when the story has no such claim."""
    rules = ledger.story.claim(claim)
    history = ledger.histories[claim, rules.moved_by]
    effects, turns, standing = _folded(history)
    evidence = [row for said in history.said for row in said.values() if not row.article]
    evidence += [
        row
        for entry in ledger.entries.values()
        for row in entry.evidence
        if row.claim == claim and row.party in ledger.story.story.entities
    ]
    rejected = [row for row in evidence if ledger.decisions.verdict(row.id) is Verdict.REJECT]
    counting_now = ledger.decisions.counted(evidence)
    counted = _counted(counting_now, rules.moved_by)
    marks = [Mark(evidence=row, effect=effects.get(row.id) or _unfolded(row, counted)) for row in counting_now]
    marks += [Mark(evidence=row, effect=Effect.REJECTED) for row in rejected]
    marks.sort(key=lambda mark: _order(mark.evidence))
    return Timeline(
        story=ledger.story.name,
        claim=claim,
        text=rules.text,
        status=standing.status,
        since=standing.since,
        statuses=_statuses(turns),
        lanes=_lanes(turns, (mark.evidence.party for mark in marks), rules.confirmed_by),
        turns=tuple(turns),
        marks=tuple(marks),
    )


def within(whole: Timeline, since: datetime | None = None, until: datetime | None = None) -> Timeline:
    """What of a timeline lies from `since` up to and including `until`. Bands that reach into the window keep their true beginning."""

    def inside(time: datetime) -> bool:
        return (since is None or time >= since) and (until is None or time <= until)

    def touches(band: StatusBand | PositionBand) -> bool:
        return (until is None or band.since <= until) and (since is None or band.until is None or band.until > since)

    def open_at_end(band: StatusBand | PositionBand) -> Mapping[str, None]:
        return {"until": None} if until is not None and band.until is not None and band.until > until else {}

    statuses = tuple(band.model_copy(update=open_at_end(band)) for band in whole.statuses if touches(band))
    marks = tuple(mark for mark in whole.marks if inside(mark.evidence.time))
    seen = {mark.evidence.party for mark in marks}
    lanes = [
        lane.model_copy(update={"bands": tuple(band.model_copy(update=open_at_end(band)) for band in lane.bands if touches(band))})
        for lane in whole.lanes
    ]
    last = statuses[-1] if statuses else None
    return whole.model_copy(
        update={
            "status": last.status if last else Status.UNREPORTED,
            "since": last.since if last else None,
            "statuses": statuses,
            "lanes": tuple(lane for lane in lanes if lane.bands or lane.party in seen),
            "turns": tuple(turn for turn in whole.turns if inside(turn.time)),
            "marks": marks,
        }
    )


def _folded(history: History) -> tuple[dict[str, Effect], list[Turn], Standing]:
    """The fold that makes a standing, once more, noting on the way what each piece of evidence did."""
    effects: dict[str, Effect] = {}
    turns: list[Turn] = []
    before = Standing()
    for order, said in zip(history.orders, history.said, strict=True):
        after = step(before, said, order[0], history.confirmed_by, history.moved_by)
        moves = []
        for party, row in sorted(said.items()):
            effects[row.id] = effect = _effect(party, row, before, after)
            if effect is Effect.MOVED:
                held = before.position(party)
                moves.append(Move(party=party, from_=held.stance if held else None, to=row.stance, evidence=row))
        if moves:
            turns.append(Turn(time=order[0], article=order[1], moves=tuple(moves), from_=before.status, to=after.status))
        before = after
    return effects, turns, before


def _effect(party: str, row: Evidence, before: Standing, after: Standing) -> Effect:
    was, now = before.position(party), after.position(party)
    if now is None or now.stance is not row.stance:
        # The first of its stance stands for all of an outlet's.
        waits = row.strength is Strength.WEAK and any(one.stance is row.stance for one in (after.waiting or {}).get(party, ()))
        return Effect.WAITS if waits else Effect.OUTWEIGHED
    return Effect.AGREES if was is not None and was.stance is now.stance else Effect.MOVED


def _counted(evidence: Iterable[Evidence], moved_by: MovedBy) -> set[str]:
    """Ids of the evidence that may move a position, article by article."""
    articles: dict[str, list[Evidence]] = {}
    for row in evidence:
        articles.setdefault(row.article, []).append(row)
    return {row.id for rows in articles.values() for row in counting(rows, moved_by)}


def _unfolded(row: Evidence, counted: set[str]) -> Effect:
    """Why evidence took no part in the fold."""
    if row.when is When.PAST:
        return Effect.PAST
    return Effect.OUTWEIGHED if row.id in counted else Effect.WEAK


def _order(row: Evidence) -> tuple[Order, str, bool, int, str]:
    return (row.time, row.article), row.party, row.field != "title", row.start, row.id


def _statuses(turns: Iterable[Turn]) -> tuple[StatusBand, ...]:
    changes = [turn for turn in turns if turn.from_ is not turn.to]
    ends = [*(turn.time for turn in changes[1:]), None]
    return tuple(StatusBand(status=turn.to, since=turn.time, until=end) for turn, end in zip(changes, ends, strict=False))


def _lanes(turns: Iterable[Turn], parties: Iterable[str], principals: Iterable[str]) -> tuple[Lane, ...]:
    """parties: of all evidence, in event order."""
    first = tuple(principals)
    told = list(dict.fromkeys(parties))
    moves: dict[str, list[Move]] = {party: [] for party in [p for p in first if p in told] + [p for p in told if p not in first]}
    for turn in turns:
        for move in turn.moves:
            moves[move.party].append(move)
    return tuple(Lane(party=party, principal=party in first, bands=_bands(made)) for party, made in moves.items())


def _bands(moves: list[Move]) -> tuple[PositionBand, ...]:
    times: list[datetime | None] = [move.evidence.time for move in moves[1:]]
    return tuple(
        PositionBand(stance=move.to, since=move.evidence.time, until=end, evidence=move.evidence.id)
        for move, end in zip(moves, [*times, None], strict=False)
    )
