"""Alerts: what alert rules make of changes and matches. Pure, in event time."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

from monitor.engine.changes import Cause
from monitor.engine.kept import Batch
from monitor.engine.status import Standing
from monitor.model import Alert, ClaimChanged, Evidence, Match, PositionChanged, Severity, digest
from monitor.rules.schema import AlertRule, Story, Trigger

FIRST_POLL = "first-poll"
"""Name of the alert that sums up a feed's first poll."""
IMPORT = "import"
"""Name of the one that sums up an import."""

_VERBS = {"affirm": "affirms", "deny": "denies", "doubt": "doubts", "decline": "evades", None: "no longer has a position on"}


def fires(trigger: Trigger, event: ClaimChanged | PositionChanged | Match) -> bool:
    """Whether a trigger fits an event."""
    if isinstance(event, Match):
        return event.rule in trigger.match
    if trigger.match or (trigger.claim and event.claim not in trigger.claim):
        return False
    if isinstance(event, ClaimChanged):
        if trigger.party or trigger.position:
            return False
        return (not trigger.becomes or event.to in trigger.becomes) and (not trigger.leaves or event.from_ in trigger.leaves)
    if not (trigger.party or trigger.position):
        return False
    return (not trigger.party or event.party in trigger.party) and (
        not trigger.position or "any" in trigger.position or event.to in trigger.position
    )


def subject(event: ClaimChanged | PositionChanged | Match) -> str:
    """What an alert is about: throttling counts by it."""
    match event:
        case Match():
            return f"match {event.rule}"
        case ClaimChanged():
            return f"claim {event.claim}"
        case PositionChanged():
            return f"position {event.claim} {event.party}"


def throttled(rule: AlertRule, event: ClaimChanged | PositionChanged | Match, fired: Mapping[str, Sequence[datetime]]) -> bool:
    """Whether the rule fired for the same subject within its throttle, before or after, in event time. fired: key -> when."""
    throttle = quiet(rule)
    return throttle is not None and any(abs(event.time - time) < throttle for time in fired.get(throttle_key(rule, event), ()))


def alike(alert: Alert, rule: AlertRule, event: ClaimChanged | PositionChanged | Match) -> bool:
    """Whether an alert that an article raised is what a rule would say of an event."""
    if alert.alert != rule.alert or alert.decision is not None or alert.rules is not None:
        return False
    if isinstance(event, Match):
        return alert.claim is None and alert.to == event.rule
    same_party = alert.party == event.party if isinstance(event, PositionChanged) else True
    return alert.claim == event.claim and alert.to == event.to and same_party


def quiet(rule: AlertRule) -> timedelta | None:
    """The time within which a rule fires once for a subject. One that counts would otherwise fire for each further article."""
    return rule.throttle or rule.when.within


def throttle_key(rule: AlertRule, event: ClaimChanged | PositionChanged | Match) -> str:
    """Under what a rule's last firing for a subject is kept."""
    return f"{rule.alert} {subject(event)}"


