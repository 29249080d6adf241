"""Which addresses are one page's."""

from __future__ import annotations

import pytest

from monitor.feeds.addresses import canonical, names_a_page

PAGE = "e.org/2025/04/story"


@pytest.mark.parametrize(
    "url",
    [
        "https://e.org/2025/04/story",
        "http://e.org/2025/04/story",
        "https://www.e.org/2025/04/story/",
        "https://E.ORG:443/2025/04/story",
        "http://m.e.org:80/2025/04/story",
        "https://amp.e.org/2025/04/story",
        "https://e.org/2025/04/story/amp/",
        "https://e.org/2025/04/story/amp",
        "https://e.org/amp/2025/04/story",
        "https://e.org/2025/04/story.amp",
        "https://e.org/2025/04/story?outputType=amp",
        "https://e-org.cdn.ampproject.org/c/s/e.org/2025/04/story",
        "https://www.google.com/amp/s/www.e.org/2025/04/story",
        "https://e.org/2025/04/story?utm_source=rss&utm_medium=feed",
        "https://e.org/2025/04/story?fbclid=IwAR0",
        "https://e.org/2025/04/story?at_medium=RSS&at_campaign=rss",
        "https://e.org/2025/04/story?from=rss",
        "https://e.org/2025/04/story#xtor=RSS-1",
        " https://e.org/2025/04/story ",
    ],
)
def test_addresses_of_one_page_are_one(url: str) -> None:
    assert canonical(url) == PAGE


@pytest.mark.parametrize(
    "url",
    [
        "https://e.org/2025/04/story?page=2",
        "https://e.org/2025/04/story?from=2025",
        "https://e.org/2025/04/story#post-7",
        "https://e.org/2025/04/Story",
        "https://e.org:8443/2025/04/story",
        "https://news.e.org/2025/04/story",
        "https://e.org/2025/04/story.html",
        "https://e.org/2025/04/storyamp",
        "https://e.org/2025/04/%F1tory",
        "https://e.org/2025/04/%F2tory",
    ],
)
def test_addresses_of_other_pages_are_others(url: str) -> None:
    assert canonical(url) not in {PAGE, ""}


def test_what_two_encodings_make_of_an_address_stays_apart() -> None:
    """In windows-1251 and in UTF-8, for a server may know only one of them."""
    assert len({canonical(f"https://e.org/{path}") for path in ("%F1%F2", "%f1%f3", "%d1%81%d1%82")}) == 3
    assert canonical("https://e.org/ст") == canonical("https://e.org/%d1%81%D1%82")


@pytest.mark.parametrize("order", ["a=1&b=2", "b=2&a=1", "b=2&utm_id=7&a=1", "&a=1&&b=2"])
def test_the_order_of_parameters_does_not_count(order: str) -> None:
    assert canonical(f"https://e.org/x?{order}") == "e.org/x?a=1&b=2"


@pytest.mark.parametrize(
    "url", ["", "tag:e.org,2025:1", "urn:uuid:1", "mailto:a@e.org", "javascript:void(0)", "https://", "http://[", "https://e.org:99999/"]
)
def test_what_is_no_web_address_has_no_canonical_form(url: str) -> None:
    assert canonical(url) == ""


def test_lone_surrogates_do_no_harm() -> None:
    canonical("https://e.org/\ud800?\udcff#\udfff").encode()


@pytest.mark.parametrize(
    ("url", "names"), [("https://e.org/", False), ("https://www.e.org", False), ("https://e.org/?p=12", True), ("https://e.org/a", True)]
)
def test_a_sites_own_address_names_no_page(url: str, names: bool) -> None:
    assert names_a_page(canonical(url)) is names
