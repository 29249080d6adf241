"""The guard: no connection to an address inside a house, however it is spelt, reached or resolved."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import AsyncIterator
from dataclasses import dataclass, field

import pytest
from aiohttp import web
from aiohttp.abc import AbstractResolver, ResolveResult

from monitor.feeds.fetch import FetchFailed, fetch, session
from monitor.settings import networks
from tests.feeds.conftest import Serve


@dataclass
class Trap:
    """A server on every address of this machine; `touched` counts connections to it."""

    port: int
    touched: list[str] = field(default_factory=list)


@pytest.fixture
async def trap() -> AsyncIterator[Trap]:
    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        made.touched.append(str(writer.get_extra_info("peername")))
        writer.close()

    with socket.create_server(("", 0), family=socket.AF_INET6, dualstack_ipv6=True) as listening:
        made = Trap(listening.getsockname()[1])
        async with await asyncio.start_server(talk, sock=listening):
            yield made


SPELLINGS = [
    "127.0.0.1",
    "127.1",
    "127.0.1",
    "127.255.255.254",
    "127.0.0.1.",
    "2130706433",
    "0x7f000001",
    "0X7F.0.0.1",
    "0x7f.1",
    "0177.0.0.1",
    "017700000001",
    "0",
    "0.0.0.0",  # noqa: S104 - not bound to, connected to
    "０",
    "localhost",
    "LOCALHOST",
    "LocalHost.",
    "１２７.０.０.１",
    "①②⑦.⓪.⓪.①",
    "127。0。0。1",
    "127．0．0．1",
    "127｡0｡0｡1",
    "%31%32%37.0.0.1",
    "[::1]",
    "[0:0:0:0:0:0:0:1]",
    "[::]",
    "[::ffff:127.0.0.1]",
    "[::ffff:7f00:1]",
    "[0:0:0:0:0:FFFF:127.0.0.1]",
    "[::127.0.0.1]",
    "[::1%25lo]",
    "user:pass@127.0.0.1",
    "example.org@127.0.0.1",
    "127.0.0.1\\@example.org",
]
"""Hosts in a URL that are, or may be taken for, this machine."""


@pytest.mark.parametrize("host", SPELLINGS)
async def test_this_machine_is_not_connected_to_however_it_is_spelt(trap: Trap, host: str) -> None:
    async with session() as web_session:
        got = await fetch(web_session, f"http://{host}:{trap.port}/")
    assert isinstance(got, FetchFailed)
    assert trap.touched == []


REDIRECTS = [
    "http://127.0.0.1:{}/",
    "//127.1:{}/",
    "http://[::1]:{}/",
    "HTTP://0x7f000001:{}/",
    "http:\\\\127.0.0.1:{}\\",
    "http://localhost:{}",
    "https://[::ffff:127.0.0.1]:{}/",
]


@pytest.mark.parametrize("location", REDIRECTS)
async def test_a_redirect_to_this_machine_is_not_followed(trap: Trap, serve: Serve, location: str) -> None:
    async def feed(_: web.Request) -> web.Response:
        return web.Response(status=302, headers={"Location": location.format(trap.port)})

    outside = (await serve(feed)).replace("127.0.0.1", "127.9.9.9")
    async with session(allowed=networks("127.9.9.9"), resolver=_Names({})) as web_session:
        got = await fetch(web_session, outside)
    assert isinstance(got, FetchFailed)
    assert trap.touched == []


class _Names(AbstractResolver):
    """A name server that answers each question for a name with the next of its answers, and goes on with the last."""

    def __init__(self, names: dict[str, list[list[str]]]) -> None:
        self.names = {name: list(answers) for name, answers in names.items()}

    async def resolve(self, host: str, port: int = 0, family: int = 0) -> list[ResolveResult]:
        answers = self.names.get(host, [["127.0.0.1"]])
        answer = answers.pop(0) if len(answers) > 1 else answers[0]
        kinds = [socket.AF_INET6 if ":" in address else socket.AF_INET for address in answer]
        return [
            ResolveResult(hostname=host, host=address, port=port, family=kind, proto=0, flags=socket.AI_NUMERICHOST)
            for address, kind in zip(answer, kinds, strict=True)
        ]

    async def close(self) -> None:
        pass
