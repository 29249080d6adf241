"""What a ledger needs to go on after a restart, and what it says of one step: records without behaviour."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

from pydantic import Field

from monitor.model import Alert, ClaimState, Event, Evidence, Instant, Match, Record


class Said(Record):
    """What one feed's version of an article told: what positions rest on stays, the text does not."""

    feed: str = Field(default="", description="The feed that brought it; empty: it came from a file, and stands for any feed's")
    version: int
    time: Instant
    size: int = Field(default=0, description="Characters of title and text")
    wording: str = Field(default="", description="Sketch of the text, by which copies are told")
    evidence: tuple[Evidence, ...] = ()
    matches: tuple[str, ...] = Field(default=(), description="Conditions met")

    @property
    def rank(self) -> tuple[bool, int, str]:
        """Of several feeds' versions of an article the one with the greatest rank is read: one that tells something, the longest."""
        return bool(self.evidence or self.matches), self.size, self.feed


class Entry(Said):
    """What the story keeps of an article that told it something: what it told in the version that is read, and in those of other feeds."""

    others: tuple[Said, ...] = Field(default=(), description="What other feeds' versions told")
    alerts: tuple[Alert, ...] = Field(default=(), description="Alerts raised on it, or on what was decided about it")

    def by(self, feed: str) -> Said | None:
        """What the article told as a feed had it, if that is known."""
        if not feed:
            return self
        return next((said for said in (self, *self.others) if said.feed in ("", feed)), None)


def told_by(entry: Entry | None, said: Said) -> Entry:
    """What is kept of an article once a feed's version is in, in place of the one that the feed had before."""
    if entry is None:
        return Entry(**dict(said))
    feed = said.feed or entry.feed
    versions = [one for one in (entry, *entry.others) if one.feed not in ("", feed)] + [said.model_copy(update={"feed": feed})]
    read = max(versions, key=lambda one: one.rank)
    others = sorted((one for one in versions if one is not read), key=lambda one: one.feed)
    return Entry(**_plain(read), others=tuple(Said(**_plain(one)) for one in others), alerts=entry.alerts)


def _plain(said: Said) -> dict[str, Any]:
    return {name: getattr(said, name) for name in Said.model_fields}


class Batch(Record):
    """Which first poll an article came with: the feed, its place among the poll's articles, and how many there are.

    An import is one as well: it has a name that says what it is, and its places are parts of it.
    """

    feed: str
    place: int
    count: int
    name: str = Field(default="", description="What its summary calls it; empty: the first poll of the feed")


class Held(Record):
    """What a first poll would have raised, until all of its articles are read."""

    places: frozenset[int] = frozenset()
    alerts: tuple[Alert, ...] = ()


class Memory(Record):
    """The rest of a story's state: when throttled rules last fired, when counted conditions were met, and first polls under way."""

    fired: dict[str, tuple[Instant, ...]] = Field(default_factory=dict, description="Rule and subject -> when it fired, the latest few")
    met: dict[str, tuple[Instant, ...]] = Field(default_factory=dict, description="Condition -> when it was met, where some alert counts")
    summed: frozenset[str] = Field(default=frozenset(), description="Feeds whose first poll has been summed up")
    held: dict[str, Held] = Field(default_factory=dict)


class Reread(NamedTuple):
    """What a feed's version of an article says by changed rules."""

    said: Said
    matches: tuple[Match, ...]


Rereading = Mapping[tuple[str, str], Reread]
"""Article and feed -> what it says by changed rules."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a reading, decisions or changed rules led to. entries and states: what changed and has to be kept."""

    events: tuple[Event, ...] = ()
    entries: tuple[tuple[str, Entry], ...] = ()
    states: tuple[ClaimState, ...] = ()
    memory_changed: bool = False

    @property
    def empty(self) -> bool:
        """Whether there is nothing to keep."""
        return not (self.events or self.entries or self.states or self.memory_changed)
