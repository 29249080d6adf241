"""A story's own words that report: they count beside those of the languages, in their language, for that story alone."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from monitor.engine.pipeline import read_all
from monitor.model import Article
from monitor.rules.schema import Story
from monitor.stories import compiled

AT = datetime(2025, 5, 6, tzinfo=UTC)
CUES = {
    "deny": {"en": ["gave the bird to"], "ru": ["послал* подальше"], "ko": ["코웃음쳤다"], "zh": ["挥手了事"]},
    "doubt": {"en": ["raised both eyebrows at"]},
    "confirm": {"any": ["ticked off"]},
}


def story(name: str, cues: dict[str, Any]) -> tuple[Story, str]:
    content = {
        "story": name,
        "title": "A bridge",
        "entities": {"red": {"kind": "party", "names": {"en": ["Red"], "ru": ["Красный"], "ko": ["홍사"], "zh": ["红方"]}}},
        "words": {"bridge": {"en": ["bridge"], "ru": ["мост*"], "ko": ["다리"], "zh": ["桥"]}},
        "cues": cues,
        "claims": {"built": {"text": "The bridge is built", "about": "bridge"}},
    }
    return Story.model_validate(content), "v1"


READ = {
    # outcome: language, text, stances
    "a denial": ("en", "Red gave the bird to reports that the bridge was built.", ["deny"]),
    "a doubt": ("en", "Red raised both eyebrows at reports that the bridge was built.", ["doubt"]),
    "in any language": ("en", "Red ticked off that the bridge was built.", ["affirm"]),
    "in Russian, in any form": ("ru", "Красный послала подальше слухи о том, что мост построен.", ["deny"]),
    "in Chinese": ("zh", "红方对桥已建成的报道挥手了事。", ["deny"]),
    "not in another language": ("en", "Red 挥手了事 that the bridge was built.", []),
    "negated like any denial": ("en", "Red never gave the bird to reports that the bridge was built.", ["decline"]),
    "somebody else's": ("en", "A passer-by gave the bird to reports that the bridge was built.", []),
}


@pytest.mark.parametrize(("lang", "text", "stances"), READ.values(), ids=READ)
def test_a_storys_own_word_reports(lang: str, text: str, stances: list[str]) -> None:
    article = Article(id="a", title="", text=text, lang=lang, published_at=AT, fetched_at=AT)
    found = {
        reading.story: [str(row.stance) for row in reading.evidence]
        for reading in read_all(article, compiled([story("one", CUES), story("two", {})]))
    }
    assert found == {"one": stances, "two": []}


DOING = {
    # outcome: text, who takes which stance; none: nobody
    "what it says is done": ("Red seals the bridge for good", ["red affirm"]),
    "done by": ("The bridge was sealed by Red.", ["red affirm"]),
    "not done": ("Red has not sealed the bridge.", ["red deny"]),
    "not wanted": ("Red refused to seal the bridge.", ["red deny"]),
    "the opposite is done, by a word that denies elsewhere": ("Red rejects the bridge", ["red deny"]),
    "done to something else": ("Red sealed a letter. The bridge stands.", []),
    "a word that denies denies all the same": ("Red rejects reports that Blue has sealed the bridge.", ["red deny"]),
    "perhaps": ("Red may seal the bridge.", []),
    "told by another, who then says so": ("Blue said that Red had sealed the bridge.", ["blue affirm"]),
    "denied by another": ("Blue denies that Red sealed the bridge.", ["blue deny"]),
    "by nobody that is named": ("Red left when the bridge was sealed.", []),
    "a plain word of what is said": ("The bridge will be sealed, Red said.", ["red affirm"]),
    "long ago": ("Last year Red sealed the bridge.", ["red affirm past"]),
    "in Russian": ("Красный опечатал мост.", ["red affirm"]),
    "in Chinese": ("红方封桥。", ["red affirm"]),
}


@pytest.mark.parametrize(("text", "rows"), DOING.values(), ids=DOING)
def test_what_a_party_does_itself_is_its_word(text: str, rows: list[str]) -> None:
    content = {
        "story": "seal",
        "title": "A bridge",
        "entities": {
            "red": {"kind": "party", "names": {"en": ["Red"], "ru": ["Красный"], "zh": ["红方"]}},
            "blue": {"kind": "party", "names": {"en": ["Blue"]}},
        },
        "words": {
            "bridge": {"en": ["bridge"], "ru": ["мост"], "zh": ["桥"]},
            "sealing": {"en": ["seal*"], "ru": ["опечатал*"], "zh": ["封"]},
            "rejecting": {"en": ["reject*"]},
        },
        "cues": {"do": {"en": ["seal", "seals", "sealed", "rejects"], "ru": ["опечатал"], "zh": ["封"]}},
        "claims": {"sealed": {"text": "T", "about": "sealing near bridge", "contrary": "rejecting near bridge"}},
    }
    article = Article(id="a", title="", text=text, published_at=AT, fetched_at=AT)
    [reading] = read_all(article, compiled([(Story.model_validate(content), "v1")]))
    found = [f"{row.party} {row.stance}{' past' if row.when == 'past' else ''}" for row in reading.evidence]
    assert found == rows
