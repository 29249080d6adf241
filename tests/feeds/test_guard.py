"""The guard: no connection to an address inside a house, however it is spelt, reached or resolved."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import AsyncIterator
from dataclasses import dataclass, field

import pytest
from aiohttp import web
from aiohttp.abc import AbstractResolver, ResolveResult

from monitor.feeds.fetch import Fetched, FetchFailed, fetch, session
from monitor.feeds.guard import Guard
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
    "HTTP://0x7f000001:{}/",
    "http:\\\\127.0.0.1:{}\\",
    "http://localhost:{}",
    "http://[::ffff:127.0.0.1]:{}/",
    "https://[::ffff:127.0.0.1]:{}/",
]
"""Of a server at ::1, which is allowed here."""


@dataclass
class Outside:
    """A server at ::1, which is allowed, as if it were outside. It redirects to `location`."""

    port: int = 0
    location: str = ""
    asked: int = 0

    async def answer(self, _: web.Request) -> web.Response:
        self.asked += 1
        return web.Response(status=302, headers={"Location": self.location})


@pytest.fixture
async def outside() -> AsyncIterator[Outside]:
    made = Outside()
    app = web.Application()
    app.router.add_get("/{path:.*}", made.answer)
    runner = web.AppRunner(app)
    await runner.setup()
    await web.TCPSite(runner, "::1", 0).start()
    made.port = runner.addresses[0][1]
    yield made
    await runner.cleanup()


@pytest.mark.parametrize("location", REDIRECTS)
async def test_a_redirect_to_this_machine_is_not_followed(trap: Trap, outside: Outside, location: str) -> None:
    outside.location = location.format(trap.port)
    async with session(allowed=networks("::1")) as web_session:
        got = await fetch(web_session, f"http://[::1]:{outside.port}/")
    assert isinstance(got, FetchFailed)
    assert outside.asked
    assert trap.touched == []


class _Names(AbstractResolver):
    """A name server that answers each question with the next of its answers, and goes on with the last."""

    def __init__(self, *answers: list[str]) -> None:
        self.answers = list(answers)

    async def resolve(self, host: str, port: int = 0, family: int = 0) -> list[ResolveResult]:
        answer = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
        kinds = [socket.AF_INET6 if ":" in address else socket.AF_INET for address in answer]
        return [
            ResolveResult(hostname=host, host=address, port=port, family=kind, proto=0, flags=socket.AI_NUMERICHOST)
            for address, kind in zip(answer, kinds, strict=True)
        ]

    async def close(self) -> None:
        pass


async def test_a_name_that_changes_its_mind_between_two_requests_leads_nowhere(trap: Trap, outside: Outside) -> None:
    outside.location = f"http://rebound.example:{trap.port}/"
    async with session(allowed=networks("::1"), resolver=_Names(["::1"], ["127.0.0.1"])) as web_session:
        got = await fetch(web_session, f"http://rebound.example:{outside.port}/")
    assert isinstance(got, FetchFailed)
    assert "127.0.0.1, a loopback address" in got.problem
    assert outside.asked == 1
    assert trap.touched == []


async def test_of_several_addresses_of_a_name_only_those_that_are_allowed_are_tried(outside: Outside, trap: Trap) -> None:
    outside.location = f"http://both.example:{trap.port}/"
    async with session(allowed=networks("::1"), resolver=_Names(["127.0.0.1", "::1"])) as web_session:
        await fetch(web_session, f"http://both.example:{outside.port}/")
    assert outside.asked == 1
    assert all(peer.startswith("('::1'") for peer in trap.touched)


FORBIDDEN = [
    "0.0.0.0",  # noqa: S104 - not bound to, connected to
    "0.1.2.3", "10.0.0.1", "10.255.255.255", "100.64.0.1", "100.127.255.254", "127.0.0.1", "127.255.255.255", "169.254.0.1", "169.254.169.254",
    "172.16.0.1", "172.31.255.255", "192.0.0.1", "192.0.0.170", "192.0.2.1", "192.88.99.1", "192.168.0.1", "192.168.255.255", "198.18.0.1", "198.19.255.255",
    "198.51.100.7", "203.0.113.7", "224.0.0.1", "239.255.255.255", "240.0.0.1", "255.255.255.255",
    "::", "::1", "::2", "::127.0.0.1", "::ffff:127.0.0.1", "::ffff:10.0.0.1", "::ffff:169.254.169.254", "::ffff:0:127.0.0.1",
    "64:ff9b::7f00:1", "64:ff9b::10.0.0.1", "64:ff9b::a9fe:a9fe", "64:ff9b:1::1", "100::1", "2001::1", "2001:2::1", "2001:10::1", "2001:db8::1", "3fff::1", "2002:7f00:1::1",
    "2002:a00:1::", "2002:c0a8:101::1", "4000::1", "5f00::1", "fc00::1", "fd12:3456::1", "fe80::1", "fe80::1%lo", "febf::1", "fec0::1", "ff02::1", "ff0e::1",
]  # fmt: skip
PUBLIC = [
    "1.1.1.1", "8.8.8.8", "9.255.255.255", "11.0.0.1", "100.63.255.255", "100.128.0.1", "126.255.255.255", "128.0.0.1", "169.253.0.1", "172.15.0.1", "172.32.0.1", "192.0.1.1",
    "192.167.0.1", "192.169.0.1", "198.17.0.1", "198.20.0.1", "223.255.255.255", "2606:4700::1111", "2a00:1450::1", "2400:cb00::1", "::ffff:8.8.8.8", "64:ff9b::808:808",
    "2002:808:808::1",
]  # fmt: skip


@pytest.mark.parametrize("address", FORBIDDEN)
async def test_a_name_of_an_address_that_is_not_public_is_refused_before_any_socket_is_made(
    address: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    made: list[object] = []
    monkeypatch.setattr("monitor.feeds.guard.socket.socket", made.append)
    async with session(resolver=_Names([address])) as web_session:
        got = await fetch(web_session, "http://feed.example/")
    assert isinstance(got, FetchFailed)
    assert f"{address}, a" in got.problem
    assert "which MONITOR_ALLOW_ADDRESSES does not allow" in got.problem
    assert made == []


def test_public_addresses_are_no_matter_of_the_guards() -> None:
    assert [(address, what) for address in PUBLIC if (what := Guard().refuses(address))] == []
    assert len(FORBIDDEN) >= 40


@pytest.mark.parametrize(
    ("allowed", "address", "refused"),
    [
        ("10.1.0.0/16", "10.1.2.3", False),
        ("10.1.0.0/16", "10.2.0.1", True),
        ("10.1.0.0/16", "::ffff:10.1.2.3", False),
        ("10.1.0.0/16", "64:ff9b::10.1.2.3", False),
        ("::1", "127.0.0.1", True),
        ("127.0.0.0/8,fd00::/8", "fd12::1", False),
    ],
)
def test_what_the_operator_allows_is_allowed_in_any_form(allowed: str, address: str, refused: bool) -> None:
    assert bool(Guard(networks(allowed)).refuses(address)) == refused


async def test_a_proxy_may_stand_in_the_house_and_is_asked_for_nothing_inside_it(serve: Serve, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[tuple[str, str]] = []

    async def proxy(request: web.Request) -> web.Response:
        asked.append((str(request.url), request.headers.get("Proxy-Authorization", "")))
        return web.Response(body=b"by proxy")

    address = (await serve(proxy)).removeprefix("http://")
    monkeypatch.setenv("http_proxy", f"http://desk:sesame@{address}")
    monkeypatch.setenv("no_proxy", "direct.example")
    async with session(resolver=_Names(["10.0.0.1"])) as web_session:
        outside = await fetch(web_session, "http://feed.example/rss")
        inside = [await fetch(web_session, f"http://{host}/") for host in ("10.0.0.1", "localhost", "0x7f.1", "[::1]", "direct.example")]
    assert isinstance(outside, Fetched)
    assert outside.body == b"by proxy"
    assert asked == [("http://feed.example/rss", "Basic ZGVzazpzZXNhbWU=")]
    for one in inside:
        assert isinstance(one, FetchFailed)
        assert "MONITOR_ALLOW_ADDRESSES" in one.problem
        assert "sesame" not in one.problem
