"""Suspicious entities and words: unused, nameless, or called by what is found everywhere or means somebody else."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterator, Sequence
from functools import cache

from monitor.engine.terms import is_hangul, is_unspaced
from monitor.language.pack import LANGUAGES, load_pack
from monitor.rules.lint.finding import Finding, Subject
from monitor.rules.load import is_shared
from monitor.rules.schema import ByLanguage, Entity, Kind
from monitor.rules.terms import expand

Path = tuple[str | int, ...]

_CALLED = ("names", "adjectives", "roles", "later")
_SPEAKING = (Kind.PARTY, Kind.PERSON, Kind.OFFICE, Kind.AGENCY, Kind.COUNTRY, Kind.OUTLET)
"""Kinds that have a use wherever they stand: as speakers that are somebody's, or nobody's."""
_LATIN, _CYRILLIC = "A-Za-z\u00c0-\u024f", "\u0400-\u052f"
_MIXED = re.compile(rf"[^\W\d_]*(?:[{_LATIN}][{_CYRILLIC}]|[{_CYRILLIC}][{_LATIN}])[^\W\d_]*")
_SHORT_STEM = re.compile(rf"(?:(?<=^)|(?<=[(|]))\s*(?:[{_LATIN}{_CYRILLIC}]|[{_LATIN}{_CYRILLIC}][a-zа-яіїєґё])\*(?=\s*(?:$|[)|]))")
"""A stem of one or two letters that stands alone: half the words of a text begin so. Two capitals are an acronym's."""
_HANGUL, _HAN = "\uac00-\ud7a3", "\u3400-\u9fff"
_FOREIGN = {
    "en": re.compile(f"[{_CYRILLIC}{_HANGUL}{_HAN}]"),
    "ru": re.compile(f"[{_HANGUL}{_HAN}іїєґІЇЄҐ]"),
    "uk": re.compile(f"[{_HANGUL}{_HAN}]"),
    "ko": re.compile(f"[{_CYRILLIC}]"),
    "zh": re.compile(f"[{_CYRILLIC}{_HANGUL}]"),
}
"""Letters that no word of the language has. Latin ones occur in all, Chinese ones in Korean headlines, Russian ones in Ukrainian quotes."""


def check(subject: Subject) -> Iterator[Finding]:
    """All findings about entities and words."""
    yield from _unused(subject)
    yield from _nameless(subject)
    yield from _letters(subject)
    yield from _everywhere(subject)
    yield from _shared(subject)
    yield from _starred(subject)


def _unused(subject: Subject) -> Iterator[Finding]:
    entities = subject.story.entities
    wholes = {whole for entity in entities.values() for whole in entity.part_of}
    for name, entity in entities.items():
        if entity.kind not in _SPEAKING and not entity.speaks_for and name not in subject.used | wholes:
            hint = "name it in a condition, give it `speaks_for`, or delete it"
            if is_shared(subject.places.key("entities", name).file):
                continue  # another story uses it
            yield subject.at_key("unused-entity", "no condition names this entity, and it speaks for nobody", hint, "entities", name)
    for name in subject.story.words:
        if name not in subject.used and not is_shared(subject.places.key("words", name).file):
            yield subject.at_key(
                "unused-words", "no condition names these words", "name them in a condition, or delete them", "words", name
            )


def _nameless(subject: Subject) -> Iterator[Finding]:
    for name, entity in subject.story.entities.items():
        found = any((entity.names, entity.adjectives, entity.roles, entity.later, entity.speaker_class))
        if entity.kind is Kind.PARTY and name not in subject.vocal:
            problem = "this party can never be heard: it has no names, and nobody who has speaks for it"
            yield subject.at_key("silent-party", problem, "give it `names`, or an entity that `speaks_for` it", "entities", name)
        elif not found and entity.kind is not Kind.PARTY:
            yield subject.at_key("nameless", "nothing in a text can be this entity: it has no names", "give it `names`", "entities", name)
    for name, words in subject.story.words.items():
        if not any(words.values()):
            yield subject.at_key("nameless", "there are no words here", "write some under a language, or delete it", "words", name)


