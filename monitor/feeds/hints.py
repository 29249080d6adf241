"""What a feed says of itself: how often it changes, when it rests, which hub tells of its news."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from datetime import timedelta
from typing import Any
from urllib.parse import urljoin, urlsplit

from monitor.feeds.html import clean
from monitor.feeds.parsed import Hints

_HEAD = 64 * 1024  # characters before the first entry that are looked at
_FIRST = re.compile(r"<(?:item|entry)[\s>]", re.IGNORECASE)
_SKIP = {kind: re.compile(rf"<skip{kind}s\s*>([^&!]{{0,2000}}?)</skip{kind}s\s*>", re.IGNORECASE) for kind in ("hour", "day")}
_ONE = {kind: re.compile(rf"<{kind}\s*>\s*(\w+)\s*</{kind}\s*>", re.IGNORECASE) for kind in ("hour", "day")}
_DAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
_PERIODS = {
    "hourly": timedelta(hours=1),
    "daily": timedelta(days=1),
    "weekly": timedelta(weeks=1),
    "monthly": timedelta(days=30),
    "yearly": timedelta(days=365),
}
_LONGEST = timedelta(days=365)


def hints(feed: Mapping[str, Any], text: str, base_url: str) -> Hints:
    """feed: what feedparser found. text: the body. base_url: what relative links are relative to. What makes no sense is left out."""
    # Of several elements of one name feedparser gives the last, so these lists are read here.
    head = text[:_HEAD]
    if first := _FIRST.search(head):
        head = head[: first.start()]
    hours = {int(hour) % 24 for hour in _list(head, "hour") if hour.isascii() and hour.isdigit() and int(hour[:3]) <= 24}
    days = {_DAYS.index(day) for day in _list(head, "day") if day in _DAYS}
    frequency = _number(feed.get("sy_updatefrequency")) or 1
    period = _PERIODS.get(str(feed.get("sy_updateperiod") or "").strip().lower())
    minutes = _number(feed.get("ttl"))
    return Hints(
        ttl=timedelta(minutes=minutes) if 0 < minutes <= _LONGEST / timedelta(minutes=1) else None,
        update_period=timedelta(seconds=round(period.total_seconds() / frequency)) or None if period else None,
        # A feed that always rests means something else by it.
        skip_hours=tuple(sorted(hours)) if len(hours) < 24 else (),
        skip_days=tuple(sorted(days)) if len(days) < 7 else (),
        hub=_link(feed, "hub", base_url),
        self_url=_link(feed, "self", base_url),
    )


def listed(found: Mapping[str, Any], name: str) -> list[Mapping[str, Any]]:
    """What feedparser collected under a name; nothing where an element of that very name stands in the feed, and took its place."""
    value = found.get(name)
    return [one for one in value if isinstance(one, Mapping)] if isinstance(value, list) else []


def detail(found: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    """The same of what stands there once."""
    value = found.get(name)
    return value if isinstance(value, Mapping) else {}


def web_address(link: object, base_url: str) -> str:
    """A link as an absolute http(s) address, or ""."""
    try:
        url = urljoin(base_url, clean(str(link or "")).strip())
        parts = urlsplit(url)
    except ValueError:
        return ""
    return url if link and parts.scheme in ("http", "https") and parts.hostname else ""


def _list(head: str, kind: str) -> Iterator[str]:
    if found := _SKIP[kind].search(head):
        yield from (one.lower() for one in _ONE[kind].findall(found[1]))


def _number(value: object) -> int:
    """A number of up to nine digits as a feed gives it, else 0."""
    text = str(value or "").strip().partition(".")[0]
    return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else 0


def _link(feed: Mapping[str, Any], rel: str, base_url: str) -> str:
    for link in listed(feed, "links"):
        if rel in str(link.get("rel") or "").lower().split() and (url := web_address(link.get("href"), base_url)):
            return url
    return ""
