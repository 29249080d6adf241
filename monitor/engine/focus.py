"""What carries over from sentence to sentence: who spoke last, which claim was spoken of, what is news and what is recalled."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace

from monitor.engine.attribution import Attribution
from monitor.engine.mentions import NOMINAL, Mention
from monitor.engine.passage import Passage, Words
from monitor.engine.propositions import Proposition
from monitor.engine.referring import Met, antecedent, fits
from monitor.engine.sentences import Sentence
from monitor.engine.trace import Trace
from monitor.language.pack import CueClass, Frame


@dataclass(frozen=True, slots=True)
class Read:
    """One sentence with all that the layers before found in it."""

    passage: Passage
    attributions: tuple[Attribution, ...]
    propositions: tuple[Proposition, ...]

    @property
    def sentence(self) -> Sentence:
        """The sentence itself."""
        return self.passage.sentence

    @property
    def words(self) -> Words:
        """The language's words in it."""
        return self.passage.words


_PRONOUN_REACH, _DESCRIPTION_REACH = 1, 3
"""Sentences back to which "he" and "the ministry" can point for the last speaker."""


_FOCUS_REACH = 2
"""Sentences back to which "this" can point."""


@dataclass(frozen=True, slots=True)
class Focus:
    """A claim spoken of: in which sentence, and by which word that sentence recalls instead of reporting ("" when it reports)."""

    claim: str
    sentence: int
    recalled: str
    denied_by: str = ""
    """The party that denied it there."""


@dataclass
class Memory:
    """What a text has spoken of so far."""

    main: str = ""
    """The claim that the text is about, most of all."""
    speaker: Mention | None = None
    speaker_text: str = ""
    speaker_field: str = ""
    speaker_at: int = -1
    """Index of the sentence in which the speaker last spoke, by name or otherwise."""
    about: tuple[Mention, str, Sentence] | None = None
    """Whom a later sentence that nobody spoke in was about, with the name and the sentence: where subjects are dropped, the next one goes
    on about them."""
    together: tuple[Mention, ...] = ()
    """Those who spoke last, all by one cue: what "the statement" of several means."""
    cue: int = -1
    """Where that cue stands."""
    topic: Mention | None = None
    """Who is the first to be named in a sentence in which nobody speaks."""
    topic_at: int = 0
    focus: list[Focus] = field(default_factory=list)
    met: list[Met] = field(default_factory=list)
    """Who was named so far, in order."""
    named: list[str] = field(default_factory=list)
    """The parties named so far, the last of them last."""
    taken: dict[str, str] = field(default_factory=dict)
    """The claim that each party last took a stance on."""
    trace: Trace = field(default_factory=Trace)

    def hear(self, speaker: Mention, name: str, sentence: Sentence) -> None:
        """Somebody spoke in a sentence. name: "" when it was not by name."""
        self.speaker, self.speaker_at, self.speaker_field = speaker, sentence.index, sentence.field
        self.speaker_text = name or self.speaker_text

    def hear_together(self, speaker: Mention, cue: int) -> None:
        """Somebody spoke by a cue, perhaps with others."""
        self.together = (*self.together, speaker) if cue == self.cue else (speaker,)
        self.cue = cue

    def turn_to_topic(self) -> None:
        """What follows is about the topic of a sentence since the last speaker, if there was one."""
        if self.about is not None and self.about[2].index > self.speaker_at:
            self.hear(*self.about)

    def last(self, index: int) -> Focus | None:
        """The claim last spoken of, if that is not too long ago."""
        return self.focus[-1] if self.focus and index - self.focus[-1].sentence <= _FOCUS_REACH else None

    def only(self) -> Focus | None:
        """The claim that has been spoken of, if it is the only one."""
        return self.focus[-1] if self.focus and all(one.claim == self.focus[-1].claim for one in self.focus) else None

    def matter(self, index: int) -> Focus | None:
        """The claim that the text is about, once it has been spoken of: what "declined to comment" means."""
        return Focus(self.main, index, "") if any(one.claim == self.main for one in self.focus) else None


def carried(reads: Sequence[Read], at: int) -> Iterable[Attribution]:
    """A sentence's attributions; a sentence that is all quotation has those of the sentence in which its quotation is attributed."""
    read = reads[at]
    if read.attributions or not read.propositions:
        return read.attributions
    sentence = read.sentence
    whole = any(a <= sentence.start + 1 and sentence.end - 2 <= b for a, b in sentence.quotes)
    if not whole:
        return ()
    for near in (*reads[at + 1 : at + 4], *reversed(reads[max(0, at - 3) : at])):
        other = near.sentence
        joined = other.field == sentence.field and other.start == sentence.end  # “……。”他说
        if joined or (other.field == sentence.field and abs(other.paragraph - sentence.paragraph) <= 1 and other.quotes):
            speaker = next((a for a in near.attributions if a.source and a.reporting.cls is CueClass.SAY and a.outer is None), None)
            if speaker is not None:
                return [replace(speaker, sentence=sentence, content=((sentence.start, sentence.end),), weak=True)]
    return ()


