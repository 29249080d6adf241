"""Stands between daemon and server, and cuts the connection at a call: before the server has it, before its reply, or in the middle of it."""

from __future__ import annotations

import asyncio
import contextlib
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import hiredis

WAYS = ("before the request", "before the reply", "in the reply")


@dataclass
class Proxy:
    """What passes, and where to cut."""

    url: str = ""
    target: int = 0
    calls: Counter[str] = field(default_factory=Counter)
    """What has been called how often."""
    wanted: tuple[str, str] | None = None
    """The call to cut at and the way; done when it is None again."""
    owed: int = 0
    """Cuts that wait for a reply."""
    names: dict[str, str] = field(default_factory=dict)
    """Hash of a script -> its first key, which tells them apart."""

    def cut(self, call: str) -> str | None:
        """How to cut at this call, once."""
        self.calls[call] += 1
        if self.wanted and self.wanted[0] == call:
            way, self.wanted = self.wanted[1], None
            return way
        return None

    async def pass_on(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """One connection."""
        with contextlib.suppress(OSError, asyncio.IncompleteReadError):
            back, forth = await asyncio.open_connection("127.0.0.1", self.target)
            state = {"way": ""}
            tasks = [asyncio.create_task(self._forth(reader, forth, state)), asyncio.create_task(self._back(back, writer, state))]
            try:
                await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
            finally:
                self.owed -= bool(state["way"])
                for task in tasks:
                    task.cancel()
                await asyncio.gather(*tasks, return_exceptions=True)
                forth.close()
        writer.close()

    async def _forth(self, reader: asyncio.StreamReader, forth: asyncio.StreamWriter, state: dict[str, str]) -> None:
        parser = hiredis.Reader(errors="replace", encoding="utf-8")
        while data := await reader.read(1 << 16):
            parser.feed(data)
            while (command := parser.gets()) is not False:
                if way := self.cut(named(command)):
                    if way == WAYS[0]:
                        return
                    self.owed += not state["way"]
                    state["way"] = way
            forth.write(data)
            await forth.drain()

    async def _back(self, back: asyncio.StreamReader, writer: asyncio.StreamWriter, state: dict[str, str]) -> None:
        while data := await back.read(1 << 16):
            if state["way"] == WAYS[1]:
                return
            if state["way"]:
                writer.write(data[: len(data) // 2])
                await writer.drain()
                return
            writer.write(data)
            await writer.drain()


def named(command: Any) -> str:
    """What a call is, in words: the command, and for scripts and blocking reads what they are about."""
    words = [str(word) for word in command] if isinstance(command, list) else [str(command)]
    name = words[0].upper()
    if name == "EVALSHA":
        return f"{name} {words[3].rpartition(':')[2]} {words[2]}"
    if name == "XREADGROUP":
        return f"{name} {words[2]} {words[-1]}"
    if name in ("HGETALL", "HMGET", "HSETNX", "ZADD", "XACK"):
        return " ".join([name, words[1].split(":")[2] if words[1].count(":") > 1 else words[1], *(words[2:3] if name == "XACK" else [])])
    return name


@asynccontextmanager
async def proxied() -> AsyncIterator[Proxy]:
    """A proxy on loopback."""
    made = Proxy()
    server = await asyncio.start_server(made.pass_on, "127.0.0.1", 0)
    made.url = f"redis://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    try:
        yield made
    finally:
        server.close()
