"""`full_text`: an article is published once, with the text of its page, or with the feed's where the page is not to be had."""

from __future__ import annotations

from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any, cast

import pytest
import structlog
from aiohttp.test_utils import TestServer
from aiohttp.web import Application, Request, Response

from monitor.feeds import fulltext
from monitor.feeds.fetch import session
from monitor.feeds.parse import ParserPool
from monitor.polled import Polled
from monitor.poller import Poller
from monitor.rules.schema import Feed
from monitor.settings import networks
from monitor.streams.client import Client
from monitor.streams.polls import Polls, now_utc

pytestmark = pytest.mark.skipif(bool(fulltext.missing()), reason="needs the extra `fulltext`")

BODY = [
    "平壤官员表示，朝鲜军队已被派往库尔斯克地区作战。" * 4,
    "Moscow said that it knew nothing of any troops, and that the report was an invention. " * 3,
]
PAGE = f"<html><head><title>T</title></head><body><nav><a href='/'>Home</a> <a href='/s'>Sport</a></nav><article><h1>Troops</h1>{''.join(f'<p>{p}</p>' for p in BODY)}</article><footer>© Wire</footer></body></html>"
SHORT = "What the feed says."


@dataclass
class Site:
    """A feed and the pages that it links to. answers: path -> body, or status and headers. asked: how often each path was."""

    url: str = ""
    links: list[tuple[str, str]] = field(default_factory=list)
    answers: dict[str, bytes | tuple[int, dict[str, str]]] = field(default_factory=dict)
    asked: Counter[str] = field(default_factory=Counter)
    headers: dict[str, str] = field(default_factory=dict)

    async def answer(self, request: Request) -> Response:
        self.asked[request.path] += 1
        if request.path == "/feed":
            items = "".join(
                f"<item><guid>{path}</guid><title>{title}</title><link>{path if ':' in path else self.url + path}</link><description>{SHORT}</description></item>"
                for path, title in self.links
            )
            return Response(text=f'<rss version="2.0"><channel><title>t</title>{items}</channel></rss>', content_type="application/rss+xml")
        self.headers = dict(request.headers)
        got = self.answers.get(request.path, (404, {}))
        if isinstance(got, tuple):
            return Response(status=got[0], headers=got[1])
        return Response(body=got, content_type="text/plain" if request.path == "/robots.txt" else "text/html", charset="utf-8")


@asynccontextmanager
async def serving() -> AsyncIterator[Site]:
    made = Site()
    app = Application()
    app.router.add_get("/{path:.*}", made.answer)
    async with TestServer(app) as server:
        made.url = str(server.make_url("")).rstrip("/")
        yield made


@pytest.fixture
async def site() -> AsyncIterator[Site]:
    async with serving() as made:
        yield made


@dataclass
class Desk:
    """A poller of the site's feed, with a clock that can be moved."""

    poller: Poller
    client: Client
    passed: timedelta = timedelta()

    async def poll(self) -> Polled:
        [polled] = await self.poller.everything()
        return polled

    async def texts(self) -> list[tuple[str, str]]:
        rows = cast("list[Any]", await self.client.xrange("monitor:{p0}:articles"))
        return [(fields["title"], fields["text"]) for _, fields in rows]


@asynccontextmanager
async def reading(client: Client, site: Site, parser: ParserPool) -> AsyncIterator[Desk]:
    polls, start = Polls(client, 1), now_utc()
    await client.flushall()
    await polls.prepare()
    feed = Feed.model_validate({"url": f"{site.url}/feed", "full_text": True, "lang": "zh"})
    async with session(allowed=networks("127.0.0.0/8")) as made:
        desks: list[Desk] = []
        poller = Poller(polls, [feed], made, parser, 4, clock=lambda: start + sum((desk.passed for desk in desks), timedelta()))
        desks.append(Desk(poller, client))
        yield desks[0]


@pytest.fixture
async def parser() -> AsyncIterator[ParserPool]:
    async with ParserPool(1) as made:
        yield made


@pytest.fixture
async def desk(client: Client, site: Site, parser: ParserPool) -> AsyncIterator[Desk]:
    async with reading(client, site, parser) as made:
        yield made


