"""Suspicious conditions: never met, met without a place of their own, or saying less than their author meant."""

from __future__ import annotations

import re
from collections.abc import Iterator, Set

from monitor.engine.conditions import (
    AllOf,
    AnyOf,
    Anywhere,
    Fact,
    InSentence,
    InTitle,
    Literal,
    Near,
    Node,
    Not,
    Number,
    Ref,
    Regex,
    leaves,
)
from monitor.rules.lint.finding import Finding, Subject, Written


def check(subject: Subject) -> Iterator[Finding]:
    """All findings about conditions."""
    empty = empty_ids(subject)
    for one in subject.conditions:
        yield from _never_met(subject, one, empty)
        if one.part != "match" and not has_place(one.node):
            problem = "nothing in this must stand in the sentence itself, so it is never met there"
            hint = "put a word or an entity outside of `anywhere(…)`, in every alternative"
            yield subject.at("condition-without-anchor", problem, hint, one.source, *one.path)
        yield from _repeated_parts(subject, one)
        yield from _like_ids(subject, one)
    yield from _repeated(subject)


def empty_ids(subject: Subject) -> frozenset[str]:
    """Entities and words that nothing in a text can be."""
    story = subject.story
    nothing = {name for name, words in story.words.items() if not any(words.values())}
    for name, entity in story.entities.items():
        if not any((entity.names, entity.adjectives, entity.roles, entity.later, entity.speaker_class)):
            nothing.add(name)
    return frozenset(nothing)


def has_place(node: Node) -> bool:
    """Whether something must stand where the condition is met, in every alternative."""
    match node:
        case Ref() | Literal() | Regex() | Number():
            return True
        case AnyOf(parts):
            return all(map(has_place, parts))
        case AllOf(parts):
            return any(map(has_place, parts))
        case Near(left, right, _):
            return has_place(left) or has_place(right)
        case InSentence(part) | InTitle(part):
            return has_place(part)
        case Not() | Anywhere() | Fact():
            return False


def never(node: Node, empty: Set[str]) -> bool:
    """Whether a condition cannot be met by any text. empty: ids that nothing in a text can be."""
    match node:
        case Ref(id):
            return id in empty
        case Literal(text):
            return not any(letter.isalnum() for letter in text)
        case Number(least, most):
            return most is not None and most < least
        case AnyOf(parts):
            return all(never(part, empty) for part in parts)
        case AllOf(parts):
            return any(never(part, empty) for part in parts) or next(contradictions(node), None) is not None
        case Near(left, right, _):
            return never(left, empty) or never(right, empty)
        case InSentence(part) | InTitle(part) | Anywhere(part):
            return never(part, empty)
        case Not() | Regex() | Fact():
            return False


def contradictions(node: Node) -> Iterator[Not]:
    """Parts of a conjunction, at any depth of `and`, that forbid what another part of it asks for."""
    parts = _conjuncts(node)
    for part in parts:
        if isinstance(part, Not) and any(implies(other, part.part) for other in parts if not isinstance(other, Not)):
            yield part


def implies(one: Node, other: Node) -> bool:
    """Whether a text that meets one condition meets the other, as far as their shapes tell."""
    if one == other:
        return True
    if isinstance(one, AnyOf):
        return all(implies(part, other) for part in one.parts)
    if isinstance(other, AnyOf):
        return any(implies(one, part) for part in other.parts)
    if isinstance(other, AllOf):
        return all(not isinstance(part, Not) and implies(one, part) for part in other.parts)
    if isinstance(other, Near):
        return any(_nearer(part, other) for part in _conjuncts(one) if isinstance(part, Near))
    if isinstance(other, Anywhere):
        return implies(one.part if isinstance(one, Anywhere) else one, other.part)
    match one:
        case AllOf(parts):
            return any(not isinstance(part, Not) and implies(part, other) for part in parts)
        case Near(left, right, _):
            return implies(left, other) or implies(right, other)
        case InSentence(part):
            return implies(part, other.part if isinstance(other, InSentence) else other)
        case Number(least, most):
            inside = isinstance(other, Number) and least >= other.least
            return inside and (other.most is None or (most is not None and most <= other.most))  # type: ignore[union-attr]
    return False


