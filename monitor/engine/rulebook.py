"""Stories and language files, compiled into what reading works with: one scanner for all stories, one for each language.

Working out what is looked for takes seconds for a large story, and most of it is the same from run to run. So it can be remembered:
each entity and each group of words by what it says.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from functools import cache
from typing import Any, Protocol

from pydantic import TypeAdapter, ValidationError

from monitor.engine.lexicon import cue_terms, language_terms, part_terms, quoted_terms
from monitor.engine.scanner import Scanner
from monitor.engine.text import Folder
from monitor.engine.vocabulary import CompiledStory, LanguageMeaning, RuleMeaning, compile_story
from monitor.engine.wordings import ByScript, Wordings, wordings
from monitor.language.pack import LANGUAGES, Pack, load_pack, packs
from monitor.model import digest
from monitor.rules.schema import ByLanguage, Entity, Story


class Memory(Protocol):
    """JSON values by name, from one run of this very program to the next. It may forget."""

    def get(self, name: str) -> Any:
        """What was put under the name; None: nothing."""

    def put(self, name: str, value: Any) -> None:
        """Keeps a value in place of any other of the name."""


class Language:
    """A language file with its scanner."""

    def __init__(self, pack: Pack, worded: ByScript[LanguageMeaning], folder: Folder, particles: frozenset[str]) -> None:
        self.pack = pack
        self.scanner: Scanner[LanguageMeaning] = Scanner({"": worded}, folder, particles)
        self.topic_after = frozenset(pack.topic_after)
        self.subject_after = frozenset(pack.subject_after)
        self.oblique_after = frozenset(pack.oblique_after)


class Rulebook:
    """All stories and languages, compiled: what the core reads with. Immutable after construction."""

    def __init__(self, stories: Sequence[tuple[Story, str]], previous: Rulebook | None = None, memory: Memory | None = None) -> None:
        """stories: each with its version. They must have passed the loader's checks.

        previous: an earlier state of them; what has not changed since is taken over instead of being worked out again.
        memory: where what was worked out by an earlier run is looked for, when there is no earlier state.
        """
        self.folder = _folder()
        self.stories = {story.story: compile_story(story, version) for story, version in stories}
        self._memory = memory
        self._parts: dict[str, ByScript[RuleMeaning]] = {}
        """What is looked for to find entities and groups of words, by what they say."""
        groups: dict[str, ByScript[RuleMeaning]] = {}
        for name, story in self.stories.items():
            parts = self._worded(story, previous)
            rest = {"": quoted_terms(story), "cues ": cue_terms(story.story)}
            worded = parts | {part: wordings(terms, self.folder) for part, terms in rest.items()}
            groups |= {f"{name} {part}": by_script for part, by_script in worded.items()}
        self.asks_always = any(story.always for story in self.stories.values())
        self.scanner: Scanner[RuleMeaning] = Scanner(groups, self.folder, _particles(), previous.scanner if previous else None)

    def language(self, code: str) -> Language | None:
        """A language by its code, compiled when a text first needs it; None: it is not read."""
        if code not in LANGUAGES:
            return None
        if code not in _languages:
            pack = load_pack(code)
            worded = _recalled(_LANGUAGE, self._memory, f"language {code}")
            if worded is None:
                worded = wordings(language_terms(pack), self.folder)
                _keep(_LANGUAGE, self._memory, f"language {code}", worded)
            _languages[code] = Language(pack, worded, self.folder, _particles())
        return _languages[code]

    def _worded(self, compiled: CompiledStory, previous: Rulebook | None) -> dict[str, ByScript[RuleMeaning]]:
        """What is looked for to find the entities and groups of words of a story, by their ids."""
        story = compiled.story
        parts: dict[str, Entity | ByLanguage] = {**story.entities, **story.words}
        keys = {name: digest(story.story, name, _said(part)) for name, part in parts.items()}
        known: Mapping[str, ByScript[RuleMeaning]]
        known = previous._parts if previous else _recalled(_PARTS, self._memory, f"story {story.story}") or {}
        for name, key in keys.items():
            self._parts[key] = known[key] if key in known else wordings(part_terms(story.story, name, parts[name]), self.folder)
        if not previous and not known.keys() >= set(keys.values()):
            _keep(_PARTS, self._memory, f"story {story.story}", {key: self._parts[key] for key in keys.values()})
        return {name: self._parts[key] for name, key in keys.items()}


_PARTS: TypeAdapter[dict[str, dict[str, Wordings[RuleMeaning]]]] = TypeAdapter(dict[str, dict[str, Wordings[RuleMeaning]]])
_LANGUAGE: TypeAdapter[dict[str, Wordings[LanguageMeaning]]] = TypeAdapter(dict[str, Wordings[LanguageMeaning]])
_languages: dict[str, Language] = {}
"""Those that were compiled: they are the same for all rulebooks."""


def _said(part: Entity | ByLanguage) -> str:
    return part.model_dump_json() if isinstance(part, Entity) else json.dumps(part)


def _recalled(adapter: TypeAdapter[Any], memory: Memory | None, name: str) -> Any:
    """What a memory has under a name; None: nothing that can be used."""
    value = memory.get(name) if memory is not None else None
    try:
        return None if value is None else adapter.validate_python(value)
    except ValidationError:
        return None


def _keep(adapter: TypeAdapter[Any], memory: Memory | None, name: str, value: Any) -> None:
    if memory is not None:
        memory.put(name, adapter.dump_python(value, mode="json"))


@cache
def _particles() -> frozenset[str]:
    return frozenset(particle for pack in packs().values() for particle in pack.particles)


@cache
def _folder() -> Folder:
    pairs = [pair for pack in packs().values() for pair in pack.variants.split()]
    return Folder({pair[0]: pair[1] for pair in pairs})
