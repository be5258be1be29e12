"""What leaves of a slide: it opens as the original does, with the same pixels, and says nowhere who the patient is."""

import base64
import io
import re
import struct
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import numpy as np
import openslide
import pydicom
import pytest
import tifffile
import zxingcpp
from PIL import Image
from pydicom.encaps import encapsulate, generate_frames
from pylibCZIrw import czi

from telepath.errors import SlideForbidden, SlideUnreadable, SlideUnsupported
from telepath.slides import dicom, withheld
from telepath.slides.deidentify import whole_copy
from telepath.slides.pieces import Copy, Kept, Written, Zeros, cut
from tests.builders_czi import Block, write_blocks
from tests.builders_slides import Directories, add_label, plain_label, write_svs

REAL = (
    "aperio/CMU-1-Small-Region.svs",
    "hamamatsu-ndpi/test3-DAPI-2-(387).ndpi",
    "dicom-wsi/camelyon_jpeg.dcm",
    "dicom-wsi/cmu-1-small-region/level-2-frames-0-4.dcm",
    "crafted/generic/HE-pyramid.tiff",
    "crafted/generic/HE-pyramid-bigtiff-be.tiff",
    "crafted/philips/HE-philips.tiff",
    "crafted/mirax/HE-mirax.mrxs",
    "crafted/ndpi/HE-ndpi.ndpi",
)
IDENTITY = ("MARTIN", " Zoe", "^Zoe", "4711", "26H01234")
"""Three letters alone stand in any picture by chance."""
SCANNER = ("b414003d", "CPAPERIOCS", "1004486", "950291", "950410", "FMT0001", "2017:02:07", "12/29/09")
"""Who scanned it with what and when, in the real slides of the collection."""
RealSlide = Callable[[str], Path]
LINES = ("TP-7K3Q-9XPM", "A1 HES")


def write(source: Path, target: Path, planned: Copy) -> Path:
    """The copy as files below ``target``; returns the one that opens it."""
    for one in planned.files:
        data, made = (source / one.name).read_bytes(), bytearray()
        for piece in one.pieces:
            if isinstance(piece, Kept):
                made += data[piece.offset : piece.offset + piece.length]
            else:
                made += bytes(piece.length) if isinstance(piece, Zeros) else piece.data
        assert len(made) == one.bytes
        path = target / one.to
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(made)
    return target / planned.files[0].to


