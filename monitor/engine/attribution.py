"""Fourth layer: who is the source of what.

An attribution joins a cue with its source and with the stretches in which its content can stand, the likelier one first. The frame of
the cue says where to look for both; the language's data says the rest. An attribution inside another's content is nested.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace

from monitor.engine.clauses import (
    agent_before,
    asked,
    carried_over,
    chained_windows,
    embedded,
    noun_content,
    said_until,
    subject,
    subjectless,
)
from monitor.engine.cues import Reporting, reporting_of
from monitor.engine.mentions import NOMINAL, Mention
from monitor.engine.passage import Passage
from monitor.engine.sentences import Sentence
from monitor.engine.sources import (
    addressed,
    adjacent,
    agent_of,
    another_subject,
    between_infinitive_and_verb,
    governor,
    having,
    impersonal,
    inverted,
    joined,
    locative_before,
    possessor,
    stranger,
)
from monitor.engine.terms import Hit
from monitor.engine.verbfinal import noun_as_verb, noun_windows, source_and_windows, stating
from monitor.engine.vocabulary import CueOf, LanguageMeaning
from monitor.language.pack import CueClass, Frame

Span = tuple[int, int]
_HEADING = 7
"""Words between a name and the colon that makes it a source, at most."""
_OPENING = 5
"""Words of a phrase that opens a sentence, at most: "In Seoul on Monday, …"."""
_DOER, _AGENT = 3, 2
"""Words between a verb and who does it, at most: before it ("has not yet"), behind it ("by the")."""
_PARTING = (",", "”", '"', "’", "—", "–")
_PARTICIPLES = ("ed", "told", "shown")
_CLOSING = ('"', "'", "”", "’", "»")


@dataclass(frozen=True, slots=True)
class Attribution:
    """Who reports what, in one sentence.

    source: the mention, or None when nobody is named. content: stretches where the content can stand, likelier first. weak: the source
    is a pronoun or was carried over. outer: the attribution in whose content this one stands.
    """

    sentence: Sentence
    reporting: Reporting
    source: Mention | None
    content: tuple[Span, ...]
    weak: bool = False
    outer: Attribution | None = None

    @property
    def start(self) -> int:
        """Where it begins: its source or its cue."""
        return min(self.reporting.start, self.source.start) if self.source else self.reporting.start


def with_deeds(passage: Passage) -> Passage:
    """The passage without those words for deeds that no source there does: "when the pier closed". They part nothing."""
    if not any(map(_is_deed, passage.words.cues)):
        return passage
    deeds = (one for one in attributions(passage) if one.reporting.cls is CueClass.DO and _does(passage, one))
    done = {(one.reporting.start, one.reporting.end) for one in deeds}
    kept = tuple(hit for hit in passage.words.cues if not _is_deed(hit) or (hit.start, hit.end) in done)
    return replace(passage, words=replace(passage.words, cues=kept))


def _is_deed(hit: Hit[LanguageMeaning]) -> bool:
    return isinstance(hit.meaning, CueOf) and hit.meaning.cls is CueClass.DO


def attributions(passage: Passage) -> list[Attribution]:
    """All attributions of a sentence, in order of their cues; sources that are pronouns stay unresolved (`Mention.back`)."""
    found: list[Attribution] = []
    frames = Counter((hit.start, hit.end) for hit in passage.words.cues if not _is_deed(hit))
    for hit in passage.words.cues:
        if isinstance(hit.meaning, CueOf) and _fits(passage, hit, hit.meaning, frames[hit.start, hit.end] > 1):
            found += _attribute(passage, reporting_of(passage, hit.start, hit.end, hit.meaning), found)
    found += _headline(passage, found)
    found = [_lent(a, found, any_side=passage.language.pack.clause_chains) for a in sorted(found, key=lambda a: a.reporting.start)]
    nested = _nested(passage, [_clipped(a, found, passage.text) for a in found])
    if not passage.language.pack.clause_chains:
        return nested
    return [replace(a, content=embedded(passage, a.reporting, a.content)) if a.outer else a for a in nested]


def _does(passage: Passage, one: Attribution) -> bool:
    """Whether a source does itself what a cue says, which is no speech: it stands right before the verb, or behind it as its agent."""
    source, cue = one.source, one.reporting
    if source is None or passage.language.pack.verb_final:
        return source is not None
    before = source.start < cue.start
    start, end = (source.end, cue.start) if before else (cue.end, source.start)
    return not passage.crossed(start, end) and passage.apart(start, end) <= (_DOER if before else _AGENT)


def _fits(passage: Passage, hit: Hit[LanguageMeaning], cue: CueOf, either: bool) -> bool:
    """Whether a word that is a verb or a noun is the one that this cue takes it for, by what stands right before it."""
    if cue.frame not in (Frame.VERB, Frame.NOUN) or not (either or (cue.frame is Frame.VERB and passage.language.pack.articles)):
        return True
    words, text = passage.words, passage.text
    owned = any(m.adjective and m.end <= hit.start and passage.apart(m.end, hit.start) <= 1 for m in passage.mentions)
    owned = owned or any(
        b <= hit.start and passage.apart(b, hit.start) <= 1 and not passage.crossed(b, hit.start) for _, b in words.at("possessive")
    )
    before = [a for a, b in words.at("article") if b <= hit.start and not text[b : hit.start].strip() and not _adverb(passage, a)]
    named = bool(before) or any(b <= hit.start and not text[b : hit.start].strip() for _, b in words.at("preposition"))
    if not either:
        return not named
    if not passage.language.pack.articles:
        return cue.frame is Frame.VERB
    led = any(b <= hit.start and not text[b : hit.start].strip() for _, b in words.at("oblique"))
    return (owned or named or led) is (cue.frame is Frame.NOUN)


def _adverb(passage: Passage, start: int) -> bool:
    """Whether an article's word stands right behind a name, where it is an adverb: "Seoul first reported it"."""
    return any(m.end < start and not m.adjective and m.speaks and passage.text[m.end : start].isspace() for m in passage.mentions)


