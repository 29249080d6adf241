"""What changed rules do to a story: kept articles that say another thing by them, and claims that stand elsewhere than was published."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import TypeVar

from monitor.engine.changes import Change
from monitor.engine.kept import Entry, Rereading, Said, told_by
from monitor.engine.resting import of_status, uncorrected
from monitor.engine.status import Position, Standing
from monitor.model import Alert, ClaimChanged, ClaimState, Event, Evidence, Match

Kept = tuple[str, Alert]
"""An alert, and the article that it is kept with."""


def differs(entry: Entry | None, new: Said) -> bool:
    """Whether an article says another thing than is kept of it. Of another version than what is kept it says nothing that counts."""
    old = entry.by(new.feed) if entry else None
    if old is None:
        return bool(new.evidence or new.matches)
    return old.version == new.version and (_plain(old.evidence), old.matches) != (_plain(new.evidence), new.matches)


def merged(entries: Mapping[str, Entry], found: Rereading) -> tuple[dict[str, Entry], list[Event]]:
    """What was read again -> the entries that change by it, and the matches and the evidence that are new in them."""
    changed: dict[str, Entry] = {}
    matches: dict[str, dict[str, Match]] = {}
    for (article, _), new in found.items():
        old = changed.get(article, entries.get(article))
        if differs(old, new.said):
            changed[article] = told_by(old, new.said)
            matches.setdefault(article, {}).update({match.rule: match for match in new.matches})
    news: list[Event] = []
    for article, entry in sorted(changed.items(), key=lambda pair: (pair[1].time, pair[0])):
        before = entries.get(article)
        known = {row.id for row in before.evidence} if before else set()
        met = set(before.matches) if before else set()
        news += [match for rule, match in matches[article].items() if rule in entry.matches and rule not in met]
        news += [row for row in entry.evidence if row.id not in known]
    return changed, news


def unclaimed(entries: Mapping[str, Entry], claims: Collection[str]) -> set[str]:
    """Claims that something is kept of and that the rules no longer have."""
    return {row.claim for entry in entries.values() for said in (entry, *entry.others) for row in said.evidence} - set(claims)


def without(entries: Mapping[str, Entry], claims: Collection[str]) -> dict[str, Entry | None]:
    """The entries that change when what was said of some claims is forgotten; None: nothing is left that has to be kept."""
    made: dict[str, Entry | None] = {}
    for article, entry in entries.items():
        if any(row.claim in claims for said in (entry, *entry.others) for row in said.evidence):
            alerts = tuple(alert for alert in entry.alerts if alert.claim not in claims)
            left = _without(entry, claims).model_copy(
                update={"alerts": alerts, "others": tuple(_without(said, claims) for said in entry.others)}
            )
            # A correction that says nothing is kept, lest the version that it corrects come after it.
            keep = alerts or any(said.evidence or said.matches or said.version > 1 for said in (left, *entry.others))
            made[article] = left if keep else None
    return made


S = TypeVar("S", bound=Said)


def _without(said: S, claims: Collection[str]) -> S:
    return said.model_copy(update={"evidence": tuple(row for row in said.evidence if row.claim not in claims)})


def as_published(state: ClaimState | None) -> Standing:
    """A claim's state, as published -> where it stood."""
    if state is None:
        return Standing()
    positions = {held.party: Position(held.stance, held.since, held.evidence) for held in state.positions}
    return Standing(state.status, state.since, positions)


def outdated(entries: Mapping[str, Entry], claim: str, changes: Sequence[Change], unsaid: Iterable[str]) -> list[Kept]:
    """The newest alerts that told of a claim as it stood before changes, oldest first. unsaid: ids of those that nobody has seen yet."""
    hidden = set(unsaid)
    told = [
        (article, alert)
        for article, entry in entries.items()
        for alert in uncorrected(entry.alerts)
        if alert.claim == claim and alert.id not in hidden
    ]
    found: dict[str, Kept] = {}
    for change in changes:
        about = [one for one in told if one[1].to == change.from_ and _of(one[1], change)]
        newest = max((alert.time for _, alert in about), default=None)
        found |= {f"{article} {alert.id}": (article, alert) for article, alert in about if alert.time == newest}
    return sorted(found.values(), key=lambda one: (one[1].time, one[1].id, one[0]))


def _of(alert: Alert, change: Change) -> bool:
    """Whether an alert tells of what changed."""
    return of_status(alert) if isinstance(change, ClaimChanged) else not of_status(alert) and alert.party == change.party


def _plain(evidence: Iterable[Evidence]) -> list[Evidence]:
    """Evidence without the version of the rules that found it, and without what other articles make of it."""
    return [row.model_copy(update={"rules": "", "origin": ""}) for row in evidence]
