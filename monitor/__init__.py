"""Follows a news story's disputed claims through its feeds: who affirms, denies, doubts or evades what, since when, on what evidence.

    feeds ──► poll ──► articles ──► match ──► evidence ──► positions ──► status ──► alerts
              (when due)  (stream)   (entities,  (who says    (each        (of each    (stream)
                                     phrases)    what of      party's      claim)
                                                 which claim) latest)

The middle of it, from `match` to `alerts`, is pure: `monitor.engine.pipeline.read` turns an article into evidence, and
`monitor.engine.ledger.Ledger.apply` turns evidence into changes and alerts. Everything around it moves articles to it and events
away from it:

    monitor.poller   polls feeds that are due and commits their articles      monitor.feeds    fetching, parsing, schedules
    monitor.worker   reads articles for every story and commits the events    monitor.streams  the only place that knows Redis
    monitor.daemon   puts the roles together: schedule, signals               monitor.rules    rule files
    monitor.cli      the commands                                             monitor.charts   timelines as pictures
                                                                              monitor.language what is known of each language

To read a text from a program:

    from pathlib import Path
    from monitor import Article, open_rulebook, read

    for reading in read(Article(...), open_rulebook(Path("rules"))):
        print(reading.evidence)

To follow what the daemon publishes:

    async for event in monitor.subscribe(story="kursk", types=["alert"]):
        print(event.summary)
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from monitor.engine.pipeline import read
    from monitor.model import Article
    from monitor.stories import open_rulebook
    from monitor.streams.subscribe import subscribe, subscribe_blocking

__all__ = ["Article", "open_rulebook", "read", "subscribe", "subscribe_blocking"]

_HOMES = {
    "Article": "monitor.model",
    "open_rulebook": "monitor.stories",
    "read": "monitor.engine.pipeline",
    "subscribe": "monitor.streams.subscribe",
    "subscribe_blocking": "monitor.streams.subscribe",
}


def __getattr__(name: str) -> Any:
    """The public names, imported when they are first asked for: a feed parser process needs none of them."""
    if name in _HOMES:
        from importlib import import_module

        return getattr(import_module(_HOMES[name]), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
