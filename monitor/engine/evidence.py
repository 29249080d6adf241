"""Last layer of reading: attributions and propositions become evidence, each with the steps that led to it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence

from monitor.engine.attribution import Attribution
from monitor.engine.cues import Reporting
from monitor.engine.finding import Finding, consistent, distinct, finding_of
from monitor.engine.focus import Focus, Memory, Read, carried, resolved, topic_of
from monitor.engine.mentions import NOMINAL, Mention
from monitor.engine.pointing import anaphors, bare, beside, claimant
from monitor.engine.propositions import Proposition, inside, standing
from monitor.engine.referring import met_in
from monitor.engine.stance import Content, Turn, reported, stance
from monitor.engine.taking import claimed_by_inner, objects, reaches, stance_of, standings, taken_inside, turn, without_implied
from monitor.engine.trace import Trace, Tried
from monitor.engine.when import when_of
from monitor.language.pack import CueClass, Frame
from monitor.model import Stance, When

Span = tuple[int, int]
_BARE = 1
"""Words after a cue that evades, at most, when it evades what the whole text is about."""
_POINTING = (CueClass.DENY, CueClass.CONFIRM, CueClass.DOUBT, CueClass.DECLINE)
"""Cues whose content can be no more than a word that points back."""


_CALLING = 4
"""Words between a cue and the word by which its source rejects what was said, when nothing points back: "spoke of a fake"."""


def findings(reads: Sequence[Read]) -> tuple[list[Finding], Trace]:
    """All stances that an article shows, in order of place, and all that was tried."""
    memory = Memory(main=_main_claim(reads))
    found: list[Finding] = []
    for at, read in enumerate(reads):
        made: list[Finding] = []
        made += _about(reads, at, memory)
        here: list[Attribution] = []
        for attribution in _resolved(reads, at, memory):
            here.append(attribution)
            memory.trace.hear(read.sentence.index, attribution)
            if attribution.source is not None:
                made += _found(read, attribution, memory)
                if (
                    attribution.source.party is not None
                    and attribution.outer is None
                    and not attribution.source.both
                    and _speaks(read, attribution)
                ):
                    name = "" if attribution.source.back else read.passage.text[attribution.source.start : attribution.source.end]
                    memory.hear(attribution.source, name, read.sentence)
                    memory.hear_together(attribution.source, attribution.reporting.start)
        made += _unanswered(read, here, made, memory)
        made += _echoed(read, [*found, *made], memory)
        memory.about = topic_of(read) or memory.about
        made += _running_on(reads, at, memory)
        memory.met += met_in(read.passage)
        memory.named += [m.party for m in read.passage.mentions if m.party]
        if not read.attributions and not read.passage.language.pack.verb_final:
            topic = next((m for m in read.passage.mentions if m.speaks and m.place in NOMINAL and not m.back), None)
            if topic is not None:
                memory.topic, memory.topic_at = topic, read.sentence.index
        found += made
        recalled = next((read.passage.text[a:b] for a, b in read.words.at("past")), "") if not read.words.at("now") else ""
        for proposition in sorted(read.propositions, key=lambda p: p.start):
            memory.focus.append(Focus(proposition.claim, read.sentence.index, recalled))
        # What somebody took a stance on is what the next "this" means, though the claim itself was named before.
        for finding in made:
            denied = finding.party if finding.stance is Stance.DENY else ""
            memory.focus.append(Focus(finding.claim, read.sentence.index, recalled, denied))
            memory.taken[finding.party] = finding.claim
    kept, memory.trace.outweighed = consistent(distinct(found))
    return kept, memory.trace


def _speaks(read: Read, attribution: Attribution) -> bool:
    """Whether a source is the one who speaks in its sentence: not whose claims another denies there."""
    noun = attribution.reporting.frame is Frame.NOUN and read.passage.language.pack.articles != ()
    return not noun or not any(
        one.source is not None
        and one.source.party is not None
        and one.reporting.frame is Frame.VERB
        and one.reporting.cls is CueClass.DENY
        and one.reporting.end <= attribution.start
        for one in read.attributions
    )


_ECHO = 4
"""Words between a name and the words by which it does as another did, at most."""
_ECHOED = 2
"""Sentences back to what the other did, at most."""


def _echoed(read: Read, found: Sequence[Finding], memory: Memory) -> list[Finding]:
    """ "Moscow did so too", "so did Seoul": the last stance of another, which is now also that one's."""
    made: list[Finding] = []
    for start, end in read.words.at("echo"):
        near = [m for m in read.passage.mentions if m.party is not None and m.place in NOMINAL and not m.adjective]
        behind = next((m for m in near if m.start >= end and read.passage.apart(end, m.start) <= 1), None)
        before = next((m for m in reversed(near) if m.end <= start and read.passage.apart(m.end, start) <= _ECHO), None)
        who = behind or before
        others = [f for f in reversed(found) if who is not None and f.party != who.party and f.quote[1] <= start]
        recent = [f for f in others if read.sentence.index - f.attribution.sentence.index <= _ECHOED]
        last = next((f for f in recent if f.claim == memory.main), None) or next(iter(recent), None)
        if who is None or last is None or who.party is None:
            continue
        spoken = Attribution(read.sentence, Reporting(start, end, CueClass.SAY, Frame.VERB), who, ((start, end),), weak=True)
        made.append(finding_of(read, spoken, last.claim, who.party, last.stance, who, memory, None, None))
    return made


