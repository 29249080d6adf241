"""Feeds on the server: who polls which one when, and the commit of a poll."""

from __future__ import annotations

import json
import secrets
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, cast

from monitor.errors import ServerError
from monitor.model import LISTS, Article, FeedGap, FeedTrouble
from monitor.streams.client import Client, Script
from monitor.streams.events import common_entry
from monitor.streams.keys import ALIVE, LAYOUT, META, feed_id, partition_key, partition_of

_LEASE = Script("lease")
_COMMIT = Script("commit_poll")
_REMEMBER = Script("remember")

FORGOTTEN = timedelta(days=30)
"""How long an article is remembered that is no longer in its feed."""
MARKS = "marks"
Row = tuple[Article, str, Sequence[str]]
"""An article, the hash of its content, and the marks that recognise it at the next poll."""


@dataclass(frozen=True, slots=True)
class Lease:
    """The right to poll a feed until it runs out. token: proves it at the commit."""

    feed: str
    partition: int
    token: str


@dataclass(frozen=True, slots=True)
class Committed:
    """What a commit did. lost: the lease had gone to somebody else, and nothing was written."""

    new: int
    changed: int
    lost: bool = False


def _ms(time: datetime) -> int:
    return int(time.timestamp() * 1000)


class Polls:
    """The server's side of polling."""

    def __init__(self, client: Client, partitions: int) -> None:
        self._client = client
        self.partitions = partitions

    async def prepare(self) -> None:
        """Checks that the data on the server has our layout and partitions; marks an empty server with them. Raises ServerError."""
        for name, value in (("layout", LAYOUT), ("partitions", str(self.partitions)), ("dataset", secrets.token_hex(8))):
            await cast("Any", self._client.hsetnx(META, name, value))
        facts = cast("dict[str, str]", await cast("Any", self._client.hgetall(META)))
        if facts["layout"] != LAYOUT:
            raise ServerError(
                f"the data on the server has layout {facts['layout']}, this program needs {LAYOUT}: use another server or data folder"
            )
        if facts["partitions"] != str(self.partitions):
            raise ServerError(
                f"the data on the server is in {facts['partitions']} partitions: set MONITOR_PARTITIONS={facts['partitions']}"
            )

    async def register(self, urls: Iterable[str], now: datetime) -> int:
        """Makes feeds known; those that are new are due at once. Returns how many were new."""
        added = 0
        for partition, feeds in self._by_partition(urls).items():
            added += int(await self._client.zadd(partition_key(partition, "due"), dict.fromkeys(feeds, _ms(now)), nx=True) or 0)
        return added

    async def hasten(self, urls: Iterable[str], now: datetime) -> None:
        """Makes feeds due now, whenever they would have been."""
        for partition, feeds in self._by_partition(urls).items():
            await self._client.zadd(partition_key(partition, "due"), dict.fromkeys(feeds, _ms(now)))

    async def ahead(self, urls: Iterable[str], now: datetime) -> list[str]:
        """Those of the feeds that were polled later than now."""
        known = list(urls)
        pipeline = self._client.pipeline(transaction=False)
        for feed in map(feed_id, known):
            pipeline.hget(partition_key(partition_of(feed, self.partitions), f"feed:{feed}"), "last_poll")
        polled = await pipeline.execute() if known else []
        return [url for url, last in zip(known, polled, strict=True) if last and datetime.fromisoformat(last) > now]

    async def forget(self, lease: Lease) -> None:
        """Takes a feed off the schedule that no rule names. What polling remembers of it stays."""
        await self._client.zrem(partition_key(lease.partition, "due"), lease.feed)

    async def lease(self, now: datetime, until: timedelta, limit: int, token: str, in_hand: Collection[str] | None = None) -> list[Lease]:
        """Takes up to `limit` feeds that are due, for this poller alone until the time is over, or until it has not asked for `ALIVE`.

        in_hand: the feeds that this poller still has, so that those come again whose lease it was given and never heard of; None:
        nothing is said of that.
        """
        leases: list[Lease] = []
        for partition in range(self.partitions):
            keys = [partition_key(partition, name) for name in ("due", "leases", "pollers")]
            alive = int(ALIVE.total_seconds() * 1000)
            known = [] if in_hand is None else [*in_hand, *(lease.feed for lease in leases)]
            rest: list[str | int] = [max(limit - len(leases), 0), token, alive, int(in_hand is not None), *known]
            feeds = await _LEASE(self._client, keys, [_ms(now), _ms(now + until), *rest])
            leases += [Lease(feed, partition, token) for feed in feeds]
        return leases

    async def state(self, lease: Lease) -> Mapping[str, str]:
        """What polling remembers of a feed, as a flat hash; empty for a new one."""
        return cast("Mapping[str, str]", await cast("Any", self._client.hgetall(partition_key(lease.partition, f"feed:{lease.feed}"))))

    async def known(self, lease: Lease, marks: Sequence[str]) -> dict[str, str]:
        """The articles of a feed that marks last named: mark -> article id."""
        if not marks:
            return {}
        named = await cast("Any", self._client.hmget(partition_key(lease.partition, f"seen:{lease.feed}"), list(marks)))
        return {mark: article for mark, article in zip(marks, named, strict=True) if article is not None}

    async def contents(self, lease: Lease, articles: Sequence[str]) -> dict[str, str]:
        """The hashes of the content that articles of a feed had last: article id -> hash."""
        if not articles:
            return {}
        seen = await cast("Any", self._client.hmget(partition_key(lease.partition, f"seen:{lease.feed}"), list(articles)))
        return {article: value.split()[1] for article, value in zip(articles, seen, strict=True) if value is not None}

    async def commit(
        self,
        lease: Lease,
        *,
        state: Mapping[str, str],
        articles: Sequence[Row],
        next_due: datetime,
        first: bool = False,
        events: Sequence[tuple[str, FeedTrouble | FeedGap]] = (),
        present: tuple[Collection[str], datetime] | None = None,
    ) -> Committed:
        """Commits a poll in one step: what is new among the articles, the state, the next due time.

        first: the feed's first poll; its articles are marked so that they are summed up instead of alerted one by one. present: the ids
        of all articles in the feed and when they were; None where that is not known. What has not been there for long is forgotten.
        """
        names = ("due", "leases", f"feed:{lease.feed}", f"seen:{lease.feed}", "articles", "feeds")
        poll: dict[str, object] = {
            "state": dict(state),
            "articles": [
                {"id": article.id, "content": content, "marks": marks, "fields": as_fields(article) | marks_field(marks)}
                for article, content, marks in articles
            ],
            "events": [common_entry(kind, trouble) for kind, trouble in events],
            "first": first,
        }
        if present is not None:
            poll |= {"present": sorted(present[0]), "day": present[1].toordinal(), "days": FORGOTTEN.days}
        args: list[str | int] = [lease.feed, lease.token, _ms(next_due), json.dumps(poll, ensure_ascii=False)]
        new, changed = await _COMMIT(self._client, [partition_key(lease.partition, name) for name in names], args)
        return Committed(max(new, 0), changed, lost=new < 0)

    async def remember(self, articles: Iterable[Row]) -> None:
        """Makes known what came otherwise than by a poll: polls go on from its versions."""
        feeds: dict[str, list[list[object]]] = {}
        for article, content, marks in articles:
            if article.feed:
                row: list[object] = [article.id, article.version, content, as_fields(article)["fetched_at"], marks]
                feeds.setdefault(feed_id(article.feed), []).append(row)
        for feed, rows in feeds.items():
            key = partition_key(partition_of(feed, self.partitions), f"seen:{feed}")
            await _REMEMBER(self._client, [key], [json.dumps(rows)])

    def _by_partition(self, urls: Iterable[str]) -> dict[int, list[str]]:
        found: dict[int, list[str]] = {}
        for url in urls:
            feed = feed_id(url)
            found.setdefault(partition_of(feed, self.partitions), []).append(feed)
        return found


