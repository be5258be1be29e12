"""What a file is, judged by content: generated slides always, real ones when TELEPATH_TEST_SLIDES names their folder."""

import io
import shutil
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import numpy as np
import openslide
import pytest
import tifffile
from numpy.typing import NDArray
from PIL import Image

from telepath.errors import SlideForbidden, SlideIncomplete, SlideUnreadable, SlideUnsupported
from telepath.slides import tile_index
from telepath.slides.inspection import inspect
from telepath.slides.messages import Inspection
from telepath.slides.readers import open_reader
from telepath.slides.tile_index import Halved, Source, Stored, TileIndex
from telepath.slides.tiling import extent
from tests.builders_slides import Directories, encode, write_pyramid, write_svs

REAL = {
    "aperio/CMU-1-Small-Region.svs": ("aperio", Source.PASSTHROUGH, 0.499, 20),
    "hamamatsu-ndpi/test3-DAPI-2-(387).ndpi": ("hamamatsu", Source.DECODED, 0.228, 40),
    "dicom-wsi/camelyon_jpeg.dcm": ("dicom", Source.PASSTHROUGH, None, None),
    "dicom-wsi/cmu-1-small-region/level-2-frames-0-4.dcm": ("dicom", Source.PASSTHROUGH, 0.499, None),
    "crafted/generic/HE-pyramid.tiff": ("generic-tiff", Source.PASSTHROUGH, 0.499, None),
    "crafted/generic/HE-pyramid-bigtiff-be.tiff": ("generic-tiff", Source.PASSTHROUGH, 0.499, None),
    "crafted/philips/HE-philips.tiff": ("philips", Source.PASSTHROUGH, 0.499, None),
    "crafted/mirax/HE-mirax.mrxs": ("mirax", Source.DECODED, 0.499, 20),
    "crafted/ndpi/HE-ndpi.ndpi": ("hamamatsu", Source.DECODED, 0.499, 20),
}
RealSlide = Callable[[str], Path]
WRONGLY_COLOURED_BY_OPENSLIDE = "cmu-1-small-region"
"""It declares RGB over ordinary YCbCr files, which OpenSlide believes."""


def picture_of(folder: Path, index: TileIndex, level: int, column: int, row: int) -> bytes:
    place = index.locate(level, column, row)
    data = (folder / place.name).read_bytes()[place.offset : place.offset + place.length]
    return index.picture(level, data)


def differences(path: Path, found: Inspection) -> Iterator[tuple[int, int]]:
    """(level, largest difference to OpenSlide's pixels) for each tile of each level whose downsample is an integer."""
    index = tile_index.load(found.index)
    with openslide.OpenSlide(path) as slide:
        for number, level in enumerate(found.pyramid.levels):
            if level.downsample != round(level.downsample) or not isinstance(index.header.ways[number], Stored):
                continue
            native = slide.get_best_level_for_downsample(level.downsample * 1.001)
            for row in range(level.rows):
                for column in range(level.columns):
                    size = extent(level, column, row)
                    corner = (
                        int(column * level.tile_width * level.downsample),
                        int(row * level.tile_height * level.downsample),
                    )
                    theirs = np.asarray(slide.read_region(corner, native, size), np.int16)
                    ours = pixels(picture_of(path.parent, index, number, column, row))[: size[1], : size[0]]
                    seen = theirs[:, :, 3] == 255
                    yield number, int(np.abs(ours - theirs[:, :, :3])[seen].max(initial=0))


def pixels(picture: bytes) -> NDArray[np.int16]:
    return np.asarray(Image.open(io.BytesIO(picture)).convert("RGB"), np.int16)


