"""`monitor rules new`: a story to begin with."""

from __future__ import annotations

from importlib.resources import files
from pathlib import Path
from shlex import quote
from typing import Annotated

import typer

from monitor.cli.output import line, settings
from monitor.errors import InputError

rules = typer.Typer(help="Folders of rules.", no_args_is_help=True)
_SCHEMA = "# yaml-language-server: $schema=../schema.json\n"


@rules.callback()
def _group() -> None:
    """A group, though there is one command in it yet."""


@rules.command("new")
def new(
    story: Annotated[str, typer.Argument(help="Its name: lower-case letters, digits and hyphens.")],
    in_: Annotated[Path | None, typer.Option("--in", help="The folder of all stories.", show_default="MONITOR_RULES, or rules")] = None,
) -> None:
    """Start a story: a folder with a small example that works, and its tests."""
    from tempfile import TemporaryDirectory

    from pydantic import TypeAdapter, ValidationError

    from monitor.rules.schema import Identifier

    try:
        TypeAdapter(Identifier).validate_python(story)
    except ValidationError as error:
        raise InputError(f"{story} cannot be a story's name: lower-case letters, digits and hyphens, like port-strike") from error
    stories = settings(in_).rules
    own = sorted(path.name for path in stories.glob("*.y*ml")) if stories.is_dir() else []
    if own:
        raise InputError(f"{stories} is the folder of one story ({own[0]} is in it): name the folder of all stories with --in")
    folder = stories / story
    begun = files("monitor.rules").joinpath("start.yaml").read_text(encoding="utf-8")
    if folder.exists():
        raise InputError(f"{folder} is there already: choose another name, or go on in it")
    try:
        stories.mkdir(parents=True, exist_ok=True)
        # Made in a hidden folder: a disk that is full leaves nothing behind, and a daemon finds all of it or none.
        with TemporaryDirectory(prefix=".new-", dir=stories) as hidden:
            half = Path(hidden) / story
            half.mkdir()
            (half / "story.yaml").write_text((_SCHEMA if (stories / "schema.json").exists() else "") + begun, encoding="utf-8")
            half.rename(folder)
    except OSError as error:
        raise InputError(f"{folder} cannot be made: {error.strerror}") from error
    line(f"{folder / 'story.yaml'} is a story that works. Now:")
    line(f"  monitor test --rules {quote(str(stories))}     runs its tests")
    line(f"  monitor check --rules {quote(str(stories))}    says what is wrong while you edit")
    line("  rules/README.md teaches what may stand in it, in ten minutes")
