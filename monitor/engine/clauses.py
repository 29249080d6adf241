"""Where clauses follow one another by commas alone (Chinese): whose verb a cue is, and where what is said ends.

A clause is what stands between two marks. Its subject comes first, then time, place and other circumstances, then the verb; one that
opens with circumstances or the verb itself goes on with the subject of the clause before.
"""

from __future__ import annotations

from collections.abc import Sequence

from monitor.engine.cues import Reporting
from monitor.engine.mentions import NOMINAL, Mention
from monitor.engine.passage import Passage
from monitor.engine.vocabulary import CueOf
from monitor.language.pack import CueClass, Frame

Span = tuple[int, int]
_MARKS = "，；：,;:。！？"
_CIRCUMSTANCES = ("adverb", "now", "past", "coordinator", "conjunction", "negation", "unable", "now")
_OPENING = ("oblique", "clausal", "hearsay", *_CIRCUMSTANCES)
"""Roles of words with which a clause without a subject can open."""
_SHORTEST = 4
"""Characters of what is said before a comma, at least, for a new speaker to follow."""


def clause(passage: Passage, offset: int) -> Span:
    """The clause in which an offset stands: from mark to mark, on its side of quotation marks."""
    text, sentence = passage.text, passage.sentence
    start = offset
    while start > sentence.start and not _border(passage, start - 1, offset):
        start -= 1
    end = offset
    while end < sentence.end and not _border(passage, end, offset):
        end += 1
    while start < end and text[start].isspace():
        start += 1
    return start, end


def _border(passage: Passage, at: int, offset: int) -> bool:
    return passage.text[at] in _MARKS and passage.sentence.quoted(at) == passage.sentence.quoted(offset)


def circumstantial(passage: Passage, start: int, end: int) -> bool:
    """Whether only time, manner and the like stand in a stretch: what may part a subject from its verb."""
    rest = list(passage.text[start:end])
    spans = [span for role in _CIRCUMSTANCES for span in passage.words.at(role)] + [(one.start, one.end) for one in passage.dates]
    for a, b in spans:
        if start <= a and b <= end:
            rest[a - start : b - start] = " " * (b - a)
    return not "".join(c for c in rest if not c.isdigit()).strip(' ()（）“「『"')


def subject(passage: Passage, cue: Reporting, candidates: Sequence[Mention]) -> Mention | None:
    """The subject of a cue in its own clause: the name right before it, else the first one behind the verb before it."""
    opened = clause(passage, cue.start)[0]
    near = next(
        (m for m in reversed(passage.mentions) if opened <= m.start and m.end <= cue.start and (m.party or m.outlet or m.back)), None
    )
    if near is not None and not near.adjective and circumstantial(passage, near.end, cue.start):
        led = near.place in NOMINAL or any(b == near.start for _, b in passage.words.at("clausal"))
        if led and passage.same_quotation(near.start, cue.start):
            return near
    inside = [m for m in candidates if m.start >= opened]
    before = max(
        (hit.end for hit in passage.words.cues if opened <= hit.start and hit.end <= cue.start and _tells(hit.meaning)), default=opened
    )
    return next((m for m in inside if m.start >= before), next(iter(inside), None))


def _tells(meaning: object) -> bool:
    return isinstance(meaning, CueOf) and meaning.frame is Frame.VERB and meaning.cls is not CueClass.ASK


def subjectless(passage: Passage, cue: Reporting) -> bool:
    """Whether a cue's clause opens without a subject: with the cue, another verb of saying, or circumstances."""
    opened = clause(passage, cue.start)[0]
    if opened >= cue.start or circumstantial(passage, opened, cue.start):
        return True
    at = opened
    while passage.text[at : at + 1] in tuple('“「『"‘（('):
        at += 1
    if any(a == at for role in _OPENING for a, _ in passage.words.at(role)) or any(hit.start == at for hit in passage.words.cues):
        return True
    return any(one.start == at for one in passage.dates)


def carried_over(passage: Passage, cue: Reporting, candidates: Sequence[Mention], earlier: Sequence[Mention]) -> Mention | None:
    """The subject of a clause that has none: who spoke last in the sentence, else the first name of the clause before."""
    said = next((m for m in reversed(earlier) if m.end <= cue.start and passage.same_quotation(m.start, cue.start)), None)
    if said is not None:
        return said
    last = next(reversed(candidates), None)
    if last is None:
        return None
    opened = clause(passage, last.start)[0]
    return next(m for m in candidates if m.start >= opened)


