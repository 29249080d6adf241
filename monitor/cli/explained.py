"""What `monitor explain` shows to a person: the marked text, the chain of each finding, and why what was touched gave nothing."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from rich.text import Text

from monitor.cli.marked import STYLES, Mark, legend, marked, plain, raised
from monitor.cli.screen import Screen
from monitor.engine.attribution import Attribution
from monitor.engine.finding import Finding
from monitor.engine.pipeline import FIELDS, Explained
from monitor.engine.vocabulary import CompiledStory
from monitor.engine.why.chain import Link, chain, repeats
from monitor.engine.why.inquiry import Answer, Shown
from monitor.engine.why.untaken import Untaken
from monitor.model import Article, FieldName

_AGAIN = 4
"""Places in which a text repeats a finding that are named; more are counted."""
LANGUAGES = {"en": "English", "ru": "Russian", "uk": "Ukrainian", "ko": "Korean", "zh": "Chinese"}
_STANCES = {"affirm": "affirms", "deny": "denies", "doubt": "doubts", "decline": "declines to say"}
_STYLE_OF = {"speaker": STYLES["speaker"], "cue": STYLES["cue"], "claim": STYLES["claim"], "party": "bold", "stance": "bold"}


@dataclass(frozen=True, slots=True)
class View:
    """All that is shown of one story: the reading, and what of it was asked for."""

    story: CompiledStory
    explained: Explained
    findings: tuple[Finding, ...]
    untaken: tuple[Untaken, ...]
    answer: Answer | None = None

    @property
    def article(self) -> Article:
        """The article that was read."""
        return self.explained.reading.article


def show(view: View, screen: Screen, *, attributions: bool) -> None:
    """The whole view, top down."""
    explained, article = view.explained, view.article
    language = LANGUAGES.get(explained.language, explained.language or "no language that can be told")
    screen.line(Text.assemble((view.story.name, "bold"), f": {plain(view.story.story.title)}", (f" · read as {language}", "dim")))
    marks = marks_of(view)
    if any(marks.values()):
        show_text(article, marks, screen)
    elif view.answer is None:
        touched = any(read.propositions for read in explained.sentences)
        screen.line(
            ("no party takes a stance on a claim in it" if touched else "nothing in it touches a claim") + "; --claim NAME says why"
        )
    told: set[str] = set()
    for number, finding in enumerate(view.findings, 1):
        _finding(number, finding, view, screen, told)
    if view.untaken:
        screen.heading("touched, and nothing taken")
        for one in view.untaken:
            _untaken(one, article, screen)
    if explained.reading.matches and view.answer is None:
        _matches(view, screen)
    if attributions:
        _attributions(view, screen)
    if view.answer is not None:
        _answer(view.answer, article, screen)


def marks_of(view: View) -> dict[FieldName, list[Mark]]:
    """What is marked in each field: quotes, speakers, reporting words, claims, and what was touched and gave nothing."""
    marks: dict[FieldName, list[Mark]] = {name: [] for name in FIELDS}
    for number, finding in enumerate(view.findings, 1):
        marks[finding.field].append(Mark(*finding.quote, "quote", number))
        for link in chain(finding, view.explained):
            if link.kind in ("speaker", "cue") and link.span is not None:
                marks[finding.field].append(Mark(*link.span, link.kind))
        source = (finding.outer or finding.attribution).source
        if finding.speaker_span is None and source is not None and source.start < source.end:
            marks[finding.field].append(Mark(source.start, source.end, "speaker"))
        for span in finding.proposition.spans if finding.proposition else ():
            marks[finding.field].append(Mark(*span, "claim"))
    taken = {(name, m.start, m.end) for name in FIELDS for m in marks[name] if m.kind == "claim"}
    for one in view.untaken:
        marks[one.field] += [Mark(a, b, "untaken") for a, b in one.spans if (one.field, a, b) not in taken]
    return {name: list(dict.fromkeys(found)) for name, found in marks.items()}


def show_text(article: Article, marks: dict[FieldName, list[Mark]], screen: Screen) -> None:
    """An article with its marks, and what they mean."""
    for name in FIELDS:
        for paragraph in marked(article.field(name), marks[name], colour=screen.colour):
            screen.line()
            if name == "title":
                paragraph.stylize("bold")
            screen.line(paragraph, indent=2)
    screen.line()
    kinds = [mark.kind for found in marks.values() for mark in found]
    screen.line(Text.assemble(("marks: ", "dim"), legend(kinds, colour=screen.colour)), indent=2)


def _finding(number: int, finding: Finding, view: View, screen: Screen, told: set[str]) -> None:
    """told: claims whose text stands above already."""
    links = chain(finding, view.explained)
    screen.line()
    head = f"{raised(number)} {finding.party} {_STANCES[finding.stance]} {finding.claim}"
    kind = f" · {finding.when} · {finding.strength}  "
    screen.line(Text.assemble((head, "bold"), kind, _place(finding.field, *finding.quote)))
    steps = [link for link in links if link.kind not in ("when", "strength")]
    screen.line(_arrows([Text(plain(link.text), style=_STYLE_OF.get(link.kind, "")) for link in steps]), indent=3, hang=2)
    for link in links:
        if link.because:
            screen.row(link.kind if link.kind not in ("when", "strength") else link.text, _because(link))
        if link.kind == "claim" and finding.claim not in told:
            told.add(finding.claim)
            screen.row("", Text(plain(view.story.claim(finding.claim).text), style="dim"))
    again = repeats(finding, view.explained)
    if again:
        rest = f" and {len(again) - _AGAIN} more" if len(again) > _AGAIN else ""
        screen.row("again", Text.assemble(Text(", ").join(_place(field, *span) for field, span in again[:_AGAIN]), rest))


def _arrows(parts: Sequence[Text]) -> Text:
    """Parts with arrows between them."""
    return Text.assemble(*(piece for part in parts for piece in ((" → ", "dim"), part)))[3:]


def _because(link: Link) -> str:
    carried = link.kind == "speaker" and link.span is None
    quoted = f"“{plain(link.text)}” " if link.kind in ("speaker", "reporter", "of", "cue") and not carried else ""
    return quoted + plain(link.because)


def _place(field: FieldName, start: int, end: int) -> Text:
    # The space does not break: a place stays on one line.
    return Text(f"{field}\u00a0{start}–{end}", style="dim")


def _untaken(one: Untaken, article: Article, screen: Screen) -> None:
    text = article.field(one.field)
    words = " … ".join(plain(text[a:b]) for a, b in one.spans)
    touched = Text(words, style=STYLES["untaken"] if screen.colour else "")
    screen.line(Text.assemble(("~ ", "dim"), (one.claim, "bold"), ": ", touched, "  ", _place(one.field, one.start, one.end)), hang=3)
    screen.line(plain(one.reason.text), indent=3)


def _matches(view: View, screen: Screen) -> None:
    screen.heading("matches")
    for match in view.explained.reading.matches:
        words = dict.fromkeys(f"“{plain(span.text)}”" for span in match.spans)
        screen.line(Text.assemble((match.rule, "bold"), ": ", ", ".join(words)), indent=2, hang=2)


def _attributions(view: View, screen: Screen) -> None:
    screen.heading("reported speech")
    count = 0
    for read in view.explained.sentences:
        for one in view.explained.trace.heard.get(read.sentence.index, ()):
            count += 1
            _attribution(one, view.article.field(read.sentence.field), read.sentence.field, screen)
    if not count:
        screen.line("none", indent=2)


def _attribution(one: Attribution, text: str, field: FieldName, screen: Screen) -> None:
    source, reporting = one.source, one.reporting
    who = Text("nobody that the rules know", style="dim")
    if source is not None:
        named = text[source.start : source.end] if source.start < source.end else "the last speaker"
        who = Text.assemble((plain(named), STYLES["speaker"]), f" ({source.party or 'no party'})")
    turns = [name for name in ("negated", "unable", "hypothetical") if getattr(reporting, name)]
    word = plain(text[reporting.start : reporting.end])
    cue = Text.assemble((word, STYLES["cue"]), f" ({', '.join([reporting.cls.value, *turns])})")
    a, b = one.content[0]
    depth = 2 + 2 * _depth(one)
    said = plain(text[a:b]).strip()
    spans = [(source.start, source.end)] if source else []
    places = ", ".join(f"{x}–{y}" for x, y in [*spans, (reporting.start, reporting.end), (a, b)])
    where = Text(f"  {field}\u00a0{places}", style="dim")
    screen.line(Text.assemble(_arrows([who, cue, Text(said or "(nothing)")]), where), indent=depth, hang=4)


def _depth(one: Attribution) -> int:
    return 0 if one.outer is None else 1 + _depth(one.outer)


def _answer(answer: Answer, article: Article, screen: Screen) -> None:
    subject = " on ".join(filter(None, [answer.party, answer.claim]))
    if answer.findings:
        count = len(answer.findings)
        screen.heading(f"{subject}: {count} finding{'s' if count > 1 else ''}, shown above")
        return
    screen.heading(f"{subject}: why is there no finding?")
    for step in answer.steps:
        sign, style = ("✓", "green") if step.passed else ("✗", "bold red")
        screen.line(Text.assemble((f"{sign} ", style), plain(step.text)), indent=1, hang=2)
        for place in step.places:
            screen.line(_shown(place, article), indent=5, hang=2)


def _shown(place: Shown, article: Article) -> Text:
    words = plain(article.field(place.field)[place.start : place.end])
    note = f": {plain(place.note)}" if place.note else ""
    return Text.assemble(f"“{words}”{note}  ", _place(place.field, place.start, place.end))


def show_all(views: Sequence[View], *, attributions: bool) -> None:
    """Every story, one after the other."""
    screen = Screen()
    for number, view in enumerate(views):
        if number:
            screen.line()
        show(view, screen, attributions=attributions)
