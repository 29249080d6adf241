"""The log: an event name and fields, readable on a terminal, JSON elsewhere."""

from __future__ import annotations

import logging
import sys
from typing import Any, TextIO

import structlog

from monitor.cli.output import safe


def _escaped(_logger: Any, _method: str, event: Any) -> Any:
    """No field may speak to the terminal."""
    return {name: safe(value) if isinstance(value, str) else value for name, value in event.items()}


def _ordered(_logger: Any, _method: str, event: Any) -> Any:
    """When, how loud and what come first, as a person reads."""
    first = {name: event[name] for name in ("timestamp", "level", "event") if name in event}
    return first | event


def configure(form: str, *, verbose: bool = False, to: TextIO | None = None) -> None:
    """form: `auto`, `json` or `text`. to: where logs go (default: standard error)."""
    to = to or sys.stderr
    readable = form == "text" or (form == "auto" and to.isatty())
    shared: list[Any] = [
        structlog.processors.add_log_level,
        structlog.processors.TimeStamper("iso" if not readable else "%H:%M:%S", utc=not readable),
        _escaped,
    ]
    final: list[Any] = (
        [structlog.dev.ConsoleRenderer(colors=to.isatty(), pad_event_to=16)]
        if readable
        else [structlog.processors.dict_tracebacks, _ordered, structlog.processors.JSONRenderer(ensure_ascii=False)]
    )
    structlog.configure(
        processors=[*shared, *final],
        wrapper_class=structlog.make_filtering_bound_logger(logging.DEBUG if verbose else logging.INFO),
        logger_factory=structlog.PrintLoggerFactory(to),
        cache_logger_on_first_use=True,
    )
    # Libraries that log by themselves say something only when something is wrong.
    # That a job is still at work while the server is away is said by the daemon itself.
    logging.getLogger("apscheduler").setLevel(logging.ERROR)
    logging.basicConfig(level=logging.WARNING, stream=to, format="%(name)s: %(message)s")
