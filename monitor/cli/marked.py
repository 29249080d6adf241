"""A text with stretches marked: by colours on a terminal, by signs without; wrapped so that wide characters fit."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from rich.cells import cell_len
from rich.text import Text

from monitor.cli.output import safe
from monitor.engine.terms import is_unspaced

SIGNS = {"speaker": ("[", "]"), "cue": ("<", ">"), "claim": ("*", "*"), "untaken": ("~", "~"), "quote": ("{", "}")}
"""What stands around a stretch where there are no colours."""
STYLES = {"speaker": "bold cyan", "cue": "bold yellow", "claim": "bold green", "untaken": "magenta", "quote": "underline"}
_ORDER = ("quote", "untaken", "speaker", "cue", "claim")
_SUPERSCRIPT = str.maketrans("0123456789", "⁰¹²³⁴⁵⁶⁷⁸⁹")
_FOLDED = 3
"""Paragraphs in a row without a mark that are folded into one line."""
_NO_START, _NO_END = "。，、；：！？」』）》”’…,.;:!?)]}>", "「『（《“‘([{<"


@dataclass(frozen=True, slots=True)
class Mark:
    """A stretch of a text and what it is: a key of SIGNS. number: that of a quote."""

    start: int
    end: int
    kind: str
    number: int = 0


def raised(number: int) -> str:
    """A number as a superscript."""
    return str(number).translate(_SUPERSCRIPT)


def plain(text: str) -> str:
    """Text from outside, on one line and harmless, offset for offset."""
    return safe(text).replace("\t", " ").replace("\n", " ")


def marked(text: str, marks: Sequence[Mark], *, colour: bool) -> Iterator[Text]:
    """Each paragraph with its marks; runs of paragraphs without any are one line that says so."""
    bare: list[Text] = []
    for start, end in _paragraphs(text):
        mine = [m for m in marks if m.start < end and start < m.end]
        shown = _coloured(text, start, end, mine) if colour else _signed(text, start, end, mine)
        if not mine:
            bare.append(shown)
            continue
        yield from _folded(bare)
        bare = []
        yield shown
    yield from _folded(bare)


def _folded(bare: list[Text]) -> list[Text]:
    return bare if len(bare) < _FOLDED else [Text(f"⋮ {len(bare)} paragraphs in which nothing is marked", style="dim")]


def _paragraphs(text: str) -> Iterator[tuple[int, int]]:
    at = 0
    for line in text.split("\n"):
        if line.strip():
            yield at, at + len(line)
        at += len(line) + 1


def _coloured(text: str, start: int, end: int, marks: Sequence[Mark]) -> Text:
    shown = Text(plain(text[start:end]))
    for mark in sorted(marks, key=lambda m: _ORDER.index(m.kind)):
        shown.stylize(STYLES[mark.kind], max(mark.start, start) - start, min(mark.end, end) - start)
    numbers: dict[int, list[str]] = {}
    for mark in marks:
        if mark.number and mark.start >= start:
            numbers.setdefault(mark.start - start, []).append(raised(mark.number))
    for at in sorted(numbers, reverse=True):
        shown = Text.assemble(shown[:at], (",".join(numbers[at]), "bold"), shown[at:])
    return shown


def _signed(text: str, start: int, end: int, marks: Sequence[Mark]) -> Text:
    """Signs around the marks; of those that begin at one place the longest stands outside."""
    opened: dict[int, list[str]] = {}
    closed: dict[int, list[str]] = {}
    for mark in sorted({*marks}, key=lambda m: (m.start - m.end, _ORDER.index(m.kind), m.number)):
        left, right = SIGNS[mark.kind]
        number = raised(mark.number) if mark.number else ""
        opened.setdefault(max(mark.start, start), []).append(left + number)
        closed.setdefault(min(mark.end, end), []).insert(0, number + right)
    made, at = [], start
    for place in sorted({*opened, *closed, end}):
        made.append(plain(text[at:place]))
        made += [*closed.get(place, []), *opened.get(place, [])]
        at = place
    return Text("".join(made))


def legend(kinds: Sequence[str], *, colour: bool) -> Text:
    """What the marks mean."""
    names = {"quote": "quote", "speaker": "speaker", "cue": "cue", "claim": "claim", "untaken": "touched, nothing taken"}
    parts = []
    for kind in (k for k in names if k in kinds):
        left, right = SIGNS[kind]
        parts.append(Text(names[kind], style=STYLES[kind]) if colour else Text(f"{left}{names[kind]}{right}"))
    return Text("   ").join(parts)


def wrapped(text: Text, width: int, hang: int = 0) -> list[Text]:
    """Lines no wider than `width` cells, by `hang` less from the second on.

    They break at spaces, and between characters of scripts that are written without.
    """
    lines = text.divide(list(_breaks(text.plain, width, hang)))
    for line in lines:
        line.rstrip()
    return list(lines)


def _breaks(text: str, width: int, hang: int) -> Iterator[int]:
    start = at = cells = 0
    last = 0  # the last place where a line may end
    while at < len(text):
        cells += cell_len(text[at])
        if cells > width and at > start and text[at] != " ":
            start = at = last if last > start else at
            yield start
            cells = hang
            continue
        at += 1
        if at < len(text) and (text[at - 1] == " " or _may_part(text[at - 1], text[at])):
            last = at


def _may_part(before: str, after: str) -> bool:
    """Whether a line may end between two characters that have no space between them."""
    if after in _NO_START or before in _NO_END or after == " ":
        return False
    return (
        (is_unspaced(before) or is_unspaced(after) or before in "。，、；：！？")
        and after not in _NO_START
        and before not in _NO_END
        and after != " "
    )
