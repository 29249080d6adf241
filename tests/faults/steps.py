"""The steps at which a daemon can be made to kill itself, wrapped from outside: the program knows nothing of them.

An arm file `STEP before|after NTH SIGNAL` is looked for whenever a step is passed; the process that takes it sends itself the signal:
SIGKILL ends it there, SIGSTOP freezes it there.
"""

from __future__ import annotations

import functools
import os
import signal
from collections.abc import Awaitable, Callable, Sequence
from datetime import timedelta
from pathlib import Path
from typing import Any

from monitor import archive, daemon, poller
from monitor.streams import articles, polls, rulesets, stories
from monitor.streams.keys import ARCHIVISTS
from tests.faults import bugs

STARTING = ("polls.prepare", "polls.register", "readers.prepare", "archive.prepare", "story.load", "articles.beat")
"""Steps that a daemon passes when it starts."""
WORKING = (
    "polls.lease",
    "polls.state",
    "poll.fetch",
    "polls.known",
    "polls.commit",
    "readers.new",
    "story.commit",
    "readers.acknowledge",
    "archive.new",
    "archive.append",
    "archive.write",
    "archive.acknowledge",
    "articles.abandoned",
    "articles.pending",
)
"""Steps that it passes over and over."""
ENDING = ("readers.leave", "archive.leave")
"""Steps that it passes when told to stop."""
CHANGING = ("rules.commit",)
"""Steps that it passes when rules change."""

_ARM = Path()


def passed(step: str, when: str) -> None:
    """A step is about to be done, or has been done."""
    try:
        armed = _ARM.read_text().split()
    except FileNotFoundError:
        return
    if armed[:2] != [step, when]:
        return
    left, name = int(armed[2]), armed[3]
    if left > 1:
        _ARM.write_text(f"{step} {when} {left - 1} {name}")
        return
    _ARM.unlink()
    os.kill(os.getpid(), signal.Signals[name])


def _around(owner: Any, name: str, step: str | Callable[..., str]) -> None:
    done: Callable[..., Awaitable[Any]] = getattr(owner, name)

    @functools.wraps(done)
    async def wrapped(*args: Any, **more: Any) -> Any:
        named = step if isinstance(step, str) else step(*args)
        passed(named, "before")
        result = await done(*args, **more)
        passed(named, "after")
        return result

    setattr(owner, name, wrapped)


def _around_plain(owner: Any, name: str, step: str) -> None:
    done: Callable[..., Any] = getattr(owner, name)

    @functools.wraps(done)
    def wrapped(*args: Any, **more: Any) -> Any:
        passed(step, "before")
        result = done(*args, **more)
        passed(step, "after")
        return result

    setattr(owner, name, wrapped)


def _of_group(name: str) -> Callable[..., str]:
    def named(self: Any, *_: Any) -> str:
        return f"{'archive' if self._group == ARCHIVISTS else 'readers'}.{name}"

    return named


class _Os:
    """`os` as the archive uses it, whose writes are torn in two."""

    def __getattr__(self, name: str) -> Any:
        return getattr(os, name)

    def write(self, handle: int, data: Any) -> int:
        """Half of it, then the other half."""
        half = len(data) // 2
        written = os.write(handle, data[:half])
        passed("archive.write", "before")
        written += os.write(handle, data[half:])
        passed("archive.write", "after")
        return written


def install(arm: Path, bug: str, *, hurry: bool) -> None:
    """Wraps the steps of this process. bug: one to break a step by. hurry: who is dead is taken for dead after two seconds, not ten."""
    global _ARM
    _ARM = arm
    if hurry:
        _hurry()
    if bug:
        bugs.plant(bug)
    for name in ("prepare", "register", "lease", "state", "known", "commit"):
        _around(polls.Polls, name, f"polls.{name}")
    for name in ("prepare", "new", "acknowledge", "leave"):
        _around(articles.Articles, name, _of_group(name))
    for name in ("pending", "abandoned", "beat"):
        _around(articles.Articles, name, f"articles.{name}")
    for name in ("load", "commit"):
        _around(stories.StoryStore, name, f"story.{name}")
    _around(rulesets.RuleSets, "_commit", "rules.commit")
    _around(poller, "fetch", "poll.fetch")
    _around_plain(archive.Archive, "append", "archive.append")
    archive.os = _Os()  # type: ignore[assignment, attr-defined]


def _hurry() -> None:
    short = timedelta(seconds=2)
    polls.ALIVE = poller.ALIVE = short  # type: ignore[attr-defined]
    articles._BEAT = int(short.total_seconds() * 1000)
    paces: dict[float, float] = {1: 0.2, 3: 0.4}
    every = daemon.every
    daemon.every = lambda seconds: every(paces.get(seconds, seconds))


def moments(steps: Sequence[str]) -> list[tuple[str, str]]:
    """Every step, before and after."""
    return [(step, when) for step in steps for when in ("before", "after")]
