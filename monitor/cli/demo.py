"""`monitor demo`: the daemon at work on a recorded story."""

from __future__ import annotations

import asyncio
import shutil
import signal
import tempfile
from collections.abc import Callable, Coroutine, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Annotated

import typer

from monitor.cli.output import AsJson, Rules, dump, note, settings
from monitor.errors import InputError

_PAUSES = (2.4, 0.5)
"""Seconds to read an article's alerts, and to see one pass that raised none."""


def demo(
    rules: Rules = None,
    data: Annotated[
        Path | None, typer.Option("--data", help="New folder to keep the data in.", show_default="a temporary one, removed at the end")
    ] = None,
    speed: Annotated[float, typer.Option("--speed", help="2 is twice as fast.")] = 1.0,
    json_: AsJson = False,
) -> None:
    """See the daemon follow a recorded story, from denial to admission, in about 90 seconds. Needs no network."""
    from monitor.cli import logs
    from monitor.cli.demonstrated import Telling
    from monitor.demo.course import course
    from monitor.demo.feeds import FeedServer
    from monitor.demo.stage import rulebook, staged
    from monitor.model import as_json, event_type

    if not 0.1 <= speed <= 1000:
        raise typer.BadParameter("a number from 0.1 to 1000", param_hint="--speed")
    if data is not None:
        _make_empty(data)
    chosen, items = settings(rules), course()
    telling = None if json_ else Telling(items, chosen.rules)
    if telling:
        telling.opening(20 + 70 / speed)
    feeds = FeedServer(items)
    story = rulebook(chosen.rules, feeds.feeds)
    with ExitStack() as stack:
        folder = data or stack.enter_context(_temporary())
        logs.configure("json", to=stack.enter_context((folder / "daemon.log").open("w", encoding="utf-8")))
        # A server of its own on any port, whatever daemon of the user's runs beside it.
        # Its feeds are on this machine, and nobody's to be asked politely.
        own = chosen.model_copy(update={"data": folder, "redis_url": None, "port": 0, "allow_addresses": "127.0.0.1", "host_gap": 0})

        async def tell() -> None:
            async with staged(own, story, feeds) as stage:
                if telling:
                    telling.begin(folder)
                for item in items:
                    events = await stage.publish(item)
                    for event in events if json_ else ():
                        dump({"type": event_type(event), **as_json(event)})
                    loud = telling.step(item, events) if telling else False
                    await asyncio.sleep(_PAUSES[0 if loud else 1] / speed)
                if telling:
                    telling.ending(await stage.ledger(), data)

        code = asyncio.run(_until_told(tell))
    if folder.exists() and not data:
        note(f"another program looks into {folder}, which therefore stays")
    if code:
        note("stopped" if folder.exists() else "stopped; nothing is left behind")
        raise typer.Exit(code)


@contextmanager
def _temporary() -> Iterator[Path]:
    """A folder that is removed at the end, if no other program looks into it then."""
    from monitor.streams.server import EmbeddedServer

    made = Path(tempfile.mkdtemp(prefix="monitor-demo-"))
    try:
        yield made
    finally:
        if asyncio.run(EmbeddedServer(made).running()) is None:
            shutil.rmtree(made, ignore_errors=True)


def _make_empty(folder: Path) -> None:
    """Makes a folder, or sees that nothing is in it yet. Raises InputError."""
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        if any(folder.iterdir()):
            raise InputError(f"{folder} is not empty: the demo begins with nothing; name a new folder")
    except OSError as error:
        raise InputError(f"cannot use {folder}: {error.strerror}") from error


async def _until_told(work: Callable[[], Coroutine[None, None, None]]) -> int:
    """Does the work until Ctrl-C or SIGTERM, which it may clean up after undisturbed. The exit code."""
    task, told = asyncio.create_task(work()), list[signal.Signals]()

    def stop(number: signal.Signals) -> None:
        if not told:
            task.cancel()
        told.append(number)

    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, stop, number)
    try:
        await task
    except asyncio.CancelledError:
        if not told:
            raise
    return 128 + told[0] if told else 0
