"""The embedded server: a Valkey or Redis of our own in the data folder, shared by all programs that use the folder.

    users.lock      flock: shared by everybody inside the context, exclusive for the last one while it stops the server
    server.lock     flock: held by the server process itself (inherited), so it ends with the server, however that ends
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
from collections.abc import AsyncIterator, Callable
from dataclasses import asdict, dataclass
from pathlib import Path
from time import monotonic
from types import TracebackType
from typing import Self
from urllib.parse import quote

from redis.asyncio import Redis
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff
from redis.exceptions import BusyLoadingError, RedisError

from monitor.errors import DataFolderError, ServerError
from monitor.streams.process import HOST, find_binary, free_port, is_free, last_words, spawn

__all__ = ["EmbeddedServer", "Endpoint", "find_binary"]

WAIT = 10.0  # seconds for a server to answer, or for a leaver to have stopped it
STOP = 8.0  # seconds for a server to stop: less than WAIT, for newcomers wait meanwhile
PATIENCE = 1.0  # seconds for one reply
POLL = 0.005
SOCKET_PATH = 100  # bytes: the kernel's limit is 108 on Linux, 104 on macOS


@dataclass(frozen=True)
class Endpoint:
    """Where a server answers: TCP host and port, unix socket ("" when it has none), its working folder, its process."""

    host: str
    port: int
    socket: str
    dir: str
    pid: int

    @property
    def url(self) -> str:
        """What clients connect to: the socket where there is one, for only our user can open it."""
        return f"unix://{quote(self.socket)}" if self.socket else f"redis://{self.host}:{self.port}/0"


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
                last = self._last_seen()
                who = f"process {last.pid} " if last and last.pid else ""
                raise ServerError(f"the server {who}in {self._dir} runs but does not answer: end it, or see {self._log}")
            await asyncio.sleep(POLL)
        return None

    async def _start(self, lock: int) -> Endpoint:
        """Start the server, handing it the lock, and wait until it answers."""
        binary = await asyncio.to_thread(find_binary)
        path, reason = self._socket, ""
        for _ in range(5):
            target = Endpoint(HOST, self._choose_port(), path, str(self._dir), 0)
            self._remember(target)  # before the start: should we be killed meanwhile, others find it all the same
            process, begin = spawn(binary, self._dir, target.port, path, lock, self._log)
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
            elif "listening" not in reason:  # else somebody was quicker to take the port
                break
        raise ServerError(f"the server did not start: {reason} (see {self._log})")

    async def _find(self) -> Endpoint | None:
        """The server of our folder, wherever it answers, as it describes itself. BusyLoadingError: it does not answer yet."""
        last = self._last_seen()
        port = last.port if last else 0
        for url in dict.fromkeys(Endpoint(HOST, port, path, "", 0).url for path in (self._socket, "")):
            try:
                async with _client(url) as client:
                    found = await _describe(client, self._dir)
            except BusyLoadingError:
                raise
            except (RedisError, OSError):  # nobody there, or something that is not a server
                continue
            if found:
                if found != last:
                    self._remember(found)
                return found
        return None

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
                        async with _client(found.url) as client:
                            await client.shutdown()
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
        last = self._last_seen()
        if self._endpoint and last and is_free(last.port):  # it died under us: clients know this port
            return last.port
        if self._port:
            if not is_free(self._port):
                raise ServerError(f"port {self._port} is taken by another program: set MONITOR_PORT to another, or to 0 for any")
            return self._port
        return last.port if last and is_free(last.port) else free_port()

    def _last_seen(self) -> Endpoint | None:
        try:
            last = Endpoint(**json.loads((self._data / "endpoint.json").read_bytes()))
        except (OSError, ValueError, TypeError):  # absent, or written by something else: no hint then
            return None
        return last if isinstance(last.port, int) and 0 < last.port < 65536 and isinstance(last.socket, str) else None

    def _remember(self, endpoint: Endpoint) -> None:
        try:
            file, name = tempfile.mkstemp(prefix="endpoint-", dir=self._data)  # mode 0600
            with os.fdopen(file, "w", encoding="utf-8") as output:
                json.dump(asdict(endpoint), output)
            Path(name).replace(self._data / "endpoint.json")
        except OSError as error:
            raise self._unusable(error) from error


@contextlib.asynccontextmanager
async def _client(url: str) -> AsyncIterator[Redis]:
    """A client for a look: it gives up soon and repeats nothing."""
    client = Redis.from_url(
        url,
        protocol=3,
        retry=Retry(NoBackoff(), 0),
        socket_timeout=PATIENCE,
        socket_connect_timeout=PATIENCE,
        decode_responses=True,
        encoding_errors="surrogateescape",  # as Python reads file names
    )
    try:
        yield client
    finally:
        await client.aclose()


async def _describe(client: Redis, folder: Path) -> Endpoint | None:
    """The server behind the client, if it works in `folder` and is ready."""
    said = await client.config_get("dir", "port", "unixsocket")  # answered while loading, so that we don't wait for a stranger
    if said.get("dir") != str(folder):  # the server says what getcwd says: no links in it
        return None
    await client.ping()
    pid = int((await client.info("server"))["process_id"])
    return Endpoint(HOST, int(said["port"] or 0), _if_there(said["unixsocket"] or ""), str(folder), pid)


def _if_there(path: str) -> str:
    return path if Path(path).is_socket() else ""


async def _until(done: Callable[[], bool], seconds: float) -> bool:
    """Whether `done` came true in time."""
    end = monotonic() + seconds
    while not (come := done()) and monotonic() < end:  # noqa: ASYNC110 # what other processes do raises no event
        await asyncio.sleep(POLL)
    return come
