"""What a story has been told, and what follows from one more reading: the state that a daemon carries from article to article.

`Ledger.apply` is the second half of the pure core: (state, reading) -> (state, events). It gives the same end state for any order of
arrival, repeats and corrections included. What it needs to go on after a restart is in `Entry` and `Memory`, nothing else.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from pydantic import Field

from monitor.engine import alerts
from monitor.engine.pipeline import Reading
from monitor.engine.status import History, Order, Standing, counting, told
from monitor.engine.vocabulary import CompiledStory
from monitor.model import (
    Alert,
    Article,
    ClaimChanged,
    ClaimState,
    Event,
    Evidence,
    HeldPosition,
    Instant,
    Match,
    MovedBy,
    PositionChanged,
    Record,
    Status,
    Strength,
    When,
    digest,
)
from monitor.rules.schema import AlertRule, Claim, Story

Followed = tuple[str, MovedBy]
"""A claim, and which evidence moves it: alert rules may ask for better evidence than the claim itself."""

_FIRINGS = 50
"""Firings of a throttled rule that are remembered for each subject: late articles are measured against the earlier ones too."""


class Entry(Record):
    """What the story keeps of an article that told it something: what positions rest on stays, the text does not."""

    version: int
    time: Instant
    evidence: tuple[Evidence, ...] = ()
    matches: tuple[str, ...] = Field(default=(), description="Conditions met")
    alerts: tuple[Alert, ...] = Field(default=(), description="Alerts raised on it")


class Batch(Record):
    """Which first poll an article came with: the feed, its place among the poll's articles, and how many there are."""

    feed: str
    place: int
    count: int


class Held(Record):
    """What a first poll would have raised, until all of its articles are read."""

    places: frozenset[int] = frozenset()
    alerts: tuple[Alert, ...] = ()


