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
    FeedTrouble,
    Match,
    Note,
    PositionChanged,
    Record,
    as_json,
    event_type,
)


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


def feed_entry(kind: str, trouble: FeedTrouble) -> list[str]:
    """A `feed.*` event -> its stream entry."""
    fields = {
        "specversion": "1.0",
        "id": trouble.id,
        "source": "monitor/feeds",
        "type": kind,
        "subject": trouble.feed,
        "time": trouble.time.isoformat().replace("+00:00", "Z"),
        "dataschema": schema_name(kind),
        "summary": f"{trouble.outlet or trouble.feed}: {trouble.problem}",
        "data": dumps(trouble),
    }
    return [part for pair in fields.items() for part in pair]


def schema_name(kind: str) -> str:
    """The name of the schema of an event type's data."""
    return f"urn:monitor:{kind}:{SCHEMA_VERSION}"


def schema(kind: str) -> dict[str, Any]:
    """The JSON Schema of an event type's `data`. Raises KeyError."""
    made = EVENT_TYPES[kind].model_json_schema(by_alias=True, mode="serialization")
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", "$id": schema_name(kind), **made}
