"""What `monitor demo` shows to a person: what it is, each article with the alerts that it raised, and how the story ended."""

from __future__ import annotations

import shlex
from collections.abc import Iterable, Sequence
from pathlib import Path

import typer
from rich.text import Text

from monitor.cli.explained import LANGUAGES
from monitor.cli.marked import plain
from monitor.cli.output import line, program
from monitor.cli.screen import Screen
from monitor.cli.timeline_text import STYLES, Window, chart
from monitor.demo.course import CLAIM, STORY, Item
from monitor.engine.ledger import Ledger
from monitor.engine.timeline import timeline
from monitor.model import Alert, Event, Evidence, PositionChanged, Severity, Stance, Status, When

_COLUMN = 12
"""Cells of the column of dates."""
_QUOTE = 130
"""Cells of a quote that are shown."""
_NONE = "no position"
_VERBS = {
    Stance.AFFIRM: ("affirms", "affirm"),
    Stance.DENY: ("denies", "deny"),
    Stance.DOUBT: ("doubts", "doubt"),
    Stance.DECLINE: ("evades", "evade"),
}
"""What one party does, and what several do."""
_STYLES = {Severity.URGENT: "bold white on red", Severity.WARNING: "bold yellow", Severity.NOTICE: "bold cyan", Severity.INFO: "bold"}


class Telling:
    """Tells the demo as it goes."""

    def __init__(self, items: Sequence[Item], rules: Path) -> None:
        self._items = items
        self._rules = rules / STORY if (rules / STORY).is_dir() else rules
        self._screen = Screen()
        self._parted = True

    def opening(self, seconds: float) -> None:
        """The first lines: what this is, and what to look for. seconds: how long it will take."""
        languages = [LANGUAGES[code] for code in dict.fromkeys(item.lang for item in self._items)]
        count, feeds = len({item.url for item in self._items}), len({item.feed for item in self._items})
        first, last = self._items[0].at, self._items[-1].at
        say = self._screen.line
        say(Text(f"North Korea's soldiers in Russia, {first:%B %Y} to {last:%B %Y}", style="bold"))
        say()
        say(
            f"{feeds} feeds on this machine publish {count} articles in {', '.join(languages[:-1])} and {languages[-1]}, in the order "
            f"of events. A real daemon polls them, reads them by the rules in {self._rules}, and writes what changes to Redis "
            "streams. Events and dates are as reported at the time; the texts were written for this demo, the outlets do not exist."
        )
        say()
        say(
            "Watch Russia, then North Korea: they deny the claim, doubt it or decline to say, and in the end affirm it. "
            "Dim articles raised no alert: they repeat, recall, or tell of something else."
        )
        say()
        say(f"It takes about {seconds:.0f} seconds; Ctrl-C stops it. First the rules are read, which is slow the first time …")

    def begin(self, data: Path) -> None:
        """The daemon is at work. data: the folder that a second terminal may look into."""
        self._screen.line("In another terminal, the board of claims and parties as they move:")
        self._command(f"{program()} watch --data {shlex.quote(str(data))}")
        self._screen.line()

    def step(self, item: Item, events: Sequence[Event]) -> bool:
        """An article and its alerts, the most severe first, then those on the claim to watch. Whether there were any."""
        alerts = sorted((e for e in events if isinstance(e, Alert)), key=lambda a: (list(Severity).index(a.severity), a.claim != CLAIM))
        date, mark = f"{item.at:%Y-%m-%d}  ", "corrected: " if item.updated else ""
        head = f"{plain(item.outlet)} ({item.lang}) {mark}{plain(item.title)}"
        if not alerts:
            for start, text in ((date, head), (" " * _COLUMN, _found(events))):
                self._whole(Text(start + text, style="dim"))
            self._parted = False
            return False
        if not self._parted:
            self._screen.line()
        self._parted = True
        self._screen.line(Text(date + head, style="bold"), hang=_COLUMN)
        self._alerts(alerts)
        for speaker, quote in dict.fromkeys((plain(alert.speaker), plain(alert.quote)) for alert in alerts if alert.quote):
            said = Text(quote, style="italic")
            said.truncate(_QUOTE, overflow="ellipsis")
            self._screen.line(Text.assemble("" if speaker in quote else f"{speaker}: ", "“", said, "”"), indent=_COLUMN)
        corrected = {alert.claim for alert in alerts if alert.corrects and _on_status(alert)}
        for move in (event for event in events if isinstance(event, PositionChanged) and event.claim in corrected):
            self._screen.line(Text.assemble(move.party, ": ", _word(move.from_ or _NONE), " → ", _word(move.to or _NONE)), indent=_COLUMN)
        self._screen.line()
        return True

    def _alerts(self, alerts: Sequence[Alert]) -> None:
        """The alerts, those on the same change in one line."""
        changes: dict[tuple[str, ...], list[Alert]] = {}
        for alert in alerts:
            changes.setdefault(_change(alert), []).append(alert)
        for (subject, *words), same in changes.items():
            severity = same[0].severity
            shown = Text.assemble(" " * (_COLUMN - 2 - len(severity)), (severity, _STYLES[severity]), "  ", subject)
            if words:
                shown.append(": ").append_text(Text(" → ").join(_word(word) for word in words))
            shown.append(", an earlier alert corrected" if any(alert.corrects for alert in same) else "")
            shown.append("  " + ", ".join(plain(alert.alert) for alert in same), style="dim")
            self._screen.line(shown, hang=_COLUMN)

    def ending(self, ledger: Ledger, kept: Path | None) -> None:
        """The last lines: how the story went, where the claims stand, and what to try next. kept: where the data stays, if it does."""
        say = self._screen.line
        if CLAIM in ledger.story.story.claims:
            history = timeline(ledger, CLAIM)
            sides = [lane for lane in history.lanes if lane.principal]
            self._screen.heading(f"How it went: {plain(history.text)}")
            for lane in sides:
                steps = Text(" → ").join(_word(band.stance).append(f" {band.since:%d %b}", style="not bold") for band in lane.bands)
                say(Text.assemble((f"{lane.party:12} ", "bold"), steps), indent=2, hang=13)
            say()
            both = history.model_copy(update={"lanes": tuple(sides)})
            for row in chart(both, Window(self._items[-1].at), self._screen.width, colour=self._screen.colour):
                self._screen.print(row)
        self._screen.heading("Where the claims stand")
        for claim in sorted(ledger.story.story.claims, key=lambda claim: claim != CLAIM):
            state = ledger.state(claim)
            self._whole(Text.assemble("  ", _word(state.status), " " * (_COLUMN - len(state.status)), plain(state.text)))
        self._screen.heading("What to try next")
        for command, what in self._next(kept):
            self._command(command)
            say(what, indent=6)

    def _whole(self, text: Text) -> None:
        """A line that is cut where it would wrap."""
        text.truncate(self._screen.width, overflow="ellipsis")
        self._screen.print(text)

    def _command(self, command: str) -> None:
        """A command to be copied: never broken into lines."""
        line(f"  {typer.style(command, bold=True) if self._screen.colour else command}")

    def _next(self, kept: Path | None) -> list[tuple[str, str]]:
        me, data = program(), f"--data {shlex.quote(str(kept))}"
        if kept is not None:
            look = [
                (
                    f"{me} timeline kursk-retaken {data}",
                    "another claim from the beginning: Russia has retaken the region, Ukraine denies it",
                ),
                (f"{me} claims {CLAIM} --evidence {data}", "all that was said of the claim, newest first"),
            ]
        else:
            look = [(f"{me} demo --data demo-data", "once more, keeping the data for `watch`, `timeline` and `claims` to look into")]
        return [
            *look,
            (f"{me} explain FILE", "what the rules find in a text of yours, and why"),
            (f"{me} run", f"the daemon on the feeds that {self._rules} names, over the network"),
        ]


