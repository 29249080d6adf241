"""Conditions: their grammar (source to tree, or a placed error) and their meaning (which words of a text meet them)."""

from __future__ import annotations

import itertools
import re
from dataclasses import dataclass

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from monitor.engine.conditions import (
    NEAR,
    AllOf,
    AnyOf,
    Anywhere,
    ConditionError,
    Fact,
    InSentence,
    InTitle,
    Literal,
    Near,
    Node,
    Not,
    Number,
    Ref,
    Regex,
    check,
    leaves,
    parse,
)
from monitor.engine.meaning import Scope, holds, word_distance
from monitor.engine.numbers import numbers
from monitor.engine.scanner import Scanner
from monitor.engine.sentences import split
from monitor.engine.terms import Hit, Term, edge_of
from monitor.engine.text import Folder
from monitor.engine.vocabulary import compile_story
from monitor.engine.wordings import wordings
from monitor.language.pack import load_pack
from monitor.rules.schema import Story
from tests.engine.factory import few, many

WORDS: dict[str, list[str]] = {
    "buyer": ["Corvane", "科维恩"],
    "target": ["Ambervale", "安伯维尔"],
    "port": ["port", "port authority"],
    "gates": ["quay", "quay yard", "quay yard gate", "gate"],
    "buying": ["buy", "takeover", "收购"],
}
KNOWN = frozenset({*WORDS, "troops-sent"})
BUYER, TARGET = Ref("buyer"), Ref("target")


def lit(text: str) -> Literal:
    return Literal(text)


TREES: dict[str, Node] = {
    "buyer": BUYER,
    "Kursk": lit("Kursk"),
    "deploy*": lit("deploy*"),
    '"cannon fodder"': lit("cannon fodder"),
    "cannon fodder": lit("cannon fodder"),
    "cannon   fodder": lit("cannon fodder"),
    '"buyer"': lit("buyer"),
    "buyer or target": AnyOf((BUYER, TARGET)),
    "buyer | target": AnyOf((BUYER, TARGET)),
    "buyer|target": AnyOf((BUYER, TARGET)),
    "a or b or c": AnyOf((lit("a"), lit("b"), lit("c"))),
    "buyer and target": AllOf((BUYER, TARGET)),
    "buyer&target": AllOf((BUYER, TARGET)),
    "buyer AND target Or x": AnyOf((AllOf((BUYER, TARGET)), lit("x"))),
    "a and not b": AllOf((lit("a"), Not(lit("b")))),
    "a not b": AllOf((lit("a"), Not(lit("b")))),
    "not b and a": AllOf((Not(lit("b")), lit("a"))),
    "a and not (b or c)": AllOf((lit("a"), Not(AnyOf((lit("b"), lit("c")))))),
    "a and not b near c": AllOf((lit("a"), Not(Near(lit("b"), lit("c"), NEAR)))),
    "a near b": Near(lit("a"), lit("b"), NEAR),
    "a near 4 b": Near(lit("a"), lit("b"), 4),
    "a near 0 b": Near(lit("a"), lit("b"), 0),
    "a near 4 b near 2 c": Near(Near(lit("a"), lit("b"), 4), lit("c"), 2),
    "a near (b near 2 c)": Near(lit("a"), Near(lit("b"), lit("c"), 2), NEAR),
    "a or b and c near d": AnyOf((lit("a"), AllOf((lit("b"), Near(lit("c"), lit("d"), NEAR))))),
    "(a or b) and c": AllOf((AnyOf((lit("a"), lit("b"))), lit("c"))),
    "((a))": lit("a"),
    "sentence(a and b)": InSentence(AllOf((lit("a"), lit("b")))),
    "sentence (a)": InSentence(lit("a")),
    "sentence": lit("sentence"),
    "life sentence": lit("life sentence"),
    "1000 killed": lit("1000 killed"),
    "title(a and b)": InTitle(AllOf((lit("a"), lit("b")))),
    "the title": lit("the title"),
    r'regex("Order No\. \d+")': Regex(r"Order No\. \d+"),
    "a and lang(ru)": AllOf((lit("a"), Fact("lang", ("ru",)))),
    "a and lang(ru or uk)": AllOf((lit("a"), Fact("lang", ("ru", "uk")))),
    'a and not outlet(KCNA | "Test Wire")': AllOf((lit("a"), Not(Fact("outlet", ("kcna", "test wire"))))),
    "a and outlet(Test Wire)": AllOf((lit("a"), Fact("outlet", ("test wire",)))),
    'a and feed("https://wire.example/rss?x=1")': AllOf((lit("a"), Fact("feed", ("https://wire.example/rss?x=1",)))),
    "party(buyer)": AnyOf((BUYER, Ref("port"))),
    "party(buyer) near 4 target": Near(AnyOf((BUYER, Ref("port"))), TARGET, 4),
    "party(target)": TARGET,
    "party(buyer or target)": AnyOf((BUYER, Ref("port"), TARGET)),
    "朝鲜 or 북한": AnyOf((lit("朝鲜"), lit("북한"))),
}


