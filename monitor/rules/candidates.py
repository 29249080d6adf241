"""Names, reporting words and vocabulary that a story's rules might have: stretches of a text where the reading asked for something and
found nothing that they know. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Literal

from monitor.engine.focus import Read
from monitor.engine.lexicon import entity_names
from monitor.engine.mentions import NOMINAL, Mention
from monitor.engine.pipeline import Explained
from monitor.engine.terms import is_hangul
from monitor.engine.vocabulary import CompiledStory
from monitor.engine.why.lacking import nearest
from monitor.language.pack import LANGUAGES, load_pack
from monitor.model import Evidence, Stance
from monitor.rules.schema import ByLanguage, Story

Section = Literal["entities", "words", "cues"]
_NEAR = 60
"""Characters between a name and the reporting word that it may belong to, at most."""
_BESIDE = 20
"""Characters between a name and a party that it may speak for, at most."""
_LONGEST = 5
"""Words of a name at most."""
_SHORTEST = {"zh": 2, "ko": 2}
"""Letters of a word that may be vocabulary, where it is not four."""
SHOWN = 4
"""Words that are named for one candidate, and proposals of a kind that are kept."""
WORD = re.compile(r"[^\W\d_][\w'’-]*")
_SMALL = frozenset(["of", "for", "and", "the", "de", "al", "bin", "van", "von", "і", "и", "та"])
"""Small words that may stand within a name."""


@dataclass(frozen=True, slots=True)
class Candidate:
    """Something that the rules might have. key: where in the section: an entity, a vocabulary, a class of reporting words.

    others: words of the text that may be meant instead. ask: what a person has to say to it, since no text does.
    """

    section: Section
    key: str
    language: str
    term: str
    why: str
    ask: str
    others: tuple[str, ...] = ()
    party: str = ""


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a text should have given, as far as somebody has said it."""

    claim: str | None = None
    party: str | None = None
    stance: Stance | None = None

    def has(self, row: Evidence) -> bool:
        """Whether evidence is that."""
        return (self.claim, self.party, self.stance) == (
            self.claim and row.claim,
            self.party and row.party,
            self.stance and row.stance,
        )


# Names: who speaks, and nobody whom the rules know.


def names(explained: Explained, _: CompiledStory, wanted: Wanted) -> Iterator[Candidate]:
    for read in explained.sentences:
        for cue in _unclaimed(read, explained):
            word = read.passage.text[cue[0] : cue[1]]
            for start, end in _unknown(read, cue, explained.language):
                term = read.passage.text[start:end]
                why = f"stands beside “{word}”, and nobody whom the rules know speaks there"
                yield from _speaking(term, why, read, (start, end), explained.language, wanted)


def _unclaimed(read: Read, explained: Explained) -> list[tuple[int, int]]:
    """Reporting words of a sentence that no party in it is the source of; one that was carried over does not count."""
    heard = [a for a in explained.trace.heard.get(read.sentence.index, ()) if a.source and a.source.party and not a.weak]
    spans = dict.fromkeys((cue.start, cue.end) for cue in read.words.cues)
    return [at for at in spans if not any(a.reporting.start < at[1] and at[0] < a.reporting.end for a in heard)]


def _speaking(term: str, why: str, read: Read, at: tuple[int, int], language: str, wanted: Wanted) -> Iterator[Candidate]:
    """Somebody who speaks for the party that is wanted, else for one named close by, else for itself."""
    beside = [m.party for m in read.passage.mentions if m.party is not None and _belongs(read.passage.text, m, at)]
    parties = list(dict.fromkeys([wanted.party] if wanted.party else beside))
    for party in (*parties, ""):
        ask = f"does it speak for {party}?" if party else "is it a party of its own, or for whom does it speak?"
        yield Candidate("entities", _identifier(term) or "new-speaker", language, term, why, ask, party=party or "")


def _belongs(text: str, mention: Mention, at: tuple[int, int]) -> bool:
    """Whether a name can be introduced by another: "Kremlin aide NAME", "NAME, of the Kremlin"."""
    before, after = text[mention.end : at[0]], text[at[1] : mention.start]
    return (mention.end <= at[0] and len(before) <= _BESIDE and "," not in before) or (
        at[1] <= mention.start and len(after) <= _BESIDE and after.lstrip().startswith(",")
    )