_OPEN = (CueClass.DENY, CueClass.DOUBT, CueClass.DECLINE)
"""What nobody in particular does at the beginning of a sentence, whoever trails it does."""


def _lent(one: Attribution, found: Sequence[Attribution], *, any_side: bool) -> Attribution:
    """ "There is no evidence of it, X said", "We cannot confirm it, said X": a cue without a source has the one that trails."""
    if one.source is not None or one.reporting.frame is not Frame.VERB or one.reporting.cls not in _OPEN:
        return one
    trailing = [(a, a.source) for a in found if a.source and a.reporting.cls is CueClass.SAY and a.reporting.start >= one.reporting.end]
    for lender, source in trailing:
        said = lender.content if any_side else lender.content[:1]
        if min(start for start, _ in said) <= one.start and one.reporting.end <= source.start:
            return replace(one, source=source)
    return one


def _clipped(one: Attribution, found: Sequence[Attribution], text: str) -> Attribution:
    """Ends content on the right before a parenthesis-like attribution: "X admitted it, said Y"."""
    end = one.content[0][1]
    for other in found:
        if (
            other.source
            and one.source
            and other.source.start != one.source.start
            and other.reporting.frame is Frame.VERB
            and one.reporting.end < other.reporting.start < other.source.start
            and text[: other.reporting.start].rstrip()[-1:] in ",—–»"
            and one.content[0][0] >= one.reporting.end
        ):
            end = min(end, other.reporting.start)
    return one if end == one.content[0][1] else replace(one, content=((one.content[0][0], max(one.content[0][0], end)), *one.content[1:]))


