"""The feeds of a site, from the address that a person knows: of a feed, or of a page.

    page ─► <link rel="alternate"> ─► <a> that looks like one ─► the usual addresses     (each only where the one before gave none)

Whatever is found has been fetched and parsed: an address that only looks like a feed's is not given.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from urllib.parse import urljoin, urlsplit

import aiohttp
from selectolax.lexbor import LexborHTMLParser

from monitor.feeds.addresses import canonical
from monitor.feeds.body import decode
from monitor.feeds.fetch import Fetched, FetchFailed, Later, Turns, fetch
from monitor.feeds.parse import ParserPool
from monitor.feeds.parsed import ParsedFeed, ParseFailed

USUAL = ("feed", "rss", "rss.xml", "feed.xml", "atom.xml", "index.xml", "rss/index.xml", "feeds/posts/default")
"""Where feeds are, below a page or at its host, when nothing names them."""
MOST = 12
"""Addresses of one kind that are tried."""
_KINDS = ("application/rss+xml", "application/atom+xml", "application/rdf+xml", "application/xml", "text/xml")
_LIKE_A_FEED = re.compile(r"(?:^|[/._-])(?:rss|atom|feeds?|rdf)(?:$|[/._?-])|\.(?:rss|rdf|atom)$", re.IGNORECASE)
_COMMENTS = re.compile(r"comment|коммент|комент|댓글|评论", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Site:
    """A feed that was found. url: what to name it by; where the server says that it has moved for good, the new address."""

    url: str
    fetched: Fetched
    feed: ParsedFeed


async def look(
    session: aiohttp.ClientSession, parser: ParserPool, url: str, turns: Turns | None = None, secrets: Mapping[str, str] | None = None
) -> Site | tuple[str, Fetched | None]:
    """What is at an address: a feed; or what is wrong with it, in words, with the answer, if there was one.

    secrets: headers that its own host may see.
    """
    fetched = await fetch(session, url, secrets=secrets, turns=turns)
    if isinstance(fetched, Later):
        return fetched.why, None
    if isinstance(fetched, FetchFailed):
        return fetched.problem, None
    parsed = await parser.parse(fetched.body, fetched.content_type, fetched.url)
    if isinstance(parsed, ParseFailed):
        return parsed.problem, fetched
    return Site(fetched.moved_to or url, fetched, parsed)


async def discover(session: aiohttp.ClientSession, parser: ParserPool, url: str, turns: Turns | None = None) -> list[Site] | str:
    """The feeds at an address, or of the page there; those of comments only where there are no others; or why there is none."""
    found = await look(session, parser, url, turns)
    if isinstance(found, Site):
        return [found]
    problem, answer = found
    if answer is None:
        return problem
    page, _ = decode(answer.body, answer.content_type)
    for candidates, enough in ((linked(page, answer.url), MOST), (anchored(page, answer.url), MOST), (usual(answer.url), 1)):
        sites: dict[str, Site] = {}
        for candidate in candidates:
            one = await look(session, parser, candidate, turns)
            if isinstance(one, Site):
                sites.setdefault(canonical(one.url), one)
            if len(sites) == enough:
                break
        if sites:
            return list(sites.values())
    return f"{problem}; it names none, and none is at the usual addresses"


def linked(page: str, base_url: str) -> list[str]:
    """The feeds that a page's head names, without those of comments where there are others."""
    tree = LexborHTMLParser(page)
    found = []
    for link in tree.css('link[rel~="alternate"][href]'):
        kind = (link.attributes.get("type") or "").partition(";")[0].strip().lower()
        if kind in _KINDS:
            found.append((link.attributes.get("href") or "", link.attributes.get("title") or ""))
    return _addresses(found, _base(tree, base_url))


def anchored(page: str, base_url: str) -> list[str]:
    """What a page links to on its own site that looks like a feed."""
    tree = LexborHTMLParser(page)
    links = [(link.attributes.get("href") or "", link.text(strip=True)) for link in tree.css("a[href]")]
    base = _base(tree, base_url)
    addresses = _addresses(((href, text) for href, text in links if _LIKE_A_FEED.search(href)), base)
    return [address for address in addresses if same_site(address, base_url)]


def usual(base_url: str) -> list[str]:
    """Where feeds are when nothing names them."""
    root = urljoin(base_url, "/")
    below = base_url.partition("?")[0].partition("#")[0].rstrip("/") + "/"
    return list(dict.fromkeys(f"{start}{name}" for start in (below, root) for name in USUAL))


def _addresses(links: Iterable[tuple[str, str]], base: str) -> list[str]:
    found: dict[str, tuple[str, bool]] = {}
    for href, title in links:
        try:
            address = urljoin(base, re.sub(r"^feed:(?://)?(?=https?:)", "", href.strip()))
        except ValueError:
            continue
        if key := canonical(address):
            found.setdefault(key, (address, bool(_COMMENTS.search(f"{href} {title}"))))
    return _without_comments(list(found.values()))[:MOST]


def _without_comments(found: Sequence[tuple[str, bool]]) -> list[str]:
    return [address for address, comments in found if not comments] or [address for address, _ in found]


def _base(tree: LexborHTMLParser, base_url: str) -> str:
    base = tree.css_first("base[href]")
    try:
        return urljoin(base_url, (base.attributes.get("href") or "") if base else "")
    except ValueError:
        return base_url


def same_site(one: str, other: str) -> bool:
    """Whether two addresses are of one publisher, as far as host names tell: rss.example.org and www.example.org, but not all of .co.uk."""
    here, there = ((urlsplit(url).hostname or "").removeprefix("www.") for url in (one, other))
    if here == there or here.endswith(f".{there}") or there.endswith(f".{here}"):
        return True
    above = here.partition(".")[2]
    return above == there.partition(".")[2] and "." in above and len(above.partition(".")[0]) > len("com")
