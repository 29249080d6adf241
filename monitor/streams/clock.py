"""What to do about a clock that is set: everything on the server that stands for a later time is taken for what it was meant to be."""

from __future__ import annotations

import time
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta

from monitor.streams.client import Client
from monitor.streams.keys import feed_id, partition_key, partition_of

SLACK = timedelta(minutes=1)
"""How far two clocks may be apart before the difference is told of."""


class Watch:
    """Notices that the clock of this machine is set."""

    def __init__(self) -> None:
        self._apart = _apart()

    def moved(self) -> timedelta | None:
        """How far it has been set since this was last asked; None: not by more than `SLACK`. A machine that slept counts, too."""
        now = _apart()
        by, before = timedelta(seconds=now - self._apart), self._apart
        self._apart = now if abs(by) > SLACK else before
        return by if abs(by) > SLACK else None


def _apart() -> float:
    return time.time() - time.monotonic()


async def ahead(client: Client, urls: Iterable[str], now: datetime, partitions: int) -> list[str]:
    """Feeds that were polled later than now, as the clock then was: when they are due is wrong as well."""
    known = list(urls)
    pipeline = client.pipeline(transaction=False)
    for feed in map(feed_id, known):
        pipeline.hget(partition_key(partition_of(feed, partitions), f"feed:{feed}"), "last_poll")
    polled = await pipeline.execute() if known else []
    return [url for url, last in zip(known, polled, strict=True) if last and datetime.fromisoformat(last).astimezone(UTC) > now + SLACK]
