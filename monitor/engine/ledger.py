"""What a story has been told, and what follows from one more reading: the state that a daemon carries from article to article.

`Ledger.apply` is the second half of the pure core: (state, reading) -> (state, events). `Ledger.decide` takes in what people decided about
evidence. Both give the same end state for any order of arrival, repeats and corrections included. What is needed to go on after a restart
is in `Entry`, `Memory` and the decisions, nothing else.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence

from monitor.engine import alerts, volume
from monitor.engine.changes import Cause, Change, by_article, by_decision, changes, ground
from monitor.engine.copies import Copies, sketch
from monitor.engine.decisions import Decisions
from monitor.engine.following import baseline, counts, followed
from monitor.engine.kept import Batch, Entry, Held, Memory, Outcome, Said, told_by
from monitor.engine.pipeline import Reading
from monitor.engine.renewing import as_published, outdated
from monitor.engine.resting import Resting, of_status, uncorrected
from monitor.engine.status import History, Order, Standing, counting, told
from monitor.engine.vocabulary import CompiledStory
from monitor.model import (
    Alert,
    ClaimChanged,
    ClaimState,
    Decision,
    Event,
    Evidence,
    HeldPosition,
    Match,
    MovedBy,
    Severity,
    Verdict,
)
from monitor.rules.schema import AlertRule

Followed = tuple[str, MovedBy]
"""A claim, and which evidence moves it: alert rules may ask for better evidence than the claim itself."""

_FIRINGS = 50
"""Firings of a throttled rule that are remembered for each subject: late articles are measured against the earlier ones too."""


class Ledger:
    """The state of one story."""

    def __init__(
        self,
        story: CompiledStory,
        entries: Iterable[tuple[str, Entry]] = (),
        memory: Memory | None = None,
        decisions: Iterable[Decision] = (),
    ) -> None:
        """entries: what was kept of each article. Evidence on claims or parties that the story no longer has is left aside.

        decisions: what people decided, in any order; also about evidence that is not there, or not yet.
        """
        self.story = story
        self.decisions = Decisions(decisions)
        self.memory = memory or Memory()
        self.entries: dict[str, Entry] = {}
        self.copies = Copies()
        self._touched: set[str] = set()
        """Articles that others made copies, or no longer copies, of something."""
        self.histories = {
            (name, moved_by): History(claim.confirmed_by, moved_by)
            for name, claim in story.story.claims.items()
            for moved_by in followed(story.story, name)
        }
        for (name, _), history in self.histories.items():
            for row in baseline(story, name):
                history.put((row.time, ""), {row.party: row})
        for article, entry in sorted(entries, key=lambda pair: (pair[1].time, pair[0])):
            self._enter(article, entry)

    def standing(self, claim: str) -> Standing:
        """Where a claim stands. Raises KeyError."""
        return self.histories[claim, self.story.claim(claim).moved_by].standing

    def apply(self, reading: Reading, batch: Batch | None = None) -> Outcome:
        """Takes in one reading. batch: set for an article of a feed's first poll, whose alerts are held back for one summary."""
        article, previous = reading.article, self.entries.get(reading.article.id)
        before_it = previous.by(article.feed) if previous else None
        known = before_it is not None and before_it.version >= article.version
        if batch is not None and batch.feed in self.memory.summed:
            batch = None
        # A correction that says nothing is kept, lest the version that it corrects come after it.
        if known or not (reading.evidence or reading.matches or before_it is not None or article.version > 1):
            return self.hold(reading.article.outlet, (), batch, ()) if batch is not None else Outcome()
        before = self._standings(self.story.story.claims)
        self._touched.clear()
        if previous is not None:
            self._leave(article.id, previous)
        self._enter(article.id, told_by(previous, said_of(reading)))
        entry, cause = self.entries[article.id], by_article(article)
        told_of = self._claims(entry, previous, *(self.entries[other] for other in self._touched))
        moves = self._moves(cause, {key: standing for key, standing in before.items() if key[0] in told_of})
        old_evidence = {e.id for e in previous.evidence} if previous else set()
        old_matches = set(previous.matches) if previous else set()
        matches = [m for m in reading.matches if m.rule in entry.matches and m.rule not in old_matches]
        changed = {claim for (claim, _), made in moves.items() if made}
        taken_back = [alert for alert in uncorrected(previous.alerts) if alert.claim in changed] if previous else []
        raised = self._alerts(cause, matches, moves, taken_back)
        # What a first poll raises is known to subscribers as its summary only.
        known_as = {"id": alerts.summary_id(self.story.name, batch.feed)} if batch else {}
        kept = (*(previous.alerts if previous else ()), *(alert.model_copy(update=known_as) for alert in raised))
        self.entries[article.id] = entry.model_copy(update={"alerts": kept})
        events: list[Event] = [*matches, *(e for e in entry.evidence if e.id not in old_evidence), *self._announced(moves)]
        outcome_entries = tuple((name, self.entries[name]) for name in sorted({article.id, *self._touched}))
        states = tuple(self.state(claim) for claim in sorted(told_of))
        if batch is not None:
            held = self.hold(article.outlet, raised, batch, tuple(events))
            return Outcome(held.events, outcome_entries, states, True)
        return Outcome((*events, *raised), outcome_entries, states, bool(raised))

    def decide(self, decisions: Sequence[Decision]) -> Outcome:
        """Takes in what people decided about evidence of this story, all of it together: what follows is found by comparing before and
        after, and alerts that rested on the evidence get one that corrects them, a claim. Evidence that is not there may come later."""
        new = [decision for decision in dict.fromkeys(decisions) if decision.id not in self.decisions.all]
        judged: dict[str, list[tuple[Decision, Evidence]]] = {}
        for row in (row for entry in self.entries.values() for row in entry.evidence if row.claim in self.story.story.claims):
            for decision in new:
                if decision.evidence == row.id:
                    judged.setdefault(row.claim, []).append((decision, row))
        before = self._standings(judged)
        resting = {claim: self._resting(claim) for claim in judged}
        articles = {row.article for pairs in judged.values() for _, row in pairs}
        for article in articles:
            self._untell(article, self.entries[article])
        for decision in new:
            self.decisions.add(decision)
        for article in articles:
            self._tell(article, self.entries[article])
        events: list[Event] = [*new]
        raised: list[Alert] = []
        kept: dict[str, Entry] = {}
        for claim, pairs in sorted(judged.items()):
            cause = by_decision(*max(pairs, key=lambda pair: (pair[1].time, pair[1].article, pair[0].order)))
            moves = self._moves(cause, {key: standing for key, standing in before.items() if key[0] == claim})
            events += self._announced(moves)
            gone = {row.id for _, row in pairs if self.decisions.verdict(row.id) is not Verdict.ACCEPT}
            lost = resting[claim].lost({row.article for _, row in pairs}, gone)
            made = self._alerts(cause, (), moves, [one.alert for one in lost])
            raised += made
            # Kept where the evidence is, and where the alerts are that it takes back: there they are looked for another time.
            for article in sorted({*(row.article for _, row in pairs), *(one.article for one in lost)} if made else ()):
                entry = self.entries[article]
                self.entries[article] = kept[article] = entry.model_copy(update={"alerts": (*entry.alerts, *made)})
        return Outcome((*events, *raised), tuple(kept.items()), tuple(self.state(claim) for claim in sorted(judged)), bool(raised))

    def renew(self, published: Mapping[str, ClaimState], cause: Cause) -> Outcome:
        """What follows from changed rules: where the claims stand by them, against what was published. For each claim one alert at most:
        on its status if that changed and a rule speaks to it, else one that corrects what no longer holds. cause: the rules."""
        events: list[Event] = []
        raised: list[Alert] = []
        kept: dict[str, Entry] = {}
        for claim in sorted(self.story.story.claims):
            made = changes(self.story.name, claim, cause, as_published(published.get(claim)), self.standing(claim))
            alert, articles = self._renewed(claim, made, cause)
            events += made
            raised += alert
            for article in articles if alert else ():
                entry = self.entries[article]
                self.entries[article] = kept[article] = entry.model_copy(update={"alerts": (*entry.alerts, *alert)})
        states = tuple(state for state in map(self.state, sorted(self.story.story.claims)) if state != published.get(state.claim))
        return Outcome((*events, *raised), tuple(kept.items()), states, bool(raised))

    def _renewed(self, claim: str, made: Sequence[Change], cause: Cause) -> tuple[list[Alert], list[str]]:
        """The alert, if any, that changed rules make of a claim's changes, and the articles that it is kept with."""
        key = (claim, self.story.claim(claim).moved_by)
        status = [change for change in made if isinstance(change, ClaimChanged)]
        raised = sorted(self._fired(cause, (), {key: status}), key=lambda alert: list(Severity).index(alert.severity))[:1]
        old = outdated(self.entries, claim, made, [alerts.summary_id(self.story.name, feed) for feed in self.memory.held])
        if old:
            self._correct(claim, [alert for _, alert in old], cause, raised)
        ground = [row.article for change in made if (row := self._ground(change, key, cause))]
        return raised, sorted({*ground, *(article for article, _ in old)} & self.entries.keys())

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
        moved = self.copies.put(article, (entry.time, article), entry.wording)
        self.entries[article] = entry
        self._originate(article)
        self._tell(article, self.entries[article])
        self._move(moved)

    def _leave(self, article: str, entry: Entry) -> None:
        self._untell(article, entry)
        self._move(self.copies.take(article))

    def _move(self, articles: Iterable[str]) -> None:
        """Has articles tell the same as copies of something else."""
        for article in articles:
            self._untell(article, self.entries[article])
            self._originate(article)
            self._tell(article, self.entries[article])
            self._touched.add(article)

    def _originate(self, article: str) -> None:
        """Writes an article's origin on its evidence."""
        entry, origin = self.entries[article], self.copies.origin(article)
        if any(row.origin != origin for row in entry.evidence):
            evidence = tuple(row.model_copy(update={"origin": origin}) for row in entry.evidence)
            self.entries[article] = entry.model_copy(update={"evidence": evidence})

    def _tell(self, article: str, entry: Entry) -> None:
        for key, said in self._told(entry).items():
            self.histories[key].put((entry.time, article), said)

    def _untell(self, article: str, entry: Entry) -> None:
        order: Order = (entry.time, article)
        for key in self._told(entry):
            self.histories[key].take(order)

    def _claims(self, *entries: Entry | None) -> set[str]:
        """The claims that entries told of."""
        return {claim for entry in entries if entry is not None for claim, _ in self._told(entry)}

    def _told(self, entry: Entry) -> dict[Followed, dict[str, Evidence]]:
        """What an article told of the claims and parties that the story has, for each way in which a claim is followed."""
        counted = self.decisions.counted(entry.evidence)
        known = [e for e in counted if e.claim in self.story.story.claims and e.party in self.story.story.entities]
        if not known:
            return {}
        by = {moved_by: told(counting(known, moved_by)) for moved_by in dict.fromkeys(moved_by for _, moved_by in self.histories)}
        return {key: by[key[1]][key[0]] for key in self.histories if key[0] in by[key[1]]}

    def _standings(self, claims: Collection[str]) -> dict[Followed, Standing]:
        """Where claims stand, for each way in which they are followed."""
        return {key: history.standing for key, history in sorted(self.histories.items()) if key[0] in claims}

    def _moves(self, cause: Cause, before: Mapping[Followed, Standing]) -> dict[Followed, list[Change]]:
        """What changed since then."""
        return {key: changes(self.story.name, key[0], cause, was, self.histories[key].standing) for key, was in before.items()}

    def _announced(self, moves: Mapping[Followed, Sequence[Change]]) -> list[Change]:
        """Changes as published: by the evidence that moves the claim itself."""
        return [change for (claim, by), made in moves.items() if by is self.story.claim(claim).moved_by for change in made]

    def _resting(self, claim: str) -> Resting:
        """The alerts on a claim, before evidence counts anew."""
        of_claim = self.story.claim(claim)
        followed = {by: history for (name, by), history in self.histories.items() if name == claim}
        listening = {rule.alert: followed[by] for rule in self.story.story.alerts if (by := counts(rule, of_claim)) in followed}
        unsaid = (alerts.summary_id(self.story.name, feed) for feed in self.memory.held)
        return Resting(claim, self.entries, listening, followed[of_claim.moved_by], unsaid)

    def _alerts(
        self, cause: Cause, matches: Sequence[Match], moves: Mapping[Followed, Sequence[Change]], taken_back: Sequence[Alert]
    ) -> tuple[Alert, ...]:
        """What the alert rules make of it, and for each claim one alert that corrects those that are taken back."""
        raised = self._fired(cause, matches, moves)
        for claim in sorted({alert.claim for alert in taken_back if alert.claim}):
            self._correct(claim, [alert for alert in taken_back if alert.claim == claim], cause, raised)
        return tuple(raised)

    def _fired(self, cause: Cause, matches: Sequence[Match], moves: Mapping[Followed, Sequence[Change]]) -> list[Alert]:
        """What the alert rules make of matches and changes."""
        raised: list[Alert] = []
        fired, met = dict(self.memory.fired), self._met(matches)
        events: list[tuple[Match | Change, Followed | None]] = [(match, None) for match in matches]
        events += [(change, key) for key, made in moves.items() for change in made]
        for event, key in events:
            for rule in self.story.story.alerts:
                if key is not None and key[1] is not counts(rule, self.story.claim(key[0])):
                    continue
                count = volume.count(rule.when, event.time, met.get(event.rule, ())) if isinstance(event, Match) else 1
                if count is None or not alerts.fires(rule.when, event):
                    continue
                if not alerts.throttled(rule, event, fired) and not self._heard(rule, event, cause):
                    raised.append(alerts.make(rule, self.story.story, event, cause, self._ground(event, key, cause), count))
                    if alerts.quiet(rule) is not None:
                        about = alerts.throttle_key(rule, event)
                        fired[about] = tuple(sorted({*fired.get(about, ()), event.time})[-_FIRINGS:])
                if rule.final:
                    break
        if fired != self.memory.fired or met != self.memory.met:
            self.memory = self.memory.model_copy(update={"fired": fired, "met": met})
        return raised

    def _heard(self, rule: AlertRule, event: Match | Change, cause: Cause) -> bool:
        """Whether a rule has raised the same alert on another copy of the article. What is counted, counts with every copy."""
        if not cause.news or rule.when.within is not None:
            return False
        copies = self.copies.of(self.copies.origin(cause.article))
        kept = (alert for one in copies if one != cause.article for alert in self.entries[one].alerts)
        return any(alerts.alike(alert, rule, event) for alert in kept)

    def _met(self, matches: Sequence[Match]) -> volume.Met:
        """When the conditions were met that alerts count, with these matches."""
        met: volume.Met = self.memory.met
        back = volume.horizons(self.story.story) if matches else {}
        for match in matches:
            met = volume.remembered(met, match.rule, match.time, back[match.rule]) if match.rule in back else met
        return met

    def _correct(self, claim: str, old: Sequence[Alert], cause: Cause, raised: list[Alert]) -> None:
        """Has one alert say that it corrects earlier ones on a claim: one on its status, if any."""
        ids = tuple(dict.fromkeys(alert.id for alert in old))
        new = sorted((alert for alert in raised if alert.claim == claim), key=lambda alert: not of_status(alert))
        if new:
            raised[raised.index(new[0])] = new[0].model_copy(update={"corrects": ids})
        else:
            raised.append(alerts.correction(old[-1], ids, cause, self.standing(claim)))

    def _ground(self, event: Match | Change, key: Followed | None, cause: Cause) -> Evidence | None:
        """The evidence that a change rests on."""
        if isinstance(event, Match) or key is None:
            return None
        return ground(event, cause, self.histories[key].standing, self.story.claim(event.claim).confirmed_by)

    def hold(self, outlet: str, raised: Sequence[Alert], batch: Batch, events: tuple[Event, ...]) -> Outcome:
        """Keeps back what a batch raises; when its last place is in, one summary stands for all of it. events: what is told at once."""
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
        return Outcome((*events, alerts.summary(self.story.story, batch, outlet, held.alerts, standings)), memory_changed=True)


def said_of(reading: Reading) -> Said:
    """What is kept of an article that was read."""
    article, matches = reading.article, tuple(match.rule for match in reading.matches)
    return Said(
        feed=article.feed,
        version=article.version,
        time=article.published_at,
        size=len(article.title) + len(article.text),
        wording=sketch(article) if reading.evidence or matches else "",
        evidence=reading.evidence,
        matches=matches,
    )
