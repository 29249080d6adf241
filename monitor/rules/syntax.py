"""The YAML parser's complaints, in an analyst's words."""

from __future__ import annotations

import re
from typing import NamedTuple

from ruamel.yaml.error import MarkedYAMLError, StringMark

from monitor.errors import Place, RuleError


class _Saying(NamedTuple):
    """What the parser says (a pattern over its context and problem), and what we say."""

    pattern: str
    problem: str
    hint: str
    opening: bool = False
    """Report where the thing began rather than where the parser gave up."""


_QUOTED = "put the whole text in quotes"
CONFLICT, RESOLVE = "a merge conflict was left here", "decide the conflict, and delete the lines `<<<<<<<`, `=======` and `>>>>>>>`"
_MARKERS = re.compile(r"^(<{7}|={7}|>{7})(?=\s|$)", re.MULTILINE)
_BRACKETS = re.compile(r"[\[\]{}]|'[^'\n]*'|\"[^\"\n]*\"|(?<=\s)#.*")
"""Brackets, and what may hold some that count for nothing."""
_STARRED = re.compile(r"(?:^|[:\[,-] +)([*&]\S*(?: +[*\d/,-]+)* *)$")
"""A text that begins with a star or an ampersand, up to where the parser gave up: `*/5 * * * *` without its quotes."""
_KEY = re.compile(r"\s*([\w-]+)\s*(：|:(?!//)|=)")
_QUOTED_BEFORE = re.compile(r'[:-]\s+"[^"]*"\s*$')
"""A value, or an item of a list, that begins with a text in double quotes, and ends with it for YAML."""
_OPEN = "look for `[` or `{` that is not closed; a text that begins with one, or holds quotes, stands in (other) quotes"
_SAYINGS = (
    _Saying(r"found character '\\t'|tab", "a tab cannot indent", "indent with spaces"),
    _Saying(
        r"quoted scalar.*(end of stream|document separator)",
        "this quote is never closed",
        "close it with the same quote mark",
        True,
    ),
    _Saying(r"unknown escape character", "this is no escape", r"write \\ for a backslash, or use single quotes"),
    _Saying(r"double-quoted scalar.*expected escape sequence", "this escape is not complete", r"write the character itself"),
    _Saying(r"cannot start any token", "a text cannot start with this character", _QUOTED),
    _Saying(
        r"mapping values are not allowed",
        "a key cannot stand here",
        f"if a text contains a colon and a space, {_QUOTED}; else look at the indentation and for a missing colon above",
    ),
    _Saying(r"could not find expected ':'", "this key has no colon", "write `key: value`", True),
    _Saying(r"flow (sequence|mapping).*expected", "a comma or a closing bracket is missing", _OPEN),
    _Saying(r"block scalar", "only `|`, `>`, `|-` or `>-` can stand here", "write the text from the next line on"),
    _Saying(r"sequence entries are not allowed", "a list cannot start here", "write `- ` at the start of a new line"),
    _Saying(r"expected the node content", "a value cannot start with this", _QUOTED),
    _Saying(
        r"block (collection|mapping).*'\?'",
        "this line does not fit the lines above",
        "look at the indentation and for a missing `- `",
    ),
    _Saying(r"block.*'(<scalar>|<anchor>|<alias>|<tag>)'", "nothing can follow here", f"{_QUOTED}, or start a new line"),
    _Saying(r"block.*'-'", "a list item cannot stand beside keys", "look at the indentation"),
    _Saying(r"block (collection|mapping)", "this does not fit the lines above", "look at the indentation"),
    _Saying(r"anchor|alias", "`&` and `*` at the start need a name", _QUOTED, True),
    _Saying(r"tag", "rule files have no tags", "delete it, or put the text in quotes if it should begin with `!`"),
    _Saying(r"directive", "a line cannot start with `%`", _QUOTED),
    _Saying(
        r"document start",
        "this line does not fit the lines above",
        "look at the indentation: all top keys start at the left edge",
    ),
    _Saying(r"mapping keys are not allowed", "a value cannot start with this", _QUOTED),
)


def explain(error: MarkedYAMLError, text: str, file: str) -> RuleError:
    """The parser's error as ours, with the place where a person would look."""
    conflict = _MARKERS.search(text)
    if conflict is not None:
        return RuleError(Place(file, text.count("\n", 0, conflict.start()) + 1, 1), CONFLICT, conflict[0], RESOLVE)
    said = f"{error.context or ''}: {error.problem or ''}"
    saying = next((one for one in _SAYINGS if re.search(one.pattern, said, re.DOTALL)), None)
    mark, opening = error.problem_mark or error.context_mark, error.context_mark
    if saying is not None and opening is not None and saying.opening:
        mark = opening
    elif saying is not None and "flow" in saying.pattern and opening is not None and mark is not None and _later(mark, opening, text):
        # The bracket runs into later lines: what is missing is its end, and that belongs to its start.
        saying, mark = _Saying("", "this bracket is never closed", "close it, or put a comma between the items"), opening
    if mark is None:  # pragma: no cover - the parser always gives one of the two
        return RuleError(Place(file, 1, 1), f"this YAML cannot be read: {error.problem}")
    # The parser stands behind the backslash of an escape that it does not know.
    column = mark.column - 1 if "unknown escape" in said else mark.column
    lines = text.split("\n")
    before = lines[mark.line][:column] if mark.line < len(lines) else ""
    if saying is not None and "anchor" in saying.pattern and (starred := _STARRED.search(before)):
        column = starred.start(1)
    if saying is not None and "tab" in saying.pattern and before.strip():
        saying = _Saying("", "a tab cannot stand here", "write a space")
    place = Place(file, mark.line + 1, column + 1)
    shown = lines[mark.line][column:][:40].strip() if mark.line < len(lines) else ""
    if shown[:1] in ("]", "}") and saying is not None and re.search("flow|block", saying.pattern):
        return RuleError(place, "this bracket closes nothing", shown[:1], "look for a bracket too many, or for one of the other kind")
    if "：" in shown and saying is not None:
        return RuleError(place, saying.problem, shown, near_key(shown) or saying.hint)
    if saying is not None and (quoted := _QUOTED_BEFORE.search(before)) and "'" not in quoted[0] + lines[mark.line][column:]:
        return RuleError(place, "the quotes close before this", shown, "put the whole text in single quotes, around the double ones")
    if saying is None:
        return RuleError(place, f"this YAML cannot be read: {error.problem}", shown)
    return RuleError(place, saying.problem, shown, saying.hint)


def near_key(text: str) -> str:
    """What to write for a text that was meant to be a key and its value: "title = T", "title:T", "title：T". "" for other texts."""
    found = _KEY.match(text)
    if found is None:
        return ""
    sign = "`：` is not a colon here: " if found[2] == "：" else ""
    return f"{sign}write `{found[1]}: …`, with a colon and a space"


def _later(mark: StringMark, opening: StringMark, text: str) -> bool:
    """Whether the parser gave up in a later line than the bracket's or at the end of the file, and nothing closes the bracket."""
    depth = 0
    for found in _BRACKETS.finditer(text, opening.index):
        depth += {"[": 1, "{": 1, "]": -1, "}": -1}.get(found[0], 0)
        if not depth:
            return False
    return bool(mark.line > opening.line or not text[mark.index :].strip())
