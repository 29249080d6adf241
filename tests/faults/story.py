"""The stories under test: two of them read every article, so that a process can die between their commits."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

CLAIMS = 60
STORIES = ("alpha", "beta")

SENTENCES: tuple[tuple[str, str, str, str], ...] = (
    ("en", "Moscow denied that {} had been closed", "russia", "deny"),
    ("en", "Kyiv confirmed that {} had been closed", "ukraine", "affirm"),
    ("en", "Moscow admitted that {} had been closed", "russia", "affirm"),
    ("ru", "Россия отрицает, что {} закрыт", "russia", "deny"),
    ("ru", "Киев подтвердил, что {} закрыт", "ukraine", "affirm"),
    ("ru", "Москва признала, что {} закрыт", "russia", "affirm"),
    ("uk", "Росія заперечує, що {} закрито", "russia", "deny"),
    ("uk", "Київ підтвердив, що {} закрито", "ukraine", "affirm"),
    ("ko", "러시아는 {} 폐쇄를 부인했다", "russia", "deny"),
    ("ko", "우크라이나는 {} 폐쇄를 확인했다", "ukraine", "affirm"),
    ("zh", "俄罗斯否认{}已关闭", "russia", "deny"),
    ("zh", "乌克兰证实{}已关闭", "ukraine", "affirm"),
)
"""Language, a title with a place for what the claim is about, and the evidence that it is: party and stance."""

BESIDE = ("The weather stays mild, report {}", "Погода остаётся мягкой, сообщение {}", "날씨는 온화하다, 보도 {}", "天气依然温和，第{}报")
"""Titles that tell the stories nothing."""

_DIGITS = "零一二三四五六七八九"
_HEAD = """\
title: Things that were closed
entities:
  russia:  {kind: party, names: {en: [Moscow], ru: [Москва, Россия], uk: [Москва, Росія], ko: [러시아], zh: [俄罗斯]}}
  ukraine: {kind: party, names: {en: [Kyiv], ru: [Киев], uk: [Київ], ko: [우크라이나], zh: [乌克兰]}}
"""


def about(claim: int, language: str) -> str:
    """What a claim is about, in a language."""
    return f"猎鹰{_DIGITS[claim // 10]}{_DIGITS[claim % 10]}号" if language == "zh" else f"Falcon-{claim:02}"


def write_rules(folder: Path, feeds: Sequence[str], more: str = "") -> None:
    """The stories as rule files. more: alert rules besides, as lines of YAML; what is no YAML makes the files unusable."""
    words = [f"  thing-{claim:02}: {{{', '.join(f'{at}: [{about(claim, at)}]' for at in _LANGUAGES)}}}" for claim in range(CLAIMS)]
    claims = [
        f"  c{claim:02}: {{text: Thing {claim} was closed, about: thing-{claim:02}, confirmed_by: [russia]}}" for claim in range(CLAIMS)
    ]
    for number, story in enumerate(STORIES):
        told = range(0, CLAIMS, number + 1)
        alerts = [f"  - {{alert: moved-{claim:02}, when: {{claim: c{claim:02}, position: any}}, severity: urgent}}" for claim in told]
        matches = ["  falcons: thing-00 | thing-01 | thing-02", "alerts:", "  - {alert: seen, when: {match: falcons}, severity: info}"]
        polled = [f"  - {{url: '{url}', every: 1s, outlet: 'Wire {place}'}}" for place, url in enumerate(feeds)]
        parts = ["words:", *words, "claims:", *claims, "matches:", *matches, *alerts, *more.splitlines(), "feeds:", *polled]
        path = folder / story / "story.yaml"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.with_suffix(".new").write_text(_HEAD + "\n".join(parts) + "\n", encoding="utf-8")
        path.with_suffix(".new").replace(path)


_LANGUAGES = ("en", "ru", "uk", "ko", "zh")
