"""A given server: the whole program as the users that the README names, which may do no more; and over TLS."""

from __future__ import annotations

import asyncio
import re
import shutil
import socket
import subprocess
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, cast

import pytest
from structlog.testing import capture_logs

from monitor.daemon import Daemon, poll_once
from monitor.errors import ServerError
from monitor.settings import Settings
from monitor.stories import open_rulebook
from monitor.streams.client import REFUSED, Client, connected
from monitor.streams.overview import Overlook
from monitor.streams.polls import now_utc
from monitor.streams.server import EmbeddedServer
from monitor.streams.stories import evidence_of
from tests.cli.test_commands import monitor
from tests.conftest import FeedServer, Item
from tests.daemon.program import PATIENCE

ROOT = Path(__file__).parents[2]
MERGER = ROOT / "tests" / "stories" / "merger"
USERS = re.findall(r"^user (\S+) (on >PASSWORD .*)$", (ROOT / "README.md").read_text(encoding="utf-8"), re.MULTILINE)
GROUP = re.findall(r"`(\(~monitor:\{kursk\}:alerts [^`]*\))`", (ROOT / "README.md").read_text(encoding="utf-8"))


@pytest.fixture
async def given(tmp_path: Path) -> AsyncIterator[tuple[Client, str]]:
    """Its owner's client, and its address with USER in place of a login."""
    async with EmbeddedServer(tmp_path / "given") as server, connected(server.endpoint.url) as owner:
        for name, rights in USERS:
            await cast("Any", owner).execute_command("ACL", "SETUSER", name, "reset", *rights.split(" "))
        yield owner, f"redis://USER:PASSWORD@127.0.0.1:{server.endpoint.port}/0"


def rules(folder: Path, url: str) -> Path:
    shutil.copytree(MERGER, folder / "merger")
    (folder / "merger" / "feeds.yaml").write_text(f"feeds:\n  - {{url: '{url}', every: 1s, lang: en, outlet: Wire}}\n")
    return folder / "merger"


async def test_the_users_of_the_readme_can_do_their_work_and_no_more(
    given: tuple[Client, str], tmp_path: Path, feed_server: FeedServer
) -> None:
    owner, address = given
    feed_server.items = [Item("a", "Corvane said that Northquay will be closed.", published=datetime(2024, 2, 1, tzinfo=UTC))]
    story, started = rules(tmp_path, feed_server.url), asyncio.Event()
    settings = Settings(redis_url=address.replace("USER", "monitor"), data=tmp_path / "data")
    daemon = Daemon(settings, open_rulebook(story), lambda _: started.set(), signals=False)
    running = asyncio.create_task(daemon.run())
    with capture_logs() as log:
        async with asyncio.timeout(PATIENCE):
            while not await owner.exists("monitor:{merger}:alerts"):
                await asyncio.sleep(0.02)
            await asyncio.sleep(0)
        daemon.stop()
        await running  # which raises what the server refused
    assert not [row for row in log if row["log_level"] == "error"]

    async with connected(address.replace("USER", "desk")) as desk:
        overview = await Overlook(desk).look(now_utc())
        assert [state.claim for state in overview.claims if state.positions]
        assert await evidence_of(desk, "merger")
        with pytest.raises(REFUSED, match="permission"):
            await desk.delete("monitor:{merger}:alerts")
        with pytest.raises(REFUSED, match="permission"):
            await cast("Any", desk.hset("monitor:{merger}:state", "x", "y"))
        with pytest.raises(REFUSED, match="permission"):
            await desk.xgroup_create("monitor:{merger}:alerts", "mine", "0")
        [right] = GROUP
        await cast("Any", owner).execute_command("ACL", "SETUSER", "desk", right.replace("kursk", "merger"))
        await desk.xgroup_create("monitor:{merger}:alerts", "mine", "0")
        assert await desk.xreadgroup("mine", "anna", {"monitor:{merger}:alerts": ">"})
    async with connected(address.replace("USER", "monitor")) as own:
        for refused in (("FLUSHALL",), ("CONFIG", "GET", "dir"), ("KEYS", "*"), ("GET", "theirs"), ("SHUTDOWN",), ("ACL", "LIST")):
            with pytest.raises(REFUSED, match="permission"):
                await cast("Any", own).execute_command(*refused)


