"""Fifth layer: which claims a sentence touches, and how they stand in a stretch of it."""

from __future__ import annotations

from collections.abc import Sequence, Set
from dataclasses import dataclass

from monitor.engine.conditions import Literal, Ref
from monitor.engine.meaning import Scope, holds
from monitor.engine.passage import Passage
from monitor.engine.sentences import Sentence
from monitor.engine.stance import Content
from monitor.engine.terms import is_hangul, is_unspaced
from monitor.engine.vocabulary import Condition, ConditionSort

Span = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Proposition:
    """A claim touched in a sentence. spans: the words that met its condition. sort: which of the claim's conditions that was."""

    claim: str
    spans: tuple[Span, ...]
    names: frozenset[Span] = frozenset()
    """Those of the words that name something; the others say something."""
    sort: ConditionSort = "about"

    @property
    def contrary(self) -> bool:
        """Whether its words state the opposite."""
        return self.sort == "contrary"

    @property
    def own(self) -> bool:
        """Whether it says something only in a party's own mouth: praise that concedes, an evasive answer."""
        return self.sort in ("conceded_by", "evaded_by")

    @property
    def implied(self) -> bool:
        """Whether its words only take the claim for granted."""
        return self.sort == "implied_by"

    @property
    def start(self) -> int:
        """Where its first word stands."""
        return self.spans[0][0]

    @property
    def end(self) -> int:
        """Where its last word ends."""
        return max(end for _, end in self.spans)


def propositions(
    sentence: Sentence, candidates: Sequence[Condition], field: Scope, present: Set[Ref | Literal], names: frozenset[Span]
) -> list[Proposition]:
    """All claims touched in a sentence.

    field: the scope of its whole field. present: the terms that stand in the sentence. names: the words there that name an entity.
    """
    scope = field.within(sentence.start, sentence.end)
    found: dict[tuple[str, tuple[Span, ...]], Proposition] = {}
    for condition in candidates:
        if condition.sort == "match" or any(need.isdisjoint(present) for need in condition.here):
            continue
        for way in holds(condition.node, scope):
            if way:
                made = Proposition(condition.owner, way, names.intersection(way), condition.sort)
                found.setdefault((condition.sort + condition.owner, way), made)
    return sorted(_unopposed(list(found.values())), key=lambda p: (p.claim, p.start, p.end))


def _unopposed(found: list[Proposition]) -> list[Proposition]:
    """Without those whose words are part of longer words for the opposite: "trained" in "poorly trained"."""

    def covered(one: Proposition, other: Proposition) -> bool:
        return any(a <= x and y <= b and (a, b) != (x, y) for x, y in one.spans for a, b in other.spans)

    return [one for one in found if not any(o.claim == one.claim and o.contrary != one.contrary and covered(one, o) for o in found)]


def inside(proposition: Proposition, window: Span) -> bool:
    """Whether the proposition belongs to a window: at least half of its words stand there."""
    within = sum(window[0] <= start and end <= window[1] for start, end in proposition.spans)
    return 2 * within >= len(proposition.spans) and within > 0


def standing(passage: Passage, proposition: Proposition, window: Span) -> Content:
    """How a claim stands in a window of its sentence, by the operators around it."""
    words, (start, end) = passage.words, window
    first, last = max(start, proposition.start), min(end, proposition.end)
    supposing = [span for span in words.at("hypothetical") if not _any([span], *_hull(proposition, span))]
    if passage.sentence.question or _any(supposing, start, last):
        return Content.SUPPOSED
    rejected = _any(words.at("rejection"), start, end)
    turned = sum(
        _governs(passage.text, span, proposition, window)
        for span in merged(words.at("negation"))
        if start <= span[0] and not _any([span], *_hull(proposition, span))
    )
    opposite = (turned % 2 == 1) != proposition.contrary
    if rejected:
        return Content.DENIED if not proposition.contrary else Content.STATED
    if opposite:
        return Content.DENIED
    if any(start <= a and b <= first and first - b < 60 for a, b in words.at("hearsay")):
        return Content.SPOKEN_OF
    return Content.STATED


def _hull(proposition: Proposition, span: Span) -> Span:
    """The proposition's own word around a stretch: a term that carries its negation, or its "ready to", is not turned by it."""
    return next(((a, b) for a, b in proposition.spans if a <= span[0] and span[1] <= b), (0, 0))


def _any(spans: Sequence[Span], start: int, end: int) -> bool:
    return any(start <= a and b <= end for a, b in spans)


def merged(spans: Sequence[Span]) -> list[Span]:
    """Overlapping stretches as one: "didn't" is a negation once."""
    made: list[Span] = []
    for start, end in sorted(spans):
        if made and start < made[-1][1]:
            made[-1] = made[-1][0], max(end, made[-1][1])
        else:
            made.append((start, end))
    return made


def _governs(text: str, negation: Span, proposition: Proposition, window: Span) -> bool:
    """Whether a negation reaches the claim: it stands right before a word of what is said, or directly before a name ("no troops").

    In "have not left Kursk" it reaches "left", which is no word of the claim.
    """
    start, end = negation
    for a, b in proposition.spans:
        if window[0] <= a and b <= window[1] and end <= a:
            between = text[end:a]
            near = 1 if (a, b) in proposition.names else 4
            if not any(mark in between for mark in ",;:.，；：。") and _words(between) < near:
                return True
        # Where the verb comes last its negation follows it.
        if b <= start <= b + 4 and (a, b) not in proposition.names and is_hangul(text[b - 1]):
            return True
    return False


def _words(between: str) -> float:
    return len(between.split()) if not any(map(is_unspaced, between)) else len(between) / 2
