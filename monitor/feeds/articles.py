"""Entries of a feed to articles: identity, bounded dates, outlet, language. Pure.

An entry has up to three marks by which it is recognised at the next poll: its id, its address, its title. Of these any may change, be
missing, or be used again for something else, so the article that two of them name is the one. An article that no mark names is new; its id
comes from its address, so that two feeds that link to one page bring one article.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import NamedTuple
from urllib.parse import urlsplit

from monitor.feeds.addresses import canonical, names_a_page
from monitor.feeds.parsed import Entry, ParsedFeed
from monitor.model import Article, digest

EARLIEST = datetime(1990, 1, 1, tzinfo=UTC)
"""Before this there were no feeds, and little that was on the web."""
AHEAD = timedelta(days=1)
"""How far in the future a date may lie: clocks and time zones are set wrong, but not by more."""
_SLIPS = {"ua": "uk", "kr": "ko", "cn": "zh", "jp": "ja"}
"""Countries given as languages, which no language is called."""


class Found(NamedTuple):
    """An article as a poll found it. content: the hash of its content. marks: what recognises it at the next poll.

    new: nothing was known of any mark. pieces: those of its entry, and of entries equal to it.
    """

    article: Article
    content: str
    marks: tuple[str, ...]
    new: bool = True
    pieces: tuple[str, ...] = ()


class Marks(NamedTuple):
    """By what an entry is recognised: hashes, "" where it has none. The id is not given where it is the address once more."""

    id: str
    link: str
    title: str

    @property
    def all(self) -> tuple[str, ...]:
        """Those that there are."""
        return tuple(mark for mark in self if mark)


def marks_of(parsed: ParsedFeed) -> list[str]:
    """All marks of a feed's entries: what has to be looked up before `articles`."""
    return sorted({mark for entry in parsed.entries for mark in _marks(entry).all})


def articles(
    parsed: ParsedFeed,
    *,
    feed_url: str,
    outlet: str,
    lang: str,
    now: datetime,
    known: Mapping[str, str] | None = None,
) -> list[Found]:
    """The feed's articles in document order, each as version 1, first seen at `now`.

    outlet, lang: as configured; empty ones are filled from the feed's host name and declared language. known: mark -> id of the article
    that it last named in this feed. An entry without title and text gives none, and entries that are equal give one.
    """
    outlet = outlet or _host(feed_url)
    entries = [entry for entry in parsed.entries if entry.title.strip() or entry.text.strip()]
    found = []
    pieces = defaultdict(list)
    for entry in entries:
        pieces[_content(entry)].append(entry.piece)
    for identity, entry, marks in _identified(entries, feed_url, known or {}):
        article = Article(
            id=identity,
            version=1,
            feed=feed_url,
            outlet=outlet,
            lang=lang or _language(entry.language) or _language(parsed.language),
            url=_sound(entry.url),
            title=_sound(entry.title),
            text=_sound(entry.text),
            authors=tuple(map(_sound, entry.authors)),
            categories=tuple(map(_sound, entry.categories)),
            enclosures=tuple(_sound(url) for url, _ in entry.enclosures),
            published_at=bounded(entry.published, now),
            fetched_at=now,
        )
        read_from = tuple(piece for piece in pieces[_content(entry)] if piece)
        found.append(Found(article, content_hash(article), marks, (known or {}).keys().isdisjoint(marks), read_from))
    return found


def content_hash(article: Article) -> str:
    """Changes when the article's content does: what makes a new version. That is title, text and address, however that is written."""
    return digest(article.title, article.text, canonical(article.url))


def bounded(published: datetime | None, now: datetime) -> datetime:
    """The event time: `published`, or `now` when it is missing, more than a day ahead, or before 1990."""
    if published is None or not EARLIEST <= published <= now + AHEAD:
        return now
    return published


def recognisable(article: Article) -> tuple[str, ...]:
    """The marks of an article that came otherwise than by a poll, whose entry's id is not known."""
    return _marks(Entry(article.url, article.url, article.title, article.text)).all


def _identified(entries: Sequence[Entry], feed_url: str, known: Mapping[str, str]) -> list[tuple[str, Entry, tuple[str, ...]]]:
    """Each entry with the id of its article and the marks to be remembered for it, equal ones once.

    Of different entries that would be one article the first listed is it; the others stand for themselves, known by all that they say.
    """
    distinct = list({_content(entry): entry for entry in reversed(entries)}.values())[::-1]
    linked = Counter(canonical(entry.url) for entry in distinct)
    found: dict[str, tuple[str, Entry, tuple[str, ...]]] = {}
    for entry in distinct:
        marks = _marks(entry)
        identity = _recognised(marks, known) or _new(entry, marks, feed_url, known, alone=linked[canonical(entry.url)] == 1)
        if identity in found:
            identity, marks = digest(feed_url, entry.id, entry.url, entry.title, entry.text), Marks("", "", "")
        found[identity] = identity, entry, marks.all
    return list(found.values())


def _recognised(marks: Marks, known: Mapping[str, str]) -> str | None:
    """The article that two marks name. Who has only an id or only an address is known by that."""
    if not (marks.id and marks.link):
        return known.get(marks.id or marks.link)
    votes = Counter(known[mark] for mark in marks if mark in known)
    return next((article for article, count in votes.items() if count > 1), None)


def _new(entry: Entry, marks: Marks, feed_url: str, known: Mapping[str, str], *, alone: bool) -> str:
    """The id of an article that was not seen before. alone: no other entry has its address."""
    address = canonical(entry.url)
    if alone and names_a_page(address) and marks.link not in known:
        return digest(address)
    return digest(feed_url, entry.id) if marks.id not in known else digest(feed_url, entry.id, entry.url, entry.title)


def _marks(entry: Entry) -> Marks:
    own, address = canonical(entry.id), canonical(entry.url)
    return Marks(
        id=_mark("i", entry.id) if not address or own != address else "",
        link=_mark("l", address) if address else "",
        title=_mark("t", " ".join(entry.title.casefold().split())) if entry.title.strip() else "",
    )


def _mark(kind: str, text: str) -> str:
    return f"{kind}{digest(text)[:12]}"


def _content(entry: Entry) -> tuple[str, ...]:
    """Entries for which this is equal are one; without an address the id has to be as well."""
    return entry.title, entry.text, entry.url or entry.id


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
