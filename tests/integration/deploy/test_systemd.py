"""The delivered units fit the service: its time to stop, its folders, its sandbox; systemd itself finds no fault in them."""

import os
import re
import signal
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from realtime import hub
from tests.running import service
from tests.tools import require_systemd_analyze
from web import server

DEPLOY = Path(__file__).parents[3] / "deploy"
SERVICES = ("telepath.service", "telepath-backup.service", "telepath-watch@.service")


def values(unit: str, name: str) -> list[str]:
    return re.findall(rf"^{name}=(.*)$", (DEPLOY / unit).read_text(), re.MULTILINE)


def test_a_stopping_node_is_given_the_time_it_takes() -> None:
    (seconds,) = values("telepath.service", "TimeoutStopSec")
    assert int(seconds) > hub.DRAIN + server.GRACE + server.CLOSE_WITHIN


def test_a_node_that_hangs_is_killed() -> None:
    (seconds,) = values("telepath.service", "WatchdogSec")
    assert int(seconds) >= 10, "a start takes some, and so does a busy moment"
    assert values("telepath.service", "WatchdogSignal") == ["SIGKILL"], "a process that was stopped hears no other"
    assert values("telepath.service", "Restart") == ["always"]


def test_a_node_says_that_it_lives_and_not_when_it_hangs(
    tmp_path: Path, short_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as systemd:
        systemd.bind(str(short_folder / "systemd"))
        systemd.settimeout(20)
        monkeypatch.setenv("NOTIFY_SOCKET", systemd.getsockname())
        monkeypatch.setenv("WATCHDOG_USEC", "200000")
        with service(tmp_path, {}) as (node,):
            assert systemd.recv(100) == b"WATCHDOG=1"
            node.process.send_signal(signal.SIGSTOP)
            os.waitid(os.P_PID, node.process.pid, os.WSTOPPED)
            systemd.setblocking(False)
            with pytest.raises(BlockingIOError):
                while True:
                    systemd.recv(100)  # what was told before
            systemd.settimeout(0.5)
            with pytest.raises(TimeoutError):
                systemd.recv(100)
            node.process.send_signal(signal.SIGCONT)
            systemd.settimeout(20)
            assert systemd.recv(100) == b"WATCHDOG=1"


@pytest.mark.parametrize("unit", SERVICES)
def test_a_service_can_write_nothing_but_its_own_folders_and_gains_no_rights(unit: str) -> None:
    assert values(unit, "ProtectSystem") == ["strict"]
    assert values(unit, "NoNewPrivileges") == ["yes"]
    assert values(unit, "CapabilityBoundingSet") == [""]
    assert values(unit, "PrivateTmp") == ["yes"]
    assert values(unit, "RestrictAddressFamilies") == ["AF_UNIX AF_INET AF_INET6"]
    assert values(unit, "User") == ["telepath"]
    (writable,) = values(unit, "ReadWritePaths")
    known = r"/var/(lib|backups)/telepath|-/srv/telepath(-anchors)?|/srv/telepath-drop"
    assert all(re.fullmatch(known, path) for path in writable.split())


def test_the_decoders_may_shut_themselves_in() -> None:
    allowed = " ".join(values("telepath.service", "SystemCallFilter"))
    for call in ("landlock_create_ruleset", "landlock_add_rule", "landlock_restrict_self", "seccomp", "prlimit64"):
        assert call in allowed


@pytest.mark.parametrize("unit", [*SERVICES, "telepath-backup.timer"])
def test_systemd_finds_no_fault(unit: str, tmp_path: Path) -> None:
    for path in DEPLOY.glob("telepath*.*"):
        if path.suffix in {".service", ".timer"}:
            # Where the program lies is the installation's business; here any program will do.
            (tmp_path / path.name).write_text(re.sub(r"ExecStart=\S+", f"ExecStart={sys.executable}", path.read_text()))
    done = subprocess.run(
        [require_systemd_analyze(), "verify", "--man=no", str(tmp_path / unit)],
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    about_ours = [line for line in done.stderr.splitlines() if "telepath" in line]
    assert (done.returncode, about_ours) == (0, [])


def test_systemd_calls_the_service_well_shut_in() -> None:
    command = [
        require_systemd_analyze(),
        "security",
        "--offline=true",
        "--threshold=20",
        "--no-pager",
        str(DEPLOY / "telepath.service"),
    ]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=60)
    # Exposure in tenths: 0 is a sealed box, 96 an ordinary service.
    assert done.returncode == 0, done.stdout[-400:]
