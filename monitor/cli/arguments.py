"""What people name on the command line: claims, parties, times. A name that nobody knows gets the nearest one that somebody does."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Sequence
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, TypeVar

from monitor.errors import InputError

if TYPE_CHECKING:
    from monitor.model import Decision, Evidence

    Row = TypeVar("Row", Evidence, Decision, Evidence | Decision)

_BEGINNING = re.compile("[0-9a-f]{4,20}")
_LISTED = 5
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


def evidence_named(given: Iterable[str], known: Sequence[Row]) -> list[Row]:
    """The pieces of evidence whose ids begin so, each once. known: evidence, or decisions about it. Raises InputError."""
    found: dict[str, Row] = {}
    for text in given:
        beginning = text.strip().lower()
        if not _BEGINNING.fullmatch(beginning):
            raise InputError("evidence is named by its id, or by the first 4 to 20 of its digits: `monitor claims --evidence` shows them")
        fitting = {evidence_id(row): row for row in known if evidence_id(row).startswith(beginning)}
        if not fitting:
            raise InputError(f"no evidence begins with {beginning}: `monitor claims --evidence` shows what the reading found")
        if len(fitting) > 1:
            some = ", ".join(f"{name} ({row.party} {row.stance} {row.claim})" for name, row in sorted(fitting.items())[:_LISTED])
            more = f" and {len(fitting) - _LISTED} more" if len(fitting) > _LISTED else ""
            raise InputError(f"{beginning} begins {len(fitting)} pieces of evidence: {some}{more}")
        found |= fitting
    return list(found.values())


def evidence_id(row: Evidence | Decision) -> str:
    """The id of evidence, or of that which a decision is about."""
    from monitor.model import Decision

    return row.evidence if isinstance(row, Decision) else row.id


def check_known(what: str, name: str, known: Iterable[str]) -> None:
    """Raises InputError with the nearest known name."""
    from monitor.rules.check import did_you_mean

    listed = list(known)
    if name not in listed:
        hint = did_you_mean(name, listed, f"there are {len(listed)}" if len(listed) > 16 else "")
        raise InputError(f"no {what} is called {name}" + (f": {hint}" if hint else ""))


def window(since: str | None, until: str | None) -> tuple[datetime | None, datetime | None]:
    """The span of time given to `--since` and `--until`. Raises InputError."""
    begin, end = moment("--since", since), moment("--until", until, end=True)
    if begin and end and begin >= end:
        raise InputError(f"--since {since} is not before --until {until}")
    return begin, end


def moment(option: str, text: str | None, *, end: bool = False) -> datetime | None:
    """A date or time given to an option, or how long ago it was (90d), in UTC.

    end: a date without a time means the end of that day. Raises InputError.
    """
    from monitor.rules.schema import parse_duration, parse_instant

    if text is None:
        return None
    try:
        if re.fullmatch(r"\d+\s*[a-z]", text.strip()):
            return datetime.now(UTC) - parse_duration(text)
        time = parse_instant(text)
    except OverflowError as error:
        raise InputError(f"{option} {text}: that is before the calendar begins") from error
    except ValueError as error:
        raise InputError(f"{option} {text}: {error}") from error
    return time + timedelta(days=1, microseconds=-1) if end and len(text.strip()) == len("2025-04-28") else time
