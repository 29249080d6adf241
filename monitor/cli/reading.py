"""`monitor replay` and `monitor explain`: the pure core on files."""

from __future__ import annotations

import asyncio
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from monitor.cli.output import AsJson, Rules, dump, line, note, on_terminal, safe, settings
from monitor.errors import InputError

if TYPE_CHECKING:
    from monitor.engine.pipeline import Explained

Files = Annotated[list[Path], typer.Argument(help="Files of articles, one JSON object a line; - for standard input.")]


def replay(files: Files, rules: Rules = None, json_: AsJson = False) -> None:
    """Run files of articles through the rules, in event order, and print what follows."""
    from monitor.model import as_json, event_type
    from monitor.replay import articles_from, open_articles
    from monitor.replay import replay as replayed
    from monitor.stories import open_rulebook
    from monitor.streams.events import plain

    rulebook = open_rulebook(settings(rules).rules)
    articles = [article for path in files for article in (list(articles_from(sys.stdin, "-")) if str(path) == "-" else open_articles(path))]
    for article, events in replayed(articles, rulebook):
        for event in events:
            if json_:
                dump({"type": event_type(event), **as_json(event)})
            else:
                line(f"{article.published_at:%Y-%m-%d %H:%M}  {event_type(event):16} {safe(plain(event))}")
    if not articles:
        note("no articles")


def explain(
    source: Annotated[
        str,
        typer.Argument(help="A text file, a URL, or - for standard input. A first line with a blank line after it is the title."),
    ],
    rules: Rules = None,
    lang: Annotated[str, typer.Option("--lang", help="Language, when the text does not show it.")] = "",
    at: Annotated[str | None, typer.Option("--at", help="When it was published (default: now).")] = None,
    attributions: Annotated[bool, typer.Option("--attributions", help="Also list all reported speech, whatever it is about.")] = False,
    json_: AsJson = False,
) -> None:
    """Show what a text says by the rules, and why; and what it touches without saying."""
    from monitor.engine.pipeline import explain as explained
    from monitor.model import Article, digest
    from monitor.stories import open_rulebook

    rulebook = open_rulebook(settings(rules).rules)
    title, text = _load(source)
    try:
        published = datetime.fromisoformat(at) if at else datetime.now(UTC)
    except ValueError as error:
        raise InputError(f"--at {at}: a date is written 2025-04-28 or 2025-04-28T09:00:00Z") from error
    published = published.replace(tzinfo=UTC) if published.tzinfo is None else published
    article = Article(
        id=digest(title, text),
        lang=lang,
        url=source if "://" in source else "",
        title=title,
        text=text,
        published_at=published,
        fetched_at=published,
    )
    for result in explained(article, rulebook):
        _print_json(result) if json_ else _print(result, attributions)


def _load(source: str) -> tuple[str, str]:
    if source.startswith(("http://", "https://")):
        from monitor.feeds.fetch import FetchFailed, fetch, session
        from monitor.feeds.html import html_text

        async def get() -> str:
            async with session() as web:
                fetched = await fetch(web, source)
            if isinstance(fetched, FetchFailed):
                raise InputError(f"{source}: {fetched.problem}")
            return fetched.body.decode(fetched.charset or "utf-8", "replace")

        return "", html_text(asyncio.run(get()))
    try:
        raw = sys.stdin.buffer.read() if source == "-" else Path(source).read_bytes()
        whole = raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise InputError(f"{source}: not UTF-8 text: {error.reason} at byte {error.start}") from error
    except OSError as error:
        raise InputError(f"{source}: {error.strerror}") from error
    title, separator, text = whole.partition("\n\n")
    return (title.strip(), text.strip()) if separator and "\n" not in title.strip() else ("", whole.strip())


def _print_json(result: Explained) -> None:
    from monitor.model import as_json

    article = result.reading.article
    reported = [
        {
            "field": read.sentence.field,
            "class": str(a.reporting.cls),
            "cue": [a.reporting.start, a.reporting.end],
            "source": [a.source.start, a.source.end] if a.source else None,
            "party": a.source.party if a.source else None,
            "content": list(a.content[0]),
        }
        for read in result.sentences
        for a in read.attributions
    ]
    dump(
        {
            "story": result.reading.story,
            "language": result.language,
            "evidence": [as_json(e) for e in result.reading.evidence],
            "matches": [as_json(m) for m in result.reading.matches],
            "untaken": [
                {
                    "claim": u.claim,
                    "field": u.field,
                    "start": u.start,
                    "end": u.end,
                    "text": article.field(u.field)[u.start : u.end],
                    "reason": u.reason,
                }
                for u in result.untaken
            ],
            "attributions": reported,
        }
    )


def _print(result: Explained, attributions: bool) -> None:
    reading, article = result.reading, result.reading.article
    line(
        f"story {reading.story}, language {result.language or 'unknown'}"
        + ("" if result.sentences or not (article.title or article.text) else ": nothing in it touches a claim")
    )
    for evidence in reading.evidence:
        head = f"{evidence.party} {evidence.stance}s {evidence.claim}, {evidence.when} ({evidence.strength})".replace("denys", "denies")
        line()
        line(typer.style(head, bold=True) if on_terminal() else head)
        line(f"  “{safe(evidence.quote)}”  [{evidence.field} {evidence.start}-{evidence.end}]")
        for step in evidence.why:
            line(f"  - {safe(step)}")
    for match in reading.matches:
        line()
        line(f"match {match.rule}: " + ", ".join(f"“{safe(span.text)}”" for span in match.spans))
    if result.untaken:
        line()
        line("touched, and nothing taken:")
    for untaken in result.untaken:
        line(f"  {untaken.claim}: “{safe(article.field(untaken.field)[untaken.start : untaken.end])}”: {untaken.reason}")
    if attributions:
        line()
        line("reported speech:")
        for read in result.sentences:
            text = article.field(read.sentence.field)
            for one in read.attributions:
                who = safe(text[one.source.start : one.source.end]) if one.source else "?"
                a, b = one.content[0]
                line(f"  {who} · {safe(text[one.reporting.start : one.reporting.end])} ({one.reporting.cls}) · {safe(text[a:b].strip())}")