def _resolved(reads: Sequence[Read], at: int, memory: Memory) -> Iterable[Attribution]:
    """A sentence's attributions with their sources. Where the verb comes last a pronoun means nobody named in its own sentence."""
    read, here = reads[at], carried(reads, at)
    if not read.passage.language.pack.verb_final:
        return (one for attribution in here for one in resolved(attribution, memory, read))
    if here:
        memory.turn_to_topic()
    return [one for attribution in here for one in resolved(attribution, memory, read)]


def _unanswered(read: Read, here: Sequence[Attribution], made: Sequence[Finding], memory: Memory) -> list[Finding]:
    """ "Asked about the soldiers, X spoke of something else": who is asked about a claim and takes no stance on it evades it."""
    reached = [(p, end) for _, end in read.words.at("asked") for p in read.propositions if p.start >= end and not p.own]
    text = read.passage.text  # the comma of a clause does not part it: «на вопрос о том, воюют ли …»
    about = {p.claim: p for p, end in reached if not read.passage.crossed(end + (text[end : end + 1] == ","), p.start)}
    answer = next((a for a in here if a.reporting.cls is CueClass.SAY and a.outer is None and turn(a) is Turn.PLAIN), None)
    if answer is None or answer.source is None or answer.source.party is None or any(f.party == answer.source.party for f in made):
        return []
    return [
        finding_of(read, answer, claim, answer.source.party, Stance.DECLINE, answer.source, memory, None, None)
        for claim in ([memory.main] if memory.main in about else [*about][:1])
    ]


def _main_claim(reads: Sequence[Read]) -> str:
    """The claim that most sentences touch, the title counting twice; "" when none does."""
    counts: Counter[str] = Counter()
    for read in reads:
        counts.update({p.claim: 2 if read.sentence.field == "title" else 1 for p in sorted(read.propositions, key=lambda p: p.start)})
    return max(counts, key=lambda claim: counts[claim], default="")  # of those that are touched alike the first


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
            or turn(attribution) is not Turn.PLAIN
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
                made.append(finding_of(read, attribution, p.claim, source.party, taken, source, memory, None, None))
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
    if source is None or source.party is None or attribution.reporting.hypothetical or _in_question(read, attribution):
        return []
    outer = attribution.outer
    while outer is not None and (outer.source is None or outer.source.party is None or outer.source.party == source.party):
        outer = outer.outer
    made: list[Finding] = []
    own = [(a.source.start, a.source.end) for a in read.attributions if a.source and a.reporting.start == attribution.reporting.start]
    for window in attribution.content:
        here = without_implied(
            [
                p
                for p in read.propositions
                if reaches(p, attribution, window, own)
                and not _their_own(read, p, source.party)
                and not _denied_just_now(p, source.party, read, memory)
                and not _half_asked(read, p, window)
                and not claimed_by_inner(p, attribution, read)
                and not taken_inside(p, attribution, read)
            ]
        )
        if not here and _points(read, attribution, window):
            break
        evaded = [p.claim for p in here if p.sort == "evaded_by"]
        if evaded:  # who evades states nothing beside
            answered = attribution.reporting.cls is CueClass.SAY and turn(attribution) is Turn.PLAIN
            here = [p for p in here if p.claim in evaded and (not answered or p.sort == "evaded_by")]
        rejected = any(window[0] <= a and b <= window[1] for a, b in read.words.at("rejection"))
        asked = objects(here, attribution, verb_final=read.passage.language.pack.verb_final)
        for proposition, content in standings(read, asked, window, attribution.reporting.frame):
            taken = inner = stance_of(attribution, proposition, content, rejected, read.passage)
            if taken is Stance.AFFIRM and window != attribution.content[0] and _called_untrue(read, attribution):
                taken = inner = Stance.DENY
            if taken is None and content is Content.SPOKEN_OF and window != attribution.content[0] and _waved_away(read, attribution):
                taken = inner = Stance.DENY
            party, speaker = source.party, source
            if outer is not None and outer.source is not None and outer.source.party is not None:
                taken = reported(outer.reporting.cls, turn(outer), taken)
                party, speaker = outer.source.party, outer.source
            memory.trace.tried.append(Tried(read.sentence.index, proposition, attribution, content, inner, taken, outer))
            if taken is not None:
                made.append(finding_of(read, attribution, proposition.claim, party, taken, speaker, memory, proposition, outer))
        if made or here:
            return made
    return made + _pointed_back(read, attribution, memory, outer)


