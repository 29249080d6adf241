"""What a condition means: where, and in which ways, it holds in a text."""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import islice, product, takewhile

from monitor.engine.conditions import (
    AllOf,
    AnyOf,
    Anywhere,
    Fact,
    FactName,
    InSentence,
    InTitle,
    Literal,
    Near,
    Node,
    Not,
    Number,
    Ref,
    Regex,
    compiled_regex,
)
from monitor.engine.numbers import Quantity
from monitor.engine.terms import is_unspaced, without_unspaced

_WAYS = 64
"""Ways in which a condition holds that are followed up: enough to find the one that fits, few enough to be quick on garbage."""


_NEIGHBOURS = 12
_MARKS = ",;:·、，；"
_WORD = re.compile(r"\S*[^\W_]\S*")


Span = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Scope:
    """Where a condition is evaluated: the hits of its terms, in order, within [start, end).

    spans: leaf -> its hits as (start, end), sorted. text: the field. distance: offsets -> distance in words. sentences: for
    `sentence(...)`. numbers: gives (start, end, value) of the numbers written there, sorted; asked only where a condition counts.
    article: the whole fields, for `anywhere(...)`. field: the text's name. facts: what is known of the article, for `lang(...)` and so on.
    """

    spans: Mapping[Ref | Literal, Sequence[Span]]
    text: str
    distance: Callable[[int, int], float]
    start: int
    end: int
    sentences: Sequence[Span] = ()
    numbers: Callable[[], Sequence[Quantity]] = tuple
    article: Sequence[Scope] = ()
    facts: Sequence[tuple[FactName, str]] = ()
    field: str = "text"

    def within(self, start: int, end: int) -> Scope:
        """The same hits, seen through a narrower window."""
        return replace(self, start=start, end=end, sentences=())

    def hits(self, leaf: Ref | Literal) -> list[Span]:
        """Hits of a leaf that lie in the window."""
        spans = self.spans.get(leaf, ())
        low = bisect_left(spans, (self.start, -1))
        high = bisect_right(spans, (self.end, -1), lo=low)
        return [span for span in spans[low:high] if span[1] <= self.end]


def word_distance(text: str) -> Callable[[int, int], float]:
    """Distance between two offsets of a text in words: a mark by itself is none, two unspaced characters count as a word.

    The words are looked up once and only when something is measured.
    """
    words: list[tuple[list[int], list[int], list[int]]] = []

    def distance(left: int, right: int) -> float:
        if not words:
            words.append(_words(text))
        starts, ends, unspaced = words[0]
        first, last = bisect_right(ends, left), bisect_left(starts, right) - 1
        # A word that the stretch cuts counts when more than a mark of it is left.
        cut = {at for at in (first, last) if first <= last and (starts[at] < left or ends[at] > right)}
        marks = sum(not any(map(str.isalnum, text[max(starts[at], left) : min(ends[at], right)])) for at in cut)
        return max(0, last - first + 1) - marks + (bisect_left(unspaced, right) - bisect_left(unspaced, left)) / 2

    return distance


def _words(text: str) -> tuple[list[int], list[int], list[int]]:
    """Where the words of a text start and end, and where its unspaced characters stand."""
    spaced, count = without_unspaced(text)
    found = [m.span() for m in _WORD.finditer(spaced)]
    unspaced = [at for at, char in enumerate(text) if is_unspaced(char)] if count else []
    return [start for start, _ in found], [end for _, end in found], unspaced


