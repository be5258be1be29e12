"""Aperio slides of JPEG 2000, beside OpenSlide's pixels."""

from itertools import product
from pathlib import Path

import numpy as np
import pytest
import tifffile

from telepath.errors import TileUnreadable
from telepath.slides import tile_index
from telepath.slides.aperio_reader import AperioReader
from telepath.slides.decoder import OpenSlideReader
from telepath.slides.inspection import inspect
from telepath.slides.readers import open_reader
from tests.builders_ome import write_aperio_2000

WIDTH, HEIGHT = 1600, 1200
LOSSY = {"level": 36, "mct": True}


def slide(folder: Path, side: int = 256, **how: object) -> Path:
    return write_aperio_2000(folder / "slide.svs", ycbcr=False, width=WIDTH, height=HEIGHT, side=side, **how)


def table(path: Path, tag: int) -> tuple[int, int]:
    """Where the finest level's tile offsets (324) or lengths (325) lie, and the bytes of each."""
    with tifffile.TiffFile(path) as file:
        found = file.pages.first.tags[tag]
        return found.valueoffset, {3: 2, 4: 4, 16: 8}[found.dtype]


def write_length(path: Path, number: int, length: int) -> None:
    at, size = table(path, 325)
    with path.open("r+b") as file:
        file.seek(at + number * size)
        file.write(length.to_bytes(size, "little"))


def place(path: Path, number: int) -> tuple[int, int]:
    with tifffile.TiffFile(path) as file:
        return file.pages.first.dataoffsets[number], file.pages.first.databytecounts[number]


def overwrite(path: Path, number: int, at: int, data: bytes) -> None:
    offset, _ = place(path, number)
    with path.open("r+b") as file:
        file.seek(offset + at)
        file.write(data)


@pytest.mark.parametrize(("side", "how"), [(256, {}), (256, LOSSY), (240, LOSSY)])
def test_every_tile_is_openslides_to_the_sample(tmp_path: Path, side: int, how: dict[str, object]) -> None:
    path = slide(tmp_path, side, **how)
    ours, theirs = open_reader(path), OpenSlideReader(path)
    assert isinstance(ours, AperioReader)
    described = ours.describe()
    assert described.downsamples == (1.0, 4.0, 16.0)
    for number, (width, height) in enumerate(described.sizes):
        for x, y in product(range(0, width, side), range(0, height, side)):
            box = x, y, min(side, width - x), min(side, height - y)
            found = ours.pixels(number, *box)
            assert found.shape == (box[3], box[2], 3)
            assert np.array_equal(found, theirs.pixels(number, *box)), (number, box)
    ours.close()
    theirs.close()


@pytest.mark.parametrize(
    "box",
    [
        (256, 0, 512, 512),
        (0, 768, 1600, 432),
        (256, 256, 300, 100),
        (10, 20, 256, 256),
        (1400, 1000, 256, 256),
        (-256, -256, 512, 512),
        (1536, 1024, 256, 256),
    ],
)
def test_other_boxes_are_openslides_too(tmp_path: Path, box: tuple[int, int, int, int]) -> None:
    path = slide(tmp_path)
    ours, theirs = AperioReader(path, OpenSlideReader(path)), OpenSlideReader(path)
    assert np.array_equal(ours.pixels(0, *box), theirs.pixels(0, *box))
    ours.close()
    theirs.close()


def test_a_hole_is_what_openslide_makes_of_it(tmp_path: Path) -> None:
    path = slide(tmp_path)
    write_length(path, 8, 0)  # the second tile of the second row
    ours, theirs = AperioReader(path, OpenSlideReader(path)), OpenSlideReader(path)
    for box in ((256, 256, 256, 256), (0, 0, 512, 512)):
        assert np.array_equal(ours.pixels(0, *box), theirs.pixels(0, *box))
    ours.close()
    theirs.close()


@pytest.mark.parametrize("bad", ["cut", "another size", "subsampled", "no stream", "torn"])
def test_a_bad_tile_is_unreadable_and_the_next_one_is_not(tmp_path: Path, bad: str) -> None:
    path = slide(tmp_path)
    number = 8
    length = place(path, number)[1]
    if bad == "cut":
        write_length(path, number, length // 2)
    elif bad == "another size":
        overwrite(path, number, 8, (60_000).to_bytes(4, "big") * 2)
    elif bad == "subsampled":
        overwrite(path, number, 43, b"\x02")
    elif bad == "no stream":
        overwrite(path, number, 0, bytes(200))
    else:
        overwrite(path, number, 60, bytes(length - 60))
    ours = AperioReader(path, OpenSlideReader(path))
    with pytest.raises(TileUnreadable):
        ours.pixels(0, 256, 256, 256, 256)
    assert ours.pixels(0, 512, 256, 256, 256).shape == (256, 256, 3)
    with pytest.raises(TileUnreadable):
        ours.pixels(0, 0, 0, 512, 512)
    ours.close()


def test_the_slides_own_tiles_are_the_ones_that_are_shown(tmp_path: Path) -> None:
    found = inspect(tmp_path, slide(tmp_path, 240).name)
    levels = tile_index.load(found.index).header.levels
    assert {(level.tile_width, level.tile_height) for level in levels} == {(240, 240)}
    assert {level.downsample for level in levels} == {1, 2, 4, 8, 16}


def test_tiles_too_large_for_a_screen_are_cut_anew(tmp_path: Path) -> None:
    found = inspect(tmp_path, slide(tmp_path, 1024).name)
    assert {level.tile_width for level in tile_index.load(found.index).header.levels} == {256}


def test_luma_and_chroma_stay_openslides(tmp_path: Path) -> None:
    path = write_aperio_2000(tmp_path / "slide.svs", ycbcr=True, width=600, height=400)
    assert isinstance(open_reader(path), OpenSlideReader)
