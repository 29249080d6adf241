"""Who the source of a cue is: its subject, possessor, agent or the name beside it."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import replace

from monitor.engine.cues import Reporting
from monitor.engine.mentions import NOMINAL, Mention
from monitor.engine.passage import Passage
from monitor.engine.terms import is_hangul
from monitor.language.pack import CueClass

_GOVERNOR = 3
"""Words between an infinitive and the verb that governs it, at most."""
_ADJUNCTS = 6
"""Words between a verb and the subject after it, at most."""
_HAVING = 4
"""Words between who has something and the cue that says so, at most."""
_OPENING = 4
"""Words before a noun in the phrase that opens a sentence, at most."""
_REACH, _LATER = 3, 8
"""Words between a cue and the verb that governs it, at most: before it, and after an infinitive."""
_JOINTS = ("", "、", "·", "와", "과", "및")
"""What is left between two joined names when the conjunctions are taken out."""


def possessor(passage: Passage, cue: Reporting) -> Mention | None:
    """ "Moscow's denial", "American allegations", "the first confirmation of it by Moscow", "러시아의 부인"."""
    particles = passage.language.pack.possessor_after
    before = next(
        (
            m
            for m in reversed(passage.mentions)
            if m.end <= cue.start
            and passage.apart(passage.word_end(m.end) if particles else m.end, cue.start) <= 2
            and (m.party or m.back)
            and m.place != "agent"
            and _owns(passage, m, cue)
            and _owning_form(passage, m, cue.start)
        ),
        None,
    )
    if before is not None:
        return replace(before, adjective=False)
    if passage.language.pack.clause_chains:
        return alleging(passage, cue)
    for start, end in passage.words.at("possessive"):
        if end <= cue.start and passage.apart(end, cue.start) <= 2 and not passage.crossed(end, cue.start):
            subject = next((m for m in reversed(passage.mentions) if m.end <= start and m.party and m.place in NOMINAL), None)
            if subject is not None:
                return replace(subject, adjective=False)
            return Mention(start, end, None, None, "free", back=True, pronoun=True)
    for _, agent_end in passage.words.at("agent"):
        # In "the information was denied by Kyiv" the agent is the verb's.
        if agent_end > cue.end and not any(cue.end <= hit.start < agent_end for hit in passage.words.cues):
            after = next((m for m in passage.mentions if m.start >= agent_end and passage.apart(agent_end, m.start) <= 2 and m.party), None)
            if after is not None:
                return after
    owned = next(
        (
            m
            for m in passage.mentions
            if m.start >= cue.end
            and m.party
            and (
                (passage.apart(cue.end, m.start) <= 1 and m.place in ("possessor", "agent"))
                or _from(passage, cue, m)
                or (passage.language.pack.case_marked and m.place == "free" and not passage.text[cue.end : m.start].strip())
            )
        ),
        None,
    )
    return owned or _fronted(passage, cue)


def _owning_form(passage: Passage, mention: Mention, noun: int) -> bool:
    """Whether a name before a noun can own it: "Moscow's flat denial", "Kremlin denial", but not "Moscow repeated its denial"."""
    text = passage.text
    marked = text[mention.end : mention.end + 2] in ("'s", "’s") or text[mention.start : mention.end].endswith(("'s", "’s", "s'", "s’"))
    return not passage.language.pack.articles or mention.adjective or marked or passage.apart(mention.end, noun) == 0


def _fronted(passage: Passage, cue: Reporting) -> Mention | None:
    """ "After months of denials, Moscow …": a noun in an opening phrase has the subject that follows it."""
    if not passage.language.pack.determiners or passage.apart(passage.sentence.start, cue.start) > _OPENING:
        return None
    if cue.cls not in (CueClass.DENY, CueClass.DECLINE):
        return None
    first = next((m for m in passage.mentions if m.start >= cue.end), None)
    comma = passage.text.find(",", cue.end, cue.end + 40)
    if first is None or comma < 0 or first.start < comma or first.place not in NOMINAL or passage.apart(comma + 1, first.start) > 1:
        return None
    return first if first.party else None


def _owns(passage: Passage, mention: Mention, cue: Reporting) -> bool:
    """Whether a name can be a possessor: by the particle after it; where names have cases, only as an adjective."""
    pack, text = passage.language.pack, passage.text
    if pack.case_marked:
        return mention.adjective or mention.back
    until = passage.word_end(mention.end)
    if not pack.possessor_after:
        return True
    between = text[until : cue.start].split()
    return text[mention.end : until] in ("", *pack.possessor_after) and not any(word.endswith(pack.object_after) for word in between)


def alleging(passage: Passage, cue: Reporting) -> Mention | None:
    """The possessor whose content stands between it and the noun: 韩国关于朝鲜派兵的指控, 首尔所谓…的说法."""
    leads = {a for role in ("hearsay", "clausal") for a, _ in passage.words.at(role)}
    return next(
        (
            m
            for m in reversed(passage.mentions)
            if m.end <= cue.start and m.end in leads and m.party and not passage.crossed(m.end, cue.start)
        ),
        None,
    )


def _from(passage: Passage, cue: Reporting, mention: Mention) -> bool:
    """Whether a name says by or from whom a confirmation comes, further on: «подтверждения этому из Москвы»."""
    if not passage.language.pack.case_marked or cue.cls is not CueClass.CONFIRM or passage.crossed(cue.end, mention.start):
        return False
    apart = passage.apart(cue.end, mention.start)
    led = any(b <= mention.start and not passage.text[b : mention.start].strip() for _, b in passage.words.at("oblique"))
    return apart <= _ADJUNCTS and (mention.place == "agent" or (mention.place == "possessor" and led))


def joined(passage: Passage, source: Mention | None) -> list[Mention]:
    """A source with those that are joined to it: "Moscow and Pyongyang", "A, B and C", "A, B and six other countries".

    A comma alone joins only in a list that has a conjunction: not in "in Russia, Seoul says".
    """
    if source is None:
        return []
    ahead = any(0 <= a - source.end <= 2 and not passage.text[source.end : a].strip(", ") for a, _ in passage.words.at("conjunction"))
    before, linked = _run(passage, source, reversed([m for m in passage.mentions if m.end <= source.start]), ahead)
    after, more = _run(passage, source, (m for m in passage.mentions if m.start >= source.end), linked)
    group = [source, *(replace(m, adjective=False) for m in (*(before if linked or more else []), *(after if more or linked else [])))]
    return [one for m in group for one in (m, *(replace(m, party=party, also=()) for party in m.also))]


def _run(passage: Passage, source: Mention, others: Iterable[Mention], linked: bool) -> tuple[list[Mention], bool]:
    """The names that follow one another from a source on with commas and conjunctions, and whether there is a conjunction."""
    found: list[Mention] = []
    last, kept = source, 0
    conjoined = linked
    for mention in others:
        ahead = mention.start >= source.end
        between, rest = _between(passage, last.end, mention.start) if ahead else _between(passage, mention.end, last.start)
        with_word = rest != between.strip()
        # An indeclinable name may be a possessor as those after it are: «заявление США, Японии и Южной Кореи».
        undeclined = passage.language.pack.case_marked and source.place == "free" and mention.place == "possessor"
        fitting = undeclined or mention.place in (source.place, "free") if ahead else mention.place != "oblique"
        if (
            mention.party is None
            or not fitting
            or len(between) > (9 if ahead else 14)
            or not between.strip()
            or rest not in (*_JOINTS, ",")
        ):
            break
        found.append(mention)
        last = mention
        conjoined = conjoined or with_word
        if not ahead or with_word or rest in _JOINTS:
            kept = len(found)
    return (found[:kept] if conjoined else []), conjoined


def _between(passage: Passage, start: int, end: int) -> tuple[str, str]:
    """What stands between two names, and what is left of it without its conjunctions and an article: "Japan and the United States"."""
    between = passage.text[start:end]
    blanked = list(between)
    for a, b in (*passage.words.at("conjunction"), *passage.words.at("article")):
        if start <= a and b <= end:
            blanked[a - start : b - start] = " " * (b - a)
    return between, "".join(blanked).strip()


def topic(passage: Passage, candidates: Sequence[Mention]) -> Mention | None:
    """Who reports where the verb comes last: the nearest topic, else the first subject, else the first bare name.

    The nearest subject is that of the content: "국정원은 북한이 보냈다고 밝혔다". In a text a bare name before a noun describes it.
    """
    topics = [m for m in candidates if m.place == "topic" or m.back]
    if topics:
        return topics[-1]
    subjects = [m for m in candidates if m.place == "subject"]

    def before_a_noun(mention: Mention) -> bool:
        following = passage.text[mention.end : mention.end + 2]
        return following[:1] == " " and is_hangul(following[1:] or " ")

    free = [m for m in candidates if passage.sentence.field == "title" or not before_a_noun(m)]
    return next(iter(subjects or free), None)


def governor(passage: Passage, cue: Reporting) -> tuple[int, int] | None:
    """The finite verb that an infinitive or a noun of saying depends on: "відмовилися" in «коментувати відмовилися»."""
    pack, words = passage.language.pack, passage.words
    if not pack.infinitive_first:
        return None
    verbs = sorted((*words.at("refusal"), *words.at("unable")))
    before = next((v for v in reversed(verbs) if v[1] <= cue.start and 0 <= passage.apart(v[1], cue.start) < _REACH), None)
    if before is not None and not passage.crossed(before[1], cue.start):
        return before
    word_end = passage.word_end(cue.end)
    if not pack.infinitive or not passage.text[cue.start : word_end].lower().endswith(pack.infinitive):
        return None
    after = next((v for v in verbs if v[0] >= cue.end and passage.apart(word_end, v[0]) <= _LATER), None)
    return after if after is not None and not passage.crossed(word_end, after[0]) else None


def between_infinitive_and_verb(passage: Passage, cue: Reporting) -> Mention | None:
    """Whose verb an infinitive before it depends on: «підтвердити це Пентагон не може», «коментувати це в Кремлі не стали»."""
    verb = governor(passage, cue)
    if verb is None or verb[0] < cue.end:
        return None
    plural = impersonal(passage, cue)
    fitting = [
        m for m in passage.mentions if m.start >= cue.end and m.speaks and (m.place in NOMINAL or (plural and m.place == "locative"))
    ]
    inside = [m for m in fitting if m.end <= verb[0]]
    after = [m for m in fitting if m.start >= verb[1] and adjacent(passage, verb[1], m.start)]
    return next(iter([*reversed(inside), *after]), None)


def having(passage: Passage, cue: Reporting) -> Mention | None:
    """Who has or lacks what a cue names: «у Пентагона нет доказательств»."""
    having = [b for _, b in passage.words.at("having")]
    return next(
        (
            m
            for m in reversed(passage.mentions)
            if m.end <= cue.start
            and m.party is not None
            and not m.adjective
            and any(b <= m.start and not passage.text[b : m.start].strip() for b in having)
            and passage.apart(m.end, cue.start) <= _HAVING
            and not passage.crossed(m.end, cue.start)
        ),
        None,
    )


def impersonal(passage: Passage, cue: Reporting) -> bool:
    """Whether the verb, or the one that governs an infinitive, can stand without a subject: "в Кремле заявили"."""
    endings = passage.language.pack.impersonal
    verb = governor(passage, cue)
    stretches = [(cue.start, passage.word_end(cue.end)), *([(verb[0], passage.word_end(verb[1]))] if verb else [])]
    if not passage.language.pack.infinitive_first:
        stretches += [
            (start, end)
            for start, end in (*passage.words.at("refusal"), *passage.words.at("unable"))
            if 0 <= passage.apart(end, cue.start) <= _GOVERNOR or 0 <= passage.apart(cue.end, start) <= _GOVERNOR
        ]
    return bool(endings) and any(word.lower().endswith(endings) for a, b in stretches for word in passage.text[a:b].split())


def locative_before(passage: Passage, cue: Reporting) -> Mention | None:
    """The source of an impersonal verb, named before it in the locative: "в Кремле заявили", "у Кремлі заявили"."""
    if not impersonal(passage, cue):
        return None
    until = passage.word_end(cue.end)
    if any(until <= a and passage.apart(until, a) == 0 and not passage.crossed(until, a) for a, _ in passage.words.at("group")):
        return None  # its subject follows: «в России пишут газеты»
    found = next(
        (
            m
            for m in reversed(passage.mentions)
            if m.end <= cue.start and m.speaks and m.place == "locative" and passage.same_quotation(m.start, cue.start)
        ),
        None,
    )
    return found if found is not None and not passage.crossed(found.end, cue.start) else None


def another_subject(passage: Passage, start: int, end: int) -> bool:
    """Whether somebody who speaks for no party is named between a mention and a cue: "in Russia, two lawmakers said"."""
    words = passage.words
    if not passage.language.pack.determiners:
        return False
    obliques = [b for _, b in words.at("oblique")]
    for a, b in words.at("group"):
        governed = any(o <= a and passage.apart(o, a) <= 1 and not passage.crossed(o, a) for o in obliques)
        if start <= a and b <= end and passage.apart(b, end) <= 1 and not passage.crossed(b, end) and not governed:
            return True
    if any(start <= a and b <= end and not passage.text[b:end].strip() for a, b in words.at("office")):
        return True
    mark = max((start + at for at, char in enumerate(passage.text[start:end]) if char in ",—–"), default=-1)
    return mark >= 0 and (
        any(mark < a and passage.apart(mark + 1, a) == 0 and a < end for a, _ in words.at("determiner"))
        or _unknown_name(passage, mark + 1, end)
    )


def _unknown_name(passage: Passage, start: int, end: int) -> bool:
    """Whether a stretch ends with the name of somebody whom the rules do not know: "…, Rep. Lee Seong-kweun said"."""
    fixed = {form for forms in (*passage.language.pack.months, *passage.language.pack.weekdays) for form in forms}
    named = re.search(r"(?:^|[\s.])([A-Z][\w'’-]*[a-z]) *(?:[a-z]+ly |also |has |had |then |later )?$", passage.text[start:end])
    return named is not None and named[1] not in fixed


def agent_of(passage: Passage, cue: Reporting) -> Mention | None:
    """The source of a passive: after "by", or in the instrumental right beside the cue."""
    auxiliaries, reach = passage.words.at("passive"), 7
    if passage.language.pack.passives and not any(b <= cue.start and passage.apart(b, cue.start) <= 2 for _, b in auxiliaries):
        reach = 2  # a participle without an auxiliary: "reports denied by Moscow"
    for _, end in passage.words.at("agent"):
        if end > cue.end and passage.apart(cue.end, end) <= reach and not passage.crossed(cue.end, end):
            found = next((m for m in passage.mentions if m.start >= end and passage.apart(end, m.start) <= 1 and m.speaks), None)
            if found is not None:
                return found
    return next(
        (
            m
            for m in passage.mentions
            if m.place == "agent"
            and m.speaks
            and not passage.crossed(min(m.end, cue.end), max(m.start, cue.start))
            and (0 <= passage.apart(cue.end, m.start) <= 1 or 0 <= passage.apart(m.end, cue.start) <= 1)
        ),
        None,
    )


def adjacent(passage: Passage, start: int, end: int) -> bool:
    """Whether no more than two words and no mark stand in the stretch."""
    return passage.apart(start, end) <= 2 and not passage.crossed(start, end) and not passage.quoting(start, end)


def addressed(passage: Passage, cue: Reporting, mention: Mention) -> bool:
    """Whether only a verb's adjuncts stand between it and its subject: "сказал в интервью журналистам Песков"."""
    low, high = cue.end, mention.start
    if mention.place != "subject" or passage.apart(low, high) > _ADJUNCTS or passage.crossed(low, high):
        return False
    return not any(low <= c.start < high for c in passage.words.cues) and not passage.quoting(low, high)


