"""`monitor feeds add`, `import` and `export`: the feeds of a story as a list that is added to and carried elsewhere."""

from __future__ import annotations

import asyncio
import sys
from collections import defaultdict
from collections.abc import AsyncIterator, Iterable, Mapping, Sequence
from contextlib import asynccontextmanager
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Annotated
from urllib.parse import urlsplit

import typer

from monitor.cli.arguments import check_known
from monitor.cli.output import Rules, Story, line, note, safe, settings
from monitor.errors import InputError, masked

if TYPE_CHECKING:
    from aiohttp import ClientSession

    from monitor.feeds.discovery import Site
    from monitor.feeds.hosts import Turns
    from monitor.feeds.parse import ParserPool
    from monitor.rules.schema import Story as StoryRules
    from monitor.settings import Settings

_MOST = 20_000_000
"""Bytes of a list: one of a hundred thousand feeds has them."""
_LOGIN = "an address holds no password; add it without, and name in its rule the environment variable that holds it (`auth`)"
ToStory = Annotated[str | None, typer.Option("--story", help="The story that they are for; needed where there are several.")]
Lang = Annotated[str, typer.Option("--lang", help="Language of its texts (default: as the feed declares it).")]
Every = Annotated[str, typer.Option("--every", help="How often to poll it, like 5m.", show_default="15m, as long as the rule says nothing")]


def add(
    url: Annotated[str, typer.Argument(help="Address of a feed, or of a page: then its feeds are looked for.")],
    lang: Lang = "",
    outlet: Annotated[str, typer.Option("--outlet", help="Who publishes it (default: as other feeds of its host, else the host).")] = "",
    every: Every = "",
    all_: Annotated[bool, typer.Option("--all", help="All feeds of a page that has several.")] = False,
    unseen: Annotated[bool, typer.Option("--unseen", help="Add the address as it stands, without asking for it.")] = False,
    story: ToStory = None,
    rules: Rules = None,
) -> None:
    """Add a feed to a story's rule file, or those of a site; comments and everything else in the file stay as they are."""
    chosen = settings(rules)
    stories, to = _stories(chosen, story)
    if masked(url) != url:
        raise InputError(f"{safe(masked(url))}: {_LOGIN}")
    found = [] if unseen else asyncio.run(_discover(chosen, url.strip()))
    if len(found) > 1 and not all_:
        for site in found:
            line(f"{safe(site.url)}  {safe(site.feed.title)}")
        raise InputError(f"{safe(url)} has {len(found)} feeds: add one of them by its address, or all with --all")
    given = {"every": every, "lang": lang, "outlet": outlet}
    seen = [{"url": site.url, **given, "lang": lang or _language(site)} for site in found]
    _add(chosen, stories, to, seen or [{"url": _addresses(url.strip())[0], **given}])


def import_(
    file: Annotated[Path, typer.Argument(help="An OPML file, as readers of feeds export them; - for standard input.")],
    lang: Annotated[str, typer.Option("--lang", help="Language of those that the list says nothing of.")] = "",
    every: Every = "",
    story: ToStory = None,
    rules: Rules = None,
) -> None:
    """Add the feeds of an OPML file to a story; those that are there already stay as they are. Nothing is fetched."""
    from monitor.feeds.opml import read

    chosen = settings(rules)
    stories, to = _stories(chosen, story)
    body = _body(file)
    try:
        outlines = read(body)
    except InputError as error:
        raise InputError(f"{file}: {error}") from error
    if not outlines:
        raise InputError(f"{file} names no feed")
    names = _names((one.url, one.title) for one in outlines) | _names(_outlets(stories))
    items = [
        {
            "url": one.url,
            "every": "" if "cron" in one.rest else every,
            "lang": one.lang or lang,
            "outlet": names.get(_host(one.url), ""),
            **one.rest,
        }
        for one in outlines
    ]
    _add(chosen, stories, to, items)


def export(story: Story = None, rules: Rules = None) -> None:
    """Print the feeds of the rules as OPML, which readers of feeds import."""
    from monitor.feeds.opml import write
    from monitor.streams.polls import now_utc

    stories, _ = _stories(settings(rules), story, several=True)
    line('<?xml version="1.0" encoding="UTF-8"?>')
    line(write([one for one in stories if story in (None, one.story)], now_utc()))


@asynccontextmanager
async def web(chosen: Settings) -> AsyncIterator[tuple[ClientSession, ParserPool, Turns]]:
    """What feeds are fetched and parsed by, as the daemon does it."""
    from monitor.feeds.fetch import Turns, session
    from monitor.feeds.hosts import Hosts
    from monitor.feeds.parse import ParserPool

    async with session(chosen.contact, chosen.allowed) as made, ParserPool(1) as parser:
        yield made, parser, Turns(Hosts(timedelta(seconds=chosen.host_gap)))


async def _discover(chosen: Settings, url: str) -> list[Site]:
    from monitor.feeds.discovery import discover

    problems = []
    async with web(chosen) as (session, parser, turns):
        for address in _addresses(url):
            found = await discover(session, parser, address, turns)
            if not isinstance(found, str):
                return found
            problems.append(f"no feed at {safe(address)}: {safe(found)}")
    raise InputError(problems[0])


