"""The real program as a process, for tests that need its signals, its output or its death."""

from __future__ import annotations

import asyncio
import json
import signal
import sys
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from monitor.streams.endpoint import last_seen, password_of
from tests.conftest import bare_environment

PATIENCE = 20.0
"""Seconds after which a test gives up on something that should happen at once, on a loaded machine too."""


@dataclass
class Program:
    """A running `monitor`. log: its log lines so far, parsed. notes: the lines for a person."""

    process: asyncio.subprocess.Process
    log: list[dict[str, Any]] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    _grown: asyncio.Condition = field(default_factory=asyncio.Condition)

    async def listen(self) -> None:
        """Collects what it says until it ends."""
        assert self.process.stderr is not None
        async for raw in self.process.stderr:
            line = raw.decode().rstrip()
            async with self._grown:
                if line.startswith("{"):
                    self.log.append(json.loads(line))
                else:
                    self.notes.append(line)
                self._grown.notify_all()

    async def logged(self, event: str, wanted: Callable[[dict[str, Any]], bool] = lambda _: True) -> dict[str, Any]:
        """Waits for a log line."""

        def found() -> dict[str, Any] | None:
            return next((row for row in self.log if row["event"] == event and wanted(row)), None)

        async with self._grown:
            await asyncio.wait_for(self._grown.wait_for(lambda: found() is not None), PATIENCE)
        row = found()
        assert row is not None
        return row

    async def ended(self) -> int:
        """Waits for its end; its exit code."""
        return await asyncio.wait_for(self.process.wait(), PATIENCE)

    def send(self, number: signal.Signals) -> None:
        """Sends it a signal."""
        self.process.send_signal(number)


@asynccontextmanager
async def program(*arguments: str, **environment: str) -> AsyncIterator[Program]:
    """`monitor ARGUMENTS` as a process; ended at the end of the test, in good order if it can be."""
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "monitor",
        *arguments,
        stderr=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.DEVNULL,
        env=bare_environment(**environment),
    )
    made = Program(process)
    listening = asyncio.create_task(made.listen())
    try:
        yield made
    finally:
        if process.returncode is None:
            process.terminate()
            try:
                await asyncio.wait_for(process.wait(), PATIENCE)
            except TimeoutError:
                process.kill()
                await process.wait()
        await listening


def address_of(data: Path) -> str:
    """The address of the embedded server of a data folder, with its password, for clients that are not of the program."""
    found = last_seen(data)
    assert found
    return replace(found, password=password_of(data)).tcp


def port_of(data: Path) -> int:
    """Where the embedded server of a data folder listens."""
    return int(json.loads((data / "endpoint.json").read_text())["port"])