@pytest.mark.parametrize("rgb", [False, True], ids=["YCbCr", "RGB"])
def test_an_aperio_slide_is_passed_through_bit_for_bit_with_its_own_levels(tmp_path: Path, rgb: bool) -> None:
    path = write_svs(tmp_path / "slide.svs", rgb=rgb)
    found = inspect(tmp_path, path.name)
    assert (found.vendor, found.source, found.mpp, found.objective) == ("aperio", Source.PASSTHROUGH, 0.25, 40)
    assert [level.downsample for level in found.pyramid.levels] == [1, 2, 4, 8, 16]
    ways = tile_index.load(found.index).header.ways
    assert [way for way in ways if not isinstance(way, Stored)] == [Halved(0), Halved(2)]
    assert {largest for _, largest in differences(path, found)} == {0}


def test_a_generic_pyramid_is_passed_through_bit_for_bit(tmp_path: Path) -> None:
    path = write_pyramid(tmp_path / "slide.tiff", width=2000, height=1600)
    found = inspect(tmp_path, path.name)
    assert (found.vendor, found.source) == ("generic-tiff", Source.PASSTHROUGH)
    assert found.mpp == pytest.approx(0.25, rel=1e-4)
    assert {largest for _, largest in differences(path, found)} == {0}


def test_the_thumbnail_shows_the_whole_slide(tmp_path: Path) -> None:
    path = write_pyramid(tmp_path / "slide.tiff", width=2000, height=1600)
    found = inspect(tmp_path, path.name)
    assert found.thumbnail is not None
    shown = Image.open(io.BytesIO(found.thumbnail))
    assert shown.size == (512, 409)
    with openslide.OpenSlide(path) as slide:
        expected = slide.get_thumbnail((512, 512)).resize(shown.size)
    difference = np.abs(np.asarray(shown, np.int16) - np.asarray(expected, np.int16))
    assert difference.mean() < 4


@pytest.mark.parametrize("share", [0.999, 0.5, 0.1, 0.01])
def test_a_cut_slide_is_incomplete_not_unsupported(tmp_path: Path, share: float) -> None:
    path = write_svs(tmp_path / "slide.svs")
    whole = path.read_bytes()
    path.write_bytes(whole[: int(len(whole) * share)])
    with pytest.raises(SlideIncomplete):
        inspect(tmp_path, path.name)


def test_an_empty_file_is_an_upload_that_did_not_go_through(tmp_path: Path) -> None:
    (tmp_path / "slide.svs").touch()
    with pytest.raises(SlideIncomplete) as refused:
        inspect(tmp_path, "slide.svs")
    assert refused.value.code == "error-slide-empty"


@pytest.mark.parametrize(
    "content",
    [
        b"<!doctype html><title>Not a slide</title>",
        encode(np.full((300, 300, 3), 180, np.uint8)),
        b"PK\x03\x04" + bytes(300),
        b"%PDF-1.7\n" + bytes(300),
        b"\x00",
    ],
    ids=["html", "jpeg", "zip", "pdf", "one byte"],
)
def test_what_is_not_a_slide_is_unsupported_whatever_its_name(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "slide.svs").write_bytes(content)
    with pytest.raises(SlideUnsupported):
        inspect(tmp_path, "slide.svs")


@pytest.mark.parametrize(
    ("name", "content", "code", "told"),
    [
        ("slide.vsi", b"II*\0" + bytes(300), "error-slide-vsi", "VSI"),
        ("slide", b"SIS\0" + bytes(300), "error-slide-vsi", "VSI"),
        ("slide.isyntax", bytes(300), "error-slide-isyntax", "iSyntax"),
        ("slide", b'<?xml version="1.0"?>\n<DataObject ObjectType="DPUfsImport">', "error-slide-isyntax", "iSyntax"),
        ("slide.kfb", bytes(300), "error-slide-format", "KFB"),
        ("slide", b"\xda\xce\xbe\x0a" + bytes(300), "error-slide-format", "ND2"),
        ("slide.svs", b"\x89PNG\r\n\x1a\n" + bytes(300), "error-slide-picture", "PNG"),
        ("slide.svs", b"PK\x03\x04" + bytes(300), "error-slide-archive", "ZIP"),
    ],
)
def test_a_known_format_that_cannot_be_shown_is_refused_by_its_name(
    tmp_path: Path, name: str, content: bytes, code: str, told: str
) -> None:
    (tmp_path / name).write_bytes(content)
    with pytest.raises(SlideUnsupported) as refused:
        inspect(tmp_path, name)
    assert (refused.value.code, refused.value.params) == (code, {"format": told})


