"""Where to start reading the core: one article through all layers, for every story.

    article ─► folded text ─► one scan ─► matches
                                  └─► sentences ─► mentions ─► cues ─► attributions ─► propositions ─► evidence

`read` is pure: (article, rulebook) -> readings. What follows from evidence (positions, status, alerts) is in `ledger`.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Mapping, Sequence
from copy import copy
from dataclasses import dataclass, replace
from functools import cached_property, partial
from typing import TypeVar

from monitor.engine.attribution import attributions, with_deeds
from monitor.engine.conditions import FactName, Literal, Ref
from monitor.engine.dates import Dated, dates, leading
from monitor.engine.detect import detect
from monitor.engine.evidence import findings
from monitor.engine.finding import Finding, as_evidence
from monitor.engine.focus import Read
from monitor.engine.introduced import Introduced
from monitor.engine.meaning import Scope, holds, word_distance
from monitor.engine.mentions import mentions
from monitor.engine.numbers import Quantity, numbers
from monitor.engine.passage import Passage, speech_of, words_of
from monitor.engine.propositions import Proposition, propositions
from monitor.engine.rulebook import Language, Rulebook
from monitor.engine.sentences import Sentence, split
from monitor.engine.standins import People
from monitor.engine.terms import Hit, is_hangul, longest
from monitor.engine.trace import Trace
from monitor.engine.vocabulary import CompiledStory, Condition, LanguageMeaning, NameOf, RoleOf, RuleMeaning, StoryCue
from monitor.language.pack import Pack
from monitor.model import Article, Evidence, FieldName, Match, Span, digest
from monitor.rules.schema import Kind

FIELDS: tuple[FieldName, FieldName] = ("title", "text")
_MAX_SPANS = 20
"""Spans that a match shows at most."""


@dataclass(frozen=True, slots=True)
class Reading:
    """What one article says to one story. Empty for most articles."""

    story: str
    article: Article
    matches: tuple[Match, ...] = ()
    evidence: tuple[Evidence, ...] = ()


@dataclass(frozen=True, slots=True)
class Explained:
    """A reading with the layers that led to it."""

    reading: Reading
    language: str
    sentences: tuple[Read, ...]
    findings: tuple[Finding, ...]
    trace: Trace
    scopes: Mapping[FieldName, Scope]
    """The fields with all hits in them; none where no condition could hold and nothing was to be explained."""


Spans = dict[Ref | Literal, list[tuple[int, int]]]


def read(article: Article, rulebook: Rulebook) -> list[Reading]:
    """An article -> its reading for each story that it says anything to."""
    prepared = _Prepared(article, rulebook)
    if not prepared.touched:
        return []
    made = [_reading(prepared, story) for story in rulebook.stories.values()]
    return [reading for reading in made if reading.matches or reading.evidence]


def read_by(article: Article, first: Rulebook, second: Rulebook) -> tuple[list[Reading], list[Reading]]:
    """An article -> what `read` says by one rulebook and by another. What comes out the same is worked out once; a story that comes to the
    same by both has the very reading of the first in both."""
    prepared = _Prepared(article, first)
    before = {name: _reading(prepared, story) for name, story in first.stories.items()} if prepared.touched else {}
    again = prepared.by(second)
    after = {}
    for name, story in second.stories.items() if again.touched else ():
        same = name in before and _same(prepared, again, first.stories[name], story)
        after[name] = before[name] if same else _reading(again, story)
    said = [[reading for reading in made.values() if reading.matches or reading.evidence] for made in (before, after)]
    return said[0], said[1]


def read_all(article: Article, rulebook: Rulebook) -> list[Reading]:
    """An article -> its reading for every story, an empty one where it says nothing: a correction may be empty, and a ledger needs it."""
    made = {reading.story: reading for reading in read(article, rulebook)}
    return [made.get(name) or Reading(name, article) for name in rulebook.stories]


def explain(article: Article, rulebook: Rulebook) -> list[Explained]:
    """An article -> for every story the reading with its layers, of each sentence, also of those that concern no claim."""
    prepared = _Prepared(article, rulebook)
    return [_read(prepared, story, whole=True) for story in rulebook.stories.values()]


class _Prepared:
    """An article with all that does not depend on the story: worked out once, and only when something asks for it."""

    def __init__(self, article: Article, rulebook: Rulebook) -> None:
        self.article = article
        self._rulebook = rulebook
        self._folded = {name: rulebook.folder.fold(article.field(name)) for name in FIELDS}
        self.hits = {name: rulebook.scanner.scan(article.field(name), self._folded[name]) for name in FIELDS}

    @property
    def touched(self) -> bool:
        """Whether anything can be found in it: it has a word of the rules, or some condition asks for none."""
        return self._rulebook.asks_always or any(self.hits.values())

    def by(self, rulebook: Rulebook) -> _Prepared:
        """The same article for another rulebook; what has been worked out of the text alone is kept."""
        other = copy(self)
        other._rulebook = rulebook
        other.hits = {name: rulebook.scanner.scan(self.article.field(name), self._folded[name]) for name in FIELDS}
        return other

    @cached_property
    def code(self) -> str:
        """The language's code; "" when it cannot be told."""
        return detect(f"{self.article.title}\n{self.article.text}", self.article.lang)

    @cached_property
    def language(self) -> Language | None:
        """The language, if it is one that is read."""
        return self._rulebook.language(self.code)

    @cached_property
    def sentences(self) -> dict[FieldName, list[Sentence]]:
        """The sentences of each field, numbered through; none in a language that is not read."""
        if self.language is None:
            return {name: [] for name in FIELDS}
        title = split("title", self.article.title, self.language.pack)
        return {"title": title, "text": split("text", self.article.text, self.language.pack, len(title))}

    def numbers_of(self, field: FieldName) -> list[Quantity]:
        """The numbers of a field."""
        return self._numbers[field]

    @cached_property
    def _numbers(self) -> dict[FieldName, list[Quantity]]:
        if self.language is None:
            return {name: [] for name in FIELDS}
        pack = self.language.pack
        found: dict[FieldName, list[Quantity]] = {}
        for name in FIELDS:
            hits = [h for share in self.words[name] for h in share]
            worded = longest([h for h in hits if isinstance(h.meaning, RoleOf) and h.meaning.role == "numeral"])
            spelt = [(h.start, h.end, int(h.meaning.mark)) for h in worded if isinstance(h.meaning, RoleOf)]
            found[name] = numbers(self.article.field(name), spelt, pack.multipliers, pack.measures, pack.counters)
        return found

    @cached_property
    def words(self) -> dict[FieldName, list[list[Hit[LanguageMeaning]]]]:
        """The language's words of each field, by sentence."""
        if self.language is None:
            return {name: [] for name in FIELDS}
        scanner = self.language.scanner
        found = {name: sorted(scanner.scan(self.article.field(name), self._folded[name]), key=lambda h: h.start) for name in FIELDS}
        months = {form for forms in self.language.pack.months for form in forms if form[:1].isupper()}

        def month(hit: Hit[LanguageMeaning], text: str) -> bool:
            """Whether a word that supposes is a month inside a sentence: "on May 6"."""
            supposes = isinstance(hit.meaning, RoleOf) and hit.meaning.role == "hypothetical"
            return supposes and text[hit.start : hit.end] in months and text[: hit.start].rstrip()[-1:] not in ("", *'.!?\n"“')

        kept = {name: [h for h in found[name] if not month(h, self.article.field(name))] for name in FIELDS}
        return {name: _share(kept[name], self.sentences[name]) for name in FIELDS}


