"""How long the demonstration's first slide takes to draw: what somebody waits for at the very first `make run`.

There is no peer to draw it too: what was measured stands beside the limit that was set for it."""

import asyncio
import os
import resource
import tempfile
import time
from pathlib import Path
from typing import Final

from telepath.slides.synthetic import write_slide
from web.demo import SAMPLES

LIMIT: Final = 120.0
"""Seconds, on two cores."""


def measure(path: Path) -> tuple[float, float]:
    """Seconds from the call to the file's last byte, and those of a processor: on a busy machine only these are comparable."""
    first = SAMPLES[0]
    began, busy = time.perf_counter(), _busy()
    asyncio.run(write_slide(path, width=first.width, height=first.height, seed=first.seed, kind=first.tissue))
    return time.perf_counter() - began, _busy() - busy


def _busy() -> float:
    usages = (resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    return sum(usage.ru_utime + usage.ru_stime for usage in usages)


def main() -> None:
    """Print what was measured; the ratio is to the limit."""
    with tempfile.TemporaryDirectory(prefix="telepath-") as folder:
        path = Path(folder) / "slide.tiff"
        seconds, cpu = measure(path)
        size = path.stat().st_size
    cores = len(os.sched_getaffinity(0))
    print(f"Drawing the demonstration's slide of {SAMPLES[0].width} x {SAMPLES[0].height} px; ratio to {LIMIT:.0f} s")
    print(f"{'':24}" + "".join(f"{column:>12}" for column in ("seconds", "ratio", "CPU s", "cores", "MB")))
    print(f"{'telepath, write_slide':24}{seconds:12.1f}{seconds / LIMIT:12.2f}{cpu:12.1f}{cores:12}{size / 1e6:12.0f}")


if __name__ == "__main__":
    main()
