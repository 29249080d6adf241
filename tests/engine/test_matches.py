"""Named conditions on what an article is: its language, outlet, feed and title, patterns, whoever speaks for a party."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from monitor.engine.pipeline import read, read_by
from monitor.engine.rulebook import Rulebook
from monitor.model import Article
from monitor.rules.schema import Story
from monitor.stories import compiled

AT = datetime(2025, 5, 6, tzinfo=UTC)
ARTICLE = Article(
    id="a",
    feed="https://wire.example/rss",
    outlet="Test Wire",
    lang="ru",
    title="Порт закрыт",
    text="Приказ № 1745 подписан. Портовое управление приказа № 17 не видело. 항만 order no. 9",
    published_at=AT,
    fetched_at=AT,
)
MET = {
    # outcome: condition, the words that met it; none: it is not met
    "a pattern, every time": (r'regex("приказ\p{L}* № \d+")', ["Приказ № 1745", "приказа № 17"]),
    "a pattern in capitals only": (r'regex("(?-i)Приказ\p{L}* № \d+")', ["Приказ № 1745"]),
    "a pattern near a word": (r'regex("№ \d+") near 1 подписан', ["№ 1745", "подписан"]),
    "a pattern within a sentence": (r'sentence(regex("№ \d+") and видело)', ["№ 17", "видело"]),
    "a pattern beside a script without spaces": (r'regex("\d+$") and 항만', ["항만", "9"]),
    "in the title": ("title(порт)", ["Порт"]),
    "in the title alone": ("title(приказ)", []),
    "in this language": ("порт and lang(ru)", ["Порт"]),
    "in one of these languages": ("порт and lang(uk or ru)", ["Порт"]),
    "in another language": ("порт and lang(uk)", []),
    "from this outlet, however it is written": ("порт and outlet(TEST wire)", ["Порт"]),
    "not from this outlet": ("порт and not outlet(Test Wire)", []),
    "from this feed": ('порт and feed("https://wire.example/rss")', ["Порт"]),
    "from another feed": ('порт and feed("https://wire.example/other")', []),
    "whoever speaks for a party": ("party(town) and подписан", ["подписан", "Портовое управление"]),
    "what nobody says": (r'regex("Приказ № 99")', []),
}


def rulebook(condition: str) -> Rulebook:
    story = Story.model_validate(
        {
            "story": "test",
            "title": "A port",
            "entities": {
                "town": {"kind": "party", "names": {"ru": ["Город"]}},
                "office": {"kind": "agency", "speaks_for": "town", "names": {"ru": ["Портовое управление"]}},
            },
            "matches": {"it": condition},
        }
    )
    return compiled([(story, "v1")])


@pytest.mark.parametrize(("condition", "words"), MET.values(), ids=MET)
def test_a_condition_is_met_by(condition: str, words: list[str]) -> None:
    readings = read(ARTICLE, rulebook(condition))
    assert [span.text for reading in readings for match in reading.matches for span in match.spans] == words


def test_a_pattern_is_found_in_an_article_without_any_word_of_the_rules() -> None:
    article = ARTICLE.model_copy(update={"title": "Order No. 17", "text": "", "lang": "en"})
    with_pattern, without = rulebook(r'regex("No\. \d+")'), rulebook("порт")
    assert [match.rule for reading in read(article, with_pattern) for match in reading.matches] == ["it"]
    before, after = read_by(article, without, with_pattern)
    assert (before, [reading.matches[0].rule for reading in after]) == ([], ["it"])
