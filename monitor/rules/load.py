"""Rule folders -> stories, or all of their errors at once.

    folder ─► files ─► trees ─► one tree a story ─► Story
              (list)   (source)  (merge)            (check: shape and values; references: names and the languages in strings)

Every step collects errors and goes on with what is left, so that one run shows everything that is wrong.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import Any, TypeVar

from monitor import cache
from monitor.errors import InputError, Place, RuleError, RuleErrors
from monitor.model import digest
from monitor.rules.check import did_you_mean, validate
from monitor.rules.ignores import Ignore, find
from monitor.rules.merge import Merger
from monitor.rules.nodes import Mapping, Scalar, walk
from monitor.rules.references import ConditionCheck, ConditionProblem, check_references
from monitor.rules.schema import PLACEHOLDERS, Story
from monitor.rules.source import parse

__all__ = [
    "PLACEHOLDERS",
    "ConditionCheck",
    "ConditionProblem",
    "LoadedStory",
    "Places",
    "checked_stories",
    "load_stories",
    "read_stories",
    "story_files",
    "version_of",
]

T = TypeVar("T")

_SUFFIXES = (".yaml", ".yml")
SHARED = "_shared"
"""Folder of files that are no story, and that stories name under `shared:`."""
_SORTED_BY = {"alerts": "alert", "feeds": "url", "tests": "test"}


@dataclass(frozen=True)
class Places:
    """Where everything in a story stands, by key path: `places.of("claims", "troops-sent", "about", 0)`."""

    _root: Mapping = field(repr=False)

    def of(self, *path: str | int) -> Place:
        """The place of the value there; of the nearest value around it when the path leads further than the files."""
        return walk(self._root, path)[0].place

    def key(self, *path: str | int) -> Place:
        """The place of the key there; of the value when it is an item of a list."""
        node, key, _ = walk(self._root, path)
        return node.place if key is None else key.place

    def within(self, path: Iterable[str | int], offset: int) -> Place:
        """The place of a code point of the text there."""
        node = walk(self._root, path)[0]
        return node.at(offset) if isinstance(node, Scalar) else node.place


@dataclass(frozen=True)
class LoadedStory:
    """A story, a hash of what it says, where it says it, and which warnings its comments silence."""

    story: Story
    version: str
    places: Places
    ignores: tuple[Ignore, ...] = ()


def load_stories(folder: Path, check_condition: ConditionCheck | None = None) -> list[LoadedStory]:
    """The stories of a folder of story folders, or of one story folder, in order of name, with the places of all that stands in them.

    Raises RuleErrors with everything that is wrong in all files, InputError when there is no story to read.
    """
    return _load_all(folder, lambda one, files: _load(one, files, check_condition))


def read_stories(folder: Path, check_condition: ConditionCheck | None = None) -> list[tuple[Story, str]]:
    """The same stories and errors without places, each story with its version; files that have not changed are not parsed again."""
    kept = _kept_stories(folder, "story", check_condition, lambda one: one.resolve().name, lambda _: None)
    return [(story, version) for story, version, _ in kept]


def checked_stories(
    folder: Path, check_condition: ConditionCheck, look: Callable[[LoadedStory], list[Any]]
) -> list[tuple[Story, str, list[Any]]]:
    """The same, each with what `look` finds in it (JSON values), which is not looked for again in files that have not changed."""
    return _kept_stories(folder, "check", check_condition, lambda one: f"{one} {one.resolve().name}", look)


def _kept_stories(
    folder: Path, kind: str, check_condition: ConditionCheck | None, place: Callable[[Path], str], look: Callable[[LoadedStory], Any]
) -> list[tuple[Story, str, Any]]:
    """place: of a story's folder what its stories and findings tell about it. Read anew is what lies elsewhere or says something else."""

    def read(one: Path, files: list[Path]) -> tuple[tuple[Story, str, Any] | None, list[RuleError]]:
        try:
            all_files = [("", path) for path in files] + [(SHARED, path) for path in shared_files(one)]
            contents = (part for where, path in all_files for part in (where, path.name, path.read_bytes()))
            key = cache.key_of([place(one), *contents])
        except OSError:
            key = ""
        kept = cache.get(kind, key) if key else None
        if kept is not None:
            return (Story.model_validate(kept["story"]), kept["version"], kept["found"]), []
        loaded, errors = _load(one, files, check_condition)
        if loaded is None:
            return None, errors
        found = look(loaded)
        if key:
            written = loaded.story.model_dump(mode="json", by_alias=True)
            cache.put(kind, key, {"story": written, "version": loaded.version, "found": found})
        return (loaded.story, loaded.version, found), errors

    return _load_all(folder, read)


def _load_all(folder: Path, load: Callable[[Path, list[Path]], tuple[T | None, list[RuleError]]]) -> list[T]:
    loaded: list[T] = []
    errors: list[RuleError] = []
    folders = _story_folders(folder)
    for one, files in folders:
        story, wrong = load(one, files)
        errors += wrong
        if story is not None:
            loaded.append(story)
    if folders[0][0] != folder:  # a folder of stories
        errors += [error for one in _visible(folder) if one.is_dir() for error in _too_deep(one)]
    if errors:
        raise RuleErrors(errors)
    return loaded


