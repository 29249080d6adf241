"""The board as a Textual application. Thin: what is shown is made by `grid` and `lines`, from what a `Source` has seen."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Protocol

from rich.text import Text
from textual.app import App, ComposeResult
from textual.binding import Binding
from textual.widgets import DataTable, Static
from typing_extensions import override

from monitor.cli.board import lines
from monitor.cli.board.grid import Grid, grid
from monitor.cli.board.page import Lines, Page
from monitor.cli.board.shares import Shares, shares
from monitor.cli.board.source import Sight
from monitor.cli.board.words import counted
from monitor.model import ClaimState
from monitor.streams.polls import now_utc

EVERY = 1.0
"""Seconds between looks."""
_LOG = 300
"""Lines of the log that its page shows."""


class Sees(Protocol):
    """What the board looks through."""

    async def see(self) -> Sight:
        """Everything as it is now."""
        ...


class Table(DataTable[Text]):
    """The claims. Sideways it scrolls by whole columns."""

    @override
    def action_cursor_right(self) -> None:
        self._to_column(1)

    @override
    def action_cursor_left(self) -> None:
        self._to_column(-1)

    def _to_column(self, step: int) -> None:
        """So far that the next party's column, or the one before, stands beside the columns that stay."""
        starts = [0]
        for column in self.ordered_columns[self.fixed_columns :]:
            starts.append(starts[-1] + column.get_render_width(self))
        now = round(self.scroll_target_x)
        reached = [start for start in starts if (start > now if step > 0 else start < now)]
        target = (min(reached) if step > 0 else max(reached)) if reached else now
        self.scroll_to(x=min(target, self.max_scroll_x), animate=False)