def _attribute(passage: Passage, cue: Reporting, earlier: Sequence[Attribution]) -> list[Attribution]:
    sentence = passage.sentence
    refused = cue.frame is Frame.NOUN and cue.cls is CueClass.DECLINE
    if (cue.frame is Frame.ACCORDING or refused) and governor(passage, cue) is not None:
        # "Refrained from a confirmation of the reports": who refrains is the source, not whose reports they are.
        return _verb(passage, cue, earlier)
    if cue.frame is Frame.PREDICATE:
        return [Attribution(sentence, cue, None, ((sentence.start, cue.start), (cue.end, sentence.end)))]
    if cue.frame is Frame.NOUN and not (passage.language.pack.verb_final and noun_as_verb(passage, cue)):
        source = possessor(passage, cue)
        if source is None:
            return []
        if passage.language.pack.clause_chains:
            # A noun has its content before it, and nothing else.
            return [Attribution(sentence, cue, s, ((noun_content(passage, source.end), cue.start),)) for s in joined(passage, source)]
        after_before: tuple[Span, ...] = ((cue.end, _noun_until(passage, source)), (sentence.start, cue.start))
        if passage.language.pack.articles and _opens_clause(passage, cue):
            after_before = after_before[:1]
        windows = noun_windows(passage, cue, source) if passage.language.pack.verb_final else after_before
        return [Attribution(sentence, cue, s, windows) for s in joined(passage, source)]
    if cue.frame is Frame.ACCORDING:
        source = next(
            (
                m
                for m in passage.mentions
                if m.start >= cue.end and m.speaks and passage.apart(cue.end, m.start) <= 3 and not passage.crossed(cue.end, m.start)
            ),
            None,
        )
        group = joined(passage, source)
        return [_rest(sentence, cue, s, max(one.end for one in group)) for s in group]
    if cue.frame is Frame.FOLLOWING:
        source = next((m for m in reversed(passage.mentions) if m.end <= cue.start and m.speaks and cue.start - m.end <= 8), None)
        return [_rest(sentence, cue, s) for s in joined(passage, source)]
    return _verb(passage, cue, earlier)


def _opens_clause(passage: Passage, noun: Reporting) -> bool:
    """Whether what a noun is about stands right behind it: "the claim that …", "the claim to have …", "statements about …"."""
    clause = any(0 <= a - noun.end <= 1 for a, _ in passage.words.at("complementizer"))
    about = any(a <= noun.start and noun.end < b for a, b in passage.words.at("hearsay"))
    return clause or about or passage.text.startswith(" to ", noun.end)


def _noun_until(passage: Passage, source: Mention) -> int:
    """Where the content of a noun ends: at a comma that opens no clause («вопреки словам Москвы, …», «слова Москвы неверны, …»)."""
    sentence = passage.sentence
    comma = passage.text.find(",", source.end, sentence.end)
    if not passage.language.pack.case_marked or comma < 0:
        return sentence.end
    opened = any(0 <= passage.apart(comma, a) <= 1 for a, _ in passage.words.at("complementizer") if a > comma)
    return sentence.end if opened else comma


def _rest(sentence: Sentence, cue: Reporting, source: Mention, joined_until: int = 0) -> Attribution:
    """Content on the other side of a parenthesis-like attribution, with all who are joined to its source: after it, else before it."""
    first, last = min(source.start, cue.start), max(source.end, cue.end, joined_until)
    return Attribution(sentence, cue, source, ((last, sentence.end), (sentence.start, first)))


