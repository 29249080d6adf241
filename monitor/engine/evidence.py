"""Last layer of reading: attributions and propositions become evidence, each with the steps that led to it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from monitor.engine.attribution import Attribution
from monitor.engine.cues import Reporting
from monitor.engine.focus import Focus, Memory, Read, carried, resolved, topic_of
from monitor.engine.mentions import NOMINAL, Mention
from monitor.engine.pointing import anaphors, bare, beside, claimant
from monitor.engine.propositions import Proposition, inside, settled, standing
from monitor.engine.stance import Content, Turn, reported, stance
from monitor.engine.trace import Trace, Tried
from monitor.engine.vocabulary import CompiledStory
from monitor.engine.when import when_of
from monitor.language.pack import CueClass, Frame
from monitor.model import Article, Evidence, FieldName, Stance, Strength, When, digest

Span = tuple[int, int]
_BARE = 1
"""Words after a cue that evades, at most, when it evades what the whole text is about."""
_POINTING = (CueClass.DENY, CueClass.CONFIRM, CueClass.DOUBT, CueClass.DECLINE)
"""Cues whose content can be no more than a word that points back."""


_CALLING = 4
"""Words between a cue and the word by which its source rejects what was said, when nothing points back: "spoke of a fake"."""


_STATING = (CueClass.SAY, CueClass.CONFIRM, CueClass.PRESUPPOSE)
"""Cues whose content is the source's own."""


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


def findings(reads: Sequence[Read]) -> tuple[list[Finding], Trace]:
    """All stances that an article shows, in order of place, and all that was tried."""
    memory = Memory(main=_main_claim(reads))
    found: list[Finding] = []
    for at, read in enumerate(reads):
        made: list[Finding] = []
        made += _about(reads, at, memory)
        for attribution in _resolved(reads, at, memory):
            memory.trace.hear(read.sentence.index, attribution)
            if attribution.source is not None:
                made += _found(read, attribution, memory)
                if attribution.source.party is not None and attribution.outer is None and not attribution.source.both:
                    name = "" if attribution.source.back else read.passage.text[attribution.source.start : attribution.source.end]
                    memory.hear(attribution.source, name, read.sentence)
        memory.about = topic_of(read) or memory.about
        made += _running_on(reads, at, memory)
        memory.named += [m.party for m in read.passage.mentions if m.party]
        if not read.attributions and read.passage.language.pack.clause_chains:
            topic = next((m for m in read.passage.mentions if m.speaks and m.place in NOMINAL and not m.back), None)
            if topic is not None:
                memory.topic, memory.topic_at = topic, read.sentence.index
        found += made
        recalled = next((read.passage.text[a:b] for a, b in read.words.at("past")), "") if not read.words.at("now") else ""
        for proposition in sorted(read.propositions, key=lambda p: p.start):
            memory.focus.append(Focus(proposition.claim, read.sentence.index, recalled))
        # What somebody took a stance on is what the next "this" means, though the claim itself was named before.
        for finding in made:
            memory.focus.append(Focus(finding.claim, read.sentence.index, recalled))
            memory.taken[finding.party] = finding.claim
    return _distinct(found), memory.trace


def _resolved(reads: Sequence[Read], at: int, memory: Memory) -> Iterable[Attribution]:
    """A sentence's attributions with their sources. Where the verb comes last a pronoun means nobody named in its own sentence."""
    read, here = reads[at], carried(reads, at)
    if not read.passage.language.pack.verb_final:
        return (one for attribution in here for one in resolved(attribution, memory, read))
    if here:
        memory.turn_to_topic()
    return [one for attribution in here for one in resolved(attribution, memory, read)]


def _main_claim(reads: Sequence[Read]) -> str:
    """The claim that most sentences touch, the title counting twice; "" when none does."""
    counts: Counter[str] = Counter()
    for read in reads:
        counts.update({p.claim: 2 if read.sentence.field == "title" else 1 for p in read.propositions})
    return min(counts, key=lambda claim: (-counts[claim], claim), default="")


