"""Full texts: the page behind an article's link, where a feed's rule asks for it (`full_text`).

link ─► robots.txt of its host (kept for a day) ─► page, like a feed: in turn, guarded, limited ─► its text, found in a worker process
"""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta
from importlib.util import find_spec
from pathlib import Path

import aiohttp
from yarl import URL

from monitor.feeds.answers import Fetched, FetchFailed
from monitor.feeds.articles import Found
from monitor.feeds.fetch import Later, Turns, fetch
from monitor.feeds.parse import ParserPool
from monitor.feeds.parsed import ParseFailed

AGENT = "claim-monitor"
"""Whom robots.txt may name."""
BUDGET = timedelta(seconds=45)
"""How long one poll may read pages: with the feed itself well within its lease."""
WITHIN = 10.0
"""Seconds for one page."""
KEPT = timedelta(days=1)
"""How long a robots.txt holds."""
KEPT_FAILED = timedelta(hours=1)
"""How long it holds that there was no answer, for which nothing may be read."""
_ROBOTS = 256 * 1024  # bytes; the largest known have 150 KB
_HOSTS = 500
_ACCEPT = "text/html, application/xhtml+xml, */*;q=0.1"
_NEEDS = ("trafilatura", "lxml_html_clean", "protego")


def missing() -> str:
    """What to do before pages can be read, as a sentence; "" when they can."""
    if all(find_spec(name) for name in _NEEDS):
        return ""
    tree = Path(__file__).resolve().parents[2]
    what = f"-e '{tree}[fulltext]'" if (tree / "pyproject.toml").is_file() else "'claim-monitor[fulltext]'"
    return f"`full_text` needs programs that are not installed: pip install {what}"


class Pages:
    """Reads pages of articles, as politely as feeds are read."""

    def __init__(
        self, session: aiohttp.ClientSession, parser: ParserPool, turns: Turns | None, clock: Callable[[], datetime], within: float = WITHIN
    ) -> None:
        """clock: the time, aware. within: seconds that a page may take."""
        self._session, self._parser, self._turns, self._clock, self._within = session, parser, turns, clock, within
        self._robots: OrderedDict[str, tuple[datetime, bytes | FetchFailed]] = OrderedDict()

    async def filled(self, found: Sequence[Found], known: Mapping[str, str]) -> tuple[list[Found], str | None]:
        """The articles of a feed with the texts of their pages; and what was wrong with the last page if none could be read, else "".
        None: there was no page to read.

        known: id of an article -> hash of its content as of the poll before: one that is as it was is not fetched again. What makes a
        version is still what the feed says. An article whose page says less than the feed, or fails, keeps the feed's text.
        """
        ends = asyncio.get_running_loop().time() + BUDGET.total_seconds()
        filled, problems, read = [], list[str](), 0
        for one in found:
            if known.get(one.article.id) == one.content or not one.article.url:
                filled.append(one)
                continue
            text = await self._in_time(one.article.url, ends)
            if isinstance(text, FetchFailed):
                problems.append(text.problem)
            else:
                read += 1
            longer = isinstance(text, str) and len(text) > len(one.article.text)
            filled.append(one._replace(article=one.article.model_copy(update={"text": text})) if longer else one)
        if not (read or problems):
            return filled, None
        return filled, "" if read else problems[-1]

    async def _in_time(self, url: str, ends: float) -> str | FetchFailed:
        """The text of a page; waits for the host's turn as long as there is time."""
        try:
            async with asyncio.timeout_at(ends):
                while isinstance(text := await self._text(url), Later):
                    wait = (text.until - self._clock()).total_seconds()
                    if wait > ends - asyncio.get_running_loop().time():
                        return FetchFailed(text.why)
                    await asyncio.sleep(max(wait, 0.05))
                return text
        except TimeoutError:
            return FetchFailed(f"the pages of one poll take longer than {BUDGET.total_seconds():g} s")

    async def _text(self, url: str) -> str | FetchFailed | Later:
        forbidden = await self._forbidden(url)
        if forbidden is not None:
            return forbidden
        page = await fetch(self._session, url, within=self._within, turns=self._turns, accept=_ACCEPT)
        if not isinstance(page, Fetched):
            return page
        # A link that leads elsewhere leads to another's rules.
        if page.url != url and (forbidden := await self._forbidden(page.url)) is not None:
            return forbidden
        kind = page.content_type.partition(";")[0].strip().lower()
        if kind not in ("", "text/html", "application/xhtml+xml"):
            return FetchFailed(f"what the link leads to is no page but {kind}")
        text = await self._parser.page(page.body, page.content_type, page.url)
        if isinstance(text, ParseFailed):
            return FetchFailed(text.problem)
        return text or FetchFailed("no article is found on the page")

    async def _forbidden(self, url: str) -> FetchFailed | Later | None:
        """Why a page must not be read by the robots.txt of its host, or None. A host without one allows everything."""
        address = URL(url)
        place = str(address.origin())
        now = self._clock()
        until, robots = self._robots.get(place, (now, b""))
        if until <= now:
            got = await fetch(
                self._session, f"{place}/robots.txt", within=self._within, limit=_ROBOTS, turns=self._turns, accept="text/plain, */*;q=0.1"
            )
            if isinstance(got, Later):
                return got
            robots = _of(got)
            self._robots[place] = now + (KEPT if isinstance(robots, bytes) else KEPT_FAILED), robots
            self._robots.move_to_end(place)
            while len(self._robots) > _HOSTS:
                self._robots.popitem(last=False)
        if isinstance(robots, FetchFailed):
            return robots
        if not robots.strip():
            return None
        allowed = await self._parser.allows(robots, url, AGENT)
        if isinstance(allowed, ParseFailed):
            return FetchFailed(f"robots.txt of {place}: {allowed.problem}")
        return None if allowed else FetchFailed("robots.txt asks programs not to read the page")


def _of(got: Fetched | FetchFailed) -> bytes | FetchFailed:
    """What an answer for robots.txt stands for: none was found, all is allowed; none could be had, nothing is."""
    if isinstance(got, Fetched):
        return got.body
    if got.status is not None and 400 <= got.status < 500 and got.status != 429:
        return b""
    return FetchFailed(f"robots.txt cannot be had, so nothing is read there: {got.problem}")
