"""Stories on the server: loading a ledger, committing what articles, people and changed rules did to it."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any, cast

from monitor.engine.changes import by_rules
from monitor.engine.kept import Entry, Memory, Outcome, Rereading
from monitor.engine.ledger import Ledger
from monitor.engine.renewing import merged, unclaimed, without
from monitor.engine.vocabulary import CompiledStory
from monitor.errors import ServerError
from monitor.model import ClaimState, Decision, Event, Evidence, Note, event_type
from monitor.streams.client import Client, Script
from monitor.streams.events import dumps, entry
from monitor.streams.keys import STREAM_OF, STREAMS, story_key

_COMMIT = Script("commit_story")


_GRACE = timedelta(days=1)
"""How long what is kept of a claim that has been taken out of the rules waits for it to come back."""


class StoryStore:
    """One story's state on the server, and the ledger worked out from it."""

    def __init__(self, client: Client, story: CompiledStory) -> None:
        self._client = client
        self.story = story
        self.ledger = Ledger(story)
        self.stale = True
        """The ledger is not what the server holds, or nobody knows: load before applying anything."""
        self._revision = "0"
        self._meta: Mapping[str, str] = {}

    @property
    def wants_rereading(self) -> bool:
        """Whether kept articles were read by other rules, as far as those read. Known once it was loaded."""
        return bool(self._meta) and self._meta.get("reading") != self.story.reading

    async def load(self) -> None:
        """Reads everything afresh: at the start, and when somebody else has committed."""
        name = self.story.name
        pipeline = self._client.pipeline(transaction=True)
        pipeline.hgetall(story_key(name, "meta"))
        pipeline.hgetall(story_key(name, "entries"))
        pipeline.hvals(story_key(name, "decisions"))
        self._meta, entries, decided = await pipeline.execute()
        memory = Memory.model_validate_json(self._meta["memory"]) if "memory" in self._meta else None
        kept = [(article, Entry.model_validate_json(raw)) for article, raw in entries.items()]
        self.ledger = Ledger(self.story, kept, memory, map(Decision.model_validate_json, decided))
        self._revision = self._meta.get("revision", "0")
        self.stale = False

    async def renew(self, time: datetime, found: Rereading | None = None) -> Outcome:
        """Brings the story's state to its rules: where the claims stand by them, against what was published, and what follows from it;
        claims without evidence are listed, removed ones are not. Does nothing where all is so already.

        time: when the rules changed. found: what kept articles say by them, all that say another thing than before.
        """
        while True:
            await self.load()
            held = cast("dict[str, str]", await cast("Any", self._client.hgetall(story_key(self.story.name, "state"))))
            gone = sorted(held.keys() - self.story.story.claims.keys())
            published = {claim: ClaimState.model_validate_json(raw) for claim, raw in held.items() if claim not in gone}
            changed, news = merged(self.ledger.entries, found or {})
            if changed:
                kept = {**self.ledger.entries, **changed}
                self.ledger = Ledger(self.story, kept.items(), self.ledger.memory, self.ledger.decisions.all.values())
            begins = not held and "reading" not in self._meta
            states = tuple(map(self.ledger.state, sorted(self.story.story.claims)))
            outcome = Outcome(states=states) if begins else self.ledger.renew(published, by_rules(self.story.version, time))
            outcome = replace(outcome, events=(*news, *outcome.events), entries=tuple({**changed, **dict(outcome.entries)}.items()))
            # Articles that were read before are read again, by whoever has them; until then it is the old rules that read them.
            meta = {"reading": self.story.reading} if begins or found is not None else {}
            if outcome.empty and not gone and meta.items() <= self._meta.items():
                return outcome
            if await self.commit([outcome], meta=meta, gone={"states": gone}):
                return outcome

    async def forget(self, now: datetime) -> Sequence[str]:
        """Drops what is kept of claims that the rules have not had for a day; returns which those were. Until then they may come back:
        most often it is an edit that is not finished."""
        if self.stale:
            await self.load()
        known: dict[str, str] = json.loads(self._meta.get("gone", "{}"))
        gone = {claim: known.get(claim, now.isoformat()) for claim in sorted(unclaimed(self.ledger.entries, self.story.story.claims))}
        due = [claim for claim, since in gone.items() if now - datetime.fromisoformat(since) >= _GRACE]
        if gone == known and not due:
            return []
        entries = without(self.ledger.entries, due)
        kept = tuple((article, entry) for article, entry in entries.items() if entry is not None)
        drop = {
            "entries": [article for article, entry in entries.items() if entry is None],
            "decisions": [one.id for one in self.ledger.decisions.all.values() if one.claim in due],
            "notes": [one.id for one in await notes_of(self._client, self.story.name) if one.claim in due],
        }
        left = {claim: since for claim, since in gone.items() if claim not in due}
        done = await self.commit([Outcome(entries=kept)], meta={"gone": json.dumps(left)}, gone=drop)
        self.stale = True  # what was dropped is still in the ledger
        return due if done else []

    async def commit(
        self, outcomes: Sequence[Outcome], *, meta: Mapping[str, str] | None = None, gone: Mapping[str, Sequence[str]] | None = None
    ) -> bool:
        """Commits what readings, decisions or changed rules did, in one step. False: somebody else has committed since; load and apply
        again. meta: facts to keep beside the state. gone: what to drop, by the name of what it stands in."""
        told = [event for outcome in outcomes for event in outcome.events]
        kept = {"memory": dumps(self.ledger.memory), **(meta or {})}
        commit = {
            **_commit(told),
            "meta": kept,
            "entries": {article: dumps(entry) for outcome in outcomes for article, entry in outcome.entries},
            "states": {state.claim: dumps(state) for outcome in outcomes for state in outcome.states},
            "gone": gone or {},
        }
        # Should the reply be lost, what the server holds decides.
        self.stale = True
        revision = await _run(self._client, self.story.name, self._revision, commit)
        if revision == -1:
            return False
        self._meta = {**self._meta, **kept}
        self._revision, self.stale = str(revision), False
        return True

    async def change(self, work: Callable[[Ledger], Outcome], *, patience: float = 60) -> Outcome:
        """Commits what is worked out from the story as it stands, however often readers commit in between: it is worked out again then.

        Raises ServerError when they have done so for `patience` seconds.
        """
        until = time.monotonic() + patience
        while time.monotonic() < until:
            if self.stale:
                await self.load()
            outcome = work(self.ledger)
            if outcome.empty or await self.commit([outcome]):
                return outcome
        raise ServerError(f"the story {self.story.name} is being read too fast to change it: try again when the daemon has caught up")