def _about(reads: Sequence[Read], at: int, memory: Memory) -> list[Finding]:
    """ "Об этом заявил X.": the claims of the sentence before are X's."""
    read = reads[at]
    if at == 0 or not read.words.at("about") or read.propositions:
        return []
    before = reads[at - 1] if reads[at - 1].propositions else None
    made: list[Finding] = []
    for attribution in read.attributions:
        source = attribution.source
        if (
            before is None
            or source is None
            or source.party is None
            or attribution.outer
            or attribution.reporting.cls not in (CueClass.SAY, CueClass.CONFIRM)
            or _turn(attribution) is not Turn.PLAIN
        ):
            continue
        done = set()
        for p in before.propositions:
            if p.claim in done or p.own or p.implied or p.topic:
                continue
            content = standing(before.passage, p, (before.sentence.start, before.sentence.end))
            taken = stance(attribution.reporting.cls, Turn.PLAIN, content)
            memory.trace.tried.append(Tried(before.sentence.index, p, attribution, content, taken, taken))
            if taken is not None:
                done.add(p.claim)
                made.append(_finding(read, attribution, p.claim, source.party, taken, source, memory, None, None))
    return made


def _running_on(reads: Sequence[Read], at: int, memory: Memory) -> list[Finding]:
    """A sentence without a source of its own goes on with what the one before reported: "Three thousand are there now."."""
    read, before = reads[at], reads[at - 1] if at else None
    speaker = memory.speaker
    if (
        before is None
        or speaker is None
        or speaker.party is None
        or memory.speaker_at != before.sentence.index
        or (read.sentence.field, read.sentence.paragraph) != (before.sentence.field, before.sentence.paragraph)
        or read.attributions
        or read.words.at("past")
        or _others_named(read, speaker.party)
        or len({a.source.party for a in before.attributions if a.source and a.source.party and a.outer is None}) > 1
    ):
        return []
    whole = (read.sentence.start, read.sentence.end)
    mention = Mention(whole[0], whole[0], speaker.entity, speaker.party, "free", back=True)
    spoken = Attribution(read.sentence, Reporting(whole[0], whole[0], CueClass.SAY, Frame.VERB), mention, (whole,), weak=True)
    made = _found(read, spoken, memory)
    if made:
        memory.speaker_at = read.sentence.index
    return made


def _others_named(read: Read, party: str) -> bool:
    """Whether somebody else who could speak is named in a sentence beside what it says."""
    inside = [span for p in read.propositions for span in p.spans]
    return any(
        m.party not in (None, party) and not m.adjective and not any(m.start < b and a < m.end for a, b in inside)
        for m in read.passage.mentions
    )


def _found(read: Read, attribution: Attribution, memory: Memory) -> list[Finding]:
    source = attribution.source
    if source is None or source.party is None or attribution.reporting.hypothetical:
        return []
    outer = attribution.outer
    while outer is not None and (outer.source is None or outer.source.party is None or outer.source.party == source.party):
        outer = outer.outer
    made: list[Finding] = []
    own = [(a.source.start, a.source.end) for a in read.attributions if a.source and a.reporting.start == attribution.reporting.start]
    for window in attribution.content:
        here = _without_implied(
            [
                p
                for p in read.propositions
                if inside(p, window, own) and not _claimed_by_inner(p, attribution, read) and not _taken_inside(p, attribution, read)
            ]
        )
        if not here and _points(read, attribution, window):
            break
        rejected = any(window[0] <= a and b <= window[1] for a, b in read.words.at("rejection"))
        for proposition, content in _standings(read, _objects(here, attribution), window, attribution.reporting.frame):
            taken = inner = _stance_of(attribution, proposition, content, rejected)
            party, speaker = source.party, source
            if outer is not None and outer.source is not None and outer.source.party is not None:
                taken = reported(outer.reporting.cls, _turn(outer), taken)
                party, speaker = outer.source.party, outer.source
            memory.trace.tried.append(Tried(read.sentence.index, proposition, attribution, content, inner, taken, outer))
            if taken is not None:
                made.append(_finding(read, attribution, proposition.claim, party, taken, speaker, memory, proposition, outer))
        if made or here:
            return made
    return made + _pointed_back(read, attribution, memory, outer)


