"""Every format from its file to the tile: looked at, read and drawn by workers that are shut in, as the service does it."""

import shutil
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
import pytest
import tifffile
from numpy.typing import NDArray

from telepath.geometry import Look, View
from telepath.slides import coding, tile_index
from telepath.slides.decoder_pool import DecoderPool
from telepath.slides.messages import Inspection
from telepath.slides.tile_index import Built, Place, Stored, TileIndex
from telepath.slides.tile_request import TileName, request_for
from telepath.slides.tiling import extent
from telepath.storage_local import LocalStorage
from tests import builders_czi, builders_ome
from tests.builders_dicom import write_dicom
from tests.builders_mirax import write_mirax
from tests.builders_ome import picture, write_aperio_2000, write_plain, write_sparse
from tests.builders_slides import write_svs

WHOLE = picture(1500, 1000)
GREY = WHOLE[:, :, 1].copy()
CLOSE = 6.0
"""Mean difference of samples that coding may make."""
LOSSLESS: dict[str, dict[str, Any]] = {
    "jpeg2000": {"reversible": True},
    "webp": {"lossless": True},
    "jpegxl": {"lossless": True},
}
Write = Callable[[Path], Path]


class Laboratory:
    """A slide in the storage, and the workers that open it."""

    def __init__(self, storage: Path, pool: DecoderPool) -> None:
        self.folder, self.pool = storage / "a" / "files", pool
        self.found: Inspection
        self.index: TileIndex
        self.entry = ""

    async def look(self, path: Path) -> Inspection:
        self.entry = path.name
        self.found = await self.pool.inspect(self.folder, path.name)
        self.index = tile_index.load(self.found.index)
        return self.found

    async def tile(self, level: int, column: int, row: int, z: int = 0, channel: int = 0) -> NDArray[np.uint8]:
        """What a viewer is sent, without what lies beyond the slide."""

        async def read(place: Place) -> bytes:
            data = (self.folder / place.name).read_bytes()
            return data[place.offset : place.offset + place.length]

        if isinstance(self.index.header.ways[level], Stored):
            stream = self.index.picture(level, await read(self.index.locate(level, column, row, z, channel)))
        else:
            name = TileName(level, column, row, z, channel)
            stream = await self.pool.tile("a/files", name.text, lambda: request_for(self.index, name, read))
        width, height = extent(self.found.pyramid.levels[level], column, row)
        return coding.decode(stream, grey=bool(self.found.channels))[:height, :width]

    async def level(self, number: int) -> NDArray[np.uint8]:
        """All of it."""
        grid = self.found.pyramid.levels[number]
        rows = [
            np.concatenate([await self.tile(number, column, row) for column in range(grid.columns)], axis=1)
            for row in range(grid.rows)
        ]
        return np.concatenate(rows)

    async def field(self, view: View) -> NDArray[np.uint8]:
        return coding.decode(await self.pool.field("a/files", self.entry, view))


@pytest.fixture
async def laboratory(tmp_path: Path) -> AsyncIterator[Laboratory]:
    (tmp_path / "a" / "files").mkdir(parents=True)
    storage = LocalStorage(tmp_path)
    async with DecoderPool(storage, 1, tile_seconds=60) as pool:
        yield Laboratory(tmp_path, pool)
    await storage.close()


def plain(compression: str) -> Write:
    return lambda folder: write_plain(
        folder / "slide.tif", WHOLE, compression=compression, compressionargs=LOSSLESS.get(compression)
    )


