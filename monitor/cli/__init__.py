"""The command line. One module a command family, each thin: parse, call, print.

Exit codes: 0 done; 1 something is wrong (a rule, a test, a file, the server); 2 the command was called wrongly; 3 legal but
suspicious rules; 130 and 143 stopped at once by a second Ctrl-C or SIGTERM.
"""

from __future__ import annotations

import os
import sys

import typer

from monitor.cli import (
    adding,
    address,
    backtest,
    beginning,
    carrying,
    claims,
    deciding,
    demo,
    doctor,
    explain,
    feeds,
    look,
    reading,
    rules,
    running,
    suggesting,
    testing,
    timeline,
    trying,
    watching,
)
from monitor.errors import MonitorError

app = typer.Typer(
    name="monitor",
    help="Follows disputed claims through news feeds: who affirms, denies, doubts or evades what, since when, on what evidence.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
    context_settings={"help_option_names": ["-h", "--help"]},
)

app.command("demo")(demo.demo)
app.command("run")(running.run)
app.command("watch")(watching.watch)
app.command("poll")(running.poll)
app.command("claims")(claims.claims)
app.command("timeline")(timeline.timeline)
app.command("reject")(deciding.reject)
app.command("accept")(deciding.accept)
app.command("undo")(deciding.undo)
app.command("decisions")(deciding.decisions)
app.command("note")(deciding.note)
app.command("export")(carrying.export)
app.command("import")(carrying.import_)
app.command("tail")(look.tail)
feeds.feeds.command("add")(adding.add)
feeds.feeds.command("test")(trying.try_)
feeds.feeds.command("import")(adding.import_)
feeds.feeds.command("export")(adding.export)
app.add_typer(feeds.feeds, name="feeds")
app.command("replay")(reading.replay)
app.command("backtest")(backtest.backtest)
app.command("explain")(explain.explain)
app.command("suggest")(suggesting.suggest)
app.add_typer(beginning.rules, name="rules")
app.command("check")(rules.check)
app.command("test")(testing.test)
app.command("schema")(look.schema)
app.command("address")(address.address)
app.command("doctor")(doctor.doctor)


def main() -> None:
    """The console script. Expected failures are one line and exit 1, never a traceback."""
    try:
        app()
    except MonitorError as error:
        print(error, file=sys.stderr)  # noqa: T201 - this is the command line
        sys.exit(1)
    except BrokenPipeError:
        # Whoever read our output has gone (`| head`); Python would complain again while closing.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(0)
    except KeyboardInterrupt:
        sys.exit(130)
