"""Bodies that nobody should send: each is made at any size, 1 being as large as it gets on the real web, and beyond.

And real-looking feeds that a seeded mutator breaks at random.
"""

from __future__ import annotations

import base64
import gzip
import json
import random
from collections.abc import Callable

Hostile = tuple[bytes, str]
"""A body and its content type."""

_XML = "application/rss+xml"
_NAMES = (
    ("dc", "http://purl.org/dc/elements/1.1/"),
    ("content", "http://purl.org/rss/1.0/modules/content/"),
    ("media", "http://search.yahoo.com/mrss/"),
    ("georss", "http://www.georss.org/georss"),
    ("gml", "http://www.opengis.net/gml"),
    ("itunes", "http://www.itunes.com/dtds/podcast-1.0.dtd"),
    ("psc", "http://podlove.org/simple-chapters"),
    ("sy", "http://purl.org/rss/1.0/modules/syndication/"),
    ("atom", "http://www.w3.org/2005/Atom"),
)
_SPACES = " ".join(f'xmlns:{name}="{url}"' for name, url in _NAMES)


def _rss(items: str, channel: str = "", *, before: str = "") -> str:
    return f"{before}<rss version='2.0' {_SPACES}><channel><title>T</title>{channel}{items}</channel></rss>"


def _item(inside: str, channel: str = "", *, before: str = "") -> bytes:
    return _rss(f"<item><title>One</title>{inside}</item>", channel, before=before).encode("utf-8", "surrogatepass")


def _html(inside: str) -> bytes:
    escaped = inside.replace("&", "&amp;").replace("<", "&lt;")
    return _item(f"<description>{escaped}</description>")


def _atom(inside: str) -> bytes:
    return f'<feed xmlns="http://www.w3.org/2005/Atom"><title>T</title><entry><id>1</id><title>One</title>{inside}</entry></feed>'.encode()


def _each(form: str, count: int) -> str:
    """The form so many times, with a number for each @."""
    return "".join(form.replace("@", str(number)) for number in range(count))


def _laughs(levels: int) -> bytes:
    tenfold = "".join(f"<!ENTITY e{level} '{f'&e{level - 1};' * 10}'>" for level in range(1, levels + 1))
    return _doctype(f"<!ENTITY e0 'ha'>{tenfold}", f"&e{levels};")


def _doctype(inside: str, use: str = "&a;") -> bytes:
    return _item(f"<description>{use}</description>", before=f"<!DOCTYPE rss [{inside}]>")


def _declared(encoding: str) -> bytes:
    return _item("<description>Кремль</description>", before=f"<?xml version='1.0' encoding='{encoding}'?>")


def _noise(count: int) -> bytes:
    return random.Random(count).randbytes(count)  # noqa: S311  no secret


