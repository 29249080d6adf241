"""What is well and what is not: every part of a set-up looked at, each with what to do. Changes nothing, and starts no server.

Whatever is broken, there is an answer: what a check does not expect is an answer too.
"""

from __future__ import annotations

import fcntl
import platform
import re
import shutil
import tempfile
from collections.abc import Awaitable, Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from importlib.metadata import PackageNotFoundError, requires, version
from pathlib import Path

from monitor.engine import conditions
from monitor.errors import DataFolderError, MonitorError, RuleErrors, ServerError
from monitor.feeds.overview import Condition, FeedRow, overview
from monitor.lookout import STOPPED
from monitor.rules.load import read_stories
from monitor.rules.schema import Story
from monitor.settings import Settings
from monitor.streams.access import running_url
from monitor.streams.client import REDIS, connected
from monitor.streams.health import ServerFacts, look_at
from monitor.streams.keys import LAYOUT, READERS
from monitor.streams.polls import feeds_held, now_utc
from monitor.streams.process import find_binary
from monitor.streams.rulesets import versions_in_force

_NAME = "claim-monitor"
_ROOM = 500_000_000
"""Bytes that should be free on the disk of the data folder."""
_FULL = 0.9
"""Share of its memory above which a server is called nearly full."""
_SKEW = timedelta(seconds=2)
"""How far the server's clock may be off: leases and liveness are counted in seconds."""
_NAMED = 3
"""Things of a kind that are named; of more the number is given."""


