"""What a worker can still do once it is shut in; and that nothing is opened where it cannot be."""

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.builders_slides import write_svs
from tests.tools import require_bubblewrap

ROOT = Path(__file__).parents[3]
PYTHON = (sys.executable, "-P")
LACKING = ("-m", "tests.kernels")
HARMLESS = ["read its slide", "list its folder", "start a thread"]
USERS = [0, 65534] if os.geteuid() == 0 else [os.geteuid()]


@pytest.fixture
def slide() -> Iterator[Path]:
    """A folder with a slide, and ``secret.jpg`` beside it, where any user may walk to."""
    with tempfile.TemporaryDirectory(prefix="telepath-") as storage:
        folder = Path(storage, "slide")
        folder.mkdir(mode=0o700)
        write_svs(folder / "slide.svs").chmod(0o600)
        (folder.parent / "secret.jpg").write_bytes(b"another patient")
        yield folder


def said(*command: str | Path, path: str = "/nowhere") -> list[str]:
    """What a process says that has only these programs at hand."""
    environment = {"PATH": path, "PYTHONPATH": str(ROOT), "OPENBLAS_NUM_THREADS": "1", "PYTHONDONTWRITEBYTECODE": "1"}
    done = subprocess.run(
        [sys.executable, "-P", *map(str, command)],
        env=environment,
        check=False,
        capture_output=True,
        text=True,
        timeout=100,
        cwd="/",
    )
    assert done.returncode == 0, done.stderr
    answer: list[str] = json.loads(done.stdout)
    return answer


def acts(slide: Path, user: int) -> tuple[str, ...]:
    return "acts", str(slide), str(slide.parent / "secret.jpg"), str(user)


@pytest.mark.parametrize("user", USERS)
def test_a_worker_reads_its_slide_and_does_nothing_else(slide: Path, user: int) -> None:
    """Of a service that runs as root, too: then it takes a user of its own, and reads its slide all the same."""
    for path in (slide.parent, slide, slide / "slide.svs", slide.parent / "secret.jpg"):
        os.chown(path, user, user)
    assert said("-m", "tests.shut_in", *acts(slide, user)) == HARMLESS
    assert (slide.parent / "secret.jpg").read_bytes() == b"another patient"


def test_what_is_looked_for_would_be_seen(slide: Path) -> None:
    """Without any protection the same acts succeed."""
    done = said(*LACKING, "landlock,filters,limits", *PYTHON, "-m", "tests.shut_in", *acts(slide, USERS[0]))
    expected = {
        "read a file outside",
        "read the list of users",
        "open a socket",
        "start a process",
        "say with which signal",
    }
    assert expected <= set(done)


@pytest.mark.parametrize(("lacking", "missing"), [("landlock", "files"), ("filters", "network"), ("limits", "limits")])
def test_nothing_is_opened_where_a_protection_is_missing(slide: Path, lacking: str, missing: str) -> None:
    command = (*LACKING, lacking, *PYTHON, "-m", "tests.shut_in", "pool", slide)
    assert said(*command, "required") == [missing, "error-unavailable sandbox"]
    assert said(*command, "optional") == [missing, "passthrough"]


def test_bubblewrap_stands_in_for_landlock(slide: Path) -> None:
    programs = str(Path(require_bubblewrap()).parent)
    command = (*LACKING, "landlock", *PYTHON, "-m", "tests.shut_in", "pool", slide)
    assert said(*command, "required", path=programs)[-1] == "passthrough"
    assert "files" not in said(*command, "required", path=programs)


def test_inside_bubblewrap_nothing_else_is_there(slide: Path) -> None:
    inside = [*PYTHON, "-m", "tests.shut_in", *acts(slide, os.geteuid())]
    command = "import sys, os; from pathlib import Path; from telepath.slides import sandbox;"
    command += f"before = sandbox.bubblewrap(Path({str(slide)!r}));"
    command += f"tests = ['--ro-bind', {str(ROOT / 'tests')!r}, {str(ROOT / 'tests')!r}];"
    command += f"os.execv(before[0], [*before, *tests, *{inside!r}])"
    programs = str(Path(require_bubblewrap()).parent)
    assert said(*LACKING, "landlock", *PYTHON, "-c", command, path=programs) == [*HARMLESS, "list the folder above"]
