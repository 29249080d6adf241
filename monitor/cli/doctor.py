"""`monitor doctor`: whether everything is as it should be."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import typer

from monitor.cli.output import AsJson, Data, Rules, dump, safe, settings
from monitor.errors import InputError

if TYPE_CHECKING:
    from monitor.doctor import Finding


def doctor(rules: Rules = None, data: Data = None, json_: AsJson = False) -> None:
    """Look at every part of the set-up and say what to do. Exit code 1 when something is wrong. Starts no server."""
    from monitor.doctor import Finding, examine

    try:
        found = asyncio.run(examine(settings(rules, data)))
    except InputError as error:
        found = [Finding("settings", f"{error}; nothing else was looked at", wrong=True)]
    for one in found:
        if json_:
            dump({"part": one.part, "ok": one.ok, "what": one.what, "todo": one.todo})
        else:
            _show(one)
    if not all(one.ok for one in found):
        raise typer.Exit(1)


def _show(one: Finding) -> None:
    """One line, in a pipe too; on a terminal what does not fit stands below its beginning."""
    from rich.text import Text

    from monitor.cli.screen import flow

    sign, part = "ok" if one.ok else "!!", f"  {one.part:11}  "
    said = safe(one.what) + (f": {safe(one.todo)}" if one.todo else "")
    flow(Text.assemble((sign, "green" if one.ok else "bold red"), part, said), len(sign + part))
