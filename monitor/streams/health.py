"""What a server says of itself and of our data on it. Only looks."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, cast

from monitor.streams.articles import alive_consumers, unread
from monitor.streams.backlog import Behind, behind
from monitor.streams.client import REFUSED, Client
from monitor.streams.keys import META
from monitor.streams.stories import story_names


@dataclass(frozen=True, slots=True)
class ServerFacts:
    """A server as it was when asked."""

    name: str
    version: str
    replica: bool
    """It copies another one, and takes no writes."""
    log_on: bool
    """Every write goes into an append-only file."""
    snapshots: bool | None
    """It saves its data now and then; None: it does not say."""
    unsaved: str
    """Why its last attempt to write to disk failed, "" when it did not."""
    policy: str
    """What it does when its memory is full."""
    used: int
    """Bytes of memory."""
    limit: int
    """Bytes that it may use, or that its machine has; 0: unknown."""
    limited: bool
    """Whether the limit is one that its owner has set."""
    ahead: timedelta
    """How far its clock is ahead of ours."""
    layout: str | None
    """Version of the key layout of our data; None: there is none yet."""
    partitions: int | None
    daemons: tuple[str, ...]
    """Programs that read articles now: host:process."""
    unread: int
    """Articles that wait to be read."""
    behind: tuple[Behind, ...]
    """Groups with something unread."""


async def look_at(client: Client) -> ServerFacts:
    """Asks a server. Raises what redis-py raises."""
    info = await client.info()
    before = datetime.now(UTC)
    seconds, micros = await client.time()
    middle = before + (datetime.now(UTC) - before) / 2
    meta = cast("dict[str, str]", await cast("Any", client.hgetall(META)))
    partitions = int(meta["partitions"]) if meta.get("partitions", "").isdecimal() else None
    limit = int(info.get("maxmemory", 0))
    return ServerFacts(
        name=str(info.get("server_name", "redis")).capitalize(),
        version=str(info.get("valkey_version") or info.get("redis_version") or "?"),
        replica=info.get("role") == "slave",
        log_on=bool(info.get("aof_enabled")),
        snapshots=await _snapshots(client),
        unsaved=_unsaved(info),
        policy=str(info.get("maxmemory_policy", "?")),
        used=int(info.get("used_memory", 0)),
        limit=limit or int(info.get("total_system_memory", 0)),
        limited=limit > 0,
        ahead=datetime.fromtimestamp(seconds, UTC) + timedelta(microseconds=micros) - middle,
        layout=meta.get("layout"),
        partitions=partitions,
        daemons=await alive_consumers(client),
        unread=await unread(client, partitions or 1),
        behind=tuple(await behind(client, partitions or 1, await story_names(client))),
    )


async def _snapshots(client: Client) -> bool | None:
    """Managed servers refuse to tell."""
    try:
        said = cast("dict[str, str]", await client.config_get("save"))
    except REFUSED:
        return None
    return bool(said.get("save")) if "save" in said else None


def _unsaved(info: dict[str, Any]) -> str:
    failed = [
        what
        for name, what in (("aof_last_write_status", "append-only file"), ("rdb_last_bgsave_status", "snapshot"))
        if info.get(name, "ok") != "ok"
    ]
    return " and ".join(failed)
