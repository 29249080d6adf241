"""Tests that stand in rule files: a course of articles, and what must hold after each. Run through the same pure core as everything."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from monitor.engine.ledger import Ledger
from monitor.engine.pipeline import Reading, explain, read
from monitor.engine.rulebook import Rulebook
from monitor.engine.status import Standing
from monitor.engine.vocabulary import CompiledStory
from monitor.engine.why.chain import chain
from monitor.engine.why.inquiry import inquire
from monitor.engine.why.lacking import lacking
from monitor.engine.why.untaken import untaken
from monitor.model import Alert, Article, ClaimChanged, Event, Evidence, Match, PositionChanged, When, digest
from monitor.rules.schema import Expected, Test


@dataclass(frozen=True, slots=True)
class Failure:
    """One expectation that did not hold. number: the article's within the test, from 1. because: what the reading says to it, by lines."""

    number: int
    article: Article
    subject: str
    expected: tuple[str, ...]
    found: tuple[str, ...]
    because: tuple[str, ...] = ()

    @property
    def rows(self) -> list[tuple[str, str]]:
        """What was expected beside what was found: what agrees first, then what is missing, then what was not expected."""
        both = [name for name in self.expected if name in self.found]
        missing = [(name, "") for name in self.expected if name not in both]
        more = [("", name) for name in self.found if name not in both]
        if len(missing) == len(more) == 1 and not both:
            return [(missing[0][0], more[0][1])]
        return [*((name, name) for name in both), *missing, *more]


@dataclass(frozen=True, slots=True)
class Outcome:
    """How one test went."""

    story: str
    test: str
    failures: tuple[Failure, ...] = ()

    @property
    def passed(self) -> bool:
        """Whether everything held."""
        return not self.failures


def run_tests(rulebook: Rulebook) -> list[Outcome]:
    """Runs every test of every story, each from an empty state."""
    return [run_test(story, test, rulebook) for story in rulebook.stories.values() for test in story.story.tests]


def run_test(story: CompiledStory, test: Test, rulebook: Rulebook) -> Outcome:
    """Runs one test: its articles in the order written, which need not be that of their dates."""
    ledger = Ledger(story)
    failures: list[Failure] = []
    numbers: dict[str, int] = {}
    for number, written in enumerate(test.articles, 1):
        article = Article(
            id=digest(story.name, test.test, str(number)),
            outlet=written.outlet,
            lang=written.lang,
            title=written.title,
            text=written.text,
            published_at=written.at,
            fetched_at=written.at,
        )
        numbers[article.id] = number
        reading = next((r for r in read(article, rulebook) if r.story == story.name), Reading(story.name, article))
        led_to = ledger.apply(reading).events
        wrong = [row for row in _compared(written.expect, ledger, reading, led_to) if row[1] != row[2]]
        if wrong:
            why = _Why(story, rulebook, reading, led_to)
            failures += [Failure(number, article, *row, (*why.of(*row), *_rests(ledger, row[0], numbers))) for row in wrong]
    return Outcome(story.name, test.test, tuple(failures))


Row = tuple[str, tuple[str, ...], tuple[str, ...]]
"""What is compared, what was expected of it, and what was found."""


def _compared(expect: Mapping[str, object], ledger: Ledger, reading: Reading, events: Sequence[Event]) -> Iterator[Row]:
    for subject, wanted in expect.items():
        listed = [one for one in (wanted if isinstance(wanted, list) else [wanted]) if one is not None]
        if subject == "alerts":
            yield subject, _names(listed), _names(event.alert for event in events if isinstance(event, Alert))
        elif subject == "matches":
            yield subject, _names(listed), _names(event.rule for event in events if isinstance(event, Match))
        elif subject == "evidence":
            expected = tuple(sorted(_shown(Expected.model_validate(row)) for row in listed))
            yield subject, expected, tuple(sorted(map(_shown, reading.evidence)))
        else:
            yield subject, (str(wanted),), (str(ledger.standing(subject).status),)


def _names(given: Iterable[object]) -> tuple[str, ...]:
    return tuple(sorted({str(name) for name in given}))


def _shown(row: Expected | Evidence) -> str:
    return f"{row.party} {row.stance} {row.claim} {row.when}"


