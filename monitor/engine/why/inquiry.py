"""Why is there no finding? How far the reading came for a claim, a party, or the two together, step by step."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum

from monitor.engine.attribution import Attribution
from monitor.engine.finding import Finding
from monitor.engine.focus import Read
from monitor.engine.pipeline import Explained
from monitor.engine.propositions import inside
from monitor.engine.vocabulary import CompiledStory
from monitor.engine.why.lacking import nearest
from monitor.engine.why.untaken import Untaken
from monitor.model import FieldName
from monitor.rules.terms import expand

Span = tuple[int, int]
_SILENT = "does not speak for it, as it stands there or at the article's date"
_SAMPLE = 3
_SHOWN = 6
"""Places that a step shows at most."""
_ONLY_IN = {
    "conceded_by": "praise that concedes it, which counts in a party's own mouth only",
    "evaded_by": "an evasive answer, which counts in a party's own mouth only",
    "implied_by": "words that take it for granted, which count only where they are stated",
}


class Asked(StrEnum):
    """The steps of the reading that are asked about."""

    TOUCHED = "touched"
    """is the claim touched anywhere?"""
    NAMED = "named"
    """is the party named, or somebody who speaks for it?"""
    SOURCE = "source"
    """is it the source of any reported speech?"""
    SAYS_OF_IT = "says-of-it"
    """does its speech touch the claim?"""
    TAKEN = "taken"
    """did that make a stance?"""


@dataclass(frozen=True, slots=True)
class Shown:
    """A place in the text that bears on a step, and what is to be said of it."""

    field: FieldName
    start: int
    end: int
    note: str = ""


@dataclass(frozen=True, slots=True)
class Step:
    """One step: what was asked, whether the reading came through it, and where that shows."""

    asked: Asked
    passed: bool
    text: str
    places: tuple[Shown, ...] = ()


@dataclass(frozen=True, slots=True)
class Answer:
    """What became of a claim, a party, or the two together. The last step is the one that failed, if there are no findings."""

    claim: str | None
    party: str | None
    findings: tuple[Finding, ...]
    steps: tuple[Step, ...]


def inquire(explained: Explained, untaken: tuple[Untaken, ...], story: CompiledStory, claim: str | None, party: str | None) -> Answer:
    """A finished reading and the names asked about -> how far it came. The names must be the story's."""
    found = tuple(f for f in explained.findings if claim in (None, f.claim) and party in (None, f.party))
    steps: list[Step] = []
    if not found:
        for step in _Inquiry(explained, untaken, story, claim, party).steps():
            steps.append(step)
            if not step.passed:
                break
    return Answer(claim, party, found, tuple(steps))


