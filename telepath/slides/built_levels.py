"""The coarse levels of a slide whose file ends too fine: made once, tile by tile, and kept beside the file.

Each tile is made of the four below it, depth first, so that only a few are in memory however large the slide is. They are
written one behind the other to ``built.tiles``, and behind them the index that says where each lies: one object, which is there
whole or not at all, so that tiles of one node never come under the index of another."""

import struct
from array import array
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from itertools import product
from typing import Final

import msgspec

from telepath.errors import NotFound, SlideUnreadable, TileUnreadable
from telepath.slides import catalogue, jpeg, tile_index
from telepath.slides.decoder_pool import DecoderPool
from telepath.slides.messages import ComposeTile, TileRequest
from telepath.slides.pyramid import Channel, Level
from telepath.slides.tile_index import Built, Decoded, File, Halved, Header, Stored, TileIndex, Way
from telepath.slides.tile_request import Read, TileName, request_for
from telepath.storage import Storage

UNREADABLE: Final = "#c8c8c8"
"""Stands for a tile that could not be read within a coarser one: white would pass for glass."""
NO_PICTURE: Final = b"\0"
"""What lies in place of a tile that could not be made: no JPEG, so it is told as unreadable."""
Progress = Callable[[int], None]
"""Called with how many tiles are made."""
FOOT: Final = struct.Struct(">8sQ")
"""What ``built.tiles`` ends with: MAGIC, and the bytes of the index before it."""
MAGIC: Final = b"TPBUILT1"


class Lost(Exception):
    """Somebody else is at this slide now."""


def groups(ways: tuple[Way, ...]) -> Iterator[range]:
    """The runs of levels that are to be built, by their numbers."""
    start = None
    for number, way in enumerate((*ways, None)):
        if isinstance(way, Built):
            start = number if start is None else start
        elif start is not None:
            yield range(start, number)
            start = None


async def build(
    storage: Storage, decoders: DecoderPool, folder: str, progress: Progress, still_ours: Callable[[], Awaitable[bool]]
) -> None:
    """Make them. ``folder``: of the slide in the storage; ``still_ours`` is asked before anybody sees them. Raises NotFound:
    files of it are gone; SlideUnreadable: it has cost too many workers; Unavailable; Lost: it is not, and nothing is left."""
    data = await storage.read(catalogue.index_key(folder), 0, await storage.size(catalogue.index_key(folder)))
    making = _Making(storage, decoders, folder, tile_index.load(data), progress)

    async def all_of_it() -> AsyncIterator[bytes]:
        async for tile in making.tiles():
            yield tile
        index = making.index()
        yield index
        if not await still_ours():
            raise Lost
        yield FOOT.pack(MAGIC, len(index))

    await storage.put_stream(catalogue.built_tiles_key(folder), all_of_it())


