"""How a finding came about, link by link: outlet → speaker → party → cue → stance → claim, and what made it now or past, strong or weak."""

from __future__ import annotations

from dataclasses import dataclass

from monitor.engine.attribution import Attribution
from monitor.engine.finding import Finding
from monitor.engine.focus import Read
from monitor.engine.pipeline import Explained
from monitor.engine.stance import Content
from monitor.language.pack import CueClass
from monitor.model import FieldName, Stance, Strength

Span = tuple[int, int]
_DOES = {
    CueClass.SAY: "states it",
    CueClass.CONFIRM: "states it as so",
    CueClass.DENY: "says that it is not so",
    CueClass.DOUBT: "questions it",
    CueClass.DECLINE: "does not say",
    CueClass.PRESUPPOSE: "takes it for granted",
    CueClass.ASK: "asks",
    CueClass.DO: "is what the claim says",
}
_STANDS = {
    Content.STATED: "",
    Content.DENIED: "what is said is worded as not so",
    Content.SPOKEN_OF: "it is spoken of",
    Content.SUPPOSED: "it stands in a question, condition or plan",
}


@dataclass(frozen=True, slots=True)
class Link:
    """One link. kind: outlet, reporter, speaker, party, cue, of, stance, claim, when or strength. text: what stands there, or its name.

    span: where it stands in the finding's field. because: why, in words; "" when there is nothing to say.
    """

    kind: str
    text: str
    span: Span | None = None
    because: str = ""


def chain(finding: Finding, explained: Explained) -> list[Link]:
    """A finding of a reading -> its links, in order; the last two are `when` and `strength`."""
    article = explained.reading.article
    text = article.field(finding.field)
    links = [Link("outlet", article.outlet)] if article.outlet else []
    voice = finding.outer or finding.attribution
    links += [Link("reporter", text[a:b], (a, b), "passes it on") for a, b in _reporters(voice)]
    links.append(Link("speaker", finding.speaker or finding.party, finding.speaker_span, _speaking(finding, text)))
    links.append(Link("party", finding.party))
    if finding.outer is not None:
        links.append(_cue(finding.outer, text))
        source = finding.attribution.source
        if source is not None:
            links.append(Link("of", text[source.start : source.end], (source.start, source.end), "what is reported of another party"))
    links.append(_cue(finding.attribution, text))
    links.append(Link("stance", finding.stance.value, None, _content(finding, explained)))
    links.append(_claim(finding, text, explained))
    when = next((step for step in finding.why if step.startswith(f"{finding.when.value}: ")), "")
    links.append(Link("when", finding.when.value, None, when.partition(": ")[2]))
    links.append(Link("strength", finding.strength.value, None, strength(finding)))
    return links


def repeats(finding: Finding, explained: Explained) -> list[tuple[FieldName, Span]]:
    """Other sentences in which the same party takes the same stance on the same claim: an article gives that once."""
    found: dict[int, tuple[FieldName, Span]] = {}
    fields = {read.sentence.index: read.sentence.field for read in explained.sentences}
    for tried in explained.trace.tried:
        source = (tried.outer or tried.attribution).source
        same = (finding.claim, finding.party, finding.stance)
        here = (
            fields[tried.index] == finding.field and finding.quote[0] < tried.proposition.end and tried.proposition.start < finding.quote[1]
        )
        if (tried.proposition.claim, source.party if source else None, tried.taken) == same and not here:
            found.setdefault(tried.index, (fields[tried.index], (tried.proposition.start, tried.proposition.end)))
    return list(found.values())


def _reporters(one: Attribution) -> list[Span]:
    """Who passes on what the speaker says: outlets, and whoever else speaks for no party."""
    found: list[Span] = []
    layer = one.outer
    while layer is not None:
        if layer.source is not None and layer.source.party is None and layer.source.start < layer.source.end:
            found.append((layer.source.start, layer.source.end))
        layer = layer.outer
    return found[::-1]


