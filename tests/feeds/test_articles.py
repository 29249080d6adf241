"""Entries to articles."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from monitor.feeds.articles import articles, content_hash
from monitor.feeds.parsed import Entry, ParsedFeed
from monitor.feeds.state import FeedState
from monitor.model import Article, digest

NOW = datetime(2025, 4, 28, 9, tzinfo=UTC)
FEED = "https://www.example.org/rss"


def entry(id: str = "1", *, url: str = "", title: str = "Title", text: str = "", published: datetime | None = None) -> Entry:
    return Entry(id, url, title, text, published)


def made(*entries: Entry, outlet: str = "", lang: str = "", language: str = "") -> list[Article]:
    return articles(ParsedFeed("", language, entries), feed_url=FEED, outlet=outlet, lang=lang, now=NOW)


def test_an_entry_becomes_the_first_version_of_an_article() -> None:
    at = NOW - timedelta(hours=2)
    assert made(entry("7", url="https://example.org/7", text="One.\n\nTwo.", published=at), outlet="Example", lang="en") == [
        Article(
            id=digest(FEED, "7"),
            version=1,
            feed=FEED,
            outlet="Example",
            lang="en",
            url="https://example.org/7",
            title="Title",
            text="One.\n\nTwo.",
            published_at=at,
            fetched_at=NOW,
        )
    ]


@pytest.mark.parametrize(
    ("published", "event_time"),
    [
        (None, NOW),
        (NOW - timedelta(days=400), NOW - timedelta(days=400)),
        (NOW + timedelta(days=1), NOW + timedelta(days=1)),
        (NOW + timedelta(days=1, seconds=1), NOW),
        (datetime(1990, 1, 1, tzinfo=UTC), datetime(1990, 1, 1, tzinfo=UTC)),
        (datetime(1989, 12, 31, 23, 59, 59, tzinfo=UTC), NOW),
        (datetime(1, 1, 1, tzinfo=UTC), NOW),
        (datetime.max.replace(tzinfo=UTC), NOW),
    ],
)
def test_a_missing_or_absurd_date_counts_as_first_seen(published: datetime | None, event_time: datetime) -> None:
    assert [article.published_at for article in made(entry(published=published))] == [event_time]


@pytest.mark.parametrize(
    ("configured", "declared", "lang"),
    [
        ("ru", "en", "ru"),
        ("", "en-GB", "en"),
        ("", "EN_us", "en"),
        ("", "ua", "uk"),
        ("", "english", ""),
        ("", "rus", ""),
        ("", "", ""),
    ],
)
def test_the_language_is_the_configured_one_else_the_declared_one(configured: str, declared: str, lang: str) -> None:
    assert made(entry(), lang=configured, language=declared)[0].lang == lang


def test_the_outlet_is_the_configured_one_else_the_host() -> None:
    assert made(entry(), outlet="Yonhap")[0].outlet == "Yonhap"
    assert made(entry())[0].outlet == "example.org"


def test_an_entry_without_words_gives_no_article() -> None:
    assert made(entry(title="", text=""), entry(title=" ", text="\n")) == []


def test_the_order_is_the_documents() -> None:
    assert [article.title for article in made(*(entry(str(n), title=str(n)) for n in (3, 1, 2)))] == ["3", "1", "2"]


def test_equal_entries_give_one_article() -> None:
    assert len(made(entry(), entry(published=NOW))) == 1


def test_of_different_entries_with_one_id_and_link_the_first_is_the_article_and_none_is_lost() -> None:
    found = made(entry(title="a"), entry(title="b"), entry(title="b", text="more"))
    assert [article.title for article in found] == ["a", "b", "b"]
    assert [article.id for article in found] == [
        digest(FEED, "1"),
        digest(FEED, "1", "", "b"),
        digest(FEED, "1", "", "b", "more"),
    ]


def test_an_id_that_stands_for_several_links_is_no_id() -> None:
    yesterday = made(entry(url="https://e.org/2", title="b"), entry(url="https://e.org/1", title="a"))
    today = made(entry(url="https://e.org/3", title="c"), entry(url="https://e.org/2", title="b"))
    assert len({article.id for article in yesterday + today}) == 3
    assert yesterday[0].id == today[1].id


def test_the_same_entry_id_in_two_feeds_makes_two_articles() -> None:
    other = articles(ParsedFeed("", "", (entry(),)), feed_url=f"{FEED}2", outlet="", lang="", now=NOW)
    assert other[0].id != made(entry())[0].id


@pytest.mark.parametrize("change", [{"title": "b"}, {"text": "b"}, {"url": "https://e.org/"}])
def test_the_content_hash_changes_with_title_text_and_url(change: dict[str, str]) -> None:
    article = made(entry())[0]
    assert content_hash(article.model_copy(update=change)) != content_hash(article)


def test_the_content_hash_does_not_change_with_date_outlet_or_version() -> None:
    article = made(entry())[0]
    assert content_hash(article.model_copy(update={"published_at": NOW, "outlet": "x", "version": 2, "id": "y"})) == content_hash(article)


def test_lone_surrogates_do_no_harm() -> None:
    (article,) = made(entry("\udcff", url="https://e.org/\ud800", title="a\udc80b", text="\udfff"))
    assert article.title == "a?b"
    assert content_hash(article)
    article.model_dump_json().encode()


@pytest.mark.parametrize(
    "state",
    [
        FeedState(),
        FeedState(
            etag='"ä"',
            last_modified="x",
            body_hash="y",
            failures=2,
            problem="p",
            polled=9,
            last_poll=NOW,
            last_success=NOW,
        ),
    ],
)
def test_a_feed_state_survives_a_redis_hash(state: FeedState) -> None:
    assert FeedState.from_hash(state.to_hash()) == state
    assert set(state.to_hash()) == set(FeedState.model_fields)


def test_a_feed_never_polled_has_an_empty_hash() -> None:
    assert FeedState.from_hash({}) == FeedState()
    assert FeedState.from_hash({"polled": "1", "of a newer version": "x"}).polled == 1
