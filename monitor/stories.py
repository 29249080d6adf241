"""Opening stories: rule files read, checked and compiled into a rulebook. What every command does first."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from monitor import cache
from monitor.engine import conditions
from monitor.engine.rulebook import Rulebook
from monitor.engine.vocabulary import CompiledStory, compile_story
from monitor.language import inflect
from monitor.rules.load import read_stories
from monitor.rules.schema import Story


def open_rulebook(folder: Path, previous: Rulebook | None = None) -> Rulebook:
    """A folder of story folders, or one story folder -> all of its stories, compiled. Raises RuleErrors with every error, or InputError.

    previous: what was read from it earlier; what has not changed since is taken over.
    """
    return compiled(read_stories(folder, conditions.check), previous)


def compiled(stories: Sequence[tuple[Story, str]], previous: Rulebook | None = None) -> Rulebook:
    """Checked stories, each with its version -> a rulebook."""
    with inflect.remembered():
        return Rulebook(stories, previous, _Memory())


def open_stories(folder: Path) -> dict[str, CompiledStory]:
    """The same by name, without what reading needs and takes long: enough to follow claims. Raises RuleErrors or InputError."""
    return {story.story: compile_story(story, version) for story, version in read_stories(folder, conditions.check)}


class _Memory:
    """What was worked out for rulebooks by earlier runs, in the cache."""

    def get(self, name: str) -> Any:
        return cache.get("wordings", cache.key_of([name]))

    def put(self, name: str, value: Any) -> None:
        cache.put("wordings", cache.key_of([name]), value)
