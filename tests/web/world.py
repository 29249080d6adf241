"""What there is on the simulated web, and how each host behaves. Pure: the same seed makes the same web."""

from __future__ import annotations

import random
import time
from bisect import bisect_right
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from enum import StrEnum
from functools import cached_property
from itertools import cycle

START = datetime(2026, 3, 2, 8, tzinfo=UTC)
"""When the simulation begins, as everybody in it sees the time."""
HELD = 16
"""Entries that a feed holds."""
TEXT = "The council approved a budget for schools and roads after a long debate on Tuesday evening. " * 6


class Behaviour(StrEnum):
    """How a host treats those who ask."""

    STEADY = "steady"
    """answers at once"""
    SLOW = "slow"
    """takes two to ten seconds"""
    FAILING = "failing"
    """answers 500 for a third of the time"""
    BROKEN = "broken"
    """ends connections without an answer for a third of the time"""
    LOST = "lost"
    """cannot be found for a third of the time: its name is not known"""
    SILENT = "silent"
    """takes connections and never answers, for a third of the time"""
    MOVED = "moved"
    """sends everybody to another host, for good"""
    REDIRECTING = "redirecting"
    """sends everybody to another path, for now"""
    LIMITED = "limited"
    """answers so many requests a minute (`allowed`), then 429 and when to come back"""
    GONE = "gone"
    """answers 410 from a third of the time on"""
    VANISHED = "vanished"
    """its name is not known from a third of the time on"""


FOR_GOOD = (Behaviour.GONE, Behaviour.VANISHED)
_SPELLS = (Behaviour.FAILING, Behaviour.BROKEN, Behaviour.LOST, Behaviour.SILENT)


@dataclass(frozen=True)
class Clock:
    """Simulated time: begins at START when the wall's clock shows `begun` (seconds since 1970), and goes `speed` times as fast."""

    begun: float
    speed: float

    def now(self) -> datetime:
        """The simulated time."""
        return self.at(time.time())

    def at(self, wall: float) -> datetime:
        """The simulated time at a time of the wall's clock."""
        return START + timedelta(seconds=(wall - self.begun) * self.speed)


class Sending(StrEnum):
    """How a feed tells that nothing changed."""

    VALIDATORS = "validators"
    """ETag and 304"""
    SAME = "same"
    """the same body again"""
    TICKING = "ticking"
    """the same entries in a body that has changed"""


@dataclass(frozen=True)
class Publication:
    """A feed: when it publishes what. published: times of its entries, sorted; all of those at the start lie before it."""

    number: int
    host: str
    sending: Sending
    published: tuple[datetime, ...]

    @property
    def url(self) -> str:
        """Where it is, as the rules name it."""
        return f"http://{self.host}/{self.number}.rss"

    def count(self, now: datetime) -> int:
        """How many entries there are by now."""
        return bisect_right(self.published, now)

    def entry(self, place: int) -> str:
        """An entry's title, which no other has."""
        return f"Feed {self.number}, entry {place}"

    def body(self, now: datetime) -> str:
        """The feed as it is now."""
        count = self.count(now)
        entries = "".join(self._item(place) for place in range(count - 1, max(count - HELD, 0) - 1, -1))
        built = f"<lastBuildDate>{format_datetime(now)}</lastBuildDate>" if self.sending is Sending.TICKING else ""
        return f'<?xml version="1.0"?>\n<rss version="2.0"><channel><title>Feed {self.number}</title>{built}{entries}</channel></rss>'

    def _item(self, place: int) -> str:
        link = f"http://{self.host}/{self.number}/{place}"
        date = format_datetime(self.published[place])
        return f"<item><guid>{link}</guid><link>{link}</link><title>{self.entry(place)}</title><pubDate>{date}</pubDate><description>{TEXT}</description></item>\n"


@dataclass(frozen=True)
class Host:
    """A host. spell: from when to when it misbehaves. allowed: requests in a minute, where it limits them."""

    name: str
    behaviour: Behaviour
    spell: tuple[datetime, datetime]
    allowed: int

    def misbehaves(self, now: datetime) -> bool:
        """Whether it does now what its behaviour says, where that is not always so."""
        return self.spell[0] <= now < self.spell[1]


@dataclass(frozen=True)
class World:
    """All feeds and hosts. minutes: how long they publish. each: minutes between two entries of a feed, on average.

    every: minutes in which readers wish to see each feed once.
    """

    feeds: int
    minutes: float
    each: float = 50
    every: float = 5
    seed: int = 1
    usual: float = field(default=0.8)
    """The share of hosts that are steady."""

    @property
    def end(self) -> datetime:
        """When publishing ends."""
        return START + timedelta(minutes=self.minutes)

    @cached_property
    def hosts(self) -> dict[str, Host]:
        """All hosts by name. The largest, with a twentieth of all feeds, is steady."""
        dice = random.Random(self.seed)  # noqa: S311
        odd = cycle(one for one in Behaviour if one is not Behaviour.STEADY)
        found = {}
        sizes = Counter(self._owners())
        for number, name in enumerate(sizes):
            behaviour = Behaviour.STEADY if number == 0 or dice.random() < self.usual else next(odd)
            third = timedelta(minutes=self.minutes / 3)
            until = self.end + timedelta(days=999) if behaviour in FOR_GOOD else START + 2 * third
            # Hardly enough for all of its feeds.
            found[name] = Host(name, behaviour, (START + third, until), allowed=1 + int(0.8 * sizes[name] / self.every))
        return found

    @cached_property
    def publications(self) -> list[Publication]:
        """All feeds."""
        dice = random.Random(self.seed + 1)  # noqa: S311
        return [Publication(number, host, _sending(dice), self._times(dice)) for number, host in enumerate(self._owners())]

    def arrives(self, publication: Publication) -> bool:
        """Whether all that this feed publishes can be seen."""
        return self.hosts[publication.host].behaviour not in FOR_GOOD

    def _owners(self) -> Iterator[str]:
        """The host of each feed: one of a twentieth of them, ten of a hundredth each, the others of one to seven."""
        number, host = 0, 0
        while number < self.feeds:
            size = max(self.feeds // 20, 1) if host == 0 else max(self.feeds // 100, 1) if host <= 10 else 1 + host % 7
            yield from [f"host{host}.example"] * min(size, self.feeds - number)
            number, host = number + size, host + 1

    def _times(self, dice: random.Random) -> tuple[datetime, ...]:
        at, times = START, [START - timedelta(minutes=60 * back) for back in range(HELD // 2, 0, -1)]
        while (at := at + timedelta(minutes=dice.expovariate(1 / self.each))) < self.end:
            times.append(at)
        return tuple(times)


def _sending(dice: random.Random) -> Sending:
    return dice.choices(list(Sending), (60, 30, 10))[0]
