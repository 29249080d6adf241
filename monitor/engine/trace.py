"""What reading tried: kept beside the evidence, so that `explain` can say of what gave none why it gave none."""

from __future__ import annotations

from dataclasses import dataclass, field

from monitor.engine.attribution import Attribution
from monitor.engine.propositions import Proposition
from monitor.engine.stance import Content
from monitor.model import FieldName, Stance


@dataclass(frozen=True, slots=True)
class Tried:
    """A reporting word held against a claim in its content.

    index: the sentence's. inner: what the cue's own source does with the claim. taken: what that makes the party do; None: nothing.
    outer: the attribution by which another party reports it.
    """

    index: int
    proposition: Proposition
    attribution: Attribution
    content: Content
    inner: Stance | None
    taken: Stance | None
    outer: Attribution | None = None


@dataclass(frozen=True, slots=True)
class Outweighed:
    """A stance that another of the same party in the same text leaves no room for. by: that other."""

    claim: str
    party: str
    stance: Stance
    by: Stance
    field: FieldName
    quote: tuple[int, int]
    speaker: tuple[int, int] | None


@dataclass
class Trace:
    """All that was tried in one text. heard: the attributions of each sentence, pronouns resolved."""

    tried: list[Tried] = field(default_factory=list)
    outweighed: list[Outweighed] = field(default_factory=list)
    heard: dict[int, list[Attribution]] = field(default_factory=dict)

    def hear(self, index: int, attribution: Attribution) -> None:
        """Keeps an attribution with the sentence that it was read in."""
        self.heard.setdefault(index, []).append(attribution)