def make(
    rule: AlertRule,
    story: Story,
    event: ClaimChanged | PositionChanged | Match,
    cause: Cause,
    evidence: Evidence | None,
    count: int = 1,
) -> Alert:
    """The alert that a rule raises for an event. evidence: what the change rests on; where it is another article's, that one is shown.

    count: articles that met the condition, for a rule that counts them.
    """
    shown = evidence if evidence and evidence.article and evidence.article != cause.article else cause
    from_, to = (None, event.rule) if isinstance(event, Match) else (event.from_, event.to)
    claim = None if isinstance(event, Match) else event.claim
    party = event.party if isinstance(event, PositionChanged) else evidence.party if evidence else None
    quote = evidence.quote if evidence else event.spans[0].text if isinstance(event, Match) and event.spans else ""
    values = {
        "alert": rule.alert,
        "claim": story.claims[claim].text if claim else "",
        "status": str(to or "") if isinstance(event, ClaimChanged) else "",
        "party": party or "",
        "speaker": evidence.speaker if evidence else "",
        "from": str(from_ or "none"),
        "to": str(to or "none"),
        "quote": quote,
        "outlet": shown.outlet,
        "title": shown.title,
        "match": event.rule if isinstance(event, Match) else "",
        "count": count,
    }
    return Alert(
        id=digest(story.story, rule.alert, subject(event), str(from_ or ""), str(to or ""), cause.article, str(cause.version), *cause.mark),
        decision=cause.decision,
        rules=cause.rules,
        story=story.story,
        alert=rule.alert,
        severity=rule.severity,
        # That it is no news, but somebody's word or the rules', has to be seen wherever the summary goes.
        summary=(rule.summary or default_summary(event, counts=rule.when.within is not None)).format_map(values)
        + ("" if cause.news else f" [{cause.said}]"),
        time=event.time,
        article=cause.article,
        version=cause.version,
        claim=claim,
        party=party,
        from_=None if from_ is None else str(from_),
        to=None if to is None else str(to),
        speaker=evidence.speaker if evidence else "",
        cue=evidence.cue if evidence else "",
        quote=quote,
        evidence=evidence.id if evidence else None,
        outlet=shown.outlet,
        url=shown.url,
        title=shown.title,
        labels=rule.labels,
    )


def default_summary(event: ClaimChanged | PositionChanged | Match, *, counts: bool = False) -> str:
    """The template for rules that give none. counts: the rule counts matches."""
    match event:
        case Match() if counts:
            return "{match}: {count} articles, the latest {title}"
        case Match():
            return "{match}: {title}"
        case ClaimChanged():
            return "{status} (was {from}): {claim}"
        case PositionChanged():
            return "{party} " + _VERBS[event.to] + ": {claim}"


def correction(old: Alert, corrects: Sequence[str], cause: Cause, standing: Standing) -> Alert:
    """The alert that takes old ones back when what they rested on has changed and no rule speaks to the change."""
    return old.model_copy(
        update={
            "id": digest(old.story, old.alert, "corrects", *corrects, str(cause.version), *cause.mark),
            "summary": f"{cause.said}; the claim is now {standing.status}. Was: {old.summary}",
            "time": cause.time,
            "article": cause.article,
            "version": cause.version,
            "from_": old.to,
            "to": str(standing.status),
            "corrects": tuple(corrects),
            "decision": cause.decision,
            "rules": cause.rules,
            "quote": "",
            "speaker": "",
            "cue": "",
            "evidence": None,
            "outlet": cause.outlet,
            "url": cause.url,
            "title": cause.title,
        }
    )


def summary_id(story: str, feed: str) -> str:
    """The id of the alert that sums up a feed's first poll, or an import."""
    return digest(story, FIRST_POLL, feed)


def summary(story: Story, batch: Batch, outlet: str, held: Sequence[Alert], standings: Mapping[str, Standing]) -> Alert:
    """One alert in place of all that a first poll or an import would have raised: where the claims stand after it. held: not empty."""
    newest = max(held, key=lambda alert: (alert.time, alert.id))
    claims = sorted({alert.claim for alert in held if alert.claim})
    parts = []
    for claim in claims:
        positions = standings[claim].positions or {}
        who = ", ".join(f"{party} {_VERBS[position.stance.value]}" for party, position in sorted(positions.items()))
        parts.append(f"{claim} is {standings[claim].status}" + (f" ({who})" if who else ""))
    matches = sorted({alert.to for alert in held if alert.claim is None and alert.to})
    parts += [f"matched {', '.join(matches)}"] if matches else []
    return newest.model_copy(
        update={
            "id": summary_id(story.story, batch.feed),
            "alert": IMPORT if batch.name else FIRST_POLL,
            "severity": min((alert.severity for alert in held), key=list(Severity).index),
            "summary": f"{batch.name or f'First poll of {outlet or batch.feed}'}: " + "; ".join(parts),
            "labels": {"import" if batch.name else "feed": batch.feed, "stands_for": str(len(held))},
            "claim": claims[0] if len(claims) == 1 else None,
        }
    )