def _letters(subject: Subject) -> Iterator[Finding]:
    """Letters of another alphabet: within a word they look right and match nothing."""
    for path, language, term in _written(subject, "entities", "words"):
        mixed = None if term.isascii() else _MIXED.search(term)
        foreign = _FOREIGN[language].search(term) if language in _FOREIGN and not term.isascii() else None
        if mixed:
            odd = _odd(mixed[0])
            hint = f"{mixed[0][odd]!r} is {'Latin' if mixed[0][odd].isascii() else 'Cyrillic'} here: type it in the word's own alphabet"
            problem = "letters of two alphabets in one word"
            yield subject.at("mixed-letters", problem, hint, mixed[0], *path, offset=mixed.start() + odd)
        elif foreign:
            problem, hint = f"`{language}` words have no {foreign[0]!r}", "put it under its own language, or under `any`"
            yield subject.at("foreign-letters", problem, hint, term, *path, offset=foreign.start())


def _odd(word: str) -> int:
    """Where the first letter of the rarer alphabet stands."""
    latin = [at for at, letter in enumerate(word) if re.match(f"[{_LATIN}]", letter)]
    other = [at for at, letter in enumerate(word) if re.match(f"[{_CYRILLIC}]", letter)]
    return min(latin, other, key=len)[0]


def _everywhere(subject: Subject) -> Iterator[Finding]:
    hint = "write a longer name, with the words beside it"
    for path, language, term, wordings in _names(subject):
        for wording in wordings:
            problem = _too_short(wording) or _common(wording, language)
            if problem:
                yield subject.at("alias-everywhere", problem, hint, wording, *path, offset=max(term.find(wording), 0))
                break
    for path, _, term in _written(subject, "words"):
        short = _SHORT_STEM.search(term)
        if short:
            problem = f"`{short[0].strip()}` begins many words"
            yield subject.at("alias-everywhere", problem, hint, short[0].strip(), *path, offset=short.start())


def _too_short(wording: str) -> str:
    bare = wording.removesuffix("*").strip()
    if not bare or any(is_unspaced(letter) or is_hangul(letter) for letter in bare):
        return "one character is part of many words" if len(bare) == 1 and bare == wording and not is_hangul(bare) else ""
    if len(bare) == 1 and bare.isalpha():
        return "one letter is found everywhere"
    return f"`{wording}` begins many words" if _SHORT_STEM.fullmatch(wording) else ""


def _common(wording: str, language: str) -> str:
    if wording.isupper() and len(wording) > 1:
        return ""  # an acronym is not found in small letters
    known = [language] if language in LANGUAGES else list(LANGUAGES)
    return "this is a common word of the language" if any(wording.lower() in common_words(one) for one in known) else ""


@cache
def common_words(language: str) -> frozenset[str]:
    """Single words, in small letters, that stand in texts of every kind: grammar, reporting words, months, days, people in general."""
    pack = load_pack(language)
    rows = [
        *(pack.pronouns, pack.object_pronouns, pack.possessives, pack.relatives, pack.articles, pack.determiners, pack.conjunctions),
        *(pack.coordinators, pack.complementizers, pack.oblique_before, pack.passives, pack.plurals, pack.since, pack.seats, pack.agents),
        *(pack.operators.negation, pack.operators.hypothetical, pack.operators.past, pack.operators.now, pack.operators.pluperfect),
        *(*pack.months, *pack.weekdays, pack.groups, pack.persons, pack.measures, pack.counters),
        *(cue.terms for cue in pack.cues),
    ]
    plain = (term for row in rows for term in row if term[-1:] != "*" and not term.startswith("~"))
    wordings = (wording for term in plain for wording in (expand(term) if "(" in term else (term,)))
    return frozenset(wording.lower() for wording in wordings if " " not in wording)