def version_of(story: Story) -> str:
    """A short hash of what a story says, the same however it is split into files, ordered or commented."""
    content: dict[str, Any] = story.model_dump(mode="json", by_alias=True)
    for section, key in _SORTED_BY.items():
        content[section] = sorted(content[section], key=lambda one, key=key: (one[key], json.dumps(one, sort_keys=True)))  # type: ignore[misc]
    return digest(json.dumps(content, sort_keys=True, ensure_ascii=False))[:12]


def story_files(folder: Path, story: str) -> list[Path]:
    """The files of a story of a folder of story folders, or of the one story folder. Raises InputError."""
    for one, files in _story_folders(folder):
        if one.resolve().name == story:
            return files
    raise InputError(f"{folder} holds no story called {story}")


def _story_folders(folder: Path) -> list[tuple[Path, list[Path]]]:
    """Each story folder with its files."""
    if not folder.exists():
        raise InputError(f"the rules folder {folder} does not exist")
    if not folder.is_dir():
        raise InputError(f"{folder} is a file: name the folder of a story, or the folder of all stories")
    try:
        own = _rule_files(folder)
        below = [(one, files) for one in _visible(folder) if one.is_dir() and one.name != SHARED and (files := _rule_files(one))]
    except OSError as error:
        raise InputError(f"the rules folder {folder} cannot be read: {error.strerror}") from error
    if own and below:
        raise InputError(
            f"{folder} holds both rule files ({own[0].name}) and folders with rule files ({below[0][0].name}): "
            "move the files into a story's folder, or the folders elsewhere"
        )
    if not own and not below:
        raise InputError(f"{folder} holds no story: a story is a folder with a .yaml file in it, like {folder / 'my-story' / 'story.yaml'}")
    return [(folder, own)] if own else below


def _visible(folder: Path) -> list[Path]:
    return sorted(one for one in folder.iterdir() if not one.name.startswith("."))


def _rule_files(folder: Path) -> list[Path]:
    return [one for one in _visible(folder) if one.suffix.lower() in _SUFFIXES and one.is_file()]


def is_shared(file: str) -> bool:
    """Whether a rule file is one that stories share."""
    return Path(file).parent.name == SHARED


def shared_files(folder: Path) -> list[Path]:
    """The files that a story may share with others. They stand beside its folder."""
    try:
        return _rule_files(folder.parent / SHARED)
    except OSError:
        return []


def _too_deep(folder: Path) -> list[RuleError]:
    """Rule files one folder too deep: left unread they would be missed without a word."""
    try:
        below = [path for one in _visible(folder) if one.is_dir() for path in _rule_files(one)]
    except OSError as error:
        return [RuleError(Place(str(error.filename), 1, 1), f"the folder cannot be read: {error.strerror}")]
    problem, hint = (
        "a rule file here is not read",
        "rule files stand in a story's folder, stories directly in the rules folder",
    )
    return [RuleError(Place(str(path), 1, 1), problem, path.name, hint) for path in below]


def _load(folder: Path, files: list[Path], check_condition: ConditionCheck | None) -> tuple[LoadedStory | None, list[RuleError]]:
    """One story, or None and its errors."""
    merger = Merger(folder.resolve().name, files)
    complete, ignores = True, list[Ignore]()

    def add(path: Path, put: Callable[[Mapping], None]) -> bool:
        try:
            raw = path.read_bytes()
            tree, wrong = _parsed(raw, str(path))
        except OSError as error:
            tree, wrong = None, [RuleError(Place(str(path), 1, 1), f"the file cannot be read: {error.strerror}")]
        merger.errors += wrong
        if tree is not None:
            put(tree)
            ignores.extend(find(raw.decode("utf-8-sig"), str(path)))
        return tree is not None

    for path in files:
        complete &= add(path, merger.add)
    there = {path.stem: path for path in shared_files(folder)}
    for name in merger.shared():
        if name.value in there:
            complete &= add(there[name.value], merger.add_shared)
        else:
            hint = did_you_mean(name.value or "", there) or f"shared files are {folder.parent / SHARED / 'NAME.yaml'}"
            merger.errors.append(RuleError(name.place, "there is no shared file of this name", name.value or "", hint))
            complete = False
    root = merger.merged(complete=complete)
    story, wrong = validate(root)
    errors = merger.errors
    for found in (wrong, check_references(root, complete=complete, check_condition=check_condition)):
        # What is wrong in an earlier step often makes a later one stumble over the same place.
        taken = {error.place for error in errors}
        errors = [*errors, *(error for error in found if error.place not in taken or error.problem.startswith("missing "))]
    if errors or story is None:
        return None, errors
    return LoadedStory(story, version_of(story), Places(root), tuple(ignores)), []


def keep_at_hand(folder: Path) -> None:
    """Parses the files of a folder of stories, so that when one of them is saved only that one has to be. A second or two for long ones."""
    for _, files in _story_folders(folder):
        for path in files:
            _parsed(path.read_bytes(), str(path))


@lru_cache(maxsize=256)
def _parsed(raw: bytes, file: str) -> tuple[Mapping | None, list[RuleError]]:
    """As `parse`, without reading again what is the same as before: of a story's files most are, when one is saved."""
    return parse(raw, file)
