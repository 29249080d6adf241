"""What new rules would have changed, for people and for programs."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from rich.cells import cell_len
from rich.text import Text

from monitor.cli.output import on_terminal, safe
from monitor.cli.screen import Screen
from monitor.model import Alert, Evidence, Match, as_json

if TYPE_CHECKING:
    from monitor.backtest import Plan
    from monitor.engine.difference import ClaimDifference, Difference, Pair, Point

_SIGNS = {"gained": "+", "lost": "-", "moved": ">", "changed": "~"}
_STYLES = {"gained": "green", "lost": "red", "moved": "yellow", "changed": "yellow"}
_QUOTE = 160
"""Code points of a quote that are shown."""
_UNWRAPPED = 1 << 16
"""Cells of a line where no person looks: a program wants it whole."""
_NO_MORE, _NOT_YET = "(not any more)", "(not before)"


def as_rows(made: Plan, found: Sequence[Difference], count: int) -> Iterator[dict[str, Any]]:
    """Everything that differs, as JSON objects, and a summary at the end."""
    for one in found:
        for claim in one.claims:
            of = {"story": one.story, "claim": claim.claim}
            yield {"type": "claim", **of, "text": claim.text, "present": claim.present, "new": claim.new}
            yield from (_row("status", of, pair) for pair in claim.statuses)
            yield from (_row("position", {**of, "party": party}, pair) for party, pair in claim.positions)
            yield from (_row("alert", of, pair) for pair in claim.alerts)
            yield from (_row("evidence", of, pair) for pair in claim.evidence)
        yield from (_row("alert", {"story": one.story}, pair) for pair in one.alerts)
        yield from (_row("match", {"story": one.story}, pair) for pair in one.matches)
    totals = {what: dict(sorted(kinds.items())) for what, kinds in _totals(found).items()}
    yield {"type": "summary", "articles": count, "compared": list(made.stories), "unchanged": list(made.unchanged), **totals}


def _row(kind: str, of: dict[str, Any], pair: Pair[Any]) -> dict[str, Any]:
    halves = {name: as_json(half) if half is not None else None for name, half in (("present", pair.present), ("new", pair.new))}
    return {"type": kind, **of, "change": pair.kind, **halves}


def _totals(found: Iterable[Difference]) -> dict[str, Counter[str]]:
    """How much of what was gained, lost, moved, changed."""
    totals: dict[str, Counter[str]] = {what: Counter() for what in ("status", "position", "alert", "evidence", "match")}
    for one in found:
        for claim in one.claims:
            totals["status"].update(pair.kind for pair in claim.statuses)
            totals["position"].update(pair.kind for _, pair in claim.positions)
            totals["evidence"].update(pair.kind for pair in claim.evidence)
            totals["alert"].update(pair.kind for pair in claim.alerts)
        totals["alert"].update(pair.kind for pair in one.alerts)
        totals["match"].update(pair.kind for pair in one.matches)
    return totals


def show(made: Plan, found: Sequence[Difference], count: int, most: int | None) -> None:
    """All of it on standard output. most: rows of a kind that are shown of a claim; None: all."""
    screen = Screen()
    if not on_terminal():
        screen.width = _UNWRAPPED
    for one in found:
        for claim in one.claims:
            _show_claim(screen, one.story, claim, most)
        if one.alerts:
            screen.heading(f"{one.story}: alerts on matches")
            _rows(screen, [_alert(pair) for pair in one.alerts], most)
        if one.matches:
            screen.heading(f"{one.story}: matches")
            _rows(screen, [_match(pair) for pair in one.matches], most)
    if any(found):
        screen.line()
    for name in made.unchanged:
        screen.line(f"{name}: the rules say the same")
    same = [one.story for one in found if not one]
    if same:
        screen.line(f"{', '.join(same)}: nothing would have changed in {count:,} articles")
    if any(found):
        totals = [f"{what} {_counted(kinds)}" for what, kinds in _totals(found).items() if kinds]
        screen.line(f"In {count:,} articles: {', '.join(totals) or 'the claims themselves'}.", hang=2)


def _counted(kinds: Counter[str]) -> str:
    return " ".join(f"{_SIGNS[kind]}{kinds[kind]}" for kind in _SIGNS if kinds[kind])


def _show_claim(screen: Screen, story: str, claim: ClaimDifference, most: int | None) -> None:
    screen.line()
    was, now = claim.present, claim.new
    stands = f"{was or 'no such claim'}  →  {now or 'no such claim'}" if was is not now else f"{was}, as it was"
    screen.line(Text.assemble((f"{story}/{claim.claim}", "bold"), f"  {stands}"), hang=2)
    screen.line(Text(safe(claim.text), style="dim"), indent=2)
    rows = [("status", pair) for pair in claim.statuses] + list(claim.positions)
    _courses(screen, rows, most)
    for title, shown in (
        ("alerts", [_alert(pair, claim.text) for pair in claim.alerts]),
        ("evidence", [_evidence(pair) for pair in claim.evidence]),
    ):
        if shown:
            screen.line(f"  {title} {_counted(Counter(kind for kind, _ in shown))}")
            _rows(screen, shown, most)


def _courses(screen: Screen, rows: Sequence[tuple[str, Pair[Point]]], most: int | None) -> None:
    """Both courses side by side: by the present rules, by the new ones, and the words that it rests on."""
    before = [_step(pair.present, _NOT_YET) for _, pair in rows]
    after = [_step(pair.new, _NO_MORE) for _, pair in rows]
    wide = max(map(cell_len, before), default=0)
    names = max((cell_len(subject) for subject, _ in rows), default=0)
    last = ""
    for (subject, pair), one, other in list(zip(rows, before, after, strict=True))[:most]:
        name = subject if subject != last else ""
        last = subject
        style = _STYLES[pair.kind]
        left = Text(_filled(one, wide), style="dim" if pair.present is None else style)
        right = Text(other, style="dim" if pair.new is None else style)
        apart = _apart(pair.present.time, pair.new.time) if pair.present and pair.new else ""
        screen.line(Text.assemble(_filled(name, names), "  ", left, "  →  ", right, apart), indent=2, hang=names + 2)
        shown = pair.new or pair.present
        if shown is not None and shown.quote:
            who = f"{shown.party}, " if subject == "status" else ""
            screen.line(Text(f"{who}{_said(shown.speaker, shown.outlet, shown.quote)}", style="dim"), indent=2 + names + 2, hang=2)
    _more(screen, len(rows), most)


def _step(point: Point | None, otherwise: str) -> str:
    return otherwise if point is None else f"{point.time:%Y-%m-%d} {point.to}"


def _filled(text: str, width: int) -> str:
    return text + " " * (width - cell_len(text))


def _apart(present: datetime, new: datetime) -> str:
    """How much earlier or later something comes by the new rules."""
    gap = abs(new - present)
    if not gap:
        return ""
    hours = round(gap / timedelta(hours=1))
    amount, unit = (gap.days, "day") if gap.days else (hours, "hour") if hours else (round(gap / timedelta(minutes=1)), "minute")
    return f"   {amount or 1} {unit}{'s' * (amount > 1)} {'later' if new > present else 'earlier'}"


def _said(speaker: str, outlet: str, quote: str) -> str:
    words = " ".join(safe(quote).split())
    words = words if len(words) <= _QUOTE else words[: _QUOTE - 1].rstrip() + "…"
    about = " · ".join(safe(part) for part in (speaker, outlet) if part)
    return f"{about}: “{words}”" if about else f"“{words}”"


def _alert(pair: Pair[Alert], claim: str = "") -> tuple[str, str]:
    """claim: the claim's text, which stands above and is not said again."""
    one, was = pair.shown, pair.present
    times = f"{one.time:%Y-%m-%d}" if pair.kind != "moved" or was is None else f"{was.time:%Y-%m-%d} → {one.time:%Y-%m-%d}"
    before, summary = "", one.summary.removesuffix(f": {claim}")
    if pair.kind == "changed" and was is not None:
        before = f" (was {was.severity})" if was.severity is not one.severity else f" (was from {was.from_ or 'none'})"
    quote = f" {_said('', one.outlet, one.quote)}" if one.quote and one.quote not in one.summary else ""
    return pair.kind, f"{times}  {one.alert} ({one.severity}) {safe(summary)}{before}{quote}"


