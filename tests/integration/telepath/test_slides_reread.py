"""A registered slide is read again: what was not read when it came in is there afterwards, and nothing is done twice."""

from collections.abc import AsyncIterable, AsyncIterator, Awaitable, Callable
from pathlib import Path

import msgspec
import pytest
from sqlalchemy import update

from telepath.actor import Actor
from telepath.db.database import Database
from telepath.db.schema.slides import slide as slides
from telepath.errors import NotFound
from telepath.slides import built_levels, catalogue, ingest, tile_index
from telepath.slides.catalogue import Slide
from telepath.slides.decoder_pool import DecoderPool
from telepath.slides.profile import State
from telepath.slides.pyramid_builder import PyramidBuilder, progress
from telepath.slides.reread import Reread, every, reread
from telepath.slides.tile_index import Built
from telepath.storage_local import LocalStorage
from tests import audited, colours
from tests.builders import World
from tests.builders_ome import picture, write_ome
from tests.builders_slides import add_profile, write_svs


class House:
    def __init__(self, db: Database, storage: LocalStorage, decoders: DecoderPool) -> None:
        self.db, self.storage, self.decoders = db, storage, decoders
        self.world = World(db)

    async def add(self, path: Path) -> tuple[Actor, Slide]:
        owner = await self.world.person("ines", "cayenne", "Inès", "Flamboyant")
        case_id = await self.world.case(owner)
        house = owner.institution_id
        made = ingest.add(self.db, self.storage, self.decoders, owner, path, case_id=case_id, institution_id=house)
        return owner, await made

    async def slide(self, slide_id: str) -> Slide:
        async with self.db.read() as reader:
            return await catalogue.get(reader, slide_id)

    async def forget(self, actor: Actor, slide_id: str, **values: object) -> None:
        """As an older version of the service had registered it."""
        async with self.db.write(actor, unaudited="a test's world") as tx:
            await tx.execute(update(slides).where(slides.c.id == slide_id).values(**values))


@pytest.fixture
async def house(database: Database, tmp_path: Path) -> AsyncIterator[House]:
    storage = LocalStorage(tmp_path / "storage")
    async with DecoderPool(storage, 1, tile_seconds=60) as decoders:
        yield House(database, storage, decoders)
    await storage.close()


def profiled(folder: Path) -> Path:
    path = write_svs(folder / "slide.svs")
    add_profile(path, colours.scanners()["wide gamut, gamma 1.8"])
    return path


async def test_a_slide_that_came_in_before_colours_were_read_has_them_afterwards(house: House, tmp_path: Path) -> None:
    owner, added = await house.add(profiled(tmp_path))
    table = await house.storage.read(catalogue.lut_key(added.folder), 0, 1 << 20)
    await house.forget(owner, added.id, profile="{}", mpp_read=None, objective=None)
    await house.storage.delete(catalogue.lut_key(added.folder))
    again = await reread(house.db, house.storage, house.decoders, owner, added.id)
    assert again == Reread(("facts", "colours"), levels_kept=False)
    after = await house.slide(added.id)
    assert after.profile.state is State.APPLIED
    assert (after.profile, after.mpp_read, after.objective) == (added.profile, added.mpp_read, added.objective)
    assert await house.storage.read(catalogue.lut_key(added.folder), 0, 1 << 20) == table
    (record,) = await audited.records(house.db, "slide.reread")
    assert record["detail"]["changed"] == ["facts", "colours"]
    assert await every(house.db) == [added.id]


async def test_a_slide_that_is_as_it_would_be_read_is_left_alone(house: House, tmp_path: Path) -> None:
    owner, added = await house.add(profiled(tmp_path))
    for _ in range(2):
        assert await reread(house.db, house.storage, house.decoders, owner, added.id) == Reread((), levels_kept=False)
    assert await house.slide(added.id) == added
    assert await audited.records(house.db, "slide.reread") == []


