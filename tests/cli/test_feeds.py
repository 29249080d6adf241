"""`monitor feeds list`: from rules, from the server, from both, from neither."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from pathlib import Path

import pytest

from monitor.feeds.state import FeedState
from monitor.settings import Settings
from monitor.streams.access import server
from monitor.streams.client import connected
from monitor.streams.keys import feed_id
from monitor.streams.polls import Polls, now_utc
from tests.cli.test_commands import monitor

FAILING, FINE, GONE, NEW = (f"https://{name}.example/rss" for name in ("failing", "fine", "gone", "new"))
MOVED = "https://fine.example/feed"
RULES = f"""\
title: A story
feeds:
  - {{url: '{FINE}', every: 5m, lang: ko, outlet: 데모신문}}
  - {{url: '{NEW}', cron: '0 6 * * *', outlet: New}}
  - {{url: '{FAILING}', every: 1h, outlet: Failing}}
"""


@pytest.fixture(scope="module")
def rules(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A story with three feeds."""
    folder = tmp_path_factory.mktemp("rules")
    (folder / "tiny").mkdir()
    (folder / "tiny" / "story.yaml").write_text(RULES, encoding="utf-8")
    return folder


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A data folder whose server has polled three feeds, in several partitions; one of them no rule names any more."""
    folder, now = tmp_path_factory.mktemp("data"), now_utc()
    states = {
        FINE: FeedState(
            url=FINE,
            polled=9,
            last_poll=now,
            last_success=now,
            interval=timedelta(minutes=20),
            address=MOVED,
            since=now - timedelta(days=2),
            since_polls=8,
            since_304=6,
            since_new=24,
        ),
        FAILING: FeedState(
            url=FAILING,
            failures=3,
            problem="HTTP 503 \x1b[31m",
            last_poll=now - timedelta(hours=2),
            last_success=now - timedelta(days=3, hours=1),
        ),
        GONE: FeedState(url=GONE, polled=1, last_poll=now - timedelta(days=40)),
    }

    async def fill() -> None:
        async with server(Settings(data=folder)) as running, connected(running.url) as client:
            polls = Polls(client, 4)
            await polls.prepare()
            await polls.register([*states, NEW], now)
            for lease in await polls.lease(now, timedelta(hours=1), 10, "token"):
                [state] = [one for one in (*states.values(), FeedState()) if lease.feed == feed_id(one.url or NEW)]
                if state.url == GONE:
                    await polls.commit(lease, state=state.to_hash(), articles=[], next_due=now)
                    await polls.forget(lease)
                elif state.url:
                    await polls.commit(lease, state=state.to_hash(), articles=[], next_due=now + timedelta(hours=3, minutes=1))

    asyncio.run(fill())
    return folder


def test_all_feeds_with_their_state(rules: Path, data: Path) -> None:
    ran = monitor("feeds", "list", "--rules", rules, "--data", data)
    assert (ran.code, ran.err) == (0, "")
    rows = [line.split("  ") for line in ran.out.splitlines()]
    found = [[cell.strip() for cell in row if cell.strip()] for row in rows]
    assert found == [
        ["STATE", "EVERY", "POLLED", "NEXT", "A DAY", "304", "LANG", "OUTLET", "URL"],
        ["ok", "5m, now 20m", found[1][2], "in 3h", "12", "75%", "ko", "데모신문", FINE],
        [f"has moved to {MOVED}: change it in the rules"],
        ["never polled", "0 6 * * *", "-", "in 59m", "-", "-", "-", "New", NEW],
        ["failing x3", "1h", "2h ago", "in 3h", "-", "-", "-", "Failing", FAILING],
        ["HTTP 503 \ufffd[31m; worked 3d ago"],
        ["not in the rules", "15m", "40d ago", "-", "-", "-", "-", "-", GONE],
    ]


def test_only_those_that_fail(rules: Path, data: Path) -> None:
    [row] = monitor("feeds", "list", "--failing", "--json", "--rules", rules, "--data", data).rows
    assert (row["url"], row["state"], row["failures"], row["stories"], row["every"]) == (FAILING, "failing", 3, ["tiny"], "1h")
    assert row["last_success"].endswith("+00:00")
    assert row["next_due"].endswith("+00:00")


def test_without_a_server_the_rules_name_them_and_nothing_is_made(rules: Path, tmp_path: Path) -> None:
    rows = monitor("feeds", "list", "--json", "--rules", rules, "--data", tmp_path / "none").rows
    assert [(row["url"], row["state"]) for row in rows] == [(url, "never polled") for url in (FINE, NEW, FAILING)]
    assert not (tmp_path / "none").exists()
    ran = monitor("feeds", "list", "--json", "--rules", rules, MONITOR_REDIS_URL="redis://127.0.0.1:1")
    assert [row["url"] for row in ran.rows] == [FINE, NEW, FAILING]
    assert "does not answer" in ran.err


def test_without_rules_the_server_names_those_that_it_has_polled(data: Path, tmp_path: Path) -> None:
    ran = monitor("feeds", "list", "--json", "--rules", tmp_path / "none", "--data", data)
    assert [(row["url"], row["state"]) for row in ran.rows] == [(FAILING, "failing"), (FINE, "ok"), (GONE, "ok")]
    assert ran.err.count("\n") == 1
    assert "feeds as the server knows them" in ran.err
