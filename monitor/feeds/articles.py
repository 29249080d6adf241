"""Entries of a feed to articles: identity, bounded dates, outlet, language. Pure."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from urllib.parse import urlsplit

from monitor.feeds.parsed import Entry, ParsedFeed
from monitor.model import Article, digest

EARLIEST = datetime(1990, 1, 1, tzinfo=UTC)
"""Before this there were no feeds, and little that was on the web."""
AHEAD = timedelta(days=1)
"""How far in the future a date may lie: clocks and time zones are set wrong, but not by more."""
_SLIPS = {"ua": "uk", "kr": "ko", "cn": "zh", "jp": "ja"}
"""Countries given as languages, which no language is called."""


def articles(parsed: ParsedFeed, *, feed_url: str, outlet: str, lang: str, now: datetime) -> list[Article]:
    """The feed's articles in document order, each as version 1, first seen at `now`.

    outlet, lang: as configured; empty ones are filled from the feed's host name and declared language. An entry without title and
    text gives none, and entries that are equal give one.
    """
    outlet = outlet or _host(feed_url)
    lang = lang or _language(parsed.language)
    entries = [entry for entry in parsed.entries if entry.title.strip() or entry.text.strip()]
    return [
        Article(
            id=identity,
            version=1,
            feed=feed_url,
            outlet=outlet,
            lang=lang,
            url=_sound(entry.url),
            title=_sound(entry.title),
            text=_sound(entry.text),
            published_at=bounded(entry.published, now),
            fetched_at=now,
        )
        for identity, entry in _identified(entries, feed_url)
    ]


def content_hash(article: Article) -> str:
    """Changes when the article's content does: what makes a new version. Its date and outlet do not count."""
    return digest(article.title, article.text, article.url)


def bounded(published: datetime | None, now: datetime) -> datetime:
    """The event time: `published`, or `now` when it is missing, more than a day ahead, or before 1990."""
    if published is None or not EARLIEST <= published <= now + AHEAD:
        return now
    return published


def _identified(entries: Iterable[Entry], feed_url: str) -> list[tuple[str, Entry]]:
    """Each entry with the id of its article, equal ones once.

    An article is known by feed and entry id. Where different entries share an id:
    - with one link, they are states of one thing: the first listed is the article, the others stand for themselves;
    - with several links, the id is no id (a site that gives its own address as every guid), and all stand for themselves.
      Otherwise whichever comes first at the next poll would pass for a correction of another.
    """
    by_id: dict[str, list[Entry]] = defaultdict(list)
    for entry in entries:
        if all(_content(entry) != _content(other) for other in by_id[entry.id]):
            by_id[entry.id].append(entry)
    names: dict[tuple[str, str, str, str], str] = {}
    taken: set[str] = set()
    for shared, group in by_id.items():
        several = len({entry.url for entry in group}) > 1
        for number, entry in enumerate(group):
            name = digest(feed_url, shared) if number == 0 and not several else digest(feed_url, shared, entry.url, entry.title)
            if name in taken:
                name = digest(feed_url, shared, entry.url, entry.title, entry.text)
            taken.add(name)
            names[shared, *_content(entry)] = name
    found: dict[str, Entry] = {}
    for entry in entries:
        found.setdefault(names[entry.id, *_content(entry)], entry)
    return list(found.items())


def _content(entry: Entry) -> tuple[str, str, str]:
    return entry.title, entry.text, entry.url


def _host(url: str) -> str:
    try:
        host = urlsplit(url).hostname or ""
    except ValueError:
        return ""
    return host.removeprefix("www.")


def _language(declared: str) -> str:
    """`en-GB`, `EN`, `en_gb` -> `en`; anything else than two letters and what follows them -> ``."""
    first = declared.strip().replace("_", "-").partition("-")[0].lower()
    if len(first) != 2 or not (first.isascii() and first.isalpha()):
        return ""
    return _SLIPS.get(first, first)


def _sound(text: str) -> str:
    """Without lone surrogates, which neither UTF-8 nor pydantic can carry."""
    return text.encode("utf-8", "replace").decode()
