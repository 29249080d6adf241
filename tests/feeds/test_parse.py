"""Parsing, in the real worker processes."""

from __future__ import annotations

import asyncio
import os
import shutil
import signal
import subprocess
import sys
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
import pytest_asyncio

from monitor.feeds.parse import Entry, ParsedFeed, ParseFailed, ParserPool

pytestmark = pytest.mark.asyncio(loop_scope="module")  # one pool serves most tests, and lives in one loop

BASE = "https://example.org/feeds/all.xml"
HANGS = b"<rss version='2.0'><channel>" + b"<author>" * 25_000
GOOD = b"<rss version='2.0'><channel><title>News</title><item><title>One</title><guid>1</guid></item></channel></rss>"


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def pool() -> AsyncIterator[ParserPool]:
    async with ParserPool() as pool:
        yield pool


def rss(item: str, channel: str = "") -> bytes:
    return f"<rss version='2.0'><channel><title>T</title>{channel}<item>{item}</item></channel></rss>".encode()


async def read(pool: ParserPool, body: bytes, content_type: str = "application/rss+xml") -> ParsedFeed:
    parsed = await pool.parse(body, content_type, BASE)
    assert isinstance(parsed, ParsedFeed), parsed
    return parsed


async def only(pool: ParserPool, item: str) -> Entry:
    (entry,) = (await read(pool, rss(item))).entries
    return entry


async def test_rss_atom_and_rdf_give_the_same_entry(pool: ParserPool) -> None:
    bodies = {
        "rss": """<rss version="2.0" xmlns:dc="http://purl.org/dc/elements/1.1/"><channel><title>Desk</title><language>en-GB</language>
            <item><title>Kyiv says</title><link>https://example.org/1</link><guid isPermaLink="false">tag:1</guid>
            <dc:creator>Ann</dc:creator><description>&lt;p&gt;One.&lt;/p&gt;&lt;p&gt;Two.&lt;/p&gt;</description>
            <pubDate>Mon, 28 Apr 2025 12:00:00 +0300</pubDate>
            </item></channel></rss>""",
        "atom": """<?xml version="1.0" encoding="utf-8"?>
            <feed xmlns="http://www.w3.org/2005/Atom" xml:lang="en-GB"><title>Desk</title><entry><title>Kyiv says</title><link href="https://example.org/1"/><id>tag:1</id><author><name>Ann</name></author>
            <content type="html">&lt;p&gt;One.&lt;/p&gt;&lt;p&gt;Two.&lt;/p&gt;</content><summary>Shorter</summary>
            <published>2025-04-28T09:00:00Z</published></entry></feed>""",
        "rdf": """<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns="http://purl.org/rss/1.0/"
            xmlns:dc="http://purl.org/dc/elements/1.1/">
            <channel rdf:about="x"><title>Desk</title><dc:language>en-GB</dc:language></channel>
            <item rdf:about="tag:1"><title>Kyiv says</title><link>https://example.org/1</link><dc:creator>Ann</dc:creator>
            <description>&lt;p&gt;One.&lt;/p&gt;&lt;p&gt;Two.&lt;/p&gt;</description><dc:date>2025-04-28T09:00:00Z</dc:date></item></rdf:RDF>""",
    }
    at = datetime(2025, 4, 28, 9, tzinfo=UTC)
    for kind, body in bodies.items():
        parsed = await read(pool, body.encode())
        (entry,) = parsed.entries
        assert (parsed.title, parsed.language, parsed.ill_formed) == ("Desk", "en-GB", ""), kind
        assert (entry.id, entry.url, entry.title, entry.text) == (
            "tag:1",
            "https://example.org/1",
            "Kyiv says",
            "One.\n\nTwo.",
        ), kind
        assert (entry.published, entry.authors) == (at, ("Ann",)), kind


