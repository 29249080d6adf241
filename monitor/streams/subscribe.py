"""Subscribing from a program: events as they come, from now, from a place or in a group; over lost connections, and with every gap told."""

from __future__ import annotations

import asyncio
import logging
import socket
from collections.abc import AsyncIterator, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal, cast

from monitor.errors import InputError
from monitor.model import EVENT_TYPES, Event, FeedGap, FeedTrouble, Gap, RulesRejected, RulesReloaded
from monitor.settings import Settings
from monitor.streams.access import server
from monitor.streams.articles import rows_of
from monitor.streams.client import REFUSED, Client, connected, heed_cancellation, passes
from monitor.streams.keys import META, STREAM_OF, STREAMS, partition_key, story_key, stream_of
from monitor.streams.stories import story_names

log = logging.getLogger(__name__)

Start = Literal["now", "beginning"]
Told = Event | FeedTrouble | FeedGap | RulesReloaded | RulesRejected | Gap
"""What a subscriber is given."""
Fields = dict[str, str]

BLOCK = 2000
"""Milliseconds of one blocking read; new stories are looked for in between."""
_COUNT = 100
_IDLE = 60_000
"""Milliseconds after which an event that another consumer of the group was given, and never finished, is given to us."""
_PAUSES = (0.1, 5.0)
"""Seconds between attempts to reach a lost server: first and longest."""
_NEVER = "0-0"


@dataclass(frozen=True, slots=True)
class Place:
    """How far a stream has been read: the last entry, and how many had been added to the stream by then (None: not known)."""

    entry: str
    added: int | None


@dataclass(frozen=True, slots=True)
class Received:
    """A stream entry as it stands."""

    stream: str
    entry: str
    fields: Fields

    @property
    def type(self) -> str:
        """The event's type."""
        return self.fields.get("type", "")


def subscribe(
    url: str | None = None,
    *,
    story: str | None = None,
    types: Collection[str] = (),
    after: Start | Mapping[str, str] = "now",
    group: str | None = None,
    consumer: str | None = None,
    data: Path | str | None = None,
) -> Subscription:
    """Events of the streams, to be iterated over with `async for`; it goes on for ever, over restarts of the server.

    url: the server; without it MONITOR_REDIS_URL, or the embedded server of the data folder. story: only this one. types: only these
    event types; without any, all of a story's (`feed.*` and `rules.*` come only when named). after: "now", "beginning", or the `cursor`
    of an earlier subscription.

    group: events are shared among all that read in the group, and each is given again until it is done with: an event counts as done
    when the next one is asked for. The group begins at `after` when it is first used, and knows its place from then on. consumer: a name
    of one's own in the group, kept over restarts (without it the host's).

    Yields the models of `monitor.model`, and `Gap` where entries were dropped before they were read. Raises InputError for a type that
    does not exist, ServerError when the server cannot be reached at the start.
    """
    unknown = sorted(set(types) - EVENT_TYPES.keys())
    if unknown:
        raise InputError(f"no event type is called {unknown[0]}: it is one of {', '.join(EVENT_TYPES)}")
    given = {"redis_url": url, "data": data}
    settings = Settings.model_validate(Settings().model_dump() | {name: value for name, value in given.items() if value is not None})
    return Subscription(settings, story, frozenset(types), after, group, consumer or socket.gethostname())


def subscribe_blocking(url: str | None = None, **options: Any) -> Iterator[Told]:
    """The same for a program without an event loop: `for event in subscribe_blocking(…)`. Takes what `subscribe` takes."""
    events = aiter(subscribe(url, **options))

    async def following() -> Told:
        return await anext(events)

    with asyncio.Runner() as runner:
        try:
            while True:
                yield runner.run(following())
        finally:
            runner.run(cast("Any", events).aclose())


