"""Whether there is a terminal that the board can be drawn on."""

from __future__ import annotations

import os
import sys


def can_draw() -> bool:
    """Whether a full screen can be drawn here: on a terminal that can move its cursor, and that is ours now."""
    if os.environ.get("TERM", "dumb") in ("", "dumb") or not all(stream.isatty() for stream in (sys.stdin, sys.stdout, sys.stderr)):
        return False
    try:
        return os.tcgetpgrp(sys.stdin.fileno()) == os.getpgrp()
    except OSError:  # it controls no programs, so that nobody would tell us of its size
        return False
