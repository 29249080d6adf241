"""The archive: every version of every article that was fetched, as lines that `replay` and `backtest` read.

One file a day, by the day of fetching: then only today's file grows, a late or an old article opens no other, and whatever is older can
be copied, moved or deleted as it lies. (By the day of publication a new feed's old entries would reopen hundreds of files.) So what was
published in a span of time lies in the files from the day before on: an article is dated at most a day after it was first seen.

Several processes may write into one archive: each append holds the file's lock, and first takes off the torn end that a killed one left.
Where the lock stays held, by a process that is frozen or whose disk hangs, the others go on in a further file of that day.
"""

from __future__ import annotations

import fcntl
import json
import os
import re
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from itertools import count, groupby
from pathlib import Path

from pydantic import ValidationError

from monitor.engine.kept import Batch
from monitor.errors import DataFolderError, InputError
from monitor.lines import SUFFIX, beyond, frame, lines_of, stretches
from monitor.model import Article
from monitor.replay import article_from, articles_from, parsed, row_of, wrong

FOLDER = "archive"
"""Its name in the data folder."""
AHEAD = timedelta(days=1)
"""How far after its first sight an article may be dated."""
LOCKED = 3.0
"""Seconds to wait for who writes into a file before a further one is taken: far more than a write takes."""

_NAME = re.compile(rf"(\d{{4}}-\d\d-\d\d)(\.\d+)?\.jsonl{re.escape(SUFFIX)}")
_TRY = 0.02
Key = tuple[str, str, int]
"""`Article.key`."""


