"""The board's table: which columns, what stands in a cell, what fits."""

from __future__ import annotations

import pytest
from rich.cells import cell_len

from monitor.cli.board.grid import grid
from monitor.cli.board.shares import shares
from monitor.cli.board.words import fitted, short_day
from monitor.model import Stance, Status
from tests.cli.board.samples import AUTUMN, NOW, SPRING, STATES, state


def rows(width: int, *, tall: bool = False) -> list[list[str]]:
    made = grid(STATES, NOW, width, tall=tall)
    return [[cell.plain for cell in row] for row in (made.titles, *made.rows)]


def test_parties_that_would_have_to_admit_come_first_then_those_with_most_positions() -> None:
    assert rows(200) == [
        ["claim", "status", "russia*", "seoul", "china"],
        ["troops-sent", "confirmed", "+ affirm 28 Apr 2025", "+ affirm 10 May 2024", "~ decline 10 May 2024"],
        ["thousand-dead", "open", "·", "? doubt 28 Apr 2025", ""],
        ["kursk-retaken", "unreported", "", "", ""],
    ]


def test_dates_are_shortened_where_columns_would_not_fit() -> None:
    assert rows(80)[1] == ["troops-sent", "confirmed", "+ affirm 28 Apr", "+ affirm May'24", "~ decline May'24"]
    assert grid(STATES, NOW, 80).hidden == 0


def test_a_tall_row_has_the_words_of_the_claim_and_full_dates_below() -> None:
    assert rows(80, tall=True)[1][:3] == ["troops-sent\nA claim in words", "confirmed\n28 Apr 2025", "+ affirm\n28 Apr 2025"]


@pytest.mark.parametrize(("width", "hidden"), [(80, 0), (60, 1), (45, 2), (30, 3), (10, 3)])
def test_parties_that_do_not_fit_are_counted(width: int, hidden: int) -> None:
    assert grid(STATES, NOW, width).hidden == hidden


def test_columns_are_as_wide_as_what_stands_in_them() -> None:
    for tall in (False, True):
        made = grid(STATES, NOW, 80, tall=tall)
        for row in (made.titles, *made.rows):
            for cell, width in zip(row, made.widths, strict=True):
                assert max(cell_len(line) for line in cell.plain.split("\n")) <= width


def test_names_and_words_in_wide_characters_are_cut_by_cells() -> None:
    wide = state("병력-파병-병력-파병-병력-파병", Status.DENIED, {"俄罗斯": (Stance.DENY, SPRING)}, text="朝鲜向俄罗斯派兵" * 9)
    made = grid([wide], NOW, 60, tall=True)
    assert [cell.plain for cell in made.titles] == ["claim", "status", "俄罗斯"]
    assert sum(made.widths) + 2 * made.gap <= 60
    assert made.rows[0][0].plain.count("…") == 2


def test_no_claims_are_an_empty_table() -> None:
    made = grid([], NOW, 80)
    assert ([title.plain for title in made.titles], made.rows, made.hidden) == (["claim", "status"], (), 0)


@pytest.mark.parametrize(
    ("text", "width", "shown"),
    [
        ("short", 10, "short"),
        ("a long line", 7, "a long…"),
        ("北韩军队", 8, "北韩军队"),
        ("北韩军队", 7, "北韩军…"),
        ("北韩军队", 6, "北韩…"),
        ("two\nlines\x1b[31m", 20, "two lines\ufffd[31m"),
        ("x", 0, ""),
    ],
)
def test_text_from_outside_is_fitted_by_cells_and_made_harmless(text: str, width: int, shown: str) -> None:
    assert fitted(text, width) == shown
    assert cell_len(fitted(text, width)) <= max(width, 0)


def test_a_date_of_last_year_names_the_year() -> None:
    assert (short_day(SPRING, NOW), short_day(AUTUMN, NOW)) == ("28 Apr", "May'24")


@pytest.mark.parametrize("claims", [0, 1, 8, 200])
@pytest.mark.parametrize("log", [False, True])
def test_the_parts_fill_the_screen_and_no_more(claims: int, log: bool) -> None:
    for height in range(8, 80):
        parts = shares(height, claims, log=log)
        used = 3 + 1 + bool(parts.log) + parts.table + parts.moves + parts.streams + parts.log
        assert used == height
        assert parts.table >= 2
        assert height < 12 or parts.moves >= 2
