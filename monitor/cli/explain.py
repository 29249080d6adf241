"""`monitor explain`: one text through the pure core, and all that can be said about how it was read."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from monitor.cli.given import At, Lang, Outlet, Source, article_of, check_language, stories_with
from monitor.cli.output import AsJson, Rules, Story, dump, settings

if TYPE_CHECKING:
    from monitor.cli.explained import View
    from monitor.engine.pipeline import Explained
    from monitor.engine.vocabulary import CompiledStory


def explain(
    source: Source,
    claim: Annotated[str | None, typer.Option("--claim", help="Only this claim; says why, if nothing is found.")] = None,
    party: Annotated[str | None, typer.Option("--party", help="Only this party; says why, if nothing is found.")] = None,
    attributions: Annotated[bool, typer.Option("--attributions", help="Also list all reported speech, whatever it is about.")] = False,
    lang: Lang = "",
    at: At = None,
    outlet: Outlet = "",
    rules: Rules = None,
    story: Story = None,
    json_: AsJson = False,
) -> None:
    """Show what a text says by the rules, and why; and what it touches without saying."""
    from monitor.engine.pipeline import explain as explained
    from monitor.stories import open_rulebook

    rulebook = open_rulebook(settings(rules).rules)
    chosen = stories_with(rulebook, story, claim, party)
    article = article_of(source, lang, at, outlet)
    results = [result for result in explained(article, rulebook) if result.reading.story in chosen]
    check_language(source, results)
    views = [_view(result, rulebook.stories[result.reading.story], claim, party) for result in results]
    if json_:
        from monitor.cli.explained_json import as_object

        for view in views:
            dump(as_object(view))
    else:
        from monitor.cli.explained import show_all

        show_all(views, attributions=attributions)


def _view(result: Explained, story: CompiledStory, claim: str | None, party: str | None) -> View:
    """What is shown of a story: all of it, or what concerns the claim and the party that are asked for."""
    from monitor.cli.explained import View
    from monitor.engine.why.inquiry import inquire
    from monitor.engine.why.untaken import untaken

    left = untaken(result.sentences, result.trace, story, result.reading.article.published_at)
    if claim is None and party is None:
        return View(story, result, result.findings, left)
    claim = claim.rpartition("/")[2] if claim else None
    answer = inquire(result, left, story, claim, party)
    return View(story, result, answer.findings, tuple(u for u in left if claim == u.claim), answer)
