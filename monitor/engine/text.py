"""Text folded for scanning, with exact offsets back into the original.

`fold` lower-cases, drops width and typographic variants, turns ё into е, traditional Chinese characters that the Chinese language file
lists into simplified ones, and everything that is neither letter nor digit into a space. It is one character to one character, so
offsets need no map. Only texts that carry invisible characters or loose accents take a slow path, which drops those and keeps a map.
"""

from __future__ import annotations

import re
import unicodedata
from bisect import bisect_left, bisect_right
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import numpy.typing as npt

from monitor.engine.terms import SCRIPTS

_LOOSE = re.compile(
    "[\u00ad\u0300-\u036f\u0483-\u0487\u1160-\u11ff\u200b-\u200f\u202a-\u202e\u2060-\u2064\u2066-\u2069\ufe00-\ufe0f\ufeff]"
)
"""Characters that are dropped or composed: soft hyphen, combining marks, conjoining Hangul, zero-width and bidi controls."""

_MARKS = "«»„“”\"'’‘"
"""Quotation marks that may stand around a word inside a term."""
_DROPPED = "\0"
"""What the table has for them: no character folds to it."""

_NAMES = [tuple(name for number, name in enumerate(SCRIPTS) if kinds >> number & 1) for kinds in range(1 << len(SCRIPTS))]
"""Scripts by the bits that tell of them."""


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
    """A folded text of an original of so many characters. dropped: which of those were dropped, in order; most texts have none."""

    text: str
    length: int
    dropped: tuple[int, ...] = ()
    _before: tuple[int, ...] = ()
    """For each of them how long the folded text is up to there."""
    scripts: tuple[str, ...] = ()
    """Which of `SCRIPTS` it has letters of."""

    def origin(self, start: int, end: int) -> tuple[int, int]:
        """A stretch of the folded text -> the stretch of the original that it came from."""
        if not self.dropped:
            return start, end
        until = end + bisect_right(self._before, end)
        return start + bisect_right(self._before, start), min(until, self.length)

    def position(self, offset: int) -> int:
        """An offset into the original -> the first folded offset at or after it."""
        return offset - bisect_left(self.dropped, offset) if self.dropped else offset


class Folder:
    """Folds texts by tables that are made once.

    variants: further single characters and what they stand for (traditional -> simplified).
    """

    def __init__(self, variants: Mapping[str, str] | None = None) -> None:
        table = np.arange(0x10000, dtype=np.uint16)
        for point in range(0x10000):
            # Han, Hangul syllables and surrogates fold to themselves: most of the plane. The hexagrams amid Han are no letters.
            if not (0x3400 <= point < 0x4DC0 or 0x4E00 <= point < 0xA000 or 0xAC00 <= point < 0xE000):
                char = chr(point)
                table[point] = ord(_DROPPED if _LOOSE.match(char) else _folded(char))
        for char, plain in (variants or {}).items():
            table[ord(char)] = ord(plain)
        self._wide: npt.NDArray[np.uint16] = table
        plane = "".join(map(chr, range(0x10000)))
        self._kinds: npt.NDArray[np.uint8] = np.zeros(0x10000, dtype=np.uint8)
        for number, letters in enumerate(SCRIPTS.values()):
            for letter in letters.finditer(plane):
                self._kinds[letter.start()] |= 1 << number
        self._ascii = bytes(int(table[p]) for p in range(128)) + bytes(128)

    def fold(self, text: str) -> Folded:
        """Any text -> its folded form."""
        if text.isascii():
            return Folded(text.encode("ascii").translate(self._ascii).decode("ascii"), len(text))
        folded, scripts = self._plain(text)
        return self._mapped(text, folded, scripts) if _DROPPED in folded else Folded(folded, len(text), scripts=scripts)

    def _plain(self, text: str) -> tuple[str, tuple[str, ...]]:
        """Text folded one to one, loose characters marked; and the scripts in it."""
        data = text.encode("utf-16-le", "surrogatepass")
        if len(data) == 2 * len(text):
            points = np.frombuffer(data, dtype="<u2")
            folded: bytes = self._wide[points].astype("<u2", copy=False).tobytes()
            kinds = int(np.bitwise_or.reduce(self._kinds[points], initial=0))
            return folded.decode("utf-16-le", "surrogatepass"), _NAMES[kinds]
        wide = np.frombuffer(text.encode("utf-32-le", "surrogatepass"), dtype="<u4")
        near = np.minimum(wide, 0xFFFF)
        points = self._wide[near].astype("<u4")
        beyond = np.flatnonzero(wide > 0xFFFF)
        points[beyond] = [_beyond(point) for point in wide[beyond].tolist()]
        far = "".join(map(chr, wide[beyond].tolist()))
        kinds = int(np.bitwise_or.reduce(self._kinds[near], initial=0))
        kinds |= sum(1 << number for number, letters in enumerate(SCRIPTS.values()) if letters.search(far))
        return points.tobytes().decode("utf-32-le", "surrogatepass"), _NAMES[kinds]

    def _mapped(self, text: str, folded: str, scripts: tuple[str, ...]) -> Folded:
        """Composes what composes, drops what is loose, and remembers where that was."""
        dropped: list[int] = []
        composed: dict[int, str] = {}
        base = -1  # the letter that the next one may belong to
        at = folded.find(_DROPPED)
        while at >= 0:
            base = base if dropped and dropped[-1] == at - 1 else at - 1
            if base >= 0 and (made := _composed(composed.get(base, text[base]), text[at])):
                composed[base] = made
            dropped.append(at)
            at = folded.find(_DROPPED, at + 1)
        if composed:
            letters = list(text)
            for offset, letter in composed.items():
                letters[offset] = letter
            folded, scripts = self._plain("".join(letters))
        before = tuple(offset - number for number, offset in enumerate(dropped))
        return Folded(folded.replace(_DROPPED, ""), len(text), tuple(dropped), before, scripts)


def unquoted(text: str, folded: Folded) -> Folded:
    """A folded text without the second space where a quotation mark stands beside a space: «fully "liberated"» reads like two words."""
    plain, closed = folded.text, set[int]()
    for mark in _MARKS:
        at = text.find(mark)
        while at >= 0:
            # The mark and a space, or a space and the mark, and no third beside them.
            gaps = [folded.position(gap) for gap in (at - 1, at) if text[gap : gap + 2].strip() == mark and gap >= 0]
            closed.update(
                gap for gap in gaps if plain[gap : gap + 2] == "  " and " " not in (plain[gap - 1 : gap], plain[gap + 2 : gap + 3])
            )
            at = text.find(mark, at + 1)
    if not closed:
        return folded
    starts, ends = [0, *(at + 2 for at in sorted(closed))], [*(at + 1 for at in sorted(closed)), len(plain)]
    parts = [plain[start:end] for start, end in zip(starts, ends, strict=True)]
    dropped = tuple(sorted([*folded.dropped, *(folded.origin(at + 1, at + 2)[0] for at in closed)]))
    before = tuple(offset - number for number, offset in enumerate(dropped))
    return Folded("".join(parts), folded.length, dropped, before, folded.scripts)


@lru_cache(maxsize=4096)
def _composed(letter: str, mark: str) -> str:
    """The one character that both are together; "": there is none."""
    if not unicodedata.category(mark).startswith(("M", "L")):
        return ""
    together = unicodedata.normalize("NFC", letter + mark)
    return together if len(together) == 1 else ""


@lru_cache(maxsize=4096)
def _beyond(point: int) -> int:
    """A character beyond the basic plane, folded."""
    return ord(_folded(chr(point)))
