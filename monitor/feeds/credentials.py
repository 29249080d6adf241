"""What a feed's rule lets it send along: secrets from the environment, never written down."""

from __future__ import annotations

import base64
from collections.abc import Mapping

from monitor.feeds.answers import FetchFailed
from monitor.rules.schema import Feed


def headers_for(feed: Feed, environment: Mapping[str, str]) -> Mapping[str, str] | FetchFailed:
    """The headers for the feed's own host, from the variables that its rule names; what is wrong with one names it, not its value."""
    made = {}
    for header, variable in feed.headers.items():
        value = environment.get(variable, "").strip()
        if problem := _wrong(variable, value):
            return problem
        if not (value.isascii() and value.isprintable()):
            return FetchFailed(f"the environment variable {variable} has characters that no header may have")
        made[header] = value
    if feed.auth:
        login = environment.get(feed.auth, "").strip()
        if problem := _wrong(feed.auth, login):
            return problem
        if ":" not in login:
            return FetchFailed(f"the environment variable {feed.auth} is not written user:password")
        made["Authorization"] = basic(login)
    return made


def basic(login: str) -> str:
    """`user:password` as an Authorization header has it."""
    return f"Basic {base64.b64encode(login.encode()).decode()}"


def _wrong(variable: str, value: str) -> FetchFailed | None:
    return None if value else FetchFailed(f"the environment variable {variable}, which its rule names, is not set")