def test_an_ordinary_picture_as_tiff_is_unsupported(tmp_path: Path) -> None:
    Image.new("RGB", (400, 300), "white").save(tmp_path / "slide.tiff")
    with pytest.raises(SlideUnsupported):
        inspect(tmp_path, "slide.tiff")


APERIO = "Aperio Image Library v11.2.1"


@pytest.mark.parametrize("label", [(600, 700), (512, 256)], ids=["of another shape", "of the slide's shape"])
@pytest.mark.parametrize("first", ["", f"{APERIO}\n2048x1024 (256x256)|AppMag = 20"], ids=["generic", "aperio"])
def test_a_label_that_is_stored_in_tiles_is_no_level(tmp_path: Path, first: str, label: tuple[int, int]) -> None:
    path, scanned = tmp_path / "slide.svs", np.full((1024, 2048, 3), 200, np.uint8)
    said = f"{APERIO}\nlabel {label[0]}x{label[1]}" if first else "Label"
    secret = np.random.default_rng(1).integers(0, 255, (label[1], label[0], 3), np.uint8)
    with tifffile.TiffWriter(path) as file:
        for pixels, text, kind in ((scanned, first, 0), (scanned[::2, ::2], first, 1), (secret, said, 1)):
            how: dict[str, Any] = {"tile": (256, 256), "photometric": "rgb", "compression": "jpeg", "metadata": None}
            file.write(pixels, description=text or None, subfiletype=kind, **how)
    found = inspect(tmp_path, path.name)
    assert found.source is Source.PASSTHROUGH
    assert [(level.width, level.height) for level in found.pyramid.levels] == [(2048, 1024), (1024, 512)]
    with closing(open_reader(path)) as reader:
        assert reader.describe().sizes == ((2048, 1024), (1024, 512))
        assert reader.pixels(1, 0, 0, 1024, 512).std() < 5, "nor of a picture that is drawn of the slide"


@pytest.fixture
def directories(tmp_path: Path) -> Directories:
    return Directories(write_svs(tmp_path / "slide.svs"))


def test_directories_in_a_circle_are_refused(directories: Directories) -> None:
    directories.link(2, directories.offsets()[0])
    directories.save()
    with pytest.raises(SlideForbidden):
        inspect(directories.path.parent, directories.path.name)


def test_a_directory_beyond_the_end_is_incomplete(directories: Directories) -> None:
    directories.link(2, len(directories.data) + 4096)
    directories.save()
    with pytest.raises(SlideIncomplete):
        inspect(directories.path.parent, directories.path.name)


def test_a_tile_beyond_the_end_is_incomplete(directories: Directories) -> None:
    directories.put_in_array(0, 324, 3, len(directories.data) - 4)
    directories.save()
    with pytest.raises(SlideIncomplete):
        inspect(directories.path.parent, directories.path.name)


@pytest.mark.parametrize("tag", [256, 257, 322, 323], ids=["width", "height", "tile width", "tile height"])
def test_declared_sizes_beyond_all_limits_are_refused_before_decoding(directories: Directories, tag: int) -> None:
    directories.put(0, tag, "I", 2**32 - 16)
    directories.save()
    with pytest.raises(SlideUnreadable):
        inspect(directories.path.parent, directories.path.name)


def test_a_tile_size_that_the_jpeg_contradicts_is_not_passed_through(directories: Directories) -> None:
    for tag in (322, 323):
        directories.put(2, tag, "I", 128)  # one tile of 128 px says it holds the whole level; its JPEG has 256
    directories.put(2, 256, "I", 128)
    directories.put(2, 257, "I", 96)
    directories.save()
    try:
        found = inspect(directories.path.parent, directories.path.name)
    except SlideUnreadable:
        return
    assert found.source is Source.DECODED


