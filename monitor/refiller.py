"""The refilling role: notices that the server has lost what it had, and gives it back from the archive.

    server ─► what it has ─┬─ as before ─► noted in the data folder
                           └─ less ─► archive ─► articles stream ─► read as ever

Ids are made of what they stand for, so an alert that is raised again has the id that it had. What people decided and noted, and how
far groups of subscribers had read, stands on the server alone: that it is missing is said.
"""

from __future__ import annotations

import asyncio
import os
import tempfile
from collections.abc import Awaitable, Callable, Iterable
from datetime import timedelta
from pathlib import Path

import structlog
from pydantic import ValidationError

from monitor.archive import Archive
from monitor.bulk import parts
from monitor.errors import InputError, masked
from monitor.feeds.articles import content_hash, recognisable
from monitor.streams import dataset
from monitor.streams.client import Client
from monitor.streams.polls import Polls

log = structlog.get_logger()

NOTE = "server-seen.json"
"""File in the data folder that says what the server had."""
_TOGETHER = 100
"""Articles that are put back in one step."""
_OVERLAP = timedelta(days=1)
"""The clocks of the server and of this machine may differ by so much, and an article be so long on its way."""


class Refiller:
    """Looks after the data of one server."""

    def __init__(
        self,
        client: Client,
        polls: Polls,
        archive: Archive,
        note: Path,
        where: str,
        stories: Callable[[], Iterable[str]],
        prepare: Callable[[], Awaitable[object]],
        room: Callable[[], Awaitable[object]],
    ) -> None:
        """note: the file of what the server had. where: the server, as it was given. stories: those followed now. prepare: makes what an
        empty server lacks. room: waits until what was put back has been read, more or less."""
        self._client, self._polls, self._archive, self._note, self._where = client, polls, archive, note, masked(where)
        self._stories, self._prepare, self.room = stories, prepare, room
        self._turn = asyncio.Lock()
        self._last: dataset.Seen | None = None
        self.sure = False
        """Whether the server is known to have what it had. Until then nothing is to be polled: versions would be counted anew."""

    def doubt(self) -> None:
        """Something has happened to the server: it has to be looked at before anything is polled."""
        self.sure = False

    async def look(self) -> None:
        """Looks at the server, and refills it where it has lost something. Raises what redis-py raises, and ServerError."""
        async with self._turn:
            await self._polls.prepare()
            before = self._last or self._noted()
            now = await self._seen()
            lost = await dataset.loss(self._client, before, now) if before is not None else None
            if lost is not None:
                self.sure = False
                await self._refill(lost, now)
                now = await self._seen()
            if now != before:
                self._write(now)
            self._last, self.sure = now, True

    async def _seen(self) -> dataset.Seen:
        return await dataset.look(self._client, self._where, self._polls.partitions, self._stories())

    async def _refill(self, lost: dataset.Loss, now: dataset.Seen) -> None:
        missing = "decisions and notes" if lost == "empty" else "decisions and notes of the time that is lost"
        log.warning("server.data_lost", server=self._where, came_back=lost, hint="it is refilled from the archive")
        await self._prepare()
        since = dataset.reached(now) if lost == "older" else None
        count = 0
        problem = ""
        try:
            # By the day of fetching, for by then the server had them or had them not.
            for some in parts(self._archive.fetched((since - _OVERLAP).date() if since else None), _TOGETHER):
                rows = [(article, content_hash(article), marks or recognisable(article), batch) for article, batch, marks in some]
                count += await dataset.restore(self._client, self._polls.partitions, rows)
                await self.room()
        except InputError as error:
            problem = str(error)
        files = self._archive.files()
        log.warning(
            "server.refilled",
            articles=count,
            archive_since=files[0].name[:10] if files else "it is empty",
            missing=f"{missing}, and how far groups of subscribers had read",
            **({"problem": problem} if problem else {}),
        )

    def _noted(self) -> dataset.Seen | None:
        try:
            return dataset.Seen.model_validate_json(self._note.read_bytes())
        except (OSError, ValidationError):  # there is none, or it was written by something else
            return None

    def _write(self, seen: dataset.Seen) -> None:
        """Not synced: the note may be older than the server, never newer."""
        try:
            self._note.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            file, name = tempfile.mkstemp(prefix="seen-", dir=self._note.parent)  # mode 0600
            with os.fdopen(file, "w", encoding="utf-8") as output:
                output.write(seen.model_dump_json())
            Path(name).replace(self._note)
        except OSError as error:
            log.debug("server.not_noted", problem=str(error))
