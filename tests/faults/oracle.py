"""What has to be on the server: the pure core over the ledger of the feeds."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

from monitor.engine.kept import Batch
from monitor.engine.ledger import Ledger
from monitor.engine.pipeline import read_all
from monitor.engine.rulebook import Rulebook
from monitor.model import Article, ClaimState, event_type
from monitor.streams.keys import STREAM_OF, STREAMS, feed_id


class Oracle:
    """The stories, read by the pure core."""

    def __init__(self, rulebook: Rulebook) -> None:
        self.rulebook = rulebook
        self.ledgers = {name: Ledger(story) for name, story in rulebook.stories.items()}
        self.events: dict[tuple[str, str], Counter[str]] = {(story, stream): Counter() for story in self.ledgers for stream in STREAMS}
        """Story and stream -> ids of the events that must be on it, each once."""

    def take(self, articles: Iterable[Article], *, first: bool = False) -> None:
        """Reads articles. first: each is the only one of its feed's first poll."""
        for article in articles:
            batch = Batch(feed=feed_id(article.feed), place=1, count=1) if first else None
            for reading in read_all(article, self.rulebook):
                for event in self.ledgers[reading.story].apply(reading, batch).events:
                    self.events[reading.story, STREAM_OF[event_type(event)]][event.id] = 1

    def states(self, story: str) -> dict[str, ClaimState]:
        """Where every claim has to stand."""
        return {claim: self.ledgers[story].state(claim) for claim in self.rulebook.stories[story].story.claims}