def holds(node: Node, scope: Scope) -> list[tuple[Span, ...]]:
    """Ways in which the condition holds in the scope: each a tuple of the spans that met it. Empty: it does not hold."""
    match node:
        case Ref() | Literal():
            return [(span,) for span in scope.hits(node)]
        case AnyOf(parts):
            return [way for part in parts for way in holds(part, scope)]
        case AllOf(parts):
            return _all_of(parts, scope)
        case Near(left, right, words):
            pairs = _near(holds(left, scope), holds(right, scope), words, scope)
            return [way for way in pairs if _counted(way, scope)] if _counts(left) or _counts(right) else pairs
        case Number(least, most):
            numbers = scope.numbers()
            within = takewhile(lambda n: n[0] < scope.end, numbers[bisect_left(numbers, (scope.start, -1, -1)) :])
            return [((a, b),) for a, b, value in within if b <= scope.end and least <= value and (most is None or value <= most)]
        case InTitle(part):
            return holds(part, scope) if scope.field == "title" else []
        case Regex(pattern):
            found = compiled_regex(pattern).finditer(scope.text[scope.start : scope.end])
            return [((scope.start + one.start(), scope.start + one.end()),) for one in islice(found, _WAYS) if one.end() > one.start()]
        case Fact(name, values):
            return [()] if dict(scope.facts).get(name, "").lower() in values else []
        case Anywhere(part):
            return [()] if any(holds(part, whole) for whole in scope.article or (scope,)) else []
        case InSentence(part):
            return [way for start, end in scope.sentences or [(scope.start, scope.end)] for way in holds(part, scope.within(start, end))]
        case Not(part):
            return [] if holds(part, scope) else [()]


def _all_of(parts: tuple[Node, ...], scope: Scope) -> list[tuple[Span, ...]]:
    met: list[list[tuple[Span, ...]]] = []
    for part in sorted(parts, key=lambda p: isinstance(p, Not)):
        ways = holds(part, scope)
        if not ways:
            return []
        met.append(ways)
    return [tuple(sorted({span for way in chosen for span in way})) for chosen in islice(product(*met), _WAYS)]


def _near(left: list[tuple[Span, ...]], right: list[tuple[Span, ...]], words: int, scope: Scope) -> list[tuple[Span, ...]]:
    """Pairs that are close enough, the closest first for each left way. Overlapping terms do not count as two."""
    found: list[tuple[Span, ...]] = []
    right = sorted(right)
    for one in left:
        # Partners are neighbours in order of start; some on each side allow for overlaps and for chains that need a further one.
        at = bisect_left(right, one)
        pairs: list[tuple[float, tuple[Span, ...]]] = []
        for other in right[max(0, at - _NEIGHBOURS) : at + _NEIGHBOURS]:
            apart = _apart(one, other, scope)
            if apart is not None and apart <= words:
                pairs.append((apart, tuple(sorted({*one, *other}))))
        found += [pair for _, pair in sorted(pairs)]
        if len(found) >= _WAYS:
            break
    return found[:_WAYS]


def _counts(node: Node) -> bool:
    """Whether a condition asks for a number, by itself or among others."""
    return isinstance(node, Number) or (isinstance(node, AnyOf) and any(isinstance(part, Number) for part in node.parts))


def _counted(way: tuple[Span, ...], scope: Scope) -> bool:
    """Whether the number of a pair is what counts its other word: no other number is nearer to that ("300 killed and 2,700 wounded").

    Of two that are equally near the one in front counts it: "600 dead, 4,700 hurt".
    """
    numbers = [(a, b) for a, b, _ in scope.numbers()]
    counts = [span for span in way if span in numbers]
    others = tuple(span for span in way if span not in numbers)
    if len(counts) != 1 or not others:
        return True
    gap, behind = _apart(tuple(counts), others, scope) or 0, counts[0][0] > others[0][0]
    for a, b in numbers:
        rival = _apart(((a, b),), others, scope) if (a, b) != counts[0] and scope.start <= a and b <= scope.end else None
        before = behind and b <= others[0][0] and not any(mark in scope.text[b : others[0][0]] for mark in _MARKS)
        if rival is not None and (rival < gap or (rival == gap and before)):
            return False
    return True


def _apart(one: tuple[Span, ...], other: tuple[Span, ...], scope: Scope) -> float | None:
    """Words between two ways, measured at their nearest spans; None when they share a stretch."""
    nearest: float | None = None
    for a in one:
        for b in other:
            if a[0] < b[1] and b[0] < a[1]:
                return None
            gap = scope.distance(a[1], b[0]) if a[1] <= b[0] else scope.distance(b[1], a[0])
            nearest = gap if nearest is None else min(nearest, gap)
    return nearest
