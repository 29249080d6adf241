"""A feed's body cut at its entries, so that those seen before need not be parsed again: parsing is by far the dearest step of a poll.

    <rss><channel>…  <item>…</item>  <item>…</item>  …</channel></rss>
                     └─ a piece ─┘   └─ a piece ─┘

Pure. Cutting is exact for well-formed XML; whether the body is that, the parser says afterwards. Of other bodies no piece is remembered.
"""

from __future__ import annotations

import re
from collections.abc import Collection
from dataclasses import dataclass
from hashlib import blake2b

_MARKUP = re.compile(r"<!\[CDATA\[.*?\]\]>|<!--.*?-->|<\?.*?\?>|<(/?)(item|entry)(?:[\s/][^<>]*)?>|<[!?]", re.DOTALL)
_TAG = re.compile(r"<[^<!?/][^<]*")
_DECIDES = re.compile(r"\s(?:xmlns|xml:|base|lang)")
"""What in a tag decides how all that stands in it is understood: name spaces, language, base."""
_MOST = 2000
"""Pieces that are remembered of a feed: a body with more is parsed in whole each time, lest its state outgrow its articles."""


@dataclass(frozen=True, slots=True)
class Cut:
    """A body's entries. spans: where each stands. hashes: what each is known by, with all that decides how it is understood."""

    text: str
    spans: tuple[tuple[int, int], ...]
    hashes: tuple[str, ...]

    def without(self, seen: Collection[str]) -> str:
        """The body with those entries alone whose hash is not in `seen`."""
        places = [(0, self.spans[0][0])]
        places += [span for span, piece in zip(self.spans, self.hashes, strict=True) if piece not in seen]
        return "".join(self.text[start:end] for start, end in [*places, (self.spans[-1][1], len(self.text))])


def cut(text: str, base_url: str) -> Cut | None:
    """The entries of a body that is well-formed, or None where they do not stand side by side, or a document type may redefine them.

    base_url: what relative links are relative to; the same entry at another one is another piece.
    """
    spans: list[tuple[int, int]] = []
    name, opened = "", -1
    for found in _MARKUP.finditer(text):
        tag = found[2]
        if tag is None:
            if found.end() - found.start() == len("<!"):  # a document type, or something that never ends
                return None
        else:
            name = name or tag
            # Neither one within another, nor an end without a start, nor anything between two of them; no items among entries.
            if tag != name or (opened < 0) == bool(found[1]) or found[0].endswith("/>"):
                return None
            if not found[1]:
                opened = found.start()
                if spans and text[spans[-1][1] : opened].strip():
                    return None
            else:
                spans.append((opened, found.end()))
                opened = -1
    if opened >= 0 or not 0 < len(spans) <= _MOST:
        return None
    key = _scope(text, spans[0][0], base_url)
    return Cut(text, tuple(spans), tuple(_hash(text[start:end], key) for start, end in spans))


def _scope(text: str, end: int, base_url: str) -> bytes:
    """The root, and whatever else before the first entry decides how entries are understood."""
    tags = [found[0] for found in _TAG.finditer(text, 0, end)]
    scope = [base_url, *tags[:1], *(tag for tag in tags[1:] if _DECIDES.search(tag))]
    return blake2b("\0".join(scope).encode("utf-8", "surrogatepass")).digest()


def _hash(piece: str, key: bytes) -> str:
    return blake2b(piece.encode("utf-8", "surrogatepass"), key=key, digest_size=6).hexdigest()


def to_text(pieces: dict[str, str]) -> str:
    """Pieces, each with the id of the article that it gave or "", as one string."""
    return " ".join(f"{piece}:{article}" for piece, article in pieces.items())


def from_text(text: str) -> dict[str, str]:
    """The inverse of `to_text`."""
    return {piece: article for piece, _, article in (part.partition(":") for part in text.split())}
