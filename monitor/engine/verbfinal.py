"""Whose cue it is and where its content stands, where the verb comes last: "국정원은 북한이 병력을 보냈다고 밝혔다".

The ending of a cue says what its clause is: quoted ("인정했다고"), before a noun ("인정한"), or a clause of the sentence itself.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from enum import Enum
from functools import cache

from monitor.engine.cues import Reporting
from monitor.engine.mentions import NOMINAL, Mention
from monitor.engine.passage import Passage
from monitor.engine.sources import possessor, topic
from monitor.engine.vocabulary import CueOf
from monitor.language.pack import CueClass, Frame

Span = tuple[int, int]
_STATING = (CueClass.SAY, CueClass.CONFIRM, CueClass.PRESUPPOSE, CueClass.DENY)
"""Cues that have taken the content before them, so that the next cue of the same source begins behind them."""
_REACH = 6
"""Words between the subject of a clause before a noun and its verb, at most."""


class Ending(Enum):
    """What a verb's ending makes of its clause."""

    QUOTED = "quoted"
    """what somebody says: 했다고, 했다는, 했다며"""
    ADNOMINAL = "adnominal"
    """describes the noun after it: 밝힌, 부인해 온"""
    CLOSED = "closed"
    """a clause of the sentence: 했다, 했지만, 하면서"""


def ending(passage: Passage, cue: Reporting) -> Ending:
    """A cue -> what its ending makes of its clause."""
    pack, text = passage.language.pack, passage.text
    until = _verb_end(passage, cue)
    if any(mark in text[cue.end : until] for mark in pack.quotatives):
        return Ending.QUOTED
    described = text[until : until + 1] == " " and until + 1 < passage.sentence.end and text[until + 1].isalpha()
    return Ending.ADNOMINAL if described and text[cue.start : until].endswith(pack.adnominals) else Ending.CLOSED


def _verb_end(passage: Passage, cue: Reporting) -> int:
    """The end of a cue's verb with its auxiliaries: "부인해 온", "부인하고 있다는"."""
    text, until = passage.text, passage.word_end(cue.end)
    while text[until : until + 1] == " " and text.startswith(passage.language.pack.auxiliaries, until + 1):
        until = passage.word_end(until + 1)
    return until


def source_and_windows(
    passage: Passage, cue: Reporting, earlier: Sequence[tuple[Reporting, Mention | None]]
) -> tuple[Mention | None, tuple[Span, ...]]:
    """The source of a verb, None when nobody is named, and where its content can stand.

    earlier: the cues before it with their sources.
    """
    shape = ending(passage, cue)
    sentence = passage.sentence
    named = _speakers(passage, cue, earlier)
    marked = [m for m in named if m.place in ("topic", "subject") or m.back]
    if shape is Ending.QUOTED and marked:
        return marked[-1], _windows(passage, cue, marked[-1], earlier)
    if shape is Ending.ADNOMINAL:
        owner = next((m for m in reversed(marked) if m.place == "subject" and passage.apart(m.end, cue.start) <= _REACH), None)
        described = _described(passage, cue)
        if owner is not None:
            return owner, (*_windows(passage, cue, owner, earlier), (cue.end, sentence.end))
        if described is not None:
            opened = max([sentence.start, *(m.end for m in marked)])
            return described, ((opened, cue.start),)
    late = _behind_content(passage, cue, marked)
    if late is not None:
        opened = max([sentence.start, *(m.end for m in marked if m.place == "topic" and m.end < late.start), *_closed(earlier, late.start)])
        return late, ((opened, late.start), (late.end, cue.start))
    source = _subject(passage, named, marked)
    return source, _windows(passage, cue, source, earlier)


def _speakers(passage: Passage, cue: Reporting, earlier: Sequence[tuple[Reporting, Mention | None]]) -> list[Mention]:
    """Who may be the subject of a cue: what stands before it in the same quotation, else before that; no possessor of a noun."""
    owners = {owner.start for noun, owner in earlier if noun.frame is Frame.NOUN and owner is not None and owner.place == "free"}
    before = [m for m in passage.mentions if m.end <= cue.start and m.speaks and m.place in NOMINAL and m.start not in owners]
    within = [m for m in before if passage.same_quotation(m.start, cue.start)]
    if within or not passage.sentence.quoted(cue.start):
        return within
    return [m for m in before if not passage.sentence.quoted(m.start)]


def noun_as_verb(passage: Passage, cue: Reporting) -> bool:
    """Whether a noun ends a clause, and so stands for its verb: "합참, 추가 파병 발표". In a text only behind a name and a comma."""
    rest = passage.text[cue.end : passage.sentence.end].lstrip()
    if rest and rest[0].isalnum():
        return False
    listed = any(m.end <= cue.start and m.speaks and passage.text[m.end : m.end + 2] == ", " for m in passage.mentions)
    return passage.sentence.field == "title" or (listed and not rest.strip(".()…"))


def noun_windows(passage: Passage, cue: Reporting, source: Mention) -> tuple[Span, ...]:
    """Where the content of a noun stands: between it and its possessor, and before that if it is quoted: "보냈다는 러시아의 발표"."""
    start, text = passage.sentence.start, passage.text
    before = text[start : source.start].rstrip().removesuffix("것이").removesuffix("게").rstrip()
    between = (source.end, cue.start)
    return (between, (start, source.start)) if before.endswith(passage.language.pack.quotatives) else (between, between)


def stating(passage: Passage, cue: Reporting) -> Reporting:
    """A cue; one that takes its content for granted states it when that is quoted: "위반이라고 규탄했다"."""
    before = passage.text[passage.sentence.start : cue.start].rstrip()
    quoted = cue.cls is CueClass.PRESUPPOSE and before.endswith(passage.language.pack.content_end)
    return replace(cue, cls=CueClass.SAY) if quoted else cue


