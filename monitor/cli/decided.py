"""What people decided and noted, on the terminal. All of it is text from outside."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from monitor.cli.output import line, safe
from monitor.cli.screen import flow
from monitor.engine.decisions import Decisions
from monitor.engine.kept import Outcome
from monitor.model import Alert, ClaimChanged, ClaimState, Decision, Note, PositionChanged, Verdict, When, as_json
from monitor.streams.events import plain

DONE = {Verdict.REJECT: "rejected", Verdict.ACCEPT: "accepted", Verdict.UNDO: "undone"}
_DIGITS = 7
_QUOTE = 90


def show_outcome(outcome: Outcome) -> None:
    """What was decided, then what followed."""
    made = [event for event in outcome.events if isinstance(event, Decision)]
    for one in made:
        flow(f"{DONE[one.verdict]} {one.evidence[:_DIGITS]}  {_about(one)}", 2)
    changes = [event for event in outcome.events if isinstance(event, PositionChanged | ClaimChanged)]
    for change in changes:
        flow(f"  {change.story}: {safe(plain(change))}", 4)
    if not changes:
        line(f"  nothing moved: {_why_not(made, there=bool(outcome.states))}")
    for alert in (event for event in outcome.events if isinstance(event, Alert)):
        corrects = f", corrects {len(alert.corrects)}" if alert.corrects else ""
        flow(f"  alert {alert.alert} ({alert.severity}{corrects}): {safe(alert.summary)}", 4)


def _why_not(made: Collection[Decision], *, there: bool) -> str:
    if not there:
        return "the evidence is not there; it counts so if it comes again"
    if all(one.when is When.PAST for one in made):
        return "evidence of the past moves nothing"
    return "positions and status are the same without it" if _all(made, Verdict.REJECT) else "positions and status are the same with it"


def _all(made: Iterable[Decision], verdict: Verdict) -> bool:
    return all(one.verdict is verdict for one in made)


def show_decision(one: Decision, *, holds: bool) -> None:
    """A decision, with its reason on a line of its own. holds: no later one is about the same evidence."""
    later = "" if holds else " (decided otherwise since)"
    flow(f"{one.time:%Y-%m-%d %H:%M}  {DONE[one.verdict]} {one.evidence[:_DIGITS]} by {safe(one.by)}{later}: {safe(one.why)}", 6)
    flow(f"      {one.story}/{_about(one)}", 6)


def show_note(one: Note) -> None:
    """A note, below the claim that it is about."""
    flow(f"  note by {safe(one.by)} {one.time:%Y-%m-%d %H:%M}: {safe(one.text)}", 6)


@dataclass(frozen=True)
class Said:
    """What people decided and noted, newest first."""

    decisions: Sequence[Decision]
    notes: Sequence[Note]

    def of(self, state: ClaimState, party: str | None = None) -> Said:
        """What holds of a claim, or of a party on it; notes are about the claim."""
        holding = Decisions(self.decisions).latest.values()
        name = (state.story, state.claim)
        decisions = [one for one in holding if (one.story, one.claim) == name and party in (None, one.party)]
        decisions = [one for one in decisions if one.verdict is not Verdict.UNDO]
        return Said(
            sorted(decisions, key=lambda one: one.order, reverse=True), [one for one in self.notes if (one.story, one.claim) == name]
        )

    def show(self) -> None:
        """Lines below a claim."""
        for decision in self.decisions:
            head = f"{DONE[decision.verdict]} {decision.evidence[:_DIGITS]} by {safe(decision.by)} {decision.time:%Y-%m-%d %H:%M}"
            flow(f"  {head}: {safe(decision.why)} ({_about(decision, claim=False)})", 6)
        for note in self.notes:
            show_note(note)

    def signs(self) -> dict[str, str]:
        """Evidence -> the sign before it."""
        return {one.evidence: "x" if one.verdict is Verdict.REJECT else "+" for one in self.decisions}

    def as_json(self) -> dict[str, Any]:
        """As JSON values."""
        return {"decisions": [as_json(one) for one in self.decisions], "notes": [as_json(one) for one in self.notes]}


def _about(one: Decision, *, claim: bool = True) -> str:
    """What the evidence was."""
    when = " in the past" if one.when is When.PAST else ""
    quote = " ".join(one.quote.split())
    quote = quote if len(quote) <= _QUOTE else quote[: _QUOTE - 1].rstrip() + "…"
    return f"{f'{one.claim}: ' if claim else ''}{one.party} {one.stance}{when}, {safe(one.outlet or one.article)}: “{safe(quote)}”"
