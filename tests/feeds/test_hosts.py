"""What a host's refusals teach: those who are asked too often are asked less, and fairly, until they have forgotten it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from monitor.feeds.hosts import Hosts, Later

NOW = datetime(2025, 4, 28, 9, tzinfo=UTC)
SECOND = timedelta(seconds=1)


def test_a_host_that_allows_one_request_in_ten_seconds_soon_refuses_hardly_any() -> None:
    hosts, now, last = Hosts(), NOW, NOW - timedelta(hours=1)
    refused = [0, 0]
    asked = [0, 0]
    while now < NOW + timedelta(hours=1):
        start = hosts.ask("a", now)
        if isinstance(start, Later):
            now = max(now + SECOND / 10, start.until)
            continue
        half = int(now >= NOW + timedelta(minutes=30))
        asked[half] += 1
        too_soon = start - last < 10 * SECOND
        refused[half] += too_soon
        last = last if too_soon else start
        hosts.heard("a", start, refused=too_soon, wait=10 * SECOND - (start - last) if too_soon else None)
        now = start + SECOND / 10
    assert refused[1] < asked[1] / 5
    assert asked[1] - refused[1] > 90


def test_a_lesson_is_forgotten() -> None:
    hosts = Hosts()
    hosts.heard("a", NOW, refused=True, wait=SECOND)
    later = [NOW + number * timedelta(minutes=1) for number in range(1, 100)]
    for at in later:
        hosts.heard("a", at, refused=False, wait=None)
    first, second = hosts.ask("a", later[-1]), hosts.ask("a", later[-1])
    assert not isinstance(first, Later)
    assert not isinstance(second, Later)
    assert second - first == SECOND / 2


def test_a_host_is_asked_again_soon_though_the_clock_was_set_back() -> None:
    hosts, before = Hosts(), NOW - timedelta(days=1)
    hosts.ask("a", NOW)
    hosts.heard("b", NOW, refused=True, wait=10 * SECOND)
    assert isinstance(hosts.ask("a", before), Later)
    hosts.straighten(before)
    assert hosts.ask("a", before) == before + SECOND / 2
    assert isinstance(hosts.ask("b", before), Later)
    assert hosts.ask("b", before + timedelta(hours=1)) == before + timedelta(hours=1)
