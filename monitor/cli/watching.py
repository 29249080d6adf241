"""`monitor watch`: the board, from the server alone."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Annotated

import typer

from monitor.cli.arguments import check_known
from monitor.cli.board.terminal import can_draw
from monitor.cli.output import Data, Story, line, note, settings
from monitor.errors import InputError


def watch(
    story: Story = None,
    data: Data = None,
    once: Annotated[bool, typer.Option("--once", help="Print it once, as text.")] = False,
    svg: Annotated[Path | None, typer.Option("--svg", help="Write a picture of it to this file.")] = None,
    size: Annotated[str, typer.Option("--size", help="Columns and lines of the picture.")] = "110x36",
) -> None:
    """Watch where everything stands: claims, parties, what changed last, feeds, streams."""
    from monitor.cli.board.source import PATIENCE, Source
    from monitor.streams.access import server
    from monitor.streams.client import connected
    from monitor.streams.stories import story_names

    chosen = settings(data=data)
    shape = _size(size)

    async def show() -> None:
        async with server(chosen) as running, connected(running.url, patience=PATIENCE) as client:
            names = await story_names(client)
            if story is not None and names:  # on a server that knows none yet the board waits for it
                check_known("story", story, names)
            source = Source(client, story, running)
            if svg is not None:
                from monitor.cli.board.picture import picture

                _write(svg, await picture(source, shape))
            elif once or not can_draw():
                from monitor.cli.board.once import as_text

                for row in as_text(await source.see()):
                    line(row)
            else:
                from monitor.cli.board.app import Board

                await Board(source).until_ended()

    asyncio.run(show())


def _write(path: Path, text: str) -> None:
    try:
        path.write_text(text, encoding="utf-8")
    except OSError as error:
        raise InputError(f"cannot write {path}: {error.strerror}") from error
    note(f"written: {path}")


def _size(text: str) -> tuple[int, int]:
    width, _, height = text.partition("x")
    if not (width.isdecimal() and height.isdecimal() and 40 <= int(width) <= 500 and 10 <= int(height) <= 500):
        raise InputError(f"--size {text}: columns and lines, such as 110x36")
    return int(width), int(height)
