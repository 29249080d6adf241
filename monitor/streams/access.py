"""The server that the settings name: a given one, or the embedded one of the data folder."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from monitor.errors import DataFolderError, ServerError
from monitor.settings import Settings
from monitor.streams.endpoint import Endpoint, new_password
from monitor.streams.server import EmbeddedServer


@dataclass(frozen=True)
class Server:
    """The server in use. mend: brings the embedded one back, or does nothing."""

    url: str
    mend: Callable[[], Awaitable[object]]
    how: str


@asynccontextmanager
async def server(settings: Settings) -> AsyncIterator[Server]:
    """The server of the settings: the given one, or the embedded one of the data folder for as long as this is entered."""
    if settings.redis_url:

        async def nothing() -> None:
            """A given server is somebody else's to mend."""

        yield Server(settings.redis_url, nothing, "given by MONITOR_REDIS_URL")
        return
    async with EmbeddedServer(settings.data, settings.port) as embedded:
        yield Server(embedded.endpoint.url, embedded.ensure, f"redis-cli -p {embedded.endpoint.port} (its password: monitor address)")


@asynccontextmanager
async def server_with_data(settings: Settings) -> AsyncIterator[Server | None]:
    """The same, but None where the data folder has never had a server: there is nothing to look at, and nothing need be made."""
    if settings.redis_url is None and not (settings.data / "server").is_dir():
        yield None
        return
    async with server(settings) as running:
        yield running


async def running_url(settings: Settings) -> str | None:
    """Where the server of the settings is: the given one, or the embedded one if it runs; None if it does not. Starts nothing.

    Raises ServerError when the embedded one runs but does not answer.
    """
    if settings.redis_url:
        return settings.redis_url
    endpoint = await EmbeddedServer(settings.data).running()
    return endpoint.url if endpoint else None


async def endpoint_of(data: Path) -> Endpoint | None:
    """Where the embedded server of a data folder answers, with its password, if it runs. Starts nothing. Raises ServerError."""
    return await EmbeddedServer(data).running()


async def change_password(data: Path) -> None:
    """Gives the embedded server of a data folder another password. Raises ServerError while it runs, and DataFolderError."""
    if await EmbeddedServer(data).running() is not None:
        raise ServerError("the server runs, and its clients know the old password: stop `monitor run` first")
    if not data.is_dir():  # noqa: ASYNC240 - a look, once
        raise DataFolderError(f"there is no data folder {data}: `monitor run` makes one, with a password")
    new_password(data)
