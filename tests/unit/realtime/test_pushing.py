"""realtime/pushing.py by itself: what one follower is sent from tiles that are at hand."""

import asyncio

import msgspec

from realtime import tile_frames
from realtime.frames import UNITS_PER_PX, ViewportFrame
from realtime.messages import Kept, Window
from realtime.pushing import REST, Pusher
from realtime.tile_frames import CompleteFrame
from realtime.tile_push import Tile, grids
from telepath.slides.pyramid import Level
from tests.rooms import until

SLIDE = "slide"
WINDOW = Window(1000, 600, push=True)
FIELD = ViewportFrame(
    stream=1,
    epoch=1,
    sequence=1,
    time=0,
    x=5000 * UNITS_PER_PX,
    y=5000 * UNITS_PER_PX,
    width=1000 * UNITS_PER_PX,
    height=600 * UNITS_PER_PX,
    rotation=0,
)


class Shelf:
    """A slide all of whose tiles are at hand, and may be sent."""

    channels, planes, kept = 0, 1, frozenset[Tile]()

    def __init__(self) -> None:
        self.asked: list[Tile] = []
        self.grids = grids(
            [
                Level(width=16384 // step, height=12288 // step, downsample=step, tile_width=256, tile_height=256)
                for step in (1, 2, 4, 8, 16)
            ]
        )

    async def open(self, slide_id: str, kept: Kept | None) -> "Shelf":
        return self

    async def tile(self, tile: Tile) -> bytes:
        self.asked.append(tile)
        return b"a tile"

    def leaves(self, tile: Tile) -> bool:
        return True


class Clock:
    now = 1000.0

    def __call__(self) -> float:
        return self.now


async def test_a_window_that_asks_for_nothing_any_more_is_not_sent_ahead_either() -> None:
    shelf, clock = Shelf(), Clock()
    pusher = Pusher(shelf, clock, lambda: None)

    def over() -> bool:
        data = pusher.next()
        return data is not None and tile_frames.decode(data) == CompleteFrame(1, 1, 1)

    pusher.show(WINDOW)
    pusher.look(SLIDE, FIELD)
    await until(over)
    before = len(shelf.asked)
    pusher.show(msgspec.structs.replace(WINDOW, push=False))
    clock.now += 10 * REST
    looked = asyncio.Event()  # timers that are due go in their order: whoever looks whether it rests has done so before
    asyncio.get_running_loop().call_later(REST, looked.set)
    await looked.wait()
    await until(lambda: pusher.next() is None)
    assert len(shelf.asked) == before
    pusher.show(WINDOW)
    clock.now += 10 * REST
    await until(lambda: len(shelf.asked) > before)  # it rests again
    pusher.stop()
