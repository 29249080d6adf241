"""The benchmarks run; what they show is for a quiet machine."""

import json
import subprocess
import sys
from pathlib import Path


def test_a_short_run_prints_every_figure_and_keeps_it(tmp_path: Path) -> None:
    kept = tmp_path / "figures.json"
    run = subprocess.run(
        [sys.executable, "-m", "tests.benchmarks", "--short", "--json", str(kept)], capture_output=True, text=True, check=True
    )
    rows = json.loads(kept.read_text())
    assert len(run.stdout.splitlines()) == len(rows)
    assert {row["part"] for row in rows} == {"read", "scan", "poll", "start"}
    assert all(row["value"] > 0 for row in rows if "not installed" not in row["what"])
