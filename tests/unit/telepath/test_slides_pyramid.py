import pytest

from telepath.errors import SlideForbidden
from telepath.slides import missing_levels
from telepath.slides.pyramid import MAX_LEVELS, Level, Pyramid


def level(width: int, height: int, *, downsample: float = 1.0, tile: int = 256) -> Level:
    return Level(width=width, height=height, downsample=downsample, tile_width=tile, tile_height=tile)


def test_the_last_column_and_row_of_tiles_may_be_padded() -> None:
    grid = level(1000, 512)
    assert (grid.columns, grid.rows) == (4, 2)


def test_a_level_holds_the_tiles_of_its_grid_and_no_others() -> None:
    grid = level(1000, 512)
    assert grid.holds(3, 1)
    assert not grid.holds(4, 1)
    assert not grid.holds(3, 2)
    assert not grid.holds(-1, 0)


def test_a_real_slide_passes_the_limits() -> None:
    Pyramid((level(180_000, 90_000), level(45_000, 22_500, downsample=4), level(11_250, 5_625, downsample=16))).check()


@pytest.mark.parametrize(
    "levels",
    [
        (),
        (level(2**32, 2**32),),
        (level(900_000, 900_000),),
        (level(0, 10),),
        (level(100_000, 100_000, tile=16_384),),
        (level(1000, 1000, tile=1),),
        (level(1000, 1000, downsample=0),),
        (level(1000, 1000, downsample=float("nan")),),
        (level(1000, 1000),) * (MAX_LEVELS + 1),
    ],
    ids=[
        "none",
        "2^32",
        "too many pixels",
        "empty",
        "huge tile",
        "tiny tile",
        "downsample 0",
        "not a number",
        "levels",
    ],
)
def test_what_no_scanner_makes_is_refused(levels: tuple[Level, ...]) -> None:
    with pytest.raises(SlideForbidden):
        Pyramid(levels).check()


def test_a_file_cannot_declare_planes_and_channels_until_a_node_works_for_ever() -> None:
    built = Level(width=46_000, height=46_000, downsample=8, tile_width=256, tile_height=256, built=True)
    levels = (level(370_000, 370_000), built)
    assert missing_levels.to_build(levels, 1) == 180 * 180
    assert missing_levels.to_build(levels[:1], 256 * 64) == 0
    with pytest.raises(SlideForbidden):
        missing_levels.to_build(levels, 256 * 64)
