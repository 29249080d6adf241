"""Pictures of timelines: sound XML whatever feeds say, all of the history in them, and nothing that a browser would run or fetch."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from html.parser import HTMLParser
from xml.etree import ElementTree

import pytest

from monitor.charts.html import html
from monitor.charts.scale import Scale, span
from monitor.charts.svg import svg
from monitor.engine.timeline import Timeline, timeline, within
from tests.engine.factory import hour, kept

SVG = "{http://www.w3.org/2000/svg}"
NOW = hour(9)
HOSTILE = "</title></style></script><script>alert(1)</script><img src=x onerror=alert(1)>\"' &amp; \x00\x1b[31m\u202e\ud800 ]]>"


def history(quote: str = "No", outlet: str = "Gazette", url: str = "https://outlet.example/1", title: str = "Title") -> Timeline:
    """A party denies, recalls, evades and admits; another affirms."""
    ledger = kept(
        ("a", 1, "buyer", "deny", "now"),
        ("b", 2, "union", "affirm", "now"),
        ("c", 3, "buyer", "deny", "past"),
        ("d", 4, "buyer", "decline", "now"),
        ("e", 5, "buyer", "affirm", "now"),
        ("f", 6, "buyer", "doubt", "now"),
        quote=quote, speaker=quote, cue=quote, outlet=outlet, url=url, title=title,
    )  # fmt: skip
    return timeline(ledger, "sale")


def parsed(drawn: str) -> ElementTree.Element:
    return ElementTree.fromstring(drawn)  # noqa: S314 - our own text


def test_an_svg_shows_each_band_with_its_time_and_each_piece_of_evidence_with_its_quote() -> None:
    root = parsed(svg(history("Never, said the buyer"), NOW))
    titles = [title.text or "" for title in root.iter(f"{SVG}title")]
    bands = [title for title in titles if " since " in title]
    assert bands == [
        "denied since 2024-03-01 01:00 UTC, until 2024-03-01 02:00 UTC",
        "disputed since 2024-03-01 02:00 UTC, until 2024-03-01 04:00 UTC",
        "asserted since 2024-03-01 04:00 UTC, until 2024-03-01 05:00 UTC",
        "confirmed since 2024-03-01 05:00 UTC",
        "buyer denies since 2024-03-01 01:00 UTC, until 2024-03-01 04:00 UTC",
        "buyer declines to say since 2024-03-01 04:00 UTC, until 2024-03-01 05:00 UTC",
        "buyer affirms since 2024-03-01 05:00 UTC",
        "union affirms since 2024-03-01 02:00 UTC",
    ]
    assert sum("“Never, said the buyer”" in title for title in titles) == 6
    assert root.get("role") == "img"
    assert (root.find(f"{SVG}title") is not None, root.find(f"{SVG}desc") is not None) == (True, True)
    assert {link.get("href") for link in root.iter(f"{SVG}a")} == {"https://outlet.example/1"}


def test_nothing_is_drawn_outside_the_picture() -> None:
    """Bands and marks stay inside, in order, and none is lost for being short."""
    for shown in (history(), within(history(), hour(2), hour(4))):
        root = parsed(svg(shown, NOW, hour(2), hour(4)))
        for rect in root.iter(f"{SVG}rect"):
            if rect.get("x"):
                assert 0 <= float(rect.get("x", "")) <= float(rect.get("x", "")) + float(rect.get("width", "")) <= 1200
        assert len([rect for rect in root.iter(f"{SVG}rect") if "band" in rect.get("class", "")]) >= 4


@pytest.mark.parametrize("url", ["javascript:alert(1)", "data:text/html,x", "//outlet.example", "http://[", "file:///etc/passwd", HOSTILE])
def test_hostile_text_stays_text_and_hostile_links_no_links(url: str) -> None:
    hostile = history(HOSTILE, HOSTILE, url, HOSTILE)
    drawn, page = svg(hostile, NOW), html(hostile, NOW)
    assert "<script" not in drawn
    assert "href" not in drawn
    assert page.count("<script") == 1  # our own
    tags, hrefs = read_page(page)
    assert "img" not in tags
    assert {href for href in hrefs if not href.startswith("#e-")} == set()
    for text in (drawn, page):
        text.encode()
        assert not re.search("[\x00-\x08\x1b\u202e]", text)
    assert any("</title></style></script><script>" in (title.text or "") for title in parsed(drawn).iter(f"{SVG}title"))


def read_page(page: str) -> tuple[list[str], list[str]]:
    """A page as a browser reads it: its tags, and where its links lead."""
    tags: list[str] = []
    hrefs: list[str] = []

    class Reader(HTMLParser):
        def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
            tags.append(tag)
            hrefs.extend(value for name, value in attrs if name in ("href", "src") and value)

    Reader().feed(page)
    return tags, hrefs


def test_a_page_has_a_row_for_each_piece_of_evidence_to_which_its_mark_leads_and_loads_nothing() -> None:
    shown = history()
    page = html(shown, NOW)
    _, hrefs = read_page(page)
    rows = re.findall(r'<tr id="(e-\w+)" data-party="(\w+)" data-stance="(\w+)" data-effect="(\w+)"', page)
    assert [row[1:] for row in rows] == [
        ("buyer", "deny", "moved"),
        ("union", "affirm", "moved"),
        ("buyer", "deny", "past"),
        ("buyer", "decline", "moved"),
        ("buyer", "affirm", "moved"),
        ("buyer", "doubt", "outweighed"),
    ]
    assert {href for href in hrefs if href.startswith("#")} == {f"#{row[0]}" for row in rows}
    assert {href for href in hrefs if not href.startswith("#")} == {"https://outlet.example/1"}
    assert "default-src 'none'" in page
    assert not re.search(r"""(src|@import|url\()""", page.replace("default-src", "").replace("style-src", "").replace("script-src", ""))


SPANS = {
    # outcome: now, from, to, the hours at which the chart begins and ends
    "up to now": (7, None, None, 0.88, 7),
    "long after the last evidence it ends soon after that": (1000, None, None, 0.88, 6.3),
    "evidence dated ahead of now is seen": (2, None, None, 0.88, 6.3),
    "as asked for": (7, 2, 100, 2, 100),
}


@pytest.mark.parametrize(("now", "since", "until", "begin", "end"), SPANS.values(), ids=SPANS)
def test_what_stretch_of_time_is_drawn(now: float, since: float | None, until: float | None, begin: float, end: float) -> None:
    given = [None if one is None else hour(one) for one in (since, until)]
    drawn = span(history(), hour(now), *given)
    assert drawn == (hour(begin), hour(end))


DAY = datetime(2024, 12, 30, 22, tzinfo=UTC)
TICKS = {
    "hours": (timedelta(hours=5), ["30 Dec 22:00", "23:00", "31 Dec", "01:00", "02:00", "03:00"]),
    "days": (timedelta(days=7), ["31 Dec 2024", "1 Jan 2025", "2 Jan", "3 Jan"]),
    "months": (timedelta(days=130), ["Jan 2025", "Feb", "Mar", "Apr", "May"]),
    "years": (timedelta(days=2200), ["2025", "2026", "2027", "2028", "2029", "2030", "2031"]),
    "to the end of time": (datetime.max.replace(tzinfo=UTC) - DAY, ["3000", "4000"]),
}


@pytest.mark.parametrize(("length", "expected"), TICKS.values(), ids=TICKS)
def test_dates_on_the_axis_are_round_and_say_the_year_where_it_begins(length: timedelta, expected: list[str]) -> None:
    found = Scale(DAY, DAY + length, 80).ticks(10)
    assert [label for _, label in found][: len(expected)] == expected
    assert len(found) <= 8
