"""The coarse levels of a slide whose file ends too fine."""

import asyncio
import io
import os
import signal
from collections.abc import AsyncIterable, AsyncIterator
from contextlib import suppress
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image
from sqlalchemy import select, update

from telepath.actor import SYSTEM
from telepath.db.database import Database
from telepath.db.schema.slides import pyramid_work
from telepath.db.schema.slides import slide as slides
from telepath.errors import SlideUnreadable, TileUnreadable, Unavailable
from telepath.slides import built_levels, catalogue, ingest, pyramid_builder, tile_index
from telepath.slides.catalogue import Slide
from telepath.slides.decoder_pool import DecoderPool
from telepath.slides.pyramid_builder import PyramidBuilder
from telepath.slides.tiff_writer import Picture, TiffWriter
from telepath.slides.tile_index import Built, TileIndex
from telepath.storage_local import LocalStorage
from tests.builders import World
from tests.builders_ome import picture, write_ome
from tests.builders_slides import encode, levels


class Laboratory:
    """Takes in slides of one level."""

    def __init__(self, db: Database, storage: LocalStorage, decoders: DecoderPool, folder: Path) -> None:
        self.world = World(db)
        self.db = db
        self.storage = storage
        self.decoders = decoders
        self.folder = folder

    async def add(self, path: Path) -> Slide:
        owner = await self.world.person("ines", "cayenne", "Inès", "Flamboyant")
        return await ingest.add(
            self.db,
            self.storage,
            self.decoders,
            owner,
            path,
            case_id=await self.world.case(owner),
            institution_id=owner.institution_id,
        )

    async def index(self, slide: Slide) -> TileIndex:
        data = await self.storage.read(catalogue.index_key(slide.folder), 0, 1 << 24)
        return await built_levels.complete(self.storage, slide.folder, tile_index.load(data))

    async def shown(self, slide: Slide, level: int, column: int, row: int) -> NDArray[np.int16]:
        index = await self.index(slide)
        place = index.locate(level, column, row)
        data = await self.storage.read(built_levels.key(slide.folder, place.name), place.offset, place.length)
        return np.asarray(Image.open(io.BytesIO(index.picture(level, data))), np.int16)

    async def left(self) -> int:
        async with self.db.read() as reader:
            return len(await reader.all(select(pyramid_work)))


@pytest.fixture
async def laboratory(database: Database, tmp_path: Path) -> AsyncIterator[Laboratory]:
    storage = LocalStorage(tmp_path / "storage")
    async with DecoderPool(storage, 2) as decoders:
        yield Laboratory(database, storage, decoders, tmp_path)
    await storage.close()


TILE = 512
COLOURS = np.random.default_rng(5).integers(40, 220, (8, 3), np.uint8)


def colour(column: int, row: int) -> int:
    """Which of COLOURS a tile of level 0 has."""
    return (3 * column + 5 * row) % len(COLOURS)


def one_level(path: Path, width: int, height: int) -> Path:
    """Tiles of one colour each."""
    level = levels(width, height, (1,), TILE)[0]
    drawn = [encode(np.full((TILE, TILE, 3), one, np.uint8)) for one in COLOURS]
    with TiffWriter(path, (level,), Picture(mpp=0.25)) as writer:
        for row in range(level.rows):
            for column in range(level.columns):
                writer.put(0, column, row, drawn[colour(column, row)])
    return path


