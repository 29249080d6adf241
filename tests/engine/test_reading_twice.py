"""Reading by two rulebooks at once: the same as by each alone, whatever is worked out once for both."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from pathlib import Path

import pytest

from monitor.engine.pipeline import Reading, read, read_by
from monitor.engine.rulebook import Rulebook
from monitor.replay import open_articles
from monitor.rules.load import read_stories, version_of
from monitor.rules.schema import Story
from monitor.stories import compiled, open_rulebook

ROOT = Path(__file__).parents[2]
ARTICLES = open_articles(ROOT / "monitor" / "demo" / "articles.jsonl")[::5]


@pytest.fixture(scope="module")
def present() -> Rulebook:
    return open_rulebook(ROOT / "rules")


def changed(**changes: object) -> Rulebook:
    [(story, _)] = read_stories(ROOT / "rules")
    new = story.model_copy(update={name: change(getattr(story, name)) for name, change in changes.items()})  # type: ignore[operator]
    return compiled([(new, version_of(new))])


def told(readings: Iterable[Reading]) -> list[Reading]:
    """Readings without the version of the rules."""
    return [replace(one, evidence=tuple(row.model_copy(update={"rules": ""}) for row in one.evidence)) for one in readings]


def first_condition_gone(claims: dict[str, object]) -> dict[str, object]:
    """The claims, each with one wording less where it has several."""
    return {
        name: claim.model_copy(update={"about": claim.about[1:] or claim.about})  # type: ignore[attr-defined]
        for name, claim in claims.items()
    }


def less_words(words: dict[str, dict[str, Sequence[str]]]) -> dict[str, dict[str, Sequence[str]]]:
    return {name: {code: terms[::2] for code, terms in by.items()} for name, by in words.items()}


def other_names(entities: dict[str, object]) -> dict[str, object]:
    return {
        name: entity.model_copy(update={"names": {code: terms[:1] for code, terms in entity.names.items()}})  # type: ignore[attr-defined]
        for name, entity in entities.items()
    }


@pytest.mark.parametrize(
    ("edit", "differs"),
    [
        (lambda: changed(claims=lambda claims: dict(reversed(claims.items()))), False),
        (lambda: changed(claims=first_condition_gone), True),
        (lambda: changed(words=less_words), True),
        (lambda: changed(entities=other_names), True),
    ],
    ids=["order of claims", "conditions", "words", "names"],
)
def test_both_say_what_each_says_alone(present: Rulebook, edit: object, differs: bool) -> None:
    new: Rulebook = edit()  # type: ignore[operator]
    found = False
    for article in ARTICLES:
        first, second = read_by(article, present, new)
        assert told(first) == told(read(article, present))
        assert told(second) == told(read(article, new))
        found = found or told(first) != told(second)
    assert found is differs


def test_what_is_the_same_is_read_once(present: Rulebook) -> None:
    rarer = changed(
        claims=lambda claims: {
            **claims,
            "thousand-dead": claims["thousand-dead"].model_copy(update={"about": ("number >= 7 near 4 soldiers",)}),
        }
    )
    pairs = [read_by(article, present, rarer) for article in ARTICLES]
    shared = [first[0] is second[0] for first, second in pairs if first and second]
    assert True in shared
    assert False in shared


def test_a_story_that_only_one_has_is_read_by_that_one(present: Rulebook) -> None:
    [(story, _)] = read_stories(ROOT / "rules")
    other = Story.model_validate({**story.model_dump(mode="json", by_alias=True), "story": "other"})
    first, second = read_by(ARTICLES[5], present, compiled([(other, "1")]))
    assert ([one.story for one in first], [one.story for one in second]) == (["kursk"], ["other"])
