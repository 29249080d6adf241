"""Terms: words to look for, where their boundaries lie and in which script they are written; and hits, where they were found."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum
from typing import Generic, NamedTuple, TypeVar

T = TypeVar("T")


class Edge(Enum):
    """Where a term's boundaries lie."""

    WORD = "word"
    """whole words"""
    STEM = "stem"
    """starts a word (written with a trailing `*`)"""
    PARTICLE = "particle"
    """starts a Korean word, of which only particles may follow"""
    INSIDE = "inside"
    """anywhere: scripts without spaces"""


class Term(NamedTuple, Generic[T]):
    """Words to look for and what they stand for."""

    text: str
    meaning: T
    edge: Edge = Edge.WORD


@dataclass(frozen=True, slots=True)
class Hit(Generic[T]):
    """A term found: where in the original text, and what it stands for."""

    start: int
    end: int
    meaning: T


_UNSPACED = re.compile("[\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff\u0e00-\u0e7f\U00020000-\U0003ffff]")


def is_unspaced(char: str) -> bool:
    """Whether the character belongs to a script that is written without spaces (Han, kana, Thai)."""
    return char >= "\u0e00" and _UNSPACED.match(char) is not None


def without_unspaced(text: str) -> tuple[str, int]:
    """A text with a space for each character of an unspaced script, and how many those were."""
    return (text, 0) if text.isascii() else _UNSPACED.subn(" ", text)


def is_hangul(char: str) -> bool:
    """Whether the character is a Hangul syllable."""
    return "\uac00" <= char <= "\ud7a3"


def edge_of(text: str) -> tuple[str, Edge]:
    """A term as written -> its text without `*`, and where its boundaries lie."""
    bare = text.removesuffix("*")
    if not bare:
        return bare, Edge.WORD
    if is_unspaced(bare[0]) or is_unspaced(bare[-1]):
        return bare, Edge.INSIDE
    if bare != text:
        return bare, Edge.STEM
    return bare, Edge.PARTICLE if is_hangul(bare[-1]) else Edge.WORD


def is_acronym(text: str) -> bool:
    """Whether it is written in capitals only, two letters at least: then it is not found in small letters ("US" is not "us")."""
    return text.isupper() and sum(char.isalpha() for char in text) >= 2


SCRIPTS = {
    "cyrillic": re.compile("[\u0400-\u052f]"),
    "hangul": re.compile("[\uac00-\ud7a3]"),
    "unspaced": _UNSPACED,
}
"""Scripts whose terms are looked for only in texts that hold a letter of it. All other terms are looked for everywhere."""


def script_of(term: str) -> str:
    """The script of which a text must hold a letter to hold the term; "" for any text."""
    return "" if term.isascii() else next((name for name, letters in SCRIPTS.items() if letters.search(term)), "")


def longest(hits: Sequence[Hit[T]]) -> list[Hit[T]]:
    """Of overlapping hits the longest, then the earliest; hits on the very same stretch are all kept. In order of start."""
    kept: list[Hit[T]] = []
    for hit in sorted(hits, key=lambda h: (h.start - h.end, h.start)):
        if all(hit.end <= k.start or k.end <= hit.start or (hit.start, hit.end) == (k.start, k.end) for k in kept):
            kept.append(hit)
    return sorted(kept, key=lambda h: (h.start, h.end))