@pytest.mark.parametrize(("source", "tree"), TREES.items())
def test_a_condition_is_read_as(source: str, tree: Node) -> None:
    assert parse(source, KNOWN, {"buyer": ["buyer", "port"]}) == tree


REFUSED = [
    # source, offset, part of the problem, part of the hint
    ('a and "b', 6, "never closed", 'close it with "'),
    ('a and ""', 6, "empty quotation marks", ""),
    ("(a or b", 0, "never closed", "close it with )"),
    ("a and (b or (c)", 6, "never closed", ""),
    ("a)", 1, "never opened", ""),
    ("()", 1, "missing here", ""),
    ("a and", 5, "missing here", ""),
    ("lang(ru)", 0, "nothing in this must be there", "beside it"),
    ("not a and outlet(x)", 0, "nothing in this must be there", ""),
    ("a or outlet(x)", 0, "nothing in this must be there", ""),
    ("a and lang()", 11, "`lang(…)` wants a language's code", ""),
    ("a and lang(russian)", 11, "this is no language's code", "ru"),
    ("a and lang(ru", 10, "never closed", "close it with )"),
    ("a and lang(ru uk)", 14, "does not belong here", ""),
    ("a near lang(ru)", 7, "`lang(…)` has no place", "write: this and lang(that)"),
    ("party(byuer)", 6, "no party has this id", "did you mean `buyer`?"),
    ('regex("(a")', 7, "this is no pattern: missing )", "RE2"),
    ('regex("a*")', 7, "finds nothing at every place", "RE2"),
    (r'regex("(a)\1")', 7, "this is no pattern", "RE2"),
    ('regex("(?:x{1,1000}){1,1000}")', 7, "this is no pattern", "RE2"),
    ("a near", 6, "missing here", ""),
    ("a near 3", 8, "missing here", ""),
    ("a near near b", 7, "missing here", ""),
    ("or a", 0, "missing here", ""),
    ("a and or b", 6, "missing here", ""),
    ("not a", 0, "beside it", "this and not that"),
    ("a or not b", 5, "beside it", ""),
    ("not a and not b", 0, "beside it", ""),
    ("sentence(not a)", 9, "beside it", ""),
    ("a (b)", 2, "side by side", "`and`"),
    ("a buyer", 2, "side by side", "`near`"),
    ("(a) b", 4, "stand side by side", ""),
    ("troops-sned", 0, "no entity or vocabulary", "`troops-sent`"),
    ("a and well-known", 6, "no entity or vocabulary", "in quotes"),
    ("de*ploy", 0, "only end a word", ""),
    ("a *", 2, "only end a word", ""),
    ("number >= 5", 0, "nothing in this must be there", "beside it"),
    ("a near anywhere(b)", 7, "has no place", "anywhere(that)"),
]


@pytest.mark.parametrize(("source", "offset", "problem", "hint"), REFUSED)
def test_a_broken_condition_is_refused_at_the_place(source: str, offset: int, problem: str, hint: str) -> None:
    (found,) = check(source, KNOWN)
    assert problem in found.problem
    assert hint in found.hint
    assert found.offset == offset
    assert source[found.offset :].startswith(found.text)


def test_a_sound_condition_has_no_problem() -> None:
    assert check("buyer near 4 (buying | 'x') and not target", KNOWN) == []


TOKENS = st.sampled_from(
    [
        "a",
        "b*",
        "buyer",
        "x-y",
        "and",
        "or",
        "not",
        "near",
        "near 3",
        "(",
        ")",
        "|",
        "&",
        '"',
        '"a b"',
        "sentence(",
        "anywhere(",
        "number >= 5",
        "*",
        "7",
        " ",
    ]
)


@many
@given(st.lists(TOKENS, max_size=12).map(" ".join) | st.text(max_size=30))
def test_any_source_is_read_or_refused_within_it(source: str) -> None:
    try:
        node = parse(source, KNOWN)
    except ConditionError as error:
        assert 0 <= error.problem.offset <= len(source)  # noqa: PT017  being read is fine too
        assert check(source, KNOWN) == [error.problem]  # noqa: PT017
    else:
        assert list(leaves(node))