def _speaking(finding: Finding, text: str) -> str:
    """Why the speaker's words are the party's."""
    source = (finding.outer or finding.attribution).source
    said = f"speaks for {finding.party}" if finding.speaker != finding.party else ""
    if source is None or finding.speaker_span is not None:
        return said
    if source.start == source.end:
        return f"“{finding.speaker}” is carried over: the sentence names no speaker of its own; {said}".removesuffix("; ")
    return f"“{text[source.start : source.end]}” stands for the last speaker, “{finding.speaker}”, who {said}".removesuffix(", who ")


def _cue(one: Attribution, text: str) -> Link:
    """The reporting word; a colon, a dash or a quotation after a name is one too."""
    reporting = one.reporting
    span = (reporting.start, reporting.end)
    word = text[slice(*span)]
    turn = "unable" if reporting.unable else "negated" if reporting.negated else ""
    because = f"{_DOES.get(reporting.cls, 'speaks of it')} ({reporting.cls.value}{', ' + turn if turn else ''})"
    if not word:
        return Link("cue", "…", None, f"{because}: the sentence goes on with what the one before it reports")
    if not any(map(str.isalnum, word)) or _within(span, one):
        return Link("cue", ":", span, f"{because}: a mark between the name and what is said")
    return Link("cue", word, span, because)


def _within(span: Span, one: Attribution) -> bool:
    return one.source is not None and one.source.start <= span[0] and span[1] <= one.source.end


def _content(finding: Finding, explained: Explained) -> str:
    """How the claim stands in what is said; "" when it is simply stated."""
    for tried in explained.trace.tried:
        if tried.attribution == finding.attribution and tried.proposition == finding.proposition:
            return _STANDS.get(tried.content, tried.content.value)
    read = _read(finding, explained)
    rejected = [span for span in read.words.at("rejection") if _in_content(span, finding)] if read else []
    if finding.proposition is None and finding.stance is Stance.DENY and rejected and read:
        return f"it is called “{read.passage.text[slice(*rejected[0])]}”"
    return ""


def _claim(finding: Finding, text: str, explained: Explained) -> Link:
    """The claim with the words that touch it, or the word that points back to it."""
    if finding.proposition is not None:
        spans = finding.proposition.spans
        words = " … ".join(text[a:b] for a, b in spans)
        return Link("claim", finding.claim, (spans[0][0], max(b for _, b in spans)), f"“{words}”")
    read = _read(finding, explained)
    pointing = [span for span in read.words.at("anaphor") if _in_content(span, finding)] if read else []
    word = f"“{text[slice(*pointing[0])]}”: " if pointing else ""
    here = finding.attribution.sentence.index
    before = [r for r in explained.sentences if r.sentence.index <= here and any(p.claim == finding.claim for p in r.propositions)]
    last = before[-1].sentence if before else None
    where = f", touched last in {last.field} {last.start}–{last.end}" if last and last.index < here else ""
    return Link("claim", finding.claim, pointing[0] if pointing else None, f"{word}the claim last spoken of{where}")


def _read(finding: Finding, explained: Explained) -> Read | None:
    """The sentence that a finding was made in."""
    return next((r for r in explained.sentences if r.sentence.index == finding.attribution.sentence.index), None)


def _in_content(span: Span, finding: Finding) -> bool:
    return any(a <= span[0] and span[1] <= b for a, b in finding.attribution.content)


def strength(finding: Finding) -> str:
    """What makes a finding strong or weak."""
    if finding.strength is Strength.STRONG:
        return "a plain cue, a named source, the claim's own words"
    proposition = finding.proposition
    reasons = [
        (finding.outer is not None, "the party reports it of another"),
        (finding.attribution.weak, "the source is a pronoun or is carried over"),
        (proposition is None, "the claim is only pointed back to"),
        (proposition is not None and proposition.own, "it lies in praise or an evasive answer"),
        (proposition is not None and proposition.implied, "the claim is taken for granted, not stated"),
    ]
    return "; ".join(text for holds, text in reasons if holds) or "not plain enough"