def _verb(passage: Passage, cue: Reporting, earlier: Sequence[Attribution]) -> list[Attribution]:
    sentence, pack = passage.sentence, passage.language.pack
    if pack.verb_final:
        source, stretches = source_and_windows(passage, cue, [(a.reporting, a.source) for a in earlier])
        cue = stating(passage, cue)
        sources: list[Mention | None] = [*joined(passage, source)]
        return [Attribution(sentence, cue, s, stretches) for s in sources or [None]]
    if pack.clause_chains:
        return _chained(passage, cue, earlier)
    agent = agent_of(passage, cue)
    if agent is not None:
        opened = _clause_start(passage, cue.start)
        passive = ((opened, cue.start), (max(cue.end, agent.end), sentence.end), (sentence.start, opened))
        return [Attribution(sentence, cue, s, passive) for s in joined(passage, agent)]
    owner = having(passage, cue)
    if owner is not None:
        return [
            Attribution(sentence, cue, s, ((cue.end, _clause_end(passage, cue.end)), (sentence.start, cue.start)))
            for s in joined(passage, owner)
        ]
    middle = between_infinitive_and_verb(passage, cue)
    if middle is not None:
        around = ((cue.end, middle.start), (middle.end, _clause_end(passage, middle.end)), (sentence.start, cue.start))
        return [Attribution(sentence, cue, s, around) for s in joined(passage, middle)]
    candidates = [
        m for m in passage.mentions if m.end <= cue.start and m.speaks and m.place in NOMINAL and passage.same_quotation(m.start, cue.start)
    ]
    before = _subject(passage, candidates, cue)
    if before is not None and before.place != "locative" and _undergone(passage, cue):
        before = None  # who was told is not who tells
    if before is not None and another_subject(passage, before.end, cue.start):
        before = None
    if before is None or before.place not in ("topic", "subject") or passage.crossed(before.end, cue.start):
        before = locative_before(passage, cue) or before
    if before is not None and not pack.verb_final and _another_speaks(passage, before, cue):
        before = None
    after = (
        next(
            (
                m
                for m in passage.mentions
                if m.start >= cue.end
                and m.speaks
                and (m.place in NOMINAL or (m.place == "locative" and impersonal(passage, cue)))
                and (adjacent(passage, cue.end, m.start) or addressed(passage, cue, m))
            ),
            None,
        )
        if pack.inverted
        else None
    )
    after = _told(passage, after)
    if after is not None and _said_of(passage, cue, after):
        after = None
    if after is not None and after.pronoun and _has_a_verb(passage, after):
        after = None
    if after is not None and (before is None or inverted(passage, before, cue, after)):
        stop = _clause_end(passage, after.end)
        opened = _after_semicolon(passage, cue.start)
        return [Attribution(sentence, cue, s, ((opened, cue.start), (after.end, stop))) for s in joined(passage, after)]
    behind, known = stranger(passage, cue) if after is None else (False, None)
    if behind:
        both_sides = ((_after_semicolon(passage, cue.start), cue.start), (cue.end, _clause_end(passage, cue.end)))
        strangers: list[Mention | None] = [*joined(passage, known)]
        return [Attribution(sentence, cue, s, both_sides) for s in strangers or [None]]
    first = before.start if before else cue.start
    opened = max(
        [
            sentence.start,
            _after_colon(passage, first),
            *(a.reporting.end for a in earlier if a.reporting.end <= first and _holds(a)),
        ]
    )
    windows: tuple[Span, ...] = ((cue.end, _reported_next(passage, cue)), (opened, cue.start))
    if before is None:
        return [Attribution(sentence, cue, _same_speaker(passage, cue, earlier), windows)]
    if pack.articles and any(a.source is not None and a.source.start == before.start for a in earlier):
        windows = windows[:1]  # what stands before is what the source's other cue is about
    named = joined(passage, before)
    if _trails(passage, cue, min(s.start for s in named)):
        before_it = [a.reporting.end for a in earlier if a.reporting.end <= first and _frames(a)]
        windows = ((max([sentence.start, *before_it]), windows[0][1]), *windows)
    if not pack.verb_final and not cue.cue_negated and _negated_subject(passage, min(s.start for s in named)):
        cue = replace(cue, negated=True)
    return [Attribution(sentence, cue, s, windows) for s in named]


def _undergone(passage: Passage, cue: Reporting) -> bool:
    """Whether a verb stands in the passive, by the auxiliary right before it: "they were told", but not "Moscow is denying it"."""
    passive = any(b <= cue.start and not passage.text[b : cue.start].strip() for _, b in passage.words.at("passive"))
    return passive and passage.language.pack.articles != () and passage.text[cue.start : cue.end].lower().endswith(_PARTICIPLES)


