"""One server, one or two daemons, the feeds that they poll, and what must hold after whatever happens to them."""

from __future__ import annotations

import asyncio
import json
import random
import re
import signal
import time
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, cast

from redis.asyncio import Redis
from redis.exceptions import RedisError

from monitor.archive import Archive
from monitor.model import Article, ClaimState
from monitor.stories import open_rulebook
from monitor.streams.endpoint import password_of
from monitor.streams.keys import partition_key, story_key
from tests.faults.feeds import Feeds, serving
from tests.faults.oracle import Oracle
from tests.faults.processes import Daemon, Zygote
from tests.faults.story import STORIES, write_rules

RECOVERED = 30.0
"""Seconds within which everything has to hold again after a fault's end; the table says how long the slowest took."""
TOLD = 10.0
"""Seconds more within which the log has to tell what happened: the fault may have hit what nobody waits for."""
LINES = 30
"""Warnings and errors, alerts aside, that a daemon may log of one fault."""
SERVER_MEMORY, AN_ARTICLE, DAEMON_MEMORY = 6_000_000, 20_000, 450_000_000
"""Bytes that the server may use, and for each article besides; and that a daemon may."""
_ARTICLES = partition_key(0, "articles")
_KEYS = re.compile(
    r"monitor:(meta|\{p0\}:(articles|feeds|due|leases|pollers|ruleset|rules|rereading|(feed|seen|alive):.+)"
    r"|\{(alpha|beta)\}:(matches|claims|alerts|state|entries|meta|ids))"
)


@dataclass
class World:
    """A data folder and everything around it."""

    folder: Path
    feeds: Feeds
    oracle: Oracle
    zygote: Zygote
    dice: random.Random
    bug: str = ""
    hurry: bool = True
    environment: dict[str, str] = field(default_factory=dict)
    daemons: list[Daemon] = field(default_factory=list)
    slowest: float = 0.0
    """Seconds that the slowest recovery took."""
    memory: int = 0
    """Bytes that the server has used at most."""
    resident: int = 0
    """Bytes that a daemon has used at most."""
    read: int = 0
    """Up to where the log has been looked at."""
    own: str = "extra-"
    """How alerts begin that no oracle knows of."""

    @property
    def data(self) -> Path:
        return self.folder / "data"

    @property
    def arm(self) -> Path:
        return self.folder / "arm"

    @property
    def log(self) -> Path:
        return self.folder / "log"

    @property
    def server_pid(self) -> int:
        """The server's process, where it was last seen."""
        return int(self._endpoint()["pid"])

    def _endpoint(self) -> dict[str, Any]:
        return cast("dict[str, Any]", json.loads((self.data / "endpoint.json").read_text()))

    async def start(self) -> Daemon:
        """One more daemon."""
        wanted = {"environment": self.environment, "log": str(self.log), "arm": str(self.arm), "bug": self.bug, "hurry": self.hurry}
        daemon = Daemon(self.zygote, await self.zygote.ask({"start": wanted}))
        self.daemons.append(daemon)
        return daemon

    async def keep(self) -> Daemon:
        """A daemon that runs: the one that does, or a new one, as a supervisor would start it."""
        self.daemons = [daemon for daemon in self.daemons if not await daemon.ended()]
        return self.daemons[0] if self.daemons else await self.start()

    async def stop(self) -> None:
        """Ends all daemons in good order; those that do not, at once."""
        for daemon in self.daemons:
            daemon.send(signal.SIGCONT)
            daemon.send(signal.SIGTERM)
        for daemon in self.daemons:
            if not await daemon.wait(15):
                daemon.send(signal.SIGKILL)
                await daemon.wait(5)
        self.daemons.clear()

    def publish(self, count: int) -> list[Article]:
        """Publishes so much more."""
        articles = self.feeds.publish(count)
        self.oracle.take(articles)
        return articles

    @asynccontextmanager
    async def client(self) -> AsyncIterator[Redis]:
        """A client of the server itself."""
        port, password = int(self._endpoint()["port"]), password_of(self.data) or None
        async with Redis(
            port=port, password=password, decode_responses=True, protocol=2, socket_timeout=5, single_connection_client=True
        ) as made:
            yield made

    async def settled(self, patience: float = RECOVERED) -> list[str]:
        """Waits until everything holds; what does not hold by then. Of the log: see `told`."""
        begun, before = time.monotonic(), list[str]()
        while True:
            await self.keep()
            waiting, wrong = await self._wrong()
            taken = time.monotonic() - begun
            # With nothing to do any more, what is wrong remains so.
            if not (waiting or wrong) or (wrong and wrong == before) or taken > patience:
                self.slowest = max(self.slowest, taken)
                self.feeds.settled()
                return waiting + wrong + await self._unbounded()
            before = wrong
            await asyncio.sleep(0.1)

    async def _wrong(self) -> tuple[list[str], list[str]]:
        """What is still to be done; and, if nothing is, what is wrong."""
        try:
            async with self.client() as client:
                # The length first: an article that comes between the two is one to be read.
                missing = sum(self.feeds.ledger.values()) - await client.xlen(_ARTICLES)
                groups = await client.xinfo_groups(_ARTICLES)
                waiting = [
                    f"{group['name']} has {group['pending']} pending, {group['lag']} to read"
                    for group in groups
                    if group["pending"] or group["lag"]
                ]
                if waiting or missing > 0 or len(groups) != 2:
                    return [*waiting, f"{missing} articles are not on the stream, groups {len(groups)}"], []
                return [], await self._compared(client)
        except (RedisError, OSError, KeyError, ValueError) as error:
            return [f"the server: {type(error).__name__} {error}"], []

    async def _compared(self, client: Redis) -> list[str]:
        wrong: list[str] = []
        rows = await _entries(client, _ARTICLES)
        found = Counter((row["feed"], row["url"], int(row["version"]), row["title"]) for row in rows)
        wrong += _differences("article", self.feeds.ledger, found)
        for story in STORIES:
            for (name, stream), expected in self.oracle.events.items():
                if name == story:
                    wrong += _differences(f"event of {story}:{stream}", expected, await self._ids(client, story_key(story, stream)))
            held = cast("dict[str, str]", await cast("Any", client.hgetall(story_key(story, "state"))))
            states = {claim: _said(ClaimState.model_validate_json(raw)) for claim, raw in held.items()}
            wrong += [
                f"{story}/{claim} stands at {states.get(claim)!r:.100}, not {state!r:.100}"
                for claim, state in self.oracle.states(story).items()
                if states.get(claim) != _said(state)
            ]
        wrong += [f"key {key} is left over" async for key in client.scan_iter(count=1000) if not _KEYS.fullmatch(key)]
        whole = {(row["id"], row["feed"], int(row["version"])) for row in rows}
        kept = {article.key for article in Archive(self.data / "archive", lambda _: None).articles()}
        wrong += [f"archive lacks {key}" for key in whole - kept] + [f"archive has {key} besides" for key in kept - whole]
        self.memory = max(self.memory, int((await client.info("memory"))["used_memory"]))
        return wrong

    async def _ids(self, client: Redis, stream: str) -> Counter[str]:
        rows = await _entries(client, stream)
        return Counter(row["id"] for row in rows if not json.loads(row["data"]).get("alert", "").startswith(self.own))

    async def _unbounded(self) -> list[str]:
        """Whose memory is more than it may be."""
        for daemon in self.daemons:
            self.resident = max(self.resident, daemon.resident)
        limit = SERVER_MEMORY + AN_ARTICLE * sum(self.feeds.ledger.values())
        wrong = [f"the server uses {self.memory} bytes"] if self.memory > limit else []
        return wrong + ([f"a daemon uses {self.resident} bytes"] if self.resident > DAEMON_MEMORY else [])

    async def told(self, *events: str) -> list[str]:
        """What is wrong with what the log says since this was called last. events: one of them has to be told of, soon, if there are any."""
        until = time.monotonic() + TOLD
        while True:
            with self.log.open(encoding="utf-8") as log:
                log.seek(self.read)
                lines, end = log.readlines(), log.tell()
            if not events or any(event in line for event in events for line in lines) or time.monotonic() > until:
                break
            await asyncio.sleep(0.1)
        self.read = end
        unclear = [f"the log says {line.strip()!r:.200}" for line in lines if line.startswith(("Traceback", "Fatal"))]
        warnings = [line for line in lines if '"level": "warning"' in line or '"level": "error"' in line]
        warnings = [line for line in warnings if '"event": "alert"' not in line]
        if len(warnings) > LINES * max(len(self.daemons), 1):
            unclear.append(f"the log is flooded with {len(warnings)} warnings, the last: {warnings[-1].strip()!r:.200}")
        if events and not any(event in line for event in events for line in lines):
            unclear.append(f"the log does not tell what happened: none of {', '.join(events)}")
        return unclear