def _reading(prepared: _Prepared, story: CompiledStory) -> Reading:
    """What an article says to a story: nothing where no condition can hold, whatever the language, by the words of the story in it."""
    hits = (hit for name in FIELDS for hit in prepared.hits[name] if hit.meaning.story == story.name)
    if not story.candidates({leaf for hit in hits if (leaf := _leaf(hit)) is not None}):
        return Reading(story.name, prepared.article)
    return _read(prepared, story).reading


def _read(prepared: _Prepared, story: CompiledStory, *, whole: bool = False) -> Explained:
    """whole: reads each sentence, also where none touches a claim. What is found is the same."""
    article, language = prepared.article, prepared.language
    hits = _once_named(
        {name: article.field(name) for name in FIELDS}, prepared.hits, story, prepared.code, language.pack if language else None
    )
    spans = {name: _leaf_spans(hits[name]) for name in FIELDS}
    present = {leaf for name in FIELDS for leaf in spans[name]}
    candidates = story.candidates(present)
    scopes = _scopes(prepared, spans) if candidates or whole else {}
    matches = _matches(prepared, story, candidates, scopes)
    claims = [condition for condition in candidates if condition.sort != "match"]
    reads: list[Read] = []
    if language is not None and (claims or whole):
        reads = _sentences_read(prepared, hits, story, claims, scopes, language, whole=whole)
    found, trace = findings(reads)
    evidence = tuple(as_evidence(finding, article, story) for finding in found)
    return Explained(Reading(story.name, article, matches, evidence), prepared.code, tuple(reads), tuple(found), trace, scopes)


