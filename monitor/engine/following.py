"""How a story's claims are followed: by which evidence, and from which positions on. Pure."""

from __future__ import annotations

from monitor.engine.vocabulary import CompiledStory
from monitor.model import Evidence, MovedBy, Strength, When, digest
from monitor.rules.schema import AlertRule, Claim, Story


def counts(rule: AlertRule, claim: Claim) -> MovedBy:
    """Which evidence makes the changes of a claim that a rule listens to."""
    return rule.when.moved_by or claim.moved_by


def followed(story: Story, claim: str) -> list[MovedBy]:
    """The ways in which a claim is followed: its own, and those of the alert rules that ask for others."""
    asked = {rule.when.moved_by for rule in story.alerts if not rule.when.claim or claim in rule.when.claim}
    return [by for by in MovedBy if by in asked or by is story.claims[claim].moved_by]


def baseline(story: CompiledStory, claim: str) -> list[Evidence]:
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
