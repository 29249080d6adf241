"""What a text lacks for a claim to be touched: which terms of its conditions stand there, and which are missing."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from monitor.engine.conditions import AllOf, AnyOf, Anywhere, Fact, InSentence, InTitle, Literal, Near, Node, Not, Number, Ref, Regex
from monitor.engine.meaning import Scope, holds
from monitor.engine.sentences import Sentence
from monitor.engine.vocabulary import CompiledStory
from monitor.model import FieldName

Span = tuple[int, int]
_LISTED = 8
"""Alternatives that are named before the rest is only counted."""


@dataclass(frozen=True, slots=True)
class Lack:
    """A condition held against a stretch of text. present: its terms there, by name. missing: what it still asks for, in words."""

    present: tuple[tuple[str, Span], ...] = ()
    missing: tuple[str, ...] = ()

    @property
    def rank(self) -> tuple[int, int]:
        """Small for what comes close."""
        return len(self.missing), -len({name for name, _ in self.present})


@dataclass(frozen=True, slots=True)
class Nearest:
    """The sentence that comes closest to touching a claim, and what it lacks."""

    field: FieldName
    start: int
    end: int
    lack: Lack


def nearest(story: CompiledStory, claim: str, sentences: Iterable[Sentence], scopes: dict[FieldName, Scope]) -> Nearest | None:
    """The sentence in which a condition of an untouched claim comes closest to being met; None: no term of any stands in the text."""
    best: Nearest | None = None
    conditions = [c for c in story.conditions if c.owner == claim and c.sort in ("about", "contrary")]
    for sentence in sentences:
        scope = scopes[sentence.field].within(sentence.start, sentence.end)
        for condition in conditions:
            lack = lacking(condition.node, scope)
            if lack.present and (best is None or lack.rank < best.lack.rank):
                best = Nearest(sentence.field, sentence.start, sentence.end, lack)
    return best


def lacking(node: Node, scope: Scope) -> Lack:
    """What a condition finds in a scope, and what it lacks there. Nothing is missing exactly when it holds."""
    ways = holds(node, scope)
    match node:
        case Ref() | Literal():
            hits = scope.hits(node)
            return Lack(tuple((name_of(node), hit) for hit in hits), () if hits else (name_of(node),))
        case AnyOf(parts):
            return _any_of([lacking(part, scope) for part in parts])
        case AllOf(parts):
            found = _both(*(lacking(part, scope) for part in parts))
            return found if ways or found.missing else Lack(found.present, ("all of this at once",))
        case Near(left, right, words):
            found = _both(lacking(left, scope), lacking(right, scope))
            far = f"{words_of(left)} within {words} words of {words_of(right)}"
            return found if ways or found.missing else Lack(found.present, (far,))
        case InSentence(part):
            return lacking(part, scope)
        case InTitle():
            return Lack((), () if ways else (words_of(node),))
        case Fact():
            return Lack((), () if ways else (f"that the article is {words_of(node)}",))
        case Regex():
            return Lack(tuple(("pattern", way[0]) for way in ways), () if ways else (words_of(node),))
        case Anywhere(part):
            return Lack((), () if ways else (f"anywhere in the text: {words_of(part)}",))
        case Not(part):
            return Lack((), () if ways else (f"that {words_of(part)} does not stand there",))
        case Number():
            return Lack(tuple(("number", way[0]) for way in ways), () if ways else (words_of(node),))


def _both(*parts: Lack) -> Lack:
    return Lack(tuple(p for part in parts for p in part.present), tuple(dict.fromkeys(m for part in parts for m in part.missing)))


def _any_of(parts: list[Lack]) -> Lack:
    """The closest alternative; those that are as close are named with it."""
    best = min(parts, key=lambda part: part.rank)
    if not best.missing:
        return best
    equal = [part for part in parts if part.rank == best.rank and len(part.missing) == 1 and part.present == best.present]
    if len(equal) < 2:
        return best
    return Lack(best.present, (_alternatives([part.missing[0] for part in equal]),))


def _alternatives(names: list[str]) -> str:
    names = list(dict.fromkeys(names))
    if len(names) == 1:
        return names[0]
    rest = f" or one of {len(names) - _LISTED} others" if len(names) > _LISTED else ""
    return " or ".join(names[:_LISTED]) + rest


def name_of(node: Ref | Literal) -> str:
    """A term as the rules write it."""
    return node.id if isinstance(node, Ref) else f'"{node.text}"'


def words_of(node: Node) -> str:
    """A condition in short, as the rules would write it."""
    match node:
        case Ref() | Literal():
            return name_of(node)
        case AnyOf(parts):
            return f"({_alternatives([words_of(part) for part in parts])})"
        case AllOf(parts):
            return f"({' and '.join(words_of(part) for part in parts)})"
        case Near(left, right, words):
            return f"{words_of(left)} near {words} {words_of(right)}"
        case InSentence(part):
            return f"sentence({words_of(part)})"
        case InTitle(part):
            return f"title({words_of(part)})"
        case Anywhere(part):
            return f"anywhere({words_of(part)})"
        case Regex(pattern):
            return f'regex("{pattern}")'
        case Fact(name, values):
            return f"{name}({' or '.join(values)})"
        case Not(part):
            return f"not {words_of(part)}"
        case Number(least, most):
            return f"number >= {least}" if most is None else f"number <= {most}"
