"""The board as plain text, for a pipe, a script, or a terminal that cannot draw."""

from __future__ import annotations

import shutil
from collections.abc import Iterator

from rich.text import Text

from monitor.cli.board import lines
from monitor.cli.board.grid import grid
from monitor.cli.board.source import Sight
from monitor.streams.polls import now_utc

_WIDTH = 120
"""Cells of a line where no terminal says how many there are."""


def as_text(sight: Sight) -> Iterator[str]:
    """All stories, what changed last, feeds and streams; parties that do not fit are counted."""
    width, now, overview = max(shutil.get_terminal_size((_WIDTH, 24)).columns, 40), now_utc(), sight.overview
    for story in overview.stories or ("",):
        yield lines.top(overview, story, now, width, sight.trouble).plain
        made = grid([state for state in overview.claims if state.story == story], now, width)
        shown = len(made.widths) - made.hidden
        for row in (made.titles, *made.rows):
            cells = [
                cell.plain + " " * (size - cell.cell_len + made.gap) for cell, size in zip(row[:shown], made.widths[:shown], strict=True)
            ]
            yield "".join(cells).rstrip()
        yield f"and {made.hidden} more parties\n" if made.hidden else ""
    yield "what changed last"
    rest: list[Text] = [*lines.moves(overview.moves, width, 20, stories=len(overview.stories)), Text()]
    rest += [lines.feeds(overview.feeds, now, width), *lines.streams(overview.streams, now, width)]
    yield from (row.plain.rstrip() for row in rest)
