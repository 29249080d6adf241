"""Third and fourth layer: reporting words, and who is the source of what.

An attribution joins a cue with its source and with the stretches in which its content can stand, the likelier one first. The frame of
the cue says where to look for both; the language's data says the rest. An attribution inside another's content is nested.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from monitor.engine.mentions import NOMINAL, Mention, words_between
from monitor.engine.sentences import Sentence
from monitor.engine.terms import Hit, is_hangul, longest
from monitor.engine.vocabulary import CueOf, Language, LanguageMeaning, RoleOf
from monitor.language.pack import CueClass, Frame

Span = tuple[int, int]
_JOINTS = ("", "、", "·", "와", "과", "및")
"""What is left between two joined names when the conjunctions are taken out."""
_REACH = 4
"""Words between a cue and the operator that governs it, at most."""


@dataclass(frozen=True, slots=True)
class Reporting:
    """A cue with what governs it. cue None: a colon, a dash or a quotation that follows a name."""

    start: int
    end: int
    cls: CueClass
    frame: Frame
    negated: bool = False
    unable: bool = False
    pluperfect: bool = False
    hypothetical: bool = False


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


@dataclass(frozen=True, slots=True)
class Words:
    """The language's words in a sentence, by what they do."""

    cues: tuple[Hit[LanguageMeaning], ...]
    roles: dict[str, tuple[Span, ...]] = field(default_factory=dict)

    def at(self, role: str) -> tuple[Span, ...]:
        """Stretches of the words with this role."""
        return self.roles.get(role, ())


def words_of(hits: Sequence[Hit[LanguageMeaning]], named: Sequence[Mention]) -> Words:
    """Sorts the language's hits in a sentence. A cue that overlaps a name, or lies inside an office ("state media"), is part of that."""
    offices = [(h.start, h.end) for h in hits if isinstance(h.meaning, RoleOf) and h.meaning.role == "office"]
    taken = [(m.start, m.end) for m in named if not m.back]
    cues = [
        h
        for h in hits
        if isinstance(h.meaning, CueOf)
        and all(h.end <= a or b <= h.start for a, b in taken)
        and not any(a <= h.start and h.end <= b and b - a > h.end - h.start for a, b in offices)
    ]
    turning = ("negation", "unable", "hypothetical", "hearsay", "rejection", "past", "now")
    operators = [h for h in hits if isinstance(h.meaning, RoleOf) and h.meaning.role in turning]
    masked = {
        id(h) for h in operators if any(o.start <= h.start and h.end <= o.end and o.end - o.start > h.end - h.start for o in operators)
    }
    hits = [h for h in hits if id(h) not in masked]
    roles: dict[str, list[Span]] = {}
    for hit in hits:
        if isinstance(hit.meaning, RoleOf):
            roles.setdefault(hit.meaning.role, []).append((hit.start, hit.end))
    kept: dict[Span, Hit[LanguageMeaning]] = {}
    for hit in longest(cues):
        kept.setdefault((hit.start, hit.end), hit)
    return Words(tuple(kept.values()), {role: tuple(spans) for role, spans in roles.items()})


def attributions(text: str, sentence: Sentence, named: Sequence[Mention], words: Words, language: Language) -> list[Attribution]:
    """All attributions of a sentence, in order of their cues; sources that are pronouns stay unresolved (`Mention.back`)."""
    found: list[Attribution] = []
    for hit in words.cues:
        if isinstance(hit.meaning, CueOf):
            found += _attribute(
                text, sentence, _reporting(text, hit.start, hit.end, hit.meaning, words, language), named, words, language, found
            )
    found += _headline(text, sentence, named, language, found)
    return _nested([_clipped(a, found, text) for a in sorted(found, key=lambda a: a.reporting.start)])


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


def _reporting(text: str, start: int, end: int, cue: CueOf, words: Words, language: Language) -> Reporting:
    def before(role: str, reach: int = _REACH) -> bool:
        return any(b <= start and 0 <= words_between(text, b, start) < reach and not _crossed(text, b, start) for _, b in words.at(role))

    def after(role: str) -> bool:
        return any(end <= a and a - end <= 6 for a, _ in words.at(role)) or any(start < a < end <= b for a, b in words.at(role))

    def later(role: str) -> bool:
        word_end = end
        while word_end < len(text) and text[word_end].isalpha():
            word_end += 1
        if not language.pack.infinitive or not text[start:word_end].lower().endswith(language.pack.infinitive):
            return False
        return any(a >= end and words_between(text, word_end, a) <= 8 and not _crossed(text, word_end, a) for a, _ in words.at(role))

    verb_final = language.pack.verb_final
    negated = not cue.negated and (before("negation", 3) if not verb_final else after("negation"))
    return Reporting(
        start,
        end,
        cue.cls,
        cue.frame,
        negated=negated,
        unable=before("unable", 3) or later("unable") or (verb_final and after("unable")),
        pluperfect=before("pluperfect", 2) or (verb_final and after("pluperfect")),
        hypothetical=before("hypothetical", 3) or (verb_final and after("hypothetical")),
    )


