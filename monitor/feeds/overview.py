"""The feeds of the rules beside what polling remembers of them. Pure: the time is passed in."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum

from monitor.feeds.state import FeedState
from monitor.rules.schema import EVERY, Feed, Story

LATE = timedelta(minutes=5)
"""How long after its time a feed is called late: a poll, with its lease, takes less."""


class Condition(StrEnum):
    """How a feed fares."""

    OK = "ok"
    """its last poll brought what it should"""
    FAILING = "failing"
    """its last polls failed"""
    NEW = "never polled"
    """nobody has polled it yet, or no server was asked"""
    GONE = "not in the rules"
    """it was polled once, and no rule names it any more"""


@dataclass(frozen=True, slots=True)
class Remembered:
    """What the server has of a feed. due: when it is polled next; None where nobody will."""

    state: FeedState
    due: datetime | None = None


@dataclass(frozen=True, slots=True)
class FeedRow:
    """A feed and how it fares. feed: as the rules have it, or as far as the server knows."""

    feed: Feed
    condition: Condition
    stories: tuple[str, ...] = ()
    remembered: Remembered = field(default_factory=lambda: Remembered(FeedState()))

    @property
    def every(self) -> str:
        """How often it is polled, as a rule would say it."""
        return self.feed.cron or short(self.feed.every or EVERY)

    @property
    def pace(self) -> str:
        """How often it is polled at present, where that is not what the rule says; else ""."""
        interval = self.remembered.state.interval
        return short(interval) if interval and not self.feed.cron and interval != (self.feed.every or EVERY) else ""

    @property
    def a_day(self) -> float | None:
        """How many articles it brings a day, as the last weeks show; None where it was watched for less than an hour."""
        state = self.remembered.state
        watched = state.last_success - state.since if state.last_success and state.since else timedelta()
        return state.since_new / (watched / timedelta(days=1)) if watched >= timedelta(hours=1) else None

    @property
    def not_modified(self) -> float | None:
        """The share of the last weeks' polls that was answered with 304 Not Modified; None before the second poll."""
        state = self.remembered.state
        return state.since_304 / state.since_polls if state.since_polls else None

    def late(self, now: datetime) -> bool:
        """Whether its time has passed and nobody has polled it."""
        return self.remembered.due is not None and now - self.remembered.due > LATE


def one_for_each_url(feeds: Iterable[Feed]) -> list[Feed]:
    """Feeds without repeats: of those with the same URL the one that polls oftenest, with the login and the full texts of any."""
    chosen: dict[str, Feed] = {}
    for feed in feeds:
        other = chosen.get(feed.url)
        if other is None:
            chosen[feed.url] = feed
            continue
        first, second = (feed, other) if _oftener(feed) < _oftener(other) else (other, feed)
        if not (first.auth or first.headers):
            first = first.model_copy(update={"auth": second.auth, "headers": second.headers})
        chosen[feed.url] = first.model_copy(update={"full_text": True}) if second.full_text else first
    return list(chosen.values())


def _oftener(feed: Feed) -> timedelta:
    return timedelta.max if feed.cron else feed.every or EVERY


def overview(stories: Sequence[Story] | None, held: Mapping[str, tuple[Mapping[str, str], datetime | None]]) -> list[FeedRow]:
    """All feeds that the rules name, in their order, then those that only the server knows.

    stories: None when the rules cannot be read. held: what the server has of each URL: polling's memory as a flat hash, and when it
    is due.
    """
    remembered = {url: Remembered(FeedState.from_hash(state), due) for url, (state, due) in held.items()}
    named = one_for_each_url(feed for story in stories or () for feed in story.feeds)
    within: dict[str, dict[str, None]] = {}
    for story in stories or ():
        for feed in story.feeds:
            within.setdefault(feed.url, {})[story.story] = None
    rows = []
    for feed in named:
        known = remembered.get(feed.url, Remembered(FeedState()))
        rows.append(FeedRow(feed, _condition(known.state), tuple(within[feed.url]), known))
    for url in sorted(remembered.keys() - {feed.url for feed in named}):
        fares = _condition(remembered[url].state) if stories is None else Condition.GONE
        rows.append(FeedRow(Feed.model_construct(url=url), fares, (), remembered[url]))
    return rows


def _condition(state: FeedState) -> Condition:
    if state.failures:
        return Condition.FAILING
    return Condition.OK if state.last_poll else Condition.NEW


def short(length: timedelta) -> str:
    """A length of time as a rule would say it, in its largest whole unit: 15m, 2d."""
    seconds = max(int(length.total_seconds()), 0)
    for unit, name in ((86400, "d"), (3600, "h"), (60, "m")):
        if seconds >= unit and (seconds % unit == 0):
            return f"{seconds // unit}{name}"
    return f"{seconds}s"


def about(length: timedelta) -> str:
    """A length of time in its largest unit, cut off: 59s, 3m, 23h, 5d."""
    seconds = max(int(length.total_seconds()), 0)
    unit = next((unit for unit in (86400, 3600, 60) if seconds >= unit), 1)
    return short(timedelta(seconds=seconds - seconds % unit))