def test_an_absurd_number_of_words_is_refused_at_the_place() -> None:
    (found,) = check("a near " + "9" * 5000 + " b", KNOWN)
    assert found.offset == 7


def test_absurdly_deep_parentheses_are_refused() -> None:
    assert len(check("(" * 5000 + "a" + ")" * 5000, KNOWN)) == 1


# Meaning ----------------------------------------------------------------------------------------------------------------------

FOLDER = Folder()


def ways(source: str, text: str) -> list[tuple[str, ...]]:
    """The ways in which a condition holds in a text: of each the words that met it."""
    node = parse(source, KNOWN)
    terms: list[Term[Ref | Literal]] = []
    for leaf in dict.fromkeys(leaves(node)):
        for written in WORDS[leaf.id] if isinstance(leaf, Ref) else [leaf.text]:
            bare, edge = edge_of(written)
            terms.append(Term(bare, leaf, edge))
    spans: dict[Ref | Literal, list[tuple[int, int]]] = {}
    hits: list[Hit[Ref | Literal]] = Scanner({"": wordings(terms, FOLDER)}, FOLDER).scan(text)
    for hit in hits:
        spans.setdefault(hit.meaning, []).append((hit.start, hit.end))
    sentences = [(s.start, s.end) for s in split("text", text, load_pack("en"))]
    counted = numbers(text, [], {}, ())
    scope = Scope(
        {leaf: sorted(found) for leaf, found in spans.items()}, text, word_distance(text), 0, len(text), sentences, lambda: counted
    )
    return [tuple(text[a:b] for a, b in way) for way in holds(node, scope)]


HOLDS = {
    # outcome: condition, text, ways
    "a term, wherever it stands": ("port", "A port and a port", [("port",), ("port",)]),
    "a vocabulary, by any of its terms": ("buyer", "Corvane met 科维恩", [("Corvane",), ("科维恩",)]),
    "either": ("buyer or target", "Ambervale", [("Ambervale",)]),
    "both, in either order": ("buyer and target", "Ambervale met Corvane", [("Ambervale", "Corvane")]),
    "all of three": ("a and b and c", "c b a", [("c", "b", "a")]),
    "this and not that, without that": ("buyer and not target", "Corvane met nobody", [("Corvane",)]),
    "neighbours are no words apart": ("a near 0 b", "a b", [("a", "b")]),
    "one word between": ("a near 1 b", "b x a", [("b", "a")]),
    "an apostrophe makes no new word": ("a near 1 b", "a the's b", [("a", "b")]),
    "a number between is one word": ("a near 1 b", "a 1,000.5 b", [("a", "b")]),
    "ten words between, when no number is given": ("a near b", "a 1 2 3 4 5 6 7 8 9 10 b", [("a", "b")]),
    "Chinese neighbours": ("buyer near 0 buying", "科维恩收购", [("科维恩", "收购")]),
    "each left one with its closest right one": ("a near 2 b", "b x a x x x x a b", [("b", "a"), ("a", "b")]),
    "a chain": ("a near 1 b near 1 c", "a b c", [("a", "b", "c")]),
    "near a group": ("a near 1 (b or c)", "c x a", [("c", "a")]),
    "overlapping terms beside another one": ("port near 3 port", "port authority x port", [("port", "port"), ("port authority", "port")]),
    "within one sentence": ("sentence(buyer and target)", "A deal. Corvane met Ambervale. The end.", [("Corvane", "Ambervale")]),
    "near within one sentence": ("sentence(a near 9 b)", "So a b. Then a.", [("a", "b")]),
    "not within the sentence, though elsewhere": ("sentence(buyer and not target)", "Corvane left. Ambervale came.", [("Corvane",)]),
    "a number of that size": ("a near 1 number >= 1000", "a 999, a 1,000", [("a", "1,000")]),
    "of two numbers the one in front": ("a near 1 number >= 1000", "2 a, 1,000 b", []),
    "a number below": ("a near 1 number < 10", "9 a 10", [("9", "a")]),
    "a number written closely": ("a near 1 number>999", "a 1000", [("a", "1000")]),
    "something anywhere": ("a and anywhere(b)", "So a. Then b.", [("a",)]),
    "something anywhere beside what one sentence holds": ("sentence(a and c) and anywhere(b)", "So a c. Then b.", [("a", "c")]),
    "a sentence beside a term elsewhere": ("sentence(a and b) and c", "So a b. Then c.", [("a", "b", "c")]),
}  # fmt: skip


