"""A seeded sample of the mutants of slides; and that what is looked for would be seen."""

import os
import subprocess
import sys
from pathlib import Path
from random import Random

import numpy as np
import pytest

from tests.builders_slides import encode, levels, pattern
from tests.soak import gauntlet, mutants, originals, slides
from tests.soak.gauntlet import KILLED, Watch

pytestmark = pytest.mark.slow

MUTANTS = 200


@pytest.mark.timeout(600)
def test_no_slide_harms_the_web_process_another_patient_or_another_reader(seed: str) -> None:
    found = slides.run(seed, MUTANTS)
    print(*slides.told(found, 0), sep="\n")
    assert found.mutants == MUTANTS
    assert {outcome.partition(":")[0] for outcome in found.outcomes} == {"let in", "refused"}
    assert found.killed
    assert found.copies["made"]
    assert len(found.waits) >= MUTANTS // KILLED - 1
    slides.check(found, wait=3.0)  # beside other tests; `make soak` measures


def test_a_seed_does_the_same_again(tmp_path: Path) -> None:
    ours = originals.made(tmp_path)
    once, again = ([mutants.mutate(ours[n % 4], Random(n)) for n in range(40)] for _ in range(2))
    assert once == again
    assert len({one.kind for one in once}) > 8


def test_a_file_that_is_opened_outside_would_be_seen(tmp_path: Path) -> None:
    path = tmp_path / "secret.jpg"
    path.write_bytes(b"x")
    (tmp_path / "link").hardlink_to(path)
    watch = Watch(path)
    assert not watch.seen()
    (tmp_path / "link").read_bytes()
    assert watch.seen()
    watch.close()


def test_a_label_that_is_served_would_be_seen(tmp_path: Path) -> None:
    label, *_ = originals.made(tmp_path)
    pieces = gauntlet.windows(label)
    (part,) = label.parts.values()
    assert any(piece in part.data[part.withheld[-1][0] :] for piece in pieces)
    assert gauntlet.shows_label(encode(originals.label()))
    assert not gauntlet.shows_label(encode(pattern(levels(512, 512, (1,))[0], 0, 0)))
    assert not gauntlet.shows_label(encode(np.full((64, 64, 3), 255, np.uint8)))


def test_a_web_process_that_dies_would_be_seen(tmp_path: Path) -> None:
    """A node whose originals cannot be read ends."""
    done = subprocess.run(
        [sys.executable, "-c", "from tests.soak import slides; slides.run('x', 2, 1)"],
        env=os.environ | {"TELEPATH_TEST_SLIDES": str(tmp_path)},
        capture_output=True,
        text=True,
        check=False,
        timeout=110,
    )
    assert "ChildProcessError" in done.stderr
