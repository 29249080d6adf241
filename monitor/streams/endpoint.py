"""Where the embedded server answers: how it is noted down, and how it is found again. Nothing here starts or stops one."""

from __future__ import annotations

import contextlib
import json
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

from redis.asyncio import Redis
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff
from redis.exceptions import BusyLoadingError, RedisError

from monitor.streams.process import HOST

NOTE = "endpoint.json"
"""File in the data folder that says where the server was last seen: a hint."""
PATIENCE = 1.0  # seconds for one reply


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


def last_seen(data: Path) -> Endpoint | None:
    """Where the server of a data folder was last seen."""
    try:
        last = Endpoint(**json.loads((data / NOTE).read_bytes()))
    except (OSError, ValueError, TypeError):  # absent, or written by something else: no hint then
        return None
    return last if isinstance(last.port, int) and 0 < last.port < 65536 and isinstance(last.socket, str) else None


async def find(folder: Path, socket: str, last: Endpoint | None) -> Endpoint | None:
    """The server that works in a folder, wherever it answers, as it describes itself. BusyLoadingError: it does not answer yet."""
    port = last.port if last else 0
    for url in dict.fromkeys(Endpoint(HOST, port, path, "", 0).url for path in (socket, "")):
        try:
            async with client(url) as asked:
                found = await _describe(asked, folder)
        except BusyLoadingError:
            raise
        except (RedisError, OSError):  # nobody there, or something that is not a server
            continue
        if found:
            return found
    return None


@contextlib.asynccontextmanager
async def client(url: str) -> AsyncIterator[Redis]:
    """A client for a look: it gives up soon and repeats nothing."""
    made = Redis.from_url(
        url,
        protocol=3,
        retry=Retry(NoBackoff(), 0),
        socket_timeout=PATIENCE,
        socket_connect_timeout=PATIENCE,
        decode_responses=True,
        encoding_errors="surrogateescape",  # as Python reads file names
    )
    try:
        yield made
    finally:
        await made.aclose()


async def _describe(asked: Redis, folder: Path) -> Endpoint | None:
    """The server behind the client, if it works in `folder` and is ready."""
    said = await asked.config_get("dir", "port", "unixsocket")  # answered while loading, so that we don't wait for a stranger
    if said.get("dir") != str(folder):  # the server says what getcwd says: no links in it
        return None
    await asked.ping()
    pid = int((await asked.info("server"))["process_id"])
    return Endpoint(HOST, int(said["port"] or 0), _if_there(said["unixsocket"] or ""), str(folder), pid)


def _if_there(path: str) -> str:
    return path if Path(path).is_socket() else ""
