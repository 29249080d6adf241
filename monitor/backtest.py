"""What new rules would have made of old articles: read by both sets of rules, folded, compared.

    articles ─► read by both, where they read differently ─► what they say ─► fold by both, in event order ─► difference

Texts pass through; what is held is evidence, matches and alerts.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import NamedTuple

from monitor.bulk import Heard, Stories
from monitor.engine.difference import Difference, Told, difference
from monitor.engine.ledger import Ledger
from monitor.engine.pipeline import Reading
from monitor.engine.vocabulary import CompiledStory
from monitor.errors import InputError
from monitor.model import Alert, Article, Decision, Evidence, Match


@dataclass(frozen=True)
class Plan:
    """Which stories are read by which rules. unchanged: they say the same in both. alike: they differ, but not in what they read."""

    present: Mapping[str, CompiledStory]
    new: Mapping[str, CompiledStory]
    unchanged: tuple[str, ...]
    alike: frozenset[str]

    @property
    def stories(self) -> tuple[str, ...]:
        """The stories that are compared, by name."""
        return tuple(sorted({*self.present, *self.new} - {*self.unchanged}))

    @property
    def sets(self) -> tuple[Stories, Stories]:
        """What to read with: the present rules, and the new ones where these may read something else."""
        first = [(self.present[name].story, self.present[name].version) for name in self.stories if name in self.present]
        second = [(self.new[name].story, self.new[name].version) for name in self.stories if name in self.new and name not in self.alike]
        return first, second


def plan(present: Mapping[str, CompiledStory], new: Mapping[str, CompiledStory]) -> Plan:
    """What is to be compared. Raises InputError when the two have no story in common."""
    both = present.keys() & new.keys()
    if not both:
        names = [", ".join(sorted(stories)) for stories in (present, new)]
        raise InputError(f"the present rules have {names[0]}, the new ones {names[1]}: a story is known by its folder's name, so keep that")
    unchanged = tuple(sorted(name for name in both if present[name].version == new[name].version))
    alike = frozenset(name for name in both if present[name].reading == new[name].reading)
    return Plan(present, new, unchanged, alike - {*unchanged})


class _Row(NamedTuple):
    """An article and what it says to one story by both sets of rules."""

    article: Article
    present: Reading
    new: Reading


class Backtest:
    """Takes in what articles say, and tells what differs."""

    def __init__(self, made: Plan, decisions: Sequence[Decision] = ()) -> None:
        """decisions: what people decided about evidence; it counts from the beginning, by both sets of rules."""
        self._plan, self._decisions = made, decisions
        self._rows: dict[str, list[_Row]] = {name: [] for name in made.stories}

    def take(self, some: Iterable[Heard]) -> None:
        """Takes in a few articles, in any order."""
        for article, (first, second) in some:
            for name, rows in self._rows.items():
                present = first.get(name)
                new = present if name in self._plan.alike else second.get(name)
                if present or new or article.version > 1:
                    rows.append(_row(name, article, present, new))

    def differences(self) -> list[Difference]:
        """What the new rules would have changed, for every story that is compared."""
        return [self._difference(name) for name in self._plan.stories]

    def _difference(self, name: str) -> Difference:
        present, new = (self._begun(stories.get(name)) for stories in (self._plan.present, self._plan.new))
        for row in sorted(self._rows[name], key=lambda row: (row.article.order, row.article.version)):
            before, after = _apply(present, row.present), _apply(new, row.new)
            _keep(present, before, beside=after)
            _keep(new, after, beside=before)
        return difference(name, present, new)

    def _begun(self, story: CompiledStory | None) -> Told:
        if story is None:
            return Told(None)
        return Told(Ledger(story, decisions=(one for one in self._decisions if one.story == story.name)))


def _apply(told: Told, reading: Reading) -> list[Alert | Match]:
    """The alerts and matches that follow from a reading."""
    if told.ledger is None:
        return []
    return [event for event in told.ledger.apply(reading).events if isinstance(event, (Alert, Match))]


def _keep(told: Told, events: Iterable[Alert | Match], *, beside: Iterable[Alert | Match]) -> None:
    """Keeps what is to be compared. Of what has no claim only that which the other rules did not make of the same article as well:
    a broad condition may be met by every article."""
    made = {_key(event) for event in beside}
    for event in events:
        if isinstance(event, Match):
            told.matches += [event] if _key(event) not in made else []
        elif event.claim is not None or _key(event) not in made:
            told.alerts.append(event)


def _key(event: Alert | Match) -> tuple[str, str]:
    return event.id, event.severity if isinstance(event, Alert) else ""


def _row(story: str, article: Article, present: Reading | None, new: Reading | None) -> _Row:
    """A row that holds little: what both say in the same words is held once, and of a match the first words that met it."""
    first = _small(present, article) if present else Reading(story, article)
    if new is present:
        return _Row(article, first, first)
    second = _small(new, article) if new else Reading(story, article)
    known = {row: row for row in first.evidence}
    return _Row(article, first, replace(second, evidence=tuple(known.get(row, row) for row in second.evidence)))


def _small(reading: Reading, article: Article) -> Reading:
    def row(one: Evidence) -> Evidence:
        return one.model_copy(update={"why": (), "rules": ""})

    def match(one: Match) -> Match:
        return one.model_copy(update={"spans": one.spans[:1]})

    return replace(reading, article=article, evidence=tuple(map(row, reading.evidence)), matches=tuple(map(match, reading.matches)))
