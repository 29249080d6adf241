"""What was agreed with hubs, on the server: one hash a partition, a field a feed. What stands in a field is the caller's."""

from __future__ import annotations

from typing import Any, cast

from monitor.streams.client import Client
from monitor.streams.keys import partition_key, partition_of


class Hubs:
    """Subscriptions, each as a text."""

    def __init__(self, client: Client, partitions: int) -> None:
        self._client, self._partitions = client, partitions

    async def all(self) -> dict[str, str]:
        """All that there are: feed id -> text."""
        found: dict[str, str] = {}
        for partition in range(self._partitions):
            found |= cast("dict[str, str]", await cast("Any", self._client.hgetall(partition_key(partition, "hubs"))))
        return found

    async def get(self, feed: str) -> str | None:
        """One of them; None where there is none."""
        return cast("str | None", await cast("Any", self._client.hget(self._key(feed), feed)))

    async def put(self, feed: str, text: str) -> None:
        """Keeps one."""
        await cast("Any", self._client.hset(self._key(feed), feed, text))

    async def drop(self, feed: str) -> None:
        """Forgets one."""
        await cast("Any", self._client.hdel(self._key(feed), feed))

    def _key(self, feed: str) -> str:
        return partition_key(partition_of(feed, self._partitions), "hubs")
