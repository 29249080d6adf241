"""The journal: what feeds answered, on the disk from when it was fetched until it is committed.

    fetch ─► journal ─► parse ─► commit ─► kept a minute longer, for its articles are not in the archive yet ─► gone
                └── the server is away, or this process died ──► read from here, oldest first, before the feed is asked again

One file an answer, in a folder a feed. It is not synced: it outlives the death of a process, not that of the machine, after which the
feed is asked again, for its validators are stored only with the articles that they vouch for.
"""

from __future__ import annotations

import contextlib
import json
import os
import secrets
import sys
import time
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import structlog

from monitor.feeds.fetch import Fetched

if sys.version_info >= (3, 14):
    from compression import zstd
else:
    from backports import zstd

log = structlog.get_logger()

FOLDER = "journal"
"""Its name in the data folder."""
LIMIT = 2_000_000_000
"""Bytes that it may have; a day of two thousand feeds that change with every poll."""
_OPTIONS: Mapping[int, int] = {zstd.CompressionParameter.compression_level: 3, zstd.CompressionParameter.checksum_flag: 1}
_DONE = ".done"
"""How the name of an answer ends that is committed."""
_LONGER = 60.0
"""Seconds for which it is kept."""
_ASIDE = ".unread"
"""How the name of an answer ends that stopped the program."""


@dataclass(frozen=True, slots=True)
class Kept:
    """An answer in the journal. at: when it was asked for."""

    path: Path
    fetched: Fetched
    at: datetime


class Journal:
    """Answers of feeds that are not committed yet. Several processes may share one."""

    def __init__(self, folder: Path, limit: int = LIMIT) -> None:
        """folder: made when the first answer is kept. limit: bytes beyond which nothing more is kept."""
        self._folder, self._limit = folder, limit
        self._size = sum(path.stat().st_size for path in folder.glob("*/*"))
        self._refused = False

    def feeds(self) -> list[str]:
        """Ids of the feeds that have answers here."""
        return sorted({path.parent.name for path in self._folder.glob("*/*.zst")})

    def holds(self, feed: str, besides: Kept) -> bool:
        """Whether a feed has other answers here than one."""
        return any(path != besides.path for path in self._files(feed))

    def keep(self, feed: str, fetched: Fetched, at: datetime) -> Kept | None:
        """Keeps an answer. None: the disk refuses it, or the journal is full, which is told once."""
        head = {**asdict(fetched), "body": None, "max_age": fetched.max_age and fetched.max_age.total_seconds(), "at": at.isoformat()}
        data = zstd.compress(json.dumps(head).encode() + b"\n" + fetched.body, options=_OPTIONS)
        # Names are in order of time; the rest keeps two processes apart.
        name = f"{int(at.timestamp() * 1000):014d}-{secrets.token_hex(4)}.zst"
        path = self._folder / feed / name
        try:
            if self._size + len(data) > self._limit:
                raise OSError(f"it has {self._size / 10**6:.0f} MB")  # noqa: TRY301 - told like a full disk
            self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            path.parent.mkdir(mode=0o700, exist_ok=True)
            with os.fdopen(os.open(path.with_suffix(".tmp"), os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
                file.write(data)
            path.with_suffix(".tmp").replace(path)
        except OSError as error:
            with contextlib.suppress(OSError):
                path.with_suffix(".tmp").unlink(missing_ok=True)
            if not self._refused:
                hint = "what feeds say while the server is away may be missed: make room on the disk"
                log.warning("journal.failing", folder=str(self._folder), problem=error.strerror or str(error), hint=hint)
            self._refused = True
            return None
        if self._refused:
            log.info("journal.recovered")
        self._size, self._refused = self._size + len(data), False
        return Kept(path, fetched, at)

    def oldest(self, feed: str) -> Kept | None:
        """A feed's oldest answer. One that cannot be read is told of and set aside."""
        for path in self._files(feed):
            try:
                return _read(path)
            except FileNotFoundError:  # another process was quicker
                continue
            except (OSError, ValueError, TypeError, KeyError, zstd.ZstdError) as error:
                log.warning("journal.damaged", file=str(path), problem=str(error), hint="the feed is asked again")
                self.set_aside(path)
        return None

    def done(self, kept: Kept) -> None:
        """Says that an answer is committed."""
        with contextlib.suppress(OSError):
            kept.path.rename(kept.path.with_suffix(_DONE))
        self._tidy(kept.path.parent)

    def tidy(self) -> None:
        """Lets go of what was committed long enough ago."""
        for folder in self._folder.glob("*"):
            self._tidy(folder)

    def again(self) -> None:
        """Takes back that answers are committed, of those that are still here: the server has lost what it had."""
        for path in self._folder.glob(f"*/*{_DONE}"):
            with contextlib.suppress(OSError):
                path.rename(path.with_suffix(".zst"))

    def _tidy(self, folder: Path) -> None:
        with contextlib.suppress(OSError):
            for path in folder.glob(f"*{_DONE}"):
                held = path.stat()
                if not -_LONGER < time.time() - held.st_mtime < _LONGER:
                    path.unlink()
                    self._size = max(self._size - held.st_size, 0)
            folder.rmdir()  # refused while there is more in it

    def set_aside(self, path: Path) -> None:
        """Keeps an answer out of the way that must not be tried again by itself."""
        with contextlib.suppress(OSError):
            path.rename(path.with_suffix(_ASIDE))

    def _files(self, feed: str) -> list[Path]:
        try:
            return sorted(path for path in (self._folder / feed).iterdir() if path.suffix == ".zst")
        except FileNotFoundError:
            return []


def _read(path: Path) -> Kept:
    head, _, body = zstd.decompress(path.read_bytes()).partition(b"\n")
    row: dict[str, Any] = json.loads(head)
    at = datetime.fromisoformat(row.pop("at")).astimezone(UTC)
    age = row["max_age"]
    links = tuple((str(name), str(to)) for name, to in row["links"])
    fetched = Fetched(**{**row, "body": body, "max_age": timedelta(seconds=age) if age else None, "links": links})
    return Kept(path, fetched, at)
