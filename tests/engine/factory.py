"""Stories, articles, evidence and readings made by hand, so that tests of what follows from evidence need no reading."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, Literal

from hypothesis import settings

from monitor.engine.ledger import Ledger
from monitor.engine.pipeline import Reading
from monitor.engine.vocabulary import CompiledStory, compile_story
from monitor.model import Article, Evidence, FieldName, Match, MovedBy, Span, Stance, Strength, When, digest
from monitor.rules.schema import Story

NAME = "test"
START = datetime(2024, 3, 1, tzinfo=UTC)
PARTIES = ("buyer", "target", "union")
"""Of these the first two would have to admit a claim."""
CLAIMS = ("sale", "layoffs")

few, many = settings(max_examples=25, deadline=None), settings(max_examples=60, deadline=None)
"""How many examples a property is shown. No deadline for each: a busy machine is no failure."""

StanceName = Literal["affirm", "deny", "doubt", "decline"]
ANY_STATUS = ["confirmed", "disputed", "asserted", "denied", "open", "unreported"]


def hour(number: float) -> datetime:
    """So many hours after the start."""
    return START + timedelta(hours=number)


def story(alerts: Sequence[Mapping[str, Any]] = (), baseline: Mapping[str, Sequence[Mapping[str, Any]]] | None = None) -> CompiledStory:
    """A story with the claims and parties above. baseline: claim -> positions known beforehand."""
    known = baseline or {}
    return compile_story(
        Story.model_validate(
            {
                "story": NAME,
                "title": "A sale",
                "entities": {party: {"kind": "party", "names": {"en": [party]}} for party in PARTIES},
                "claims": {
                    claim: {"text": f"The {claim}", "about": claim, "confirmed_by": PARTIES[:2], "baseline": known.get(claim, ())}
                    for claim in CLAIMS
                },
                "matches": {"strike": "strike", "talks": "talks"},
                "alerts": list(alerts),
            }
        ),
        "v1",
    )


def moved_by(by: MovedBy, rules: Sequence[Mapping[str, Any]] = ()) -> CompiledStory:
    """The story with claims that such evidence moves."""
    asking = story(rules)
    claims = {name: claim.model_copy(update={"moved_by": by}) for name, claim in asking.story.claims.items()}
    return compile_story(asking.story.model_copy(update={"claims": claims}), "v2")


def article(name: str, at: float = 0, version: int = 1) -> Article:
    """An article, so many hours after the start."""
    return Article(
        id=name, version=version, outlet="Gazette", title=f"Title of {name}", published_at=hour(at), fetched_at=hour(at + version)
    )


def evidence(
    of: Article,
    party: str,
    stance: StanceName,
    claim: str = "sale",
    when: Literal["now", "past"] = "now",
    field: FieldName = "text",
    start: int = 0,
) -> Evidence:
    """Evidence in an article."""
    return Evidence(
        id=digest(NAME, of.id, claim, party, stance, when),
        story=NAME,
        article=of.id,
        version=of.version,
        claim=claim,
        party=party,
        stance=Stance(stance),
        when=When(when),
        strength=Strength.STRONG,
        speaker=party,
        cue="said",
        quote=f"{party} {stance} {claim}",
        field=field,
        start=start,
        end=start + 10,
        time=of.published_at,
    )


def reading(of: Article, said: Iterable[Evidence] = (), matches: Iterable[str] = ()) -> Reading:
    """What an article says to the story."""
    met = tuple(
        Match(
            id=digest(NAME, of.id, str(of.version), rule),
            story=NAME,
            article=of.id,
            version=of.version,
            rule=rule,
            time=of.published_at,
            spans=(Span(field="title", start=0, end=5, text="Title"),),
        )
        for rule in matches
    )
    return Reading(NAME, of, met, tuple(said))


def kept(*said: tuple[str, float, str, StanceName, Literal["now", "past"]], **told: str) -> Ledger:
    """What is kept of articles: name, hour, party, stance, when. told: what else each piece of evidence says."""
    ledger = Ledger(story())
    for name, at, party, stance, when in said:
        row = evidence(article(name, at), party, stance, when=when)
        ledger.apply(reading(article(name, at), [row.model_copy(update=told)]))
    return ledger


def says(name: str, at: float, party: str, stance: StanceName, claim: str = "sale", version: int = 1) -> Reading:
    """The reading of an article in which one party takes one stance."""
    of = article(name, at, version)
    return reading(of, [evidence(of, party, stance, claim)])
