"""Daemons as processes, seen from outside."""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import signal
import sys
import time
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any


class Zygote:
    """The process that daemons are forked from."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self._process, self._turn = process, asyncio.Lock()

    async def ask(self, question: Mapping[str, object]) -> Any:
        """Has it do something; its answer."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        async with self._turn:
            self._process.stdin.write(json.dumps(question).encode() + b"\n")
            line = await self._process.stdout.readline()
        if not line:
            raise EOFError("the launcher has ended")
        return json.loads(line)


@dataclass
class Daemon:
    """A daemon's process. code: how it ended."""

    zygote: Zygote
    pid: int
    code: int | None = None

    async def ended(self) -> bool:
        """Whether it has."""
        if self.code is None:
            self.code = await self.zygote.ask({"ended": self.pid})
        return self.code is not None

    async def wait(self, patience: float) -> bool:
        """Waits for its end, for so many seconds."""
        until = time.monotonic() + patience
        while not await self.ended():
            if time.monotonic() > until:
                return False
            await asyncio.sleep(0.02)
        return True

    @property
    def stopped(self) -> bool:
        """Whether it is frozen by a signal."""
        try:
            return Path(f"/proc/{self.pid}/stat").read_text().rpartition(")")[2].split()[0] == "T"
        except FileNotFoundError:
            return False

    @property
    def resident(self) -> int:
        """Bytes of memory that it has in hand; 0 when it has ended."""
        try:
            [line] = [row for row in Path(f"/proc/{self.pid}/status").read_text().splitlines() if row.startswith("VmRSS")]
        except (FileNotFoundError, ValueError):
            return 0
        return int(line.split()[1]) * 1024

    def send(self, number: signal.Signals) -> None:
        """Sends it a signal, unless it has ended."""
        if self.code is None:
            with contextlib.suppress(ProcessLookupError):
                os.kill(self.pid, number)


@asynccontextmanager
async def zygote(rules: Path, more: Mapping[str, str] | None = None) -> AsyncIterator[Zygote]:
    """A process to fork daemons from. rules: a folder to read once, so that words and their forms are at hand. more: of its environment."""
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "tests.faults.launch", str(rules)),
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        env={**os.environ, **(more or {})},
    )
    try:
        yield Zygote(process)
    finally:
        assert process.stdin is not None
        process.stdin.close()
        await process.wait()
