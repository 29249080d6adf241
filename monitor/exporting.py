"""A history written down: articles, evidence, decisions and notes as JSON lines, each with its `type`. What `importing` reads."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal, get_args

from monitor.archive import Archive
from monitor.model import Decision, Evidence, Note, as_json
from monitor.replay import row_of
from monitor.streams.client import Client
from monitor.streams.stories import article_ids, decisions_of, evidence_of, notes_of

What = Literal["articles", "evidence", "decisions"]
"""A kind of thing that is carried; notes go with decisions."""
WHAT: tuple[What, ...] = get_args(What)


@dataclass(frozen=True)
class Held:
    """What a server holds of stories. articles: ids of those that told them something."""

    evidence: tuple[Evidence, ...] = ()
    decisions: tuple[Decision, ...] = ()
    notes: tuple[Note, ...] = ()
    articles: frozenset[str] = frozenset()


async def held(client: Client, stories: Iterable[str], since: datetime | None = None) -> Held:
    """What is held of stories, of articles published since a time and what was decided about those or noted since; oldest first."""
    names = list(stories)
    evidence = [row for name in names for row in reversed(await evidence_of(client, name)) if since is None or row.time >= since]
    told = {row.id for row in evidence}
    decisions = [one for name in names for one in reversed(await decisions_of(client, name))]
    notes = [one for name in names for one in reversed(await notes_of(client, name))]
    return Held(
        tuple(evidence),
        tuple(one for one in decisions if since is None or one.time >= since or one.evidence in told),
        tuple(one for one in notes if since is None or one.time >= since),
        frozenset([article for name in names for article in await article_ids(client, name)]),
    )


def lines(what: Collection[What], kept: Held, archive: Archive, since: datetime | None, *, only_told: bool) -> Iterator[str]:
    """The lines of an export, one at a time. only_told: of the articles only those that told the stories something."""
    records = (*(kept.evidence if "evidence" in what else ()), *((*kept.decisions, *kept.notes) if "decisions" in what else ()))
    for record in records:
        yield _line(type(record).__name__.lower(), as_json(record))
    if "articles" in what:
        for article in archive.articles(since):
            if not only_told or article.id in kept.articles:
                yield _line("article", row_of(article))


def _line(kind: str, row: dict[str, Any]) -> str:
    return json.dumps({"type": kind, **row}, ensure_ascii=False, separators=(",", ":"))
