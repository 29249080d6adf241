"""One multi-pattern scan for all terms: Aho–Corasick over the folded text.

What the automaton cannot know is checked on the few hits: capitals of acronyms, and what may follow a Korean word.

Compiling a hundred thousand terms takes seconds, and an analyst changes a few at a time. So terms come in groups, and of a scanner that
is to be replaced everything is taken over but what the changed groups are made of: their rows are dropped or added, and patterns that
are new go into a small automaton of their own. What is found, and in which order, is the same as if all had been compiled anew.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Generic, TypeVar

from ahocorasick_rs import AhoCorasick

from monitor.engine.terms import Edge, Hit, is_acronym, is_hangul
from monitor.engine.text import Folded, Folder, unquoted
from monitor.engine.wordings import ByScript, Row, Wordings

T = TypeVar("T")

_MOST_NEW = 0.1
"""Share of the patterns that may be new before all are compiled anew."""

Groups = Mapping[str, Wordings[T]]
"""Wordings by what they belong to. The order of the groups, and of the terms in each, decides the order of hits on the same stretch."""
_Meant = tuple[tuple[str, Row[T]], ...]
_Find = Callable[..., Iterable[tuple[int, int, int]]]


def _through(text: str, at: int, tail: tuple[str, ...], edge: Edge) -> int:
    """Follows the parts behind each inner `*`; where they end, or -1 when they are not there."""
    for number, part in enumerate(tail, 1):
        while at < len(text) and text[at] != " ":
            at += 1
        if not text.startswith(part, at + 1):
            return -1
        at += 1 + len(part)
        whole = number < len(tail) or edge is Edge.WORD
        if whole and number == len(tail) and at < len(text) and text[at] != " ":
            return -1
    return at


class _Automaton(Generic[T]):
    """The terms of one script, ready to be found."""

    def __init__(self, groups: Groups[T]) -> None:
        self.groups = groups
        self.rows: list[tuple[int, int, _Meant[T]]] = []
        """For each pattern: whether it begins and ends with a boundary, and what it means to which group."""
        self._numbers: dict[str, int] = {}
        self._add(groups)
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
        made.groups = groups
        made.rows, made._numbers, made._compiled = list(self.rows), dict(self._numbers), self._compiled
        for name in gone:
            made._drop(name, old[name])
        made._add(fresh)
        late = list(made._numbers)[self._compiled :]
        if len(late) > _MOST_NEW * self._compiled:
            return None
        made.finds = [*self.finds[:1], *([(_compiled(late), self._compiled)] if late else [])]
        return made

    def _add(self, names: Iterable[str]) -> None:
        order = {name: number for number, name in enumerate(self.groups)}
        for name in names:
            added = self.groups[name]
            alone = [(*row.bounds, ((name, row),)) for row in added.rows]
            for pattern, mean in zip(added.patterns, added.means, strict=True):
                number = self._numbers.setdefault(pattern, len(self.rows))
                if number == len(self.rows):
                    self.rows.append(alone[mean])
                elif (one := alone[mean][2][0]) not in (held := self.rows[number])[2]:
                    # A sort keeps the order within a group, whose rows all come at once.
                    self.rows[number] = (*held[:2], tuple(sorted((*held[2], one), key=lambda each: order[each[0]])))

    def _drop(self, group: str, dropped: Wordings[T]) -> None:
        for pattern in dropped.patterns:
            left, right, meant = self.rows[self._numbers[pattern]]
            self.rows[self._numbers[pattern]] = (left, right, tuple(one for one in meant if one[0] != group))


def _compiled(patterns: Iterable[str]) -> _Find:
    return AhoCorasick(list(patterns)).find_matches_as_indexes


class Scanner(Generic[T]):
    """Finds all terms, in the order of their ends, overlapping ones included.

    What a script's terms need is worked out when a text first holds a letter of it, and does not change afterwards.
    """

    def __init__(
        self, groups: Mapping[str, ByScript[T]], folder: Folder, particles: frozenset[str] = frozenset(), previous: Scanner[T] | None = None
    ) -> None:
        """previous: one that this is to replace, with the same folder. What its texts have needed is worked out at once; what has not
        changed is taken over."""
        self._groups: dict[str, dict[str, Wordings[T]]] = defaultdict(dict)
        """Script -> its groups."""
        for name, by_script in groups.items():
            for script, worded in by_script.items():
                self._groups[script][name] = worded
        self._folder = folder
        self._particles = particles
        self._longest = max(map(len, particles), default=0)
        self._automata: dict[str, _Automaton[T]] = {}
        for script, automaton in list(previous._automata.items()) if previous else ():
            self._automata[script] = automaton.changed(self._groups[script]) or _Automaton(self._groups[script])

    def _automaton(self, script: str) -> _Automaton[T]:
        if script not in self._automata:
            self._automata[script] = _Automaton(self._groups[script])
        return self._automata[script]

    def scan(self, text: str, folded: Folded | None = None) -> list[Hit[T]]:
        """All terms in the text. `folded`: its folded form, when that is at hand."""
        folded = unquoted(text, folded or self._folder.fold(text))
        scripts = [script for script in ("", *folded.scripts) if script in self._groups]
        hits: list[Hit[T]] = []
        for script in scripts:
            hits += self._hits(self._automaton(script), text, folded)
        return hits if len(scripts) < 2 else sorted(hits, key=lambda hit: hit.end)

    def _hits(self, automaton: _Automaton[T], text: str, folded: Folded) -> Iterator[Hit[T]]:
        for pattern, start, end in _found(automaton.finds, f" {folded.text} "):
            left, right, meant = automaton.rows[pattern]
            # The haystack has one space more in front, so folded offsets are one less.
            first, last = start - 1 + left, end - 1 - right
            for _, row in meant:
                until = _through(folded.text, last, row.tail, row.edge) if row.tail else last
                if until < 0 or (row.edge is Edge.PARTICLE and not self._followed_by_particle(folded.text, until)):
                    continue
                span = folded.origin(first, until)
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
