"""A site's feeds: what its page names, else what it links to, else the usual addresses; only what really is a feed."""

from __future__ import annotations

import aiohttp
import pytest
from aiohttp import web

from monitor.feeds.discovery import discover, same_site
from monitor.feeds.parse import ParserPool
from tests.feeds.conftest import Serve

FEED = '<rss version="2.0"><channel><title>F</title><item><title>T</title></item></channel></rss>'


def alternate(href: str, title: str = "", kind: str = "application/rss+xml") -> str:
    return f'<link rel="alternate" type="{kind}" href="{href}" title="{title}">'


SITES = [
    ({"/": FEED}, ["/"]),
    ({"/": alternate("a.rss") + alternate("/b.atom", kind="application/atom+xml; charset=utf-8"), "/a.rss": FEED, "/b.atom": FEED}, ["/a.rss", "/b.atom"]),
    ({"/": alternate("/a.rss", "News") + alternate("/c", "Comments: News"), "/a.rss": FEED, "/c": FEED}, ["/a.rss"]),
    ({"/": alternate("/c", "Комментарии"), "/c": FEED}, ["/c"]),
    ({"/": '<base href="/deep/">' + alternate("a.rss"), "/deep/a.rss": FEED}, ["/deep/a.rss"]),
    ({"/": alternate("/a.rss") + alternate("/a.rss?utm_source=page") + alternate("/page") + alternate("javascript:1"), "/a.rss": FEED, "/page": "<html></html>"}, ["/a.rss"]),
    ({"/": alternate("/gone") + '<a href="/about">rss</a><a href="/news.rss">x</a><a href="http://other.example/rss">y</a>', "/news.rss": FEED}, ["/news.rss"]),
    ({"/": "<html>nothing</html>", "/rss.xml": FEED, "/atom.xml": FEED}, ["/rss.xml"]),
]  # fmt: skip


@pytest.fixture
def pages() -> dict[str, str]:
    """Path -> what is there."""
    return {}


@pytest.fixture
async def site(serve: Serve, pages: dict[str, str]) -> str:
    async def answer(request: web.Request) -> web.Response:
        text = pages.get(request.path, "")
        kind = "application/rss+xml" if text.startswith("<rss") else "text/html"
        return web.Response(
            text=text if text.startswith("<rss") else f"<!doctype html>{text}", content_type=kind, status=200 if text else 404
        )

    return await serve(answer)


async def test_the_feeds_of_a_site_are_found(session: aiohttp.ClientSession, site: str, pages: dict[str, str]) -> None:
    async with ParserPool(1) as parser:
        for there, expected in SITES:
            pages.clear()
            pages.update(there)
            found = await discover(session, parser, f"{site}/")
            assert not isinstance(found, str), (there, found)
            assert [one.url.removeprefix(site) for one in found] == expected


async def test_why_there_is_none_is_told(session: aiohttp.ClientSession, site: str, pages: dict[str, str]) -> None:
    async with ParserPool(1) as parser:
        pages["/"] = "<html>nothing</html>"
        assert "HTML page" in str(await discover(session, parser, f"{site}/"))
        assert "404" in str(await discover(session, parser, f"{site}/gone"))
        assert "private" in str(await discover(session, parser, "http://10.0.0.1/"))


@pytest.mark.parametrize(
    ("host", "same"),
    [("www.paper.co.uk", True), ("rss.paper.co.uk", True), ("other.co.uk", False), ("co.uk.example", False), ("", False)],
)
def test_a_site_is_its_host_and_those_below(host: str, same: bool) -> None:
    assert same_site(f"https://{host}/rss", "https://paper.co.uk/") is same
    assert same_site("https://rss.example.org/", "http://news.example.org/")
