"""The listening role: subscribes to the hubs that feeds name (WebSub), and has a feed polled when its hub tells of news.

    poller ── feed names a hub ──► ask the hub ── hub asks back ──► live ── hub delivers, signed ──► feed due now ──► poller
                                       ▲                              │
                                       └──────── lease ends soon ─────┘

Runs where a public address is set, under which a hub reaches us. What a delivery brings is not read, whatever it holds: it only hastens
the poll. So news comes to the stream by one way alone, from the publisher's own address, once, with validators that vouch for it; and the
worst that a hub can do is to have us ask. As caches may lag behind a hub, a feed is polled once more a little later.
"""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import Callable, Collection, Mapping
from datetime import datetime, timedelta

import aiohttp
import structlog
from aiohttp import web

from monitor.errors import InputError
from monitor.feeds import hub
from monitor.feeds.state import FeedState
from monitor.feeds.websub import Signature, Subscription, asking, denied, form, heard, to_be_asked, verified
from monitor.rules.schema import Feed
from monitor.streams.client import REDIS
from monitor.streams.hubs import Hubs
from monitor.streams.keys import feed_id
from monitor.streams.polls import Polls, now_utc

log = structlog.get_logger()

LOOK = 5.0
"""Seconds between two looks at what is to be asked."""
AGAIN = timedelta(minutes=2)
"""How long after a delivery a feed is polled once more."""
BODY = 5 * 1024 * 1024
"""Bytes of a delivery; none is kept, but their signature is worked out."""
_SLOW = 30.0
"""Seconds that a delivery may take to come in."""


