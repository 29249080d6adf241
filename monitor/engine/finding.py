"""A stance found in a text: evidence before it is given ids, and the evidence that it becomes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from monitor.engine.attribution import Attribution
from monitor.engine.focus import Memory, Read
from monitor.engine.mentions import Mention
from monitor.engine.propositions import Proposition
from monitor.engine.stance import Turn
from monitor.engine.taking import turn
from monitor.engine.terms import is_unspaced
from monitor.engine.trace import Outweighed
from monitor.engine.vocabulary import CompiledStory
from monitor.engine.when import when_of
from monitor.language.pack import CueClass
from monitor.model import Article, Evidence, FieldName, Stance, Strength, When, digest

Span = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Finding:
    """A stance found: evidence before it is given ids."""

    claim: str
    party: str
    stance: Stance
    when: When
    strength: Strength
    field: FieldName
    quote: Span
    speaker: str
    speaker_span: Span | None
    cue_span: Span | None
    why: tuple[str, ...]
    attribution: Attribution
    outer: Attribution | None
    """The attribution by which the party reports what another says."""
    proposition: Proposition | None
    """None: the claim last spoken of."""


def finding_of(
    read: Read,
    attribution: Attribution,
    claim: str,
    party: str,
    taken: Stance,
    speaker: Mention,
    memory: Memory,
    proposition: Proposition | None,
    outer: Attribution | None,
    recalled: str = "",
) -> Finding:
    """What an attribution takes, with the words that show it and the steps that led to it.

    speaker: whose stance it is, another than the attribution's source where that is reported by `outer`. proposition: None when the
    claim is pointed back to. recalled: the word by which the sentence pointed back to recalls ("": it reports).
    """
    text = read.passage.text
    above = outer or _own(attribution.outer, party)  # "Kyiv said that Moscow had admitted it", "said that it had seen them"
    backshifted = above is not None and attribution.reporting.pluperfect
    when, because = when_of(read.passage, above if above is not None and backshifted else attribution, proposition)
    if recalled and attribution.reporting.cls is not CueClass.DECLINE and when is When.NOW and not read.words.at("now"):
        when, because = When.PAST, f"“{recalled}”, in the sentence pointed back to"
    reporting = attribution.reporting
    carried = not (read.sentence.start <= speaker.start < read.sentence.end) or speaker.start == speaker.end
    said = memory.speaker_text if speaker.back and not speaker.both else text[speaker.start : speaker.end]
    cue_here = read.sentence.start <= reporting.start < read.sentence.end
    parts = [
        s for s in ((speaker.start, speaker.end) if not carried else None, (reporting.start, reporting.end) if cue_here else None) if s
    ]
    parts += list(proposition.spans) if proposition else []
    quote = _whole_words(read, parts) if parts else (read.sentence.start, read.sentence.end)
    weak = attribution.weak or proposition is None or proposition.own or proposition.implied or outer is not None
    why = [
        f"speaker “{said}” speaks for {party}" + (" (carried over from before)" if speaker.back or carried else ""),
        f"cue “{text[reporting.start : reporting.end]}”: {reporting.cls.value}"
        + ("" if turn(attribution) is Turn.PLAIN else f", {turn(attribution).value}"),
        f"claim {claim}: " + (", ".join(f"“{text[a:b]}”" for a, b in proposition.spans) if proposition else "the one last spoken of"),
        f"{taken.value}" + (f", from what {party} reports of another party" if outer else ""),
        f"{when.value}: {because}",
    ]
    return Finding(
        claim,
        party,
        taken,
        when,
        Strength.WEAK if weak else Strength.STRONG,
        read.sentence.field,
        quote,
        said,
        None if carried or speaker.back else (speaker.start, speaker.end),
        (reporting.start, reporting.end) if cue_here else None,
        tuple(why),
        attribution,
        outer,
        proposition,
    )


def _whole_words(read: Read, parts: Sequence[Span]) -> Span:
    """The stretch that all of the parts stand in, to the end of its last word where words are written apart."""
    end = max(b for _, b in parts)
    whole = end if is_unspaced(read.passage.text[end - 1]) else read.passage.word_end(end)
    return min(a for a, _ in parts), whole


def _own(outer: Attribution | None, party: str) -> Attribution | None:
    """The attribution around another if the same party speaks in it."""
    return outer if outer is not None and outer.source is not None and outer.source.party == party else None


def distinct(found: list[Finding]) -> list[Finding]:
    """One finding for each claim, party, stance and time.

    The first strong one, else the first; the last where the party said otherwise in between.
    """
    ordered = sorted(found, key=lambda f: (f.field != "title", f.quote))
    kept: dict[tuple[str, str, Stance, When], Finding] = {}
    latest: dict[tuple[str, str, When], Stance] = {}
    for one in ordered:
        key, subject = (one.claim, one.party, one.stance, one.when), (one.claim, one.party, one.when)
        before = kept.get(key)
        otherwise = before is not None and latest.get(subject) is not one.stance
        if (
            before is None
            or otherwise
            or (before.strength is Strength.WEAK and one.strength is Strength.STRONG and latest.get(subject) is one.stance)
        ):
            kept[key] = one
        latest[subject] = one.stance
    return sorted(kept.values(), key=lambda f: (f.field != "title", f.quote))


def consistent(found: Sequence[Finding]) -> tuple[list[Finding], list[Outweighed]]:
    """Findings of one text -> those that can stand together, and those that another of the same party outweighs.

    A text reports one current position of a party on a claim. Where a party affirms or denies, what it evades or cannot verify is
    something beside the claim (a number, a withdrawal); where the same words seem to do both, those that deny carry more.
    """
    kept: list[Finding] = []
    outweighed: list[Outweighed] = []
    for one in found:
        rivals = [f for f in found if one.when is f.when is When.NOW and (f.claim, f.party) == (one.claim, one.party)]
        by = next((f for f in rivals if _outweighs(f, one)), None)
        if by is None:
            kept.append(one)
        else:
            outweighed.append(Outweighed(one.claim, one.party, one.stance, by.stance, one.field, one.quote, one.speaker_span))
    return kept, outweighed


def _outweighs(one: Finding, other: Finding) -> bool:
    """Whether the first of two findings of one party on one claim leaves no room for the second."""
    if other.stance in (Stance.DECLINE, Stance.DOUBT):
        return one.stance in (Stance.AFFIRM, Stance.DENY)
    same = one.field == other.field and one.quote[0] < other.quote[1] and other.quote[0] < one.quote[1]
    return same and (one.stance, other.stance) == (Stance.DENY, Stance.AFFIRM)


def as_evidence(finding: Finding, article: Article, story: CompiledStory) -> Evidence:
    """A finding with its ids, as published."""
    text = article.field(finding.field)
    start, end = finding.quote
    return Evidence(
        id=digest(story.name, article.id, finding.claim, finding.party, finding.stance, finding.when),
        story=story.name,
        article=article.id,
        version=article.version,
        claim=finding.claim,
        party=finding.party,
        stance=finding.stance,
        when=finding.when,
        strength=finding.strength,
        speaker=finding.speaker,
        cue=text[finding.cue_span[0] : finding.cue_span[1]] if finding.cue_span else "",
        quote=text[start:end],
        field=finding.field,
        start=start,
        end=end,
        speaker_start=finding.speaker_span[0] if finding.speaker_span else None,
        speaker_end=finding.speaker_span[1] if finding.speaker_span else None,
        cue_start=finding.cue_span[0] if finding.cue_span else None,
        cue_end=finding.cue_span[1] if finding.cue_span else None,
        why=finding.why,
        time=article.published_at,
        outlet=article.outlet,
        url=article.url,
        title=article.title,
        rules=story.version,
    )
