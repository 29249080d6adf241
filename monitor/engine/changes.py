"""Changes, found by comparing before and after, and what caused them: an article, people who decided about the evidence in one, or the
rules."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from monitor.engine.status import Position, Standing
from monitor.model import Article, ClaimChanged, Decision, Evidence, PositionChanged, Stance, Status, Strength, Verdict, digest

Change = PositionChanged | ClaimChanged

_SAID = {Verdict.REJECT: "Rejected", Verdict.ACCEPT: "Accepted", Verdict.UNDO: "Undone"}
_WHY_SHOWN = 200
_BEARS = {Status.CONFIRMED: Stance.AFFIRM, Status.ASSERTED: Stance.AFFIRM, Status.DENIED: Stance.DENY}
"""Status -> the stance of the positions that make it."""


@dataclass(frozen=True, slots=True)
class Cause:
    """What changes follow from. time: the article's, or when it was decided or the rules changed. said: how an alert that takes others back
    begins. article: "" where the rules changed."""

    article: str
    version: int
    time: datetime
    outlet: str
    url: str
    title: str
    said: str
    decision: str | None = None
    rules: str | None = None

    @property
    def news(self) -> bool:
        """Whether it is an article: something that was published, and not what people or the rules made of it."""
        return self.decision is None and self.rules is None

    @property
    def mark(self) -> tuple[str, ...]:
        """What tells the ids of this cause's events from those of the article itself."""
        return tuple(filter(None, (self.decision, self.rules and f"rules {self.rules} {self.time.isoformat()}")))


def by_article(article: Article) -> Cause:
    """An article as a cause."""
    said = "Corrected by the publisher"
    return Cause(article.id, article.version, article.published_at, article.outlet, article.url, article.title, said)


def by_decision(decision: Decision, row: Evidence) -> Cause:
    """A decision about a piece of evidence as a cause."""
    why = decision.why if len(decision.why) <= _WHY_SHOWN else decision.why[: _WHY_SHOWN - 1].rstrip() + "…"
    said = f"{_SAID[decision.verdict]} by {decision.by} ({why})"
    return Cause(row.article, row.version, decision.time, row.outlet, row.url, row.title, said, decision.id)


def by_rules(version: str, time: datetime) -> Cause:
    """Rules that changed at a time, to a version, as a cause."""
    return Cause("", 0, time, "", "", "", f"The rules changed, to version {version}", rules=version)


def changes(story: str, claim: str, cause: Cause, before: Standing, after: Standing) -> list[Change]:
    """What changed about a claim: the positions by party, then the status."""
    made: list[Change] = []
    subject = (story, cause.article, str(cause.version), claim)
    common = {
        "story": story,
        "article": cause.article,
        "version": cause.version,
        "claim": claim,
        "time": cause.time,
        "outlet": cause.outlet,
        "url": cause.url,
        "decision": cause.decision,
        "rules": cause.rules,
    }
    for party in sorted({*(before.positions or {}), *(after.positions or {})}):
        was, now = before.position(party), after.position(party)
        from_, to = was.stance if was else None, now.stance if now else None
        if from_ is not to:
            key = digest(*subject, party, from_ or "", to or "", *cause.mark)
            rest = _shown(now.evidence, cause) if now else {}
            made.append(PositionChanged.model_validate({**common, **rest, "id": key, "party": party, "from": from_, "to": to}))
    if before.status is not after.status:
        key = digest(*subject, before.status, after.status, *cause.mark)
        made.append(ClaimChanged.model_validate({**common, "id": key, "from": before.status, "to": after.status}))
    return made


def _shown(row: Evidence, cause: Cause) -> dict[str, str]:
    """What an event shows of the evidence that it rests on: where it is another article's, that one's outlet and address too."""
    of = {} if row.article == cause.article else {"outlet": row.outlet, "url": row.url}
    return {"evidence": row.id, "speaker": row.speaker, "quote": row.quote, **of}


def ground(change: Change, cause: Cause, standing: Standing, principals: Collection[str]) -> Evidence | None:
    """The evidence that a change rests on. For a status that of the article's own party whose position made it, a principal's first;
    a decision that takes evidence out may leave a status to positions from elsewhere, and so may changed rules."""
    positions = standing.positions or {}
    if isinstance(change, PositionChanged):
        return positions[change.party].evidence if change.party in positions else None

    def rank(pair: tuple[str, Position]) -> tuple[bool, bool, bool, int]:
        party, row = pair[0], pair[1].evidence
        return party not in principals, not row.stance.plain, row.strength is not Strength.STRONG, row.start

    found = [pair for pair in positions.items() if pair[1].evidence.article == cause.article]
    if not found and not cause.news:
        found = [pair for pair in positions.items() if pair[1].stance is _BEARS.get(change.to)]
    return min(found, key=rank)[1].evidence if found else None
