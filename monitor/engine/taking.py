"""What an attribution takes of the claims in its content: which of them are its own, how they stand, and the stance that makes."""

from __future__ import annotations

from collections.abc import Sequence

from monitor.engine.attribution import Attribution
from monitor.engine.cues import Reporting
from monitor.engine.focus import Read
from monitor.engine.passage import Passage
from monitor.engine.propositions import Proposition, inside, settled, standing
from monitor.engine.stance import Content, Turn, stance
from monitor.language.pack import CueClass, Frame
from monitor.model import Stance

Span = tuple[int, int]
STATING = (CueClass.SAY, CueClass.CONFIRM, CueClass.PRESUPPOSE)
"""Cues whose content is the source's own."""


def _undenied(read: Read, here: Sequence[Proposition], window: Span, frame: Frame) -> list[tuple[Proposition, Content]]:
    """Propositions with how they stand, without a denial of what other words take for granted: "those sent there have not fought".

    Where names have cases a verb of the claim is negated itself, and what is so denied is not stated by other words of the same claim.
    """
    standings: list[tuple[Proposition, Content]] = []
    for p in here:
        # What follows the content of a noun is said of it by others: «слова X об Y не соответствуют действительности».
        until = min(p.end, window[1]) if frame is Frame.NOUN else window[1]
        standings.append((p, standing(read.passage, p, (window[0], until), read.propositions)))
    if read.passage.language.pack.case_marked:
        denied = {p.claim for p, content in standings if content is Content.DENIED and not p.contrary and not p.implied}
        return [(p, c) for p, c in standings if not (c is Content.STATED and p.claim in denied)]
    negations = [a for a, _ in read.words.at("negation") if window[0] <= a < window[1]]
    granted = {
        p.claim for p, content in standings if content is Content.STATED and p.sort == "about" and any(p.end <= a for a in negations)
    }
    return [(p, c) for p, c in standings if not (c is Content.DENIED and p.sort == "about" and p.claim in granted)]


def standings(read: Read, here: Sequence[Proposition], window: Span, frame: Frame) -> list[tuple[Proposition, Content]]:
    """Propositions of a window with how they stand in it."""
    if read.passage.language.pack.verb_final:
        return settled(read.passage, here, window, to_its_end=frame is Frame.NOUN)
    return list(_undenied(read, here, window, frame))


def reaches(proposition: Proposition, attribution: Attribution, window: Span, sources: Sequence[Span]) -> bool:
    """Whether a claim belongs to a window of a cue's content. Who does what it says has one of its words for a cue: "approves the drug"."""
    cue = attribution.reporting
    if cue.cls is not CueClass.DO:
        return inside(proposition, window, sources)
    besides = [(a, b) for a, b in proposition.spans if b <= cue.start or cue.end <= a]
    done = len(besides) < len(proposition.spans)
    return done and all((window[0] <= a and b <= window[1]) or any(c <= a and b <= d for c, d in sources) for a, b in besides)


def without_implied(here: Sequence[Proposition]) -> list[Proposition]:
    """Propositions of a window; a claim that is spoken of outright needs no implying."""
    outright = {p.claim for p in here if not p.implied}
    return [p for p in here if not p.implied or p.claim not in outright]


def objects(here: Sequence[Proposition], attribution: Attribution, *, verb_final: bool = False) -> Sequence[Proposition]:
    """What a cue is about: all that is said; but who evades or doubts does so to one thing, the nearest: before a verb that comes last."""
    untold = attribution.reporting.cls is CueClass.SAY and turn(attribution) is not Turn.PLAIN
    if not here or not (untold or attribution.reporting.cls in (CueClass.DECLINE, CueClass.DOUBT)):
        return here
    start, end = attribution.reporting.start, attribution.reporting.end
    # Of words for one claim that stand inside the name of another, "how many of them died" is what is not told.
    named = [(p.start, p.end) for p in here if p.topic]
    here = [p for p in here if p.topic or not any(a <= p.start and p.end <= b for a, b in named)]
    if untold:
        return [p for p in here if not p.implied] or here
    before = [p for p in here if p.end <= start] if verb_final else []
    nearest = min(before or here, key=lambda p: (abs(p.start - end), p.claim))
    return [p for p in here if p.claim == nearest.claim]


