"""HTML as feeds carry it, and plain text, to clean plain text with paragraphs separated by one blank line.

Runs in the parser's worker processes: it reads what strangers send.
"""

from __future__ import annotations

import html
import re
import unicodedata

from selectolax.lexbor import LexborHTMLParser, LexborNode


def _names(words: str) -> frozenset[str]:
    return frozenset(words.split())


_DROPPED = _names("script style template noscript iframe object embed svg math head title textarea select button canvas audio video")
"""Elements whose content nobody reads as text."""

_BLOCKS = _names(
    "address article aside blockquote body center dd details dialog dir div dl dt fieldset figcaption figure footer form "
    "h1 h2 h3 h4 h5 h6 header hgroup hr li main menu nav ol p pre section summary table tbody tfoot thead tr ul"
)
"""Elements that start and end a paragraph."""

_UNWANTED = re.compile(
    "["
    "\x00-\x08\x0e-\x1b\x7f-\x84\x86-\x9f"  # controls, save those that are white space
    "\u00ad\u034f\u061c\u180e"  # soft hyphen, grapheme joiner, Arabic letter mark, Mongolian vowel separator
    "\u200b\u200e\u200f\u202a-\u202e\u2060-\u206f\ufeff"  # zero-width space, bidi marks, word joiner, invisible operators, BOM
    "\ud800-\udfff\ufff9-\ufffb\ufffe\uffff"  # lone surrogates, annotation marks, non-characters
    "\U000e0000-\U000e007f"  # tags
    "]"
)
# The zero-width joiner and non-joiner stay: they spell words in Persian and Hindi, and hold emoji together.

_TAG = re.compile(r"<(?:[a-zA-Z/][^<>]*>|!--)")
_ESCAPED_TAG = re.compile(
    r"</?(?:p|br|div|span|a|b|i|em|strong|ul|ol|li|h[1-6]|img|blockquote|table|tr|td|figure)(?:\s[^<>]*)?/?>", re.IGNORECASE
)
_PARAGRAPH = re.compile(r"\n[^\S\n]*\n\s*")

_BREAK = "\n\n"


def clean(text: str) -> str:
    """`text` without the characters that nobody sees, in normal form C. White space stays as it is."""
    return unicodedata.normalize("NFC", _UNWANTED.sub("", text))


def plain_text(text: str) -> str:
    """Plain text tidied: blank lines separate paragraphs, any other run of white space is one space."""
    text = clean(text).replace("\r\n", "\n").replace("\r", "\n").replace("\u2029", _BREAK)
    paragraphs = (" ".join(paragraph.split()) for paragraph in _PARAGRAPH.split(text))
    return _BREAK.join(paragraph for paragraph in paragraphs if paragraph)


def html_text(source: str) -> str:
    """The text of an HTML fragment. One without a single tag is plain text with entities, so its blank lines count, or escaped twice."""
    source = clean(source)
    if not _TAG.search(source):
        text = html.unescape(source)
        if not _ESCAPED_TAG.search(text):
            return plain_text(text)
        source = clean(text)
    return plain_text("".join(_pieces(source)))


def one_line(source: str) -> str:
    """The text of an HTML fragment, or of plain text with or without entities, on one line."""
    return " ".join(html_text(source).split())


def _pieces(source: str) -> list[str]:
    """The texts in document order, with a blank line where a paragraph starts or ends."""
    pieces: list[str] = []
    root = LexborHTMLParser(source).body
    if root is None:  # a page of frames
        return pieces
    node: LexborNode | None = root
    while node is not None:
        tag = node.tag or ""
        descend = False
        if tag == "-text":
            # A line end in HTML is a space; only elements make paragraphs.
            pieces.append(" ".join(re.split(r"[\n\r]+", node.text_content or "")))
        elif tag not in _DROPPED:
            pieces.append(_opening(tag))
            descend = True
        node = _next(node, root, pieces, descend=descend)
    return pieces


def _next(node: LexborNode, root: LexborNode, pieces: list[str], *, descend: bool) -> LexborNode | None:
    """The node after this one in document order; closes what ends on the way. Without recursion: pages nest thousands deep."""
    if descend and (child := node.first_child) is not None:
        return child
    if descend:
        pieces.append(_closing(node.tag or ""))
    # By identity: `==` compares the HTML of both, all of it.
    while node.mem_id != root.mem_id:
        if (following := node.next) is not None:
            return following
        parent = node.parent
        if parent is None:
            return None
        node = parent
        pieces.append(_closing(node.tag or ""))
    return None


def _opening(tag: str) -> str:
    if tag == "br":
        return "\n"  # two in a row make a paragraph
    if tag in ("td", "th"):
        return " "
    return _BREAK if tag in _BLOCKS else "“" if tag == "q" else ""


def _closing(tag: str) -> str:
    return _BREAK if tag in _BLOCKS else "”" if tag == "q" else ""
