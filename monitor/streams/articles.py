"""The articles stream, read by a consumer group: every article to one reader, again until it is acknowledged."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, cast

from monitor.engine.kept import Batch
from monitor.model import Article
from monitor.streams.client import REFUSED, Client, Script
from monitor.streams.keys import ALIVE, READERS, partition_key
from monitor.streams.polls import MARKS, from_fields

_TRIM = Script("trim")
_AT_ONCE = 100
"""Articles that are asked for at once where a whole stream is gone through."""
_BEAT = int(ALIVE.total_seconds() * 1000)
_ALIVE = partition_key(0, "alive:")
RESTORED = "restored"
"""Field of an entry that was put back from the archive: it need not be archived again."""


@dataclass(frozen=True, slots=True)
class Delivery:
    """An article as it came off the stream. batch: it belongs to a feed's first poll."""

    key: str
    entry: str
    article: Article
    batch: Batch | None
    restored: bool = False
    marks: tuple[str, ...] = ()


class Articles:
    """The articles streams of all partitions, as one group reads them."""

    def __init__(self, client: Client, blocking: Client, partitions: int, consumer: str, group: str = READERS) -> None:
        """blocking: a client of its own for blocking reads, whose timeout is longer than they block."""
        self._client, self._blocking = client, blocking
        self._keys = [partition_key(partition, "articles") for partition in range(partitions)]
        self._consumer, self._group = consumer, group

    async def prepare(self) -> None:
        """Makes the group, from the beginning of what is there."""
        for key in self._keys:
            try:
                await self._client.xgroup_create(key, self._group, id="0", mkstream=True)
            except REFUSED as error:
                if "BUSYGROUP" not in str(error):
                    raise

    async def pending(self, count: int) -> list[Delivery]:
        """Articles delivered to this consumer before and never acknowledged."""
        return await self._read(self._client, dict.fromkeys(self._keys, "0"), count, None)

    async def new(self, count: int, block: int) -> list[Delivery]:
        """Articles that nobody has read, waiting up to `block` milliseconds for the first."""
        return await self._read(self._blocking, dict.fromkeys(self._keys, ">"), count, block)

    async def beat(self) -> None:
        """Says that this consumer lives. To be called more often than every `ALIVE`."""
        await self._client.set(self._alive(self._consumer), "1", px=_BEAT)

    async def abandoned(self, count: int) -> list[Delivery]:
        """Takes over up to `count` articles of each partition from consumers that no longer live."""
        found: list[Delivery] = []
        for key in self._keys:
            for consumer in await self._client.xinfo_consumers(key, self._group):
                name = str(consumer["name"])
                if name == self._consumer or not consumer["pending"] or await self._lives(name):
                    continue
                left = await self._client.xpending_range(key, self._group, "-", "+", count, consumername=name)
                rows: Any = await self._client.xclaim(key, self._group, self._consumer, 0, [row["message_id"] for row in left])
                found += [_delivery(key, entry, fields) for entry, fields in rows if fields]
        return found

    async def _lives(self, consumer: str) -> bool:
        left = int(await self._client.pttl(self._alive(consumer)))
        if left > _BEAT:  # the server's clock was set back since
            await self._client.pexpire(self._alive(consumer), _BEAT)
        return left > 0

    def _alive(self, consumer: str) -> str:
        return f"{_ALIVE}{consumer}"

    async def acknowledge(self, deliveries: Sequence[Delivery]) -> None:
        """Says that articles are done with."""
        by_key: dict[str, list[str]] = {}
        for delivery in deliveries:
            by_key.setdefault(delivery.key, []).append(delivery.entry)
        for key, entries in by_key.items():
            await self._client.xack(key, self._group, *entries)

    async def kept(self) -> AsyncIterator[Article]:
        """The articles that are on the streams and that the group has read and acknowledged by now, partition by partition."""
        for key in self._keys:
            given, pending = await self._reached(key)
            async for entry, fields in self._range(key, "-", given):
                if entry not in pending:
                    yield from_fields(fields)

    async def waiting(self) -> set[tuple[str, str, int]]:
        """Keys of the articles that the group has not acknowledged yet."""
        found: set[tuple[str, str, int]] = set()
        for key in self._keys:
            given, pending = await self._reached(key)
            first = min(pending, key=_place, default=f"({given}")
            async for entry, fields in self._range(key, first, "+"):
                if entry in pending or _place(entry) > _place(given):
                    found.add(from_fields(fields).key)
        return found

    async def _reached(self, key: str) -> tuple[str, set[str]]:
        """The last entry that the group was given, and those of all before that it has not acknowledged."""
        [group] = [one for one in await self._client.xinfo_groups(key) if one["name"] == self._group]
        rows = await self._client.xpending_range(key, self._group, "-", "+", max(int(group["pending"]), 1))
        return str(group["last-delivered-id"]), {str(row["message_id"]) for row in rows}

    async def _range(self, key: str, first: str, last: str) -> AsyncIterator[tuple[str, dict[str, str]]]:
        """Entries of a stream, a few at a time."""
        while rows := cast("list[tuple[str, dict[str, str]]]", await self._client.xrange(key, first, last, count=_AT_ONCE)):
            for row in rows:
                yield row
            first = f"({rows[-1][0]}"

    async def unread(self) -> int:
        """Articles that the group has not acknowledged yet: waiting or under way."""
        return await unread(self._client, len(self._keys), self._group)

    async def done(self) -> int:
        """Articles that the group has read and acknowledged, since there are any."""
        groups = [group for key in self._keys for group in await self._client.xinfo_groups(key) if group["name"] == self._group]
        return sum(int(group["entries-read"] or 0) - int(group["pending"]) for group in groups)

    async def trim(self, before: datetime) -> int:
        """Drops articles older than a time that every group has read. Returns how many went."""
        return sum([int(await _TRIM(self._client, [key], [int(before.timestamp() * 1000)])) for key in self._keys])

    async def leave(self) -> None:
        """Takes this consumer off the group, unless it still has articles."""
        for key in self._keys:
            for consumer in await self._client.xinfo_consumers(key, self._group):
                if consumer["name"] == self._consumer and not consumer["pending"]:
                    await self._client.xgroup_delconsumer(key, self._group, self._consumer)

    async def _read(self, client: Client, places: dict[str, str], count: int, block: int | None) -> list[Delivery]:
        reply = await client.xreadgroup(self._group, self._consumer, cast("Any", places), count=count, block=block)
        return [_delivery(key, entry, fields) for key, rows in rows_of(reply) for entry, fields in rows if fields]


