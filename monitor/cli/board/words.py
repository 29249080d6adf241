"""How the board writes stances, statuses, times and text from outside. Pure."""

from __future__ import annotations

from datetime import datetime, timedelta

from rich.cells import cell_len, set_cell_size
from rich.text import Text

from monitor.cli.marked import plain
from monitor.model import Stance, Status

SIGNS = {Stance.AFFIRM: "+", Stance.DENY: "-", Stance.DOUBT: "?", Stance.DECLINE: "~"}
"""A sign beside each word, so that nothing is lost without colours."""
COLOURS: dict[Stance | Status, str] = {
    # After Okabe and Ito, whose colours the colour-blind tell apart; as light as can be read on white and as dark as can be on black.
    Stance.AFFIRM: "#008c68",
    Stance.DENY: "#d55e00",
    Stance.DOUBT: "#9a7b00",
    Stance.DECLINE: "#767676",
    Status.CONFIRMED: "#008c68",
    Status.DISPUTED: "#b5619a",
    Status.ASSERTED: "#2f86c6",
    Status.DENIED: "#d55e00",
    Status.OPEN: "#767676",
    Status.UNREPORTED: "#767676",
}
LOUD = {Status.CONFIRMED, Status.DISPUTED}
_UNITS = ((86400, "d"), (3600, "h"), (60, "min"))


def stance(held: Stance | None) -> Text:
    """A stance with its sign; "nothing" for none."""
    return Text(f"{SIGNS[held]} {held}", style=COLOURS[held]) if held else Text("nothing", style="dim")


def status(held: Status) -> Text:
    """A status."""
    return Text(str(held), style=f"bold {COLOURS[held]}" if held in LOUD else COLOURS[held])


def day(time: datetime) -> str:
    """A date in full: 28 Apr 2025."""
    return f"{time.day} {time:%b %Y}"


def short_day(time: datetime, now: datetime) -> str:
    """A date in six cells at most: 28 Apr if it was within the last ten months, else month and year, Apr'25."""
    recent = timedelta(days=-1) <= now - time < timedelta(days=300)
    return f"{time.day} {time:%b}" if recent else f"{time:%b'%y}"


def span(length: timedelta) -> str:
    """A length of time in its largest unit, rounded down: 5 s, 12 min, 3 h, 2 d."""
    seconds = max(int(length.total_seconds()), 0)
    for unit, name in _UNITS:
        if seconds >= unit:
            return f"{seconds // unit} {name}"
    return f"{seconds} s"


def fitted(text: str, width: int) -> str:
    """Text from outside on one line, harmless, at most `width` cells wide; what is cut ends in an ellipsis."""
    shown = " ".join(plain(text).split())
    if cell_len(shown) <= width:
        return shown
    return set_cell_size(shown, width - 1).rstrip() + "…" if width > 1 else "…"[:width]


def counted(number: int, thing: str) -> str:
    """So many of a thing."""
    return f"{number} {thing}" if number == 1 else f"{number} {thing}s"
