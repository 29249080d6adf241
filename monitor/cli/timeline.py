"""`monitor timeline`: a claim's history, on the terminal or as a picture."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from monitor.cli.arguments import claim_named, window
from monitor.cli.output import AsJson, Data, Rules, Story, dump, note, settings
from monitor.cli.reading import articles_of
from monitor.errors import InputError

if TYPE_CHECKING:
    from monitor.engine.ledger import Ledger
    from monitor.engine.vocabulary import CompiledStory
    from monitor.settings import Settings

_OUTPUT = "; - for standard output."


def timeline(
    claim: Annotated[str, typer.Argument(help="The claim: its id, or STORY/CLAIM.")],
    since: Annotated[str | None, typer.Option("--since", help="Only from this day or time on (UTC).")] = None,
    until: Annotated[str | None, typer.Option("--until", help="Only up to this time, or to the end of this day (UTC).")] = None,
    svg: Annotated[Path | None, typer.Option("--svg", help=f"Draw it into this SVG file{_OUTPUT}")] = None,
    html: Annotated[Path | None, typer.Option("--html", help=f"Write a page with the picture and all evidence{_OUTPUT}")] = None,
    files: Annotated[
        list[Path] | None, typer.Option("--from", help="Read articles from this file, as replay does, instead of asking the server.")
    ] = None,
    rules: Rules = None,
    story: Story = None,
    data: Data = None,
    json_: AsJson = False,
) -> None:
    """Show who held which position on a claim when, and on what evidence: as known now, late and corrected articles in their place."""
    from monitor.engine.timeline import timeline as history
    from monitor.engine.timeline import within

    begin, end = window(since, until)
    ledger, name, now = _from_files(files, claim, story, settings(rules)) if files else _from_server(claim, story, settings(rules, data))
    shown = within(history(ledger, name), begin, end)
    if svg is not None:
        from monitor.charts.svg import svg as drawn

        _write(svg, drawn(shown, now, begin, end))
    if html is not None:
        from monitor.charts.html import html as page

        _write(html, page(shown, now, begin, end))
    if json_:
        dump(shown.model_dump(mode="json", by_alias=True))
    elif svg is None and html is None:
        from monitor.cli.screen import Screen
        from monitor.cli.timeline_text import Window, show

        show(shown, Window(now, begin, end), Screen())


def _from_server(claim: str, story: str | None, chosen: Settings) -> tuple[Ledger, str, datetime]:
    """What the server keeps of the claim's story, and the time."""
    from monitor.stories import open_stories
    from monitor.streams.access import server
    from monitor.streams.client import connected
    from monitor.streams.stories import StoryStore

    stories = open_stories(chosen.rules)
    within, name = claim_named(claim, story, _claims(stories))

    async def load() -> Ledger:
        async with server(chosen) as running, connected(running.url) as client:
            store = StoryStore(client, stories[within])
            await store.load()
            return store.ledger

    return asyncio.run(load()), name, datetime.now(UTC)


def _from_files(files: list[Path], claim: str, story: str | None, chosen: Settings) -> tuple[Ledger, str, datetime]:
    """What files of articles tell of the claim's story, and the time of the last one."""
    from monitor.replay import ledger_of
    from monitor.stories import open_rulebook

    rulebook = open_rulebook(chosen.rules)
    within, name = claim_named(claim, story, _claims(rulebook.stories))
    articles = articles_of(files)
    if not articles:
        raise InputError("no articles")
    return ledger_of(articles, rulebook, within), name, max(article.published_at for article in articles)


def _claims(stories: dict[str, CompiledStory]) -> list[tuple[str, str]]:
    return [(name, claim) for name, story in stories.items() for claim in story.story.claims]


def _write(path: Path, text: str) -> None:
    if str(path) == "-":
        typer.echo(text, nl=False)
        return
    try:
        path.write_text(text, encoding="utf-8")
    except OSError as error:
        raise InputError(f"{path}: {error.strerror}") from error
    note(f"wrote {path}")
