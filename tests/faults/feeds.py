"""Feeds on loopback, and the ledger of what they published: the oracle's source."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from xml.sax.saxutils import escape

from aiohttp import web

from monitor.feeds.addresses import canonical
from monitor.model import Article, digest
from tests.faults.story import BESIDE, CLAIMS, SENTENCES, about

LANGUAGES = ("en", "ru", "uk", "ko", "zh", "en")
"""Languages of the feeds; the last one repeats what the first one has."""
_SHOWN = 40
"""Entries that a feed lists."""
_BEGIN = datetime(2010, 1, 1, tzinfo=UTC)
_APART = timedelta(hours=25)
"""Between two entries, so that none is taken for a copy of another."""


@dataclass
class Entry:
    """An entry as a feed has it now."""

    name: str
    title: str
    published: datetime
    claim: int | None
    version: int = 1

    @property
    def link(self) -> str:
        return f"https://outlet.example/{self.name}"

    def xml(self) -> str:
        date = format_datetime(self.published)
        return f"<item><guid>{self.name}</guid><title>{escape(self.title)}</title><link>{self.link}</link><pubDate>{date}</pubDate></item>"


Row = tuple[str, str, int, str]
"""What identifies a version of an article as a feed brought it: feed, address, version, title."""


@dataclass
class Feeds:
    """What the feeds have, and have had."""

    dice: random.Random
    base: str = ""
    listed: list[list[Entry]] = field(default_factory=lambda: [[] for _ in LANGUAGES])
    ledger: Counter[Row] = field(default_factory=Counter)
    made: int = 0
    touched: set[int] = field(default_factory=set)
    """Claims of what was published since everything held last."""
    asked: int = 0

    @property
    def urls(self) -> list[str]:
        return [f"{self.base}/{number}" for number in range(len(LANGUAGES))]

    def begin(self) -> list[Article]:
        """The first entry of every feed."""
        return [self._new(number, number, f"seed{number}") for number in range(len(LANGUAGES))]

    def publish(self, count: int) -> list[Article]:
        """New entries, edits and repeats, each on a claim of its own, so that the order in which they arrive decides nothing."""
        claims = self.dice.sample([claim for claim in range(CLAIMS) if claim not in self.touched], CLAIMS - len(self.touched))
        before = set(claims)
        articles: list[Article] = []
        for _ in range(count):
            kind = self.dice.random()
            old = [(number, entry) for number, entries in enumerate(self.listed) for entry in entries if entry.claim in claims]
            if kind < 0.25 and old:
                number, entry = self.dice.choice(old)
                claims.remove(entry.claim or 0)
                articles.append(self._edit(number, entry))
            elif kind < 0.35 and (told := [entry for entry in self.listed[0] if entry.claim in claims and self._unrepeated(entry)]):
                entry = self.dice.choice(told)
                claims.remove(entry.claim or 0)
                articles.append(self._put(len(LANGUAGES) - 1, Entry(entry.name, entry.title, entry.published, entry.claim)))
            else:
                claim = claims.pop() if kind < 0.9 else None
                articles.append(self._new(self.dice.randrange(len(LANGUAGES) - 1), claim))
        self.touched |= before - set(claims)
        return articles

    def settled(self) -> None:
        """Everything that was published has been read: it may be edited, and the oldest leave."""
        self.touched.clear()
        for entries in self.listed:
            del entries[_SHOWN:]

    def body(self, number: int) -> str:
        """A feed as it is served."""
        items = "".join(entry.xml() for entry in self.listed[number])
        return f'<rss version="2.0"><channel><title>Wire {number}</title><language>{LANGUAGES[number]}</language>{items}</channel></rss>'

    def _new(self, number: int, claim: int | None, name: str = "") -> Article:
        self.made += 1
        title = self.dice.choice(BESIDE).format(self.made) if claim is None else self._sentence(LANGUAGES[number], claim)
        return self._put(number, Entry(name or f"e{self.made}", title, _BEGIN + self.made * _APART, claim))

    def _edit(self, number: int, entry: Entry) -> Article:
        was, entry.version = entry.title, entry.version + 1
        while entry.title == was:
            entry.title = self._sentence(LANGUAGES[number], entry.claim or 0)
        return self._note(number, entry)

    def _put(self, number: int, entry: Entry) -> Article:
        self.listed[number].insert(0, entry)
        return self._note(number, entry)

    def _note(self, number: int, entry: Entry) -> Article:
        self.ledger[self.urls[number], entry.link, entry.version, entry.title] += 1
        return Article(
            id=digest(canonical(entry.link)),
            version=entry.version,
            feed=self.urls[number],
            outlet=f"Wire {number}",
            lang=LANGUAGES[number],
            url=entry.link,
            title=entry.title,
            published_at=entry.published,
            fetched_at=entry.published,
        )

    def _sentence(self, language: str, claim: int) -> str:
        return self.dice.choice([row for row in SENTENCES if row[0] == language])[1].format(about(claim, language))

    def _unrepeated(self, entry: Entry) -> bool:
        return entry.version == 1 and (self.urls[-1], entry.link) not in {row[:2] for row in self.ledger}


@asynccontextmanager
async def serving(dice: random.Random) -> AsyncIterator[Feeds]:
    """Feeds, served for as long as this is entered."""
    feeds = Feeds(dice)

    async def answer(request: web.Request) -> web.Response:
        feeds.asked += 1
        return web.Response(text=feeds.body(int(request.match_info["number"])), content_type="application/rss+xml")

    app = web.Application()
    app.router.add_get("/{number}", answer)
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    feeds.base = f"http://127.0.0.1:{runner.addresses[0][1]}"
    try:
        yield feeds
    finally:
        await runner.cleanup()