async def test_an_article_is_published_once_with_the_text_of_its_page(desk: Desk, site: Site) -> None:
    site.links, site.answers = [("/a", "First")], {"/a": PAGE.encode()}
    assert (await desk.poll()).new == 1
    [(title, text)] = await desk.texts()
    assert title == "First"
    assert [part.strip() for part in text.split("\n\n")][-2:] == [part.strip() for part in BODY]
    assert "Sport" not in text
    assert "© Wire" not in text
    assert site.headers["Accept"].startswith("text/html")
    site.links = [("/b", "Second"), ("/a", "First")]
    site.answers["/b"] = PAGE.encode()
    assert [(polled.new, polled.changed) for polled in [await desk.poll()]] == [(1, 0)]
    assert site.asked == {"/feed": 2, "/a": 1, "/b": 1, "/robots.txt": 1}
    site.links[1] = ("/a", "First, corrected")
    assert (await desk.poll()).changed == 1
    assert site.asked["/a"] == 2
    assert BODY[1].strip() in (await desk.texts())[-1][1]


FORBIDDEN = b"User-agent: claim-monitor\nDisallow: /\n\nUser-agent: *\nAllow: /"
FAILING: list[tuple[dict[str, bytes | tuple[int, dict[str, str]]], str]] = [
    ({"/a": (404, {})}, "the server answered 404"),
    ({"/a": (302, {"Location": "http://10.0.0.1/"})}, "10.0.0.1 is a private address"),
    ({"/a": b"<html><body></body></html>"}, "no article is found"),
    ({"/a": b"\0\1\2" * 2000}, "no article is found"),
    ({"/a": b"<div>" * 200_000}, ""),
    ({"/a": b"x" * (6 * 1024 * 1024)}, "more than 5 MB"),
    ({"/a": PAGE.encode(), "/robots.txt": b"User-agent: *\nDisallow: /a"}, "robots.txt asks"),
    ({"/a": PAGE.encode(), "/robots.txt": FORBIDDEN}, "robots.txt asks"),
    ({"/a": PAGE.encode(), "/robots.txt": (503, {})}, "robots.txt cannot be had"),
    ({"/a": (302, {"Location": "/b"}), "/b": PAGE.encode(), "/robots.txt": b"User-agent: *\nDisallow: /b"}, "robots.txt asks"),
]


async def test_a_page_that_fails_leaves_the_feeds_text_and_says_so_the_third_time(client: Client, parser: ParserPool) -> None:
    for answers, problem in FAILING:
        logged = structlog.testing.LogCapture()
        structlog.configure(processors=[logged])
        async with serving() as site, reading(client, site, parser) as desk:
            site.answers = answers
            for number in range(4):
                site.links.append((f"/a?{number}", f"Number {number}"))
                assert (await desk.poll()).new == 1, problem
            assert [text for _, text in await desk.texts()] == [SHORT] * 4, problem
            [told] = [row for row in logged.entries if row["event"] == "feed.pages_fail"]
            assert problem in told["problem"]
            site.links.append(("/good", "Good"))
            site.answers = {"/good": PAGE.encode()}
            desk.passed = timedelta(days=2)
            await desk.poll()
            assert BODY[0] in (await desk.texts())[-1][1], problem


async def test_robots_are_asked_once_a_day(desk: Desk, site: Site) -> None:
    site.answers = {f"/{number}": PAGE.encode() for number in range(4)}
    for number, passed in enumerate((0, 1, 23, 25)):
        desk.passed = timedelta(hours=passed)
        site.links.append((f"/{number}", f"Number {number}"))
        await desk.poll()
    assert site.asked["/robots.txt"] == 2
    assert {text[-len(BODY[1].strip()) :] for _, text in await desk.texts()} == {BODY[1].strip()}


async def test_without_the_extra_articles_have_the_feeds_text_and_it_is_said_once(
    desk: Desk, site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    logged = structlog.testing.LogCapture()
    structlog.configure(processors=[logged])
    monkeypatch.setattr("monitor.poller.missing", lambda: "install it")
    site.links, site.answers = [("/a", "First")], {"/a": PAGE.encode()}
    for _ in range(2):
        await desk.poller.register()
        await desk.poll()
    assert [row["hint"] for row in logged.entries if row["event"] == "full_text.missing"] == ["install it"]
    assert await desk.texts() == [("First", SHORT)]
    assert "/a" not in site.asked
