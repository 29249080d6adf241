"""Every expected failure, as a tree.

    MonitorError            something a person can put right; the message says what and how
    ├── RuleErrors          the rule files have errors: all of them, each with file, line and column
    ├── InputError          a file or argument given to a command cannot be used
    ├── DataFolderError     the data folder cannot be written or belongs to somebody else
    └── ServerError         the Redis server cannot be found, started, reached or used

A command prints the message on one line and exits with 1. What is not in this tree is a fault of the program and stops it loudly.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

_LOGIN = re.compile(r"(?<=://)[^/?#\s]*@")


def masked(text: str) -> str:
    """Text without the names and passwords of the addresses in it: `https://***@example.org/`."""
    return _LOGIN.sub("***@", text)


class MonitorError(Exception):
    """Something a person can put right. `str()` is one helpful line (RuleErrors: one line an error)."""


class InputError(MonitorError):
    """A file or argument given to a command cannot be used."""


class DataFolderError(MonitorError):
    """The data folder cannot be created, written or locked."""


class ServerError(MonitorError):
    """The Redis server cannot be found, started, reached or used."""


@dataclass(frozen=True, slots=True, order=True)
class Place:
    """A place in a rule file: path as given, line and column counted from 1."""

    file: str
    line: int
    column: int

    def __str__(self) -> str:
        return f"{self.file}:{self.line}:{self.column}"


@dataclass(frozen=True, slots=True, order=True)
class RuleError:
    """One thing wrong in a rule file.

    place: where. problem: what is wrong, in the analyst's words. text: the offending text ("" when there is none).
    hint: what would be right ("" when unknown).
    """

    place: Place
    problem: str
    text: str = ""
    hint: str = ""

    def __str__(self) -> str:
        shown = f": {self.text!r}" if self.text else ""
        hint = f" ({self.hint})" if self.hint else ""
        return f"{self.place}: {self.problem}{shown}{hint}"


class RuleErrors(MonitorError):
    """All errors found in a set of rule files, in order of place. Never empty."""

    def __init__(self, errors: list[RuleError]) -> None:
        self.errors = sorted(errors)
        super().__init__("\n".join(str(error) for error in self.errors))