def _in_question(read: Read, attribution: Attribution) -> bool:
    """Whether an attribution is what somebody is asked: "asked whether it knew of the soldiers"."""
    source = attribution.source
    if source is None or not source.back:
        return False
    return any(b <= source.start and not read.passage.text[b : source.start].strip() for _, b in read.words.at("asked"))


def _denied_just_now(proposition: Proposition, party: str, read: Read, memory: Memory) -> bool:
    """Whether a claim only lies in a "they", and its party denied it in the sentence before: "Next they will find Martians"."""
    lone = proposition.implied and all(span in read.words.at("plural") for span in proposition.spans)
    last = memory.focus[-1] if memory.focus else None
    return lone and last is not None and last.denied_by == party and read.sentence.index - last.sentence <= 1


def _their_own(read: Read, proposition: Proposition, party: str) -> bool:
    """Whether a claim's people are the speaker's by "our", and the speaker is not whom they belong to: Kyiv's "our units"."""
    pack, text = read.passage.language.pack, read.passage.text
    plural = [a for a, b in proposition.spans if (a, b) in read.words.at("plural")]
    return any(
        m.owners
        and party not in m.owners
        and ((m.start, m.end) in proposition.spans or any(m.end <= a for a in plural))
        and text[m.start : m.end].lower().split()[0] in pack.ours
        and set(text[m.start : m.end].lower().split()).isdisjoint(pack.allied)
        for m in read.passage.mentions
    )


def _half_asked(read: Read, proposition: Proposition, window: Span) -> bool:
    """Whether of mere names that make a claim one stands in what somebody is asked about, before what is answered."""
    if len(proposition.names) < len(proposition.spans):
        return False
    return any(end <= a and b <= window[0] for _, end in read.words.at("asked") for a, b in proposition.spans)


def _called_untrue(read: Read, attribution: Attribution) -> bool:
    """Whether what stands before a cue is called untrue right after it: «сообщения об этом в Кремле назвали уткой»."""
    cue = attribution.reporting
    return (
        cue.cls is CueClass.SAY
        and not read.passage.language.pack.verb_final
        and any(
            0 <= read.passage.apart(cue.end, a) <= _CALLING and not read.passage.crossed(cue.end, a) for a, _ in read.words.at("rejection")
        )
    )


def _waved_away(read: Read, attribution: Attribution) -> bool:
    """Whether what is said calls untrue that which the rest of the sentence names: «"Это вброс", — прокомментировал X сообщения о Y»."""
    start, end = attribution.content[0]
    plain = attribution.reporting.cls is CueClass.SAY and turn(attribution) is Turn.PLAIN
    ahead = end <= attribution.reporting.start and read.passage.language.pack.case_marked
    return plain and ahead and any(start <= a and b <= end for a, b in read.words.at("rejection"))


def _points(read: Read, attribution: Attribution, window: Span) -> bool:
    """Whether a window holds a word that points back, for a cue that needs no more than that."""
    if attribution.reporting.cls not in _POINTING:
        return False
    return any(window[0] <= a and b <= window[1] for a, b in anaphors(read)) or _object_pronoun(read, attribution)


