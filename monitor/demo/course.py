"""The course of the story: what the demo's feeds publish, in event order."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime
from importlib.resources import files

STORY = "kursk"
"""The story that the articles are about."""
CLAIM = "troops-sent"
"""The claim to watch."""


@dataclass(frozen=True, slots=True)
class Item:
    """An article as a feed publishes it, or a correction of one. feed: the feed's name. updated: when it was corrected."""

    feed: str
    outlet: str
    lang: str
    url: str
    title: str
    text: str
    published: datetime
    updated: datetime | None = None

    @property
    def at(self) -> datetime:
        """When it appeared."""
        return self.updated or self.published


def course() -> list[Item]:
    """Everything that is published, in the order in which it appeared."""
    rows = [json.loads(line) for line in files(__package__).joinpath("articles.jsonl").read_text(encoding="utf-8").splitlines()]
    items = [
        Item(
            feed=row["feed"],
            outlet=row["source"],
            lang=row["lang"],
            url=row["url"],
            title=row["title"],
            text=row["text"],
            published=datetime.fromisoformat(row["published"]),
            updated=datetime.fromisoformat(row["updated"]) if "updated" in row else None,
        )
        for row in rows
    ]
    return sorted(items, key=lambda item: (item.at, item.url))
