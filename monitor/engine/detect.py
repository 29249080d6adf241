"""The language of a text: its script, then letters that only one language has, then what the feed says."""

from __future__ import annotations

import re
from functools import cache

import numpy as np

from monitor.language.pack import load_pack

_RANGES = {
    "hangul": ((0xAC00, 0xD7A4), (0x1100, 0x1200)),
    "kana": ((0x3040, 0x3100),),
    "han": ((0x3400, 0xA000),),
    "cyrillic": ((0x0400, 0x0500),),
    "latin": ((0x41, 0x5B), (0x61, 0x7B)),
}
_SCRIPTS = ("", *_RANGES)
_TABLE = np.zeros(0x10000, dtype=np.uint8)
"""For each character of the basic plane the number of its script."""
for _name, _ranges in _RANGES.items():
    for _start, _end in _ranges:
        _TABLE[_start:_end] = _SCRIPTS.index(_name)
_SAMPLE = 2000
"""Characters that are looked at: enough to tell."""


def detect(text: str, declared: str = "") -> str:
    """The language code of a text: en, ru, uk, ko, zh or another; "" when it cannot be told.

    declared: what the feed or the caller says. It decides within a script, and never against it.
    """
    sample = text[:_SAMPLE]
    units = np.frombuffer(sample.encode("utf-16-le", "surrogatepass"), dtype="<u2")
    found = np.bincount(_TABLE[units], minlength=len(_SCRIPTS)).tolist()
    counts: dict[str, int] = dict(zip(_SCRIPTS[1:], found[1:], strict=True))
    # A Han character carries about as much as three letters, so a Chinese text with Latin names in it is Chinese.
    counts["han"] *= 3
    counts["hangul"] *= 2
    if counts["kana"] * 10 > counts["han"] and counts["kana"] > 2:
        return "ja"
    script = max(counts, key=lambda name: counts[name])
    declared = declared.lower().replace("_", "-").split("-")[0]
    if not counts[script]:
        return declared
    if script == "hangul":
        return "ko"
    if script == "han":
        return declared if declared in ("zh", "ja", "ko") and counts["kana"] else "zh"
    if script == "cyrillic":
        return _cyrillic(sample, declared)
    return declared if declared and declared not in ("ru", "uk", "ko", "zh", "ja") else "en"


@cache
def _own_letters(code: str) -> re.Pattern[str]:
    """The letters that only this language has among those of its script, as its file lists them."""
    return re.compile(f"[{load_pack(code).letters}]", re.IGNORECASE)


def _cyrillic(sample: str, declared: str) -> str:
    russian, ukrainian = (len(_own_letters(code).findall(sample)) for code in ("ru", "uk"))
    if russian != ukrainian:
        return "ru" if russian > ukrainian else "uk"
    return declared if declared not in ("", "en", "ko", "zh", "ja") else "ru"
