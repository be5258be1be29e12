"""Tiles that are made of others, and levels that are made smaller: telepath/slides/rendering.py."""

from collections.abc import Sequence

import numpy as np
import pytest
from numpy.typing import NDArray

from telepath.errors import TileUnreadable
from telepath.slides import coding, fluorescence, rendering
from telepath.slides.messages import Coding, ComposeTile
from telepath.slides.pyramid import Channel

SIDE = 64
COUNTED = Channel(name="DAPI", colour="#0000ff", lowest=0, highest=255, low=0, high=255)
DEEP = Channel(name="FITC", colour="#00ff00", lowest=100, highest=60_000, low=100, high=60_000, companded=True)
COLOURS = [(200, 60, 120), (90, 150, 220), (240, 240, 235), (60, 30, 90)]


def flat(colour: tuple[int, int, int], width: int = SIDE, height: int = SIDE) -> bytes:
    return coding.one_colour(width, height, colour)


def half(
    pictures: Sequence[bytes], *, light: Channel | None = None, how: Coding = Coding.JPEG, shrink: int = 2
) -> bytes:
    asked = ComposeTile(
        pictures=tuple(pictures),
        across=shrink,
        width=SIDE,
        height=SIDE,
        shrink=shrink,
        light=light,
        background="#f0e8e0",
        coding=how,
    )
    return rendering.compose(asked)


def middles(pixels: NDArray[np.uint8], across: int = 2) -> list[list[int]]:
    """The colour in the middle of each part, row by row."""
    side = SIDE // across
    places = range(side // 2, SIDE, side)
    return [pixels[row, column].tolist() for row in places for column in places]


def test_four_tiles_become_one_each_in_its_place() -> None:
    found = coding.decode(half([flat(colour) for colour in COLOURS]))
    assert found.shape == (SIDE, SIDE, 3)
    assert np.allclose(middles(found), COLOURS, atol=4)


def test_sixteen_tiles_become_one() -> None:
    colours = [COLOURS[number % 3] for number in range(16)]
    found = coding.decode(half([flat(colour) for colour in colours], shrink=4))
    assert np.allclose(middles(found, 4), colours, atol=6)


def test_where_nothing_was_scanned_there_is_the_background_though_the_tile_before_had_tissue() -> None:
    half([flat(COLOURS[3])] * 4)
    found = coding.decode(half([flat(COLOURS[0]), b"", b"", flat(COLOURS[1])]))
    assert np.allclose(middles(found), [COLOURS[0], (240, 232, 224), (240, 232, 224), COLOURS[1]], atol=4)


def test_where_nothing_was_scanned_a_channel_is_dark() -> None:
    grey = coding.encode(np.full((SIDE, SIDE), 180, np.uint8))
    found = coding.decode(half([grey, b"", grey, b""], light=COUNTED), grey=True)
    assert found.shape == (SIDE, SIDE)
    assert np.allclose([found[16, 16], found[16, 48], found[48, 16], found[48, 48]], [180, 0, 180, 0], atol=2)


def test_dots_of_light_stay_as_bright_in_the_mean_as_they_are() -> None:
    light = np.full((SIDE, SIDE), 100, np.uint16)
    light[::2, ::2] = 60_000
    dots = coding.encode(fluorescence.eight_bits(light, DEEP), quality=100)
    found = fluorescence.samples(coding.decode(half([dots] * 4, light=DEEP), grey=True), DEEP)
    assert np.allclose(found[4:-4, 4:-4], light.mean(), rtol=0.03)


def test_light_of_another_size_is_shown_nowhere() -> None:
    grey, small = (coding.encode(np.full((side, SIDE), 180, np.uint8)) for side in (SIDE, SIDE - 2))
    with pytest.raises(TileUnreadable):
        half([grey, small, grey, grey], light=DEEP)


def test_the_same_for_a_thin_link() -> None:
    assert half([flat(colour) for colour in COLOURS], how=Coding.AVIF)[4:12] == b"ftypavif"


@pytest.mark.parametrize(
    ("width", "height"), [(SIDE // 2, SIDE // 2), (SIDE - 1, SIDE), (SIDE, SIDE + 8), (2 * SIDE, 2 * SIDE), (SIDE, 8)]
)
def test_a_picture_of_another_size_is_shown_nowhere(width: int, height: int) -> None:
    whole = flat(COLOURS[0])
    with pytest.raises(TileUnreadable):
        half([whole, whole, flat(COLOURS[1], width, height), whole])


@pytest.mark.parametrize("bad", [b"\xff\xd8\xff", b"no picture at all", flat(COLOURS[0])[:-40]])
def test_bytes_that_are_no_whole_picture_make_no_tile(bad: bytes) -> None:
    whole = flat(COLOURS[0])
    with pytest.raises(TileUnreadable):
        half([whole, bad, whole, whole])


@pytest.mark.parametrize("count", [1, 3, 5, 16])
def test_too_many_or_too_few_pictures_make_no_tile(count: int) -> None:
    with pytest.raises(TileUnreadable):
        half([flat(COLOURS[0])] * count)


@pytest.mark.parametrize("factor", [2, 4])
@pytest.mark.parametrize(("shape", "highest"), [((37, 50, 3), 255), ((37, 50), 255), ((37, 50), 65535)])
def test_a_level_that_is_made_smaller_is_the_mean_of_what_each_pixel_covers(
    factor: int, shape: tuple[int, ...], highest: int
) -> None:
    kind = np.uint8 if highest == 255 else np.uint16
    pixels = np.random.default_rng(398).integers(0, highest, shape, kind, endpoint=True)
    found = rendering.shrunk(pixels, factor)
    assert found.dtype == kind
    assert found.shape[:2] == (-(-37 // factor), -(-50 // factor))
    for row, column in np.ndindex(found.shape[:2]):
        covered = pixels[row * factor : (row + 1) * factor, column * factor : (column + 1) * factor]
        assert np.abs(found[row, column] - covered.mean((0, 1))).max() < 0.75