def said_until(passage: Passage, start: int, end: int) -> int:
    """Where what a cue says ends: before a closed circumstance ("when it admitted …"), or where another speaker's clause begins."""
    text, sentence = passage.text, passage.sentence
    for hit in passage.words.cues:
        if not (start < hit.start <= end and _tells(hit.meaning)) or sentence.quoted(hit.start):
            continue
        opened = clause(passage, hit.start)[0]
        if opened <= start:
            if any(b == hit.start for _, b in passage.words.at("closer")) and text[start : hit.start].strip():
                return hit.start
            continue
        if len(text[start : opened - 1].strip(_MARKS + " ")) < _SHORTEST or text[opened - 1 : opened] in "：:":
            continue
        named = any(opened <= m.start and m.end <= hit.start and m.speaks and m.place in NOMINAL for m in passage.mentions)
        reporting = Reporting(hit.start, hit.end, CueClass.SAY, Frame.VERB)
        if named or not subjectless(passage, reporting):
            return opened
    return end


def agent_before(passage: Passage, cue: Reporting) -> Mention | None:
    """The source of a passive whose agent stands before it: 被韩国证实, 遭克里姆林宫否认, 令华盛顿关切."""
    opened = clause(passage, cue.start)[0]
    for _, end in reversed(passage.words.at("agent")):
        if not opened <= end <= cue.start:
            continue
        found = next((m for m in passage.mentions if m.start == end and m.end <= cue.start and (m.party or m.outlet)), None)
        if found is not None and (circumstantial(passage, found.end, cue.start) or passage.apart(found.end, cue.start) <= 2):
            return found
    return None


def asked(passage: Passage, cue: Reporting) -> bool:
    """Whether a cue only describes a noun (发布的消息), or stands in what somebody asks, in its own clause: 被记者问及显示…的照片."""
    if passage.text.startswith(passage.language.pack.relativizers or "\0", cue.end):
        return True
    opened = clause(passage, cue.start)[0]
    questions = [
        hit.end
        for hit in passage.words.cues
        if isinstance(hit.meaning, CueOf) and hit.meaning.cls is CueClass.ASK and hit.meaning.frame is Frame.VERB
    ]
    return any(
        opened <= end <= cue.start and not any(end <= a and b <= cue.start for a, b in passage.words.at("closer")) for end in questions
    )


def chained_windows(passage: Passage, cue: Reporting, opened: int, end: int) -> tuple[Span, ...]:
    """Where the content of a verb can stand. opened, end: the stretch that is the source's.

    Who states goes on after the verb, and only a verb that closes its clause has its content before it. Who denies, doubts or evades
    does so to what stands in the same clause, or before it.
    """
    own = min(clause(passage, cue.end)[1], end) if cue.end < end else end
    object_here = bool(passage.text[cue.end : own].strip('”」』"）) '))
    before = (
        max([opened, *(at + 1 for at in range(opened, cue.start) if passage.text[at] in "；;" and not passage.sentence.quoted(at))]),
        cue.start,
    )
    if cue.cls in (CueClass.DECLINE, CueClass.DOUBT):
        return (cue.end, own), before
    if cue.cls is CueClass.DENY:
        return ((cue.end, end), before) if object_here else ((cue.end, own), before, (own, end))
    if cue.cls in (CueClass.SAY, CueClass.CONFIRM) and passage.text[cue.end : end].strip('”」』"）)，。 '):
        return ((cue.end, end),)
    return (cue.end, end), before


def embedded(passage: Passage, cue: Reporting, windows: tuple[Span, ...]) -> tuple[Span, ...]:
    """The content of a cue inside what another says: no further than its clause, if it has an object there."""
    (start, end), *others = windows
    own = clause(passage, cue.end)[1]
    if start != cue.end or own >= end or not passage.text[start:own].strip():
        return windows
    return ((start, own), *others)


def noun_content(passage: Passage, start: int) -> int:
    """Where the content of a noun begins: behind the possessor and the word that leads to it (关于, 所谓)."""
    leads = [span for role in ("hearsay", "clausal") for span in passage.words.at(role) if span[0] == start]
    return max((b for _, b in leads), default=start)
