"""The same articles and rules give the same events, to the letter, in every run: ids and quotes rest on it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]
TEXTS = [
    "北约秘书长16日被问到朝鲜士兵是否正在为俄罗斯打仗时说，目前还不能证实相关报道。朝军士兵已到达库尔斯克，五角大楼发言人证实，朝鲜士兵正在俄罗斯作战。",
    "The Pentagon confirmed that North Korean troops from North Korea were sent to Russia and fight in the Kursk region with Russian troops.",
    "Кремль опроверг, что северокорейские военные из КНДР отправлены в Россию и участвуют в боях в Курской области.",
    "국정원은 북한이 러시아에 북한군 병력을 보냈고 북한군이 쿠르스크 전투에 참가했다고 밝혔다.",
]


def test_the_seed_of_pythons_hashes_changes_nothing(tmp_path: Path) -> None:
    file = tmp_path / "articles.jsonl"
    rows = [{"id": str(n), "published": "2025-04-28T09:00:00Z", "title": "", "text": text} for n, text in enumerate(TEXTS)]
    file.write_text("\n".join(json.dumps(row) for row in rows), encoding="utf-8")

    def replayed(seed: str) -> str:
        command = [sys.executable, "-m", "monitor", "replay", str(file), "--json", "--rules", str(ROOT / "rules")]
        return subprocess.run(command, env=os.environ | {"PYTHONHASHSEED": seed}, capture_output=True, text=True, check=True).stdout

    first = replayed("1")
    assert first.count('"type": "evidence"') >= len(TEXTS)
    assert [replayed(seed) == first for seed in ("2", "3")] == [True, True]
