"""The web server that all hosts of the simulated web are at: `python -m tests.web.site WORLD`. Prints its port, then answers.

WORLD: the arguments of `World` and `Clock` as JSON. `/report` on the host `report.example` gives what it has seen.
"""

from __future__ import annotations

import asyncio
import json
import sys
from collections import Counter, defaultdict
from datetime import datetime, timedelta

from aiohttp import web

from tests.web.world import Behaviour, Clock, Host, Publication, Sending, World

_A_MINUTE = timedelta(minutes=1)


class Sites:
    """Answers for all hosts, and counts."""

    def __init__(self, world: World, clock: Clock) -> None:
        self.world, self.clock = world, clock
        self.statuses: Counter[str] = Counter()
        self.requests: Counter[str] = Counter()
        self.under_way: Counter[str] = Counter()
        self.most_at_once: Counter[str] = Counter()
        self.most_connections: Counter[str] = Counter()
        self.gaps: list[float] = []
        self._last: dict[str, datetime] = {}
        self._connections: dict[str, set[asyncio.BaseTransport]] = defaultdict(set)
        self._recent: dict[str, list[datetime]] = defaultdict(list)

    async def answer(self, request: web.Request) -> web.StreamResponse:
        """Any request to any host."""
        name = request.host.partition(":")[0]
        if name == "report.example":
            return web.json_response(self.report())
        now = self.clock.now()
        self._count(name, request, now)
        self.under_way[name] += 1
        self.most_at_once[name] = max(self.most_at_once[name], self.under_way[name])
        try:
            response = await self._respond(self.world.hosts[name.removeprefix("new-")], name, request, now)
        finally:
            self.under_way[name] -= 1
        self.statuses[str(response.status)] += 1
        return response

    def _count(self, name: str, request: web.Request, now: datetime) -> None:
        self.requests[name] += 1
        if name in self._last:
            self.gaps.append((now - self._last[name]).total_seconds())
        self._last[name] = now
        if request.transport is not None:
            self._connections[name] = {one for one in self._connections[name] if not one.is_closing()} | {request.transport}
            self.most_connections[name] = max(self.most_connections[name], len(self._connections[name]))

    async def _respond(self, host: Host, name: str, request: web.Request, now: datetime) -> web.Response:
        number = int(request.path.strip("/").removeprefix("now/").removesuffix(".rss"))
        publication = self.world.publications[number]
        bad = host.misbehaves(now)
        match host.behaviour:
            case Behaviour.SLOW:
                await asyncio.sleep((2 + number % 9) / self.clock.speed)
            case Behaviour.FAILING if bad:
                return web.Response(status=500)
            case Behaviour.BROKEN if bad:
                if request.transport is not None:
                    request.transport.close()
                return web.Response(status=500)
            case Behaviour.SILENT if bad:
                await asyncio.sleep(3600)
            case Behaviour.MOVED if name == host.name:
                return web.Response(status=301, headers={"Location": f"http://new-{name}{request.path}"})
            case Behaviour.REDIRECTING if not request.path.startswith("/now/"):
                return web.Response(status=302, headers={"Location": f"/now{request.path}"})
            case Behaviour.GONE if bad:
                return web.Response(status=410)
            case Behaviour.LIMITED:
                recent = self._recent[name] = [at for at in self._recent[name] if now - at < _A_MINUTE]
                if len(recent) >= host.allowed:
                    wait = _A_MINUTE - (now - recent[0])
                    return web.Response(status=429, headers={"Retry-After": str(int(wait.total_seconds()) + 1)})
                recent.append(now)
        return self._feed(publication, request, now)

    def _feed(self, publication: Publication, request: web.Request, now: datetime) -> web.Response:
        tag = f'"{publication.number}-{publication.count(now)}"'
        if publication.sending is Sending.VALIDATORS and request.headers.get("If-None-Match") == tag:
            return web.Response(status=304, headers={"ETag": tag})
        headers = {"ETag": tag} if publication.sending is Sending.VALIDATORS else {}
        return web.Response(text=publication.body(now), content_type="application/rss+xml", headers=headers)

    def report(self) -> dict[str, object]:
        """What has been seen. gap: simulated seconds between two requests to a host, the first percentile."""
        gaps = sorted(self.gaps)
        return {
            "requests": self.requests.total(),
            "statuses": dict(sorted(self.statuses.items())),
            "at_once": max(self.most_at_once.values(), default=0),
            "connections": max(self.most_connections.values(), default=0),
            "gap": gaps[len(gaps) // 100] if gaps else 0.0,
        }


async def main() -> None:
    """Serves until its input ends."""
    given = json.loads(sys.argv[1])
    sites = Sites(World(**given["world"]), Clock(**given["clock"]))
    app = web.Application()
    app.router.add_get("/{path:.*}", sites.answer)
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1, handler_cancellation=True)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0, backlog=1000).start()
    print(runner.addresses[0][1], flush=True)  # noqa: T201
    await asyncio.get_running_loop().run_in_executor(None, sys.stdin.read)
    await runner.cleanup()


if __name__ == "__main__":
    asyncio.run(main())
