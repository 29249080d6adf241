"""Whether an attribution is news or recalled: by time words, dates and tense in its clause."""

from __future__ import annotations

from collections.abc import Iterator

from monitor.engine.attribution import Attribution
from monitor.engine.mentions import Mention
from monitor.engine.passage import Passage
from monitor.engine.propositions import Proposition
from monitor.language.pack import Frame
from monitor.model import When

Span = tuple[int, int]
_NEWS_REACH = 60
"""Characters between a cue and a word that makes it news, at most."""
_SINCE = 3
"""Words between "since" and the date that it goes with, at most: "since the middle of January"."""
_BREAKS = ";；:："


def when_of(passage: Passage, attribution: Attribution, proposition: Proposition | None) -> tuple[When, str]:
    """An attribution -> its time, and the word that says so. Of several time words in its clause the nearest counts."""
    text = passage.text
    words = sorted(_times(passage, attribution, proposition))
    near = next(((When.NOW, f"“{text[a:b]}”") for gap, recalls, (a, b) in words[:1] if not recalls and gap < _NEWS_REACH), None)
    if near is not None:
        return near
    if attribution.reporting.pluperfect:
        return When.PAST, "before the time that the text reports from"
    recalled = next((span for _, recalls, span in words if recalls), None)
    if recalled is not None:
        return When.PAST, f"“{text[recalled[0] : recalled[1]]}”"
    if passage.dated is not None and passage.dated.recalls(passage.day):
        return When.PAST, f"under the date “{text[passage.dated.start : passage.dated.end]}”"
    return When.NOW, "nothing recalls it"


def _times(passage: Passage, attribution: Attribution, proposition: Proposition | None) -> Iterator[tuple[int, bool, Span]]:
    """Time words that say when the source spoke: how far off, whether they recall, and where."""
    found: list[tuple[bool, Span]] = [(False, span) for span in passage.words.at("now")]
    found += [(True, span) for span in passage.words.at("past")]
    found += [(True, (one.start, one.end)) for one in passage.dates if one.recalls(passage.day)]
    since = passage.words.at("since")
    for recalls, span in found:
        if recalls and _about_another(passage, attribution, span):
            continue  # "after months of denial" says when it was denied
        if recalls and any(b <= span[0] and passage.apart(b, span[0]) <= _SINCE for _, b in since):
            continue  # what lasts since then lasts still
        gap, anchor = _nearest(span, _anchors(passage, attribution))
        if not _parted(passage, attribution, span, anchor) and not _contents(passage, attribution, proposition, span, gap):
            yield gap, recalls, span


def _about_another(passage: Passage, attribution: Attribution, span: Span) -> bool:
    """Whether a wording that recalls holds another cue than the attribution's, and more than that: it is that one which it recalls."""
    reporting = attribution.reporting
    held = [c for c in passage.words.cues if span[0] <= c.start and c.end <= span[1] and c.end - c.start < span[1] - span[0]]
    return bool(held) and not any(c.start == reporting.start for c in held)


def _anchors(passage: Passage, attribution: Attribution) -> list[Span]:
    """The cue and the source, where they stand in the sentence."""
    reporting, source = attribution.reporting, attribution.source
    spans = [(reporting.start, reporting.end)]
    apart = source is not None and passage.language.pack.clause_chains and passage.crossed(source.end, reporting.start)
    if source is not None and passage.sentence.start <= source.start < passage.sentence.end and not apart:
        spans.append((source.start, source.end))
    return spans


def _nearest(span: Span, others: list[Span]) -> tuple[int, Span]:
    return min((max(a - span[1], span[0] - b, 0), (a, b)) for a, b in others)


def _parted(passage: Passage, attribution: Attribution, span: Span, anchor: Span) -> bool:
    """Whether another clause begins between a time word and the source or cue nearest to it."""
    low, high = (span[1], anchor[0]) if span[1] <= anchor[0] else (anchor[1], span[0])
    if passage.sentence.quoted(span[0]) and not passage.sentence.quoted(attribution.reporting.start):
        return True
    return any(low <= a < high for a, _ in passage.words.at("coordinator")) or any(mark in passage.text[low:high] for mark in _BREAKS)


def _contents(passage: Passage, attribution: Attribution, proposition: Proposition | None, span: Span, gap: int) -> bool:
    """Whether a time word is part of what is said: "said that they had arrived in October", "arrived in October, X said"."""
    reporting, source = attribution.reporting, attribution.source
    if span[0] >= reporting.end:
        opened = any(reporting.end <= a < span[0] for a, _ in passage.words.at("complementizer"))
        if opened or passage.crossed(reporting.end, span[0]) or reporting.frame in (Frame.ACCORDING, Frame.FOLLOWING):
            return True
    if proposition is None:
        return False
    first = min(reporting.start, source.start) if source is not None else reporting.start
    window = attribution.content[0]
    trailing = passage.language.pack.articles and any(b <= first for _, b in proposition.spans)
    if span[1] <= first and passage.crossed(span[1], first) and (trailing or any(b <= span[0] for _, b in proposition.spans)):
        return True
    settled = _after_its_source(passage, attribution, span)
    if settled is not None:
        return settled
    if not (window[0] <= span[0] and span[1] <= window[1]):
        return False
    if span[0] >= reporting.end and any(a < span[0] for a, _ in proposition.spans if a >= reporting.end):
        return True
    return _nearest(span, [s for s in proposition.spans if s not in proposition.names] or list(proposition.spans))[0] < gap


def _after_its_source(passage: Passage, attribution: Attribution, span: Span) -> bool | None:
    """Where the verb comes last, whether a time word between source and cue is the content's; None: that does not show.

    Right behind the topic it is the source's own; behind a subject of its own the content has begun: "국정원은 북한이 지난해 보냈다고".
    """
    source, reporting = attribution.source, attribution.reporting
    if not passage.language.pack.verb_final or source is None or span[0] < source.end or reporting.start < span[1]:
        return None
    if any(not passage.text[passage.word_end(one.end) : span[0]].strip() for one in _topics(passage, source)):
        return False
    begun = any(source.end <= m.start and m.end <= span[0] and m.place in ("subject", "topic") for m in passage.mentions)
    return True if begun and passage.apart(span[1], reporting.start) > 1 else None


def _topics(passage: Passage, source: Mention) -> Iterator[Mention]:
    """The topic that the source is, or that it is joined to: "러시아와 북한은"."""
    if source.place == "topic":
        yield source
    joined = any(source.end <= a and b <= passage.word_end(source.end) for a, b in passage.words.at("conjunction"))
    after = passage.word_end(source.end)
    for one in passage.mentions if joined else ():
        if one.place == "topic" and after <= one.start and not passage.text[after : one.start].strip():
            yield one
