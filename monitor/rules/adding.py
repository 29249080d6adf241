"""Feeds put into a story's rule file, which stays as a person wrote it: lines are added, nothing else is touched.

What comes out is read again: it holds what it held, and the new feeds. Where it does not, as with lists made of aliases, nothing is
written, and a person puts them in.
"""

from __future__ import annotations

import io
import os
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.comments import CommentedMap
from ruamel.yaml.error import YAMLError
from ruamel.yaml.nodes import CollectionNode, MappingNode, Node, ScalarNode, SequenceNode
from ruamel.yaml.scalarstring import DoubleQuotedScalarString

from monitor.errors import InputError
from monitor.rules.load import story_files
from monitor.rules.nodes import plain
from monitor.rules.source import parse

Item = Mapping[str, str]
"""A feed as it stands in a rule file: `url`, `every`, `lang` …"""
_KEY = "feeds"


def add_feeds(folder: Path, story: str, feeds: Sequence[Item]) -> Path | None:
    """Adds feeds to a story, in the file that holds its others; which file that is, or None where it has to be done by hand.

    folder: of story folders, or of the one story. Raises InputError when the file cannot be read or written.
    """
    files = story_files(folder, story)
    path = _home(files)
    try:
        raw = path.read_bytes()
        text = raw.decode("utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise InputError(f"{path} cannot be read: {error}") from error
    made = with_feeds(text, feeds)
    if made is None:
        return None
    try:
        _write(path.resolve(), made.encode())
    except OSError as error:
        raise InputError(f"{path} cannot be written: {error.strerror}") from error
    return path


def as_yaml(feeds: Sequence[Item], indent: str = "  ") -> str:
    """Feeds as lines of a rule file."""
    return "".join(f"{indent}- {_flow(feed)}\n" for feed in feeds)


def with_feeds(text: str, feeds: Sequence[Item]) -> str | None:
    """A rule file with more feeds in it; None where that would change anything else."""
    before, wrong = parse(text.encode(), "")
    if before is None or wrong:
        return None
    try:
        root = YAML(typ="safe", pure=True).compose(text.removeprefix("\ufeff"))
        made = _inserted(text, root, feeds)
    except (YAMLError, ValueError, IndexError):
        return None
    after, wrong = parse(made.encode(), "")
    if after is None or wrong:
        return None
    held: Any = plain(before)
    return made if plain(after) == {**held, _KEY: [*(held.get(_KEY) or ()), *map(dict, feeds)]} else None


def _inserted(text: str, root: Node | None, feeds: Sequence[Item]) -> str:
    ending = "\r\n" if "\r\n" in text else "\n"
    mark = len(text) - len(text.removeprefix("\ufeff"))
    pairs: Sequence[tuple[Node, Node]] = root.value if isinstance(root, MappingNode) else ()
    found = next(((key, value) for key, value in pairs if key.value == _KEY), None)
    if found is None:
        start = text if not text or text.endswith("\n") else text + ending
        return f"{start}{ending if start.strip() else ''}{_KEY}:{ending}{_lines(as_yaml(feeds), ending)}"
    key, value = found
    if isinstance(value, SequenceNode) and value.flow_style:
        items = ", ".join(map(_flow, feeds))
        place = mark + (_end(value.value[-1]).index if value.value else value.end_mark.index - 1)
        return f"{text[:place]}{', ' if value.value else ''}{items}{text[place:]}"
    if isinstance(value, SequenceNode):
        last, column = value.value[-1], value.start_mark.column
        block = isinstance(last, MappingNode) and not last.flow_style
        more, line = (_block(feeds, " " * column) if block else as_yaml(feeds, " " * column)), _end(last).line
    else:  # the key alone, with all that stood there commented out
        more, line = as_yaml(feeds), key.end_mark.line
    lines = text.split("\n")
    rest = lines[line + 1 :]
    head = "\n".join(lines[: line + 1]).removesuffix("\r")
    return f"{head}{ending}{_lines(more, ending).removesuffix(ending)}" + (f"{ending}{chr(10).join(rest)}" if rest else "")


def _end(node: Node) -> Any:
    """Where a value really ends: one of several lines without brackets is taken to go on through the comments after it."""
    if isinstance(node, CollectionNode) and not node.flow_style and node.value:
        last = node.value[-1]
        return _end(last[1] if isinstance(node, MappingNode) else last)
    return node.end_mark if not isinstance(node, ScalarNode) or node.value else node.start_mark


def _block(feeds: Sequence[Item], indent: str) -> str:
    return "".join(
        f"{indent}{'- ' if place == 0 else '  '}{_flow({name: value})[1:-1]}\n"
        for feed in feeds
        for place, (name, value) in enumerate(feed.items())
    )


def _flow(feed: Item) -> str:
    """`{url: "https://…", every: 5m}`, with quotes where YAML asks for them."""
    made = CommentedMap((name, DoubleQuotedScalarString(value) if name == "url" else value) for name, value in feed.items())
    made.fa.set_flow_style()
    writer, out = YAML(), io.StringIO()
    writer.width = 1 << 20
    writer.dump(made, out)
    return out.getvalue().strip()


def _lines(text: str, ending: str) -> str:
    return text.replace("\n", ending)


def _home(files: Sequence[Path]) -> Path:
    """Where a story's feeds are, or where a person would look for them."""
    holding = [path for path in files if (tree := parse(path.read_bytes(), str(path))[0]) is not None and _KEY in tree.entries]
    named = [path for path in files if path.stem.lower() == _KEY] + [path for path in files if path.stem.lower() == "story"]
    return next((path for path in named if path in holding), holding[0] if holding else [*named, *files][0])


def _write(path: Path, raw: bytes) -> None:
    """In one step: the daemon never sees half of a file."""
    # A name that begins with a dot is not taken for a rule file.
    handle, name = tempfile.mkstemp(prefix=f".{path.name}.", dir=path.parent)
    try:
        with os.fdopen(handle, "wb") as out:
            out.write(raw)
            out.flush()
            os.fsync(out.fileno())
        Path(name).chmod(path.stat().st_mode & 0o7777)
        Path(name).replace(path)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise
