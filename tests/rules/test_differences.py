"""What changed between two states of a story's rules is told by section and name."""

from __future__ import annotations

from pathlib import Path

import pytest

from monitor.engine import conditions
from monitor.rules.differences import change, parts
from monitor.rules.load import read_stories
from monitor.rules.schema import Story
from monitor.stories import open_stories

RULES = """\
title: A bridge
entities:
  red: {kind: party, names: {en: [Red]}}
  blue: {kind: party, names: {en: [Blue]}}
words:
  bridge: {en: [bridge]}
claims:
  built: {text: The bridge is built, about: bridge, confirmed_by: red}
matches:
  any-bridge: bridge
alerts:
  - {alert: moved, when: {claim: built}}
feeds:
  - {url: "http://one.example/rss"}
tests:
  - {test: nothing, articles: [{at: 2025-05-01, title: Nothing}]}
"""


def read(folder: Path, text: str) -> tuple[Story, str]:
    (folder / "test").mkdir(exist_ok=True)
    (folder / "test" / "story.yaml").write_text(text, encoding="utf-8")
    [found] = read_stories(folder, conditions.check)
    return found


EDITS = {
    "a party is added": ("  blue:", "  green: {kind: party, names: {en: [Green]}}\n  blue:", ("added", "entities", "green"), True),
    "a name is altered": ("{en: [Blue]}", "{en: [Blue, Azure]}", ("altered", "entities", "blue"), True),
    "words are altered": ("{en: [bridge]}", "{en: [bridge, viaduct]}", ("altered", "words", "bridge"), True),
    "a claim is put in other words": ("The bridge is built", "There is a bridge", ("altered", "claims", "built"), False),
    "a claim is admitted by another": ("confirmed_by: red", "confirmed_by: blue", ("altered", "claims", "built"), False),
    "a claim is about something else": ("about: bridge", "about: bridge and red", ("altered", "claims", "built"), True),
    "a condition is altered": ("any-bridge: bridge", "any-bridge: bridge or red", ("altered", "matches", "any-bridge"), True),
    "an alert is removed": ("  - {alert: moved, when: {claim: built}}\n", "", ("removed", "alerts", "moved"), False),
    "a feed is added": ("feeds:\n", 'feeds:\n  - {url: "http://two.example/rss"}\n', ("added", "feeds", "http://two.example/rss"), False),
    "a test is altered": ("title: Nothing", "title: Something", ("altered", "tests", "nothing"), False),
    "the title is altered": ("title: A bridge", "title: Another bridge", ("altered", "story", "title"), False),
}


@pytest.mark.parametrize(("old", "new", "told", "reads"), EDITS.values(), ids=EDITS)
def test_each_edit_is_told_by_its_name_and_known_to_change_what_articles_say(
    tmp_path: Path, old: str, new: str, told: tuple[str, str, str], reads: bool
) -> None:
    assert RULES.count(old) == 1
    before, was = read(tmp_path, RULES)
    read_before = open_stories(tmp_path)["test"].reading
    after, now = read(tmp_path, RULES.replace(old, new))
    found = change("test", (was, now), parts(before), parts(after))
    listed = {
        (kind, section, name)
        for kind, sections in (("added", found.added), ("removed", found.removed), ("altered", found.altered))
        for section, names in sections.items()
        for name in names
    }
    assert listed == {told}
    assert (open_stories(tmp_path)["test"].reading != read_before) is reads


def test_a_story_that_is_new_or_gone_is_not_taken_to_pieces(tmp_path: Path) -> None:
    story, version = read(tmp_path, RULES)
    for versions, before, after in (((None, version), {}, parts(story)), ((version, None), parts(story), {})):
        found = change("test", versions, before, after)
        assert (found.from_, found.to, found.added, found.removed, found.altered) == (*versions, {}, {}, {})
