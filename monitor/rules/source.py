"""One YAML file -> a tree of nodes, each knowing its place in the file.

The tree keeps every scalar as the text that was written: `no`, `2024`, `true` and `12:30` are words, and the models turn into a
date or a duration what should be one. So no name, title or phrase ever changes its meaning for want of quotes.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from ruamel.yaml import YAML
from ruamel.yaml.error import MarkedYAMLError, YAMLError
from ruamel.yaml.events import (
    AliasEvent,
    DocumentStartEvent,
    MappingEndEvent,
    MappingStartEvent,
    ScalarEvent,
    SequenceEndEvent,
    SequenceStartEvent,
)
from ruamel.yaml.reader import ReaderError

from monitor.errors import Place, RuleError
from monitor.rules.nodes import Entry, Mapping, Node, Scalar, Sequence
from monitor.rules.syntax import CONFLICT, RESOLVE, explain, near_key

MAX_BYTES = 2_000_000
"""Largest rule file that is read. Ten thousand names in five languages take half of it."""
MAX_DEPTH = 32
"""Deepest nesting; a story needs eight levels."""
MAX_ALIASED = 20_000
"""Most values that aliases (`*name`) may repeat in one file, so that a few lines cannot grow into gigabytes."""

_LOOKED_AT = 512
"""Bytes at a file's start that tell what it is."""
_BINARY = re.compile(rb"[\0-\x08\x0e-\x1a\x1c-\x1f]")
"""Bytes that no text has. One may be a slip, several are another kind of file."""
_ODD = re.compile("[\u00a0\u00ad\u1680\u2000-\u200f\u2028-\u202f\u205f-\u2064\u3000\ufeff]")
"""Spaces that do not indent, and characters that nobody sees: pasted from web pages, typed with an input method."""
_LONG_ESCAPE = re.compile(r"\\U[0-9A-Fa-f]{8}")
_SUBTLE = re.compile("[\t\x85\u2028\u2029\ufeff]|^(?:%|---|\\.\\.\\.)|[|>][-+0-9]*#", re.MULTILINE)
"""What the parsers in C and in Python read differently."""
_NULL = ("", "~", "null", "Null", "NULL")
_STANDARD_TAGS = ("", "!", "tag:yaml.org,2002:str", "tag:yaml.org,2002:map", "tag:yaml.org,2002:seq")


def parse(raw: bytes, file: str) -> tuple[Mapping | None, list[RuleError]]:
    """The mapping that a rule file holds, and what is wrong in it. The mapping is None when the file cannot be read as one."""
    text, errors = _decode(raw, file)
    if errors:
        return None, errors
    top, errors = _read(text, file, pure=bool(_SUBTLE.search(text)))
    if errors:  # the parser in C is fifteen times as fast, and says less of what is wrong
        top, errors = _read(text, file, pure=True)
    if top is None and errors:
        return None, errors
    if top is None or (isinstance(top, Scalar) and top.value is None):
        return Mapping(Place(file, 1, 1)), errors
    if not isinstance(top, Mapping):
        found = "a list" if isinstance(top, Sequence) else "text"
        hint = near_key(top.value or "") if isinstance(top, Scalar) else ""
        error = RuleError(top.place, f"a rule file holds keys and values, not {found}", hint=hint or "start with a key, like `claims:`")
        return None, [*errors, error]
    return top, errors


def _read(text: str, file: str, *, pure: bool) -> tuple[Node | None, list[RuleError]]:
    """The document that a text holds, and what is wrong in it. pure: by the parser in Python."""
    composer = _Composer(text, file, pure=pure)
    try:
        return composer.document(), composer.errors
    except _StopReading as stopped:
        # What stands behind a tag or an alias is read as something else than it was meant for.
        told = any(error.place.line == stopped.error.place.line for error in composer.errors)
        return None, [*composer.errors, *([] if told else [stopped.error])]


def _decode(raw: bytes, file: str) -> tuple[str, list[RuleError]]:
    start = Place(file, 1, 1)
    if len(raw) > MAX_BYTES:
        return "", [RuleError(start, f"the file is larger than {MAX_BYTES // 1_000_000} MB", hint="split the story into several files")]
    other = _other_encoding(raw)
    if other:
        return "", [RuleError(start, f"the file is {other} text", hint="save the file as UTF-8")]
    if len(_BINARY.findall(raw[:_LOOKED_AT])) > 1:
        return "", [RuleError(start, "this is not a text file", hint="delete it here, or save it as UTF-8 text")]
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        good = raw[: error.start].decode("utf-8-sig", "replace")
        problem, hint = "this byte is not UTF-8", "save the file as UTF-8"
        if error.reason == "unexpected end of data":
            problem, hint = f"{problem}, or the file is cut off here", f"{hint}, and the whole of it"
        return "", [RuleError(_place_at(good, len(good), file), problem, f"0x{raw[error.start]:02x}", hint)]
    found = text.find("\0")
    if found >= 0:
        return "", [RuleError(_place_at(text, found, file), "a NUL byte: this is not a text file", hint="save the file as UTF-8 text")]
    return text.replace("\r\n", "\n").replace("\r", "\n"), []