def _commit(told: Sequence[Event]) -> dict[str, Any]:
    """What a commit of events says, before anything else that it writes."""
    return {
        "meta": {},
        "entries": {},
        "states": {},
        "decisions": {event.id: dumps(event) for event in told if isinstance(event, Decision)},
        "notes": {event.id: dumps(event) for event in told if isinstance(event, Note)},
        "gone": {},
        "events": [[STREAMS.index(STREAM_OF[event_type(event)]) + 1, event.id, entry(event)] for event in told],
    }


async def _run(client: Client, story: str, revision: str, commit: Mapping[str, Any]) -> int:
    """Commits onto a revision. Returns the new one, or -1 when it was another."""
    keys = [story_key(story, name) for name in ("meta", "entries", "state", "decisions", "notes", "ids", *STREAMS)]
    return int(await _COMMIT(client, keys, [revision, int(time.time() * 1000), json.dumps(commit, ensure_ascii=False)]))


async def claim_states(client: Client, story: str) -> list[ClaimState]:
    """The current state of a story's claims, by name; what a late subscriber reads first."""
    found = cast("dict[str, str]", await cast("Any", client.hgetall(story_key(story, "state"))))
    return [ClaimState.model_validate_json(raw) for _, raw in sorted(found.items())]


async def evidence_of(client: Client, story: str) -> list[Evidence]:
    """All evidence that a story keeps, newest first by event time."""
    kept = cast("dict[str, str]", await cast("Any", client.hgetall(story_key(story, "entries"))))
    rows = [row for raw in kept.values() for row in Entry.model_validate_json(raw).evidence]
    return sorted(rows, key=lambda row: (row.time, row.article, row.claim, row.party, row.id), reverse=True)


async def article_ids(client: Client, story: str) -> list[str]:
    """Ids of the articles that told a story something."""
    return cast("list[str]", await cast("Any", client.hkeys(story_key(story, "entries"))))


async def decisions_of(client: Client, story: str) -> list[Decision]:
    """All that people decided about a story's evidence, newest first."""
    kept = cast("list[str]", await cast("Any", client.hvals(story_key(story, "decisions"))))
    return sorted(map(Decision.model_validate_json, kept), key=lambda one: one.order, reverse=True)


async def notes_of(client: Client, story: str) -> list[Note]:
    """All that people noted about a story's claims, newest first."""
    kept = cast("list[str]", await cast("Any", client.hvals(story_key(story, "notes"))))
    return sorted(map(Note.model_validate_json, kept), key=lambda one: (one.time, one.id), reverse=True)


async def write_note(client: Client, note: Note) -> None:
    """Keeps a note and tells of it, however often readers commit in between."""
    commit = _commit([note])
    while True:
        meta = cast("str | None", await cast("Any", client.hget(story_key(note.story, "meta"), "revision")))
        if await _run(client, note.story, meta or "0", commit) != -1:
            return


async def story_names(client: Client) -> list[str]:
    """Stories that the server holds a state of."""
    prefix, suffix = story_key("\0", "state").split("\0")
    return sorted(
        {key.removeprefix(prefix).removesuffix(suffix) async for key in client.scan_iter(match=story_key("*", "state"), count=1000)}
    )
