"""One multi-pattern scan for all terms: Aho–Corasick over the folded text.

A term is padded with the boundaries that its script has, so that the automaton itself refuses "usage" for "us". What the automaton
cannot know is checked on the few hits: capitals of acronyms, and what may follow a Korean word.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from enum import Enum
from typing import Generic, TypeVar

from ahocorasick_rs import AhoCorasick

from monitor.engine.text import Folded, Folder

T = TypeVar("T")

_MARK = "\ue000"
"""A private character, which folds to itself and stands in no term."""
_SCARE = "«»„“”\"'’‘"
"""Marks that may stand around a word inside a term: «fully "liberated"»."""
_MOST_GAPS = 3
"""Words of a term between which quotation marks are looked for, at most."""


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


@dataclass(frozen=True, slots=True)
class Term(Generic[T]):
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
    return _UNSPACED.match(char) is not None


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


def _is_acronym(text: str) -> bool:
    """Written in capitals only, two letters at least: then it is not found in small letters ("US" is not "us")."""
    return text == text.upper() != text.lower() and sum(char.isalpha() for char in text) >= 2


@dataclass(frozen=True, slots=True)
class _Row(Generic[T]):
    """What a pattern of the automaton means. tail: what must follow after the rest of the open word, for `*` inside a term."""

    meaning: T
    edge: Edge
    acronym: bool
    tail: tuple[str, ...]
    quoted: bool = False
    """One of its gaps is wider than a space: a quotation mark must stand there."""


def _through(text: str, at: int, tail: tuple[str, ...], edge: Edge) -> int:
    """Follows the parts behind each inner `*`; where they end, or -1 when they are not there."""
    for number, part in enumerate(tail, 1):
        while at < len(text) and text[at] != " ":
            at += 1
        if text.startswith("  ", at):
            at += 1
        if not text.startswith(part, at + 1):
            return -1
        at += 1 + len(part)
        whole = number < len(tail) or edge is Edge.WORD
        if whole and number == len(tail) and at < len(text) and text[at] != " ":
            return -1
    return at


def _gaps(pattern: str, row: _Row[T]) -> Iterator[tuple[str, _Row[T]]]:
    """A pattern as it is, and with one of its gaps wide enough for a quotation mark. Cyrillic only, where news quotes single words."""
    yield pattern, row
    inner = [at for at in range(1, len(pattern) - 1) if pattern[at] == " "]
    if len(inner) <= _MOST_GAPS and "\u0400" <= pattern.strip()[:1] <= "\u04ff":
        for at in inner:
            if pattern[at + 1] != " " and pattern[at - 1] != " ":
                yield pattern[:at] + " " + pattern[at:], replace(row, quoted=True)


def _only_quoted(text: str, folded: Folded, first: int, until: int) -> bool:
    """Whether wider gaps within a stretch are there for quotation marks only."""
    at = folded.text.find("  ", first, until)
    while at >= 0:
        start, end = folded.origin(at, at + 2)
        if not text[start:end].strip() or text[start:end].strip() not in _SCARE:
            return False
        at = folded.text.find("  ", at + 1, until)
    return True


class Scanner(Generic[T]):
    """Finds all terms in one pass. Pure after construction; the hits come in order of their ends, overlapping ones included."""

    def __init__(self, terms: Iterable[Term[T]], folder: Folder, particles: frozenset[str] = frozenset()) -> None:
        meanings: dict[str, list[_Row[T]]] = defaultdict(list)
        listed = list(terms)
        # All terms are folded as one text: a fold has a fixed cost, and there are tens of thousands.
        folded_terms = folder.fold(_MARK.join(term.text for term in listed)).text.split(_MARK)
        if len(folded_terms) != len(listed):  # loose characters were dropped, or a term holds the mark
            folded_terms = [folder.fold(term.text).text for term in listed]
        for term, folded in zip(listed, folded_terms, strict=True):
            stars = term.text.count("* ")
            # With marks between its words a term is found as written and with single spaces: «U.S. Army», "US Army".
            for spaced in dict.fromkeys((folded.strip(), " ".join(folded.split()))) if not stars else (folded,):
                head, *tail = (" ".join(folder.fold(part).text.split()) for part in term.text.split("* ")) if stars else (spaced,)
                if head:
                    left = "" if term.edge is Edge.INSIDE else " "
                    right = " " if term.edge is Edge.WORD and not tail else ""
                    row = _Row(term.meaning, term.edge, _is_acronym(term.text), tuple(tail))
                    for pattern, written in _gaps(left + head + right, row):
                        bucket = meanings[pattern]
                        if written not in bucket:
                            bucket.append(written)
        self._folder = folder
        self._particles = particles
        self._longest = max(map(len, particles), default=0)
        self._rows: list[tuple[int, int, tuple[_Row[T], ...]]] = [
            (pattern.startswith(" "), pattern.endswith(" "), tuple(rows)) for pattern, rows in meanings.items()
        ]
        self._automaton = AhoCorasick(list(meanings)) if meanings else None

    def __len__(self) -> int:
        return len(self._rows)

    def scan(self, text: str, folded: Folded | None = None) -> list[Hit[T]]:
        """All terms in the text. `folded`: its folded form, when that is at hand."""
        if self._automaton is None:
            return []
        folded = folded or self._folder.fold(text)
        hits: list[Hit[T]] = []
        for pattern, start, end in self._automaton.find_matches_as_indexes(f" {folded.text} ", overlapping=True):
            left, right, rows = self._rows[pattern]
            # The haystack has one space more in front, so folded offsets are one less.
            first, last = start - 1 + left, end - 1 - right
            for row in rows:
                until = _through(folded.text, last, row.tail, row.edge) if row.tail else last
                if until < 0 or (row.edge is Edge.PARTICLE and not self._followed_by_particle(folded.text, until)):
                    continue
                span = folded.origin(first, until)
                if (row.quoted or row.tail) and not _only_quoted(text, folded, first, until):
                    continue
                if row.acronym and not _is_acronym(text[span[0] : span[1]]):
                    continue
                hits.append(Hit(span[0], span[1], row.meaning))
        return hits

    def _followed_by_particle(self, text: str, end: int) -> bool:
        """Whether the Korean word ends here, but for a particle (or for another script: "북한·러시아", "KN뉴스")."""
        until = end
        while until < len(text) and is_hangul(text[until]) and until - end <= self._longest:
            until += 1
        return until == end or text[end:until] in self._particles


def longest(hits: Sequence[Hit[T]]) -> list[Hit[T]]:
    """Of overlapping hits the longest, then the earliest; hits on the very same stretch are all kept. In order of start."""
    kept: list[Hit[T]] = []
    for hit in sorted(hits, key=lambda h: (h.start - h.end, h.start)):
        if all(hit.end <= k.start or k.end <= hit.start or (hit.start, hit.end) == (k.start, k.end) for k in kept):
            kept.append(hit)
    return sorted(kept, key=lambda h: (h.start, h.end))
