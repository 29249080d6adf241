"""`monitor reject`, `accept`, `undo`, `decisions`, `note`: a human's word about what was read.

They work beside a running daemon, which takes it up with its next article, and without one.
"""

from __future__ import annotations

import asyncio
import getpass
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import TYPE_CHECKING, Annotated

import typer

from monitor.cli.arguments import check_known, claim_named, evidence_id, evidence_named
from monitor.cli.output import AsJson, Data, Rules, Story, dump, settings
from monitor.cli.output import note as tell
from monitor.errors import InputError

if TYPE_CHECKING:
    from monitor.engine.kept import Outcome
    from monitor.engine.ledger import Ledger
    from monitor.engine.vocabulary import CompiledStory
    from monitor.model import Decision, Evidence, Note, Verdict
    from monitor.settings import Settings
    from monitor.streams.client import Client

Given = Annotated[
    list[str], typer.Argument(metavar="EVIDENCE…", help="Ids of evidence, or their beginnings: `claims --evidence` shows them.")
]
Why = Annotated[str, typer.Option("--why", help="The reason, for whoever looks at it later.")]
By = Annotated[str | None, typer.Option("--by", help="Who decides.", show_default="your login name")]


def reject(
    evidence: Given, why: Why, by: By = None, rules: Rules = None, story: Story = None, data: Data = None, json_: AsJson = False
) -> None:
    """Take misread evidence out: it counts as not said, now and whenever it is read again."""
    _decide("reject", evidence, why, by, settings(rules, data), story, json_)


def accept(
    evidence: Given, why: Why, by: By = None, rules: Rules = None, story: Story = None, data: Data = None, json_: AsJson = False
) -> None:
    """Put doubtful evidence in: it counts as strong."""
    _decide("accept", evidence, why, by, settings(rules, data), story, json_)


def undo(
    evidence: Given, why: Why, by: By = None, rules: Rules = None, story: Story = None, data: Data = None, json_: AsJson = False
) -> None:
    """Take a decision back: the evidence counts as it was read."""
    _decide("undo", evidence, why, by, settings(rules, data), story, json_)


def decisions(
    evidence: Annotated[list[str] | None, typer.Argument(help="Only about this evidence: ids, or their beginnings.")] = None,
    story: Story = None,
    data: Data = None,
    json_: AsJson = False,
) -> None:
    """List what people decided about evidence, newest first, with their reasons."""
    from monitor.cli.decided import show_decision
    from monitor.engine.decisions import Decisions
    from monitor.model import as_json

    made = asyncio.run(_list(settings(data=data), story))
    holding = {one.id for one in Decisions(made).latest.values()}
    wanted = set(map(evidence_id, evidence_named(evidence, made) if evidence else made))
    for one in (one for one in made if one.evidence in wanted):
        if json_:
            dump({**as_json(one), "holds": one.id in holding})
        else:
            show_decision(one, holds=one.id in holding)
    if not made and not json_:
        tell("nobody has decided anything yet")


def note(
    claim: Annotated[str, typer.Argument(help="The claim: its id, or STORY/CLAIM.")],
    text: Annotated[str, typer.Argument(help="What there is to note.")],
    by: By = None,
    story: Story = None,
    data: Data = None,
    json_: AsJson = False,
) -> None:
    """Keep a dated note with a claim. It moves nothing; `claims CLAIM` shows it."""
    from monitor.cli.decided import show_note
    from monitor.model import as_json

    made = asyncio.run(_note(settings(data=data), claim, story, _words("TEXT", text), _who(by)))
    if json_:
        dump(as_json(made))
    else:
        show_note(made)


def _decide(verdict: str, given: Sequence[str], why: str, by: str | None, chosen: Settings, story: str | None, json_: bool) -> None:
    from monitor.cli.decided import show_outcome
    from monitor.model import Verdict, as_json, event_type

    decide = partial(_decided, verdict=Verdict(verdict), why=_words("--why", why), by=_who(by))
    for outcome in asyncio.run(_commit(chosen, given, story, decide)):
        if json_:
            for event in outcome.events:
                dump({"type": event_type(event), **as_json(event)})
        else:
            show_outcome(outcome)


