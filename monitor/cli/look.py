"""`monitor claims`, `monitor tail`, `monitor schema`: looking at what is there."""

from __future__ import annotations

import asyncio
import json
from typing import TYPE_CHECKING, Annotated, Any

import typer

from monitor.cli.output import AsJson, Data, Story, dump, line, note, on_terminal, safe, settings
from monitor.errors import InputError

if TYPE_CHECKING:
    from monitor.model import ClaimState

_STREAMS = ("alerts", "claims", "matches", "feeds")


def claims(
    claim: Annotated[str | None, typer.Argument(help="Only this claim: its id, or STORY/CLAIM.")] = None,
    story: Story = None,
    data: Data = None,
    json_: AsJson = False,
) -> None:
    """Where every claim stands, and on what evidence."""
    from monitor.model import as_json
    from monitor.streams.access import server
    from monitor.streams.client import connected
    from monitor.streams.stories import claim_states, story_names

    chosen = settings(data=data)

    async def load() -> list[ClaimState]:
        async with server(chosen) as running, connected(running.url) as client:
            return [state for name in await story_names(client) for state in await claim_states(client, name)]

    states = [s for s in asyncio.run(load()) if story in (None, s.story) and claim in (None, s.claim, f"{s.story}/{s.claim}")]
    if not states:
        raise InputError(
            "no such claim on the server" if claim or story else "the server knows no claims yet: `monitor run` or `monitor poll` makes it"
        )
    for state in states:
        dump(as_json(state)) if json_ else _show(state, full=claim is not None)


def _show(state: ClaimState, *, full: bool) -> None:
    since = f" since {state.since:%Y-%m-%d %H:%M}" if state.since else ""
    mark = typer.style(str(state.status), bold=True) if on_terminal() else str(state.status)
    line(f"{state.story}/{state.claim}: {mark}{since}")
    if full:
        line(f"  {safe(state.text)}")
    for position in state.positions:
        said = safe(_short(position.evidence.quote, 200 if full else 90))
        outlet = safe(position.evidence.outlet)
        line(f"  {position.party:18} {position.stance:8} since {position.since:%Y-%m-%d %H:%M}  {outlet}: “{said}”")
        if full:
            source = safe(position.evidence.url or position.evidence.article)
            line(f"  {'':18} {safe(position.evidence.speaker)} · {safe(position.evidence.cue)} · {source}")


def _short(text: str, length: int) -> str:
    return text if len(text) <= length else text[: length - 1].rstrip() + "…"


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


def schema(kind: Annotated[str | None, typer.Argument(help="One event type; without it all of them.")] = None) -> None:
    """Print the JSON Schemas of the events on the streams."""
    from monitor.model import EVENT_TYPES, SCHEMA_VERSION, ClaimState
    from monitor.streams.events import schema as schema_of

    if kind is not None and kind not in (*EVENT_TYPES, "claim"):
        raise InputError(f"no event type is called {kind}: it is one of {', '.join(EVENT_TYPES)}, or claim for the state hash")
    if kind == "claim":
        made: dict[str, Any] = ClaimState.model_json_schema(by_alias=True, mode="serialization")
    elif kind is not None:
        made = schema_of(kind)
    else:
        made = {
            "version": SCHEMA_VERSION,
            "types": {name: schema_of(name) for name in EVENT_TYPES},
            "state": ClaimState.model_json_schema(by_alias=True, mode="serialization"),
        }
    line(json.dumps(made, ensure_ascii=False, indent=2))