def _same(first: _Prepared, second: _Prepared, before: CompiledStory, after: CompiledStory) -> bool:
    """Whether two versions of a story cannot but say the same of an article: they know the same entities, find the same words in it, and
    the conditions that could hold in it say the same."""
    if before.cast != after.cast:
        return False
    found = [{name: [hit for hit in of.hits[name] if hit.meaning.story == before.name] for name in FIELDS} for of in (first, second)]
    if found[0] != found[1]:
        return False
    present = {leaf for hits in found[0].values() for hit in hits if (leaf := _leaf(hit)) is not None}
    candidates = [[(one.owner, one.sort, one.node) for one in story.candidates(present)] for story in (before, after)]
    return candidates[0] == candidates[1]


def _once_named(
    texts: Mapping[FieldName, str],
    hits: dict[FieldName, list[Hit[RuleMeaning]]],
    story: CompiledStory,
    language: str,
    pack: Pack | None,
) -> dict[FieldName, list[Hit[RuleMeaning]]]:
    """The story's hits; shorter names ("the soldiers") only where their entity, or whom it belongs to, has been named before.

    A name of one character counts in its own language only: 日 is Japan in a Korean headline and a day in Chinese.
    """
    named: set[str] = set()
    marked = {name: _marking(hits[name], texts[name], story) for name in FIELDS}
    kept: dict[FieldName, list[Hit[RuleMeaning]]] = {}
    for name in FIELDS:
        kept[name] = []
        for hit in sorted((h for h in hits[name] if h.meaning.story == story.name), key=lambda h: h.start):
            if isinstance(hit.meaning, NameOf):
                foreign = hit.end - hit.start == 1 and hit.meaning.language not in ("any", language)
                if foreign or (
                    hit.meaning.sort == "later"
                    and (
                        hit.meaning.entity not in named
                        or _anothers(hit, hit.meaning.entity, marked[name], story)
                        or _its(hit, texts[name], hits[name], story, pack)
                    )
                ):
                    continue
                named.add(hit.meaning.entity)
                if hit.meaning.sort != "adjective":
                    named |= story.evoked.get(hit.meaning.entity, frozenset())
            kept[name].append(hit)
        kept[name] = _outermost(kept[name])
    return kept


