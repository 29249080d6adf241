"""Feeds by the thousand through the real parser, too many for the suite: run by hand.

    python -m tests.feeds.corpus folder FOLDER   every file below a folder, such as feedparser's own tests, which its source distribution has:
                                                 pip download --no-binary :all: --no-deps feedparser
    python -m tests.feeds.corpus hostile [SIZE]  the hostile bodies, 1 (the default) in full size
    python -m tests.feeds.corpus mutants [COUNT] feeds broken at random, 10000 by default

Each says what it saw, and ends with 1 where something is not as it should be.
"""

from __future__ import annotations

import asyncio
import sys
import time
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

from monitor.feeds.articles import articles
from monitor.feeds.html import clean
from monitor.feeds.parse import ParsedFeed, ParseFailed, ParserPool
from tests.feeds.hostile import NAMES, Hostile, mutated, one

BASE = "https://example.org/feed"
NOW = datetime(2025, 4, 28, 9, tzinfo=UTC)
MEMORY = 512  # MB of a worker
GIVEN_UP = ("takes longer than", "more memory than", "process died", "larger than a feed")


def faults(parsed: ParsedFeed | ParseFailed) -> list[str]:
    """What is not as it should be in an answer, in words."""
    if isinstance(parsed, ParseFailed):
        return [parsed.problem] if parsed.problem.startswith("the parser fails") else []
    found = []
    for entry in parsed.entries:
        texts = (entry.title, entry.text, *entry.authors, *entry.categories)
        if any(clean(text) != text for text in texts) or any("\n" in text for text in (entry.title, *entry.authors)):
            found.append(f"an entry's text is not clean: {texts!r:.200}")
        if any(url and not url.lower().startswith(("http://", "https://")) for url in (entry.url, *(url for url, _ in entry.enclosures))):
            found.append(f"an address of an entry is none: {entry.url!r:.200}")
    for made in articles(parsed, feed_url=BASE, outlet="", lang="", now=NOW):
        if not NOW.replace(year=1990) <= made.article.published_at.replace(year=max(made.article.published_at.year, 1990)):
            found.append(f"a date is out of bounds: {made.article.published_at}")
    return found


async def cut_faults(pool: ParserPool, whole: ParsedFeed, body: bytes, content_type: str) -> list[str]:
    """What is read otherwise when entries seen before are cut out: all, every other one, all but the first."""
    found = []
    for seen in (whole.pieces, whole.pieces[::2], whole.pieces[1:]):
        left = await pool.parse(body, content_type, BASE, seen)
        if left != replace(whole, entries=tuple(entry for entry in whole.entries if entry.piece not in seen)):
            found.append(f"without {len(set(seen))} of {len(whole.pieces)} entries it reads otherwise")
    return found


async def judged(pool: ParserPool, body: bytes, content_type: str) -> tuple[ParsedFeed | ParseFailed, list[str]]:
    """What the parser makes of a body, and what is wrong with that."""
    parsed = await pool.parse(body, content_type, BASE)
    wrong = faults(parsed)
    if isinstance(parsed, ParsedFeed) and parsed.pieces:
        wrong += await cut_faults(pool, parsed, body, content_type)
    return parsed, wrong


def memory() -> float:
    """The most MB of memory that a living child of ours has had at once; 0 where that is not told."""
    peaks = [0]
    for task in Path("/proc/self/task").glob("*/children"):
        for pid in task.read_text().split():
            status = Path(f"/proc/{pid}/status")
            lines = status.read_text().splitlines() if status.exists() else []
            peaks += [int(line.split()[1]) for line in lines if line.startswith("VmHWM")]
    return max(peaks) / 1024


def _outcome(parsed: ParsedFeed | ParseFailed) -> str:
    if isinstance(parsed, ParsedFeed):
        return "ill-formed" if parsed.ill_formed else "read"
    return "given up" if any(words in parsed.problem for words in GIVEN_UP) else "no feed"


async def _many(bodies: Iterable[tuple[str, Hostile]]) -> int:
    """Reads them all, tells what is wrong and how many were what. Returns how many had something wrong."""
    began, counts, bad, slowest, cuts = time.monotonic(), Counter[str](), 0, 0.0, 0
    async with ParserPool() as pool:
        for name, (body, content_type) in bodies:
            start = time.monotonic()
            parsed, wrong = await judged(pool, body, content_type)
            slowest = max(slowest, time.monotonic() - start)
            counts[_outcome(parsed)] += 1
            cuts += isinstance(parsed, ParsedFeed) and bool(parsed.pieces)
            bad += bool(wrong)
            for words in wrong:
                print(f"{name}: {words}")
        print(f"{counts.total()} bodies in {time.monotonic() - began:.0f} s: {dict(counts)}; {cuts} could be cut at their entries")
        print(f"slowest {slowest:.2f} s with all its cuts; a worker took at most {memory():.0f} MB; {bad} with something wrong")
    return bad


async def _hostile(size: float) -> int:
    began, bad = time.monotonic(), 0
    for name in NAMES:
        body, content_type = one(name, size)
        async with ParserPool() as pool:
            start, peak = time.monotonic(), 0.0
            parsing = asyncio.create_task(pool.parse(body, content_type, BASE))
            # Looked at while it works: of a worker that was killed nothing can be told.
            while not (await asyncio.wait([parsing], timeout=0.05))[0]:
                peak = max(peak, memory())
            parsed, took, peak = parsing.result(), time.monotonic() - start, max(peak, memory())
            good = await pool.parse(b"<rss version='2.0'><channel><item><title>One</title></item></channel></rss>", "", BASE)
        wrong = [*faults(parsed), *(["the next feed is not read"] if isinstance(good, ParseFailed) else [])]
        wrong += [f"it took {peak:.0f} MB"] * (peak > MEMORY) + [f"it took {took:.1f} s"] * (took > 6)
        bad += bool(wrong)
        said = parsed.problem if isinstance(parsed, ParseFailed) else f"{len(parsed.entries)} entries {parsed.ill_formed}"
        print(
            f"{name:42} {len(body) / 1e6:6.2f} MB {took:5.2f} s {peak:4.0f} MB  {said:.90}{'  WRONG: ' if wrong else ''}{'; '.join(wrong)}"
        )
    print(f"{len(NAMES)} bodies in {time.monotonic() - began:.0f} s; {bad} with something wrong")
    return bad


def _files(folder: Path) -> Iterator[tuple[str, Hostile]]:
    for path in sorted(folder.rglob("*")):
        if path.is_file():
            yield str(path), (path.read_bytes(), "")


def main(arguments: list[str]) -> int:
    match arguments:
        case ["folder", folder]:
            return asyncio.run(_many(_files(Path(folder)))) > 0
        case ["hostile", *size]:
            return asyncio.run(_hostile(float(size[0]) if size else 1)) > 0
        case ["mutants", *count]:
            return asyncio.run(_many((f"mutant {seed}", mutated(seed)) for seed in range(int(count[0]) if count else 10_000))) > 0
        case _:
            print(__doc__)
            return 2


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