async def test_the_levels_that_a_stored_slide_lacks_are_made_once(laboratory: Laboratory) -> None:
    slide = await laboratory.add(one_level(laboratory.folder / "slide.tiff", 18_000, 9_000))
    built = [number for number, level in enumerate(slide.pyramid.levels) if level.built]
    assert [slide.pyramid.levels[number].downsample for number in built] == [8, 16]
    async with laboratory.db.read() as reader:
        waiting = await pyramid_builder.progress(reader, slide.id)
    assert waiting is not None
    assert (waiting.done, waiting.total) == (0, 5 * 3 + 3 * 2)
    assert isinstance((await laboratory.index(slide)).header.ways[built[0]], Built)
    builder = PyramidBuilder(laboratory.db, laboratory.storage, laboratory.decoders)
    assert await builder.build_one()
    assert not await builder.build_one()
    assert await laboratory.left() == 0
    for number in built:
        side = round(TILE / slide.pyramid.levels[number].downsample)
        shown = await laboratory.shown(slide, number, 1, 1)
        finest = slide.pyramid.levels[0]
        for down in range(min(TILE // side, finest.rows - TILE // side)):
            for across in range(min(TILE // side, finest.columns - TILE // side)):
                seen = shown[down * side + side // 2, across * side + side // 2]
                of = COLOURS[colour(TILE // side + across, TILE // side + down)]
                assert np.abs(seen - of.astype(np.int16)).max() <= 4, (number, across, down)


async def test_a_decoded_slide_gets_its_levels_too(laboratory: Laboratory) -> None:
    path = laboratory.folder / "slide.ome.tiff"
    write_ome(path, [picture(18_000, 300)], "YXS", photometric="rgb", compression="deflate")
    slide = await laboratory.add(path)
    builder = PyramidBuilder(laboratory.db, laboratory.storage, laboratory.decoders)
    assert await builder.build_one()
    number = len(slide.pyramid.levels) - 1
    index = await laboratory.index(slide)
    assert not any(isinstance(way, Built) for way in index.header.ways)
    shown = await laboratory.shown(slide, number, 0, 0)
    level = slide.pyramid.levels[number]
    expected = picture(level.width, level.height, round(level.downsample))[:18, :256].astype(np.int16)
    assert np.abs(shown[:18] - expected).mean() < 10


async def test_an_unreadable_part_is_grey_further_away_never_white(laboratory: Laboratory) -> None:
    path = one_level(laboratory.folder / "slide.tiff", 18_000, 5_000)
    slide = await laboratory.add(path)
    entry = laboratory.storage.root / slide.folder / catalogue.FILES / slide.entry
    index = await laboratory.index(slide)
    data = bytearray(entry.read_bytes())
    for row in range(8):
        for column in range(8):
            place = index.locate(0, column, row)
            data[place.offset : place.offset + place.length] = bytes(place.length)
    entry.write_bytes(bytes(data))
    assert await PyramidBuilder(laboratory.db, laboratory.storage, laboratory.decoders).build_one()
    first = next(number for number, level in enumerate(slide.pyramid.levels) if level.built)
    with pytest.raises(TileUnreadable):
        await laboratory.shown(slide, first, 0, 0)
    coarser = await laboratory.shown(slide, first + 1, 0, 0)
    assert np.abs(coarser[:250, :250] - 200).max() < 6
    assert np.abs(coarser[262:300, 262:300] - 200).max() > 6


async def test_two_nodes_do_not_do_the_same_work(laboratory: Laboratory) -> None:
    await laboratory.add(one_level(laboratory.folder / "slide.tiff", 18_000, 3_000))
    builders = [PyramidBuilder(laboratory.db, laboratory.storage, laboratory.decoders) for _ in range(2)]
    assert sorted(await asyncio.gather(*(builder.build_one() for builder in builders))) == [False, True]


async def test_what_a_node_left_is_taken_over(laboratory: Laboratory) -> None:
    slide = await laboratory.add(one_level(laboratory.folder / "slide.tiff", 18_000, 3_000))
    died = asyncio.create_task(PyramidBuilder(laboratory.db, laboratory.storage, laboratory.decoders).build_one())
    async with asyncio.timeout(30):
        while not await _claimed(laboratory):  # noqa: ASYNC110 - the row is another task's
            await asyncio.sleep(0.005)
    died.cancel()
    await asyncio.gather(died, return_exceptions=True)
    builder = PyramidBuilder(laboratory.db, laboratory.storage, laboratory.decoders)
    assert not await builder.build_one()
    laboratory.world.clock.advance(minutes=2)
    assert await builder.build_one()
    assert not any(isinstance(way, Built) for way in (await laboratory.index(slide)).header.ways)


class Slow(LocalStorage):
    """Has all of an object and does not show it yet."""

    def __init__(self, root: Path) -> None:
        super().__init__(root)
        self.complete, self.go_on = asyncio.Event(), asyncio.Event()

    async def put_stream(self, key: str, chunks: AsyncIterable[bytes]) -> int:
        async def held_back() -> AsyncIterator[bytes]:
            async for chunk in chunks:
                if chunk.startswith(tile_index.MAGIC):
                    self.complete.set()
                    await self.go_on.wait()
                yield chunk

        return await super().put_stream(key, held_back())


async def test_a_node_that_was_away_for_too_long_shows_nothing_of_what_it_made(laboratory: Laboratory) -> None:
    slide = await laboratory.add(one_level(laboratory.folder / "slide.tiff", 18_000, 3_000))
    slow = Slow(laboratory.storage.root)
    away = asyncio.create_task(PyramidBuilder(laboratory.db, slow, laboratory.decoders).build_one())
    await slow.complete.wait()
    path = laboratory.storage.root / catalogue.built_tiles_key(slide.folder)
    assert not path.exists()
    laboratory.world.clock.advance(minutes=2)
    other = PyramidBuilder(laboratory.db, laboratory.storage, laboratory.decoders)
    assert await other.build_one()
    shown = path.stat().st_ino
    slow.go_on.set()
    await away
    await slow.close()
    assert path.stat().st_ino == shown
    assert await laboratory.left() == 0
    assert not any(isinstance(way, Built) for way in (await laboratory.index(slide)).header.ways)


async def _claimed(laboratory: Laboratory) -> bool:
    async with laboratory.db.read() as reader:
        row = await reader.first(select(pyramid_work.c.due_at))
        return row is not None and row["due_at"] > reader.now


async def test_a_slide_that_costs_workers_is_given_up_and_never_kept_as_unreadable(laboratory: Laboratory) -> None:
    slide = await laboratory.add(one_level(laboratory.folder / "slide.tiff", 30_000, 20_000))
    killer = asyncio.create_task(_kill_workers(laboratory.decoders))
    builder = PyramidBuilder(laboratory.db, laboratory.storage, laboratory.decoders)
    for _ in range(pyramid_builder.ATTEMPTS):
        with pytest.raises(SlideUnreadable):
            await builder.build_one()
        laboratory.world.clock.advance(minutes=2)
    killer.cancel()
    assert not await builder.build_one()
    assert any(isinstance(way, Built) for way in (await laboratory.index(slide)).header.ways)
    async with laboratory.db.read() as reader:
        given_up = await pyramid_builder.progress(reader, slide.id)
    assert given_up is not None
    assert given_up.failed


async def _kill_workers(decoders: DecoderPool) -> None:
    """As a hostile slide does, whatever is asked of it."""
    while True:
        for process in decoders.processes():
            with suppress(ProcessLookupError):  # it is dying already
                os.kill(process, signal.SIGKILL)
        await asyncio.sleep(0.001)


async def test_what_does_not_answer_is_waited_for(laboratory: Laboratory) -> None:
    slide = await laboratory.add(one_level(laboratory.folder / "slide.tiff", 18_000, 3_000))
    async with DecoderPool(laboratory.storage, 0, waiting=0) as busy:
        for _ in range(2 * pyramid_builder.ATTEMPTS):
            with pytest.raises(Unavailable):
                await PyramidBuilder(laboratory.db, laboratory.storage, busy).build_one()
            laboratory.world.clock.advance(minutes=2)
    assert await PyramidBuilder(laboratory.db, laboratory.storage, laboratory.decoders).build_one()
    assert not any(isinstance(way, Built) for way in (await laboratory.index(slide)).header.ways)


async def test_nothing_is_made_of_a_slide_that_is_erased_meanwhile(laboratory: Laboratory) -> None:
    path = laboratory.folder / "slide.ome.tiff"
    write_ome(path, [picture(18_000, 600)], "YXS", photometric="rgb", compression="deflate")
    slide = await laboratory.add(path)
    builder = PyramidBuilder(laboratory.db, laboratory.storage, laboratory.decoders)
    building = asyncio.create_task(builder.build_one())
    async with asyncio.timeout(30):
        while not await _claimed(laboratory):  # noqa: ASYNC110 - the row is another task's
            await asyncio.sleep(0.005)
    await _erase(laboratory, slide)
    await building
    assert await laboratory.storage.names(slide.folder) == []
    assert await laboratory.left() == 0


async def test_what_a_killed_node_made_of_an_erased_slide_goes(laboratory: Laboratory) -> None:
    slide = await laboratory.add(one_level(laboratory.folder / "slide.tiff", 18_000, 3_000))
    await _erase(laboratory, slide)

    async def once() -> AsyncIterator[bytes]:
        yield b"tissue"

    await laboratory.storage.put_stream(catalogue.built_tiles_key(slide.folder), once())
    assert await PyramidBuilder(laboratory.db, laboratory.storage, laboratory.decoders).build_one()
    assert await laboratory.storage.names(slide.folder) == []
    assert await laboratory.left() == 0


async def _erase(laboratory: Laboratory, slide: Slide) -> None:
    """As an erasure does (telepath/cases/erasure.py): the row first, then the files."""
    async with laboratory.db.write(SYSTEM, unaudited="a test") as tx:
        await tx.execute(update(slides).where(slides.c.id == slide.id).values(folder=""))
    await laboratory.storage.delete(slide.folder)
