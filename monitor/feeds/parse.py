"""Parsing in worker processes that can be killed: some bodies make a parser hang, and some eat all memory.

parse() ──► an idle worker ──► answer ──► idle again
                 │
                 └─ too slow, too large, dead, or the caller was cancelled ──► killed, reaped, replaced
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import sys
from collections.abc import Collection
from pathlib import Path
from typing import Any, Self

from monitor.feeds.parsed import Entry, ParsedFeed, ParseFailed, from_json

__all__ = ["Entry", "ParseFailed", "ParsedFeed", "ParserPool"]

_START = 30.0  # seconds for a worker to get ready; it takes 0.2 on an idle machine
_MAX_ANSWER = 64 * 1024 * 1024  # bytes: an answer is about as large as the body, JSON escapes at most six times
_ROOT = str(Path(__file__).resolve().parents[2])
_CLOSED = ParseFailed("the program is stopping")


class ParserPool:
    """Pre-started worker processes that parse feeds, one body at a time each.

    size: workers. timeout: seconds that a body may take. memory: bytes of address space of a worker, where that can be set.
    """

    def __init__(self, size: int = 1, timeout: float = 5.0, memory: int = 512 * 1024 * 1024) -> None:
        self._size = size
        self._timeout = timeout
        self._memory = memory
        # One slot a worker; None where the worker has to be started first.
        self._slots: asyncio.Queue[_Worker | None] = asyncio.Queue()
        self._workers: set[_Worker] = set()
        self._replacements: set[asyncio.Task[None]] = set()
        self._open = asyncio.Event()

    async def __aenter__(self) -> Self:
        await self.start()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.close()

    async def start(self) -> None:
        """Start the workers and wait until they are ready. Raises OSError when they cannot be started."""
        started = await asyncio.gather(*(self._spawn() for _ in range(self._size)), return_exceptions=True)
        errors = [outcome for outcome in started if isinstance(outcome, BaseException)]
        if errors:
            for worker in list(self._workers):
                await self._retire(worker)
            raise errors[0]
        for worker in self._workers:
            self._slots.put_nowait(worker)
        self._open.set()

    async def close(self) -> None:
        """End all workers and reap them. A parse under way gives ParseFailed. May be called twice."""
        if not self._open.is_set():
            return
        self._open.clear()
        for worker in self._workers:
            worker.kill()
        # Each slot comes back, those in use by way of their replacement.
        for _ in range(self._size):
            worker_or_none = await self._slots.get()
            if worker_or_none is not None:
                await self._retire(worker_or_none)
        await asyncio.gather(*self._replacements)

    async def parse(self, body: bytes, content_type: str, base_url: str, seen: Collection[str] = ()) -> ParsedFeed | ParseFailed:
        """The feed in `body`; waits for an idle worker.

        content_type: the header as sent, or "". base_url: what relative links are relative to. seen: pieces of earlier bodies
        (`ParsedFeed.pieces`) whose entries need not be read again.
        """
        request = {"content_type": content_type, "base_url": base_url, "seen": list(seen)}
        answer = await self._ask(request, body)
        return answer if isinstance(answer, ParseFailed) else from_json(answer)

    async def page(self, body: bytes, content_type: str, url: str) -> str | ParseFailed:
        """The text of the article on a page; "" when none is found. Needs what `fulltext.missing` tells of."""
        answer = await self._ask({"page": url, "content_type": content_type}, body)
        return answer if isinstance(answer, ParseFailed) else str(answer["text"])

    async def allows(self, robots: bytes, url: str, agent: str) -> bool | ParseFailed:
        """Whether a robots.txt lets `agent` read `url`. Here, because its patterns may be made to take for ever."""
        answer = await self._ask({"robots": url, "agent": agent}, robots)
        return answer if isinstance(answer, ParseFailed) else bool(answer["allowed"])

    async def _ask(self, request: dict[str, Any], body: bytes) -> dict[str, Any] | ParseFailed:
        if not self._open.is_set():
            return _CLOSED
        worker = await self._slots.get()
        healthy = False
        try:
            if not self._open.is_set():
                return _CLOSED
            if worker is None or not worker.alive:
                if worker is not None:
                    await self._retire(worker)
                worker = None
                worker = await self._spawn()
            if "page" in request or "robots" in request:
                await self._ready_for_pages(worker)
            answer = await asyncio.wait_for(worker.ask(request | {"timeout": self._timeout}, body), self._timeout)
            healthy = True
            return ParseFailed(answer["problem"]) if "problem" in answer else answer
        except TimeoutError:
            return ParseFailed(f"parsing it takes longer than {self._timeout:g} s")
        except (EOFError, ConnectionError):
            return ParseFailed("the parser process died of it") if self._open.is_set() else _CLOSED
        except OSError as error:
            return ParseFailed(f"the parser process cannot be started: {error}")
        except _TooLarge:
            return ParseFailed("what it contains is larger than a feed should be")
        finally:
            self._give_back(worker, healthy=healthy)

    async def _ready_for_pages(self, worker: _Worker) -> None:
        """Has it load what pages need, which takes seconds, before the time for a page begins."""
        if not worker.reads_pages:
            await asyncio.wait_for(worker.ask({"load": True, "timeout": _START}, b""), _START)
            worker.reads_pages = True

    def _give_back(self, worker: _Worker | None, *, healthy: bool) -> None:
        if worker is None or healthy:
            self._slots.put_nowait(worker)
            return
        worker.kill()
        # A task, because the caller may have been cancelled, and has no reason to wait.
        task = asyncio.get_running_loop().create_task(self._replace(worker))
        self._replacements.add(task)
        task.add_done_callback(self._replacements.discard)

    async def _replace(self, worker: _Worker) -> None:
        fresh: _Worker | None = None
        try:
            await self._retire(worker)
            if self._open.is_set():
                # When it fails, the next parse tries again, and says why.
                with contextlib.suppress(OSError):
                    fresh = await self._spawn()
        finally:
            self._slots.put_nowait(fresh)

    async def _spawn(self) -> _Worker:
        """A worker that is ready. Raises OSError."""
        worker = await _Worker.start(self._memory)
        self._workers.add(worker)
        try:
            await asyncio.wait_for(worker.answer(), _START)
        except BaseException as error:
            worker.kill()
            await self._retire(worker)
            if isinstance(error, (TimeoutError, EOFError, _TooLarge)):
                raise ChildProcessError(f"it ended with {worker.returncode} before it was ready") from error
            raise
        return worker

    async def _retire(self, worker: _Worker) -> None:
        await worker.stop()
        self._workers.discard(worker)


class _TooLarge(Exception):
    """An answer longer than any feed makes it."""


class _Worker:
    """A worker process and the two pipes to it."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        if process.stdin is None or process.stdout is None:
            raise ValueError("a worker needs both pipes")
        self._process = process
        self._stdin = process.stdin
        self._stdout = process.stdout
        self.reads_pages = False

    @classmethod
    async def start(cls, memory: int) -> _Worker:
        # -P: a file called feedparser.py in the folder that the user works in is not the module. Ours is found where it is now.
        path = os.pathsep.join(part for part in (os.environ.get("PYTHONPATH", ""), _ROOT) if part)
        return cls(
            await asyncio.create_subprocess_exec(
                *(sys.executable, "-P", "-W", "ignore", "-m", "monitor.feeds.parse_child", str(memory)),
                stdin=asyncio.subprocess.PIPE,
                stdout=asyncio.subprocess.PIPE,
                start_new_session=True,  # out of reach of Ctrl-C: the program decides when they end
                # What hostile bodies are read in knows no secrets.
                env={name: value for name, value in os.environ.items() if not name.startswith(("FEED_", "MONITOR_"))}
                | {"PYTHONPATH": path},
            )
        )

    @property
    def alive(self) -> bool:
        return self._process.returncode is None

    @property
    def returncode(self) -> int | None:
        return self._process.returncode

    async def ask(self, request: dict[str, Any], body: bytes) -> dict[str, Any]:
        """Send a request, receive its answer. Raises ConnectionError or EOFError when the worker dies over it."""
        head = json.dumps(request).encode()
        self._stdin.writelines([len(head).to_bytes(4), head, len(body).to_bytes(4), body])
        await self._stdin.drain()
        return await self.answer()

    async def answer(self) -> dict[str, Any]:
        size = int.from_bytes(await self._stdout.readexactly(4))
        if size > _MAX_ANSWER:
            raise _TooLarge
        answer: dict[str, Any] = json.loads(await self._stdout.readexactly(size))
        return answer

    def kill(self) -> None:
        with contextlib.suppress(ProcessLookupError):
            self._process.kill()

    async def stop(self) -> None:
        """Kill it, reap it, close both pipes. Nobody else may be reading from it."""
        self.kill()
        self._stdin.close()
        # The transport closes by itself when the process is reaped and both pipes are at their end: read away what is left.
        while await self._stdout.read(1 << 20):
            pass
        with contextlib.suppress(ConnectionError):
            await self._stdin.wait_closed()
        await self._process.wait()
