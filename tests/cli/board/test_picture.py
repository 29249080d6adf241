"""The board as a picture, without a terminal."""

from __future__ import annotations

import xml.etree.ElementTree as ET

import pytest

from monitor.cli.board.picture import picture, widened
from monitor.cli.board.source import Sight
from monitor.streams.overview import Overview
from tests.cli.board.samples import MOVE, STATES, feed


class Fixed:
    """Sees the same again and again, or fails."""

    def __init__(self, sight: Sight | None) -> None:
        self._sight = sight

    async def see(self) -> Sight:
        if self._sight is None:
            raise RuntimeError("not expected")
        return self._sight


async def test_the_picture_shows_what_the_board_shows() -> None:
    overview = Overview(tuple(STATES), (MOVE,), (feed("데모신문", 60),), (), ("host:1",))
    made = await picture(Fixed(Sight(overview)), (100, 30))
    shown = " ".join(ET.fromstring(made).itertext()).replace("\xa0", " ")  # noqa: S314 # our own
    for part in ("troops-sent", "+ affirm", "28 Apr 2025", "We thank them", "데모신문", "confirmed"):
        assert part in shown


def test_wide_characters_are_as_wide_as_their_cells() -> None:
    assert widened('<text x="0" textLength="24.4" y="1">조선</text>') == '<text x="0" textLength="48.8" y="1">조선</text>'
    assert widened('<text textLength="36.6" y="1">a&#160;b</text>') == '<text textLength="36.6" y="1">a&#160;b</text>'


async def test_what_is_not_expected_ends_the_board_and_is_raised() -> None:
    with pytest.raises(RuntimeError, match="not expected"):
        await picture(Fixed(None), (80, 24))
