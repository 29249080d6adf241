"""What people decided about evidence: a fold as well. The latest decision about a piece of evidence holds, in whatever order they come."""

from __future__ import annotations

from collections.abc import Iterable

from monitor.model import Decision, Evidence, Strength, Verdict


class Decisions:
    """All decisions of a story."""

    def __init__(self, decisions: Iterable[Decision] = ()) -> None:
        self.all: dict[str, Decision] = {}
        self.latest: dict[str, Decision] = {}
        """Evidence -> the decision about it that holds."""
        for decision in decisions:
            self.add(decision)

    def add(self, decision: Decision) -> None:
        """Takes in one decision. One that is known changes nothing."""
        self.all[decision.id] = decision
        known = self.latest.get(decision.evidence)
        if known is None or known.order < decision.order:
            self.latest[decision.evidence] = decision

    def verdict(self, evidence: str) -> Verdict:
        """What holds for a piece of evidence; `undo` where nothing was decided, which comes to the same."""
        latest = self.latest.get(evidence)
        return latest.verdict if latest else Verdict.UNDO

    def counted(self, evidence: Iterable[Evidence]) -> list[Evidence]:
        """The evidence as it counts: what was rejected is out, what was accepted is strong and says by whose word."""
        return [self._accepted(row) for row in evidence if self.verdict(row.id) is not Verdict.REJECT]

    def _accepted(self, row: Evidence) -> Evidence:
        if self.verdict(row.id) is not Verdict.ACCEPT:
            return row
        decision = self.latest[row.id]
        return row.model_copy(update={"strength": Strength.STRONG, "why": (*row.why, f"accepted by {decision.by}: {decision.why}")})