@pytest.mark.parametrize(
    ("body", "content_type", "problem"),
    [
        (b"", "", "the answer is empty"),
        (b" \n", "text/xml", "the answer is empty"),
        (b"<!DOCTYPE html><html><body>Hi", "text/html", "this is an HTML page, not a feed"),
        (b"<!-- x --><HTML>", "application/rss+xml", "this is an HTML page, not a feed"),
        (
            b"<html><link rel='alternate' type='application/rss+xml' href='/rss'></html>",
            "text/html",
            "this is an HTML page, not a feed; it names this feed: https://example.org/rss",
        ),
        (b'{"error": 1}', "application/json", "this is JSON, not a feed"),
        (
            b'{"version": "https://jsonfeed.org/version/1.1", "items": []}',
            "application/feed+json",
            "this is a JSON Feed; use the site's RSS or Atom feed instead",
        ),
        (b"\x89PNG\r\n\x1a\n\0\0", "image/png", "this is an image, not a feed"),
        (b"\x1f\x8b\x08\0abc", "", "this is compressed with gzip, not a feed"),
        (bytes(range(256)), "", "this is binary data, not a feed"),
        (b"<?xml version='1.0'?><urlset></urlset>", "text/xml", "not a feed: XML that starts with <urlset>"),
        (b"Service temporarily unavailable", "text/plain", "not a feed: it starts with 'Service temporarily unavailable'"),
    ],
)
async def test_what_is_no_feed_is_told_in_words(pool: ParserPool, body: bytes, content_type: str, problem: str) -> None:
    assert await pool.parse(body, content_type, BASE) == ParseFailed(problem)


RUSSIAN, UKRAINIAN, KOREAN = "Кремль отрицает отправку войск", "Кремль заперечує, їх там немає", "북한군 파병 똠방각하"
CHINESE, TAIWANESE, JAPANESE = "俄方否认朝鲜军队参战 㐂", "俄方否認朝鮮軍隊參戰", "ロシアは北朝鮮の派兵を否定"


@pytest.mark.parametrize(
    ("title", "encoding", "declared", "content_type"),
    [
        (RUSSIAN, "windows-1251", "windows-1251", "application/rss+xml"),
        (RUSSIAN, "windows-1251", "", "text/xml; charset=windows-1251"),
        (RUSSIAN, "koi8-r", "koi8-r", "text/xml"),
        (RUSSIAN, "iso-8859-5", "iso-8859-5", "text/xml"),
        (UKRAINIAN, "windows-1251", "windows-1251", "text/xml"),
        (UKRAINIAN, "koi8-u", "koi8-u", 'text/xml; charset="KOI8-U"'),
        (RUSSIAN, "utf-8", "", "text/xml"),
        (RUSSIAN, "utf-16", "utf-16", ""),
        (RUSSIAN, "utf-16", "", ""),
        (RUSSIAN, "utf-16-le", "utf-16", ""),
        (RUSSIAN, "utf-16-be", "utf-16", "text/xml"),
        (RUSSIAN, "utf-16-le", "", ""),
        (RUSSIAN, "utf-16-be", "", "text/xml; charset=utf-8"),
        (RUSSIAN, "utf-32-le", "", ""),
        (KOREAN, "cp949", "euc-kr", "application/rss+xml"),
        (KOREAN, "cp949", "", "text/xml; charset=EUC-KR"),
        (KOREAN, "utf-16", "euc-kr", "text/xml; charset=euc-kr"),
        (CHINESE, "gb18030", "gb18030", "application/rss+xml"),
        (CHINESE, "gb18030", "gb2312", "text/xml"),
        (TAIWANESE, "big5", "big5", "text/xml"),
        (TAIWANESE, "big5hkscs", "", "text/xml; charset=Big5"),
        (JAPANESE, "shift_jis", "Shift_JIS", "text/xml"),
        (JAPANESE, "euc-jp", "euc-jp", "text/xml"),
        ("“It’s”", "windows-1252", "iso-8859-1", ""),
        ("Café à Kiev", "iso-8859-1", "", "text/xml; charset=iso-8859-1"),
        # The declaration says one thing and the transfer another: what it can be read in is right.
        (RUSSIAN, "windows-1251", "windows-1251", "text/xml; charset=iso-8859-1"),
        (KOREAN, "cp949", "euc-kr", "text/xml; charset=us-ascii"),
    ],
)
async def test_every_script_arrives_in_its_encoding(pool: ParserPool, title: str, encoding: str, declared: str, content_type: str) -> None:
    parsed = await read(pool, encoded(title, encoding, declared), content_type)
    assert [entry.title for entry in parsed.entries] == [title]
    assert parsed.ill_formed == ""


