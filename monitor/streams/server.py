"""The embedded server: a Valkey or Redis of our own in the data folder, shared by all programs that use the folder.

    users.lock      flock: shared by everybody inside the context, exclusive for the last one while it stops the server
    server.lock     flock: held by the server process itself (inherited), so it ends with the server, however that ends
    password        what clients have to say, for the owner alone; a folder from before there were passwords has none
    endpoint.json   where the server was last seen: a hint, believed only when the server that answers there works in our folder
    server.log      the server's output
    server/         its working folder: the append-only file, which is the truth, and the socket

Whoever gets `server.lock` starts the server; who doesn't get it looks for the one that runs. The server is no child of anybody's
terminal and outlives a program that is killed; the next one finds it and goes on.
"""

from __future__ import annotations

import asyncio
import contextlib
import fcntl
import json
import os
import subprocess
import tempfile
from collections.abc import Callable
from pathlib import Path
from time import monotonic
from types import TracebackType
from typing import Self

import structlog
from redis.exceptions import BusyLoadingError, RedisError

from monitor.errors import DataFolderError, ServerError
from monitor.streams.endpoint import NOTE, PASSWORD, Endpoint, client, find, last_seen, new_password, password_of
from monitor.streams.process import HOST, find_binary, free_port, is_free, last_words, repaired, spawn

__all__ = ["EmbeddedServer", "Endpoint", "find_binary"]

log = structlog.get_logger()

WAIT = 10.0  # seconds for a server to answer, or for a leaver to have stopped it
STOP = 8.0  # seconds for a server to stop: less than WAIT, for newcomers wait meanwhile
POLL = 0.005
SOCKET_PATH = 100  # bytes: the kernel's limit is 108 on Linux, 104 on macOS


