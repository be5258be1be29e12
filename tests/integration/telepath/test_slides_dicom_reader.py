"""DICOM slides of every photometric interpretation and transfer syntax, with optical paths, planes and holes."""

import io
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from pydicom import dcmread
from pydicom.uid import ExplicitVRLittleEndian, ImplicitVRLittleEndian

from telepath.errors import SlideForbidden, SlideIncomplete, SlideUnsupported, TileUnreadable
from telepath.slides import tile_index
from telepath.slides.dicom import item
from telepath.slides.dicom_reader import DicomReader
from telepath.slides.inspection import inspect
from telepath.slides.readers import open_reader
from telepath.slides.tile_index import Source
from tests.builders_dicom import CODERS, write_dicom
from tests.builders_ome import light, picture

WIDTH, HEIGHT = 700, 500
LOSSLESS = [ExplicitVRLittleEndian, ImplicitVRLittleEndian, *(one for one in CODERS if not one.endswith(".50"))]


@pytest.mark.parametrize("syntax", LOSSLESS)
def test_grey_of_sixteen_bits_is_read_whatever_its_packing(tmp_path: Path, syntax: str) -> None:
    whole = light(WIDTH, HEIGHT, 1, 0)
    path = write_dicom(tmp_path / "0001.dcm", [[whole]], photometric="MONOCHROME2", syntax=syntax)
    found = inspect(tmp_path, path.name)
    assert (found.vendor, found.source, found.mpp, len(found.channels)) == ("dicom", Source.DECODED, 0.5, 1)
    reader = open_reader(path)
    assert np.array_equal(reader.pixels(0, 100, 60, 500, 400), whole[60:460, 100:600])
    reader.close()


@pytest.mark.parametrize("syntax", LOSSLESS)
def test_colours_are_read_whatever_their_packing(tmp_path: Path, syntax: str) -> None:
    whole = picture(WIDTH, HEIGHT)
    photometric = "YBR_RCT" if syntax.endswith((".90", ".201")) else "RGB"
    path = write_dicom(tmp_path / "0001.dcm", [[whole]], photometric=photometric, syntax=syntax)
    reader = DicomReader(path)
    assert np.array_equal(reader.pixels(0, 0, 0, WIDTH, HEIGHT), whole)
    reader.close()
    assert inspect(tmp_path, path.name).channels == ()


def test_unpacked_ybr_becomes_rgb(tmp_path: Path) -> None:
    whole = picture(WIDTH, HEIGHT)
    ybr = np.asarray(Image.fromarray(whole).convert("YCbCr"))
    path = write_dicom(tmp_path / "0001.dcm", [[ybr]], photometric="YBR_FULL")
    reader = DicomReader(path)
    assert np.abs(reader.pixels(0, 0, 0, WIDTH, HEIGHT).astype(int) - whole).max() <= 3
    reader.close()


def test_black_on_light_is_turned_round(tmp_path: Path) -> None:
    whole = light(WIDTH, HEIGHT, 1, 0)
    path = write_dicom(tmp_path / "0001.dcm", [[65535 - whole]], photometric="MONOCHROME1")
    reader = open_reader(path)
    assert np.array_equal(reader.pixels(0, 0, 0, WIDTH, HEIGHT), whole)
    reader.close()


def test_a_palette_gives_colours(tmp_path: Path) -> None:
    indices = (np.indices((HEIGHT, WIDTH)).sum(axis=0) % 256).astype(np.uint8)
    ramp = np.arange(256, dtype=np.uint8)
    tables = {
        f"{name}PaletteColorLookupTable{part}": value
        for name, table in (("Red", ramp), ("Green", 255 - ramp), ("Blue", ramp // 2))
        for part, value in (("Descriptor", [256, 0, 8]), ("Data", table.tobytes()))
    }
    path = write_dicom(tmp_path / "0001.dcm", [[indices]], photometric="PALETTE COLOR", more=tables)
    reader = open_reader(path)
    shown = reader.pixels(0, 0, 0, WIDTH, HEIGHT)
    assert np.array_equal(shown, np.stack([indices, 255 - indices, indices // 2], axis=2))
    reader.close()


def test_optical_paths_and_planes_each_have_their_pictures(tmp_path: Path) -> None:
    pictures = [[light(WIDTH, HEIGHT, 1, channel, z) for z in range(3)] for channel in range(2)]
    path = write_dicom(tmp_path / "0001.dcm", pictures, photometric="MONOCHROME2", syntax="1.2.840.10008.1.2.4.80")
    found = inspect(tmp_path, path.name)
    assert [channel.name for channel in found.channels] == ["light 1", "light 2"]
    assert (found.planes, found.plane_spacing) == (3, 1.0)
    reader = open_reader(path)
    for channel, planes in enumerate(pictures):
        for z, whole in enumerate(planes):
            assert np.array_equal(reader.pixels(0, 200, 200, 300, 250, z=z, channel=channel), whole[200:450, 200:500])
    with pytest.raises(TileUnreadable):
        reader.pixels(0, 0, 0, 10, 10, z=3)
    reader.close()


def test_grey_jpeg_frames_of_paths_and_planes_are_passed_through(tmp_path: Path) -> None:
    pictures = [
        [light(WIDTH, HEIGHT, 1, channel, z, peak=150).astype(np.uint8) for z in range(2)] for channel in range(2)
    ]
    path = write_dicom(tmp_path / "0001.dcm", pictures, photometric="MONOCHROME2", syntax="1.2.840.10008.1.2.4.50")
    found = inspect(tmp_path, path.name)
    assert (found.source, found.planes, len(found.channels)) == (Source.PASSTHROUGH, 2, 2)
    index = tile_index.load(found.index)
    for channel, planes in enumerate(pictures):
        for z, whole in enumerate(planes):
            place = index.locate(0, 1, 0, z, channel)
            stored = path.read_bytes()[place.offset : place.offset + place.length]
            shown = np.asarray(Image.open(io.BytesIO(index.picture(0, stored)))).astype(int)
            assert np.abs(shown - whole[:256, 256:512]).mean() < 2


def test_tiles_that_a_sparse_slide_lacks_are_white_never_black(tmp_path: Path) -> None:
    whole = picture(WIDTH, HEIGHT)
    path = write_dicom(tmp_path / "0001.dcm", [[whole]], photometric="RGB", sparse=[(1, 0), (0, 1)])
    inspect(tmp_path, path.name)
    reader = open_reader(path)
    shown = reader.pixels(0, 0, 0, WIDTH, HEIGHT)
    assert np.array_equal(shown[:256, 256:512], whole[:256, 256:512])
    assert np.array_equal(shown[256:, :256], whole[256:, :256])
    assert shown[:256, :256].min() == 255
    reader.close()


def test_a_sparse_jpeg_slide_is_passed_through_with_blank_tiles(tmp_path: Path) -> None:
    whole = picture(WIDTH, HEIGHT)
    path = write_dicom(
        tmp_path / "0001.dcm",
        [[whole]],
        photometric="YBR_FULL_422",
        syntax="1.2.840.10008.1.2.4.50",
        sparse=[(1, 0), (2, 1)],
    )
    index = tile_index.load(inspect(tmp_path, path.name).index)
    assert index.locate(0, 0, 0).length == 0
    assert np.asarray(Image.open(io.BytesIO(index.picture(0, b"")))).min() > 250
    place = index.locate(0, 1, 0)
    stored = path.read_bytes()[place.offset : place.offset + place.length]
    shown = np.asarray(Image.open(io.BytesIO(index.picture(0, stored)))).astype(int)
    assert np.abs(shown - whole[:256, 256:512]).mean() < 3


def test_a_concatenation_is_one_slide(tmp_path: Path) -> None:
    whole = light(512, 512, 1, 0)
    for number, rows in enumerate((slice(0, 256), slice(256, 512))):
        write_dicom(
            tmp_path / f"{number + 1:04}.dcm",
            [[whole[rows]]],
            photometric="MONOCHROME2",
            more={
                "ConcatenationUID": "1.2.3",
                "ConcatenationFrameOffsetNumber": 2 * number,
                "InConcatenationNumber": number + 1,
                "TotalPixelMatrixRows": 512,
            },
        )
    inspect(tmp_path, "0001.dcm")
    reader = open_reader(tmp_path / "0001.dcm")
    assert np.array_equal(reader.pixels(0, 0, 0, 512, 512), whole)
    reader.close()


def test_the_planes_of_a_sparse_concatenation_are_told_by_their_heights(tmp_path: Path) -> None:
    planes = [light(256, 256, 1, 0, z) for z in range(2)]
    path = tmp_path / "0001.dcm"
    for number, plane in enumerate(planes):
        path = write_dicom(
            tmp_path / f"{2 - number:04}.dcm",
            [[plane]],
            photometric="MONOCHROME2",
            sparse=[(0, 0)],
            more={"ConcatenationUID": "1.2.3", "TotalPixelMatrixFocalPlanes": 2},
        )
        changed = dcmread(path)
        changed.PerFrameFunctionalGroupsSequence[0].PlanePositionSlideSequence[
            0
        ].ZOffsetInSlideCoordinateSystem = number
        changed.save_as(path)
    reader = open_reader(path)
    for z, plane in enumerate(planes):
        assert np.array_equal(reader.pixels(0, 0, 0, 256, 256, z=z), plane)
    reader.close()


def test_tiles_of_one_plane_that_follow_the_tissue_are_all_shown(tmp_path: Path) -> None:
    whole = light(512, 256, 1, 0)
    path = write_dicom(tmp_path / "0001.dcm", [[whole]], photometric="MONOCHROME2", sparse=[(0, 0), (1, 0)])
    changed = dcmread(path)
    for number, group in enumerate(changed.PerFrameFunctionalGroupsSequence):
        group.PlanePositionSlideSequence[0].ZOffsetInSlideCoordinateSystem = 0.001 * number
    changed.save_as(path)
    reader = open_reader(path)
    assert np.array_equal(reader.pixels(0, 0, 0, 512, 256), whole)
    reader.close()


def of_path(name: str) -> dict[str, object]:
    return {"OpticalPathSequence": [item(OpticalPathIdentifier=name, OpticalPathDescription=f"light {name}")]}


def test_an_instance_for_each_optical_path_is_one_slide_with_their_channels(tmp_path: Path) -> None:
    lights = {
        (step, name): light(WIDTH // step, HEIGHT // step, step, number)
        for step in (1, 2)
        for number, name in enumerate(("DAPI", "FITC"))
    }
    order = [(1, "FITC"), (1, "DAPI"), (2, "DAPI"), (2, "FITC")]
    for number, key in enumerate(order, 1):
        write_dicom(tmp_path / f"{number:04}.dcm", [[lights[key]]], photometric="MONOCHROME2", more=of_path(key[1]))
    found = inspect(tmp_path, "0001.dcm")
    assert [channel.name for channel in found.channels] == ["light DAPI", "light FITC"]
    reader = open_reader(tmp_path / "0001.dcm")
    for level, step in enumerate((1, 2)):
        for channel, name in enumerate(("DAPI", "FITC")):
            size = WIDTH // step, HEIGHT // step
            assert np.array_equal(reader.pixels(level, 0, 0, *size, channel=channel), lights[step, name])
    reader.close()


@pytest.mark.parametrize("more", [{}, of_path("1"), {"BitsStored": 12, **of_path("2")}])
def test_of_two_instances_of_one_size_none_hides_the_other(tmp_path: Path, more: dict[str, object]) -> None:
    write_dicom(tmp_path / "0001.dcm", [[light(WIDTH, HEIGHT, 1, 0)]], photometric="MONOCHROME2", more=of_path("1"))
    write_dicom(tmp_path / "0002.dcm", [[light(WIDTH, HEIGHT, 1, 1)]], photometric="MONOCHROME2", more=more)
    with pytest.raises(SlideUnsupported) as refused:
        inspect(tmp_path, "0001.dcm")
    assert refused.value.code == "error-slide-samples"


def test_optical_paths_in_another_order_at_each_level_are_not_mixed(tmp_path: Path) -> None:
    def paths(*names: str) -> dict[str, object]:
        return {"OpticalPathSequence": [item(OpticalPathIdentifier=name) for name in names]}

    for number, names in enumerate((("1", "2"), ("2", "1")), 1):
        pictures = [[light(WIDTH // number, HEIGHT // number, number, int(name) - 1)] for name in names]
        write_dicom(tmp_path / f"{number:04}.dcm", pictures, photometric="MONOCHROME2", more=paths(*names))
    with pytest.raises(SlideUnsupported):
        inspect(tmp_path, "0001.dcm")


def test_levels_and_companions_of_a_series_are_told_apart(tmp_path: Path) -> None:
    write_dicom(tmp_path / "0001.dcm", [[light(1400, 1000, 1, 0)]], photometric="MONOCHROME2")
    write_dicom(tmp_path / "0002.dcm", [[light(700, 500, 2, 0)]], photometric="MONOCHROME2")
    label = picture(256, 256)
    write_dicom(tmp_path / "0003.dcm", [[label]], photometric="RGB", kind=("ORIGINAL", "PRIMARY", "LABEL", "NONE"))
    found = inspect(tmp_path, "0001.dcm")
    assert [level.width for level in found.pyramid.levels] == [1400, 700]
    assert found.companions == ("label",)
    reader = open_reader(tmp_path / "0001.dcm")
    shown = reader.companion("label")
    assert shown is not None
    assert np.array_equal(shown, label)
    reader.close()


def test_a_cut_file_is_incomplete(tmp_path: Path) -> None:
    path = write_dicom(tmp_path / "0001.dcm", [[light(WIDTH, HEIGHT, 1, 0)]], photometric="MONOCHROME2")
    path.write_bytes(path.read_bytes()[:-4000])
    with pytest.raises(SlideIncomplete):
        inspect(tmp_path, path.name)


def test_samples_that_cannot_be_shown_are_unsupported(tmp_path: Path) -> None:
    path = write_dicom(
        tmp_path / "0001.dcm",
        [[light(WIDTH, HEIGHT, 1, 0)]],
        photometric="MONOCHROME2",
        more={"PixelRepresentation": 1},
    )
    with pytest.raises(SlideUnsupported):
        inspect(tmp_path, path.name)


def test_a_huge_tile_is_refused_before_it_is_read(tmp_path: Path) -> None:
    path = write_dicom(
        tmp_path / "0001.dcm", [[light(300, 300, 1, 0)]], photometric="MONOCHROME2", more={"Rows": 60000}
    )
    with pytest.raises(SlideForbidden):
        inspect(tmp_path, path.name)
