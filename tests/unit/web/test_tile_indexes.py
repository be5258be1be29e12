"""The index of a slide in memory (web/tile_indexes.py)."""

import msgspec

from telepath.slides import tile_index
from telepath.slides.pyramid import Channel, Level
from telepath.slides.tile_index import Decoded, Header
from web.tile_indexes import Held, held_index, kept_as

DAPI = Channel(name="DAPI", colour="#0000ff", lowest=0, highest=4000, low=0, high=3000, companded=True)
LEVEL = Level(width=600, height=500, tile_width=256, tile_height=256, downsample=1.0)


def held(*channels: Channel) -> Held:
    data = tile_index.dump(Header(entry="a.tiff", levels=(LEVEL,), ways=(Decoded(0),), channels=channels))
    return held_index(tile_index.load(data), data, "slide", 0.0)


def test_a_tile_that_was_made_of_what_a_slide_was_before_is_not_given_for_what_it_is_now() -> None:
    before, same, after = held(DAPI), held(DAPI), held(msgspec.structs.replace(DAPI, highest=9000))
    assert kept_as(before, "0/0_0") == kept_as(same, "0/0_0") != kept_as(after, "0/0_0")
    assert len({kept_as(before, text) for text in ("0/0_0", "0/0_1", "picture-0")}) == 3
