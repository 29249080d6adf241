"""How fast articles are held against very many names and conditions, beside what others use for it.

The names are made up of syllables, in five languages; one in fifty is a word of the articles, so that there is something to find. Ours
folds case and marks, keeps word boundaries, inflects Russian and Ukrainian names and tells exact offsets in the text as it was written.
The others look for the names as they stand, each in its own way; what that costs stands beside it, not what it would find.
"""

from __future__ import annotations

import json
import random
import re
import resource
import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime
from functools import partial
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from monitor.engine.pipeline import read
from monitor.engine.rulebook import Rulebook
from monitor.model import Article
from monitor.rules.schema import Story
from tests.benchmarks.figures import Figure, seconds
from tests.benchmarks.reading import PLAIN, SIZE, TOLD, sized

LANGUAGES = tuple(PLAIN)
SYLLABLES = {
    "en": ["ba", "ke", "lo", "mi", "nu", "ra", "sto", "vel", "gor", "din"],
    "ru": ["ба", "ке", "ло", "ми", "ну", "ра", "сто", "вел", "гор", "дин"],
    "uk": ["ба", "ке", "ло", "мі", "ну", "ра", "сто", "вел", "гор", "дин"],
    "ko": list("가나다라마바사아자차카타파하강남동북서"),
    "zh": list("安伯科维恩沃林港务市海德东方华强立新"),
}
NEAR = 8
AT = datetime(2025, 1, 1, tzinfo=UTC)
Article_ = tuple[str, str]
"""Language and text."""


def figures(file: Path | None, *, short: bool) -> Iterator[Figure]:
    """The figures of scanning. file: articles as JSON lines; None: made up. short: few names and articles."""
    articles = _kept(file) if file else _made(25 if short else 500)
    kilobytes = sum(len(text.encode()) for _, text in articles) / len(articles) / 1000
    yield Figure("scan", f"{len(articles)} articles", kilobytes, "KB each")
    for count in (200,) if short else (10_000, 50_000, 100_000):
        names = _names(count, articles)
        taken = _ours(names, articles, short=short)
        yield Figure("scan", f"{count:,} names and conditions, compiling", taken["compiling"], "s", _COMPILE.get(count, ""))
        yield Figure("scan", f"{count:,} names and conditions, read", 1 / taken["reading"], "articles/s", _READ.get(count, ""))
        yield Figure("scan", f"{count:,} names, the scan of it", 1 / taken["scanning"], "articles/s")
        yield Figure("scan", f"{count:,} names, memory of the process", _memory(count, file), "MB", "< 400" if count == 100_000 else "")
        for name, make in _PEERS.items():
            if count > _MOST.get(name, count):
                continue
            if find_spec(name) is None:
                yield Figure("scan", f"{count:,} names, {name}: not installed", 0.0, "articles/s")
                continue
            find, few = make([written for _, written in names]), articles[: _FEW.get(name)]
            per = seconds(partial(_each, find, few), 1 if short else 3)
            yield Figure("scan", f"{count:,} names, {name}", len(few) / per, "articles/s")


def _each(find: Callable[[str], Any], articles: Sequence[Article_]) -> None:
    for _, text in articles:
        find(text)


_READ = {10_000: "> 40,000", 100_000: "> 28,000"}
_COMPILE = {10_000: "< 0.3", 100_000: "< 4"}


def _ours(names: Sequence[tuple[str, str]], articles: Sequence[Article_], *, short: bool) -> dict[str, float]:
    story = _story(names)
    rulebook = Rulebook([(story, "1")])  # names are inflected here, once
    whole = [Article(id=str(n), lang=code, text=text, title="", published_at=AT, fetched_at=AT) for n, (code, text) in enumerate(articles)]
    rounds = 1 if short else 3

    def compiled() -> None:
        Rulebook([(story, "1")]).scanner.scan("a а 가 安")

    compiled()
    for one in whole:
        read(one, rulebook)
    return {
        "compiling": seconds(compiled, rounds),
        "reading": seconds(lambda: [read(one, rulebook) for one in whole], rounds) / len(whole),
        "scanning": seconds(lambda: [rulebook.scanner.scan(text) for _, text in articles], rounds) / len(whole),
    }


def _story(names: Sequence[tuple[str, str]]) -> Story:
    """As many entities as names, and as many conditions on two of them."""
    entities = {f"e{number}": {"kind": "party", "names": {code: [name]}} for number, (code, name) in enumerate(names)}
    count = len(names)
    matches = {f"m{number}": f"e{number} near {NEAR} e{(number * 7 + 1) % count}" for number in range(count)}
    return Story.model_validate({"story": "bench", "title": "Names", "entities": entities, "matches": matches})


def _memory(count: int, file: Path | None) -> float:
    """Megabytes of a process that holds so many names, ready to scan."""
    command = [sys.executable, "-m", "tests.benchmarks.scanning", str(count), *([str(file)] if file else [])]
    return float(subprocess.run(command, capture_output=True, text=True, check=True).stdout)


