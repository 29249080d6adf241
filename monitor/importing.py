"""A history taken over: articles, evidence, decisions and notes of an export, or plain files of articles.

    lines ─► read and checked, all of them ─► archive, what polls remember ─► ledgers, story by story ─► commit

It takes the path that everything takes: a ledger takes it in, a script commits it onto the state that it was worked out from, and what
is known already changes nothing. What it would have raised, alert by alert, is one summary a story.

Evidence that stands in the file counts as it stands there; other articles are read with the rules at hand.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import partial
from itertools import chain
from pathlib import Path
from typing import Any

from monitor.archive import AHEAD, Archive, Key
from monitor.bulk import Part, Steps, heard, parts
from monitor.engine.kept import Batch, Outcome
from monitor.engine.ledger import Ledger
from monitor.engine.pipeline import Reading
from monitor.engine.together import news, together
from monitor.engine.vocabulary import CompiledStory
from monitor.errors import InputError
from monitor.exporting import What
from monitor.feeds.articles import content_hash, recognisable
from monitor.lines import beyond, lines_of
from monitor.model import Alert, Article, Decision, Evidence, Note, digest
from monitor.replay import article_from, articles_from, kept, row_from, wrong
from monitor.streams.client import Client
from monitor.streams.polls import Polls, now_utc
from monitor.streams.stories import StoryStore, claim_states, notes_of, write_note

Source = tuple[Path, str]
"""A file, and what it is called."""
_TOGETHER = 200
"""Articles that are committed in one step."""
_SHOWN = 20
"""Bad lines that are named; of the rest the number."""


@dataclass
class History:
    """What files hold. articles: how many; their texts are not kept."""

    files: Sequence[Source]
    what: Collection[What]
    articles: int = 0
    evidence: dict[str, Evidence] = field(default_factory=dict)
    decisions: dict[str, Decision] = field(default_factory=dict)
    notes: dict[str, Note] = field(default_factory=dict)
    said: dict[str, dict[tuple[str, str], Reading]] = field(default_factory=dict)
    """Story -> article and feed -> what the latest version says, as read here."""
    problems: list[str] = field(default_factory=list)

    def readings(self, story: str) -> list[Reading]:
        """What the articles say to a story, each feed's latest version of each, in event order."""
        found = dict(self.said.get(story, {}))
        read: dict[str, list[tuple[str, str]]] = {}
        for key in found:
            read.setdefault(key[0], []).append(key)
        lines: dict[str, list[Evidence]] = {}
        for row in self.evidence.values():
            if row.story == story:
                lines.setdefault(row.article, []).append(row)
        for article, rows in lines.items():
            version = max(row.version for row in rows)
            latest = tuple(row for row in rows if row.version == version)
            own = [found[key] for key in read.get(article, ())]
            same = [one for one in own if one.article.version == version]
            if same:
                best = max(same, key=lambda one: (len(one.article.text), one.article.feed))
                found[article, best.article.feed] = Reading(story, best.article, best.matches, latest)
            elif all(one.article.version < version for one in own):
                found[article, ""] = Reading(story, _of(latest[0]), (), latest)
        return sorted(found.values(), key=lambda one: one.article.order)


def _of(row: Evidence) -> Article:
    """The article that evidence stands in, as far as the evidence tells."""
    return Article(
        id=row.article, version=row.version, outlet=row.outlet, url=row.url, title=row.title, published_at=row.time, fetched_at=row.time
    )


def read_history(
    files: Sequence[Source],
    what: Collection[What],
    stories: Mapping[str, CompiledStory],
    *,
    only: bool = False,
    jobs: int = 0,
    passed: Callable[[int], None] | None = None,
) -> History:
    """Reads files, the articles with the rules of the stories. only: what is told of other stories is left aside, and no error.

    passed: told how many bytes have been read so far. Raises InputError that names every line that cannot be used.
    """
    history = History(files, what)
    steps = Steps(passed or (lambda _: None))
    articles = steps.given(_Scan(history, stories, only=only).articles(steps.reached))
    sets = [[(story.story, story.version) for story in stories.values()]]
    for part in heard(articles, sets, jobs) if "articles" in what else (Part(1, []) for _ in articles):
        steps.done(part.read)
        for article, (said,) in part.heard:
            for name in stories:
                known = history.said.setdefault(name, {}).get((article.id, article.feed))
                if (name in said or article.version > 1) and (known is None or known.article.version < article.version):
                    history.said[name][article.id, article.feed] = said.get(name) or Reading(name, article)
    if history.problems:
        more = len(history.problems) - _SHOWN
        shown = [*history.problems[:_SHOWN], *([f"and {more:,} more"] if more > 0 else [])]
        raise InputError("\n".join([*shown, "nothing was imported: mend the lines, or take them out"]))
    return history


