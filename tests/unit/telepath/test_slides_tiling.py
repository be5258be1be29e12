from hypothesis import given
from hypothesis import strategies as st

from telepath.geometry import Region
from telepath.slides.pyramid import Level, Pyramid
from telepath.slides.tiling import Tile, exists, extent, region_of, tiles_over

SLIDE = Pyramid(
    (
        Level(width=2050, height=1500, downsample=1.0, tile_width=256, tile_height=256),
        Level(width=512, height=375, downsample=4.0, tile_width=240, tile_height=120),
    )
)


def test_a_tile_at_the_edge_shows_only_what_lies_on_the_slide() -> None:
    assert extent(SLIDE.levels[0], 8, 5) == (2, 220)
    assert region_of(SLIDE, Tile(0, 8, 5)) == Region(x=2048, y=1280, width=2, height=220)


def test_a_tile_of_a_coarse_level_covers_more_of_the_slide() -> None:
    assert region_of(SLIDE, Tile(1, 1, 2)) == Region(x=960, y=960, width=960, height=480)


def test_tiles_beyond_the_grid_or_the_levels_do_not_exist() -> None:
    assert exists(SLIDE, Tile(1, 2, 3))
    assert not exists(SLIDE, Tile(1, 3, 0))
    assert not exists(SLIDE, Tile(2, 0, 0))
    assert not exists(SLIDE, Tile(-1, 0, 0))


def test_a_view_beyond_the_slide_needs_no_tile() -> None:
    assert list(tiles_over(SLIDE, 0, Region(5000, 5000, 100, 100))) == []


@given(
    x=st.floats(-500, 2500),
    y=st.floats(-500, 2000),
    width=st.floats(1, 900),
    height=st.floats(1, 900),
    level=st.integers(0, 1),
)
def test_the_tiles_over_a_region_are_those_that_touch_it(
    x: float, y: float, width: float, height: float, level: int
) -> None:
    grid = SLIDE.levels[level]
    found = set(tiles_over(SLIDE, level, Region(x, y, width, height)))
    for row in range(grid.rows):
        for column in range(grid.columns):
            left, top = column * grid.tile_width * grid.downsample, row * grid.tile_height * grid.downsample
            right, bottom = left + grid.tile_width * grid.downsample, top + grid.tile_height * grid.downsample
            touches = left < x + width and x < right and top < y + height and y < bottom
            assert (Tile(level, column, row) in found) == touches
