"""A small story, and articles of it told to a server as the daemon would."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

from monitor.engine.pipeline import read
from monitor.engine.rulebook import Rulebook
from monitor.model import Article
from monitor.stories import open_rulebook
from monitor.streams.client import Client
from monitor.streams.stories import StoryStore

AT = datetime(2025, 4, 28, 9, tzinfo=UTC)
RULES = """
title: A bridge
entities:
  red: {kind: party, names: {en: [Red], zh: [红方]}}
  blue: {kind: party, names: {en: [Blue], zh: [蓝方]}}
words:
  bridge: {en: [bridge], zh: [大桥]}
claims:
  bridge-built: {text: The bridge is built, about: bridge, confirmed_by: red}
"""
COURSE = [
    "Red denied that the bridge was built",
    "Blue confirmed that the bridge was built",
    "Red confirmed that the bridge was built",
]
"""What the articles of a course are called, a day after another."""


def write(folder: Path, feed: str = "", name: str = "river") -> Path:
    """The rules in a folder; feed: one to poll each second."""
    story = folder / name
    story.mkdir(parents=True)
    feeds = f"feeds:\n  - {{url: '{feed}', every: 1s, outlet: Wire}}\n" if feed else ""
    (story / "story.yaml").write_text(RULES + feeds, encoding="utf-8")
    return folder


def rulebook(folder: Path) -> Rulebook:
    """The rules, written and read."""
    return open_rulebook(write(folder))


def articles(titles: Sequence[str], after: int = 0) -> list[Article]:
    """An article for each title, a day apart."""
    return [
        Article(id=f"a{n}", outlet="Wire", title=title, published_at=AT + timedelta(days=n), fetched_at=AT + timedelta(days=n))
        for n, title in enumerate(titles, after)
    ]


async def tell(client: Client, rules: Rulebook, titles: Sequence[str], after: int = 0) -> None:
    """Has a server hold what the articles tell."""
    for story in rules.stories.values():
        store = StoryStore(client, story)
        await store.renew(AT)
        for article in articles(titles, after):
            [reading] = [reading for reading in [read(article, rules)[0]] if reading.story == story.name]
            assert await store.commit([store.ledger.apply(reading)])