@pytest.mark.parametrize(
    ("title", "encoding", "declared", "content_type", "told"),
    [
        (RUSSIAN, "utf-8", "windows-1251", "", "it is declared as windows-1251, but is utf-8"),
        (RUSSIAN, "utf-8", "windows-1251", "text/xml; charset=iso-8859-1", "it is declared as windows-1251, but is utf-8"),
        (KOREAN, "utf-8", "", "text/xml; charset=euc-kr", "it is declared as cp949, but is utf-8"),
        (RUSSIAN, "utf-8", "x-nonsense", "", "it is declared as x-nonsense, but is utf-8"),
        (CHINESE, "gb18030", "gb2312", "text/xml; charset=utf-8", "it is declared as utf-8, but is gb18030"),
        (RUSSIAN, "koi8-r", "", "text/xml; charset=utf-8", "it is declared as utf-8, but looks like koi8_r"),
        (RUSSIAN, "windows-1251", "", "", "it looks like cp1251, and does not say so"),
        (RUSSIAN, "windows-1251", "", "text/xml; charset=ISO-8859-1", "it is declared as windows-1252, but looks like cp1251"),
        (RUSSIAN, "windows-1251", "", "text/xml; charset=EUC-JP", "it is declared as euc-jp, but looks like cp1251"),
        (KOREAN, "cp949", "", "text/xml", "it looks like cp949, and does not say so"),
        (CHINESE, "gb18030", "utf-8", "text/xml", "it is declared as utf-8, but looks like gb18030"),
        (TAIWANESE, "big5", "", "", "it looks like big5hkscs, and does not say so"),
    ],
)
async def test_a_wrong_or_absent_encoding_is_found_out_and_told(
    pool: ParserPool, title: str, encoding: str, declared: str, content_type: str, told: str
) -> None:
    parsed = await read(pool, encoded(title, encoding, declared), content_type)
    assert [entry.title for entry in parsed.entries] == [title]
    assert parsed.ill_formed == told


def encoded(title: str, encoding: str, declared: str) -> bytes:
    """A feed with an entry of that title, and a text around it that shows its language."""
    declaration = f'<?xml version="1.0" encoding="{declared}"?>\n' if declared else ""
    text = f"<title>{title}</title><description>{'. '.join([title] * 5)}</description>"
    return (declaration + rss(text).decode()).encode(encoding)


async def test_one_broken_byte_costs_one_character(pool: ParserPool) -> None:
    broken = await read(pool, rss(f"<title>{RUSSIAN}@</title>").replace(b"@", b"\xd0"), "text/xml; charset=utf-8")
    assert [entry.title for entry in broken.entries] == [RUSSIAN + "\ufffd"]
    assert broken.ill_formed == "some bytes make no sense in utf-8"


async def test_an_ill_formed_feed_is_read_and_told(pool: ParserPool) -> None:
    parsed = await read(pool, b"\n\n<rss version='2.0'><channel><item><title>A &nbsp; B<b></title></item>")
    assert [entry.title for entry in parsed.entries] == ["A B"]
    assert parsed.ill_formed == "the XML is not well-formed: undefined entity in line 1"


