"""Bugs to find: each breaks one promise of the program from outside, in the way that a careless change would."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from types import ModuleType
from typing import Any, cast

from monitor import archive, archivist, worker
from monitor.engine import alerts
from monitor.engine.kept import Outcome
from monitor.streams import client, polls, stories
from monitor.streams.articles import Articles, Delivery
from monitor.streams.keys import READERS, partition_key
from monitor.streams.polls import Committed, Lease

STEPS, RANDOM, CUTS, FROZEN, SERVER = "killed at a step", "daemon killed at random", "connection cut", "frozen, taken over", "server killed"
BETWEEN = "bug.between"
"""A step that only a bug has: between two that should be one."""


@dataclass(frozen=True)
class Bug:
    """plant: breaks this process. by: the kind of faults that has to find it, within so many rounds, each of all steps if it kills there."""

    plant: Callable[[], None]
    by: str = STEPS
    rounds: float = 4
    steps: tuple[str, ...] = ()
    """Where the daemon is killed; empty: at every step."""


def _rewritten(module: ModuleType, name: str, old: str, new: str) -> Callable[[], None]:
    """A server-side script with a passage replaced."""

    def plant() -> None:
        script: client.Script = getattr(module, name)
        if old not in script._source:
            raise ValueError(f"{script.name} has changed: {old!r} is not in it")
        script._source = script._source.replace(old, new)

    return plant


def _acknowledged_first() -> None:
    take = worker.Worker._take_in_turn

    async def taken(self: worker.Worker, deliveries: Sequence[Delivery]) -> None:
        await self._articles.acknowledge(deliveries)
        await take(self, deliveries)

    worker.Worker._take_in_turn = taken  # type: ignore[method-assign]


def _acknowledgement_lost() -> None:
    acknowledge, count = Articles.acknowledge, [0]

    async def acknowledged(self: Articles, deliveries: Sequence[Delivery]) -> None:
        count[0] += self._group == READERS
        if self._group != READERS or count[0] < 10 or count[0] % 4:
            await acknowledge(self, deliveries)

    Articles.acknowledge = acknowledged  # type: ignore[method-assign]


def _archived_late() -> None:
    async def taken(self: archivist.Archivist, deliveries: Sequence[Delivery]) -> None:
        await self._articles.acknowledge(deliveries)
        self._archive.append([delivery.article for delivery in deliveries])

    archivist.Archivist._take = taken  # type: ignore[method-assign]


def _torn_frame_left() -> None:
    def mended(self: archive.Archive, path: object, handle: int) -> int:
        return 0

    archive.Archive._mend = mended  # type: ignore[method-assign]


def _random_ids() -> None:
    digest = alerts.digest  # type: ignore[attr-defined]
    alerts.digest = lambda *parts: digest(*parts, secrets.token_hex(4))  # type: ignore[attr-defined]


def _nobody_relieved() -> None:
    async def abandoned(self: Articles, count: int) -> list[Delivery]:
        return []

    Articles.abandoned = abandoned  # type: ignore[method-assign]


def _own_left_behind() -> None:
    async def pending(self: Articles, count: int) -> list[Delivery]:
        return []

    Articles.pending = pending  # type: ignore[method-assign]


def _leases_outlive() -> None:
    polls.ALIVE = timedelta(days=1)  # type: ignore[attr-defined]


def _leases_ignored() -> None:
    lease = polls.Polls.lease

    async def leased(self: polls.Polls, now: datetime, until: timedelta, limit: int, token: str, in_hand: object = None) -> list[Lease]:
        return await lease(self, now, until, limit, token, None)

    polls.Polls.lease = leased  # type: ignore[method-assign]


def _commit_forgotten() -> None:
    commit, count = stories.StoryStore.commit, [0]

    async def committed(self: stories.StoryStore, outcomes: Sequence[Outcome], **more: object) -> bool:
        count[0] += 1
        if count[0] % 10 == 0:
            return True  # as if the reply, not the request, had been lost
        return await commit(self, outcomes, **more)  # type: ignore[arg-type]

    stories.StoryStore.commit = committed  # type: ignore[method-assign]


def _state_first() -> None:
    from tests.faults.steps import passed  # which imports this module

    commit = polls.Polls.commit

    async def committed(self: polls.Polls, lease: Lease, *, state: Mapping[str, str], **more: Any) -> Committed:
        await cast("Any", self._client.hset(partition_key(lease.partition, f"feed:{lease.feed}"), mapping=cast("Any", dict(state))))
        if more["articles"]:
            passed(BETWEEN, "before")
        return await commit(self, lease, state=state, **more)

    polls.Polls.commit = committed  # type: ignore[method-assign]


def _archive_waited_for() -> None:
    archive.LOCKED = float("inf")


_KEEP = "redis.call('HSET', KEYS[place], field, value)"
_MARK = "if redis.call('ZADD', KEYS[6], 'NX', ARGV[2], event[2]) == 1 then"
_SEEN = "redis.call('HSET', KEYS[4], article.id, (version + 1)"

BUGS: dict[str, Bug] = {
    "acknowledged before it is committed": Bug(_acknowledged_first, steps=("story.commit",)),
    "an acknowledgement not sent": Bug(_acknowledgement_lost, SERVER, 20),
    "archived after it is acknowledged": Bug(_archived_late, steps=("archive.append",)),
    "a torn end of the archive written after": Bug(_torn_frame_left, steps=("archive.write",)),
    "ids of alerts drawn at random": Bug(_random_ids),
    "articles of a dead reader left with it": Bug(_nobody_relieved, steps=("story.commit",)),
    "articles whose delivery was cut off left behind": Bug(_own_left_behind, CUTS),
    "leases that outlive their poller": Bug(_leases_outlive, steps=("poll.fetch",)),
    "leases that a poller never heard of kept": Bug(_leases_ignored, CUTS),
    "what a feed is known by kept before its articles": Bug(_state_first, steps=(BETWEEN,)),
    "a file of the archive waited for, whoever has it": Bug(_archive_waited_for, FROZEN, 1, ("archive.write",)),
    "a commit taken for done that never was": Bug(_commit_forgotten, RANDOM, 20),
    "the revision not compared": Bug(_rewritten(stories, "_COMMIT", "if revision ~= ARGV[1] then", "if false then"), FROZEN, 1),
    "events and entries not in one step": Bug(
        _rewritten(stories, "_COMMIT", _KEEP, f"if name ~= 'entries' then {_KEEP} end"),
    ),
    "states not kept": Bug(_rewritten(stories, "_COMMIT", _KEEP, f"if name ~= 'states' then {_KEEP} end"), RANDOM, 5),
    "events beyond the third of a commit dropped": Bug(
        _rewritten(
            stories,
            "_COMMIT",
            "for _, event in ipairs(commit.events) do",
            "for place, event in ipairs(commit.events) do\n  if place > 3 then break end",
        ),
        RANDOM,
        5,
    ),
    "the mark of an event forgotten, and its revision": Bug(
        _rewritten(stories, "_COMMIT", _MARK, "redis.call('DEL', KEYS[6])\n  if true then"), CUTS, 1
    ),
    "a poll's articles beyond the first dropped": Bug(
        _rewritten(
            polls, "_COMMIT", "for place, fields in ipairs(news) do", "for place, fields in ipairs(news) do\n  if place > 1 then break end"
        ),
        RANDOM,
        20,
    ),
}
"""What is broken -> how, and what has to find it."""


def plant(name: str) -> None:
    """Breaks this process. Raises KeyError."""
    BUGS[name].plant()