COLOURS: dict[str, Write] = {
    **{f"TIFF {one}": plain(one) for one in ("jpeg", "deflate", "webp", "jpeg2000", "jpegxr", "jpegxl")},
    "OME-TIFF": lambda folder: builders_ome.write_colour(folder / "slide.ome.tiff", compression="deflate"),
    "SVS": lambda folder: write_svs(folder / "slide.svs"),
    "SVS RGB": lambda folder: write_svs(folder / "slide.svs", rgb=True),
    "SVS 33003": lambda folder: write_aperio_2000(folder / "slide.svs", ycbcr=True),
    "SVS 33005": lambda folder: write_aperio_2000(folder / "slide.svs", ycbcr=False),
    "CZI": lambda folder: builders_czi.write_colour(folder / "slide.czi"),
    "CZI JPEG XR": lambda folder: builders_czi.write_blocks(
        folder / "slide.czi", list(builders_czi.mosaic(WHOLE, x=-90, y=40, steps=(1, 2)))
    ),
    "DICOM JPEG": lambda folder: write_dicom(
        folder / "slide.dcm", [[WHOLE]], photometric="YBR_FULL_422", syntax="1.2.840.10008.1.2.4.50"
    ),
    "DICOM JPEG-LS": lambda folder: write_dicom(
        folder / "slide.dcm", [[WHOLE]], photometric="RGB", syntax="1.2.840.10008.1.2.4.80"
    ),
    "DICOM HTJ2K": lambda folder: write_dicom(
        folder / "slide.dcm", [[WHOLE]], photometric="YBR_RCT", syntax="1.2.840.10008.1.2.4.201"
    ),
}


