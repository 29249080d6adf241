"""Fifth layer: which claims a sentence touches, and how they stand in a stretch of it."""

from __future__ import annotations

from collections.abc import Sequence, Set
from dataclasses import dataclass

from monitor.engine.conditions import Literal, Ref
from monitor.engine.meaning import Scope, holds
from monitor.engine.passage import Passage
from monitor.engine.sentences import Sentence
from monitor.engine.stance import Content
from monitor.engine.terms import is_unspaced
from monitor.engine.vocabulary import Condition, ConditionSort

Span = tuple[int, int]
_CONDITION_REACH = 6
"""Words between what is said and a condition that follows it, at most."""
_AFTER_MARK = 7
"""Characters between a mark and a word of rejection without a subject of its own, at most."""


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
    def topic(self) -> bool:
        """Whether its words only name the claim."""
        return self.sort == "named_by"

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

    both = {one.claim for one in found if one.contrary} & {one.claim for one in found if not one.contrary}
    opposed = [one for one in found if one.claim in both]
    return [one for one in found if not any(o.claim == one.claim and o.contrary != one.contrary and covered(one, o) for o in opposed)]


def inside(proposition: Proposition, window: Span, sources: Sequence[Span] = ()) -> bool:
    """Whether the proposition belongs to a window: at least half of its words stand there. Those that name a source do not count."""
    counted = [span for span in proposition.spans if not any(a <= span[0] and span[1] <= b for a, b in sources)]
    here = [span for span in counted if window[0] <= span[0] and span[1] <= window[1]]
    said = len(proposition.names) < len(proposition.spans)
    return 2 * len(here) >= len(counted) and bool(here) and not (said and proposition.names.issuperset(here))


def standing(passage: Passage, proposition: Proposition, window: Span, others: Sequence[Proposition] = ()) -> Content:
    """How a claim stands in a window of its sentence, by the operators around it."""
    words, (start, end) = passage.words, window
    verb_final = passage.language.pack.verb_final
    supposed = (_supposed_behind if verb_final else _supposed)(passage, proposition, window)
    if passage.sentence.question or supposed or _provided(passage, min(end, proposition.end), end):
        return Content.SUPPOSED
    rejections = [span for span in words.at("rejection") if start <= span[0] and span[1] <= end]
    rejected = any(_rejects(passage, span, proposition) for span in rejections)
    governs = _governs_behind if verb_final else _governs
    turned = sum(
        governs(passage, span, proposition, window)
        for span in merged(words.at("negation"))
        if start <= span[0] and not _any([span], *_hull(proposition, span)) and not _elsewhere(proposition, span, others)
    )
    if proposition.contrary and any(_any([span], a, b) for span in words.at("negation") for a, b in proposition.spans):
        turned = 0  # its own words carry the negation
    turned += passage.language.pack.case_marked and not turned and _there_is_none(passage, proposition, window)
    opposite = (turned % 2 == 1) != proposition.contrary
    if rejected:
        return Content.DENIED if not proposition.contrary else Content.STATED
    if opposite:
        return Content.DENIED
    if _any(words.at("dubious"), start, end):
        return Content.QUESTIONED
    first = max(start, proposition.start)
    if verb_final:
        spoken_of = any(span[0] < end and _behind(passage, proposition, span, _HEARSAY) for span in words.at("hearsay"))
    else:
        spoken_of = any(start <= a and b <= first and (first - b < 60 or not passage.crossed(b, first)) for a, b in words.at("hearsay"))
    return Content.SPOKEN_OF if spoken_of else Content.STATED


def settled(passage: Passage, here: Sequence[Proposition], window: Span, *, to_its_end: bool = False) -> list[tuple[Proposition, Content]]:
    """Propositions of a window with how they stand there. to_its_end: what follows a proposition does not govern it.

    Where the verb comes last, one whose last word is an argument of the verb that another of the same claim ends with stands as that one
    does: in "병력을 파병하지 않았다" the troops are not stated.
    """
    start, end = window
    standings = [(p, standing(passage, p, (start, min(p.end, end) if to_its_end else end))) for p in here]
    if not passage.language.pack.verb_final:
        return standings
    turned = [p for p, content in standings if content is not Content.STATED and not p.contrary]
    return [
        (p, content)
        for p, content in standings
        if content is not Content.STATED or p.contrary or not any(q.claim == p.claim and _argument(passage, p, q) for q in turned)
    ]


_ARGUMENT = 16
"""Characters between an argument and its verb, at most."""


def _argument(passage: Passage, one: Proposition, other: Proposition) -> bool:
    """Whether a claim's last word stands, as an argument, shortly before the last word of another."""
    pack, end = passage.language.pack, one.end
    until = passage.word_end(end)
    last = max(other.spans)[0]
    particle = passage.text[end:until]
    return (
        particle in (*pack.oblique_after, *pack.subject_after, *pack.topic_after)
        and 0 <= last - end <= _ARGUMENT
        and not passage.crossed(end, last)
        and not _cue_between(passage, end, last)
    )


def _supposed(passage: Passage, proposition: Proposition, window: Span) -> bool:
    """Whether a claim stands behind a word that supposes it."""
    supposing = [span for span in passage.words.at("hypothetical") if not _any([span], *_hull(proposition, span))]
    return _any(supposing, window[0], min(window[1], proposition.end))


_SUPPOSING, _HEARSAY, _NEGATING = 10, 8, 6
"""Characters between a word of a claim and the operator behind it, at most, where verbs come last."""


