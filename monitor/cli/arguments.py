"""What people name on the command line: claims, parties, times. A name that nobody knows gets the nearest one that somebody does."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from datetime import datetime, timedelta

from monitor.errors import InputError

ClaimName = tuple[str, str]
"""A story and a claim of it."""


def claims_named(given: str | None, story: str | None, known: Collection[ClaimName]) -> list[ClaimName]:
    """The known claims that are meant by CLAIM or STORY/CLAIM and `--story`; all where neither is given. Raises InputError."""
    if story is not None:
        check_known("story", story, {name for name, _ in known})
    within, _, claim = (given or "").rpartition("/")
    if within:
        check_known("story", within, {name for name, _ in known})
    of_story = [name for name in sorted(known) if name[0] in (within or name[0],) and name[0] in (story or name[0],)]
    if given is None:
        return of_story
    check_known("claim", claim, {name for _, name in of_story})
    return [name for name in of_story if name[1] == claim]


def claim_named(given: str, story: str | None, known: Collection[ClaimName]) -> ClaimName:
    """The one claim that is meant. Raises InputError."""
    found = claims_named(given, story, known)
    if len(found) > 1:
        raise InputError(f"{given} is a claim in several stories: say {' or '.join('/'.join(name) for name in found)}")
    return found[0]


def check_known(what: str, name: str, known: Iterable[str]) -> None:
    """Raises InputError with the nearest known name."""
    from monitor.rules.check import did_you_mean

    listed = list(known)
    if name not in listed:
        hint = did_you_mean(name, listed, f"there are {len(listed)}" if len(listed) > 16 else "")
        raise InputError(f"no {what} is called {name}" + (f": {hint}" if hint else ""))


def moment(option: str, text: str | None, *, end: bool = False) -> datetime | None:
    """A date or time given to an option, in UTC. end: a date without a time means the end of that day. Raises InputError."""
    from monitor.rules.schema import parse_instant

    if text is None:
        return None
    try:
        time = parse_instant(text)
    except ValueError as error:
        raise InputError(f"{option} {text}: {error}") from error
    return time + timedelta(days=1, microseconds=-1) if end and len(text.strip()) == len("2025-04-28") else time
