"""The tree that a rule file is read into: lists, mappings and texts, each knowing its place in the file."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field

from monitor.errors import Place

_ESCAPE = re.compile(r"\\(?:x..|u.{4}|U.{8}|\r?\n[ \t]*|.)", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Scalar:
    """A word or text; None when nothing (or `null`) stands there. `source` is how it is written, "" when that is not known."""

    place: Place
    value: str | None
    source: str = ""

    def at(self, offset: int) -> Place:
        """The place of a code point of the value, through quotes, escapes and folded lines; else the start."""
        index = _source_index(self.source, self.value or "", offset)
        if index is None:
            return self.place
        before = self.source[:index]
        lines = before.count("\n")
        column = index - before.rfind("\n") if lines else self.place.column + index
        return Place(self.place.file, self.place.line + lines, column)


@dataclass(frozen=True, slots=True)
class Sequence:
    """A list."""

    place: Place
    items: list[Node] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Entry:
    """A key and its value."""

    key: Scalar
    value: Node


@dataclass(frozen=True, slots=True)
class Mapping:
    """Keys and values, in the order of the file."""

    place: Place
    entries: dict[str, Entry] = field(default_factory=dict)


Node = Scalar | Sequence | Mapping


def walk(root: Node, path: Iterable[str | int]) -> tuple[Node, Scalar | None, int]:
    """Follows a key path as far as it leads: the node there, the key it stands under (None in a list), and the steps taken."""
    node, key, steps = root, None, 0
    for part in path:
        if isinstance(node, Mapping) and isinstance(part, str) and part in node.entries:
            key, node = node.entries[part].key, node.entries[part].value
        elif isinstance(node, Sequence) and isinstance(part, int) and 0 <= part < len(node.items):
            key, node = None, node.items[part]
        elif part != 0 or isinstance(node, Sequence):  # one value may stand for a list of one
            break
        steps += 1
    return node, key, steps


def plain(node: Node) -> object:
    """The node as dicts, lists, strings and None."""
    if isinstance(node, Mapping):
        return {key: plain(entry.value) for key, entry in node.entries.items()}
    return [plain(item) for item in node.items] if isinstance(node, Sequence) else node.value


def _source_index(source: str, value: str, offset: int) -> int | None:
    """Where in a scalar's source the code point at `offset` of its value stands; None when they do not run together."""
    if not source:
        return None
    quote = source[0] if source[0] in "\"'" else ""
    block = source[0] in "|>" and "\n" in source
    index = source.index("\n") + 1 if block else len(quote)  # after a block's header: `>-  # comment`
    start = index
    for position, character in enumerate(value[: offset + 1]):
        start = index
        if quote == '"' and (escape := _ESCAPE.match(source, index)):
            while escape and escape[0][1] in "\r\n":  # a line that goes on
                start = index = escape.end()
                escape = _ESCAPE.match(source, index)
            if escape:
                index = escape.end()
                continue
        if character.isspace():
            index += source[index : index + 1].isspace()  # otherwise a folded line break that stands for several
            continue
        while source[index : index + 1].isspace():
            index += 1
        start = index
        if source[index : index + 1] != character:
            return None
        index += 2 if quote == "'" == character else 1
        if position == offset:
            break
    return start if offset < len(value) else index
