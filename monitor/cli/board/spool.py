"""The log's last lines, kept while the board covers the terminal."""

from __future__ import annotations

import io
from collections import deque
from collections.abc import Sequence
from typing import TextIO

from typing_extensions import override

KEPT = 1000


class Spool(io.TextIOBase):
    """A file that remembers its last lines, and passes what is written on to another file unless it is held back."""

    def __init__(self, to: TextIO) -> None:
        self._to = to
        self._lines: deque[str] = deque(maxlen=KEPT)
        self._begun = ""
        self._held: deque[str] | None = None

    @override
    def isatty(self) -> bool:
        return self._to.isatty()

    @override
    def write(self, text: str) -> int:
        *whole, self._begun = (self._begun + text).split("\n")
        self._lines.extend(whole)
        if self._held is None:
            self._to.write(text)
        else:
            self._held.extend(whole)
        return len(text)

    @override
    def flush(self) -> None:
        if self._held is None:
            self._to.flush()

    def hold(self) -> None:
        """From now on nothing is passed on."""
        self._held = deque(maxlen=KEPT)

    def mark(self) -> None:
        """What was held until now is not passed on later."""
        if self._held is not None:
            self._held.clear()

    def release(self) -> None:
        """Passes on what was held since the last mark, and everything from now on."""
        held, self._held = self._held, None
        self._to.writelines(f"{line}\n" for line in held or ())
        self._to.flush()

    def last(self, count: int) -> Sequence[str]:
        """The last lines, so many at most."""
        return list(self._lines)[-count:] if count else []
