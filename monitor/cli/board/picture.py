"""The board as a picture."""

from __future__ import annotations

import asyncio
import re
from html import unescape

from rich.cells import cell_len

from monitor.cli.board.app import Board, Sees

_PIECE = re.compile(r'(<text [^>]*textLength=")([\d.]+)("[^>]*>)([^<]+)(</text>)')


async def picture(source: Sees, size: tuple[int, int]) -> str:
    """The board as it is now, as SVG. size: columns and lines. Raises what the source raises."""
    board = Board(source, cursor=False)
    taken: list[str] = []

    async def take() -> None:
        await board.seen.wait()
        await asyncio.sleep(0.2)  # the screen is composed a moment later
        taken.append(widened(board.export_screenshot(title="monitor watch")))
        board.exit()

    taking = asyncio.create_task(take())
    try:
        await board.until_ended(size)
    finally:
        taking.cancel()
    return taken[0]


def widened(svg: str) -> str:
    """Rich's picture with wide characters as wide as their cells: it counts characters where it says how long a text is."""

    def length(piece: re.Match[str]) -> str:
        text = unescape(piece[4])
        return f"{piece[1]}{float(piece[2]) / len(text) * cell_len(text):g}{piece[3]}{piece[4]}{piece[5]}"

    return _PIECE.sub(length, svg)
