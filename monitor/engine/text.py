"""Text folded for scanning, with exact offsets back into the original.

`fold` lower-cases, drops width and typographic variants, turns ё into е, traditional Chinese characters that the Chinese language file
lists into simplified ones, and everything that is neither letter nor digit into a space. It is one character to one character, so
offsets need no map. Only texts that carry invisible characters or loose accents take a slow path, which drops those and keeps a map.
"""

from __future__ import annotations

import re
import unicodedata
from array import array
from bisect import bisect_left
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import numpy.typing as npt

_LOOSE = re.compile(
    "[\u00ad\u0300-\u036f\u0483-\u0487\u1160-\u11ff\u200b-\u200f\u202a-\u202e\u2060-\u2064\u2066-\u2069\ufe00-\ufe0f\ufeff]"
)
"""Characters that are dropped or composed: soft hyphen, combining marks, conjoining Hangul, zero-width and bidi controls."""


def _folded(char: str) -> str:
    """One character, folded to one character."""
    forms = (unicodedata.normalize("NFKC", char).lower(), char.lower())
    form = next((form for form in forms if len(form) == 1 and (ord(form) < 0x10000 or ord(char) >= 0x10000)), char)
    if form == "ё":
        return "е"
    if form == "\u02bc":  # an apostrophe that counts as a letter, in Ukrainian
        return " "
    return form if form.isalnum() or form == "\ue000" else " "


@dataclass(frozen=True, slots=True)
class Folded:
    """A folded text. `starts` maps each folded offset to the original one; None: they are the same."""

    text: str
    length: int
    starts: Sequence[int] | None = None

    def origin(self, start: int, end: int) -> tuple[int, int]:
        """A stretch of the folded text -> the stretch of the original that it came from."""
        if self.starts is None:
            return start, end
        until = self.starts[end] if end < len(self.starts) else self.length
        return self.starts[start], until

    def position(self, offset: int) -> int:
        """An offset into the original -> the first folded offset at or after it."""
        return offset if self.starts is None else bisect_left(self.starts, offset)


class Folder:
    """Folds texts by tables that are made once.

    variants: further single characters and what they stand for (traditional -> simplified).
    """

    def __init__(self, variants: Mapping[str, str] | None = None) -> None:
        table = np.arange(0x10000, dtype=np.uint16)
        for point in range(0x10000):
            # Han, Hangul syllables and surrogates fold to themselves: most of the plane. The hexagrams amid Han are no letters.
            if not (0x3400 <= point < 0x4DC0 or 0x4E00 <= point < 0xA000 or 0xAC00 <= point < 0xE000):
                table[point] = ord(_folded(chr(point)))
        for char, plain in (variants or {}).items():
            table[ord(char)] = ord(plain)
        self._wide: npt.NDArray[np.uint16] = table
        self._ascii = bytes(int(table[p]) for p in range(128)) + bytes(128)

    def fold(self, text: str) -> Folded:
        """Any text -> its folded form."""
        if text.isascii():
            return Folded(text.encode("ascii").translate(self._ascii).decode("ascii"), len(text))
        if _LOOSE.search(text):
            return self._mapped(text)
        return Folded(self._plain(text), len(text))

    def _plain(self, text: str) -> str:
        """Text without loose characters, one to one."""
        data = text.encode("utf-16-le", "surrogatepass")
        if len(data) == 2 * len(text):
            folded: bytes = self._wide[np.frombuffer(data, dtype="<u2")].astype("<u2", copy=False).tobytes()
            return folded.decode("utf-16-le", "surrogatepass")
        points = np.frombuffer(text.encode("utf-32-le", "surrogatepass"), dtype="<u4").copy()
        beyond = points >= 0x10000
        points[~beyond] = self._wide[points[~beyond]]
        points[beyond] = [_beyond(point) for point in points[beyond].tolist()]
        return points.tobytes().decode("utf-32-le", "surrogatepass")

    def _mapped(self, text: str) -> Folded:
        """Composes what composes, drops what is loose, and remembers where each character came from."""
        parts: list[str] = []
        dropped: list[int] = []
        at = 0
        for match in _LOOSE.finditer(text):
            offset, char = match.start(), match[0]
            if offset > at:
                parts.append(text[at:offset])
            at = offset + 1
            dropped.append(offset)
            if parts and unicodedata.category(char).startswith(("M", "L")):
                composed = unicodedata.normalize("NFC", parts[-1][-1] + char)
                if len(composed) == 1:
                    parts[-1] = parts[-1][:-1] + composed
        parts.append(text[at:])
        starts = np.delete(np.arange(len(text), dtype=np.int64), dropped)
        return Folded(self._plain("".join(parts)), len(text), array("q", starts.tobytes()))


@lru_cache(maxsize=4096)
def _beyond(point: int) -> int:
    """A character beyond the basic plane, folded."""
    return ord(_folded(chr(point)))