def _object_pronoun(read: Read, attribution: Attribution) -> bool:
    """Whether "it" or "them" stands right beside a cue: «не может их подтвердить»."""
    cue = attribution.reporting
    return any(0 <= read.passage.apart(b, cue.start) <= 1 or read.passage.text[cue.end : a].isspace() for a, b in read.words.at("object"))


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
    unsaid = cls is CueClass.SAY and not read.passage.language.pack.verb_final and turn(attribution) is not Turn.PLAIN
    strong = (cls in _POINTING or (unsaid and pointing)) and (
        pointing or cls is CueClass.DECLINE or attribution.reporting.frame is Frame.NOUN or bare(read, attribution)
    )
    if cls is CueClass.DECLINE and not pointing and beside(read, attribution):
        return []
    called = any(0 <= read.passage.apart(cue.end, a) <= _CALLING for a, _ in read.words.at("rejection")) or cue.start == cue.end - 1
    questioned = any(attribution.content[0][0] <= a and b <= attribution.content[0][1] for a, b in read.words.at("dubious"))
    doubted = any(0 <= read.passage.apart(cue.end, a) <= _CALLING for a, _ in read.words.at("dubious"))
    if cls is CueClass.SAY and ((rejected and called) or (questioned and doubted) or (pointing and (rejected or questioned))):
        taken = stance(cls, turn(attribution), Content.DENIED if rejected else Content.QUESTIONED)
    elif strong:
        taken = stance(cls, turn(attribution), Content.SPOKEN_OF)
    else:
        return []
    verb_final = read.passage.language.pack.verb_final
    reached = (
        attribution.start if verb_final else max(attribution.start, cue.start)
    )  # also what a headline names before its colon: "Kremlin on the troops: a fake"
    before = [p for p in read.propositions if p.end <= reached and (saying is None or _said_by(saying, p, read))]
    index = read.sentence.index
    if before:
        focus: Focus | None = Focus(max(before, key=lambda p: (not p.implied, p.end)).claim, index, "")
    elif saying is not None and saying in memory.taken:
        focus = Focus(memory.taken[saying], index, "")
    else:
        recap = any(window[0] <= a and b <= window[1] for window in attribution.content for a, b in read.words.at("recap"))
        plain = attribution.reporting.end, attribution.content[0][1]
        alone = cls is CueClass.DECLINE and not pointing and read.passage.apart(*plain) <= _BARE
        # "The first such admission by Pyongyang" is that of which the text tells.
        admission = cls is CueClass.CONFIRM and attribution.reporting.frame is Frame.NOUN
        left_open = read.passage.language.pack.verb_final and cls in (CueClass.DECLINE, CueClass.DOUBT)
        recap = recap or any(attribution.content[0][0] <= a and b <= attribution.content[0][1] for a, b in read.words.at("recap"))
        whole = recap or alone or admission or left_open or _object_pronoun(read, attribution)
        focus = (memory.matter(index) if whole else None) or memory.last(index) or (memory.only() if pointing else None)
        if focus is not None and cls is CueClass.DENY and focus.denied_by not in ("", source.party):
            focus = memory.matter(index) or focus  # who rejects what denies a claim does not deny that claim
        if memory.main and when_of(read.passage, attribution, None)[0] is When.PAST:
            focus = Focus(memory.main, index, "")  # a recap goes back to what the text is about
    if focus is None or taken is None:
        return []
    return [finding_of(read, attribution, focus.claim, source.party, taken, source, memory, None, None, focus.recalled)]


def _said_by(party: str, proposition: Proposition, read: Read) -> bool:
    """Whether a proposition stands in what a party is reported to say in its sentence."""
    return any(a.source is not None and a.source.party == party and inside(proposition, a.content[0]) for a in read.attributions)


def _saying(read: Read, attribution: Attribution) -> str | None:
    """The party whose words a cue is about: "denied Gerasimov's statement", «слова Герасимова опровергли»."""
    source = attribution.source
    for other in read.attributions:
        theirs = other.source.party if other.source else None
        anothers = other.reporting.frame is Frame.NOUN and source is not None and theirs != source.party
        if theirs and anothers and any(a <= other.reporting.start and other.reporting.end <= b for a, b in attribution.content):
            return theirs
    return None