class _Inquiry:
    def __init__(
        self, explained: Explained, untaken: tuple[Untaken, ...], story: CompiledStory, claim: str | None, party: str | None
    ) -> None:
        self.explained, self.untaken, self.story, self.claim, self.party = explained, untaken, story, claim, party

    def steps(self) -> Iterator[Step]:
        """The steps in order; what comes after one that failed is not worth looking at."""
        if self.claim is not None:
            yield self._touched(self.claim)
        if self.party is not None:
            yield self._named(self.party)
            yield self._source(self.party)
        if self.claim is not None and self.party is not None:
            yield self._says_of_it(self.claim, self.party)
        yield self._taken()

    def _touched(self, claim: str) -> Step:
        places = []
        for read in self.explained.sentences:
            mine = sorted((p for p in read.propositions if p.claim == claim), key=lambda p: (p.own or p.implied, p.start))
            if mine:
                places.append(Shown(read.sentence.field, mine[0].start, mine[0].end, _ONLY_IN.get(mine[0].sort, "")))
        if places:
            return Step(Asked.TOUCHED, True, f"{claim} is touched in {_count(len(places), 'sentence')}", tuple(places[:_SHOWN]))
        close = nearest(self.story, claim, [r.sentence for r in self.explained.sentences], dict(self.explained.scopes))
        if close is None:
            return Step(Asked.TOUCHED, False, f"nothing touches {claim}: no term of its conditions stands in the text")
        present = tuple(Shown(close.field, a, b, name) for name, (a, b) in dict.fromkeys(close.lack.present))
        text = f"nothing touches {claim}; the sentence that comes closest lacks {'; and '.join(close.lack.missing)}"
        return Step(Asked.TOUCHED, False, text + self._wording(close.lack.missing), present[:_SHOWN])

    def _wording(self, missing: tuple[str, ...]) -> str:
        """Words by which missing vocabulary is known in the text's language; "" when nothing of it is vocabulary."""
        code, words = self.explained.language, self.story.story.words
        shown = []
        for name in dict.fromkeys(re.findall(r"[\w-]+", " ".join(missing))):
            if name in words:
                terms = list(
                    dict.fromkeys(expand(t)[0] for language, some in words[name].items() if language in (code, "any") for t in some)
                )
                few = ", ".join(f"“{term}”" for term in terms[:_SAMPLE]) + (" …" if len(terms) > _SAMPLE else "")
                shown.append(f"{name}: {few}" if terms else f"{name}: no words in {code} in the rules")
        return f" ({'; '.join(shown)})" if shown else ""

    def _named(self, party: str) -> Step:
        places, silent = [], []
        for read in self.explained.sentences:
            for mention in read.passage.mentions:
                place = Shown(read.sentence.field, mention.start, mention.end)
                if mention.party == party:
                    places.append(place)
                elif mention.entity is not None and self._once(mention.entity, party):
                    silent.append(Shown(place.field, place.start, place.end, _SILENT))
        if places:
            return Step(Asked.NAMED, True, f"{party}, or who speaks for it, is named {_count(len(places), 'time')}", tuple(places[:_SHOWN]))
        why = "" if silent else ": nor is anybody who speaks for it"
        return Step(Asked.NAMED, False, f"{party} is not named as a speaker{why}", tuple(silent[:_SHOWN]))

    def _once(self, entity: str, party: str) -> bool:
        """Whether an entity is the party, or speaks for it at some time."""
        known = self.story.story.entities.get(entity)
        return entity == party or (known is not None and any(tenure.party == party for tenure in known.speaks_for))

    def _source(self, party: str) -> Step:
        places = [Shown(r.sentence.field, one.reporting.start, one.reporting.end, self._about(r, one)) for r, one in self._spoken(party)]
        if places:
            return Step(
                Asked.SOURCE, True, f"{party} is the source of reported speech {_count(len(places), 'time')}", tuple(places[:_SHOWN])
            )
        nearby = [
            Shown(read.sentence.field, m.start, m.end, _PLACES.get(m.place, "") or "no reporting word goes with it")
            for read in self.explained.sentences
            for m in read.passage.mentions
            if m.party == party
        ]
        return Step(Asked.SOURCE, False, f"{party} is named, but is the source of no reported speech", tuple(nearby[:_SHOWN]))

    def _spoken(self, party: str) -> Iterator[tuple[Read, Attribution]]:
        """The attributions of a party, each with its sentence."""
        for read in self.explained.sentences:
            for one in self.explained.trace.heard.get(read.sentence.index, ()):
                if one.source is not None and one.source.party == party:
                    yield read, one

    def _about(self, read: Read, one: Attribution) -> str:
        """What an attribution's content touches, in words."""
        claims = sorted({p.claim for p in read.propositions if any(inside(p, window) for window in one.content)})
        a, b = one.content[0]
        said = " ".join(read.passage.text[a:b].split()).strip(' .,;:“”"«»')
        return f"of {', '.join(claims)}" if claims else f"of no claim: “{said}”" if said else "of no claim"

    def _says_of_it(self, claim: str, party: str) -> Step:
        tried = [t for t in self.explained.trace.tried if t.proposition.claim == claim and self._of(t.attribution, party)]
        heard = self.explained.trace.heard
        near = [u for u in self.untaken if u.claim == claim and any(self._reaches(a, u, party) for a in heard.get(u.index, ()))]
        if tried or near:
            return Step(Asked.SAYS_OF_IT, True, f"what {party} is reported to say touches {claim}")
        places = [Shown(u.field, u.start, u.end, u.reason.text) for u in self.untaken if u.claim == claim]
        places += [
            Shown(f.field, *f.quote, f"is taken as {f.stance.value}, by {f.party}") for f in self.explained.findings if f.claim == claim
        ]
        text = f"what {party} is reported to say does not touch {claim}; where {claim} is touched:"
        return Step(Asked.SAYS_OF_IT, False, text, tuple(places[:_SHOWN]))

    @staticmethod
    def _of(one: Attribution, party: str) -> bool:
        """Whether a party is the source, or reports it of another."""
        layer: Attribution | None = one
        while layer is not None:
            if layer.source is not None and layer.source.party == party:
                return True
            layer = layer.outer
        return False

    def _reaches(self, one: Attribution, what: Untaken, party: str) -> bool:
        """Whether a claim stands in what a party is reported to say."""
        return self._of(one, party) and any(a <= what.start and what.end <= b for a, b in one.content)

    def _taken(self) -> Step:
        claim, party = self.claim, self.party
        places = []
        for one in self.untaken:
            speakers = self.explained.trace.heard.get(one.index, ())
            if claim in (None, one.claim) and (party is None or any(self._of(a, party) for a in speakers)):
                places.append(Shown(one.field, one.start, one.end, one.reason.text))
        for found in self.explained.findings if claim is not None else ():
            if found.claim == claim:
                places.append(Shown(found.field, *found.quote, f"is taken as {found.stance.value}, by {found.party}"))
        subject = " on ".join(["no stance of " + party if party else "no stance", *([claim] if claim else [])])
        return Step(Asked.TAKEN, False, f"{subject} comes of it", tuple(places[:_SHOWN]))


_PLACES = {
    "oblique": "stands after a preposition, or as an object: not as who speaks",
    "possessor": "stands as a possessor, not as who speaks",
    "locative": "stands as a place, not as who speaks",
}


def _count(number: int, what: str) -> str:
    return f"{number} {what}" + ("" if number == 1 else "s")
