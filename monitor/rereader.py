"""The re-reading role: articles that are still there, read again by rules that have changed since.

    archive, stream ─► read (pure) ─► what says another thing than is kept ─► one commit a story, with what follows from it

It goes on beside everything else, an article at a time. What is in hand when rules change once more is left, and begun anew.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator

import structlog

from monitor.archive import Archive, Key
from monitor.engine.kept import Reread
from monitor.engine.ledger import said_of
from monitor.engine.pipeline import read_all
from monitor.engine.renewing import differs
from monitor.model import Article
from monitor.streams.articles import Articles
from monitor.streams.rulesets import RuleSets
from monitor.streams.stories import StoryStore
from monitor.worker import Worker

log = structlog.get_logger()

_TELL_EVERY = 1.0
"""Seconds between two times that progress is told."""


class Rereader:
    """Reads again for a worker."""

    def __init__(self, worker: Worker, articles: Articles, archive: Archive, rulesets: RuleSets) -> None:
        self._worker, self._articles, self._archive, self._rulesets = worker, articles, archive, rulesets

    async def run(self, stop: asyncio.Event) -> None:
        """Until nothing is left that has to be read again, or told to stop."""
        while not stop.is_set() and (stores := [store for store in self._worker.stores.values() if store.wants_rereading]):
            await self._read_again(stores, stop)

    async def _read_again(self, stores: list[StoryStore], stop: asyncio.Event) -> None:
        rulebook, names = self._worker.rulebook, [store.story.name for store in stores]
        found: dict[str, dict[tuple[str, str], Reread]] = {name: {} for name in names}
        done, told = 0, time.monotonic()
        log.info("rules.rereading", stories=names)
        async for article, share in self._kept():
            if self._worker.rulebook is not rulebook or stop.is_set():
                return
            for reading in read_all(article, rulebook):
                if reading.story in found:
                    said = said_of(reading)
                    if differs(self._worker.stores[reading.story].ledger.entries.get(article.id), said):
                        found[reading.story][article.id, article.feed] = Reread(said, reading.matches)
            done += 1
            if time.monotonic() - told > _TELL_EVERY:
                told = time.monotonic()
                await self._rulesets.rereading(share)
            await asyncio.sleep(0)
        for store in stores:
            if self._worker.stores.get(store.story.name) is store:
                await self._worker.take_again(store, found[store.story.name])
        log.info("rules.reread", stories=names, articles=done, changed=sum(map(len, found.values())))
        await self._rulesets.rereading(None)

    async def _kept(self) -> AsyncIterator[tuple[Article, float]]:
        """Every article that is still there and has been read before: of the archive, then what the stream has besides; each with the share
        of them that lies behind it."""
        unread, seen, passed = await self._articles.waiting(), set[Key](), 0
        whole = sum(path.stat().st_size for path in self._archive.files()) or 1

        def pass_by(count: int) -> None:
            nonlocal passed
            passed = count

        for article in self._archive.articles(passed=pass_by):
            seen.add(article.key)
            if article.key not in unread:
                yield article, min(passed / whole, 1)
        async for article in self._articles.kept():
            if article.key not in seen:
                yield article, 1