def _evidence(pair: Pair[Evidence]) -> tuple[str, str]:
    one, was = pair.shown, pair.present
    stance = f"{one.stance} {one.when}"
    if pair.kind in ("changed", "moved") and was is not None:
        stance = f"{was.stance} {was.when} {was.strength} → {one.stance} {one.when} {one.strength}"
    return pair.kind, f"{one.time:%Y-%m-%d}  {one.party} {stance}  {_said(one.speaker, one.outlet or one.article, one.quote)}"


def _match(pair: Pair[Match]) -> tuple[str, str]:
    one = pair.shown
    words = one.spans[0].text if one.spans else ""
    return pair.kind, f"{one.time:%Y-%m-%d}  {one.rule}  {_said('', one.outlet or one.article, words)} {safe(one.title)}"


def _rows(screen: Screen, rows: Sequence[tuple[str, str]], most: int | None) -> None:
    for kind, text in rows[:most]:
        screen.line(Text.assemble((_SIGNS[kind], _STYLES[kind]), f" {text}"), indent=4, hang=2)
    _more(screen, len(rows), most)


def _more(screen: Screen, count: int, most: int | None) -> None:
    if most is not None and count > most:
        screen.line(Text(f"… and {count - most:,} more: --all shows them", style="dim"), indent=4)
