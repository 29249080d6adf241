"""`monitor explain`: one text through the pure core, and all that can be said about how it was read."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Iterable
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated
from urllib.parse import urlsplit

import typer

from monitor.cli.output import AsJson, Rules, Story, dump, settings
from monitor.errors import InputError, masked

if TYPE_CHECKING:
    from monitor.cli.explained import View
    from monitor.engine.pipeline import Explained
    from monitor.engine.vocabulary import CompiledStory, Rulebook
    from monitor.model import Article
    from monitor.settings import Settings

_MOST = 300_000
"""Characters of a text at most: no article is that long."""
_MOST_BYTES = 4 * _MOST


def explain(
    source: Annotated[
        str,
        typer.Argument(help="A text file, a URL, or - for standard input. A first line with a blank line after it is the title."),
    ],
    claim: Annotated[str | None, typer.Option("--claim", help="Only this claim; says why, if nothing is found.")] = None,
    party: Annotated[str | None, typer.Option("--party", help="Only this party; says why, if nothing is found.")] = None,
    attributions: Annotated[bool, typer.Option("--attributions", help="Also list all reported speech, whatever it is about.")] = False,
    lang: Annotated[str, typer.Option("--lang", help="Language, when the text does not show it.")] = "",
    at: Annotated[str | None, typer.Option("--at", help="When it was published (default: now).")] = None,
    outlet: Annotated[str, typer.Option("--outlet", help="Who published it.")] = "",
    rules: Rules = None,
    story: Story = None,
    json_: AsJson = False,
) -> None:
    """Show what a text says by the rules, and why; and what it touches without saying."""
    from monitor.engine.pipeline import explain as explained
    from monitor.stories import open_rulebook

    rulebook = open_rulebook(settings(rules).rules)
    chosen = _stories(rulebook, story, claim, party)
    article = _article(source, lang, at, outlet)
    results = [result for result in explained(article, rulebook) if result.reading.story in chosen]
    _check_language(source, results)
    views = [_view(result, rulebook.stories[result.reading.story], claim, party) for result in results]
    if json_:
        from monitor.cli.explained_json import as_object

        for view in views:
            dump(as_object(view))
    else:
        from monitor.cli.explained import show_all

        show_all(views, attributions=attributions)


def _view(result: Explained, story: CompiledStory, claim: str | None, party: str | None) -> View:
    """What is shown of a story: all of it, or what concerns the claim and the party that are asked for."""
    from monitor.cli.explained import View
    from monitor.engine.why.inquiry import inquire
    from monitor.engine.why.untaken import untaken

    left = untaken(result.sentences, result.trace, story, result.reading.article.published_at)
    if claim is None and party is None:
        return View(story, result, result.findings, left)
    claim = claim.rpartition("/")[2] if claim else None
    answer = inquire(result, left, story, claim, party)
    return View(story, result, answer.findings, tuple(u for u in left if claim == u.claim), answer)


def _stories(rulebook: Rulebook, story: str | None, claim: str | None, party: str | None) -> set[str]:
    """The stories that know the names given. Raises InputError for a name that none knows."""
    chosen = set(rulebook.stories)
    if story is not None:
        _known("story", story, rulebook.stories)
        chosen = {story}
    stories = [rulebook.stories[name] for name in sorted(chosen)]
    if claim is not None:
        within, _, name = claim.rpartition("/")
        having = [s for s in stories if within in ("", s.name)]
        _known("claim", name if having else claim, {c for s in having or stories for c in s.story.claims})
        chosen &= {s.name for s in having if name in s.story.claims}
    if party is not None:
        parties = {s.name: {name for name, entity in s.story.entities.items() if entity.kind == "party"} for s in stories}
        speaker = next((s.story.entities[party] for s in stories if party in s.story.entities), None)
        if speaker is not None and not any(party in known for known in parties.values()):
            spoken = ", ".join(dict.fromkeys(tenure.party for tenure in speaker.speaks_for))
            raise InputError(f"{party} is no party: it speaks for {spoken or 'none'}")
        _known("party", party, {name for known in parties.values() for name in known})
        chosen &= {name for name, known in parties.items() if party in known}
    if not chosen:
        raise InputError(f"no story has both the claim {claim} and the party {party}")
    return chosen


def _known(what: str, name: str, known: Iterable[str]) -> None:
    from monitor.rules.check import did_you_mean

    listed = list(known)
    if name not in listed:
        hint = did_you_mean(name, listed) or f"the rules name {len(listed)}; `monitor check --json` counts them"
        raise InputError(f"no {what} is called {name}: {hint}")


def _check_language(source: str, results: list[Explained]) -> None:
    """Raises InputError when a text is in a language that is not read; conditions under `matches:` hold in any language."""
    from monitor.language.pack import LANGUAGES

    code = results[0].language
    if code not in LANGUAGES and not any(result.reading.matches for result in results):
        problem = f"the language {code} is not read" if code else "no language can be told"
        raise InputError(f"{source}: {problem}; these are: {', '.join(LANGUAGES)}")


def _article(source: str, lang: str, at: str | None, outlet: str) -> Article:
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