class Listener:
    """Keeps subscriptions, and listens for hubs while it runs."""

    def __init__(
        self,
        hubs: Hubs,
        polls: Polls,
        session: aiohttp.ClientSession,
        callback: str,
        listen: tuple[str, int],
        clock: Callable[[], datetime] = now_utc,
    ) -> None:
        """callback: our public address, under which each feed has one of its own. listen: host and port. clock: the time, aware."""
        self._hubs, self._polls, self._session = hubs, polls, session
        self.callback, self._listen = callback.rstrip("/"), listen
        self._clock = clock
        self._named: Mapping[str, str] = {}
        self._known: dict[str, Subscription] = {}
        self._heard: dict[str, tuple[Feed, FeedState]] = {}
        self._again: dict[str, datetime] = {}
        self._turn = asyncio.Lock()
        self.asking: set[asyncio.Task[None]] = set()
        """Hubs that are being asked."""
        self.port = 0
        """The port that it listens at."""

    def adopt(self, feeds: Collection[Feed]) -> None:
        """Goes on with these feeds; what was agreed about others is dropped."""
        self._named = {feed_id(feed.url): feed.url for feed in feeds}

    def heard(self, feed: Feed, state: FeedState) -> None:
        """Notes what a poll has learnt of a feed."""
        if state.hub or feed_id(feed.url) in self._known:
            self._heard[feed_id(feed.url)] = feed, state

    def live(self, feed: Feed, now: datetime) -> bool:
        """Whether a hub tells of news in the feed."""
        one = self._known.get(feed_id(feed.url))
        return one is not None and one.live(now)

    async def run(self, stop: asyncio.Event) -> None:
        """Listens and subscribes until told to stop. Raises InputError where it cannot listen."""
        app = web.Application(client_max_size=BODY)
        app.router.add_get("/{path:.*}", self._verify)
        app.router.add_post("/{path:.*}", self._deliver)
        runner = web.AppRunner(app, access_log=None, shutdown_timeout=1)
        await runner.setup()
        try:
            host, port = self._listen
            try:
                await web.TCPSite(runner, host, port).start()
            except OSError as error:
                raise InputError(f"cannot listen at {host}:{port} ({error.strerror}): set MONITOR_CALLBACK_LISTEN to a free one") from error
            self.port = runner.addresses[0][1]
            log.info("listening", host=host, port=self.port, callback=self.callback)
            while not stop.is_set():
                await self.look(self._clock())
                await _pause(stop, LOOK)
        finally:
            for task in self.asking:
                task.cancel()
            await runner.cleanup()

    async def look(self, now: datetime) -> None:
        """Asks hubs where it is time to, drops what no rule needs any more, hastens what is due once more."""
        self._known = {feed: Subscription.model_validate_json(text) for feed, text in (await self._hubs.all()).items()}
        again = [feed for feed, at in self._again.items() if at <= now]
        await self._polls.hasten([self._named[feed] for feed in again if feed in self._named], now)
        for feed in again:
            del self._again[feed]
        for feed in self._known.keys() - self._named.keys():
            await self._hubs.drop(feed)
            del self._known[feed]
        for feed, (named, state) in list(self._heard.items()):
            await self._hear(feed, named, state)
            del self._heard[feed]
        for feed in [feed for feed, one in self._known.items() if to_be_asked(one, now)]:
            # A hub may have asked back, or another program asked, since all were read.
            async with self._turn:
                one = await self._held(feed)
                if one is None or not to_be_asked(one, now):
                    continue
                one = asking(one, now)
                await self._keep(feed, one)
            task = asyncio.create_task(self._ask(feed, one))
            self.asking.add(task)
            task.add_done_callback(self.asking.discard)

    async def _hear(self, feed: str, named: Feed, state: FeedState) -> None:
        if not state.hub:
            await self._hubs.drop(feed)
            self._known.pop(feed, None)
            return
        one = heard(self._known.get(feed), named.url, state.hub, state.topic, (secrets.token_hex(16), secrets.token_hex(32)))
        if one is not None and one != self._known.get(feed) and feed in self._named:
            await self._keep(feed, one)

    async def _keep(self, feed: str, one: Subscription) -> None:
        self._known[feed] = one
        await self._hubs.put(feed, one.model_dump_json())

    async def _ask(self, feed: str, one: Subscription) -> None:
        """Asks a hub to subscribe us. It asks back in its own time."""
        problem = await hub.ask(self._session, one.hub, form(one, f"{self.callback}/{feed}/{one.key}"))
        if not problem:
            log.debug("hub.asked", feed=one.url, hub=one.hub)
            return
        log.warning("hub.refused", feed=one.url, hub=one.hub, problem=problem, tries=one.tries)
        try:
            async with self._turn:
                held = await self._held(feed)
                # It may have asked back in spite of its answer.
                if held is not None and held.asked == one.asked and held.tries:
                    await self._keep(feed, held.model_copy(update={"problem": problem}))
        except REDIS as error:
            log.warning("hub.not_kept", feed=one.url, problem=str(error))

    async def _held(self, feed: str) -> Subscription | None:
        text = await self._hubs.get(feed)
        return Subscription.model_validate_json(text) if text else None

    async def _found(self, request: web.Request) -> tuple[str, Subscription] | None:
        """The subscription that a callback's address names."""
        feed, _, key = request.match_info["path"].rpartition("/")
        feed = feed.rpartition("/")[2]
        one = await self._held(feed) if len(feed) == 20 and feed.isalnum() else None
        if one is None or not secrets.compare_digest(one.key.encode(), key.encode("utf-8", "surrogatepass")):
            return None
        return feed, one

    async def _verify(self, request: web.Request) -> web.Response:
        """A hub asks whether it was us who subscribed, or says that it will not have us."""
        query = request.query
        mode, topic = query.get("hub.mode", ""), query.get("hub.topic", "")
        try:
            async with self._turn:
                found = await self._found(request)
                if found is None:
                    return web.Response(status=404)
                feed, one = found
                if mode == "denied" and topic == one.topic:
                    after: Subscription | None = denied(one, query.get("hub.reason", ""))
                elif mode == "subscribe" and query.get("hub.challenge"):
                    after = verified(one, topic, query.get("hub.lease_seconds", ""), self._clock())
                else:
                    # We never unsubscribe: what no rule needs any more runs out.
                    after = None
                if after is None:
                    return web.Response(status=404)
                await self._keep(feed, after)
        except REDIS:
            return web.Response(status=503)
        if after.problem:
            log.warning("hub.denied", feed=one.url, hub=one.hub, problem=after.problem)
        else:
            log.info("hub.verified", feed=one.url, hub=one.hub, until=after.until and after.until.isoformat(timespec="seconds"))
        return web.Response(text=query.get("hub.challenge", ""), content_type="text/plain")

    async def _deliver(self, request: web.Request) -> web.Response:
        """A hub tells of news. What is not signed as agreed is answered as if it were, and left aside, as the standard asks."""
        try:
            found = await self._found(request)
            if found is None:
                return web.Response(status=410)
            feed, one = found
            if not await _signed(request, one.secret):
                log.warning("hub.not_signed", feed=one.url, hub=one.hub, hint="a delivery without a right signature was left aside")
                return web.Response(status=202)
            now = self._clock()
            if feed in self._named:
                await self._polls.hasten([one.url], now)
                self._again[feed] = now + AGAIN
        except REDIS:
            return web.Response(status=503)
        except TimeoutError:
            return web.Response(status=408)
        log.debug("hub.told", feed=one.url, hub=one.hub)
        return web.Response(status=202)


async def _signed(request: web.Request, secret: str) -> bool:
    """Whether a delivery is signed as agreed. Raises TimeoutError, and HTTPRequestEntityTooLarge."""
    signature, size = Signature(secret, request.headers.get("X-Hub-Signature", "")), 0
    async with asyncio.timeout(_SLOW):
        async for part in request.content.iter_chunked(1 << 16):
            size += len(part)
            if size > BODY:
                raise web.HTTPRequestEntityTooLarge(BODY, size)
            signature.update(part)
    return signature.right()


async def _pause(stop: asyncio.Event, seconds: float) -> None:
    try:
        await asyncio.wait_for(stop.wait(), seconds)
    except TimeoutError:
        return