def _nearer(one: Near, other: Near) -> bool:
    straight = implies(one.left, other.left) and implies(one.right, other.right)
    return one.words <= other.words and (straight or (implies(one.left, other.right) and implies(one.right, other.left)))


def _conjuncts(node: Node) -> list[Node]:
    return [each for part in node.parts for each in _conjuncts(part)] if isinstance(node, AllOf) else [node]


def _inner(node: Node) -> Iterator[Node]:
    """A node and all within it."""
    yield node
    match node:
        case AnyOf(parts) | AllOf(parts):
            for part in parts:
                yield from _inner(part)
        case Not(part) | InSentence(part) | InTitle(part) | Anywhere(part):
            yield from _inner(part)
        case Near(left, right, _):
            yield from _inner(left)
            yield from _inner(right)


def _never_met(subject: Subject, one: Written, empty: Set[str]) -> Iterator[Finding]:
    for node in _inner(one.node):
        clash = next(contradictions(node), None) if isinstance(node, AllOf) else None
        if clash is not None:
            problem = "this asks for something and forbids it: it is never met"
            yield _inside(subject, one, clash, "never-met", problem, "delete one of the two, or narrow what stands behind `not`")
            return
    if never(one.node, empty):
        lacking = next((leaf for leaf in leaves(one.node) if never(leaf, empty)), None)
        problem = "this is never met: it asks for what no text can hold"
        yield _inside(subject, one, lacking or one.node, "never-met", problem, "give it names or words, or leave it out")


def _repeated_parts(subject: Subject, one: Written) -> Iterator[Finding]:
    for node in _inner(one.node):
        if isinstance(node, (AnyOf, AllOf)):
            twice = next((part for at, part in enumerate(node.parts) if part in node.parts[:at]), None)
            if twice is not None:
                yield _inside(subject, one, twice, "repeated-condition", "this stands twice, side by side", "delete one", last=True)
                return


def _repeated(subject: Subject) -> Iterator[Finding]:
    """The same condition twice in a claim: under one key it does nothing more, under two it may say opposite things."""
    seen: dict[tuple[str, Node], Written] = {}
    for one in subject.conditions:
        if one.part == "match":
            continue
        first = seen.setdefault((one.owner, one.node), one)
        if first is not one:
            where = "here already" if first.part == one.part else f"under `{first.part}` too"
            problem = f"this condition stands {where}, at {subject.places.of(*first.path)}"
            yield subject.at("repeated-condition", problem, "delete one of the two", one.source, *one.path)


def _like_ids(subject: Subject, one: Written) -> Iterator[Finding]:
    """A bare word that was meant for an entity: it is looked for as it stands, in no other language and form."""
    for leaf in leaves(one.node):
        if not isinstance(leaf, Literal) or f'"{leaf.text}"' in one.source:
            continue
        slug = re.sub(r"[^a-z0-9]+", "-", leaf.text.lower()).strip("-")
        if slug in subject.known:
            problem = "these letters only, in this form and language, not the entity or words of that name"
            yield _inside(subject, one, leaf, "literal-like-id", problem, f"write `{slug}`, or put it in quotes if the letters are meant")


def _inside(subject: Subject, one: Written, node: Node, code: str, problem: str, hint: str, *, last: bool = False) -> Finding:
    """A finding at the first word of a part of a condition (of the last such part, if wanted)."""
    leaf = next(leaves(node), None)
    word = leaf.id if isinstance(leaf, Ref) else leaf.text if leaf is not None else ""
    places = [found.start() for found in re.finditer(rf"(?<![\w-]){re.escape(word)}(?![\w-])", one.source)] if word else []
    offset = places[-1 if last or isinstance(node, Not) else 0] if places else 0
    return subject.at(code, problem, hint, word or one.source, *one.path, offset=offset)
