"""A stream as a person looks at it: the last few events, then what comes."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import cast

from monitor.model import EVENT_TYPES, Gap
from monitor.settings import Settings
from monitor.streams.access import server
from monitor.streams.client import connected
from monitor.streams.keys import STREAM_OF
from monitor.streams.subscribe import Fields, Subscription


def types_on(stream: str) -> frozenset[str]:
    """The event types that go onto a stream: alerts, claims, matches or feeds."""
    return frozenset(kind for kind in EVENT_TYPES if STREAM_OF.get(kind, "feeds") == stream)


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
