"""Entries to articles."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from monitor.feeds.articles import Found, articles, content_hash, marks_of, recognisable
from monitor.feeds.parsed import Entry, ParsedFeed
from monitor.feeds.state import FeedState
from monitor.model import Article, digest

NOW = datetime(2025, 4, 28, 9, tzinfo=UTC)
FEED = "https://www.example.org/rss"


def entry(id: str = "1", *, url: str = "", title: str = "Title", text: str = "", published: datetime | None = None) -> Entry:
    return Entry(id, url, title, text, published)


def made(*entries: Entry, outlet: str = "", lang: str = "", language: str = "") -> list[Article]:
    return [one.article for one in found(*entries, outlet=outlet, lang=lang, language=language)]


def found(
    *entries: Entry, feed: str = FEED, outlet: str = "", lang: str = "", language: str = "", known: dict[str, str] | None = None
) -> list[Found]:
    return articles(ParsedFeed("", language, entries), feed_url=feed, outlet=outlet, lang=lang, now=NOW, known=known)


class Polls:
    """One feed polled again and again: what is remembered of it is what the server remembers."""

    def __init__(self, feed: str = FEED) -> None:
        self.feed = feed
        self.known: dict[str, str] = {}
        self.content: dict[str, str] = {}

    def __call__(self, *entries: Entry) -> tuple[list[str], list[str]]:
        """Titles of what is new, and of what is a new version."""
        new: list[str] = []
        changed: list[str] = []
        looked_up = {mark: self.known[mark] for mark in marks_of(ParsedFeed("", "", entries)) if mark in self.known}
        for article, content, marks, *_ in found(*entries, feed=self.feed, known=looked_up):
            if self.content.get(article.id) == content:
                continue
            (changed if article.id in self.content else new).append(article.title)
            self.content[article.id] = content
            self.known |= dict.fromkeys(marks, article.id)
        return new, changed


def test_an_entry_becomes_the_first_version_of_an_article() -> None:
    at = NOW - timedelta(hours=2)
    authors, sound = ("Ann", "Кім"), "https://x.org/7.mp3"
    given = replace(
        entry("7", url="https://example.org/7", text="One.\n\nTwo.", published=at),
        authors=authors,
        categories=("World",),
        enclosures=((sound, ""),),
    )
    assert made(given, outlet="Example", lang="en") == [
        Article(
            id=digest("example.org/7"),
            version=1,
            feed=FEED,
            outlet="Example",
            lang="en",
            url="https://example.org/7",
            title="Title",
            text="One.\n\nTwo.",
            authors=authors,
            categories=("World",),
            enclosures=(sound,),
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


A = entry("a", url="https://e.org/a", title="A")


@pytest.mark.parametrize(
    ("later", "outcome"),
    [
        (A, ([], [])),
        (entry("a", url="https://e.org/a", title="A, updated"), ([], ["A, updated"])),
        (entry("a", url="https://e.org/a-new-slug", title="A"), ([], ["A"])),
        (entry("a?x=2", url="https://e.org/a", title="A"), ([], [])),
        (entry("a", url="http://www.e.org/a/?utm_source=rss", title="A"), ([], [])),
        (entry("a", url="https://e.org/b", title="B"), (["B"], [])),
        (entry("b", url="https://e.org/a", title="B"), (["B"], [])),
        (entry("b", url="https://e.org/b", title="A"), (["A"], [])),
        (entry("a", title="A"), ([], ["A"])),
    ],
)
def test_an_article_is_the_one_that_two_of_id_address_and_title_name(later: Entry, outcome: tuple[list[str], list[str]]) -> None:
    poll = Polls()
    assert poll(A) == (["A"], [])
    assert poll(later) == outcome
    assert poll(later) == ([], [])


@pytest.mark.parametrize(
    "kinds",
    [
        lambda n: entry("https://e.org/", url=f"https://e.org/{n}", title=f"{n}"),  # one id for all
        lambda n: entry(f"{n}", url="https://e.org/", title=f"{n}"),  # the site as every address
        lambda n: entry(f"{n}", url="https://e.org/live", title=f"{n}"),  # a live page
        lambda n: entry(f"{n}", url=f"https://e.org/live#post-{n}", title="Live"),
        lambda n: entry(f"{n}", title="Daily report"),
        lambda n: entry(f"hash of {n}", title=f"{n}"),
    ],
)
def test_ids_addresses_and_titles_that_are_used_again_lose_and_repeat_nothing(kinds: Callable[[int], Entry]) -> None:
    poll, numbers, seen = Polls(), list(range(12)), 0
    for end in range(3, 12, 2):
        new, changed = poll(*(kinds(n) for n in numbers[max(0, end - 4) : end]))
        assert changed == []
        seen += len(new)
    assert seen == 11


def test_ids_that_change_with_every_poll_repeat_nothing() -> None:
    poll = Polls()
    for time in range(3):
        outcome = poll(*(entry(f"{n}-{time}", url=f"https://e.org/{n}", title=f"{n}") for n in range(3)))
        assert outcome == (["0", "1", "2"] if time == 0 else [], [])


def test_of_different_entries_with_one_id_and_address_the_first_is_the_article_and_none_is_lost() -> None:
    poll = Polls()
    states = [entry(title="a"), entry(title="b"), entry(title="b", text="more")]
    assert poll(*states) == (["a", "b", "b"], [])
    assert poll(*states) == ([], [])


def test_two_feeds_that_link_to_one_page_bring_one_article() -> None:
    (one,) = found(entry("1", url="https://e.org/a?utm_medium=rss"))
    (other,) = found(entry("other", url="http://www.e.org/a/", title="Other title"), feed="https://other.example/rss")
    assert one.article.id == other.article.id
    assert one.article.feed != other.article.feed


@pytest.mark.parametrize("url", ["", "https://e.org/", "https://www.e.org", "ftp://e.org/a"])
def test_two_feeds_with_equal_ids_and_no_page_of_their_own_bring_two_articles(url: str) -> None:
    assert found(entry(url=url))[0].article.id != found(entry(url=url), feed=f"{FEED}2")[0].article.id


def test_what_came_otherwise_than_by_a_poll_is_recognised_by_one() -> None:
    (article,) = made(A)
    (again,) = found(A, known=dict.fromkeys(recognisable(article), "known before"))
    assert again.article.id == "known before"


@pytest.mark.parametrize("change", [{"title": "b"}, {"text": "b"}, {"url": "https://e.org/b"}])
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
