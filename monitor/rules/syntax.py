"""The YAML parser's complaints, in an analyst's words."""

from __future__ import annotations

import re
from typing import NamedTuple

from ruamel.yaml.error import MarkedYAMLError

from monitor.errors import Place, RuleError


class _Saying(NamedTuple):
    """What the parser says (a pattern over its context and problem), and what we say."""

    pattern: str
    problem: str
    hint: str
    opening: bool = False
    """Report where the thing began rather than where the parser gave up."""


_QUOTED = "put the whole text in quotes"
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
    _Saying(r"flow (sequence|mapping).*expected", "a comma or a closing bracket is missing", "look for `[` or `{` that is not closed"),
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
    _Saying(r"anchor|alias", "`&` and `*` at the start need a name", _QUOTED),
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
    said = f"{error.context or ''}: {error.problem or ''}"
    saying = next((one for one in _SAYINGS if re.search(one.pattern, said, re.DOTALL)), None)
    mark, opening = error.problem_mark or error.context_mark, error.context_mark
    if saying is not None and opening is not None and saying.opening:
        mark = opening
    elif saying is not None and "flow" in saying.pattern and opening is not None and mark is not None and mark.line > opening.line:
        # The bracket runs into later lines: what is missing is its end, and that belongs to its start.
        saying, mark = _Saying("", "this bracket is never closed", "close it, or put a comma between the items"), opening
    if mark is None:  # pragma: no cover - the parser always gives one of the two
        return RuleError(Place(file, 1, 1), f"this YAML cannot be read: {error.problem}")
    # The parser stands behind the backslash of an escape that it does not know.
    column = mark.column - 1 if "unknown escape" in said else mark.column
    place = Place(file, mark.line + 1, column + 1)
    lines = text.split("\n")
    shown = lines[mark.line][column:][:40].strip() if mark.line < len(lines) else ""
    if saying is None:
        return RuleError(place, f"this YAML cannot be read: {error.problem}", shown)
    return RuleError(place, saying.problem, shown, saying.hint)
