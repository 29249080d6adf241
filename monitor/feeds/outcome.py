"""What a poll means for its feed. Pure: the poller does what is asked for here, and commits what is decided.

    state before ─► request ─► … fetched, parsed … ─┐
    feed, state before, now ────────────────────────┴─► outcome: state after, when next, events

Validators are stored only with the articles that they vouch for: after a failure those of the last body that was read stay.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from monitor.feeds import pace
from monitor.feeds.fetch import Fetched, FetchFailed
from monitor.feeds.hosts import QUIET
from monitor.feeds.overview import about
from monitor.feeds.parsed import Hints, ParseFailed
from monitor.feeds.schedule import after_failure, after_success, next_due
from monitor.feeds.state import FeedState
from monitor.model import FeedGap, FeedTrouble, digest
from monitor.rules.schema import EVERY, Feed

WHOLE = timedelta(days=1)
"""At least this often a feed is asked for as if it were new, and at its own URL: some servers answer 304, or redirect, for ever."""
MOVED = (3, timedelta(hours=3))
"""A permanent move is believed when so many polls in a row, over so long, have been told of it: many are mistakes of an hour."""
GONE = 2
"""Answers of 410 in a row after which a feed is believed to be gone."""
PROBE = timedelta(days=7)
"""How often a feed that is gone is tried."""
_WEATHER = 2
"""Failures in a row of which nobody is told before, however long they take: one is weather."""
_GAP_COUNTS = timedelta(days=1)
"""How long after a gap a feed is not slowed down by what it says of itself."""
_GAP_TOLD = timedelta(days=1)
"""How often gaps are told of a feed that is polled as it should be: it brings more than it holds, and is polled as often as may be."""
_COUNTED = timedelta(weeks=4)
_FEW = 2
"""Entries that a feed must hold to be judged: one that holds a single entry shows a new one each time."""

Event = FeedTrouble | FeedGap


@dataclass(frozen=True, slots=True)
class Request:
    """What to ask for: an address, and the validators to send ("" for none)."""

    url: str
    etag: str = ""
    last_modified: str = ""


@dataclass(frozen=True, slots=True)
class Unchanged:
    """The server says that nothing changed, or sends the same body again."""

    fetched: Fetched


@dataclass(frozen=True, slots=True)
class Read:
    """Another body was read. entries: how many articles it holds. new: those of which nothing was known before: no id, address or title."""

    fetched: Fetched
    body_hash: str
    entries: int
    new: int
    hints: Hints = field(default_factory=Hints)
    pieces: str = ""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What to commit. state: the memory after. due: when the feed is polled next. events: type and record of what is to be told."""

    state: FeedState
    due: datetime
    events: tuple[tuple[str, Event], ...] = ()


def request(feed: Feed, state: FeedState, now: datetime) -> Request:
    """What to ask for. Where the feed has moved, that is its new address, but for the whole body once a day."""
    # Spread over six hours by URL, lest all feeds be sent in whole at one time of the day.
    if state.last_body is None or now - state.last_body > WHOLE * (1 - _part(feed.url) / 4):
        return Request(feed.url)
    return Request(state.address or feed.url, state.etag, state.last_modified)


def outcome(
    feed: Feed, before: FeedState, answer: Unchanged | Read | FetchFailed | ParseFailed, now: datetime, *, live: bool = False
) -> Outcome:
    """What follows from the answer to a poll at `now`.

    before: the state that the request was made from. live: a hub tells of news in the feed, so that polls are only a safeguard.
    """
    asked = request(feed, before, now).url
    before = before.model_copy(update={"url": feed.url, "outlet": feed.outlet, "last_poll": now})
    if isinstance(answer, FetchFailed | ParseFailed):
        return _failed(feed, before, answer, now)
    before = before.model_copy(update=_moved(before, answer.fetched, now, itself=asked == feed.url))
    return _succeeded(feed, before, answer, now, live=live)


def postponed(before: FeedState, until: datetime, now: datetime) -> Outcome:
    """What follows when the host is not to be asked until `until`: the feed was not asked for, so nothing is known of it.

    The feeds of a host are told different times, so that each finds its turn: none waits for its regular time instead.
    """
    return Outcome(before, min(until, now + timedelta(days=1)))


