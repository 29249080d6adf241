"""How a finding came about, link by link: outlet → speaker → party → cue → stance → claim, and what made it now or past, strong or weak."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from monitor.engine.attribution import Attribution
from monitor.engine.evidence import Finding
from monitor.engine.focus import Read
from monitor.engine.stance import Content
from monitor.engine.trace import Trace
from monitor.language.pack import CueClass
from monitor.model import Article, FieldName, Strength

Span = tuple[int, int]
_DOES = {
    CueClass.SAY: "states it",
    CueClass.CONFIRM: "states it as so",
    CueClass.DENY: "says that it is not so",
    CueClass.DOUBT: "questions it",
    CueClass.DECLINE: "does not say",
    CueClass.PRESUPPOSE: "takes it for granted",
    CueClass.ASK: "asks",
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


def chain(finding: Finding, trace: Trace, article: Article) -> list[Link]:
    """A finding -> its links, in order; the last two are `when` and `strength`."""
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
    links.append(Link("stance", finding.stance.value, None, _content(finding, trace)))
    links.append(_claim(finding, text))
    when = next((step for step in finding.why if step.startswith(f"{finding.when.value}: ")), "")
    links.append(Link("when", finding.when.value, None, when.partition(": ")[2]))
    links.append(Link("strength", finding.strength.value, None, strength(finding)))
    return links


def repeats(finding: Finding, trace: Trace, reads: Sequence[Read]) -> list[tuple[FieldName, Span]]:
    """Other sentences in which the same party takes the same stance on the same claim: an article gives that once."""
    found: dict[int, tuple[FieldName, Span]] = {}
    fields = {read.sentence.index: read.sentence.field for read in reads}
    for tried in trace.tried:
        source = (tried.outer or tried.attribution).source
        same = (finding.claim, finding.party, finding.stance)
        here = (
            fields[tried.index] == finding.field and finding.quote[0] < tried.proposition.end and tried.proposition.start < finding.quote[1]
        )
        if (tried.proposition.claim, source.party if source else None, tried.taken) == same and not here:
            found.setdefault(tried.index, (fields[tried.index], (tried.proposition.start, tried.proposition.end)))
    return list(found.values())


def _reporters(one: Attribution) -> list[Span]:
    """Who passes on what the speaker says: outlets, and others that speak for no party."""
    found: list[Span] = []
    layer = one.outer
    while layer is not None:
        if layer.source is not None and layer.source.start < layer.source.end:
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
        return ", ".join(filter(None, ["carried over: the sentence has no speaker of its own", said]))
    return f"“{text[source.start : source.end]}” stands for the last speaker" + (f", who {said}" if said else "")


def _cue(one: Attribution, text: str) -> Link:
    """The reporting word; a colon, a dash or a quotation after a name is one too."""
    reporting = one.reporting
    span = (reporting.start, reporting.end)
    word = text[slice(*span)]
    turn = "unable" if reporting.unable else "negated" if reporting.negated else ""
    because = f"{_DOES[reporting.cls]} ({reporting.cls.value}{', ' + turn if turn else ''})"
    if not word:
        return Link("cue", "…", None, f"{because}: the sentence goes on with what the one before it reports")
    if not any(map(str.isalnum, word)) or _within(span, one):
        return Link("cue", ":", span, f"{because}: a mark between the name and what is said")
    return Link("cue", word, span, because)


def _within(span: Span, one: Attribution) -> bool:
    return one.source is not None and one.source.start <= span[0] and span[1] <= one.source.end


def _content(finding: Finding, trace: Trace) -> str:
    """How the claim stands in what is said."""
    for tried in trace.tried:
        if tried.attribution == finding.attribution and tried.proposition == finding.proposition:
            return _STANDS.get(tried.content, tried.content.value)
    return ""


def _claim(finding: Finding, text: str) -> Link:
    """The claim with the words that touch it."""
    if finding.proposition is None:
        return Link("claim", finding.claim, None, "the claim last spoken of")
    spans = finding.proposition.spans
    words = " … ".join(text[a:b] for a, b in spans)
    return Link("claim", finding.claim, (spans[0][0], max(b for _, b in spans)), f"“{words}”")


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
