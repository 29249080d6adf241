"""Names of keys. What stands in braces decides the slot, so each script's keys share it.

monitor:{kursk}:matches     stream of `match` events            monitor:{p0}:articles   stream of articles
monitor:{kursk}:claims      stream of `evidence`, `position.changed`, `claim.changed`, `decision`, `note`
monitor:{kursk}:alerts      stream of `alert` events            monitor:{p0}:feeds      stream of `feed.*` events
monitor:{kursk}:state       hash: claim -> its current state    monitor:{p0}:due        sorted set: feed -> due at (ms)
monitor:{kursk}:entries     hash: article -> what it told       monitor:{p0}:leases     hash: feed -> who polls it now
monitor:{kursk}:meta        hash: revision, memory …            monitor:{p0}:feed:ID    hash: what polling remembers
monitor:{kursk}:ids         sorted set: event ids by time       monitor:{p0}:seen:ID    hash: article -> version, content, first seen;
                                                                                          and gone since; mark -> article that had it last
monitor:{p0}:pollers        sorted set: who polls -> until when it is taken to live (ms)
monitor:{p0}:hubs           hash: feed -> what was agreed with its hub
monitor:{p0}:rereading      how far reading kept articles again has come
monitor:{p0}:rules          stream of `rules.*` events          monitor:{p0}:ruleset    hash: revision, which rules are in force
monitor:{kursk}:decisions   hash: id -> what a person decided about evidence
monitor:{kursk}:notes       hash: id -> what a person noted about a claim
"""

from __future__ import annotations

from datetime import timedelta
from typing import Literal

from monitor.model import digest

READERS = "readers"
"""Consumer group that reads articles for all stories."""

ARCHIVISTS = "archive"
"""Consumer group that appends articles to the archive."""

META = "monitor:meta"
"""Hash of facts about the whole data set: its layout version, number of partitions, and an id of its own."""

ALIVE = timedelta(seconds=10)
"""How long a poller or a reader is taken to live after it last said so."""

LAYOUT = "2"
"""Version of the key layout."""

StoryStream = Literal["matches", "claims", "alerts"]
STREAMS: tuple[StoryStream, ...] = ("matches", "claims", "alerts")
STREAM_OF: dict[str, StoryStream] = {
    "match": "matches",
    "evidence": "claims",
    "position.changed": "claims",
    "claim.changed": "claims",
    "alert": "alerts",
    "decision": "claims",
    "note": "claims",
}
"""Event type -> stream of its story that it goes onto."""

CommonStream = Literal["feeds", "rules"]
COMMON: dict[str, CommonStream] = {"feed": "feeds", "rules": "rules"}
"""What an event type begins with -> stream that it goes onto, for events of no single story."""


def stream_of(kind: str) -> StoryStream | CommonStream:
    """The stream that an event type goes onto. Raises KeyError."""
    return STREAM_OF[kind] if kind in STREAM_OF else COMMON[kind.partition(".")[0]]


def story_key(story: str, name: str) -> str:
    """A key in a story's slot."""
    return f"monitor:{{{story}}}:{name}"


def partition_key(partition: int, name: str) -> str:
    """A key in a partition's slot."""
    return f"monitor:{{p{partition}}}:{name}"


def feed_id(url: str) -> str:
    """A feed's id: hash of its URL."""
    return digest(url)


def partition_of(feed: str, partitions: int) -> int:
    """The partition that a feed (by id) and its articles live in."""
    return int(feed[:8], 16) % partitions
