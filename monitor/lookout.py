"""The lookout: warns before the server's memory is full, and says which group of subscribers holds it up."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import datetime, timedelta

import structlog

from monitor.streams.backlog import Behind, behind, memory
from monitor.streams.client import Client

log = structlog.get_logger()

EVERY = 60
"""Seconds between two looks."""
STOPPED = timedelta(hours=1)
"""How old the oldest unread entry of a group is when it is told of, if the group has read nothing since the look before."""
WARN = 0.75
"""Share of its memory above which a server is warned of; `doctor` calls it nearly full at 0.9."""


class Lookout:
    """Looks at one server now and then. What it has told it tells again only once it was over."""

    def __init__(self, client: Client, partitions: int, stories: Callable[[], Iterable[str]]) -> None:
        self._client, self._partitions, self._stories = client, partitions, stories
        self._places: dict[tuple[str, str], str] = {}
        self._told: set[tuple[str, str]] = set()
        self._full = False

    async def look(self, now: datetime) -> None:
        """Raises what redis-py raises."""
        late = await behind(self._client, self._partitions, self._stories())
        stopped = [one for one in late if now - one.since > STOPPED and self._places.get((one.stream, one.group)) == one.place]
        for one in stopped:
            if (one.stream, one.group) not in self._told:
                hint = "nothing unread is trimmed: start its program, or `XGROUP DESTROY` the group"
                log.warning("group.behind", stream=one.stream, group=one.group, unread=one.unread, since=_minute(one.since), hint=hint)
        for stream, group in self._told - {(one.stream, one.group) for one in stopped}:
            log.info("group.reads_again", stream=stream, group=group)
        self._told = {(one.stream, one.group) for one in stopped}
        self._places = {(one.stream, one.group): one.place for one in late}
        await self._look_at_memory(late)

    async def _look_at_memory(self, late: list[Behind]) -> None:
        used, limit, _ = await memory(self._client)
        full = limit > 0 and used > WARN * limit
        if full and not self._full:
            log.warning(
                "server.memory_low",
                used_mb=used // 10**6,
                of_mb=limit // 10**6,
                held_by=[str(one) for one in late[:3]] or "nobody: everything has been read",
                hint="give the server more memory, lower MONITOR_KEEP_DAYS, or have that group read",
            )
        elif self._full and not full:
            log.info("server.memory_well", used_mb=used // 10**6, of_mb=limit // 10**6)
        self._full = full


def _minute(time: datetime) -> str:
    return time.isoformat(timespec="minutes")
