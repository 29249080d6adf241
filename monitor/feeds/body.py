"""A feed's body before it is parsed: what it is if it is no feed, and its characters. Runs in the parser's worker processes."""

from __future__ import annotations

import codecs
import json
import re
import sys
from urllib.parse import urljoin

from selectolax.lexbor import LexborHTMLParser

_BOMS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
    (b"<\0\0\0", "utf-32-le"),
    (b"\0\0\0<", "utf-32-be"),
    (b"<\0", "utf-16-le"),
    (b"\0<", "utf-16-be"),
)
"""How a body starts -> its encoding. The 32-bit forms start with the 16-bit ones, so they come first."""

_AS_USED = {
    **dict.fromkeys(("us-ascii", "ascii", "iso-8859-1", "iso8859-1", "latin1", "latin-1"), "windows-1252"),
    **dict.fromkeys(("gb2312", "gb_2312-80", "gbk", "x-gbk", "gb18030"), "gb18030"),
    **dict.fromkeys(("euc-kr", "euckr", "ks_c_5601-1987", "ks_c_5601", "ksc5601", "korean", "windows-949"), "cp949"),
    **dict.fromkeys(("shift_jis", "shift-jis", "sjis", "x-sjis", "windows-31j"), "cp932"),
    "big5": "big5hkscs",
    "iso-8859-9": "windows-1254",
    "iso-8859-11": "cp874",
    "tis-620": "cp874",
}
"""Encodings that are declared -> the larger one that is meant by it, as browsers have it (encoding.spec.whatwg.org)."""

_ENCODING = re.compile(rb"""^\s*<\?xml\b[^>]*?\bencoding\s*=\s*["']([A-Za-z0-9._:-]+)["']""")
_CHARSET = re.compile(r"""charset\s*=\s*["']?([A-Za-z0-9._:-]+)""", re.IGNORECASE)
_NOT_XML = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")
_REFERENCE = re.compile("&#(?:([0-9]+)|[xX]([0-9a-fA-F]+));")
_HTML = re.compile(r"(?:\s|<!--.*?-->|<\?xml[^>]*>)*<(?:!doctype\s+html|html|head|body)\b", re.IGNORECASE | re.DOTALL)
_ROOT = re.compile(r"(?:\s|<!--.*?-->|<\?.*?\?>|<!doctype[^>]*>)*<([A-Za-z_][\w:.-]*)", re.IGNORECASE | re.DOTALL)
_MAGIC = ((b"%PDF", "a PDF"), (b"PK\x03\x04", "a ZIP archive"), (b"\x1f\x8b", "compressed with gzip"), (b"\x89PNG", "an image"))
_HEAD = 4096  # characters that are looked at

_WESTERN = "windows-1252"
_GUESSED = ["cp1251", "koi8_r", "koi8_u", "cp949", "gb18030", "big5hkscs", "cp932", "euc_jp", "cp1252"]
"""What is looked for where nothing is said of the encoding, or what cannot be: encodings of the languages that are read, and neighbours."""
_SAMPLE = 65536  # bytes that show it
_ASCII = bytes(range(128))
_BY_CHANCE = 8  # bytes beyond ASCII, which other encodings may have so that they are UTF-8 as well
_FOREIGN = re.compile(rb"[\xa1-\xff]{6,}")
_A_FEW = 3


def decode(body: bytes, content_type: str) -> tuple[str, str]:
    """The body as text that XML allows, and what was wrong with it in words, or "".

    The encoding is the byte order mark's, else UTF-8 where the body can be read so, else the header's or the declaration's, whichever it
    can be read in; else what it looks like. One broken byte costs one character, not the feed: feedparser by itself would fall back to a
    Western European encoding for the whole body.
    """
    text, _, wrong = _decoded(body, content_type)
    return text, wrong


def encoding(body: bytes, content_type: str) -> str:
    """What `decode` reads the body as."""
    return _decoded(body, content_type)[1]


def _decoded(body: bytes, content_type: str) -> tuple[str, str, str]:
    text, encoding, problem = _read(body, _declared(body, content_type))
    wrong = [problem] if problem else []
    text = text.removeprefix("\ufeff")
    allowed, count = _NOT_XML.subn("", text)
    sound = _REFERENCE.sub(_referred, allowed)
    if count or sound != allowed:
        wrong.append("it has characters that XML forbids")
    return sound.lstrip(), encoding, "; ".join(wrong)