def _undenied(read: Read, here: Sequence[Proposition], window: Span, frame: Frame) -> list[tuple[Proposition, Content]]:
    """Propositions with how they stand, without a denial of what other words take for granted: "those sent there have not fought".

    Where names have cases a verb of the claim is negated itself, and what is so denied is not stated by other words of the same claim.
    """
    standings: list[tuple[Proposition, Content]] = []
    for p in here:
        # What follows the content of a noun is said of it by others: «слова X об Y не соответствуют действительности».
        until = min(p.end, window[1]) if frame is Frame.NOUN else window[1]
        standings.append((p, standing(read.passage, p, (window[0], until), read.propositions)))
    if read.passage.language.pack.case_marked:
        denied = {p.claim for p, content in standings if content is Content.DENIED and not p.contrary and not p.implied}
        return [(p, c) for p, c in standings if not (c is Content.STATED and p.claim in denied)]
    negations = [a for a, _ in read.words.at("negation") if window[0] <= a < window[1]]
    granted = {
        p.claim for p, content in standings if content is Content.STATED and p.sort == "about" and any(p.end <= a for a in negations)
    }
    return [(p, c) for p, c in standings if not (c is Content.DENIED and p.sort == "about" and p.claim in granted)]


def _standings(read: Read, here: Sequence[Proposition], window: Span, frame: Frame) -> list[tuple[Proposition, Content]]:
    """Propositions of a window with how they stand in it."""
    if read.passage.language.pack.verb_final:
        return settled(read.passage, here, window, to_its_end=frame is Frame.NOUN)
    return list(_undenied(read, here, window, frame))


def _without_implied(here: Sequence[Proposition]) -> list[Proposition]:
    """Propositions of a window; a claim that is spoken of outright needs no implying."""
    outright = {p.claim for p in here if not p.implied}
    return [p for p in here if not p.implied or p.claim not in outright]


def _points(read: Read, attribution: Attribution, window: Span) -> bool:
    """Whether a window holds a word that points back, for a cue that needs no more than that."""
    if attribution.reporting.cls not in _POINTING:
        return False
    return any(window[0] <= a and b <= window[1] for a, b in anaphors(read)) or _object_pronoun(read, attribution)


def _object_pronoun(read: Read, attribution: Attribution) -> bool:
    """Whether "it" or "them" stands right beside a cue: «не может их подтвердить»."""
    cue = attribution.reporting
    return any(0 <= read.passage.apart(b, cue.start) <= 1 or read.passage.text[cue.end : a].isspace() for a, b in read.words.at("object"))


def _objects(here: Sequence[Proposition], attribution: Attribution) -> Sequence[Proposition]:
    """What a cue is about: all that is said; but who evades or doubts does so to one thing, the nearest."""
    if attribution.reporting.cls not in (CueClass.DECLINE, CueClass.DOUBT) or not here:
        return here
    end = attribution.reporting.end
    nearest = min(here, key=lambda p: (abs(p.start - end), p.claim))
    return [p for p in here if p.claim == nearest.claim]


