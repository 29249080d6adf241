"""Feeds put into rule files: lines are added, every other byte stays."""

from __future__ import annotations

from pathlib import Path

import pytest

from monitor.errors import InputError
from monitor.rules.adding import add_feeds, with_feeds
from monitor.rules.nodes import plain
from monitor.rules.source import parse

NEW = [
    {"url": "https://a.example/rss?x=1#y", "every": "5m", "lang": "no", "outlet": "Name: with, commas # and 한국"},
    {"url": "https://b.example/"},
]
FLOW = "{url: \"https://a.example/rss?x=1#y\", every: 5m, lang: no, outlet: 'Name: with, commas # and 한국'}"
OLD = "{url: 'https://o.example/'}"

KEPT = [
    pytest.param(f"title: x\nfeeds:\n  # International\n  - {OLD}  # why\n\n  # Russia\nclaims: {{}}\n", id="a list with comments"),
    pytest.param(f"title: x\nfeeds:\n- {OLD}", id="a list without an end of line"),
    pytest.param(f"title: x\r\nfeeds:\r\n  - {OLD}\r\nclaims: {{}}\r\n", id="lines as Windows ends them"),
    pytest.param(
        "feeds:\n  - url: https://o.example/\n    outlet: >-\n      Long\n      name\n\n# after\nclaims: {}\n", id="feeds of several lines"
    ),
    pytest.param("title: x  # c\n", id="no list"),
    pytest.param("title: x", id="no list and no end of line"),
    pytest.param("", id="an empty file"),
    pytest.param("title: x\nfeeds:\n  # - {url: old}\nclaims: {}\n", id="a list that is commented out"),
    pytest.param("feeds: []  # none yet\n", id="an empty list"),
    pytest.param(f"\ufeffa: 1\nfeeds: [\n  {OLD},  # one\n]\ntitle: y\n", id="a list in brackets"),
]


@pytest.mark.parametrize("text", KEPT)
def test_what_was_there_stays_as_it_was_and_the_feeds_follow(text: str) -> None:
    made = with_feeds(text, NEW)
    assert made is not None
    rest = iter(made)
    assert all(character in rest for character in text), "something was taken out"
    assert [(line, line.endswith("\r\n")) for line in made.splitlines(True) if "\r\n" in text and not line.endswith("\r\n")] == []
    before, _ = parse(text.encode(), "")
    after, wrong = parse(made.encode(), "")
    assert before is not None
    assert after is not None
    assert wrong == []
    held, holds = plain(before), plain(after)
    assert isinstance(held, dict)
    assert holds == held | {"feeds": [*(held.get("feeds") or []), *NEW]}


def test_a_feed_is_written_as_its_neighbours_are() -> None:
    assert with_feeds(f"feeds:\n  - {OLD}\n", NEW[:1]) == f"feeds:\n  - {OLD}\n  - {FLOW}\n"
    block = "feeds:\n- url: https://o.example/\n  every: 5m  # why\n"
    assert with_feeds(f"{block}\n# after\n", [{"url": "https://b.example/", "lang": "en"}]) == (
        f'{block}- url: "https://b.example/"\n  lang: en\n\n# after\n'
    )


@pytest.mark.parametrize(
    "text",
    ["a: &a\n  url: https://o.example/\nfeeds:\n  - *a\nz: 1\n", "{title: x}\n", "---\ntitle: x\n...\n", "title: [\n", "feeds: text\n"],
)
def test_a_file_of_another_kind_is_left_to_a_person(text: str) -> None:
    assert with_feeds(text, NEW) is None


def test_feeds_go_where_the_story_has_its_feeds_and_the_file_keeps_its_mode(tmp_path: Path) -> None:
    story = tmp_path / "tiny"
    story.mkdir()
    (story / "story.yaml").write_text("title: x\n", encoding="utf-8")
    assert add_feeds(tmp_path, "tiny", NEW[:1]) == story / "story.yaml"
    (story / "story.yaml").write_text("title: x\n", encoding="utf-8")
    (story / "sources.yaml").write_text(f"feeds:\n  - {OLD}\n", encoding="utf-8")
    (story / "sources.yaml").chmod(0o640)
    assert add_feeds(tmp_path, "tiny", NEW[:1]) == story / "sources.yaml"
    assert add_feeds(story, "tiny", NEW[1:]) == story / "sources.yaml"
    assert (story / "sources.yaml").read_text(encoding="utf-8").count("- {") == 3
    assert (story / "sources.yaml").stat().st_mode & 0o777 == 0o640
    assert sorted(path.name for path in story.iterdir()) == ["sources.yaml", "story.yaml"]
    with pytest.raises(InputError, match="no story called other"):
        add_feeds(tmp_path, "other", NEW)