def _read(body: bytes, declared: list[str]) -> tuple[str, str, str]:
    """The text, its encoding, and what is wrong with that. declared: the likeliest first; empty where nothing is said."""
    found = [*declared, "utf-8"]
    beyond = len(body.translate(None, _ASCII))
    # In UTF-8 nothing is readable by chance, but for a word or two.
    for encoding in found if beyond < _BY_CHANCE or found[0].startswith("utf-") else ("utf-8", *found):
        text = _strictly(body, encoding)
        if text is not None and not (encoding == _WESTERN and _not_western(body)):
            return text, encoding, "" if encoding == found[0] else f"it is declared as {found[0]}, but is {encoding}"
    known = next(encoding for encoding in found if _is_encoding(encoding))
    text = body.decode(known, "replace")
    senseless = text.count("\ufffd") * 10 > beyond or (known == _WESTERN and _not_western(body))
    if senseless and (likely := _likely(body)):
        told = f"it is declared as {found[0]}, but looks like {likely}" if declared else f"it looks like {likely}, and does not say so"
        return body.decode(likely, "replace"), likely, told
    return text, known, f"some bytes make no sense in {known}" if "\ufffd" in text else ""


def _strictly(body: bytes, encoding: str) -> str | None:
    try:
        return body.decode(encoding)
    except (UnicodeError, LookupError):
        return None


def _is_encoding(name: str) -> bool:
    try:
        b" ".decode(name, "replace")  # of nothing at all any name is one
    except (UnicodeError, LookupError):
        return False
    return True


def _not_western(body: bytes) -> bool:
    """Whether it has words of letters beyond ASCII alone, which Western European languages have not: who says so has not looked."""
    return len(_FOREIGN.findall(body[:_SAMPLE])) >= _A_FEW


def _likely(body: bytes) -> str:
    """The encoding that a body looks like it is in, or ""."""
    from charset_normalizer import from_bytes  # few bodies need it

    best = from_bytes(body[:_SAMPLE], cp_isolation=_GUESSED).best()
    return best.encoding if best is not None else ""


def _referred(reference: re.Match[str]) -> str:
    """The reference, where there is such a character: feedparser fails on the whole feed otherwise."""
    decimal, hexadecimal = (digits and digits.lstrip("0") for digits in reference.groups())
    if len(decimal or hexadecimal or "") > len("1114111"):
        return "\ufffd"
    code = int(decimal or "0") or int(hexadecimal or "0", 16)
    surrogate = 0xD800 <= code <= 0xDFFF
    return "\ufffd" if surrogate or code > sys.maxunicode or _NOT_XML.match(chr(code)) else reference[0]


def _declared(body: bytes, content_type: str) -> list[str]:
    """The encodings that the body is said to be in, the likeliest first."""
    for mark, encoding in _BOMS:
        if body.startswith(mark):
            return [encoding]
    header = _CHARSET.search(content_type)
    declaration = _ENCODING.match(body[:1024])
    names = [header[1]] if header else []
    names += [declaration[1].decode("ascii")] if declaration else []
    meant = [_meant(name.lower(), body) for name in names]
    # Many servers say so of whatever they send.
    return list(dict.fromkeys(sorted(meant, key=lambda name: name == _WESTERN)))


def _meant(name: str, body: bytes) -> str:
    name = _AS_USED.get(name, name)
    try:
        known = codecs.lookup(name).name
    except LookupError:
        return name
    # A body whose declaration could be read as ASCII is not in UTF-16, whatever it says; others are nobody's encoding of a feed.
    wide = known.startswith(("utf-16", "utf-32", "utf-7", "unicode", "raw-unicode", "idna", "punycode"))
    return "utf-8" if wide and body.lstrip()[:1] == b"<" and body.lstrip()[1:2] != b"\0" else name


def not_a_feed(body: bytes, text: str, base_url: str) -> str:
    """What the body is when it can be told at a glance that it is no feed, or ""."""
    if not body.strip():
        return "the answer is empty"
    for magic, name in _MAGIC:
        if body.startswith(magic):
            return f"this is {name}, not a feed"
    if "\0" in body[:_HEAD].decode("latin-1") and not any(body.startswith(mark) for mark, _ in _BOMS):
        return "this is binary data, not a feed"
    if text[:1] in ("{", "["):
        return _json(text)
    if _HTML.match(text[:_HEAD]):
        return _page(text, base_url)
    return ""


def _json(text: str) -> str:
    try:
        value = json.loads(text)
    except (ValueError, RecursionError):
        return ""
    if isinstance(value, dict) and "jsonfeed.org" in str(value.get("version")):
        return "this is a JSON Feed; use the site's RSS or Atom feed instead"
    return "this is JSON, not a feed"


def _page(text: str, base_url: str) -> str:
    for link in LexborHTMLParser(text).css('link[rel~="alternate"][type][href]'):
        if link.attributes.get("type") in ("application/rss+xml", "application/atom+xml"):
            try:
                feed = urljoin(base_url, link.attributes.get("href") or "")
            except ValueError:
                continue
            return f"this is an HTML page, not a feed; it names this feed: {feed[:500]}"
    return "this is an HTML page, not a feed"


def unlike(text: str) -> str:
    """Words for a body in which the parser found no feed."""
    root = _ROOT.match(text[:_HEAD])
    start = " ".join(text[:40].split())
    return f"not a feed: XML that starts with <{root[1][:40]}>" if root else f"not a feed: it starts with {start!r}"
