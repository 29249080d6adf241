"""What the parser makes of a body: the records that pass from the worker process to the program.

Plain data classes that turn into JSON and back. This module imports nothing heavy, for each worker loads it.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any


@dataclass(frozen=True, slots=True)
class Entry:
    """One entry of a feed, as plain text.

    id: the entry's own, else its link, else a hash of title and text. url: its http(s) address, or "". title: one line.
    text: paragraphs separated by a blank line. published: the date given (published, else updated, else created), in UTC, as
    it stands.
    """

    id: str
    url: str
    title: str
    text: str
    published: datetime | None = None
    updated: datetime | None = None
    authors: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class ParsedFeed:
    """A feed. language: as declared, or "". ill_formed: what is wrong with the document although it could be read, or ""."""

    title: str
    language: str
    entries: tuple[Entry, ...]
    ill_formed: str = ""


@dataclass(frozen=True, slots=True)
class ParseFailed:
    """The body is no feed, or could not be parsed; `problem` says so as a clause for a person."""

    problem: str


def to_json(parsed: ParsedFeed | ParseFailed) -> dict[str, Any]:
    """JSON values that `from_json` turns back."""
    if isinstance(parsed, ParseFailed):
        return {"problem": parsed.problem}
    return asdict(parsed) | {
        "entries": [asdict(e) | {"published": _iso(e.published), "updated": _iso(e.updated)} for e in parsed.entries],
    }


def from_json(value: dict[str, Any]) -> ParsedFeed | ParseFailed:
    """The inverse of `to_json`."""
    if "problem" in value:
        return ParseFailed(value["problem"])
    entries = tuple(
        Entry(**e | {"published": _instant(e["published"]), "updated": _instant(e["updated"]), "authors": tuple(e["authors"])})
        for e in value["entries"]
    )
    return ParsedFeed(**value | {"entries": entries})


def _iso(time: datetime | None) -> str | None:
    return time.isoformat() if time else None


def _instant(text: str | None) -> datetime | None:
    return datetime.fromisoformat(text) if text else None
