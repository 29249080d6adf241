"""Second layer: who is named where, and in what grammatical place.

Names come from the story. A country or its adjective beside an office ("Russian officials", "МИД России", "the South's foreign
ministry") becomes one mention that speaks for the party; beside a noun that does not speak for it ("Russian analysts") it speaks for
nobody. Pronouns and descriptions that repeat a speaker are mentions without an entity.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Literal as OneOf

from monitor.engine.rulebook import Language
from monitor.engine.terms import Hit, is_hangul, is_unspaced, longest, without_unspaced
from monitor.engine.vocabulary import CompiledStory, LanguageMeaning, NameOf, RoleOf, RuleMeaning
from monitor.language.inflect import GENITIVE, INSTRUMENTAL, LOCATIVE, NOMINATIVE, OBLIQUE
from monitor.rules.schema import Kind

Place = OneOf["topic", "subject", "agent", "possessor", "locative", "oblique", "free"]
_PLACES: dict[str, Place] = {
    NOMINATIVE: "subject",
    OBLIQUE: "oblique",
    INSTRUMENTAL: "agent",
    GENITIVE: "possessor",
    LOCATIVE: "locative",
}
"""What a grammatical form says of the place."""
NOMINAL: tuple[Place, ...] = ("topic", "subject", "free")
"""Places of what can be the subject of a verb."""


_AT_HOME = 60
"""Characters between a capital that opens a sentence and an office there, at most."""


@dataclass(frozen=True, slots=True)
class Mention:
    """A name, an office or a word that stands for one.

    party: for whom it speaks at the article's time; None: nobody. outlet: it passes on what others say. back: it stands for the last
    speaker; a pronoun reaches less far back than a description. both: it stands for the two parties last named.
    place: what its form or its neighbours say of its place in the clause.
    bare: a country or capital without an office.
    """

    start: int
    end: int
    entity: str | None
    party: str | None
    place: Place
    outlet: bool = False
    back: bool = False
    pronoun: bool = False
    both: bool = False
    bare: bool = False
    adjective: bool = False
    also: tuple[str, ...] = ()
    """Further parties that the same word names: 한미 is Seoul and Washington."""
    person: bool = False
    """Whether it names somebody, not a country or an institution."""
    owners: tuple[str, ...] = ()
    """Of people: the parties that they belong to."""
    kin: frozenset[int] = frozenset()
    """By what it can be called later: numbers of the groups of `Pack.kin`."""

    @property
    def speaks(self) -> bool:
        """Whether it can be the source of reported speech."""
        return (self.party is not None or self.outlet or self.back) and not self.adjective


def words_between(text: str, start: int, end: int) -> float:
    """Words in a stretch, two unspaced characters counting as one; negative when the stretch is reversed."""
    if end < start:
        return -1
    spaced, unspaced = without_unspaced(text[start:end])
    return len(spaced.split()) + unspaced / 2


def mentions(
    text: str,
    names: Sequence[Hit[RuleMeaning]],
    words: Sequence[Hit[LanguageMeaning]],
    language: Language,
    story: CompiledStory,
    at: datetime,
    called: Sequence[Mention] = (),
) -> list[Mention]:
    """All mentions in a sentence, in order.

    text: the field. names: hits of the story's terms in the sentence. words: hits of the language's terms in it. at: the article's time.
    called: people named in it who were introduced before.
    """
    named = longest([hit for hit in names if isinstance(hit.meaning, NameOf) and hit.meaning.story == story.name])
    roles = {
        kind: [h for h in words if isinstance(h.meaning, RoleOf) and h.meaning.role == kind]
        for kind in (
            "office",
            "group",
            "joiner",
            "oblique",
            "locative",
            "pronoun",
            "repeat",
            "relative",
            "both",
            "seat",
            "posted",
            "addressee",
            "former",
        )
    }
    plain = [(h.start, h.end) for h in words if isinstance(h.meaning, RoleOf) and h.meaning.role == "plain"]
    found: list[Mention] = []
    for hit in named:
        if any(a <= hit.start and hit.end <= b for a, b in plain):
            continue
        if found and found[-1].start == hit.start:
            # One wording of two entities: the one that speaks for somebody is meant.
            other = _mention(hit, story, at)
            if (found[-1].party is None and other.party is not None) or (found[-1].entity == other.entity and other.place == "subject"):
                found[-1] = other
            elif other.party is not None and other.party != found[-1].party:
                found[-1] = replace(found[-1], also=tuple(dict.fromkeys((*found[-1].also, other.party))))
            continue
        found.append(_mention(hit, story, at))
    found = sorted([*found, *(c for c in called if all(c.end <= m.start or m.end <= c.start for m in found))], key=lambda m: m.start)
    posted = [(h.start, h.end) for h in roles["posted"]]
    offices = [o for o in _by_form(longest(roles["office"])) if not _in_group(text, o, roles["group"])]
    found = _with_offices(text, found, offices, roles["joiner"], roles["group"])
    found = _seated(text, found, [o for o in offices if not any(o.start <= a and b <= o.end for a, b in posted)], roles)
    found = [_retired(text, _with_its_member(text, m), roles["former"]) for m in _appositions(text, found)]
    taken = [(m.start, m.end) for m in found]
    pronouns = {(hit.start, hit.end) for hit in roles["pronoun"]}
    both = {(hit.start, hit.end) for hit in roles["both"]}
    for word in longest(roles["repeat"] + roles["pronoun"] + roles["both"]):
        if (
            isinstance(word.meaning, RoleOf)
            and word.meaning.role == "repeat"
            and text[word.end : word.end + 1] == " "
            and text[word.end : word.end + 2].strip().isupper()
        ):
            continue
        if all(word.end <= start or end <= word.start for start, end in taken):
            place = _PLACES.get(word.meaning.mark, "free") if isinstance(word.meaning, RoleOf) else "free"
            span = (word.start, word.end)
            found.append(Mention(*span, None, None, place, back=True, pronoun=span in pronouns, both=span in both))
    found += _relatives(text, found, roles["relative"])
    obliques = [(h.start, h.end) for h in roles["oblique"]]
    locatives = [(h.start, h.end) for h in roles["locative"]]
    told = [h.end for h in roles["addressee"]]
    found = [
        replace(m, place="oblique") if m.place == "free" and any(e <= m.start and not text[e : m.start].strip() for e in told) else m
        for m in found
    ]
    made = sorted((_placed(text, m, obliques, locatives, language) for m in found), key=lambda m: m.start)
    return [_characterised(text, m, story, language) for m in _at_home(text, made, roles["seat"], posted)]


def _characterised(text: str, mention: Mention, story: CompiledStory, language: Language) -> Mention:
    """A mention with what its words, and the names of whom it means, say of what it is."""
    pack = language.pack
    if not pack.kin or not (mention.party or mention.back):
        return mention
    words = frozenset(re.findall(r"\w+", text[mention.start : mention.end].lower()))
    person = mention.person or not words.isdisjoint(pack.persons)
    if mention.back:
        return replace(mention, person=person, kin=_kin(words, pack.kin))
    known = story.called(mention.entity, pack.language) if mention.entity is not None and not mention.bare else frozenset()
    return replace(mention, person=person, kin=_kin(words | known, pack.kin))


def _kin(words: frozenset[str], groups: Sequence[Sequence[str]]) -> frozenset[int]:
    return frozenset(number for number, group in enumerate(groups) if not words.isdisjoint(group))


def _seated(
    text: str, found: Sequence[Mention], offices: Sequence[Hit[LanguageMeaning]], roles: dict[str, list[Hit[LanguageMeaning]]]
) -> list[Mention]:
    """ "The General Staff in Kyiv": an office with the country or capital where it sits."""
    between = [(h.start, h.end) for h in (*roles["seat"], *roles["joiner"])]
    if not roles["seat"]:
        return list(found)
    made: list[Mention] = []
    for mention in found:
        office = next(
            (
                o
                for o in offices
                if mention.bare
                and mention.party is not None
                and 2 < mention.start - o.end < 12
                and _only(text, o.end, mention.start, between)
                and all(o.end <= m.start or m.end <= o.start for m in found)
            ),
            None,
        )
        made.append(mention if office is None else replace(mention, start=office.start, place="free", bare=False, adjective=False))
    return made


def _at_home(
    text: str, found: Sequence[Mention], seats: Sequence[Hit[LanguageMeaning]], posted: Sequence[tuple[int, int]]
) -> list[Mention]:
    """ "In Moscow the foreign ministry said": an office without a country, after a capital with which its sentence opens."""
    first = found[0] if found else None
    if first is None or not first.bare or first.party is None:
        return list(found)
    if not any(0 <= first.start - seat.end <= 1 and not text[: seat.start].rstrip(' "“')[-1:].isalnum() for seat in seats):
        return list(found)

    def local(mention: Mention) -> bool:
        abroad = any(mention.start <= a < mention.end for a, _ in posted)
        return mention.back and not mention.pronoun and mention.start - first.end <= _AT_HOME and not abroad

    return [replace(m, party=first.party, entity=first.entity, back=False) if local(m) else m for m in found]


def _mention(hit: Hit[RuleMeaning], story: CompiledStory, at: datetime) -> Mention:
    meaning = hit.meaning
    assert isinstance(meaning, NameOf)  # noqa: S101 - narrowed by the caller, for the type checker
    entity = story.story.entities[meaning.entity]
    return Mention(
        hit.start,
        hit.end,
        meaning.entity,
        story.party(meaning.entity, at),
        _PLACES.get(meaning.mark, "free"),
        outlet=entity.kind is Kind.OUTLET,
        bare=entity.kind is Kind.PARTY and entity.speaker_class is None,
        adjective=meaning.sort == "adjective",
        person=entity.kind is Kind.PERSON,
        owners=tuple(entity.part_of) if entity.kind is Kind.UNIT else (),
    )


def _by_form(offices: Sequence[Hit[LanguageMeaning]]) -> list[Hit[LanguageMeaning]]:
    """Offices, each stretch once: a form that serves as subject in one reading and as something else in another may be one."""
    best: dict[tuple[int, int], Hit[LanguageMeaning]] = {}
    for hit in offices:
        at = hit.start, hit.end
        if at not in best or (isinstance(hit.meaning, RoleOf) and hit.meaning.mark == NOMINATIVE):
            best[at] = hit
    return list(best.values())


def _in_group(text: str, office: Hit[LanguageMeaning], groups: Sequence[Hit[LanguageMeaning]]) -> bool:
    """Whether the characters of an office are part of a longer word for people who speak for nobody: 军 in 军事博主."""
    longer = any(g.start <= office.start and office.end <= g.end and g.end - g.start > office.end - office.start for g in groups)
    return longer and is_unspaced(text[office.start])


def _with_offices(
    text: str,
    found: list[Mention],
    offices: Sequence[Hit[LanguageMeaning]],
    joiners: Sequence[Hit[LanguageMeaning]],
    groups: Sequence[Hit[LanguageMeaning]],
) -> list[Mention]:
    """Joins parties and agencies with the offices beside them, as far as it goes."""
    joining = [(j.start, j.end) for j in joiners]
    made: list[Mention] = []
    for mention in found:
        grown = mention
        if mention.party is not None:
            changed = True
            while changed:
                changed = False
                for office in offices:
                    if made and office.start < made[-1].end and mention.start >= made[-1].end and made[-1].party != mention.party:
                        continue  # in "the Russian ambassador in London" he is Russia's
                    joined = _join(text, grown, office, joining)
                    if joined is not None:
                        grown, changed = joined, True
        if grown is mention and mention.bare:
            group = next((g for g in groups if _grouped(text, mention, g, joining)), None)
            if group is not None:
                spaced = text[mention.end : group.start] == " " and not is_hangul(text[group.start])
                grown = replace(mention, end=group.end if spaced else mention.end, party=None, adjective=True)
        if made and grown.start < made[-1].end:
            if grown.party is not None and grown.party == made[-1].party:
                place = grown.place if is_unspaced(text[grown.start]) or made[-1].place == "free" else made[-1].place
                made[-1] = replace(grown, start=made[-1].start, end=max(grown.end, made[-1].end), place=place)
                continue
            if grown.end - grown.start <= made[-1].end - made[-1].start and not (made[-1].party is None and grown.party == grown.entity):
                continue  # but analysts of whatever country are analysts
            made.pop()
        made.append(grown)
    return made


def _join(text: str, mention: Mention, office: Hit[LanguageMeaning], joiners: Sequence[tuple[int, int]]) -> Mention | None:
    mark = office.meaning.mark if isinstance(office.meaning, RoleOf) else ""
    if office.start <= mention.start and mention.end < office.end:  # 정부 관계자, an office with the party's own name in it
        return replace(mention, start=office.start, end=office.end, bare=False, adjective=False)
    if mention.end <= office.start and (mention.adjective or not mark) and _only(text, mention.end, office.start, joiners):
        place = _PLACES.get(mark, mention.place if mark == "" and not mention.adjective else "free")
        return replace(mention, end=office.end, place=place, bare=False, adjective=False)
    if office.end <= mention.start and _only(text, office.end, mention.start, joiners):
        return replace(mention, start=office.start, place=_PLACES.get(mark, "free"), bare=False, adjective=False)
    return None


def _grouped(text: str, mention: Mention, group: Hit[LanguageMeaning], joiners: Sequence[tuple[int, int]]) -> bool:
    """Whether a country stands before a noun that does not speak for it: "Russian media", 俄罗斯的士兵."""
    if not 0 <= group.start - mention.end <= 1:
        return False
    unspaced = mention.end < len(text) and is_unspaced(text[mention.end])
    return _only(text, mention.end, group.start, joiners if unspaced else ())


def _only(text: str, start: int, end: int, joiners: Sequence[tuple[int, int]]) -> bool:
    """Whether nothing but blanks and joiners stands in the stretch."""
    if end - start > 30:
        return False
    rest = list(text[start:end])
    for a, b in joiners:
        if start <= a and b <= end:
            rest[a - start : b - start] = " " * (b - a)
    return not "".join(rest).strip(" '’-\u00a0")


_MEMBER = re.compile(r"(?:[A-Z][\w'’-]*[a-z][\w-]*|[A-Z]\.)(?: (?:[A-Z]\.|[A-Z][\w'’-]*[a-z][\w-]*)){1,3},? (?:of|at|from|with) (?:the )?$")
"""Somebody of an institution, by full name: "Michael Kofman of the Carnegie …"."""


def _with_its_member(text: str, mention: Mention) -> Mention:
    """An institution with the person who is said to belong to it and speaks for it."""
    if mention.party is None or mention.bare or mention.adjective or mention.person or mention.place != "free":
        return mention
    member = _MEMBER.search(text, max(0, mention.start - 80), mention.start)
    return mention if member is None else replace(mention, start=member.start(), person=True)


def _retired(text: str, mention: Mention, former: Sequence[Hit[LanguageMeaning]]) -> Mention:
    """An office that somebody held once speaks for nobody: "a former US ambassador", «экс-министр обороны Украины»."""
    held = any(f.end <= mention.start <= f.end + 2 and not text[f.end : mention.start].strip(" -–") for f in former)
    return replace(mention, party=None, adjective=False, bare=False) if held and not mention.bare and not mention.adjective else mention


def _appositions(text: str, found: list[Mention]) -> list[Mention]:
    """ "US Defense Secretary Lloyd Austin" is one mention: neighbours that speak for the same party and have nothing between them."""
    made: list[Mention] = []
    for mention in found:
        last = made[-1] if made else None
        if (
            last is not None
            and last.party is not None
            and last.party == mention.party
            and (last.adjective or not last.bare)
            and (
                last.place == mention.place
                or "free" in (last.place, mention.place)
                or not {"oblique", "locative", "possessor", "agent"} & {last.place, mention.place}
            )
            and mention.start - last.end <= 2
            and not text[last.end : mention.start].strip(" ,")
            and not (last.person and mention.person and "," in text[last.end : mention.start])
        ):
            place = last.place if last.place in ("topic", "subject", "agent") else mention.place
            made[-1] = replace(mention, start=last.start, place=place, bare=False, adjective=False)
        else:
            made.append(mention)
    return made


def _relatives(text: str, found: Sequence[Mention], relatives: Sequence[Hit[LanguageMeaning]]) -> list[Mention]:
    """ "The statement of Pyongyang, which confirmed it": a relative pronoun is the name right before it, as a subject."""
    made: list[Mention] = []
    for word in relatives:
        name = next((m for m in found if m.end <= word.start and m.speaks and text[m.end : word.start].strip() in ("", ",")), None)
        if name is not None:
            made.append(replace(name, start=word.start, end=word.end, place="subject", bare=False))
    return made


def _placed(
    text: str, mention: Mention, obliques: Sequence[tuple[int, int]], locatives: Sequence[tuple[int, int]], language: Language
) -> Mention:
    """What the neighbours say of the place: a preposition before, a particle after."""

    def behind(words: Sequence[tuple[int, int]]) -> bool:
        return any(end <= mention.start and not text[end : mention.start].strip() for _, end in words)

    if mention.place in ("locative", "possessor", "free") and not mention.back and behind(locatives):
        return replace(mention, place="locative")
    if mention.place == "subject" and not (mention.bare or mention.back or mention.person) and behind(locatives):
        return replace(mention, place="locative")  # no preposition has the nominative: the word is not declined, «в МИД Японии»
    if mention.place == "locative":
        return replace(mention, place="oblique")
    if mention.place == "possessor" or (mention.place == "agent" and not behind(obliques)):
        return mention
    if any(end <= mention.start and end >= mention.start - 5 and _article(text[end : mention.start]) for _, end in obliques):
        return replace(mention, place="oblique")
    if mention.end < len(text) and is_hangul(text[mention.end]):
        until = mention.end
        while until < len(text) and is_hangul(text[until]):
            until += 1
        particle = text[mention.end : until]
        if particle in language.topic_after:
            return replace(mention, place="topic")
        if particle in language.subject_after:
            return replace(mention, place="subject")
        if particle in language.oblique_after:
            return replace(mention, place="oblique")
    return mention


def _article(between: str) -> bool:
    return between.strip().lower() in ("", "the", "a")