class Subscription:
    """A subscription that `subscribe` has made."""

    def __init__(
        self,
        settings: Settings,
        story: str | None,
        types: frozenset[str],
        after: Start | Mapping[str, str] = "now",
        group: str | None = None,
        consumer: str = "",
    ) -> None:
        self._settings, self._story, self._types = settings, story, types
        self._group, self._consumer = group, consumer
        self._after = after
        self._places: dict[str, Place] = {} if isinstance(after, str) else {key: Place(entry, None) for key, entry in after.items()}
        self._gaps: dict[str, int] = {}
        self._met: set[str] = set()
        self._begun = False

    @property
    def cursor(self) -> dict[str, str]:
        """How far each stream has been given out, the latest event included, to be passed as `after` another time. JSON holds it."""
        return {key: place.entry for key, place in self._places.items()}

    async def __aiter__(self) -> AsyncIterator[Told]:
        """The events, one after another."""
        async for one in self.entries():
            # A newer daemon may say more than this program knows: that is left aside.
            if isinstance(one, Gap):
                yield one
            elif one.type in EVENT_TYPES:
                yield cast("Event", EVENT_TYPES[one.type].model_validate_json(one.fields["data"], extra="ignore"))

    async def entries(self) -> AsyncIterator[Received | Gap]:
        """The same as the streams have them."""
        pause = _PAUSES[0]
        while True:
            try:
                async with server(self._settings) as running, connected(running.url, patience=BLOCK / 1000 + 10) as client:
                    if self._begun and pause > _PAUSES[0]:
                        log.warning("the server is back")
                    pause = _PAUSES[0]
                    async for one in self._follow(client):
                        yield one
            except Exception as error:
                if not self._begun or not (passes(error) or "NOGROUP" in str(error)):
                    raise
                if pause == _PAUSES[0]:
                    log.warning("the server is lost: %s", error)
                await asyncio.sleep(pause)
                pause = min(pause * 2, _PAUSES[1])

    async def _follow(self, client: Client) -> AsyncIterator[Received | Gap]:
        """Entries over one connection."""
        while True:
            heed_cancellation()
            keys = await self.keys(client)
            for key in keys:
                gap = await (self._join(client, key) if self._group else self._take_up(client, key))
                if gap is not None:
                    yield gap
            self._begun = True
            if not keys:
                await asyncio.sleep(BLOCK / 1000)
                continue
            async for one in self._in_group(client, keys) if self._group else self._alone(client, keys):
                if isinstance(one, Gap):
                    yield one
                    continue
                before = self._places.get(one.stream, Place(_NEVER, None))
                self._places[one.stream] = Place(one.entry, None if before.added is None else before.added + 1)
                if one.fields and (not self._types or one.type in self._types):
                    yield one
                if self._group:
                    await client.xack(one.stream, self._group, one.entry)

    async def keys(self, client: Client) -> list[str]:
        """The streams that the asked types go onto, those that were there and went included."""
        kinds = self._types or STREAM_OF.keys()
        names = [self._story] if self._story else await story_names(client)
        asked = {stream_of(kind) for kind in kinds}
        streams = [stream for stream in STREAMS if stream in asked]
        keys = [story_key(name, stream) for name in names for stream in streams]
        keys += [partition_key(0, "rules")] if "rules" in asked else []
        if "feeds" in asked:
            partitions = cast("str | None", await cast("Any", client.hget(META, "partitions")))
            keys += [partition_key(partition, "feeds") for partition in range(int(partitions or 1))]
        self._met.update(keys)
        return sorted(self._met)

    async def _take_up(self, client: Client, key: str) -> Gap | None:
        """Begins a stream where `after` says, or goes on where it was left; a gap is one that shows without reading on."""
        now, place = await _described(client, key), self._places.get(key)
        if place is None:
            if self._begun or not isinstance(self._after, str):
                self._places[key] = Place(_NEVER, 0)  # it began while we listened, or since the cursor was taken: all of it is news
            else:
                self._places[key] = Place(now.last, now.added) if self._after == "now" else Place(_NEVER, now.trimmed)
            return None
        if _anew(place, now):
            self._places[key] = Place(_NEVER, 0)
            return Gap(stream=key, after=place.entry, missed=None, reason="reset")
        if place.added is None and place.entry == now.last:
            self._places[key] = Place(now.last, now.added)
        return None

    async def _join(self, client: Client, key: str) -> Gap | None:
        """Makes the group where there is none; the gap, if entries have gone that it was not given."""
        group, now = cast("str", self._group), await _described(client, key)
        groups = await client.xinfo_groups(key) if now.exists else []
        mine = next((g for g in groups if g["name"] == group), None)
        if mine is not None:
            read = mine.get("entries-read")
            given = Place(str(mine["last-delivered-id"]), None if read is None else int(read))
            return self._told(key, now, _trimmed(key, given, now))
        place = self._places.get(key)
        lost = place is not None and _anew(place, now)
        if place is None or lost:
            start = Place(now.last, now.added) if self._after == "now" and not self._begun else Place(_NEVER, now.trimmed)
        else:
            start = place
        await client.xgroup_create(key, group, id=start.entry, mkstream=True, entries_read=start.added)
        if place is not None and lost:
            return Gap(stream=key, after=place.entry, missed=None, reason="reset")
        return self._told(key, now, _trimmed(key, start, now)) if start.entry != _NEVER else None

    def _told(self, key: str, now: _Stream, gap: Gap | None) -> Gap | None:
        """A gap, once: it stays to be seen until something has been read behind it."""
        if gap is None or self._gaps.get(key) == now.trimmed:
            return None
        self._gaps[key] = now.trimmed
        return gap

    async def _alone(self, client: Client, keys: Sequence[str]) -> AsyncIterator[Received | Gap]:
        """What is new on the streams. Whether something was dropped is looked at after reading, so that nothing can go in between."""
        places = {key: self._places[key] for key in keys}
        reply: Any = await client.xread(cast("Any", {key: place.entry for key, place in places.items()}), block=BLOCK, count=_COUNT)
        for key, rows in rows_of(reply):
            now = await _described(client, key)
            gap = _trimmed(key, places[key], now, [entry for entry, _ in rows])
            if gap is not None:
                self._places[key] = Place(places[key].entry, None)
                yield gap
            for entry, fields in rows:
                yield Received(key, entry, fields)
            if gap is not None:  # the count is known again where everything there has been read
                self._places[key] = Place(rows[-1][0], now.added if rows[-1][0] == now.last else None)

    async def _in_group(self, client: Client, keys: Sequence[str]) -> AsyncIterator[Received | Gap]:
        """What we were given before and did not finish, what another left lying, then what is new."""
        group = cast("str", self._group)
        for key in keys:
            mine: Any = await client.xreadgroup(group, self._consumer, cast("Any", {key: "0"}), count=_COUNT)
            left: Any = await client.xautoclaim(key, group, self._consumer, _IDLE, count=_COUNT)
            for entry, fields in [*(row for _, rows in rows_of(mine) for row in rows), *left[1]]:
                if not fields:  # given out, and dropped since
                    yield Gap(stream=key, after=entry, missed=1, reason="trimmed")
                yield Received(key, entry, fields or {})
        fresh: Any = await client.xreadgroup(group, self._consumer, cast("Any", dict.fromkeys(keys, ">")), count=_COUNT, block=BLOCK)
        for key, rows in rows_of(fresh):
            for entry, fields in rows:
                yield Received(key, entry, fields)


