"""What a benchmark says: figures with their units, and how they are taken."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True)
class Figure:
    """One line of the table. goal: what it should be at least or at most, in words; "": nothing is asked of it."""

    part: str
    what: str
    value: float
    unit: str
    goal: str = ""


def seconds(work: Callable[[], object], rounds: int) -> float:
    """CPU seconds of one run of some work in this process: the median."""
    taken = []
    for _ in range(rounds):
        started = time.process_time()
        work()
        taken.append(time.process_time() - started)
    return statistics.median(taken)
