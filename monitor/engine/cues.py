"""Third layer: reporting words, and what governs them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from monitor.engine.mentions import Mention, words_between
from monitor.engine.terms import Hit, longest
from monitor.engine.vocabulary import CueOf, Language, LanguageMeaning, RoleOf
from monitor.language.pack import CueClass, Frame

Span = tuple[int, int]
_REACH = 4
"""Words between a cue and the operator that governs it, at most."""


@dataclass(frozen=True, slots=True)
class Reporting:
    """A cue with what governs it. cue None: a colon, a dash or a quotation that follows a name."""

    start: int
    end: int
    cls: CueClass
    frame: Frame
    negated: bool = False
    unable: bool = False
    pluperfect: bool = False
    hypothetical: bool = False


@dataclass(frozen=True, slots=True)
class Words:
    """The language's words in a sentence, by what they do."""

    cues: tuple[Hit[LanguageMeaning], ...]
    roles: dict[str, tuple[Span, ...]] = field(default_factory=dict)

    def at(self, role: str) -> tuple[Span, ...]:
        """Stretches of the words with this role."""
        return self.roles.get(role, ())


def words_of(hits: Sequence[Hit[LanguageMeaning]], named: Sequence[Mention]) -> Words:
    """Sorts the language's hits in a sentence. A cue that overlaps a name, or lies inside an office ("state media"), is part of that."""
    offices = [(h.start, h.end) for h in hits if isinstance(h.meaning, RoleOf) and h.meaning.role == "office"]
    taken = [(m.start, m.end) for m in named if not m.back]
    cues = [
        h
        for h in hits
        if isinstance(h.meaning, CueOf)
        and all(h.end <= a or b <= h.start for a, b in taken)
        and not any(a <= h.start and h.end <= b and b - a > h.end - h.start for a, b in offices)
    ]
    turning = ("negation", "unable", "hypothetical", "hearsay", "rejection", "past", "now")
    operators = [h for h in hits if isinstance(h.meaning, RoleOf) and h.meaning.role in turning]
    masked = {
        id(h) for h in operators if any(o.start <= h.start and h.end <= o.end and o.end - o.start > h.end - h.start for o in operators)
    }
    hits = [h for h in hits if id(h) not in masked]
    roles: dict[str, list[Span]] = {}
    for hit in hits:
        if isinstance(hit.meaning, RoleOf):
            roles.setdefault(hit.meaning.role, []).append((hit.start, hit.end))
    kept: dict[Span, Hit[LanguageMeaning]] = {}
    for hit in longest(cues):
        kept.setdefault((hit.start, hit.end), hit)
    return Words(tuple(kept.values()), {role: tuple(spans) for role, spans in roles.items()})


def reporting_of(text: str, start: int, end: int, cue: CueOf, words: Words, language: Language) -> Reporting:
    def before(role: str, reach: int = _REACH) -> bool:
        return any(b <= start and 0 <= words_between(text, b, start) < reach and not crossed(text, b, start) for _, b in words.at(role))

    def after(role: str) -> bool:
        return any(end <= a and a - end <= 6 for a, _ in words.at(role)) or any(start < a < end <= b for a, b in words.at(role))

    def later(role: str) -> bool:
        word_end = end
        while word_end < len(text) and text[word_end].isalpha():
            word_end += 1
        if not language.pack.infinitive or not text[start:word_end].lower().endswith(language.pack.infinitive):
            return False
        return any(a >= end and words_between(text, word_end, a) <= 8 and not crossed(text, word_end, a) for a, _ in words.at(role))

    verb_final = language.pack.verb_final
    negated = not cue.negated and (before("negation", 3) if not verb_final else after("negation"))
    return Reporting(
        start,
        end,
        cue.cls,
        cue.frame,
        negated=negated,
        unable=before("unable", 3) or later("unable") or (verb_final and after("unable")),
        pluperfect=before("pluperfect", 2) or (verb_final and after("pluperfect")),
        hypothetical=before("hypothetical", 3) or (verb_final and after("hypothetical")),
    )


def crossed(text: str, start: int, end: int) -> bool:
    return any(mark in text[start:end] for mark in ",;:.，；：。")