def stance_of(attribution: Attribution, proposition: Proposition, content: Content, rejected: bool, passage: Passage) -> Stance | None:
    """The stance that an attribution takes on a proposition that stands so. rejected: a word of rejection stands in the content."""
    reporting = attribution.reporting
    plain = reporting.cls in STATING and turn(attribution) is Turn.PLAIN
    if proposition.own:
        if proposition.sort == "evaded_by" and reporting.cls is CueClass.DECLINE:
            return Stance.DECLINE
        if not plain or (content is Content.SUPPOSED and proposition.sort == "conceded_by"):
            return None
        return Stance.AFFIRM if proposition.sort == "conceded_by" else Stance.DECLINE
    if proposition.implied and stance(reporting.cls, turn(attribution), Content.SPOKEN_OF) is Stance.DECLINE:
        return Stance.DECLINE
    if proposition.implied and reporting.cls not in (CueClass.SAY, CueClass.DOUBT) and not plain:
        # "Refused to speak of the soldiers": that they are there is the question itself.
        return stance(reporting.cls, turn(attribution), Content.SPOKEN_OF)
    if proposition.implied and plain and rejected:
        return Stance.DENY
    if (
        reporting.cls is CueClass.PRESUPPOSE
        and plain
        and content is Content.DENIED
        and (rejected or _worded_apart(proposition, reporting, passage))
    ):
        return Stance.DENY  # "condemned it as a breach of the law", "slammed the reports as lies"
    if proposition.implied and content is not Content.SPOKEN_OF:
        return Stance.AFFIRM if plain and content is Content.STATED else None
    if proposition.topic:
        taken = stance(reporting.cls, turn(attribution), Content.SPOKEN_OF)
        return None if taken is Stance.AFFIRM else taken
    return stance(reporting.cls, turn(attribution), content)


def _worded_apart(proposition: Proposition, cue: Reporting, passage: Passage) -> bool:
    """Whether a contrary claim is worded beside the cue: "condemned it as a breach of the law", but not "urged it to stop"."""
    before = passage.language.pack.infinitive_marks
    demanded = any(passage.text[:a].rstrip().endswith(before) for a, _ in proposition.spans)
    beside = not any(a < cue.end and cue.start < b for a, b in proposition.spans)
    return proposition.contrary and beside and not demanded and before != ()


def turn(attribution: Attribution) -> Turn:
    """How the attribution's cue is turned."""
    reporting = attribution.reporting
    return Turn.UNABLE if reporting.unable else Turn.NEGATED if reporting.negated else Turn.PLAIN


def taken_inside(proposition: Proposition, attribution: Attribution, read: Read) -> bool:
    """Whether a later cue of the same source takes it: "said that he cannot confirm the reports"."""
    source, cue = attribution.source, attribution.reporting
    return any(
        other.source is not None
        and source is not None
        and other.source.start == source.start
        and (other.reporting.cls is not CueClass.SAY or other.reporting.negated or other.reporting.unable)
        and any(cue.end <= a and b <= other.reporting.start for a, b in read.words.at("complementizer"))
        and cue.end <= other.reporting.start
        and attribution.content[0][0] <= other.reporting.start < attribution.content[0][1]
        and inside(proposition, other.content[0])
        for other in read.attributions
    )


def claimed_by_inner(proposition: Proposition, attribution: Attribution, read: Read) -> bool:
    """Whether an attribution nested in this one takes the proposition, or one of the same source that leaves it open or denies it."""
    if attribution.reporting.cls in STATING and any(_leaves_open(proposition, inner, attribution) for inner in read.attributions):
        return True
    return any(
        inner.outer is not None
        and inner.outer.reporting.start == attribution.reporting.start
        and inner.source is not None
        and (inner.source.party or inner.source.back)
        and any(inside(proposition, window) for window in inner.content[:1])
        for inner in read.attributions
        if inner.reporting.start != attribution.reporting.start
    ) or _turned_away(proposition, attribution, read)


def _turned_away(proposition: Proposition, attribution: Attribution, read: Read) -> bool:
    """Whether the source goes on to deny, doubt or evade it: "said that it could not confirm the reports"."""
    source = attribution.source
    return attribution.reporting.cls is CueClass.SAY and any(
        one.reporting.cls in (CueClass.DENY, CueClass.DOUBT, CueClass.DECLINE)
        and any(a <= one.reporting.start and one.reporting.end <= b for a, b in attribution.content)
        and (one.source is None or one.source.back or (source is not None and one.source.start == source.start))
        and inside(proposition, one.content[0])
        for one in read.attributions
    )


def _leaves_open(proposition: Proposition, inner: Attribution, outer: Attribution) -> bool:
    """Whether a source says that it cannot confirm, denies or leaves open: "파병은 확인할 수 없다고 밝혔다"."""
    cue, source = inner.reporting, inner.source
    return (
        cue.cls in (CueClass.DENY, CueClass.DOUBT, CueClass.DECLINE)
        and cue.frame is Frame.VERB
        and any(start <= cue.start and cue.end <= end for start, end in outer.content[:1])
        and (source is None or (outer.source is not None and source.start == outer.source.start))
        and any(inside(proposition, window) for window in inner.content[:1])
    )
