"""`monitor claims`: where the claims stand now, by what the server holds. Needs no rules."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Annotated

import typer

from monitor.cli.arguments import check_known, claims_named
from monitor.cli.output import AsJson, Data, Story, dump, line, safe, settings
from monitor.errors import InputError

if TYPE_CHECKING:
    from monitor.cli.decided import Said
    from monitor.model import ClaimState, Evidence
    from monitor.settings import Settings

_HANG = 6  # cells before what is wrapped
_SHORTEST = 7
"""Digits of an id that are shown at least, though fewer would tell it from the others."""


def claims(
    claim: Annotated[str | None, typer.Argument(help="Only this claim: its id, or STORY/CLAIM.")] = None,
    party: Annotated[str | None, typer.Option("--party", help="Only this party.")] = None,
    evidence: Annotated[bool, typer.Option("--evidence", help="Also all evidence, newest first; of the past too.")] = False,
    story: Story = None,
    data: Data = None,
    json_: AsJson = False,
) -> None:
    """Where every claim stands, and on what evidence."""
    from monitor.model import as_json

    states, kept, said = asyncio.run(_load(settings(data=data), evidence=evidence, said=claim is not None or evidence))
    if not states and claim is None and story is None:
        raise InputError("the server knows no claims yet: `monitor run` or `monitor poll` makes it")
    chosen = set(claims_named(claim, story, [(state.story, state.claim) for state in states]))
    states = [state for state in states if (state.story, state.claim) in chosen]
    if party is not None:
        check_known("party with a position or evidence", party, _parties(states, kept))
    short = shortened([row.id for row in kept])
    for state in states:
        shown = state if party is None else _only(state, party)
        rows = [row for row in kept if (row.story, row.claim) == (state.story, state.claim) and party in (None, row.party)]
        of_claim = said.of(state, party)
        if json_:
            more = {"evidence": [as_json(row) for row in rows]} if evidence else {}
            dump(as_json(shown) | more | (of_claim.as_json() if claim is not None else {}))
            continue
        _show(shown, full=claim is not None)
        if claim is not None:
            of_claim.show()
        if evidence:
            legend = "* a position rests on it, ? waits for another outlet, = in a copy"
            legend += ", x rejected, + accepted" if of_claim.decisions else ""
            line(f"  evidence, newest first ({legend}):" if rows else "  no evidence")
        signs = of_claim.signs()
        for row in rows:
            _show_evidence(row, shown, short[row.id], signs.get(row.id))


async def _load(chosen: Settings, *, evidence: bool, said: bool) -> tuple[list[ClaimState], list[Evidence], Said]:
    """What the server holds of the claims. said: also what people decided and noted."""
    from monitor.cli.decided import Said
    from monitor.streams.access import server
    from monitor.streams.client import connected
    from monitor.streams.stories import claim_states, decisions_of, evidence_of, notes_of, story_names

    async with server(chosen) as running, connected(running.url) as client:
        names = await story_names(client)
        states = [state for name in names for state in await claim_states(client, name)]
        kept = [row for name in names for row in await evidence_of(client, name)] if evidence else []
        decisions = [one for name in names for one in await decisions_of(client, name)] if said else []
        return states, kept, Said(decisions, [one for name in names for one in await notes_of(client, name)] if said else [])


def shortened(ids: list[str]) -> dict[str, str]:
    """Each id with its shortest beginning that no other has, and that is not too short to be told apart tomorrow."""
    ordered = sorted(set(ids))
    made = {}
    for before, one, after in zip(["", *ordered], ordered, [*ordered[1:], ""], strict=False):
        length = 1 + max(_common(before, one), _common(one, after))
        made[one] = one[: max(length, _SHORTEST)]
    return made


def _common(one: str, other: str) -> int:
    return next((n for n, (a, b) in enumerate(zip(one, other, strict=False)) if a != b), min(len(one), len(other)))


def _parties(states: list[ClaimState], kept: list[Evidence]) -> set[str]:
    claims = {(state.story, state.claim) for state in states}
    held = {position.party for state in states for position in state.positions}
    waiting = {row.party for state in states for row in state.waiting}
    return held | waiting | {row.party for row in kept if (row.story, row.claim) in claims}


def _only(state: ClaimState, party: str) -> ClaimState:
    return state.model_copy(
        update={
            "positions": tuple(position for position in state.positions if position.party == party),
            "waiting": tuple(row for row in state.waiting if row.party == party),
        }
    )


def _show(state: ClaimState, *, full: bool) -> None:
    """Where a claim stands. full: with its text, and with speakers and sources."""
    from rich.text import Text

    from monitor.cli.screen import flow

    since = f" since {state.since:%Y-%m-%d %H:%M}" if state.since else ""
    flow(Text.assemble(f"{state.story}/{state.claim}: ", (str(state.status), "bold"), since), _HANG)
    if full:
        flow(f"  {safe(state.text)}", _HANG)
    for position in state.positions:
        row, since = position.evidence, f"since {position.since:%Y-%m-%d %H:%M}"
        _show_one(f"  {position.party:18} {position.stance:8} {since}", row, full=full)
        if full:
            flow(f"  {'':18} {safe(row.speaker)} · {safe(row.cue)} · {safe(row.url or row.article)}", 21)
    for row in state.waiting:
        _show_one(f"  {row.party:18} {row.stance:8} waits for a second outlet since {row.time:%Y-%m-%d %H:%M}", row, full=full)


def _show_one(about: str, row: Evidence, *, full: bool) -> None:
    """A piece of evidence. full: with more of its quote."""
    from monitor.cli.screen import flow

    flow(f"{about}  {safe(row.outlet or row.article)}: “{safe(_short(row.quote, 200 if full else 90))}”", _HANG)


def _show_evidence(row: Evidence, state: ClaimState, short: str, decided: str | None) -> None:
    """A line. What a position rests on is marked by a star, what waits for a second outlet by a question mark, what is a copy's by an
    equals sign; decided: a sign instead."""
    resting = row.id in {position.evidence.id for position in state.positions}
    waiting, copied = row.id in {other.id for other in state.waiting}, row.origin not in ("", row.article)
    sign = decided or ("*" if resting else "?" if waiting else "=" if copied else " ")
    about = f"{row.party:18} {row.stance:7} {row.when:4} {row.strength:6}"
    _show_one(f"  {sign} {short}  {row.time:%Y-%m-%d %H:%M}  {about}", row, full=True)


def _short(text: str, length: int) -> str:
    text = " ".join(text.split())
    return text if len(text) <= length else text[: length - 1].rstrip() + "…"