def _succeeded(feed: Feed, before: FeedState, answer: Unchanged | Read, now: datetime, *, live: bool) -> Outcome:
    new = answer.new if isinstance(answer, Read) else 0
    gap = _gap(feed, before, answer, now) if isinstance(answer, Read) else None
    told = gap is not None and (before.gap_told is None or now - before.gap_told > _GAP_TOLD or not pace.continues(before, now))
    state = _read(before, answer).model_copy(
        update={
            **_well(now, before.polled),
            **_counted(before, answer, new, now),
            "recent": pace.after_poll(before, now, new),
            "gap": now if gap else before.gap,
            "gap_told": now if told else before.gap_told,
        }
    )
    events: list[tuple[str, Event]] = []
    if before.told:
        events.append(("feed.recovered", _trouble(feed, before, "works again", now)))
    if gap and told:
        events.append(("feed.gap", gap))
    if feed.cron:
        return Outcome(state.model_copy(update={"interval": None}), next_due(feed, now), tuple(events))
    state = state.model_copy(update={"interval": _interval(feed, before, state, answer.fetched, live=live, gap=gap is not None)})
    return Outcome(state, _due(feed, state, now), tuple(events))


def _read(before: FeedState, answer: Unchanged | Read) -> FeedState:
    """The state with what came with the body. A 304 that names no validators leaves those that it confirmed."""
    fetched = answer.fetched
    if fetched.status == 304:
        kept = {"etag": fetched.etag or before.etag, "last_modified": fetched.last_modified or before.last_modified}
        return before.model_copy(update=kept)
    state = before.model_copy(update={"etag": fetched.etag, "last_modified": fetched.last_modified, "last_body": before.last_poll})
    if isinstance(answer, Unchanged):
        return state
    hints, links = answer.hints, dict(reversed(fetched.links))
    return state.model_copy(
        update={
            "body_hash": answer.body_hash,
            "entries": answer.entries,
            "pieces": answer.pieces,
            "hint": max((one for one in (hints.ttl, hints.update_period) if one), default=None),
            "skip_hours": hints.skip_hours,
            "skip_days": hints.skip_days,
            "hub": links.get("hub") or hints.hub,
            "topic": links.get("self") or hints.self_url,
        }
    )


def _well(now: datetime, polled: int) -> dict[str, object]:
    return {"polled": polled + 1, "last_success": now, "failures": 0, "problem": "", "failing_since": None, "told": False, "gone": 0}