def _windows(
    passage: Passage, cue: Reporting, source: Mention | None, earlier: Sequence[tuple[Reporting, Mention | None]]
) -> tuple[Span, ...]:
    """From the source up to the cue, then what stands before the source; but only from the last cue of the same source that states.

    What a noun at a headline's end reports may follow in quotation marks.
    """
    if cue.frame is Frame.NOUN and source is not None:
        return ((source.end, cue.start), (cue.end, passage.sentence.end))
    first = source.start if source is not None else cue.start
    opened = max([passage.sentence.start, *_closed(earlier, first)])
    left = source.end if source is not None else opened
    taken = [
        passage.word_end(before.end)
        for before, owner in earlier
        if before.cls in _STATING
        and before.frame is Frame.VERB
        and left <= before.start
        and before.end <= cue.start
        and (owner.start if owner else -1) == (source.start if source else -1)
        and (ending(passage, before) is Ending.CLOSED or _linking(passage, before))
    ]
    end = _content_stop(passage, cue)
    if taken:
        return ((max(taken), end),)
    return ((left, end), (opened, first)) if source is not None else ((left, end),)


def _content_stop(passage: Passage, cue: Reporting) -> int:
    """Where content before a cue stops: before it, or behind a cue that is the ending of the content's own verb ("허위라며")."""
    return cue.end if passage.text[cue.start - 1 : cue.start].isalpha() else cue.start


def _closed(earlier: Sequence[tuple[Reporting, Mention | None]], before: int) -> list[int]:
    """Where the verbs before end; a noun closes nothing, the next verb may be about it: "보냈다는 한국의 주장을 러시아는 부인했다"."""
    return [cue.end for cue, _ in earlier if cue.end <= before and cue.frame is not Frame.NOUN]


def _linking(passage: Passage, cue: Reporting) -> bool:
    """Whether the cue is itself a quoting ending that runs on: 라며, 다면서."""
    return passage.text[cue.start : cue.end].endswith(passage.language.pack.linking)


def _described(passage: Passage, cue: Reporting) -> Mention | None:
    """The noun that a clause describes, if it is a speaker: "부인해 온 러시아가"."""
    until = _verb_end(passage, cue)
    return next(
        (m for m in passage.mentions if m.start >= until and m.speaks and m.place in NOMINAL and not passage.text[until : m.start].strip()),
        None,
    )


def _behind_content(passage: Passage, cue: Reporting, marked: Sequence[Mention]) -> Mention | None:
    """The source that stands between its content and its verb: "파병이 시작됐다고 국정원이 밝혔다", "…는 것이 국정원의 설명이다"."""
    pattern = _content_end(passage.language.pack.content_end)
    if pattern is None:
        return None
    start = passage.sentence.start
    ends = [start + match.end() for match in pattern.finditer(passage.text[start : cue.start])]
    owner = next((m for m in passage.mentions if m.party and not passage.text[passage.word_end(m.end) : cue.start].strip()), None)
    late = [m for m in marked if ends and m.start >= ends[-1]]
    if owner is not None and owner.end < cue.start and owner not in marked and possessor(passage, cue) is not None:
        return owner
    if not late or any(ends[-1] <= hit.start < late[-1].start for hit in passage.words.cues):
        return None
    return late[-1] if passage.apart(ends[-1], late[-1].start) <= 3 and not passage.crossed(ends[-1], late[-1].start) else None


@cache
def _content_end(endings: tuple[str, ...]) -> re.Pattern[str] | None:
    return re.compile(rf"(?:{'|'.join(map(re.escape, endings))})(?= )") if endings else None


def _subject(passage: Passage, named: Sequence[Mention], marked: Sequence[Mention]) -> Mention | None:
    """Who reports: the topic of the clause, else its first subject, else a bare name.

    The nearest subject is that of the content: "국정원은 북한이 보냈다고 밝혔다". A sentence that goes on ("또", "이어") without a topic
    has the subject of the one before.
    """
    topics = [m for m in marked if m.place == "topic" or m.back]
    chosen = topics[-1] if topics else None
    for before in reversed(topics[:-1]):
        if chosen is None or _parted(passage, before.end, chosen.start):
            break
        chosen = before
    opened = max([passage.sentence.start, *(b for b in _coordinated(passage) if any(m.start >= b for m in marked))])
    subjects = [m for m in marked if m.place == "subject" and m.start >= opened]
    if chosen is not None:
        return subjects[0] if subjects and chosen.end <= opened else chosen
    if _goes_on(passage):
        return None
    return topic(passage, [*subjects, *(m for m in named if m not in marked)] or named)


def _coordinated(passage: Passage) -> list[int]:
    """Where clauses of the sentence itself begin: behind a coordinator right after a cue ("부인했지만"), not behind one in a content."""
    ends = [hit.end for hit in passage.words.cues]
    return [
        b
        for a, b in passage.words.at("coordinator")
        if a - passage.sentence.start <= 1 or (not passage.sentence.quoted(a) and any(0 <= passage.apart(end, b) <= 2 for end in ends))
    ]


def _parted(passage: Passage, start: int, end: int) -> bool:
    """Whether a clause ends in a stretch."""
    if passage.crossed(start, end) or any(start <= a < end for a, _ in passage.words.at("coordinator")):
        return True
    return any(
        start <= hit.start < end and isinstance(hit.meaning, CueOf) and hit.meaning.frame is Frame.VERB for hit in passage.words.cues
    )


def _goes_on(passage: Passage) -> bool:
    """Whether the sentence opens with a word that carries the subject of the one before on."""
    start = passage.sentence.start
    return any(a - start <= 1 for a, _ in passage.words.at("continuing"))
