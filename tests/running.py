"""Real processes of the product, started and ended by tests: nodes of the service and the identity simulator.

``python -m tests.running simulator ISSUER PORT ORIGIN…`` is the simulator's own process."""

import asyncio
import os
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Coroutine, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any, TypeVar

import uvicorn

from auth.simulator.provider import Client, create_app
from tests.login import free_port
from web.demo import identities

ROOT = Path(__file__).parent.parent
TELEPATH = [sys.executable, "-c", "import sys; from web.cli import main; sys.exit(main())"]
"""The command line, whether or not it is installed."""
Result = TypeVar("Result")
PATIENCE = 120.0
"""Seconds that a process may take to answer."""


def in_its_own_loop(work: Coroutine[Any, Any, Result]) -> Result:
    """Run a coroutine to its end from synchronous code, in a thread: while Playwright's synchronous interface is open, the
    thread of the tests has a running event loop already."""
    with ThreadPoolExecutor(1) as thread:
        return thread.submit(asyncio.run, work).result()


def answers(url: str) -> bool:
    """Whether ``url`` answers 200."""
    try:
        with urllib.request.urlopen(url, timeout=2) as response:  # noqa: S310  # loopback
            return bool(response.status == 200)
    except (urllib.error.URLError, ConnectionError, TimeoutError):
        return False


@contextmanager
def process(
    command: list[str], environment: Mapping[str, str], ready: str, log: Path, folder: Path = ROOT
) -> Iterator[subprocess.Popen[bytes]]:
    """Run a process in ``folder`` until the block ends; the block begins when ``ready`` answers. It writes to ``log``."""
    with log.open("wb") as output:
        running = subprocess.Popen(
            command, env=os.environ | dict(environment), stdout=output, stderr=output, cwd=folder
        )
        try:
            deadline = time.monotonic() + PATIENCE
            while not answers(ready):
                if running.poll() is not None or time.monotonic() > deadline:
                    raise AssertionError(f"{command} did not start:\n{log.read_text(errors='replace')[-4000:]}")
                time.sleep(0.05)  # there is nothing else to wait on: it is another process
            yield running
        finally:
            if running.poll() is None:
                running.send_signal(signal.SIGTERM)
                try:
                    running.wait(20)
                except subprocess.TimeoutExpired:
                    running.kill()
                    running.wait()


def telepath(environment: Mapping[str, str], *arguments: str) -> "subprocess.CompletedProcess[str]":
    """Run one command of the product and return what it printed."""
    everything = os.environ | dict(environment)
    return subprocess.run(
        [*TELEPATH, *arguments], env=everything, cwd=ROOT, capture_output=True, text=True, check=False
    )


class Node:
    """One running node of the service."""

    def __init__(self, origin: str, running: subprocess.Popen[bytes], environment: dict[str, str], log: Path) -> None:
        self.origin, self.process, self.environment, self.log = origin, running, environment, log

    def command(self, *arguments: str) -> "subprocess.CompletedProcess[str]":
        """Run ``telepath`` beside the node, with its settings, in French."""
        return telepath(self.environment | {"LC_ALL": "fr_FR.UTF-8"}, *arguments)


@contextmanager
def service(folder: Path, settings: Mapping[str, str], nodes: int = 1) -> Iterator[list[Node]]:
    """The simulator and ``nodes`` nodes with these settings (without their TELEPATH_ prefix, in lower case).

    Each node has an origin of its own, unless ``settings`` name the one of what stands in front of it; they share keys,
    database, bus and storage."""
    issuer_port = free_port()
    issuer = f"http://localhost:{issuer_port}/auth/realms/esante-wallet"
    ports = [free_port() for _ in range(nodes)]
    origins = [settings.get("origin", f"http://localhost:{port}") for port in ports]
    with ExitStack() as stack:
        stack.enter_context(
            process(
                [sys.executable, "-m", "tests.running", "simulator", issuer, str(issuer_port), *origins],
                {},
                f"{issuer}/.well-known/wallet-openid-configuration",
                folder / "simulator.log",
            )
        )
        started = []
        for number, (port, origin) in enumerate(zip(ports, origins, strict=True)):
            common = {"data": str(folder / "data"), "oidc_issuer": issuer, "port": str(port), "origin": origin}
            environment = {f"TELEPATH_{name.upper()}": value for name, value in (common | dict(settings)).items()}
            log = folder / f"node{number}.log"
            health = f"http://localhost:{port}/health"
            running = stack.enter_context(process([*TELEPATH, "serve"], environment, health, log))
            started.append(Node(origin, running, environment, log))
        yield started


def _simulator(issuer: str, port: int, origins: list[str]) -> None:
    client = Client(
        client_id="telepath",
        client_secret="simulator-only",
        name="telepath",
        redirect_uris=tuple(f"{origin}/login/callback" for origin in origins),
        logout_uris=tuple(f"{origin}/login/left" for origin in origins),
        backchannel_logout_uri=f"{origins[0]}/login/backchannel-logout/psc",
    )
    app = create_app(issuer, [client], identities(), production=False)
    uvicorn.run(app, host="127.0.0.1", port=port, log_level="warning")


if __name__ == "__main__":
    _simulator(sys.argv[2], int(sys.argv[3]), sys.argv[4:])
