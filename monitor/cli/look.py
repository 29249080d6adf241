"""`monitor tail`, `monitor schema`: what goes onto the streams."""

from __future__ import annotations

import asyncio
import json
from typing import Annotated, Any

import typer

from monitor.cli.output import AsJson, Data, Story, dump, line, note, safe, settings
from monitor.errors import InputError

_STREAMS = ("alerts", "claims", "matches", "feeds", "rules")


def tail(
    stream: Annotated[str, typer.Argument(help=f"One of {', '.join(_STREAMS)}.")] = "alerts",
    story: Story = None,
    data: Data = None,
    json_: AsJson = False,
    last: Annotated[int, typer.Option("--last", "-n", min=0, help="First print this many that are already there.")] = 10,
    follow: Annotated[bool, typer.Option("--follow/--no-follow", help="Go on with new ones as they come.")] = True,
) -> None:
    """Print a stream as it grows."""
    from monitor.cli import logs
    from monitor.model import Gap
    from monitor.streams.tail import tail as entries

    if stream not in _STREAMS:
        raise InputError(f"no stream is called {stream}: it is one of {', '.join(_STREAMS)}")
    chosen = settings(data=data)
    logs.configure(chosen.log)

    async def print_all() -> None:
        async for one in entries(chosen, stream, story=story, last=last, follow=follow):
            if isinstance(one, Gap):
                note(f"{one.missed if one.missed is not None else 'some'} entries of {one.stream} are gone ({one.reason})")
            else:
                _print(one, json_)

    try:
        asyncio.run(print_all())
    except KeyboardInterrupt:
        note("")


def _print(entry: dict[str, Any], json_: bool) -> None:
    if json_:
        dump({**entry, "data": json.loads(entry["data"])})
        return
    when, loud = entry["time"][:16].replace("T", " "), entry.get("severity", "")
    line(safe(f"{when}  {entry['type']:16} {loud:8} {entry.get('story', '')} {entry['subject']}: {entry['summary']}"))


def schema(
    kind: Annotated[
        str | None, typer.Argument(help="One event type, without it all of them; or `rules`, the schema of rule files for editors.")
    ] = None,
    asyncapi: Annotated[bool, typer.Option("--asyncapi", help="Print an AsyncAPI document of all streams instead.")] = False,
) -> None:
    """Print the JSON Schemas of the events on the streams, or that of rule files."""
    from monitor.model import EVENT_TYPES, SCHEMA_VERSION, ClaimState
    from monitor.streams.asyncapi import document
    from monitor.streams.events import schema as schema_of

    if kind is not None and asyncapi:
        raise typer.BadParameter("--asyncapi describes all event types: leave out " + kind)
    if kind is not None and kind not in (*EVENT_TYPES, "claim", "rules"):
        known = f"{', '.join(EVENT_TYPES)}, claim for the state hash, or rules for rule files"
        raise InputError(f"no event type is called {kind}: it is one of {known}")
    if asyncapi:
        made: dict[str, Any] = document()
    elif kind == "rules":
        from monitor.rules.editor import rule_schema

        made = rule_schema()
    elif kind == "claim":
        made = ClaimState.model_json_schema(by_alias=True, mode="serialization")
    elif kind is not None:
        made = schema_of(kind)
    else:
        made = {
            "version": SCHEMA_VERSION,
            "types": {name: schema_of(name) for name in EVENT_TYPES},
            "state": ClaimState.model_json_schema(by_alias=True, mode="serialization"),
        }
    line(json.dumps(made, ensure_ascii=False, indent=2))
