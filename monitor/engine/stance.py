"""The table: what a reporting word makes of a content. Worked out here and nowhere else."""

from __future__ import annotations

from enum import Enum

from monitor.language.pack import CueClass
from monitor.model import Stance


class Content(Enum):
    """How the claim stands in the content."""

    STATED = "stated"
    """as so"""
    DENIED = "denied"
    """as not so: negated, called false, or by wording that excludes it"""
    SPOKEN_OF = "spoken of"
    """named without being stated: "reports of", "the question of", or pointed back to"""
    SUPPOSED = "supposed"
    """in a condition, a question, a plan"""
    QUESTIONED = "questioned"
    """as open to doubt: called contradictory, unproven"""


class Turn(Enum):
    """How the cue is turned by what governs it."""

    PLAIN = "plain"
    NEGATED = "negated"
    UNABLE = "unable"


_A, _D, _Q, _N = Stance.AFFIRM, Stance.DENY, Stance.DOUBT, Stance.DECLINE

_TABLE: dict[tuple[CueClass, Turn], tuple[Stance | None, ...]] = {
    # cue, turn:                                stated  denied  spoken of  supposed  questioned
    (CueClass.SAY, Turn.PLAIN): (_A, _D, None, None, _Q),
    (CueClass.SAY, Turn.NEGATED): (_N, None, _N, _N, _N),
    (CueClass.SAY, Turn.UNABLE): (_N, None, _N, _N, _N),
    (CueClass.CONFIRM, Turn.PLAIN): (_A, _D, _A, None, _Q),
    (CueClass.CONFIRM, Turn.NEGATED): (_N, None, _N, _N, _N),
    (CueClass.CONFIRM, Turn.UNABLE): (_Q, _Q, _Q, _Q, _Q),
    (CueClass.DENY, Turn.PLAIN): (_D, _D, _D, _D, _D),
    (CueClass.DENY, Turn.NEGATED): (_N, None, _N, _N, _N),
    (CueClass.DENY, Turn.UNABLE): (_N, None, _N, _N, _N),
    (CueClass.DOUBT, Turn.PLAIN): (_Q, _Q, _Q, _Q, _Q),
    (CueClass.DOUBT, Turn.NEGATED): (_A, None, None, None, None),
    (CueClass.DOUBT, Turn.UNABLE): (None, None, None, None, None),
    (CueClass.DECLINE, Turn.PLAIN): (_N, _N, _N, _N, _N),
    (CueClass.DECLINE, Turn.NEGATED): (None, None, None, None, None),
    (CueClass.DECLINE, Turn.UNABLE): (_N, _N, _N, _N, _N),
    (CueClass.PRESUPPOSE, Turn.PLAIN): (_A, None, None, None, None),
    (CueClass.PRESUPPOSE, Turn.NEGATED): (None, None, None, None, None),
    (CueClass.PRESUPPOSE, Turn.UNABLE): (None, None, None, None, None),
    (CueClass.DO, Turn.PLAIN): (_A, _D, _A, None, None),
    (CueClass.DO, Turn.NEGATED): (_D, None, _D, None, None),
    (CueClass.DO, Turn.UNABLE): (_D, None, _D, None, None),
    (CueClass.ASK, Turn.PLAIN): (None, None, None, None, None),
    (CueClass.ASK, Turn.NEGATED): (None, None, None, None, None),
    (CueClass.ASK, Turn.UNABLE): (None, None, None, None, None),
}
_COLUMN = {Content.STATED: 0, Content.DENIED: 1, Content.SPOKEN_OF: 2, Content.SUPPOSED: 3, Content.QUESTIONED: 4}


def stance(cue: CueClass, turn: Turn, content: Content) -> Stance | None:
    """What a source does with a claim; None: nothing that counts."""
    return _TABLE[cue, turn][_COLUMN[content]]


def reported(outer: CueClass, outer_turn: Turn, inner: Stance | None) -> Stance | None:
    """What a party does that says of another party's stance: "Kyiv says that Moscow admitted it" is Kyiv affirming.

    Reporting somebody else's denial, doubt or evasion says nothing of one's own.
    """
    if inner is not Stance.AFFIRM:
        return None
    return stance(outer, outer_turn, Content.STATED)
