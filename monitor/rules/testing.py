"""Tests that stand in rule files: a course of articles, and what must hold after each. Run through the same pure core as everything."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from monitor.engine.ledger import Ledger
from monitor.engine.pipeline import read
from monitor.engine.vocabulary import CompiledStory, Rulebook
from monitor.model import Alert, Article, Event, Evidence, Match, digest
from monitor.rules.schema import Expected, Test


@dataclass(frozen=True, slots=True)
class Failure:
    """One expectation that did not hold. article counts from 1 within the test."""

    article: int
    title: str
    subject: str
    expected: str
    found: str
    because: tuple[str, ...] = ()


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


@dataclass
class _Found:
    """What an article led to, for comparison."""

    events: list[Event] = field(default_factory=list)

    def names(self, kind: str) -> list[str]:
        return (
            [e.alert for e in self.events if isinstance(e, Alert)]
            if kind == "alerts"
            else [e.rule for e in self.events if isinstance(e, Match)]
        )


def run_tests(rulebook: Rulebook) -> list[Outcome]:
    """Runs every test of every story, each from an empty state."""
    return [run_test(story, test, rulebook) for story in rulebook.stories.values() for test in story.story.tests]


def run_test(story: CompiledStory, test: Test, rulebook: Rulebook) -> Outcome:
    """Runs one test: its articles in the order written, which need not be that of their dates."""
    ledger = Ledger(story)
    failures: list[Failure] = []
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
        found = _Found()
        reading = next((r for r in read(article, rulebook) if r.story == story.name), None)
        if reading is not None:
            found.events = [*ledger.apply(reading).events]
        evidence = list(reading.evidence) if reading else []
        label = written.title or written.text[:60]
        failures += [Failure(number, label, *row) for row in _compare(written.expect, ledger, found, evidence)]
    return Outcome(story.name, test.test, tuple(failures))


def _compare(
    expect: Mapping[str, object], ledger: Ledger, found: _Found, evidence: list[Evidence]
) -> Iterable[tuple[str, str, str, tuple[str, ...]]]:
    for subject, wanted in expect.items():
        if subject in ("alerts", "matches"):
            names = sorted(set(found.names(subject)))
            listed = sorted(str(name) for name in (wanted if isinstance(wanted, list) else [wanted]) if name is not None)
            if names != listed:
                yield subject, ", ".join(listed) or "none", ", ".join(names) or "none", ()
        elif subject == "evidence":
            rows = wanted if isinstance(wanted, list) else [wanted]
            listed = sorted(_shown(Expected.model_validate(row)) for row in rows)
            read_out = sorted(f"{e.party} {e.stance} {e.claim} {e.when}" for e in evidence)
            if listed != read_out:
                yield (
                    "evidence",
                    "; ".join(listed) or "none",
                    "; ".join(read_out) or "none",
                    tuple(f"{e.party} {e.stance} {e.claim}: {' · '.join(e.why)}" for e in evidence),
                )
        else:
            status = ledger.standing(subject).status
            if str(status) != str(wanted):
                yield (
                    subject,
                    str(wanted),
                    str(status),
                    tuple(f"{e.party} {e.stance} ({e.when}): {' · '.join(e.why)}" for e in evidence if e.claim == subject),
                )


def _shown(expected: Expected) -> str:
    return f"{expected.party} {expected.stance} {expected.claim} {expected.when}"
