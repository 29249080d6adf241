"""`monitor replay`: the pure core on files."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from monitor.cli.output import AsJson, Rules, dump, line, note, safe, settings

if TYPE_CHECKING:
    from monitor.model import Article, Decision

Files = Annotated[list[Path], typer.Argument(help="Files of articles, one JSON object a line; - for standard input.")]


def replay(
    files: Files,
    decisions: Annotated[Path | None, typer.Option("--decisions", help="Decisions, as `decisions --json` prints them.")] = None,
    rules: Rules = None,
    json_: AsJson = False,
) -> None:
    """Run files of articles through the rules, in event order, and print what follows."""
    from monitor.model import as_json, event_type
    from monitor.replay import replay as replayed
    from monitor.stories import open_rulebook
    from monitor.streams.events import plain

    rulebook = open_rulebook(settings(rules).rules)
    articles = articles_of(files)
    for article, events in replayed(articles, rulebook, decisions_of(decisions) if decisions else []):
        for event in events:
            if json_:
                dump({"type": event_type(event), **as_json(event)})
            else:
                line(f"{article.published_at:%Y-%m-%d %H:%M}  {event_type(event):16} {safe(plain(event))}")
    if not articles:
        note("no articles")


def articles_of(files: list[Path]) -> list[Article]:
    """The articles of files, - for standard input. Raises InputError."""
    return list(each_article(files))


def each_article(files: list[Path], passed: Callable[[int], None] | None = None) -> Iterator[Article]:
    """The same, one at a time. passed: told how many bytes of the files have been read so far."""
    from monitor.lines import beyond, lines_of
    from monitor.replay import articles_from

    done = 0
    for path in files:
        if str(path) == "-":
            yield from articles_from(sys.stdin, "-")
            continue
        yield from articles_from(lines_of(path, beyond(passed, done)), str(path))
        done += path.stat().st_size


def decisions_of(path: Path) -> list[Decision]:
    """The decisions of a file. Raises InputError."""
    from monitor.lines import lines_of
    from monitor.replay import decisions_from

    return decisions_from(lines_of(path), str(path))
