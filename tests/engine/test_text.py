"""Folding: what letters stand for one another, and that every offset leads back into the original."""

from itertools import pairwise

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from monitor.engine.scanner import Scanner
from monitor.engine.terms import Edge, Term, edge_of
from monitor.engine.text import Folder
from monitor.engine.wordings import wordings
from tests.engine.factory import many

FOLDER = Folder({"國": "国", "軍": "军"})

LOOSE = "\u00ad\u0301\u0308\u200b\u200d\u200e\u202a\u2060\ufe0f\ufeff"
"""Soft hyphen, accents, zero-width and direction marks: dropped, or composed with the letter before."""

LETTERS = st.sampled_from("aZéßİıſΣςёЁйЙїґ한국군北國軍カﾊガ１Ⅷ½ﬁ𝐀𝟙😀𐐀 .,-—’'\"«»「」\n\t\u00a0\u3000")
"""Letters that a lower-casing or a normalisation could make longer, shorter or other."""
PLAIN = st.text(LETTERS | st.characters(exclude_categories=["Cs"], exclude_characters=LOOSE), max_size=60).filter(
    lambda text: not any("\u0300" <= c <= "\u036f" or "\u1160" <= c <= "\u11ff" for c in text)
)
ANY = st.text(LETTERS | st.sampled_from(LOOSE) | st.characters(exclude_categories=["Cs"]), max_size=60)

FOLDS = {
    "capitals become small": ("Ambervale", "ambervale"),
    "capitals of other scripts too": ("МОСКВА Київ", "москва київ"),
    "ё is read as е": ("Ёлка ещё", "елка еще"),
    "й, ї and ґ stay what they are": ("Йод їжа ґрунт", "йод їжа ґрунт"),
    "marks become spaces": ("U.S.-led “talks”, 3.5%", "u s  led  talks   3 5 "),
    "line ends and wide spaces are spaces": ("a\nb\u00a0c\u3000d", "a b c d"),
    "wide letters become plain": ("Ｕ１カ", "u1カ"),
    "traditional characters become simplified": ("國軍", "国军"),
    "Hangul stays": ("북한군은", "북한군은"),
    "mathematical letters become plain": ("𝐔s", "us"),
    "a symbol beyond the basic plane becomes a space": ("a😀b", "a b"),
    "a letter that lower-cases to two stays one": ("İx", "İx"),
    "a loose accent joins its letter": ("cafe\u0301", "café"),
    "a loose diaeresis makes ё, read as е": ("е\u0308лка", "елка"),
    "a loose breve makes й": ("и\u0306од", "йод"),
    "conjoining Hangul becomes syllables": ("\u1112\u1161\u11ab", "한"),
    "a stress mark is dropped": ("Москва\u0301", "москва"),
    "a soft hyphen is dropped": ("Amber\u00advale", "ambervale"),
    "zero-width and direction marks are dropped": ("\ufeffAm\u200bber\u202avale\u200e", "ambervale"),
    "an accent before everything is dropped": ("\u0301a", "a"),
    "nothing stays nothing": ("", ""),
}


@pytest.mark.parametrize(("text", "folded"), FOLDS.values(), ids=FOLDS)
def test_folding(text: str, folded: str) -> None:
    assert FOLDER.fold(text).text == folded


@many
@given(PLAIN)
def test_without_loose_characters_folding_is_one_to_one(text: str) -> None:
    folded = FOLDER.fold(text)
    assert len(folded.text) == len(text)
    assert not folded.dropped
    assert folded.origin(0, len(text)) == (0, len(text))


@many
@given(st.text(LETTERS | st.sampled_from(LOOSE) | st.characters(exclude_categories=["Cs", "Co", "Cn"]), max_size=60))
@example("䷀")
def test_a_folded_text_holds_letters_digits_and_spaces_only(text: str) -> None:
    assert all(c.isalnum() or c == " " for c in FOLDER.fold(text).text)


