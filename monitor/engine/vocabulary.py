"""Stories and language files, compiled into what the reading works with: one scanner for all stories, one for each language.

Compiling is the only step that inflects names; reading is pure lookup after it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import cache, cached_property
from typing import Any, TypeVar, cast
from typing import Literal as OneOf

from monitor.engine.conditions import Literal, Node, Ref, leaves, parse, required
from monitor.engine.scanner import Scanner
from monitor.engine.terms import Edge, Term, edge_of
from monitor.engine.text import Folder
from monitor.language.inflect import forms
from monitor.language.pack import LANGUAGES, CueClass, Frame, Pack, load_pack, packs
from monitor.model import digest
from monitor.rules.schema import ByLanguage, Claim, Entity, Kind, Story
from monitor.rules.terms import expand

M = TypeVar("M")

Sort = OneOf["name", "adjective", "role", "class", "later"]


@dataclass(frozen=True, slots=True)
class NameOf:
    """A term that names an entity of a story, in a language. mark: what its form says (see `monitor.language.inflect`)."""

    story: str
    entity: str
    sort: Sort
    mark: str = ""
    language: str = "any"


@dataclass(frozen=True, slots=True)
class LeafOf:
    """A term that stands in a story's conditions."""

    story: str
    leaf: Ref | Literal


Role = OneOf[
    "office", "group", "pronoun", "object", "possessive", "repeat", "both", "addressee", "anaphor", "recap", "coordinator", "conjunction",
    "agent",
    "oblique", "joiner", "locative", "about", "negation", "neutral", "unable", "refusal", "absence", "hypothetical", "provided",
    "dubious", "hearsay", "asked", "echo", "rejection", "past", "now", "pluperfect", "imperfect",
    "numeral", "complementizer", "since", "relative", "continuing", "premise", "plain",
    "clausal", "closer", "adverb",
    "plural", "having", "passive", "seat", "posted", "former", "determiner", "article", "preposition",
]  # fmt: skip


@dataclass(frozen=True, slots=True)
class CueOf:
    """A term that reports speech."""

    cls: CueClass
    frame: Frame
    negated: bool
    spare: bool = False
    """Whether it counts only where no other cue stands close behind it."""


@dataclass(frozen=True, slots=True)
class RoleOf:
    """A term with a grammatical role."""

    role: Role
    mark: str = ""


@dataclass(frozen=True, slots=True)
class StoryCue:
    """A term that reports speech, of a story, in a language."""

    story: str
    language: str
    cue: CueOf


RuleMeaning = NameOf | LeafOf | StoryCue
LanguageMeaning = CueOf | RoleOf


ConditionSort = OneOf["about", "contrary", "conceded_by", "evaded_by", "implied_by", "named_by", "match"]
_OF_CLAIMS: tuple[ConditionSort, ...] = ("about", "contrary", "conceded_by", "evaded_by", "implied_by", "named_by")


@dataclass(frozen=True, slots=True)
class Condition:
    """A compiled condition. owner: the claim or match that it belongs to.

    needs: sets of terms of each of which one must be present, rarest sets first. here: those that must be where it is met.
    """

    owner: str
    sort: ConditionSort
    node: Node
    needs: tuple[frozenset[Ref | Literal], ...]
    here: tuple[frozenset[Ref | Literal], ...]
    number: int
    """Its place among the story's conditions."""


