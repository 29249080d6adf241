"""What commands share: options, settings, printing. Text from feeds is never passed to a terminal unescaped."""

from __future__ import annotations

import json
import re
import shutil
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from monitor.errors import InputError

if TYPE_CHECKING:
    from monitor.settings import Settings

Rules = Annotated[
    Path | None,
    typer.Option("--rules", help="Folder of story folders, or one story folder.", show_default="rules, or MONITOR_RULES"),
]
Data = Annotated[Path | None, typer.Option("--data", help="Data folder.", show_default=".monitor, or MONITOR_DATA")]
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON, one object a line.")]
Story = Annotated[str | None, typer.Option("--story", help="Only this story.")]

_CONTROL = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069]")


def settings(rules: Path | None = None, data: Path | None = None, **more: object) -> Settings:
    """The settings from the environment, overridden by what was given. Raises InputError."""
    from monitor.settings import Settings  # pydantic takes a fifth of a second, which `--help` need not

    given = {name: value for name, value in {"rules": rules, "data": data, **more}.items() if value is not None}
    try:
        return Settings.model_validate(Settings().model_dump() | given)
    except ValueError as error:
        raise InputError(_settings_problem(error)) from error


def _settings_problem(error: ValueError) -> str:
    problems: list[dict[str, Any]] = getattr(error, "errors", list)()
    return "; ".join(f"MONITOR_{'_'.join(map(str, p['loc'])).upper()}={p['input']}: {p['msg']}" for p in problems) or str(error)


def safe(text: str) -> str:
    """Text without characters that a terminal would obey."""
    return _CONTROL.sub("\ufffd", text)


def line(text: str = "") -> None:
    """A line on standard output."""
    typer.echo(text)


def dump(value: Any) -> None:
    """A JSON object on a line of its own, in its own script."""
    typer.echo(json.dumps(value, ensure_ascii=False, separators=(", ", ": ")))


def note(text: str) -> None:
    """A line for the person at the keyboard, kept out of what a program reads."""
    typer.echo(text, err=True)


def program() -> str:
    """How this program was called, to be shown in commands that can be typed as they stand."""
    called = sys.argv[0]
    return "monitor" if shutil.which("monitor") == called or Path(called).name != "monitor" else called


def on_terminal() -> bool:
    """Whether a person looks at standard output."""
    return sys.stdout.isatty()
