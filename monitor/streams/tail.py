"""A stream from outside: what is there, then what comes."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import Any, cast

from monitor.streams.articles import rows_of
from monitor.streams.client import Client
from monitor.streams.keys import META, partition_key, story_key
from monitor.streams.stories import story_names

_BLOCK = 2000
"""Milliseconds of one blocking read; new stories are looked for in between."""


async def entries(client: Client, stream: str, *, story: str | None, last: int, follow: bool) -> AsyncIterator[dict[str, str]]:
    """Entries of a stream of all stories (or one): the last few in order of their ids, then new ones as they come, if asked to follow."""
    places: dict[str, str] = {}
    while True:
        fresh = [key for key in await _keys(client, stream, story) if key not in places]
        begun: list[tuple[str, dict[str, str]]] = []
        for key in fresh:
            rows = cast("list[tuple[str, dict[str, str]]]", await client.xrevrange(key, count=max(last, 1)))
            places[key] = rows[0][0] if rows else "0"
            begun += rows[:last]
        for _, fields in sorted(begun, key=lambda row: tuple(map(int, row[0].split("-"))))[-last or len(begun) :]:
            yield fields
        if not follow:
            return
        if not places:
            await asyncio.sleep(1)
            continue
        reply: Any = await client.xread(cast("Any", places), block=_BLOCK, count=100)
        for key, rows in rows_of(reply):
            for entry, fields in rows:
                places[key] = entry
                yield fields


async def _keys(client: Client, stream: str, story: str | None) -> list[str]:
    if stream == "feeds":
        partitions = cast("str | None", await cast("Any", client.hget(META, "partitions")))
        return [partition_key(partition, "feeds") for partition in range(int(partitions or 1))]
    return [story_key(name, stream) for name in ([story] if story else await story_names(client))]