async def feeds_held(client: Client, urls: Iterable[str]) -> dict[str, tuple[dict[str, str], datetime | None]]:
    """What the server has of each feed, by URL: what polling remembers, flat, and when it is due; None: nobody will poll it.

    urls: of feeds that may never have been polled. Feeds beyond those are found where a poll has left their URL.
    """
    named = {feed_id(url): url for url in urls}
    partitions = int(await cast("Any", client.hget(META, "partitions")) or 1)
    due: dict[str, float] = {}
    for partition in range(partitions):
        due |= dict(cast("list[tuple[str, float]]", await client.zrange(partition_key(partition, "due"), 0, -1, withscores=True)))
    ids = {key.rpartition(":")[2] async for key in client.scan_iter(match=partition_key(0, "feed:*").replace("p0", "p*"), count=1000)}
    ordered = sorted(ids | due.keys())
    pipeline = client.pipeline(transaction=False)
    for feed in ordered:
        pipeline.hgetall(partition_key(partition_of(feed, partitions), f"feed:{feed}"))
    states = cast("list[dict[str, str]]", await pipeline.execute()) if ordered else []
    found = {}
    for feed, state in zip(ordered, states, strict=True):
        if url := named.get(feed) or state.get("url"):
            found[url] = (state, datetime.fromtimestamp(due[feed] / 1000, UTC) if feed in due else None)
    return found


def as_fields(article: Article) -> dict[str, str]:
    """An article -> the flat fields of its stream entry; a list stands as JSON, and not at all when it is empty."""
    values = article.model_dump(mode="json", exclude={name for name in LISTS if not getattr(article, name)})
    return {name: json.dumps(value, ensure_ascii=False) if name in LISTS else str(value) for name, value in values.items()}


def marks_field(marks: Sequence[str]) -> dict[str, str]:
    """The field of an entry that says by what its article is recognised; the archive keeps it."""
    return {MARKS: " ".join(marks)} if marks else {}


def from_fields(fields: Mapping[str, str]) -> Article:
    """A stream entry's fields -> the article."""
    values = {name: fields[name] for name in Article.model_fields if name in fields}
    return Article.model_validate({name: json.loads(value) if name in LISTS else value for name, value in values.items()})


def now_utc() -> datetime:
    """The time, aware. The edges read the clock; the core never does."""
    return datetime.now(UTC)