def inverted(passage: Passage, before: Mention, cue: Reporting, after: Mention) -> bool:
    """Whether the source stands after its verb although another name stands before it."""
    gap = passage.text[before.end : cue.start]
    closed = passage.text[: cue.start].rstrip()[-1:] in ",\"”»’'—–-」』，"
    return (
        closed
        or (after.place == "locative" and before.place == "free")
        or (after.place == "subject" and (before.place != "subject" or len(gap) > 2))
        or any(before.start < b <= cue.start for _, b in passage.sentence.quotes)
    )


_STRANGER = re.compile(
    r" (?:(?:Rep|Sen|Gen|Col|Lt|Dr|Mr|Ms|Mrs|Prof|Adm|Maj)\.? |(?:a|an|one|another|the|his|her|its|their) (?:[\w-]+ ){1,5}?)?"
    r"[A-Z][\w'’-]*[a-z](?: (?:[A-Z]\.|[A-Z][\w'’-]*[a-z]))*"
)
"""A name after a verb, with its title or description: " said Rep. John Smith", " said a lawmaker, …"."""
_FOREIGN = re.compile(r" [«\"]?[А-ЯЁІЇЄҐ][\w'’-]*[а-яёіїєґ]\b")
"""A name after a verb where names have cases: « сообщил Иванов», « повідомила «Нова газета»»."""


def stranger(passage: Passage, cue: Reporting) -> tuple[bool, Mention | None]:
    """Whether somebody whom the rules do not know stands right behind a verb that follows its content, and who that is by apposition.

    "… ," said John Smith, a Pentagon official": an apposition says for whom the name speaks.
    """
    text = passage.text
    if passage.language.pack.case_marked:
        named = _FOREIGN.match(text, cue.end)
        known = named is None or any(m.start < named.end() and cue.end <= m.start for m in passage.mentions)
        return not known and text[: cue.start].rstrip().endswith((",", "—", "–")), None
    if not passage.language.pack.articles or text[: cue.start].rstrip()[-1:] not in (",", '"', "”", "’"):
        return False, None
    named = _STRANGER.match(text, cue.end)
    if named is None or any(m.start < named.end() and cue.end <= m.start and m.speaks for m in passage.mentions):
        return False, None
    if text[named.end() : named.end() + 2] != ", ":
        return True, None
    first = next((m for m in passage.mentions if m.start >= named.end()), None)
    near = first is not None and first.speaks and passage.apart(named.end() + 1, first.start) <= _ADJUNCTS
    if first is None or not near or passage.crossed(named.end() + 1, first.start) or first.bare:
        return True, None
    return True, first