@dataclass(frozen=True)
class CompiledStory:
    """A story ready to read with."""

    name: str
    version: str
    story: Story
    conditions: tuple[Condition, ...]
    by_leaf: Mapping[Ref | Literal, tuple[Condition, ...]] = field(repr=False)
    """Conditions by the terms of their rarest required set."""
    evoked: Mapping[str, frozenset[str]] = field(repr=False)
    """Entities whose shorter names count once an entity has been named: what belongs to it, or to the party that it speaks for."""
    always: tuple[Condition, ...] = field(default=(), repr=False)
    """Conditions that ask for no term: patterns."""
    _called: dict[tuple[str, str], frozenset[str]] = field(default_factory=dict, repr=False, compare=False)
    terms: dict[str, list[Term[RuleMeaning]]] = field(default_factory=dict, repr=False, compare=False)
    """What is looked for, by the entity or the words that it is for. Filled by `story_terms`."""

    @cached_property
    def reading(self) -> str:
        """A short hash of all that decides what an article says: rule sets in which only alerts, feeds or tests differ have the same."""
        parts = {"entities": True, "words": True, "cues": True, "matches": True, "claims": {"__all__": set(_OF_CLAIMS)}}
        return digest(self.story.model_dump_json(include=cast("Any", parts), by_alias=True))[:12]

    @cached_property
    def cast(self) -> str:
        """A short hash of the story's entities."""
        return digest(self.story.model_dump_json(include={"entities"}, by_alias=True))[:12]

    def claim(self, name: str) -> Claim:
        """The claim of this name. Raises KeyError."""
        return self.story.claims[name]

    def party(self, entity: str, at: datetime) -> str | None:
        """The party that an entity is or speaks for at a time; None: it speaks for nobody."""
        found = self.story.entities[entity]
        if found.kind is Kind.PARTY:
            return entity
        for tenure in found.speaks_for:
            if (tenure.since is None or tenure.since <= at) and (tenure.until is None or at < tenure.until):
                return tenure.party
        return None

    def called(self, entity: str, language: str) -> frozenset[str]:
        """The words, in small letters, of an entity's names and roles in a language."""
        if (entity, language) not in self._called:
            found = self.story.entities[entity]
            terms = [term for by in (found.names, found.roles) for code, written in by.items() if code == language for term in written]
            self._called[entity, language] = frozenset(re.findall(r"\w+", " ".join(terms).lower()))
        return self._called[entity, language]

    def candidates(self, present: set[Ref | Literal]) -> list[Condition]:
        """Conditions that can hold in a text with these terms."""
        seen: dict[int, Condition] = {id(condition): condition for condition in self.always}
        for leaf in present:
            for condition in self.by_leaf.get(leaf, ()):
                if id(condition) not in seen and all(not need.isdisjoint(present) for need in condition.needs[1:2]):
                    seen[id(condition)] = condition
        # In the order of the rules: terms come out of a set in any order, and a text must read the same each time.
        return sorted(seen.values(), key=lambda condition: condition.number)


class Language:
    """A language file with its scanner."""

    def __init__(self, pack: Pack, folder: Folder, particles: frozenset[str]) -> None:
        self.pack = pack
        self.scanner: Scanner[LanguageMeaning] = Scanner({"": list(_language_terms(pack))}, folder, particles)
        self.topic_after = frozenset(pack.topic_after)
        self.subject_after = frozenset(pack.subject_after)
        self.oblique_after = frozenset(pack.oblique_after)


class Rulebook:
    """All stories and languages, compiled: what the core reads with. Immutable after construction."""

    def __init__(self, stories: Sequence[tuple[Story, str]], previous: Rulebook | None = None) -> None:
        """stories: each with its version. They must have passed the loader's checks.

        previous: an earlier state of them; what has not changed since is taken over instead of being worked out again.
        """
        particles = _shared()[1]
        self.folder = _folder()
        self.stories = {story.story: compile_story(story, version) for story, version in stories}
        before = previous.stories if previous else {}
        groups: dict[str, list[Term[RuleMeaning]]] = {}
        for name, story in self.stories.items():
            groups |= {f"{name} {part}": terms for part, terms in story_terms(story, before.get(name)).items()}
        self.asks_always = any(story.always for story in self.stories.values())
        self.scanner: Scanner[RuleMeaning] = Scanner(groups, self.folder, particles, previous.scanner if previous else None)

    def language(self, code: str) -> Language | None:
        """A language by its code, compiled when a text first needs it; None: it is not read."""
        return _language(code) if code in LANGUAGES else None


@cache
def _shared() -> tuple[dict[str, str], frozenset[str]]:
    loaded = packs()
    pairs = [pair for pack in loaded.values() for pair in pack.variants.split()]
    return {pair[0]: pair[1] for pair in pairs}, frozenset(p for pack in loaded.values() for p in pack.particles)


@cache
def _folder() -> Folder:
    return Folder(_shared()[0])


@cache
def _language(code: str) -> Language:
    return Language(load_pack(code), _folder(), _shared()[1])


def compile_story(story: Story, version: str) -> CompiledStory:
    """A checked story -> one ready to read with."""
    known = frozenset(story.entities) | frozenset(story.words)
    speakers = _speakers(story)
    conditions: list[Condition] = []

    def add(owner: str, sort: ConditionSort, sources: Sequence[str]) -> None:
        for source in sources:
            node = parse(source, known, speakers)
            needs, here = (tuple(sorted(required(node, here=where), key=len)) for where in (False, True))
            conditions.append(Condition(owner, sort, node, needs, here, len(conditions)))

    for name, claim in story.claims.items():
        for sort in _OF_CLAIMS:
            add(name, sort, getattr(claim, sort))
    for name, source in story.matches.items():
        add(name, "match", [source])
    by_leaf: dict[Ref | Literal, list[Condition]] = {}
    for condition in conditions:
        for leaf in condition.needs[0] if condition.needs else ():
            by_leaf.setdefault(leaf, []).append(condition)
    leaves_of = {leaf: tuple(found) for leaf, found in by_leaf.items()}
    always = tuple(condition for condition in conditions if not condition.needs)
    return CompiledStory(story.story, version, story, tuple(conditions), leaves_of, _evoked(story), always)


