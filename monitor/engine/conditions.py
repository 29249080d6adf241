"""Conditions on a text: their grammar, and what they mean.

    condition   alternatives of parts:            a or b        a | b
    part        things that must all be there:    a and b       a & b      not c
    place       things near one another:          a near b      a near 4 b
    thing       an entity or vocabulary by id:    dprk-troops   sending
                a literal, in quotes or bare:     "cannon fodder"   Kursk   deploy*
                a number of that size:                    number >= 1000
                what a pattern finds:                     regex("Order No\\. \\d+")
                whoever speaks for a party, and itself:   party(russia)
                a condition in parentheses, one that must hold within one sentence: sentence(a and b),
                in the title: title(a), or somewhere in the article: anywhere(a)
    fact        of the article, which has no place in it:       lang(ru or uk)   outlet("KCNA")   feed("https://…")

`near` binds closest, then `and`, then `or`; without a number it means within 10 words, in either order. In scripts without spaces
two characters count as a word. Neighbouring bare words are a phrase. Patterns are those of RE2, which none can make slow.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from functools import lru_cache
from typing import Any
from typing import Literal as OneOf

import re2

from monitor.rules.references import ConditionProblem

NEAR = 10
"""Words apart at most when `near` stands without a number."""
_MOST_DIGITS = 4
_DEEPEST = 50
_REGEX_MEMORY = 1 << 20
"""Bytes that a compiled pattern may take."""
_JOIN = "join them with `and`, `or` or `near`; a phrase stands in quotes"


class ConditionError(ValueError):
    """A condition that cannot be read."""

    def __init__(self, problem: ConditionProblem) -> None:
        self.problem = problem
        super().__init__(f"{problem.problem}: {problem.text!r}")


@dataclass(frozen=True, slots=True)
class Ref:
    """An entity or vocabulary, by id."""

    id: str


@dataclass(frozen=True, slots=True)
class Literal:
    """Words as they stand. A trailing `*` leaves the last one open."""

    text: str


@dataclass(frozen=True, slots=True)
class AnyOf:
    """At least one holds."""

    parts: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class AllOf:
    """All hold within the scope."""

    parts: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class Not:
    """Does not hold within the scope. Only beside something that must hold."""

    part: Node


@dataclass(frozen=True, slots=True)
class Near:
    """Both hold, at most so many words apart."""

    left: Node
    right: Node
    words: int


@dataclass(frozen=True, slots=True)
class InSentence:
    """Holds within one sentence."""

    part: Node


@dataclass(frozen=True, slots=True)
class Anywhere:
    """Holds in the article, wherever: it says what the text is about, and has no place of its own."""

    part: Node


@dataclass(frozen=True, slots=True)
class InTitle:
    """Holds within the title."""

    part: Node


@dataclass(frozen=True, slots=True)
class Regex:
    """A stretch that a pattern of RE2 finds."""

    pattern: str


FactName = OneOf["lang", "outlet", "feed"]


@dataclass(frozen=True, slots=True)
class Fact:
    """The article is in one of these languages, or from one of these outlets or feeds. Values in small letters."""

    name: FactName
    values: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Number:
    """A number written in digits or words, from least to most."""

    least: int
    most: int | None


Node = Ref | Literal | AnyOf | AllOf | Not | Near | InSentence | InTitle | Anywhere | Number | Regex | Fact
Scoped = InSentence | InTitle | Anywhere
Speakers = Mapping[str, Sequence[str]]
"""Party -> it and whoever speaks for it, at any time."""
_SCOPES: dict[str, type[Scoped]] = {"sentence": InSentence, "title": InTitle, "anywhere": Anywhere}
_FACTS: tuple[FactName, ...] = ("lang", "outlet", "feed")

_TOKEN = re.compile(
    r'\s*(?:(?P<punct>[()|&])|"(?P<quoted>[^"]*)"|(?P<open>")|(?P<number>number\s*[<>]=?\s*\d[\d,]*)(?![^\s()|&])|(?P<word>[^\s()|&"]+))'
)
_KEYWORDS = {"or", "and", "not", "near"}


@dataclass(frozen=True, slots=True)
class _Token:
    kind: str
    text: str
    offset: int


def _tokens(source: str) -> list[_Token]:
    tokens, at = [], 0
    while found := _TOKEN.match(source, at):
        kind = found.lastgroup or ""
        start = found.start(kind)
        if kind == "open":
            raise ConditionError(ConditionProblem(start, source[start:], "this quotation mark is never closed", 'close it with "'))
        if kind == "quoted" and not found["quoted"].strip():
            raise ConditionError(ConditionProblem(start - 1, '""', "empty quotation marks"))
        text = found[kind]
        if kind == "word" and text.lower() in _KEYWORDS:
            kind = text.lower()
        elif kind == "punct":
            kind = {"|": "or", "&": "and"}.get(text, text)
        tokens.append(_Token(kind, text, start))
        at = found.end()
    return tokens


class _Parser:
    """Recursive descent over the grammar in the module's docstring."""

    def __init__(self, source: str, known: frozenset[str], speakers: Speakers) -> None:
        self.source, self.known, self.speakers = source, known, speakers
        self.tokens = _tokens(source)
        self.at = 0
        self.depth = 0

    def kind(self) -> str:
        return self.tokens[self.at].kind if self.at < len(self.tokens) else ""

    def take(self) -> _Token:
        self.at += 1
        return self.tokens[self.at - 1]

    def fail(self, problem: str, hint: str = "") -> ConditionError:
        if self.at < len(self.tokens):
            token = self.tokens[self.at]
            return ConditionError(ConditionProblem(token.offset, token.text, problem, hint))
        return ConditionError(ConditionProblem(len(self.source.rstrip()), "", problem, hint))

    def parse(self) -> Node:
        node = self.alternatives()
        if self.at < len(self.tokens):
            if self.kind() == ")":
                raise self.fail("this parenthesis was never opened", "delete it, or open it with (")
            raise self.fail("two things stand side by side", _JOIN)
        return node

    def alternatives(self) -> Node:
        parts = [self.all_of()]
        while self.kind() == "or":
            self.take()
            parts.append(self.all_of())
        return parts[0] if len(parts) == 1 else AnyOf(tuple(parts))

    def all_of(self) -> Node:
        start = self.at
        parts = [self.negated()]
        while self.kind() in ("and", "not"):
            if self.kind() == "and":
                self.take()
            parts.append(self.negated())
        if all(isinstance(part, Not) for part in parts):
            self.at = start
            raise self.fail("`not` needs something beside it that must be there", "write: this and not that")
        return parts[0] if len(parts) == 1 else AllOf(tuple(parts))

    def negated(self) -> Node:
        if self.kind() == "not":
            self.take()
            return Not(self.near())
        return self.near()

    def near(self) -> Node:
        node = self.thing()
        while self.kind() == "near":
            self.take()
            words = NEAR
            if self.kind() == "word" and self.tokens[self.at].text.isdecimal():
                number = self.take()
                if len(number.text) > _MOST_DIGITS:
                    raise ConditionError(
                        ConditionProblem(number.offset, number.text, "that is further than any text is long", "write: near 10")
                    )
                words = int(number.text)
            at = self.at
            other = self.thing()
            for one in (node, other):
                if isinstance(one, Anywhere | Fact):
                    self.at = at
                    name = "anywhere" if isinstance(one, Anywhere) else one.name
                    raise self.fail(f"`{name}(…)` has no place that something could be near to", f"write: this and {name}(that)")
            node = Near(node, other, words)
        return node

    def thing(self) -> Node:
        if self.kind() == "(":
            return self.parenthesis()
        if self.kind() == "quoted":
            return Literal(self.take().text)
        if self.kind() == "number":
            return _number(self.take().text)
        if self.kind() != "word":
            raise self.fail("a word, an id or a parenthesis is missing here")
        name = self.tokens[self.at].text
        if self.at + 1 < len(self.tokens) and self.tokens[self.at + 1].kind == "(":
            if name in _SCOPES:
                self.take()
                return _SCOPES[name](self.parenthesis())
            if name in (*_FACTS, "party", "regex"):
                return self.named(name)
        return self.words()

    def named(self, name: str) -> Node:
        """`lang(…)`, `outlet(…)`, `feed(…)`, `party(…)` or `regex(…)`: what stands in the parentheses is no condition."""
        opened = self.at + 1
        self.at += 2
        values = [self.value(name)]
        while self.kind() == "or" and name != "regex":
            self.take()
            values.append(self.value(name))
        if self.kind() != ")":
            self.at = self.at if self.at < len(self.tokens) else opened
            raise self.fail("this parenthesis is never closed" if self.at == opened else "this does not belong here", "close it with )")
        self.take()
        if name == "regex":
            return Regex(values[0])
        if name == "party":
            found = tuple(Ref(one) for party in values for one in self.speakers.get(party, (party,)))
            return found[0] if len(found) == 1 else AnyOf(found)
        return next(Fact(fact, tuple(value.lower() for value in values)) for fact in _FACTS if fact == name)

    def value(self, name: str) -> str:
        """What stands in such parentheses: words in quotes, or bare ones."""
        if self.kind() not in ("word", "quoted"):
            raise self.fail(f"`{name}(…)` wants {_WANTS[name]}")
        token = self.take()
        text = token.text
        while token.kind == "word" and self.kind() == "word" and name == "outlet":
            text += f" {self.take().text}"
        wrong, hint = _unfit(name, text, self.known)
        if wrong:
            raise ConditionError(ConditionProblem(token.offset, text, wrong, hint))
        return text

    def parenthesis(self) -> Node:
        opened = self.at
        self.take()
        self.depth += 1
        if self.depth > _DEEPEST:
            self.at = opened
            raise self.fail(f"parentheses stand within one another more than {_DEEPEST} deep", "give the inner ones names under `words:`")
        node = self.alternatives()
        if self.kind() != ")":
            self.at = min(self.at, len(self.tokens)) if self.at < len(self.tokens) else opened
            raise self.fail("this parenthesis is never closed", "close it with )")
        self.take()
        self.depth -= 1
        return node

    def words(self) -> Node:
        """A known id, or neighbouring bare words as one phrase."""
        token = self.take()
        if token.text in self.known:
            return Ref(token.text)
        self.refuse_unknown(token)
        words = [token.text]
        while self.kind() == "word" and self.tokens[self.at].text not in self.known:
            self.refuse_unknown(self.tokens[self.at])
            words.append(self.take().text)
        if self.kind() in ("word", "quoted", "("):
            raise self.fail("two things stand side by side", _JOIN)
        return Literal(" ".join(words))

    def refuse_unknown(self, token: _Token) -> None:
        if "*" in token.text[:-1] or token.text == "*":
            raise ConditionError(ConditionProblem(token.offset, token.text, "`*` may only end a word of at least one letter"))
        if re.match(r"[<>=]", token.text):
            raise ConditionError(ConditionProblem(token.offset, token.text, "this compares nothing", "write it like number >= 1000"))
        if re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)+", token.text):
            near = get_close_matches(token.text, self.known, 1)
            hint = f"did you mean `{near[0]}`?" if near else f'a word with a hyphen is written in quotes: "{token.text}"'
            raise ConditionError(ConditionProblem(token.offset, token.text, "no entity or vocabulary has this id", hint))


