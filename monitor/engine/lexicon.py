"""What is looked for: the terms of stories and of language files, each with what it means.

Names are inflected here, and nowhere else: reading is lookup.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import cache
from typing import TypeVar

from monitor.engine.conditions import Literal, Ref, leaves
from monitor.engine.terms import Edge, Term, edge_of
from monitor.engine.vocabulary import CompiledStory, CueOf, LanguageMeaning, LeafOf, NameOf, Role, RoleOf, RuleMeaning, Sort, StoryCue
from monitor.language.inflect import forms
from monitor.language.pack import CueClass, Frame, Pack, packs
from monitor.rules.schema import ByLanguage, Entity, Kind, Story
from monitor.rules.terms import expand

M = TypeVar("M")


def part_terms(story: str, name: str, part: Entity | ByLanguage) -> list[Term[RuleMeaning]]:
    """What is looked for to find an entity of a story, or a group of words."""
    return list(_of_entity(story, name, part) if isinstance(part, Entity) else _of_words(LeafOf(story, Ref(name)), part))


def quoted_terms(compiled: CompiledStory) -> list[Term[RuleMeaning]]:
    """What the conditions of a story quote themselves."""
    quoted = (leaf for condition in compiled.conditions for leaf in leaves(condition.node) if isinstance(leaf, Literal))
    return [_term(leaf.text, LeafOf(compiled.name, leaf)) for leaf in quoted]


def cue_terms(story: Story) -> list[Term[RuleMeaning]]:
    """The words of a story that report."""
    found: list[Term[RuleMeaning]] = []
    for cls, by_language in story.cues.items():
        for language, terms in by_language.items():
            found += _of_words(StoryCue(story.story, language, CueOf(CueClass(cls), Frame.VERB, False)), {language: terms})
    return found


def _of_words(meaning: RuleMeaning, words: ByLanguage) -> Iterator[Term[RuleMeaning]]:
    return (_term(text, meaning) for terms in words.values() for written in terms for text in expand(written))


def _of_entity(story: str, name: str, entity: Entity) -> Iterator[Term[RuleMeaning]]:
    meaning = cache(NameOf)  # terms share the object: there are far more of them than meanings
    for sort, names in entity_names(entity):
        for language, terms in names.items():
            for text, mark in _forms(terms, language, person=entity.kind is Kind.PERSON and sort == "name"):
                yield _term(text, meaning(story, name, sort, mark, language))
    if entity.speaker_class:
        for code, pack in packs().items():
            for text, mark in _forms(pack.classes.get(entity.speaker_class, ()), code):
                yield _term(text, meaning(story, name, "class", mark, code))


def entity_names(entity: Entity) -> list[tuple[Sort, ByLanguage]]:
    """What an entity is called, by sort."""
    return [("name", entity.names), ("adjective", entity.adjectives), ("role", entity.roles), ("later", entity.later)]


def _forms(terms: Sequence[str], language: str, *, person: bool = False) -> Iterator[tuple[str, str]]:
    for written in terms:
        for text in expand(written):
            yield from forms(text, language, person=person)


def _term(text: str, meaning: M) -> Term[M]:
    bare, edge = edge_of(text)
    return Term(bare, meaning, edge)


def _wordings(written: str, meaning: M) -> Iterator[Term[M]]:
    """Terms of a language file. A leading `~` lets a term stand inside a word (Korean endings)."""
    for text in expand(written.removeprefix("~")):
        term = _term(text, meaning)
        yield Term(term.text, meaning, Edge.INSIDE) if written.startswith("~") else term


def language_terms(pack: Pack) -> list[Term[LanguageMeaning]]:
    """What is looked for to read a language."""
    return list(_of_language(pack))


@cache
def _role(role: Role, mark: str = "") -> LanguageMeaning:
    return RoleOf(role, mark)


def _of_language(pack: Pack) -> Iterator[Term[LanguageMeaning]]:
    for cue in pack.cues:
        meaning: LanguageMeaning = CueOf(cue.cls, cue.frame, cue.negated, cue.spare)
        for written in cue.terms:
            yield from _wordings(written, meaning)
    inflected: list[tuple[Role, tuple[str, ...]]] = [("office", pack.offices), ("repeat", pack.descriptions)]
    for role, terms in inflected:
        for text, mark in _forms(terms, pack.language):
            yield _term(text, _role(role, mark))
    rows: list[tuple[Role, tuple[str, ...]]] = [
        ("group", pack.groups),
        ("pronoun", pack.pronouns),
        ("object", pack.object_pronouns),
        ("possessive", pack.possessives),
        ("plural", pack.plurals),
        ("having", pack.having),
        ("passive", pack.passives),
        ("seat", pack.seats),
        ("posted", pack.posted),
        ("former", pack.former),
        ("determiner", pack.determiners),
        ("article", pack.articles),
        ("preposition", pack.prepositions),
        ("repeat", pack.repeats),
        ("relative", pack.relatives),
        ("both", pack.both),
        ("addressee", pack.addressees),
        ("anaphor", (*pack.anaphora, *pack.recaps)),
        ("recap", pack.recaps),
        ("coordinator", pack.coordinators),
        ("conjunction", pack.conjunctions),
        ("agent", pack.agents),
        ("oblique", pack.oblique_before),
        ("joiner", pack.joiners),
        ("about", pack.about_this),
        ("continuing", pack.continuing),
        ("locative", pack.locative_source),
        ("complementizer", pack.complementizers),
        ("since", pack.since),
        ("clausal", pack.clausal_before),
        ("adverb", pack.adverbs),
        ("closer", pack.closers),
        ("negation", pack.operators.negation),
        ("neutral", pack.operators.neutral),
        ("unable", pack.operators.unable),
        ("refusal", pack.operators.refusal),
        ("absence", pack.operators.absence),
        ("hypothetical", pack.operators.hypothetical),
        ("premise", pack.operators.premise),
        ("plain", pack.operators.plain),
        ("provided", pack.operators.provided),
        ("echo", pack.operators.echo),
        ("asked", pack.operators.asked),
        ("dubious", pack.operators.dubious),
        ("hearsay", pack.operators.hearsay),
        ("rejection", pack.operators.rejection),
        ("past", pack.operators.past),
        ("now", pack.operators.now),
        ("pluperfect", pack.operators.pluperfect),
        ("imperfect", pack.operators.imperfect),
    ]
    for value, numerals in pack.numerals.items():
        for written in numerals:
            yield from _wordings(written, _role("numeral", str(value)))
    for role, terms in rows:
        for written in terms:
            yield from _wordings(written, _role(role))
