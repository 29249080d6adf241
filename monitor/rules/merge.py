"""The files of a story, put together by top-level key, however it is split."""

from __future__ import annotations

from pathlib import Path
from typing import get_origin

from monitor.errors import Place, RuleError
from monitor.rules.check import did_you_mean
from monitor.rules.nodes import Entry, Mapping, Node, Scalar, Sequence
from monitor.rules.schema import Story

_MAPPINGS = tuple(name for name, one in Story.model_fields.items() if get_origin(one.annotation) is dict)
_SHARED = ("entities", "words")
"""What a shared file may hold."""
_LISTS = tuple(name for name, one in Story.model_fields.items() if get_origin(one.annotation) is tuple)


def _copied(entry: Entry) -> Entry:
    """The same, with a mapping of its own."""
    value = entry.value
    return Entry(entry.key, Mapping(value.place, dict(value.entries)) if isinstance(value, Mapping) else value)


class Merger:
    """Puts the trees of a story's files together by top-level key."""

    def __init__(self, name: str, files: list[Path]) -> None:
        self.name = name
        self.errors: list[RuleError] = []
        main = next((path for path in files if path.stem.lower() == "story"), files[0])
        self._start = Place(str(main), 1, 1)
        self._root = Mapping(self._start)

    def add(self, tree: Mapping) -> None:
        """Merges one file."""
        for name, entry in tree.entries.items():
            if name not in Story.model_fields:
                self.errors.append(RuleError(entry.key.place, "unknown key", name, did_you_mean(name, Story.model_fields)))
            elif isinstance(entry.value, Scalar) and entry.value.value is None and name in _MAPPINGS + _LISTS:
                continue  # a section with everything in it commented out
            elif name in _MAPPINGS:
                self._unite(name, entry)
            elif name in _LISTS:
                self._append(name, entry)
            else:
                self._once(name, entry)

    def shared(self) -> list[Scalar]:
        """The names of the shared files that the story asks for."""
        asked = self._root.entries.get("shared")
        return [one for one in asked.value.items if isinstance(one, Scalar)] if asked and isinstance(asked.value, Sequence) else []

    def add_shared(self, tree: Mapping) -> None:
        """Merges one file that other stories use too."""
        for name, entry in tree.entries.items():
            if name not in _SHARED:
                hint = "put it into a file of the story" if name in Story.model_fields else did_you_mean(name, _SHARED)
                self.errors.append(RuleError(entry.key.place, f"a shared file holds {' and '.join(_SHARED)} only", name, hint))
        self.add(Mapping(tree.place, {name: entry for name, entry in tree.entries.items() if name in _SHARED}))

    def merged(self, *, complete: bool) -> Mapping:
        """The whole story. A title that is misspelt, or may stand in a file that could not be read, is not called missing."""
        entries = self._root.entries
        given = entries.get("story")
        if given is not None and isinstance(given.value, Scalar) and given.value.value not in (None, self.name):
            hint = f"write `story: {self.name}`, leave it out, or rename the folder"
            problem = f"a story has its folder's name, and the folder is {self.name!r}"
            self.errors.append(RuleError(given.value.place, problem, given.value.value or "", hint))
        if given is None:
            entries["story"] = self._scalar_entry("story", self.name)
        elif isinstance(given.value, Scalar):
            entries["story"] = Entry(given.key, Scalar(given.value.place, self.name))
        misspelt = any(error.hint == "did you mean `title`?" for error in self.errors)
        if (misspelt or not complete) and "title" not in entries:
            entries["title"] = self._scalar_entry("title", self.name)
        return self._root

    def _scalar_entry(self, key: str, value: str) -> Entry:
        return Entry(Scalar(self._start, key), Scalar(self._start, value))

    def _once(self, name: str, entry: Entry) -> None:
        earlier = self._root.entries.setdefault(name, entry)
        if earlier is not entry:
            self._twice(entry.key, earlier.key)

    def _twice(self, key: Scalar, earlier: Scalar) -> None:
        problem = f"this key stands twice, first at {earlier.place}"
        self.errors.append(RuleError(key.place, problem, key.value or "", "rename one, or put their contents together"))

    def _unite(self, name: str, entry: Entry) -> None:
        if not isinstance(entry.value, Mapping):
            self._wrong(entry.value, f"`{name}` must be keys and values", "write a name and a colon before each, like `some-name:`")
            return
        whole = self._root.entries.setdefault(name, Entry(entry.key, Mapping(entry.value.place))).value
        if isinstance(whole, Mapping):
            for key, one in entry.value.entries.items():
                earlier = whole.entries.get(key)
                if earlier is None:
                    # A group of words is added to, and the tree of its file stays as it is.
                    whole.entries[key] = _copied(one) if name == "words" else one
                elif name == "words" and isinstance(earlier.value, Mapping) and isinstance(one.value, Mapping):
                    self._by_language(earlier.value, one.value)
                else:
                    self._twice(one.key, earlier.key)

    def _by_language(self, group: Mapping, more: Mapping) -> None:
        """One group of words in two files: each language in one of them."""
        for language, entry in more.entries.items():
            earlier = group.entries.setdefault(language, entry)
            if earlier is not entry:
                self._twice(entry.key, earlier.key)

    def _append(self, name: str, entry: Entry) -> None:
        if not isinstance(entry.value, Sequence):
            self._wrong(entry.value, f"`{name}` must be a list", "write `- ` before each item")
            return
        whole = self._root.entries.setdefault(name, Entry(entry.key, Sequence(entry.value.place))).value
        if isinstance(whole, Sequence):
            whole.items.extend(entry.value.items)

    def _wrong(self, node: Node, problem: str, hint: str) -> None:
        self.errors.append(RuleError(node.place, problem, (node.value or "") if isinstance(node, Scalar) else "", hint))
