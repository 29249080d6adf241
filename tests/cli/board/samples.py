"""Claims, moves and feeds for the board's tests."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from monitor.model import ClaimState, Evidence, HeldPosition, Stance, Status, Strength, When
from monitor.streams.overview import FeedLook, Move

NOW = datetime(2025, 5, 1, 12, tzinfo=UTC)
SPRING = datetime(2025, 4, 28, 9, tzinfo=UTC)
AUTUMN = datetime(2024, 5, 10, 12, tzinfo=UTC)


def evidence(claim: str, party: str, stance: Stance, time: datetime, quote: str = "They said so") -> Evidence:
    """One piece of evidence."""
    return Evidence(
        id=f"{claim}-{party}", story="kursk", article="a", version=1, claim=claim, party=party, stance=stance, when=When.NOW,
        strength=Strength.STRONG, speaker="A spokesman", cue="said", quote=quote, field="title", start=0, end=len(quote), time=time,
        outlet="Wire", url="https://outlet.example/a",
    )  # fmt: skip


def state(
    claim: str,
    status: Status,
    positions: dict[str, tuple[Stance, datetime]],
    confirmed_by: tuple[str, ...] = (),
    text: str = "A claim in words",
    quote: str = "They said so",
) -> ClaimState:
    """Where a claim stands."""
    held = tuple(
        HeldPosition(party=party, stance=stance, since=since, evidence=evidence(claim, party, stance, since, quote))
        for party, (stance, since) in positions.items()
    )
    since = max((since for _, since in positions.values()), default=None)
    return ClaimState(story="kursk", claim=claim, text=text, status=status, since=since, positions=held, confirmed_by=confirmed_by)


STATES = [
    state("troops-sent", Status.CONFIRMED, {
        "russia": (Stance.AFFIRM, SPRING), "china": (Stance.DECLINE, AUTUMN), "seoul": (Stance.AFFIRM, AUTUMN),
    }, ("russia", "pyongyang")),
    state("thousand-dead", Status.OPEN, {"seoul": (Stance.DOUBT, SPRING)}, ("russia",)),
    state("kursk-retaken", Status.UNREPORTED, {}),
]  # fmt: skip

MOVE = Move(
    "kursk", "troops-sent", SPRING, "russia", Stance.DENY, Stance.AFFIRM, (Status.DISPUTED, Status.CONFIRMED), "Gerasimov", "We thank them",
    "Wire", "https://outlet.example/a",
)  # fmt: skip


def feed(name: str, due: float, failures: int = 0, *, polled: bool = True, polled_now: bool = False) -> FeedLook:
    """A feed that is due in so many seconds."""
    at = NOW - timedelta(minutes=3) if polled else None
    problem = "status 500" if failures else ""
    return FeedLook(name, name, f"https://{name}.example/rss", NOW + timedelta(seconds=due), polled_now, failures, problem, at, at)