async def test_a_damaged_index_is_made_again_and_a_scale_that_was_entered_stays(house: House, tmp_path: Path) -> None:
    owner, added = await house.add(write_svs(tmp_path / "slide.svs"))
    index = tmp_path / "storage" / catalogue.index_key(added.folder)
    whole = index.read_bytes()
    index.write_bytes(whole[:100])
    await house.forget(owner, added.id, mpp=0.31, mpp_source="entered")
    assert (await reread(house.db, house.storage, house.decoders, owner, added.id)).changed == ("index",)
    assert index.read_bytes() == whole
    assert (await house.slide(added.id)).mpp == 0.31


async def test_levels_that_would_be_others_keep_their_numbers_and_their_index(house: House, tmp_path: Path) -> None:
    owner, added = await house.add(profiled(tmp_path))
    fewer = msgspec.json.encode(added.pyramid.levels[:2]).decode()
    await house.forget(owner, added.id, levels=fewer, profile="{}")
    index = tmp_path / "storage" / catalogue.index_key(added.folder)
    index.write_bytes(b"of two levels")
    assert await reread(house.db, house.storage, house.decoders, owner, added.id) == Reread(
        ("facts",), levels_kept=True
    )
    after = await house.slide(added.id)
    assert len(after.pyramid.levels) == 2
    assert after.profile == added.profile
    assert index.read_bytes() == b"of two levels"


class Erasing(LocalStorage):
    """While a slide is read again, somebody erases it."""

    async def put_stream(self, key: str, chunks: AsyncIterable[bytes]) -> int:
        await self.erase()
        return await super().put_stream(key, chunks)

    erase: Callable[[], Awaitable[None]]


async def test_of_a_slide_that_is_erased_meanwhile_nothing_is_written(house: House, tmp_path: Path) -> None:
    owner, added = await house.add(write_svs(tmp_path / "slide.svs"))
    await house.storage.delete(catalogue.thumbnail_key(added.folder))
    storage = Erasing(house.storage.root)

    async def erase() -> None:
        await house.forget(owner, added.id, folder="")
        await house.storage.delete(added.folder)

    storage.erase = erase
    with pytest.raises(NotFound):
        await reread(house.db, storage, house.decoders, owner, added.id)
    assert await storage.names(added.folder) == []
    assert await audited.records(house.db, "slide.reread") == []
    await storage.close()


async def test_built_levels_of_other_channels_are_made_anew(house: House, tmp_path: Path) -> None:
    path = tmp_path / "slide.ome.tiff"
    write_ome(path, [picture(18_000, 300)[..., :1].squeeze(-1)], "YX", photometric="minisblack", compression="deflate")
    owner, added = await house.add(path)
    assert any(level.built for level in added.pyramid.levels)
    builder = PyramidBuilder(house.db, house.storage, house.decoders)
    assert await builder.build_one()
    index_key = catalogue.index_key(added.folder)
    index = await house.storage.read(index_key, 0, 1 << 24)
    before = tile_index.load(index)
    (channel,) = before.header.channels
    other = msgspec.structs.replace(channel, highest=channel.highest + 1)
    header = msgspec.structs.replace(before.header, channels=(other,))
    (tmp_path / "storage" / index_key).write_bytes(tile_index.dump(header))
    await house.forget(owner, added.id, channels=msgspec.json.encode([other]).decode())
    # of the tiles of one none is ever shown as the other's
    mixed = await built_levels.complete(house.storage, added.folder, tile_index.load(tile_index.dump(header)))
    assert any(isinstance(way, Built) for way in mixed.header.ways)
    assert (await reread(house.db, house.storage, house.decoders, owner, added.id)).changed == ("facts", "index")
    async with house.db.read() as reader:
        assert await progress(reader, added.id) is not None
    assert await builder.build_one()
    made = await built_levels.complete(house.storage, added.folder, before)
    assert not any(isinstance(way, Built) for way in made.header.ways)


async def test_a_slide_that_there_is_not_is_not_found(house: House, tmp_path: Path) -> None:
    owner, _ = await house.add(write_svs(tmp_path / "slide.svs"))
    with pytest.raises(NotFound):
        await reread(house.db, house.storage, house.decoders, owner, "0" * 26)
