"""Claims down, parties across: what stands in each cell of the board's table, and how wide it is. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import accumulate

from rich.cells import cell_len
from rich.text import Text

from monitor.cli.board.words import day, fitted, short_day, stance, status
from monitor.model import ClaimState, HeldPosition

_NAME = 20
"""Cells that an id takes at most."""
_TEXT = 60
"""Cells that a claim's words take at most."""


@dataclass(frozen=True, slots=True)
class Grid:
    """A table: titles of the columns, their widths in cells, and a row a claim. fixed: columns that stay when it scrolls sideways.

    gap: cells between columns. hidden: parties whose columns do not fit into the width that it was made for.
    """

    titles: tuple[Text, ...]
    widths: tuple[int, ...]
    rows: tuple[tuple[Text, ...], ...]
    keys: tuple[str, ...]
    height: int
    gap: int
    hidden: int
    fixed: int = 2


def parties(states: Sequence[ClaimState]) -> list[str]:
    """Parties with a position: first those that would have to admit most claims, then those with most positions."""
    held = Counter(position.party for state in states for position in state.positions)
    principals = Counter(party for state in states for party in state.confirmed_by)
    return sorted(held, key=lambda party: (-principals[party], -held[party], party))


def grid(states: Sequence[ClaimState], now: datetime, width: int, *, tall: bool = False) -> Grid:
    """The table of a story's claims.

    width: cells that there are; dates are as full as they can be for all columns to fit in. tall: two lines a row, the second with
    the claim's words and the dates.
    """
    across = parties(states)
    principals = {party for state in states for party in state.confirmed_by}
    first = _first_columns(states, tall=tall)
    for full, gap in ((True, 2), (False, 1)):
        columns = first + [_party_column(party, party in principals, states, now, full=full, tall=tall) for party in across]
        widths = [max(map(_width, column)) for column in columns]
        if tall or sum(widths) + gap * len(widths) <= width + gap:
            break
    if tall:
        words = max((cell_len(fitted(state.text, _TEXT)) for state in states), default=0)
        widths[0] = max(widths[0], min(words, width // 4))
        # The claim's words also get what is left beside the last column that is shown whole, as far as they need it.
        widths[0] += max(min(words - widths[0], width - _fitting(widths, gap, width)[1]), 0)
        for cell, state in zip(columns[0][1:], states, strict=True):
            cell.append("\n" + fitted(state.text, widths[0]), style="dim")
    rows = zip(*(column[1:] for column in columns), strict=True)
    return Grid(
        titles=tuple(column[0] for column in columns),
        widths=tuple(widths),
        rows=tuple(rows),
        keys=tuple(f"{state.story}/{state.claim}" for state in states),
        gap=gap,
        height=2 if tall else 1,
        hidden=len(widths) - max(_fitting(widths, gap, width)[0], len(first)),
    )


def _fitting(widths: Sequence[int], gap: int, width: int) -> tuple[int, int]:
    """How many of the columns are seen whole, and how many cells those take."""
    ends = [end - gap for end in accumulate(size + gap for size in widths)]
    seen = [end for end in ends if end <= width]
    return len(seen), max(seen, default=width)


def _width(cell: Text) -> int:
    return max(map(cell_len, cell.plain.split("\n")))


def _first_columns(states: Sequence[ClaimState], *, tall: bool) -> list[list[Text]]:
    names = [Text("claim", style="bold"), *(Text.assemble((fitted(state.claim, _NAME), "bold")) for state in states)]
    held = [Text("status", style="bold")]
    for state in states:
        since = f"\n{day(state.since) if state.since else ''}" if tall else ""
        held.append(Text.assemble(status(state.status), since))
    return [names, held]


def _party_column(party: str, principal: bool, states: Sequence[ClaimState], now: datetime, *, full: bool, tall: bool) -> list[Text]:
    title = fitted(party, _NAME - principal) + ("*" if principal else "")
    return [Text(title, style="bold"), *(_cell(state, party, now, full=full, tall=tall) for state in states)]


def _cell(state: ClaimState, party: str, now: datetime, *, full: bool, tall: bool) -> Text:
    held = position_of(state, party)
    if held is None:
        return Text("·" if party in state.confirmed_by else "", style="dim")
    since = day(held.since) if full or tall else short_day(held.since, now)
    return Text.assemble(stance(held.stance), "\n" if tall else " ", since)


def position_of(state: ClaimState, party: str) -> HeldPosition | None:
    """The party's position on the claim, if it has one."""
    return next((position for position in state.positions if position.party == party), None)