Maker = Callable[[int], bytes]
M = 1_000_000
_OWN = "".join(
    f"<{name}>x</{name}>"
    for name in [
        "links",
        "tags",
        "authors",
        "contributors",
        "content",
        "title_detail",
        "summary_detail",
        "author_detail",
        "enclosures",
        "published_parsed",
        "media_content",
    ]
)
_TABLE: dict[str, bytes | tuple[int, Maker]] = {
    # Document types.
    "entities that grow tenfold at each level": (11, _laughs),
    "one long entity used often": (M // 10, lambda n: _doctype(f'<!ENTITY a "{"x" * n}">', "&a;" * n)),
    "entity from a file": _doctype('<!ENTITY a SYSTEM "file:///etc/passwd">'),
    "entity from the web": _doctype('<!ENTITY a SYSTEM "http://127.0.0.1:9/x">'),
    "parameter entity": _doctype('<!ENTITY % p SYSTEM "file:///etc/hostname"> %p;'),
    "entity that contains itself": _doctype('<!ENTITY a "&b;"><!ENTITY b "&a;">'),
    "many entities": (M // 10, lambda n: _doctype(_each("<!ENTITY a@ 'x'>", n), "&a0;")),
    "document type that never ends": (M, lambda n: b"<!DOCTYPE rss [" + b"<!ENTITY a 'x'" * n),
    "document type of brackets": (M, lambda n: b"<!DOCTYPE rss " + b"[" * n + _item("")),
    # Depth.
    "authors in authors": (25_000, lambda n: b"<rss version='2.0'><channel>" + b"<author>" * n),
    "elements in elements": (M, lambda n: _item("<x>" * n + "</x>" * n)),
    "elements in elements that never end": (M, lambda n: b"<rss version='2.0'><channel><item>" + b"<x>" * n),
    "items in items": (M // 10, lambda n: b"<rss version='2.0'><channel>" + b"<item>" * n + b"</item>" * n),
    "channels in channels": (M // 10, lambda n: b"<rss version='2.0'>" + b"<channel>" * n),
    "XHTML in depth": (M // 5, lambda n: _atom(f"<content type='xhtml'>{'<div>' * n}{'</div>' * n}</content>")),
    "HTML in depth": (M, lambda n: _html("<div>" * n)),
    "HTML marked bold in depth": (M // 5, lambda n: _html("<b><p>" * n)),
    "tables in tables": (M // 5, lambda n: _html("<table><tr><td>" * n)),
    "sources in sources": (M // 10, lambda n: _atom("<source>" * n)),
    "JSON in depth": (M, lambda n: b"[" * n),
    # Length.
    "a title of 50 MB": (50 * M, lambda n: _rss(f"<item><title>{'x' * n}</title></item>").encode()),
    "a text of 50 MB of tags": (12 * M, lambda n: _html("<p>a" * n)),
    "50 MB of white space": (50 * M, lambda n: b"<rss version='2.0'>" + b" " * n + b"</rss>"),
    "50 MB of white space first": (50 * M, lambda n: b" " * n + _item("")),
    "an id of 5 MB": (5 * M, lambda n: _item(f"<guid>{'i' * n}</guid>")),
    "a link of 5 MB": (5 * M, lambda n: _item(f"<link>https://example.org/{'../' * (n // 3)}</link>")),
    "an author of 1 MB": (M, lambda n: _item(f"<author>{'a@' * (n // 2)}</author>")),
    "an author of brackets": (M, lambda n: _item(f"<author>{'(' * n}a@example.org</author>")),
    "an attribute of 10 MB": (10 * M, lambda n: _item(f"<x a='{'y' * n}'/>")),
    "an element's name of 10 MB": (10 * M, lambda n: _item(f"<{'y' * n}/>")),
    "a tag that never ends": (5 * M, lambda n: b"<rss version='2.0'><channel><item " + b"a='b' " * (n // 6)),
    "a name space that never ends": (5 * M, lambda n: b"<rss " + b" xmlns:a='b'" * (n // 12) + b"<item></item>"),
    # Number.
    "attributes of one element": (M // 10, lambda n: _item("<x" + _each(" a@='b'", n) + "/>")),
    "name spaces": (M // 10, lambda n: _item("<x" + _each(" xmlns:a@='b'", n) + "/>")),
    "empty entries": (M // 10, lambda n: _rss("<item/>" * n).encode()),
    "entries": (M // 10, lambda n: _rss(_each("<item><title>@</title></item>", n)).encode()),
    "one entry many times": (M // 10, lambda n: _rss("<item><title>x</title></item>" * n).encode()),
    "categories": (M // 10, lambda n: _item(_each("<category>@</category>", n))),
    "enclosures": (M // 20, lambda n: _item(_each("<enclosure url='https://example.org/@'/>", n))),
    "creators": (M // 20, lambda n: _item(_each("<dc:creator>@</dc:creator>", n))),
    "links": (M // 20, lambda n: _atom(_each("<link href='/@'/>", n))),
    "contents": (M // 20, lambda n: _item("<content:encoded>x</content:encoded>" * n)),
    "pictures": (M // 20, lambda n: _item("<media:content url='/x'/><media:thumbnail url='/y'/>" * n)),
    "chapters": (M // 20, lambda n: _item("<psc:chapters><psc:chapter start='1'/></psc:chapters>" * n)),
    "places": (M // 2, lambda n: _item(f"<georss:polygon>{'1 2 ' * n}</georss:polygon>")),
    "hours of rest": (M // 10, lambda n: _item("", f"<skipHours>{'<hour>1</hour>' * n}</skipHours>")),
    # Markup that has no end, or none of its own.
    "comments begun": (M, lambda n: _item("<!--" * n)),
    "CDATA begun": (M // 2, lambda n: _item("<![CDATA[" * n)),
    "instructions begun": (M, lambda n: _item("<?" * n)),
    "ends of CDATA": (M, lambda n: _item("]]>" * n)),
    "angle brackets": (M, lambda n: _item("<" * n)),
    "ampersands": (M, lambda n: _item("&" * n)),
    "ends without starts": (M // 2, lambda n: _item("</x>" * n)),
    "entities nobody knows": (M // 2, lambda n: _item(f"<description>{'&nope;' * n}</description>")),
    "characters that do not exist": (M // 10, lambda n: _item(f"<description>{'&#1114112;&#xD800;&#0;&#x;' * n}</description>")),
    "a number too long": (5000, lambda n: _item(f"<description>&#{'9' * n};</description>", f"<ttl>{'9' * n}</ttl>")),
    "escaped many times": (M // 10, lambda n: _html(f"&{'amp;' * n}lt;script&gt;")),
    "quotes in tags": (M, lambda n: _html("<a href='" * (n // 9) + '"' * n)),
    "combining marks": (M // 2, lambda n: _item(f"<description>a{chr(0x301) + chr(0x316)}{(chr(0x301) + chr(0x316)) * n}</description>")),
    "prefix never declared": _item("<nope:x>1</nope:x>"),
    "addresses that are none": _item("<link>http://[::</link><enclosure url='http://['/>", "<x xml:base='http://[a'/>"),
    "base64 that is none": (M, lambda n: _atom(f"<content type='image/png' mode='base64'>{'@' * n}</content>")),
    "elements of feedparser's own names": _item(_OWN, _OWN),
    "elements of feedparser's own names, then the real ones": _item(f"{_OWN}<link>/1</link><category>a</category>", _OWN),
    "tags in capitals": _item("").upper(),
    # Dates and numbers.
    "a date of a million digits": (M, lambda n: _item(f"<pubDate>{'1' * n}</pubDate>")),
    "a date of words": (M, lambda n: _item(f"<pubDate>{'Mon, ' * (n // 5)}</pubDate>")),
    "a date of colons": (M, lambda n: _item(f"<pubDate>2025-04-28T{'1:' * (n // 2)}</pubDate>")),
    "the year 99999": _item("<pubDate>99999-01-01T00:00:00Z</pubDate><dc:date>0000-00-00T99:99:99Z</dc:date>"),
    "a zone of a thousand hours": _item("<pubDate>Mon, 28 Apr 2025 10:00:00 +999999</pubDate>"),
    "hints that are none": _item("", "<ttl>-1e9</ttl><sy:updateFrequency>0</sy:updateFrequency><skipDays><day/></skipDays>"),
    # Characters.
    "declared as UTF-16, and is not": _declared("utf-16"),
    "declared as nothing known": _declared("x-nonsense"),
    "declared as a codec that is no encoding": _declared("zlib_codec"),
    "declared as punycode": (M, lambda n: _declared("punycode").replace(b"One", b"One-" + b"z" * n)),
    "declared as unicode_escape": _declared("unicode_escape").replace(b"One", rb"\x3cscript\x3e\ud800"),
    "declared as UTF-7": _declared("utf-7").replace(b"One", b"+ADw-script+AD4-"),
    "declared as undefined": _declared("undefined"),
    "UTF-16 without a mark": _item("").decode().encode("utf-16-le"),
    "UTF-16 the other way without a mark": _item("").decode().encode("utf-16-be"),
    "UTF-16 with half a character": _item("").decode().encode("utf-16")[:-1],
    "UTF-32": _item("").decode().encode("utf-32"),
    "two encodings in one": _item("<description>Кремль</description>") + _item("<x>Кремль</x>").decode().encode("cp1251"),
    "overlong and broken UTF-8": (M, lambda n: _item("@").replace(b"@", b"\xc0\xbc\xed\xa0\x80\xf8\x88\xff" * (n // 8))),
    "NULs between": (M, lambda n: _item("<description>a@b</description>").replace(b"@", b"\0" * n)),
    "NULs first": (M, lambda n: b"\0" * n + _item("")),
    "a body that turns": (M, lambda n: _item(f"<description>{chr(0x202E) * n}</description>")),
    "marks of the byte order": (M, lambda n: b"\xef\xbb\xbf" * n + _item("")),
    # No feeds.
    "an HTML page": (M, lambda n: b"<!doctype html><html><body>" + b"<p>x" * n),
    "an HTML page of links": (M // 10, lambda n: b"<html>" + b"<link rel=alternate type=application/rss+xml href=http://[>" * n),
    "JSON": (M, lambda n: json.dumps({"items": list(range(n))}).encode()),
    "noise": (5 * M, lambda n: _noise(n)),
    "noise in a feed": (5 * M, lambda n: b"<rss version='2.0'><channel><item><title>" + _noise(n)),
    "a picture": b"\x89PNG\r\n\x1a\n" + bytes(range(256)),
    "gzip in gzip": (M, lambda n: gzip.compress(b"\0" * n)),
    "base64 of a feed": base64.b64encode(_item("")),
    "a WML deck": b"<?xml version='1.0'?><wml><card/></wml>",
    "a single bracket": b"<",
}


NAMES = tuple(_TABLE)


def one(name: str, size: float) -> Hostile:
    """One of them. size: 1 is as large as they get; small ones keep the form."""
    made = _TABLE[name]
    if isinstance(made, bytes):
        return made, _XML
    most, make = made
    return make(max(round(most * size), min(most, 5))), _XML


_WORDS = (
    "Kremlin denies that troops were sent",
    "Кремль отрицает отправку войск",
    "Кремль заперечує відправлення військ",
    "크렘린, 파병설 부인",
    "克里姆林宫否认派兵",
)
_PIECES = (
    *("<item>", "</item>", "<item/>", "<entry>", "</entry>", "<title>", "</title>", "<description>", "<link/>", "</channel>", "</rss>"),
    *("<![CDATA[", "]]>", "<!--", "-->", "<?x", "?>", "<!DOCTYPE x>", "&", "&amp;", "&nbsp;", "&#0;", "&#xD800;", "&lt;p&gt;", "<", ">"),
    *(
        "\0",
        "\ufffe",
        "\u202e",
        "\xad",
        "\u200b",
        "\ufeff",
        "\ud800",
        "xmlns:a='b'",
        "xml:lang='ru'",
        "xml:base='//['",
        " base='http://x/'",
    ),
    *("<pubDate>31.02.2025</pubDate>", "<dc:creator>", "<guid>1</guid>", "'", '"', "=", "\r", "<item xml:base='/x/'>", "<svg>", "<script>"),
)


def mutated(seed: int) -> Hostile:
    """A feed of some entries in five languages, broken in up to six places; the same for the same seed."""
    luck = random.Random(seed)  # noqa: S311  no secret
    text = luck.choice((_an_rss, _an_atom, _an_rdf))(luck)
    for _ in range(luck.choice((0, 1, 1, 2, 6))):
        text = _broken(text, luck)
    encoding = luck.choice(("utf-8", "utf-8", "utf-8", "utf-16", "utf-16-le", "windows-1251", "euc-kr", "gb18030"))
    body = bytearray(text.encode(encoding, "surrogatepass" if encoding.startswith("utf") else "replace"))
    for _ in range(luck.choice((0, 0, 0, 1, 5))):
        body[luck.randrange(len(body))] = luck.randrange(256)
    declared = luck.choice(("", "", "; charset=utf-8", f"; charset={encoding}", "; charset=koi8-r"))
    return bytes(body), f"application/xml{declared}"


def _broken(text: str, luck: random.Random) -> str:
    at, to = sorted(luck.randrange(len(text) + 1) for _ in range(2))
    to = min(to, at + luck.choice((1, 5, 50, 500)))
    match luck.randrange(5):
        case 0:
            return text[:at] + text[to:] or "<"
        case 1:
            return text[:to] + text[at:to] * luck.randint(1, 3) + text[to:]
        case 2:
            elsewhere = luck.randrange(len(text) + 1)
            return text[:elsewhere] + text[at:to] + text[elsewhere:]
        case 3:
            return text[: max(at, 1)] if luck.random() < 0.1 else text[:at] + text[at:to].swapcase() + text[to:]
        case _:
            return text[:at] + luck.choice(_PIECES) + text[at:]


def _entries(luck: random.Random, form: str) -> str:
    made = []
    for number in range(luck.randint(1, 6)):
        date = f"2025-04-{luck.randint(1, 28):02}T12:00:00{luck.choice(('Z', '+03:00', ''))}"
        made.append(form.format(number, luck.choice(_WORDS), f"&lt;p&gt;{'. '.join(luck.choices(_WORDS, k=3))}&lt;/p&gt;", date))
    return "\n".join(made)


def _an_rss(luck: random.Random) -> str:
    form = (
        "<item><title>{1}</title><link>https://example.org/{0}</link><guid>{0}</guid><dc:creator>A</dc:creator>"
        "<description><![CDATA[<p>{1}</p>]]></description><content:encoded>{2}</content:encoded><pubDate>{3}</pubDate></item>"
    )
    return '<?xml version="1.0" encoding="UTF-8"?>\n' + _rss(_entries(luck, form), "<language>ru</language><ttl>15</ttl>")


def _an_atom(luck: random.Random) -> str:
    form = (
        "<entry><title type='html'>{1}</title><id>tag:{0}</id><link href='/{0}'/><author><name>A</name></author>"
        "<content type='html'>{2}</content><updated>{3}</updated></entry>"
    )
    return f'<feed xmlns="http://www.w3.org/2005/Atom" xml:lang="uk"><title>T</title>{_entries(luck, form)}</feed>'


def _an_rdf(luck: random.Random) -> str:
    form = "<item rdf:about='{0}'><title>{1}</title><link>https://example.org/{0}</link><description>{2}</description><dc:date>{3}</dc:date></item>"
    return (
        '<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns="http://purl.org/rss/1.0/" '
        f'xmlns:dc="http://purl.org/dc/elements/1.1/"><channel><title>T</title></channel>{_entries(luck, form)}</rdf:RDF>'
    )
