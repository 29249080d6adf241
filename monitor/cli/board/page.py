"""A page over the board: lines that scroll. One claim in full, the feeds, the streams, the log, help."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from rich.text import Text
from textual.app import ComposeResult
from textual.binding import Binding
from textual.containers import VerticalScroll
from textual.screen import Screen
from textual.widgets import Static
from typing_extensions import override

Lines = Callable[[int], Sequence[Text]]
"""Cells that there are -> the lines as they are now."""


class Page(Screen[None]):
    """A page with a title. Its lines are asked for again whenever the board has seen something new."""

    DEFAULT_CSS = """
    Page { background: ansi_default; }
    Page > #title, Page > #back { height: 1; }
    Page > VerticalScroll { scrollbar-size-vertical: 1; }
    """
    BINDINGS = [  # noqa: RUF012 # as Textual declares it
        Binding("escape,q,enter,left", "app.pop_screen", "back"),
        Binding("j", "down", "down"),
        Binding("k", "up", "up"),
    ]

    def __init__(self, title: str, lines: Lines, *, from_end: bool = False) -> None:
        """from_end: begins at the last line, and stays there while lines are added."""
        super().__init__()
        self._title, self._lines, self._from_end = title, lines, from_end

    @override
    def compose(self) -> ComposeResult:
        yield Static(Text(self._title, style="bold"), id="title")
        with VerticalScroll():
            yield Static(id="lines")
        yield Static(Text("escape, q: back   arrows, page up, page down: scroll", style="dim"), id="back")

    def on_mount(self) -> None:
        """Shows the lines."""
        self.call_after_refresh(self.renew)

    def on_resize(self) -> None:
        """Fits the lines."""
        self.call_after_refresh(self.renew)

    def renew(self) -> None:
        """Shows the lines as they are now."""
        scroll = self.query_one(VerticalScroll)
        at_end = scroll.scroll_y >= scroll.max_scroll_y
        text, part = Text("\n").join(self._lines(max(self.size.width - 2, 20))), self.query_one("#lines", Static)
        if text == part.content:
            return
        part.update(text)
        if self._from_end and at_end:
            scroll.scroll_end(animate=False)

    def action_down(self) -> None:
        """A line down."""
        self.query_one(VerticalScroll).scroll_down(animate=False)

    def action_up(self) -> None:
        """A line up."""
        self.query_one(VerticalScroll).scroll_up(animate=False)
