"""Names in the dictionary form -> all their grammatical forms.

Russian by pymorphy3 with the OpenCorpora dictionary (CC BY-SA, see NOTICE), Ukrainian by the paradigms in its language file. English
needs none beyond what folding does (possessives), Korean has particles instead, Chinese nothing.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from typing import Any

from monitor import cache as cache_files
from monitor.language.pack import load_pack

NOMINATIVE, OBLIQUE, INSTRUMENTAL, GENITIVE, LOCATIVE = "nomn", "obl", "ablt", "gent", "loct"
"""What a form says about the name's place in the sentence: subject; neither; agent of a passive; possessor."""

_CASES = ("nomn", "gent", "datv", "accs", "ablt", "loct")
_MARK = {"nomn": NOMINATIVE, "ablt": INSTRUMENTAL, "gent": GENITIVE, "loct": LOCATIVE}
_CYRILLIC = re.compile(r"[а-яёіїєґ'’ʼ-]+", re.IGNORECASE)


@cache
def _analyzer() -> Any:
    import pymorphy3  # a tenth of a second and 15 MB: only where Russian names are compiled

    return pymorphy3.MorphAnalyzer(lang="ru")


_memory: dict[str, list[tuple[str, str]]] = {}
"""Names whose forms are known: from this run, and from earlier ones inside `remembered`."""


@contextmanager
def remembered() -> Iterator[None]:
    """Takes the forms of earlier runs from the cache, and leaves those that were worked out meanwhile there."""
    key = cache_files.key_of([])
    _memory.update({name: [(form, mark) for form, mark in known] for name, known in (cache_files.get("forms", key) or {}).items()})
    before = len(_memory)
    yield
    if len(_memory) > before:
        cache_files.put("forms", key, _memory)


def forms(name: str, language: str, *, person: bool = False) -> list[tuple[str, str]]:
    """A name as written -> its forms, each with NOMINATIVE, OBLIQUE, INSTRUMENTAL, GENITIVE or "" (says nothing).

    person: the name is a human being's; surnames then inflect as such. Acronyms and terms with `*` are left as they are.
    """
    if "*" in name or language not in ("ru", "uk") or name == name.upper():
        return [(name, "")]
    key = f"{language} {'person' if person else ''} {name}"
    if key not in _memory:
        _memory[key] = _worked_out(name, language, person)
    return _memory[key]


def _worked_out(name: str, language: str, person: bool) -> list[tuple[str, str]]:
    words = name.split()
    found: dict[str, set[str]] = {}
    head = _inflecting(words, language, person)
    for case in _CASES:
        for variant in _product([_word_forms(word, case, language, person) if at in head else [word] for at, word in enumerate(words)]):
            found.setdefault(" ".join(variant), set()).add(_MARK.get(case, OBLIQUE))
    # What never changes says nothing. A form that serves as subject in some reading must be allowed to be one; accusative and genitive
    # of a man coincide.
    every = {_MARK.get(case, OBLIQUE) for case in _CASES}
    return [
        (
            form,
            ""
            if language == "uk" and marks == every
            else next((m for m in (NOMINATIVE, INSTRUMENTAL, GENITIVE, LOCATIVE, OBLIQUE) if m in marks), ""),
        )
        for form, marks in found.items()
    ]


def _product(options: list[list[str]]) -> Iterator[list[str]]:
    """Words side by side: variants are taken in step, so that a name does not explode into mixed ones."""
    for at in range(max(map(len, options))):
        yield [option[min(at, len(option) - 1)] for option in options]


def _inflecting(words: list[str], language: str, person: bool) -> set[int]:
    """Which words of a name inflect: those up to its first noun in the nominative; of a person's name all that can."""
    if person and not any(word[0].islower() for word in words):
        # Of names like "Ким Чен Ын" only the last part inflects.
        monosyllabic = len(words) > 1 and all(len(word) <= 4 for word in words)
        return {len(words) - 1} if monosyllabic else set(range(len(words)))
    chosen: set[int] = set()
    for at, word in enumerate(words):
        chosen.add(at)
        if _is_head(word, language):
            break
    return chosen


