"""From a text to a rule: what is proposed for a text that should have been found, and what is not."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from monitor.engine.pipeline import explain
from monitor.engine.rulebook import Rulebook
from monitor.model import Article, Stance, digest
from monitor.rules.candidates import Wanted
from monitor.rules.suggesting import Suggestions, suggest
from monitor.stories import open_rulebook
from tests.cli.test_commands import STORIES


@pytest.fixture(scope="module")
def rulebook() -> Rulebook:
    return open_rulebook(STORIES)


def article(text: str, lang: str) -> Article:
    at = datetime(2024, 3, 1, tzinfo=UTC)
    return Article(id=digest(text), lang=lang, text=text, published_at=at, fetched_at=at)


def proposed(made: Suggestions) -> list[tuple[str, str, set[str], set[tuple[str, str, Stance]]]]:
    """Section, key, words, and what is found with them."""
    return [
        (
            one.candidate.section,
            one.candidate.key,
            {one.candidate.term, *one.candidate.others},
            {(row.claim, row.party, row.stance) for row in one.gained},
        )
        for one in made.proposals
    ]


LACKING = [
    # a speaker whom the rules do not know
    (
        "en",
        "Vorin Shipping said that Corvane will buy Ambervale.",
        "entities",
        "vorin-shipping",
        "Vorin Shipping",
        ("takeover", "vorin-shipping"),
    ),
    ("en", "Corvane will buy Ambervale, according to the Vorin Fund.", "entities", "vorin-fund", "Vorin Fund", ("takeover", "vorin-fund")),
    ("ru", "«Ворин» заявил, что «Корвейн» купит «Эмбервейл».", "entities", "new-speaker", "Ворин", ("takeover", "new-speaker")),
    ("zh", "沃林公司表示，科维恩将收购安伯维尔。", "entities", "new-speaker", "沃林公司", ("takeover", "new-speaker")),
    # a word that the claim's condition asks for
    ("en", "Corvane said that Ambervale will be gobbled up.", "words", "buying", "gobbled", ("takeover", "corvane")),
    ("en", "Corvane confirmed that the Northquay yard will be mothballed.", "words", "closing", "mothballed", ("yard-closure", "corvane")),
    # a word that reports
    ("en", "Corvane bragged that it will buy Ambervale.", "cues", "say", "bragged", ("takeover", "corvane")),
]


@pytest.mark.parametrize(("lang", "text", "section", "key", "word", "found"), LACKING)
def test_what_the_rules_lack_is_proposed_with_what_it_finds(
    rulebook: Rulebook, lang: str, text: str, section: str, key: str, word: str, found: tuple[str, str]
) -> None:
    rows = proposed(suggest(article(text, lang), rulebook, "merger"))
    assert any(
        (where, name) == (section, key) and word in words and found in {gain[:2] for gain in gained} for where, name, words, gained in rows
    ), rows


def test_what_is_proposed_finds_with_the_whole_story_what_it_found_when_it_was_tried(rulebook: Rulebook) -> None:
    for lang, text, *_ in LACKING:
        made = suggest(article(text, lang), rulebook, "merger")
        for one in made.proposals:
            (read,) = explain(article(text, lang), Rulebook([(one.story, "with it")]))
            said = {(row.claim, row.party, row.stance, row.when) for row in read.reading.evidence}
            assert said >= {(row.claim, row.party, row.stance, row.when) for row in one.gained}


@pytest.mark.parametrize(
    ("lang", "text"),
    [
        ("en", "Corvane said that it will buy Ambervale."),  # all is found already
        ("en", "The weather in the port was fine."),  # nothing to find
        ("zh", "今天港口天气很好。"),
        ("", ""),
        ("fr", "Corvane a dit que le chantier sera fermé."),  # a language that is not read
    ],
)
def test_nothing_is_proposed_where_nothing_is_lacking(rulebook: Rulebook, lang: str, text: str) -> None:
    assert proposed(suggest(article(text, lang), rulebook, "merger")) == []


def test_only_what_finds_the_wanted_is_proposed(rulebook: Rulebook) -> None:
    text = article(
        "Vorin Shipping said that Corvane will buy Ambervale. Corvane confirmed that the Northquay yard will be mothballed.", "en"
    )
    both = {key for _, key, _, _ in proposed(suggest(text, rulebook, "merger"))}
    closing = {key for _, key, _, _ in proposed(suggest(text, rulebook, "merger", Wanted("yard-closure", "corvane", Stance.AFFIRM)))}
    union = proposed(suggest(text, rulebook, "merger", Wanted("takeover", "quayside-union")))
    assert both >= {"vorin-shipping", "closing"}
    assert closing == {"closing"}
    assert [found for *_, found in union] == [{("takeover", "quayside-union", Stance.AFFIRM)}]  # it is asked whether the firm speaks for it
    assert (
        "does it speak for quayside-union?"
        in suggest(text, rulebook, "merger", Wanted("takeover", "quayside-union")).proposals[0].candidate.ask
    )


def test_a_claim_that_comes_close_is_named_with_what_it_lacks(rulebook: Rulebook) -> None:
    made = suggest(article("Corvane confirmed that the Northquay yard has a new roof.", "en"), rulebook, "merger")
    assert made.lacking["yard-closure"] == "closing"
