"""Who has not read what waits on the streams: nothing unread is trimmed, so a group that has stopped fills the server."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, cast

from monitor.streams.client import REFUSED, Client
from monitor.streams.keys import STREAMS, partition_key, story_key


@dataclass(frozen=True, slots=True)
class Behind:
    """A group with something unread. place: the last entry that it was given. unread: entries; None: the server cannot say. since: when
    the oldest of them came, by the server's clock."""

    stream: str
    group: str
    place: str
    unread: int | None
    since: datetime

    def __str__(self) -> str:
        count = "some entries" if self.unread is None else f"{self.unread:,} entr{'y' if self.unread == 1 else 'ies'}"
        return f"group {self.group} of {self.stream} has not read {count}, the oldest of {self.since:%Y-%m-%d %H:%M}"


async def behind(client: Client, partitions: int, stories: Iterable[str]) -> list[Behind]:
    """The groups with something unread, the one that has waited longest first. Raises what redis-py raises."""
    keys = [partition_key(partition, name) for partition in range(partitions) for name in ("articles", "feeds")]
    keys += [partition_key(0, "rules"), *(story_key(story, stream) for story in stories for stream in STREAMS)]
    found: list[Behind] = []
    for key in keys:
        try:
            groups = await client.xinfo_groups(key)
        except REFUSED:  # there is no such stream yet
            continue
        for group in groups:
            name, place, pending = str(group["name"]), str(group["last-delivered-id"]), int(group["pending"])
            held = [str(cast("Any", await client.xpending(key, name))["min"])] if pending else []
            rows = cast("list[tuple[str, Any]]", await client.xrange(key, f"({place}", "+", count=1))
            if oldest := [*held, *(row[0] for row in rows)]:
                lag = group.get("lag")
                unread = None if lag is None else int(lag) + pending
                since = min(int(entry.partition("-")[0]) for entry in oldest) / 1000
                found.append(Behind(key, name, place, unread, datetime.fromtimestamp(since, UTC)))
    return sorted(found, key=lambda one: (one.since, one.stream, one.group))


async def memory(client: Client) -> tuple[int, int, bool]:
    """Bytes that the server uses, and may use (its limit, or else what its machine has; 0: unknown); whether that is a limit."""
    info = await client.info("memory")
    limit = int(info.get("maxmemory", 0))
    return int(info.get("used_memory", 0)), limit or int(info.get("total_system_memory", 0)), limit > 0
