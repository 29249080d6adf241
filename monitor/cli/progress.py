"""A bar for work that takes long: on a terminal, beside standard output."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path


def size_of(files: list[Path]) -> int:
    """Bytes of files together, as far as that is known beforehand."""
    return sum(path.stat().st_size for path in files if path.is_file())


@contextmanager
def progress(size: int) -> Iterator[Callable[[int], None]]:
    """A bar on the terminal, and what to tell how many of so many bytes have been read. size: 0 where it is not known."""
    if not sys.stderr.isatty():
        yield lambda _: None
        return
    from rich.console import Console
    from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeRemainingColumn

    columns = (TextColumn("reading"), BarColumn(), TaskProgressColumn(), TimeRemainingColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task("", total=size or None)
        yield lambda read: bar.update(task, completed=read)