def _crossed(text: str, start: int, end: int) -> bool:
    return any(mark in text[start:end] for mark in ",;:.，；：。")


def _attribute(
    text: str,
    sentence: Sentence,
    cue: Reporting,
    named: Sequence[Mention],
    words: Words,
    language: Language,
    earlier: Sequence[Attribution],
) -> list[Attribution]:
    if cue.frame is Frame.PREDICATE:
        return [Attribution(sentence, cue, None, ((sentence.start, cue.start), (cue.end, sentence.end)))]
    if cue.frame is Frame.NOUN:
        source = _possessor(text, cue, named, words)
        return (
            [
                Attribution(sentence, cue, s, ((cue.end, sentence.end), (sentence.start, cue.start)))
                for s in _joined(text, source, named, words)
            ]
            if source
            else []
        )
    if cue.frame is Frame.ACCORDING:
        source = next(
            (
                m
                for m in named
                if m.start >= cue.end and m.speaks and words_between(text, cue.end, m.start) <= 3 and not _crossed(text, cue.end, m.start)
            ),
            None,
        )
        return [_rest(sentence, cue, s) for s in _joined(text, source, named, words)]
    if cue.frame is Frame.FOLLOWING:
        source = next((m for m in reversed(named) if m.end <= cue.start and m.speaks and cue.start - m.end <= 8), None)
        return [_rest(sentence, cue, s) for s in _joined(text, source, named, words)]
    return _verb(text, sentence, cue, named, words, language, earlier)


def _rest(sentence: Sentence, cue: Reporting, source: Mention) -> Attribution:
    """Content on the other side of a parenthesis-like attribution: after it, else before it."""
    first, last = min(source.start, cue.start), max(source.end, cue.end)
    return Attribution(sentence, cue, source, ((last, sentence.end), (sentence.start, first)))


def _possessor(text: str, cue: Reporting, named: Sequence[Mention], words: Words) -> Mention | None:
    """ "Moscow's denial", "American allegations", "the first confirmation of it by Moscow"."""
    before = next(
        (
            m
            for m in reversed(named)
            if m.end <= cue.start and words_between(text, m.end, cue.start) <= 2 and (m.party or m.back) and m.place != "agent"
        ),
        None,
    )
    if before is not None:
        return replace(before, adjective=False)
    for _, agent_end in words.at("agent"):
        if agent_end > cue.end:
            after = next((m for m in named if m.start >= agent_end and words_between(text, agent_end, m.start) <= 2 and m.party), None)
            if after is not None:
                return after
    return next(
        (
            m
            for m in named
            if m.start >= cue.end and words_between(text, cue.end, m.start) <= 1 and m.place in ("possessor", "agent") and m.party
        ),
        None,
    )


def _joined(text: str, source: Mention | None, named: Sequence[Mention], words: Words) -> list[Mention]:
    """A source with those that are joined to it: "Moscow and Pyongyang"."""
    if source is None:
        return []
    group = [source]
    for mention in reversed([m for m in named if m.end <= source.start]):
        between, rest = _between(text, mention.end, group[-1].start, words)
        # A comma alone joins only in a list that ends with a conjunction: "A, B and C", but not "in Russia, Seoul says".
        listed = rest == "," and len(group) > 1
        joined = between.strip() != "" and (rest in _JOINTS or listed)
        if mention.party is None or mention.place == "oblique" or len(between) > 14 or not joined:
            break
        group.append(replace(mention, adjective=False))
    last = source
    for mention in [m for m in named if m.start >= source.end]:
        between, rest = _between(text, last.end, mention.start, words)
        if mention.party is None or len(between) > 8 or not between.strip() or rest or mention.place not in (source.place, "free"):
            break
        group.append(replace(mention, adjective=False))
        last = mention
    return group