class Memory(Record):
    """The rest of a story's state: when throttled rules last fired, and first polls under way."""

    fired: dict[str, tuple[Instant, ...]] = Field(default_factory=dict, description="Rule and subject -> when it fired, the latest few")
    summed: frozenset[str] = Field(default=frozenset(), description="Feeds whose first poll has been summed up")
    held: dict[str, Held] = Field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a reading led to. entries and states: what changed and has to be kept; empty when the reading brought nothing."""

    events: tuple[Event, ...] = ()
    entries: tuple[tuple[str, Entry], ...] = ()
    states: tuple[ClaimState, ...] = ()
    memory_changed: bool = False

    @property
    def empty(self) -> bool:
        """Whether there is nothing to keep."""
        return not (self.events or self.entries or self.states or self.memory_changed)


class Ledger:
    """The state of one story."""

    def __init__(self, story: CompiledStory, entries: Iterable[tuple[str, Entry]] = (), memory: Memory | None = None) -> None:
        """entries: what was kept of each article. Evidence on claims or parties that the story no longer has is left aside."""
        self.story = story
        self.memory = memory or Memory()
        self.entries: dict[str, Entry] = {}
        self.histories = {
            (name, moved_by): History(claim.confirmed_by, moved_by)
            for name, claim in story.story.claims.items()
            for moved_by in _followed(story.story, name)
        }
        for (name, _), history in self.histories.items():
            for baseline in _baseline(story, name):
                history.put((baseline.time, ""), {baseline.party: baseline})
        for article, entry in sorted(entries, key=lambda pair: (pair[1].time, pair[0])):
            self._enter(article, entry)

    def standing(self, claim: str) -> Standing:
        """Where a claim stands. Raises KeyError."""
        return self.histories[claim, self.story.claim(claim).moved_by].standing

    def apply(self, reading: Reading, batch: Batch | None = None) -> Outcome:
        """Takes in one reading. batch: set for an article of a feed's first poll, whose alerts are held back for one summary."""
        article, previous = reading.article, self.entries.get(reading.article.id)
        known = previous is not None and previous.version >= article.version
        if batch is not None and batch.feed in self.memory.summed:
            batch = None
        # A correction that says nothing is kept, lest the version that it corrects come after it.
        if known or not (reading.evidence or reading.matches or previous is not None or article.version > 1):
            return self._held(reading.article, (), batch, ()) if batch is not None else Outcome()
        entry = Entry(
            version=article.version,
            time=article.published_at,
            evidence=reading.evidence,
            matches=tuple(match.rule for match in reading.matches),
        )
        told_of = {claim for claim, _ in (*self._told(entry), *(self._told(previous) if previous else ()))}
        touched = {key: history.standing for key, history in self.histories.items() if key[0] in told_of}
        if previous is not None:
            self._leave(article.id, previous)
        self._enter(article.id, entry)
        moves = {key: self._changes(article, key, before) for key, before in sorted(touched.items())}
        changes = [change for (claim, by), made in moves.items() if by is self.story.claim(claim).moved_by for change in made]
        old_evidence = {e.id for e in previous.evidence} if previous else set()
        old_matches = set(previous.matches) if previous else set()
        matches = [m for m in reading.matches if m.rule not in old_matches]
        raised = self._alerts(article, matches, moves, previous)
        # What a first poll raises is known to subscribers as its summary only.
        known_as = {"id": alerts.summary_id(self.story.name, batch.feed)} if batch else {}
        kept = (*(previous.alerts if previous else ()), *(alert.model_copy(update=known_as) for alert in raised))
        self.entries[article.id] = entry.model_copy(update={"alerts": kept})
        events: list[Event] = [*matches, *(e for e in reading.evidence if e.id not in old_evidence), *changes]
        outcome_entries = ((article.id, self.entries[article.id]),)
        states = tuple(self.state(claim) for claim in sorted(told_of))
        if batch is not None:
            held = self._held(article, raised, batch, tuple(events))
            return Outcome(held.events, outcome_entries, states, True)
        return Outcome((*events, *raised), outcome_entries, states, bool(raised))

    def state(self, claim: str) -> ClaimState:
        """A claim's state, as published."""
        standing = self.standing(claim)
        positions = sorted((standing.positions or {}).items())
        return ClaimState(
            story=self.story.name,
            claim=claim,
            text=self.story.claim(claim).text,
            status=standing.status,
            since=standing.since,
            confirmed_by=tuple(self.story.claim(claim).confirmed_by),
            positions=tuple(HeldPosition(party=party, stance=p.stance, since=p.since, evidence=p.evidence) for party, p in positions),
            waiting=tuple(row for _, rows in sorted((standing.waiting or {}).items()) for row in rows),
        )

    def _enter(self, article: str, entry: Entry) -> None:
        self.entries[article] = entry
        for key, said in self._told(entry).items():
            self.histories[key].put((entry.time, article), said)

    def _leave(self, article: str, entry: Entry) -> None:
        order: Order = (entry.time, article)
        for key in self._told(entry):
            self.histories[key].take(order)

    def _told(self, entry: Entry) -> dict[Followed, dict[str, Evidence]]:
        """What an article told of the claims and parties that the story has, for each way in which a claim is followed."""
        known = [e for e in entry.evidence if e.claim in self.story.story.claims and e.party in self.story.story.entities]
        if not known:
            return {}
        by = {moved_by: told(counting(known, moved_by)) for moved_by in dict.fromkeys(moved_by for _, moved_by in self.histories)}
        return {key: by[key[1]][key[0]] for key in self.histories if key[0] in by[key[1]]}

    def _changes(self, article: Article, followed: Followed, before: Standing) -> list[PositionChanged | ClaimChanged]:
        """What changed about a claim, found by comparing before and after."""
        claim, after = followed[0], self.histories[followed].standing
        made: list[PositionChanged | ClaimChanged] = []
        common = {
            "story": self.story.name,
            "article": article.id,
            "version": article.version,
            "claim": claim,
            "time": article.published_at,
            "outlet": article.outlet,
            "url": article.url,
        }
        for party in sorted({*(before.positions or {}), *(after.positions or {})}):
            was, now = before.position(party), after.position(party)
            from_, to = was.stance if was else None, now.stance if now else None
            if from_ is not to:
                key = digest(self.story.name, article.id, str(article.version), claim, party, from_ or "", to or "")
                rest = {"evidence": now.evidence.id, "speaker": now.evidence.speaker, "quote": now.evidence.quote} if now else {}
                made.append(PositionChanged.model_validate({**common, **rest, "id": key, "party": party, "from": from_, "to": to}))
        if before.status is not after.status:
            key = digest(self.story.name, article.id, str(article.version), claim, before.status, after.status)
            made.append(ClaimChanged.model_validate({**common, "id": key, "from": before.status, "to": after.status}))
        return made

    def _alerts(
        self,
        article: Article,
        matches: Sequence[Match],
        moves: Mapping[Followed, Sequence[PositionChanged | ClaimChanged]],
        previous: Entry | None,
    ) -> tuple[Alert, ...]:
        raised: list[Alert] = []
        fired = dict(self.memory.fired)
        events: list[tuple[Match | PositionChanged | ClaimChanged, Followed | None]] = [(match, None) for match in matches]
        events += [(change, key) for key, made in moves.items() for change in made]
        for event, key in events:
            for rule in self.story.story.alerts:
                if key is not None and key[1] is not _counts(rule, self.story.claim(key[0])):
                    continue
                if not alerts.fires(rule.when, event) or alerts.throttled(rule, event, fired):
                    continue
                raised.append(alerts.make(rule, self.story.story, event, article, self._ground(event, key, article)))
                if rule.throttle is not None:
                    about = alerts.throttle_key(rule, event)
                    fired[about] = tuple(sorted({*fired.get(about, ()), event.time})[-_FIRINGS:])
        if fired != self.memory.fired:
            self.memory = self.memory.model_copy(update={"fired": fired})
        standing = _uncorrected(previous.alerts) if previous else []
        changed = {claim for (claim, _), made in moves.items() if made}
        for claim in sorted(changed & {alert.claim for alert in standing if alert.claim}):
            self._correct(claim, [alert for alert in standing if alert.claim == claim], article, raised)
        return tuple(raised)

    def _correct(self, claim: str, old: Sequence[Alert], article: Article, raised: list[Alert]) -> None:
        """Has one alert say that it corrects what an earlier version of the article raised on a claim: one on its status, if any."""
        ids = tuple(dict.fromkeys(alert.id for alert in old))
        new = sorted((a for a in raised if a.claim == claim), key=lambda a: a.to not in set(Status))
        if new:
            raised[raised.index(new[0])] = new[0].model_copy(update={"corrects": ids})
        else:
            raised.append(alerts.correction(old[-1], ids, article, self.standing(claim)))

    def _ground(self, event: Match | PositionChanged | ClaimChanged, key: Followed | None, article: Article) -> Evidence | None:
        """The evidence that a change rests on: for a status that of the article's own party whose position made it, a principal's first."""
        if isinstance(event, Match) or key is None:
            return None
        positions = self.histories[key].standing.positions or {}
        if isinstance(event, PositionChanged):
            return positions[event.party].evidence if event.party in positions else None
        principals = self.story.claim(event.claim).confirmed_by
        own = [(party, p.evidence) for party, p in positions.items() if p.evidence.article == article.id]
        ranked = sorted(
            own,
            key=lambda pair: (
                pair[0] not in principals,
                not pair[1].stance.plain,
                pair[1].strength is not Strength.STRONG,
                pair[1].start,
            ),
        )
        return ranked[0][1] if ranked else None

    def _held(self, article: Article, raised: Sequence[Alert], batch: Batch, events: tuple[Event, ...]) -> Outcome:
        """Keeps back what a first poll raises; when its last article is in, one summary stands for all of it."""
        held = self.memory.held.get(batch.feed, Held())
        if batch.place in held.places:
            return Outcome(events)
        held = Held(places=held.places | {batch.place}, alerts=(*held.alerts, *raised))
        rest = {feed: other for feed, other in self.memory.held.items() if feed != batch.feed}
        if len(held.places) < batch.count:
            self.memory = self.memory.model_copy(update={"held": {**rest, batch.feed: held}})
            return Outcome(events, memory_changed=True)
        self.memory = self.memory.model_copy(update={"held": rest, "summed": self.memory.summed | {batch.feed}})
        if not held.alerts:
            return Outcome(events, memory_changed=True)
        standings = {claim: self.standing(claim) for claim in self.story.story.claims}
        return Outcome((*events, alerts.summary(self.story.story, batch.feed, article.outlet, held.alerts, standings)), memory_changed=True)