class EmbeddedServer:
    """The server of a data folder, started if it does not run, and stopped when its last user leaves.

    `async with EmbeddedServer(data) as server: server.endpoint`. `port` is used when this start is the one that starts the
    server: 0 takes the port used last time, or any free one. A server that runs already is shared, whatever its port.
    """

    def __init__(self, data: Path, port: int = 0) -> None:
        self._data = data.expanduser().resolve()
        self._dir = (self._data / "server").resolve()
        path = str(self._dir / "valkey.sock")
        # TCP alone will do where the kernel takes no such path, or a URL cannot carry it.
        self._socket = path if len(os.fsencode(path)) <= SOCKET_PATH and path.isprintable() else ""
        self._log = self._data / "server.log"
        self._port = port
        self._endpoint: Endpoint | None = None
        self._users: int | None = None
        self._process: subprocess.Popen[bytes] | None = None
        self._ensuring = asyncio.Lock()

    @property
    def endpoint(self) -> Endpoint:
        """Where the server was when last looked at (see `ensure`)."""
        if self._endpoint is None:
            raise RuntimeError("EmbeddedServer is used outside its context")
        return self._endpoint

    async def __aenter__(self) -> Self:
        self._prepare()
        self._users = users = self._open_lock("users.lock")
        try:
            if await _until(lambda: self._lock(users, fcntl.LOCK_SH), WAIT):
                await self.ensure()
                return self
        except BaseException:  # cancelled too: nothing of ours may stay locked
            await self._leave()
            raise
        await self._leave()
        raise ServerError(f"another program is stopping the server in {self._data} and does not finish: try again")

    async def __aexit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        await self._leave()

    async def ensure(self) -> Endpoint:
        """The endpoint of a server that answers now; starts it again, on the same port, if it died."""
        if self._users is None:
            raise RuntimeError("EmbeddedServer is used outside its context")
        async with self._ensuring:
            self._endpoint = await self._find_or_start()
        return self._endpoint

    async def _find_or_start(self) -> Endpoint:
        lock = self._open_lock("server.lock")
        try:  # who gets the lock knows that no server lives, whatever endpoint.json says
            return await self._answer(lambda: self._lock(lock, fcntl.LOCK_EX)) or await self._start(lock)
        finally:
            os.close(lock)  # the server has its own copy

    async def _answer(self, gone: Callable[[], bool]) -> Endpoint | None:
        """The server as soon as it answers; None when it is gone."""
        end = monotonic() + WAIT
        while not gone():
            try:
                if found := await self._find():
                    return found
            except BusyLoadingError:  # as long as it reads its file it is not late
                end = monotonic() + WAIT
            if monotonic() > end:
                raise self._silent()
            await asyncio.sleep(POLL)
        return None

    async def _start(self, lock: int) -> Endpoint:
        """Start the server, handing it the lock, and wait until it answers."""
        binary = await asyncio.to_thread(find_binary)
        # Data from before there were passwords go on without: other programs read them.
        password = password_of(self._data) or ("" if any(self._dir.iterdir()) else new_password(self._data))
        path, reason, repair = self._socket, "", True
        for _ in range(5):
            target = Endpoint(HOST, self._choose_port(), path, str(self._dir), 0, password)
            self._remember(target)  # before the start: should we be killed meanwhile, others find it all the same
            process, begin = spawn(binary, self._dir, target.port, path, target.password, lock, self._log)
            self._process = process
            try:
                if found := await self._answer(lambda process=process: process.returncode is not None):  # type: ignore[misc]
                    return found
            except BaseException:  # also when cancelled: a server nobody waits for must not stay
                process.terminate()
                raise
            reason = last_words(self._log, begin)
            if "unix" in reason.lower() and path:
                path = ""  # some file systems have no sockets
            elif "append only file" in reason and repair:
                repair = False
                if (kept := await asyncio.to_thread(repaired, binary, self._dir)) is None:
                    break
                log.warning(
                    "server.repaired", problem=reason.partition(":")[0], kept=str(kept), hint="what it lost is put back if it can be"
                )
            elif "listening" not in reason:  # else somebody was quicker to take the port
                break
        raise ServerError(f"the server did not start: {reason} (see {self._log})")

    async def running(self) -> Endpoint | None:
        """The server if it runs. Needs no context; starts and creates nothing. Raises ServerError when it runs but does not answer."""
        try:
            if found := await find(self._dir, self._socket, last_seen(self._data), password_of(self._data)):
                return found
        except BusyLoadingError as error:
            raise ServerError(f"the server in {self._dir} is still reading its file: try again") from error
        if not (self._data / "server.lock").exists():
            return None
        lock = self._open_lock("server.lock")
        try:
            if self._lock(lock, fcntl.LOCK_EX):
                return None
        finally:
            os.close(lock)
        raise self._silent()

    async def _find(self) -> Endpoint | None:
        """The server of our folder, noted down where it is now. BusyLoadingError: it does not answer yet."""
        last = last_seen(self._data)
        found = await find(self._dir, self._socket, last, password_of(self._data))
        if found and (last is None or found.note != last.note):
            self._remember(found)
        return found

    def _silent(self) -> ServerError:
        last = last_seen(self._data)
        who = f"process {last.pid} " if last and last.pid else ""
        return ServerError(
            f"the server {who}in {self._dir} runs but does not answer, or not to the password in "
            f"{self._data / PASSWORD}: end it, or see {self._log}"
        )

    async def _leave(self) -> None:
        """Give up our share; the last one out stops the server, and newcomers wait for that."""
        users, self._users, self._endpoint = self._users, None, None
        if users is None:
            return
        try:
            self._lock(users, fcntl.LOCK_UN)
            if self._lock(users, fcntl.LOCK_EX):
                await self._stop()
        finally:
            os.close(users)

    async def _stop(self) -> None:
        lock = self._open_lock("server.lock")
        try:
            end = monotonic() + STOP  # one that does not stop by then is left to the next user
            while not self._lock(lock, fcntl.LOCK_EX) and monotonic() < end:
                with contextlib.suppress(RedisError, OSError):
                    if found := await self._find():
                        async with client(found.url) as asked:
                            await asked.shutdown()
                await _until(lambda: self._lock(lock, fcntl.LOCK_EX), 1.0)
        finally:
            os.close(lock)
        if process := self._process:
            await _until(lambda: process.returncode is not None, 1.0)  # reaped, so that no zombie is left behind us

    def _prepare(self) -> None:
        try:
            self._data.mkdir(mode=0o700, parents=True, exist_ok=True)
            self._dir.mkdir(mode=0o700, exist_ok=True)
        except OSError as error:
            raise self._unusable(error) from error

    def _open_lock(self, name: str) -> int:
        try:
            return os.open(self._data / name, os.O_RDWR | os.O_CREAT, 0o600)
        except OSError as error:
            raise self._unusable(error) from error

    def _lock(self, file: int, how: int) -> bool:
        """Whether the lock was to be had, without waiting for it."""
        try:
            fcntl.flock(file, how | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        except OSError as error:
            raise DataFolderError(
                f"{self._data} is on a file system without locks ({error.strerror}): set MONITOR_DATA to a local folder"
            ) from error
        return True

    def _unusable(self, error: OSError) -> DataFolderError:
        return DataFolderError(f"cannot use {self._data} as data folder: {error.strerror}: {error.filename}: set MONITOR_DATA")

    def _choose_port(self) -> int:
        last = last_seen(self._data)
        if self._endpoint and last and is_free(last.port):  # it died under us: clients know this port
            return last.port
        if self._port:
            if not is_free(self._port):
                raise ServerError(f"port {self._port} is taken by another program: set MONITOR_PORT to another, or to 0 for any")
            return self._port
        return last.port if last and is_free(last.port) else free_port()

    def _remember(self, endpoint: Endpoint) -> None:
        try:
            file, name = tempfile.mkstemp(prefix="endpoint-", dir=self._data)  # mode 0600
            with os.fdopen(file, "w", encoding="utf-8") as output:
                json.dump(endpoint.note, output)
            Path(name).replace(self._data / NOTE)
        except OSError as error:
            raise self._unusable(error) from error


async def _until(done: Callable[[], bool], seconds: float) -> bool:
    """Whether `done` came true in time."""
    end = monotonic() + seconds
    while not (come := done()) and monotonic() < end:  # noqa: ASYNC110 # what other processes do raises no event
        await asyncio.sleep(POLL)
    return come
