"""Words of a sentence that stand for something of the story: "it" for a party, "they" for its soldiers."""

from __future__ import annotations

from collections.abc import Sequence

from monitor.engine.conditions import Literal, Ref
from monitor.engine.mentions import NOMINAL, Mention
from monitor.engine.passage import Span, Words
from monitor.engine.terms import Hit
from monitor.engine.vocabulary import CompiledStory, NameOf, RuleMeaning
from monitor.rules.schema import Kind

_REACH = 2
"""Sentences back to which "they" can point."""

StandIns = dict[Ref | Literal, list[Span]]


class People:
    """Who was named last that "they" can stand for. Sentences must come in order."""

    def __init__(self, story: CompiledStory) -> None:
        self._story = story
        self._named: str | None = None
        self._at = 0

    def stand_ins(self, index: int, named: Sequence[Mention], words: Words, hits: Sequence[Hit[RuleMeaning]]) -> StandIns:
        """A sentence's words that stand for a party or for people, by the leaf of a condition that they stand for."""
        added: StandIns = {}
        subjects = [m for m in named if m.party is not None and m.entity is not None and m.place in NOMINAL]
        for start, end in (*words.at("pronoun"), *words.at("possessive")):
            subject = next((m for m in reversed(subjects) if m.end <= start), None)
            if subject is not None and subject.party is not None:
                added.setdefault(Ref(subject.party), []).append((start, end))
        units = [(h.start, h.meaning.entity) for h in hits if isinstance(h.meaning, NameOf) and self._is_unit(h.meaning.entity)]
        for start, end in words.at("plural"):
            near = next((entity for at, entity in reversed(units) if at < start), None)
            entity = near or (self._named if index - self._at <= _REACH else None)
            if entity is not None:
                added.setdefault(Ref(entity), []).append((start, end))
                if near is None:
                    self._at = index
        if units:
            self._named, self._at = units[-1][1], index
        return added

    def _is_unit(self, entity: str) -> bool:
        return self._story.story.entities[entity].kind is Kind.UNIT