class _Why:
    """What the reading of an article says to expectations that did not hold. events: what it led to."""

    def __init__(self, story: CompiledStory, rulebook: Rulebook, reading: Reading, events: Sequence[Event]) -> None:
        self._story, self._reading, self._events = story, reading, events
        self._explained = next(one for one in explain(reading.article, rulebook) if one.reading.story == story.name)

    def of(self, subject: str, expected: Sequence[str], found: Sequence[str]) -> tuple[str, ...]:
        """The lines for one of them."""
        if subject == "evidence":
            return (*map(self._missing, (one for one in expected if one not in found)), *self._unexpected(set(found) - set(expected)))
        if subject == "matches":
            met = [match for match in self._reading.matches if match.rule not in expected]
            words = (f"{match.rule}: {', '.join(dict.fromkeys(f'“{span.text}”' for span in match.spans))}" for match in met)
            return (*(self._unmet(name) for name in expected if name not in found), *words)
        if subject == "alerts":
            return tuple(self._changes()) or ("the article changes nothing",)
        rows = [row for row in self._reading.evidence if row.claim == subject]
        if any(row.when is When.NOW for row in rows):
            return ()
        recalled = tuple(f"here: {_shown(row)}, which moves nothing: “{' '.join(row.quote.split())}”" for row in rows)
        return recalled or (f"here: {self._nothing(subject, None)}",)

    def _missing(self, row: str) -> str:
        party, _, claim, _ = row.split(" ")
        same = [one for one in self._reading.evidence if (one.party, one.claim) == (party, claim)]
        if same:
            return f"{row}: what {party} says of {claim} is read as {' and '.join(f'{one.stance} {one.when}' for one in same)}"
        return f"{row}: {self._nothing(claim, party)}"

    def _unexpected(self, rows: Collection[str]) -> Iterator[str]:
        for finding in self._explained.findings:
            row = f"{finding.party} {finding.stance} {finding.claim} {finding.when}"
            if row in rows:
                yield f"{row}: {' → '.join(link.text for link in chain(finding, self._explained) if link.kind not in ('when', 'strength'))}"

    def _nothing(self, claim: str, party: str | None) -> str:
        """Why nothing was found of a claim, or of a party on it."""
        explained, article = self._explained, self._reading.article
        left = untaken(explained.sentences, explained.trace, self._story, article.published_at)
        steps = inquire(explained, left, self._story, claim, party).steps
        if not steps:
            return "it is found in this article, and moves nothing"
        places = [
            f"“{' '.join(article.field(p.field)[p.start : p.end].split())}”" + (f" {p.note}" if p.note else "") for p in steps[-1].places
        ]
        return steps[-1].text.rstrip(":") + (f": {'; '.join(places)}" if places else "")

    def _unmet(self, name: str) -> str:
        known = next((one for one in self._story.conditions if one.sort == "match" and one.owner == name), None)
        if known is None:
            return f"{name}: the rules have no such condition under `matches:`"
        lack = min((lacking(known.node, scope) for scope in self._explained.scopes.values()), key=lambda one: one.rank)
        return f"{name}: lacks {' and '.join(lack.missing)}" if lack.missing else f"{name}: all its words are there, but not as it asks"

    def _changes(self) -> Iterator[str]:
        """What the article changed, which alerts may speak to."""
        for event in self._events:
            if isinstance(event, PositionChanged):
                yield f"{event.party} on {event.claim}: {event.from_ or 'no position'} → {event.to or 'no position'}"
            elif isinstance(event, ClaimChanged):
                yield f"{event.claim}: {event.from_} → {event.to}"
            elif isinstance(event, Match):
                yield f"{event.rule} is met"


def _rests(ledger: Ledger, claim: str, numbers: Mapping[str, int]) -> Iterator[str]:
    """What a claim's status rests on; nothing for what is no claim. numbers: article -> its number within the test."""
    standing = ledger.standing(claim) if claim in ledger.story.story.claims else Standing()
    for party, position in sorted((standing.positions or {}).items()):
        row = position.evidence
        where = f"article {numbers[row.article]}" if row.article in numbers else "the baseline in the rules"
        yield f"{party} {position.stance} since {position.since:%Y-%m-%d}, by {where}: “{' '.join(row.quote.split())}”"