def _other_encoding(raw: bytes) -> str:
    """UTF-16 or UTF-32, by its mark or by the zeros that Latin letters have in it; "" for anything else."""
    if raw.startswith((b"\xff\xfe\0\0", b"\0\0\xfe\xff")):
        return "UTF-32"
    pairs = raw[: _LOOKED_AT // 2 * 2]
    halves = pairs[::2], pairs[1::2]
    zeros = [half.count(0) for half in halves]
    wide = any(zero and not other and 4 * zero > len(half) for zero, other, half in zip(zeros, zeros[::-1], halves, strict=True))
    return "UTF-16" if raw.startswith((b"\xff\xfe", b"\xfe\xff")) or wide else ""


def _place_at(text: str, index: int, file: str) -> Place:
    return Place(file, text.count("\n", 0, index) + 1, index - text.rfind("\n", 0, index))


class _StopReading(Exception):
    """The rest of the file cannot be understood."""

    def __init__(self, error: RuleError) -> None:
        super().__init__(str(error))
        self.error = error


class _Composer:
    """Turns the parser's events into nodes and collects what can be reported without giving the file up."""

    def __init__(self, text: str, file: str, *, pure: bool) -> None:
        """pure: with the parser in Python."""
        self.text = text
        self._yaml = YAML(typ="safe", pure=pure)
        self.file = file
        self.errors: list[RuleError] = []
        self._anchors: dict[str, tuple[Node, int]] = {}
        self._open: set[str] = set()
        self._aliased = 0
        self._events = self._guarded()

    def document(self) -> Node | None:
        """The file's one document; None when there is none."""
        top: Node | None = None
        for event in self._events:
            if isinstance(event, DocumentStartEvent):
                if top is not None:
                    hint = "a file holds one document: delete the line"
                    raise _StopReading(RuleError(self._place(event), "a second document starts here", "---", hint))
                top, _ = self._node(next(self._events), 0)
        return top

    def _guarded(self) -> Iterator[object]:
        """The events; what the parser raises becomes an error with a place."""
        read = 0
        try:
            for event in self._yaml.parse(self.text):
                yield event
                read = event.end_mark.index
        except ReaderError as error:
            position = self.text.find(chr(error.character)) if isinstance(error.character, int) else 0
            place = _place_at(self.text, max(position, 0), self.file)
            problem = "a control character that cannot be shown"
            raise _StopReading(RuleError(place, problem, self.text[position : position + 1], "delete it")) from error
        except MarkedYAMLError as error:
            raise _StopReading(explain(error, self.text, self.file)) from error
        except (YAMLError, ValueError, OverflowError, IndexError, AttributeError, TypeError) as error:
            # The scanner lets some broken escapes and directives through to chr() and int().
            escape = _LONG_ESCAPE.search(self.text, read)
            place = _place_at(self.text, escape.start() if escape else read, self.file)
            shown, hint = escape[0] if escape else "", "write the character itself"
            raise _StopReading(RuleError(place, "the YAML from here on cannot be read", shown, hint)) from error

    def _place(self, event: object) -> Place:
        mark = event.start_mark  # type: ignore[attr-defined]  # ruamel's events declare no attributes
        return Place(self.file, mark.line + 1, mark.column + 1)

    def _node(self, event: object, depth: int) -> tuple[Node, int]:
        """A node and how many values it stands for, aliases counted in full."""
        place = self._place(event)
        if depth > MAX_DEPTH:
            raise _StopReading(RuleError(place, f"nested more than {MAX_DEPTH} deep", hint="look for brackets that are not closed"))
        if isinstance(event, AliasEvent):
            return self._alias(str(event.anchor), place)
        anchor = getattr(event, "anchor", None)
        if anchor:
            self._open.add(anchor)
        self._check_tag(event, place)
        node: Node
        if isinstance(event, ScalarEvent):
            node, size = self._scalar(event, place), 1
        elif isinstance(event, SequenceStartEvent):
            node, size = self._sequence(place, depth)
        elif isinstance(event, MappingStartEvent):
            node, size = self._mapping(place, depth)
        else:  # pragma: no cover - the parser yields nothing else in the place of a node
            raise TypeError(event)
        if anchor:
            self._open.discard(anchor)
            self._anchors[anchor] = node, size
        return node, size

    def _alias(self, name: str, place: Place) -> tuple[Node, int]:
        nothing = Scalar(place, "")  # whatever else is wrong with it has the same place, and gives way to what is said here
        if name in self._open:
            self.errors.append(RuleError(place, "this alias contains itself", f"*{name}", "write the value out"))
            return nothing, 1
        if name not in self._anchors:
            hint = f"a text that starts with `*` stands in quotes; an alias needs its value marked `&{name}` before"
            self.errors.append(RuleError(place, "nothing has this name", f"*{name}", hint))
            return nothing, 1
        node, size = self._anchors[name]
        self._aliased += size
        if self._aliased > MAX_ALIASED:
            raise _StopReading(RuleError(place, "the aliases in this file repeat too much", f"*{name}", "write the values out"))
        return node, size

    def _check_tag(self, event: object, place: Place) -> None:
        tag = str(getattr(event, "tag", None) or "")
        if tag not in _STANDARD_TAGS:
            shown = self.text[event.start_mark.index :].split(None, 1)[0]  # type: ignore[attr-defined]  # as above
            hint = "delete it, or put the text in quotes if it should begin with `!`"
            self.errors.append(RuleError(place, "rule files have no tags", shown, hint))

    def _scalar(self, event: ScalarEvent, place: Place) -> Scalar:
        value = str(event.value)
        if not event.style and value in _NULL:
            index = len(self.text[: event.start_mark.index].rstrip())
            return Scalar(place if value else _place_at(self.text, max(index - 1, 0), self.file), None)
        for character in value:
            if character == "\0" or "\ud800" <= character <= "\udfff":
                problem = "this escape is not a character"
                self.errors.append(RuleError(place, problem, f"\\u{ord(character):04x}", "write the character itself"))
                value = value.replace(character, "\ufffd")
        bare = event.anchor or event.tag  # these stand before the text and hide where it starts
        return Scalar(place, value, "" if bare else self.text[event.start_mark.index : event.end_mark.index])

    def _sequence(self, place: Place, depth: int) -> tuple[Sequence, int]:
        node, size = Sequence(place), 1
        for event in self._events:
            if isinstance(event, SequenceEndEvent):
                break
            item, count = self._node(event, depth + 1)
            node.items.append(item)
            size += count
        return node, size

    def _mapping(self, place: Place, depth: int) -> tuple[Mapping, int]:
        node, size = Mapping(place), 1
        for event in self._events:
            if isinstance(event, MappingEndEvent):
                break
            key, _ = self._node(event, depth + 1)
            value, count = self._node(next(self._events), depth + 1)
            size += count + 1
            # An alias as a key has its anchor's place, and no key at all has none of the parser's.
            missing = isinstance(key, Scalar) and key.value is None
            place = key.place if missing else self._place(event)
            if isinstance(key, Scalar) and key.value and isinstance(event, ScalarEvent) and self._lacks_colon(event):
                hint = "write `key: value`; a text with a comma stands in quotes, several texts stand in brackets: [a, b]"
                self.errors.append(RuleError(place, "this key has no colon", key.value, hint))
            if isinstance(value, Scalar) and value.value is None:
                value = Scalar(place, None)  # nothing stands nowhere; people look at the key
            self._add(node, key, place, value)
        return node, size

    def _lacks_colon(self, key: ScalarEvent) -> bool:
        """Whether a key between braces is only a word, as what stands behind a comma in a text is. `{party}` alone is a placeholder."""
        before, after = self.text[key.start_mark.index - 1], self.text[key.end_mark.index :].lstrip()
        return not (after.startswith(":") or (before == "{" and after.startswith("}")))

    def _add(self, node: Mapping, key: Node, place: Place, value: Node) -> None:
        if not isinstance(key, Scalar) or key.value is None:
            self.errors.append(RuleError(place, "a key must be a word", hint="write `key: value`; put text with brackets in quotes"))
        elif odd := _ODD.search(key.value):
            kind = "a no-break space" if odd[0] in "\u00a0\u202f" else "a wide space" if odd[0] == "\u3000" else "an invisible character"
            problem = f"{kind} in this key" if odd.start() or kind.startswith("an ") else f"{kind} cannot indent"
            hint = "delete it" if odd.start() or kind.startswith("an ") else "indent with ordinary spaces"
            self.errors.append(RuleError(place, problem, f"U+{ord(odd[0]):04X}", hint))
        elif key.value.startswith("<<<<<<<"):
            self.errors.append(RuleError(place, CONFLICT, "<<<<<<<", RESOLVE))
        elif key.value == "<<":
            self.errors.append(RuleError(place, "rule files do not merge mappings", "<<", "write the keys out"))
        elif key.value in node.entries:
            first = node.entries[key.value].key.place
            problem = f"this key stands twice, first in line {first.line}, column {first.column}"
            self.errors.append(RuleError(place, problem, key.value, "rename one, or put their contents together"))
        else:
            node.entries[key.value] = Entry(Scalar(place, key.value, key.source), value)
