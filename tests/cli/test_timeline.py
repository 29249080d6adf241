"""`monitor timeline` on a terminal: everything in its place at any width, in any script, with and without colours."""

from __future__ import annotations

import pytest
from rich.cells import cell_len

from monitor.cli.screen import Screen
from monitor.cli.timeline_text import Window, chart, show
from monitor.engine.timeline import Timeline, timeline, within
from tests.engine.factory import hour, kept


def history() -> Timeline:
    """One denies, evades and admits, one agrees, one is only recalled."""
    ledger = kept(
        ("a", 0, "buyer", "deny", "now"),
        ("b", 10, "union", "affirm", "now"),
        ("c", 15, "union", "affirm", "now"),
        ("d", 20, "buyer", "decline", "now"),
        ("e", 21, "buyer", "affirm", "now"),
        ("f", 30, "buyer", "doubt", "now"),
        ("g", 35, "target", "deny", "past"),
    )
    return timeline(ledger, "sale")


def drawn(width: int, *, colour: bool = False, since: float | None = 0) -> list[str]:
    window = Window(hour(40), None if since is None else hour(since), hour(40))
    return [row.plain.rstrip() for row in chart(within(history(), window.since, window.until), window, width, colour=colour)]


def test_bands_and_marks_stand_under_their_dates() -> None:
    assert drawn(90) == [
        "        ╷1 Mar 2024             ╷12:00                   ╷2 Mar                  ╷12:00",
        "status  - denied -----------% disputed %%%%%%%%%%++# confirmed ###########################",
        "",
        "buyer*  - deny ----------------------------------~~+ affirm ++++++++++++++++++++++++++++++",
        "        ▲                                        ▲ ▲                 ◦",
        "target*",
        "                                                                               ‹",
        "union                       + affirm +++++++++++++++++++++++++++++++++++++++++++++++++++++",
        "                            ▲         •",
    ]
    assert drawn(90, colour=True)[3] == "buyer*   deny                                    ~  affirm"


def test_a_window_begins_within_bands() -> None:
    assert drawn(60, since=25)[1:5] == [
        "status  # confirmed ########################################",
        "",
        "buyer*  + affirm +++++++++++++++++++++++++++++++++++++++++++",
        "                         ◦",
    ]


@pytest.mark.parametrize("width", [20, 40, 80, 200])
def test_no_line_of_a_chart_is_wider_than_the_terminal_and_every_change_leaves_a_mark(width: int) -> None:
    rows = drawn(width)
    assert max(cell_len(row) for row in rows) <= width
    assert "".join(rows[3:]).count("▲") >= 3
    assert [row.split()[0][:4] for row in rows[3::2]] == ["buye", "targ", "unio"]


QUOTES = {
    "Korean": "국정원은 북한군이 드론 공격에 대처할 능력이 부족하고 현대전에 대비가 되어 있지 않다고 평가했다" * 2,
    "Chinese": "中国外交部：不了解朝鲜向俄罗斯派兵的情况，希望各方推动局势缓和" * 3,
    "Russian": "Песков назвал фейком сообщения об отправке солдат КНДР на Украину " * 3,
    "hostile": "\x1b[31mred\x07\u202e\n\tend " * 9,
}


@pytest.mark.parametrize("width", [40, 80])
@pytest.mark.parametrize("quote", QUOTES.values(), ids=QUOTES)
def test_quotes_in_any_script_fit_and_are_harmless(
    quote: str, width: int, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("COLUMNS", str(width))
    ledger = kept(("a", 0, "buyer", "deny", "now"), quote=quote, speaker=quote, outlet=quote)
    show(timeline(ledger, "sale"), Window(hour(1)), Screen())
    printed = capsys.readouterr().out
    assert max(cell_len(line) for line in printed.splitlines()) <= width
    assert not {"\x1b", "\x07", "\u202e"} & set(printed)
    said = printed[printed.index("“") :]
    assert "".join(quote.split())[-3:] in "".join(said.split())


def test_a_window_without_evidence_says_so(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    show(within(history(), hour(-2), hour(-1)), Window(hour(1), hour(-2), hour(-1)), Screen())
    assert capsys.readouterr().out.splitlines() == ["test/sale: unreported", "The sale", "", "no evidence in this time"]


def test_of_the_evidence_that_shares_a_cell_the_weightiest_is_drawn() -> None:
    ledger = kept(
        ("a", 0, "buyer", "affirm", "now"),
        ("b", 0.1, "buyer", "deny", "past"),
        ("c", 20, "buyer", "deny", "past"),
        ("d", 20.1, "buyer", "affirm", "now"),
        ("e", 20.2, "buyer", "doubt", "now"),
    )
    rows = list(chart(timeline(ledger, "sale"), Window(hour(40), hour(0), hour(40)), 40, colour=False))
    assert "".join(rows[4].plain.split()) == "▲•"
