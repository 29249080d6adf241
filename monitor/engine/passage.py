"""One sentence with what stands in it: what attribution, propositions and time look at."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import date

from monitor.engine.dates import Dated
from monitor.engine.mentions import Mention, words_between
from monitor.engine.rulebook import Language
from monitor.engine.sentences import Sentence
from monitor.engine.terms import Hit, longest
from monitor.engine.vocabulary import CueOf, LanguageMeaning, RoleOf
from monitor.language.pack import CueClass, Frame

Span = tuple[int, int]
_TURNING = (
    "negation",
    "neutral",
    "unable",
    "refusal",
    "absence",
    "hypothetical",
    "provided",
    "hearsay",
    "rejection",
    "dubious",
    "premise",
    "plain",
)
_TIMES = ("past", "now")
"""Roles of which a longer wording hides a shorter one of the same kind inside it; the "not" of "still not" negates all the same."""
_SPARE = 24
"""Characters behind a spare cue in which another one takes its place."""
_MARKS = ",;:.，；：。"


@dataclass(frozen=True, slots=True)
class Words:
    """The language's words in a sentence, by what they do."""

    cues: tuple[Hit[LanguageMeaning], ...]
    roles: dict[str, tuple[Span, ...]] = field(default_factory=dict)

    def at(self, role: str) -> tuple[Span, ...]:
        """Stretches of the words with this role."""
        return self.roles.get(role, ())


@dataclass(frozen=True, slots=True)
class Passage:
    """A sentence, the field's text that it quotes, who is named in it, and its words."""

    text: str
    sentence: Sentence
    mentions: tuple[Mention, ...]
    words: Words
    language: Language
    day: date
    """When the article appeared."""
    dates: tuple[Dated, ...] = ()
    """Dates written in the sentence."""
    dated: Dated | None = None
    """The date that its paragraph is headed with, as in a chronicle."""

    def apart(self, start: int, end: int) -> float:
        """Words in a stretch; negative when the stretch is reversed."""
        return words_between(self.text, start, end)

    def crossed(self, start: int, end: int) -> bool:
        """Whether a mark stands in a stretch."""
        return any(mark in self.text[start:end] for mark in _MARKS)

    def word_end(self, end: int) -> int:
        """The end of the word that the offset stands in or after."""
        while end < len(self.text) and self.text[end].isalpha():
            end += 1
        return end

    def quoting(self, start: int, end: int) -> bool:
        """Whether a quotation begins or ends in a stretch."""
        return any(start < a <= end or start <= b < end for a, b in self.sentence.quotes)

    def same_quotation(self, one: int, other: int) -> bool:
        """Whether both offsets stand inside quotation marks, or both outside."""
        return self.sentence.quoted(one) == self.sentence.quoted(other)


def speech_of(sentence: Sentence, named: Sequence[Mention]) -> Sentence:
    """The sentence with its quotations; marks around nothing but a name belong to the name: «Газпром» заявил."""
    filled = {(m.start, m.end) for m in named}
    spoken = tuple(quote for quote in sentence.quotes if quote not in filled)
    return sentence if len(spoken) == len(sentence.quotes) else replace(sentence, quotes=spoken)


def words_of(hits: Sequence[Hit[LanguageMeaning]], named: Sequence[Mention]) -> Words:
    """Sorts the language's hits in a sentence.

    A cue that overlaps a name, or lies inside an office ("state media"), a rejection ("does not answer to the facts") or plain words
    ("is said to"), is part of that.
    """
    offices = [(h.start, h.end) for h in hits if isinstance(h.meaning, RoleOf) and h.meaning.role in ("office", "rejection", "plain")]
    taken = [(m.start, m.end) for m in named if not m.back]
    cues = [
        h
        for h in hits
        if isinstance(h.meaning, CueOf)
        and all(h.end <= a or b <= h.start for a, b in taken)
        and not any(a <= h.start and h.end <= b and b - a > h.end - h.start for a, b in offices)
    ]
    masked = _masked(hits, _TURNING) | _masked(hits, _TIMES)
    hits = [h for h in hits if id(h) not in masked]
    roles: dict[str, list[Span]] = {}
    for hit in hits:
        if isinstance(hit.meaning, RoleOf):
            roles.setdefault(hit.meaning.role, []).append((hit.start, hit.end))
    kept: dict[tuple[int, int, Frame | CueClass | None], Hit[LanguageMeaning]] = {}
    for hit in longest(cues):
        kept.setdefault((hit.start, hit.end, _use(hit.meaning)), hit)
    spans = [(start, end) for start, end, _ in kept]
    alone = tuple(h for h in kept.values() if not (isinstance(h.meaning, CueOf) and h.meaning.spare and _followed(h, spans)))
    return Words(alone, {role: tuple(spans) for role, spans in roles.items()})


def _use(meaning: LanguageMeaning) -> Frame | CueClass | None:
    """What one word may be at the same time: a noun and a verb that report, a deed."""
    return None if not isinstance(meaning, CueOf) else meaning.cls if meaning.cls is CueClass.DO else meaning.frame


def _followed(spare: Hit[LanguageMeaning], cues: Iterable[Span]) -> bool:
    """Whether another cue stands close behind one that counts only where none does."""
    return any(0 <= start - spare.end <= _SPARE for start, _ in cues)


def _masked(hits: Sequence[Hit[LanguageMeaning]], roles: Sequence[str]) -> set[int]:
    """Hits of such roles that lie inside a longer one, by identity.

    The "not" of "will not" negates and the "would" of "would be" supposes all the same.
    """
    those = [(h, h.meaning.role) for h in hits if isinstance(h.meaning, RoleOf) and h.meaning.role in roles]

    def within(hit: Hit[LanguageMeaning], role: str, other: Hit[LanguageMeaning], mask: str) -> bool:
        longer = other.start <= hit.start and hit.end <= other.end and other.end - other.start > hit.end - hit.start
        return longer and (role, mask) not in (("negation", "refusal"), ("hypothetical", "provided"))

    return {id(h) for h, role in those if any(within(h, role, o, mask) for o, mask in those)}
