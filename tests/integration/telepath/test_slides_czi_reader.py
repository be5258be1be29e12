"""CZI slides, whatever their compression, channels and planes."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from pylibCZIrw import czi

from telepath.errors import SlideUnreadable, SlideUnsupported, TelepathError, TileUnreadable
from telepath.slides.inspection import inspect
from telepath.slides.readers import open_reader
from telepath.slides.tile_index import Source
from tests.builders_czi import Block, mosaic, reduced, write_blocks, write_colour, write_fluorescence
from tests.builders_ome import light, picture
from tests.builders_slides import barcode, plain_label

SAID = "<Scaling><Items>{}</Items></Scaling>".format(
    "".join(f'<Distance Id="{axis}"><Value>2.2e-7</Value></Distance>' for axis in "XY")
)


@pytest.mark.parametrize("compression", ["zstd1:ExplicitLevel=2", "zstd0:ExplicitLevel=2", "uncompressed:"])
def test_a_colour_czi_shows_the_pixels_that_were_written(tmp_path: Path, compression: str) -> None:
    path = write_colour(tmp_path / "slide.czi", compression=compression)
    found = inspect(tmp_path, path.name)
    assert (found.vendor, found.source) == ("zeiss", Source.DECODED)
    assert found.mpp == pytest.approx(0.5)
    assert (found.pyramid.width, found.pyramid.height) == (1500, 1000)
    reader = open_reader(path)
    assert np.array_equal(reader.pixels(0, 400, 300, 500, 400), picture(1500, 1000)[300:700, 400:900])
    reader.close()


def test_the_blocks_of_jpeg_xr_that_scanners_write_and_their_coarser_ones_are_shown(tmp_path: Path) -> None:
    whole = picture(1500, 1000)
    path = write_blocks(tmp_path / "slide.czi", list(mosaic(whole, x=-700, y=-300, steps=(1, 2, 4))), said=SAID)
    found = inspect(tmp_path, path.name)
    assert (found.vendor, found.source) == ("zeiss", Source.DECODED)
    assert found.mpp == pytest.approx(0.22)
    assert [(level.width, level.downsample) for level in found.pyramid.levels] == [(1500, 1), (750, 2), (375, 4)]
    reader = open_reader(path)
    for number, step in enumerate((1, 2, 4)):
        shown = reader.pixels(number, 100 // step, 100 // step, 1200 // step, 800 // step)
        assert np.array_equal(shown, reduced(whole, step)[100 // step :, 100 // step :][: 800 // step, : 1200 // step])
    reader.close()


def test_scenes_lie_where_they_were_scanned_on_white_glass_at_every_level(tmp_path: Path) -> None:
    large, small = picture(1500, 1000), picture(300, 200)
    scenes = [
        *mosaic(large, x=-700, y=-300, steps=(1, 2, 4, 8), scene=0),
        *mosaic(small, x=2300, y=1700, steps=(1, 2), scene=1),  # too small for coarser blocks
    ]
    path = write_blocks(tmp_path / "slide.czi", scenes)
    found = inspect(tmp_path, path.name)
    assert (found.pyramid.width, found.pyramid.height, len(found.pyramid.levels)) == (3300, 2200, 4)
    reader = open_reader(path)
    for number, step in enumerate((1, 2, 4, 8)):
        assert reader.pixels(number, 1600 // step, 0, 1000 // step, 1800 // step).min() == 255
        shown = reader.pixels(number, 3000 // step, 2000 // step, 300 // step, 200 // step)
        expected = reduced(small, step)
        assert np.abs(shown.astype(int) - expected[: shown.shape[0], : shown.shape[1]]).max() <= 8
    reader.close()


@pytest.mark.parametrize("above", [0, 1])
def test_of_blocks_that_overlap_the_later_one_lies_above(tmp_path: Path, above: int) -> None:
    blocks = [
        Block(x=500 * number, y=0, pixels=np.full((400, 600, 3), 90 + 100 * number, np.uint8), mosaic=order)
        for number, order in ((above, 1), (1 - above, 0))
    ]
    reader = open_reader(write_blocks(tmp_path / "slide.czi", blocks))
    assert set(reader.pixels(0, 500, 0, 100, 400).flat) == {90 + 100 * above}
    reader.close()


@pytest.mark.parametrize("kind", [np.uint8, np.uint16])
@pytest.mark.parametrize("jpeg_xr", [True, False])
def test_grey_blocks_keep_all_their_bits(tmp_path: Path, kind: type, jpeg_xr: bool) -> None:
    peak = 150 if kind is np.uint8 else 40_000
    whole: list[NDArray[Any]] = [light(900, 700, 1, channel, peak=peak).astype(kind) for channel in range(2)]
    blocks = [
        block
        for channel, one in enumerate(whole)
        for block in mosaic(one, x=-55, y=33, steps=(1, 2), channel=channel, jpeg_xr=jpeg_xr)
    ]
    path = write_blocks(tmp_path / "slide.czi", blocks)
    assert len(inspect(tmp_path, path.name).channels) == 2
    reader = open_reader(path)
    for channel, one in enumerate(whole):
        assert np.array_equal(reader.pixels(0, 0, 0, 900, 700, channel=channel), one)
        assert np.array_equal(reader.pixels(1, 0, 0, 450, 350, channel=channel), reduced(one, 2))
        assert reader.pixels(0, 900, 0, 40, 40, channel=channel).max() == 0
    reader.close()


@pytest.mark.parametrize("kind", ["mixed", "of 48 bits"])
def test_samples_that_are_not_shown_are_refused_by_the_name_of_the_format(tmp_path: Path, kind: str) -> None:
    grey = light(400, 300, 1, 0)
    if kind == "mixed":
        blocks = [Block(x=0, y=0, pixels=grey), Block(x=0, y=0, pixels=picture(400, 300), channel=1)]
    else:
        blocks = [Block(x=0, y=0, pixels=picture(400, 300).astype(np.uint16), jpeg_xr=False)]
    path = write_blocks(tmp_path / "slide.czi", blocks)
    with pytest.raises(SlideUnsupported) as refused:
        inspect(tmp_path, path.name)
    assert (refused.value.code, refused.value.params) == ("error-slide-samples", {"format": "CZI"})


def test_a_block_that_cannot_be_read_is_a_tile_that_cannot_not_white_glass(tmp_path: Path) -> None:
    path = write_blocks(tmp_path / "slide.czi", list(mosaic(picture(1500, 1000))))
    data = bytearray(path.read_bytes())
    place = data.index(b"WMPHOTO")
    data[place : place + 100] = bytes(100)
    path.write_bytes(data)
    reader = open_reader(path)
    with pytest.raises(TileUnreadable):
        reader.pixels(0, 0, 0, 256, 256)
    assert np.array_equal(reader.pixels(0, 1024, 512, 256, 256), picture(1500, 1000)[512:768, 1024:1280])
    reader.close()


@pytest.mark.parametrize("jpeg_xr", [True, False])
def test_the_label_of_a_czi_is_looked_at_whatever_its_packing(tmp_path: Path, jpeg_xr: bool) -> None:
    label = barcode("26H01234-A1")
    path = write_blocks(tmp_path / "slide.czi", list(mosaic(picture(900, 700))), label=label, label_jpeg_xr=jpeg_xr)
    found = inspect(tmp_path, path.name)
    assert found.companions == ("label",)
    assert [mark.text for mark in found.marks] == ["26H01234-A1"]
    reader = open_reader(path)
    shown = reader.companion("label")
    assert shown is not None
    assert np.array_equal(shown, label)
    assert reader.companion("macro") is None
    reader.close()


def test_a_damaged_list_of_attachments_is_no_reason_to_refuse_a_slide(tmp_path: Path) -> None:
    path = write_blocks(tmp_path / "slide.czi", list(mosaic(picture(900, 700))), label=plain_label())
    data = bytearray(path.read_bytes())
    place = data.index(b"ZISRAWATTDIR")
    data[place + 32 : place + 32 + 400] = b"\xff" * 400
    path.write_bytes(data[: place + 300])
    assert inspect(tmp_path, path.name).companions == ()


def test_channels_and_planes_of_a_czi_are_found(tmp_path: Path) -> None:
    path = write_fluorescence(tmp_path / "slide.czi")
    found = inspect(tmp_path, path.name)
    assert [channel.name for channel in found.channels] == ["DAPI", "Cy5"]
    assert found.planes == 3
    assert found.plane_spacing == pytest.approx(1.0)
    reader = open_reader(path)
    for z in range(3):
        for channel in range(2):
            shown = reader.pixels(0, 100, 50, 300, 200, z=z, channel=channel)
            assert np.array_equal(shown, light(900, 700, 1, channel, z)[50:250, 100:400])
    reader.close()


def test_what_lies_beyond_a_czi_is_white_never_black(tmp_path: Path) -> None:
    path = write_colour(tmp_path / "slide.czi", width=700, height=500)
    reader = open_reader(path)
    shown = reader.pixels(0, 650, 450, 100, 100)
    assert shown[60:, 60:].min() == 255
    reader.close()


@pytest.mark.parametrize("share", [0.02, 0.3, 0.9])
def test_a_cut_czi_is_refused(tmp_path: Path, share: float) -> None:
    path = write_colour(tmp_path / "slide.czi")
    whole = path.read_bytes()
    path.write_bytes(whole[: int(len(whole) * share)])
    with pytest.raises(TelepathError) as refused:
        inspect(tmp_path, path.name)
    assert isinstance(refused.value, SlideUnreadable)


def test_planes_that_were_cut_out_of_a_larger_file_keep_its_numbers(tmp_path: Path) -> None:
    path, chance = tmp_path / "slide.czi", np.random.default_rng(1)
    pictures = {(z, c): chance.integers(1, 4000, (200, 300, 1), np.uint16) for z in range(2) for c in range(2)}
    with czi.create_czi(str(path)) as made:
        for (z, c), pixels in pictures.items():
            made.write(data=pixels, plane={"Z": 3 + z, "C": c})
    found = inspect(tmp_path, path.name)
    assert (found.planes, len(found.channels)) == (2, 2)
    reader = open_reader(path)
    for (z, c), pixels in pictures.items():
        assert np.array_equal(reader.pixels(0, 0, 0, 300, 200, z=z, channel=c), pixels[:, :, 0])
    reader.close()
