"""A program on a real pseudo-terminal, and the screen as a terminal emulator has it."""

from __future__ import annotations

import asyncio
import fcntl
import os
import struct
import subprocess
import sys
import termios
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pyte

from tests.conftest import bare_environment

PATIENCE = 40.0
"""Seconds after which a test gives up on a screen, on a loaded machine too."""
_OWN = "import fcntl, os, sys, termios; fcntl.ioctl(0, termios.TIOCSCTTY, 0); os.execv(sys.argv[1], sys.argv[1:])"
"""Makes the pseudo-terminal the program's controlling terminal, so that keys and sizes become signals as anywhere."""


class Terminal:
    """A running program and its screen."""

    def __init__(self, columns: int, lines: int, process: subprocess.Popen[bytes], master: int) -> None:
        self._screen = pyte.Screen(columns, lines)
        self._stream = pyte.ByteStream(self._screen)
        self._process, self._master = process, master
        self._grown = asyncio.Event()
        self.written = b""

    def read(self) -> None:
        """Takes in what the program has written."""
        try:
            data = os.read(self._master, 65536)
        except OSError:  # the program has closed its side
            data = b""
        if not data:
            asyncio.get_running_loop().remove_reader(self._master)
        self.written += data
        # The emulator does not know this private form, and would print its end.
        self._stream.feed(data.replace(b"\x1b[<u", b""))
        self._grown.set()

    @property
    def rows(self) -> list[str]:
        """The screen's lines."""
        return [row.rstrip() for row in self._screen.display]

    @property
    def colours(self) -> set[str]:
        """Foreground colours of what is on the screen."""
        return {cell.fg for row in self._screen.buffer.values() for cell in row.values()}

    async def shows(self, *parts: str, last: str = "") -> list[str]:
        """Waits until the screen shows all parts, and its last line begins so; its lines."""
        try:
            async with asyncio.timeout(PATIENCE):
                while not (all(part in "\n".join(self.rows) for part in parts) and self.rows[-1].startswith(last)):
                    self._grown.clear()
                    await self._grown.wait()
        except TimeoutError:
            raise AssertionError("\n".join([f"not on the screen: {parts}", *self.rows])) from None
        return self.rows

    def type(self, text: str) -> None:
        """Presses keys."""
        os.write(self._master, text.encode())

    def resize(self, columns: int, lines: int) -> None:
        """Gives the screen another size."""
        self._screen.resize(lines, columns)
        fcntl.ioctl(self._master, termios.TIOCSWINSZ, struct.pack("HHHH", lines, columns, 0, 0))

    async def ended(self) -> int:
        """Waits for the program's end; its exit code."""
        async with asyncio.timeout(PATIENCE):
            while (code := self._process.poll()) is None:
                await asyncio.sleep(0.05)
        return code

    @property
    def restored(self) -> bool:
        """Whether the program has left the full screen, shows the cursor, and lets keys be echoed."""
        attributes = termios.tcgetattr(self._master)
        full = self.written.rfind(b"\x1b[?1049h") > self.written.rfind(b"\x1b[?1049l")
        return not full and not self._screen.cursor.hidden and bool(attributes[3] & termios.ECHO)


@asynccontextmanager
async def terminal(*arguments: str | Path, size: tuple[int, int] = (80, 24), **environment: str) -> AsyncIterator[Terminal]:
    """`monitor ARGUMENTS` on a terminal of its own; killed at the end of the test if it still runs."""
    master, slave = os.openpty()
    fcntl.ioctl(master, termios.TIOCSWINSZ, struct.pack("HHHH", size[1], size[0], 0, 0))
    kept = bare_environment("NO_COLOR", "COLUMNS", "LINES", "CI")
    process = subprocess.Popen(  # noqa: ASYNC220 # starting it takes a millisecond
        [sys.executable, "-c", _OWN, sys.executable, "-m", "monitor", *map(str, arguments)],
        stdin=slave,
        stdout=slave,
        stderr=slave,
        start_new_session=True,
        env={**kept, "TERM": "xterm-256color", "COLORTERM": "truecolor", **environment},
    )
    made = Terminal(*size, process, master)
    asyncio.get_running_loop().add_reader(master, made.read)
    try:
        yield made
    finally:
        asyncio.get_running_loop().remove_reader(master)
        if process.poll() is None:
            process.terminate()
            try:
                process.wait(5)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
        os.close(slave)
        os.close(master)