async def unread(client: Client, partitions: int, group: str = READERS) -> int:
    """Articles that a group has not acknowledged yet: waiting or under way. Those of a partition without the group count whole."""
    waiting = 0
    for partition in range(partitions):
        key = partition_key(partition, "articles")
        if not await client.exists(key):
            continue
        found = [one for one in await client.xinfo_groups(key) if one["name"] == group]
        waiting += int(found[0]["pending"]) + int(found[0].get("lag") or 0) if found else int(await client.xlen(key))
    return waiting


async def alive_consumers(client: Client) -> tuple[str, ...]:
    """Names of the readers that live now, whatever they are doing."""
    return tuple(sorted([key.removeprefix(_ALIVE) async for key in client.scan_iter(match=f"{_ALIVE}*", count=1000)]))


def _place(entry: str) -> tuple[int, ...]:
    return tuple(map(int, entry.split("-")))


def rows_of(reply: Any) -> list[tuple[str, list[tuple[str, dict[str, str]]]]]:
    """The reply of a stream read -> (stream, entries), in whichever form the protocol version brings it."""
    streams = reply.items() if isinstance(reply, dict) else (reply or [])
    return [(key, rows[0] if rows and isinstance(rows[0], list) else rows) for key, rows in streams]


def _delivery(key: str, entry: str, fields: Mapping[str, str]) -> Delivery:
    batch = None
    if "batch" in fields:
        batch = Batch(feed=fields["batch"], place=int(fields["batch_place"]), count=int(fields["batch_count"]))
    return Delivery(key, entry, from_fields(fields), batch, RESTORED in fields, tuple(fields.get(MARKS, "").split()))


def batch_fields(batch: Batch | None) -> dict[str, str]:
    """How an entry says which first poll it came with."""
    return {"batch": batch.feed, "batch_place": str(batch.place), "batch_count": str(batch.count)} if batch is not None else {}