def _unknown(read: Read, cue: tuple[int, int], language: str) -> list[tuple[int, int]]:
    """Names near a reporting word that the rules do not know, the nearest first."""
    text, sentence = read.passage.text, read.sentence
    taken = [(m.start, m.end) for m in read.passage.mentions] + [cue]
    start, end = max(sentence.start, cue[0] - _NEAR), min(sentence.end, cue[1] + _NEAR)
    named = _unspaced(text, sentence.start, cue[0]) if language in ("zh", "ko") else _capitalised(text, sentence.start, start, end)
    found = [(next((y + 1 for x, y in read.words.at("article") if x == a and y < b), a), b) for a, b in named]
    free = [(a, b) for a, b in found if not any(a < y and x < b for x, y in taken)]
    return sorted(free, key=lambda at: min(abs(at[0] - cue[1]), abs(cue[0] - at[1])))


def _capitalised(text: str, sentence: int, start: int, end: int) -> Iterator[tuple[int, int]]:
    words = list(WORD.finditer(text, start, end))
    at = 0
    while at < len(words):
        last = at - 1
        for here in range(at, min(at + _LONGEST, len(words))):
            word = words[here][0]
            joined = here == at or text[words[here - 1].end() : words[here].start()] == " "
            if not joined or not (word[0].isupper() or (here > at and word in _SMALL)):
                break
            last = here if word[0].isupper() else last
        alone = last == at and words[at].start() == sentence
        if last >= at and not (alone and words[at][0].istitle() and len(words[at][0]) < 4):
            owner = re.match(r".*['’]s ", text[words[at].start() : words[last].start()])
            yield words[at].start() + (owner.end() if owner else 0), words[last].end()
        at = max(last, at) + 1


def _unspaced(text: str, start: int, end: int) -> Iterator[tuple[int, int]]:
    """What stands before a reporting word up to a mark, in scripts without capitals; in Korean by its words, without their particle."""
    begin = max((text.rfind(mark, start, end) + 1 for mark in "，。、：；“”「」,.\n"), default=start)
    begin = max(begin, start)
    stretch = text[begin:end].strip()
    begin = text.index(stretch, begin) if stretch else begin
    if stretch and not any(map(is_hangul, stretch)) and 2 <= len(stretch) <= 10:
        yield begin, begin + len(stretch)
    for word in re.finditer(r"[가-힣A-Za-z0-9·]+", text[start:end]):
        subject = re.fullmatch(r"(.+?)(?:은|는|이|가|측은|측이)", word[0])
        if subject and len(subject[1]) > 1:
            yield start + word.start(), start + word.start() + len(subject[1])


def _identifier(term: str) -> str:
    return "-".join(re.findall(r"[a-z0-9]+", term.lower()))


# Reporting words: somebody who can speak, a claim touched, and nothing that reports.


def cues(explained: Explained, _: CompiledStory, __: Wanted) -> Iterator[Candidate]:
    for read in explained.sentences:
        if not read.propositions:
            continue
        sources = {(a.source.start, a.source.end) for a in explained.trace.heard.get(read.sentence.index, ()) if a.source}
        for mention in read.passage.mentions:
            if mention.speaks and mention.party and mention.place in NOMINAL and (mention.start, mention.end) not in sources:
                words = list(dict.fromkeys(_verbs(read, mention, explained.language)))[:SHOWN]
                who = read.passage.text[mention.start : mention.end]
                why = f"“{who}” stands before it, what touches {read.propositions[0].claim} behind it, and nothing there reports"
                if words:
                    ask = "does it report, and as which of say, confirm, deny, doubt, decline?"
                    yield Candidate("cues", "say", explained.language, words[0], why, ask, tuple(words[1:]))


def _verbs(read: Read, mention: Mention, language: str) -> Iterator[str]:
    """Words behind a name, before the next name and what touches a claim."""
    text = read.passage.text
    stop = min((m.start for m in read.passage.mentions if m.start >= mention.end), default=read.sentence.end)
    stop = min([stop, *(a for p in read.propositions for a, _ in p.spans if a >= mention.end)])
    if language == "zh":
        run = text[mention.end : stop]
        yield from (run[at : at + 2] for at in range(min(len(run) - 1, 3)))
        return
    for one in list(WORD.finditer(text, mention.end, stop))[:4]:
        if not one[0][0].isupper() and _is_content(one[0], language) and not _known(read, one.start(), one.end()):
            yield one[0]