async def test_a_login_that_may_too_little_is_one_line_without_the_password(given: tuple[Client, str], tmp_path: Path) -> None:
    owner, address = given
    await cast("Any", owner).execute_command("ACL", "SETUSER", "desk", ">sesame", "-info")
    for login, told in (("desk:sesame", "cannot be used"), ("desk:wrong-word", "wants a user and password")):
        url = address.replace("USER:PASSWORD", login)
        ran = await asyncio.to_thread(monitor, "claims", MONITOR_REDIS_URL=url)
        assert (ran.code, ran.out, ran.err.count("\n")) == (1, "", 1)
        assert told in ran.err
        assert login.split(":")[1] not in ran.err


# TLS ------------------------------------------------------------------------------------------------------------------------------


def _tls_server() -> str | None:
    """A server with TLS: Debian's has it, the embedded one has not."""
    for name in ("valkey-server", "redis-server"):
        if (found := shutil.which(name)) and b"libssl" in subprocess.run(["ldd", found], capture_output=True, check=False).stdout:  # noqa: S607 # on PATH
            return found
    return None


needs_tls = pytest.mark.skipif(
    _tls_server() is None or shutil.which("openssl") is None, reason="needs a valkey-server or redis-server with TLS, and openssl"
)


@pytest.fixture
async def encrypted(tmp_path: Path) -> AsyncIterator[str]:
    """The address of a server that speaks TLS alone, with USER for the login, and without the certificate that vouches for it."""
    key, certificate, users = tmp_path / "key.pem", tmp_path / "ca.pem", tmp_path / "users.acl"
    subprocess.run(  # noqa: ASYNC221 # a moment
        ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2", "-subj", "/CN=x",  # noqa: S607 # on PATH
         "-addext", "subjectAltName=IP:127.0.0.1", "-keyout", key, "-out", certificate], check=True, capture_output=True,
    )  # fmt: skip
    users.write_text("".join(f"user {name} {rights}\n" for name, rights in USERS) + "user default off\n")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    server = await asyncio.create_subprocess_exec(
        str(_tls_server()), "--port", "0", "--tls-port", str(port), "--tls-cert-file", str(certificate), "--tls-key-file", str(key),
        "--tls-auth-clients", "no", "--aclfile", str(users), "--dir", str(tmp_path), "--bind", "127.0.0.1", "--save", "", stdout=subprocess.DEVNULL,
    )  # fmt: skip
    try:
        async with asyncio.timeout(PATIENCE):
            while server.returncode is None:
                try:
                    _, writer = await asyncio.open_connection("127.0.0.1", port)
                    writer.close()
                    break
                except OSError:
                    await asyncio.sleep(0.02)
        yield f"rediss://USER:PASSWORD@127.0.0.1:{port}/0"
    finally:
        if server.returncode is None:
            server.kill()
        await server.wait()


@needs_tls
async def test_a_server_is_reached_over_tls_and_believed_only_with_its_certificate(
    encrypted: str, tmp_path: Path, feed_server: FeedServer
) -> None:
    url = encrypted.replace("USER", "monitor")
    with pytest.raises(ServerError, match=r"does not answer: .*(?i:certificate)") as caught:
        async with connected(url):
            pass
    assert "PASSWORD" not in str(caught.value)
    settings = Settings(redis_url=f"{url}?ssl_ca_certs={tmp_path / 'ca.pem'}", data=tmp_path / "data")
    feed_server.items = [Item("a", "Corvane said that Northquay will be closed.", published=datetime(2024, 2, 1, tzinfo=UTC))]
    [polled] = await poll_once(settings, open_rulebook(rules(tmp_path, feed_server.url)))
    assert polled.new == 1
    async with connected(f"{encrypted.replace('USER', 'desk')}?ssl_ca_certs={tmp_path / 'ca.pem'}") as desk:
        assert await evidence_of(desk, "merger")
