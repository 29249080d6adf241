"""Who the source of a cue is: its subject, possessor, agent or the name beside it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from monitor.engine.cues import Reporting
from monitor.engine.mentions import Mention
from monitor.engine.passage import Passage
from monitor.engine.terms import is_hangul

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
        ),
        None,
    )
    if before is not None:
        return replace(before, adjective=False)
    for _, agent_end in passage.words.at("agent"):
        if agent_end > cue.end:
            after = next((m for m in passage.mentions if m.start >= agent_end and passage.apart(agent_end, m.start) <= 2 and m.party), None)
            if after is not None:
                return after
    return next(
        (
            m
            for m in passage.mentions
            if m.start >= cue.end and passage.apart(cue.end, m.start) <= 1 and m.place in ("possessor", "agent") and m.party
        ),
        None,
    )


def _owns(passage: Passage, mention: Mention, cue: Reporting) -> bool:
    """Whether a name can be a possessor by the particle after it, in languages that have such particles."""
    pack, text = passage.language.pack, passage.text
    until = passage.word_end(mention.end)
    if not pack.possessor_after:
        return True
    between = text[until : cue.start].split()
    return text[mention.end : until] in ("", *pack.possessor_after) and not any(word.endswith(pack.object_after) for word in between)


def joined(passage: Passage, source: Mention | None) -> list[Mention]:
    """A source with those that are joined to it: "Moscow and Pyongyang"."""
    if source is None:
        return []
    group = [source]
    for mention in reversed([m for m in passage.mentions if m.end <= source.start]):
        between, rest = _between(passage, mention.end, group[-1].start)
        # A comma alone joins only in a list that ends with a conjunction: "A, B and C", but not "in Russia, Seoul says".
        # "Neither A, nor B" has both.
        listed = rest == "," and (len(group) > 1 or between.strip() != ",")
        joined = between.strip() != "" and (rest in _JOINTS or listed)
        if mention.party is None or mention.place == "oblique" or len(between) > 14 or not joined:
            break
        group.append(replace(mention, adjective=False))
    last = source
    for mention in [m for m in passage.mentions if m.start >= source.end]:
        between, rest = _between(passage, last.end, mention.start)
        if mention.party is None or len(between) > 8 or not between.strip() or rest or mention.place not in (source.place, "free"):
            break
        group.append(replace(mention, adjective=False))
        last = mention
    return group


def _between(passage: Passage, start: int, end: int) -> tuple[str, str]:
    """What stands between two names, and what is left of it without its conjunctions."""
    between = passage.text[start:end]
    blanked = list(between)
    for a, b in passage.words.at("conjunction"):
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


def impersonal(passage: Passage, cue: Reporting) -> bool:
    """Whether the verb can stand without a subject: "в Кремле заявили"."""
    endings = passage.language.pack.impersonal
    return bool(endings) and any(word.lower().endswith(endings) for word in passage.text[cue.start : passage.word_end(cue.end)].split())


def locative_before(passage: Passage, cue: Reporting) -> Mention | None:
    """The source of an impersonal verb, named before it in the locative: "в Кремле заявили", "у Кремлі заявили"."""
    if not impersonal(passage, cue):
        return None
    found = next(
        (
            m
            for m in reversed(passage.mentions)
            if m.end <= cue.start and m.speaks and m.place == "locative" and passage.same_quotation(m.start, cue.start)
        ),
        None,
    )
    return found if found is not None and not passage.crossed(found.end, cue.start) else None


def agent_of(passage: Passage, cue: Reporting) -> Mention | None:
    """The source of a passive: after "by", or in the instrumental right beside the cue."""
    for _, end in passage.words.at("agent"):
        if end > cue.end and passage.apart(cue.end, end) <= 7 and not passage.crossed(cue.end, end):
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
    return passage.apart(start, end) <= 2 and not passage.crossed(start, end) and not any(c in passage.text[start:end] for c in '"“”«»')


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
