"""Articles from files through the pure core, in event order: what `replay` prints and what rule tests run."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, TextIO

from pydantic import ValidationError

from monitor.engine.ledger import Ledger
from monitor.engine.pipeline import read_all
from monitor.engine.vocabulary import Rulebook
from monitor.errors import InputError
from monitor.model import Article, Decision, Event


def article_from(row: Any) -> Article:
    """A line of a replay file, parsed -> an article. Raises ValueError with what is wrong."""
    if not isinstance(row, Mapping):
        raise ValueError("a line must hold one JSON object")
    for name in ("id", "published", "title", "text"):
        if not isinstance(row.get(name), str):
            raise ValueError(f"`{name}` is missing or not text")
    published = datetime.fromisoformat(row["published"])
    published = published.replace(tzinfo=UTC) if published.tzinfo is None else published
    # Lone surrogates, which JSON can carry, cannot be written anywhere.
    texts = {
        name: str(row.get(name) or "").encode("utf-8", "replace").decode() for name in ("id", "lang", "url", "source", "title", "text")
    }
    return Article(outlet=texts.pop("source"), published_at=published, fetched_at=published, **texts)


def articles_from(lines: TextIO, name: str) -> Iterator[Article]:
    """Lines of JSON -> articles; a line with the id of an earlier one is its next version. Raises InputError naming file and line."""
    versions: dict[str, int] = {}
    for number, text in enumerate(lines, 1):
        if not text.strip():
            continue
        try:
            article = article_from(json.loads(text))
        except RecursionError as error:
            raise InputError(f"{name}:{number}: too many brackets within one another") from error
        except ValidationError as error:
            raise InputError(f"{name}:{number}: {error.errors()[0]['loc'][0]}: {error.errors()[0]['msg']}") from error
        except ValueError as error:
            raise InputError(f"{name}:{number}: {error}") from error
        versions[article.id] = versions.get(article.id, 0) + 1
        yield article.model_copy(update={"version": versions[article.id]})


def open_articles(path: Path) -> list[Article]:
    """A file of articles as JSON lines. Raises InputError."""
    try:
        with path.open(encoding="utf-8-sig") as lines:
            return list(articles_from(lines, str(path)))
    except UnicodeDecodeError as error:
        raise InputError(f"{path}: not UTF-8 text: {error.reason} at byte {error.start}") from error
    except OSError as error:
        raise InputError(f"{path}: {error.strerror}") from error


def decisions_from(lines: TextIO, name: str) -> list[Decision]:
    """Lines of JSON, as `monitor decisions --json` prints them -> decisions. Raises InputError naming file and line."""
    found = []
    for number, text in enumerate(lines, 1):
        if text.strip():
            try:
                found.append(Decision.model_validate_json(text, extra="ignore"))
            except ValidationError as error:
                where = ".".join(map(str, error.errors()[0]["loc"]))
                raise InputError(f"{name}:{number}: {f'{where}: ' if where else ''}{error.errors()[0]['msg']}") from error
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
