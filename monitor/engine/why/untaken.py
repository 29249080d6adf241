"""Claims that a text touches without anybody taking a stance on them there, each with the reason, worked out from the layers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from monitor.engine.attribution import Attribution
from monitor.engine.focus import Read
from monitor.engine.mentions import Mention
from monitor.engine.propositions import Proposition, inside, merged
from monitor.engine.stance import Content
from monitor.engine.trace import Outweighed, Trace, Tried
from monitor.engine.vocabulary import CompiledStory
from monitor.language.pack import CueClass
from monitor.model import FieldName, Stance

Span = tuple[int, int]


class Because(StrEnum):
    """Why a claim that was touched gave nothing."""

    QUESTION = "question"
    """it stands in a question"""
    SUPPOSED = "supposed"
    """it stands in a condition or plan"""
    SPOKEN_OF = "spoken-of"
    """it is named, not stated: reports of it, the question of it"""
    NOBODY = "nobody"
    """the outlet's own voice: no reporting word around it"""
    UNKNOWN_SPEAKER = "unknown-speaker"
    """a reporting word, but nobody that the rules know stands at it as its source"""
    NO_PARTY = "no-party"
    """its speaker speaks for no party"""
    ASKED = "asked"
    """its speaker asks, is asked, or supposes: states nothing"""
    EMPTY_CUE = "empty-cue"
    """the reporting word, as it is turned, says nothing of it"""
    OF_ANOTHER = "of-another"
    """it is what one party says of another's denial, doubt or evasion"""
    ELSEWHERE = "elsewhere"
    """the reporting word beside it is about something else"""
    OUTWEIGHED = "outweighed"
    """its speaker's party takes a plainer stance on the same claim in the same text"""


@dataclass(frozen=True, slots=True)
class Reason:
    """Why nothing was taken. word: the stretch of the same field that the reason lies in, if it lies in one."""

    because: Because
    text: str
    word: Span | None = None
    speaker: Span | None = None


@dataclass(frozen=True, slots=True)
class Untaken:
    """A claim that was touched and gave nothing. spans: the words that touch it. index: the sentence's."""

    claim: str
    field: FieldName
    index: int
    spans: tuple[Span, ...]
    reason: Reason

    @property
    def start(self) -> int:
        """Where its first word stands."""
        return self.spans[0][0]

    @property
    def end(self) -> int:
        """Where its last word ends."""
        return max(end for _, end in self.spans)


def untaken(reads: Sequence[Read], trace: Trace, story: CompiledStory, at: datetime) -> tuple[Untaken, ...]:
    """The finished reading -> what was touched and gave nothing, in order of place; each claim once for a sentence and reason."""
    made: list[Untaken] = []
    all_tried: dict[int, list[Tried]] = {}
    for one in trace.tried:
        all_tried.setdefault(one.index, []).append(one)
    for read in reads:
        tried = all_tried.get(read.sentence.index, [])
        taken = [t.proposition for t in tried if t.taken is not None]
        groups: dict[tuple[str, Reason], set[Span]] = {}
        for proposition in read.propositions:
            if proposition.own or proposition.implied or any(_same_words(proposition, one) for one in taken):
                continue
            mine = [t for t in tried if t.proposition == proposition]
            why = _Sentence(read, trace.heard.get(read.sentence.index, ()), tried, story, at).reason(proposition, mine)
            groups.setdefault((proposition.claim, why), set()).update(proposition.spans)
        made += [
            Untaken(claim, read.sentence.field, read.sentence.index, tuple(merged(sorted(spans))), reason)
            for (claim, reason), spans in groups.items()
        ]
        made += [_outweighed(one, read) for one in trace.outweighed if _in(one, read)]
    return tuple(sorted(made, key=lambda one: (one.index, one.start, one.claim)))


def _in(one: Outweighed, read: Read) -> bool:
    """Whether a stance that was outweighed was found in a sentence."""
    return one.field == read.sentence.field and read.sentence.start <= one.quote[0] < read.sentence.end


def _outweighed(one: Outweighed, read: Read) -> Untaken:
    """A stance that was found and not kept."""
    text = f"{one.party}: {one.stance} is not kept beside {one.by}, the plainer stance that it takes in the same text"
    return Untaken(one.claim, one.field, read.sentence.index, (one.quote,), Reason(Because.OUTWEIGHED, text, None, one.speaker))