def _counted(before: FeedState, answer: Unchanged | Read, new: int, now: datetime) -> dict[str, object]:
    """The figures of the last weeks. A first poll begins them: what was in the feed by then came at some time."""
    if before.since is None:
        return {"since": now}
    since, figures = before.since, [before.since_polls + 1, before.since_304 + (answer.fetched.status == 304), before.since_new + new]
    if now - since > _COUNTED:
        # Half of what was counted is taken to have come in the latter half.
        since, figures = now - (now - since) / 2, [figure // 2 for figure in figures]
    return {"since": since, **dict(zip(("since_polls", "since_304", "since_new"), figures, strict=True))}


def _interval(feed: Feed, before: FeedState, after: FeedState, fetched: Fetched, *, live: bool, gap: bool) -> timedelta:
    if live:
        return pace.bounds(feed)[1]
    hint = max((one for one in (after.hint, fetched.max_age) if one), default=None)
    if after.gap is not None and after.last_success is not None and after.last_success - after.gap < _GAP_COUNTS:
        hint = None
    return pace.interval(feed, after.recent, before.interval, hint=hint, gap=gap)


def _due(feed: Feed, state: FeedState, now: datetime) -> datetime:
    """While the feed rests, it is polled as seldom as the rules allow."""
    due = after_success(feed, now, state.interval or pace.bounds(feed)[0])
    if due.hour in state.skip_hours or due.weekday() in state.skip_days:
        return max(due, after_success(feed, now, pace.bounds(feed)[1]))
    return due


def _gap(feed: Feed, before: FeedState, read: Read, now: datetime) -> FeedGap | None:
    """Whether everything in the feed is new, so that something between this poll and the last one may never have been seen."""
    if before.entries == 0 or before.last_success is None or read.entries < _FEW or read.new < read.entries:
        return None
    since = before.last_success
    lost = f"all {read.entries} entries are new since the poll before"
    if before.failures:
        why = f"{lost}; it failed for {about(now - since)}"
    elif not pace.continues(before, now):
        why = f"{lost}, {about(now - since)} ago; nobody polled it in between"
    else:
        why = f"{lost}, {about(now - since)} ago"
    return FeedGap(
        id=digest(feed.url, "gap", now.isoformat()),
        feed=feed.url,
        outlet=feed.outlet,
        time=now,
        since=since,
        entries=read.entries,
        problem=f"{why}: others may have come and gone unseen",
    )


def _moved(before: FeedState, fetched: Fetched, now: datetime, *, itself: bool) -> dict[str, object]:
    """Where the feed is asked for from now on. Its name, and all that is known of it, stay those of its URL.

    itself: it was asked for at its own URL.
    """
    if fetched.moved_to in ("", before.address):
        stays: dict[str, object] = {"moved_to": "", "moved_since": None, "moved_polls": 0}
        # Its own URL speaks of no move any more.
        return {**stays, "address": ""} if itself and not fetched.moved_to else stays
    since = before.moved_since if fetched.moved_to == before.moved_to else None
    polls = before.moved_polls + 1 if since else 1
    believed = polls >= MOVED[0] and now - (since or now) >= MOVED[1]
    update: dict[str, object] = {"moved_to": fetched.moved_to, "moved_since": since or now, "moved_polls": polls}
    return {**update, "address": fetched.moved_to} if believed else update


def _failed(feed: Feed, before: FeedState, failure: FetchFailed | ParseFailed, now: datetime) -> Outcome:
    status, wait, host = (
        (failure.status, failure.retry_after, failure.whole_host) if isinstance(failure, FetchFailed) else (None, None, False)
    )
    if before.address and not host:
        # The new address fails, not the feed: its own is asked next.
        state = before.model_copy(update={"address": "", "moved_to": "", "moved_since": None, "moved_polls": 0, "problem": failure.problem})
        return Outcome(state, after_failure(feed, 1, now, wait))
    failures = before.failures + (not host)
    gone = before.gone + 1 if status == 410 else before.gone if before.gone >= GONE else 0
    since = before.failing_since or now
    state = before.model_copy(update={"failures": failures, "problem": failure.problem, "failing_since": since, "gone": gone})
    if gone >= GONE:
        problem = f"{failure.problem}: it is gone for good, and is tried once a week from now on; correct its address or remove it"
        events = (("feed.failing", _trouble(feed, state, problem, now)),) if before.gone < GONE else ()
        return Outcome(state.model_copy(update={"told": True}), next_due(feed, now + PROBE), events)
    told_at = since + feed.failing_after
    told = not before.told and now >= told_at and (failures >= _WEATHER or host)
    if host:
        due = _turned_away(feed, since, now, wait)
    else:
        due = after_failure(feed, failures, now, wait, no_later=None if before.told or told else told_at)
    if not told:
        return Outcome(state, due)
    return Outcome(state.model_copy(update={"told": True}), due, (("feed.failing", _trouble(feed, state, failure.problem, now)),))


def _turned_away(feed: Feed, since: datetime, now: datetime, wait: timedelta | None) -> datetime:
    """When to come back to a host that says "too many requests". since: when it first did so to this feed, without a break.

    As late as it asks, then at a time between that and what the feed is polled by, another one each time: at its regular times, or any
    other rhythm, others of the same host might take the turn before it each time, for ever.
    """
    lasts = now - since
    if wait is not None:
        lasts = min(lasts, feed.every or EVERY) * (0.5 + _part(f"{feed.url} {now.isoformat()}") / 2)
    return now + min(max(wait or QUIET, lasts), timedelta(days=1))


def _part(text: str) -> float:
    """A number from 0 to 1, as good as drawn by lot, but the same for the same text."""
    return int.from_bytes(hashlib.sha256(text.encode("utf-8", "surrogatepass")).digest()[:2]) / 2**16


def _trouble(feed: Feed, state: FeedState, problem: str, now: datetime) -> FeedTrouble:
    return FeedTrouble(
        id=digest(feed.url, now.isoformat(), problem),
        feed=feed.url,
        outlet=feed.outlet,
        time=now,
        failures=state.failures,
        problem=problem,
        since=state.failing_since,
    )
