"""A text that a command is given: read from a file, a URL or standard input, for the stories that it is held against."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Iterable
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated
from urllib.parse import urlsplit

import typer

from monitor.cli.output import settings
from monitor.errors import InputError, masked

if TYPE_CHECKING:
    from monitor.engine.pipeline import Explained
    from monitor.engine.rulebook import Rulebook
    from monitor.model import Article
    from monitor.settings import Settings

_MOST = 300_000
"""Characters of a text at most: no article is that long."""
_MOST_BYTES = 4 * _MOST

Source = Annotated[
    str,
    typer.Argument(help="A text file, a URL, or - for standard input. A first line with a blank line after it is the title."),
]
Lang = Annotated[str, typer.Option("--lang", help="Language, when the text does not show it.")]
At = Annotated[str | None, typer.Option("--at", help="When it was published (default: now).")]
Outlet = Annotated[str, typer.Option("--outlet", help="Who published it.")]


def stories_with(rulebook: Rulebook, story: str | None, claim: str | None, party: str | None) -> set[str]:
    """The stories that know the names given. Raises InputError for a name that none knows."""
    chosen = set(rulebook.stories)
    if story is not None:
        known_name("story", story, rulebook.stories)
        chosen = {story}
    stories = [rulebook.stories[name] for name in sorted(chosen)]
    if claim is not None:
        within, _, name = claim.rpartition("/")
        having = [s for s in stories if within in ("", s.name)]
        known_name("claim", name if having else claim, {c for s in having or stories for c in s.story.claims})
        chosen &= {s.name for s in having if name in s.story.claims}
    if party is not None:
        parties = {s.name: {name for name, entity in s.story.entities.items() if entity.kind == "party"} for s in stories}
        speaker = next((s.story.entities[party] for s in stories if party in s.story.entities), None)
        if speaker is not None and not any(party in known for known in parties.values()):
            spoken = ", ".join(dict.fromkeys(tenure.party for tenure in speaker.speaks_for))
            raise InputError(f"{party} is no party: it speaks for {spoken or 'none'}")
        known_name("party", party, {name for known in parties.values() for name in known})
        chosen &= {name for name, known in parties.items() if party in known}
    if not chosen:
        raise InputError(f"no story has both the claim {claim} and the party {party}")
    return chosen


def known_name(what: str, name: str, known: Iterable[str]) -> None:
    """Raises InputError for a name that is none of the known ones, with the nearest."""
    from monitor.rules.check import did_you_mean

    listed = list(known)
    if name not in listed:
        hint = did_you_mean(name, listed) or f"the rules name {len(listed)}; `monitor check --json` counts them"
        raise InputError(f"no {what} is called {name}: {hint}")


def check_language(source: str, results: list[Explained]) -> None:
    """Raises InputError when a text is in a language that is not read; conditions under `matches:` hold in any language."""
    from monitor.language.pack import LANGUAGES

    code = results[0].language
    if code not in LANGUAGES and not any(result.reading.matches for result in results):
        problem = f"the language {code} is not read" if code else "no language can be told"
        raise InputError(f"{source}: {problem}; these are: {', '.join(LANGUAGES)}")


def article_of(source: str, lang: str, at: str | None, outlet: str) -> Article:
    """The text as an article. Raises InputError for what is no text to read, and for a date that is none."""
    from monitor.model import Article, digest

    try:
        published = datetime.fromisoformat(at) if at else datetime.now(UTC)
    except ValueError as error:
        raise InputError(f"--at {at}: a date is written 2025-04-28 or 2025-04-28T09:00:00Z") from error
    published = published.replace(tzinfo=UTC) if published.tzinfo is None else published
    title, text = _load(source)
    url = source if _is_url(source) else ""
    return Article(
        id=digest(title, text),
        lang=lang,
        url=url,
        outlet=outlet or (urlsplit(url).hostname or ""),
        title=title,
        text=text,
        published_at=published,
        fetched_at=published,
    )


def _is_url(source: str) -> bool:
    return source.startswith(("http://", "https://"))


def _load(source: str) -> tuple[str, str]:
    """A file, URL or standard input -> title and text. Raises InputError for what is no text to read."""
    if _is_url(source):
        return "", _checked(masked(source), asyncio.run(_fetched(source, settings())))
    try:
        if source == "-":
            raw = sys.stdin.buffer.read(_MOST_BYTES + 1)
        else:
            with Path(source).open("rb") as file:
                raw = file.read(_MOST_BYTES + 1)
    except (OSError, ValueError) as error:
        raise InputError(f"{source}: {getattr(error, 'strerror', None) or error}") from error
    if len(raw) > _MOST_BYTES:
        raise InputError(f"{source}: too long: more than {_MOST_BYTES:,} bytes")
    if b"\0" in raw[:_MOST]:
        raise InputError(f"{source}: binary data, not a text")
    try:
        whole = raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise InputError(f"{source}: not UTF-8 text: {error.reason} at byte {error.start}") from error
    whole = _checked(source, whole.replace("\r\n", "\n"))
    title, separator, text = whole.partition("\n\n")
    return (title.strip(), text.strip()) if separator and "\n" not in title.strip() else ("", whole.strip())


async def _fetched(source: str, chosen: Settings) -> str:
    from monitor.feeds.fetch import FetchFailed, fetch, session
    from monitor.feeds.html import html_text

    async with session(chosen.contact, chosen.allowed) as web:
        fetched = await fetch(web, source)
    if isinstance(fetched, FetchFailed):
        raise InputError(f"{masked(source)}: {fetched.problem}")
    if b"\0" in fetched.body:
        raise InputError(f"{masked(source)}: binary data, not a text")
    return html_text(fetched.body.decode(fetched.charset or "utf-8", "replace"))


def _checked(source: str, text: str) -> str:
    if not text.strip():
        raise InputError(f"{source}: there is no text in it")
    if len(text) > _MOST:
        raise InputError(f"{source}: too long: {len(text):,} characters, at most {_MOST:,}")
    return text