def resolved(attribution: Attribution, memory: Memory, read: Read) -> list[Attribution]:
    """An attribution with its source found: "both countries" are the two parties last named, the rest as `resolve` says."""
    source = attribution.source
    if source is None or not source.both:
        one = resolve(attribution, memory, read.passage)
        several = memory.together if len({m.party for m in memory.together}) > 1 else ()
        if source is None or not source.back or one.source is None or not _shared(source, read.passage):
            return [one]
        if memory.speaker is None or one.source.party != memory.speaker.party or all(m.party != one.source.party for m in several):
            return [one]
        return [replace(one, source=replace(one.source, party=m.party, entity=m.entity)) for m in several]
    named = [*memory.named, *(m.party for m in read.passage.mentions if m.party and m.end <= source.start)]
    last = list(dict.fromkeys(party for party in reversed(named) if party))[:2]
    return [replace(attribution, source=replace(source, party=party), weak=True) for party in last if len(last) == 2]


def _shared(source: Mention, passage: Passage) -> bool:
    """Whether a description can stand for several who spoke together: "the statement", "they"."""
    return not set(passage.text[source.start : source.end].lower().split()).isdisjoint(passage.language.pack.shared)


def _one_of_them(source: Mention, memory: Memory, read: Passage) -> bool:
    """Whether a description picks somebody out of people who do not speak for the last speaker: "one of them" of soldiers."""
    picks = any(source.start < a and b <= source.end for a, b in read.words.at("plural"))
    return picks and not any(
        word.endswith("s") for word in memory.speaker_text.lower().split() if word.rstrip("s") in read.language.pack.persons
    )


def _subject_before(pronoun: Mention, passage: Passage) -> Mention | None:
    """The subject named before a pronoun in its sentence: "the Kremlin praised the men whose presence it had denied"."""
    named = [m for m in passage.mentions if m.end <= pronoun.start and m.party is not None and m.place in NOMINAL and not m.adjective]
    before = [m for m in named if fits(pronoun, m, passage)]
    return before[-1] if before else None


def _meant(source: Mention | None, memory: Memory, passage: Passage) -> Met | None:
    """Whom a source means by its own words, where that is not the last speaker."""
    if source is None or not passage.language.pack.kin:
        return None
    speaker = memory.speaker
    near = speaker is not None and passage.sentence.index - memory.speaker_at <= _PRONOUN_REACH
    if source.pronoun and near and speaker is not None and fits(source, speaker, passage):
        return None
    return antecedent(source, memory.met, passage)


def resolve(attribution: Attribution, memory: Memory, passage: Passage) -> Attribution:
    """Pronouns, repeated descriptions and missing sources become the last speaker."""
    source, pack = attribution.source, passage.language.pack
    if source is not None and not source.back:
        return attribution
    # "Pyongyang, they expect, will go on": a pronoun behind its verb does not mean whom the content is about.
    leads = source is not None and source.pronoun and source.start < attribution.reporting.start
    subject = _subject_before(source, passage) if source is not None and leads else None
    if source is not None and subject is not None:
        return replace(attribution, source=replace(source, party=subject.party, entity=subject.entity, person=subject.person), weak=True)
    meant = _meant(source, memory, passage)
    if source is not None and meant is not None:
        memory.speaker_text, one = meant.name, meant.mention
        known = replace(source, party=one.party, entity=one.entity, person=one.person, kin=source.kin | one.kin)
        return replace(attribution, source=known, weak=True)
    reach = _DESCRIPTION_REACH if source is not None and not source.pronoun else _PRONOUN_REACH
    far = attribution.sentence.index - memory.speaker_at > reach
    if memory.speaker is None and memory.topic is not None and (source is not None or pack.clause_chains):
        memory.speaker, memory.speaker_at = memory.topic, memory.topic_at
        far = attribution.sentence.index - memory.topic_at > reach
    dropped = pack.drops_subject and (attribution.reporting.frame is Frame.VERB or (pack.verb_final and source is None))
    if pack.verb_final and memory.speaker_field != attribution.sentence.field:
        dropped = False  # a headline's subject is named anew
    if source is not None and _one_of_them(source, memory, passage):
        return replace(attribution, source=None)
    if memory.speaker is None or far or (source is None and not dropped):
        return attribution if source is None else replace(attribution, source=None)
    if source is not None and memory.topic is not None and memory.topic_at > memory.speaker_at:
        memory.speaker = memory.topic
    at = source or Mention(attribution.reporting.start, attribution.reporting.start, None, None, "free")
    last = memory.speaker
    known = replace(at, party=last.party, entity=last.entity, back=True, person=at.person or last.person, kin=at.kin | last.kin)
    return replace(attribution, source=known, weak=True)


def topic_of(read: Read) -> tuple[Mention, str, Sentence] | None:
    """Whom a sentence is about that nobody is reported to speak in, where the verb comes last; with the name and the sentence."""
    if not read.passage.language.pack.verb_final or any(a.source is not None for a in read.attributions):
        return None
    about = next((m for m in read.passage.mentions if m.place in ("topic", "subject") and m.party is not None), None)
    return (about, read.passage.text[about.start : about.end], read.sentence) if about is not None else None
