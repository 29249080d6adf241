"""What a poll brought, and what the log is told of it."""

from __future__ import annotations

from dataclasses import dataclass

import structlog

from monitor.feeds.fetch import FetchFailed, Later
from monitor.feeds.outcome import Outcome, Read, Unchanged
from monitor.feeds.parsed import ParseFailed
from monitor.feeds.state import FeedState
from monitor.rules.schema import Feed
from monitor.streams.polls import Committed

log = structlog.get_logger()

PAGES_FAIL = 3
"""Polls in a row of which no article's page could be read, before it is told."""


@dataclass(frozen=True, slots=True)
class Polled:
    """What one poll brought. problem: why it brought nothing, in words. later: its host was not to be asked yet."""

    feed: Feed
    new: int = 0
    changed: int = 0
    problem: str = ""
    unchanged: bool = False
    lost: bool = False
    later: Later | None = None


def told(feed: Feed, before: FeedState, answer: Unchanged | Read | FetchFailed | ParseFailed, decided: Outcome, done: Committed) -> Polled:
    """Tells the log of a poll, and gives it back."""
    who: dict[str, str] = {"feed": feed.url, "outlet": feed.outlet}
    for kind, event in decided.events:
        (log.info if kind == "feed.recovered" else log.warning)(kind, **who, problem=event.problem)
    after = decided.state
    if after.address != before.address:
        if after.address:
            log.warning("feed.moved", **who, to=after.address, hint="change its address in the rules")
        else:
            log.warning("feed.moved_back", **who, was=before.address)
    if isinstance(answer, FetchFailed | ParseFailed):
        again = decided.due.isoformat(timespec="seconds")
        log.warning("poll.failed", **who, problem=answer.problem, failures=after.failures, again=again)
        return Polled(feed, problem=answer.problem)
    unchanged = isinstance(answer, Unchanged)
    (log.info if done.new or done.changed else log.debug)("poll", **who, new=done.new, changed=done.changed, unchanged=unchanged)
    return Polled(feed, done.new, done.changed, unchanged=unchanged)


def paged(feed: Feed, state: FeedState, problem: str) -> FeedState:
    """The state with how its articles' pages fare. One that fails is an article's matter; several polls in a row are the feed's."""
    failures = state.page_failures + 1 if problem else 0
    if failures == PAGES_FAIL:
        log.warning("feed.pages_fail", feed=feed.url, outlet=feed.outlet, problem=problem, hint="its articles have the feed's text")
    return state.model_copy(update={"page_failures": failures, "page_problem": problem if failures >= PAGES_FAIL else ""})
