"""First layer: a text in sentences and quotations.

A sentence ends at its mark (full stop, question mark …), not after an abbreviation, an initial or inside a number; a paragraph ends it
always. A quotation is what stands between paired marks; one that a paragraph leaves open runs on into the next that opens with a mark.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache

from monitor.engine.terms import is_unspaced
from monitor.language.pack import Pack, load_pack
from monitor.model import FieldName

_CLOSERS = "\"'”’»)]」』”*_"
_WIDE_ENDS = "。！？…"
_SPEAKER = 60
"""Characters of a clause that says who spoke the quotation before it, at most."""
_MAX_SENTENCE = 1200
"""Characters after which a sentence is cut at a space or anywhere, so that work per sentence is bounded on garbage."""


@dataclass(frozen=True, slots=True)
class Sentence:
    """A stretch of a field. index counts over the article: the title's first, then the text's."""

    field: FieldName
    start: int
    end: int
    index: int
    paragraph: int
    quotes: tuple[tuple[int, int], ...]
    """Stretches inside quotation marks, marks left out, cut to this sentence."""
    question: bool

    def quoted(self, offset: int) -> bool:
        """Whether the offset lies inside a quotation."""
        return any(start <= offset < end for start, end in self.quotes)


def quotations(text: str, pack: Pack, start: int, end: int) -> list[tuple[int, int]]:
    """Stretches between quotation marks within one paragraph; one left open runs to the paragraph's end."""
    pairs, marks, _ = _marks(pack.language)
    found: list[tuple[int, int]] = []
    opened: tuple[int, str] | None = None
    for match in marks.finditer(text, start, end):
        at, char = match.start(), match[0]
        if opened is not None:
            if char == opened[1] and not _apostrophe(text, at):
                found.append((opened[0], at))
                opened = None
        elif char in pairs and not (pairs[char] in "'’" and _apostrophe(text, at)):
            opened = at + 1, pairs[char]
    if opened is not None and opened[1] not in "'’":
        found.append((opened[0], end))
    return found


@cache
def _marks(language: str) -> tuple[dict[str, str], re.Pattern[str], re.Pattern[str]]:
    """A language's quotation marks, each with the one that closes it, and the patterns of a quotation mark and of a sentence's end."""
    pack = load_pack(language)
    pairs = {pair[0]: pair[1] for pair in pack.quotes if len(pair) == 2}
    quoting = "".join({*pairs, *pairs.values()})
    return (
        pairs,
        re.compile(f"[{re.escape(quoting)}]" if quoting else r"(?!)"),
        re.compile(f"[{re.escape(pack.sentence_end + _WIDE_ENDS)}]"),
    )


def _apostrophe(text: str, at: int) -> bool:
    """Whether the mark stands between letters, as in "Korea's"."""
    return text[at] in "'’" and 0 < at < len(text) - 1 and text[at - 1].isalnum() and text[at + 1].isalnum()


def split(field: FieldName, text: str, pack: Pack, index: int = 0) -> list[Sentence]:
    """A field in sentences, numbered from `index`. Offsets quote the original; every non-blank character is in exactly one."""
    sentences: list[Sentence] = []
    for paragraph, (start, end) in enumerate(_paragraphs(text)):
        quotes = quotations(text, pack, start, end)
        at = 0
        chained = field == "title" and pack.clause_chains
        for first, last in _spaced(text, _sentences(text, pack, start, end)) if chained else _sentences(text, pack, start, end):
            # Both lists run forward and neither overlaps itself: what ends before this sentence is done with.
            while at < len(quotes) and quotes[at][1] <= first:
                at += 1
            until = at
            while until < len(quotes) and quotes[until][0] < last:
                until += 1
            inside = tuple((max(a, first), min(b, last)) for a, b in quotes[at:until])
            question = text[first:last].rstrip(_CLOSERS + " ").endswith(("?", "？"))
            sentences.append(Sentence(field, first, last, index + len(sentences), paragraph, inside, question))
    return sentences


def _paragraphs(text: str) -> list[tuple[int, int]]:
    found, at = [], 0
    for line in text.split("\n"):
        if line.strip():
            found.append((at, at + len(line)))
        at += len(line) + 1
    return found


def _sentences(text: str, pack: Pack, start: int, end: int) -> list[tuple[int, int]]:
    found: list[tuple[int, int]] = []
    first, stops = start, _marks(pack.language)[2]
    while first < end:
        limit = min(end, first + _MAX_SENTENCE)
        stop = next((m.start() for m in stops.finditer(text, first, limit) if _ends(text, pack, first, m.start(), end)), None)
        if stop is not None:
            until = stop + 1
            while until < end and (text[until] in _CLOSERS or text[until] in pack.sentence_end or text[until] in _WIDE_ENDS):
                until += 1
            until = _with_its_speaker(text, pack, stop, until, limit)
        elif limit == end:
            until = end
        else:
            until = next((at for at in range(limit, min(end, limit + 100)) if text[at].isspace()), min(end, limit + 100))
        found.append((first, until))
        first = until
    return [(a, b) for a, b in (_trim(text, a, b) for a, b in found) if a < b]


def _with_its_speaker(text: str, pack: Pack, stop: int, until: int, limit: int) -> int:
    """A quotation and the clause behind it that says who spoke it are one sentence: “……。”佩斯科夫对记者说。"""
    if not pack.trailing or until - stop < 2 or text[until - 1] not in _CLOSERS:
        return until
    stops = _marks(pack.language)[2]
    after = stops.search(text, until, limit)
    spoken = text[until : after.start()].partition("，")[0] if after else ""
    return after.end() if after and len(spoken) <= _SPEAKER and spoken.endswith(pack.trailing) else until


def _spaced(text: str, found: Sequence[tuple[int, int]]) -> list[tuple[int, int]]:
    """Headlines of scripts without spaces: a space stands between clauses, as a full stop would."""
    made: list[tuple[int, int]] = []
    for start, end in found:
        first = start
        for at in range(start + 1, end - 1):
            if text[at].isspace() and not (text[at - 1].isascii() and text[at + 1].isascii()) and first < at:
                made.append((first, at))
                first = at + 1
        made.append((first, end))
    return [(a, b) for a, b in (_trim(text, a, b) for a, b in made) if a < b]


def _trim(text: str, start: int, end: int) -> tuple[int, int]:
    stretch = text[start:end]
    return start + len(stretch) - len(stretch.lstrip()), end - len(stretch) + len(stretch.rstrip())


def _ends(text: str, pack: Pack, first: int, at: int, end: int) -> bool:
    """Whether the mark at `at` ends the sentence that began at `first`."""
    if text[at] in _WIDE_ENDS:
        return True
    after = at + 1
    while after < end and text[after] in _CLOSERS:
        after += 1
    if after < end and not text[after].isspace() and not is_unspaced(text[after]):
        return False
    if text[at] != ".":
        return _next_starts(text, after, end)
    before = _word_before(text, first, at)
    if before in pack.abbreviations or (len(before) == 1 and before.isupper()):
        return False
    return _next_starts(text, after, end)


def _next_starts(text: str, after: int, end: int) -> bool:
    """Whether what follows looks like a new sentence: no small letter first."""
    while after < end and (text[after].isspace() or text[after] in _CLOSERS or text[after] in "“«‘「『—–-"):
        after += 1
    return after >= end or not text[after].islower()


def _word_before(text: str, first: int, at: int) -> str:
    start = at
    while start > first and not text[start - 1].isspace() and text[start - 1] not in '(“"«':
        start -= 1
    return text[start:at]
