"""Whom a pronoun or a description means, among those named before, where the language's data says what can be called by what."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from monitor.engine.mentions import NOMINAL, Mention
from monitor.engine.passage import Passage

_PRONOUN_REACH, _DESCRIPTION_REACH = 2, 12
"""Sentences back to which "he" and "the embassy" can point for somebody who need not have spoken."""


@dataclass(frozen=True, slots=True)
class Met:
    """Somebody named in a text. at: the index of the sentence."""

    mention: Mention
    name: str
    at: int


def met_in(passage: Passage, until: int | None = None) -> list[Met]:
    """Who is named in a sentence, up to an offset."""
    return [
        Met(m, passage.text[m.start : m.end], passage.sentence.index)
        for m in passage.mentions
        if m.party is not None and not m.adjective and (until is None or m.end <= until)
    ]


def fits(source: Mention, other: Mention, passage: Passage) -> bool:
    """Whether a pronoun can mean somebody: "he" no ministry, "it" no minister. A description can mean anybody."""
    pack, word = passage.language.pack, _first(source, passage)
    return not (word in pack.personal and not other.person) and not (word in pack.impersonal_pronouns and other.person)


def antecedent(source: Mention, met: Sequence[Met], passage: Passage) -> Met | None:
    """The last one named before that a source can mean by its own words; None: they do not say."""
    pack, here = passage.language.pack, passage.sentence.index
    before = [*met, *met_in(passage, source.start)]
    word = _first(source, passage)
    if source.pronoun:
        if word not in (*pack.personal, *pack.impersonal_pronouns):
            return None
        fitting = [m for m in before if m.mention.place in NOMINAL and here - m.at <= _PRONOUN_REACH and fits(source, m.mention, passage)]
        # The last one in its own sentence, else the subject of the last sentence that has one.
        return next((m for m in reversed(fitting) if m.at == here), None) or max(fitting, key=lambda m: m.at, default=None)
    if not source.kin or word in pack.possessives:
        return None
    words = passage.text[source.start : source.end].lower().split()
    if word in pack.determiners and all(w in pack.persons for group in pack.kin for w in group if w in words):
        return None  # "a minister" is somebody new; "a ministry official" belongs to the ministry
    called = (m for m in reversed(before) if m.mention.kin & source.kin)
    return next((m for m in called if here - m.at <= _DESCRIPTION_REACH), None)


def _first(source: Mention, passage: Passage) -> str:
    """The first word of a mention, in small letters."""
    return passage.text[source.start : source.end].lower().split(" ")[0]
