"""Starts daemons: each a process of its own, forked from one that has everything imported and the rules read once, so in milliseconds.

Reads a JSON object a line: {"start": {"environment": …, "log": FILE, "arm": FILE, "bug": NAME, "hurry": bool}} is answered with the
process id, {"ended": PID} with its exit code (negative: the signal), or null while it lives.
"""

from __future__ import annotations

import gc
import json
import os
import sys
from pathlib import Path
from typing import Any

import monitor.daemon  # noqa: F401 - what the daemon needs is imported once, here
from monitor import cli
from monitor.stories import open_rulebook
from tests.faults import steps


def serve() -> None:
    """Does what it is told until its input ends."""
    open_rulebook(Path(sys.argv[1]))  # fills the caches of words and their forms
    gc.freeze()
    for line in sys.stdin:
        asked: dict[str, Any] = json.loads(line)
        answer = _start(asked["start"]) if "start" in asked else _ended(asked["ended"])
        sys.stdout.write(json.dumps(answer) + "\n")
        sys.stdout.flush()


def _start(wanted: dict[str, Any]) -> int:
    pid = os.fork()
    if pid:
        return pid
    try:
        log = os.open(wanted["log"], os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
        nothing = os.open(os.devnull, os.O_RDWR)
        for number, file in enumerate((nothing, log, log)):
            os.dup2(file, number)
        os.environ.update(wanted["environment"])
        steps.install(Path(wanted["arm"]), wanted["bug"], hurry=wanted["hurry"])
        sys.argv = ["monitor", "run", "--plain"]
        cli.main()
    finally:
        # Nothing of the process that it was forked from may run on; what was raised stands in the log.
        if (error := sys.exception()) is not None and not isinstance(error, SystemExit):
            sys.excepthook(type(error), error, error.__traceback__)
        sys.stderr.flush()
        os._exit(_code(error))


def _code(error: BaseException | None) -> int:
    if isinstance(error, SystemExit):
        return error.code if isinstance(error.code, int) else int(error.code is not None)
    return int(error is not None)


def _ended(pid: int) -> int | None:
    done, status = os.waitpid(pid, os.WNOHANG)
    return os.waitstatus_to_exitcode(status) if done else None


if __name__ == "__main__":
    serve()
