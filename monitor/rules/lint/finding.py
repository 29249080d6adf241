"""What lint reports, and what it knows of a story when it looks."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

from pydantic import BaseModel, ConfigDict
from ruamel.yaml import YAML

from monitor.engine.conditions import Node, Ref, leaves, parse
from monitor.errors import Place
from monitor.rules.load import Places
from monitor.rules.schema import Kind, Story


class Code(BaseModel):
    """A page of `codes.yaml`: one thing that lint looks for."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    number: str
    says: str
    why: str
    example: str
    todo: str


@cache
def codes() -> Mapping[str, Code]:
    """All codes by name, in the order of their numbers."""
    content = YAML(typ="safe").load(files(__package__).joinpath("codes.yaml").read_text(encoding="utf-8"))
    return {name: Code.model_validate(page) for name, page in content.items()}


@dataclass(frozen=True, slots=True, order=True)
class Finding:
    """Something legal but suspicious. code: its name in `codes.yaml`; the rest as in `RuleError`."""

    place: Place
    code: str
    problem: str
    text: str = ""
    hint: str = ""


@dataclass(frozen=True, slots=True)
class Written:
    """A condition where it stands. part: the key that it stands under, `about` or another; owner: its claim or match."""

    owner: str
    part: str
    path: tuple[str | int, ...]
    source: str
    node: Node


CONDITIONS = ("about", "contrary", "conceded_by", "evaded_by", "named_by", "implied_by")
"""Keys of a claim that hold conditions."""


class Subject:
    """A checked story with its places, and what several checks ask of it."""

    def __init__(self, story: Story, places: Places) -> None:
        self.story, self.places = story, places
        self.known = frozenset(story.entities) | frozenset(story.words)
        self.conditions = self._conditions()
        self.used = {leaf.id for one in self.conditions for leaf in leaves(one.node) if isinstance(leaf, Ref)}
        self.parties = [name for name, entity in story.entities.items() if entity.kind is Kind.PARTY]
        self.vocal = self._vocal()

    def _conditions(self) -> list[Written]:
        found: list[Written] = []
        for name, claim in self.story.claims.items():
            for part in CONDITIONS:
                for number, source in enumerate(getattr(claim, part)):
                    found.append(Written(name, part, ("claims", name, part, number), source, parse(source, self.known)))
        for name, source in self.story.matches.items():
            found.append(Written(name, "match", ("matches", name), source, parse(source, self.known)))
        return found

    def _vocal(self) -> frozenset[str]:
        """Parties that a text can name as a speaker: themselves, by a class of speakers, or through somebody who speaks for them."""
        voices: set[str] = set()
        for name, entity in self.story.entities.items():
            if any((entity.names, entity.adjectives, entity.roles, entity.speaker_class)):
                voices.update([name] if entity.kind is Kind.PARTY else [tenure.party for tenure in entity.speaks_for])
        return frozenset(voices.intersection(self.parties))

    def at_key(self, code: str, problem: str, hint: str, *path: str | int) -> Finding:
        """A finding about what stands under a key, placed at the key."""
        return Finding(self.places.key(*path), code, problem, str(path[-1]), hint)

    def at(self, code: str, problem: str, hint: str, text: str, *path: str | int, offset: int | None = None) -> Finding:
        """A finding about a value there; about a part of it, that many code points into the text."""
        place = self.places.of(*path) if offset is None else self.places.within(path, offset)
        return Finding(place, code, problem, text, hint)