@pytest.mark.parametrize(("source", "text", "expected"), HOLDS.values(), ids=HOLDS)
def test_a_condition_holds(source: str, text: str, expected: list[tuple[str, ...]]) -> None:
    # Where one vocabulary stands on both sides, the same pair may be found from either side.
    assert set(ways(source, text)) >= set(expected)
    if "port near" not in source:
        assert ways(source, text) == expected


FAILS = {
    "a number too small": ("a near number >= 1000", "a 999"),
    "nothing of it anywhere": ("a and anywhere(b and c)", "a b"),
    "a term that is part of a word": ("port", "report"),
    "a bare word in capitals is an acronym": ("US", "he told us"),
    "only one of both": ("buyer and target", "Corvane"),
    "this and not that, with that": ("buyer and not target", "Corvane and Ambervale"),
    "that comes first": ("not target and buyer", "Ambervale and Corvane"),
    "a word too far": ("a near 1 b", "a x x b"),
    "no words apart but one": ("a near 0 b", "a x b"),
    "eleven words between, when no number is given": ("a near b", "a 1 2 3 4 5 6 7 8 9 10 11 b"),
    "four Chinese characters are more than a word": ("buyer near 1 buying", "科维恩现在正在收购"),
    "a term is not near itself": ("a near b", "a"),
    "overlapping terms are not two": ("port near port", "the port authority"),
    "a term inside another is not two": ('"port authority" near authority', "port authority"),
    "a chain with a gap": ("a near 1 b near 1 c", "a b x x c"),
    "one term for two sides": ("a near a", "a"),
    "two sentences": ("sentence(buyer and target)", "Corvane left. Ambervale came."),
    "near across sentences, asked within one": ("sentence(a near 9 b)", "Then a. So b."),
    "that in the same sentence": ("sentence(buyer and not target)", "Corvane left Ambervale."),
    "nothing": ("buyer", ""),
}


@pytest.mark.parametrize(("source", "text"), FAILS.values(), ids=FAILS)
def test_a_condition_does_not_hold(source: str, text: str) -> None:
    assert ways(source, text) == []


def test_a_mark_is_no_word() -> None:
    assert ways("a near 0 b", "a, b")


@pytest.mark.parametrize(("source", "text"), [("buyer near 1 buying", "科维恩正在收购"), ("buyer near 2 target", "科维恩将要收购安伯维尔")])
def test_two_characters_of_a_script_without_spaces_are_one_word(source: str, text: str) -> None:
    assert ways(source, text)


def test_a_partner_is_found_behind_many_that_overlap() -> None:
    assert ways('"quay" near 3 gates', "quay yard gate")


def test_all_of_a_group_may_stand_near_anywhere() -> None:
    assert ways("(a and b) near 0 c", "a b x x x a b c")


def test_a_chain_may_go_through_any_partner_that_is_near() -> None:
    assert ways("a near 3 b near 1 c", "c b x x a b")


# Against a naive evaluation on words ------------------------------------------------------------------------------------------

LETTERS = "abcde"


@dataclass(frozen=True)
class Texts:
    """A text in sentences of one-letter words."""

    sentences: tuple[tuple[str, ...], ...]

    @property
    def text(self) -> str:
        return " ".join(" ".join(["So", *words, "then."]) for words in self.sentences)

    @property
    def words(self) -> list[str]:
        return [word for words in self.sentences for word in ["So", *words, "then"]]


TEXTS = st.lists(st.lists(st.sampled_from([*LETTERS, "x"]), max_size=6).map(tuple), min_size=1, max_size=3).map(lambda s: Texts(tuple(s)))
LEAF = st.sampled_from(LETTERS).map(Literal)
SIDE = LEAF | st.lists(LEAF, min_size=2, max_size=3).map(lambda parts: AnyOf(tuple(parts)))
NEARNESS = st.builds(Near, SIDE, SIDE, st.integers(0, 4))


def _groups(inner: st.SearchStrategy[Node]) -> st.SearchStrategy[Node]:
    several = st.lists(inner, min_size=2, max_size=3)
    return (
        several.map(lambda parts: AnyOf(tuple(parts)))
        | several.map(lambda parts: AllOf(tuple(parts)))
        | st.builds(lambda there, absent: AllOf((there, Not(absent))), inner, inner)
    )


PATTERN = st.sampled_from([r"\b[ab]\b", r"\bc\b"]).map(Regex)
PLAIN: st.SearchStrategy[Node] = st.recursive(LEAF | NEARNESS | PATTERN, _groups, max_leaves=5)
CONDITIONS: st.SearchStrategy[Node] = st.recursive(LEAF | NEARNESS | PATTERN | st.builds(InSentence, PLAIN), _groups, max_leaves=6)