@pytest.mark.parametrize(
    ("item", "field", "value"),
    [
        ("<title>A &amp;amp; B &lt;b&gt;C&lt;/b&gt;\n D</title>", "title", "A & B C D"),
        ("<title>2 &lt; 3</title>", "title", "2 < 3"),
        ("<title>co\u00adop\u200bera\u202etion\ufeff</title>", "title", "cooperation"),
        ("<title>Та\u0438\u0306</title>", "title", "Тай"),
        ("<title/><description>x</description>", "title", ""),
        (
            "<description>&lt;p&gt;a\n b&amp;nbsp;c&lt;/p&gt;d&lt;br/&gt;e&lt;br&gt;&lt;br&gt;f</description>",
            "text",
            "a b c\n\nd e\n\nf",
        ),
        ("<description>&lt;script&gt;x&lt;/script&gt;&lt;style&gt;y&lt;/style&gt;z</description>", "text", "z"),
        ("<description>&lt;ul&gt;&lt;li&gt;a&lt;li&gt;b&lt;/ul&gt;c</description>", "text", "a\n\nb\n\nc"),
        (
            "<description>No tags, AT&amp;amp;T.\n\n\nSecond\nparagraph.</description>",
            "text",
            "No tags, AT&T.\n\nSecond paragraph.",
        ),
        ("<description><![CDATA[<p>One</p><p>Two</p>]]></description>", "text", "One\n\nTwo"),
        ("<description><![CDATA[One]]> and <![CDATA[two]]></description>", "text", "One and two"),
        (
            "<description>&amp;lt;p&amp;gt;One &amp;amp;amp; 1&amp;lt;/p&amp;gt;&amp;lt;p&amp;gt;Two&amp;lt;/p&amp;gt;</description>",
            "text",
            "One & 1\n\nTwo",
        ),
        ("<description><![CDATA[&lt;p&gt;One&lt;br /&gt;&lt;br /&gt;Two&lt;/p&gt;]]></description>", "text", "One\n\nTwo"),
        ("<description>&amp;lt;b&amp;gt;a&amp;lt;/b&amp;gt;&amp;lt;script&amp;gt;x&amp;lt;/script&amp;gt;</description>", "text", "a"),
        (
            "<description>&lt;p&gt;In HTML &amp;lt;p&amp;gt; begins a paragraph&lt;/p&gt;</description>",
            "text",
            "In HTML <p> begins a paragraph",
        ),
        ("<title>x &amp;lt; y &amp;gt; z</title>", "title", "x < y > z"),
        ("<title>&amp;#1050;&amp;#x44B;&amp;#239;&amp;mdash;&#8212;&amp;hellip;</title>", "title", "Кыï——…"),
        ("<title>a\u00a0b\u3000c\u2009d&amp;nbsp;&#160;e\u2028f</title>", "title", "a b c d e f"),
        ("<title>\u2067שלום\u2069 \u200fa\u200e \u061cb</title>", "title", "שלום a b"),
        ("<title>ва\u00adж&amp;shy;но\u200b\u2060\ufeff!</title>", "title", "важно!"),
        ("<title>می\u200cخواهم</title>", "title", "می\u200cخواهم"),
        (
            "<description>&lt;p&gt;a&lt;!-- &lt;p&gt;b --&gt;&lt;/p&gt;&lt;noscript&gt;c&lt;/noscript&gt;&lt;iframe&gt;d&lt;/iframe&gt;</description>",
            "text",
            "a",
        ),
        (
            "<description>&lt;p&gt;조선&lt;br&gt;&lt;br&gt;중앙&lt;/p&gt;&lt;div&gt;克里&lt;b&gt;姆林&lt;/b&gt;宫&lt;/div&gt;</description>",
            "text",
            "조선\n\n중앙\n\n克里姆林宫",
        ),
        ("<author>a@example.org (Ann)</author><author>Kim</author>", "authors", ("Ann", "Kim")),
        (
            "<category>World</category><category> </category><category>Мир &amp;amp; война</category><category>World</category>",
            "categories",
            ("World", "Мир & война"),
        ),
        (
            "<enclosure url='/a.mp3' type='audio/mpeg' length='x'/><enclosure url='javascript:x'/>",
            "enclosures",
            (("https://example.org/a.mp3", "audio/mpeg"),),
        ),
        ("<dc:language xmlns:dc='http://purl.org/dc/elements/1.1/'>uk-UA</dc:language>", "language", "uk-UA"),
        ("<link>/a/b</link>", "url", "https://example.org/a/b"),
        ("<link>javascript:alert(1)</link>", "url", ""),
        ("<link>ftp://example.org/</link>", "url", ""),
        ("<link>http://[broken</link><title>x</title>", "url", ""),
        ("<guid>https://example.org/7</guid>", "url", "https://example.org/7"),
        ("<link>https://example.org/7</link>", "id", "https://example.org/7"),
        ("<title>x</title>", "published", None),
        ("<pubDate>Mon, 28 Apr 2025 10:00:00 EST</pubDate>", "published", datetime(2025, 4, 28, 15, tzinfo=UTC)),
        (
            "<pubDate>nonsense</pubDate><dc:date xmlns:dc='http://purl.org/dc/elements/1.1/'>2025-04-28</dc:date>",
            "published",
            datetime(2025, 4, 28, tzinfo=UTC),
        ),
    ],
)
async def test_a_field_is_read(pool: ParserPool, item: str, field: str, value: object) -> None:
    assert getattr(await only(pool, item), field) == value


async def test_an_entry_without_id_and_link_is_known_by_its_words(pool: ParserPool) -> None:
    one = await only(pool, "<title>x</title><description>y</description>")
    same = await only(pool, "<title>x</title><description>y</description><pubDate>Mon, 28 Apr 2025 10:00:00 GMT</pubDate>")
    other = await only(pool, "<title>x</title><description>z</description>")
    assert one.id == same.id != other.id


async def test_plain_text_of_atom_is_not_taken_for_html(pool: ParserPool) -> None:
    body = b"""<feed xmlns="http://www.w3.org/2005/Atom"><entry><id>1</id><updated>2025-04-28T09:00:00Z</updated>
        <summary type="text">if a &lt; b &amp; b &gt; c</summary></entry></feed>"""
    (entry,) = (await read(pool, body)).entries
    assert entry.text == "if a < b & b > c"
    assert entry.published == entry.updated == datetime(2025, 4, 28, 9, tzinfo=UTC)


