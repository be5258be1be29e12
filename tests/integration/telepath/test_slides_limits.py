"""Slides that declare more than a scanner makes are refused before anything is decoded, in seconds and a bounded memory."""

import itertools
import struct
import time
import zlib
from collections.abc import AsyncIterator, Callable, Iterable
from pathlib import Path

import numpy as np
import pytest

from telepath.errors import SlideForbidden, SlideIncomplete, SlideUnreadable, TileUnreadable
from telepath.slides import directories, tile_index
from telepath.slides.decoder_pool import DecoderPool
from telepath.slides.tiff_writer import Picture
from telepath.storage_local import LocalStorage
from tests.builders_slides import Directories, add_label, barcode, encode, levels, pattern, write_svs, write_tiff

SECONDS = 10.0
Directory = dict[int, tuple[int, Iterable[int]]]


@pytest.fixture
async def pool(tmp_path: Path) -> AsyncIterator[DecoderPool]:
    async with DecoderPool(LocalStorage(tmp_path / "storage"), 1) as made:
        yield made


def tiff(path: Path, *directories: Directory, tail: bytes = b"", then: int | None = None) -> Path:
    """A small TIFF: each directory a tag and its type and values; ``tail`` begins at 8; the last one leads to ``then``."""
    data = bytearray(b"II*\0\0\0\0\0" + tail)
    link = 4
    for directory in directories:
        entries = []
        for tag, (kind, given) in sorted(directory.items()):
            values = list(given)
            layout = {2: "B", 3: "H", 4: "I"}[kind]
            packed = struct.pack(f"<{len(values)}{layout}", *values)
            if len(packed) > 4:
                data += b"\0" * (len(data) % 2)
                packed, at = struct.pack("<I", len(data)), packed
                data += at
            entries.append(struct.pack("<HHI", tag, kind, len(values)) + packed.ljust(4, b"\0"))
        data += b"\0" * (len(data) % 2)
        struct.pack_into("<I", data, link, len(data))
        data += struct.pack("<H", len(entries)) + b"".join(entries)
        link = len(data)
        data += struct.pack("<I", 0)
    struct.pack_into("<I", data, link, then or 0)
    path.write_bytes(data)
    return path


