"""Tiles that must be made: levels that a file lacks, and formats that no browser reads. Each tile is asked for once.

Ours comes over HTTP out of the sandbox; beside it the Deep Zoom app on the same file, and DeepZoomGenerator alone."""

import io
import math
import os
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack
from functools import partial
from itertools import islice
from pathlib import Path
from typing import Final

import msgspec
import openslide
from openslide.deepzoom import DeepZoomGenerator

from telepath.slides import rendering
from telepath.slides.catalogue import Slide
from telepath.slides.tile_index import Decoded, Halved, Place, TileIndex
from telepath.slides.tile_request import TileName, request_for
from tests.bench import tools
from tests.bench.tiles import servers
from tests.bench.tiles.load import Asked, Measured, once_each
from tests.bench.tiles.node import House, Tile, distinct_tiles
from tests.bench.tiles.rows import Row, Spread, Table, at_least, ratio
from tests.bench.tiles.servers import Server

AT_ONCE: Final = 4
WARM: Final = 16
"""Tiles that are asked for before the clock runs: each worker has opened the slide then."""
OURS, DEFAULTS, KINDEST = "telepath, sandbox included", "Deep Zoom app, its defaults", "Deep Zoom app, 256/0, threads"


class Work(msgspec.Struct, frozen=True):
    """Tiles of one slide that nobody has asked for yet."""

    slide: Slide
    tiles: Iterator[Tile]


def lacking(house: House, slide: Slide) -> Work:
    """The levels between those of the file: 1:2, 1:8."""
    ways = house.index(slide).header.ways
    return Work(slide, distinct_tiles(slide, [n for n, way in enumerate(ways) if isinstance(way, Halved)], 3))


def decoded(house: House, slide: Slide) -> Work:
    """The levels of a file that no browser reads."""
    ways = house.index(slide).header.ways
    return Work(slide, distinct_tiles(slide, [n for n, way in enumerate(ways) if way == Decoded(n)], 3))


class Beside:
    """Our node and, where they are installed, the apps of Deep Zoom, all over the storage of ``house``."""

    def __init__(self, stack: ExitStack, house: House, folder: Path) -> None:
        self._house = house
        self.node = stack.enter_context(house.serve({"decoder_workers": "1"}))  # servers have one core
        self.apps: dict[str, Server] = {}
        if tools.gunicorn():
            for name, grid, options in ((DEFAULTS, (254, 1), ()), (KINDEST, (256, 0), servers.THREADS)):
                app = f'deep_zoom:create("{house.storage.root}", {grid[0]}, {grid[1]})'
                self.apps[name] = stack.enter_context(servers.gunicorn(app, folder, *options))

    def measure(self, rounds: Sequence[Work], count: int) -> dict[str, list[Measured]]:
        """The same ``count`` tiles of each round's work, asked of each."""
        found: dict[str, list[Measured]] = {}
        for work in rounds:
            tiles = list(islice(work.tiles, WARM + count))
            asked = {OURS: self._house.asked(self.node, work.slide, tiles)}
            asked |= {
                name: Asked(app, [_deep_zoom(self._house, work.slide, tile) for tile in tiles])
                for name, app in self.apps.items()
            }
            for name, one in asked.items():
                once_each(msgspec.structs.replace(one, paths=one.paths[:WARM]), AT_ONCE)
                one.server.settle()
                measured = once_each(msgspec.structs.replace(one, paths=one.paths[WARM:]), AT_ONCE)
                found.setdefault(name, []).append(measured)
        return found


def _deep_zoom(house: House, slide: Slide, tile: Tile) -> str:
    path = house.file(slide).relative_to(house.storage.root)
    return f"/{path}/{deep_zoom_level(slide, tile[0])}/{tile[1]}_{tile[2]}.jpeg"


def deep_zoom_level(slide: Slide, level: int) -> int:
    """It counts each halving, from 1 px on."""
    return (max(slide.width, slide.height) - 1).bit_length() - round(math.log2(slide.pyramid.levels[level].downsample))


def beside(what: str, found: dict[str, list[Measured]], goals: dict[str, float]) -> list[Row]:
    """``goals``: how many times cheaper than each app."""
    ours = [one.cost for one in found[OURS]]
    rows = []
    for name, goal in goals.items():
        if name in found:
            rows.append(at_least(what, ratio((one.cost for one in found[name]), ours), goal, name))
        else:
            rows.append(Row(what, f"≥ {goal:g} × {name}", "this peer is not installed"))
    return rows


def table(title: str, found: dict[str, dict[str, list[Measured]]]) -> Table:
    """``found``: by kind of slide, by server."""
    lines = [
        (
            f"{kind}: {name}",
            Spread.of(one.cost for one in measured).words(0),
            f"{Spread.of(one.p50 for one in measured).median:.1f}",
            f"{Spread.of(one.p99 for one in measured).median:.1f}",
        )
        for kind, servers_of in found.items()
        for name, measured in servers_of.items()
    ]
    return Table(title, ("server", "µs CPU a tile", f"p50 ms, {AT_ONCE} conn.", "p99 ms"), lines)


def alone(house: House, slide: Slide, tiles: Sequence[Tile]) -> list[Row]:
    """Making the tile without any server: our composition of stored tiles, and DeepZoomGenerator with Pillow's JPEG, at its
    defaults and on our grid, which is kinder."""
    index = house.index(slide)
    opened = openslide.OpenSlide(house.file(slide))

    def theirs(source: DeepZoomGenerator, tile: Tile) -> bytes:
        picture = io.BytesIO()
        source.get_tile(deep_zoom_level(slide, tile[0]), tile[1:]).save(picture, "jpeg", quality=75)
        return picture.getvalue()

    with house.file(slide).open("rb", buffering=0) as file:
        mine = _each(partial(_composed, index, file.fileno()), tiles)
    rows = []
    for name, source in (
        ("DeepZoomGenerator", DeepZoomGenerator(opened)),
        ("DeepZoomGenerator, 256/0", DeepZoomGenerator(opened, tile_size=256, overlap=0)),
    ):
        other = _each(partial(theirs, source), tiles)
        what = f"the same in one process: {mine * 1e6:.0f} µs and {other * 1e6:.0f} µs"
        rows.append(at_least(what, Spread.of([other / mine]), 14.0, name))
    return rows


def _each(made: Callable[[Tile], bytes], tiles: Sequence[Tile]) -> float:
    """Seconds of processor for a tile, the better of two runs: the first fills caches of the system."""
    took = []
    for _ in range(2):
        began = time.process_time()
        for tile in tiles:
            made(tile)
        took.append(time.process_time() - began)
    return min(took) / len(tiles)


def _composed(index: TileIndex, file: int, tile: Tile) -> bytes:
    """As the worker makes it of what the web process read of the file, which is open on both sides."""

    async def read(place: Place) -> bytes:
        return os.pread(file, place.length, place.offset)

    request = request_for(index, TileName(*tile), read)
    try:
        request.send(None)  # it waits for nothing here
    except StopIteration as done:
        return rendering.compose(done.value)
    raise AssertionError("the file was waited for")
