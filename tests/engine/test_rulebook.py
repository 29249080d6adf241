"""Rulebooks that take over what an earlier run has worked out."""

from __future__ import annotations

from typing import Any

import pytest

from monitor.engine import lexicon
from monitor.engine import rulebook as rulebooks
from monitor.engine.pipeline import read_all
from monitor.engine.rulebook import Rulebook
from monitor.rules.load import read_stories
from tests.engine.conftest import STORIES
from tests.engine.factory import article

TEXTS = {
    "en": "Corvane denied that it will buy Ambervale. The Quayside Union's chairman said Northquay would be closed.",
    "ru": "«Корвейн» отрицает, что купит «Эмбервейл». Закроют ли верфь, в компании не сказали.",
    "zh": "科维恩否认将收购安伯维尔。",
}
ARTICLES = [article(code).model_copy(update={"text": text, "lang": code}) for code, text in TEXTS.items()]


class Notebook(dict[str, Any]):
    """A memory."""

    def put(self, name: str, value: Any) -> None:
        self[name] = value


def test_what_an_earlier_run_has_worked_out_is_not_worked_out_again_and_reads_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    memory, stories = Notebook(), read_stories(STORIES)
    first = Rulebook(stories, memory=memory)
    read = [read_all(one, first) for one in ARTICLES]
    assert any(reading.evidence for readings in read for reading in readings)

    def never(*_: object) -> list[Any]:
        raise AssertionError("worked out again")

    monkeypatch.setattr(rulebooks, "part_terms", never)
    assert [read_all(one, Rulebook(stories, memory=memory)) for one in ARTICLES] == read


def test_only_what_an_edit_has_changed_is_worked_out_again(monkeypatch: pytest.MonkeyPatch) -> None:
    memory, [(story, version)] = Notebook(), read_stories(STORIES)
    Rulebook([(story, version)], memory=memory)
    worked_out: list[str] = []
    real = lexicon.part_terms

    def counted(story: str, name: str, part: Any) -> Any:
        worked_out.append(name)
        return real(story, name, part)

    monkeypatch.setattr(rulebooks, "part_terms", counted)
    edited = story.model_copy(update={"words": {**story.words, "buying": {"en": ["snap up"]}}})
    Rulebook([(edited, version)], memory=memory)
    assert worked_out == ["buying"]


@pytest.mark.parametrize("value", [{"x": 1}, [], "text", {"key": {"": {"rows": 3}}}])
def test_a_memory_that_holds_something_else_is_not_believed(value: object) -> None:
    stories = read_stories(STORIES)
    memory = Notebook({f"story {stories[0][0].story}": value})
    assert [read_all(one, Rulebook(stories, memory=memory)) for one in ARTICLES[:3]] == [
        read_all(one, Rulebook(stories)) for one in ARTICLES[:3]
    ]
