"""Connecting: what cannot be reached or used is told in one line with what to do, without the password."""

from __future__ import annotations

import socket
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from monitor.errors import ServerError
from monitor.streams.client import REFUSED, connected, plainly
from monitor.streams.server import EmbeddedServer


@pytest.fixture
async def locked(tmp_path: Path) -> AsyncIterator[int]:
    """The port of a server that wants a password, "sesame"."""
    async with EmbeddedServer(tmp_path) as server:
        async with connected(server.endpoint.url) as client:
            await client.config_set("requirepass", "sesame")
        yield server.endpoint.port
        async with connected(f"redis://:sesame@127.0.0.1:{server.endpoint.port}") as client:
            await client.config_set("requirepass", "")


async def problem(url: str) -> str:
    with pytest.raises(ServerError) as caught:
        async with connected(url):
            pass
    return str(caught.value)


async def test_nothing_listens() -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        told = await problem(f"redis://127.0.0.1:{free.getsockname()[1]}")
    assert "does not answer" in told
    assert "MONITOR_REDIS_URL" in told


@pytest.mark.parametrize("url", ["", "localhost", "http://127.0.0.1:6379", "redis://127.0.0.1:port"])
async def test_what_is_no_address(url: str) -> None:
    assert "MONITOR_REDIS_URL is not a server address" in await problem(url)


@pytest.mark.parametrize("login", ["", ":wrong@", "nobody:sesame@"])
async def test_a_password_that_is_missing_or_wrong_is_asked_for_and_not_repeated(locked: int, login: str) -> None:
    told = await problem(f"redis://{login}127.0.0.1:{locked}")
    assert "wants a user and password" in told
    assert "wrong@" not in told
    assert "sesame" not in told


async def test_the_right_password_opens_it(locked: int) -> None:
    async with connected(f"redis://:sesame@127.0.0.1:{locked}") as client:
        assert await client.ping()


async def test_a_server_that_is_lost_on_the_way_is_told_of_in_one_line_and_what_is_unexpected_passes(tmp_path: Path) -> None:
    async with EmbeddedServer(tmp_path) as server, connected(server.endpoint.url) as client:
        await client.shutdown(nosave=True)
        with pytest.raises(ServerError, match=r"was lost: .*\. Start again"), plainly("redis://:sesame@127.0.0.1"):
            await client.ping()
        await server.ensure()
        with pytest.raises(REFUSED, match="no-such-parameter"), plainly(server.endpoint.url):
            await client.config_set("no-such-parameter", 1)
