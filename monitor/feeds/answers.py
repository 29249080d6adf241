"""What a fetch gives back: the server's answer, or why there is none. And what an answer's headers say, read strictly.

Pure: the time is passed in.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from http import HTTPStatus
from typing import Literal

_LONGEST_HEADER = 1000  # characters of a validator worth keeping
_MAX_AGE = re.compile(r"(?:^|,)\s*max-age\s*=\s*\"?(\d{1,10})", re.IGNORECASE)
_UNHEARD = timedelta(days=3650)
"""A date or a number of seconds beyond this is a mistake or means "for ever"; timedelta itself ends somewhere, too."""


@dataclass(frozen=True, slots=True)
class Fetched:
    """The server's answer.

    status: 304 says that nothing changed since the validators sent. body: decompressed; empty for 304. content_type: the header
    as sent, with its parameters. charset: the one named in it, or "". etag, last_modified: validators for the next time, or "".
    url: where the answer came from, after redirects; never with a password. moved_to: where the feed has moved for good: the same
    address where all redirects were lasting ones (301, 308), "" where there was none or any was temporary. max_age: how much longer
    the answer stays fresh by its Cache-Control, else by Expires; None unsaid. links: the Link header's `hub` and `self`
    (WebSub) as pairs of relation and absolute address.
    """

    status: Literal[200, 304]
    body: bytes
    content_type: str
    charset: str
    etag: str
    last_modified: str
    url: str = ""
    moved_to: str = ""
    max_age: timedelta | None = None
    links: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class FetchFailed:
    """No usable answer.

    problem: why, as a clause for a person, without control characters and passwords. status: of the server's answer, None when
    there was none. retry_after: how long the server asks us to stay away, None when it did not say. whole_host: it asks so for
    everything on this host (429, and 503 with a time), not for this address alone.
    """

    problem: str
    status: int | None = None
    retry_after: timedelta | None = None
    whole_host: bool = False


def header(headers: Mapping[str, str], name: str) -> str:
    """A header's value, or "" when it could not be sent back or stored: aiohttp lets broken bytes through as surrogates."""
    value = headers.get(name, "")
    return value if value.isprintable() and len(value) <= _LONGEST_HEADER else ""


def refused(status: int, reason: str, headers: Mapping[str, str], now: datetime) -> FetchFailed:
    """An answer that is neither a body nor "unchanged"."""
    reason = reason or (HTTPStatus(status).phrase if status in set(HTTPStatus) else "")
    wait = retry_after(headers.get("Retry-After", ""), now)
    whole_host = status == HTTPStatus.TOO_MANY_REQUESTS or (status == HTTPStatus.SERVICE_UNAVAILABLE and wait is not None)
    return FetchFailed(f"the server answered {status} {one_line(reason, 100)}".strip(), status, wait, whole_host)


def retry_after(value: str, now: datetime) -> timedelta | None:
    """What a Retry-After header asks for, seconds or a date; None when it is missing, unreadable or in the past."""
    value = value.strip()
    if value.isascii() and value.isdigit():
        return timedelta(seconds=int(value[:9])) if int(value[:9]) else None
    when = _date(value)
    return when - now if when is not None and when > now else None


def max_age(headers: Mapping[str, str], now: datetime) -> timedelta | None:
    """How much longer an answer is fresh. Never negative; None when the server does not say."""
    directives = headers.get("Cache-Control", "")
    if found := _MAX_AGE.search(directives):
        age = headers.get("Age", "").strip()
        passed = int(age[:10]) if age.isascii() and age.isdigit() else 0
        left = timedelta(seconds=int(found[1]) - passed)
    elif expires := _date(headers.get("Expires", "")):
        left = expires - (_date(headers.get("Date", "")) or now)
    else:
        return None
    return min(max(left, timedelta()), _UNHEARD)


def one_line(what: object, most: int = 200) -> str:
    """Foreign text as part of a message: one line, nothing that a terminal would obey or that cannot be seen."""
    text = " ".join(str(what).split())
    return "".join(c if c.isprintable() else "\ufffd" for c in text)[:most]


def _date(value: str) -> datetime | None:
    try:
        when = parsedate_to_datetime(value.strip())
        return when.replace(tzinfo=UTC) if when.tzinfo is None else when.astimezone(UTC)
    except (ValueError, OverflowError):
        return None
