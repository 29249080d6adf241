"""The demo's feeds: Atom over HTTP on loopback, with validators and corrections as real ones have them."""

from __future__ import annotations

import asyncio
import hashlib
import socket
from collections.abc import Sequence
from contextlib import suppress
from datetime import UTC, datetime
from html import escape
from types import TracebackType
from typing import Self
from xml.etree import ElementTree as Xml

from aiohttp import web

from monitor.demo.course import Item
from monitor.rules.schema import Feed

HOLD = 0.9
"""Seconds that an answer waits for something new, so that what is published need not wait for the next poll."""
_HOST = "127.0.0.1"
_ATOM = "http://www.w3.org/2005/Atom"


class FeedServer:
    """Serves one feed for each name among the items, all empty until `publish`. A context: it serves while entered."""

    def __init__(self, items: Sequence[Item]) -> None:
        """Takes a free port for each feed, as each outlet has a server of its own: the daemon asks one server for little at a time."""
        self._published: dict[str, dict[str, Item]] = {item.feed: {} for item in items}
        self._sockets = {name: socket.create_server((_HOST, 0)) for name in self._published}
        self.feeds = [self._feed(item) for item in {item.feed: item for item in items}.values()]
        """The feeds as rules name them."""
        self._polled: set[str] = set()
        self._changed = asyncio.Condition()
        self._closed = False

    async def __aenter__(self) -> Self:
        app = web.Application()
        app.router.add_get("/{feed}.atom", self._answer)
        self._runner = web.AppRunner(app, access_log=None)
        await self._runner.setup()
        for listening in self._sockets.values():
            await web.SockSite(self._runner, listening).start()
        return self

    async def __aexit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        await self.release()
        await self._runner.cleanup()

    async def publish(self, item: Item) -> None:
        """Puts an article at the head of its feed; a corrected one takes the place of what it corrects."""
        async with self._changed:
            self._published[item.feed][item.url] = item
            self._changed.notify_all()

    async def polled(self) -> None:
        """Waits until every feed has been polled, and what it said then taken in: the poller names it in the poll after."""
        async with self._changed:
            await self._changed.wait_for(lambda: self._polled == self._published.keys())

    async def release(self) -> None:
        """Lets answers wait no longer."""
        async with self._changed:
            self._closed = True
            self._changed.notify_all()

    def _feed(self, item: Item) -> Feed:
        host, port = self._sockets[item.feed].getsockname()
        return Feed.model_validate(
            {"url": f"http://{host}:{port}/{item.feed}.atom", "every": "1s", "lang": item.lang, "outlet": item.outlet}
        )

    async def _answer(self, request: web.Request) -> web.Response:
        name, known = request.match_info["feed"], request.headers.get("If-None-Match", "")
        if name not in self._published:
            raise web.HTTPNotFound
        body, tag = self._document(name)
        if tag == known:
            with suppress(TimeoutError):
                async with asyncio.timeout(HOLD), self._changed:
                    self._polled.add(name)
                    self._changed.notify_all()
                    await self._changed.wait_for(lambda: self._closed or self._document(name)[1] != known)
            body, tag = self._document(name)
        if tag == known:
            return web.Response(status=304, headers={"ETag": tag})
        return web.Response(body=body, content_type="application/atom+xml", charset="utf-8", headers={"ETag": tag})

    def _document(self, name: str) -> tuple[bytes, str]:
        """A feed as it stands, and its validator."""
        items = sorted(self._published[name].values(), key=lambda item: item.published, reverse=True)
        body = atom(name, items)
        return body, f'"{hashlib.sha256(body).hexdigest()[:20]}"'


def atom(name: str, items: Sequence[Item]) -> bytes:
    """Items as an Atom document, in the order given."""
    feed = Xml.Element("feed", {"xmlns": _ATOM})
    _add(feed, "id", f"urn:demo:{name}")
    _add(feed, "title", items[0].outlet if items else name)
    _add(feed, "updated", max((item.at for item in items), default=datetime(2024, 10, 1, tzinfo=UTC)).isoformat())
    for item in items:
        entry = Xml.SubElement(feed, "entry")
        _add(entry, "id", item.url)
        _add(entry, "title", item.title)
        _add(entry, "link", "", href=item.url)
        _add(entry, "published", item.published.isoformat())
        _add(entry, "updated", item.at.isoformat())
        _add(entry, "content", "".join(f"<p>{escape(part)}</p>" for part in item.text.split("\n\n")), type="html")
    body: bytes = Xml.tostring(feed, encoding="utf-8", xml_declaration=True)
    return body


def _add(parent: Xml.Element, name: str, text: str, **attributes: str) -> None:
    Xml.SubElement(parent, name, attributes).text = text
