"""TIFF slides that OpenSlide refuses, or sees half of."""

import io
from pathlib import Path

import numpy as np
import pytest
import tifffile
from PIL import Image

from telepath.errors import SlideUnsupported, TileUnreadable
from telepath.slides import fluorescence, tile_index
from telepath.slides.inspection import inspect
from telepath.slides.readers import open_reader
from telepath.slides.tiff_reader import TiffReader
from telepath.slides.tile_index import Decoded, Source, Stored
from tests.builders_ome import light, picture, write_colour, write_fluorescence, write_ome, write_plain

WHOLE = picture(1500, 1000)
GREY = WHOLE[:, :, 1].copy()


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


@pytest.mark.parametrize("compression", ["webp", "jpeg2000", "jpegxr", "jpegxl", "lzma", "png", "lerc"])
def test_a_plain_tiff_that_openslide_cannot_unpack_shows_the_pixels_that_were_written(
    tmp_path: Path, compression: str
) -> None:
    lossless = {"jpeg2000": {"reversible": True}, "webp": {"lossless": True}, "jpegxl": {"lossless": True}}
    path = write_plain(
        tmp_path / "slide.tif", WHOLE, compression=compression, compressionargs=lossless.get(compression)
    )
    found = inspect(tmp_path, path.name)
    assert (found.vendor, found.source, found.channels) == ("tiff", Source.DECODED, ())
    reader = open_reader(path)
    assert np.array_equal(reader.pixels(0, 300, 200, 400, 250), WHOLE[200:450, 300:700])
    assert np.array_equal(reader.pixels(1, 0, 0, 375, 250), WHOLE[::4, ::4])
    reader.close()


PALETTE = np.stack([np.arange(256) * 257, (255 - np.arange(256)) * 257, np.full(256, 100 * 257)]).astype(np.uint16)
SHOWN = (PALETTE[:, GREY] >> 8).astype(np.uint8).transpose(1, 2, 0)
CLEAR = np.dstack([WHOLE, np.full(GREY.shape, 255, np.uint8)])
CLEAR[:300] = 0
ON_WHITE = WHOLE.copy()
ON_WHITE[:300] = 255


