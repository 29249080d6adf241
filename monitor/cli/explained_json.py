"""What `monitor explain --json` prints: one object a story, with all that a person sees. Offsets are code points, end exclusive."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from monitor.cli.explained import View
from monitor.engine.attribution import Attribution
from monitor.engine.finding import Finding, as_evidence
from monitor.engine.why.chain import Link, chain
from monitor.engine.why.inquiry import Answer
from monitor.engine.why.untaken import Untaken
from monitor.model import Article, FieldName, as_json

Json = dict[str, Any]
Span = tuple[int, int]


def as_object(view: View) -> Json:
    """A view as a JSON object."""
    article, explained = view.article, view.explained
    made: Json = {
        "story": view.story.name,
        "language": explained.language,
        "title": article.title,
        "text": article.text,
        "evidence": [_finding(finding, view) for finding in view.findings],
        "untaken": [_untaken(one, article) for one in view.untaken],
        "matches": [as_json(match) for match in explained.reading.matches],
        "attributions": list(_attributions(view)),
    }
    if view.answer is not None:
        made["asked"] = _answer(view.answer, article)
    return made


def _stretch(article: Article, field: FieldName, span: Span) -> Json:
    return {"field": field, "start": span[0], "end": span[1], "text": article.field(field)[span[0] : span[1]]}


def _finding(finding: Finding, view: View) -> Json:
    links = chain(finding, view.explained)
    words = finding.proposition.spans if finding.proposition else ()
    return {
        **as_json(as_evidence(finding, view.article, view.story)),
        "words": [_stretch(view.article, finding.field, span) for span in words],
        "chain": [_link(link, finding) for link in links],
    }


def _link(link: Link, finding: Finding) -> Json:
    made: Json = {"link": link.kind, "text": link.text, "because": link.because}
    if link.span is not None:
        made |= {"field": finding.field, "start": link.span[0], "end": link.span[1]}
    return made


def _untaken(one: Untaken, article: Article) -> Json:
    why = one.reason
    return {
        "claim": one.claim,
        **_stretch(article, one.field, (one.start, one.end)),
        "words": [_stretch(article, one.field, span) for span in one.spans],
        "because": why.because.value,
        "reason": why.text,
        "word": _stretch(article, one.field, why.word) if why.word else None,
        "speaker": _stretch(article, one.field, why.speaker) if why.speaker else None,
    }


def _attributions(view: View) -> Iterator[Json]:
    """All reported speech. depth: in how many others it stands."""
    for read in view.explained.sentences:
        for one in view.explained.trace.heard.get(read.sentence.index, ()):
            yield _attribution(one, view.article, read.sentence.field)


def _attribution(one: Attribution, article: Article, field: FieldName) -> Json:
    source, reporting = one.source, one.reporting
    named = source is not None and source.start < source.end
    depth, layer = 0, one.outer
    while layer is not None:
        depth, layer = depth + 1, layer.outer
    return {
        "field": field,
        "source": _stretch(article, field, (source.start, source.end)) if source and named else None,
        "entity": source.entity if source else None,
        "party": source.party if source else None,
        "carried": bool(source and (source.back or not named)),
        "cue": _stretch(article, field, (reporting.start, reporting.end)),
        "class": reporting.cls.value,
        "turn": [name for name in ("negated", "unable", "hypothetical", "pluperfect") if getattr(reporting, name)],
        "content": [_stretch(article, field, span) for span in one.content],
        "depth": depth,
    }


def _answer(answer: Answer, article: Article) -> Json:
    return {
        "claim": answer.claim,
        "party": answer.party,
        "found": len(answer.findings),
        "steps": [
            {
                "step": step.asked.value,
                "passed": step.passed,
                "text": step.text,
                "places": [{**_stretch(article, place.field, (place.start, place.end)), "note": place.note} for place in step.places],
            }
            for step in answer.steps
        ],
    }
