"""A part of a history taken in as a whole: what it would have raised, alert by alert, is held back for one summary. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from monitor.engine import alerts
from monitor.engine.kept import Batch, Entry, Outcome
from monitor.engine.ledger import Ledger
from monitor.engine.pipeline import Reading
from monitor.model import Alert, Article, Decision, Event


def news(ledger: Ledger, readings: Iterable[Reading], decisions: Iterable[Decision]) -> bool:
    """Whether any of it is new to a ledger."""
    if any(decision.id not in ledger.decisions.all for decision in decisions):
        return True
    return any(_held(ledger, one.article) < one.article.version for one in readings)


def _held(ledger: Ledger, article: Article) -> int:
    """The version of an article that a ledger has taken in; 0: none."""
    entry = ledger.entries.get(article.id)
    said = entry.by(article.feed) if entry else None
    return said.version if said else 0


def together(ledger: Ledger, readings: Sequence[Reading], decisions: Sequence[Decision], batch: Batch) -> Outcome:
    """Takes in decisions and readings as one place of a batch: decisions first, so that evidence counts from the beginning as decided."""
    summary = alerts.summary_id(ledger.story.name, batch.feed)
    events: list[Event] = []
    raised: list[Alert] = []
    kept: dict[str, Entry] = {}
    claims: set[str] = set()
    for outcome in _outcomes(ledger, readings, decisions):
        mine = [event for event in outcome.events if isinstance(event, Alert)]
        raised += mine
        events += [event for event in outcome.events if not isinstance(event, Alert)]
        claims |= {state.claim for state in outcome.states}
        unsaid = {alert.id for alert in mine}
        for article, entry in outcome.entries:
            # What is held is known to subscribers as its summary only, so that is what a later correction has to name.
            known = tuple(alert.model_copy(update={"id": summary}) if alert.id in unsaid else alert for alert in entry.alerts)
            ledger.entries[article] = kept[article] = entry.model_copy(update={"alerts": known})
    held = ledger.hold("", raised, batch, tuple(events))
    return Outcome(held.events, tuple(kept.items()), tuple(ledger.state(claim) for claim in sorted(claims)), memory_changed=True)


def _outcomes(ledger: Ledger, readings: Sequence[Reading], decisions: Sequence[Decision]) -> Iterable[Outcome]:
    if decisions:
        yield ledger.decide(decisions)
    for reading in readings:
        yield ledger.apply(reading)
