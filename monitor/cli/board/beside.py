"""The daemon with the board over its log, in one event loop.

The board belongs to the daemon: it appears once the server answers, stays until the daemon has finished, and asks it to stop by the
signal that Ctrl-C would send. Either's fault ends both.
"""

from __future__ import annotations

import asyncio
import signal
from typing import Any

from monitor.cli.board.app import Board
from monitor.cli.board.source import PATIENCE, Source
from monitor.cli.board.spool import Spool
from monitor.daemon import Daemon
from monitor.streams.access import Server
from monitor.streams.client import connect


class Beside:
    """A board for a daemon that is about to run."""

    def __init__(self, spool: Spool) -> None:
        """spool: where the daemon's log goes."""
        self._spool = spool
        self._server: asyncio.Future[Server] = asyncio.get_running_loop().create_future()
        self._board: Board | None = None

    def ready(self, server: Server) -> None:
        """To be called by the daemon when its server answers."""
        self._server.set_result(server)

    def at_once(self) -> None:
        """Gives the terminal back before the process ends without further ado."""
        if self._board is not None:
            self._board.give_back()
        self._spool.release()

    async def run(self, daemon: Daemon) -> None:
        """Runs the daemon, and the board as long as it does. Raises what either raises."""
        running = asyncio.create_task(daemon.run())
        first: set[asyncio.Future[Any]] = {running, self._server}
        await asyncio.wait(first, return_when=asyncio.FIRST_COMPLETED)
        if self._server.done() and not running.done():
            try:
                await self._show(self._server.result().url, running)
            finally:
                self._spool.release()
                daemon.stop()
                await asyncio.wait({running})
        await running

    async def _show(self, url: str, running: asyncio.Task[None]) -> None:
        client = connect(url, patience=PATIENCE)
        self._board = board = Board(Source(client), self._spool.last, self._ask_to_stop)
        running.add_done_callback(lambda _: board.exit())
        self._spool.hold()
        try:
            await board.until_ended()
        finally:
            self._board = None
            await client.aclose()

    def _ask_to_stop(self) -> None:
        self._spool.mark()
        signal.raise_signal(signal.SIGINT)
