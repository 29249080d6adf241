"""Hostile and broken bodies, in small; `python -m tests.feeds.corpus` reads them in full size, and thousands more."""

from __future__ import annotations

import time
from collections.abc import AsyncIterator

import pytest
import pytest_asyncio

from monitor.feeds.parse import ParsedFeed, ParserPool
from tests.feeds.corpus import MEMORY, judged, memory
from tests.feeds.hostile import NAMES, mutated, one

pytestmark = pytest.mark.asyncio(loop_scope="module")

SMALL = 0.001
MUTANTS = 100


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def pool() -> AsyncIterator[ParserPool]:
    async with ParserPool() as pool:
        yield pool


@pytest.mark.parametrize("name", NAMES)
async def test_a_hostile_body_is_read_or_refused_in_words_in_time(pool: ParserPool, name: str) -> None:
    body, content_type = one(name, SMALL)
    began = time.monotonic()
    _, wrong = await judged(pool, body, content_type)
    assert wrong == []
    assert time.monotonic() - began < 20
    assert memory() < MEMORY


async def test_a_feed_broken_at_random_gives_clean_entries_whole_or_cut(pool: ParserPool) -> None:
    read = 0
    for seed in range(MUTANTS):
        parsed, wrong = await judged(pool, *mutated(seed))
        assert wrong == [], f"mutant {seed}"
        read += isinstance(parsed, ParsedFeed) and bool(parsed.entries)
    assert read > MUTANTS * 3 / 4