_WANTS = {
    "lang": "a language's code, like lang(ru)",
    "outlet": 'the name of an outlet, like outlet("KCNA")',
    "feed": 'the address of a feed, like feed("https://outlet.example/rss")',
    "party": "the id of a party, like party(russia)",
    "regex": 'a pattern in quotes, like regex("Order No. [0-9]+")',
}


def _unfit(name: str, text: str, known: frozenset[str]) -> tuple[str, str]:
    """What is wrong with a value, and what would be right; both "" when nothing is."""
    if name == "party" and text not in known:
        near = get_close_matches(text, known, 1)
        return "no party has this id", f"did you mean `{near[0]}`?" if near else "add it under `entities:` with `kind: party`"
    if name == "lang" and not re.fullmatch("[a-z]{2,3}", text):
        return "this is no language's code", "two or three small letters, like ru"
    if name == "regex" and (problem := regex_problem(text)):
        return problem, "patterns are those of RE2: https://github.com/google/re2/wiki/Syntax"
    return "", ""


def regex_problem(pattern: str) -> str:
    """What is wrong with a pattern, in words; "" when nothing is."""
    try:
        found = compiled_regex(pattern)
    except re2.error as error:
        said = error.args[0] if error.args else error
        return f"this is no pattern: {said.decode(errors='replace') if isinstance(said, bytes) else said}"
    return "this pattern finds nothing at every place" if found.match("") else ""