def _speakers(story: Story) -> dict[str, list[str]]:
    """For each party it and whoever speaks for it, at any time."""
    found = {name: [name] for name, entity in story.entities.items() if entity.kind is Kind.PARTY}
    for name, entity in story.entities.items():
        for party in dict.fromkeys(tenure.party for tenure in entity.speaks_for):
            found.setdefault(party, [party]).append(name)
    return found


def _evoked(story: Story) -> dict[str, frozenset[str]]:
    """For each entity what belongs to it, or to a party that it speaks for at any time."""
    parts: dict[str, set[str]] = {}
    for name, entity in story.entities.items():
        for whole in entity.part_of if entity.later else ():
            parts.setdefault(whole, set()).add(name)
    evoked: dict[str, frozenset[str]] = {}
    for name, entity in story.entities.items():
        wholes = parts.keys() & {name, *(tenure.party for tenure in entity.speaks_for)}
        if wholes:
            evoked[name] = frozenset[str]().union(*(parts[whole] for whole in wholes))
    return evoked


def story_terms(compiled: CompiledStory, previous: CompiledStory | None = None) -> Mapping[str, list[Term[RuleMeaning]]]:
    """Every term that a story looks for, by the entity or words that it is for; what conditions quote themselves stands under "".

    previous: an earlier state of the story, whose terms are taken over where they are the same.
    """
    story, before = compiled.story, previous.story if previous else None
    parts: list[tuple[str, Entity | ByLanguage]] = [*story.entities.items(), *story.words.items()]
    for name, part in parts:
        same = before is not None and part == (before.entities.get(name) or before.words.get(name))
        kept = previous.terms.get(name) if previous and same else None
        compiled.terms[name] = kept if kept is not None else list(_terms_of(story.story, name, part))
    quoted = [leaf for condition in compiled.conditions for leaf in leaves(condition.node) if isinstance(leaf, Literal)]
    compiled.terms[""] = [_term(leaf.text, LeafOf(story.story, leaf)) for leaf in quoted]
    compiled.terms["cues "] = list(_cues(story))
    return compiled.terms


def _cues(story: Story) -> Iterator[Term[RuleMeaning]]:
    """The words of a story that report."""
    for cls, by_language in story.cues.items():
        for language, terms in by_language.items():
            meaning: RuleMeaning = StoryCue(story.story, language, CueOf(CueClass(cls), Frame.VERB, False))
            yield from (_term(text, meaning) for written in terms for text in expand(written))


def _terms_of(story: str, name: str, part: Entity | ByLanguage) -> Iterator[Term[RuleMeaning]]:
    """What is looked for to find an entity, or a group of words."""
    if not isinstance(part, Entity):
        meaning: RuleMeaning = LeafOf(story, Ref(name))
        yield from (_term(text, meaning) for terms in part.values() for written in terms for text in expand(written))
        return
    for sort, names in entity_names(part):
        for language, terms in names.items():
            for text, mark in _forms(terms, language, person=part.kind is Kind.PERSON and sort == "name"):
                yield _term(text, NameOf(story, name, sort, mark, language))
    if part.speaker_class:
        for code, pack in packs().items():
            for text, mark in _forms(pack.classes.get(part.speaker_class, ()), code):
                yield _term(text, NameOf(story, name, "class", mark, code))


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


def _language_terms(pack: Pack) -> Iterator[Term[LanguageMeaning]]:
    for cue in pack.cues:
        for written in cue.terms:
            meaning: LanguageMeaning = CueOf(cue.cls, cue.frame, cue.negated, cue.spare)
            yield from _wordings(written, meaning)
    inflected: list[tuple[Role, tuple[str, ...]]] = [("office", pack.offices), ("repeat", pack.descriptions)]
    for role, terms in inflected:
        for written in terms:
            for text in expand(written):
                for form, mark in forms(text, pack.language):
                    yield _term(form, RoleOf(role, mark))
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
    for value, terms in pack.numerals.items():
        for written in terms:
            numeral: LanguageMeaning = RoleOf("numeral", str(value))
            yield from _wordings(written, numeral)
    for role, terms in rows:
        for written in terms:
            of_role: LanguageMeaning = RoleOf(role)
            yield from _wordings(written, of_role)
