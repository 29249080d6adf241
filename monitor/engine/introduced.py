"""Whom a text introduces by office or full name, and calls by one name later: "Pentagon spokesman John Smith … Smith said"."""

from __future__ import annotations

import re
from collections.abc import Sequence

from monitor.engine.mentions import Mention
from monitor.engine.sentences import Sentence
from monitor.engine.vocabulary import CompiledStory
from monitor.rules.schema import Kind

_WORD = r"[A-Z][\w'’-]*[a-z][\w-]*"
_FULL = re.compile(rf"(?<![\w-]){_WORD}(?: (?:[A-Z]\.|bin|al|de|van|von|{_WORD})){{1,3}}")
"""A full name: words with capitals that are not all capitals."""
_FAMILY_FIRST = re.compile(r"[A-Z][a-z]{1,4} [A-Z][a-z]+[- ][A-Za-z][a-z]+$")
"""A Korean name, which begins with the family's: "Lee Jae-woong", "Choe Son Hui"."""
_SHORTEST = 2
"""Letters of a name by which somebody is called, at least."""


class Introduced:
    """The people of a text by the name that it calls them by. Sentences must come in order."""

    def __init__(self, story: CompiledStory, fixed: frozenset[str]) -> None:
        """fixed: capitalised words that are no names, like months and weekdays."""
        self._story, self._fixed = story, fixed
        self._called: dict[str, tuple[str | None, str, str]] = {}

    def called(self, text: str, sentence: Sentence) -> list[Mention]:
        """A sentence's words that call somebody introduced before by one name."""
        found: list[Mention] = []
        if sentence.field == "title":
            return found
        for name, (entity, party, full) in self._called.items():
            for match in re.finditer(rf"(?<![\w-]){re.escape(name)}(?![\w-])", text[sentence.start : sentence.end]):
                start, end = sentence.start + match.start(), sentence.start + match.end()
                after = re.match(rf" ({_WORD})", text[end : end + 30])
                before = re.search(rf"({_WORD}) $", text[max(0, start - 30) : start])
                if (after is None or after[1] in full) and (before is None or before[1] in full or not before[1].istitle()):
                    found.append(Mention(start, end, entity, party, "free", person=True))
        return found

    def meet(self, text: str, named: Sequence[Mention], sentence: Sentence) -> None:
        """Learns whom a sentence introduces."""
        if sentence.field == "title":
            return
        for mention in named:
            if mention.party is None or mention.back or mention.bare or mention.adjective:
                continue
            if mention.entity is not None and self._story.story.entities[mention.entity].kind is Kind.PERSON:
                full = _last_name(text[mention.start : mention.end])
            else:
                full = _FULL.match(text, mention.end + 1) or _FULL.match(text, mention.end + 2)
                full = full if full is not None and not text[mention.end : full.start()].strip(" ,") else None
            if full is not None:
                self._learn(full[0], mention)

    def _learn(self, full: str, mention: Mention) -> None:
        words = full.split()
        name = words[0] if _FAMILY_FIRST.match(full) else words[-1]
        if len(name) >= _SHORTEST and not self._fixed.intersection(words):
            self._called[name] = mention.entity, mention.party or "", full


def _last_name(words: str) -> re.Match[str] | None:
    """The full name with which the words for somebody end."""
    found = list(_FULL.finditer(words))
    korean = re.search(r"[A-Z][a-z]{1,4} [A-Z][a-z]+[- ][A-Za-z][a-z]+$", words)
    return korean or (found[-1] if found and found[-1].end() == len(words) else None)
