"""Where the embedded server answers: how it is noted down, and how it is found again. Nothing here starts or stops one."""

from __future__ import annotations

import contextlib
import json
import os
import secrets
from collections.abc import AsyncIterator
from dataclasses import asdict, dataclass, field
from pathlib import Path
from urllib.parse import quote

from redis.asyncio import Redis
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff
from redis.exceptions import BusyLoadingError, RedisError

from monitor.errors import DataFolderError
from monitor.streams.process import HOST

NOTE = "endpoint.json"
"""File in the data folder that says where the server was last seen: a hint."""
PASSWORD = "password"  # noqa: S105 - a name
"""File in the data folder with the password of its server, for the owner alone. Without it the server asks for none."""
PATIENCE = 1.0  # seconds for one reply


@dataclass(frozen=True)
class Endpoint:
    """Where a server answers: TCP host and port, unix socket ("" when it has none), its working folder, its process; and its password
    ("" when it has none), which is no part of what is noted down."""

    host: str
    port: int
    socket: str
    dir: str
    pid: int
    password: str = field(default="", repr=False)

    @property
    def url(self) -> str:
        """What clients connect to: the socket where there is one, for only our user can open it."""
        return f"unix://{self._login}{quote(self.socket)}" if self.socket else self.tcp

    @property
    def tcp(self) -> str:
        """The address by TCP, which every client of Redis understands."""
        return f"redis://{self._login}{self.host}:{self.port}/0"

    @property
    def note(self) -> dict[str, object]:
        """What is noted down."""
        return {name: value for name, value in asdict(self).items() if name != "password"}

    @property
    def _login(self) -> str:
        return f":{quote(self.password, safe='')}@" if self.password else ""


def password_of(data: Path) -> str:
    """The password of a data folder's server; "" for none. Raises DataFolderError."""
    try:
        return (data / PASSWORD).read_text(encoding="utf-8").strip()
    except (FileNotFoundError, NotADirectoryError):  # whoever needs the folder says what is wrong with it
        return ""
    except (OSError, UnicodeError) as error:
        raise DataFolderError(f"the server's password cannot be read from {data / PASSWORD}: {error}") from error


def new_password(data: Path) -> str:
    """Makes a password for the server of a data folder, from its next start on. Raises DataFolderError."""
    made = secrets.token_urlsafe(24)
    try:
        # Never there without its content: another program may look meanwhile.
        with os.fdopen(os.open(data / f"{PASSWORD}.new", os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w", encoding="utf-8") as file:
            file.write(f"{made}\n")
        (data / f"{PASSWORD}.new").replace(data / PASSWORD)
    except OSError as error:
        raise DataFolderError(f"the server's password cannot be written to {data / PASSWORD}: {error.strerror}") from error
    return made


def last_seen(data: Path) -> Endpoint | None:
    """Where the server of a data folder was last seen."""
    try:
        last = Endpoint(**json.loads((data / NOTE).read_bytes()))
    except (OSError, ValueError, TypeError):  # absent, or written by something else: no hint then
        return None
    return last if isinstance(last.port, int) and 0 < last.port < 65536 and isinstance(last.socket, str) else None


async def find(folder: Path, socket: str, last: Endpoint | None, password: str = "") -> Endpoint | None:
    """The server that works in a folder, wherever it answers, as it describes itself. BusyLoadingError: it does not answer yet."""
    port = last.port if last else 0
    # The password is not said by TCP where a socket will do: whoever has taken the port would hear it.
    safe = [socket] if socket and (last is None or last.socket == socket) else [socket, ""]
    # A server that was started before there was a password goes on without.
    ways = [*((path, password) for path in safe), (socket, ""), ("", "")]
    for path, word in dict.fromkeys(ways):
        try:
            async with client(Endpoint(HOST, port, path, "", 0, word).url) as asked:
                found = await _describe(asked, folder, word)
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


async def _describe(asked: Redis, folder: Path, password: str) -> Endpoint | None:
    """The server behind the client, if it works in `folder` and is ready."""
    said = await asked.config_get("dir", "port", "unixsocket")  # answered while loading, so that we don't wait for a stranger
    if said.get("dir") != str(folder):  # the server says what getcwd says: no links in it
        return None
    await asked.ping()
    pid = int((await asked.info("server"))["process_id"])
    return Endpoint(HOST, int(said["port"] or 0), _if_there(said["unixsocket"] or ""), str(folder), pid, password)


def _if_there(path: str) -> str:
    return path if Path(path).is_socket() else ""
