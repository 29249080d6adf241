"""`monitor feeds test`: one feed as a poll would read it, and what the stories make of it. Nothing is kept."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, Any

import typer

from monitor.cli.adding import web
from monitor.cli.arguments import check_known
from monitor.cli.output import AsJson, Rules, Story, dump, line, note, safe, settings
from monitor.errors import InputError, MonitorError, masked

if TYPE_CHECKING:
    from datetime import datetime

    from monitor.engine.pipeline import Reading
    from monitor.engine.rulebook import Rulebook
    from monitor.feeds.discovery import Site
    from monitor.model import Article
    from monitor.settings import Settings


@dataclass(frozen=True, slots=True)
class _Read:
    """An article of the feed. dated: it has a date of its own that counts. readings: what it tells the stories."""

    article: Article
    dated: bool
    readings: Sequence[Reading]

    def told(self) -> list[str]:
        """What it tells each story: the conditions met, and who says what of which claim."""
        told = []
        for reading in self.readings:
            said = [f"{one.party} {one.stance.value} {one.claim}" for one in reading.evidence]
            told.append(f"{reading.story}: {', '.join([*(match.rule for match in reading.matches), *said])}")
        return told


def try_(
    url: Annotated[str, typer.Argument(help="Address of a feed.")],
    lang: Annotated[str, typer.Option("--lang", help="Language of its texts, as a rule would say it.")] = "",
    most: Annotated[int, typer.Option("--entries", min=0, help="How many entries are shown.")] = 20,
    rules: Rules = None,
    story: Story = None,
    json_: AsJson = False,
) -> None:
    """Read a feed as a poll would: its title, language, entries and dates, what is wrong with it, and which stories it tells something."""
    from monitor.feeds.articles import articles
    from monitor.streams.polls import now_utc

    chosen = settings(rules)
    rulebook = _rulebook(chosen, story)
    url = url.strip()
    site, now = asyncio.run(_look(chosen, url, _secrets(rulebook, url))), now_utc()
    url = masked(url)
    found = [one.article for one in articles(site.feed, feed_url=url, outlet="", lang=lang, now=now)]
    read = [_Read(one, one.published_at != now, _readings(one, rulebook, story)) for one in found]
    read.sort(key=lambda one: one.article.order, reverse=True)
    facts = _facts(site, read, url)
    if json_:
        dump(facts | {"articles": [_as_json(one) for one in read[:most]]})
        return
    _show(facts, now)
    for one in read[:most]:
        date = f"{one.article.published_at:%Y-%m-%d %H:%M}" if one.dated else "no date         "
        line(f"{date}  {safe(one.article.title or one.article.text[:80])}")
        for told in one.told():
            line(f"{'':16}  → {safe(told)}")
    if len(read) > most:
        line(f"and {len(read) - most} more")


def _secrets(rulebook: Rulebook | None, url: str) -> Mapping[str, str]:
    """The headers that go with the feed where it stands in the rules."""
    from monitor.feeds.answers import FetchFailed
    from monitor.feeds.credentials import headers_for
    from monitor.feeds.overview import one_for_each_url

    feeds = one_for_each_url(feed for story in rulebook.stories.values() for feed in story.story.feeds) if rulebook else []
    secrets = next((headers_for(feed, os.environ) for feed in feeds if feed.url == url), {})
    if isinstance(secrets, FetchFailed):
        raise InputError(f"{safe(url)}: {secrets.problem}")
    return secrets


async def _look(chosen: Settings, url: str, secrets: Mapping[str, str]) -> Site:
    from monitor.feeds.discovery import Site, look

    async with web(chosen) as (session, parser, turns):
        found = await look(session, parser, url, turns, secrets)
    if isinstance(found, Site):
        return found
    problem, answer = found
    hint = "; `monitor feeds add` looks for its feeds" if answer is not None and "HTML" in problem else ""
    raise InputError(f"{safe(masked(url))}: {safe(problem)}{hint}")


def _rulebook(chosen: Settings, story: str | None) -> Rulebook | None:
    """The stories, or None with a word to the person: a feed can be looked at without any."""
    from monitor.stories import open_rulebook

    try:
        rulebook = open_rulebook(chosen.rules)
    except MonitorError as error:
        if story is not None:
            raise
        note(f"{str(error).splitlines()[0]}; no story is asked")
        return None
    if story is not None:
        check_known("story", story, rulebook.stories)
    return rulebook


def _readings(article: Article, rulebook: Rulebook | None, story: str | None) -> list[Reading]:
    from monitor.engine.pipeline import read

    return [one for one in read(article, rulebook) if story in (None, one.story)] if rulebook else []


def _facts(site: Site, read: Sequence[_Read], url: str) -> dict[str, Any]:
    from monitor.feeds.body import encoding
    from monitor.feeds.overview import short

    fetched, feed, hints = site.fetched, site.feed, site.feed.hints
    dates = [one.article.published_at for one in read if one.dated]
    problems = [
        feed.ill_formed,
        "" if fetched.etag or fetched.last_modified else "it sends no ETag and no Last-Modified, so each poll transfers all of it",
        "" if read else "it has no entries",
        f"entries without a date that counts: {len(read) - len(dates)}; each takes the time at which it is first seen"
        if len(dates) < len(read)
        else "",
    ]
    said = max((one for one in (hints.ttl, hints.update_period, fetched.max_age) if one), default=None)
    return {
        "url": url,
        "read_from": fetched.url,
        "moved_to": fetched.moved_to or None,
        "title": feed.title,
        "language": feed.language,
        "content_type": fetched.content_type,
        "encoding": encoding(fetched.body, fetched.content_type),
        "bytes": len(fetched.body),
        "entries": len(feed.entries),
        "newest": max(dates).isoformat() if dates else None,
        "oldest": min(dates).isoformat() if dates else None,
        "worth_a_look": short(said) if said else None,
        "hub": dict(reversed(fetched.links)).get("hub") or hints.hub or None,
        "problems": [problem for problem in problems if problem],
        "told": sum(bool(one.readings) for one in read),
    }


def _as_json(one: _Read) -> dict[str, Any]:
    article = one.article
    return {
        "id": article.id,
        "url": article.url,
        "title": article.title,
        "text": article.text,
        "lang": article.lang,
        "published": article.published_at.isoformat() if one.dated else None,
        "stories": {
            reading.story: {
                "matches": [match.rule for match in reading.matches],
                "evidence": [{"claim": e.claim, "party": e.party, "stance": e.stance.value, "quote": e.quote} for e in reading.evidence],
            }
            for reading in one.readings
        },
    }


def _show(facts: dict[str, Any], now: datetime) -> None:
    from datetime import datetime as time

    from monitor.feeds.overview import about

    rows = [
        ("title", facts["title"] or "-"),
        ("address", facts["url"] if facts["url"] == facts["read_from"] else f"{facts['url']}, read from {facts['read_from']}"),
        ("moved", f"for good, to {facts['moved_to']}" if facts["moved_to"] else ""),
        ("language", f"{facts['language'] or 'none declared'}"),
        ("encoding", f"{facts['encoding']}, {facts['bytes']:,} bytes, sent as {facts['content_type'] or 'nothing in particular'}"),
        ("entries", f"{facts['entries']}, {facts['told']} of them with something for a story"),
        *(
            (name, f"{time.fromisoformat(facts[name]):%Y-%m-%d %H:%M} UTC, {about(now - time.fromisoformat(facts[name]))} ago")
            for name in ("newest", "oldest")
            if facts[name]
        ),
        ("says", f"a look each {facts['worth_a_look']} is enough" if facts["worth_a_look"] else ""),
        ("hub", facts["hub"] or ""),
        *(("problem", problem) for problem in facts["problems"]),
    ]
    for name, text in rows:
        if text:
            line(f"{name:9} {safe(text)}")
    line()
