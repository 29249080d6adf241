"""What stands around the board's table."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from rich.cells import cell_len

from monitor.cli.board import lines
from monitor.model import Stance, Status
from monitor.streams.overview import FeedLook, GroupLook, Move, Overview, StreamLook
from tests.cli.board.samples import MOVE, NOW, SPRING, STATES, feed, state

MOVES = {
    "a position and the status": (
        MOVE,
        ["2025-04-28  troops-sent  russia - deny → + affirm  disputed ⇒ confirmed", "  “We thank them” Wire"],
    ),
    "a first position": (
        replace(MOVE, from_=None, status=None),
        ["2025-04-28  troops-sent  russia + affirm", "  “We thank them” Wire"],
    ),
    "a position taken back": (
        replace(MOVE, to=None, status=None, quote=""),
        ["2025-04-28  troops-sent  russia - deny → nothing", "  Wire"],
    ),
    "a status alone": (
        replace(MOVE, party="", from_=None, to=None, quote="", outlet=""),
        ["2025-04-28  troops-sent  disputed ⇒ confirmed"],
    ),
}


@pytest.mark.parametrize(("move", "shown"), MOVES.values(), ids=MOVES)
def test_a_change_says_when_which_claim_and_what_moved(move: Move, shown: list[str]) -> None:
    assert [line.plain for line in lines.move(move, 80, story=False)] == shown


@pytest.mark.parametrize(
    "quote", ["북한군이 현대전에 대비가 되어 있지 않다고 평가했다" * 4, "朝鲜首次承认向俄罗斯派兵" * 9, "They did. " * 30, "\x1b[2J\nline"]
)
@pytest.mark.parametrize("width", [60, 80, 133])
def test_no_line_is_wider_than_the_screen_in_any_script(quote: str, width: int) -> None:
    move = replace(MOVE, quote=quote, outlet="데모신문")
    made = [*lines.move(move, width, story=True), lines.feeds([feed("데모신문" * 9, 5)], NOW, width)]
    made += list(lines.claim(state("c", Status.OPEN, {"p": (Stance.DOUBT, SPRING)}, quote=quote), width))
    made += [lines.top(Overview(tuple(STATES)), "kursk", NOW, width, "server lost at 10:00, waiting for it " * 3)]
    assert max(cell_len(line.plain) for line in made) <= width
    assert all(char.isprintable() for line in made for char in line.plain)


def test_changes_that_do_not_fit_whole_are_left_out() -> None:
    assert [len(lines.moves([MOVE] * 9, 80, height, stories=1)) for height in (5, 4, 1, 0)] == [4, 4, 1, 0]
    assert [line.plain for line in lines.moves([], 80, 5, stories=1)] == ["nothing has changed yet"]


FEEDS = {
    "all work": ([feed("a", 12), feed("b", 90)], "2 feeds: 2 ok, next in 12 s: a"),
    "some fail": ([feed("a", 12, 3), feed("b", 0.2), feed("c", 5)], "3 feeds: 2 ok, 1 failing, next now: b"),
    "polled now": ([feed("a", 100, polled_now=True), feed("b", 3600)], "2 feeds: 2 ok, 1 polled now, next in 1 h: b"),
    "new": ([feed("a", 0, polled=False)], "1 feed: 0 ok, 1 not polled yet, next now: a"),
    "unnamed": (
        [replace(feed("a", 5, polled=False), name="", id="0007c6f4e8")],
        "1 feed: 0 ok, 1 not polled yet, next in 5 s: new feed 0007c6f",
    ),
    "late": ([feed("a", -400)], "1 feed: 1 ok, 1 late, next now: a"),
    "none": ([], "no feeds"),
}


@pytest.mark.parametrize(("feeds", "shown"), FEEDS.values(), ids=FEEDS)
def test_the_feeds_in_a_line(feeds: list[FeedLook], shown: str) -> None:
    assert lines.feeds(feeds, NOW, 80).plain == shown


def test_feeds_that_fail_are_named_first_with_the_reason() -> None:
    made = [line.plain for line in lines.feed_rows([feed("b", 12), feed("a", 90, 2)], NOW)]
    assert made[0].split("\n")[0].split() == ["due", "in", "1", "min", "a", "https://a.example/rss"]
    assert made[0].split("\n")[1].strip() == "failed 2 times: status 500; worked 3 min ago"
    assert made[1].split() == ["due", "in", "12", "s", "b", "https://b.example/rss"]


STREAMS = {
    "up to date": ([GroupLook("readers", 0, 0, 1)], "readers: the daemon up to date"),
    "behind": ([GroupLook("desk", 7, 2, 1)], "readers: desk (alerts) 7 behind, 2 in hand"),
    "not known": ([GroupLook("desk", None, 0, 1)], "readers: desk (alerts) behind by an unknown number"),
    "nobody": ([], "readers: no groups yet"),
}


@pytest.mark.parametrize(("groups", "shown"), STREAMS.values(), ids=STREAMS)
def test_streams_and_how_far_their_readers_are_behind(groups: list[GroupLook], shown: str) -> None:
    stream = StreamLook("monitor:{kursk}:alerts", 12, NOW - timedelta(minutes=2), tuple(groups))
    assert [line.plain for line in lines.streams([stream], NOW, 80)] == ["streams: alerts 12, last 2 min ago", shown]


def test_a_claim_in_full_has_every_position_newest_first_with_quote_speaker_and_link() -> None:
    made = [line.plain for line in lines.claim(STATES[0], 80)]
    assert made[:4] == ["A claim in words", "", "confirmed since 28 Apr 2025, 09:00", "would have to admit it: russia, pyongyang"]
    at = made.index("russia  + affirm since 28 Apr 2025, 09:00")
    assert made[at + 1 : at + 4] == ["    “They said so”", "    A spokesman · Wire · 28 Apr 2025, 09:00", "    https://outlet.example/a"]
    assert at < made.index("china  ~ decline since 10 May 2024, 12:00")


def test_the_top_says_what_is_wrong() -> None:
    assert "no daemon is running" in lines.top(Overview(tuple(STATES)), "kursk", NOW, 100, "").plain
    running = Overview(tuple(STATES), readers=("host:1",))
    assert lines.top(running, "kursk", NOW, 80, "").plain.split("  ")[:2] == ["kursk", "3 claims"]
    assert "server lost" in lines.top(running, "kursk", NOW, 80, "server lost").plain
