import io

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from telepath.slides.jpeg import APP14_RGB, SOI, Colour, prefix_for, read_header, splice
from telepath.slides.pyramid import Level
from telepath.slides.tiff_writer import abbreviate
from tests.builders_slides import encode, pattern

LEVEL = Level(width=512, height=512, downsample=1.0, tile_width=256, tile_height=192)
PIXELS = pattern(LEVEL, 1, 1)


def as_a_browser_sees(picture: bytes) -> "np.ndarray[tuple[int, ...], np.dtype[np.int16]]":
    return np.asarray(Image.open(io.BytesIO(picture)).convert("RGB"), np.int16)


def test_the_header_tells_size_and_colour() -> None:
    header = read_header(encode(PIXELS))
    assert header is not None
    assert (header.width, header.height, header.precision) == (256, 192, 8)
    assert header.colour is Colour.YCBCR
    assert header.jfif


def test_a_tile_without_its_tables_becomes_a_picture_again() -> None:
    picture = encode(PIXELS)
    tables, tile = abbreviate(picture)
    prefix = prefix_for(tile, tables, Colour.YCBCR)
    assert prefix is not None
    assert np.array_equal(as_a_browser_sees(splice(prefix, tile)), as_a_browser_sees(picture))


def test_an_rgb_tile_gets_the_marker_that_says_so() -> None:
    tables, tile = abbreviate(encode(PIXELS, rgb=True))
    prefix = prefix_for(tile, tables, Colour.RGB)
    assert prefix is not None
    assert APP14_RGB in prefix
    assert np.abs(as_a_browser_sees(splice(prefix, tile)) - PIXELS).mean() < 3


def test_a_ycbcr_tile_gets_no_marker() -> None:
    tables, tile = abbreviate(encode(PIXELS))
    assert APP14_RGB not in (prefix_for(tile, tables, Colour.YCBCR) or b"")


def test_a_tile_that_contradicts_its_file_is_left_to_the_decoder() -> None:
    picture = encode(PIXELS)  # its JFIF marker says YCbCr
    assert prefix_for(picture, b"", Colour.RGB) is None
    marked = SOI + APP14_RGB + abbreviate(picture)[1][2:]
    assert prefix_for(marked, abbreviate(picture)[0], Colour.YCBCR) is None


@pytest.mark.parametrize("tables", [b"\xff\xd8", b"nonsense", b"\xff\xd8\xff\xd8"])
def test_broken_tables_are_left_to_the_decoder(tables: bytes) -> None:
    assert prefix_for(encode(PIXELS), tables, Colour.YCBCR) is None


@pytest.mark.parametrize("frame", [0xC3, 0xC9, 0xF7], ids=["lossless", "arithmetic", "jpeg-ls"])
def test_what_browsers_do_not_decode_is_left_to_the_decoder(frame: int) -> None:
    picture = bytearray(encode(PIXELS))
    picture[picture.index(b"\xff\xc0") + 1] = frame
    assert prefix_for(bytes(picture), b"", Colour.YCBCR) is None


@given(st.binary(max_size=400))
def test_no_bytes_make_the_reader_fail(data: bytes) -> None:
    read_header(data)
    read_header(SOI + data)
    prefix_for(SOI + data, b"", Colour.RGB)


@given(st.integers(2, 600), st.integers(0, 255))
def test_no_change_of_a_header_makes_the_reader_fail(place: int, value: int) -> None:
    picture = bytearray(encode(PIXELS))
    picture[place] = value
    read_header(bytes(picture))
    read_header(bytes(picture[:place]))