@cache
def _is_head(word: str, language: str) -> bool:
    if language == "ru":
        parses = _analyzer().parse(word)
        adjective = any("ADJF" in parse.tag and "nomn" in parse.tag for parse in parses)
        return "NOUN" in parses[0].tag and "nomn" in parses[0].tag and not adjective
    return not word.lower().endswith(
        ("ий", "ій", "а́", "ська", "цька", "ське", "цьке", "ські", "цькі", "на", "не", "ні", "ова", "ове", "ові")
    )


@cache
def _word_forms(word: str, case: str, language: str, person: bool) -> list[str]:
    if not _CYRILLIC.fullmatch(word):
        return [word]
    if language == "uk":
        return _ukrainian(word, case)
    if "-" in word:
        left, right = word.split("-", 1)
        return [f"{left}-{form}" for form in _russian(right, case, person)]
    return _russian(word, case, person)


def _russian(word: str, case: str, person: bool) -> list[str]:
    if word == word.upper() and len(word) > 1:
        return [word]
    best = _parse(word, person)
    if person and (best is None or not best.is_known or not ({"Surn"} in best.tag or {"Name"} in best.tag or {"Patr"} in best.tag)):
        return [_foreign(word, case)]
    if best is None:
        return [word]
    number = "plur" if "plur" in best.tag else "sing"
    wanted = {case, number} if best.tag.number else {case}
    inflected = best.inflect(wanted)
    made = [inflected.word] if inflected else [word]
    if case == "ablt" and made[0].endswith("ою"):
        made = [made[0][:-1] + "й"]
    # A second locative or an instrumental in -ою is rare in news; the dictionary's first form is the one in use.
    return [form.capitalize() if word[0].isupper() else form for form in made]


_ENDINGS = (
    (("ский", "цкий"), 2, ("ий", "ого", "ому", "ого", "им", "ом")),
    (("ая",), 2, ("ая", "ой", "ой", "ую", "ой", "ой")),
    (("ов", "ев", "ёв", "ин", "ын"), 0, ("", "а", "у", "а", "ым", "е")),
    (("га", "ка", "ха", "жа", "ша", "ча", "ща"), 1, ("а", "и", "е", "у", "ой", "е")),
    (("а",), 1, ("а", "ы", "е", "у", "ой", "е")),
    (("я",), 1, ("я", "и", "е", "ю", "ей", "е")),
    (("й",), 1, ("й", "я", "ю", "я", "ем", "е")),
    (("ь",), 1, ("ь", "я", "ю", "я", "ем", "е")),
    (("о", "е", "и", "у", "ю", "ы", "э", "ё"), 0, ("",) * 6),
    (("",), 0, ("", "а", "у", "а", "ом", "е")),
)
"""How names that no dictionary has inflect: endings, letters that go, what comes in each case. Consonants as masculine nouns."""


def _foreign(word: str, case: str) -> str:
    lower = word.lower()
    for endings, gone, made in _ENDINGS:
        # A surname in -ов has more before it: "Юсов" is one, "Ын" is not.
        if lower.endswith(endings) and (len(word) > 3 or endings[0] != "ов"):
            return word[: len(word) - gone] + made[_CASES.index(case)]
    return word


@cache
def _parse(word: str, person: bool) -> Any:
    """The reading in the nominative that fits best; for persons a surname or first name of a man before others."""
    parses = [p for p in _analyzer().parse(word) if "nomn" in p.tag]
    if person:
        named = [p for p in parses if {"Surn"} in p.tag or {"Name"} in p.tag]
        feminine = word.lower().endswith(("а", "я"))
        fitting = [p for p in named if ("femn" in p.tag) == feminine]
        parses = fitting or named or parses
    return parses[0] if parses else None


def _ukrainian(word: str, case: str) -> list[str]:
    pack = load_pack("uk")
    lower = word.lower()
    if word == word.upper() or lower in pack.fleeting:
        return [word]
    for ending, endings in pack.paradigms:
        if lower.endswith(ending):
            stem = word[: len(word) - len(ending)]
            return [stem + form for form in endings[_CASES.index(case)].split("/")]
    return [word]
