"""How fast the program is: `python -m tests.benchmarks [PART ...] [--short] [--json FILE] [--articles FILE]`. Prints a table.

read    reading of single texts, in each language, by the shipped rules
scan    articles against ten thousand and a hundred thousand names; beside what others use for it, where that is installed (`bench`)
poll    a thousand feeds, beside lemon24/reader (`bench`)
start   the commands that people wait for, from the call to the end

Figures are CPU time of one process, but for `start`: that is time on the clock.
"""

from __future__ import annotations

import argparse
import json
import sys
from dataclasses import asdict
from pathlib import Path

from tests.benchmarks import polling, reading, scanning, starting


def main() -> None:
    """Measures, prints and keeps."""
    options = argparse.ArgumentParser(prog="python -m tests.benchmarks", description="How fast the program is.")
    options.add_argument(
        "parts", nargs="*", choices=["read", "scan", "poll", "start", []], metavar="PART", help="read, scan, poll, start; none: all"
    )
    options.add_argument("--short", action="store_true", help="only show that it runs")
    options.add_argument("--json", type=Path, help="keep the figures here")
    options.add_argument("--articles", type=Path, help="articles as JSON lines with title, text and lang, for `scan`; none: made up")
    args = options.parse_args()
    measured = {
        "read": lambda: reading.figures(short=args.short),
        "scan": lambda: scanning.figures(args.articles, short=args.short),
        "poll": lambda: polling.figures(short=args.short),
        "start": lambda: starting.figures(short=args.short),
    }
    kept = []
    for part in args.parts or measured:
        for figure in measured[part]():
            sys.stdout.write(f"{figure.part:6} {figure.what:44} {figure.value:12,.3f} {figure.unit:16} {figure.goal}\n")
            sys.stdout.flush()
            kept.append(asdict(figure))
    if args.json:
        args.json.write_text(json.dumps(kept, indent=1))


if __name__ == "__main__":
    main()
