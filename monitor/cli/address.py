"""`monitor address`: where the server answers, with its password, for programs that are not ours."""

from __future__ import annotations

import asyncio
import shlex
from typing import Annotated
from urllib.parse import unquote, urlsplit

import typer

from monitor.cli.output import Data, line, settings
from monitor.errors import InputError, ServerError

PasswordOnly = Annotated[bool, typer.Option("--password", help="The password alone.")]
Env = Annotated[bool, typer.Option("--env", help="Lines for a shell to eval: REDIS_URL, REDIS_HOST, REDIS_PORT, REDISCLI_AUTH.")]
NewPassword = Annotated[bool, typer.Option("--new-password", help="Give the embedded server another password; it must not run.")]


def address(data: Data = None, password: PasswordOnly = False, env: Env = False, new_password: NewPassword = False) -> None:
    """Print the server's address with its password, for clients that are not of this program. Starts no server."""
    from monitor.streams.access import change_password, endpoint_of

    chosen = settings(None, data)
    if new_password:
        if chosen.redis_url:
            raise InputError("MONITOR_REDIS_URL names a server of yours, whose passwords are not ours to change: unset it")
        asyncio.run(change_password(chosen.data))
        return
    url = chosen.redis_url
    if not url:
        found = asyncio.run(endpoint_of(chosen.data))
        if found is None:
            raise ServerError(f"no server runs in {chosen.data}: `monitor run` starts one")
        url = found.tcp
    parts = urlsplit(url)
    word = unquote(parts.password or "")
    if password:
        line(word)
    elif env:
        named = {"REDIS_URL": url, "REDIS_HOST": parts.hostname or "", "REDIS_PORT": str(parts.port or 6379), "REDISCLI_AUTH": word}
        for name, value in named.items():
            line(f"export {name}={shlex.quote(value)}")
    else:
        line(url)
