"""A timeline on a terminal: the status on top, a lane for each party with its evidence under it, then what moved, with quotes.

Without colours the bands are drawn with a sign for each word, so that nothing is lost in a pipe or to an eye that sees no red.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from rich.text import Text

from monitor.charts.scale import Scale, span
from monitor.charts.words import COLOURS, EFFECTS, clean
from monitor.cli.marked import plain
from monitor.cli.screen import Screen
from monitor.engine.timeline import Effect, Lane, Mark, PositionBand, StatusBand, Timeline, Turn
from monitor.model import Evidence, Stance, Status

SIGNS: dict[Stance | Status, str] = {
    Stance.AFFIRM: "+",
    Stance.DENY: "-",
    Stance.DOUBT: "?",
    Stance.DECLINE: "~",
    Status.CONFIRMED: "#",
    Status.DISPUTED: "%",
    Status.ASSERTED: "+",
    Status.DENIED: "-",
    Status.OPEN: "~",
}
"""What fills a band where there are no colours."""
MARKS = {
    Effect.MOVED: "▲",
    Effect.AGREES: "•",
    Effect.OUTWEIGHED: "◦",
    Effect.WAITS: "◇",
    Effect.WEAK: "◦",
    Effect.PAST: "‹",
    Effect.REJECTED: "×",
}
"""A piece of evidence, loudest first: of those that share a cell the loudest is drawn."""
_LOUDEST = [Effect.MOVED, Effect.WAITS, Effect.AGREES, Effect.OUTWEIGHED, Effect.WEAK, Effect.PAST, Effect.REJECTED]
STYLES: dict[Stance | Status, str] = {
    Stance.AFFIRM: "green",
    Stance.DENY: "red",
    Stance.DOUBT: "yellow",
    Stance.DECLINE: "bright_black",
    Status.CONFIRMED: "green",
    Status.DISPUTED: "magenta",
    Status.ASSERTED: "blue",
    Status.DENIED: "red",
    Status.OPEN: "bright_black",
    Status.UNREPORTED: "bright_black",
}
"""Of words and marks on the terminal's own ground: its owner has chosen colours that can be read there."""
_WIDEST = 240
_LABEL = 18
_TICK = 12  # cells from one date to the next, at least


@dataclass(frozen=True, slots=True)
class Window:
    """What is drawn: from when to when. None: as the evidence has it."""

    now: datetime
    since: datetime | None = None
    until: datetime | None = None


def show(timeline: Timeline, window: Window, screen: Screen) -> None:
    """The whole view, top down."""
    since = f" since {timeline.since:%Y-%m-%d %H:%M}" if timeline.since else ""
    screen.line(Text.assemble((f"{timeline.story}/{timeline.claim}", "bold"), ": ", _word(timeline.status, screen.colour), since))
    screen.line(plain(timeline.text))
    screen.line()
    if not timeline.marks and not timeline.statuses:
        screen.line("no evidence in this time" if window.since or window.until else "no evidence yet")
        return
    for row in chart(timeline, window, min(screen.room, _WIDEST), colour=screen.colour):
        screen.print(row)
    screen.line()
    for row in _legend(timeline, screen.width, screen.colour):
        screen.line(row)
    if timeline.turns:
        screen.heading("what moved")
    for turn in timeline.turns:
        _turn(turn, screen)


