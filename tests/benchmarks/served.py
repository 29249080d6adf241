"""Feeds on loopback for `polling`: `python -m tests.benchmarks.served FEEDS ENTRIES`. Prints its port and serves until its input ends.

/feed/N     a feed of so many entries, as RSS
/news       from now on each feed has one entry more, and still as many in all
/listen     from now on 304 is the answer to who knows what is there; until then feeds have ETags, and nobody looks at them
"""

from __future__ import annotations

import asyncio
import sys
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

from aiohttp import web

START = datetime(2025, 1, 1, tzinfo=UTC)
TEXT = (
    "<p>The council approved a budget for schools and roads after a long debate on Tuesday evening. Members of two parties had asked "
    "for more time; the mayor said that there was none.</p><p>The vote was <b>eleven to eight</b>.</p>"
)


class Site:
    """All feeds: the last so many of their entries."""

    def __init__(self, feeds: int, entries: int) -> None:
        self.entries, self.newest, self.listens = entries, entries, False
        self._bodies: dict[tuple[int, int], bytes] = {}

    def body(self, feed: int) -> bytes:
        """What a feed says now."""
        key = feed, self.newest
        if key not in self._bodies:
            items = "".join(
                f"<item><title>Feed {feed}, entry {number}: a council votes</title><link>http://news.example/{feed}/{number}</link>"
                f'<guid isPermaLink="false">{feed}-{number}</guid><pubDate>{format_datetime(START + timedelta(hours=number))}</pubDate>'
                f"<description><![CDATA[{TEXT}]]></description></item>"
                for number in range(self.newest, self.newest - self.entries, -1)
            )
            self._bodies[key] = (
                f'<?xml version="1.0" encoding="utf-8"?><rss version="2.0"><channel><title>Feed {feed}</title>'
                f"<link>http://news.example/{feed}</link><description>A feed</description>{items}</channel></rss>"
            ).encode()
        return self._bodies[key]

    async def feed(self, request: web.Request) -> web.Response:
        """One feed."""
        etag = f'"{self.newest}"'
        if self.listens and request.headers.get("If-None-Match") == etag:
            return web.Response(status=304, headers={"ETag": etag})
        body = self.body(int(request.match_info["feed"]))
        return web.Response(body=body, content_type="application/rss+xml", headers={"ETag": etag})

    async def news(self, _: web.Request) -> web.Response:
        """One entry more everywhere."""
        self.newest += 1
        return web.Response()

    async def listen(self, _: web.Request) -> web.Response:
        """304 from now on."""
        self.listens = True
        return web.Response()


async def main(feeds: int, entries: int) -> None:
    """Serves."""
    site = Site(feeds, entries)
    app = web.Application()
    app.add_routes([web.get("/feed/{feed}", site.feed), web.get("/news", site.news), web.get("/listen", site.listen)])
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    sys.stdout.write(f"{runner.addresses[0][1]}\n")
    sys.stdout.flush()
    await asyncio.to_thread(sys.stdin.read)
    await runner.cleanup()


if __name__ == "__main__":
    asyncio.run(main(*map(int, sys.argv[1:])))
