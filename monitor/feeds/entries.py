"""A feed's bytes to plain entries, by feedparser. Runs in the parser's worker processes, for feedparser hangs on some bodies."""

from __future__ import annotations

import hashlib
import io
from collections.abc import Collection, Iterable, Mapping
from datetime import datetime
from itertools import islice, repeat
from typing import Any
from xml.sax import SAXParseException

import feedparser

from monitor.feeds import body as bodies
from monitor.feeds import pieces
from monitor.feeds.dates import instant
from monitor.feeds.hints import detail, hints, listed, web_address
from monitor.feeds.html import clean, html_text, one_line, plain_text
from monitor.feeds.parsed import Entry, ParsedFeed, ParseFailed

_DECLARATION = "<?xml version='1.0'?>"  # feedparser would put one on a line of its own, and errors' line numbers would be wrong
_FEW, _LONG = 50, 300  # authors, categories or enclosures of an entry that are kept, and characters of one
_READABLE = ("text/", "application/xhtml+xml", "application/xml")  # other contents are pictures and the like


def read(body: bytes, content_type: str, base_url: str, seen: Collection[str] = ()) -> ParsedFeed | ParseFailed:
    """The feed in `body`.

    content_type: the header as sent, or "". base_url: what relative links are relative to. seen: pieces of earlier bodies (`ParsedFeed.
    pieces`) whose entries are not wanted; where the body cannot be cut they come all the same. May take for ever, and all memory.
    """
    text, wrong = bodies.decode(body, content_type)
    if problem := bodies.not_a_feed(body, text, base_url):
        return ParseFailed(problem)
    cut = pieces.cut(text, base_url)
    wanted = [piece for piece in cut.hashes if piece not in seen] if cut else []
    result = _parse(cut.without(seen) if cut else text, base_url)
    if cut and (result.get("bozo_exception") is not None or len(result["entries"]) != len(wanted)):
        # Not as it looked: all of it is read, as one.
        if len(wanted) < len(cut.hashes):
            result = _parse(text, base_url)
        cut, wanted = None, []
    # Of a root that feedparser does not know, the entries alone say that it is a feed; here they were all seen before.
    if not (result.get("version") or result["entries"] or cut):
        return ParseFailed(bodies.unlike(text))
    ill_formed = "; ".join(reason for reason in (wrong, _bozo(result.get("bozo_exception"))) if reason)
    feed = result["feed"]
    inherited = str(detail(feed, "title_detail").get("language") or "")
    found = zip(result["entries"], wanted or repeat(""), strict=False)
    return ParsedFeed(
        title=one_line(feed.get("title") or ""),
        language=clean(feed.get("language") or inherited).strip(),
        entries=tuple(_entry(entry, base_url, inherited, piece) for entry, piece in found),
        ill_formed=ill_formed,
        hints=hints(feed, text, base_url),
        pieces=cut.hashes if cut else (),
    )


def _parse(text: str, base_url: str) -> Any:
    return feedparser.parse(
        # Never a str: feedparser would take it for a URL or a file to open.
        io.BytesIO((text if text.startswith("<?xml") else _DECLARATION + text).encode("utf-8", "replace")),
        response_headers={"content-type": "application/xml; charset=utf-8", "content-location": base_url},
        sanitize_html=False,
        resolve_relative_uris=False,
    )


def _bozo(error: Exception | None) -> str:
    if isinstance(error, SAXParseException):
        return f"the XML is not well-formed: {error.getMessage()} in line {error.getLineNumber()}"
    return "" if error is None else f"the feed is not well-formed: {' '.join(str(error).split())}"


def _entry(entry: Mapping[str, Any], base_url: str, inherited: str, piece: str) -> Entry:
    url = _link(entry, base_url)
    title = one_line(entry.get("title") or "")
    text = _text(entry)
    own = clean(str(entry.get("id") or "")).strip()
    dates = [_date(entry, name) for name in ("published", "updated", "created")]
    return Entry(
        id=own or url or hashlib.sha256(f"{title}\0{text}".encode()).hexdigest(),
        url=url,
        title=title,
        text=text,
        published=next((date for date in dates if date), None),
        updated=dates[1],
        authors=_authors(entry),
        categories=_lines(tag.get("label") or tag.get("term") for tag in listed(entry, "tags")),
        language=_language(entry, inherited),
        enclosures=_enclosures(entry, base_url),
        piece=piece,
    )


def _language(entry: Mapping[str, Any], inherited: str) -> str:
    """The entry's own, or "". inherited: the root's `xml:lang`, which counts less than the feed's `language`."""
    details = [*listed(entry, "content")[:1], detail(entry, "summary_detail"), detail(entry, "title_detail")]
    marked = str(next((one for one in details if one), {}).get("language") or "")
    return clean(str(entry.get("language") or "") or (marked if marked != inherited else "")).strip()


def _text(entry: Mapping[str, Any]) -> str:
    details = [*listed(entry, "content")[:1], detail(entry, "summary_detail")]
    for one in details:
        kind, value = one.get("type") or "text/html", one.get("value") or ""
        if not kind.startswith(_READABLE):
            continue
        if text := plain_text(value) if kind == "text/plain" else html_text(value):
            return text
    return ""


def _link(entry: Mapping[str, Any], base_url: str) -> str:
    """The page itself, where the feed says so, rather than one that counts readers and sends them on."""
    by = [(str(link.get("rel") or "alternate"), link.get("href")) for link in listed(entry, "links")]
    own = [entry.get("feedburner_origlink"), *(href for rel, href in by if rel == "canonical")]
    links = [*own, entry.get("link"), *(href for rel, href in by if rel == "alternate")]
    return next((url for url in (web_address(link, base_url) for link in links) if url), "")


def _enclosures(entry: Mapping[str, Any], base_url: str) -> tuple[tuple[str, str], ...]:
    given = (link for link in listed(entry, "links") if link.get("rel") == "enclosure")
    found = {web_address(link.get("href"), base_url): clean(str(link.get("type") or "")).strip()[:100] for link in given}
    return tuple((url, kind) for url, kind in found.items() if url)[:_FEW]


def _authors(entry: Mapping[str, Any]) -> tuple[str, ...]:
    return _lines([author.get("name") for author in listed(entry, "authors")] or [entry.get("author")])


def _lines(sources: Iterable[str | None]) -> tuple[str, ...]:
    """Each once, without the empty ones."""
    lines = (one_line(source or "")[:_LONG] for source in islice(sources, _FEW))
    return tuple(dict.fromkeys(line for line in lines if line))


def _date(entry: Mapping[str, Any], name: str) -> datetime | None:
    # Not through `entry.get`: feedparser would give the published date for a missing updated one.
    fields: dict[str, Any] = dict(entry)
    return instant(str(fields.get(name) or ""))
