"""What the parser makes of a body: the records that pass from the worker process to the program.

Plain data classes that turn into JSON and back. This module imports nothing heavy, for each worker loads it.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from typing import Any


@dataclass(frozen=True, slots=True)
class Entry:
    """One entry of a feed, as plain text.

    id: the entry's own, else its link, else a hash of title and text. url: its http(s) address, or "". title: one line.
    text: paragraphs separated by a blank line. published: the date given (published, else updated, else created), in UTC, as
    it stands. language: as declared for it, or "". enclosures: address (http, https) and type, or "". piece: the hash of what it was
    read from, or "" where the body could not be cut.
    """

    id: str
    url: str
    title: str
    text: str
    published: datetime | None = None
    updated: datetime | None = None
    authors: tuple[str, ...] = ()
    categories: tuple[str, ...] = ()
    language: str = ""
    enclosures: tuple[tuple[str, str], ...] = ()
    piece: str = ""


@dataclass(frozen=True, slots=True)
class Hints:
    """What a feed says of itself, beside its entries.

    ttl, update_period: how long it stays as it is (`ttl`; `sy:updatePeriod` divided by `sy:updateFrequency`), None unsaid. skip_hours:
    hours of the day in UTC, 0 to 23, and skip_days: days of the week, Monday 0, on which nothing changes. hub, self_url: absolute
    addresses of its WebSub hub and of itself, or "".
    """

    ttl: timedelta | None = None
    update_period: timedelta | None = None
    skip_hours: tuple[int, ...] = ()
    skip_days: tuple[int, ...] = ()
    hub: str = ""
    self_url: str = ""


@dataclass(frozen=True, slots=True)
class ParsedFeed:
    """A feed. language: as declared, or "". ill_formed: what is wrong with the document although it could be read, or "".

    pieces: the hashes of all its entries in document order, also of those that were not read because they had been seen; empty where the
    body could not be cut, and every entry was read.
    """

    title: str
    language: str
    entries: tuple[Entry, ...]
    ill_formed: str = ""
    hints: Hints = Hints()
    pieces: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class ParseFailed:
    """The body is no feed, or could not be parsed; `problem` says so as a clause for a person."""

    problem: str


def to_json(parsed: ParsedFeed | ParseFailed) -> dict[str, Any]:
    """JSON values that `from_json` turns back."""
    if isinstance(parsed, ParseFailed):
        return {"problem": parsed.problem}
    hints = asdict(parsed.hints) | {"ttl": _seconds(parsed.hints.ttl), "update_period": _seconds(parsed.hints.update_period)}
    return asdict(parsed) | {
        "hints": hints,
        "entries": [asdict(e) | {"published": _iso(e.published), "updated": _iso(e.updated)} for e in parsed.entries],
    }


def from_json(value: dict[str, Any]) -> ParsedFeed | ParseFailed:
    """The inverse of `to_json`."""
    if "problem" in value:
        return ParseFailed(value["problem"])
    entries = tuple(_entry(entry) for entry in value["entries"])
    said = value["hints"]
    spans = {name: _span(said[name]) for name in ("ttl", "update_period")}
    hints = Hints(**said | spans | {name: tuple(said[name]) for name in ("skip_hours", "skip_days")})
    return ParsedFeed(**value | {"entries": entries, "hints": hints, "pieces": tuple(value["pieces"])})


def _entry(value: dict[str, Any]) -> Entry:
    lists = {name: tuple(value[name]) for name in ("authors", "categories")}
    dates = {name: _instant(value[name]) for name in ("published", "updated")}
    return Entry(**value | lists | dates | {"enclosures": tuple((url, kind) for url, kind in value["enclosures"])})


def _seconds(length: timedelta | None) -> float | None:
    return length.total_seconds() if length else None


def _span(seconds: float | None) -> timedelta | None:
    return timedelta(seconds=seconds) if seconds else None


def _iso(time: datetime | None) -> str | None:
    return time.isoformat() if time else None


def _instant(text: str | None) -> datetime | None:
    return datetime.fromisoformat(text) if text else None
