"""What a node keeps out of its memory: the libraries that read slides, draw and typeset belong to other processes."""

import subprocess
import sys

from tests.running import ROOT

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
]


def test_a_node_loads_no_library_that_reads_draws_or_typesets() -> None:
    program = f"import sys, web.cli; print(*sorted(set({ELSEWHERE!r}) & set(sys.modules)))"
    told = subprocess.run([sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, check=True)
    assert told.stdout.split() == []