class Archive:
    """The files of a folder. It is made when the first article is kept."""

    def __init__(self, folder: Path, warn: Callable[[str], None] | None = None) -> None:
        """warn: told in words what is damaged in a file; None: that is an error for who reads, and writers say nothing."""
        self.folder, self._warn = folder, warn
        self._whole: dict[Path, tuple[int, int]] = {}
        """File -> its inode, and up to where it is known to be whole."""
        self._held: set[Path] = set()
        """Files whose lock somebody did not let go of: not waited for again."""

    def files(self, since: datetime | None = None) -> list[Path]:
        """The files that hold what was published since a time, and more besides; in order of day."""
        first = (since - AHEAD).astimezone(UTC).date().isoformat() if since is not None else ""
        try:
            found = sorted((path for path in self.folder.iterdir() if _NAME.fullmatch(path.name)), key=_place)
        except FileNotFoundError:
            return []
        except OSError as error:
            raise DataFolderError(f"the archive {self.folder} cannot be read: {error.strerror}") from error
        return [path for path in found if path.name >= first]

    def articles(
        self, since: datetime | None = None, until: datetime | None = None, passed: Callable[[int], None] | None = None
    ) -> Iterator[Article]:
        """The articles published in a span of time, both ends included, each version once; by day of fetching, as they came.

        passed: told how many bytes of the files have been read so far. Holds one day's ids at a time. Raises InputError naming file
        and line.
        """
        done = 0
        for _, paths in groupby(self.files(since), lambda path: path.name[:10]):
            # What is written twice has been fetched once, so both lines are in files of one day.
            seen: set[Key] = set()
            for path in paths:
                for article in self._read(path, beyond(passed, done)):
                    if (
                        article.key not in seen
                        and (since is None or article.published_at >= since)
                        and (until is None or article.published_at <= until)
                    ):
                        seen.add(article.key)
                        yield article
                done += path.stat().st_size if passed else 0

    def fetched(self, since: date | None = None) -> Iterator[tuple[Article, Batch | None, tuple[str, ...]]]:
        """The articles fetched since a day, as they came, each with the first poll that it came with, and the marks by which polls
        recognise it, () where they are not kept. Raises InputError."""
        for path in self.files():
            if since is None or path.name >= since.isoformat():
                damaged = None if (warn := self._warn) is None else lambda problem, path=path, warn=warn: warn(f"{path}: {problem}")
                for number, row in parsed(lines_of(path, None, damaged), str(path)):
                    try:
                        yield article_from(row), _batch(row.get("batch")), tuple(str(row.get("marks") or "").split())
                    except ValueError as error:
                        raise InputError(f"{path}:{number}: {wrong(error)}") from error

    def append(
        self, articles: Iterable[Article], batches: Mapping[Key, Batch] | None = None, marks: Mapping[Key, Sequence[str]] | None = None
    ) -> None:
        """Keeps articles, which first poll they came with, and by what marks polls recognise them. They are on the disk when it returns.

        Raises DataFolderError.
        """
        by_day: dict[Path, list[str]] = {}
        for article in articles:
            batch = (batches or {}).get(article.key)
            row = row_of(article) | ({"batch": batch.model_dump(exclude_defaults=True)} if batch is not None else {})
            if own := (marks or {}).get(article.key):
                row["marks"] = " ".join(own)
            line = json.dumps(row, ensure_ascii=False, separators=(",", ":"))
            by_day.setdefault(self._file(article), []).append(line)
        try:
            if by_day:
                self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            for path, lines in by_day.items():
                self._write(path, frame(lines))
        except OSError as error:
            raise DataFolderError(f"the archive {self.folder} cannot be written: {error.strerror}") from error

    def add(self, articles: Sequence[Article], known: dict[Path, set[Key]]) -> int:
        """Keeps those articles that are not kept yet; how many those were. known: what is, remembered from call to call."""
        fresh: list[Article] = []
        for article in articles:
            path, key = self._file(article), article.key
            if path not in known:
                known[path] = {one.key for file in self.files() if file.name[:10] == path.name[:10] for one in self._read(file, None)}
            if key not in known[path]:
                known[path].add(key)
                fresh.append(article)
        self.append(fresh)
        return len(fresh)

    def trim(self, before: date) -> list[str]:
        """Deletes the files of the days before one; their names. Raises DataFolderError."""
        gone = [path for path in self.files() if path.name < before.isoformat()]
        try:
            for path in gone:
                path.unlink(missing_ok=True)
        except OSError as error:
            raise DataFolderError(f"the archive {self.folder} cannot be trimmed: {error.strerror}") from error
        return [path.name for path in gone]

    def _file(self, article: Article) -> Path:
        return self.folder / f"{article.fetched_at.date().isoformat()}.jsonl{SUFFIX}"

    def _read(self, path: Path, passed: Callable[[int], None] | None) -> Iterator[Article]:
        warn = self._warn
        damaged = None if warn is None else lambda problem: warn(f"{path}: {problem}")
        return articles_from(lines_of(path, passed, damaged), str(path))

    def _write(self, path: Path, data: bytes) -> None:
        """Appends a frame, after the last whole one; into a further file of the day where somebody does not let go of this one."""
        for number in count():
            name = path.with_name(f"{path.name[:10]}.{number}{path.name[10:]}") if number else path
            if self._written(name, data, LOCKED if name not in self._held else 0):
                return
            self._held.add(name)

    def _written(self, path: Path, data: bytes, patience: float) -> bool:
        """Whether the file's lock was to be had in so many seconds, and the frame is in it and on the disk."""
        handle = os.open(path, os.O_RDWR | os.O_CREAT | os.O_APPEND, 0o600)
        with os.fdopen(handle, "r+b", buffering=0) as file:
            if not _locked(file.fileno(), patience):
                return False
            self._held.discard(path)
            end = self._mend(path, handle)
            left = memoryview(data)
            while left:
                left = left[os.write(handle, left) :]
            os.fsync(handle)
            self._whole[path] = (os.fstat(handle).st_ino, end + len(data))
        if not end:
            _sync(self.folder)
        return True

    def _mend(self, path: Path, handle: int) -> int:
        """Takes a torn frame off the end of a locked file, and says where the file then ends. Damage before the end is left alone."""
        now = os.fstat(handle)
        inode, whole = self._whole.get(path, (now.st_ino, 0))
        if inode != now.st_ino or whole > now.st_size:
            whole = 0
        if whole < now.st_size:
            parts = list(stretches(os.pread(handle, now.st_size - whole, whole)))
            if not parts[-1].whole:
                end = whole + parts[-1].start
                os.ftruncate(handle, end)
                if self._warn is not None:
                    self._warn(f"{path}: a write that was cut short is taken off the end, {now.st_size - end} bytes; nothing is lost")
                return end
        return now.st_size


def _batch(row: object) -> Batch | None:
    """As a line of the archive tells it."""
    try:
        return Batch.model_validate(row) if row is not None else None
    except ValidationError:  # a line of somebody else's
        return None


def _place(path: Path) -> tuple[str, int, str]:
    """By day, a day's own file before the further ones."""
    return path.name[:10], len(path.name), path.name


def _locked(handle: int, patience: float) -> bool:
    """Whether a file's lock was to be had in so many seconds."""
    end = time.monotonic() + patience
    while True:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            if time.monotonic() > end:
                return False
            time.sleep(_TRY)
        else:
            return True


def _sync(folder: Path) -> None:
    """Makes a new file's name last."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
