"""What a ledger needs to go on after a restart, and what it says of one step: records without behaviour."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

from pydantic import Field

from monitor.model import Alert, ClaimState, Event, Evidence, Instant, Match, Record


class Entry(Record):
    """What the story keeps of an article that told it something: what positions rest on stays, the text does not."""

    version: int
    time: Instant
    evidence: tuple[Evidence, ...] = ()
    matches: tuple[str, ...] = Field(default=(), description="Conditions met")
    alerts: tuple[Alert, ...] = Field(default=(), description="Alerts raised on it, or on what was decided about it")


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
    """What an article says by changed rules."""

    entry: Entry
    matches: tuple[Match, ...]


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