class Board(App[None]):
    """One screen of where everything stands."""

    ENABLE_COMMAND_PALETTE = False
    CSS = """
    Screen { background: ansi_default; overflow: hidden; }
    Screen > Static { height: 1; text-wrap: nowrap; text-overflow: ellipsis; }
    #grid { scrollbar-size: 0 0; background: ansi_default; }
    #grid > .datatable--fixed-cursor { text-style: reverse; background: ansi_default; color: ansi_default; }
    #grid > .datatable--cursor { text-style: bold; background: ansi_default; color: ansi_default; }
    #grid > .datatable--header, #grid > .datatable--fixed, #grid > .datatable--hover { background: ansi_default; color: ansi_default; }
    """
    BINDINGS = [  # noqa: RUF012 # as Textual declares it
        Binding("ctrl+c,ctrl+q", "stop", "stop", priority=True),
        Binding("q", "stop", "stop"),  # on a page it goes back
        Binding("f", "feeds", "feeds"),
        Binding("s", "streams", "streams"),
        Binding("r", "rules", "rules"),
        Binding("g", "log", "log"),
        Binding("question_mark", "help", "help"),
        Binding("tab", "story", "story", priority=True),
        Binding("j", "grid('cursor_down')"),
        Binding("k", "grid('cursor_up')"),
        Binding("h", "grid('cursor_left')"),
        Binding("l", "grid('cursor_right')"),
    ]

    def __init__(
        self,
        source: Sees,
        log: Callable[[int], Sequence[str]] | None = None,
        stop: Callable[[], None] | None = None,
        *,
        cursor: bool = True,
    ) -> None:
        """log: the log's last lines, so many at most; None: there is no log. stop: what `q` does; None: the board ends.

        cursor: mark a claim.
        """
        super().__init__(ansi_color=True)
        self._cursor = cursor
        self._source, self._log_lines, self._stop = source, log, stop
        self._sight = Sight()
        self._story = ""
        self._stopping = ""
        self._fault: Exception | None = None
        self._shown: Grid | None = None
        self._shown_for: object = None
        self.seen = asyncio.Event()
        """Set once the board has shown what there is."""

    @override
    def compose(self) -> ComposeResult:
        yield Static(id="top")
        yield Table(
            id="grid",
            show_cursor=self._cursor,
            cursor_type="row",
            cell_padding=0,
            fixed_columns=2,
            cursor_foreground_priority="renderable",
        )
        yield Static(id="divide")
        yield Static(id="moves")
        yield Static(id="feeds")
        yield Static(id="streams")
        yield Static(id="log-title")
        yield Static(id="log")
        yield Static(id="keys")

    def on_mount(self) -> None:
        """Begins to look."""
        self.theme = "ansi-dark"
        self.query_one("#log-title", Static).update(Text("log", style="bold dim"))
        self.run_worker(self._looking())
        self.set_interval(EVERY, self._show)  # clock and ages go on while a look takes its time

    def on_resize(self) -> None:
        """Fits everything into the new size."""
        self.call_after_refresh(self._show)

    async def until_ended(self, size: tuple[int, int] | None = None) -> None:
        """Shows it until it is ended. size: without a terminal, columns and lines. Raises what went wrong."""
        await self.run_async(headless=size is not None, size=size, mouse=False)
        if self._fault is not None:
            raise self._fault
        if self.return_code:
            raise SystemExit(self.return_code)  # Textual has printed why

    async def _looking(self) -> None:
        try:
            while True:
                self._sight = await self._source.see()
                self._show()
                self.seen.set()
                await asyncio.sleep(EVERY)
        except Exception as error:  # noqa: BLE001 - raised again when the terminal is given back
            self._fault = error
            self.exit()

    def give_back(self) -> None:
        """Leaves the terminal as it was found, at once: the process is about to end."""
        if self._driver is not None:
            self._driver.stop_application_mode()
            self._driver.close()

    # What is shown ------------------------------------------------------------------------------------------------------------

    def _states(self) -> list[ClaimState]:
        stories = self._sight.overview.stories
        if self._story not in stories:
            self._story = stories[0] if stories else ""
        return [state for state in self._sight.overview.claims if state.story == self._story]

    def _show(self) -> None:
        """Brings every part up to date; what has not changed is left alone."""
        if isinstance(self.screen, Page):
            self.screen.renew()
        now, overview = now_utc(), self._sight.overview
        states, width = self._states(), self.size.width
        parts = shares(self.size.height, len(states), log=self._log_lines is not None)
        board = self.screen_stack[0]
        made = self._show_grid(board.query_one("#grid", Table), states, now, parts)
        texts = {
            "top": [lines.top(overview, self._story, now, width, self._stopping or self._sight.trouble)],
            "divide": [_divide(made, len(states) - (parts.table - 1) // made.height, width)],
            "moves": lines.moves(overview.moves, width, parts.moves, stories=len(overview.stories)),
            "feeds": [lines.feeds(overview.feeds, now, width)],
            "streams": lines.streams(overview.streams, now, width)[-parts.streams :],
            "log": self._log_texts(parts.log),
            "keys": [_keys(self._log_lines is not None, len(overview.stories) > 1)],
        }
        heights = {"moves": parts.moves, "streams": parts.streams, "log": parts.log}
        for name, rows in texts.items():
            part = board.query_one(f"#{name}", Static)
            part.styles.height = heights.get(name, 1)
            text = Text("\n", no_wrap=True, overflow="crop").join(rows)
            if part.content != text:
                part.update(text)
        board.query_one("#log-title", Static).display = board.query_one("#log", Static).display = bool(parts.log)

    def _show_grid(self, table: Table, states: Sequence[ClaimState], now: datetime, parts: Shares) -> Grid:
        table.styles.height = parts.table
        # Hundreds of claims take a tenth of a second: they are laid out anew only when something has changed.
        why = (tuple(states), self.size.width, parts.tall, now.date())
        if self._shown is not None and why == self._shown_for:
            return self._shown
        made = grid(states, now, self.size.width, tall=parts.tall)
        at = self._shown.keys[table.cursor_row] if self._shown and table.is_valid_row_index(table.cursor_row) else ""
        left, up = table.scroll_x, table.scroll_y
        self._shown, self._shown_for = made, why
        with self.batch_update():
            table.clear(columns=True)
            for title, width in zip(made.titles, made.widths, strict=True):
                table.add_column(title, width=width + made.gap)
            for key, row in zip(made.keys, made.rows, strict=True):
                table.add_row(*row, key=key, height=made.height)
            if at in made.keys:
                table.move_cursor(row=made.keys.index(at), animate=False, scroll=False)
            table.scroll_to(left, up, animate=False, force=True)
        return made

    def _log_texts(self, count: int) -> list[Text]:
        return [Text.from_ansi(row) for row in self._log_lines(count)] if self._log_lines and count else []

    # What keys do -------------------------------------------------------------------------------------------------------------

    def action_stop(self) -> None:
        """Ends the board, or what it belongs to."""
        if self._stop is None:
            self.exit()
            return
        self._stopping = "stopping: what is in hand is finished (again to stop at once)"
        self._show()
        self._stop()

    def action_grid(self, what: str) -> None:
        """A letter does to the table what an arrow does."""
        getattr(self.query_one("#grid", Table), f"action_{what}")()

    def action_story(self) -> None:
        """The next story."""
        stories = self._sight.overview.stories
        if len(stories) > 1 and not isinstance(self.screen, Page):
            self._story = stories[(stories.index(self._story) + 1) % len(stories)]
            self._show()

    def on_data_table_row_selected(self, event: DataTable.RowSelected) -> None:
        """A claim in full."""
        key = str(event.row_key.value)

        def full(width: int) -> list[Text]:
            found = [state for state in self._sight.overview.claims if f"{state.story}/{state.claim}" == key]
            return list(lines.claim(found[0], width)) if found else [Text("this claim is gone")]

        self._page(key, full)

    def action_feeds(self) -> None:
        """All feeds."""
        self._page("feeds", lambda _: lines.feed_rows(self._sight.overview.feeds, now_utc()))

    def action_streams(self) -> None:
        """All streams and who reads them."""
        self._page("streams", lambda _: lines.stream_rows(self._sight.overview.streams, now_utc()))

    def action_rules(self) -> None:
        """Which rules are in force, and what is wrong with those that were saved since."""
        self._page("rules", lambda width: list(lines.rules(self._sight.overview, width)))

    def action_log(self) -> None:
        """The log, as far as it is kept."""
        found = self._log_lines
        if found is not None:
            self._page("log", lambda _: [Text.from_ansi(row) for row in found(_LOG)], from_end=True)

    def action_help(self) -> None:
        """What keys there are, and what signs mean."""
        self._page("keys and signs", lambda width: list(lines.help_text(width)))

    def _page(self, title: str, made: Lines, *, from_end: bool = False) -> None:
        if isinstance(self.screen, Page):
            self.pop_screen()
        self.push_screen(Page(title, made, from_end=from_end))


def _divide(made: Grid, unseen: int, width: int) -> Text:
    more = [counted(unseen, "claim")] * (unseen > 0) + [f"{made.hidden} {'party' if made.hidden == 1 else 'parties'}"] * (made.hidden > 0)
    left, right = "what changed last", f"  arrows for {' and '.join(more)} more" if more else ""
    return Text.assemble((left, "bold dim"), right.rjust(max(width - len(left), 0)))


def _keys(log: bool, stories: bool) -> Text:
    names = ["q: stop" if log else "q: quit", "?: help", "enter: claim", *["tab: story"] * stories, "f: feeds", "s: streams", "r: rules"]
    return Text("  ".join([*names, *["g: log"] * log, "arrows"]), style="dim")