def test_tiles_that_reach_into_withheld_data_are_refused(directories: Directories) -> None:
    at = directories.entry(0, 270)  # the description: Philips keeps the label's picture in one
    start = int.from_bytes(directories.data[at : at + 8], "little")
    directories.put_in_array(0, 324, 0, start)
    directories.put_in_array(0, 325, 0, 20)
    directories.save()
    with pytest.raises(SlideForbidden) as refused:
        inspect(directories.path.parent, directories.path.name)
    assert refused.value.code == "error-slide-withheld-data"


def test_an_entity_in_the_description_fetches_nothing(tmp_path: Path) -> None:
    """The text of a description is never parsed as XML by us, and OpenSlide's parser expands nothing from outside."""
    secret = tmp_path / "secret"
    secret.write_text("4711")
    bomb = f'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a SYSTEM "file://{secret}">]><DataObject>&a;</DataObject>'
    path = write_svs(tmp_path / "slide.svs")
    data = path.read_bytes()
    start = data.index(b"Aperio")
    path.write_bytes(data[:start] + bomb.encode()[:40].ljust(40) + data[start + 40 :])
    found = inspect(tmp_path, path.name)
    assert b"4711" not in found.index


@pytest.mark.parametrize("name", REAL)
def test_a_real_slide_is_what_it_is(real_slide: RealSlide, name: str) -> None:
    path = real_slide(name)
    found = inspect(path.parent, path.name)
    vendor, source, mpp, objective = REAL[name]
    assert (found.vendor, found.source, found.objective) == (vendor, source, objective)
    assert found.mpp == (None if mpp is None else pytest.approx(mpp, abs=0.001))
    assert found.thumbnail is not None
    if source is Source.PASSTHROUGH and WRONGLY_COLOURED_BY_OPENSLIDE not in name:
        assert {largest for _, largest in differences(path, found)} == {0}


def test_a_dicom_slide_that_declares_the_wrong_colours_shows_white_glass(real_slide: RealSlide) -> None:
    path = real_slide(f"dicom-wsi/{WRONGLY_COLOURED_BY_OPENSLIDE}/level-0-frames-0-30.dcm")
    found = inspect(path.parent, path.name)
    shown = pixels(picture_of(path.parent, tile_index.load(found.index), 0, 0, 0))
    assert np.median(shown, axis=(0, 1)).min() > 225


def test_the_real_cut_slide_is_incomplete(real_slide: RealSlide, tmp_path: Path) -> None:
    whole = real_slide("aperio/CMU-1-Small-Region.svs").read_bytes()
    (tmp_path / "cut.svs").write_bytes(whole[: len(whole) // 2])
    with pytest.raises(SlideIncomplete):
        inspect(tmp_path, "cut.svs")


def test_a_cut_dicom_slide_is_incomplete(real_slide: RealSlide, tmp_path: Path) -> None:
    whole = real_slide("dicom-wsi/camelyon_jpeg.dcm").read_bytes()
    for share in (0.02, 0.5, 0.999):
        (tmp_path / "cut.dcm").write_bytes(whole[: int(len(whole) * share)])
        with pytest.raises(SlideIncomplete):
            inspect(tmp_path, "cut.dcm")


@pytest.mark.parametrize(
    "name", ["crafted/philips/HE-philips.tiff", "crafted/mirax/HE-mirax.mrxs", "crafted/ndpi/HE-ndpi.ndpi"]
)
def test_no_identity_of_a_real_slide_gets_into_its_index(real_slide: RealSlide, name: str) -> None:
    path = real_slide(name)
    found = inspect(path.parent, path.name)
    for planted in (b"MARTIN", b"4711", b"26H01234"):
        assert planted not in found.index


def test_a_mirax_slide_without_its_folder_is_refused(real_slide: RealSlide, tmp_path: Path) -> None:
    shutil.copy(real_slide("crafted/mirax/HE-mirax.mrxs"), tmp_path)
    with pytest.raises(SlideUnreadable):
        inspect(tmp_path, "HE-mirax.mrxs")