def _said(state: ClaimState) -> ClaimState:
    """A state without the version of the rules that read its evidence: rules are edited meanwhile."""
    held = [
        one.model_copy(update={"evidence": one.evidence.model_copy(update={"rules": ""}) if one.evidence else None})
        for one in state.positions
    ]
    return state.model_copy(update={"positions": tuple(held)})


async def _entries(client: Redis, stream: str) -> list[dict[str, str]]:
    return [fields for _, fields in cast("list[tuple[str, dict[str, str]]]", await client.xrange(stream))]


def _differences(what: str, expected: Counter[Any], found: Counter[Any]) -> list[str]:
    lost, more = expected - found, found - expected
    twice = {row for row in more if row in expected}
    rows = [f"{what} lost: {row}" for row in lost] + [f"{what} twice: {row}" for row in twice]
    return rows + [f"{what} nobody expects: {row}" for row in more if row not in twice]


@asynccontextmanager
async def world(folder: Path, seed: int, zygote: Zygote, *, bug: str = "", hurry: bool = True) -> AsyncIterator[World]:
    """A world that has begun, with nothing running yet."""
    dice = random.Random(seed)  # noqa: S311 - the same rounds for the same seed
    rules = folder / "rules"
    async with serving(dice) as feeds:
        write_rules(rules, feeds.urls)
        oracle = Oracle(await asyncio.to_thread(open_rulebook, rules))
        made = World(folder, feeds, oracle, zygote, dice, bug=bug, hurry=hurry)
        made.environment = {
            "MONITOR_RULES": str(rules),
            "MONITOR_DATA": str(folder / "data"),
            "MONITOR_LOG": "json",
            "MONITOR_ALLOW_ADDRESSES": "127.0.0.0/8",
            "MONITOR_HOST_GAP": "0",
        }
        oracle.take(feeds.begin(), first=True)
        try:
            yield made
        finally:
            await made.stop()
