"""Articles from files through the pure core, in event order: what `replay` prints and what rule tests run."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from monitor.engine.ledger import Ledger
from monitor.engine.pipeline import read_all
from monitor.engine.rulebook import Rulebook
from monitor.errors import InputError
from monitor.lines import lines_of
from monitor.model import LISTS, Article, Decision, Event

BESIDE = frozenset({"evidence", "decision", "note"})
"""Types of lines that stand beside the articles in an export."""


def row_of(article: Article) -> dict[str, Any]:
    """An article -> the line of a file that `article_from` makes the same article of."""
    return {
        "id": article.id,
        "version": article.version,
        "lang": article.lang,
        "published": instant(article.published_at),
        "fetched": instant(article.fetched_at),
        "source": article.outlet,
        "feed": article.feed,
        "url": article.url,
        "title": article.title,
        "text": article.text,
        **{name: list(getattr(article, name)) for name in LISTS if getattr(article, name)},
    }


def article_from(row: Any) -> Article:
    """A line of a replay file, parsed -> an article. Raises ValueError with what is wrong.

    A line that says when it was fetched is one that was kept, and says its version as well; any other is a first version.
    """
    if not isinstance(row, Mapping):
        raise ValueError("a line must hold one JSON object")
    for name in ("id", "published", "title", "text"):
        if not isinstance(row.get(name), str):
            raise ValueError(f"`{name}` is missing or not text")
    published = _instant(row["published"])
    # Lone surrogates, which JSON can carry, cannot be written anywhere.
    names = ("id", "lang", "url", "source", "title", "text", *(["feed"] if kept(row) else []))
    texts = {name: _sound(str(row.get(name) or "")) for name in names}
    fetched, version = (_instant(row["fetched"]), row["version"]) if kept(row) else (published, 1)
    lists = {name: tuple(_sound(one) for one in row[name] if isinstance(one, str)) for name in LISTS if isinstance(row.get(name), list)}
    return Article(outlet=texts.pop("source"), version=version, published_at=published, fetched_at=fetched, **texts, **lists)


def _sound(text: str) -> str:
    return text.encode("utf-8", "replace").decode()


def kept(row: Mapping[str, Any]) -> bool:
    """Whether a line was written by `row_of`: it names its version."""
    return isinstance(row.get("fetched"), str) and type(row.get("version")) is int and row["version"] > 0


def instant(time: datetime) -> str:
    """A time as it stands in files."""
    return time.isoformat().replace("+00:00", "Z")


def _instant(text: str) -> datetime:
    time = datetime.fromisoformat(text)
    return time.replace(tzinfo=UTC) if time.tzinfo is None else time


def row_from(text: str) -> Any:
    """A line of JSON -> its value. Raises ValueError with what is wrong."""
    try:
        return json.loads(text)
    except RecursionError as error:
        raise ValueError("too many brackets within one another") from error


def parsed(lines: Iterable[str], name: str) -> Iterator[tuple[int, Any]]:
    """Lines of JSON -> their numbers and values; blank ones are left out. Raises InputError naming file and line."""
    for number, text in enumerate(lines, 1):
        if text.strip():
            try:
                yield number, row_from(text)
            except ValueError as error:
                raise InputError(f"{name}:{number}: {error}") from error


def articles_from(lines: Iterable[str], name: str) -> Iterator[Article]:
    """Lines of JSON -> articles, one at a time; the other lines of an export are passed over. Raises InputError naming file and line.

    A line with the id of an earlier one is its next version, unless it names its version.
    """
    versions: dict[str, int] = {}
    for number, row in parsed(lines, name):
        if isinstance(row, Mapping) and row.get("type") in BESIDE and "published" not in row:
            continue
        try:
            article = article_from(row)
        except ValueError as error:
            raise InputError(f"{name}:{number}: {wrong(error)}") from error
        if kept(row):
            yield article
        else:
            versions[article.id] = versions.get(article.id, 0) + 1
            yield article.model_copy(update={"version": versions[article.id]})


def wrong(error: ValueError) -> str:
    """What is wrong with a value, in a few words: of a record the first field that does not fit."""
    if not isinstance(error, ValidationError):
        return str(error)
    first = error.errors()[0]
    where = ".".join(map(str, first["loc"]))
    return f"{where}: {first['msg']}" if where else str(first["msg"])


def open_articles(path: Path) -> list[Article]:
    """A file of articles as JSON lines, plain or compressed. Raises InputError."""
    return list(articles_from(lines_of(path), str(path)))


def decisions_from(lines: Iterable[str], name: str) -> list[Decision]:
    """Lines of JSON, as `monitor decisions --json` prints them -> decisions. Raises InputError naming file and line."""
    found = []
    for number, text in enumerate(lines, 1):
        if text.strip():
            try:
                found.append(Decision.model_validate_json(text, extra="ignore"))
            except ValidationError as error:
                raise InputError(f"{name}:{number}: {wrong(error)}") from error
    return found


def replay(articles: Iterable[Article], rulebook: Rulebook, decisions: Sequence[Decision] = ()) -> Iterator[tuple[Article, list[Event]]]:
    """Articles -> each with the events that it gives rise to, in event order, corrections after what they correct.

    decisions: what people decided about evidence; it counts from the beginning, as if the reader had known.
    """
    ledgers = {name: Ledger(story, decisions=(one for one in decisions if one.story == name)) for name, story in rulebook.stories.items()}
    for article in _in_order(articles):
        events: list[Event] = []
        for reading in read_all(article, rulebook):
            events += ledgers[reading.story].apply(reading).events
        yield article, events


def ledger_of(articles: Iterable[Article], rulebook: Rulebook, story: str, decisions: Sequence[Decision] = ()) -> Ledger:
    """What one story keeps of articles, with what people decided about their evidence."""
    ledger = Ledger(rulebook.stories[story], decisions=(one for one in decisions if one.story == story))
    for article in _in_order(articles):
        for reading in read_all(article, rulebook):
            if reading.story == story:
                ledger.apply(reading)
    return ledger


def _in_order(articles: Iterable[Article]) -> list[Article]:
    return sorted(articles, key=lambda a: (a.published_at, a.id, a.version))