def _addresses(url: str) -> list[str]:
    """What an address may mean that was typed without a scheme."""
    return [url] if "://" in url else [f"https://{url}", f"http://{url}"]


def _language(site: Site) -> str:
    """The language that a feed declares, where it is one that a rule may name."""
    from monitor.feeds.articles import articles
    from monitor.streams.polls import now_utc

    found = articles(site.feed, feed_url=site.url, outlet="", lang="", now=now_utc())
    return found[0].article.lang if found else ""


def _stories(chosen: Settings, story: str | None, *, several: bool = False) -> tuple[list[StoryRules], str]:
    """All stories, and the one that is meant. Raises RuleErrors, InputError."""
    from monitor.engine import conditions
    from monitor.rules.load import read_stories

    stories = [one for one, _ in read_stories(chosen.rules, conditions.check)]
    names = [one.story for one in stories]
    if story is not None:
        check_known("story", story, names)
    elif len(names) > 1 and not several:
        raise InputError(f"say which story they are for: --story {' or '.join(names[:5])}")
    return stories, story or names[0]


def _body(file: Path) -> bytes:
    try:
        if str(file) == "-":
            body = sys.stdin.buffer.read(_MOST + 1)
        else:
            with file.open("rb") as opened:
                body = opened.read(_MOST + 1)
    except OSError as error:
        raise InputError(f"{file} cannot be read: {error.strerror}") from error
    if len(body) > _MOST:
        raise InputError(f"{file} is larger than {_MOST // 1_000_000} MB")
    return body


def _names(feeds: Iterable[tuple[str, str]]) -> dict[str, str]:
    """Host -> the one name that all of its feeds have. With two names, one outlet would count as two where two have to say a thing."""
    found = defaultdict[str, set[str]](set)
    for url, name in feeds:
        found[_host(url)].add(name)
    return {host: next(iter(names)) for host, names in found.items() if len(names) == 1}


def _outlets(stories: Sequence[StoryRules]) -> list[tuple[str, str]]:
    return [(feed.url, feed.outlet) for story in stories for feed in story.feeds]


def _host(url: str) -> str:
    try:
        return urlsplit(url).hostname or ""
    except ValueError:
        return ""


def _add(chosen: Settings, stories: Sequence[StoryRules], to: str, items: Sequence[Mapping[str, str]]) -> None:
    """Adds what the story does not have yet, and says what was done."""
    from monitor.feeds.addresses import canonical

    outlets = _names(_outlets(stories))
    spelt = {canonical(feed.url): feed.url for one in stories for feed in one.feeds}
    there = {canonical(feed.url): feed.url for one in stories if one.story == to for feed in one.feeds}
    new: dict[str, dict[str, str]] = {}
    known, unusable = list[str](), 0
    for item in items:
        key = canonical(item["url"])
        if key in there or key in new:
            known.append(there.get(key, item["url"]))
            continue
        # Where another story has it, it is named as there: so it is polled once.
        full = {**item, "url": spelt.get(key, item["url"]), "outlet": item["outlet"] or outlets.get(_host(item["url"]), "")}
        kept = {name: value for name, value in full.items() if value}
        if problem := _problem(kept):
            note(f"{safe(masked(item['url']))} cannot be used: {safe(problem)}")
            unusable += 1
        else:
            new[key] = kept
    if known:
        note(f"{to} has {safe(known[0])} already" if len(known) == 1 else f"{to} has {len(known)} of them already")
    if new:
        _write(chosen, to, list(new.values()))
    if unusable:
        raise InputError(f"{unusable} of {len(items)} cannot be used" + (f", {len(new)} were added" if new else ""))


def _write(chosen: Settings, to: str, new: Sequence[Mapping[str, str]]) -> None:
    from monitor.rules.adding import add_feeds, as_yaml

    path = add_feeds(chosen.rules, to, new)
    if path is None:
        line(as_yaml(new).rstrip("\n"))
        raise InputError(f"nothing was written, for the feeds of {to} are written in a way that is left to people: add these by hand")
    for feed in new:
        line("  ".join(safe(feed[name]) for name in ("url", "lang", "outlet") if name in feed))
    note(f"{len(new)} {'feed' if len(new) == 1 else 'feeds'} added to {path}")


def _problem(item: Mapping[str, str]) -> str:
    """What is wrong with a feed for the rules, in words; "" for nothing."""
    from pydantic import ValidationError

    from monitor.rules.schema import Feed

    try:
        Feed.model_validate(dict(item))
    except ValidationError as error:
        first = error.errors()[0]
        if first["type"] == "string_pattern_mismatch" and first["loc"] == ("url",):
            return "it is not an address that begins with http:// or https://"
        name = ".".join(map(str, first["loc"]))
        return f"{name}: {first['msg'].removeprefix('Value error, ')}" if name else first["msg"].removeprefix("Value error, ")
    return ""