def _known(read: Read, start: int, end: int) -> bool:
    """Whether a word is read as one of the language file's."""
    return any(a < end and start < b for spans in read.words.roles.values() for a, b in spans) or any(
        cue.start < end and start < cue.end for cue in read.words.cues
    )


def _is_content(word: str, language: str) -> bool:
    """Whether a word may be a story's: long enough, and in no term of the language file, whose small words belong to any story."""
    return len(word) >= _SHORTEST.get(language, 4) and word.lower() not in _general(language)


@cache
def _general(language: str) -> frozenset[str]:
    """All words of the terms of a language file."""
    if language not in LANGUAGES:
        return frozenset()
    return frozenset(word.lower() for term in _strings(load_pack(language).model_dump()) for word in WORD.findall(term))


def _strings(value: object) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, Mapping):
        yield from (text for one in value.values() for text in _strings(one))
    elif isinstance(value, Iterable):
        yield from (text for one in value for text in _strings(one))


# Vocabulary: a sentence that touches a claim but for one word.


def vocabulary(explained: Explained, story: CompiledStory, wanted: Wanted) -> Iterator[Candidate]:
    touched = {p.claim for read in explained.sentences for p in read.propositions}
    of_names = _words_of_names(story.story, explained.language)
    for claim in [wanted.claim] if wanted.claim else [name for name in story.story.claims if name not in touched]:
        for read in explained.sentences:
            if any(p.claim == claim for p in read.propositions):
                continue
            close = nearest(story, claim, [read.sentence], dict(explained.scopes))
            if close is None or len(close.lack.missing) != 1:
                continue
            present = close.lack.present
            for name in re.findall(r"[\w-]+", close.lack.missing[0]):
                if name not in story.story.words:
                    continue
                held = in_language(story.story.words[name], explained.language)
                words = [
                    word
                    for word in _wordings(read, [span for _, span in present], explained.language, held)
                    if word.lower() not in of_names
                ]
                if words:
                    there = ", ".join(dict.fromkeys(f"“{read.passage.text[a:b]}”" for _, (a, b) in present))
                    why = f"beside {there} it would touch {claim}: “{_short(read)}”"
                    yield Candidate("words", name, explained.language, words[0], why, f"does it mean {name}?", tuple(words[1:SHOWN]))


def _words_of_names(story: Story, language: str) -> frozenset[str]:
    """All words of which names are made in a language."""
    names = (term for entity in story.entities.values() for _, held in entity_names(entity) for term in in_language(held, language))
    return frozenset(word.lower() for name in names for word in WORD.findall(name))


def _wordings(read: Read, present: Sequence[tuple[int, int]], language: str, held: Sequence[str]) -> list[str]:
    """Words of a sentence that the rules might know, those most like the known ones first, then the nearest."""
    text = read.passage.text
    found = []
    for word in WORD.finditer(text, read.sentence.start, read.sentence.end):
        taken = any(a < word.end() and word.start() < b for a, b in present)
        named = any(m.start < word.end() and word.start() < m.end for m in read.passage.mentions)
        general = not _is_content(word[0], language) or _known(read, word.start(), word.end())
        if not (taken or named or general or word[0][0].isupper()):
            far = min((max(a - word.end(), word.start() - b, 0) for a, b in present), default=0)
            found.append((-_likeness(word[0], held), far, word[0]))
    return list(dict.fromkeys(word for _, _, word in sorted(found)))


def _likeness(word: str, terms: Iterable[str]) -> int:
    """Letters, from four on, with which the word begins like one of the terms."""
    best = max((_shared(word.lower(), known.lower()) for term in terms for known in WORD.findall(term)), default=0)
    return best if best > 3 else 0


def _shared(one: str, other: str) -> int:
    return next((at for at, (a, b) in enumerate(zip(one, other, strict=False)) if a != b), min(len(one), len(other)))


def in_language(terms: ByLanguage, language: str) -> tuple[str, ...]:
    """The terms of a language."""
    return next((tuple(held) for code, held in terms.items() if code == language), ())


def _short(read: Read) -> str:
    words = " ".join(read.passage.text[read.sentence.start : read.sentence.end].split())
    return words if len(words) <= 80 else words[:79].rstrip() + "…"
