"""Finding terms: what counts as the term standing there, and which of overlapping terms is meant."""

from collections.abc import Mapping, Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.engine.scanner import Scanner
from monitor.engine.terms import Edge, Hit, Term, edge_of, longest
from monitor.engine.text import Folder
from monitor.engine.wordings import Wordings, wordings
from tests.engine.factory import many

FOLDER = Folder({"國": "国"})
PARTICLES = frozenset({"은", "는", "이", "가", "에서", "으로"})


def found(terms: str | list[str], text: str) -> list[str]:
    """What terms, written as in rule files, find in a text: the words as they stand there, in order of place."""
    written = [terms] if isinstance(terms, str) else terms
    scanner = Scanner({"": wordings([Term(edge_of(t)[0], t, edge_of(t)[1]) for t in written], FOLDER)}, FOLDER, PARTICLES)
    return [text[h.start : h.end] for h in sorted(scanner.scan(text), key=lambda h: (h.start, h.end))]


FINDS = {
    # outcome: terms, text, words found
    "a whole word": ("quay", "The quay, quays and quayside; Quay.", ["quay", "Quay"]),
    "a whole word at both ends of the text": ("quay", "quay", ["quay"]),
    "a phrase across one mark or line end": ("north quay", "North-Quay north\nquay north, quayside", ["North-Quay", "north\nquay"]),
    "a possessive": ("Ambervale", "Ambervale's, Ambervale’s and the Ambervales", ["Ambervale", "Ambervale"]),
    "a stem": ("deploy*", "Deployed, deploying; redeployed. deploy", ["Deploy", "deploy", "deploy"]),
    "a stem as the last word of a phrase": ("will deploy*", "will deployed, will not deploy", ["will deploy"]),
    "an open word inside a phrase": ("deploy* troops", "deployed troops, deploys troops, deployed two troops", ["deployed troops", "deploys troops"]),
    "an open word that ends at once": ("deploy* troops", "deploy troops", ["deploy troops"]),
    "an open word with a whole word after it": ("deploy* troop", "deployed troops", []),
    "two open words": ("deploy* troop*", "deployed trooper, deployed a trooper", ["deployed troop"]),
    "an open word in the middle": ("to deploy* more", "to deployed more, to deployed much more", ["to deployed more"]),
    "capitals are not small letters": ("US", "US, us, Us, U.S., USA, the US's", ["US", "US"]),
    "capitals with full stops": ("U.S.", "U.S. u.s. us", ["U.S"]),
    "one capital is no acronym": ("A", "a or A", ["a", "A"]),
    "a name is found in small letters and in capitals": ("Ambervale", "ambervale AMBERVALE", ["ambervale", "AMBERVALE"]),
    "ё or е": ("Орёл", "Орел орёл ОРЁЛ", ["Орел", "орёл", "ОРЁЛ"]),
    "е or ё": ("Орел", "Орёл", ["Орёл"]),
    "Cyrillic words are whole": ("порт", "порт порты аэропорт", ["порт"]),
    "a Korean word alone and before particles": ("북한", "북한 북한은 북한에서, 북한", ["북한"] * 4),
    "a Korean word before what is no particle": ("북한", "북한군 북한군은 북한에서는", []),
    "a Korean word inside another": ("한국", "대한국 남한국은", []),
    "a Korean word before a dot or a letter of another script": ("북한", "북한·러시아 북한A", ["북한", "북한"]),
    "a Korean stem": ("파병*", "파병했다 재파병했다", ["파병"]),
    "a Korean phrase": ("부두 노조", "부두 노조는 부두 노조원", ["부두 노조"]),
    "Chinese anywhere": ("国", "中國人民国家", ["國", "国"]),
    "kana anywhere": ("カキ", "カカキキ", ["カキ"]),
    "Chinese and Latin in one term": ("A股", "沪A股市场", ["A股"]),
    "overlapping terms are all found": (["quay", "north quay", "quay strike"], "north quay strike", ["north quay", "quay", "quay strike"]),
    "one wording of two terms is found for each": (["Quay", "quay"], "quay", ["quay", "quay"]),
    "repeated words": ("no no", "no no no", ["no no", "no no"]),
    "words with accents": ("café", "Café cafe\u0301 cafe", ["Café", "cafe\u0301"]),
    "a word of a phrase in quotation marks": (
        "полностью освобождена",
        "полностью «освобождена», полностью (освобождена), «полностью» освобождена",
        ["полностью «освобождена", "полностью» освобождена"],
    ),
    "and in any script": ("fully liberated", 'fully "liberated", fully, "liberated"', ['fully "liberated']),
    "quotation marks before a stem, after an open word": ("so* call*", "so ‘called’, some “callers”", ["so ‘call", "some “call"]),
    "a term of marks only finds nothing": ("—", "a — b", []),
}  # fmt: skip