def _outermost(hits: Sequence[Hit[RuleMeaning]]) -> list[Hit[RuleMeaning]]:
    """Hits without those that name inside a longer name what that names: "soldiers" in "North Korean soldiers"."""
    kept: list[Hit[RuleMeaning]] = []
    reached: dict[str, int] = {}
    for hit in sorted(hits, key=lambda h: (h.start, -h.end)):
        if isinstance(hit.meaning, NameOf):
            if hit.end <= reached.get(hit.meaning.entity, -1):
                continue
            reached[hit.meaning.entity] = hit.end
        kept.append(hit)
    return kept


_OWNING = re.compile("(군|측)?의?(?= )")
"""What may stand between a Korean name and what it owns: "러시아 병력", "우크라이나군의 병사들"."""


def _marking(hits: Sequence[Hit[RuleMeaning]], text: str, story: CompiledStory) -> tuple[Mapping[int, str], frozenset[int]]:
    """Where the parties' adjectives and owning names end, with the party, and where the parties' names begin."""
    mine = [(h, h.meaning) for h in hits if isinstance(h.meaning, NameOf) and h.meaning.story == story.name]
    ends = {h.end: meaning.entity for h, meaning in mine if meaning.sort == "adjective"}
    parties = [(h, m.entity) for h, m in mine if m.sort == "name" and story.story.entities[m.entity].kind is Kind.PARTY]
    for hit, party in parties:
        owning = _OWNING.match(text, hit.end) if is_hangul(text[hit.end - 1]) else None
        if owning is not None:
            ends[owning.end()] = party
    return ends, frozenset(hit.start for hit, _ in parties)


def _anothers(hit: Hit[RuleMeaning], entity: str, marked: tuple[Mapping[int, str], frozenset[int]], story: CompiledStory) -> bool:
    """Whether a shorter name belongs to somebody else by the word beside it: "Ukrainian soldiers", «солдаты Украины», "러시아 병력"."""
    owner = marked[0].get(hit.start - 1)
    return (owner is not None and entity not in story.evoked.get(owner, ())) or hit.end + 1 in marked[1]


def _its(hit: Hit[RuleMeaning], text: str, hits: Sequence[Hit[RuleMeaning]], story: CompiledStory, pack: Pack | None) -> bool:
    """Whether a shorter name belongs to another by its "its": "Russia said that its troops", but not "thanked Pyongyang for its troops"."""
    assert isinstance(hit.meaning, NameOf)  # noqa: S101 - narrowed by the caller, for the type checker
    words = {text[hit.start : hit.end].lower().split()[0], _word_before(text, hit.start)}
    if pack is None or not pack.articles or words.isdisjoint(set(pack.possessives) - set(pack.ours)):
        return False
    begun = max(text.rfind(mark, 0, hit.start) for mark in (". ", "\n", "? ", "! ", "; "))
    named = [
        (other.start, other.meaning.entity)
        for other in hits
        if begun < other.start < hit.start
        and isinstance(other.meaning, NameOf)
        and other.meaning.sort == "name"
        and story.story.entities[other.meaning.entity].kind in (Kind.PARTY, Kind.PERSON)
    ]
    subjects = [entity for start, entity in named if _word_before(text, start) not in pack.oblique_before]
    return bool(subjects) and hit.meaning.entity not in story.evoked.get(subjects[-1], ())


def _word_before(text: str, start: int) -> str:
    """The word before a name and its article, in small letters."""
    words = text[max(0, start - 40) : start].lower().split()
    return next((word for word in reversed(words) if word != "the"), "")


def _leaf_spans(hits: Sequence[Hit[RuleMeaning]]) -> Spans:
    """Hits of one story by the leaf of a condition that they are, each list sorted."""
    found: Spans = {}
    for hit in hits:
        if (leaf := _leaf(hit)) is not None:
            found.setdefault(leaf, []).append((hit.start, hit.end))
    return {leaf: sorted(set(places)) for leaf, places in found.items()}


