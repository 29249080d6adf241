"""Streams as a person looks at them: the last few events, then what comes."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any, cast

from monitor.model import EVENT_TYPES, Event, Gap
from monitor.settings import Settings
from monitor.streams.access import server
from monitor.streams.articles import rows_of
from monitor.streams.client import Client, connected
from monitor.streams.keys import STREAMS, story_key, stream_of
from monitor.streams.subscribe import Fields, Subscription

Place = dict[str, str]
"""How far each of a story's streams has been read: key -> the last entry."""


def types_on(stream: str) -> frozenset[str]:
    """The event types that go onto a stream: alerts, claims, matches, feeds or rules."""
    return frozenset(kind for kind in EVENT_TYPES if stream_of(kind) == stream)


async def tail(settings: Settings, stream: str, *, story: str | None, last: int, follow: bool) -> AsyncIterator[Fields | Gap]:
    """Entries of a stream of all stories (or one): the last few in order of their ids, then new ones as they come, if asked to follow."""
    begun: list[tuple[str, Fields]] = []
    places: dict[str, str] = {}
    async with server(settings) as running, connected(running.url) as client:
        following = Subscription(settings, story, types_on(stream))
        for key in await following.keys(client):
            rows = cast("list[tuple[str, Fields]]", await client.xrevrange(key, count=max(last, 1)))
            places[key] = rows[0][0] if rows else "0-0"
            begun += rows[:last]
    for _, fields in sorted(begun, key=lambda row: tuple(map(int, row[0].split("-"))))[-last or len(begun) :]:
        yield fields
    if follow:
        async for one in Subscription(settings, story, types_on(stream), places).entries():
            yield one if isinstance(one, Gap) else one.fields


async def since(client: Client, story: str, place: Place) -> list[Event]:
    """What has come onto a story's streams since a place (empty: since ever), which is moved on. Waits for nothing."""
    keys = [story_key(story, stream) for stream in STREAMS]
    reply = await client.xread(cast("Any", {key: place.get(key, "0-0") for key in keys}))
    found: list[Event] = []
    for key, rows in rows_of(reply):
        place[key] = rows[-1][0]
        found += [cast("Event", EVENT_TYPES[fields["type"]].model_validate_json(fields["data"])) for _, fields in rows]
    return found
