"""What the terms of stories and languages stand for; and stories, compiled: their conditions, by what they ask for."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property
from typing import Any, cast
from typing import Literal as OneOf

from monitor.engine.conditions import Literal, Node, Ref, parse, required
from monitor.language.pack import CueClass, Frame
from monitor.model import digest
from monitor.rules.schema import Claim, Kind, Story

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