class _Making:
    def __init__(
        self, storage: Storage, decoders: DecoderPool, folder: str, index: TileIndex, progress: Progress
    ) -> None:
        self._storage = storage
        self._decoders = decoders
        self._files = catalogue.files_key(folder)
        self._source = msgspec.structs.replace(index.header, ways=_sources(index.header))
        self._index = TileIndex(self._source, index.tables)
        self._header = index.header
        self._progress = progress
        self._made = 0
        self._position = 0
        pictures = index.header.planes * index.channels
        self._numbers = [number for number, way in enumerate(index.header.ways) if isinstance(way, Built)]
        sizes = {number: self._header.levels[number] for number in self._numbers}
        self._tables = {
            number: (array("Q", [0]) * (level.columns * level.rows * pictures), _lengths(level, pictures))
            for number, level in sizes.items()
        }

    async def tiles(self) -> AsyncIterator[bytes]:
        """All of them, one behind the other."""
        for z, channel, levels in product(
            range(self._header.planes), range(self._index.channels), list(groups(self._header.ways))
        ):
            coarsest = self._header.levels[levels[-1]]
            for row, column in product(range(coarsest.rows), range(coarsest.columns)):
                async for _, tile in self._below(TileName(levels[-1], column, row, z, channel), levels[0]):
                    yield tile

    async def _below(self, name: TileName, finest: int) -> AsyncIterator[tuple[TileName, bytes]]:
        """The tiles that this one is made of, each behind its own, and then this one."""
        if name.level == finest:
            made = await self._make(name)
        else:
            parts: list[bytes] = []
            for row, column in product(range(2), range(2)):
                part = TileName(name.level - 1, 2 * name.column + column, 2 * name.row + row, name.z, name.channel)
                picture = b""
                if self._header.levels[part.level].holds(part.column, part.row):
                    async for below, tile in self._below(part, finest):
                        yield below, tile
                        picture = tile  # the last one is the part itself
                parts.append(picture)
            made = await self._together(name, parts)
        self._note(name, len(made))
        yield name, made

    def _note(self, name: TileName, length: int) -> None:
        level = self._header.levels[name.level]
        picture = name.z * self._index.channels + name.channel
        number = (picture * level.rows + name.row) * level.columns + name.column
        offsets, lengths = self._tables[name.level]
        offsets[number], lengths[number] = self._position, length
        self._position += length
        self._made += 1
        self._progress(self._made)

    async def _make(self, name: TileName) -> bytes:
        """A tile of the finest level that is built."""
        way = self._source.ways[name.level]
        if not isinstance(way, Built):
            return await self._one(name)
        # The level below can only be had tile by tile.
        parts = []
        for row, column in product(range(2), range(2)):
            part = TileName(name.level - 1, 2 * name.column + column, 2 * name.row + row, name.z, name.channel)
            there = self._header.levels[part.level].holds(part.column, part.row)
            parts.append(await self._one(part) if there else b"")
        return await self._together(name, parts)

    async def _one(self, name: TileName) -> bytes:
        """A tile that a worker can make in one go."""
        try:
            request = await request_for(self._index, name, self._read())
            return await self._decoders.make(self._files, name.text, request)
        except TileUnreadable:
            return NO_PICTURE

    async def _together(self, name: TileName, parts: list[bytes]) -> bytes:
        level = self._header.levels[name.level]
        light = self._header.channels[name.channel] if self._header.channels else None
        try:
            if NO_PICTURE in parts:
                empty = self._compose(level, (b"",), 1, UNREADABLE, None)
                blank = await self._decoders.make(self._files, name.text, empty)
                parts = [blank if part == NO_PICTURE else part for part in parts]
            request = self._compose(level, tuple(parts), 2, self._header.background, light)
            return await self._decoders.make(self._files, name.text, request)
        except TileUnreadable:
            return NO_PICTURE

    @staticmethod
    def _compose(
        level: Level, parts: tuple[bytes, ...], across: int, background: str, light: Channel | None
    ) -> TileRequest:
        return ComposeTile(
            pictures=parts,
            across=across,
            width=level.tile_width,
            height=level.tile_height,
            shrink=across,
            light=light,
            background=background,
        )

    def _read(self) -> Read:
        async def read(place: tile_index.Place) -> bytes:
            data = await self._storage.read(f"{self._files}/{place.name}", place.offset, place.length)
            if len(data) != place.length:
                raise TileUnreadable
            return data

        return read

    def index(self) -> bytes:
        """Where each tile lies in ``built.tiles``: the levels that were built, in order."""
        header = Header(
            entry=catalogue.BUILT_TILES,
            levels=tuple(msgspec.structs.replace(self._header.levels[number], built=False) for number in self._numbers),
            ways=tuple(Stored(file=0, prefix=jpeg.SOI, blank=b"") for _ in self._numbers),
            files=(File(catalogue.BUILT_TILES, self._position),),
            channels=self._header.channels,
            planes=self._header.planes,
            background=self._header.background,
        )
        return tile_index.dump(header, (self._tables[number] for number in self._numbers))


def _lengths(level: Level, pictures: int) -> "array[int]":
    return array("I", [0]) * (level.columns * level.rows * pictures)


def _sources(header: Header) -> tuple[Way, ...]:
    """The ways of ``header``, with one for the finest of each run of built levels, where a worker can make it in one go."""
    ways = list(header.ways)
    for levels in groups(header.ways):
        first, below = levels[0], header.ways[levels[0] - 1]
        side = header.levels[first].tile_width, header.levels[first].tile_height
        if isinstance(below, Stored):
            below = Halved(first - 1, 1)
        if isinstance(below, Halved) and not (side[0] % (2 * below.factor) or side[1] % (2 * below.factor)):
            ways[first] = Halved(below.of, 2 * below.factor)
        elif isinstance(below, Decoded):
            ways[first] = Decoded(below.number, 2 * below.shrink)
    return tuple(ways)


async def complete(storage: Storage, folder: str, index: TileIndex) -> TileIndex:
    """The index with what was built, when all of it is there, of the same planes and channels; else as it is.

    Raises Unavailable; SlideUnreadable: it is not as it was written."""
    if not any(isinstance(way, Built) for way in index.header.ways):
        return index
    key = catalogue.built_tiles_key(folder)
    try:
        end = await storage.size(key) - FOOT.size
        foot = await storage.read(key, max(0, end), FOOT.size)
        magic, length = FOOT.unpack(foot) if len(foot) == FOOT.size else (b"", 0)
        if magic != MAGIC or length > end:
            raise SlideUnreadable
        built = tile_index.load(await storage.read(key, end - length, length))
    except NotFound:
        return index
    if not _same(built.header, index.header):
        return index
    header, file = index.header, len(index.header.files)
    ways, tables, number = list(header.ways), list(index.tables), 0
    for level, way in enumerate(header.ways):
        if isinstance(way, Built):
            ways[level] = msgspec.structs.replace(built.header.ways[number], file=file)
            tables[level] = built.tables[number]
            number += 1
    files = (*header.files, built.header.files[0])
    return TileIndex(msgspec.structs.replace(header, ways=tuple(ways), files=files), tables)


def _same(built: Header, header: Header) -> bool:
    """Whether these levels were built of what ``header`` says today: the slide may have been read again (reread.py)."""
    wanted = sum(isinstance(way, Built) for way in header.ways)
    return (len(built.ways), built.planes, built.channels) == (wanted, header.planes, header.channels)


def key(folder: str, name: str) -> str:
    """Where a file lies that an index names."""
    return (
        catalogue.built_tiles_key(folder) if name == catalogue.BUILT_TILES else f"{catalogue.files_key(folder)}/{name}"
    )