def _stance_of(attribution: Attribution, proposition: Proposition, content: Content, rejected: bool) -> Stance | None:
    reporting = attribution.reporting
    plain = reporting.cls in _STATING and _turn(attribution) is Turn.PLAIN
    if proposition.own:
        if proposition.sort == "evaded_by" and reporting.cls is CueClass.DECLINE:
            return Stance.DECLINE
        if not plain or content is Content.SUPPOSED:
            return None
        return Stance.AFFIRM if proposition.sort == "conceded_by" else Stance.DECLINE
    if proposition.implied and stance(reporting.cls, _turn(attribution), Content.SPOKEN_OF) is Stance.DECLINE:
        return Stance.DECLINE
    if proposition.implied and reporting.cls not in (CueClass.SAY, CueClass.DOUBT) and not plain:
        # "Refused to speak of the soldiers": that they are there is the question itself.
        return stance(reporting.cls, _turn(attribution), Content.SPOKEN_OF)
    if proposition.implied and plain and rejected:
        return Stance.DENY
    if proposition.implied and content is not Content.SPOKEN_OF:
        return Stance.AFFIRM if plain and content is Content.STATED else None
    if proposition.topic:
        taken = stance(reporting.cls, _turn(attribution), Content.SPOKEN_OF)
        return None if taken is Stance.AFFIRM else taken
    return stance(reporting.cls, _turn(attribution), content)


def _turn(attribution: Attribution) -> Turn:
    reporting = attribution.reporting
    return Turn.UNABLE if reporting.unable else Turn.NEGATED if reporting.negated else Turn.PLAIN


def _taken_inside(proposition: Proposition, attribution: Attribution, read: Read) -> bool:
    """Whether a later cue of the same source takes it: "said that he cannot confirm the reports"."""
    source, cue = attribution.source, attribution.reporting
    return any(
        other.source is not None
        and source is not None
        and other.source.start == source.start
        and (other.reporting.cls is not CueClass.SAY or other.reporting.negated or other.reporting.unable)
        and any(cue.end <= a and b <= other.reporting.start for a, b in read.words.at("complementizer"))
        and cue.end <= other.reporting.start
        and attribution.content[0][0] <= other.reporting.start < attribution.content[0][1]
        and inside(proposition, other.content[0])
        for other in read.attributions
    )


def _claimed_by_inner(proposition: Proposition, attribution: Attribution, read: Read) -> bool:
    """Whether an attribution nested in this one takes the proposition, or one of the same source that leaves it open or denies it."""
    if attribution.reporting.cls in _STATING and any(_leaves_open(proposition, inner, attribution) for inner in read.attributions):
        return True
    return any(
        inner.outer is not None
        and inner.outer.reporting.start == attribution.reporting.start
        and inner.source is not None
        and (inner.source.party or inner.source.back)
        and any(inside(proposition, window) for window in inner.content[:1])
        for inner in read.attributions
        if inner.reporting.start != attribution.reporting.start
    ) or _turned_away(proposition, attribution, read)


def _turned_away(proposition: Proposition, attribution: Attribution, read: Read) -> bool:
    """Whether the source goes on to deny, doubt or evade it: "said that it could not confirm the reports"."""
    source = attribution.source
    return attribution.reporting.cls is CueClass.SAY and any(
        one.reporting.cls in (CueClass.DENY, CueClass.DOUBT, CueClass.DECLINE)
        and one.reporting.start >= attribution.reporting.end
        and (one.source is None or one.source.back or (source is not None and one.source.start == source.start))
        and inside(proposition, one.content[0])
        for one in read.attributions
    )


def _leaves_open(proposition: Proposition, inner: Attribution, outer: Attribution) -> bool:
    """Whether a source says that it cannot confirm, denies or leaves open: "파병은 확인할 수 없다고 밝혔다"."""
    cue, source = inner.reporting, inner.source
    return (
        cue.cls in (CueClass.DENY, CueClass.DOUBT, CueClass.DECLINE)
        and cue.frame is Frame.VERB
        and any(start <= cue.start and cue.end <= end for start, end in outer.content[:1])
        and (source is None or (outer.source is not None and source.start == outer.source.start))
        and any(inside(proposition, window) for window in inner.content[:1])
    )


