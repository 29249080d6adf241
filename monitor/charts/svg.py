"""A timeline as SVG: the status on top, below it a lane for each party, and under each lane its evidence as marks."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from xml.etree.ElementTree import Element, SubElement, indent, tostring

from monitor.charts.scale import Scale, span
from monitor.charts.words import COLOURS, EFFECTS, VERBS, clean, resource, told, web_address, width_of
from monitor.engine.timeline import Effect, Mark, PositionBand, StatusBand, Timeline
from monitor.model import Stance, Status

WIDTH = 1200
_LEFT, _RIGHT = 176, 28
_BAND = 22
_DOT = 9  # room that a mark takes
_LEVELS = 6  # marks that are stacked before they cover one another

Linker = Callable[[Mark], str]


def svg(timeline: Timeline, now: datetime, since: datetime | None = None, until: datetime | None = None) -> str:
    """An SVG file of its own. now: to where positions that still hold are drawn. A mark leads to its article."""
    root = picture(timeline, now, since, until, lambda mark: web_address(mark.evidence.url))
    indent(root, " ")
    return '<?xml version="1.0" encoding="UTF-8"?>\n' + tostring(root, encoding="unicode") + "\n"


def picture(timeline: Timeline, now: datetime, since: datetime | None, until: datetime | None, link: Linker) -> Element:
    """The picture as an element. link: where a mark leads, "" for nowhere."""
    return _Picture(timeline, Scale(*span(timeline, now, since, until), WIDTH - _LEFT - _RIGHT), link).drawn()


@dataclass(frozen=True, slots=True)
class _Placed:
    """A mark in its place."""

    mark: Mark
    x: float
    level: int


class _Picture:
    """Draws from the top down; `_y` is how far it has come."""

    def __init__(self, timeline: Timeline, scale: Scale, link: Linker) -> None:
        self._timeline, self._scale, self._link = timeline, scale, link
        self._y = 0.0
        self._root = Element("svg", {"xmlns": "http://www.w3.org/2000/svg", "class": "tl", "role": "img"})

    def drawn(self) -> Element:
        """The whole."""
        root, line = self._root, self._timeline
        SubElement(root, "title").text = f"{line.story}/{line.claim}: {line.status}"
        SubElement(root, "desc").text = clean(
            f"{line.text}. Positions of {len(line.lanes)} parties and {len(line.marks)} pieces of evidence"
        )
        SubElement(root, "style").text = resource("picture.css") + "".join(_coloured(word) for word in COLOURS)
        SubElement(root, "rect", {"class": "paper", "width": "100%", "height": "100%"})
        self._heading()
        grid = SubElement(root, "g")
        top = self._y
        self._y += 26
        self._status()
        for lane in line.lanes:
            self._lane(lane.party, lane.principal, lane.bands)
        self._axis(grid, top)
        self._legend()
        root.set("viewBox", f"0 0 {WIDTH} {self._y:.0f}")
        root.set("width", str(WIDTH))
        root.set("height", f"{self._y:.0f}")
        return root

    def _heading(self) -> None:
        line = self._timeline
        self._y = 34
        for part in _lines(clean(line.text), WIDTH - 48, 18):
            self._text(24, self._y, part, "head")
            self._y += 25
        since = f" since {line.since:%Y-%m-%d %H:%M} UTC" if line.since else ""
        self._text(24, self._y, f"{line.story}/{line.claim}: {line.status}{since}", "soft")
        self._y += 18

    def _status(self) -> None:
        self._text(24, self._y + 15, "status")
        for band in self._timeline.statuses:
            since = f"{band.since:%Y-%m-%d %H:%M} UTC"
            self._band(band, band.status, f"{band.status} since {since}" + _ended(band))
        self._y += _BAND + 16

    def _lane(self, party: str, principal: bool, bands: Sequence[PositionBand]) -> None:
        label = self._text(24, self._y + 15, _shortened(party, _LEFT - 48, 13))
        if principal:
            label.set("font-weight", "600")
        SubElement(label, "title").text = party + (", who would have to admit it" if principal else "")
        for band in bands:
            self._band(band, band.stance, f"{party} {VERBS[band.stance]} since {band.since:%Y-%m-%d %H:%M} UTC" + _ended(band))
        marks = self._placed([mark for mark in self._timeline.marks if mark.evidence.party == party])
        for one in marks:
            self._mark(one)
        levels = max((one.level for one in marks), default=0) + 1
        self._y += _BAND + 8 + levels * _DOT + 8

    def _placed(self, marks: Sequence[Mark]) -> list[_Placed]:
        """Marks side by side where they would cover one another: each on the first level that is free there."""
        ends = [float("-inf")] * _LEVELS
        placed = []
        for mark in marks:
            x = _LEFT + self._scale.at(mark.evidence.time)
            level = next((n for n, end in enumerate(ends) if x - end >= _DOT), min(range(_LEVELS), key=ends.__getitem__))
            ends[level] = x
            placed.append(_Placed(mark, x, level))
        # What moved a position is painted last.
        return sorted(placed, key=lambda one: one.mark.effect is Effect.MOVED)

    def _band(self, band: PositionBand | StatusBand, word: Stance | Status, title: str) -> None:
        start = self._scale.at(band.since)
        end = self._scale.at(band.until) if band.until else self._scale.size
        if band.until is not None and end <= start:
            return
        width = max(end - start - 1, 1.5)
        group = SubElement(self._root, "g")
        SubElement(group, "title").text = title
        where = {"x": f"{_LEFT + start:.1f}", "y": f"{self._y:.1f}", "width": f"{width:.1f}", "height": str(_BAND), "rx": "3"}
        SubElement(group, "rect", {"class": f"band {word}", **where})
        if width_of(word, 12) + 12 < width:
            self._text(_LEFT + start + 7, self._y + 15.5, word, "on", group)

    def _mark(self, one: _Placed) -> None:
        mark = one.mark
        address = self._link(mark)
        parent = (
            SubElement(
                self._root, "a", {"href": address} | ({} if address[:1] == "#" else {"target": "_blank", "rel": "noopener noreferrer"})
            )
            if address
            else self._root
        )
        group = SubElement(parent, "g")
        SubElement(group, "title").text = told(mark)
        _dot(group, one.x, self._y + _BAND + 10 + one.level * _DOT, mark.effect, mark.evidence.stance)

    def _axis(self, grid: Element, top: float) -> None:
        for time, label in self._scale.ticks(92):
            x = f"{_LEFT + self._scale.at(time):.1f}"
            SubElement(grid, "line", {"class": "grid", "x1": x, "x2": x, "y1": f"{top + 20:.0f}", "y2": f"{self._y:.0f}"})
            self._text(_LEFT + self._scale.at(time), top + 12, label, "soft").set("text-anchor", "middle")

    def _legend(self) -> None:
        self._y += 18
        x = float(_LEFT)
        for stance in Stance:
            where = {"x": f"{x:.0f}", "y": f"{self._y - 10:.0f}", "width": "14", "height": "12", "rx": "2"}
            SubElement(self._root, "rect", {"class": f"key {stance}", **where})
            self._text(x + 20, self._y, stance, "soft")
            x += width_of(stance, 12) + 46
        self._text(WIDTH - _RIGHT, self._y, "times in UTC; bold: would have to admit it", "soft").set("text-anchor", "end")
        self._y += 22
        x = float(_LEFT)
        for effect in dict.fromkeys(mark.effect for mark in self._timeline.marks):
            label = EFFECTS[effect]
            if x + width_of(label, 12) > WIDTH - _RIGHT:
                x, self._y = float(_LEFT), self._y + 20
            _dot(self._root, x + 6, self._y - 4, effect, Stance.DECLINE)
            self._text(x + 20, self._y, label, "soft")
            x += width_of(label, 12) + 46
        self._y += 20

    def _text(self, x: float, y: float, text: str, kind: str = "", within: Element | None = None) -> Element:
        place = {"x": f"{x:.1f}", "y": f"{y:.1f}"} | ({"class": kind} if kind else {})
        made = SubElement(self._root if within is None else within, "text", place)
        made.text = text
        return made


def _coloured(word: Stance | Status) -> str:
    """Style of a word: what is full takes its colour, what is hollow is outlined in it."""
    colour = COLOURS[word]
    return f".tl .{word} {{ fill: {colour}; }}\n.tl .open.{word} {{ fill: var(--paper); stroke: {colour}; stroke-width: 1.6; }}\n"


def _dot(parent: Element, x: float, y: float, effect: Effect, stance: Stance) -> None:
    """The sign of an effect: large and full where it moved, small where it agrees, hollow where it moved nothing, a stroke for history."""
    if effect is Effect.PAST:
        where = {"x": f"{x - 3.5:.1f}", "y": f"{y - 1:.1f}", "width": "7", "height": "2"}
        SubElement(parent, "rect", {"class": f"dot {stance}", **where})
        return
    radius = {Effect.MOVED: "4.5", Effect.AGREES: "2.6"}.get(effect, "3")
    hollow = "" if effect in (Effect.MOVED, Effect.AGREES) else " open"
    SubElement(parent, "circle", {"class": f"dot{hollow} {stance}", "cx": f"{x:.1f}", "cy": f"{y:.1f}", "r": radius})


def _ended(band: PositionBand | StatusBand) -> str:
    return f", until {band.until:%Y-%m-%d %H:%M} UTC" if band.until else ""


def _shortened(text: str, room: float, size: float) -> str:
    if width_of(text, size) <= room:
        return text
    while text and width_of(text + "…", size) > room:
        text = text[:-1]
    return text + "…"


def _lines(text: str, room: float, size: float) -> list[str]:
    """A text in lines that fit; broken at spaces, or anywhere where there is none."""
    lines = [""]
    for word in text.split():
        tried = f"{lines[-1]} {word}".strip()
        if width_of(tried, size) <= room:
            lines[-1] = tried
            continue
        lines.append("")
        for char in word:
            if width_of(lines[-1] + char, size) > room:
                lines.append("")
            lines[-1] += char
    return [line for line in lines if line]
