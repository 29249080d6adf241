"""The worker process that parses: `python -m monitor.feeds.parse_child MEMORY`, started by `monitor.feeds.parse.ParserPool` only.

A message is its length in four bytes, big-endian, and then so many bytes. A request is two messages, a JSON object
(`content_type`, `base_url`, `seen`, `timeout`) and the body; the answer is one, JSON as of `parsed.to_json`. With `page` or `robots`
instead of `base_url` it asks about a page (`_about_pages`). The first answer, an empty object, comes unasked and says that the worker
is ready. It ends when its input ends.
"""

from __future__ import annotations

import contextlib
import json
import os
import resource
import signal
import sys
from typing import Any, BinaryIO

from monitor.feeds.entries import read
from monitor.feeds.parsed import ParseFailed, to_json

GRACE = 1.0  # seconds after the pool's own timeout


def main() -> None:
    """Answer requests until the input ends."""
    memory = int(sys.argv[1])
    requests, answers = sys.stdin.buffer, os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)  # a library that prints must not print into an answer
    with contextlib.suppress(ValueError, OSError):  # macOS refuses
        resource.setrlimit(resource.RLIMIT_AS, (memory, resource.getrlimit(resource.RLIMIT_AS)[1]))
    _send(answers, {})
    while (head := _receive(requests)) is not None:
        body = _receive(requests)
        if body is None:
            return
        request = json.loads(head)
        # Should the program die meanwhile, nobody else is left to end a parser that hangs: the alarm's default action does.
        signal.setitimer(signal.ITIMER_REAL, request["timeout"] + GRACE)
        answer = _answer(body, request)
        signal.setitimer(signal.ITIMER_REAL, 0)
        _send(answers, answer)


def _answer(body: bytes, request: dict[str, Any]) -> dict[str, Any]:
    try:
        if "base_url" not in request:
            return _about_pages(body, request)
        return to_json(read(body, request["content_type"], request["base_url"], frozenset(request["seen"])))
    except MemoryError:
        return to_json(ParseFailed("parsing it takes more memory than a feed should"))
    except Exception as error:  # noqa: BLE001  feedparser raises whatever a hostile body makes it raise; it is the body's fault
        return to_json(ParseFailed(f"the parser fails on it ({type(error).__name__}: {' '.join(str(error).split())[:200]})"))


def _about_pages(body: bytes, request: dict[str, Any]) -> dict[str, Any]:
    from monitor.feeds import pages  # an extra, and slow to load

    if "page" in request:
        return {"text": pages.text(body, request["content_type"], request["page"])}
    return {"allowed": pages.allowed(body, request["robots"], request["agent"])} if "robots" in request else {}


def _receive(stream: BinaryIO) -> bytes | None:
    size = stream.read(4)
    return stream.read(int.from_bytes(size)) if len(size) == 4 else None


def _send(stream: BinaryIO, value: dict[str, Any]) -> None:
    data = json.dumps(value).encode()
    stream.write(len(data).to_bytes(4) + data)
    stream.flush()


if __name__ == "__main__":
    try:
        main()
    except BrokenPipeError:
        # Who asked has died. At once, for the interpreter would try to write the rest.
        os._exit(0)
