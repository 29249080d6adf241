"""The files in `deploy/`: systemd accepts the unit and finds it closed, containers can write nowhere else, what they call exists."""

from __future__ import annotations

import json
import re
import shlex
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from ruamel.yaml import YAML

from monitor.settings import Settings
from monitor.streams.server import EmbeddedServer
from tests.conftest import bare_environment

ROOT = Path(__file__).parents[1]
DEPLOY = ROOT / "deploy"
UNIT = (DEPLOY / "monitor.service").read_text(encoding="utf-8")
DOCKERFILE = (DEPLOY / "Dockerfile").read_text(encoding="utf-8")
COMPOSE: dict[str, Any] = YAML(typ="safe").load(DEPLOY / "compose.yaml")

needs_systemd = pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="needs systemd-analyze")


def called(*command: str, **environment: str) -> subprocess.CompletedProcess[str]:
    """Runs a command in a bare environment."""
    return subprocess.run(command, env=bare_environment(**environment), capture_output=True, text=True, timeout=60, check=False)


@needs_systemd
@pytest.mark.parametrize(("added", "accepted"), [("", True), ("ProtectSystems=strict", False)])
def test_systemd_accepts_the_unit(tmp_path: Path, added: str, accepted: bool) -> None:
    # The program stands elsewhere here; everything else is as it is.
    unit = tmp_path / "monitor.service"
    text = re.sub(r"(?m)^(ExecStart\w*)=\S+", rf"\1={sys.executable}", UNIT)
    text = re.sub(r"(?m)^Documentation=.*\n", "", text)
    unit.write_text(text.replace("[Service]\n", f"[Service]\n{added}\n"), encoding="utf-8")
    said = called("systemd-analyze", "verify", str(unit))
    assert (said.returncode == 0 and not said.stderr) == accepted, said.stderr


@needs_systemd
def test_systemd_finds_the_unit_closed() -> None:
    said = called("systemd-analyze", "security", "--offline=true", "--threshold=15", "--no-pager", str(DEPLOY / "monitor.service"))
    assert said.returncode == 0, said.stdout + said.stderr


def test_what_the_unit_calls_exists(tmp_path: Path) -> None:
    [before, start] = re.findall(r"(?m)^ExecStart\w*=\S+/monitor (.*)$", UNIT)
    rules = str(ROOT / "tests" / "stories")
    check = [rules if word == "/etc/claim-monitor/rules" else word for word in shlex.split(before)]
    assert called(sys.executable, "-m", "monitor", *check).returncode == 0
    # A folder without stories: the options are understood, and it ends.
    start = start.replace("/etc/claim-monitor/rules", str(tmp_path)).replace("/var/lib/claim-monitor", str(tmp_path / "data"))
    assert called(sys.executable, "-m", "monitor", *shlex.split(start)).returncode == 1


async def test_the_health_check_of_the_image_tells_whether_the_server_answers(tmp_path: Path) -> None:
    [command] = re.findall(r"(?m)^HEALTHCHECK .* CMD (\[.*\])$", DOCKERFILE)
    name, *arguments = json.loads(command)
    assert name == "monitor"
    async with EmbeddedServer(tmp_path) as server:
        url = server.endpoint.url
        assert called(sys.executable, "-m", "monitor", *arguments, MONITOR_REDIS_URL=url).returncode == 0
    assert called(sys.executable, "-m", "monitor", *arguments, MONITOR_REDIS_URL=url).returncode == 1


def test_the_image_runs_as_a_number_without_a_name() -> None:
    assert re.findall(r"(?m)^USER (.*)$", DOCKERFILE) == ["10001:10001"]
    assert set(re.findall(r"\b(MONITOR_\w+)=", DOCKERFILE)) <= {f"MONITOR_{name.upper()}" for name in Settings.model_fields}


@pytest.mark.parametrize("name", COMPOSE["services"])
def test_a_container_writes_to_its_volume_alone_and_is_reached_from_nowhere_outside(name: str) -> None:
    service = COMPOSE["services"][name]
    assert service["read_only"]
    assert service["cap_drop"] == ["ALL"]
    assert service["security_opt"] == ["no-new-privileges:true"]
    assert "ports" not in service
    assert not service.get("privileged")
    writable = [volume for volume in service["volumes"] if not volume.endswith(":ro")]
    assert [volume.split(":")[0] in COMPOSE["volumes"] for volume in writable] == [True]


def test_the_server_beside_it_keeps_everything_and_has_no_way_out() -> None:
    server = COMPOSE["services"]["valkey"]
    assert server["networks"] == ["inside"]
    assert COMPOSE["networks"]["inside"] == {"internal": True}
    words = " ".join(server["command"])
    assert "--appendonly yes" in words
    assert "--maxmemory-policy noeviction" in words
    assert set(COMPOSE["services"]["monitor"]["environment"]) <= {f"MONITOR_{name.upper()}" for name in Settings.model_fields}
