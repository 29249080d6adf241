"""What changed between two states of a story's rules, part by part."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from monitor.model import StoryRulesChange, digest
from monitor.rules.schema import Story

Parts = Mapping[str, Mapping[str, str]]
"""Section -> name -> a short hash of what stands there. Small enough to be kept, and all that a comparison needs."""

_NAMED_BY = {"alerts": "alert", "feeds": "url", "tests": "test"}
_SECTIONS = ("entities", "words", "cues", "claims", "matches", *_NAMED_BY)


def parts(story: Story) -> Parts:
    """The parts of a story's rules. Of tests with the same name the last counts."""
    content: dict[str, Any] = story.model_dump(mode="json", by_alias=True)
    found: dict[str, dict[str, str]] = {"story": {"title": _hash(story.title)}}
    for section in _SECTIONS:
        name = _NAMED_BY.get(section)
        pairs = [(one[name], one) for one in content[section]] if name else content[section].items()
        found[section] = {key: _hash(value) for key, value in pairs}
    return found


def change(story: str, versions: tuple[str | None, str | None], before: Parts, after: Parts) -> StoryRulesChange:
    """What changed in a story. versions: before and after; None: there was or is no such story, and its parts are not listed."""
    added: dict[str, tuple[str, ...]] = {}
    removed: dict[str, tuple[str, ...]] = {}
    altered: dict[str, tuple[str, ...]] = {}
    for section in sorted(before.keys() | after.keys()) if None not in versions else ():
        was, now = before.get(section, {}), after.get(section, {})
        for kind, names in (
            (added, now.keys() - was.keys()),
            (removed, was.keys() - now.keys()),
            (altered, {name for name in now.keys() & was.keys() if now[name] != was[name]}),
        ):
            if names:
                kind[section] = tuple(sorted(names))
    return StoryRulesChange.model_validate(
        {"story": story, "from": versions[0], "to": versions[1], "added": added, "removed": removed, "altered": altered}
    )


def _hash(value: Any) -> str:
    return digest(json.dumps(value, sort_keys=True, ensure_ascii=False))[:8]
