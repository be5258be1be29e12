"""What a node keeps out of its memory: the libraries that read slides, draw and typeset belong to other processes; and what
only some installations use, or only a first start, is loaded there alone."""

import subprocess
import sys
from pathlib import Path

import psutil  # type: ignore[import-untyped]

from tests import running
from tests.login import free_port
from tests.running import ROOT

AT_REST = 100.0
"""MB (PSS) of a node with the embedded defaults, at most; of a busy machine, so without asking for tiles."""
ELSEWHERE = [
    "openslide",
    "tifffile",
    "pydicom",
    "imagecodecs",
    "numpy",
    "PIL",
    "simplejpeg",
    "typst",
    "zxingcpp",
    "pypdfium2",
    "boto3",
    "botocore",
    "redis",
    "psycopg",
    "alembic",
    "mako",
    "pygments",
]


def test_a_node_loads_no_library_that_another_process_or_installation_uses() -> None:
    program = f"import sys, web.cli; print(*sorted(set({ELSEWHERE!r}) & set(sys.modules)))"
    told = subprocess.run([sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, check=True)
    assert told.stdout.split() == []


def test_a_node_with_the_embedded_defaults_is_small(tmp_path: Path) -> None:
    """Its second start: the first one made the database."""
    assert running.telepath({"TELEPATH_DATA": str(tmp_path)}, "migrate").returncode == 0
    port = free_port()
    settings = {"DATA": str(tmp_path), "PORT": str(port), "ORIGIN": f"http://localhost:{port}", "LOG_LEVEL": "error"}
    environment = {f"TELEPATH_{name}": value for name, value in settings.items()}
    ready = f"http://localhost:{port}/health"
    with running.process([*running.TELEPATH, "serve"], environment, ready, tmp_path / "log") as node:
        assert psutil.Process(node.pid).memory_full_info().pss / 1e6 <= AT_REST