def _pointed_back(read: Read, attribution: Attribution, memory: Memory, outer: Attribution | None) -> list[Finding]:
    """ "Moscow denied this", "the Kremlin declined to comment": the claim last spoken of."""
    cls, source = attribution.reporting.cls, attribution.source
    cue = attribution.reporting
    windows = (*attribution.content, (cue.start, cue.end))
    pointing = any(window[0] <= a and b <= window[1] for window in windows for a, b in anaphors(read))
    saying = _saying(read, attribution) or claimant(read, attribution)
    pointing = pointing or saying is not None or (cls in _POINTING and _object_pronoun(read, attribution))
    rejected = any(attribution.content[0][0] <= a and b <= attribution.content[0][1] for a, b in read.words.at("rejection"))
    if outer is not None or source is None or source.party is None:
        return []
    unsaid = cls is CueClass.SAY and not read.passage.language.pack.verb_final and _turn(attribution) is not Turn.PLAIN
    strong = (cls in _POINTING or (unsaid and pointing)) and (
        pointing or cls is CueClass.DECLINE or attribution.reporting.frame is Frame.NOUN or bare(read, attribution)
    )
    if cls is CueClass.DECLINE and not pointing and beside(read, attribution):
        return []
    called = any(0 <= read.passage.apart(cue.end, a) <= _CALLING for a, _ in read.words.at("rejection")) or cue.start == cue.end - 1
    questioned = any(attribution.content[0][0] <= a and b <= attribution.content[0][1] for a, b in read.words.at("dubious"))
    if cls is CueClass.SAY and ((rejected and called) or (pointing and (rejected or questioned))):
        taken = stance(cls, _turn(attribution), Content.DENIED if rejected else Content.QUESTIONED)
    elif strong:
        taken = stance(cls, _turn(attribution), Content.SPOKEN_OF)
    else:
        return []
    before = [p for p in read.propositions if p.end <= attribution.start]
    index = read.sentence.index
    if saying is not None and saying in memory.taken:
        focus: Focus | None = Focus(memory.taken[saying], index, "")
    elif before:
        focus = Focus(before[-1].claim, index, "")
    else:
        recap = any(window[0] <= a and b <= window[1] for window in attribution.content for a, b in read.words.at("recap"))
        plain = attribution.reporting.end, attribution.content[0][1]
        alone = cls is CueClass.DECLINE and not pointing and read.passage.apart(*plain) <= _BARE
        whole = recap or alone or _object_pronoun(read, attribution)
        focus = (memory.matter(index) if whole else None) or memory.last(index)
        if memory.main and when_of(read.passage, attribution, None)[0] is When.PAST:
            focus = Focus(memory.main, index, "")  # a recap goes back to what the text is about
    if focus is None or taken is None:
        return []
    return [_finding(read, attribution, focus.claim, source.party, taken, source, memory, None, None, focus.recalled)]


def _saying(read: Read, attribution: Attribution) -> str | None:
    """The party whose words a cue is about: "denied Gerasimov's statement", «слова Герасимова опровергли»."""
    source = attribution.source
    for other in read.attributions:
        theirs = other.source.party if other.source else None
        anothers = other.reporting.frame is Frame.NOUN and source is not None and theirs != source.party
        if theirs and anothers and any(a <= other.reporting.start and other.reporting.end <= b for a, b in attribution.content):
            return theirs
    return None


def _finding(
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
    text = read.passage.text
    backshifted = outer is not None and attribution.reporting.pluperfect  # "Kyiv said that Moscow had admitted it"
    when, because = when_of(read.passage, outer if outer is not None and backshifted else attribution, proposition)
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
    quote = (min(a for a, _ in parts), max(b for _, b in parts)) if parts else (read.sentence.start, read.sentence.end)
    weak = attribution.weak or proposition is None or proposition.own or proposition.implied or outer is not None
    why = [
        f"speaker “{said}” speaks for {party}" + (" (carried over from before)" if speaker.back or carried else ""),
        f"cue “{text[reporting.start : reporting.end]}”: {reporting.cls.value}"
        + ("" if _turn(attribution) is Turn.PLAIN else f", {_turn(attribution).value}"),
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


def _distinct(found: list[Finding]) -> list[Finding]:
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