def places(node: Node, words: list[str]) -> set[int]:
    """Where a side of `near` stands."""
    match node:
        case Literal(text):
            return {at for at, word in enumerate(words) if word == text}
        case AnyOf(parts):
            return set().union(*(places(part, words) for part in parts))
        case _:
            raise AssertionError(node)


def naively(node: Node, text: Texts, words: list[str] | None = None) -> bool:
    """Whether a condition holds, by looking at every word."""
    scope = text.words if words is None else words
    match node:
        case Literal() | Ref():
            return bool(places(node, scope))
        case AnyOf(parts):
            return any(naively(part, text, words) for part in parts)
        case AllOf(parts):
            return all(naively(part, text, words) for part in parts)
        case Not(part):
            return not naively(part, text, words)
        case Near(left, right, apart):
            return any(0 <= abs(a - b) - 1 <= apart for a, b in itertools.product(places(left, scope), places(right, scope)))
        case InSentence(part):
            return any(naively(part, text, ["So", *sentence, "then"]) for sentence in text.sentences)
        case Anywhere(part):
            return naively(part, text)
        case Regex(pattern):
            return any(re.fullmatch(pattern, word) for word in scope)
        case InTitle() | Fact():
            raise AssertionError(node)
        case Number(least, most):
            return any(word.isdecimal() and least <= int(word) and (most is None or int(word) <= most) for word in scope)


def written(node: Node) -> str:
    """A tree as a person would write it."""
    match node:
        case Literal(text) | Ref(text):
            return text
        case AnyOf(parts):
            return "(" + " or ".join(map(written, parts)) + ")"
        case AllOf(parts):
            return "(" + " and ".join(map(written, parts)) + ")"
        case Not(part):
            return f"not {written(part)}"
        case Near(left, right, apart):
            return f"({written(left)} near {apart} {written(right)})"
        case InSentence(part):
            return f"sentence({written(part)})"
        case Anywhere(part):
            return f"anywhere({written(part)})"
        case InTitle(part):
            return f"title({written(part)})"
        case Regex(pattern):
            return f'regex("{pattern}")'
        case Fact(name, values):
            return f"{name}({' or '.join(values)})"
        case Number(least, _):
            return f"number >= {least}"


@few
@given(CONDITIONS)
def test_a_tree_written_out_is_read_back(node: Node) -> None:
    assert parse(written(node), frozenset()) == node


@few
@given(CONDITIONS, TEXTS)
@example(Near(Literal("a"), AnyOf((Literal("a"), Literal("b"))), 1), Texts((("b", "a"),)))
def test_a_condition_holds_as_word_by_word(node: Node, text: Texts) -> None:
    assert bool(ways(written(node), text.text)) == naively(node, text)


@few
@given(st.lists(CONDITIONS, min_size=1, max_size=8), TEXTS)
def test_the_index_finds_every_condition_that_holds(nodes: list[Node], text: Texts) -> None:
    story = Story.model_validate({"story": "s", "title": "S", "matches": {f"m{n}": written(node) for n, node in enumerate(nodes)}})
    compiled = compile_story(story, "")
    present: set[Ref | Literal] = {Literal(word) for word in text.words}
    candidates = {condition.owner for condition in compiled.candidates(present)}
    brute = {condition.owner for condition in compiled.conditions if naively(condition.node, text)}
    assert brute <= candidates
    # And it is an index: without any of its terms nothing is a candidate.
    assert [found for found in compiled.candidates({Literal("x")}) if found.needs] == []


DISTANCES = {
    # what: text, the stretch measured, words in it
    "words": ("one two three four", " two three ", 2),
    "no word": ("one two", " ", 0),
    "a mark by itself is no word": ("troops — and guns", " — and ", 1),
    "a word cut off counts": ("troops and guns", "oops an", 2),
    "a mark left of a word that is cut does not": ("the 'troops' left", "' left", 1),
    "two unspaced characters are a word": ("朝鲜军人在库尔斯克", "军人在", 1.5),
    "both kinds": ("金正恩 said 他", " said 他", 1.5),
}


@pytest.mark.parametrize(("text", "stretch", "words"), DISTANCES.values(), ids=DISTANCES.keys())
def test_distance_is_measured_in_words(text: str, stretch: str, words: float) -> None:
    start = text.index(stretch)
    assert word_distance(text)(start, start + len(stretch)) == words