def chart(timeline: Timeline, window: Window, width: int, *, colour: bool) -> Iterator[Text]:
    """Axis, status and lanes, each line at most `width` cells wide."""
    label = min(max((len(lane.party) + 2 for lane in timeline.lanes), default=0), _LABEL, width // 3)
    label = max(label, len("status") + 1)
    scale = Scale(*span(timeline, window.now, window.since, window.until), width - label)
    yield Text.assemble(" " * label, (_axis(scale), "dim"))
    yield _labelled("status", label) + _bands(timeline.statuses, [b.status for b in timeline.statuses], scale, colour)
    yield Text()
    for lane in timeline.lanes:
        yield _labelled(_party(lane, label), label, "bold" if lane.principal else "") + _bands(
            lane.bands, [b.stance for b in lane.bands], scale, colour
        )
        yield Text(" " * label) + _marks([m for m in timeline.marks if m.evidence.party == lane.party], scale, colour)


def _party(lane: Lane, room: int) -> str:
    name = f"{lane.party}*" if lane.principal else lane.party
    return name if len(name) < room else name[: room - 2] + "…"


def _labelled(text: str, width: int, style: str = "") -> Text:
    return Text(text.ljust(width), style=style)


def _axis(scale: Scale) -> str:
    """Dates, each beginning at its cell, as far as they fit."""
    row = ""
    for time, label in scale.ticks(_TICK):
        cell = _cell(time, scale)
        text = f"╷{label}"
        if cell >= len(row) and cell + len(text) <= scale.size:
            row = row.ljust(cell) + text + " "
    return row.rstrip()


def _cell(time: datetime, scale: Scale) -> int:
    return min(int(scale.at(time)), int(scale.size) - 1)


def _bands(bands: Sequence[PositionBand | StatusBand], words: Sequence[Stance | Status], scale: Scale, colour: bool) -> Text:
    """A lane: in each cell what held at its end, so that of changes within one cell the last is seen."""
    cells: list[Stance | Status | None] = [None] * int(scale.size)
    for band, word in zip(bands, words, strict=True):
        end = _cell(band.until, scale) if band.until and scale.at(band.until) < scale.size else len(cells)
        for cell in range(_cell(band.since, scale), end):
            cells[cell] = word
    made = Text()
    start = 0
    for cell in range(1, len(cells) + 1):
        if cell == len(cells) or cells[cell] is not cells[start]:
            made.append_text(_run(cells[start], cell - start, colour))
            start = cell
    return made


def _run(word: Stance | Status | None, length: int, colour: bool) -> Text:
    if word is None:
        return Text(" " * length)
    sign = SIGNS[word]
    if colour:
        inside = f" {word}" if length > len(word) + 1 else sign if length > 1 else ""
        return Text(inside.ljust(length), style=f"bold white on {COLOURS[word]}")
    return Text((f"{sign} {word} " if length > len(word) + 4 else sign).ljust(length, sign))


def _marks(marks: Sequence[Mark], scale: Scale, colour: bool) -> Text:
    loudest: dict[int, Mark] = {}
    for mark in marks:
        cell = _cell(mark.evidence.time, scale)
        other = loudest.get(cell)
        # Of two that moved it the later one stands in the band above.
        if other is None or _LOUDEST.index(mark.effect) <= _LOUDEST.index(other.effect):
            loudest[cell] = mark
    made, at = Text(), 0
    for cell, mark in sorted(loudest.items()):
        made.append(" " * (cell - at) + MARKS[mark.effect], style=STYLES[mark.evidence.stance] if colour else "")
        at = cell + 1
    return made


def _word(word: Stance | Status, colour: bool) -> Text:
    return Text(word, style=f"bold {STYLES[word]}" if colour else "")


def _legend(timeline: Timeline, width: int, colour: bool) -> Iterator[Text]:
    """What signs and marks mean, as many to a line as fit."""
    signs: dict[str, list[str]] = {}
    held: list[Stance | Status] = [band.status for band in timeline.statuses]
    held += [band.stance for lane in timeline.lanes for band in lane.bands]
    for word in () if colour else held:
        words = signs.setdefault(SIGNS[word], [])
        words += [word] if word not in words else []
    effects = {mark.effect for mark in timeline.marks}
    parts = [f"{sign} {' or '.join(words)}" for sign, words in signs.items()]
    parts += [f"{MARKS[effect]} {EFFECTS[effect]}" for effect in _LOUDEST if effect in effects]
    parts += ["* would have to admit it"] if any(lane.principal for lane in timeline.lanes) else []
    row = ""
    for part in [*parts, "times in UTC"]:
        if row and len(row) + 3 + len(part) > width:
            yield Text(row, style="dim")
            row = ""
        row += ("   " if row else "") + part
    yield Text(row, style="dim")


def _turn(turn: Turn, screen: Screen) -> None:
    """An article that moved something: its time once, then the status if it changed, then each party with what it said."""
    lines = [Text.assemble((move.party, "bold"), ": ", _change(move.from_, move.to, screen.colour)) for move in turn.moves]
    quotes = [_quote(move.evidence) for move in turn.moves]
    rows = [row for pair in zip(lines, quotes, strict=True) for row in pair]
    if turn.from_ is not turn.to:
        rows.insert(0, Text.assemble("status: ", _change(turn.from_, turn.to, screen.colour)))
    time = f"{turn.time:%Y-%m-%d %H:%M}  "
    screen.line(Text.assemble((time, "dim"), rows[0]), hang=len(time))
    for row in rows[1:]:
        screen.line(row, indent=len(time))


def _quote(row: Evidence) -> Text:
    who = " · ".join(plain(clean(part)) for part in (row.speaker, row.outlet or row.article or "baseline in the rules") if part)
    return Text(f"“{plain(clean(row.quote))}” " if row.quote else "").append(who, style="dim")


def _change(was: Stance | Status | None, to: Stance | Status, colour: bool) -> Text:
    made = Text()
    if was is not None:
        made.append_text(_word(was, colour)).append(" → ")
    return made.append_text(_word(to, colour))