@pytest.mark.parametrize("name", COLOURS)
async def test_tiles_of_every_level_show_the_slide(laboratory: Laboratory, name: str) -> None:
    found = await laboratory.look(COLOURS[name](laboratory.folder))
    width, height = found.pyramid.width, found.pyramid.height
    whole = picture(width, height)
    assert found.thumbnail is not None
    for number, level in enumerate(found.pyramid.levels):
        if isinstance(laboratory.index.header.ways[number], Built):
            continue
        step = round(level.downsample)
        column, row = min(1, level.columns - 1), min(1, level.rows - 1)
        shown = (await laboratory.tile(number, column, row)).astype(int)
        top, left = row * level.tile_height * step, column * level.tile_width * step
        part = whole[top:, left:][: shown.shape[0] * step, : shown.shape[1] * step]
        # "blue" of the pattern changes with its tile: red and green alone are the same at every scale.
        expected = builders_czi.reduced(part, step).astype(int)
        shown = shown[: expected.shape[0], : expected.shape[1]]
        if not name.startswith("SVS") or "330" in name:
            assert np.abs(shown - expected).mean() < CLOSE, number
        else:
            assert np.abs(shown - expected)[:, :, :2].mean() < CLOSE, number
    field = await laboratory.field(View(width / 2, height / 2, 400, 300))
    assert field.shape == (300, 400, 3)
    expected = whole[height // 2 - 150 : height // 2 + 150, width // 2 - 200 : width // 2 + 200].astype(int)
    assert np.abs(field - expected)[:, :, :2].mean() < CLOSE


LIGHT: dict[str, Write] = {
    "OME-TIFF": lambda folder: builders_ome.write_fluorescence(folder / "slide.ome.tiff", planes=3, compression="lzw"),
    "CZI": lambda folder: builders_czi.write_fluorescence(folder / "slide.czi"),
    "DICOM": lambda folder: write_dicom(
        folder / "slide.dcm",
        [[builders_ome.light(900, 700, 1, channel, z) for z in range(3)] for channel in range(2)],
        photometric="MONOCHROME2",
    ),
}


@pytest.mark.parametrize("name", LIGHT)
async def test_channels_and_planes_come_apart_and_pictures_show_them_together(
    laboratory: Laboratory, name: str
) -> None:
    found = await laboratory.look(LIGHT[name](laboratory.folder))
    assert (len(found.channels) >= 2, found.planes) == (True, 3)
    for z in range(3):
        for number, channel in enumerate(found.channels):
            shown = await laboratory.tile(0, 1, 1, z, number)
            samples = builders_ome.light(found.pyramid.width, found.pyramid.height, 1, number, z)[256:512, 256:512]
            share = np.sqrt(np.clip(samples / channel.highest, 0, 1)) * 255
            assert np.abs(shown - share).mean() < 2
    middle = View(found.pyramid.width / 2, found.pyramid.height / 2, 400, 300)
    field = await laboratory.field(middle)
    small = coding.decode(found.thumbnail or b"")
    for shown in (field, small):
        assert shown.min() < 20
        assert shown.max() > 200
        assert len({int(value) for value in shown.argmax(axis=2).flat}) >= 2  # more than one of the colours
    turned = await laboratory.field(View(middle.x, middle.y, middle.width, middle.height, rotation=180))
    assert np.abs(turned[::-1, ::-1].astype(int) - field).mean() < 3
    left, top = round(middle.x) - 200, round(middle.y) - 150
    for plane in (0, 2, 9):  # of a plane that there is not it is the middle one
        look = Look(z=plane, channels="1:00ff00:100:4000")
        alone = await laboratory.field(msgspec.structs.replace(middle, look=look))
        size = found.pyramid.width, found.pyramid.height
        samples = builders_ome.light(*size, 1, 1, plane if plane < 3 else 1)[top : top + 300, left : left + 400]
        assert alone[:, :, (0, 2)].mean() < 3, "one channel, in green"
        assert np.abs(alone[:, :, 1] - np.clip((samples - 100.0) / 3900, 0, 1) * 255).mean() < 3


EMPTY = 1024
"""px from the left where nothing was scanned."""


def sparse_czi(folder: Path) -> Path:
    right = picture(2048, 1024)[:, EMPTY:]
    corner = np.full((8, 8, 3), 255, np.uint8)
    blocks = [builders_czi.Block(x=0, y=0, pixels=corner), *builders_czi.mosaic(right, x=EMPTY, steps=(1, 2, 4))]
    return builders_czi.write_blocks(folder / "slide.czi", blocks)


def sparse_philips(folder: Path, source: Path) -> Path:
    """The first column of tiles of every level is taken out of a real file."""
    path = folder / "slide.tiff"
    path.write_bytes(source.read_bytes())
    with tifffile.TiffFile(path) as file:
        pages = [page for page in (one.aspage() for one in file.pages) if page.is_tiled]
        places = []
        for page in pages:
            across = -(-page.imagewidth // page.tilewidth)
            for tag in (page.tags[324], page.tags[325]):
                size = {3: 2, 4: 4, 16: 8}[tag.dtype]
                places += [(tag.valueoffset + size * number, size) for number in range(0, tag.count, across)]
    with path.open("r+b") as file:
        for place, size in places:
            file.seek(place)
            file.write(bytes(size))
    return path


SPARSE: dict[str, Write] = {
    "OME-TIFF": lambda folder: write_sparse(folder / "slide.ome.tiff", EMPTY),
    "CZI": sparse_czi,
    "DICOM": lambda folder: write_dicom(
        folder / "slide.dcm",
        [[picture(2048, 1024)]],
        photometric="RGB",
        sparse=[(column, row) for column in range(EMPTY // 256, 8) for row in range(4)],
    ),
    "DICOM JPEG": lambda folder: write_dicom(
        folder / "slide.dcm",
        [[picture(2048, 1024)]],
        photometric="YBR_FULL_422",
        syntax="1.2.840.10008.1.2.4.50",
        sparse=[(column, row) for column in range(EMPTY // 256, 8) for row in range(4)],
    ),
    "MIRAX": lambda folder: write_mirax(folder, "slide", empty=EMPTY // 256),
}


@pytest.mark.parametrize("name", SPARSE)
async def test_where_nothing_was_scanned_there_is_white_glass_at_every_level(laboratory: Laboratory, name: str) -> None:
    found = await laboratory.look(SPARSE[name](laboratory.folder))
    looked = 0
    for number, level in enumerate(found.pyramid.levels):
        edge = int(EMPTY / level.downsample)
        if isinstance(laboratory.index.header.ways[number], Built) or edge < 200:
            continue
        shown = await laboratory.level(number)
        assert shown[16:, 16 : edge - 16].min() >= 250, number
        assert shown[:, edge + 16 :].min() < 200
        looked += 1
    assert looked >= 1
    field = await laboratory.field(View(EMPTY / 2, 500, 600, 400))
    assert field.min() >= 250
    beyond = await laboratory.field(View(-2000, -2000, 600, 400))
    assert beyond.min() == 255
    small = coding.decode(found.thumbnail or b"")
    assert small[8:, 8 : small.shape[1] // 3].min() >= 250


async def test_what_a_philips_scanner_left_out_is_white(
    laboratory: Laboratory, real_slide: Callable[[str], Path]
) -> None:
    found = await laboratory.look(sparse_philips(laboratory.folder, real_slide("crafted/philips/HE-philips.tiff")))
    for number, level in enumerate(found.pyramid.levels):
        if not isinstance(laboratory.index.header.ways[number], Built):
            assert (await laboratory.tile(number, 0, 0))[:64, :64].min() >= 250, (number, level)


async def test_a_dark_background_in_a_file_is_not_believed(laboratory: Laboratory) -> None:
    path = SPARSE["MIRAX"](laboratory.folder)
    told = path.with_suffix("") / "Slidedat.ini"
    told.write_text(told.read_text("utf-8-sig").replace("16777215", "0"), encoding="utf-8-sig")
    assert (await laboratory.look(path)).background == "#ffffff"
    assert (await laboratory.tile(0, 1, 1)).min() == 255


async def test_a_light_background_of_a_scanner_is_its_own(laboratory: Laboratory) -> None:
    path = SPARSE["MIRAX"](laboratory.folder)
    told = path.with_suffix("") / "Slidedat.ini"
    told.write_text(told.read_text("utf-8-sig").replace("16777215", str(0xF0E8E0)), encoding="utf-8-sig")
    assert (await laboratory.look(path)).background == "#e0e8f0"
    shown = await laboratory.tile(0, 1, 1)
    assert np.abs(shown[100, 100].astype(int) - (0xE0, 0xE8, 0xF0)).max() <= 2


REAL = (
    "aperio/CMU-1-Small-Region.svs",
    "hamamatsu-ndpi/test3-DAPI-2-(387).ndpi",
    "dicom-wsi/camelyon_jpeg.dcm",
    "crafted/generic/HE-pyramid.tiff",
    "crafted/generic/HE-pyramid-bigtiff-be.tiff",
    "crafted/philips/HE-philips.tiff",
    "crafted/ndpi/HE-ndpi.ndpi",
    "crafted/mirax/HE-mirax.mrxs",
)


@pytest.mark.parametrize("name", REAL)
async def test_a_real_slide_shows_the_same_at_every_level_and_in_its_pictures(
    laboratory: Laboratory, real_slide: Callable[[str], Path], name: str
) -> None:
    source = real_slide(name)
    path = laboratory.folder / f"slide{source.suffix}"
    shutil.copy(source, path)
    if source.suffix == ".mrxs":
        shutil.copytree(source.with_suffix(""), laboratory.folder / "slide")
    found = await laboratory.look(path)
    middle = View(found.pyramid.width / 2, found.pyramid.height / 2, found.pyramid.width, found.pyramid.height)
    field = await laboratory.field(middle)
    colours = field.mean(axis=(0, 1))
    assert field.std() > 3
    for number, way in enumerate(laboratory.index.header.ways):
        if not isinstance(way, Built):
            shown = await laboratory.level(number)
            assert np.abs(shown.mean(axis=(0, 1)) - colours).max() < 8, number
    small = coding.decode(found.thumbnail or b"")
    assert np.abs(small.mean(axis=(0, 1)) - colours).max() < 8
