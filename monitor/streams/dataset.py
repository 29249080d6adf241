"""Whether the server still has what it had: what is noted of it, compared with what it says now; and articles put back that it lost.

A server may come back empty (its disk was new, or somebody flushed it) or older (a backup, a replica that had not heard the last).
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, Literal, cast

from pydantic import BaseModel, ConfigDict, Field

from monitor.engine.kept import Batch
from monitor.model import Article
from monitor.streams.articles import RESTORED, batch_fields
from monitor.streams.client import REFUSED, Client, Script
from monitor.streams.keys import META, feed_id, partition_key, partition_of, story_key
from monitor.streams.polls import as_fields, marks_field

_RESTORE = Script("restore")

Loss = Literal["empty", "older"]
Restored = tuple[Article, str, Sequence[str], Batch | None]
"""An article, the hash of its content, the marks that recognise it, and which first poll it came with."""


class Seen(BaseModel):
    """What a server had when last looked at."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    where: str = Field(description="Which server it was, without a password")
    dataset: str = Field(description="Id that a data set gets when it begins")
    ends: Mapping[int, str] = Field(default_factory=dict, description="Partition -> last entry of its articles stream")
    revisions: Mapping[str, int] = Field(default_factory=dict, description="Story -> revision of its state")


async def look(client: Client, where: str, partitions: int, stories: Iterable[str]) -> Seen:
    """What the server has now. Raises what redis-py raises."""
    dataset = await cast("Any", client.hget(META, "dataset"))
    ends = {}
    for partition in range(partitions):
        if (info := await _info(client, partition)) is not None:
            ends[partition] = str(info["last-generated-id"])
    revisions = {name: int(await cast("Any", client.hget(story_key(name, "meta"), "revision")) or 0) for name in stories}
    return Seen(where=where, dataset=dataset or "", ends=ends, revisions=revisions)


async def loss(client: Client, before: Seen, now: Seen) -> Loss | None:
    """What has become of a server's data since `before`; None: nothing. Another server's data are not what was lost."""
    if before.dataset != now.dataset:
        return "empty" if before.where == now.where or not any(now.revisions.values()) else None
    for partition, end in before.ends.items():
        if partition not in now.ends or _number(now.ends[partition]) < _number(end):
            return "older"
        if not await client.xrange(partition_key(partition, "articles"), end, end):
            info = await _info(client, partition)
            first = info and info["first-entry"]
            # What is gone from the beginning on was trimmed.
            if first and _number(first[0]) < _number(end):
                return "older"
    return "older" if any(now.revisions.get(story, revision) < revision for story, revision in before.revisions.items()) else None


def reached(seen: Seen) -> datetime | None:
    """Up to when a server has articles; None: it has none in some partition."""
    ends = [int(end.partition("-")[0]) for end in seen.ends.values()]
    first = min(ends, default=0)
    return datetime.fromtimestamp(first / 1000, UTC) if first else None


async def restore(client: Client, partitions: int, rows: Iterable[Restored]) -> int:
    """Puts articles back onto their streams, in order, each version that the server does not have; how many. It can be repeated."""
    feeds: dict[str, list[list[object]]] = {}
    fetched: dict[str, datetime] = {}
    for article, content, marks, batch in rows:
        fields = {**as_fields(article), **batch_fields(batch), **marks_field(marks), RESTORED: "1"}
        flat = [part for pair in fields.items() for part in pair]
        at = int(article.fetched_at.timestamp() * 1000)
        row = [article.id, article.version, content, fields["fetched_at"], list(marks), at, flat]
        feeds.setdefault(article.feed, []).append(row)
        fetched[article.feed] = max(fetched.get(article.feed, article.fetched_at), article.fetched_at)
    count = 0
    for url, made in feeds.items():
        feed = feed_id(url)
        partition = partition_of(feed, partitions)
        keys = [partition_key(partition, name) for name in (f"seen:{feed}", f"feed:{feed}", "articles")]
        count += int(await _RESTORE(client, keys, [url, json.dumps(made, ensure_ascii=False), fetched[url].isoformat()]))
    return count


async def _info(client: Client, partition: int) -> dict[str, Any] | None:
    try:
        return await client.xinfo_stream(partition_key(partition, "articles"))
    except REFUSED as error:
        if "no such key" in str(error):
            return None
        raise


def _number(entry: str) -> tuple[int, ...]:
    return tuple(map(int, entry.split("-")))