def _supposed_behind(passage: Passage, proposition: Proposition, window: Span) -> bool:
    """The same where the verb comes last: before a word that closes a supposition, or behind one that opens it."""
    first = max(window[0], proposition.start)
    if any(
        window[0] <= a and b <= first and not passage.crossed(b, first) and not _cue_between(passage, b, first)
        for a, b in passage.words.at("premise")
    ):
        return True
    closing = [span for span in passage.words.at("hypothetical") if not _any([span], *_hull(proposition, span))]
    return any(_behind(passage, proposition, span, _SUPPOSING) for span in closing)


def _behind(passage: Passage, proposition: Proposition, operator: Span, reach: int) -> bool:
    """Whether an operator stands close behind a word that says something in the claim, or on it, with no mark or cue between."""
    said = [span for span in proposition.spans if span not in proposition.names] or list(proposition.spans)
    start, end = operator
    return any(
        (a < end and start < b)
        or (0 <= start - b <= reach and not passage.crossed(b, start) and not _cue_between(passage, b, start) and _bound(passage, b, start))
        for a, b in said
    )


def _bound(passage: Passage, end: int, start: int) -> bool:
    """Whether no content ends between a word and the operator behind it."""
    between = passage.text[end:start]
    return not any(mark in between for mark in passage.language.pack.content_end)


def _cue_between(passage: Passage, start: int, end: int) -> bool:
    return any(start <= cue.start and cue.end <= end for cue in passage.words.cues)


def _governs_behind(passage: Passage, negation: Span, proposition: Proposition, window: Span) -> bool:
    """Whether a negation reaches the claim where the verb comes last: right behind a word of it, or directly before one ("안 보냈다")."""
    start, end = negation
    if end > window[1]:
        return False
    inside_word = passage.text[start - 1 : start].isalpha()
    reaching = _behind(passage, proposition, negation, _NEGATING) and not (
        inside_word and " " in passage.text[_word_before(proposition, start) : start]
    )
    return reaching or any(0 <= a - end <= 1 for a, _ in proposition.spans)


def _word_before(proposition: Proposition, start: int) -> int:
    """The end of the claim's last word before an offset."""
    return max((b for _, b in proposition.spans if b <= start), default=start)


def _provided(passage: Passage, last: int, end: int) -> bool:
    """Whether what is said is put under a condition after it: "the sending, if confirmed, would be an escalation"."""
    return any(last <= a and b <= end and passage.apart(last, a) <= _CONDITION_REACH for a, b in passage.words.at("provided"))


def _rejects(passage: Passage, rejection: Span, proposition: Proposition) -> bool:
    """Whether a word of rejection is said of the claim, and not by the claim's own words.

    What excludes a claim is not rejected from another clause; where clauses chain, nothing is, unless the clause points back.
    """
    if _any([rejection], *_hull(proposition, rejection)):
        return False
    low, high = min(rejection[1], proposition.end), max(rejection[0], proposition.start)
    if not passage.crossed(low, high):
        return True
    if proposition.contrary:
        return False
    if not passage.language.pack.clause_chains or rejection[0] < proposition.start:
        return True
    mark = max(at for at in range(low, high) if passage.crossed(at, at + 1))
    return rejection[0] - mark <= _AFTER_MARK or any(mark < a < rejection[0] for a, _ in passage.words.at("anaphor"))


_NONE_REACH = 4
"""Words between a claim and the word behind it that says there is none, at most."""


def _there_is_none(passage: Passage, proposition: Proposition, window: Span) -> bool:
    """Whether a negation that needs no verb closes the clause: «никаких солдат на фронте нет», unless it says so of a word that reports."""
    cues = [c for c in passage.words.cues if window[0] <= c.start and c.end <= window[1]]
    closing = [
        (a, b)
        for a, b in passage.words.at("absence")
        if proposition.end <= a
        and b <= window[1]
        and passage.apart(proposition.end, a) <= _NONE_REACH
        and not passage.crossed(proposition.end, a)
        and not passage.text[b : window[1]].strip(' .!»”"')
    ]
    questioned = _any(passage.words.at("dubious"), *window)
    return bool(closing) and not cues and not questioned and not proposition.contrary


def _hull(proposition: Proposition, span: Span) -> Span:
    """The proposition's own word around a stretch: a term that carries its negation, or its "ready to", is not turned by it."""
    return next(((a, b) for a, b in proposition.spans if a <= span[0] and span[1] <= b), (0, 0))


def _elsewhere(proposition: Proposition, negation: Span, others: Sequence[Proposition]) -> bool:
    """Whether a negation belongs to a longer wording of another claim around a word of this one: "no combat experience"."""
    return any(
        a <= negation[0] and b >= end and a <= start and not (start <= negation[0] < end)
        for other in others
        for a, b in other.spans
        for start, end in proposition.spans
        if negation[1] <= start
    )


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


def _governs(passage: Passage, negation: Span, proposition: Proposition, window: Span) -> bool:
    """Whether a negation reaches the claim: it stands right before a word of what is said, or directly before a name ("no troops").

    In "have not left Kursk" it reaches "left", which is no word of the claim.
    """
    text, end = passage.text, negation[1]
    reach = passage.language.pack.negation_reach
    for a, b in proposition.spans:
        if window[0] <= a and b <= window[1] and end <= a:
            between = text[end:a]
            near: float = 1 if (a, b) in proposition.names else reach
            if any(map(is_unspaced, between)):
                # Names with their prepositions part a verb from its negation: 没有[向俄罗斯]派兵.
                for x, y in sorted(proposition.names):
                    if end <= x and y <= a:
                        between = between[: x - end] + " " * (y - x) + between[y - end :]
                between, near = between.replace(" ", ""), 1.5 if near == 1 else 2
            if not any(mark in between for mark in ",;:.，；：。") and _words(between) < near:
                return True
    return False


def _words(between: str) -> float:
    return len(between.split()) if not any(map(is_unspaced, between)) else len(between) / 2
