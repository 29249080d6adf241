"""Lists of feeds: those of other programs are read, ours come back as they went."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from monitor.errors import InputError
from monitor.feeds.opml import Outline, read, write
from monitor.rules.schema import Story

NOW = datetime(2026, 1, 1, tzinfo=UTC)


def listed(*outlines: str, encoding: str = "UTF-8") -> bytes:
    return f'<?xml version="1.0" encoding="{encoding}"?><opml version="1.0"><head/><body>{"".join(outlines)}</body></opml>'.encode(encoding)


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        (listed('<outline text="News"><outline text="T" title="Цензор.НЕТ &amp;amp; Ко" xmlUrl="https://a.example/" type="rss"/></outline>'), Outline("https://a.example/", "Цензор.НЕТ & Ко")),
        (listed('<outline text="T" xmlURL=" https://a.example/?x=1&y=2 " language="zh-CN"/>'), Outline("https://a.example/?x=1&y=2", "T", "zh")),
        (listed('<outline text="new&#10;line" url="https://a.example/" type="rss"/>'), Outline("https://a.example/", "new line")),
        (listed('<outline text="데모" xmlUrl="feed:https://a.example/"/>', encoding="euc-kr"), Outline("https://a.example/", "데모")),
        (listed('<outline text="" xmlUrl="feed://a.example/"/>'), Outline("http://a.example/")),
        (b'\xef\xbb\xbf<OPML><body><OUTLINE XMLURL="https://a.example/"/></body></OPML>', Outline("https://a.example/")),
    ],
)  # fmt: skip
def test_lists_of_other_programs_are_read(body: bytes, expected: Outline) -> None:
    assert read(body) == [expected]


def test_folders_links_and_pages_are_no_feeds() -> None:
    assert (
        read(
            listed('<outline text="folder"/>', '<outline type="link" url="https://a.example/"/>', '<outline htmlUrl="https://a.example/"/>')
        )
        == []
    )


@pytest.mark.parametrize(
    ("body", "problem"),
    [
        (b"", "not well-formed"),
        (b"root:x:0:0", "not well-formed"),
        (b"<opml><body>", "not well-formed"),
        (b"<rss><channel/></rss>", "starts with <rss>"),
        (b'<!DOCTYPE opml [<!ENTITY a "aaaa">]><opml>&a;</opml>', "entities"),
        (b"\x00\x01\x02" * 100, "not well-formed"),
    ],
)
def test_what_is_no_list_is_told(body: bytes, problem: str) -> None:
    with pytest.raises(InputError, match=problem):
        read(body)


def test_our_own_list_comes_back_as_it_went() -> None:
    feeds = [
        {"url": "https://a.example/rss?x=1&y=2", "every": "90s", "fastest": "60s", "slowest": "2d", "failing_after": "1h", "lang": "ko", "outlet": '데모 "신문" <&>'},
        {"url": "https://b.example/", "cron": "0 6 * * *"},
        {"url": "https://c.example/"},
    ]  # fmt: skip
    story = Story.model_validate({"story": "tiny", "title": "A < B\x07", "feeds": feeds})
    back = read(write([story], NOW).encode())
    made = [{"url": one.url, "lang": one.lang, **one.rest} for one in back]
    assert Story.model_validate({"story": "tiny", "title": "x", "feeds": made}).feeds == story.feeds
    assert [one.title for one in back] == ['데모 "신문" <&>', "https://b.example/", "https://c.example/"]
