"""What stands around the table: what changed last, feeds, streams, a claim in full, help. Pure; each line fits its width."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta

from rich.cells import cell_len
from rich.text import Text

from monitor.cli.board.words import counted, day, fitted, span, stance, status
from monitor.cli.marked import plain, wrapped
from monitor.feeds.overview import LATE
from monitor.model import ClaimState
from monitor.streams.events import told_of_problem
from monitor.streams.keys import READERS
from monitor.streams.overview import FeedLook, GroupLook, Move, Overview, StreamLook

_WIDE = 100
"""Cells above which a change is told with its time of day."""
_LISTED = 300
"""Feeds that are listed at most."""
_SOON = timedelta(seconds=1)

HELP = (
    ("arrows, j k h l", "move, and scroll to parties that do not fit"),
    ("enter", "the claim's positions, with quotes and links"),
    ("tab", "the next story"),
    ("f", "feeds: which fail, and why; when the others are due"),
    ("s", "streams and who reads them"),
    ("r", "rules: which are in force, and what is wrong with those that were saved since"),
    ("g", "the log (with `monitor run`)"),
    ("?", "this"),
    ("escape, q", "back"),
    ("q, ctrl-c", "on the board: stop; `monitor run` finishes what is in hand, a second time stops it at once"),
)
SIGNS = (
    ("+ - ? ~", "affirm, deny, doubt, decline to say; the date is since when"),
    ("*", "a party that would have to admit a claim"),
    ("·", "it has taken no position on a claim that it would have to admit"),
    ("→ ⇒", "a party's position, a claim's status moved"),
)


def move(one: Move, width: int, *, story: bool) -> list[Text]:
    """A change in two lines: when, which claim and how it moved; then the quote and who said it. story: say which one."""
    head = Text.assemble((f"{one.time:%Y-%m-%d %H:%M}  " if width >= _WIDE else f"{one.time:%Y-%m-%d}  ", "dim"))
    head.append(f"{one.story}/{one.claim}" if story else one.claim, style="bold")
    head.append("  ")
    if one.party:
        head.append(fitted(one.party, 20)).append(" ")
        if one.from_:
            head.append_text(stance(one.from_)).append(" → ")
        head.append_text(stance(one.to))
    if one.status:
        head.append("  " if one.party else "").append_text(status(one.status[0])).append(" ⇒ ").append_text(status(one.status[1]))
    lines = [_cut(head, width)]
    outlet = fitted(one.outlet, max(width // 4, 8))
    if one.quote:
        room = width - 4 - cell_len(outlet)
        quote = fitted(one.quote, max(room - 2, 4))
        lines.append(Text(f"  “{quote}” ").append(outlet, style="dim"))
    elif outlet:
        lines.append(Text(f"  {outlet}", style="dim"))
    return lines


def moves(rows: Sequence[Move], width: int, height: int, *, stories: int) -> list[Text]:
    """As many changes, newest first, as fit whole into so many lines; as much of the newest as there is room for."""
    if not rows:
        return [Text("nothing has changed yet", style="dim")][:height]
    made: list[Text] = []
    for one in rows:
        lines = move(one, width, story=stories > 1)
        if made and len(made) + len(lines) > height:
            break
        made += lines
    return made[:height]


def late(feed: FeedLook, now: datetime) -> bool:
    """Whether its time has passed and nobody has polled it."""
    return now - feed.due > LATE


def feeds(rows: Sequence[FeedLook], now: datetime, width: int) -> Text:
    """All feeds in one line: how many work, which fail, which is due next."""
    failing = [feed for feed in rows if feed.failures]
    new = sum(not feed.failures and feed.last_poll is None for feed in rows)
    parts = [Text(f"{counted(len(rows), 'feed')}: {len(rows) - len(failing) - new} ok")]
    if failing:
        parts.append(Text(f"{len(failing)} failing", style="bold #d55e00"))
    if new:
        parts.append(Text(f"{new} not polled yet"))
    if behind := sum(late(feed, now) for feed in rows):
        parts.append(Text(f"{behind} late", style="bold #d55e00"))
    if polled := sum(feed.polled_now for feed in rows):
        parts.append(Text(f"{polled} polled now"))
    waiting = [feed for feed in rows if not feed.polled_now]
    if waiting:
        first = min(waiting, key=lambda feed: feed.due)
        when = "now" if first.due - now < _SOON else f"in {span(first.due - now)}"
        parts.append(Text(f"next {when}: {fitted(_name(first), 24)}"))
    return _cut(Text(", ").join(parts) if rows else Text("no feeds", style="dim"), width)


def feed_rows(rows: Sequence[FeedLook], now: datetime) -> list[Text]:
    """A line a feed: those that fail first, then in the order in which they are due."""
    made = []
    for feed in sorted(rows, key=lambda feed: (not feed.failures, feed.due, feed.name))[:_LISTED]:
        when = "polled now" if feed.polled_now else "due now" if feed.due - now < _SOON else f"due in {span(feed.due - now)}"
        if late(feed, now):
            when = f"late by {span(now - feed.due)}"
        line = Text(f"{when:>12}  ").append(fitted(_name(feed), 32), style="bold").append(f"  {fitted(feed.url, 200)}", style="dim")
        if feed.failures:
            worked = f"worked {span(now - feed.last_success)} ago" if feed.last_success else "has never worked"
            line.append(f"\n{'':14}").append(f"failed {counted(feed.failures, 'time')}", style="bold #d55e00")
            line.append(f": {plain(feed.problem)}; {worked}")
        elif feed.last_poll is None:
            line.append("  not polled yet", style="dim")
        made.append(line)
    if len(rows) > _LISTED:
        made.append(Text(f"and {len(rows) - _LISTED} more: `monitor feeds list` shows all", style="dim"))
    return made or [Text("no feeds", style="dim")]


def _name(feed: FeedLook) -> str:
    """Its outlet or URL; the server knows neither before the first poll."""
    return feed.name or f"new feed {feed.id[:7]}"


def streams(rows: Sequence[StreamLook], now: datetime, width: int) -> list[Text]:
    """The streams in a line, then who reads them in another: each group that is behind, or how many there are that are not."""
    totals: dict[str, int] = {}
    for row in rows:
        name = _kind(row)
        totals[name] = totals.get(name, 0) + row.length
    last = max((row.last for row in rows if row.last), default=None)
    made = Text("streams: ") + Text(", ").join(Text(f"{name} {count}") for name, count in totals.items())
    if last:
        made.append(f", last {span(now - last)} ago")
    readers: dict[tuple[str, str], list[GroupLook]] = {}
    for row in rows:
        for group in row.groups:
            readers.setdefault((group.name, _kind(row)), []).append(group)
    parts = [_behind(name, kind, groups) for (name, kind), groups in readers.items()]
    said = Text("; ").join(parts) if parts else Text("no groups yet", style="dim")
    return [_cut(made, width), _cut(Text("readers: ") + said, width)]


def _kind(row: StreamLook) -> str:
    return row.key.rpartition(":")[2]


def _behind(name: str, kind: str, groups: Sequence[GroupLook]) -> Text:
    who = "the daemon" if name == READERS else f"{fitted(name, 20)} ({kind})" if kind else fitted(name, 20)
    if any(group.lag is None for group in groups):
        return Text(f"{who} behind by an unknown number", style="bold #d55e00")
    lag, pending = sum(group.lag or 0 for group in groups), sum(group.pending for group in groups)
    if not lag and not pending:
        return Text(f"{who} up to date")
    parts = [f"{lag} behind"] * bool(lag) + [f"{pending} in hand"] * bool(pending)
    return Text(f"{who} {', '.join(parts)}", style="bold" if lag else "")


def stream_rows(rows: Sequence[StreamLook], now: datetime) -> list[Text]:
    """A line a stream, and one for each group that reads it."""
    made = []
    for row in rows:
        last = f"last {span(now - row.last)} ago" if row.last else "nothing yet"
        made.append(Text.assemble((row.key, "bold"), f"  {row.length} on it, {last}"))
        for group in row.groups:
            made.append(Text("    ").append_text(_behind(group.name, "", [group])).append(f", {counted(group.consumers, 'consumer')}"))
    return made or [Text("no streams", style="dim")]


def top(overview: Overview, story: str, now: datetime, width: int, trouble: str) -> Text:
    """The first line: which story, how many claims, whether a daemon reads, what is wrong."""
    stories = overview.stories
    count = sum(state.story == story for state in overview.claims)
    made = Text.assemble((story or "no story yet", "bold"))
    if len(stories) > 1:
        made.append(f" ({stories.index(story) + 1} of {len(stories)} stories, tab for the next)")
    made.append(f"  {counted(count, 'claim')}")
    if trouble:
        made.append("  ").append(plain(trouble), style="bold #d55e00")
    elif not overview.readers:
        made.append("  ").append("no daemon is running", style="bold #d55e00")
    elif overview.rejected:
        made.append("  ").append(f"{counted(overview.rejected.count, 'error')} in the rules: r shows them", style="bold #d55e00")
    elif overview.rereading is not None:
        made.append("  ").append(f"reading kept articles again by changed rules: {overview.rereading:.0%}", style="bold")
    for form in ("%Y-%m-%d %H:%M:%S UTC", "%H:%M:%S", ""):
        clock = now.strftime(form)
        spare = width - cell_len(made.plain) - cell_len(clock)
        if spare >= 2:
            return Text.assemble(made, " " * spare, (clock, "dim"))
    return _cut(made, width)


def rules(overview: Overview, width: int) -> Iterator[Text]:
    """Which rules are in force, and what is wrong with those that were saved since."""
    for story, version in sorted(overview.in_force.items()):
        yield Text.assemble((plain(story), "bold"), f"  version {plain(version)} is in force")
    rejected = overview.rejected
    if rejected is None:
        yield Text("what was saved last is in force" if overview.in_force else "no daemon has told of its rules", style="dim")
        return
    yield Text()
    said = f"what was saved at {rejected.time:%Y-%m-%d %H:%M:%S} cannot be used: {counted(rejected.count, 'error')}"
    yield from wrapped(Text(said, style="bold #d55e00"), width)
    for one in rejected.problems:
        yield from _indented(Text(plain(told_of_problem(one))), width)
    if rejected.count > len(rejected.problems):
        yield Text(f"and {rejected.count - len(rejected.problems)} more: `monitor check` shows all", style="dim")


def claim(state: ClaimState, width: int) -> Iterator[Text]:
    """A claim in full: its words, status, each position with its quote, speaker and link."""
    yield from wrapped(Text(plain(state.text)), width)
    yield Text()
    since = f" since {day(state.since)}, {state.since:%H:%M}" if state.since else ""
    yield Text.assemble(status(state.status), since)
    if state.confirmed_by:
        yield Text(f"would have to admit it: {', '.join(state.confirmed_by)}", style="dim")
    for held in sorted(state.positions, key=lambda held: held.since, reverse=True):
        row = held.evidence
        yield Text()
        yield Text.assemble((held.party, "bold"), "  ", stance(held.stance), f" since {day(held.since)}, {held.since:%H:%M}")
        if row.quote:
            yield from _indented(Text(f"“{plain(row.quote)}”"), width)
        who = [plain(row.speaker), plain(row.outlet), f"{day(row.time)}, {row.time:%H:%M}"]
        yield from _indented(Text(" · ".join(part for part in who if part), style="dim"), width)
        if row.url:
            yield Text(f"    {plain(row.url)}", style="dim")
    if not state.positions:
        yield Text("no party has a position", style="dim")


def help_text(width: int) -> Iterator[Text]:
    """Keys and signs."""
    for name, what in (*HELP, ("", ""), *SIGNS):
        for number, part in enumerate(wrapped(Text(what), max(width - 18, 10)) or [Text()]):
            yield Text.assemble((f"{'' if number else name:18}", "bold"), part)


def _indented(text: Text, width: int) -> Iterator[Text]:
    for part in wrapped(text, max(width - 4, 10)):
        yield Text.assemble("    ", part)


def _cut(text: Text, width: int) -> Text:
    text.truncate(max(width, 1), overflow="ellipsis")
    text.no_wrap = True
    return text
