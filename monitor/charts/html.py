"""A timeline as one HTML file that needs nothing else: the picture, what moved, and all evidence in a table that can be narrowed down.

Everything is built as a tree of elements, so that no text from a feed is ever read as markup; a content security policy forbids the
file to load anything, and to run any script but its own.
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Iterable
from datetime import datetime
from typing import Any
from xml.etree.ElementTree import Element, SubElement, tostring

from monitor.charts.svg import picture
from monitor.charts.words import COLOURS, EFFECTS, VERBS, clean, resource, web_address
from monitor.engine.timeline import Mark, Timeline, Turn
from monitor.model import Stance, Status

SCRIPT = resource("page.js")


def html(timeline: Timeline, now: datetime, since: datetime | None = None, until: datetime | None = None) -> str:
    """The file. now: to where positions that still hold are drawn, and when it is said to have been made."""
    root = Element("html", {"lang": "en"})
    _head(root, timeline)
    body = SubElement(root, "body")
    chart = _add(body, "div", cls="chart")
    chart.append(picture(timeline, now, since, until, lambda mark: f"#{_anchor(mark)}"))
    _add(body, "p", f"Drawn at {now:%Y-%m-%d %H:%M} UTC from the evidence known then. A late or corrected article may rewrite it.", "soft")
    _turns(body, timeline.turns)
    _table(body, timeline)
    _add(body, "script").text = SCRIPT
    return "<!doctype html>\n" + tostring(root, encoding="unicode", method="html") + "\n"


def _head(root: Element, timeline: Timeline) -> None:
    head = SubElement(root, "head")
    SubElement(head, "meta", {"charset": "utf-8"})
    script = base64.b64encode(hashlib.sha256(SCRIPT.encode()).digest()).decode()
    policy = f"default-src 'none'; style-src 'unsafe-inline'; script-src 'sha256-{script}'; base-uri 'none'; form-action 'none'"
    SubElement(head, "meta", {"http-equiv": "Content-Security-Policy", "content": policy})
    SubElement(head, "meta", {"name": "viewport", "content": "width=device-width, initial-scale=1"})
    SubElement(head, "meta", {"name": "referrer", "content": "no-referrer"})
    _add(head, "title", f"{timeline.story}/{timeline.claim}: {timeline.status}")
    _add(head, "style").text = resource("page.css") + "".join(
        f".word.{word} {{ background: {colour}; }}\n" for word, colour in COLOURS.items()
    )


def _turns(body: Element, turns: Iterable[Turn]) -> None:
    _add(body, "h2", "What moved")
    listed = SubElement(body, "ol")
    for turn in turns:
        for move in turn.moves:
            item = SubElement(listed, "li")
            _add(item, "time", f"{turn.time:%Y-%m-%d %H:%M}").tail = f" {move.party}: "
            if move.from_ is not None:
                _word(item, move.from_).tail = " → "
            _word(item, move.to)
            if move is turn.moves[-1] and turn.from_ is not turn.to:
                item[-1].tail = " — the claim: "
                _word(item, turn.from_).tail = " → "
                _word(item, turn.to)
            row = move.evidence
            _add(item, "blockquote", f"“{row.quote}”" if row.quote else "", dir="auto")
            _source(SubElement(item, "div", {"class": "soft"}), row.speaker, row.outlet or row.article or "baseline in the rules", row.url)


def _table(body: Element, timeline: Timeline) -> None:
    _add(body, "h2", "All evidence")
    _filters(body, timeline)
    table = SubElement(_add(body, "div", cls="wide"), "table")
    header = SubElement(SubElement(table, "thead"), "tr")
    for name in ("time (UTC)", "party", "stance", "what it did", "quote", "article"):
        _add(header, "th", name, scope="col")
    rows = SubElement(table, "tbody")
    for mark in timeline.marks:
        row = mark.evidence
        line = SubElement(rows, "tr", {"id": _anchor(mark), "data-party": row.party, "data-stance": row.stance, "data-effect": mark.effect})
        _add(SubElement(line, "td"), "time", f"{row.time:%Y-%m-%d %H:%M}")
        _add(line, "td", row.party)
        _word(SubElement(line, "td"), row.stance)
        _add(line, "td", f"{EFFECTS[mark.effect]} ({row.strength})", "soft")
        said = _add(line, "td", f"“{row.quote}”" if row.quote else "", "said", dir="auto")
        _add(said, "div", " · ".join(part for part in (row.speaker, row.cue) if part), "soft")
        source = SubElement(line, "td")
        _source(source, "", row.outlet or row.article or "baseline in the rules", row.url)
        _add(source, "div", row.title, "soft", dir="auto")


def _filters(body: Element, timeline: Timeline) -> None:
    form = SubElement(body, "form", {"hidden": "hidden"})
    choices: dict[str, list[tuple[str, str]]] = {
        "party": [(lane.party, lane.party) for lane in timeline.lanes],
        "stance": [(stance, VERBS[stance]) for stance in Stance],
        "effect": [(effect, EFFECTS[effect]) for effect in dict.fromkeys(mark.effect for mark in timeline.marks)],
    }
    for name, options in choices.items():
        chooser = SubElement(form, "select", {"name": name, "aria-label": name})
        for value, label in (("", f"any {name}"), *options):
            _add(chooser, "option", label, value=value)
    SubElement(form, "input", {"name": "words", "type": "search", "placeholder": "words", "aria-label": "words"})
    SubElement(form, "output", {"class": "soft"})


def _source(parent: Element, speaker: str, outlet: str, url: str) -> None:
    """Who said it and where; a link only where it can be followed without harm."""
    parent.text = f"{clean(speaker)} · " if speaker else ""
    if address := web_address(url):
        _add(parent, "a", outlet, href=address, rel="noopener noreferrer nofollow", target="_blank")
    else:
        _add(parent, "span", outlet)


def _word(parent: Element, word: Stance | Status) -> Element:
    return _add(parent, "span", word, f"word {word}")


def _anchor(mark: Mark) -> str:
    return f"e-{mark.evidence.id}"


def _add(parent: Element, tag: str, text: str = "", cls: str = "", **attributes: Any) -> Element:
    """An element with text, cleaned."""
    made = SubElement(parent, tag, ({"class": cls} if cls else {}) | attributes)
    if text:
        made.text = clean(text)
    return made
