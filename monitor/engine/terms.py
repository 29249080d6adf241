"""One multi-pattern scan for all terms: Aho–Corasick over the folded text.

A term is padded with the boundaries that its script has, so that the automaton itself refuses "usage" for "us". What the automaton
cannot know is checked on the few hits: capitals of acronyms, and what may follow a Korean word.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
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


_PADDING = {Edge.WORD: (" ", " "), Edge.STEM: (" ", ""), Edge.PARTICLE: (" ", ""), Edge.INSIDE: ("", "")}
"""Boundaries that a term brings into the automaton, on its left and right."""


@dataclass(frozen=True, slots=True)
class Term(Generic[T]):
    """Words to look for and what they stand for. script: that of which a text must hold a letter to hold them; "": they may be in any."""

    text: str
    meaning: T
    edge: Edge = Edge.WORD
    script: str = field(init=False, compare=False, repr=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "script", _script(self.text))


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


def _is_acronym(text: str) -> bool:
    """Written in capitals only, two letters at least: then it is not found in small letters ("US" is not "us")."""
    return text.isupper() and sum(char.isalpha() for char in text) >= 2


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


def _widened(pattern: str) -> list[str]:
    """A pattern with each of its gaps in turn wide enough for a quotation mark. Cyrillic only, where news quotes single words."""
    if not "\u0400" <= pattern.lstrip()[:1] <= "\u04ff":
        return []
    inner = [at for at in range(1, len(pattern) - 1) if pattern[at] == " "]
    if len(inner) > _MOST_GAPS:
        return []
    return [pattern[:at] + " " + pattern[at:] for at in inner if pattern[at + 1] != " " and pattern[at - 1] != " "]


def _only_quoted(text: str, folded: Folded, first: int, until: int) -> bool:
    """Whether wider gaps within a stretch are there for quotation marks only."""
    at = folded.text.find("  ", first, until)
    while at >= 0:
        start, end = folded.origin(at, at + 2)
        if not text[start:end].strip() or text[start:end].strip() not in _SCARE:
            return False
        at = folded.text.find("  ", at + 1, until)
    return True


_SCRIPTS = {
    "cyrillic": re.compile("[\u0400-\u052f]"),
    "hangul": re.compile("[\uac00-\ud7a3]"),
    "unspaced": _UNSPACED,
}
"""Scripts whose terms are looked for only in texts that hold a letter of it. All other terms are looked for everywhere."""


def _script(term: str) -> str:
    """The script of which a text must hold a letter to hold the term; "" for any text."""
    return "" if term.isascii() else next((name for name, letters in _SCRIPTS.items() if letters.search(term)), "")


class _Automaton(Generic[T]):
    """The terms of one script, ready to be found."""

    def __init__(self, terms: Sequence[Term[T]], folder: Folder) -> None:
        meanings: dict[str, list[_Row[T]]] = defaultdict(list)
        # All terms are folded as one text: a fold has a fixed cost, and there are tens of thousands.
        folded_terms = folder.fold(_MARK.join(term.text for term in terms)).text.split(_MARK)
        if len(folded_terms) != len(terms):  # loose characters were dropped, or a term holds the mark
            folded_terms = [folder.fold(term.text).text for term in terms]
        for term, folded in zip(terms, folded_terms, strict=True):
            for pattern, row in _patterns(term, folded, folder):
                if row not in (bucket := meanings[pattern]):
                    bucket.append(row)
        self.rows: list[tuple[int, int, tuple[_Row[T], ...]]] = [
            (pattern.startswith(" "), pattern.endswith(" "), tuple(rows)) for pattern, rows in meanings.items()
        ]
        self.find = AhoCorasick(list(meanings)).find_matches_as_indexes if meanings else None


def _patterns(term: Term[T], folded: str, folder: Folder) -> Iterator[tuple[str, _Row[T]]]:
    """What the automaton looks for to find a term, and what each means."""
    left, right = _PADDING[term.edge]
    acronym = _is_acronym(term.text)
    tail: tuple[str, ...] = ()
    if "* " in term.text:
        first, *rest = (" ".join(folder.fold(part).text.split()) for part in term.text.split("* "))
        heads, right, tail = [first], "", tuple(rest)
    else:
        # With marks between its words a term is found as written and with single spaces: «U.S. Army», "US Army".
        spaced = " ".join(folded.split())
        heads = [spaced] if spaced == folded else list(dict.fromkeys((folded.strip(), spaced)))
    for head in filter(None, heads):
        pattern = left + head + right
        yield pattern, _Row(term.meaning, term.edge, acronym, tail)
        for wide in _widened(pattern):
            yield wide, _Row(term.meaning, term.edge, acronym, tail, quoted=True)


class Scanner(Generic[T]):
    """Finds all terms, in the order of their ends, overlapping ones included.

    What a script's terms need is worked out when a text first holds a letter of it, and does not change afterwards.
    """

    def __init__(
        self,
        terms: Iterable[Term[T]],
        folder: Folder,
        particles: frozenset[str] = frozenset(),
        previous: Scanner[T] | None = None,
    ) -> None:
        """previous: one that this is to replace. What its texts have needed is worked out at once; what has not changed is taken over."""
        self._terms: dict[str, list[Term[T]]] = defaultdict(list)
        for term in terms:
            self._terms[term.script].append(term)
        self._automata: dict[str, _Automaton[T]] = {}
        self._folder = folder
        self._particles = particles
        self._longest = max(map(len, particles), default=0)
        for script, automaton in list(previous._automata.items()) if previous else ():
            unchanged = previous is not None and self._terms[script] == previous._terms[script]
            self._automata[script] = automaton if unchanged else _Automaton(self._terms[script], folder)

    def _automaton(self, script: str) -> _Automaton[T]:
        if script not in self._automata:
            self._automata[script] = _Automaton(self._terms[script], self._folder)
        return self._automata[script]

    def scan(self, text: str, folded: Folded | None = None) -> list[Hit[T]]:
        """All terms in the text. `folded`: its folded form, when that is at hand."""
        folded = folded or self._folder.fold(text)
        scripts = [s for s in self._terms if not s or (not text.isascii() and _SCRIPTS[s].search(text))]
        hits: list[Hit[T]] = []
        for script in scripts:
            hits += self._hits(self._automaton(script), text, folded)
        return hits if len(scripts) < 2 else sorted(hits, key=lambda hit: hit.end)

    def _hits(self, automaton: _Automaton[T], text: str, folded: Folded) -> Iterator[Hit[T]]:
        if automaton.find is None:
            return
        for pattern, start, end in automaton.find(f" {folded.text} ", overlapping=True):
            left, right, rows = automaton.rows[pattern]
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
                yield Hit(span[0], span[1], row.meaning)

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
