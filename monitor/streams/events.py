"""Events as stream entries: flat fields named as CloudEvents attributes, the record as JSON in `data`."""

from __future__ import annotations

import json
from typing import Any

from monitor.model import (
    EVENT_TYPES,
    SCHEMA_VERSION,
    Alert,
    ClaimChanged,
    Decision,
    Event,
    Evidence,
    FeedGap,
    FeedTrouble,
    Match,
    Note,
    PositionChanged,
    Record,
    RuleProblem,
    RulesRejected,
    RulesReloaded,
    StoryRulesChange,
    as_json,
    event_type,
)
from monitor.streams.keys import stream_of

Common = FeedTrouble | FeedGap | RulesReloaded | RulesRejected
"""Events that belong to no single story."""

_NAMED = 3
"""Names of a kind that are told in one line."""


def subject_of(event: Event) -> str:
    """CloudEvents' `subject`: the claim, claim and party, condition, or alert rule that the event is about."""
    match event:
        case Match():
            return event.rule
        case Evidence() | PositionChanged() | Decision():
            return f"{event.claim}/{event.party}"
        case ClaimChanged() | Note():
            return event.claim
        case Alert():
            return event.alert


def plain(event: Event) -> str:
    """The event in one line that a person can read."""
    match event:
        case Match():
            return f"{event.rule}: " + ", ".join(span.text for span in event.spans[:3])
        case Evidence():
            return f"{event.party} {event.stance} {event.claim} ({event.when}): {event.quote}"
        case PositionChanged():
            return f"{event.party} on {event.claim}: {event.from_ or 'none'} -> {event.to or 'none'}"
        case ClaimChanged():
            return f"{event.claim}: {event.from_} -> {event.to}"
        case Alert():
            return event.summary
        case Decision():
            return f"{event.by}: {event.verdict} {event.party} {event.stance} {event.claim} ({event.when}): {event.why}"
        case Note():
            return f"{event.by} on {event.claim}: {event.text}"


def dumps(record: Record) -> str:
    """A record as compact JSON, in its own script rather than escaped."""
    return json.dumps(as_json(record), ensure_ascii=False, separators=(",", ":"))


def entry(event: Event) -> list[str]:
    """An event -> the flat list of fields and values of its stream entry."""
    fields = {
        "specversion": "1.0",
        "id": event.id,
        "source": f"monitor/{event.story}",
        "type": event_type(event),
        "subject": subject_of(event),
        "time": event.time.isoformat().replace("+00:00", "Z"),
        "dataschema": schema_name(event_type(event)),
        "story": event.story,
        "summary": plain(event),
        **({"severity": str(event.severity)} if isinstance(event, Alert) else {}),
        "data": dumps(event),
    }
    return [part for pair in fields.items() for part in pair]


def common_entry(kind: str, event: Common) -> list[str]:
    """A `feed.*` or `rules.*` event, which belongs to no single story -> its stream entry."""
    stream = stream_of(kind)
    subject, summary = (
        (event.feed, f"{event.outlet or event.feed}: {event.problem}")
        if isinstance(event, FeedTrouble | FeedGap)
        else (stream, told_of_rules(event))
    )
    fields = {
        "specversion": "1.0",
        "id": event.id,
        "source": f"monitor/{stream}",
        "type": kind,
        "subject": subject,
        "time": event.time.isoformat().replace("+00:00", "Z"),
        "dataschema": schema_name(kind),
        "summary": summary,
        "data": dumps(event),
    }
    return [part for pair in fields.items() for part in pair]


def entry_of(kind: str, event: Event | Common) -> list[str]:
    """An event of any type -> its stream entry."""
    return common_entry(kind, event) if isinstance(event, Common) else entry(event)


def told_of_rules(event: RulesReloaded | RulesRejected) -> str:
    """What happened to the rules, in one line."""
    if isinstance(event, RulesRejected):
        return told_of_problem(event.problems[0]) + (f" (and {event.count - 1} more)" if event.count > 1 else "")
    return "; ".join(map(_told_of_story, event.changes)) or "the rules are in order again, and the same as before"


def told_of_problem(one: RuleProblem) -> str:
    """What is wrong in a rule file, in one line."""
    where = f"{one.file}:{one.line}:{one.column}: " if one.file else ""
    return f"{where}{one.problem}{f': {one.text!r}' if one.text else ''}{f' ({one.hint})' if one.hint else ''}"


def _told_of_story(change: StoryRulesChange) -> str:
    if change.from_ is None:
        return f"{change.story}: version {change.to}"
    if change.to is None:
        return f"{change.story}: no longer followed"
    parts = [
        f"{section} {', '.join(names[:_NAMED])}{f' and {len(names) - _NAMED} more' if len(names) > _NAMED else ''} {what}"
        for what, by_section in (("added", change.added), ("removed", change.removed), ("altered", change.altered))
        for section, names in by_section.items()
    ]
    return f"{change.story}: {', '.join(parts) or 'the same in other words'} (version {change.to})"


def schema_name(kind: str) -> str:
    """The name of the schema of an event type's data."""
    return f"urn:monitor:{kind}:{SCHEMA_VERSION}"


def schema(kind: str) -> dict[str, Any]:
    """The JSON Schema of an event type's `data`. Raises KeyError."""
    made = EVENT_TYPES[kind].model_json_schema(by_alias=True, mode="serialization")
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", "$id": schema_name(kind), **made}