def _has_a_verb(passage: Passage, pronoun: Mention) -> bool:
    """Whether a pronoun behind a verb is the subject of what follows: "said they had come", but not "…, said he."."""
    return passage.language.pack.articles != () and passage.text[pronoun.end : pronoun.end + 1] == " "


def _said_of(passage: Passage, cue: Reporting, after: Mention) -> bool:
    """Whether a name behind a verb begins what somebody else says: "the union said that Corvane will", "the union said Corvane will".

    Where verbs come before objects a subject stands behind its verb only after what it says.
    """
    if any(cue.end <= a and b <= after.start for a, b in passage.words.at("complementizer")):
        return True
    ahead = passage.text[passage.sentence.start : cue.start].rstrip()
    return passage.language.pack.articles != () and ahead[-1:].isalnum()


def _holds(earlier: Attribution) -> bool:
    """Whether what stands behind an earlier cue is its own and no later source's."""
    return earlier.reporting.cls is not CueClass.ASK and not (earlier.source is None and earlier.reporting.cls in _OPEN)


def _frames(earlier: Attribution) -> bool:
    """Whether an earlier cue reports what follows up to its end, also what trails: "Kyiv said that …, he added"."""
    return earlier.reporting.cls is CueClass.SAY and earlier.reporting.frame is not Frame.NOUN


def _told(passage: Passage, after: Mention | None) -> Mention | None:
    """The subject behind an outlet that is told: «рассказал Би-би-си чиновник»."""
    if after is None or not after.outlet or after.party is not None or not passage.language.pack.case_marked:
        return after
    following = next((m for m in passage.mentions if m.start >= after.end and m.speaks and m.place in NOMINAL), None)
    told = following is not None and following.party is not None and adjacent(passage, after.end, following.start)
    return following if told else after


def _trails(passage: Passage, cue: Reporting, first: int) -> bool:
    """Whether a source with its verb comes after what it says: "North Korea sent them, the ministry said on Monday."."""
    if not passage.language.pack.articles or cue.cls not in (CueClass.SAY, CueClass.CONFIRM) or first <= passage.sentence.start:
        return False
    first = next((a for a, b in passage.words.at("article") if b <= first and not passage.text[b:first].strip()), first)
    before, after = passage.text[passage.sentence.start : first].rstrip(), passage.text[cue.end : passage.sentence.end].lstrip()
    opened = any(0 <= a - cue.end <= 1 for a, _ in passage.words.at("complementizer"))
    return (
        before[-1:] in _PARTING
        and (passage.apart(passage.sentence.start, first) > _OPENING or before[-1:] in _CLOSING)
        and not opened
        and after[:1] not in (":", "“", '"')
    )


def _negated_subject(passage: Passage, start: int) -> bool:
    """ "Neither Moscow nor Pyongyang has confirmed", "no Russian official has said": whether a negation stands right before the subject."""
    return any(b <= start and not passage.text[b:start].strip() for _, b in passage.words.at("negation"))


def _chained(passage: Passage, cue: Reporting, earlier: Sequence[Attribution]) -> list[Attribution]:
    """A verb where clauses follow one another by commas alone; it has its subject, or an agent, before it."""
    sentence = passage.sentence
    if asked(passage, cue):
        return []
    agent = agent_before(passage, cue)
    right = (cue.end, said_until(passage, cue.end, _clause_end(passage, cue.end)))
    if agent is not None:
        said = max([sentence.start, *(a.reporting.end for a in earlier if a.reporting.end <= agent.start and _frames(a))])
        return [Attribution(sentence, cue, s, ((said, agent.start), right)) for s in joined(passage, agent)]
    candidates = [
        m for m in passage.mentions if m.end <= cue.start and m.speaks and m.place in NOMINAL and passage.same_quotation(m.start, cue.start)
    ]
    source = subject(passage, cue, candidates)
    if source is None:
        if not subjectless(passage, cue):
            return []
        source = carried_over(passage, cue, candidates, [a.source for a in earlier if a.source is not None and a.source.place in NOMINAL])
    opened = max(
        [sentence.start, *(a.reporting.end for a in earlier if a.reporting.end <= (source.start if source else cue.start) and _holds(a))]
    )
    windows = chained_windows(passage, cue, opened, right[1])
    if source is None:
        return [Attribution(sentence, cue, None, windows)]
    return [Attribution(sentence, cue, s, windows) for s in joined(passage, source)]