@pytest.mark.parametrize("kind", ["plain", "ome"])
@pytest.mark.parametrize(
    ("pixels", "expected", "options"),
    [
        (WHOLE, WHOLE, {"photometric": "rgb", "planarconfig": "separate"}),
        (WHOLE, WHOLE, {"photometric": "rgb", "tile": None, "rowsperstrip": 64}),
        (WHOLE, WHOLE, {"photometric": "rgb", "byteorder": ">"}),
        (GREY, SHOWN, {"photometric": "palette", "colormap": PALETTE}),
        (CLEAR, ON_WHITE, {"photometric": "rgb", "extrasamples": ["assocalpha"]}),
        (CLEAR, ON_WHITE, {"photometric": "rgb", "extrasamples": ["unassalpha"]}),
        (GREY, 255 - GREY, {"photometric": "miniswhite"}),
        (GREY.astype(np.uint16) * 257, (255 - GREY).astype(np.uint16) * 257, {"photometric": "miniswhite"}),
        (GREY.astype(np.uint16) * 16, GREY.astype(np.uint16) * 16, {"photometric": "minisblack", "bitspersample": 12}),
    ],
    ids=[
        "planar",
        "strips",
        "big-endian",
        "palette",
        "alpha",
        "own alpha",
        "white is 0",
        "white is 0 of 16",
        "12 bits",
    ],
)
def test_every_way_of_laying_samples_gives_the_same_picture(
    tmp_path: Path, kind: str, pixels: np.ndarray, expected: np.ndarray, options: dict[str, object]
) -> None:
    packed = {} if "bitspersample" in options else {"compression": "deflate"}
    path = write_plain(tmp_path / "slide.tif", pixels, ome=kind == "ome", **packed, **options)
    found = inspect(tmp_path, path.name)
    assert (found.channels == ()) == (expected.ndim == 3)
    reader = open_reader(path)
    for number, step in enumerate((1, 4)):
        shown = reader.pixels(number, 0, 0, -(-1500 // step), -(-1000 // step))
        assert np.array_equal(shown, expected[::step, ::step])
    reader.close()


def test_twelve_bits_are_told_as_twelve(tmp_path: Path) -> None:
    path = write_plain(tmp_path / "slide.tif", GREY.astype(np.uint16) * 16, photometric="minisblack", bitspersample=12)
    reader = open_reader(path)
    assert reader.describe().channels[0].bits == 12
    reader.close()


def test_twelve_bits_of_colour_are_as_light_as_they_were(tmp_path: Path) -> None:
    """Samples of 12 bits in words of 16, as OME-XML says."""
    path = tmp_path / "slide.ome.tiff"
    with tifffile.TiffWriter(path, ome=True) as file:
        said = {"axes": "YXS", "SignificantBits": 12}
        file.write(WHOLE.astype(np.uint16) << 4, photometric="rgb", tile=(256, 256), metadata=said)
    reader = open_reader(path)
    assert np.array_equal(reader.pixels(0, 0, 0, 1500, 1000), WHOLE)
    reader.close()


@pytest.mark.parametrize(("names", "colour"), [(["Red", "Green", "Blue"], True), (["Cy5", "FITC", "DAPI"], False)])
def test_red_green_and_blue_that_lie_apart_are_one_picture_and_other_channels_are_not(
    tmp_path: Path, names: list[str], colour: bool
) -> None:
    apart = [np.moveaxis(picture(1500 // step, 1000 // step, step), 2, 0) for step in (1, 3)]
    path = write_ome(
        tmp_path / "slide.ome.tiff", apart, "CYX", photometric="minisblack", channels=names, compression="deflate"
    )
    found = inspect(tmp_path, path.name)
    assert [channel.name for channel in found.channels] == ([] if colour else names)
    reader = open_reader(path)
    shown = reader.pixels(0, 300, 200, 400, 250)
    assert np.array_equal(shown, WHOLE[200:450, 300:700] if colour else WHOLE[200:450, 300:700, 0])
    reader.close()


def test_levels_that_are_not_halves_keep_their_own_scale(tmp_path: Path) -> None:
    sizes = [(1500, 1000), (455, 303), (147, 98)]
    pyramid = [np.asarray(Image.fromarray(WHOLE).resize(size)) for size in sizes]
    path = write_ome(tmp_path / "slide.ome.tiff", pyramid, "YXS", photometric="rgb", compression="jpeg")
    found = inspect(tmp_path, path.name)
    assert found.source is Source.PASSTHROUGH
    assert [level.downsample for level in found.pyramid.levels] == pytest.approx([1, 2, 3.3, 6.6, 10.2], rel=0.01)


def test_of_several_pictures_the_largest_is_the_slide_and_says_its_own_scale(tmp_path: Path) -> None:
    path = tmp_path / "slide.ome.tiff"
    with tifffile.TiffWriter(path, ome=True) as file:
        for name, pixels, mpp in (("label", picture(300, 200), 40.0), ("scan", WHOLE, 0.5), ("next", GREY, 1.0)):
            said = {"axes": "YXS"[: pixels.ndim], "Name": name, "PhysicalSizeX": mpp, "PhysicalSizeY": mpp}
            kind = "rgb" if pixels.ndim == 3 else "minisblack"
            part = pixels if name != "next" else pixels[:700, :700]
            file.write(part, photometric=kind, tile=(256, 256), compression="deflate", metadata=said)
    found = inspect(tmp_path, path.name)
    assert (found.pyramid.width, found.mpp, found.companions) == (1500, 0.5, ("label", "picture 2"))


PLANES = """<?xml version="1.0" encoding="UTF-8"?><OME xmlns="http://www.openmicroscopy.org/Schemas/OME/2016-06"
 UUID="urn:uuid:1"><Image ID="Image:0"><Pixels ID="Pixels:0" DimensionOrder="{order}" Type="uint16" SizeX="900" SizeY="700"
 SizeZ="{z}" SizeC="{c}" SizeT="1">{channels}{planes}</Pixels></Image></OME>"""


def write_planes(path: Path, order: str, z: int, c: int, places: str, held: list[tuple[int, int]]) -> Path:
    """``held``: (plane, channel) of each page."""
    channels = "".join(f'<Channel ID="Channel:0:{one}" SamplesPerPixel="1"/>' for one in range(c))
    text = PLANES.format(order=order, z=z, c=c, channels=channels, planes=places).encode()
    with tifffile.TiffWriter(path) as file:
        for number, (plane, channel) in enumerate(held):
            pixels = light(900, 700, 1, channel, plane)
            said = None if number else text
            file.write(pixels, tile=(256, 256), photometric="minisblack", metadata=None, description=said)
    return path


@pytest.mark.parametrize("order", ["XYZCT", "XYCZT", "XYZTC", "XYTCZ"])
def test_planes_and_channels_are_found_in_any_order(tmp_path: Path, order: str) -> None:
    held = [(z, c) for z in range(3) for c in range(2)]
    held.sort(key=lambda one: one if order.index("C") < order.index("Z") else one[::-1])
    path = write_planes(tmp_path / "slide.ome.tiff", order, 3, 2, "<TiffData/>", held)
    reader = open_reader(path)
    for z, c in held:
        assert np.array_equal(reader.pixels(0, 0, 0, 900, 700, z=z, channel=c), light(900, 700, 1, c, z))
    reader.close()


def test_a_plane_that_was_not_scanned_is_dark_and_the_others_are_shown(tmp_path: Path) -> None:
    places = '<TiffData IFD="0" FirstZ="0" PlaneCount="1"/><TiffData IFD="1" FirstZ="2" PlaneCount="1"/>'
    path = write_planes(tmp_path / "slide.ome.tiff", "XYZCT", 3, 1, places, [(0, 0), (2, 0)])
    assert inspect(tmp_path, path.name).planes == 3
    reader = open_reader(path)
    assert reader.pixels(0, 0, 0, 900, 700, z=1).max() == 0
    assert np.array_equal(reader.pixels(0, 0, 0, 900, 700, z=2), light(900, 700, 1, 0, 2))
    reader.close()


ELSEWHERE = "".join(
    f'<TiffData IFD="0" FirstC="{one}" PlaneCount="1"><UUID FileName="{one}.ome.tiff">urn:uuid:{one + 1}</UUID></TiffData>'
    for one in range(2)
)
TOLD = PLANES[: PLANES.index("<Image ")] + '<BinaryOnly MetadataFile="all.companion.ome" UUID="urn:uuid:2"/></OME>'


def test_one_file_of_several_is_refused_by_saying_so(tmp_path: Path) -> None:
    write_planes(tmp_path / "part.ome.tiff", "XYZCT", 1, 2, ELSEWHERE, [(0, 0)])
    (tmp_path / "all.companion.ome").write_text(PLANES.format(order="XYZCT", z=1, c=2, channels="", planes=ELSEWHERE))
    tifffile.imwrite(tmp_path / "bare.ome.tiff", GREY, tile=(256, 256), metadata=None, description=TOLD)
    for path in sorted(tmp_path.iterdir()):
        with pytest.raises(SlideUnsupported) as refused:
            inspect(tmp_path, path.name)
        assert refused.value.code == "error-slide-part"


def test_a_file_that_was_only_renamed_is_whole(tmp_path: Path) -> None:
    places = '<TiffData IFD="0" PlaneCount="1"><UUID FileName="as it was.ome.tiff">urn:uuid:1</UUID></TiffData>'
    path = write_planes(tmp_path / "slide.tiff", "XYZCT", 1, 1, places, [(0, 0)])
    assert inspect(tmp_path, path.name).vendor == "ome-tiff"


@pytest.mark.parametrize("kind", ["cmyk", "float", "two colours"])
def test_a_tiff_whose_samples_are_not_shown_is_refused_by_the_name_of_its_format(tmp_path: Path, kind: str) -> None:
    path = tmp_path / "slide.tif"
    ink = np.dstack([255 - WHOLE, GREY])
    if kind == "cmyk":
        write_plain(path, ink, ome=True, photometric="separated")
    elif kind == "float":
        write_plain(path, GREY.astype(np.float32), photometric="minisblack")
    else:
        write_plain(path, GREY > 127, photometric="minisblack")
    with pytest.raises(SlideUnsupported) as refused:
        inspect(tmp_path, path.name)
    assert refused.value.code == "error-slide-samples"


def test_offsets_beyond_four_gibibytes_are_read(tmp_path: Path) -> None:
    """The tiles are moved to the far end of a file with a hole in it."""
    path = write_plain(tmp_path / "slide.tif", GREY, photometric="minisblack", compression="deflate", bigtiff=True)
    far = 5 << 30
    data = path.read_bytes()
    with tifffile.TiffFile(path) as file:
        places = [(page.aspage().tags[324].valueoffset, page.dataoffsets) for page in file.pages]
    with path.open("r+b") as file:
        for place, offsets in places:
            file.seek(place)
            file.write(np.array([far + one for one in offsets], "<u8").tobytes())
        file.seek(far)
        file.write(data)
    found = inspect(tmp_path, path.name)
    reader = open_reader(path)
    assert found.thumbnail is not None
    assert np.array_equal(reader.pixels(0, 0, 0, 1500, 1000), GREY)
    reader.close()


def test_dots_of_light_that_the_coarse_level_loses_keep_how_bright_they_are(tmp_path: Path) -> None:
    chance = np.random.default_rng(1)
    finest = chance.poisson(300, (2048, 2048)).astype(np.uint16)
    for y, x in chance.integers(0, 2040, (40, 2)):
        finest[y : y + 3, x : x + 3] = chance.integers(20_000, 60_000)
    coarsest = finest.reshape(128, 16, 128, 16).mean(axis=(1, 3)).astype(np.uint16)
    path = write_ome(tmp_path / "slide.ome.tiff", [finest, coarsest], "YX", compression="deflate")
    with tifffile.TiffFile(path) as file:
        spoilt = file.pages[0].dataoffsets[0]
    with path.open("r+b") as changed:
        changed.seek(spoilt)
        changed.write(b"no deflate stream")
    (channel,) = inspect(tmp_path, path.name).channels
    assert coarsest.max() * 2 < 20_000
    dots = finest[finest > 10_000]
    shown = fluorescence.samples(fluorescence.eight_bits(dots, channel), channel)
    assert np.abs(shown / dots - 1).max() < 0.02
