"""Articles from JSON lines, and what a replay of them makes of versions and order."""

from __future__ import annotations

import io
import json
from collections.abc import Iterable
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from monitor.engine.rulebook import Rulebook
from monitor.errors import InputError
from monitor.model import Alert, Article, ClaimChanged, Event, as_json
from monitor.replay import articles_from, open_articles, replay
from tests.engine.factory import many


def line(**changed: object) -> str:
    row = {"id": "a", "published": "2024-03-01T08:00:00Z", "title": "T", "text": "", **changed}
    return json.dumps({name: value for name, value in row.items() if value is not ...})


def articles(*lines: str) -> list[Article]:
    return list(articles_from(io.StringIO("\n".join(lines)), "file"))


def test_a_line_becomes_an_article() -> None:
    (one,) = articles(line(source="Gazette", url="https://gazette.example/1", lang="en", text="Words\n\nMore", anything=[1]))
    assert (one.id, one.version, one.outlet, one.url, one.lang) == ("a", 1, "Gazette", "https://gazette.example/1", "en")
    assert (one.title, one.text) == ("T", "Words\n\nMore")
    assert one.published_at.isoformat() == "2024-03-01T08:00:00+00:00"


@pytest.mark.parametrize(
    ("written", "utc"),
    [
        ("2024-03-01", "2024-03-01T00:00:00+00:00"),
        ("2024-03-01T08:00:00", "2024-03-01T08:00:00+00:00"),
        ("2024-03-01T08:00:00+05:30", "2024-03-01T02:30:00+00:00"),
    ],
)
def test_a_date_is_read_as_utc_unless_it_says_otherwise(written: str, utc: str) -> None:
    assert articles(line(published=written))[0].published_at.isoformat() == utc


def test_blank_lines_count_as_lines_but_not_as_articles() -> None:
    with pytest.raises(InputError, match=r"^file:4: "):
        articles(line(), "", "  ", "{")


def test_a_line_with_the_id_of_an_earlier_one_is_its_next_version() -> None:
    found = articles(line(), line(id="b"), line(text="x"), line(text="y"))
    assert [(one.id, one.version) for one in found] == [("a", 1), ("b", 1), ("a", 2), ("a", 3)]


BROKEN = {
    "half a line": "{",
    "a list": "[]",
    "a number": "7",
    "no id": line(id=...),
    "an id that is a number": line(id=7),
    "no date": line(published=...),
    "a date that is a number": line(published=20240301),
    "a date that is none": line(published="2024-02-30"),
    "no title": line(title=...),
    "text that is null": line(text=None),
    "a number too long to read": '{"id": ' + "9" * 5000 + "}",
}


@pytest.mark.parametrize("broken", BROKEN.values(), ids=BROKEN)
def test_a_broken_line_is_an_expected_failure_on_one_line(broken: str) -> None:
    with pytest.raises(InputError, match=r"^file:2: ") as caught:
        articles(line(), broken)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("published", ["0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-10:00"])
def test_a_date_outside_the_calendar_is_an_expected_failure(published: str) -> None:
    with pytest.raises(InputError, match=r"^file:1: "):
        articles(line(published=published))


def test_a_line_of_brackets_is_an_expected_failure() -> None:
    with pytest.raises(InputError, match=r"^file:1: "):
        articles("[" * 200_000)


def test_half_a_character_in_a_text_is_replaced() -> None:
    (one,) = articles(r'{"id": "a", "published": "2024-03-01", "title": "\ud83d", "text": "a \ude00 b"}')
    assert (one.title, one.text) == ("?", "a ? b")


@pytest.mark.parametrize("name", ["id", "url", "source"])
def test_half_a_character_elsewhere_never_reaches_what_is_printed(name: str, rulebook: Rulebook) -> None:
    row = {"id": "a", "published": "2024-03-01", "title": "Corvane denied that it will buy Ambervale.", "text": "", name: "\ud83d"}
    try:
        found = articles(json.dumps(row))
    except InputError:
        return
    for event in events(found, rulebook):
        json.dumps(as_json(event), ensure_ascii=False).encode()


@many
@given(
    st.dictionaries(
        st.sampled_from(["id", "published", "title", "text", "lang", "url", "source"]), st.text(max_size=8) | st.none() | st.integers()
    )
)
def test_any_object_is_an_article_or_an_expected_failure(row: dict[str, object]) -> None:
    try:
        found = articles(json.dumps(row))
    except InputError as error:
        assert str(error).startswith("file:1: ")  # noqa: PT017  being read is fine too
    else:
        assert len(found) == 1


def test_a_file_that_is_not_there_or_no_text_is_an_expected_failure(tmp_path: Path) -> None:
    (tmp_path / "bytes").write_bytes(b"\xff\xfe\x00")
    for name in ("nowhere", "bytes", "."):
        with pytest.raises(InputError, match=str(tmp_path)):
            open_articles(tmp_path / name)


# Replaying --------------------------------------------------------------------------------------------------------------------

YES = "Corvane confirmed that it will buy Ambervale."
NO = "Ambervale said that Corvane will not buy Ambervale. Corvane denied that it will buy Ambervale."
LATER = "Ambervale confirmed the takeover of Ambervale."


def events(found: Iterable[Article], rulebook: Rulebook) -> list[Event]:
    return [event for _, some in replay(found, rulebook) for event in some]


def statuses(found: Iterable[Article], rulebook: Rulebook) -> list[tuple[str, str]]:
    return [(e.article, str(e.to)) for e in events(found, rulebook) if isinstance(e, ClaimChanged) and e.claim == "takeover"]


COURSE = [
    line(id="a", published="2024-03-01", text=NO),
    line(id="b", published="2024-03-02", text=YES),
    line(id="c", published="2024-03-03", text=LATER),
]


def test_articles_are_replayed_in_event_order(rulebook: Rulebook) -> None:
    # Ambervale's baseline denial stands until c.
    assert statuses(articles(*COURSE), rulebook) == [("b", "disputed"), ("c", "confirmed")]


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None, max_examples=10)
@given(order=st.permutations(COURSE))
def test_the_order_of_lines_plays_no_part(rulebook: Rulebook, order: list[str]) -> None:
    assert events(articles(*order), rulebook) == events(articles(*COURSE), rulebook)


def test_a_correction_is_replayed_after_what_it_corrects(rulebook: Rulebook) -> None:
    lines = [line(published="2024-03-01", text=YES), line(published="2024-03-01", text=NO)]
    found = events(articles(*lines), rulebook)
    changed = [(e.version, str(e.from_), str(e.to)) for e in found if isinstance(e, ClaimChanged)]
    assert changed == [(1, "denied", "disputed"), (2, "disputed", "denied")]
    raised = [alert for alert in found if isinstance(alert, Alert) and alert.claim == "takeover"]
    assert [alert.corrects for alert in raised] == [(), (raised[0].id,)]


def test_a_corrected_article_that_says_nothing_any_more_takes_back_its_status(rulebook: Rulebook) -> None:
    lines = [line(published="2024-03-01", text=YES), line(published="2024-03-01", text="We were wrong.")]
    assert statuses(articles(*lines), rulebook) == [("a", "disputed"), ("a", "denied")]
