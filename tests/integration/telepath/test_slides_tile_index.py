from array import array

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from telepath.errors import SlideForbidden, SlideIncomplete, SlideUnreadable, TileUnreadable
from telepath.slides.jpeg import SOI, Colour
from telepath.slides.pyramid import Channel, Level
from telepath.slides.stored import Tiles
from telepath.slides.tile_index import MAGIC_1, Decoded, File, Halved, Header, Stored, dump, load

LEVEL = Level(width=512, height=512, downsample=1.0, tile_width=256, tile_height=256)
HEADER = Header(
    entry="slide.svs",
    levels=(LEVEL,),
    ways=(Stored(file=0, prefix=SOI + b"tables", blank=b"blank"),),
    files=(File("slide.svs", 1000),),
)


def found(offsets: list[int], lengths: list[int], withheld: list[tuple[int, int]] | None = None) -> Tiles:
    return Tiles(
        level=LEVEL,
        file=File("slide.svs", 1000),
        offsets=array("Q", offsets),
        lengths=array("I", lengths),
        colour=Colour.YCBCR,
        withheld=withheld or [],
    )


def test_a_tile_is_found_where_it_was_put() -> None:
    index = load(dump(HEADER, [(array("Q", [10, 110, 210, 310]), array("I", [100, 100, 100, 0]))]))
    place = index.locate(0, 1, 0)
    assert (place.name, place.offset, place.length) == ("slide.svs", 110, 100)
    assert index.picture(0, SOI + b"scan") == SOI + b"tablesscan"


def test_an_area_that_was_not_scanned_shows_the_blank_tile() -> None:
    index = load(dump(HEADER, [(array("Q", [10, 110, 210, 310]), array("I", [100, 100, 100, 0]))]))
    assert index.locate(0, 1, 1).length == 0
    assert index.picture(0, b"") == b"blank"


def test_bytes_that_are_no_jpeg_are_unreadable_never_blank() -> None:
    index = load(dump(HEADER, [(array("Q", [10, 110, 210, 310]), array("I", [100, 100, 100, 0]))]))
    with pytest.raises(TileUnreadable):
        index.picture(0, b"garbage")


def test_a_range_that_leaves_the_file_is_not_read() -> None:
    index = load(dump(HEADER, [(array("Q", [950, 2**63, 0, 0]), array("I", [100, 1, 1, 1]))]))
    for column in (0, 1):
        with pytest.raises(TileUnreadable):
            index.locate(0, column, 0)


def test_tiles_outside_the_grid_are_unknown() -> None:
    index = load(dump(HEADER, [(array("Q", [0] * 4), array("I", [0] * 4))]))
    assert index.has(0, 1, 1)
    assert not index.has(0, 2, 0)
    assert not index.has(1, 0, 0)
    assert not index.has(-1, 0, 0)


def test_a_good_table_passes_the_check() -> None:
    found([0, 100, 200, 300], [100, 100, 100, 0], [(300, 400)]).check()


@pytest.mark.parametrize("withheld", [(0, 1), (99, 100), (50, 60), (0, 1000), (399, 401)])
def test_a_tile_that_touches_withheld_data_is_refused(withheld: tuple[int, int]) -> None:
    with pytest.raises(SlideForbidden):
        found([0, 100, 200, 300], [100, 100, 100, 100], [(900, 950), withheld]).check()


def test_a_tile_beyond_the_end_is_incomplete() -> None:
    with pytest.raises(SlideIncomplete):
        found([0, 100, 200, 901], [100, 100, 100, 100]).check()


def test_a_table_of_another_size_than_the_grid_is_refused() -> None:
    with pytest.raises(SlideForbidden):
        found([0], [100]).check()


@given(st.binary(max_size=300))
def test_anything_else_is_not_an_index(data: bytes) -> None:
    for text in (data, b"TPTILES1" + data, b"TPTILES2" + data):
        with pytest.raises(SlideUnreadable):
            load(text)


@given(st.integers(0, 400), st.integers(0, 255))
def test_a_changed_index_is_refused_or_stays_within_bounds(place: int, value: int) -> None:
    data = bytearray(dump(HEADER, [(array("Q", [10, 110, 210, 310]), array("I", [100, 100, 100, 0]))]))
    data[place % len(data)] = value
    try:
        index = load(bytes(data))
    except SlideUnreadable:
        return
    for row in range(3):
        for column in range(3):
            if index.has(0, column, row) and index.passthrough:
                try:
                    spot = index.locate(0, column, row)
                except TileUnreadable:
                    continue
                assert spot.offset + spot.length <= index.header.files[0].size


def test_each_channel_of_each_plane_has_its_own_table() -> None:
    channels = tuple(Channel(name=name, colour="#ffffff", lowest=0, highest=255, low=0, high=255) for name in "ab")
    header = msgspec.structs.replace(HEADER, channels=channels, planes=3)
    offsets = array("Q", range(10, 10 + 24 * 10, 10))
    index = load(dump(header, [(offsets, array("I", [10] * 24))]))
    assert index.locate(0, 0, 0).offset == 10
    assert index.locate(0, 0, 0, channel=1).offset == 50
    assert index.locate(0, 1, 1, z=2, channel=1).offset == 240
    assert not index.has(0, 0, 0, z=3)
    assert not index.has(0, 0, 0, channel=2)


def test_a_level_that_the_file_lacks_has_no_place_in_it() -> None:
    half = Level(width=256, height=256, downsample=2.0, tile_width=256, tile_height=256)
    header = msgspec.structs.replace(HEADER, levels=(LEVEL, half), ways=(*HEADER.ways, Halved(0)))
    index = load(dump(header, [(array("Q", [10, 110, 210, 310]), array("I", [100, 100, 100, 0]))]))
    assert index.has(1, 0, 0)
    with pytest.raises(TileUnreadable):
        index.locate(1, 0, 0)


@pytest.mark.parametrize("way", [Halved(1), Halved(0, 3), Halved(-1), Decoded(-1), Decoded(0, 0)])
def test_a_level_that_is_made_of_nothing_is_refused(way: Halved | Decoded) -> None:
    half = Level(width=256, height=256, downsample=2.0, tile_width=256, tile_height=256)
    header = msgspec.structs.replace(HEADER, levels=(LEVEL, half), ways=(*HEADER.ways, way))
    with pytest.raises(SlideUnreadable):
        load(dump(header, [(array("Q", [10, 110, 210, 310]), array("I", [100, 100, 100, 0]))]))


def test_an_index_of_before_is_read() -> None:
    head = (
        b'{"entry":"slide.svs","source":"passthrough","levels":[{"width":512,"height":512,"downsample":1.0,"tile_width":256,'
        b'"tile_height":256}],"files":[{"name":"slide.svs","size":1000}],"stored":[{"file":0,"prefix":"/9h0YWJsZXM=",'
        b'"blank":"Ymxhbms="}]}'
    )
    table = array("Q", [10, 110, 210, 310]).tobytes() + array("I", [100, 100, 100, 0]).tobytes()
    index = load(MAGIC_1 + len(head).to_bytes(4, "little") + head + table)
    assert (index.header.entry, index.header.ways) == (HEADER.entry, HEADER.ways)
    assert index.locate(0, 1, 0).offset == 110


def test_the_tiles_of_an_index_of_before_may_have_to_be_decoded() -> None:
    head = (
        b'{"entry":"slide.ndpi","source":"decoded","levels":[{"width":512,"height":512,"downsample":1.0,"tile_width":256,'
        b'"tile_height":256}]}'
    )
    assert load(MAGIC_1 + len(head).to_bytes(4, "little") + head).header.ways == (Decoded(0),)
