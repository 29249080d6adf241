"""One multi-pattern scan for all terms: Aho–Corasick over the folded text.

A term is padded with the boundaries that its script has, so that the automaton itself refuses "usage" for "us". What the automaton
cannot know is checked on the few hits: capitals of acronyms, and what may follow a Korean word.

Compiling a hundred thousand terms takes seconds, and an analyst changes a few at a time. So terms come in groups, and of a scanner that
is to be replaced everything is taken over but what the changed groups are made of: their rows are dropped or added, and patterns that
are new go into a small automaton of their own. What is found, and in which order, is the same as if all had been compiled anew.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

from ahocorasick_rs import AhoCorasick

from monitor.engine.terms import SCRIPTS, Edge, Hit, Term, is_acronym, is_hangul
from monitor.engine.text import Folded, Folder

T = TypeVar("T")

_MARK = "\ue000"
"""A private character, which folds to itself and stands in no term."""
_SCARE = "«»„“”\"'’‘"
"""Marks that may stand around a word inside a term: «fully "liberated"»."""
_MOST_GAPS = 3
"""Words of a term between which quotation marks are looked for, at most."""
_PADDING = {Edge.WORD: (" ", " "), Edge.STEM: (" ", ""), Edge.PARTICLE: (" ", ""), Edge.INSIDE: ("", "")}
"""Boundaries that a term brings into the automaton, on its left and right."""
_MOST_NEW = 0.1
"""Share of the patterns that may be new before all are compiled anew."""

Groups = Mapping[str, Sequence[Term[T]]]
"""Terms by what they belong to. The order of the groups, and of the terms in each, decides the order of hits on the same stretch."""
_ALL = ("", *SCRIPTS)
_Find = Callable[..., Iterable[tuple[int, int, int]]]


@dataclass(frozen=True, slots=True)
class _Row(Generic[T]):
    """What a pattern of the automaton means. tail: what must follow after the rest of the open word, for `*` inside a term."""

    group: str
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


class _Automaton(Generic[T]):
    """The terms of one script, ready to be found."""

    def __init__(self, groups: Groups[T], folder: Folder) -> None:
        self.groups, self._folder = groups, folder
        self.rows: list[tuple[int, int, tuple[_Row[T], ...]]] = []
        """For each pattern: whether it begins and ends with a boundary, and what it means."""
        self._numbers: dict[str, int] = {}
        self._add([(name, term) for name, terms in groups.items() for term in terms])
        self._compiled = len(self.rows)
        self.finds: list[tuple[_Find, int]] = [(_compiled(self._numbers), 0)] if self.rows else []
        """Each with the number of its first pattern."""

    def changed(self, groups: Groups[T]) -> _Automaton[T] | None:
        """One with other groups of terms; None: it is no dearer to compile it anew."""
        old, new = self.groups, groups
        gone = [name for name in old if new.get(name) != old[name]]
        fresh = [name for name in new if old.get(name) != new[name]]
        if not gone and not fresh:
            return self
        if [name for name in old if name not in gone] != [name for name in new if name not in fresh]:
            return None  # groups have changed places
        made: _Automaton[T] = object.__new__(_Automaton)
        made.groups, made._folder = groups, self._folder
        made.rows, made._numbers, made._compiled = list(self.rows), dict(self._numbers), self._compiled
        made._drop([(name, term) for name in gone for term in old[name]])
        made._add([(name, term) for name in fresh for term in new[name]])
        late = list(made._numbers)[self._compiled :]
        if len(late) > _MOST_NEW * self._compiled:
            return None
        made.finds = [*self.finds[:1], *([(_compiled(late), self._compiled)] if late else [])]
        return made

    def _patterns(self, terms: Sequence[tuple[str, Term[T]]]) -> Iterator[tuple[str, _Row[T]]]:
        # All terms are folded as one text: a fold has a fixed cost, and there are tens of thousands.
        folded_terms = self._folder.fold(_MARK.join(term.text for _, term in terms)).text.split(_MARK)
        if len(folded_terms) != len(terms):  # loose characters were dropped, or a term holds the mark
            folded_terms = [self._folder.fold(term.text).text for _, term in terms]
        for (group, term), folded in zip(terms, folded_terms, strict=True):
            yield from _patterns(group, term, folded, self._folder)

    def _add(self, terms: Sequence[tuple[str, Term[T]]]) -> None:
        order = {name: number for number, name in enumerate(self.groups)}
        for pattern, row in self._patterns(terms):
            number = self._numbers.get(pattern)
            if number is None:
                self._numbers[pattern] = len(self.rows)
                self.rows.append((pattern.startswith(" "), pattern.endswith(" "), (row,)))
                continue
            left, right, rows = self.rows[number]
            if row not in rows:
                # A sort keeps the order within a group, whose rows all come at once.
                self.rows[number] = (left, right, tuple(sorted((*rows, row), key=lambda one: order[one.group])))

    def _drop(self, terms: Sequence[tuple[str, Term[T]]]) -> None:
        for pattern, row in self._patterns(terms):
            left, right, rows = self.rows[self._numbers[pattern]]
            self.rows[self._numbers[pattern]] = (left, right, tuple(one for one in rows if one != row))


def _compiled(patterns: Iterable[str]) -> _Find:
    return AhoCorasick(list(patterns)).find_matches_as_indexes


def _patterns(group: str, term: Term[T], folded: str, folder: Folder) -> Iterator[tuple[str, _Row[T]]]:
    """What the automaton looks for to find a term, and what each means."""
    left, right = _PADDING[term.edge]
    acronym = is_acronym(term.text)
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
        yield pattern, _Row(group, term.meaning, term.edge, acronym, tail)
        for wide in _widened(pattern):
            yield wide, _Row(group, term.meaning, term.edge, acronym, tail, quoted=True)


class Scanner(Generic[T]):
    """Finds all terms, in the order of their ends, overlapping ones included.

    What a script's terms need is worked out when a text first holds a letter of it, and does not change afterwards.
    """

    def __init__(
        self, groups: Groups[T], folder: Folder, particles: frozenset[str] = frozenset(), previous: Scanner[T] | None = None
    ) -> None:
        """previous: one that this is to replace, with the same folder. What its texts have needed is worked out at once; what has not
        changed is taken over."""
        self._groups: dict[str, dict[str, list[Term[T]]]] = defaultdict(dict)
        """Script -> its groups."""
        for name, terms in groups.items():
            for term in terms:
                self._groups[term.script].setdefault(name, []).append(term)
        self._folder = folder
        self._particles = particles
        self._longest = max(map(len, particles), default=0)
        self._automata: dict[str, _Automaton[T]] = {}
        for script, automaton in list(previous._automata.items()) if previous else ():
            self._automata[script] = automaton.changed(self._groups[script]) or _Automaton(self._groups[script], folder)

    def _automaton(self, script: str) -> _Automaton[T]:
        if script not in self._automata:
            self._automata[script] = _Automaton(self._groups[script], self._folder)
        return self._automata[script]

    def scan(self, text: str, folded: Folded | None = None) -> list[Hit[T]]:
        """All terms in the text. `folded`: its folded form, when that is at hand."""
        folded = folded or self._folder.fold(text)
        scripts = [s for s in _ALL if s in self._groups and (not s or (not text.isascii() and SCRIPTS[s].search(text)))]
        hits: list[Hit[T]] = []
        for script in scripts:
            hits += self._hits(self._automaton(script), text, folded)
        return hits if len(scripts) < 2 else sorted(hits, key=lambda hit: hit.end)

    def _hits(self, automaton: _Automaton[T], text: str, folded: Folded) -> Iterator[Hit[T]]:
        for pattern, start, end in _found(automaton.finds, f" {folded.text} "):
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
                if row.acronym and not is_acronym(text[span[0] : span[1]]):
                    continue
                yield Hit(span[0], span[1], row.meaning)

    def _followed_by_particle(self, text: str, end: int) -> bool:
        """Whether the Korean word ends here, but for a particle (or for another script: "북한·러시아", "KN뉴스")."""
        until = end
        while until < len(text) and is_hangul(text[until]) and until - end <= self._longest:
            until += 1
        return until == end or text[end:until] in self._particles


def _found(finds: Sequence[tuple[_Find, int]], text: str) -> Iterable[tuple[int, int, int]]:
    """Patterns by number, with where they stand: in the order of their ends, longer ones first."""
    if len(finds) == 1:
        return finds[0][0](text, overlapping=True)
    found = [(number + first, start, end) for find, first in finds for number, start, end in find(text, overlapping=True)]
    return sorted(found, key=lambda one: (one[2], one[1]))
