"""Autobahn's test suite: got from PyPI into an environment of its own, for it needs Python 2.7; run; and its report read."""

import asyncio
import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Final

import msgspec

from tests.tools import ToolMissing

HOME: Final = Path(sys.prefix) / "autobahn"
MAKER: Final = Path(sys.prefix) / "autobahn-virtualenv"
"""Apart: what it needs must not replace what the tests' own environment has."""
VIRTUALENV: Final = "virtualenv==20.21.1"
"""The last ones that make environments of Python 2.7 come before 20.22."""
SUITE: Final = "autobahntestsuite==25.10.1"
PYTHON: Final = "python2.7"
COMPRESSION: Final = ("12.*", "13.*")
"""Cases of permessage-deflate, which is never agreed."""
PASSED: Final = frozenset({"OK", "NON-STRICT", "INFORMATIONAL"})
"""NON-STRICT: the right answer, in an order that the standard leaves open. INFORMATIONAL: there is no wrong answer."""


class Case(msgspec.Struct, frozen=True):
    """What came of one case."""

    number: str
    behaviour: str
    closing: str
    """How the connection ended; the case itself may be well."""

    @property
    def passed(self) -> bool:
        return self.behaviour in PASSED and self.closing in PASSED

    @property
    def order(self) -> list[int]:
        return [int(part) for part in self.number.split(".")]


def require_python() -> None:
    """Raises ToolMissing: there is no Python 2.7 on PATH that runs."""
    try:
        # A name on PATH may be a switch that leads to no Python.
        found = subprocess.run([PYTHON, "-c", ""], capture_output=True, check=False).returncode == 0
    except OSError:
        found = False
    if not found:
        raise ToolMissing(
            f"no {PYTHON} on PATH: Autobahn's test suite runs on nothing newer. Install one (Debian 11 and pyenv have it), "
            "put its folder on PATH and run `make conformance` again"
        )


def suite() -> Path:
    """Its program, installed now if it was not. Raises ToolMissing: it cannot be had."""
    require_python()
    program, done = HOME / "bin" / "wstest", HOME / "done"
    if done.exists() and done.read_text() == SUITE:
        return program
    done.unlink(missing_ok=True)
    alone = os.environ | {"PYTHONPATH": str(MAKER)}
    try:
        for command, environment in (
            (
                [sys.executable, "-m", "pip", "install", "-q", "--upgrade", "--target", str(MAKER), VIRTUALENV],
                os.environ,
            ),
            ([sys.executable, "-m", "virtualenv", "-q", "-p", PYTHON, str(HOME)], alone),
            ([str(HOME / "bin" / "pip"), "install", "-q", "--no-python-version-warning", SUITE], os.environ),
        ):
            subprocess.run(command, env=environment, check=True, stdout=sys.stderr)
    except subprocess.CalledProcessError as error:
        raise ToolMissing(f"{SUITE} cannot be installed from PyPI: the lines above say why") from error
    done.write_text(SUITE)
    return program


async def run(program: Path, port: int, ways: tuple[str, ...], cases: list[str], folder: Path) -> None:
    """Play ``cases`` against each way of the echo on ``port``; the reports, pages too, lie in ``folder`` then."""
    said = {
        "outdir": str(folder),
        "servers": [{"agent": way, "url": f"ws://127.0.0.1:{port}/{way}"} for way in ways],
        "cases": cases,
        "exclude-cases": list(COMPRESSION),
        "exclude-agent-cases": {},
    }
    folder.mkdir(parents=True, exist_ok=True)
    index = folder / "index.json"
    index.unlink(missing_ok=True)  # of the run before
    specification = folder / "specification.json"
    specification.write_text(json.dumps(said))
    command = [str(program), "-m", "fuzzingclient", "-s", str(specification)]
    with (folder / "wstest.log").open("wb") as log:
        process = await asyncio.create_subprocess_exec(*command, stdout=log, stderr=log, cwd=folder)
        try:
            ended = await process.wait()
        finally:
            if process.returncode is None:
                process.terminate()
    if ended or not index.exists():
        raise ToolMissing(f"wstest ended with {ended}: {folder / 'wstest.log'}")


def report(folder: Path) -> dict[str, list[Case]]:
    """What came of each case, by way."""
    found = json.loads((folder / "index.json").read_text())
    return {
        way: sorted(
            (Case(number, said["behavior"], said["behaviorClose"]) for number, said in cases.items()),
            key=lambda case: case.order,
        )
        for way, cases in found.items()
    }
