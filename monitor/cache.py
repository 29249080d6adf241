"""Things that are dear to work out and can be thrown away at any time: parsed rule files, inflected names, language files.

They lie as JSON in `~/.cache/claim-monitor` (or `$XDG_CACHE_HOME/claim-monitor`), each named by a hash of all that it was made from, so
a stale one is never read. A folder that cannot be written costs time, nothing else.
"""

from __future__ import annotations

import json
import os
import tempfile
from collections.abc import Iterable
from contextlib import suppress
from functools import cache
from pathlib import Path
from typing import Any

from monitor.model import digest

_KEPT = 20
"""Files kept of each kind; those that have not been used for longest go first."""


def folder() -> Path:
    """Where the cache lies."""
    base = os.environ.get("XDG_CACHE_HOME", "")
    return (Path(base) if base.startswith("/") else Path.home() / ".cache") / "claim-monitor"


def get(kind: str, key: str) -> Any:
    """What is kept under a kind and key, as JSON values; None: nothing, or nothing that can be read."""
    path = _path(kind, key)
    try:
        value = json.loads(path.read_bytes())
    except (OSError, RuntimeError, ValueError):
        return None
    with suppress(OSError):  # it may be somebody else's
        os.utime(path)
    return value


def put(kind: str, key: str, value: Any) -> None:
    """Keeps JSON values. Whole or not at all; silently not at all where the folder cannot be written."""
    try:
        path = _path(kind, key)
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        handle, name = tempfile.mkstemp(dir=path.parent, prefix=".")
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            json.dump(value, file, ensure_ascii=False, separators=(",", ":"))
        Path(name).replace(path)
        for old in sorted(path.parent.glob(f"{kind}-*.json"), key=lambda p: p.stat().st_mtime)[:-_KEPT]:
            old.unlink(missing_ok=True)
    except (OSError, RuntimeError):
        return


def key_of(parts: Iterable[bytes | str]) -> str:
    """A key from everything that a value is made from, the program's own files included."""
    return digest(_program(), *(part if isinstance(part, str) else part.hex() for part in parts))


def _path(kind: str, key: str) -> Path:
    return folder() / f"{kind}-{key}.json"


@cache
def _program() -> str:
    """Changes when the program's files do."""
    root = Path(__file__).parent
    patterns = ("*.py", "rules/*.py", "rules/lint/*.*", "engine/*.py", "language/*.*")
    files = sorted(path for pattern in patterns for path in root.glob(pattern))
    return digest(*(f"{path.name} {path.stat().st_size} {path.stat().st_mtime_ns}" for path in files))
