"""`monitor address`: what other programs need to reach the server."""

from __future__ import annotations

import asyncio
import shlex
from pathlib import Path

from monitor.streams.client import connected
from monitor.streams.server import EmbeddedServer
from tests.cli.test_commands import Ran, monitor


async def address(*arguments: str | Path, **settings: str) -> Ran:
    return await asyncio.to_thread(monitor, "address", *arguments, **settings)


async def test_it_prints_what_other_programs_need_and_they_get_in(tmp_path: Path) -> None:
    async with EmbeddedServer(tmp_path) as server:
        whole, alone, lines = await asyncio.gather(*(address("--data", tmp_path, *more) for more in ([], ["--password"], ["--env"])))
        async with connected(whole.out.strip()) as client:
            assert await client.ping()
        assert alone.out.strip() == server.endpoint.password
        exported = dict(word.split("=", 1) for word in shlex.split(lines.out) if word != "export")
        assert exported == {
            "REDIS_URL": whole.out.strip(),
            "REDIS_HOST": "127.0.0.1",
            "REDIS_PORT": str(server.endpoint.port),
            "REDISCLI_AUTH": server.endpoint.password,
        }
        busy = await address("--data", tmp_path, "--new-password")
    assert (busy.code, "stop `monitor run` first" in busy.err) == (1, True)


async def test_without_a_server_it_says_so_and_for_a_given_one_it_prints_what_was_given(tmp_path: Path) -> None:
    none, given = await asyncio.gather(
        address("--data", tmp_path), address("--env", MONITOR_REDIS_URL="rediss://desk:p%40ss@redis.example:6380/0")
    )
    assert (none.code, none.out) == (1, "")
    assert "`monitor run` starts one" in none.err
    assert "export REDISCLI_AUTH=p@ss\n" in given.out