def picture(width: int, height: int, side: int, place: tuple[int, int], compression: int = 8) -> Directory:
    count = -(-width // side) * -(-height // side)
    return {
        256: (4, [width]),
        257: (4, [height]),
        258: (3, [8, 8, 8]),
        259: (3, [compression]),
        262: (3, [2]),
        277: (3, [3]),
        284: (3, [1]),
        322: (4, [side]),
        323: (4, [side]),
        324: (4, [place[0]] * count),
        325: (4, [place[1]] * count),
    }


async def refused(pool: DecoderPool, path: Path, what: str) -> None:
    began = time.monotonic()
    with pytest.raises(SlideForbidden) as told:
        await pool.inspect(path.parent, path.name)
    assert told.value.params == {"what": what}
    assert time.monotonic() - began < SECONDS


async def test_a_single_level_of_ten_billion_pixels_has_no_thumbnail_and_takes_no_memory(
    pool: DecoderPool, tmp_path: Path
) -> None:
    zeros = zlib.compress(bytes(256 * 256 * 3))
    path = tiff(tmp_path / "slide.tiff", picture(100_096, 100_096, 256, (8, len(zeros))), tail=zeros)
    began = time.monotonic()
    found = await pool.inspect(path.parent, path.name)
    assert time.monotonic() - began < SECONDS
    assert found.thumbnail is None


@pytest.mark.parametrize(
    ("width", "height", "side", "what"),
    [
        (2**32 - 1, 2**32 - 1, 2**31, "pixels"),
        (999_999, 999_999, 4096, "pixels"),
        (16384, 16384, 16384, "tile"),
        (256, 256, 2**32 - 1, "tile"),
    ],
)
async def test_sizes_that_no_scanner_makes_are_refused(
    pool: DecoderPool, tmp_path: Path, width: int, height: int, side: int, what: str
) -> None:
    directory = picture(256, 256, 256, (8, 4))
    directory |= {256: (4, [width]), 257: (4, [height]), 322: (4, [side]), 323: (4, [side])}
    await refused(pool, tiff(tmp_path / "slide.tiff", directory, tail=bytes(4)), what)


async def test_a_tile_that_grows_a_thousandfold_is_decoded_in_a_bounded_memory(
    pool: DecoderPool, tmp_path: Path
) -> None:
    """The largest tile that is let in."""
    zeros = zlib.compress(bytes(4096 * 4096 * 3), 9)
    assert 1000 * len(zeros) < 4096 * 4096 * 3
    path = tiff(tmp_path / "slide.tiff", picture(4096, 4096, 4096, (8, len(zeros))), tail=zeros)
    found = await pool.inspect(path.parent, path.name)
    assert found.thumbnail is not None


@pytest.mark.parametrize("compression", [7, 33005, 34712])
async def test_a_stream_that_says_to_be_larger_than_its_tile_is_unreadable(
    pool: DecoderPool, tmp_path: Path, compression: int
) -> None:
    """JPEG, and JPEG 2000 in two ways, of 60,000 x 60,000 px."""
    jpeg = bytearray(encode(pattern(levels(256, 256, (1,))[0], 0, 0)))
    struct.pack_into(">HH", jpeg, jpeg.index(b"\xff\xc0") + 5, 60_000, 60_000)
    sides = struct.pack(">IIIIIIII", 60_000, 60_000, 0, 0, 60_000, 60_000, 0, 0)
    jpeg2000 = b"\xff\x4f\xff\x51" + struct.pack(">HH", 47, 0) + sides + struct.pack(">H", 3) + b"\x07\x01\x01" * 3
    stream = bytes(jpeg) if compression == 7 else jpeg2000
    path = tiff(tmp_path / "slide.tiff", picture(512, 512, 256, (8, len(stream)), compression), tail=stream)
    began = time.monotonic()
    with pytest.raises(SlideUnreadable):
        await pool.inspect(path.parent, path.name)
    assert time.monotonic() - began < SECONDS


async def test_a_stream_that_is_a_thousand_times_its_tile_is_read_as_far_as_the_tile(
    pool: DecoderPool, tmp_path: Path
) -> None:
    zeros = zlib.compress(bytes(256 << 20), 1)
    path = tiff(tmp_path / "slide.tiff", picture(512, 512, 256, (8, len(zeros))), tail=zeros)
    began = time.monotonic()
    assert (await pool.inspect(path.parent, path.name)).thumbnail is not None
    assert time.monotonic() - began < SECONDS


async def test_a_circle_of_directories_is_refused(pool: DecoderPool, tmp_path: Path) -> None:
    path = tiff(tmp_path / "slide.tiff", picture(256, 256, 256, (8, 4)), tail=bytes(4))
    (first,) = struct.unpack_from("<I", path.read_bytes(), 4)
    await refused(pool, tiff(path, picture(256, 256, 256, (8, 4)), tail=bytes(4), then=first), "directories")
    below = picture(256, 256, 256, (8, 4)) | {330: (4, [first])}
    assert struct.unpack_from("<I", tiff(path, below, tail=bytes(4)).read_bytes(), 4) == (first,)
    await refused(pool, path, "directories")


async def test_a_million_directories_are_refused(pool: DecoderPool, tmp_path: Path) -> None:
    path = tmp_path / "slide.tiff"
    with path.open("wb") as file:
        file.write(b"II*\0" + struct.pack("<I", 8))
        one = struct.pack("<HHHII", 1, 256, 4, 1, 256)
        for number in range(1_000_000):
            file.write(one + struct.pack("<I", 8 + 18 * (number + 1) if number < 999_999 else 0))
    await refused(pool, path, "directories")


async def test_a_hundred_thousand_levels_below_one_are_refused(pool: DecoderPool, tmp_path: Path) -> None:
    directory = picture(256, 256, 256, (8, 4)) | {330: (4, range(100, 100_100))}
    await refused(pool, tiff(tmp_path / "slide.tiff", directory, tail=bytes(4)), "directories")


async def test_a_count_that_would_fill_the_memory_is_refused(pool: DecoderPool, tmp_path: Path) -> None:
    path = tiff(tmp_path / "slide.tiff", picture(256, 256, 256, (8, 4)) | {270: (2, b"Aperio")}, tail=bytes(4))
    data = bytearray(path.read_bytes())
    at = data.index(struct.pack("<HHI", 270, 2, 6))
    struct.pack_into("<I", data, at + 4, 2**32 - 1)
    path.write_bytes(data)
    await refused(pool, path, "directories")


BOMB = """<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa">{}]><x>&{};</x>"""
OUTSIDE = """<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a SYSTEM "file://{}">]><OME>&a;</OME>"""


@pytest.mark.parametrize("kind", ["bomb", "outside"])
async def test_entities_of_an_xml_description_are_inert(pool: DecoderPool, tmp_path: Path, kind: str) -> None:
    names = "abcdefghijkl"
    steps = "".join(f'<!ENTITY {y} "{f"&{x};" * 10}">' for x, y in itertools.pairwise(names))
    (tmp_path / "victim").write_text("another patient")
    text = BOMB.format(steps, names[-1]) if kind == "bomb" else OUTSIDE.format(tmp_path / "victim")
    folder = tmp_path / "slide"
    folder.mkdir()
    stream = encode(np.full((256, 256, 3), 200, np.uint8))
    directory = picture(256, 256, 256, (8, len(stream)), 7) | {262: (3, [6]), 270: (2, text.encode() + b"\0")}
    path = tiff(folder / "slide.tiff", directory, tail=stream)
    began = time.monotonic()
    try:
        found = await pool.inspect(folder, path.name)
    except SlideUnreadable:
        pass
    else:
        assert b"another patient" not in found.index
    assert time.monotonic() - began < SECONDS


async def test_a_stored_tile_of_another_size_is_unreadable_and_the_rest_is_shown(
    pool: DecoderPool, tmp_path: Path
) -> None:
    pyramid = levels(1024, 768, (1,))
    path = write_tiff(tmp_path / "slide.tiff", pyramid, Picture(mpp=0.25))
    data = bytearray(path.read_bytes())
    tile = encode(pattern(pyramid[0], 2, 1))
    at = data.index(tile[-400:]) + 400 - len(tile)
    frame = data.index(b"\xff\xc0", at)
    struct.pack_into(">HH", data, frame + 5, 512, 512)
    path.write_bytes(data)
    index = tile_index.load((await pool.inspect(tmp_path, path.name)).index)
    good = [(column, row) for row in range(3) for column in range(4) if _is_there(index.locate, column, row)]
    assert len(good) == 11
    assert (2, 1) not in good


def _is_there(locate: Callable[[int, int, int], object], column: int, row: int) -> bool:
    try:
        locate(0, column, row)
    except TileUnreadable:
        return False
    return True


def test_incomplete_is_said_of_a_file_that_was_cut(tmp_path: Path) -> None:
    path = tiff(tmp_path / "slide.tiff", picture(256, 256, 256, (8, 4)), tail=bytes(4), then=10**6)
    with pytest.raises(SlideIncomplete):
        directories.check(path)


@pytest.mark.parametrize("broken", ["type", "value"])
async def test_tiles_that_are_said_to_be_uncompressed_cannot_reach_the_label(
    pool: DecoderPool, tmp_path: Path, broken: str
) -> None:
    """libtiff would read each as far as its size goes, over the label that lies behind."""
    path = add_label(write_svs(tmp_path / "slide.svs", width=512, height=512, steps=(1,)), barcode("TELEPATH"))
    found = Directories(path)
    value = found.entry(0, 259)
    struct.pack_into("<H", found.data, value if broken == "value" else value - 10, 1 if broken == "value" else 14)
    found.save()
    await refused(pool, path, "tiles" if broken == "value" else "directories")


async def test_tiles_that_lie_where_the_label_does_are_refused_when_they_are_decoded_too(
    pool: DecoderPool, tmp_path: Path
) -> None:
    zeros = zlib.compress(bytes(256 * 256 * 3))
    label: Directory = {256: (4, [8]), 257: (4, [1]), 273: (4, [10]), 279: (4, [24]), 278: (4, [1])}
    path = tiff(tmp_path / "slide.tiff", picture(256, 256, 256, (8, len(zeros))), label, tail=zeros)
    with pytest.raises(SlideForbidden) as told:
        await pool.inspect(path.parent, path.name)
    assert told.value.code == "error-slide-withheld-data"
