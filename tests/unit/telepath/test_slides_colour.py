import json
import struct
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from telepath.slides import colour, pictures
from telepath.slides.profile import LUT_BYTES, State
from tests import colours

VECTORS = json.loads((Path(__file__).parents[2] / "vectors" / "colours.json").read_text())
SCANNERS = colours.scanners()


@pytest.fixture(scope="module")
def stained() -> NDArray[np.uint8]:
    """Colours as of haematoxylin and eosin, of all densities, by the law of Beer and Lambert (Ruifrok and Johnston, 2001)."""
    chance = np.random.default_rng(7)
    blue, pink = chance.uniform(0, 1.6, (2, 150_000, 1))
    light = np.exp(-blue * np.array([0.650, 0.704, 0.286]) * 1.4 - pink * np.array([0.072, 0.990, 0.105]))
    return np.asarray((light * chance.uniform(235, 255, (150_000, 3))).clip(0, 255).astype(np.uint8)[np.newaxis])


def test_the_distance_of_two_colours_is_the_one_that_was_published() -> None:
    pairs = np.array(colours.SHARMA)
    assert np.abs(colours.delta_e(pairs[:, :3], pairs[:, 3:6]) - pairs[:, 6]).max() < 0.0001


@pytest.mark.parametrize("name", SCANNERS)
def test_the_table_shows_what_littlecms_shows(name: str, stained: NDArray[np.uint8]) -> None:
    found = colour.read(SCANNERS[name])
    assert found.profile.state is State.APPLIED
    assert len(found.lut) == LUT_BYTES
    everything = np.random.default_rng(8).integers(0, 256, (1, 100_000, 3), dtype=np.uint8)
    for pixels, most in ((stained, 2), (everything, 2.5)):
        asked = colours.lab_of_srgb(pictures.through(SCANNERS[name], pixels))
        apart = colours.delta_e(colours.lab_of_srgb(colour.applied(found.lut, pixels)), asked)
        assert apart.mean() <= 0.5
        assert apart.max() <= most
        assert colours.delta_e(colours.lab_of_srgb(pixels), asked).mean() > 2 * apart.mean()


def test_the_table_is_read_as_the_viewer_reads_it() -> None:
    steps = np.arange(33**3 * 3)
    lut = ((steps * 7919 + steps // 7 * 104729) % 435 - 90).astype("<i2").tobytes()
    assert list(colour.NODES) == VECTORS["nodes"]
    pixels = np.array([VECTORS["pixels"]], np.uint8)
    assert colour.applied(lut, pixels)[0].tolist() == VECTORS["result"]


def test_a_slide_without_a_profile_has_none() -> None:
    assert colour.read(None) == colour.read(b"") == colour.Colour()


def test_a_profile_of_srgb_needs_no_table() -> None:
    found = colour.read(colours.matrix_profile(colours.SRGB, None, "sRGB IEC61966-2.1"))
    assert (found.profile.state, found.profile.name, found.lut) == (State.SRGB, "sRGB IEC61966-2.1", b"")


@pytest.mark.parametrize("length", [1, 127, 140, 300, 440])
def test_a_profile_that_was_cut_short_is_damaged(length: int) -> None:
    found = colour.read(SCANNERS["Adobe RGB"][:length])
    assert (found.profile.state, found.profile.bytes, found.lut) == (State.DAMAGED, length, b"")


def test_no_mutant_of_a_profile_does_harm() -> None:
    chance = np.random.default_rng(9)
    for name in ("scanner, gamma 1.8", "version 4, parametric"):
        for _ in range(150):
            bent = bytearray(SCANNERS[name])
            for place in chance.integers(0, len(bent), 4):
                bent[place] = int(chance.integers(0, 256))
            found = colour.read(bytes(bent))
            assert len(found.lut) == (LUT_BYTES if found.profile.state is State.APPLIED else 0)


def test_a_profile_of_another_kind_of_picture_is_not_used() -> None:
    profile = bytearray(SCANNERS["Adobe RGB"])
    profile[16:20] = b"CMYK"
    assert colour.read(bytes(profile)).profile.state is State.UNSUITABLE
    assert colour.read(colours.matrix_profile(colours.ADOBE, 2.2, kind="link")).profile.state is State.UNSUITABLE
    assert colour.read(bytes(colour.PROFILE_BYTES + 1)).profile.state is State.UNSUITABLE


def test_a_profile_that_darkens_the_glass_is_damaged() -> None:
    profile = SCANNERS["Adobe RGB"]
    place = profile.index(b"rXYZ", 0, 300)
    start = struct.unpack_from(">I", profile, place + 4)[0]
    dark = bytearray(profile)
    dark[start + 8 : start + 20] = bytes(12)
    assert colour.read(bytes(dark)).profile.state is State.DAMAGED


def test_the_name_of_a_profile_is_one_short_line() -> None:
    found = colour.read(colours.matrix_profile(colours.ADOBE, 2.2, "Scan\x07ner\r\n  <b>" + "x" * 100))
    assert found.profile.name == ("Scan ner <b>" + "x" * 100)[: colour.NAME_LENGTH]