def _decided(ledger: Ledger, rows: Iterable[Evidence | Decision], *, verdict: Verdict, why: str, by: str) -> Outcome:
    """Decides about evidence now; later than whoever decided before, whatever the clocks say. Raises InputError."""
    from monitor.model import Decision, Verdict

    made = []
    for row in rows:
        now, evidence = datetime.now(UTC), evidence_id(row)
        before = ledger.decisions.latest.get(evidence)
        if verdict is Verdict.UNDO and ledger.decisions.verdict(evidence) is Verdict.UNDO:
            raise InputError(f"nothing is decided about {evidence}")
        time = max(now, before.time + timedelta(microseconds=1)) if before else now
        made.append(Decision.about(row, verdict, why=why, by=by, time=time))
    return ledger.decide(made)


async def _commit(chosen: Settings, given: Sequence[str], story: str | None, decide: partial[Outcome]) -> list[Outcome]:
    """What follows from it, story by story."""
    from monitor.stories import open_stories
    from monitor.streams.access import server
    from monitor.streams.client import connected
    from monitor.streams.stories import StoryStore

    stories: dict[str, CompiledStory] = open_stories(chosen.rules)
    async with server(chosen) as running, connected(running.url) as client:
        kept, made = await _known(client, story)
        there = {row.id for row in kept}
        known: list[Evidence | Decision] = [*kept, *(one for one in made if one.evidence not in there)]
        rows = evidence_named(given, known)
        for row in rows:
            check_known("story in the rules", row.story, stories)
        outcomes = []
        for name in dict.fromkeys(row.story for row in rows):
            of_story = [row for row in rows if row.story == name]
            outcomes.append(await StoryStore(client, stories[name]).change(partial(decide, rows=of_story)))
        return outcomes


async def _known(client: Client, story: str | None) -> tuple[list[Evidence], list[Decision]]:
    """The evidence and the decisions of all stories, or one."""
    from monitor.streams.stories import decisions_of, evidence_of, story_names

    names = await story_names(client)
    if story is not None:
        check_known("story", story, names)
        names = [story]
    kept = [row for name in names for row in await evidence_of(client, name)]
    made = [one for name in names for one in await decisions_of(client, name)]
    return kept, sorted(made, key=lambda one: one.order, reverse=True)


async def _list(chosen: Settings, story: str | None) -> list[Decision]:
    from monitor.streams.access import server
    from monitor.streams.client import connected

    async with server(chosen) as running, connected(running.url) as client:
        return (await _known(client, story))[1]


async def _note(chosen: Settings, claim: str, story: str | None, text: str, by: str) -> Note:
    from monitor.model import Note
    from monitor.streams.access import server
    from monitor.streams.client import connected
    from monitor.streams.stories import claim_states, story_names, write_note

    async with server(chosen) as running, connected(running.url) as client:
        known = [(name, state.claim) for name in await story_names(client) for state in await claim_states(client, name)]
        within, named = claim_named(claim, story, known)
        made = Note.about(within, named, text=text, by=by, time=datetime.now(UTC))
        await write_note(client, made)
        return made


def _words(option: str, text: str, longest: int = 1000) -> str:
    """What a person wrote, on one line. Raises InputError."""
    # What was no UTF-8 on the command line comes as lone surrogates, which cannot be written anywhere.
    words = " ".join(text.encode("utf-8", "replace").decode().split())
    if not words:
        raise InputError(f"{option} is empty: say it in a few words")
    if len(words) > longest:
        raise InputError(f"{option} is {len(words)} characters long: {longest} is the most")
    return words


def _who(by: str | None) -> str:
    """Who decides. Raises InputError."""
    if by is None:
        try:
            by = getpass.getuser()
        except (KeyError, OSError, ImportError) as error:
            raise InputError("who you are cannot be told: say it with --by NAME") from error
    return _words("--by", by, longest=100)
