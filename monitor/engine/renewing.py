"""What changed rules do to a story: kept articles that say another thing by them, and claims that stand elsewhere than was published."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence

from monitor.engine.changes import Change
from monitor.engine.kept import Entry, Reread
from monitor.engine.resting import of_status, uncorrected
from monitor.engine.status import Position, Standing
from monitor.model import Alert, ClaimChanged, ClaimState, Event, Evidence

Said = tuple[str, Alert]
"""An alert, and the article that it is kept with."""


def differs(old: Entry | None, new: Reread) -> bool:
    """Whether an article says another thing than is kept of it. Of another version than what is kept it says nothing that counts."""
    if old is None:
        return bool(new.entry.evidence or new.entry.matches)
    return old.version == new.entry.version and (_plain(old.evidence), old.matches) != (_plain(new.entry.evidence), new.entry.matches)


def merged(entries: Mapping[str, Entry], found: Mapping[str, Reread]) -> tuple[dict[str, Entry], list[Event]]:
    """What was read again -> the entries that change by it, and the matches and the evidence that are new in them."""
    changed: dict[str, Entry] = {}
    news: list[Event] = []
    for article, new in sorted(found.items(), key=lambda pair: (pair[1].entry.time, pair[0])):
        old = entries.get(article)
        if not differs(old, new):
            continue
        changed[article] = new.entry.model_copy(update={"alerts": old.alerts}) if old else new.entry
        known = {row.id for row in old.evidence} if old else set()
        met = set(old.matches) if old else set()
        news += [match for match in new.matches if match.rule not in met]
        news += [row for row in new.entry.evidence if row.id not in known]
    return changed, news


def unclaimed(entries: Mapping[str, Entry], claims: Collection[str]) -> set[str]:
    """Claims that something is kept of and that the rules no longer have."""
    return {row.claim for entry in entries.values() for row in entry.evidence} - set(claims)


def without(entries: Mapping[str, Entry], claims: Collection[str]) -> dict[str, Entry | None]:
    """The entries that change when what was said of some claims is forgotten; None: nothing is left that has to be kept."""
    made: dict[str, Entry | None] = {}
    for article, entry in entries.items():
        evidence = tuple(row for row in entry.evidence if row.claim not in claims)
        if len(evidence) < len(entry.evidence):
            alerts = tuple(alert for alert in entry.alerts if alert.claim not in claims)
            # A correction that says nothing is kept, lest the version that it corrects come after it.
            keep = evidence or entry.matches or alerts or entry.version > 1
            made[article] = entry.model_copy(update={"evidence": evidence, "alerts": alerts}) if keep else None
    return made


def as_published(state: ClaimState | None) -> Standing:
    """A claim's state, as published -> where it stood."""
    if state is None:
        return Standing()
    positions = {held.party: Position(held.stance, held.since, held.evidence) for held in state.positions}
    return Standing(state.status, state.since, positions)


def outdated(entries: Mapping[str, Entry], claim: str, changes: Sequence[Change], unsaid: Iterable[str]) -> list[Said]:
    """The newest alerts that told of a claim as it stood before changes, oldest first. unsaid: ids of those that nobody has seen yet."""
    hidden = set(unsaid)
    told = [
        (article, alert)
        for article, entry in entries.items()
        for alert in uncorrected(entry.alerts)
        if alert.claim == claim and alert.id not in hidden
    ]
    found: dict[str, Said] = {}
    for change in changes:
        about = [one for one in told if one[1].to == change.from_ and _of(one[1], change)]
        newest = max((alert.time for _, alert in about), default=None)
        found |= {f"{article} {alert.id}": (article, alert) for article, alert in about if alert.time == newest}
    return sorted(found.values(), key=lambda one: (one[1].time, one[1].id, one[0]))


def _of(alert: Alert, change: Change) -> bool:
    """Whether an alert tells of what changed."""
    return of_status(alert) if isinstance(change, ClaimChanged) else not of_status(alert) and alert.party == change.party


def _plain(evidence: Iterable[Evidence]) -> list[Evidence]:
    """Evidence without the version of the rules that found it."""
    return [row.model_copy(update={"rules": ""}) for row in evidence]
