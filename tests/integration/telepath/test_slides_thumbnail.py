"""The small picture of a slide: of tiles that come shrunk where they can, and never of more than it may look at."""

import numpy as np
import pytest
from numpy.typing import NDArray

from telepath.slides import coding
from telepath.slides.pyramid import Level, Pyramid
from telepath.slides.thumbnail import MAX_PIXELS, thumbnail

TILE = 64


class Painted:
    """A slide of one level whose colours go from left to right and from top to bottom; says how it was asked."""

    def __init__(self, width: int, height: int) -> None:
        self.pyramid = Pyramid((Level(width=width, height=height, downsample=1.0, tile_width=TILE, tile_height=TILE),))
        self.asked: set[int] = set()

    def pixels(self, _level: int, column: int, row: int, shrink: int) -> NDArray[np.uint8]:
        self.asked.add(shrink)
        level = self.pyramid.levels[0]
        made = np.zeros((TILE, TILE, 3), np.uint8)
        made[:, :, 0] = (column * TILE + np.arange(TILE)) * 255 // (level.width + TILE)
        made[:, :, 1] = ((row * TILE + np.arange(TILE)) * 255 // (level.height + TILE))[:, np.newaxis]
        shrunk: NDArray[np.uint8] = (
            made.reshape(TILE // shrink, shrink, -1, shrink, 3).mean(axis=(1, 3)).astype(np.uint8)
        )
        return shrunk


@pytest.mark.parametrize(("width", "height"), [(1000, 700), (1023, 1021), (640, 64), (2055, 3), (1024, 513)])
def test_shrunk_tiles_give_the_same_picture(width: int, height: int) -> None:
    slide = Painted(width, height)
    whole = thumbnail(slide.pyramid, slide.pixels, side=32)
    assert slide.asked == {1}
    shrunk = thumbnail(slide.pyramid, slide.pixels, side=32, shrinks=coding.SHRINKS)
    assert slide.asked == {1, 8}
    assert whole is not None
    assert shrunk is not None
    first, second = coding.decode(whole).astype(int), coding.decode(shrunk).astype(int)
    assert first.shape == second.shape
    assert (
        np.abs(first - second).max() <= 16
    )  # a px of it is 16 or more of the slide, and shrunk ones lie in one or the next
    assert np.abs(first - second).mean() <= 4


def test_tiles_are_not_shrunk_below_what_the_picture_shows() -> None:
    slide = Painted(200, 100)
    assert thumbnail(slide.pyramid, slide.pixels, side=32, shrinks=coding.SHRINKS) is not None
    assert slide.asked == {2}


def test_no_picture_is_made_of_more_than_can_be_looked_at() -> None:
    side = int(MAX_PIXELS**0.5)
    slide = Painted(side * 3, side * 3)
    assert thumbnail(slide.pyramid, slide.pixels) is None
    assert not slide.asked
