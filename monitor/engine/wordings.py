"""What an automaton looks for to find terms: patterns of folded text, and what each of them means.

A term is padded with the boundaries that its script has, so that the automaton itself refuses "usage" for "us". Tens of thousands of
terms share a few thousand meanings, so a pattern has the number of a row that says what it means.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

from monitor.engine.terms import Edge, Term, is_acronym, script_of
from monitor.engine.text import Folder

T = TypeVar("T")

_MARK = "\ue000"
"""A private character, which folds to itself and stands in no term."""
_PADDING = {Edge.WORD: (" ", " "), Edge.STEM: (" ", ""), Edge.PARTICLE: (" ", ""), Edge.INSIDE: ("", "")}
"""Boundaries that a term brings into the automaton, on its left and right."""


@dataclass(frozen=True, slots=True)
class Row(Generic[T]):
    """What a pattern means. tail: what must follow after the rest of the open word, for `*` inside a term."""

    meaning: T
    edge: Edge
    acronym: bool = False
    tail: tuple[str, ...] = ()

    @property
    def bounds(self) -> tuple[bool, bool]:
        """Whether its patterns begin and end with a boundary."""
        left, right = _PADDING[self.edge]
        return bool(left), bool(right) and not self.tail


@dataclass(frozen=True, slots=True)
class Wordings(Generic[T]):
    """The patterns of one script, in the order of the terms. means: for each the number of its row."""

    rows: tuple[Row[T], ...]
    patterns: tuple[str, ...]
    means: tuple[int, ...]

    def each(self) -> Iterator[tuple[str, Row[T]]]:
        """The patterns, each with what it means."""
        return ((pattern, self.rows[row]) for pattern, row in zip(self.patterns, self.means, strict=True))


ByScript = Mapping[str, Wordings[T]]
"""The wordings of one group of terms, by the script of which a text must hold a letter to hold them; "": any text may."""


def wordings(terms: Sequence[Term[T]], folder: Folder) -> dict[str, Wordings[T]]:
    """What is looked for to find terms, by script. Terms with the same object as meaning share rows."""
    numbers: dict[str, dict[tuple[int, Edge, bool, tuple[str, ...]], int]] = {}
    rows: dict[str, list[Row[T]]] = {}
    found: dict[str, list[tuple[str, int]]] = {}
    for term, folded in zip(terms, _folded(terms, folder), strict=True):
        script = script_of(term.text)
        if script not in found:
            numbers[script], rows[script], found[script] = {}, [], []
        acronym = is_acronym(term.text)
        for pattern, tail in _patterns(term, folded, folder):
            key = (id(term.meaning), term.edge, acronym, tail)
            number = numbers[script].setdefault(key, len(rows[script]))
            if number == len(rows[script]):
                rows[script].append(Row(term.meaning, term.edge, acronym, tail))
            found[script].append((pattern, number))
    return {
        script: Wordings(tuple(rows[script]), tuple(pattern for pattern, _ in pairs), tuple(number for _, number in pairs))
        for script, pairs in found.items()
    }


def _folded(terms: Sequence[Term[T]], folder: Folder) -> list[str]:
    # All terms are folded as one text: a fold has a fixed cost, and there are tens of thousands.
    folded = folder.fold(_MARK.join(term.text for term in terms)).text.split(_MARK)
    # Where loose characters were dropped, or a term holds the mark, each is folded by itself.
    return folded if len(folded) == len(terms) else [folder.fold(term.text).text for term in terms]


def _patterns(term: Term[T], folded: str, folder: Folder) -> Iterator[tuple[str, tuple[str, ...]]]:
    """The patterns of a term, each with its tail."""
    left, right = _PADDING[term.edge]
    tail: tuple[str, ...] = ()
    if "* " in term.text:
        first, *rest = (" ".join(folder.fold(part).text.split()) for part in term.text.split("* "))
        heads, right, tail = [first], "", tuple(rest)
    else:
        # With marks between its words a term is found as written and with single spaces: «U.S. Army», "US Army".
        spaced = " ".join(folded.split())
        heads = [spaced] if spaced == folded else list(dict.fromkeys((folded.strip(), spaced)))
    for head in filter(None, heads):
        yield left + head + right, tail
