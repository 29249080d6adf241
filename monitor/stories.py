"""Opening stories: rule files read, checked and compiled into a rulebook. What every command does first."""

from __future__ import annotations

from pathlib import Path

from monitor.engine import conditions
from monitor.engine.vocabulary import Rulebook
from monitor.language import inflect
from monitor.rules.load import read_stories


def open_rulebook(folder: Path) -> Rulebook:
    """A folder of story folders, or one story folder -> all of its stories, compiled. Raises RuleErrors with every error, or InputError."""
    stories = read_stories(folder, conditions.check)
    with inflect.remembered():
        return Rulebook(stories)
