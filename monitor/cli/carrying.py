"""`monitor export` and `monitor import`: a history carried to another server."""

from __future__ import annotations

import asyncio
import shutil
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from monitor.cli.arguments import check_known, moment
from monitor.cli.output import AsJson, Data, Rules, Story, dump, note, safe, settings
from monitor.cli.progress import progress, size_of
from monitor.errors import InputError

if TYPE_CHECKING:
    from datetime import datetime

    from monitor.exporting import Held, What
    from monitor.importing import Imported
    from monitor.settings import Settings

Kinds = Annotated[str, typer.Option("--what", metavar="KIND,…", help="Only some of: articles, evidence, decisions (with them the notes).")]
_ALL = "articles,evidence,decisions"
_STDIO = Path("-")


def export(
    file: Annotated[Path, typer.Argument(help="Where to write it; compressed if its name ends in .zst; - for standard output.")] = _STDIO,
    what: Kinds = _ALL,
    since: Annotated[
        str | None, typer.Option("--since", help="Only what was published since a day or time (UTC), or since 90d ago.")
    ] = None,
    zst: Annotated[bool, typer.Option("--zst", help="Compress it with zstd, whatever it is called.")] = False,
    story: Story = None,
    data: Data = None,
) -> None:
    """Write down articles, evidence and decisions as JSON lines; of one story, only the articles that told it something."""
    from monitor.archive import FOLDER, Archive
    from monitor.exporting import lines
    from monitor.lines import SUFFIX, open_text, writing

    kinds, chosen, begin = _kinds(what), settings(data=data), moment("--since", since)
    kept = asyncio.run(_held(chosen, story, begin))
    packed = zst or file.suffix == SUFFIX
    if file == _STDIO and packed and sys.stdout.isatty():
        raise InputError("what is compressed is not for a terminal: name a file, or leave out --zst")
    if story is None and not kept.evidence and not (chosen.data / FOLDER).is_dir():
        raise InputError(f"there is nothing to export: neither a history on the server nor an archive in {chosen.data}")
    count = 0
    sys.stdout.flush()
    with open_text(sys.stdout.buffer, packed=packed) if file == _STDIO else writing(file, packed=packed) as output:
        for one in lines(kinds, kept, Archive(chosen.data / FOLDER, note), begin, only_told=story is not None):
            output.write(f"{one}\n")
            count += 1
    note(f"{count:,} lines" + (f" in {file}" if file != _STDIO else ""))


def import_(
    files: Annotated[
        list[Path], typer.Argument(metavar="FILE…", help="Exports, or files of articles as for replay; - for standard input.")
    ],
    what: Kinds = _ALL,
    jobs: Annotated[int, typer.Option("--jobs", min=0, help="Processes that read.", show_default="one for each core")] = 0,
    rules: Rules = None,
    story: Story = None,
    data: Data = None,
    json_: AsJson = False,
) -> None:
    """Take over a history: all of it, or nothing where a line cannot be used. What is known already changes nothing."""
    kinds, chosen = _kinds(what), settings(rules, data)
    with _on_disk(files) as there:
        done = _import(there, kinds, chosen, story, jobs)
    if json_:
        from monitor.model import as_json

        counts = {"archived": done.archived, "evidence": done.evidence, "decisions": done.decisions, "notes": done.notes}
        dump({**counts, "summaries": [as_json(alert) for alert in done.summaries]})
        return
    from monitor.cli.screen import flow

    for alert in done.summaries:
        flow(f"{alert.story}: {safe(alert.summary)}", 2)
    flow(f"new: articles {done.archived:,}, evidence {done.evidence:,}, decisions {done.decisions:,}, notes {done.notes:,}", 2)


def _import(files: list[tuple[Path, str]], kinds: list[What], chosen: Settings, story: str | None, jobs: int) -> Imported:
    from monitor.archive import FOLDER, Archive
    from monitor.importing import read_history, take_in
    from monitor.stories import open_stories
    from monitor.streams.access import server
    from monitor.streams.client import connected

    stories = open_stories(chosen.rules)
    if story is not None:
        check_known("story in the rules", story, stories)
        stories = {story: stories[story]}
    with progress(size_of([path for path, _ in files])) as passed:
        history = read_history(files, kinds, stories, only=story is not None, jobs=jobs, passed=passed)

    async def take() -> Imported:
        async with server(chosen) as running, connected(running.url) as client:
            return await take_in(history, client, chosen.partitions, stories, Archive(chosen.data / FOLDER, note))

    return asyncio.run(take())


async def _held(chosen: Settings, story: str | None, since: datetime | None) -> Held:
    """What the server has; nothing where there never was one."""
    from monitor.exporting import Held, held
    from monitor.streams.access import server_with_data
    from monitor.streams.client import connected
    from monitor.streams.stories import story_names

    async with server_with_data(chosen) as running:
        names: list[str] = []
        if running is not None:
            async with connected(running.url) as client:
                names = await story_names(client)
                if story is None or story in names:
                    return await held(client, names if story is None else [story], since)
        if story is not None:
            check_known("story", story, names)
        return Held()


def _kinds(what: str) -> list[What]:
    """The kinds that are named. Raises InputError."""
    from monitor.exporting import WHAT

    names = what.replace(",", " ").split()
    for name in names:
        check_known("kind of thing", name, WHAT)
    if not names:
        raise InputError(f"--what names nothing: say some of {', '.join(WHAT)}")
    return [kind for kind in WHAT if kind in names]


@contextmanager
def _on_disk(files: list[Path]) -> Iterator[list[tuple[Path, str]]]:
    """The files with their names; what comes from elsewhere than the disk is put there for the time, since it is read twice."""
    with tempfile.TemporaryDirectory() as folder:
        there = []
        for number, path in enumerate(files):
            if path != _STDIO and not path.is_fifo():
                there.append((path, str(path)))
                continue
            copy = Path(folder) / str(number)
            with copy.open("wb") as output, nullcontext(sys.stdin.buffer) if path == _STDIO else path.open("rb") as pipe:
                shutil.copyfileobj(pipe, output)
            there.append((copy, "standard input" if path == _STDIO else str(path)))
        yield there