def _change(alert: Alert) -> tuple[str, ...]:
    """What an alert is on, and for a change from what to what."""
    if alert.claim is None:
        return (plain(alert.summary),)
    subject = alert.claim if _on_status(alert) else f"{alert.party} on {alert.claim}"
    if alert.from_ == alert.to:  # a correction of what else the claim rested on
        return plain(subject), f"still {alert.to}"
    return plain(subject), alert.from_ or _NONE, alert.to or _NONE


def _on_status(alert: Alert) -> bool:
    """Whether an alert is on a claim's status, not on a party's position."""
    return alert.to in set(Status)


def _word(word: str) -> Text:
    """A stance or a status in its colour."""
    known = next((one for one in STYLES if one == word), None)
    return Text(word, style=f"bold {STYLES[known]}" if known else "")


def _found(events: Iterable[Event]) -> str:
    """What was found in an article that raised no alert: of each claim who says what, and what is recalled."""
    by_claim: dict[str, list[Evidence]] = {}
    for event in events:
        if isinstance(event, Evidence):
            by_claim.setdefault(event.claim, []).append(event)
    parts = []
    for claim, rows in sorted(by_claim.items(), key=lambda pair: (pair[0] != CLAIM, pair[0])):
        now, past = (_said([row for row in rows if row.when is when]) for when in (When.NOW, When.PAST))
        parts.append(f"{claim}: {now}" + (f" (recalled: {past})" if now and past else f"recalled: {past}" if past else ""))
    return "; ".join(parts) or "nothing new"


def _said(rows: Iterable[Evidence]) -> str:
    by_stance: dict[Stance, list[str]] = {}
    for row in rows:
        by_stance.setdefault(row.stance, []).append(row.party)
    return ", ".join(f"{', '.join(parties)} {_VERBS[stance][len(parties) > 1]}" for stance, parties in by_stance.items())