def _counts(rule: AlertRule, claim: Claim) -> MovedBy:
    """Which evidence makes the changes of a claim that a rule listens to."""
    return rule.when.moved_by or claim.moved_by


def _followed(story: Story, claim: str) -> list[MovedBy]:
    """The ways in which a claim is followed: its own, and those of the alert rules that ask for others."""
    asked = {rule.when.moved_by for rule in story.alerts if not rule.when.claim or claim in rule.when.claim}
    return [by for by in MovedBy if by in asked or by is story.claims[claim].moved_by]


def _uncorrected(raised: Sequence[Alert]) -> list[Alert]:
    """Alerts that none of the others has corrected."""
    corrected = {old for alert in raised for old in alert.corrects}
    return [alert for alert in raised if alert.id not in corrected]


def _baseline(story: CompiledStory, claim: str) -> list[Evidence]:
    """The positions that a claim declares as known beforehand, as evidence."""
    return [
        Evidence(
            id=digest(story.name, "baseline", claim, held.party, held.stance, held.since.isoformat()),
            story=story.name,
            article="",
            version=1,
            claim=claim,
            party=held.party,
            stance=held.stance,
            when=When.NOW,
            strength=Strength.STRONG,
            speaker=held.speaker,
            cue="",
            quote=held.quote,
            field="text",
            start=0,
            end=0,
            why=("baseline in the rules",),
            time=held.since,
            rules=story.version,
        )
        for held in sorted(story.claim(claim).baseline, key=lambda h: h.since)
    ]
