"""Terms: names, adjectives, roles and words as an analyst writes them.

`North Korean (troops|soldiers)` stands for two names, `(elite|) troops` for `elite troops` and `troops`, `deploy*` for every word
that begins so. Groups may stand within groups.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from functools import lru_cache

MAX_EXPANSIONS = 1000
"""Most wordings that one term may stand for. Two groups of twenty to thirty words occur in earnest."""
_MAX_DEPTH = 8
_PLAIN = re.compile(r"[^(|)]+")
"""What stands between brackets and bars."""


class TermError(ValueError):
    """A term that cannot be read. `offset`: where in the term, in code points."""

    def __init__(self, problem: str, offset: int) -> None:
        super().__init__(problem)
        self.offset = offset


@lru_cache(maxsize=100_000)
def expand(term: str) -> tuple[str, ...]:
    """All wordings of a term, in the order written, each once. Raises TermError (a ValueError) with what is wrong."""
    _check_stars(term)
    reader = _Reader(term)
    wordings = reader.alternatives(closing=False)[0]
    expanded = tuple(dict.fromkeys(" ".join(wording.split()) for wording in wordings))
    if "" in expanded:
        raise TermError("the term may come out empty: at least one word must always be there", 0)
    for wording in expanded if "*" in term else ():
        if any("*" in word[:-1] or word == "*" for word in wording.split()):
            raise TermError("`*` stands at the end of a word, like deploy*", term.index("*"))
    return expanded


def _check_stars(term: str) -> None:
    for offset, character in enumerate(term):
        if character != "*":
            continue
        before, after = term[:offset][-1:], term[offset + 1 : offset + 2]
        if not before or before in " (|*" or (after and after not in " )|"):
            raise TermError("`*` stands at the end of a word, like deploy*", offset)


@dataclass
class _Reader:
    """Reads a term from left to right."""

    term: str
    position: int = 0
    depth: int = field(default=0)

    def alternatives(self, *, closing: bool) -> tuple[list[str], int]:
        """The wordings up to the closing bracket (or the end), and how many alternatives were written."""
        opened = self.position - 1
        found: list[str] = []
        written = 0
        while True:
            start = self.position
            found += self._sequence()
            written += 1
            end = self.term[self.position : self.position + 1]
            empty = not self.term[start : self.position].strip()
            if end == "|" and not closing:
                raise TermError("`|` stands in brackets; like (troops|soldiers)", self.position)
            if end == ")" and not closing:
                raise TermError("this bracket closes nothing", self.position)
            if not end:
                if closing:
                    raise TermError("this bracket is never closed", opened)
                return found, written
            if empty and (end == "|" or written == 1):
                raise TermError("an alternative is empty; for an optional word write (word|)", start)
            if len(found) > MAX_EXPANSIONS:
                raise TermError(f"the term stands for more than {MAX_EXPANSIONS} wordings; split it", opened)
            self.position += 1
            if end == ")":
                return found, written

    def _sequence(self) -> list[str]:
        """The wordings of what stands side by side, up to `|`, a closing bracket or the end."""
        wordings = [""]
        while self.position < len(self.term) and self.term[self.position] not in "|)":
            here = self.position
            plain = _PLAIN.match(self.term, here)
            self.position = plain.end() if plain else here + 1
            options = [plain[0]] if plain else self._group(here)
            if len(wordings) * len(options) > MAX_EXPANSIONS:
                raise TermError(f"the term stands for more than {MAX_EXPANSIONS} wordings; split it", here)
            wordings = [wording + option for wording in wordings for option in options]
        return wordings

    def _group(self, opened: int) -> list[str]:
        self.depth += 1
        if self.depth > _MAX_DEPTH:
            raise TermError(f"brackets stand more than {_MAX_DEPTH} deep", opened)
        options, written = self.alternatives(closing=True)
        self.depth -= 1
        if written == 1:
            raise TermError("brackets hold alternatives, like (troops|soldiers); for an optional word write (word|)", opened)
        return options