@many
@given(ANY)
def test_each_character_is_folded_the_same_alone_and_among_others(text: str) -> None:
    folded = FOLDER.fold(text)
    for at, char in enumerate(folded.text):
        start, end = folded.origin(at, at + 1)
        assert FOLDER.fold(text[start:end]).text == char


@many
@given(ANY)
def test_the_origins_of_neighbours_meet_and_lose_no_character(text: str) -> None:
    folded = FOLDER.fold(text)
    origins = [folded.origin(at, at + 1) for at in range(len(folded.text))]
    assert all(left[1] == right[0] for left, right in pairwise(origins))
    if origins:
        assert origins[-1][1] == len(text)
        assert all(FOLDER.fold(c).text == "" for c in text[: origins[0][0]])


@many
@given(ANY)
def test_an_offset_goes_into_the_folded_text_and_back(text: str) -> None:
    folded = FOLDER.fold(text)
    for at in range(len(folded.text)):
        assert folded.position(folded.origin(at, at + 1)[0]) == at


WRITTEN = ["Ambervale", "North Quay", "US", "éclair", "Ёлка", "їжа", "북한", "國軍", "カキ", "𐐀𐐁", "deploy*", "Ost-West", "3.5", "ﬁn"]
PIECES = st.sampled_from(
    [
        *WRITTEN,
        "ambervale",
        "AMBERVALE",
        "Am\u00adbervale",
        "e\u0301clair",
        "е\u0308лка",
        "US",
        "us",
        "North\nQuay",
        "North-Quay",
        "国军",
        "북한은",
        "deployed",
    ]
)
SCANNER = Scanner({"": wordings([Term(edge_of(text)[0], text, edge_of(text)[1]) for text in WRITTEN], FOLDER)}, FOLDER, frozenset({"은"}))


def plainly(text: str) -> str:
    return " ".join(FOLDER.fold(text).text.split())


@many
@given(st.lists(PIECES | st.text(LETTERS | st.sampled_from(LOOSE), max_size=3), max_size=12).map("".join))
@example("𝐀😀 Am\u00adber\u200bvale\u0301 😀")
def test_whatever_is_found_stands_there_in_the_original(text: str) -> None:
    for hit in SCANNER.scan(text):
        assert 0 <= hit.start < hit.end <= len(text)
        assert plainly(text[hit.start : hit.end]) == plainly(hit.meaning)


@many
@given(ANY, st.sampled_from(WRITTEN), ANY)
def test_a_term_among_spaces_is_found_in_any_text(before: str, written: str, after: str) -> None:
    term, _ = edge_of(written)
    text = f"{before} {term} {after}"
    start = len(before) + 1
    assert (start, start + len(term), written) in [(h.start, h.end, h.meaning) for h in SCANNER.scan(text)]


@many
@given(ANY)
def test_a_text_is_found_the_same_with_and_without_its_folded_form_at_hand(text: str) -> None:
    assert SCANNER.scan(text) == SCANNER.scan(text, FOLDER.fold(text))


def test_no_terms_find_nothing() -> None:
    scanner: Scanner[str] = Scanner({}, FOLDER)
    assert scanner.scan("Ambervale") == []


def test_edges_are_read_off_a_term_as_written() -> None:
    assert {text: edge_of(text) for text in ("sent", "deploy*", "북한", "북한*", "朝鲜", "朝鲜*", "KN뉴스", "*", "")} == {
        "sent": ("sent", Edge.WORD),
        "deploy*": ("deploy", Edge.STEM),
        "북한": ("북한", Edge.PARTICLE),
        "북한*": ("북한", Edge.STEM),
        "朝鲜": ("朝鲜", Edge.INSIDE),
        "朝鲜*": ("朝鲜", Edge.INSIDE),
        "KN뉴스": ("KN뉴스", Edge.PARTICLE),
        "*": ("", Edge.WORD),
        "": ("", Edge.WORD),
    }
