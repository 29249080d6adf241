"""Third layer: reporting words, and what governs them."""

from __future__ import annotations

from dataclasses import dataclass

from monitor.engine.passage import Passage
from monitor.engine.vocabulary import CueOf
from monitor.language.pack import CueClass, Frame

_REACH = 3
"""Words between a cue and the operator that governs it, at most."""
_BEHIND = 6
"""Characters between a cue and the operator after it, where verbs come last."""
_LATER = 8
"""Words between an infinitive and the inability that it depends on."""


@dataclass(frozen=True, slots=True)
class Reporting:
    """A cue with what governs it. A colon, a dash or a quotation that follows a name is one too."""

    start: int
    end: int
    cls: CueClass
    frame: Frame
    negated: bool = False
    unable: bool = False
    pluperfect: bool = False
    hypothetical: bool = False
    cue_negated: bool = False
    """Its words carry their negation already."""


def reporting_of(passage: Passage, start: int, end: int, cue: CueOf) -> Reporting:
    """A cue's hit -> the cue with the operators over it."""
    words, pack = passage.words, passage.language.pack

    def before(role: str, reach: int = _REACH) -> bool:
        return any(b <= start and 0 <= passage.apart(b, start) < reach and not passage.crossed(b, start) for _, b in words.at(role))

    def behind(role: str) -> bool:
        return any(end <= a and a - end <= _BEHIND for a, _ in words.at(role)) or any(start < a < end <= b for a, b in words.at(role))

    def later(role: str) -> bool:
        word_end = passage.word_end(end)
        if not pack.infinitive or not passage.text[start:word_end].lower().endswith(pack.infinitive):
            return False
        return any(a >= end and passage.apart(word_end, a) <= _LATER and not passage.crossed(word_end, a) for a, _ in words.at(role))

    def governed(role: str, reach: int = _REACH) -> bool:
        return behind(role) if pack.verb_final else before(role, reach)

    told = cue.frame is Frame.NOUN and cue.cls is CueClass.SAY  # "refused to confirm Seoul's claims": they are Seoul's all the same
    refused = not told and (governed("refusal") or later("refusal"))
    done = cue.cls is CueClass.DO  # who refuses to do a thing does not do it; who refuses to say so does not say
    negated_form = not refused and not cue.negated and governed("negation")

    def recalls() -> bool:
        """Its own form: an imperfective past tells what somebody used to say, unless it is negated."""
        return not negated_form and any(a == start and b <= end for a, b in words.at("imperfect"))

    def missing() -> bool:
        """A noun that is said not to be there: «подтверждения из Москвы не было»."""
        if cue.frame is not Frame.NOUN or cue.cls not in (CueClass.CONFIRM, CueClass.DENY):
            return False
        return any(
            a >= end and passage.apart(end, a) <= _LATER and not any(mark in passage.text[end:a] for mark in ".:")
            for a, _ in words.at("absence")
        )

    return Reporting(
        start,
        end,
        CueClass.DECLINE if refused and not done else cue.cls,
        cue.frame,
        cue_negated=cue.negated,
        negated=negated_form or (refused and done) or (not refused and not cue.negated and missing()),
        unable=not refused and (governed("unable") or later("unable")),
        pluperfect=governed("pluperfect", 4 if pack.articles else 2) or recalls(),
        hypothetical=governed("hypothetical"),
    )
