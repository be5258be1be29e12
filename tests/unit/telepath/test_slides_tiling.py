from telepath.slides.pyramid import Level
from telepath.slides.tiling import extent


def test_a_tile_at_the_edge_shows_only_what_lies_on_the_slide() -> None:
    level = Level(width=2050, height=1500, downsample=1.0, tile_width=256, tile_height=256)
    assert extent(level, 0, 0) == (256, 256)
    assert extent(level, 8, 5) == (2, 220)