def _between(text: str, start: int, end: int, words: Words) -> tuple[str, str]:
    """What stands between two names, and what is left of it without its conjunctions."""
    between = text[start:end]
    blanked = list(between)
    for a, b in words.at("conjunction"):
        if start <= a and b <= end:
            blanked[a - start : b - start] = " " * (b - a)
    return between, "".join(blanked).strip()


def _verb(
    text: str,
    sentence: Sentence,
    cue: Reporting,
    named: Sequence[Mention],
    words: Words,
    language: Language,
    earlier: Sequence[Attribution],
) -> list[Attribution]:
    agent = _agent(text, cue, named, words)
    if agent is not None:
        opened = _clause_start(cue.start, sentence, words)
        passive = ((opened, cue.start), (max(cue.end, agent.end), sentence.end), (sentence.start, opened))
        return [Attribution(sentence, cue, s, passive) for s in _joined(text, agent, named, words)]
    candidates = [
        m
        for m in named
        if m.end <= cue.start and m.speaks and m.place in NOMINAL and sentence.quoted(m.start) == sentence.quoted(cue.start)
    ]
    before = _topic(text, candidates, sentence) if language.pack.verb_final else next(reversed(candidates), None)
    if before is None or before.place not in ("topic", "subject") or _crossed(text, before.end, cue.start):
        before = _locative_before(text, sentence, cue, named, language) or before
    after = (
        next(
            (
                m
                for m in named
                if m.start >= cue.end
                and m.speaks
                and (m.place in NOMINAL or (m.place == "locative" and _impersonal(text, cue, language)))
                and _adjacent(text, cue.end, m.start)
            ),
            None,
        )
        if language.pack.inverted
        else None
    )
    if after is not None and (before is None or _inverted(text, before, cue, after, sentence)):
        stop = _clause_end(text, after.end, sentence, named, words)
        return [Attribution(sentence, cue, s, ((sentence.start, cue.start), (after.end, stop))) for s in _joined(text, after, named, words)]
    first = before.start if before else cue.start
    opened = max([sentence.start, *(a.reporting.end for a in earlier if a.reporting.end <= first)])
    left, right = (
        (before.end if before and language.pack.verb_final else opened, first if language.pack.verb_final else cue.start),
        (cue.end, _clause_end(text, cue.end, sentence, named, words)),
    )
    verb_final = ((before.end if before else sentence.start, cue.start), (opened, first))
    windows = verb_final if language.pack.verb_final else (right, left)
    if before is None:
        return [Attribution(sentence, cue, None, windows)]
    return [Attribution(sentence, cue, s, windows) for s in _joined(text, before, named, words)]


def _topic(text: str, candidates: Sequence[Mention], sentence: Sentence) -> Mention | None:
    """Who reports where the verb comes last: the nearest topic, else the first subject, else the first bare name.

    The nearest subject is that of the content: "국정원은 북한이 보냈다고 밝혔다". In a text a bare name before a noun describes it.
    """
    topics = [m for m in candidates if m.place == "topic" or m.back]
    if topics:
        return topics[-1]
    subjects = [m for m in candidates if m.place == "subject"]
    free = [
        m
        for m in candidates
        if sentence.field == "title" or not (text[m.end : m.end + 1] == " " and is_hangul(text[m.end + 1 : m.end + 2] or " "))
    ]
    return next(iter(subjects or free), None)


def _impersonal(text: str, cue: Reporting, language: Language) -> bool:
    """Whether the verb can stand without a subject: "в Кремле заявили"."""
    end = cue.end
    while end < len(text) and text[end].isalpha():
        end += 1
    return bool(language.pack.impersonal) and any(word.lower().endswith(language.pack.impersonal) for word in text[cue.start : end].split())


def _locative_before(text: str, sentence: Sentence, cue: Reporting, named: Sequence[Mention], language: Language) -> Mention | None:
    if not _impersonal(text, cue, language):
        return None
    found = next(
        (
            m
            for m in reversed(named)
            if m.end <= cue.start and m.speaks and m.place == "locative" and sentence.quoted(m.start) == sentence.quoted(cue.start)
        ),
        None,
    )
    return found if found is not None and not _crossed(text, found.end, cue.start) else None