def leaks(folder: Path, words: Sequence[str]) -> list[tuple[str, str]]:
    """Which of ``words`` stand in which file, as text of one byte, of two, within base64, or in a barcode of a picture."""
    found = []
    for path in (path for path in folder.rglob("*") if path.is_file()):
        texts = [path.relative_to(folder).as_posix().encode(), path.read_bytes()]
        texts += [
            base64.b64decode(run[: len(run) // 4 * 4]) for run in re.findall(rb"[A-Za-z0-9+/]{8,}={0,2}", texts[1])
        ]
        texts += [text.encode() for picture in pictures(texts) for text in barcodes(picture)]
        for word in words:
            forms = (word.encode(), word.encode("utf-16-le"), word.encode("utf-16-be"))
            found += [(word, path.name) for text in texts if any(form.lower() in text.lower() for form in forms)][:1]
    return found


def pictures(texts: Sequence[bytes]) -> Iterator[Image.Image]:
    """Every JPEG that lies anywhere in them."""
    for text in texts:
        for start in re.finditer(rb"\xff\xd8\xff", text):
            try:
                yield Image.open(io.BytesIO(text[start.start() :])).convert("RGB")
            except (OSError, SyntaxError):
                continue


def barcodes(picture: Image.Image) -> list[str]:
    return [one.text for one in zxingcpp.read_barcodes(np.asarray(picture))] if max(picture.size) <= 2000 else []


@pytest.mark.parametrize("name", REAL)
def test_a_copy_opens_with_the_same_pixels_and_without_the_patient(
    name: str, real_slide: RealSlide, tmp_path: Path
) -> None:
    path = real_slide(name)
    copied = write(path.parent, tmp_path, whole_copy.plan(path.parent, path.name, "slide", LINES, b"seed"))
    with openslide.OpenSlide(path) as before, openslide.OpenSlide(copied) as after:
        assert after.level_dimensions == before.level_dimensions
        for key in (
            openslide.PROPERTY_NAME_MPP_X,
            openslide.PROPERTY_NAME_OBJECTIVE_POWER,
            openslide.PROPERTY_NAME_VENDOR,
        ):
            assert after.properties.get(key) == before.properties.get(key)
        for number, size in enumerate(before.level_dimensions):
            theirs, ours = (np.asarray(one.read_region((0, 0), number, size)) for one in (before, after))
            assert np.array_equal(theirs, ours)
        assert set(after.associated_images) == set(before.associated_images)
        for shown in ("label", "macro"):
            if shown in after.associated_images:
                picture = np.asarray(after.associated_images[shown].convert("L"))
                assert 0.005 < (picture < 128).mean() < 0.3, "black letters on white"
                assert not barcodes(after.associated_images[shown].convert("RGB"))
    assert leaks(tmp_path, (*IDENTITY, *SCANNER)) == []


@pytest.mark.parametrize(
    ("name", "kinds"),
    [
        ("crafted/philips/HE-philips.tiff", {"label", "macro", "barcode", "device"}),
        ("crafted/mirax/HE-mirax.mrxs", {"label", "macro", "barcode", "identifier", "uid"}),
        ("crafted/ndpi/HE-ndpi.ndpi", {"macro", "identifier", "date"}),
        ("aperio/CMU-1-Small-Region.svs", {"label", "macro", "person", "device", "file-name", "date"}),
    ],
)
def test_the_log_says_what_stood_where_and_never_what_it_was(name: str, kinds: set[str], real_slide: RealSlide) -> None:
    path = real_slide(name)
    found = whole_copy.findings(path.parent, path.name)
    assert found is not None
    assert kinds <= {one.kind for one in found}
    assert not [one for one in found for word in (*IDENTITY, *SCANNER) if word in one.where]


def test_the_search_of_these_tests_finds_the_identity_in_the_originals(real_slide: RealSlide) -> None:
    crafted = real_slide("crafted/philips/HE-philips.tiff").parents[1]
    assert {word for word, _ in leaks(crafted, IDENTITY)} >= {"MARTIN", " Zoe", "26H01234"}


def test_bytes_that_no_directory_names_any_more_are_zeros(real_slide: RealSlide, tmp_path: Path) -> None:
    (tmp_path / "a").mkdir()
    path = tmp_path / "a" / "slide.tiff"
    path.write_bytes(
        (real_slide("crafted/generic/HE-pyramid.tiff")).read_bytes() + b"what another tool left of MARTIN Zoe"
    )
    planned = whole_copy.plan(path.parent, path.name, "slide", LINES, b"seed")
    write(path.parent, tmp_path / "b", planned)
    assert leaks(tmp_path / "b", IDENTITY) == []
    assert [one.kind for one in planned.findings] == ["leftover"]


def ome(folder: Path) -> Path:
    """Two channels of 16 bits with a pyramid in SubIFDs, a label of its own, and the patient wherever OME-XML has a place."""
    path = folder / "MARTIN Zoe.ome.tiff"
    rng = np.random.default_rng(4)
    with tifffile.TiffWriter(path, bigtiff=True) as writer:
        data = rng.integers(0, 4000, (2, 512, 512), dtype=np.uint16)
        metadata = {
            "axes": "CYX",
            "Name": "26H01234-A1 MARTIN Zoe",
            "PhysicalSizeX": 0.5,
            "PhysicalSizeXUnit": "µm",
            "PhysicalSizeY": 0.5,
            "PhysicalSizeYUnit": "µm",
            "Channel": {"Name": ["DAPI", "MARTIN"]},
            "Description": "IPP 4711",
        }
        writer.write(data, subifds=1, tile=(256, 256), metadata=metadata, software="MARTIN")
        writer.write(data[:, ::2, ::2], subfiletype=1, tile=(256, 256))
        label = np.full((200, 300, 3), 9, np.uint8)
        writer.write(label, photometric="rgb", metadata={"Name": "label MARTIN"}, datetime="2026:11:21 10:00:00")
    return path


def test_an_ome_tiff_keeps_its_channels_and_its_scale(tmp_path: Path) -> None:
    (tmp_path / "a").mkdir()
    path = ome(tmp_path / "a")
    copied = write(path.parent, tmp_path / "b", whole_copy.plan(path.parent, path.name, "slide", LINES, b"seed"))
    assert leaks(tmp_path / "b", (*IDENTITY, "2026:11:21")) == []
    with tifffile.TiffFile(path) as before, tifffile.TiffFile(copied) as after:
        for page, other in zip(before.pages[:2], after.pages[:2], strict=True):
            assert np.array_equal(page.asarray(), other.asarray())
            smaller = [[one.asarray() for one in of.pages or ()] for of in (page, other)]
            assert len(smaller[0]) == 1
            assert np.array_equal(smaller[0], smaller[1])
        assert after.ome_metadata is not None
        assert 'PhysicalSizeX="0.5"' in after.ome_metadata
        assert "DAPI" in after.ome_metadata
        assert (before.pages[2].asarray() == 9).all()
        assert after.pages[2].asarray().mean() > 200


def test_a_czi_keeps_its_pixels_and_its_scale(tmp_path: Path) -> None:
    path = tmp_path / "slide.czi"
    pixels = np.random.default_rng(1).integers(0, 255, (64, 64, 3), dtype=np.uint8)
    with czi.create_czi(str(path)) as made:
        made.write(data=pixels, plane={"C": 0})
        told = {"document_name": "MARTIN Zoe 26H01234", "custom_attributes": {"IPP": 4711}}
        made.write_metadata(**told, channel_names={0: "DAPI"}, scale_x=0.25e-6, scale_y=0.25e-6)
    copied = write(tmp_path, tmp_path / "b", whole_copy.plan(tmp_path, path.name, "slide", LINES, b"seed"))
    assert {word for word, _ in leaks(tmp_path / "b", IDENTITY)} == set()
    with czi.open_czi(str(copied)) as opened:
        assert np.array_equal(opened.read(), pixels)
        assert "<Value>2.5e-07</Value>" in opened.raw_metadata
        assert 'Name="DAPI"' in opened.raw_metadata


def dicom_with_a_patient(real_slide: RealSlide, folder: Path) -> Path:
    """A real image, with the patient in every kind of element that may hold one, and a label beside it."""
    found = pydicom.dcmread(real_slide("dicom-wsi/camelyon_jpeg.dcm"))
    found.PatientName, found.PatientID, found.PatientBirthDate = "MARTIN^Zoe", "4711", "19610203"
    found.AccessionNumber, found.ContainerIdentifier = "26H01234", "26H01234-A1"
    found.OperatorsName, found.InstitutionName, found.DeviceSerialNumber = "Camille", "Hopital X", "SN-77"
    found.RequestAttributesSequence = [dicom.item(RequestedProcedureID="26H01234")]
    found.OpticalPathSequence[0].OpticalPathDescription = "MARTIN"
    found.private_block(0x0029, "VENDOR", create=True).add_new(1, "LO", "MARTIN Zoe")
    found.BarcodeValue, found.LabelText = "26H01234-A1", "MARTIN Zoe"
    folder.mkdir()
    found.save_as(folder / "26H01234.dcm")
    found.ImageType, found.SOPInstanceUID = ["ORIGINAL", "PRIMARY", "LABEL", "NONE"], pydicom.uid.generate_uid()
    found.save_as(folder / "label.dcm")
    return folder / "26H01234.dcm"


def test_dicom_leaves_as_annex_e_says(real_slide: RealSlide, tmp_path: Path) -> None:
    path = dicom_with_a_patient(real_slide, tmp_path / "a")
    planned = whole_copy.plan(path.parent, path.name, "slide", LINES, b"seed")
    copied = write(path.parent, tmp_path / "b", planned)
    assert leaks(tmp_path / "b", (*IDENTITY, "Camille", "Hopital", "SN-77", "19610203")) == []
    assert len(planned.files) == 1, "the label is left out"
    before, after = pydicom.dcmread(path), pydicom.dcmread(copied)
    assert after.PixelData == before.PixelData
    assert (after.PatientIdentityRemoved, after.PatientName, after.BurnedInAnnotation) == ("YES", LINES[0], "NO")
    assert after.StudyInstanceUID != before.StudyInstanceUID
    assert not [element for element in after.iterall() if element.tag.is_private]
    again = pydicom.dcmread(write(path.parent, tmp_path / "c", planned))
    assert again.StudyInstanceUID == after.StudyInstanceUID, "the slides of a case stay of one study"


@pytest.mark.parametrize("length", [40, 3000])
def test_no_remark_within_a_dicom_frame_and_no_preamble_leaves(
    length: int, real_slide: RealSlide, tmp_path: Path
) -> None:
    found = pydicom.dcmread(real_slide("dicom-wsi/camelyon_jpeg.dcm"))
    remark = b"\xff\xfe" + (length + 2).to_bytes(2) + b"MARTIN Zoe".ljust(length, b".")
    frames = [
        one[:2] + remark + one[2:] for one in generate_frames(found.PixelData, number_of_frames=found.NumberOfFrames)
    ]
    found.PixelData = encapsulate([one + b"\0" * (len(one) % 2) for one in frames])
    found.preamble = b"MARTIN Zoe 26H01234".ljust(128, b"\0")
    (tmp_path / "a").mkdir()
    found.save_as(tmp_path / "a" / "slide.dcm")
    planned = whole_copy.plan(tmp_path / "a", "slide.dcm", "slide", LINES, b"seed")
    copied = write(tmp_path / "a", tmp_path / "b", planned)
    assert leaks(tmp_path / "b", IDENTITY) == []
    assert np.array_equal(pydicom.dcmread(copied).pixel_array, found.pixel_array)
    assert {one.where for one in planned.findings} >= {"JPEG", "DICOM: preamble"}


def test_no_remark_in_the_tables_of_a_tiff_leaves(real_slide: RealSlide, tmp_path: Path) -> None:
    data = bytearray(real_slide("aperio/CMU-1-Small-Region.svs").read_bytes())
    with tifffile.TiffFile(io.BytesIO(bytes(data))) as before:
        tag, expected = before.pages.first.tags[347], before.pages.first.asarray()
        tables = bytes(tag.value)
    remarked = tables[:2] + b"\xff\xfe\0\x0cMARTIN Zoe" + tables[2:]
    data[tag.offset + 4 : tag.offset + 12] = struct.pack("<II", len(remarked), len(data))
    (tmp_path / "slide.svs").write_bytes(bytes(data) + remarked)
    planned = whole_copy.plan(tmp_path, "slide.svs", "slide", LINES, b"seed")
    copied = write(tmp_path, tmp_path / "b", planned)
    assert leaks(tmp_path / "b", IDENTITY) == []
    with tifffile.TiffFile(copied) as after:
        assert np.array_equal(after.pages[0].asarray(), expected)


def test_what_is_attached_to_a_czi_keeps_no_name_of_its_own(tmp_path: Path) -> None:
    scanned = np.random.default_rng(1).integers(0, 255, (64, 64, 3), dtype=np.uint8)
    path = write_blocks(tmp_path / "slide.czi", [Block(x=0, y=0, pixels=scanned)], label=scanned)
    path.write_bytes(path.read_bytes().replace(b"Label".ljust(20, b"\0"), b"MARTIN Zoe 4711".ljust(20, b"\0")))
    write(tmp_path, tmp_path / "b", whole_copy.plan(tmp_path, path.name, "slide", LINES, b"seed"))
    assert path.read_bytes().count(b"MARTIN") == 2
    assert leaks(tmp_path / "b", IDENTITY) == []


def test_a_tile_that_lies_where_the_label_does_lets_nothing_leave(tmp_path: Path) -> None:
    path = add_label(write_svs(tmp_path / "slide.svs"), plain_label())
    whole_copy.plan(tmp_path, path.name, "slide", LINES, b"seed")
    changed = Directories(path)
    (label,) = struct.unpack_from("<Q", changed.data, changed.entry(len(changed.offsets()) - 1, 273))
    changed.put_in_array(0, 324, 0, label)
    changed.save()
    with pytest.raises(SlideForbidden) as refused:
        whole_copy.plan(tmp_path, path.name, "slide", LINES, b"seed")
    assert refused.value.code == "error-slide-withheld-data"


@pytest.mark.parametrize("first", [None, "Aperio Image Library v11.2.1\n1024x1024 (256x256) |AppMag = 20"])
def test_a_label_of_the_shape_of_the_slide_is_no_level_of_it(first: str | None, tmp_path: Path) -> None:
    path = tmp_path / "slide.tiff"
    scanned = np.random.default_rng(3).integers(0, 255, (1024, 1024, 3), np.uint8)
    glass, second = scanned[::2, ::2], "Aperio Image Library v11.2.1\nlabel 256x256" if first else "Label"
    with tifffile.TiffWriter(path) as writer:
        for pixels, said in ((scanned, first), (glass, None if first is None else first), (scanned[::4, ::4], second)):
            writer.write(pixels, tile=(256, 256), photometric="rgb", description=said, metadata=None)
    made = write(tmp_path, tmp_path / "left", whole_copy.plan(tmp_path, path.name, "left", LINES, b"seed"))
    with tifffile.TiffFile(made) as left:
        assert np.array_equal(left.pages[0].asarray(), scanned)
        assert np.array_equal(left.pages[1].asarray(), glass)
    assert scanned[::4, ::4].tobytes()[:256] not in made.read_bytes()


def jpeg_with_a_remark(remark: bytes) -> bytes:
    target = io.BytesIO()
    Image.fromarray(np.full((64, 64, 3), 120, np.uint8)).save(target, "JPEG")
    plain = target.getvalue()
    return plain[:2] + b"\xff\xfe" + struct.pack(">H", len(remark) + 2) + remark + plain[2:]


def test_a_vms_gets_names_of_ours_and_no_macro(tmp_path: Path) -> None:
    folder = tmp_path / "a"
    folder.mkdir()
    for name in ("MARTIN(0,0).jpg", "map.jpg", "macro.jpg"):
        (folder / name).write_bytes(jpeg_with_a_remark(b"MARTIN Zoe"))
    (folder / "slide.vms").write_text(
        "[Virtual Microscope Specimen]\nNoLayers=1\nNoJpegColumns=1\nNoJpegRows=1\nImageFile=MARTIN(0,0).jpg\n"
        "MapFile=map.jpg\nMacroImage=macro.jpg\nReference=26H01234\nPhysicalWidth=16000\nSourceLens=20\n"
    )
    planned = whole_copy.plan(folder, "slide.vms", "slide", LINES, b"seed")
    copied = write(folder, tmp_path / "b", planned)
    assert leaks(tmp_path / "b", IDENTITY) == []
    assert "SourceLens=20" in copied.read_text()
    assert "PhysicalWidth=16000" in copied.read_text()
    image = next(one.to for one in planned.files if one.name == "MARTIN(0,0).jpg")
    assert np.asarray(Image.open(tmp_path / "b" / image)).mean() == pytest.approx(120, abs=1)


@pytest.mark.parametrize("content", [b"", b"what nobody knows", b"II*\0\xff\xff\xff\x7f", b"II*\0\x08\0\0\0\x01\0"])
def test_of_what_is_not_understood_nothing_leaves(content: bytes, tmp_path: Path) -> None:
    (tmp_path / "slide.tiff").write_bytes(content)
    with pytest.raises(SlideUnreadable):
        whole_copy.plan(tmp_path, "slide.tiff", "slide", LINES, b"seed")
    assert whole_copy.findings(tmp_path, "slide.tiff") is None


def test_what_is_too_deep_to_follow_can_be_looked_at_and_never_leaves(tmp_path: Path) -> None:
    directory = struct.Struct("<HHHIII")  # one entry, SubIFDs, which is the next directory
    deep = b"".join(directory.pack(1, 330, 4, 1, 8 + (n + 1) * directory.size, 0) for n in range(3000))
    (tmp_path / "slide.tiff").write_bytes(b"II*\0\x08\0\0\0" + deep + directory.pack(1, 256, 4, 1, 1, 0))
    assert whole_copy.findings(tmp_path, "slide.tiff") is None


def test_a_format_that_nobody_here_knows_says_so(tmp_path: Path) -> None:
    (tmp_path / "slide.isyntax").write_bytes(b"\x89unknown")
    with pytest.raises(SlideUnsupported) as refused:
        whole_copy.plan(tmp_path, "slide.isyntax", "slide", LINES, b"seed")
    assert refused.value.code == "error-slide-copy-unknown"


def test_any_range_of_a_copy_is_had_without_the_rest() -> None:
    pieces = (Kept(10, 5), Zeros(3), Written(b"abc"))
    assert list(cut(pieces, 3, 6)) == [Kept(13, 2), Zeros(3), Written(b"a")]
    assert list(cut(pieces, 0, 11)) == list(pieces)
    assert list(cut(pieces, 11, 5)) == []


def test_a_withheld_picture_is_drawn_for_those_who_may_see_it(real_slide: RealSlide) -> None:
    shown = withheld.shown(real_slide("aperio/CMU-1-Small-Region.svs"), "label")
    assert Image.open(io.BytesIO(shown)).size == (387, 463)
    assert withheld.shown(real_slide("aperio/CMU-1-Small-Region.svs"), "thumbnail") == b""
