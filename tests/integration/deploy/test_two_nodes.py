"""deploy/two_nodes.sh: two nodes come up on shared PostgreSQL and Valkey, both serve, and everything ends with the script."""

import asyncio
import os
import signal
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import httpx2
import psutil  # type: ignore[import-untyped]
import pytest

from tests.login import free_port

SCRIPT = Path(__file__).parents[3] / "deploy" / "two_nodes.sh"


def free_base() -> int:
    """A port whose neighbours that the script uses are free too."""
    while True:
        base = free_port()
        taken = {connection.laddr.port for connection in psutil.net_connections("tcp") if connection.laddr}
        if base < 65_000 and not {base, base + 1, base + 10, base + 20} & taken:
            return base


@asynccontextmanager
async def running(base: int, tmp_path: Path) -> AsyncIterator[asyncio.subprocess.Process]:
    issuer = f"http://127.0.0.1:{free_port()}/auth/realms/esante-wallet"
    environment = {
        "PATH": os.environ["PATH"],
        "HOME": str(tmp_path),
        "PYTHON": sys.executable,
        "PYTHONPATH": os.pathsep.join(sys.path),
        "PORT": str(base),
        "TELEPATH_OIDC_ISSUER": issuer,
        "TELEPATH_DATA": str(tmp_path / "data"),
    }
    with (tmp_path / "messages").open("wb") as messages:
        process = await asyncio.create_subprocess_exec(
            str(SCRIPT), env=environment, stdout=asyncio.subprocess.PIPE, stderr=messages, start_new_session=True
        )
    try:
        assert process.stdout is not None
        said = b""
        async with asyncio.timeout(100):
            while b"ready" not in said:
                line = await process.stdout.readline()
                assert line, (said, (tmp_path / "messages").read_text()[-3000:])
                said += line
        yield process
    finally:
        if process.returncode is None:
            process.send_signal(signal.SIGTERM)
        await process.wait()


@pytest.mark.slow
@pytest.mark.timeout(200)
@pytest.mark.parametrize(("ending", "status"), [("the script is stopped", 143), ("a node dies", 1)])
async def test_two_nodes_serve_behind_one_address_and_leave_nothing_behind(
    tmp_path: Path, ending: str, status: int
) -> None:
    base = free_base()
    async with running(base, tmp_path) as process:
        family = psutil.Process(process.pid).children(recursive=True)
        assert len(family) >= 5  # PostgreSQL, Valkey, nginx, two nodes
        async with httpx2.AsyncClient(trust_env=False, timeout=10) as browser:
            for port in (base, base + 10, base + 20):
                answer = await browser.get(f"http://localhost:{port}/health")
                assert answer.json() == {"status": "ok"}
        if ending == "a node dies":
            listening = [
                c.pid for c in psutil.net_connections("tcp") if c.laddr and c.laddr.port == base + 20 and c.pid
            ]
            psutil.Process(listening[0]).kill()
            await asyncio.wait_for(process.wait(), 30)
    assert process.returncode == status
    _, alive = psutil.wait_procs(family, timeout=20)
    assert alive == []
