"""What polling remembers of a feed: validators, failures, times. How the feed is configured is `rules.schema.Feed`."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Annotated, Self

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field

from monitor.model import Instant


def _absent(value: object) -> object:
    return None if value == "" else value


OptionalInstant = Annotated[Instant | None, BeforeValidator(_absent)]
"""An aware time in UTC, or None, which stands as "" in a hash: there is no null, and a field left out keeps its old value."""


class FeedState(BaseModel):
    """The memory of one feed, as kept in a flat Redis hash. A feed never polled has the default values."""

    # A hash written by a newer version may have more fields; they are none of our business.
    model_config = ConfigDict(frozen=True, extra="ignore")

    url: str = Field(default="", description="Of the feed, so that it can be named when no rule does")
    outlet: str = Field(default="", description="Who publishes it, as the rules had it")
    etag: str = Field(default="", description="Validator of the last body, sent back as If-None-Match")
    last_modified: str = Field(default="", description="The same, sent back as If-Modified-Since")
    body_hash: str = Field(default="", description="Hash of the last body: an unchanged one is not parsed again")
    failures: int = Field(default=0, ge=0, description="Polls that failed in a row")
    problem: str = Field(default="", description="What went wrong last, in words; empty after a success")
    polled: int = Field(default=0, ge=0, description="Successful polls; 0 means that the next success is the feed's first")
    last_poll: OptionalInstant = Field(default=None, description="When it was last polled, whatever came of it")
    last_success: OptionalInstant = Field(default=None, description="When it was last polled with success")

    def to_hash(self) -> dict[str, str]:
        """All fields as strings, for HSET. `from_hash` gives the same state back."""
        return {name: _as_text(getattr(self, name)) for name in type(self).model_fields}

    @classmethod
    def from_hash(cls, fields: Mapping[str, str]) -> Self:
        """The state in a hash as HGETALL gives it; an empty one is the state of a feed never polled."""
        return cls.model_validate(dict(fields))


def _as_text(value: str | int | datetime | None) -> str:
    if isinstance(value, datetime):
        return value.isoformat()
    return "" if value is None else str(value)
