"""Where the board's contents come from: the server, looked at again and again, also after it was away."""

from __future__ import annotations

from dataclasses import dataclass, field

from monitor.errors import ServerError
from monitor.streams.access import Server
from monitor.streams.client import REDIS, Client, passes
from monitor.streams.overview import Overlook, Overview
from monitor.streams.polls import now_utc


@dataclass(frozen=True, slots=True)
class Sight:
    """What is seen now. trouble: why it may be out of date; "" when it is not."""

    overview: Overview = field(default_factory=Overview)
    trouble: str = ""


PATIENCE = 3.0
"""Seconds after which a server that does not answer is called lost."""


class Source:
    """Looks at one server. A lost one is no error: what was seen last stands, and says so."""

    def __init__(self, client: Client, story: str | None = None, mended: Server | None = None) -> None:
        """mended: the server to bring back where nobody else does."""
        self._overlook, self._mended = Overlook(client, story), mended
        self._last = Sight()
        self._lost_at = ""

    async def see(self) -> Sight:
        """Everything as it is now. Raises what redis-py raises when it will not pass."""
        try:
            if self._last.trouble and self._mended is not None:
                await self._mended.mend()
            overview = await self._overlook.look(now_utc())
        except REDIS as error:
            if not passes(error):
                raise
            self._lost("waiting for it")
        except ServerError as error:  # it cannot be brought back now: it runs and does not answer, or its port is taken
            self._lost(str(error))
        else:
            self._lost_at = ""
            self._last = Sight(overview)
        return self._last

    def _lost(self, what: str) -> None:
        self._lost_at = self._lost_at or f"{now_utc():%H:%M:%S}"
        self._last = Sight(self._last.overview, f"server lost at {self._lost_at}: {what}")
