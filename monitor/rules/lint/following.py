"""Suspicious claims, alerts, feeds and tests: what cannot come about, or that nobody would notice if it broke."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from datetime import timedelta

from monitor.model import MovedBy, Severity, Status
from monitor.rules.lint.finding import Finding, Subject
from monitor.rules.lint.wording import empty_ids, never
from monitor.rules.references import EXPECTED_LISTS
from monitor.rules.schema import LANGUAGES, AlertRule, Claim, Trigger

_HASTY = timedelta(minutes=1)
"""A shorter interval is a burden for the outlet and, below the tick of the schedule, no gain."""


def check(subject: Subject) -> Iterator[Finding]:
    """All findings about claims, alerts, feeds and tests."""
    yield from _claims(subject)
    yield from _alerts(subject)
    yield from _feeds(subject)
    yield from _tests(subject)


def _claims(subject: Subject) -> Iterator[Finding]:
    expected = _expected(subject)
    for name, claim in subject.story.claims.items():
        if name not in expected:
            yield subject.at_key("claim-without-test", "no test expects anything of this claim", "add one under `tests:`", "claims", name)
        if not claim.confirmed_by:
            hint = "name the parties that would have to admit it under `confirmed_by`"
            yield subject.at_key("claim-never-confirmed", "nobody can confirm this claim", hint, "claims", name)
        elif not subject.vocal.intersection(claim.confirmed_by):
            problem = "nobody can confirm this claim: those who could are never heard"
            yield subject.at("claim-never-confirmed", problem, "give them names or speakers", name, "claims", name, "confirmed_by")
        for number, held in enumerate(claim.baseline):
            if claim.confirmed_by and held.party not in claim.confirmed_by:
                problem = "a baseline of a party that is not among those that would have to admit the claim"
                hint = f"is it meant for {' or '.join(claim.confirmed_by)}? Or add it to `confirmed_by`"
                yield subject.at("baseline-of-outsider", problem, hint, held.party, "claims", name, "baseline", number, "party")


def _expected(subject: Subject) -> set[str]:
    """The claims that tests say something about."""
    found: set[str] = set()
    for test in subject.story.tests:
        for article in test.articles:
            found.update(key for key in article.expect if key not in EXPECTED_LISTS)
            rows = article.expect.get("evidence") or []
            found.update(row["claim"] for row in (rows if isinstance(rows, list) else [rows]) if isinstance(row, dict))
    return found


def _alerts(subject: Subject) -> Iterator[Finding]:
    alerts = subject.story.alerts
    for number, alert in enumerate(alerts):
        path = ("alerts", number)
        taker = next((other for other in alerts[:number] if other.final and _covers(other.when, alert.when)), None)
        reason = f"`{taker.alert}` is final and takes all of it" if taker is not None else _why_never(subject, alert.when)
        if reason:
            hint = "change `when`, or what it waits for"
            yield subject.at("alert-never-fires", f"this alert can never fire: {reason}", hint, alert.alert, *path, "alert")
            continue
        louder = next((other for at, other in enumerate(alerts) if at != number and _adds_nothing(alert, other, first=number < at)), None)
        if louder is not None:
            problem = f"whatever fires this alert fires `{louder.alert}` too, as loudly or louder"
            yield subject.at("alert-shadowed", problem, "narrow one of the two, or delete this one", alert.alert, *path, "alert")
        if alert.throttle is not None:
            yield from _throttle(subject, alert, alert.throttle, path)


def _why_never(subject: Subject, when: Trigger) -> str:
    """Why nothing can set this off; "" when something can."""
    story = subject.story
    if when.match:
        met = {one.owner for one in subject.conditions if one.part == "match" and not never(one.node, empty_ids(subject))}
        return "" if met.intersection(when.match) else "what it waits for is never met"
    claims = [story.claims[name] for name in when.claim] or list(story.claims.values())
    if not claims:
        return "the story has no claims"
    if not subject.vocal:
        return "no party is ever heard"
    if when.party or when.position:
        return "" if subject.vocal.intersection(when.party or subject.parties) else "its parties are never heard"
    for claim in claims:
        reached = reachable(claim, subject.vocal)
        before, after = reached.intersection(when.leaves or Status), reached.intersection(when.becomes or Status)
        if any(one is not other for one in before for other in after):
            return ""
    return "no claim that it is about can reach that status"


def reachable(claim: Claim, vocal: Collection[str]) -> set[Status]:
    """The statuses that a claim can have. vocal: parties that can be heard."""
    principals = set(claim.confirmed_by).intersection(vocal)
    found = {Status.UNREPORTED, Status.OPEN, Status.DENIED}
    found |= {Status.CONFIRMED} if principals else set()
    found |= {Status.ASSERTED} if set(vocal) - principals else set()
    return found | ({Status.DISPUTED} if len(vocal) > 1 else set())


def _adds_nothing(alert: AlertRule, other: AlertRule, *, first: bool) -> bool:
    """Whether an alert only repeats another. first: it stands before the other, so of two alike it is the one that stays."""
    if (alert.final and first) or not _covers(other.when, alert.when) or (other.throttle is not None and other.throttle != alert.throttle):
        return False
    order = list(Severity).index
    if order(alert.severity) != order(other.severity):
        return order(alert.severity) > order(other.severity)
    alike = alert.summary in (None, other.summary) and alert.labels == other.labels
    return alike and not (first and _covers(alert.when, other.when))


def _covers(wide: Trigger, narrow: Trigger) -> bool:
    """Whether everything that sets off the narrow trigger sets off the wide one."""
    if wide.match or narrow.match:
        if wide.within is not None and (wide.times, wide.within, wide.above_usual) != (narrow.times, narrow.within, narrow.above_usual):
            return False
        return bool(narrow.match) and set(narrow.match) <= set(wide.match)
    if bool(wide.party or wide.position) != bool(narrow.party or narrow.position):
        return False
    if wide.moved_by not in (None, MovedBy.ANY, narrow.moved_by):
        return False
    position = () if "any" in wide.position else wide.position
    pairs = [(wide.claim, narrow.claim), (wide.becomes, narrow.becomes), (wide.leaves, narrow.leaves), (wide.party, narrow.party)]
    within = all(not mine or (theirs and set(theirs) <= set(mine)) for mine, theirs in pairs)
    return bool(within and (not position or (narrow.position and set(narrow.position) <= set(position))))


def _throttle(subject: Subject, alert: AlertRule, throttle: timedelta, path: tuple[str | int, ...]) -> Iterator[Finding]:
    when = alert.when
    if throttle < _HASTY:
        problem, hint = "so short a throttle holds nothing back: articles are dated to the minute", "write minutes or hours, or delete it"
        yield subject.at("pointless-throttle", problem, hint, alert.alert, *path, "throttle")
    elif not when.match and len(when.becomes) != 1 and (len(when.position) != 1 or "any" in when.position):
        problem = "this throttle hides changes: one to another status or position within that time is not told"
        hint = "give each status or position an alert of its own, or delete the throttle"
        yield subject.at("throttle-hides-changes", problem, hint, alert.alert, *path, "throttle")


def _feeds(subject: Subject) -> Iterator[Finding]:
    for number, feed in enumerate(subject.story.feeds):
        path = ("feeds", number)
        if not feed.lang:
            problem, hint = "the language of this feed is left to a guess", f"add `lang:`, one of {', '.join(LANGUAGES)}"
            yield subject.at("feed-without-language", problem, hint, feed.url, *path, "url")
        elif feed.lang not in LANGUAGES:
            problem, hint = "texts in this language are matched, not read: they give no evidence", f"read are {', '.join(LANGUAGES)}"
            yield subject.at("feed-not-read", problem, hint, feed.lang, *path, "lang")
        if not feed.outlet:
            problem, hint = "the outlet of this feed will be its host name", "add `outlet:`, the publisher's name"
            yield subject.at("feed-without-outlet", problem, hint, feed.url, *path, "url")
        for key, interval in (("every", feed.every), ("fastest", feed.fastest)):
            if interval is not None and interval < _HASTY:
                problem, hint = "a feed polled more than once a minute may shut the program out", "write 1m or more"
                yield subject.at("hasty-feed", problem, hint, feed.url, *path, key)


def _tests(subject: Subject) -> Iterator[Finding]:
    for number, test in enumerate(subject.story.tests):
        if not any(article.expect for article in test.articles):
            hint = "add `expect:` to an article, like {some-claim: confirmed} or {evidence: []}"
            yield subject.at(
                "test-expects-nothing", "this test expects nothing, so it cannot fail", hint, test.test, "tests", number, "test"
            )
