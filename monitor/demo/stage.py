"""The demo at work: the feeds, the daemon that polls them, and what it says of each article."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Coroutine, Sequence
from contextlib import asynccontextmanager
from pathlib import Path

from monitor.daemon import Daemon
from monitor.demo.course import STORY, Item
from monitor.demo.feeds import FeedServer
from monitor.engine import conditions
from monitor.engine.ledger import Ledger
from monitor.engine.rulebook import Rulebook
from monitor.engine.vocabulary import CompiledStory
from monitor.errors import InputError, ServerError
from monitor.model import Event
from monitor.rules.load import read_stories
from monitor.rules.schema import Feed
from monitor.settings import Settings
from monitor.stories import compiled
from monitor.streams.access import Server
from monitor.streams.articles import Articles
from monitor.streams.client import Client, connected
from monitor.streams.stories import StoryStore
from monitor.streams.tail import Place, since

PATIENCE = 60.0
"""Seconds after which the daemon is taken to be stuck: reading one article takes a fraction of one."""
_LOOK = 0.02
"""Seconds between looks whether an article has been read."""


def rulebook(folder: Path, feeds: Sequence[Feed]) -> Rulebook:
    """The demo's story with these feeds in place of its own. folder: of stories, or of this one. Raises InputError, RuleErrors."""
    if not folder.exists():
        raise InputError(f"there is no folder {folder} here: run the demo in the project's folder, or name its rules with --rules")
    stories = read_stories(folder, conditions.check)
    mine = [(story.model_copy(update={"feeds": tuple(feeds)}), version) for story, version in stories if story.story == STORY]
    if not mine:
        raise InputError(f"the demo tells the story `{STORY}`, which is not in {folder}: name the folder that holds it with --rules")
    return compiled(mine)


class Stage:
    """The running demo."""

    def __init__(self, feeds: FeedServer, client: Client, story: CompiledStory, articles: Articles, daemon: asyncio.Task[None]) -> None:
        self._feeds, self._client, self._story, self._articles, self._daemon = feeds, client, story, articles, daemon
        self._published = 0
        self._place: Place = {}

    async def publish(self, item: Item) -> list[Event]:
        """Publishes an article, waits until the daemon has read it, and returns what followed. Raises what ended the daemon."""
        await self._feeds.publish(item)
        self._published += 1
        await _while_running(self._daemon, self._read())
        return await since(self._client, STORY, self._place)

    async def ledger(self) -> Ledger:
        """The story as the server has it now."""
        store = StoryStore(self._client, self._story)
        await store.load()
        return store.ledger

    async def _read(self) -> None:
        while await self._articles.done() < self._published:  # noqa: ASYNC110 # what the daemon does raises no event here
            await asyncio.sleep(_LOOK)


@asynccontextmanager
async def staged(settings: Settings, rules: Rulebook, feeds: FeedServer) -> AsyncIterator[Stage]:
    """The daemon at work on the feeds, each of them polled once. Everything is stopped at the end, also when cancelled."""
    ready, servers = asyncio.Event(), list[Server]()

    def begun(server: Server) -> None:
        servers.append(server)
        ready.set()

    daemon = Daemon(settings, rules, begun, signals=False)
    async with feeds:
        running = asyncio.create_task(daemon.run())
        try:
            await _while_running(running, ready.wait())
            await _while_running(running, feeds.polled())
            async with connected(servers[0].url) as client:
                yield Stage(feeds, client, rules.stories[STORY], Articles(client, client, settings.partitions, "demo"), running)
        finally:
            await feeds.release()
            daemon.stop()
            await running


async def _while_running(daemon: asyncio.Task[None], wanted: Coroutine[None, None, object]) -> None:
    """Waits. Raises what ended the daemon, if that comes first, or ServerError when neither comes."""
    waiting = asyncio.create_task(wanted)
    try:
        await asyncio.wait({waiting, daemon}, timeout=PATIENCE, return_when=asyncio.FIRST_COMPLETED)
        if waiting.done():
            waiting.result()
            return
    finally:
        waiting.cancel()
        await asyncio.wait({waiting})
    if daemon.done():
        daemon.result()
    raise ServerError(f"the daemon has not read an article for {PATIENCE:g} s: see daemon.log in the data folder (--data keeps it)")
