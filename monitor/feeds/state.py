"""What polling remembers of a feed: validators, failures, pace, times. How the feed is configured is `rules.schema.Feed`."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Annotated, NamedTuple, Self

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field

from monitor.model import Instant


class Poll(NamedTuple):
    """A successful poll. at: to the second. new: entries that no earlier poll brought."""

    at: datetime
    new: int


def _absent(value: object) -> object:
    return None if value == "" else value


def _seconds(value: object) -> object:
    if isinstance(value, str):
        return timedelta(seconds=int(value)) if value else None
    return value


def _numbers(value: object) -> object:
    return tuple(int(part) for part in value.split()) if isinstance(value, str) else value


def _polls(value: object) -> object:
    if not isinstance(value, str):
        return value
    pairs = (part.partition(":") for part in value.split())
    return tuple(Poll(datetime.fromtimestamp(int(at), UTC), int(new)) for at, _, new in pairs)


OptionalInstant = Annotated[Instant | None, BeforeValidator(_absent)]
"""An aware time in UTC, or None, which stands as "" in a hash: there is no null, and a field left out keeps its old value."""
OptionalSpan = Annotated[timedelta | None, BeforeValidator(_seconds)]
"""A length of time, in whole seconds in a hash; None as above."""
Numbers = Annotated[tuple[int, ...], BeforeValidator(_numbers)]
Polls = Annotated[tuple[Poll, ...], BeforeValidator(_polls)]


class FeedState(BaseModel):
    """The memory of one feed, as kept in a flat Redis hash. A feed never polled has the default values."""

    # A hash written by a newer version may have more fields; they are none of our business.
    model_config = ConfigDict(frozen=True, extra="ignore")

    url: str = Field(default="", description="Of the feed, so that it can be named when no rule does")
    outlet: str = Field(default="", description="Who publishes it, as the rules had it")

    etag: str = Field(default="", description="Validator of the last body, sent back as If-None-Match")
    last_modified: str = Field(default="", description="The same, sent back as If-Modified-Since")
    body_hash: str = Field(default="", description="Hash of the last body: an unchanged one is not parsed again")
    pieces: str = Field(default="", description="The last body's entries by hash, each with its article: those are not parsed again")
    last_body: OptionalInstant = Field(default=None, description="When the server last sent a whole body")

    polled: int = Field(default=0, ge=0, description="Successful polls; 0 means that the next success is the feed's first")
    last_poll: OptionalInstant = Field(default=None, description="When it was last polled, whatever came of it")
    last_success: OptionalInstant = Field(default=None, description="When it was last polled with success")

    failures: int = Field(default=0, ge=0, description="Polls that failed in a row")
    problem: str = Field(default="", description="What went wrong last, in words; empty after a success")
    failing_since: OptionalInstant = Field(default=None, description="The first of the polls that failed in a row")
    told: bool = Field(default=False, description="Whether `feed.failing` was told of them")
    gone: int = Field(default=0, ge=0, description="Polls in a row that were answered with 410 Gone")

    interval: OptionalSpan = Field(default=None, description="How often it is polled at present")
    recent: Polls = Field(default=(), description="The last successful polls, oldest first; what the first of them brought does not count")
    hint: OptionalSpan = Field(default=None, description="How often the feed's last body says that it is worth a look")
    skip_hours: Numbers = Field(default=(), description="Hours of the day, UTC, in which the feed says that it rests")
    skip_days: Numbers = Field(default=(), description="Days of the week, Monday 0, on which it does")
    entries: int = Field(default=0, ge=0, description="How many entries its last body held")
    gap: OptionalInstant = Field(default=None, description="When a poll last shared no entry with those before it")
    gap_told: OptionalInstant = Field(default=None, description="When that was last told")

    since: OptionalInstant = Field(default=None, description="From when the next three are counted: four weeks ago at most")
    since_polls: int = Field(default=0, ge=0, description="Successful polls")
    since_304: int = Field(default=0, ge=0, description="Those of them that were answered with 304 Not Modified")
    since_new: int = Field(default=0, ge=0, description="Entries that they brought")

    moved_to: str = Field(default="", description="Where the server says that the feed has moved for good")
    moved_since: OptionalInstant = Field(default=None, description="When it first said so, without a break since")
    moved_polls: int = Field(default=0, ge=0, description="How many polls in a row it has said so")
    address: str = Field(default="", description="Where the feed is asked for instead of its URL; empty: at its URL")

    page_failures: int = Field(default=0, ge=0, description="Polls in a row of which no article's page could be read")
    page_problem: str = Field(default="", description="What was wrong with the last of those pages, in words")

    hub: str = Field(default="", description="The WebSub hub that the feed names")
    topic: str = Field(default="", description="What the feed is called there")

    def to_hash(self) -> dict[str, str]:
        """All fields as strings, for HSET. `from_hash` gives the same state back, but for fractions of seconds."""
        return {name: _as_text(getattr(self, name)) for name in type(self).model_fields}

    @classmethod
    def from_hash(cls, fields: Mapping[str, str]) -> Self:
        """The state in a hash as HGETALL gives it; an empty one is the state of a feed never polled."""
        return cls.model_validate(dict(fields))


def _as_text(value: object) -> str:
    match value:
        case None:
            return ""
        case bool():
            return str(int(value))
        case datetime():
            return value.isoformat()
        case timedelta():
            return str(int(value.total_seconds()))
        case Poll():
            return f"{int(value.at.timestamp())}:{value.new}"
        case tuple():
            return " ".join(map(_as_text, value))
        case _:
            return str(value)
