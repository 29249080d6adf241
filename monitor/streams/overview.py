"""All that a board shows, read from the server alone: claims, what changed last, feeds, streams and who reads them.

Nothing is written. What changes each second is asked for each second, in one round trip; the claims are read again when a story's
revision has moved, feeds and names now and then.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any, cast

from monitor.model import ClaimChanged, ClaimState, PositionChanged, RulesRejected, Stance, Status
from monitor.streams.articles import alive_consumers
from monitor.streams.client import REFUSED, Client
from monitor.streams.keys import META, STREAMS, partition_key, story_key
from monitor.streams.rulesets import rejected_now, rereading_now, versions_in_force
from monitor.streams.stories import story_names

CHANGES = 50
"""Changes that are remembered, newest first."""
_TAIL = 400
"""Entries of a claims stream that are searched for them: most are evidence."""
_CLAIMS_EVERY = timedelta(seconds=10)
"""A daemon that starts writes states anew without a new revision."""
_NAMES_EVERY = timedelta(seconds=10)
_FEEDS_EVERY = timedelta(seconds=2)
_RULES_EVERY = timedelta(seconds=1)
_PER_FEED = timedelta(milliseconds=1)
"""Many feeds are read less often, so that looking at them costs the server little."""
_AT_ONCE = 500


@dataclass(frozen=True, slots=True)
class Move:
    """A party's position moved, or (party: "") a status changed without that.

    time: event time. status: from what to what, where it changed.
    """

    story: str
    claim: str
    time: datetime
    party: str = ""
    from_: Stance | None = None
    to: Stance | None = None
    status: tuple[Status, Status] | None = None
    speaker: str = ""
    quote: str = ""
    outlet: str = ""
    url: str = ""


@dataclass(frozen=True, slots=True)
class FeedLook:
    """A feed as polling left it.

    name: its outlet, else its URL, "" as long as nobody has polled it. due: when it is polled next, unless `polled_now`.
    """

    id: str
    name: str
    url: str
    due: datetime
    polled_now: bool
    failures: int = 0
    problem: str = ""
    last_poll: datetime | None = None
    last_success: datetime | None = None


@dataclass(frozen=True, slots=True)
class GroupLook:
    """A consumer group. lag: entries that it was not given yet (None: the server cannot say). pending: given, not done with."""

    name: str
    lag: int | None
    pending: int
    consumers: int


@dataclass(frozen=True, slots=True)
class StreamLook:
    """A stream. last: when the last entry was added, by the server's clock."""

    key: str
    length: int = 0
    last: datetime | None = None
    groups: tuple[GroupLook, ...] = ()


@dataclass(frozen=True, slots=True)
class Overview:
    """Everything at one moment.

    readers: of articles, that live now; none means that no daemon reads. in_force: story -> version of its rules. rejected: rules that
    were saved since and cannot be used. rereading: the share of the kept articles that has been read again by changed rules.
    """

    claims: tuple[ClaimState, ...] = ()
    moves: tuple[Move, ...] = ()
    feeds: tuple[FeedLook, ...] = ()
    streams: tuple[StreamLook, ...] = ()
    readers: tuple[str, ...] = ()
    in_force: Mapping[str, str] = field(default_factory=dict)
    rejected: RulesRejected | None = None
    rereading: float | None = None

    @property
    def stories(self) -> tuple[str, ...]:
        """Stories that have claims, by name."""
        return tuple(dict.fromkeys(state.story for state in self.claims))


