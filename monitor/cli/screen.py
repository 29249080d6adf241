"""Standard output as a person sees it: its width, whether it has colours, lines wrapped to fit."""

from __future__ import annotations

import os

from rich.console import Console
from rich.text import Text

from monitor.cli.marked import wrapped
from monitor.cli.output import line, on_terminal

WIDEST = 100
"""Cells to which lines of text are filled, however wide the terminal is: longer ones are hard to read."""


class Screen:
    """Standard output, with its width and whether it has colours."""

    def __init__(self) -> None:
        self._console = Console(highlight=False, markup=False, emoji=False, soft_wrap=True)
        self.colour = self._console.is_terminal and not self._console.no_color and os.environ.get("TERM") != "dumb"
        self.room = max(self._console.width, 20)
        """Cells from edge to edge."""
        self.width = min(self.room, WIDEST)
        """Cells that a line of text may take."""

    def line(self, text: Text | str = "", *, indent: int = 0, hang: int = 0) -> None:
        """A line, wrapped. indent: cells before it; hang: further cells before what is wrapped."""
        shown = Text(text) if isinstance(text, str) else text
        for number, part in enumerate(wrapped(shown, self.width - indent, hang) or [Text()]):
            self.print(Text.assemble(" " * (indent + (hang if number else 0)), part))

    def print(self, text: Text) -> None:
        """A line as it is."""
        if self.colour:
            self._console.print(text)
        else:
            self._console.file.write(text.plain.rstrip() + "\n")

    def heading(self, text: str) -> None:
        """What the lines after it are about."""
        self.line()
        self.line(Text(text, style="bold"))

    def row(self, label: str, text: Text | str) -> None:
        """A label with what there is to say."""
        self.line(Text.assemble((f"{label:<9}", "dim"), text), indent=3, hang=9)


def flow(text: Text | str, hang: int) -> None:
    """A line that a program may read: one line in a pipe, wrapped on a terminal, from the second on behind `hang` cells."""
    if on_terminal():
        Screen().line(text, hang=hang)
    else:
        line(str(text))