def _leaf(hit: Hit[RuleMeaning]) -> Ref | Literal | None:
    """The leaf of a condition that a hit is; None: it is none."""
    if isinstance(hit.meaning, StoryCue):
        return None
    return Ref(hit.meaning.entity) if isinstance(hit.meaning, NameOf) else hit.meaning.leaf


def _with_cues(words: list[Hit[LanguageMeaning]], theirs: Sequence[Hit[RuleMeaning]], language: str) -> list[Hit[LanguageMeaning]]:
    """A sentence's words of the language, and those of the story that report in it."""
    cues = [(h, h.meaning) for h in theirs if isinstance(h.meaning, StoryCue) and h.meaning.language in ("any", language)]
    more: list[Hit[LanguageMeaning]] = [Hit(hit.start, hit.end, meaning.cue) for hit, meaning in cues]
    return sorted([*words, *more], key=lambda h: h.start) if more else words


def _scopes(prepared: _Prepared, spans: dict[FieldName, Spans]) -> dict[FieldName, Scope]:
    """Each field as a scope; both know of the whole article."""
    facts: list[tuple[FactName, str]] = [("lang", prepared.code), ("outlet", prepared.article.outlet), ("feed", prepared.article.feed)]
    made = []
    for name in FIELDS:
        text = prepared.article.field(name)
        sentences = [(s.start, s.end) for s in prepared.sentences[name]]
        numbers_there = partial(prepared.numbers_of, name)
        made.append(Scope(spans[name], text, word_distance(text), 0, len(text), sentences, numbers_there, field=name, facts=facts))
    return {name: replace(scope, article=tuple(made)) for name, scope in zip(FIELDS, made, strict=True)}


def _matches(
    prepared: _Prepared, story: CompiledStory, candidates: Sequence[Condition], scopes: dict[FieldName, Scope]
) -> tuple[Match, ...]:
    article = prepared.article
    made: list[Match] = []
    for condition in candidates:
        if condition.sort != "match":
            continue
        met: list[Span] = []
        for name in FIELDS:
            text = article.field(name)
            ways = holds(condition.node, scopes[name])
            met += [Span(field=name, start=a, end=b, text=text[a:b]) for a, b in sorted({span for way in ways for span in way})]
        if met:
            made.append(
                Match(
                    id=digest(story.name, article.id, str(article.version), condition.owner),
                    story=story.name,
                    article=article.id,
                    version=article.version,
                    rule=condition.owner,
                    time=article.published_at,
                    outlet=article.outlet,
                    url=article.url,
                    title=article.title,
                    spans=tuple(met[:_MAX_SPANS]),
                )
            )
    return tuple(made)


def _sentences_read(
    prepared: _Prepared,
    hits: dict[FieldName, list[Hit[RuleMeaning]]],
    story: CompiledStory,
    claims: Sequence[Condition],
    scopes: dict[FieldName, Scope],
    language: Language,
    *,
    whole: bool = False,
) -> list[Read]:
    """The layers for each sentence; none at all, or no claim in any, where no sentence touches one.

    Both scans are done once a field; sentences take their share of the hits by offset.
    """
    fields = [_Lines(prepared, name, hits[name], claims, scopes[name]) for name in FIELDS]
    if not any(found for lines in fields for found in lines.touched):
        if not whole:
            return []
        fields = [_Lines(prepared, name, hits[name], (), scopes[name]) for name in FIELDS]
    reads: list[Read] = []
    people, introduced = People(story), _introduced(story, language)
    day = prepared.article.published_at.date()
    for lines in fields:
        text = prepared.article.field(lines.field)
        dated = _Chronicle(dates(text, language.pack, day), text)
        words = prepared.words[lines.field]
        for sentence, ours, theirs, touched in zip(lines.sentences, words, lines.names, lines.touched, strict=True):
            mine = _with_cues(ours, theirs, prepared.code)
            called = introduced.called(text, sentence) if introduced else ()
            named = mentions(text, theirs, mine, language, story, prepared.article.published_at, called)
            if introduced:
                introduced.meet(text, named, sentence)
            roles = words_of(mine, named)
            standing_in = people.stand_ins(sentence.index, named, roles, theirs)
            found = lines.touching(sentence, theirs, standing_in) if standing_in else touched
            heard = speech_of(sentence, named)
            said = Passage(text, heard, tuple(named), roles, language, day, dated.within(sentence), dated.heading(sentence))
            passage = with_deeds(said)
            reads.append(Read(passage, tuple(attributions(passage)), tuple(found)))
    return reads