def _after_colon(passage: Passage, first: int) -> int:
    """Where a clause begins that stands after a colon or a semicolon, unless that opens a quotation; the sentence's start without one."""
    sentence = passage.sentence
    mark = max(passage.text.rfind(sign, sentence.start, first) for sign in ":;")
    if not passage.language.pack.case_marked or mark < 0 or passage.text[mark + 1 : first].lstrip()[:1] in tuple('«"“„'):
        return sentence.start
    return mark + 1


def _after_semicolon(passage: Passage, end: int) -> int:
    """Where the clause that ends here begins: after the last semicolon outside a quotation."""
    mark = passage.text.rfind(";", passage.sentence.start, end)
    return mark + 1 if mark >= 0 and not passage.sentence.quoted(mark) else passage.sentence.start


def _same_speaker(passage: Passage, cue: Reporting, earlier: Sequence[Attribution]) -> Mention | None:
    """The source of the clause above, for a verb of a subordinate clause without a subject: «в НАТО заявили, что не могут подтвердить»."""
    if not passage.language.pack.case_marked:
        return None
    opened = max((b for _, b in passage.words.at("complementizer") if b <= cue.start), default=-1)
    above = next((a for a in reversed(earlier) if a.source is not None and a.reporting.end <= opened), None)
    return above.source if above is not None and passage.same_quotation(above.reporting.start, cue.start) else None


def _another_speaks(passage: Passage, before: Mention, cue: Reporting) -> bool:
    """Whether somebody who speaks for nobody stands right before the cue: "Russia has agreed, South Korean analysts said"."""
    return any(
        before.end <= m.start
        and m.end <= cue.start
        and not m.speaks
        and passage.apart(m.end, cue.start) <= 2
        and not passage.crossed(m.end, cue.start)
        for m in passage.mentions
        if m.place in NOMINAL and passage.crossed(before.end, m.start)
    )


def _subject(passage: Passage, candidates: Sequence[Mention], cue: Reporting) -> Mention | None:
    """The nearest name before a verb; not the object of the verb before it, in «Ким посетил посольство России и сказал»."""
    nearest = next(reversed(candidates), None)
    if nearest is None or not passage.language.pack.case_marked or nearest.person or nearest.back or len(candidates) < 2:
        return nearest
    joint = passage.text[nearest.end : cue.start]
    joined = any(nearest.end <= a and b <= cue.start and joint.strip() == passage.text[a:b] for a, b in passage.words.at("conjunction"))
    apart = passage.apart(candidates[-2].end, nearest.start)
    return candidates[-2] if joined and apart and not passage.crossed(candidates[-2].end, nearest.start) else nearest


def _clause_end(passage: Passage, start: int) -> int:
    """Where content that starts here ends: at a semicolon, or where a coordinator opens a clause with a source and a cue of its own."""
    sentence, words = passage.sentence, passage.words
    stops = [sentence.end]
    semicolon = passage.text.find(";", start, sentence.end)
    if semicolon >= 0 and not sentence.quoted(semicolon):
        stops.append(semicolon)
    for a, b in words.at("coordinator"):
        if a >= start and not sentence.quoted(a):
            speaker = next((m for m in passage.mentions if m.start >= b and (m.party or m.outlet) and passage.apart(b, m.start) <= 6), None)
            agent = any(b <= x for x, _ in words.at("agent"))
            if any(
                _same_subject(passage, b, c.start) or (c.start >= b and ((speaker is not None and c.start >= speaker.end) or agent))
                for c in words.cues
            ):
                stops.append(a)
    return min(stops)