@pytest.mark.parametrize(("terms", "text", "words"), FINDS.values(), ids=FINDS)
def test_what_a_term_finds(terms: str | list[str], text: str, words: list[str]) -> None:
    assert found(terms, text) == words


LONGEST: dict[str, tuple[list[tuple[int, int, str]], list[tuple[int, int, str]]]] = {
    "a longer one wins": ([(0, 5, "a"), (0, 11, "b")], [(0, 11, "b")]),
    "a longer one inside the text wins": ([(0, 6, "a"), (4, 20, "b"), (18, 22, "c")], [(4, 20, "b")]),
    "of equally long ones the earlier wins": ([(3, 8, "b"), (0, 5, "a")], [(0, 5, "a")]),
    "the same stretch keeps all its meanings": ([(0, 5, "a"), (0, 5, "b"), (0, 2, "c")], [(0, 5, "a"), (0, 5, "b")]),
    "neighbours do not overlap": ([(5, 9, "b"), (0, 5, "a")], [(0, 5, "a"), (5, 9, "b")]),
    "what a loser overlapped may stay": ([(0, 4, "a"), (3, 9, "b"), (8, 20, "c")], [(0, 4, "a"), (8, 20, "c")]),
    "nothing": ([], []),
}


@pytest.mark.parametrize(("hits", "kept"), LONGEST.values(), ids=LONGEST)
def test_the_longest_of_overlapping_terms_is_meant(hits: list[tuple[int, int, str]], kept: list[tuple[int, int, str]]) -> None:
    assert [(h.start, h.end, h.meaning) for h in longest([Hit(*hit) for hit in hits])] == kept


@many
@given(st.lists(st.tuples(st.integers(0, 30), st.integers(1, 8)), max_size=12))
def test_kept_terms_never_overlap_and_every_dropped_one_overlaps_a_kept_one_as_long(places: list[tuple[int, int]]) -> None:
    hits = [Hit(start, start + length, number) for number, (start, length) in enumerate(places)]
    kept = longest(hits)

    def crossing(one: Hit[int], other: Hit[int]) -> bool:
        return one.start < other.end and other.start < one.end and (one.start, one.end) != (other.start, other.end)

    assert not any(crossing(one, other) for one in kept for other in kept)
    for hit in hits:
        assert hit in kept or any(crossing(hit, k) and k.end - k.start >= hit.end - hit.start for k in kept)


def test_an_inside_term_needs_no_boundary_in_any_script() -> None:
    scanner = Scanner({"": wordings([Term("다고", "ending", Edge.INSIDE)], FOLDER)}, FOLDER)
    assert [(h.start, h.end) for h in scanner.scan("했다고")] == [(1, 3)]


def test_hits_of_one_term_carry_their_meaning_whatever_it_is() -> None:
    scanner = Scanner({"": wordings([Term("quay", ("place", 1)), Term("quay", ("word", 2))], FOLDER)}, FOLDER)
    assert {h.meaning for h in scanner.scan("a quay")} == {("place", 1), ("word", 2)}


WORDS = st.sampled_from(
    ["us", "us army", "usage*", "U.S.", "сша", "армия сша", "арм*", "미군", "북한군", "朝军", "朝", "us* army", "армия"]
)
GROUPS = st.dictionaries(st.sampled_from("abcd"), st.lists(WORDS, max_size=4), max_size=4)
FILLER = [f"filler {number}" for number in range(40)] + [f"слово {number}" for number in range(40)] + [f"말{n}" for n in "가나다라"]
TEXT = "The US Army's usage: армия США, «армия» сша; 미군은 북한군과, 朝军、朝鲜。 U.S. army us"


def groups_of(written: Mapping[str, Sequence[str]]) -> dict[str, dict[str, Wordings[str]]]:
    return {name: wordings([Term(edge_of(t)[0], f"{name} {t}", edge_of(t)[1]) for t in terms], FOLDER) for name, terms in written.items()}


@many
@given(GROUPS, st.lists(GROUPS, min_size=1, max_size=3))
def test_a_scanner_that_takes_over_finds_the_same_in_the_same_order_as_a_new_one(
    first: Mapping[str, list[str]], later: Sequence[Mapping[str, list[str]]]
) -> None:
    scanner: Scanner[str] = Scanner(groups_of({"filler": FILLER, **first}), FOLDER, PARTICLES)
    for edited in later:
        scanner.scan(TEXT)
        groups = groups_of({"filler": FILLER, **edited})
        scanner = Scanner(groups, FOLDER, PARTICLES, previous=scanner)
        assert scanner.scan(TEXT) == Scanner(groups, FOLDER, PARTICLES).scan(TEXT)