def _agent(text: str, cue: Reporting, named: Sequence[Mention], words: Words) -> Mention | None:
    """The source of a passive: after "by", or in the instrumental right beside the cue."""
    for _, end in words.at("agent"):
        if end > cue.end and words_between(text, cue.end, end) <= 7 and not _crossed(text, cue.end, end):
            found = next((m for m in named if m.start >= end and words_between(text, end, m.start) <= 1 and m.speaks), None)
            if found is not None:
                return found
    return next(
        (
            m
            for m in named
            if m.place == "agent"
            and m.speaks
            and not _crossed(text, min(m.end, cue.end), max(m.start, cue.start))
            and (0 <= words_between(text, cue.end, m.start) <= 1 or 0 <= words_between(text, m.end, cue.start) <= 1)
        ),
        None,
    )


def _adjacent(text: str, start: int, end: int) -> bool:
    return words_between(text, start, end) <= 2 and not _crossed(text, start, end) and not any(c in text[start:end] for c in '"“”«»')


def _inverted(text: str, before: Mention, cue: Reporting, after: Mention, sentence: Sentence) -> bool:
    """Whether the source stands after its verb although another name stands before it."""
    gap = text[before.end : cue.start]
    closed = text[: cue.start].rstrip()[-1:] in ",\"”»’'—–-」』，"
    return (
        closed
        or (after.place == "locative" and before.place == "free")
        or (after.place == "subject" and (before.place != "subject" or len(gap) > 2))
        or any(before.start < b <= cue.start for _, b in sentence.quotes)
    )


def _clause_end(text: str, start: int, sentence: Sentence, named: Sequence[Mention], words: Words) -> int:
    """Where content that starts here ends: at a semicolon, or where a coordinator opens a clause with a source and a cue of its own."""
    stops = [sentence.end]
    semicolon = text.find(";", start, sentence.end)
    if semicolon >= 0 and not sentence.quoted(semicolon):
        stops.append(semicolon)
    for a, b in words.at("coordinator"):
        if a >= start and not sentence.quoted(a):
            speaker = next((m for m in named if m.start >= b and (m.party or m.outlet) and words_between(text, b, m.start) <= 6), None)
            agent = any(b <= x for x, _ in words.at("agent"))
            if any(c.start >= b and ((speaker is not None and c.start >= speaker.end) or agent) for c in words.cues):
                stops.append(a)
    return min(stops)


def _clause_start(end: int, sentence: Sentence, words: Words) -> int:
    """Where the clause that ends here begins: after the last coordinator outside a quotation."""
    return max([sentence.start, *(b for _, b in words.at("coordinator") if b <= end and not sentence.quoted(b))])


def _headline(
    text: str, sentence: Sentence, named: Sequence[Mention], language: Language, earlier: Sequence[Attribution]
) -> list[Attribution]:
    """ "Seoul: …", "… – Kremlin", and in headlines a name with a quotation right after it."""
    found: list[Attribution] = []
    for mention in named:
        if (
            not (mention.party or mention.outlet)
            or sentence.quoted(mention.start)
            or any(a.source and a.source.start == mention.start for a in earlier)
        ):
            continue
        lead = words_between(text, sentence.start, mention.start)
        rest = text[mention.end : sentence.end]
        stripped = rest.lstrip(" ")
        if stripped[:1] in (":", "：") and lead <= 2 and len(stripped) > 3:
            mark = mention.end + len(rest) - len(stripped)
            found.append(_implied(sentence, mention, mark, ((mark + 1, sentence.end),)))
        elif rest.strip(" .") == "" and text[sentence.start : mention.start].rstrip()[-1:] in ("–", "—", "-") and sentence.field == "title":
            found.append(_implied(sentence, mention, mention.start, ((sentence.start, mention.start),)))
        elif (
            any(0 <= a - mention.end <= 3 for a, _ in sentence.quotes)
            and mention.place in NOMINAL
            and not mention.adjective
            and language.pack.verb_final
        ):
            opened = min(a for a, _ in sentence.quotes if a >= mention.end)
            found.append(_implied(sentence, mention, mention.end, ((opened, sentence.end),)))
    return found


def _implied(sentence: Sentence, mention: Mention, mark: int, content: tuple[Span, ...]) -> Attribution:
    return Attribution(sentence, Reporting(mark, mark + 1, CueClass.SAY, Frame.VERB), replace(mention, adjective=False), content)


def _nested(found: list[Attribution]) -> list[Attribution]:
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
            and other.content[0][0] <= one.start
            and max(one.reporting.end, one.source.end) <= other.content[0][1]
        ]
        outer = min(outers, key=lambda o: o.content[0][1] - o.content[0][0], default=None)
        made.append(replace(one, outer=outer))
    return made