@lru_cache(maxsize=10_000)
def compiled_regex(pattern: str) -> Any:
    """A pattern, ready to search with. Raises re2.error."""
    options = re2.Options()
    options.log_errors = False
    options.case_sensitive = False
    options.max_mem = _REGEX_MEMORY
    return re2.compile(pattern, options)


def _number(text: str) -> Number:
    """ "number >= 1,000" -> Number(1000, None)."""
    digits = int("".join(filter(str.isdecimal, text)))
    if ">" in text:
        return Number(digits if "=" in text else digits + 1, None)
    return Number(0, digits if "=" in text else digits - 1)


def parse(source: str, known: frozenset[str], speakers: Speakers | None = None) -> Node:
    """A condition as written -> its tree. known: ids of entities and vocabularies. Raises ConditionError."""
    node = _Parser(source, known, speakers or {}).parse()
    if not _anchored(node):
        raise ConditionError(ConditionProblem(0, source, "nothing in this must be there", "put a word or an entity beside it"))
    return node


def check(source: str, known: frozenset[str]) -> list[ConditionProblem]:
    """What is wrong in a condition as written; empty when nothing is."""
    try:
        parse(source, known)
    except ConditionError as error:
        return [error.problem]
    return []


def _anchored(node: Node) -> bool:
    """Whether something must stand in a text for the condition to hold."""
    match node:
        case Ref() | Literal() | Regex():
            return True
        case AnyOf(parts):
            return all(map(_anchored, parts))
        case AllOf(parts):
            return any(map(_anchored, parts))
        case Near(left, right, _):
            return _anchored(left) or _anchored(right)
        case InSentence(part) | InTitle(part) | Anywhere(part):
            return _anchored(part)
        case Not() | Number() | Fact():
            return False


