"""How the board's parts share the lines of a screen. Pure."""

from __future__ import annotations

from dataclasses import dataclass

_SMALL = 18
"""Lines below which the streams have one line instead of two."""
_LOG = ((20, 0), (30, 3), (45, 6))
"""Lines below which the log has so many; above, ten."""


@dataclass(frozen=True, slots=True)
class Shares:
    """Lines of each part. tall: the table's rows have two lines each."""

    table: int
    moves: int
    streams: int
    log: int
    tall: bool


def shares(height: int, claims: int, *, log: bool) -> Shares:
    """How `height` lines are shared when there are so many claims, and a log or none.

    The table gets what it needs, as long as one change is left to be seen; the log what the screen can spare; the changes the rest.
    """
    streams = 1 if height < _SMALL else 2
    lines = next((lines for below, lines in _LOG if height < below), 10) if log else 0
    titles = 1 + bool(lines)
    rest = height - 3 - titles - streams - lines  # top, feeds and keys have a line each
    tall = 1 + 2 * claims + 6 <= rest
    table = max(min(1 + claims * (2 if tall else 1), rest - 2), 2)
    return Shares(table, max(rest - table, 0), streams, lines, tall)
