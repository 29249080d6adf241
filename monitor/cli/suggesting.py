"""`monitor suggest`: what a story's rules lack for a text that they should have found."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer

from monitor.cli.given import At, Lang, Outlet, Source, article_of, check_language, stories_with
from monitor.cli.output import AsJson, Rules, Story, dump, settings

if TYPE_CHECKING:
    from monitor.cli.screen import Screen
    from monitor.model import Evidence
    from monitor.rules.suggesting import Suggestions


def suggest(
    source: Source,
    claim: Annotated[str | None, typer.Option("--claim", help="The claim that the text should have been found for.")] = None,
    party: Annotated[str | None, typer.Option("--party", help="The party whose position it tells.")] = None,
    stance: Annotated[
        Literal["affirm", "deny", "doubt", "decline"] | None, typer.Option("--stance", help="What that party does with the claim.")
    ] = None,
    lang: Lang = "",
    at: At = None,
    outlet: Outlet = "",
    rules: Rules = None,
    story: Story = None,
    json_: AsJson = False,
) -> None:
    """Propose names and words that the rules lack for a text; each has been tried, and finds what is shown with it."""
    from monitor.model import Stance
    from monitor.rules.candidates import Wanted
    from monitor.rules.suggesting import suggest as suggestions
    from monitor.stories import open_rulebook

    rulebook = open_rulebook(settings(rules).rules)
    chosen = sorted(stories_with(rulebook, story, claim, party))
    article = article_of(source, lang, at, outlet)
    wanted = Wanted(claim.rpartition("/")[2] if claim else None, party, Stance(stance) if stance else None)
    made = {name: suggestions(article, rulebook, name, wanted) for name in chosen}
    check_language(source, [one.explained for one in made.values()])
    if json_:
        for name, one in made.items():
            dump(_as_object(name, one))
        return
    from monitor.cli.screen import Screen

    screen = Screen()
    for number, (name, one) in enumerate(made.items()):
        if number:
            screen.line()
        _show(name, one, screen)


def _as_object(story: str, made: Suggestions) -> dict[str, Any]:
    return {
        "story": story,
        "language": made.explained.language,
        "found": [_said(row) for row in made.explained.reading.evidence],
        "proposals": [
            {
                "section": one.candidate.section,
                "row": one.row,
                "or": list(one.candidate.others),
                "why": one.candidate.why,
                "ask": one.candidate.ask,
                "finds": [_said(row) for row in one.gained],
            }
            for one in made.proposals
        ],
        "lacking": dict(made.lacking),
    }


def _said(row: Evidence) -> dict[str, str]:
    return {"claim": row.claim, "party": row.party, "stance": row.stance, "when": row.when, "quote": row.quote}


def _show(story: str, made: Suggestions, screen: Screen) -> None:
    from rich.text import Text

    from monitor.cli.marked import plain

    screen.line(Text.assemble((story, "bold"), (f" · read as {made.explained.language}", "dim")))
    screen.heading("found as the rules are")
    for row in made.explained.reading.evidence or ():
        screen.line(_line(row), indent=2, hang=2)
    if not made.explained.reading.evidence:
        screen.line("nothing; `monitor explain --claim NAME` says how far the reading came", indent=2)
    for number, one in enumerate(made.proposals, 1):
        what = one.candidate
        screen.heading(f"{number}. under `{what.section}:`")
        screen.line(Text(plain(one.row), style="bold green" if screen.colour else ""), indent=2, hang=4)
        if what.others:
            screen.row("or", plain(", ".join(what.others)))
        screen.row("because", plain(what.why))
        screen.row("you say", plain(what.ask))
        for row in one.gained:
            screen.row("finds", _line(row))
    helped = {row.claim for one in made.proposals for row in one.gained}
    lacking = {claim: lack for claim, lack in made.lacking.items() if claim not in helped}
    if lacking:
        screen.heading("claims that come close, and what they lack")
        for claim, lack in lacking.items():
            screen.line(Text.assemble((claim, "bold"), ": ", plain(lack)), indent=2, hang=2)
    screen.line()
    if made.proposals:
        screen.line("Put what is right into the story's files; `monitor test` shows whether its tests still pass.")
    else:
        screen.line("Nothing to propose: no single name or word of this text lets the rules find more in it.")


def _line(row: Evidence) -> str:
    from monitor.cli.marked import plain

    return f"{row.party} {row.stance} {row.claim} ({row.when}): “{plain(row.quote)}”"
