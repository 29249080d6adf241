"""Entries that were seen before are cut out of a body: what is left reads exactly as it would have in the whole."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from monitor.feeds.entries import read
from monitor.feeds.parsed import ParsedFeed
from monitor.feeds.pieces import cut, from_text, to_text

BASE = "https://example.org/feed"
RSS = """<rss version="2.0" xmlns:atom="http://www.w3.org/2005/Atom" xmlns:dc="http://purl.org/dc/elements/1.1/"
 xmlns:content="http://purl.org/rss/1.0/modules/content/"><channel><title>T</title><language>en</language>{}</channel></rss>"""
ATOM = '<feed xmlns="http://www.w3.org/2005/Atom" xml:lang="uk"><title>T</title><updated>2025-04-28T09:00:00Z</updated>{}</feed>'
RDF = """<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns="http://purl.org/rss/1.0/"><channel rdf:about="x">
<title>T</title></channel>{}</rdf:RDF>"""

ITEMS = (
    "<item><title>One</title><link>/1</link><pubDate>Mon, 28 Apr 2025 12:00:00 +0300</pubDate></item>",
    "<item><title>Two</title><guid>2</guid><dc:language>ru</dc:language><dc:creator>Ann</dc:creator></item>",
    "<item><title>Two</title><guid>2</guid><description>&lt;item&gt;no entry&lt;/item&gt;</description></item>",
    "<item><title><![CDATA[</item><item>]]></title><content:encoded><![CDATA[<p>a</p>]]></content:encoded></item>",
    "<item a='>'><!-- <item> --><title>Three</title><!-- </item> --><author>a@example.org (A)</author></item>",
    "<item xml:lang='ko' xml:base='/deep/'><title>Four</title><link>4</link></item>",
    "<item xmlns:x='urn:x'><x:item>5</x:item><title>Five</title><category>c</category></item>",
    "<item\n><title>Six</title><enclosure url='https://example.org/6.mp3' type='audio/mpeg'/></item\n>",
    "<item><description>only text</description></item>",
    "<item></item>",
)
ENTRIES = (
    "<entry><title>One</title><id>1</id><link href='/1'/></entry>",
    "<entry xml:lang='ru'><title type='html'>&lt;b&gt;Two&lt;/b&gt;</title><id>2</id></entry>",
    "<entry><id>3</id><content type='xhtml'><div xmlns='http://www.w3.org/1999/xhtml'><p>Three</p></div></content></entry>",
    "<entry xml:base='https://other.example/'><id>4</id><link href='x'/><author><name>B</name></author></entry>",
    "<entry><id>5</id><title>Five</title><source><title>S</title><id>s</id></source></entry>",
)


def parsed(body: str, seen: frozenset[str] = frozenset()) -> ParsedFeed:
    found = read(body.encode(), "", BASE, seen)
    assert isinstance(found, ParsedFeed), found
    return found


@st.composite
def bodies(draw: st.DrawFn) -> str:
    frame, parts = draw(st.sampled_from([(RSS, ITEMS), (ATOM, ENTRIES), (RDF, ITEMS[5:])]))
    between = draw(st.sampled_from(["", "\n", " \n\t"]))
    return frame.format(between.join(draw(st.lists(st.sampled_from(parts), min_size=1, max_size=8))))


@settings(max_examples=50)
@given(body=bodies(), choice=st.randoms(use_true_random=False))
def test_what_is_left_reads_as_in_the_whole(body: str, choice: object) -> None:
    whole = parsed(body)
    assert [entry.piece for entry in whole.entries] == list(whole.pieces)
    seen = frozenset(piece for piece in whole.pieces if choice.random() < 0.5)  # type: ignore[attr-defined]
    assert parsed(body, seen) == replace(whole, entries=tuple(entry for entry in whole.entries if entry.piece not in seen))


@pytest.mark.parametrize(
    "body",
    [
        RSS.format(""),
        RSS.format("<item><title>a</title>"),
        RSS.format("<item><item><title>a</title></item></item>"),
        RSS.format("</item><item>"),
        ATOM.format("<entry><title>a<item/>b</title></entry>"),
        RSS.format("<item/><item><title>a</title></item>"),
        RSS.format("<item><title>a</title></item><image><item><title>b</title></item></image>"),
        RSS.format("<item><title>a</title></item><!-- b --><item><title>c</title></item>"),
        RSS.format("<item a='/>'><title>a</title></item>"),
        RSS.format("<item><title>a</title></item><![CDATA["),
        RSS.format("<item><title>a</title></item><!-- "),
        "<!DOCTYPE rss [<!ENTITY a 'x'>]>" + RSS.format("<item><title>&a;</title></item>"),
        RSS.format("<item><title>a</title></item>" * 2001),
    ],
)
def test_what_cannot_be_cut_safely_is_not_cut(body: str) -> None:
    assert cut(body, BASE) is None


@pytest.mark.parametrize("body", [RSS.format("<item><title>a &nbsp; b</title></item>"), RSS.format("<item><b></title></item>")])
def test_of_a_body_that_is_not_well_formed_no_piece_is_remembered(body: str) -> None:
    assert cut(body, BASE) is not None
    assert parsed(body).pieces == ()


def test_a_body_that_has_become_ill_formed_is_read_in_whole() -> None:
    good = parsed(RSS.format(ITEMS[0] + ITEMS[1]))
    broken = parsed(RSS.format(ITEMS[0] + ITEMS[1] + "<item><title>new &nbsp;</title></item>"), frozenset(good.pieces))
    assert [entry.title for entry in broken.entries] == ["One", "Two", "new"]
    assert broken.ill_formed
    assert broken.pieces == ()


def test_a_piece_is_another_where_the_feed_reads_it_otherwise() -> None:
    [one] = parsed(RSS.format(ITEMS[0])).pieces
    [other] = parsed(RSS.format(ITEMS[0]).replace("<rss ", "<rss xml:base='https://other.example/' ")).pieces
    [elsewhere] = cut(RSS.format(ITEMS[0]), "https://elsewhere.example/").hashes  # type: ignore[union-attr]
    [retitled] = parsed(RSS.format(ITEMS[0]).replace("<title>T</title>", "<title>U</title>")).pieces
    assert len({one, other, elsewhere}) == 3
    assert retitled == one


def test_pieces_are_one_field_of_the_state() -> None:
    pieces = {"aa": "article", "bb": ""}
    assert from_text(to_text(pieces)) == pieces
    assert from_text("") == {}