def _reported_next(passage: Passage, cue: Reporting) -> int:
    """Where the content of a cue ends; that of an evasion also where its source goes on: "declined to say, adding that …"."""
    end = _clause_end(passage, cue.end)
    if cue.cls is not CueClass.DECLINE:
        return end
    return min([end, *(c.start for c in passage.words.cues if cue.end < c.start and "," in passage.text[cue.end : c.start])])


def _same_subject(passage: Passage, coordinator: int, cue: int) -> bool:
    """Whether a coordinator opens a clause that goes on with the subject: "called it false, but now answers that …"."""
    return (
        passage.language.pack.drops_subject
        and cue >= coordinator
        and passage.apart(coordinator, cue) <= 2
        and not passage.crossed(coordinator, cue)
    )


def _clause_start(passage: Passage, end: int) -> int:
    """Where the clause that ends here begins: after the last coordinator outside a quotation."""
    sentence = passage.sentence
    return max([sentence.start, *(b for _, b in passage.words.at("coordinator") if b <= end and not sentence.quoted(b))])


def _headline(passage: Passage, earlier: Sequence[Attribution]) -> list[Attribution]:
    """ "Seoul: …", "… – Kremlin", and in headlines a name with a quotation right after it."""
    text, sentence = passage.text, passage.sentence
    found: list[Attribution] = []
    for mention in passage.mentions:
        if (
            not (mention.party or mention.outlet)
            or mention.place in ("locative", "oblique")
            or sentence.quoted(mention.start)
            or any(a.source and a.source.start == mention.start for a in earlier)
        ):
            continue
        rest = text[mention.end : sentence.end]
        mark = _heads(passage, mention)
        if mark is not None and sentence.end - mark > 3 and passage.apart(sentence.start, mention.start) <= 2:
            found.append(_implied(sentence, mention, mark, ((mark + 1, sentence.end),)))
        elif _trailing(passage, mention, rest) or _after_quotation(passage, mention):
            around = ((sentence.start, mention.start), (mention.end, sentence.end))
            found.append(_implied(sentence, mention, mention.start, around[:1] if passage.language.pack.verb_final else around))
        elif (
            any(0 <= a - mention.end <= 3 for a, _ in sentence.quotes)
            and mention.place in NOMINAL
            and not mention.adjective
            and passage.language.pack.verb_final
        ):
            opened, closed = min((a, b) for a, b in sentence.quotes if a >= mention.end)
            another = any(closed < m.start and any(0 <= a - m.end <= 3 for a, _ in sentence.quotes) for m in passage.mentions)
            found.append(_implied(sentence, mention, mention.end, ((opened, closed if another else sentence.end),)))
    return found


def _heads(passage: Passage, mention: Mention) -> int | None:
    """Where the colon stands that makes a name the source of what follows: "Seoul: …", «Путин в Пекине: …», «Кремль про войска КНДР: …»."""
    sentence = passage.sentence
    mark = min((at for at in (passage.text.find(sign, mention.end, sentence.end) for sign in ":：") if at >= 0), default=-1)
    if mark < 0:
        return None
    between = passage.text[mention.end : mark]
    if not between.strip():
        return mark
    # Between the name and the colon may stand where it spoke and what about, after a preposition, but no verb that reports.
    cued = any(mention.end <= c.start < mark for c in passage.words.cues)
    adjunct = any(
        a - mention.end <= 3 and a >= mention.end and not passage.text[mention.end : a].strip(" —–") for a, _ in passage.words.at("oblique")
    )
    fits = (
        mention.place == "subject"
        and adjunct
        and not cued
        and passage.apart(mention.end, mark) <= _HEADING
        and not passage.crossed(mention.end, mark)
    )
    return mark if fits else None


def _trailing(passage: Passage, mention: Mention, rest: str) -> bool:
    """Whether a headline ends with a dash and the name; where names have cases, also any sentence: «…, — Минобороны Украины.»."""
    before = passage.text[passage.sentence.start : mention.start].rstrip()
    if rest.strip(" .") or before[-1:] not in ("–", "—", "-"):
        return False
    closed = before[:-1].rstrip()[-1:] in (",", *_CLOSING)
    named = closed or mention.person or not mention.bare
    return passage.sentence.field == "title" or (passage.language.pack.case_marked and named and mention.place in NOMINAL)


