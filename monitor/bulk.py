"""Many articles read at once, in several processes where there are several cores. What is kept of them is what they say, not the texts."""

from __future__ import annotations

import multiprocessing
import os
import signal
import threading
from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import Future, ProcessPoolExecutor
from dataclasses import replace
from itertools import chain, islice
from typing import NamedTuple, TypeVar

from monitor.engine.pipeline import Reading, read, read_by
from monitor.model import Article
from monitor.rules.schema import Story
from monitor.stories import compiled

Stories = Sequence[tuple[Story, str]]
"""A set of stories, each with its version."""

T = TypeVar("T")
_CHUNK = 200
_FEW = 5
"""Chunks that are read in this process: another one would have to compile the rules first, which takes as long."""


class Heard(NamedTuple):
    """What an article says by each set of stories, by story; without its text."""

    article: Article
    said: tuple[dict[str, Reading], ...]


def heard(articles: Iterable[Article], sets: Sequence[Stories], jobs: int = 0) -> Iterator[list[Heard]]:
    """Reads articles with one set of stories, or with two. Yields for every few articles, in order, those that say anything to one, and
    those that replace an earlier version; holds no more than a few at a time. jobs: processes; 0: one for each core."""
    jobs = jobs or _cores()
    chunks = parts(articles, _CHUNK)
    first = list(islice(chunks, _FEW + 1)) if jobs > 1 else []
    whole = chain(first, chunks)
    if len(first) <= _FEW:
        reader = _Reader(sets)
        yield from map(reader.read, whole)
    else:
        yield from _shared(whole, sets, jobs)


def _shared(chunks: Iterable[list[Article]], sets: Sequence[Stories], jobs: int) -> Iterator[list[Heard]]:
    """Reads in several processes; no more chunks are under way than keep them all busy."""
    # Started afresh on every system alike: what else runs here has threads, which a fork would tear.
    pool = ProcessPoolExecutor(jobs, multiprocessing.get_context("spawn"), _begin, (sets,))
    under_way: deque[Future[list[Heard]]] = deque()
    try:
        for chunk in chunks:
            under_way.append(pool.submit(_read, chunk))
            if len(under_way) > 2 * jobs:
                yield under_way.popleft().result()
        while under_way:
            yield under_way.popleft().result()
    finally:
        pool.shutdown(cancel_futures=True)


class _Reader:
    """Reads with one or two sets of stories, each compiled."""

    def __init__(self, sets: Sequence[Stories]) -> None:
        self._rulebooks = [compiled(stories) for stories in sets]

    def read(self, articles: Sequence[Article]) -> list[Heard]:
        """Articles -> what those say that say anything."""
        made = [self._heard(article) for article in articles]
        return [one for one in made if any(one.said) or one.article.version > 1]

    def _heard(self, article: Article) -> Heard:
        bare = article.model_copy(update={"text": ""})
        first, *others = self._rulebooks
        said = list(read_by(article, first, others[0])) if others else [read(article, first)]
        return Heard(bare, tuple({reading.story: replace(reading, article=bare) for reading in made} for made in said))


_READER: list[_Reader] = []
"""The reader of a process of the pool."""


def _begin(sets: Sequence[Stories]) -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for who started us
    threading.Thread(target=_end_with_parent, daemon=True).start()
    _READER.append(_Reader(sets))


def _end_with_parent() -> None:
    """Ends this process when the one that started it is gone, killed before it could say so."""
    parent = multiprocessing.parent_process()
    if parent is not None:
        parent.join()
        os._exit(1)


def _read(articles: list[Article]) -> list[Heard]:
    return _READER[0].read(articles)


def parts(rows: Iterable[T], size: int) -> Iterator[list[T]]:
    """Rows, so many at a time."""
    rest = iter(rows)
    while part := list(islice(rest, size)):
        yield part


def _cores() -> int:
    """Cores that this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
