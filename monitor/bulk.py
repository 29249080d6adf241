"""Many articles read at once, in several processes where there are several cores. What is kept of them is what they say, not the texts."""

from __future__ import annotations

import multiprocessing
import os
import signal
import threading
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
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
_CHUNK = 50
_FEW = 20
"""Chunks that are read in this process: another one would have to compile the rules first, which takes as long."""


class Heard(NamedTuple):
    """What an article says by each set of stories, by story; without its text."""

    article: Article
    said: tuple[dict[str, Reading], ...]


class Part(NamedTuple):
    """Some articles that have been read: how many, and of these, in order, those that say anything or replace an earlier version."""

    read: int
    heard: list[Heard]


def heard(articles: Iterable[Article], sets: Sequence[Stories], jobs: int = 0) -> Iterator[Part]:
    """Reads articles with one set of stories, or with two. Holds no more than some of them at a time. jobs: processes; 0: one for each
    core."""
    jobs = jobs or _cores()
    chunks = parts(articles, _CHUNK)
    first = list(islice(chunks, _FEW + 1)) if jobs > 1 else []
    whole = chain(first, chunks)
    if len(first) <= _FEW:
        reader = _Reader(sets)
        yield from map(reader.read, whole)
    else:
        yield from _shared(whole, sets, jobs)


def _shared(chunks: Iterable[list[Article]], sets: Sequence[Stories], jobs: int) -> Iterator[Part]:
    """Reads in several processes; no more chunks are under way than keep them all busy."""
    # Started afresh on every system alike: what else runs here has threads, which a fork would tear.
    pool = ProcessPoolExecutor(jobs, multiprocessing.get_context("spawn"), _begin, (sets,))
    under_way: deque[Future[Part]] = deque()
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

    def read(self, articles: Sequence[Article]) -> Part:
        """Articles -> what those say that say anything."""
        made = [self._heard(article) for article in articles]
        return Part(len(made), [one for one in made if any(one.said) or one.article.version > 1])

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


def _read(articles: list[Article]) -> Part:
    return _READER[0].read(articles)


def parts(rows: Iterable[T], size: int) -> Iterator[list[T]]:
    """Rows, so many at a time."""
    rest = iter(rows)
    while part := list(islice(rest, size)):
        yield part


def _cores() -> int:
    """Cores that this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


class Steps:
    """How far work has come that is given more than it has done yet: by the share of what it was given."""

    def __init__(self, passed: Callable[[int], None]) -> None:
        """passed: told how many bytes are done."""
        self._passed = passed
        self._bytes = self._given = 0
        self.count = 0
        """Things that are done."""

    def given(self, things: Iterable[T]) -> Iterator[T]:
        """The things to do, counted as they are given."""
        for thing in things:
            self._given += 1
            yield thing

    def reached(self, size: int) -> None:
        """So many bytes have been read of what they come from."""
        self._bytes = size

    def done(self, count: int) -> None:
        """So many more are done."""
        self.count += count
        self._passed(self._bytes * self.count // max(self._given, 1))