Versions = list[tuple[Story, str]]
"""Stories, each with the version of its rules."""


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that was looked at. what: how it is. todo: what to do about it; "" when it is well, or when `what` says so."""

    part: str
    what: str
    todo: str = ""
    wrong: bool = False

    @property
    def ok(self) -> bool:
        """Whether it is as it should be."""
        return not (self.wrong or self.todo)


async def examine(settings: Settings) -> list[Finding]:
    """Looks at everything."""
    found = await _checked("program", _later(program))
    found += await _checked("data", _later(lambda: data_folder(settings.data)))
    stories: Versions | None = None

    async def rule_files() -> list[Finding]:
        nonlocal stories
        stories, finding = rules(settings.rules)
        return [finding]

    found += await _checked("rules", rule_files)
    found += await _checked("server", lambda: _server_and_feeds(settings, stories))
    return found


def _later(check: Callable[[], Sequence[Finding]]) -> Callable[[], Awaitable[Sequence[Finding]]]:
    async def run() -> Sequence[Finding]:
        return check()

    return run


async def _checked(part: str, check: Callable[[], Awaitable[Sequence[Finding]]]) -> list[Finding]:
    try:
        return list(await check())
    except MonitorError as error:
        return [Finding(part, str(error), wrong=True)]
    except Exception as error:  # noqa: BLE001 - a doctor who falls ill of what he finds is of no use
        return [Finding(part, f"cannot be looked at: {type(error).__name__}: {error}", "this was not expected: please report it")]


def program() -> list[Finding]:
    """The versions of Python, of the program and of what it is made of."""
    python = f"Python {platform.python_version()} on {platform.system()} {platform.machine()}"
    known, missing = [], []
    for name in _parts():
        try:
            known.append(f"{name} {version(name)}")
        except PackageNotFoundError:
            missing.append(name)
    if missing:
        return [
            Finding("program", f"{', '.join(missing)} not installed", "install the program again: pip install -c requirements.lock -e .")
        ]
    return [Finding("program", python), Finding("versions", ", ".join(known))]


def _parts() -> list[str]:
    """The program and the packages that it cannot do without."""
    needed = [line for line in requires(_NAME) or [] if "extra ==" not in line]
    return [_NAME, *sorted(found[0] for line in needed if (found := re.match(r"[\w.-]+", line)))]


def data_folder(folder: Path) -> list[Finding]:
    """Whether files and locks can be made in it, and how much room there is."""
    try:
        place = next(path for path in (folder, *folder.absolute().parents) if path.exists())
        with tempfile.TemporaryFile(dir=place) as file:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        free = shutil.disk_usage(place).free
    except OSError as error:
        raise DataFolderError(f"{folder} cannot be used ({error.strerror}): set MONITOR_DATA to a local folder of yours") from error
    state = "can be written" if place == folder else "does not exist yet, and can be made"
    todo = f"make room on its disk, or set MONITOR_DATA: below {_ROOM // 10**6} MB it may fill up" if free < _ROOM else ""
    return [Finding("data", f"{folder} {state}, {free / 10**9:.1f} GB free", todo)]


def rules(folder: Path) -> tuple[Versions | None, Finding]:
    """The stories, if they can be read, and what is to say about them."""
    try:
        found = read_stories(folder, conditions.check)
    except RuleErrors as errors:
        count = len(errors.errors)
        todo = "`monitor check` shows them; a daemon that runs goes on with the last good rules"
        return None, Finding("rules", f"{count} error{'s' if count > 1 else ''} in {folder}", todo)
    stories = [story for story, _ in found]
    claims, feeds = sum(len(story.claims) for story in stories), sum(len(story.feeds) for story in stories)
    return found, Finding("rules", f"{', '.join(story.story for story in stories)}: {claims} claims, {feeds} feeds")


async def _server_and_feeds(settings: Settings, found: Versions | None) -> list[Finding]:
    stories = None if found is None else [story for story, _ in found]
    url = await running_url(settings)
    if url is None:
        count = len(overview(stories, {}))
        return [
            Finding("server", f"none runs; `monitor run` starts one ({find_binary()})"),
            Finding("feeds", f"{count} in the rules; how they fare is known to the server alone"),
        ]
    async with connected(url, patience=3) as client:
        try:
            facts = await look_at(client)
            in_force = await versions_in_force(client)
            held = await feeds_held(client, (feed.url for story in stories or () for feed in story.feeds))
        except REDIS as error:
            raise ServerError(
                f"the server does not let itself be looked at: {error}; allow its user INFO, TIME, SCAN and our keys"
            ) from error
    rows = overview(stories, held)
    followed = _followed(found, in_force) if facts.daemons and found is not None else []
    return [*server(facts, settings), *followed, *feeds(rows, now_utc(), polled=bool(facts.daemons))]


def _followed(found: Versions, in_force: Mapping[str, str]) -> list[Finding]:
    """Whether the daemon goes by the rules that are here. It takes them up within a second, unless it reads another folder."""
    other = [story.story for story, version in found if in_force.get(story.story) != version]
    if not other:
        return []
    return [
        Finding(
            "rules in force",
            f"the daemon goes by others than these for {_few(other)}",
            "wait a second, or see that MONITOR_RULES (or --rules) names the folder that the daemon reads",
        )
    ]


def server(facts: ServerFacts, settings: Settings) -> Iterator[Finding]:
    """A server that answers."""
    where = "given by MONITOR_REDIS_URL" if settings.redis_url else f"embedded, in {settings.data}"
    todo = "name the primary in MONITOR_REDIS_URL: a replica takes no writes" if facts.replica else ""
    yield Finding("server", f"{facts.name} {facts.version}, {where}", todo)
    yield _persistence(facts)
    yield _memory(facts)
    yield _data(facts, settings)
    ahead = facts.ahead.total_seconds()
    off = abs(facts.ahead) > _SKEW
    todo = "set both clocks by NTP: leases and times of first sight depend on them" if off else ""
    yield Finding(
        "clock", f"the server's is {abs(ahead):.1f} s {'ahead' if ahead > 0 else 'behind'}" if off else "agrees with the server's", todo
    )
    yield _daemon(facts)
    yield from _subscribers(facts)


def _persistence(facts: ServerFacts) -> Finding:
    if facts.unsaved:
        return Finding(
            "persistence", f"the server could not write its {facts.unsaved}", "see the server's log; most often its disk is full"
        )
    if facts.log_on:
        return Finding("persistence", "append-only file")
    kept = {True: "snapshots only: a crash loses the last minutes", False: "none: a restart loses everything", None: "not known"}
    return Finding("persistence", kept[facts.snapshots], "set `appendonly yes` on the server")


def _memory(facts: ServerFacts) -> Finding:
    used = f"{facts.used / 10**6:.0f} MB used"
    what = f"{used} of {facts.limit / 10**6:.0f} MB{'' if facts.limited else ' that the machine has'}" if facts.limit else used
    if facts.limited and facts.policy != "noeviction":
        todo = "set `maxmemory-policy noeviction` on the server: any other throws positions away"
        return Finding("memory", f"{what}, {facts.policy} when full", todo)
    if facts.limit and facts.used > _FULL * facts.limit:
        held = f" ({facts.behind[0]})" if facts.behind else ""
        return Finding("memory", f"{what}{held}", "give the server more memory, or lower MONITOR_KEEP_DAYS")
    return Finding("memory", what)


def _data(facts: ServerFacts, settings: Settings) -> Finding:
    if facts.layout is None:
        return Finding("layout", "no data on the server yet")
    what = f"layout {facts.layout}, {facts.partitions} partition{'' if facts.partitions == 1 else 's'}"
    if facts.layout != LAYOUT:
        return Finding(
            "layout", f"{what}; this program needs layout {LAYOUT}", "use another server or data folder, or the program that made it"
        )
    if facts.partitions != settings.partitions:
        return Finding("layout", f"{what}, but {settings.partitions} are set", f"set MONITOR_PARTITIONS={facts.partitions}")
    return Finding("layout", what)


def _daemon(facts: ServerFacts) -> Finding:
    waiting = f", {facts.unread} articles wait to be read" if facts.unread else ""
    if not facts.daemons:
        return Finding("daemon", f"none runs{waiting}", "start `monitor run`" if facts.unread else "")
    return Finding("daemon", f"{_few(facts.daemons)}{waiting}")


def _subscribers(facts: ServerFacts) -> Iterator[Finding]:
    """Groups that have stopped reading: what they have not read stays on the server."""
    now = now_utc() + facts.ahead
    late = [one for one in facts.behind if now - one.since > STOPPED and one.group != READERS]
    for one in late[:_NAMED]:
        yield Finding("subscriber", str(one), "start its program, or `XGROUP DESTROY` the group: nothing unread is trimmed")
    if len(late) > _NAMED:
        yield Finding("subscribers", f"{len(late)} groups have stopped reading", "`monitor watch` shows them (`s`)")


def feeds(rows: Sequence[FeedRow], now: datetime, *, polled: bool) -> Iterator[Finding]:
    """The feeds of the rules. polled: somebody is there who polls them."""
    named = [row for row in rows if row.condition is not Condition.GONE]
    failing = [row for row in named if row.condition is Condition.FAILING]
    new = sum(row.condition is Condition.NEW for row in named)
    late = [row for row in named if polled and row.late(now)]
    for row in sorted(failing, key=lambda row: -row.remembered.state.failures)[:_NAMED]:
        state = row.remembered.state
        since = f" since {state.last_success:%Y-%m-%d %H:%M}" if state.last_success else ""
        yield Finding(
            "feed", f"{row.feed.url} fails{since} ({state.failures} times: {state.problem})", "open it in a browser; correct or remove it"
        )
    if len(failing) > _NAMED:
        yield Finding("feeds", f"{len(failing)} of {len(named)} fail", "`monitor feeds list --failing` shows them all")
    moved = [row for row in named if row.remembered.state.address]
    for row in moved[:_NAMED]:
        yield Finding("feed", f"{row.feed.url} has moved to {row.remembered.state.address}", "change it in the rules")
    if late:
        todo = "raise MONITOR_POLLS or MONITOR_PARSERS, or poll less often"
        yield Finding("feeds", f"{len(late)} of {len(named)} are late: {_few([row.feed.url for row in late])}", todo)
    if not failing and not late and not moved:
        yield Finding(
            "feeds", f"{len(named)}, of which {new} were never polled" if new else f"{len(named)}, and none fails" if named else "none"
        )


def _few(names: Sequence[str]) -> str:
    more = f" and {len(names) - _NAMED} more" if len(names) > _NAMED else ""
    return ", ".join(names[:_NAMED]) + more
