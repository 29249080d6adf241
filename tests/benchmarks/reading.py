"""How fast a text is read: one that names nothing of the story (the scan alone), one with evidence, and up to thirty-two times as long."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

from monitor.engine.pipeline import read
from monitor.engine.rulebook import Rulebook
from monitor.model import Article
from monitor.stories import open_rulebook
from tests.benchmarks.figures import Figure, seconds

RULES = Path(__file__).parents[2] / "rules"
SIZE = 2400
"""Bytes of a text of usual length."""

PLAIN = {
    "en": "The council approved a budget for schools and roads after a long debate on Tuesday evening. ",
    "ru": "Городской совет после долгих споров утвердил во вторник вечером бюджет школ и дорог. ",
    "uk": "Міська рада після довгих суперечок ухвалила у вівторок увечері бюджет шкіл і доріг. ",
    "ko": "시의회는 화요일 저녁 긴 토론 끝에 학교와 도로 예산을 승인했다. ",
    "zh": "市议会星期二晚间经过长时间辩论，批准了学校和道路预算。",
}
TOLD = {
    "en": "The General Staff in Moscow said that North Korean soldiers had fought in the Kursk region. Kyiv confirmed it. ",
    "ru": "В Генштабе России заявили, что северокорейские солдаты воевали в Курской области. Киев это подтвердил. ",
    "uk": "У Генштабі Росії заявили, що північнокорейські солдати воювали в Курській області. Київ це підтвердив. ",
    "ko": "러시아 총참모부는 북한군이 쿠르스크에서 싸웠다고 밝혔다. 우크라이나는 이를 확인했다. ",
    "zh": "俄罗斯总参谋部表示，朝鲜士兵在库尔斯克参加了战斗。基辅证实了这一消息。",
}


def sized(unit: str, size: int) -> str:
    """A unit of text, repeated up to so many bytes of UTF-8."""
    return unit * max(1, size // len(unit.encode()))


def mixed(language: str, size: int) -> str:
    """Mostly plain prose, with what the story is about in every sixth part of it."""
    part = sized(PLAIN[language], size // 6)
    return TOLD[language] + part * 5


def article(text: str, language: str) -> Article:
    """A text as an article."""
    at = datetime(2025, 4, 28, tzinfo=UTC)
    return Article(id=language, title=text[:60], text=text, lang=language, published_at=at, fetched_at=at)


def figures(*, short: bool) -> Iterator[Figure]:
    """The figures of reading. short: only show that it runs."""
    rulebook: Rulebook = open_rulebook(RULES)
    rounds = 3 if short else 60
    for language in PLAIN:
        for name, text, goal in (("nothing", sized(PLAIN[language], SIZE), ""), ("evidence", mixed(language, SIZE), "< 1")):
            one = article(text, language)
            assert bool(read(one, rulebook)) is (name == "evidence"), (language, name)
            yield Figure("read", f"{language}, 2.4 KB with {name}", seconds(lambda one=one: read(one, rulebook), rounds) * 1e3, "ms", goal)  # type: ignore[misc]
        for length in (1, 4) if short else (1, 2, 4, 8, 16, 32):
            one = article(mixed(language, SIZE) * length, language)
            taken = seconds(lambda one=one: read(one, rulebook), max(3, rounds // length))  # type: ignore[misc]
            yield Figure("read", f"{language}, {length} x 2.4 KB", taken / len(one.text) * 1e6, "us a character", "level")
