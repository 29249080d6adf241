"""How fast the program is: `python -m tests.benchmarks [--short] [--json FILE]`. Prints a table; each figure is CPU time of one process.

none       a text of 2.4 KB that names nothing of the story: the scan alone
claim      a text of 2.4 KB with evidence in it, read through all layers
curve      the same text, once to thirty-two times as long: microseconds a character, which must stay level
"""

from __future__ import annotations

import argparse
import json
import statistics
import sys
import time
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from pathlib import Path

from monitor.engine.pipeline import read
from monitor.engine.rulebook import Rulebook
from monitor.model import Article
from monitor.stories import open_rulebook

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


def seconds(work: Callable[[], object], rounds: int) -> float:
    """CPU seconds of one run of some work: the median."""
    taken = []
    for _ in range(rounds):
        started = time.process_time()
        work()
        taken.append(time.process_time() - started)
    return statistics.median(taken)


def reading(rulebook: Rulebook, rounds: int, lengths: Sequence[int]) -> list[dict[str, object]]:
    """The figures of reading, a row each."""
    rows: list[dict[str, object]] = []
    for language in PLAIN:
        for name, text in (("none", sized(PLAIN[language], SIZE)), ("claim", mixed(language, SIZE))):
            one = article(text, language)
            assert bool(read(one, rulebook)) is (name == "claim"), (language, name)
            rows.append({"what": name, "language": language, "milliseconds": seconds(lambda one=one: read(one, rulebook), rounds) * 1e3})  # type: ignore[misc]
        for length in lengths:
            one = article(mixed(language, SIZE) * length, language)
            per = seconds(lambda one=one: read(one, rulebook), max(3, rounds // length)) / len(one.text) * 1e6  # type: ignore[misc]
            rows.append({"what": f"curve ×{length}", "language": language, "microseconds a character": per})
    return rows


def main() -> None:
    """Measures, prints and keeps."""
    options = argparse.ArgumentParser(prog="python -m tests.benchmarks", description="How fast the program is.")
    options.add_argument("--short", action="store_true", help="only show that it runs")
    options.add_argument("--json", type=Path, help="keep the figures here")
    args = options.parse_args()
    rows = reading(open_rulebook(RULES), 3 if args.short else 60, (1, 4) if args.short else (1, 2, 4, 8, 16, 32))
    for row in rows:
        *names, (unit, figure) = row.items()
        sys.stdout.write(f"{' '.join(str(value) for _, value in names):14} {figure:10.3f} {unit}\n")
    if args.json:
        args.json.write_text(json.dumps(rows, indent=1))


if __name__ == "__main__":
    main()
