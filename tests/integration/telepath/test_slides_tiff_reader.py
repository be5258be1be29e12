"""TIFF slides that OpenSlide refuses, or sees half of."""

import io
from pathlib import Path

import numpy as np
import pytest
import tifffile
from PIL import Image

from telepath.errors import SlideUnsupported, TileUnreadable
from telepath.slides import tile_index
from telepath.slides.inspection import inspect
from telepath.slides.readers import open_reader
from telepath.slides.tiff_reader import TiffReader
from telepath.slides.tile_index import Decoded, Source, Stored
from tests.builders_ome import light, picture, write_colour, write_fluorescence, write_ome


@pytest.mark.parametrize("compression", ["deflate", "lzw", "zstd", "jpeg2000", "webp", None])
def test_a_colour_ome_tiff_shows_the_pixels_that_were_written(tmp_path: Path, compression: str | None) -> None:
    lossless = {"jpeg2000": {"reversible": True}, "webp": {"lossless": True}}.get(compression or "")
    path = write_colour(tmp_path / "slide.ome.tiff", compression=compression, compressionargs=lossless)
    found = inspect(tmp_path, path.name)
    assert (found.vendor, found.source, found.mpp) == ("ome-tiff", Source.DECODED, 0.5)
    assert [level.downsample for level in found.pyramid.levels] == pytest.approx([1, 2, 4], rel=0.01)
    reader = open_reader(path)
    for number, step in enumerate((1, 2, 4)):
        whole = picture(3000 // step, 2000 // step, step)
        assert np.array_equal(reader.pixels(number, 300, 200, 400, 250), whole[200:450, 300:700])
    reader.close()


def test_a_jpeg_ome_tiff_is_passed_through(tmp_path: Path) -> None:
    path = write_colour(tmp_path / "slide.ome.tiff", compression="jpeg")
    found = inspect(tmp_path, path.name)
    assert (found.vendor, found.source) == ("ome-tiff", Source.PASSTHROUGH)
    index = tile_index.load(found.index)
    place = index.locate(1, 2, 1)
    stored = path.read_bytes()[place.offset : place.offset + place.length]
    shown = np.asarray(Image.open(io.BytesIO(index.picture(1, stored))).convert("RGB"))
    reader = TiffReader(path)
    assert np.array_equal(shown, reader.pixels(1, 512, 256, 256, 256))
    reader.close()


@pytest.mark.parametrize("planes", [1, 4])
def test_channels_and_planes_are_found(tmp_path: Path, planes: int) -> None:
    path = write_fluorescence(tmp_path / "slide.ome.tiff", planes=planes, compression="deflate")
    found = inspect(tmp_path, path.name)
    assert [channel.name for channel in found.channels] == ["DAPI", "FITC", "Cy3"]
    assert (found.planes, found.plane_spacing) == ((4, 1.5) if planes > 1 else (1, None))
    assert all(channel.companded and channel.low < channel.high <= channel.highest for channel in found.channels)
    assert found.thumbnail is not None
    reader = open_reader(path)
    for z in range(planes):
        for channel in range(3):
            expected = light(1400, 1000, 1, channel, z)[100:300, 200:500]
            assert np.array_equal(reader.pixels(0, 200, 100, 300, 200, z=z, channel=channel), expected)
    with pytest.raises(TileUnreadable):
        reader.pixels(0, 0, 0, 10, 10, z=planes)
    with pytest.raises(TileUnreadable):
        reader.pixels(0, 0, 0, 10, 10, channel=3)
    reader.close()


def test_grey_jpeg_channels_are_passed_through(tmp_path: Path) -> None:
    channels = np.stack([light(1400, 1000, 1, channel, peak=150).astype(np.uint8) for channel in range(2)])
    path = write_ome(tmp_path / "slide.ome.tiff", [channels], "CYX", photometric="minisblack", compression="jpeg")
    found = inspect(tmp_path, path.name)
    index = tile_index.load(found.index)
    assert found.source is Source.PASSTHROUGH
    places = [index.locate(0, 1, 1, channel=channel) for channel in range(2)]
    for channel, place in enumerate(places):
        stored = path.read_bytes()[place.offset : place.offset + place.length]
        shown = np.asarray(Image.open(io.BytesIO(index.picture(0, stored)))).astype(int)
        assert shown.ndim == 2
        assert np.abs(shown - channels[channel][256:512, 256:512]).mean() < 3


def test_the_label_is_a_companion_and_withheld(tmp_path: Path) -> None:
    label = picture(200, 100)
    path = write_ome(
        tmp_path / "slide.ome.tiff",
        [picture(1200, 900)],
        "YXS",
        photometric="rgb",
        compression="jpeg",
        others={"label image": label, "macro image": picture(300, 100)},
    )
    found = inspect(tmp_path, path.name)
    assert found.companions == ("label", "macro")
    reader = open_reader(path)
    shown = reader.companion("label")
    assert shown is not None
    assert np.array_equal(shown, label)
    reader.close()


def test_sixteen_bits_of_colour_become_eight(tmp_path: Path) -> None:
    sixteen = picture(1200, 900).astype(np.uint16) << 8
    path = write_ome(tmp_path / "slide.ome.tiff", [sixteen], "YXS", photometric="rgb")
    assert inspect(tmp_path, path.name).source is Source.DECODED
    reader = open_reader(path)
    assert np.array_equal(reader.pixels(0, 0, 0, 1200, 900), picture(1200, 900))
    reader.close()


def test_levels_that_a_file_lacks_are_read_from_a_finer_one(tmp_path: Path) -> None:
    path = write_ome(
        tmp_path / "slide.ome.tiff", [picture(5000, 3000)], "YXS", photometric="rgb", compression="deflate"
    )
    found = inspect(tmp_path, path.name)
    assert tile_index.load(found.index).header.ways == (Decoded(0), Decoded(0, 2), Decoded(0, 4))


@pytest.mark.parametrize("kind", [np.float32, np.uint32, np.int16])
def test_samples_that_are_no_picture_are_unsupported(tmp_path: Path, kind: type) -> None:
    path = write_ome(tmp_path / "slide.ome.tiff", [light(900, 900, 1, 0).astype(kind)], "YX", photometric="minisblack")
    with pytest.raises(SlideUnsupported):
        inspect(tmp_path, path.name)


def test_a_film_is_unsupported(tmp_path: Path) -> None:
    film = np.stack([light(600, 600, 1, 0)] * 3)
    path = write_ome(tmp_path / "slide.ome.tiff", [film], "TYX", photometric="minisblack")
    with pytest.raises(SlideUnsupported) as refused:
        inspect(tmp_path, path.name)
    assert refused.value.code == "error-slide-time"


def test_a_plain_tiled_tiff_of_sixteen_bits_is_a_slide(tmp_path: Path) -> None:
    path = tmp_path / "slide.tif"
    tifffile.imwrite(path, light(1000, 800, 1, 0), tile=(256, 256), photometric="minisblack", compression="deflate")
    found = inspect(tmp_path, path.name)
    assert (found.vendor, len(found.channels)) == ("tiff", 1)


def test_stored_levels_of_an_ome_tiff_are_halved_like_any_others(tmp_path: Path) -> None:
    pyramid = [picture(4000 // step, 2800 // step, step) for step in (1, 4)]
    path = write_ome(tmp_path / "slide.ome.tiff", pyramid, "YXS", photometric="rgb", compression="jpeg")
    ways = tile_index.load(inspect(tmp_path, path.name).index).header.ways
    assert [type(way) for way in ways] == [Stored, tile_index.Halved, Stored]