def _after_quotation(passage: Passage, mention: Mention) -> bool:
    """Whether a name has the quotation right before it: in a headline behind a colon, anywhere in parentheses."""
    before = passage.text[passage.sentence.start : mention.start].rstrip()
    if mention.end - mention.start > 60 or not before:
        return False
    if before[-1] == "(":
        return before[:-1].rstrip()[-1:] in _CLOSING and passage.text.find(")", mention.end, mention.end + 30) >= 0
    return passage.sentence.field == "title" and before[-1] == ":" and before[:-1].rstrip()[-1:] in _CLOSING


def _implied(sentence: Sentence, mention: Mention, mark: int, content: tuple[Span, ...]) -> Attribution:
    return Attribution(sentence, Reporting(mark, mark + 1, CueClass.SAY, Frame.VERB), replace(mention, adjective=False), content)


def _clause_of(passage: Passage, noun: Attribution, inner: Attribution) -> bool:
    """Whether what stands behind a noun is its clause: "claims that Moscow denied it", but not "the claims were denied by Moscow"."""
    start = noun.reporting.end
    opened = any(0 <= a - start <= 1 for a, _ in passage.words.at("complementizer"))
    return not passage.language.pack.complementizers or (opened and inner.source is not None and inner.source.start < inner.reporting.start)


def _aside(passage: Passage, outer: Attribution, inner: Attribution) -> bool:
    """Whether a relative clause only describes a name in the object of a cue: "replied to Pyongyang, which had confirmed that …"."""
    source, end = inner.source, outer.reporting.end
    if source is None or (source.start, source.end) not in passage.words.at("relative") or outer.reporting.frame is Frame.NOUN:
        return False
    clause = any(end <= a < source.start for a, _ in passage.words.at("complementizer"))
    return passage.language.pack.case_marked and source.start >= end and not clause and not passage.sentence.quoted(source.start)


def _taken_up(passage: Passage, outer: Attribution, inner: Attribution) -> bool:
    """Whether what a source confirms or denies is another's: "confirming reports from Kyiv" leaves to Kyiv what it reported."""
    taking, named = outer.reporting, inner.reporting
    return (
        taking.cls in (CueClass.CONFIRM, CueClass.DENY)
        and named.frame is Frame.ACCORDING
        and passage.language.pack.articles != ()
        and 0 <= passage.apart(taking.end, named.start) <= _OPENING
        and not passage.crossed(taking.end, named.start)
    )


def _nested(passage: Passage, found: list[Attribution]) -> list[Attribution]:
    """Gives each attribution the innermost other one in whose likelier content it stands whole."""
    made: list[Attribution] = []
    for one in found:
        outers = [
            other
            for other in found
            if other is not one
            and other.source is not None
            and one.source is not None
            and other.source.start != one.source.start
            and other.reporting.start != one.reporting.start
            # "Moscow rejected American allegations": a noun with its own possessor stands for itself.
            and one.reporting.frame is not Frame.NOUN
            and not _aside(passage, other, one)
            and not any(_taken_up(passage, third, one) for third in found)
            and not (passage.language.pack.articles and one.content[0][0] <= other.start)  # it trails all of that
            and (other.reporting.frame is not Frame.NOUN or _clause_of(passage, other, one))
            and other.content[0][0] <= one.start
            and max(one.reporting.end, one.source.end) <= other.content[0][1]
        ]
        outer = min(outers, key=lambda o: o.content[0][1] - o.content[0][0], default=None)
        asides = [a.source.start for a in found if a.source and _aside(passage, one, a) and one.content[0][0] <= a.source.start]
        until = min([one.content[0][1], *asides])
        made.append(replace(one, outer=outer, content=((one.content[0][0], until), *one.content[1:])))
    return made
