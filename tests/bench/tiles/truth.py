"""How true tiles are: stored ones beside OpenSlide's pixels, those of a missing level beside a reference made by Lanczos."""

import io
import math
from collections.abc import Mapping, Sequence
from itertools import islice
from typing import Final

import numpy as np
import openslide
import simplejpeg
from numpy.typing import NDArray
from openslide.deepzoom import DeepZoomGenerator
from PIL import Image

from telepath.slides import coding
from telepath.slides.catalogue import Slide
from telepath.slides.tile_index import Halved
from tests.bench.tiles.load import fetched
from tests.bench.tiles.making import deep_zoom_level
from tests.bench.tiles.node import House, Tile, distinct_tiles, stored_levels
from tests.bench.tiles.rows import Row, at_most
from tests.bench.tiles.servers import Server

MARGIN: Final = 16
"""Pixels around a tile that the reference's filter sees too."""

Colours = NDArray[np.uint8]


def losses(house: House, node: Server, slide: Slide, tiles: Sequence[Tile]) -> list[Row]:
    """PSNR of made tiles against Lanczos of the finer stored level, as they are sent; beside DeepZoomGenerator's in the JPEG of
    its app, and in the JPEG that ours has, which leaves the difference of the filters alone."""
    index = house.index(slide)
    opened = openslide.OpenSlide(house.file(slide))
    source = DeepZoomGenerator(opened, tile_size=256, overlap=0)
    found = []
    for (_, answer, body), tile in zip(fetched(house.asked(node, slide, tiles)), tiles, strict=True):
        assert answer.status == 200
        way = index.header.ways[tile[0]]
        assert isinstance(way, Halved)
        reference = _reference(opened, round(index.header.levels[way.of].downsample), way.factor, tile)
        made = source.get_tile(deep_zoom_level(slide, tile[0]), tile[1:])
        app, same = _jpeg(made, quality=75), _jpeg(made, quality=coding.QUALITY, subsampling=2)
        found.append([_psnr(reference, simplejpeg.decode_jpeg(one)) for one in (body, app, same)])
    ours, app_s, same_s = (float(one) for one in np.mean(found, 0))
    return [
        at_most(f"its loss: {ours:.2f} dB, the Deep Zoom app's tile {app_s:.2f} dB", app_s - ours, 0.3, "dB"),
        at_most(f"the same, theirs in JPEG of our quality: {same_s:.2f} dB", same_s - ours, 0.3, "dB"),
    ]


def _jpeg(picture: Image.Image, **how: int) -> bytes:
    written = io.BytesIO()
    picture.save(written, "jpeg", **how)
    return written.getvalue()


def _reference(opened: openslide.OpenSlide, downsample: int, factor: int, tile: Tile) -> Colours:
    """The tile's region of the finer level with some around it, made smaller by Lanczos, and cut."""
    number = opened.get_best_level_for_downsample(downsample * 1.01)
    side, margin = 256 * factor, MARGIN * factor
    corner = tile[1] * side - margin, tile[2] * side - margin
    place = corner[0] * downsample, corner[1] * downsample
    found = opened.read_region(place, number, (side + 2 * margin,) * 2).convert("RGB")
    small = found.resize((256 + 2 * MARGIN,) * 2, Image.Resampling.LANCZOS)
    return np.asarray(small)[MARGIN:-MARGIN, MARGIN:-MARGIN]


def _psnr(one: Colours, other: Colours) -> float:
    error = float(np.mean((one.astype(np.float64) - other.astype(np.float64)) ** 2))
    return 10 * math.log10(255**2 / max(error, 1e-9))


def exactness(house: House, node: Server, kinds: Mapping[str, Slide], count: int) -> list[Row]:
    """The largest difference of any sample of stored tiles to OpenSlide's pixels, where the level's step is a whole number."""
    rows = []
    for kind, slide in kinds.items():
        pyramid, opened = house.index(slide).header.levels, openslide.OpenSlide(house.file(slide))
        levels = [
            level
            for level in stored_levels(house.index(slide))
            if pyramid[level].downsample in opened.level_downsamples and pyramid[level].downsample.is_integer()
        ]
        tiles = [tile for level in levels for tile in islice(distinct_tiles(slide, [level], 5), count)]
        worst = 0
        for (_, answer, body), (level, column, row) in zip(
            fetched(house.asked(node, slide, tiles)), tiles, strict=True
        ):
            assert answer.status == 200
            grid = pyramid[level]
            place = round(column * 256 * grid.downsample), round(row * 256 * grid.downsample)
            number = opened.level_downsamples.index(grid.downsample)
            expected = np.asarray(opened.read_region(place, number, (256, 256)).convert("RGB"))
            found = simplejpeg.decode_jpeg(body)
            worst = max(worst, int(np.abs(found.astype(np.int16) - expected.astype(np.int16)).max()))
        rows.append(Row(f"exactness, {kind}, {len(tiles)} tiles", "difference 0 to OpenSlide", str(worst), worst == 0))
    return rows
