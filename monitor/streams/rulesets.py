"""Which rules are in force, and what was announced of them: reloaded, or rejected. Several daemons announce the same change once."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any, cast

from pydantic import Field

from monitor.errors import MonitorError, RuleErrors
from monitor.model import Record, RuleProblem, RulesRejected, RulesReloaded, digest
from monitor.rules.differences import Parts, change, parts
from monitor.rules.schema import Story
from monitor.streams.client import Client, Script
from monitor.streams.events import common_entry
from monitor.streams.keys import partition_key

_COMMIT = Script("commit_rules")
_SET, _STREAM = partition_key(0, "ruleset"), partition_key(0, "rules")
_PROGRESS = partition_key(0, "rereading")
_PROGRESS_HOLDS = 10_000
"""Milliseconds after which nothing is told any more of somebody who no longer says anything."""
_TOLD = 50
"""Problems of a rule set that are told, at most."""


class _State(Record):
    """What has been announced."""

    versions: dict[str, str] = Field(default_factory=dict)
    parts: dict[str, Parts] = Field(default_factory=dict)
    problem: str = Field(default="", description="Hash of the problems of a set that was rejected after that; empty: none was")


class RuleSets:
    """The server's side of changing rules."""

    def __init__(self, client: Client) -> None:
        self._client = client

    async def accepted(self, stories: Mapping[str, tuple[Story, str]], dropped: Collection[str], now: datetime) -> RulesReloaded | None:
        """Rules have come into force. The event, where there is anything to announce that nobody has.

        stories: each with its version. dropped: those that were followed until now; others that are not among `stories` may be
        followed by another daemon.
        """
        mine = {name: version for name, (_, version) in stories.items()}
        while True:
            revision, state = await self._state()
            versions = {
                name: version for name, version in sorted({**state.versions, **mine}.items()) if name in mine or name not in dropped
            }
            changed = sorted(name for name in {*versions, *state.versions} if versions.get(name) != state.versions.get(name))
            if not changed and not state.problem:
                return None
            now_parts = {name: state.parts[name] for name in state.parts.keys() & versions.keys()}
            now_parts |= {name: parts(story) for name, (story, _) in stories.items()}
            changes = tuple(
                change(name, (state.versions.get(name), versions.get(name)), state.parts.get(name, {}), now_parts.get(name, {}))
                for name in changed
            )
            event = RulesReloaded(id=digest("rules", revision, *versions.values()), time=now, changes=changes, in_force=versions)
            if await self._commit(revision, _State(versions=versions, parts=now_parts), common_entry("rules.reloaded", event)):
                return event

    async def rejected(self, error: MonitorError, now: datetime) -> RulesRejected | None:
        """Rules cannot be used. The event, unless the very same has been announced last."""
        problems = problems_of(error)
        problem = digest(*(one.model_dump_json() for one in problems))
        while True:
            revision, state = await self._state()
            if state.problem == problem:
                return None
            event = RulesRejected(
                id=digest("rules", revision, problem),
                time=now,
                count=len(problems),
                problems=tuple(problems[:_TOLD]),
                in_force=state.versions,
            )
            if await self._commit(revision, state.model_copy(update={"problem": problem}), common_entry("rules.rejected", event)):
                return event

    async def rereading(self, share: float | None) -> None:
        """How much of the kept articles has been read again, for whoever looks; None: it is over."""
        if share is None:
            await self._client.delete(_PROGRESS)
        else:
            await self._client.set(_PROGRESS, f"{share:.3f}", px=_PROGRESS_HOLDS)

    async def _state(self) -> tuple[str, _State]:
        held = cast("dict[str, str]", await cast("Any", self._client.hgetall(_SET)))
        return held.get("revision", "0"), _State.model_validate_json(held["state"]) if "state" in held else _State()

    async def _commit(self, revision: str, state: _State, fields: list[str]) -> bool:
        return bool(await _COMMIT(self._client, [_SET, _STREAM], [revision, state.model_dump_json(), *fields]))


def problems_of(error: MonitorError) -> Sequence[RuleProblem]:
    """What is wrong, one by one. What is wrong with the folder as a whole has no line."""
    if not isinstance(error, RuleErrors):
        return [RuleProblem(file="", line=0, column=0, problem=str(error))]
    return [
        RuleProblem(
            file=one.place.file, line=one.place.line, column=one.place.column, problem=one.problem, text=one.text[:200], hint=one.hint
        )
        for one in error.errors
    ]


async def rejected_now(client: Client) -> RulesRejected | None:
    """The rules that were saved last and cannot be used; None: those that were saved last are in force."""
    newest = cast("list[tuple[str, dict[str, str]]]", await client.xrevrange(_STREAM, count=1))
    if not newest or newest[0][1].get("type") != "rules.rejected":
        return None
    return RulesRejected.model_validate_json(newest[0][1]["data"], extra="ignore")


async def rereading_now(client: Client) -> float | None:
    """The share of the kept articles that has been read again; None: nobody is at it."""
    told = cast("str | None", await client.get(_PROGRESS))
    return None if told is None else float(told)


async def versions_in_force(client: Client) -> dict[str, str]:
    """Story -> version of the rules that a daemon goes by, or went by when it stopped."""
    held = await cast("Any", client.hget(_SET, "state"))
    return dict(_State.model_validate_json(held).versions) if held else {}
