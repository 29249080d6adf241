"""The reading role: takes articles off their stream, reads them with the rules, commits what follows for each story.

    articles ─► read (pure) ─► ledger (pure) ─► commit, one step a story ─► acknowledge

An article is acknowledged after every story has committed it. Until then it comes again, and again changes nothing: the ledger knows
which version of which article it has taken in.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from datetime import UTC, datetime

import structlog

from monitor.engine.kept import Outcome, Rereading
from monitor.engine.pipeline import Reading, read_all
from monitor.engine.rulebook import Rulebook
from monitor.model import Alert, ClaimChanged
from monitor.streams.articles import Articles, Delivery
from monitor.streams.client import Client
from monitor.streams.stories import StoryStore

log = structlog.get_logger()

BATCH = 64
"""Articles read and committed together: a tenth of a second's work at most, so that shutting down is quick."""
BLOCK = 1000
"""Milliseconds that a read waits for new articles."""


class Worker:
    """Reads articles for all stories of a rulebook."""

    def __init__(self, client: Client, articles: Articles, rulebook: Rulebook) -> None:
        self._client, self._articles, self.rulebook = client, articles, rulebook
        self.stores = {name: StoryStore(client, story) for name, story in rulebook.stories.items()}
        # One batch at a time: a ledger is changed, then committed, and nothing may come between.
        self._turn = asyncio.Lock()

    async def prepare(self) -> None:
        """Makes the group, and brings each story's state to its rules."""
        await self._articles.beat()
        await self._articles.prepare()
        await self.renew()

    async def adopt(self, rulebook: Rulebook) -> None:
        """Goes on with other rules, from the next batch on. `renew` has to follow."""
        async with self._turn:
            kept = {name: self.stores[name] for name in rulebook.stories.keys() & self.stores.keys()}
            self.rulebook = rulebook
            self.stores = {
                name: kept[name] if name in kept and kept[name].story.version == story.version else StoryStore(self._client, story)
                for name, story in rulebook.stories.items()
            }

    async def renew(self) -> None:
        """Brings each story's state to its rules."""
        for store in list(self.stores.values()):
            await self.take_again(store, None)

    async def forget(self) -> None:
        """Drops what is kept of claims that the rules have not had for long."""
        for store in list(self.stores.values()):
            async with self._turn:
                if claims := await store.forget(datetime.now(UTC)):
                    log.info("claims.forgotten", story=store.story.name, claims=claims)

    async def take_again(self, store: StoryStore, found: Rereading | None) -> None:
        """Brings a story's state to its rules. found: what kept articles say by them, once they have been read again."""
        async with self._turn:
            _report(store.story.name, [await store.renew(datetime.now(UTC), found)])

    async def run(self, stop: asyncio.Event) -> None:
        """Reads until told to stop; what is in hand then is finished."""
        while deliveries := await self._articles.pending(BATCH):
            await self._take(deliveries)
        while not stop.is_set():
            if deliveries := await self._articles.new(BATCH, BLOCK):
                await self._take(deliveries)

    async def drain(self) -> int:
        """Reads what is there now, and returns how many articles that was."""
        count = 0
        while deliveries := await self._articles.pending(BATCH) or await self._articles.new(BATCH, 1):
            await self._take(deliveries)
            count += len(deliveries)
        return count

    async def rescue(self) -> None:
        """Says that this reader lives, and takes over articles that one which is gone had in hand."""
        await self._articles.beat()
        if deliveries := await self._articles.abandoned(BATCH):
            log.info("articles.rescued", count=len(deliveries))
            await self._take(deliveries)

    async def _take(self, deliveries: Sequence[Delivery]) -> None:
        async with self._turn:
            await self._take_in_turn(deliveries)

    async def _take_in_turn(self, deliveries: Sequence[Delivery]) -> None:
        read_out: list[tuple[Delivery, dict[str, Reading]]] = []
        for delivery in deliveries:
            read_out.append((delivery, {reading.story: reading for reading in read_all(delivery.article, self.rulebook)}))
            await asyncio.sleep(0)  # polls go on while a batch is read
        for name, store in self.stores.items():
            await self._commit(name, store, read_out)
        await self._articles.acknowledge(deliveries)

    async def _commit(self, name: str, store: StoryStore, read_out: Sequence[tuple[Delivery, dict[str, Reading]]]) -> None:
        while True:
            if store.stale:
                await store.load()
            outcomes: list[Outcome] = []
            for delivery, readings in read_out:
                outcomes.append(store.ledger.apply(readings[name], delivery.batch))
            outcomes = [outcome for outcome in outcomes if not outcome.empty]
            if not outcomes or await store.commit(outcomes):
                break
            log.info("story.reloaded", story=name, hint="another reader or a person has committed")
        _report(name, outcomes)


def _report(story: str, outcomes: Sequence[Outcome]) -> None:
    for outcome in outcomes:
        for event in outcome.events:
            match event:
                case Alert():
                    log.warning(
                        "alert",
                        story=story,
                        alert=event.alert,
                        severity=str(event.severity),
                        summary=event.summary,
                        outlet=event.outlet,
                        url=event.url,
                    )
                case ClaimChanged():
                    log.info(
                        "claim.changed",
                        story=story,
                        claim=event.claim,
                        was=str(event.from_),
                        now=str(event.to),
                        outlet=event.outlet,
                    )
                case _:
                    log.debug(type(event).__name__.lower(), story=story, id=event.id)
