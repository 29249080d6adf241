"""From a text to a rule: names, words and reporting words that the rules lack for a text that should have been found. Pure.

    reading ─► what it lacks ─► candidates ─► tried one by one on a lean copy of the story ─► those that find more

Nothing is guessed from a list of words: a candidate is a stretch of the text where the reading asked for something and found nothing
that the rules know. What is proposed has been tried; which stance or party is meant only a person can say, and is marked so.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from monitor.engine.pipeline import Explained, explain
from monitor.engine.rulebook import Rulebook
from monitor.engine.vocabulary import CompiledStory
from monitor.engine.why.lacking import nearest
from monitor.model import Article, Evidence, Stance
from monitor.rules.candidates import SHOWN, WORD, Candidate, Wanted, cues, in_language, names, vocabulary
from monitor.rules.schema import ByLanguage, Entity, Kind, Story, Tenure

_TRIED = 24
"""Candidates of a kind that are tried for a text at most."""
_ANYTHING = Wanted()
Said = tuple[str, str, Stance, str]
"""Claim, party, stance and when."""


@dataclass(frozen=True, slots=True)
class Proposal:
    """A candidate that finds more. row: as it stands in a rule file. gained: what is found with it and was not without."""

    candidate: Candidate
    row: str
    gained: tuple[Evidence, ...]
    story: Story


@dataclass(frozen=True, slots=True)
class Suggestions:
    """What a story's rules make of a text, what they might have, best first, and what the claims lack that come close."""

    explained: Explained
    proposals: tuple[Proposal, ...]
    lacking: Mapping[str, str]


def suggest(article: Article, rulebook: Rulebook, name: str, wanted: Wanted = _ANYTHING) -> Suggestions:
    """Proposals for a story of a rulebook: what finds more in an article, or what is wanted of it."""
    story = rulebook.stories[name]
    explained = next(one for one in explain(article, rulebook) if one.reading.story == name)
    trial = _Trial(article, story.story, wanted, {_said(row) for row in explained.reading.evidence})
    found: list[Proposal] = []
    for kind in (names, cues, vocabulary):
        made = list(trial.tried(list(dict.fromkeys(kind(explained, story, wanted)))[:_TRIED]))
        found += sorted(made, key=lambda one: -len(one.gained))[:SHOWN]
    return Suggestions(explained, tuple(found), dict(_lacking(explained, story, wanted)))


class _Trial:
    """An article that is read with one candidate after another."""

    def __init__(self, article: Article, story: Story, wanted: Wanted, known: set[Said]) -> None:
        self._article, self._story, self._wanted, self._known = article, story, wanted, known
        self._lean = _lean(story, article)
        self._base = Rulebook([(self._lean, "tried")])
        explain(article, self._base)  # compiles what the article's scripts need, for all trials

    def tried(self, candidates: Iterable[Candidate]) -> Iterator[Proposal]:
        """Those that find more. A name that does so for one party is not tried for another."""
        done: set[tuple[str, str, str]] = set()
        for one in candidates:
            # Another party is another answer to the same question.
            same = (one.section, one.term, "" if one.section == "entities" else one.key)
            if same in done:
                continue
            rulebook = Rulebook([(with_candidate(self._lean, one), "tried")], self._base)
            reading = explain(self._article, rulebook)[0].reading
            gained = tuple(row for row in reading.evidence if _said(row) not in self._known and self._wanted.has(row))
            if gained:
                done.add(same)
                yield Proposal(one, _row(one, self._story), gained, with_candidate(self._story, one))


def _said(row: Evidence) -> Said:
    return row.claim, row.party, row.stance, str(row.when)


def with_candidate(story: Story, one: Candidate) -> Story:
    """The story with a candidate in it."""
    if one.section == "entities":
        old = story.entities.get(one.key)
        speaks_for = (Tenure(party=one.party),) if one.party else ()
        entity = old or Entity(kind=Kind.AGENCY if one.party else Kind.PARTY, speaks_for=speaks_for)
        named = dict([*entity.names.items(), (one.language, (*in_language(entity.names, one.language), one.term))])
        return story.model_copy(update={"entities": {**story.entities, one.key: entity.model_copy(update={"names": named})}})
    held = getattr(story, one.section)
    terms = {**held.get(one.key, {}), one.language: (*held.get(one.key, {}).get(one.language, ()), one.term)}
    return story.model_copy(update={one.section: {**held, one.key: terms}})


def _row(one: Candidate, story: Story) -> str:
    term = one.term if re.fullmatch(r"[\w ·-]+", one.term) else '"' + one.term.replace('"', "") + '"'
    if one.section == "entities" and one.key not in story.entities:
        what = f"kind: agency, speaks_for: {one.party}" if one.party else "kind: party"
        return f"{one.key}: {{{what}, names: {{{one.language}: [{term}]}}}}"
    inner = f"{one.language}: [… , {term}]" if _has(one, story) else f"{one.language}: [{term}]"
    return f"{one.key}: {{names: {{{inner}}}}}" if one.section == "entities" else f"{one.key}: {{{inner}}}"


def _has(one: Candidate, story: Story) -> bool:
    held: ByLanguage = story.entities[one.key].names if one.section == "entities" else getattr(story, one.section).get(one.key, {})
    return bool(in_language(held, one.language))


def _lacking(explained: Explained, story: CompiledStory, wanted: Wanted) -> list[tuple[str, str]]:
    """What the claims lack that come closest to being touched, those of which most is there first."""
    touched = {p.claim for read in explained.sentences for p in read.propositions}
    found = []
    for claim in [wanted.claim] if wanted.claim else list(story.story.claims):
        close = nearest(story, claim, [read.sentence for read in explained.sentences], dict(explained.scopes))
        if claim not in touched and close is not None and len(close.lack.missing) == 1:
            found.append((close.lack.rank, claim, close.lack.missing[0]))
    return [(claim, missing) for _, claim, missing in sorted(found)[:SHOWN]]


def _lean(story: Story, article: Article) -> Story:
    """The story without the terms that have nothing to do with the text: it reads it alike, and is compiled in a moment."""
    text = f"{article.title}\n{article.text}".lower()

    def some(terms: ByLanguage) -> ByLanguage:
        return {language: tuple(term for term in held if _may_stand(term, text)) for language, held in terms.items()}

    entities = {
        name: one.model_copy(update={field: some(getattr(one, field)) for field in ("names", "adjectives", "roles", "later")})
        for name, one in story.entities.items()
    }
    words = {name: some(held) for name, held in story.words.items()}
    reporting = {name: some(held) for name, held in story.cues.items()}
    return story.model_copy(update={"entities": entities, "words": words, "cues": reporting, "alerts": (), "tests": ()})


def _may_stand(term: str, text: str) -> bool:
    """Whether a term can stand in a text: some word of it begins like one there. Inflection changes endings."""
    parts = [part.lower() for part in WORD.findall(term)]
    return not parts or any(part[: max(len(part) - 3, min(len(part), 2))][:5] in text for part in parts)
