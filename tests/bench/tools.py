"""The programs that the bench of tiles needs besides those of the tests: ``python -m tests.bench.tools`` gets them.

wrk asks, h2load asks by HTTP/2, iipsrv and nginx are peers: Debian's packages, as root. The peers in Python have an environment
of their own (requirements-bench.lock), which ``make bench`` makes. What is missing is told; the bench goes on without it."""

import os
import shutil
import subprocess
import sys
import sysconfig
from pathlib import Path
from typing import Final

from tests import tools

IIPSRV: Final = Path("/usr/lib/iipimage-server/iipsrv.fcgi")
HEADER: Final = Path(sysconfig.get_path("include")) / "Python.h"
"""large_image's reader of TIFF is built where it is installed."""
PEERS: Final = Path(sys.prefix) / "peers" / "bin"
"""Programs of the peers' own environment."""


def found() -> dict[str, str | None]:
    """Where each program is, by the Debian package that brings it."""
    return {
        "wrk": shutil.which("wrk"),
        "nghttp2-client": shutil.which("h2load"),
        "iipimage-server": str(IIPSRV) if IIPSRV.exists() else None,
        "nginx-light": tools.nginx(),
        "gcc": shutil.which("gcc"),
        "python3-dev": str(HEADER) if HEADER.exists() else None,
    }


def gunicorn() -> str | None:
    path = PEERS / "gunicorn"
    return str(path) if path.exists() else None


def missing() -> list[str]:
    """The packages of what is not there."""
    return [package for package, path in found().items() if path is None]


def main() -> None:
    wanted = missing()
    if wanted and os.geteuid() == 0 and shutil.which("apt-get"):
        environment = os.environ | {"DEBIAN_FRONTEND": "noninteractive"}
        subprocess.run(["apt-get", "update", "-qq"], env=environment, check=False)
        subprocess.run(["apt-get", "install", "-y", "-qq", *wanted], env=environment, check=False, stdout=sys.stderr)
    if wanted := missing():
        print(f"The bench goes on without some peers. To have them: sudo apt-get install {' '.join(wanted)}")


if __name__ == "__main__":
    main()
