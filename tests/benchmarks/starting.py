"""How long people wait for a command, on the clock: the best of a few, with what earlier runs have kept."""

from __future__ import annotations

import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from tests.benchmarks.figures import Figure

RULES = Path(__file__).parents[2] / "rules"
FEEDS = 'feeds: [{url: "http://127.0.0.1:9/feed", every: 1h}]\n'
"""Nobody is asked: nothing listens there, and the poll says so."""
SMALL = "title: A port\nclaims: {strike: {text: The dockers strike, about: strike}}\nwords: {strike: {en: [strike]}}\n"


def figures(*, short: bool) -> Iterator[Figure]:
    """The figures of starting. short: only what is quick, and once."""
    with tempfile.TemporaryDirectory() as made:
        text = Path(made) / "text.txt"
        text.write_text("Pyongyang denied that its soldiers were in Kursk.")
        small, large = Path(made) / "small", Path(made) / "large"
        (small / "port").mkdir(parents=True)
        (small / "port" / "story.yaml").write_text(SMALL + FEEDS)
        shutil.copytree(RULES, large)
        (large / "kursk" / "feeds.yaml").write_text(FEEDS)
        shipped = ("--rules", str(RULES))
        for what, arguments, goal in (
            ("monitor --help", ("--help",), "< 0.2"),
            ("monitor check, shipped rules", ("check", *shipped), "< 0.5"),
            ("monitor explain, shipped rules", ("explain", str(text), *shipped), ""),
            ("monitor test, shipped rules", ("test", *shipped), ""),
        ):
            if not short or what == "monitor --help":
                yield Figure("start", what, min(_taken(*arguments) for _ in range(1 if short else 5)), "s", goal)
        for what, rules, goal in (("a small story", small, ""), ("shipped rules", large, "< 1.5"))[: 1 if short else 2]:
            first = min(_until_polled(rules, Path(made) / f"data-{what}-{number}") for number in range(1 if short else 3))
            yield Figure("start", f"monitor run to its first poll, {what}", first, "s", goal)


def _taken(*arguments: str) -> float:
    started = time.perf_counter()
    subprocess.run([sys.executable, "-m", "monitor", *arguments], stdout=subprocess.DEVNULL, check=True)
    return time.perf_counter() - started


def _until_polled(rules: Path, data: Path) -> float:
    """Seconds from the call to the first poll that the log tells of; the feeds need not answer."""
    command = [sys.executable, "-m", "monitor", "run", "--plain", "--rules", str(rules), "--data", str(data)]
    started = time.perf_counter()
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True) as process:
        assert process.stdout is not None
        try:
            for line in process.stdout:
                if '"poll' in line:
                    return time.perf_counter() - started
        finally:
            process.terminate()
            process.stdout.read()
    raise RuntimeError("the daemon ended before it polled")