class _Scan:
    """Goes through the lines once: articles come out, the rest is put into the history."""

    def __init__(self, history: History, stories: Collection[str], *, only: bool) -> None:
        self._history, self._stories, self._only = history, stories, only
        self._latest = datetime.now(UTC) + AHEAD
        self._versions: dict[str, int] = {}

    def articles(self, passed: Callable[[int], None] | None) -> Iterator[Article]:
        """The articles of all lines that are in order."""
        done = 0
        for path, called in self._history.files:
            self._versions.clear()
            for number, text in enumerate(lines_of(path, beyond(passed, done)), 1):
                if text.strip():
                    try:
                        found = self._line(row_from(text))
                    except ValueError as error:
                        self._history.problems.append(f"{called}:{number}: {wrong(error)}")
                        continue
                    if found is not None:
                        yield found
            done += path.stat().st_size

    def _line(self, row: Any) -> Article | None:
        """An article; None: it was something else. Raises ValueError."""
        kind = row.get("type") if isinstance(row, Mapping) else None
        if kind in ("evidence", "decision", "note"):
            self._beside(kind, {name: value for name, value in row.items() if name != "type"})
            return None
        if "articles" not in self._history.what:
            return None
        article = article_from(row)
        if article.published_at > min(self._latest, article.fetched_at + AHEAD):
            raise ValueError("`published` is more than a day after it was fetched")
        if not kept(row):
            self._versions[article.id] = version = self._versions.get(article.id, 0) + 1
            article = article.model_copy(update={"version": version})
        self._history.articles += 1
        return article

    def _beside(self, kind: str, row: dict[str, Any]) -> None:
        history = self._history
        if ("evidence" if kind == "evidence" else "decisions") not in history.what:
            return
        story = row.get("story")
        if not isinstance(story, str):
            raise ValueError("`story` is missing or not text")
        if story not in self._stories:
            if self._only:
                return
            raise ValueError(f"no story is called {story}: bring its rules, or take only one with --story")
        if kind == "evidence":
            evidence = Evidence.model_validate(row)
            if evidence.time > self._latest:
                raise ValueError("`time` is more than a day ahead")
            history.evidence[evidence.id] = evidence
        elif kind == "decision":
            decision = Decision.model_validate(row)
            history.decisions[decision.id] = decision
        else:
            note = Note.model_validate(row)
            history.notes[note.id] = note


@dataclass
class Imported:
    """What was new. summaries: the alerts that stand for everything."""

    archived: int = 0
    evidence: int = 0
    decisions: int = 0
    notes: int = 0
    summaries: tuple[Alert, ...] = ()


async def take_in(history: History, client: Client, partitions: int, stories: Mapping[str, CompiledStory], archive: Archive) -> Imported:
    """Takes over a history; what is known already stays as it is. Killed on the way, it goes on from there when it is called again.

    Raises DataFolderError, ServerError.
    """
    polls, done = Polls(client, partitions), Imported()
    await polls.prepare()
    if "articles" in history.what:
        known: dict[Path, set[Key]] = {}
        for some in parts(chain.from_iterable(articles_from(lines_of(path), called) for path, called in history.files), _TOGETHER):
            done.archived += archive.add(some, known)
            await polls.remember((article, content_hash(article), recognisable(article)) for article in some)
    for name, story in stories.items():
        store = StoryStore(client, story)
        if not await claim_states(client, name):
            await store.renew(now_utc())  # so that claims without evidence are listed too
        await store.load()
        for outcome in await _story(history, store):
            for event in outcome.events:
                done.evidence += isinstance(event, Evidence)
                done.decisions += isinstance(event, Decision)
                done.summaries += (event,) if isinstance(event, Alert) else ()
        there = {one.id for one in await notes_of(client, name)}
        for note in (one for one in history.notes.values() if one.story == name and one.id not in there):
            await write_note(client, note)
            done.notes += 1
    return done


async def _story(history: History, store: StoryStore) -> list[Outcome]:
    """One story's part: decisions first, then articles in event order, so many in a step."""
    name = store.story.name
    readings = history.readings(name)
    decisions = [one for one in history.decisions.values() if one.story == name]
    if not news(store.ledger, readings, decisions):
        return []
    steps = list(parts(readings, _TOGETHER)) or [[]]
    marks = [" ".join(map(str, one.article.key)) for one in readings]
    batch = partial(
        Batch,
        feed=digest("import", store.story.version, *marks, *(one.id for one in decisions)),
        count=len(steps),
        name=f"Import of {', '.join(Path(called).name for _, called in history.files)}",
    )
    outcomes = []
    for place, part in enumerate(steps):

        def work(ledger: Ledger, part: list[Reading] = part, place: int = place) -> Outcome:
            return together(ledger, part, () if place else decisions, batch(place=place))

        outcomes.append(await store.change(work))
    return outcomes
