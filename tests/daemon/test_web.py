"""The poller at a small simulated web, in compressed time: whatever hosts do, each entry comes once. `python -m tests.web` is the large one."""

from __future__ import annotations

import pytest

from tests.web.run import run
from tests.web.world import Behaviour, World


async def test_each_entry_comes_once_whatever_hosts_do(tmp_path_factory: pytest.TempPathFactory) -> None:
    world = World(feeds=50, minutes=3, each=1, every=1, usual=0.3)
    assert {host.behaviour for host in world.hosts.values()} == {*Behaviour}
    report = await run(world, tmp_path_factory.mktemp("web"), speed=120)
    assert (report.missing, report.twice) == ([], [])
    assert report.published > 400
    assert report.polls["failed"] > 10
    assert report.web["connections"] <= 2
    assert {"200", "301", "302", "304", "410", "429"} <= report.web["statuses"].keys()
