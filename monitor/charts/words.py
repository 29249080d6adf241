"""What pictures of timelines have in common: words, colours, and text from feeds made harmless."""

from __future__ import annotations

import re
import unicodedata
from importlib.resources import files
from urllib.parse import urlsplit

from monitor.engine.timeline import Effect, Mark
from monitor.model import Stance, Status

VERBS = {Stance.AFFIRM: "affirms", Stance.DENY: "denies", Stance.DOUBT: "doubts", Stance.DECLINE: "declines to say"}
COLOURS: dict[Stance | Status, str] = {
    # From the palette of Okabe and Ito, which colour-blind people tell apart; a little darker, so that white words can be read on it.
    Stance.AFFIRM: "#00795a",
    Stance.DENY: "#bf4b00",
    Stance.DOUBT: "#8a6d00",
    Stance.DECLINE: "#6b7280",
    Status.CONFIRMED: "#00795a",
    Status.DISPUTED: "#9b4d80",
    Status.ASSERTED: "#1f6fa8",
    Status.DENIED: "#bf4b00",
    Status.OPEN: "#6b7280",
    Status.UNREPORTED: "#6b7280",
}
EFFECTS = {
    Effect.MOVED: "moved the position",
    Effect.AGREES: "agrees with the position held",
    Effect.OUTWEIGHED: "moved nothing: outweighed",
    Effect.WAITS: "moved nothing: waits for a second outlet",
    Effect.WEAK: "moved nothing: not strong enough for this claim",
    Effect.PAST: "recalls history, moves nothing",
    Effect.REJECTED: "moves nothing: rejected as a misreading",
}
"""What a piece of evidence did, in words."""

# What XML cannot hold, and what would turn the direction of the text around it.
_UNFIT = re.compile(
    "[^\t\n\x20-\x7e\xa0-\u2027\u202f-\u2065\u206a-\ud7ff\ue000-\ufdcf\ufdf0-\ufffd\U00010000-\U0010ffff]",
)


def resource(name: str) -> str:
    """A style sheet or script that lies beside this module."""
    return files(__package__).joinpath(name).read_text(encoding="utf-8")


def clean(text: str) -> str:
    """Text from outside, fit for XML and for a screen. It still needs escaping."""
    return _UNFIT.sub("\ufffd", text)


def web_address(url: str) -> str:
    """The address if it can be followed without harm, that is, over http or https; "" if not."""
    try:
        parts = urlsplit(url)
    except ValueError:
        return ""
    return clean(url) if parts.scheme in ("http", "https") and parts.netloc else ""


def width_of(text: str, size: float) -> float:
    """About how wide a text is in a sans-serif type of this size."""
    return sum(1.0 if unicodedata.east_asian_width(char) in "WF" else 0.56 for char in text) * size


def told(mark: Mark) -> str:
    """A piece of evidence in a few lines: what shows when one points at its mark."""
    row = mark.evidence
    when = " in the past" if row.when == "past" else ""
    lines = [
        f"{row.time:%Y-%m-%d %H:%M} UTC · {row.party} {VERBS[row.stance]}{when} · {row.strength}",
        EFFECTS[mark.effect],
        f"“{row.quote}”" if row.quote else "",
        " · ".join(part for part in (row.speaker, row.outlet) if part) or ("baseline in the rules" if not row.article else ""),
    ]
    return clean("\n".join(line for line in lines if line))