class Overlook:
    """Looks at the server again and again, asking each time only for what may have changed."""

    def __init__(self, client: Client, story: str | None = None) -> None:
        """story: the only one that is looked at; None: all that there are."""
        self._client, self._only = client, story
        self._names: tuple[str, ...] = ()
        self._partitions = 1
        self._readers: tuple[str, ...] = ()
        self._names_due = self._claims_due = self._feeds_due = self._rules_due = datetime.min.replace(tzinfo=UTC)
        self._revisions: list[str | None] = []
        self._claims: tuple[ClaimState, ...] = ()
        self._moves: tuple[Move, ...] = ()
        self._feeds: tuple[FeedLook, ...] = ()
        self._in_force: Mapping[str, str] = {}
        self._rejected: RulesRejected | None = None
        self._rereading: float | None = None

    async def look(self, now: datetime) -> Overview:
        """Everything as it is now. Raises what redis-py raises."""
        if now >= self._names_due:
            await self._look_for_names()
            self._names_due = now + _NAMES_EVERY
        revisions, streams = await self._look_at_streams()
        if revisions != self._revisions or now >= self._claims_due:
            await self._look_at_claims()
            self._revisions, self._claims_due = revisions, now + _CLAIMS_EVERY
        if now >= self._feeds_due:
            await self._look_at_feeds()
            self._feeds_due = now + max(_FEEDS_EVERY, len(self._feeds) * _PER_FEED)
        if now >= self._rules_due:
            self._in_force, self._rejected = await versions_in_force(self._client), await rejected_now(self._client)
            self._rereading = await rereading_now(self._client)
            self._rules_due = now + _RULES_EVERY
        rules = (self._in_force, self._rejected, self._rereading)
        return Overview(self._claims, self._moves, self._feeds, streams, self._readers, *rules)

    async def _look_for_names(self) -> None:
        found = tuple(await story_names(self._client))
        names = tuple(name for name in found if self._only in (None, name))
        if names != self._names:
            self._names, self._revisions = names, []
        self._partitions = int(await cast("Any", self._client.hget(META, "partitions")) or 1)
        self._readers = await alive_consumers(self._client)

    async def _look_at_streams(self) -> tuple[list[str | None], tuple[StreamLook, ...]]:
        keys = [story_key(name, stream) for name in self._names for stream in STREAMS]
        keys += [partition_key(partition, stream) for partition in range(self._partitions) for stream in ("articles", "feeds")]
        keys.append(partition_key(0, "rules"))
        pipeline = self._client.pipeline(transaction=False)
        for name in self._names:
            pipeline.hget(story_key(name, "meta"), "revision")
        for key in keys:
            pipeline.xinfo_stream(key)
            pipeline.xinfo_groups(key)
        replies = await pipeline.execute(raise_on_error=False)
        revisions, rest = replies[: len(self._names)], replies[len(self._names) :]
        for error in revisions:
            if isinstance(error, Exception):
                raise error
        return revisions, tuple(map(_stream, keys, rest[::2], rest[1::2]))

    async def _look_at_claims(self) -> None:
        pipeline = self._client.pipeline(transaction=False)
        for name in self._names:
            pipeline.hgetall(story_key(name, "state"))
            pipeline.xrevrange(story_key(name, "claims"), count=_TAIL)
        replies = await pipeline.execute() if self._names else []
        states = [ClaimState.model_validate_json(raw) for held in replies[::2] for _, raw in sorted(held.items())]
        rows = sorted((row for tail in replies[1::2] for row in tail), key=lambda row: _instant(row[0]), reverse=True)
        self._claims, self._moves = tuple(states), tuple(moves(fields for _, fields in rows)[:CHANGES])

    async def _look_at_feeds(self) -> None:
        found: list[FeedLook] = []
        for partition in range(self._partitions):
            due = cast("list[tuple[str, float]]", await self._client.zrange(partition_key(partition, "due"), 0, -1, withscores=True))
            leased = set(cast("list[str]", await cast("Any", self._client.hkeys(partition_key(partition, "leases")))))
            for some in (due[at : at + _AT_ONCE] for at in range(0, len(due), _AT_ONCE)):
                pipeline = self._client.pipeline(transaction=False)
                for feed, _ in some:
                    pipeline.hgetall(partition_key(partition, f"feed:{feed}"))
                states = await pipeline.execute()
                found += [_feed(feed, at, state, feed in leased) for (feed, at), state in zip(some, states, strict=True)]
        self._feeds = tuple(found)


def moves(newest_first: Iterable[Mapping[str, str]]) -> list[Move]:
    """Entries of claims streams -> the changes on them, newest first; a status goes with the move that made it."""
    rows: dict[tuple[str, str, int, str, str | None], list[PositionChanged | ClaimChanged]] = {}
    for fields in newest_first:
        row: PositionChanged | ClaimChanged
        match fields.get("type"):
            case "position.changed":
                row = PositionChanged.model_validate_json(fields["data"])
            case "claim.changed":
                row = ClaimChanged.model_validate_json(fields["data"])
            case _:
                continue
        rows.setdefault((row.story, row.article, row.version, row.claim, row.decision), []).append(row)
    made: list[Move] = []
    for together in rows.values():
        status = next(((row.from_, row.to) for row in together if isinstance(row, ClaimChanged)), None)
        moved = [row for row in together if isinstance(row, PositionChanged)]
        for row in moved:
            made.append(
                Move(row.story, row.claim, row.time, row.party, row.from_, row.to, status, row.speaker, row.quote, row.outlet, row.url)
            )
            status = None
        if status:
            first = together[0]
            made.append(Move(first.story, first.claim, first.time, status=status, outlet=first.outlet, url=first.url))
    return made


def _rows(reply: Any) -> list[dict[str, Any]]:
    """A reply of XINFO; nothing where there is no such stream or group yet."""
    if isinstance(reply, REFUSED):
        return []
    if isinstance(reply, Exception):
        raise reply
    return cast("list[dict[str, Any]]", reply)


def _stream(key: str, info: Any, groups: Any) -> StreamLook:
    rows = _rows(groups)
    if isinstance(info, REFUSED):
        return StreamLook(key)
    if isinstance(info, Exception):
        raise info
    last = str(info["last-generated-id"])
    made = [GroupLook(str(r["name"]), _count(r.get("lag")), int(r["pending"]), int(r["consumers"])) for r in rows]
    return StreamLook(key, int(info["length"]), None if last == "0-0" else _instant(last), tuple(made))


def _count(value: Any) -> int | None:
    return None if value is None else int(value)


def _instant(entry: str) -> datetime:
    return _time(int(entry.split("-")[0]))


def _time(ms: float) -> datetime:
    return datetime.fromtimestamp(ms / 1000, UTC)


def _feed(feed: str, due: float, state: Mapping[str, str], polled_now: bool) -> FeedLook:
    url = state.get("url", "")
    return FeedLook(
        id=feed,
        name=state.get("outlet") or url,
        url=url,
        due=_time(due),
        polled_now=polled_now,
        failures=int(state.get("failures") or 0),
        problem=state.get("problem", ""),
        last_poll=_when(state.get("last_poll")),
        last_success=_when(state.get("last_success")),
    )


def _when(text: str | None) -> datetime | None:
    return datetime.fromisoformat(text) if text else None
