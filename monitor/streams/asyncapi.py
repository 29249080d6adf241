"""The streams as an AsyncAPI document, made from the models: what a program that subscribes receives, and where.

A channel is a key, a message a stream entry: `data` is its payload, the fields beside it are its headers.
"""

from __future__ import annotations

import json
from importlib.resources import files
from typing import Any

from pydantic.json_schema import models_json_schema

from monitor.model import EVENT_TYPES, SCHEMA_VERSION, ClaimState, Record
from monitor.streams.events import entry_of, schema_name
from monitor.streams.keys import story_key, stream_of

_STATE = "state"
_COMMON = {"feeds": "partition", "rules": "first"}
"""Streams of no single story -> what stands in the braces of their address."""
_CHANNELS = {
    "alerts": "A stream: what alert rules made of changes and matches.",
    "claims": "A stream: the evidence, and the changes of position and status that it made. A change follows what it rests on.",
    "matches": "A stream: named conditions met by an article.",
    "feeds": "A stream: feeds that fail, that work again, and of which something may have been missed.",
    "rules": "A stream: rules that came into force, and files that were saved and cannot be used.",
    _STATE: "A hash, read with HGETALL: where every claim stands now, for who comes late.",
}
_HEADERS: dict[str, dict[str, Any]] = {
    "specversion": {"type": "string", "const": "1.0", "description": "Version of CloudEvents"},
    "id": {"type": "string", "description": "Deterministic: the same event never has two, and never stands on a stream twice"},
    "source": {"type": "string", "format": "uri-reference", "description": "The story or the part that it comes from"},
    "type": {"type": "string", "description": "The event type"},
    "subject": {"type": "string", "description": "The claim, claim and party, condition, alert rule or feed that it is about"},
    "time": {
        "type": "string",
        "format": "date-time",
        "description": "When it happened: of what follows from an article, the article's time",
    },
    "dataschema": {"type": "string", "format": "uri", "description": "Name and version of the schema of `data`"},
    "story": {"type": "string", "description": "The story"},
    "summary": {"type": "string", "description": "The event in one line, for a person"},
    "severity": {"$ref": "#/components/schemas/Severity"},
}
_SLOTS = {
    "story": ("The story's name in braces: they are part of the key.", "{kursk}"),
    "first": ("The first partition, always: the braces are part of the key.", "{p0}"),
    "partition": ("`{p0}`, and `{p1}` and so on where articles are partitioned: the braces are part of the key.", "{p0}"),
}
"""What stands in the braces of an address -> what it is, an example."""
_CLAIM = {
    "name": "claim",
    "title": "claim",
    "summary": "Where a claim stands: a field of the hash, named like the claim.",
    "contentType": "application/json",
    "payload": {"$ref": "#/components/schemas/ClaimState"},
}


def document() -> dict[str, Any]:
    """The AsyncAPI 3.1 document, as JSON values."""
    specimens = _specimens()
    return {
        "asyncapi": "3.1.0",
        "id": f"urn:monitor:streams:{SCHEMA_VERSION}",
        "info": {
            "title": "claim monitor, as a subscriber sees it",
            "version": f"{SCHEMA_VERSION}.0.0",
            "description": "Redis streams, read with XREAD or XREADGROUP. A message is a stream entry: its field `data` is the payload, "
            "JSON; its other fields are the headers, named as CloudEvents attributes. Entries are never changed. A program that is "
            "given fields or event types which it does not know leaves them aside.",
            "license": {"name": "Apache-2.0"},
        },
        "defaultContentType": "application/json",
        "servers": {
            "redis": {
                "host": "{host}:{port}",
                "protocol": "redis",
                "description": "The server of MONITOR_REDIS_URL; without it the daemon's own, whose port `monitor run` says.",
                "variables": {"host": {"default": "127.0.0.1"}, "port": {"default": "6379"}},
            }
        },
        "channels": {name: _channel(name, about) for name, about in _CHANNELS.items()},
        "operations": {f"receive-{name}": _operation(name) for name in _CHANNELS},
        "components": {
            "messages": {**{kind: _message(kind, specimens[kind]) for kind in EVENT_TYPES}, "claim": _CLAIM},
            "schemas": _schemas(),
        },
    }


def _kinds(channel: str) -> list[str]:
    """The messages on a channel."""
    return ["claim"] if channel == _STATE else [kind for kind in EVENT_TYPES if stream_of(kind) == channel]


def _channel(name: str, about: str) -> dict[str, Any]:
    slot = _COMMON.get(name, "story")
    what, example = _SLOTS[slot]
    return {
        # AsyncAPI has its parameters in braces, as keys have their slots: the value of a parameter brings the braces of the key.
        "address": story_key(slot, name),
        "title": name.capitalize(),
        "description": about,
        "parameters": {slot: {"description": what, "examples": [example]}},
        "messages": {kind: {"$ref": f"#/components/messages/{kind}"} for kind in _kinds(name)},
    }


def _operation(channel: str) -> dict[str, Any]:
    return {
        "action": "receive",
        "title": f"Receive {channel}",
        "channel": {"$ref": f"#/channels/{channel}"},
        "messages": [{"$ref": f"#/channels/{channel}/messages/{kind}"} for kind in _kinds(channel)],
    }


def _message(kind: str, specimen: dict[str, str]) -> dict[str, Any]:
    """An event type's message. The specimen, an entry of that type, says which headers it has."""
    headers = {name: value for name, value in specimen.items() if name != "data"}
    fixed = {"type": {"const": kind}, "dataschema": {"const": schema_name(kind)}}
    return {
        "name": kind,
        "title": kind,
        "summary": (EVENT_TYPES[kind].__doc__ or "").split("\n")[0],
        "contentType": "application/json",
        "headers": {
            "type": "object",
            "required": list(headers),
            "properties": {name: _HEADERS[name] | fixed.get(name, {}) for name in headers},
        },
        "payload": {"$ref": f"#/components/schemas/{EVENT_TYPES[kind].__name__}"},
        "examples": [{"name": kind, "headers": headers, "payload": json.loads(specimen["data"])}],
    }


def _specimens() -> dict[str, dict[str, str]]:
    """For each event type an entry as it stands on its stream, made from what `replay` said of a text."""
    made = {}
    for line in files(__package__).joinpath("specimens.jsonl").read_text(encoding="utf-8").splitlines():
        record = json.loads(line)
        kind = record.pop("type")
        event: Any = EVENT_TYPES[kind].model_validate_json(json.dumps(record))
        fields = entry_of(kind, event)
        made[kind] = dict(zip(fields[::2], fields[1::2], strict=True))
    return made


def _schemas() -> dict[str, Any]:
    """The schemas of all records and of what they consist of, each once."""
    models: list[type[Record]] = [*dict.fromkeys(EVENT_TYPES.values()), ClaimState]
    _, made = models_json_schema([(model, "serialization") for model in models], by_alias=True, ref_template="#/components/schemas/{model}")
    schemas: dict[str, Any] = made["$defs"]
    return schemas