def _shared(subject: Subject) -> Iterator[Finding]:
    """Names that mean two entities which do not speak for the same party, those of one list told together."""
    owners: dict[tuple[str, str], dict[str, Path]] = defaultdict(dict)
    for path, language, _, wordings in _names(subject):
        if path[2] != "adjectives":
            for wording in wordings:
                owners[language, " ".join(wording.lower().split())].setdefault(str(path[1]), path)
    told: dict[tuple[Path, str], list[tuple[Path, str, Path]]] = defaultdict(list)
    for (_, wording), paths in owners.items():
        (first, earlier), *others = paths.items()
        for name, path in others:
            if not _one_voice(first, subject.story.entities[first], name, subject.story.entities[name]):
                told[path[:-1], first].append((path, wording, earlier))
    hint = "leave it with the one that is meant, or silence this where both are"
    for (_, first), rows in told.items():
        problem = f"`{first}` has this name too, at {subject.places.of(*rows[0][2])}"
        yield subject.at("shared-alias", problem, hint, ", ".join(dict.fromkeys(row[1] for row in rows)), *rows[0][0])


_WORD_START = re.compile(r"(?<!\w)\S")


def _starred(subject: Subject) -> Iterator[Finding]:
    """Names with a star that find the name of somebody else as well."""
    rows = [
        (path, language, wording, " ".join(wording.lower().split()))
        for path, language, _, wordings in _names(subject)
        if path[2] != "adjectives"
        for wording in wordings
    ]
    # Sorted, what begins alike stands together: each name from the beginning of each of its words.
    tails = sorted((lowered[at.start() :], number) for number, (*_, lowered) in enumerate(rows) for at in _WORD_START.finditer(lowered))
    for path, language, wording, written in rows:
        stem = written.removesuffix("*")
        if stem == written or any(map(is_unspaced, stem)):
            continue
        beginning = tails[bisect_left(tails, (stem, 0)) : bisect_left(tails, (stem + "\U0010ffff", 0))]
        for other, its, name, _ in (rows[number] for number in sorted({number for _, number in beginning})):
            if other[1] == path[1] or (language != its and "any" not in (language, its)):
                continue
            if not _together(subject, str(path[1]), str(other[1])):
                problem = f"this name finds “{name.removesuffix('*')}” too, which is `{other[1]}`"
                hint = "write the name without the star: its forms are worked out; or the ends that it has, like (works|worker)"
                yield subject.at("star-takes-name", problem, hint, wording, *path)
                break


def _together(subject: Subject, first: str, second: str) -> bool:
    """Whether two entities speak for the same party."""
    return _one_voice(first, subject.story.entities[first], second, subject.story.entities[second])


def _one_voice(first: str, one: Entity, second: str, other: Entity) -> bool:
    """Whether a name that both share can do no harm: whoever is meant, it is the same party, or one is part of the other."""
    mine = {first} if one.kind is Kind.PARTY else {tenure.party for tenure in one.speaks_for}
    others = {second} if other.kind is Kind.PARTY else {tenure.party for tenure in other.speaks_for}
    return bool(mine) and mine == others


def _names(subject: Subject) -> Iterator[tuple[Path, str, str, Sequence[str]]]:
    """What entities are called: path, language, the term as written, and what it stands for."""
    for path, language, term in _written(subject, "entities"):
        yield path, language, term, expand(term) if "(" in term else [term]


def _written(subject: Subject, *sections: str) -> Iterator[tuple[Path, str, str]]:
    """Every term of entities and words as written: its path, its language, the term."""
    lists: list[tuple[Path, ByLanguage]] = []
    for name, entity in subject.story.entities.items() if "entities" in sections else ():
        lists += [(("entities", name, sort), getattr(entity, sort)) for sort in _CALLED]
    for name, words in subject.story.words.items() if "words" in sections else ():
        lists.append((("words", name), words))
    for path, by_language in lists:
        for language, terms in by_language.items():
            for number, term in enumerate(terms):
                yield (*path, language, number), language, term
