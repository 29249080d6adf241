"""Cues that point back: which words do, what else such a cue may speak of, and whose assertion is meant."""

from __future__ import annotations

from monitor.engine.attribution import Attribution
from monitor.engine.focus import Read
from monitor.language.pack import Frame

Span = tuple[int, int]


def anaphors(read: Read) -> list[Span]:
    """Words that point back to a claim; "these" in "these officials" does not, nor "that" where it opens a clause."""
    names = [(m.start, m.end) for m in read.passage.mentions]
    clauses, cues = read.words.at("complementizer"), [cue.end for cue in read.words.cues]

    def opens(a: int, b: int) -> bool:
        return (a, b) in clauses and any(read.passage.text[end:a].isspace() for end in cues) and read.passage.text[b : b + 1] == " "

    spans = [span for span in read.words.at("anaphor") if not opens(*span)]
    return [(a, b) for a, b in spans if not any(x <= a and b <= y and (x, y) != (a, b) for x, y in names)]


def object_of(read: Read, attribution: Attribution) -> Span:
    """What follows a cue up to the next mark."""
    start = end = attribution.reporting.end
    while end < read.sentence.end and not read.passage.crossed(end, end + 1):
        end += 1
    return start, end


def bare(read: Read, attribution: Attribution) -> bool:
    """Whether a cue has nothing to report, in a language that drops what is understood."""
    start, end = object_of(read, attribution)
    drops = read.passage.language.pack.drops_object and attribution.reporting.frame is Frame.VERB
    return drops and not read.passage.text[start:end].strip(' ”」』"）)')


def beside(read: Read, attribution: Attribution) -> bool:
    """Whether an evasion has an object of its own, which is not the claim last spoken of: "gave no figures"."""
    if not read.passage.language.pack.drops_object:
        return False
    start, end = object_of(read, attribution)
    return bool(read.passage.text[start:end].strip(' ”」』"）)'))


def claimant(read: Read, attribution: Attribution) -> str | None:
    """Whose assertion is pointed back to: "Moscow rejected Kyiv's claims"."""
    source = attribution.source
    for a, b in anaphors(read):
        if not any(window[0] <= a and b <= window[1] for window in attribution.content):
            continue
        owner = next((m for m in reversed(read.passage.mentions) if m.end <= a and read.passage.apart(m.end, a) <= 2), None)
        if owner is not None and owner.party and source is not None and owner.party != source.party:
            return owner.party
    return None