def _kept(file: Path) -> list[Article_]:
    rows = [json.loads(line) for line in file.read_text(encoding="utf-8").splitlines()]
    return [(row["lang"], f"{row['title']}\n{row['text']}") for row in rows]


def _made(count: int) -> list[Article_]:
    """Articles of the usual length that hold next to nothing of the names, in turn of each language."""
    chance = random.Random(1)  # noqa: S311  made-up texts
    made = []
    for number in range(count):
        code = LANGUAGES[number % len(LANGUAGES)]
        words = re.findall(r"\w+|\W+", PLAIN[code] + TOLD[code])
        made.append((code, sized("".join(chance.sample(words, len(words))), SIZE)))
    return made


def _names(count: int, articles: Sequence[Article_]) -> list[tuple[str, str]]:
    """So many names, with their languages."""
    chance = random.Random(7)  # noqa: S311  made-up names
    there = {code: sorted({word for c, text in articles if c == code for word in re.findall(r"[^\W\d_]{4,}", text)}) for code in LANGUAGES}

    def made(code: str) -> str:
        return "".join(chance.choice(SYLLABLES[code]) for _ in range(chance.randint(3, 5))).capitalize()

    names = []
    for number in range(count):
        code = LANGUAGES[number % len(LANGUAGES)]
        spaced = code in ("en", "ru", "uk") and number // len(LANGUAGES) % 2
        name = f"{made(code)} {made(code)}" if spaced else made(code)
        names.append((code, chance.choice(there[code]) if number % 50 == 0 and there.get(code) else name))
    return names


def _ahocorasick_rs(names: list[str]) -> Callable[[str], Any]:
    from ahocorasick_rs import AhoCorasick

    automaton = AhoCorasick(names)
    return lambda text: automaton.find_matches_as_indexes(text, overlapping=True)


def _hyperscan(names: list[str]) -> Callable[[str], Any]:
    import hyperscan

    database = hyperscan.Database(mode=hyperscan.HS_MODE_BLOCK)
    distinct = list(dict.fromkeys(name.encode() for name in names))
    database.compile(expressions=distinct, flags=[hyperscan.HS_FLAG_SOM_LEFTMOST] * len(distinct), literal=True)
    scratch = hyperscan.Scratch(database)
    database.scratch = scratch

    def find(text: str) -> list[tuple[int, int]]:
        found: list[tuple[int, int]] = []
        database.scan(text.encode(), match_event_handler=lambda *match: found.append(match[1:3]))
        return found

    return find


def _pyahocorasick(names: list[str]) -> Callable[[str], Any]:
    import ahocorasick

    automaton = ahocorasick.Automaton()
    for name in names:
        automaton.add_word(name, name)
    automaton.make_automaton()
    return lambda text: list(automaton.iter(text))


def _flashtext(names: list[str]) -> Callable[[str], Any]:
    from flashtext import KeywordProcessor

    processor = KeywordProcessor(case_sensitive=False)
    processor.add_keywords_from_list(names)
    return lambda text: processor.extract_keywords(text, span_info=True)


def _re(names: list[str]) -> Callable[[str], Any]:
    pattern = re.compile("|".join(map(re.escape, sorted(names, key=len, reverse=True))))
    return lambda text: [found.span() for found in pattern.finditer(text)]


def _spacy(names: list[str]) -> Callable[[str], Any]:
    import spacy
    from spacy.matcher import PhraseMatcher

    blank = spacy.blank("xx")
    matcher = PhraseMatcher(blank.vocab, attr="LOWER")
    matcher.add("names", list(blank.tokenizer.pipe(names)))
    return lambda text: matcher(blank.make_doc(text))


_PEERS: dict[str, Callable[[list[str]], Callable[[str], Any]]] = {
    "ahocorasick_rs": _ahocorasick_rs,
    "hyperscan": _hyperscan,
    "ahocorasick": _pyahocorasick,
    "flashtext": _flashtext,
    "spacy": _spacy,
    "re": _re,
}
_MOST = {"re": 10_000}
"""Names with which it is tried at most: with more it takes minutes."""
_FEW = {"re": 20}
"""Articles that it is tried on."""


def _peak() -> float:
    """Megabytes that this process has taken at most."""
    try:
        status = Path("/proc/self/status").read_text()
    except OSError:
        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / (1 << 20)
    return int(re.findall(r"VmHWM:\s+(\d+)", status)[0]) / 1024


if __name__ == "__main__":
    wanted, *given = sys.argv[1:]
    texts = _kept(Path(given[0])) if given else _made(25)
    Rulebook([(_story(_names(int(wanted), texts)), "1")]).scanner.scan("a а 가 安")
    sys.stdout.write(str(_peak()))