def _same_words(one: Proposition, other: Proposition) -> bool:
    """Whether both touch the same claim, with a word in common."""
    return one.claim == other.claim and any(a < y and x < b for a, b in one.spans for x, y in other.spans)


class _Sentence:
    """A sentence with all attributions in it, and the words for what went wrong."""

    def __init__(self, read: Read, heard: Sequence[Attribution], tried: Sequence[Tried], story: CompiledStory, at: datetime) -> None:
        self.read, self.heard, self.tried, self.story, self.at = read, heard, tried, story, at

    def quote(self, span: Span) -> str:
        """A stretch as the text has it."""
        return f"“{self.read.passage.text[span[0] : span[1]]}”"

    def reason(self, proposition: Proposition, tried: Sequence[Tried]) -> Reason:
        """Why a proposition gave nothing. tried: what was held against it."""
        if tried:
            # The innermost reporting word is the one that failed; what stands around it never got its turn.
            return self._refused(min(tried, key=lambda t: t.attribution.content[0][1] - t.attribution.content[0][0]))
        if self.read.sentence.question:
            return Reason(Because.QUESTION, "it stands in a question")
        around = [a for a in self.heard if any(inside(proposition, window) for window in a.content)]
        around.sort(key=lambda a: (not inside(proposition, a.content[0]), abs(a.reporting.start - proposition.start)))
        supposed = next((a for a in around if a.reporting.hypothetical), None)
        if supposed is not None:
            cue = (supposed.reporting.start, supposed.reporting.end)
            word = self._word("hypothetical", self.read.sentence.start, cue[0], last=True)
            text = f"that anybody says so ({self.quote(cue)}) stands in a condition or plan" + (f": {self.quote(word)}" if word else "")
            return Reason(Because.SUPPOSED, text, word or cue)
        for attribution in around:
            return self._unsourced(attribution)
        return self._own_voice(proposition)

    def _own_voice(self, proposition: Proposition) -> Reason:
        """No reporting word is around it."""
        start = self.read.sentence.start
        word = self._operator("hypothetical", start, proposition)
        if word is not None:
            return Reason(Because.SUPPOSED, f"it stands in a condition or plan: {self.quote(word)}", word)
        word = self._operator("hearsay", start, proposition)
        if word is not None:
            return Reason(Because.SPOKEN_OF, f"it is only spoken of, by nobody in particular: {self.quote(word)}", word)
        cues = ", ".join(
            dict.fromkeys(self.quote((a.reporting.start, a.reporting.end)) for a in self.heard if a.reporting.start < a.reporting.end)
        )
        reach = f"{cues} in this sentence does not reach it" if cues else "no reporting word stands by it"
        return Reason(Because.NOBODY, f"{reach}: it counts as the text's own voice")

    def _unsourced(self, attribution: Attribution) -> Reason:
        """A reporting word whose source speaks for no party, or which is about something else."""
        cue, source = (attribution.reporting.start, attribution.reporting.end), attribution.source
        said = self.quote(cue)
        if source is None:
            return Reason(Because.UNKNOWN_SPEAKER, f"who says it ({said}) is nobody that the rules know", cue)
        if source.party is None:
            return self._no_party(source, cue)
        speaker = (source.start, source.end)
        if attribution.reporting.cls is CueClass.ASK:
            return self._asking(source, cue)
        about = ", ".join(dict.fromkeys(t.proposition.claim for t in self.tried if t.attribution.reporting == attribution.reporting))
        text = f"{said}, of {self._who(source)}, is taken to be about {about or 'something else'}"
        return Reason(Because.ELSEWHERE, text, cue, speaker)

    def _asking(self, source: Mention | None, cue: Span) -> Reason:
        """A word by which nothing is stated."""
        who, speaker = (self._who(source), (source.start, source.end)) if source else ("nobody", None)
        return Reason(Because.ASKED, f"{who} states nothing by {self.quote(cue)}: asks, is asked, or supposes", cue, speaker)

    def _no_party(self, source: Mention, cue: Span) -> Reason:
        who, span = self._who(source), (source.start, source.end)
        if source.back:
            return Reason(Because.UNKNOWN_SPEAKER, f"{who} stands for a speaker whom the text has not named before, or too far back", span)
        if source.outlet:
            return Reason(Because.NO_PARTY, f"its speaker, {who}, is an outlet: it speaks for no party", cue, span)
        entity = self.story.story.entities.get(source.entity or "")
        terms = ", ".join(f"{t.party}{_since(t.since, t.until)}" for t in entity.speaks_for) if entity else ""
        if terms:
            return Reason(Because.NO_PARTY, f"its speaker, {who}, speaks for no party on {self.at:%Y-%m-%d} (only for {terms})", cue, span)
        return Reason(Because.NO_PARTY, f"its speaker, {who}, speaks for no party", cue, span)

    def _refused(self, tried: Tried) -> Reason:
        """A reporting word with a source that made nothing of the claim."""
        attribution = tried.attribution
        reporting, source = attribution.reporting, attribution.source
        cue = (reporting.start, reporting.end)
        who, speaker = (self._who(source), (source.start, source.end)) if source else ("", None)
        if tried.inner is not None:
            deed = f"{_DEED[tried.inner]} of {who} ({self.quote(cue)})"
            text = f"{self._outer(tried)} reports {deed}: whoever does so says nothing about the claim as their own"
            return Reason(Because.OF_ANOTHER, text, cue, speaker)
        if reporting.cls is CueClass.ASK:
            return self._asking(source, cue)
        negated = reporting.negated or reporting.unable
        if tried.content is Content.SUPPOSED and not negated:
            if self.read.sentence.question:
                return Reason(Because.QUESTION, "it stands in a question", None, speaker)
            window = next((w for w in attribution.content if inside(tried.proposition, w)), attribution.content[0])
            word = self._operator("hypothetical", window[0], tried.proposition)
            where = f"{who} speaks of it" if source and source.start < source.end else "it stands"
            text = f"{where} in a condition or plan" + (f": {self.quote(word)}" if word else "")
            return Reason(Because.SUPPOSED, text, word, speaker)
        if tried.content is Content.SPOKEN_OF and not negated:
            word = self._operator("hearsay", self.read.sentence.start, tried.proposition)
            text = f"{who} only speaks of it" + (f": {self.quote(word)}" if word else "")
            return Reason(Because.SPOKEN_OF, text, word, speaker)
        turned = "as it is negated here" if negated else f"of a thing that is {tried.content.value}"
        text = f"{self.quote(cue)} ({reporting.cls.value}) says nothing about the claim, {turned}"
        return Reason(Because.EMPTY_CUE, text, cue, speaker)

    def _outer(self, tried: Tried) -> str:
        source = tried.outer.source if tried.outer else None
        return self._who(source) if source else "another party"

    def _who(self, source: Mention) -> str:
        """A source in the text's words; one that was carried over, by its party."""
        return self.quote((source.start, source.end)) if source.start < source.end else source.party or "the last speaker"

    def _operator(self, role: str, start: int, proposition: Proposition) -> Span | None:
        """The word with a role that governs a proposition: before it, or behind it where verbs come last."""
        if self.read.passage.language.pack.verb_final:
            behind = [span for span in self.read.words.at(role) if any(b <= span[0] for _, b in proposition.spans)]
            return min(behind, key=lambda span: min(span[0] - b for _, b in proposition.spans if b <= span[0]), default=None)
        if role == "hearsay":
            return self._word(role, start, proposition.start, last=True)
        return self._word(role, start, proposition.end)

    def _word(self, role: str, start: int, end: int, *, last: bool = False) -> Span | None:
        """The first, or the last, word with a role within a stretch."""
        found = [(a, b) for a, b in self.read.words.at(role) if start <= a and b <= end]
        return (found[-1] if last else found[0]) if found else None


_DEED = {Stance.DENY: "the denial", Stance.DOUBT: "the doubt", Stance.DECLINE: "the silence", Stance.AFFIRM: "the admission"}


def _since(since: datetime | None, until: datetime | None) -> str:
    """A term of office in words."""
    return (f" from {since:%Y-%m-%d}" if since else "") + (f" until {until:%Y-%m-%d}" if until else "")
