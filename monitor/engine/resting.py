"""Which alerts rested on evidence: those of which the fold without it no longer says what they said."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import NamedTuple

from monitor.engine.kept import Entry
from monitor.engine.status import History, Order, Standing
from monitor.model import Alert, Status

_STATUSES = set(Status)


class Kept(NamedTuple):
    """An alert on a claim, kept with an article, and the history that it tells of."""

    article: str
    order: Order
    alert: Alert
    history: History


def uncorrected(raised: Sequence[Alert]) -> list[Alert]:
    """Alerts that none of the others has corrected."""
    corrected = {old for alert in raised for old in alert.corrects}
    return [alert for alert in raised if alert.id not in corrected]


def of_status(alert: Alert) -> bool:
    """Whether an alert on a claim tells of its status, and not of one party's position."""
    return alert.to in _STATUSES


class Resting:
    """The alerts on a claim that stand, made before evidence on it counts anew, and asked afterwards which no longer hold."""

    def __init__(
        self, claim: str, entries: Mapping[str, Entry], histories: Mapping[str, History], own: History, held: Iterable[str]
    ) -> None:
        """histories: alert rule -> the history of the claim that it listens to, `own` where that is the claim's own. held: ids of
        summaries that have not been raised yet."""
        unsaid = set(held)
        self._kept = [
            Kept(article, (entry.time, article), alert, histories.get(alert.alert, own))
            for article, entry in entries.items()
            for alert in uncorrected(entry.alerts)
            if alert.claim == claim and alert.id not in unsaid
        ]
        self._before = self._hold()

    def lost(self, judged: Collection[str], gone: Collection[str]) -> list[Kept]:
        """The alerts that rested on evidence, in event order. judged: the articles that it stands in. gone: what of it no longer counts.

        An alert of an article tells of that article's place in the history; one that came late told of the claim as it stood on its
        arrival, so its own evidence says what it rested on. An alert of a decision told of the claim as it stood then.
        """
        found = [
            kept
            for kept, before, after in zip(self._kept, self._before, self._hold(), strict=True)
            if not after and self._rested(kept, before, judged, gone)
        ]
        return sorted(found, key=lambda kept: (kept.alert.time, kept.order, kept.alert.id))

    @staticmethod
    def _rested(kept: Kept, held: bool, judged: Collection[str], gone: Collection[str]) -> bool:
        if kept.alert.decision is not None:
            return held and kept.article in judged
        return held or kept.alert.evidence in gone

    def _hold(self) -> list[bool]:
        courses = {id(kept.history): _course(kept.history) for kept in self._kept}
        return [_holds(kept, courses[id(kept.history)]) for kept in self._kept]


def _course(history: History) -> list[Standing]:
    """Where a claim stood before its first article, and after each."""
    return list(history.course())


def _holds(kept: Kept, course: Sequence[Standing]) -> bool:
    """Whether the history is as an alert says."""
    standing = course[-1 if kept.alert.decision is not None else bisect_right(kept.history.orders, kept.order)]
    if of_status(kept.alert):
        return standing.status == kept.alert.to
    position = standing.position(kept.alert.party or "")
    return (position.stance if position else None) == kept.alert.to