async def test_entities_from_outside_are_not_fetched_and_bombs_do_not_go_off(pool: ParserPool) -> None:
    outside = b'<!DOCTYPE rss [<!ENTITY x SYSTEM "file:///etc/passwd">]>' + rss("<title>a&x;b</title>")
    assert "root:" not in repr(await pool.parse(outside, "", BASE))
    levels = "".join(f'<!ENTITY e{n} "{f"&e{n - 1};" * 10}">' for n in range(1, 12))
    bomb = f'<!DOCTYPE rss [<!ENTITY e0 "ha">{levels}]>'.encode() + rss("<title>&e11;</title>")
    assert len(repr(await pool.parse(bomb, "", BASE))) < 10_000


async def test_a_body_that_hangs_the_parser_is_given_up_and_the_next_is_parsed() -> None:
    async with ParserPool(timeout=0.5) as pool:
        hung, good = await asyncio.gather(pool.parse(HANGS, "", BASE), pool.parse(GOOD, "", BASE))
        assert hung == ParseFailed("parsing it takes longer than 0.5 s")
        assert isinstance(good, ParsedFeed)
        assert [entry.title for entry in good.entries] == ["One"]


async def test_a_body_that_eats_memory_fails_alone() -> None:
    large = b"<rss version='2.0'><channel><item><title>" + b"x" * 60_000_000
    async with ParserPool(timeout=30, memory=160 * 1024 * 1024) as pool:
        failed = await pool.parse(large, "", BASE)
        assert isinstance(failed, ParseFailed)
        assert failed.problem in ("parsing it takes more memory than a feed should", "the parser process died of it")
        assert isinstance(await pool.parse(GOOD, "", BASE), ParsedFeed)


def workers() -> list[int]:
    """Process ids of our children."""
    found = []
    for task in Path("/proc/self/task").iterdir():
        found += [int(pid) for pid in (task / "children").read_text().split()]
    return found


linux = pytest.mark.skipif(not Path("/proc/self/task").exists(), reason="children are counted by way of /proc")


@linux
async def test_a_worker_that_was_killed_is_replaced_and_none_are_left_behind() -> None:
    before = set(workers())
    async with ParserPool(size=2) as pool:
        mine = set(workers()) - before
        assert len(mine) == 2
        for pid in mine:
            os.kill(pid, signal.SIGKILL)
        # Each of the two may have been noticed before it was used, or not.
        results = [await pool.parse(GOOD, "", BASE) for _ in range(4)]
        assert all(isinstance(r, ParsedFeed) or r == ParseFailed("the parser process died of it") for r in results[:2])
        assert all(isinstance(r, ParsedFeed) for r in results[2:])
    assert set(workers()) == before


@linux
async def test_a_cancelled_parse_leaves_no_worker_busy() -> None:
    before = set(workers())
    async with ParserPool(timeout=30) as pool:
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(pool.parse(HANGS, "", BASE), 0.2)
        assert isinstance(await pool.parse(GOOD, "", BASE), ParsedFeed)
    assert set(workers()) == before


@linux
async def test_closing_ends_a_parse_under_way() -> None:
    before = set(workers())
    pool = ParserPool(timeout=30)
    await pool.start()
    running = [asyncio.create_task(pool.parse(HANGS, "", BASE)) for _ in range(3)]
    await asyncio.sleep(0)
    await pool.close()
    assert await asyncio.gather(*running) == [ParseFailed("the program is stopping")] * 3
    assert await pool.parse(GOOD, "", BASE) == ParseFailed("the program is stopping")
    await pool.close()
    assert set(workers()) == before


async def test_a_pool_that_cannot_start_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "executable", shutil.which("false"))
    # Where another thread has buried the child first, Python says 255.
    with pytest.raises(OSError, match=r"ended with (1|255) before it was ready"):
        await ParserPool(size=2).start()
    monkeypatch.setattr(sys, "executable", "/no/such/python")
    with pytest.raises(FileNotFoundError):
        await ParserPool(size=2).start()


async def test_a_parser_whose_program_has_died_ends_without_a_word() -> None:
    read, write = os.pipe()
    os.close(read)
    child = [sys.executable, "-m", "monitor.feeds.parse_child", str(1 << 30)]
    done = await asyncio.create_subprocess_exec(*child, stdin=subprocess.DEVNULL, stdout=write, stderr=subprocess.PIPE)
    os.close(write)
    _, said = await asyncio.wait_for(done.communicate(), 30)
    assert (done.returncode, said) == (0, b"")