def _introduced(story: CompiledStory, language: Language) -> Introduced | None:
    """Whom a text introduces, in a language that keeps capitals for names and does not inflect them."""
    if not language.pack.articles:
        return None
    days = (form for forms in (*language.pack.months, *language.pack.weekdays) for form in forms)
    return Introduced(story, frozenset(days))


class _Lines:
    """A field's sentences, each with its share of the hits and the claims that it touches."""

    def __init__(
        self, prepared: _Prepared, field: FieldName, hits: Sequence[Hit[RuleMeaning]], claims: Sequence[Condition], scope: Scope
    ) -> None:
        self.field = field
        self.sentences = prepared.sentences[field]
        self.names = _share(hits, self.sentences)
        self._claims, self._scope = claims, scope
        self.touched = [self.touching(sentence, theirs, {}) for sentence, theirs in zip(self.sentences, self.names, strict=True)]

    def touching(self, sentence: Sentence, theirs: Sequence[Hit[RuleMeaning]], standing_in: Spans) -> list[Proposition]:
        """The claims that a sentence touches. standing_in: words in it that stand for a party."""
        if not theirs and not standing_in:
            return []
        present = {leaf for hit in theirs if (leaf := _leaf(hit)) is not None}.union(standing_in)
        scope = replace(self._scope, spans=_merged(self._scope.spans, standing_in)) if standing_in else self._scope
        labels = frozenset((h.start, h.end) for h in theirs if isinstance(h.meaning, NameOf)).union(*standing_in.values())
        return propositions(sentence, self._claims, scope, present, labels)


class _Chronicle:
    """A field's dates, by sentence and by paragraph."""

    def __init__(self, found: Sequence[Dated], text: str) -> None:
        self._found, self._text = found, text
        self._paragraph = -1
        self._heading: Dated | None = None

    def within(self, sentence: Sentence) -> tuple[Dated, ...]:
        """The dates of a sentence."""
        low = bisect_left(self._found, sentence.start, key=lambda one: one.start)
        high = bisect_left(self._found, sentence.end, key=lambda one: one.start)
        return tuple(self._found[low:high])

    def heading(self, sentence: Sentence) -> Dated | None:
        """The date that the paragraph of a sentence is headed with; sentences must come in order."""
        if sentence.paragraph != self._paragraph:
            self._paragraph, self._heading = sentence.paragraph, leading(self.within(sentence), sentence.start, self._text)
        return self._heading


def _merged(spans: Mapping[Ref | Literal, Sequence[tuple[int, int]]], more: Spans) -> Mapping[Ref | Literal, Sequence[tuple[int, int]]]:
    return {**spans, **{leaf: sorted([*spans.get(leaf, []), *places]) for leaf, places in more.items()}}


M = TypeVar("M")


def _share(hits: Sequence[Hit[M]], sentences: Sequence[Sentence]) -> list[list[Hit[M]]]:
    """Hits, sorted by start, by the sentence that they begin in."""
    shares: list[list[Hit[M]]] = [[] for _ in sentences]
    at = 0
    for hit in hits:
        while at < len(sentences) and hit.start >= sentences[at].end:
            at += 1
        if at < len(sentences) and sentences[at].start <= hit.start and hit.end <= sentences[at].end:
            shares[at].append(hit)
    return shares