def leaves(node: Node) -> Iterator[Ref | Literal]:
    """The terms of a condition, left to right."""
    match node:
        case Ref() | Literal():
            yield node
        case AnyOf(parts) | AllOf(parts):
            for part in parts:
                yield from leaves(part)
        case Not(part) | InSentence(part) | InTitle(part) | Anywhere(part):
            yield from leaves(part)
        case Number() | Regex() | Fact():
            return
        case Near(left, right, _):
            yield from leaves(left)
            yield from leaves(right)


def required(node: Node, *, here: bool = False) -> list[frozenset[Ref | Literal]]:
    """Sets of terms from each of which at least one must be present for the condition to hold: what rules are indexed by.

    here: present where the condition is met, as a sentence; what `anywhere(…)` asks for may stand elsewhere.
    """
    match node:
        case Ref() | Literal():
            return [frozenset([node])]
        case AnyOf(parts):
            best = [min(required(part, here=here), key=len, default=frozenset()) for part in parts]
            return [frozenset().union(*best)] if all(best) else []
        case AllOf(parts):
            return [group for part in parts for group in required(part, here=here)]
        case Near(left, right, _):
            return required(left, here=here) + required(right, here=here)
        case InSentence(part) | InTitle(part):
            return required(part, here=here)
        case Anywhere(part):
            return [] if here else required(part)
        case Not() | Number() | Regex() | Fact():
            return []
