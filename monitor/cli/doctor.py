"""`monitor doctor`: whether everything is as it should be."""

from __future__ import annotations

import asyncio

import typer

from monitor.cli.output import AsJson, Data, Rules, dump, line, on_terminal, safe, settings
from monitor.errors import InputError


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
            continue
        sign = "ok" if one.ok else typer.style("!!", bold=True) if on_terminal() else "!!"
        todo = f": {one.todo}" if one.todo else ""
        line(f"{sign}  {one.part:11}  {safe(one.what)}{safe(todo)}")
    if not all(one.ok for one in found):
        raise typer.Exit(1)