@dataclass(frozen=True, slots=True)
class _Stream:
    """What the server says of a stream. added: entries ever added. first: of those there. trimmed: how many went."""

    exists: bool
    last: str
    first: str | None
    added: int
    trimmed: int


async def _described(client: Client, key: str) -> _Stream:
    try:
        info: dict[str, Any] = await client.xinfo_stream(key)
    except REFUSED:  # no such key
        return _Stream(False, _NEVER, None, 0, 0)
    first, added = info["first-entry"], int(info["entries-added"])
    return _Stream(True, str(info["last-generated-id"]), first[0] if first else None, added, added - int(info["length"]))


def _anew(place: Place, now: _Stream) -> bool:
    """Whether a stream is another than the one that a place was in: what was read there is gone, and nothing was trimmed."""
    if _number(now.last) < _number(place.entry) or (place.added is not None and now.added < place.added):
        return True
    return place.entry != _NEVER and not now.trimmed and now.first is not None and _number(now.first) > _number(place.entry)


def _trimmed(key: str, place: Place, now: _Stream, read: Sequence[str] = ()) -> Gap | None:
    """What was dropped from a stream behind a place. read: entries read from that place on, before the stream was looked at."""
    if place.entry == now.last or not now.trimmed or (now.first is not None and _number(now.first) <= _number(place.entry)):
        return None
    gone = sum(now.first is None or _number(entry) < _number(now.first) for entry in read)
    if place.added is None:
        return None if gone else Gap(stream=key, after=place.entry, missed=None, reason="trimmed")
    missed = now.trimmed - place.added - gone
    return Gap(stream=key, after=place.entry, missed=missed, reason="trimmed") if missed > 0 else None


def _number(entry: str) -> tuple[int, ...]:
    return tuple(map(int, entry.split("-")))
