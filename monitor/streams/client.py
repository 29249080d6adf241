"""Connections to the server, with everything that redis-py would otherwise decide by itself pinned.

Nothing is retried here: a lost reply would repeat the command. Whoever calls decides, since the scripts make repeating safe.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Iterator
from contextlib import asynccontextmanager, contextmanager
from importlib.resources import files
from typing import Any, cast

import redis.exceptions
from redis.asyncio import Redis
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff

from monitor.errors import ServerError

Client = Redis
"""A connection pool. Strings come back decoded."""

LOST = (
    redis.exceptions.ConnectionError,
    redis.exceptions.TimeoutError,
    redis.exceptions.BusyLoadingError,
    redis.exceptions.ReadOnlyError,
    redis.exceptions.OutOfMemoryError,
)
"""What redis-py raises when the server cannot be reached or cannot serve now: the same call may work later."""

REDIS = redis.exceptions.RedisError
"""Everything that redis-py raises."""

REFUSED = redis.exceptions.ResponseError
"""What redis-py raises when the server refuses a command."""

_PASSING = ("BUSY ", "LOADING", "MISCONF", "OOM", "CLUSTERDOWN", "MASTERDOWN", "NOREPLICAS", "TRYAGAIN", "READONLY")
"""How a refusal begins that a server takes back by itself, or that its owner mends: a script that runs too long, a full disk …"""


def passes(error: Exception) -> bool:
    """Whether the same call may work later: the server is away, or refuses for a reason that passes; also as we tell of it."""
    if isinstance(error, ServerError) and isinstance(error.__cause__, REDIS):
        return passes(error.__cause__)
    return isinstance(error, LOST) or (isinstance(error, REFUSED) and str(error).startswith(_PASSING))


def emptied(error: Exception) -> bool:
    """Whether the server misses what it had: somebody flushed it, or it came back empty."""
    return isinstance(error, REFUSED) and str(error).startswith(("NOGROUP", "no such key"))


_MINIMUM = {"redis": (7, 0), "valkey": (7, 2)}


def heed_cancellation() -> None:
    """Ends a task that was cancelled while redis-py sent something. Raises asyncio.CancelledError.

    It sends within `asyncio.wait_for`, which in Python 3.11 forgets a cancellation that comes together with the result.
    """
    task = asyncio.current_task()
    if task is not None and task.cancelling():
        raise asyncio.CancelledError


def connect(url: str, *, patience: float = 10.0) -> Client:
    """A client for a server. patience: seconds to wait for a reply;
    blocking reads need more than their block time. Raises ServerError."""
    try:
        return Redis.from_url(
            url,
            decode_responses=True,
            encoding_errors="replace",
            protocol=3,
            retry=Retry(NoBackoff(), 0),
            retry_on_error=[],
            socket_timeout=patience,
            socket_connect_timeout=5.0,
            health_check_interval=0,
            client_name="monitor",
        )
    except ValueError as error:
        raise ServerError(f"MONITOR_REDIS_URL is not a server address: {error}") from error


@asynccontextmanager
async def connected(url: str, *, patience: float = 10.0) -> AsyncIterator[Client]:
    """A client that is known to answer, closed at the end. Raises ServerError with what to do."""
    client = connect(url, patience=patience)
    try:
        try:
            await _greet(client, url)
        except redis.exceptions.AuthenticationError as error:
            raise ServerError(
                f"the Redis server at {_shown(url)} wants a user and password in MONITOR_REDIS_URL: {_line(error)}"
            ) from error
        except LOST as error:
            raise ServerError(
                f"the Redis server at {_shown(url)} does not answer: {_line(error)}. Start it, or set MONITOR_REDIS_URL"
            ) from error
        except REFUSED as error:
            raise ServerError(f"the Redis server at {_shown(url)} cannot be used: {_line(error)}") from error
        yield client
    finally:
        await client.aclose()


@contextmanager
def plainly(url: str) -> Iterator[None]:
    """Makes one line of it when the server is lost inside, where nobody waits for it. Raises ServerError."""
    try:
        yield
    except REDIS as error:
        if not passes(error):
            raise
        raise ServerError(f"the Redis server at {_shown(url)} was lost: {_line(error)}. Start again when it is back") from error


def _line(error: Exception) -> str:
    return str(error).strip().rstrip(".")


async def _greet(client: Client, url: str) -> None:
    info = await client.info("server")
    name = str(info.get("server_name", "redis"))
    version = str(info.get("valkey_version") or info.get("redis_version") or "0")
    numbers = tuple(int(part) for part in version.split(".")[:2] if part.isdecimal())
    if numbers < _MINIMUM.get(name, (7, 0)):
        raise ServerError(f"the server at {_shown(url)} is {name} {version}; Redis 7.0 or Valkey 7.2 is the least")


def _shown(url: str) -> str:
    """A URL without its password."""
    scheme, _, rest = url.partition("://")
    return f"{scheme}://{rest.rpartition('@')[2]}"


class Script:
    """A server-side script from `scripts/`. Called by its hash; loaded where the server does not know it."""

    def __init__(self, name: str) -> None:
        self.name = name
        self._source = files(__package__).joinpath("scripts", f"{name}.lua").read_text(encoding="utf-8")

    async def __call__(self, client: Client, keys: list[str], args: list[str | int]) -> Any:
        """Runs it. Raises what redis-py raises."""
        script = client.register_script(self._source)
        return await cast("Awaitable[Any]", script(keys=keys, args=args))
