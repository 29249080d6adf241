"""Who the source of a cue is: its subject, possessor, agent or the name beside it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from monitor.engine.cues import Reporting, Words, crossed
from monitor.engine.mentions import Mention, words_between
from monitor.engine.sentences import Sentence
from monitor.engine.terms import is_hangul
from monitor.engine.vocabulary import Language

_JOINTS = ("", "、", "·", "와", "과", "및")
"""What is left between two joined names when the conjunctions are taken out."""


def possessor(text: str, cue: Reporting, named: Sequence[Mention], words: Words) -> Mention | None:
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


def joined(text: str, source: Mention | None, named: Sequence[Mention], words: Words) -> list[Mention]:
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


def topic(text: str, candidates: Sequence[Mention], sentence: Sentence) -> Mention | None:
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


def impersonal(text: str, cue: Reporting, language: Language) -> bool:
    """Whether the verb can stand without a subject: "в Кремле заявили"."""
    end = cue.end
    while end < len(text) and text[end].isalpha():
        end += 1
    return bool(language.pack.impersonal) and any(word.lower().endswith(language.pack.impersonal) for word in text[cue.start : end].split())


def locative_before(text: str, sentence: Sentence, cue: Reporting, named: Sequence[Mention], language: Language) -> Mention | None:
    """The source of an impersonal verb, named before it in the locative: "в Кремле заявили", "у Кремлі заявили"."""
    if not impersonal(text, cue, language):
        return None
    found = next(
        (
            m
            for m in reversed(named)
            if m.end <= cue.start and m.speaks and m.place == "locative" and sentence.quoted(m.start) == sentence.quoted(cue.start)
        ),
        None,
    )
    return found if found is not None and not crossed(text, found.end, cue.start) else None


def agent_of(text: str, cue: Reporting, named: Sequence[Mention], words: Words) -> Mention | None:
    """The source of a passive: after "by", or in the instrumental right beside the cue."""
    for _, end in words.at("agent"):
        if end > cue.end and words_between(text, cue.end, end) <= 7 and not crossed(text, cue.end, end):
            found = next((m for m in named if m.start >= end and words_between(text, end, m.start) <= 1 and m.speaks), None)
            if found is not None:
                return found
    return next(
        (
            m
            for m in named
            if m.place == "agent"
            and m.speaks
            and not crossed(text, min(m.end, cue.end), max(m.start, cue.start))
            and (0 <= words_between(text, cue.end, m.start) <= 1 or 0 <= words_between(text, m.end, cue.start) <= 1)
        ),
        None,
    )


def adjacent(text: str, start: int, end: int) -> bool:
    """Whether no more than two words and no mark stand in the stretch."""
    return words_between(text, start, end) <= 2 and not crossed(text, start, end) and not any(c in text[start:end] for c in '"“”«»')


def inverted(text: str, before: Mention, cue: Reporting, after: Mention, sentence: Sentence) -> bool:
    """Whether the source stands after its verb although another name stands before it."""
    gap = text[before.end : cue.start]
    closed = text[: cue.start].rstrip()[-1:] in ",\"”»’'—–-」』，"
    return (
        closed
        or (after.place == "locative" and before.place == "free")
        or (after.place == "subject" and (before.place != "subject" or len(gap) > 2))
        or any(before.start < b <= cue.start for _, b in sentence.quotes)
    )
