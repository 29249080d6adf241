"""The archiving role: appends every article of the stream to the archive in the data folder.

    articles ─► archive file, on the disk ─► acknowledge

An article is acknowledged after it is on the disk, so one that is in hand when the process dies is written again: twice at most, and who
reads drops the double. While the disk refuses, articles wait on their stream, where nothing unread is trimmed.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from datetime import timedelta

import structlog

from monitor.archive import Archive
from monitor.errors import DataFolderError
from monitor.streams.articles import Articles, Delivery
from monitor.streams.polls import now_utc

log = structlog.get_logger()

BATCH = 256
"""Articles written together at most."""
BLOCK = 1000
"""Milliseconds that a read waits for new articles."""
PAUSE = 1.0
"""Seconds for which articles gather before the next write: one frame for many packs better than many, and syncs the disk once."""
RETRY = 10.0
"""Seconds until a disk that refused is tried again."""


class Archivist:
    """Archives what comes. articles: the stream as the group of archivists reads it."""

    def __init__(self, articles: Articles, archive: Archive) -> None:
        self._articles, self._archive = articles, archive
        self._turn = asyncio.Lock()
        self._refused = False

    async def prepare(self) -> None:
        """Makes the group, from the beginning of what is on the stream."""
        await self._articles.prepare()

    async def run(self, stop: asyncio.Event) -> None:
        """Archives until told to stop; what is in hand then is finished."""
        while not stop.is_set():
            deliveries = await self._articles.pending(BATCH) or await self._articles.new(BATCH, BLOCK)
            if deliveries and not await self._took(deliveries):
                await _pause(stop, RETRY)
            elif 0 < len(deliveries) < BATCH:
                await _pause(stop, PAUSE)

    async def drain(self) -> int:
        """Archives what is there now, and returns how many articles that was. Raises DataFolderError."""
        count = 0
        while deliveries := await self._articles.pending(BATCH) or await self._articles.new(BATCH, 1):
            await self._take(deliveries)
            count += len(deliveries)
        return count

    async def rescue(self) -> None:
        """Takes over articles that an archivist which is gone had in hand."""
        if not self._refused and (deliveries := await self._articles.abandoned(BATCH)):
            await self._took(deliveries)

    async def trim(self, days: int) -> None:
        """Deletes the files of days longer ago than so many; none for 0."""
        if not days:
            return
        try:
            if gone := await asyncio.to_thread(self._archive.trim, now_utc().date() - timedelta(days=days)):
                log.info("archive.trimmed", files=gone)
        except DataFolderError as error:
            log.warning("archive.failing", problem=str(error))

    async def _took(self, deliveries: Sequence[Delivery]) -> bool:
        """Archives, unless the disk refuses: they are kept in hand then."""
        try:
            await self._take(deliveries)
        except DataFolderError as error:
            if not self._refused:
                log.warning("archive.failing", problem=str(error), hint="articles wait on their stream until it works")
            self._refused = True
            return False
        if self._refused:
            log.info("archive.recovered")
        self._refused = False
        return True

    async def _take(self, deliveries: Sequence[Delivery]) -> None:
        async with self._turn:
            fresh = [delivery for delivery in deliveries if not delivery.restored]
            batches = {delivery.article.key: delivery.batch for delivery in fresh if delivery.batch is not None}
            marks = {delivery.article.key: delivery.marks for delivery in fresh}
            await asyncio.to_thread(self._archive.append, [delivery.article for delivery in fresh], batches, marks)
            await self._articles.acknowledge(deliveries)


async def _pause(stop: asyncio.Event, seconds: float) -> None:
    try:
        await asyncio.wait_for(stop.wait(), seconds)
    except TimeoutError:
        return
