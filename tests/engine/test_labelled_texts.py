"""How well whole texts are read: against labels set by hand, in every language, with a floor slightly under what is reached.

The texts under `tests/texts` are in our own words and report what was reported at the time. A label says that a party takes a stance on
a claim, now or in the past; an optional one is neither asked for nor held against the reading.
"""

from __future__ import annotations

import json
from collections import defaultdict
from functools import cache
from pathlib import Path
from typing import NamedTuple

import pytest

from monitor.engine.pipeline import read
from monitor.engine.rulebook import Rulebook
from monitor.replay import article_from
from monitor.stories import open_rulebook

TEXTS = Path(__file__).parent.parent / "texts"
RULES = Path(__file__).parents[2] / "rules"


class Floor(NamedTuple):
    """The least that a language's texts must be read with."""

    f1: float
    when: float
    empty: float


FLOORS = {
    "en": Floor(0.82, 0.79, 0.95),
    "ru": Floor(0.78, 0.86, 0.90),
    "uk": Floor(0.79, 0.87, 0.90),
    "ko": Floor(0.87, 0.89, 0.95),
    "zh": Floor(0.82, 0.86, 0.83),
}

Key = tuple[str, str, str]
Labels = dict[Key, set[str]]


class Score(NamedTuple):
    """What was found of what was asked for."""

    f1: float
    when: float
    empty: float


@cache
def rules() -> Rulebook:
    return open_rulebook(RULES)


def labels(row: dict[str, object], *, optional: bool) -> Labels:
    found: Labels = defaultdict(set)
    evidence = row["evidence"]
    assert isinstance(evidence, list)
    for one in evidence:
        if bool(one.get("optional")) is optional:
            found[one["claim"], one["party"], one["stance"]].add(one["when"])
    return found


def score(language: str) -> Score:
    """Micro-averaged F1 over (claim, party, stance); the share of these with the right times; of empty texts left empty."""
    hit = wanted = given = timed = empty = left = 0
    for line in (TEXTS / f"{language}.jsonl").read_text(encoding="utf-8").splitlines():
        row = json.loads(line)
        firm, soft = labels(row, optional=False), labels(row, optional=True)
        found: Labels = defaultdict(set)
        for reading in read(article_from(row), rules()):
            for one in reading.evidence:
                found[one.claim, one.party, one.stance.value].add(one.when.value)
        right = firm.keys() & found.keys()
        hit, wanted, given = hit + len(right), wanted + len(firm), given + len(right) + len(found.keys() - firm.keys() - soft.keys())
        timed += sum(firm[key] <= found[key] <= firm[key] | soft.get(key, set()) for key in right)
        if not firm and not soft:
            empty, left = empty + 1, left + (not found)
    return Score(2 * hit / (wanted + given), timed / hit, left / empty)


@pytest.mark.parametrize("language", FLOORS)
def test_labelled_texts_are_read_no_worse_than_before(language: str) -> None:
    reached, floor = score(language), FLOORS[language]
    assert all(a >= b for a, b in zip(reached, floor, strict=True)), reached
