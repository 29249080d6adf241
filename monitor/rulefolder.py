"""A rules folder under the hands of people who edit it: opened anew when it has changed and come to rest.

It is looked at, not listened to: what the system tells of changes differs between editors (which write in place, by renaming, in
pieces), file systems, containers and folders that go and come back, while the names, sizes and times of a hundred files are read in a
millisecond.
"""

from __future__ import annotations

import asyncio
import os
from collections.abc import Iterator
from pathlib import Path

from monitor.engine.rulebook import Rulebook
from monitor.errors import InputError, MonitorError, RuleErrors
from monitor.rules.load import SHARED, keep_at_hand
from monitor.stories import open_rulebook

_SUFFIXES = (".yaml", ".yml")
_DEEPEST = 2
"""Folders below the rules folder that are looked into: a story's, and one too deep, which is told."""

Look = tuple[tuple[str, int, int, int], ...]
"""Path, time of change (ns), size and inode of each rule file."""


class RuleFolder:
    """The rules in a folder, as they were last found to be good."""

    def __init__(self, folder: Path) -> None:
        """Opens them. Raises RuleErrors or InputError."""
        self._folder = folder
        self._taken = self._seen = look(folder)
        self.rulebook = open_rulebook(folder)

    async def keep_at_hand(self) -> None:
        """Makes the first change as quick as the later ones, beside everything else."""
        try:
            await asyncio.to_thread(keep_at_hand, self._folder)
        except (OSError, InputError):  # it is being changed: then it will be read anyway
            return

    async def changed(self) -> Rulebook | MonitorError | None:
        """What has been saved since: rules, or what is wrong with them; None: nothing, or somebody is still writing.

        To be called a few times a second: what two calls find alike has come to rest.
        """
        now = look(self._folder)
        at_rest, self._seen = now == self._seen, now
        if now == self._taken or not at_rest:
            return None
        found: Rulebook | MonitorError
        try:
            found = await asyncio.to_thread(open_rulebook, self._folder, self.rulebook)
        except (RuleErrors, InputError) as error:
            found = error
        self._seen = look(self._folder)
        if self._seen != now:  # it was saved again while it was read
            return None
        self._taken = now
        if isinstance(found, Rulebook):
            self.rulebook = found
        return found


def look(folder: Path) -> Look:
    """How the rule files of a folder look from outside. Whatever cannot be read looks like nothing."""
    # Of a single story's folder the shared files stand beside it.
    return tuple(sorted({*_files(str(folder), 0), *_files(str(folder.parent / SHARED), _DEEPEST)}))


def _files(folder: str, depth: int) -> Iterator[tuple[str, int, int, int]]:
    try:
        found = [one for one in os.scandir(folder) if not one.name.startswith(".")]
    except OSError:
        return
    for one in found:
        try:
            if one.is_dir():
                if depth < _DEEPEST:
                    yield from _files(one.path, depth + 1)
            elif one.name.lower().endswith(_SUFFIXES):
                state = one.stat()
                yield one.path, state.st_mtime_ns, state.st_size, state.st_ino
        except OSError:  # it went while it was looked at
            continue
